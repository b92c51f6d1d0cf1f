/* SPDX-License-Identifier: GPL-3.0-or-later
 * metric_choice: see the header. */
#include "cmd/metric_choice.h"

#include "almanac/option.h"

#include "experiments/sweep/results.h"
#include "experiments/sweep/spec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const usual[] = {
    "cpu.slack_relative",        "cpu.overrun_time_share",    "memory.slack_relative",
    "memory.overrun_time_share", "memory.oom_kills",          "invocations.mean_response_s",
    "invocations.p99_s",         "invocations.refused_share", NULL};

static const struct {
    const char *word, *name;
} shorts[] = {{"slack", "slack_relative"}, {"overrun", "overrun_time_share"}, {"footprint", "footprint_hours"}};

/* NAME with a short word written out, into OUT[80]. */
static const char *written_out(const char *name, char *out)
{
    const char *dot = strchr(name, '.'), *word = dot ? dot + 1 : name;
    for (size_t k = 0; k < sizeof shorts / sizeof *shorts; k++)
        if (strcmp(word, shorts[k].word) == 0) {
            snprintf(out, 80, "%.*s%s", (int)(word - name), name, shorts[k].name);
            return out;
        }
    return name;
}

/* E says that NAME is no metric; perhaps it is nearly a short word. */
static int suggest_short(const char *name, struct alm_err *e)
{
    const char *words[sizeof shorts / sizeof *shorts + 1] = {NULL};
    for (size_t k = 0; k < sizeof shorts / sizeof *shorts; k++)
        words[k] = shorts[k].word;
    const char *near = alm_nearest(name, words);
    return near ? alm_fail(e, ALM_EINVAL, "unknown metric `%.60s`, did you mean `%s`?", name, near) : ALM_EINVAL;
}

/* The place of metric NAME in the choice, which it is added to. */
static int place(struct metric_choice *c, const char *name, size_t *out, struct alm_err *e)
{
    char whole[80];
    const struct results_figure *f;
    if (strlen(name) > 60)
        return alm_fail(e, ALM_EINVAL, "%.60s... is no metric", name);
    if (results_figure_find(written_out(name, whole), &f, e) < 0)
        return suggest_short(name, e);
    size_t metric = compare_figure_index(c->source, f->name), k = 0;
    while (k < c->count && c->metric[k] != metric)
        k++;
    if (k == METRIC_CHOICE_MOST)
        return alm_fail(e, ALM_EINVAL, "more than %d metrics", METRIC_CHOICE_MOST);
    if (k == c->count) {
        c->metric[c->count] = metric;
        c->tolerance[c->count++] = (struct compare_tolerance){.amount = NAN};
    }
    *out = k;
    return ALM_OK;
}

static int add(struct metric_choice *c, const char *name, bool wanted, struct alm_err *e)
{
    size_t k = 0;
    ALM_TRY(place(c, name, &k, e));
    c->wanted[k] = c->wanted[k] || wanted;
    return ALM_OK;
}

static int limit(struct metric_choice *c, const char *name, const char *text, struct alm_err *e)
{
    size_t k = 0;
    ALM_TRY(place(c, name, &k, e));
    c->wanted[k] = true;
    return compare_tolerance_parse(&c->source->figure[c->metric[k]], text, &c->tolerance[k], e);
}

/* Call FN for each word of "A,B". */
static int each_word(const char *list, int (*fn)(void *ctx, char *word, struct alm_err *e), void *ctx,
                     struct alm_err *e)
{
    char *copy = strdup(list), *rest = copy, *word;
    int code = copy ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for a list of metrics");
    while (code >= 0 && (word = strsep(&rest, ",")))
        code = *word ? fn(ctx, word, e) : alm_fail(e, ALM_EINVAL, "an empty name in \"%.100s\"", list);
    free(copy);
    return code;
}

static int name_word(void *ctx, char *word, struct alm_err *e)
{
    return add(ctx, word, true, e);
}

static int limit_word(void *ctx, char *word, struct alm_err *e)
{
    char *equals = strchr(word, '=');
    if (!equals)
        return ALM_OK; /* a default: see default_word */
    *equals = '\0';
    struct metric_choice *c = ctx;
    size_t k = 0;
    ALM_TRY(place(c, word, &k, e));
    if (c->limited[k])
        return alm_fail(e, ALM_EINVAL, "%s has two tolerances; one is right here",
                        c->source->figure[c->metric[k]].name);
    c->limited[k] = true;
    return limit(c, word, equals + 1, e);
}

struct defaults {
    struct metric_choice *choice;
    bool found;
};

static int fill_default(struct metric_choice *c, const char *text, struct alm_err *e)
{
    for (size_t k = 0; k < c->count; k++)
        if (isnan(c->tolerance[k].amount))
            ALM_TRY(compare_tolerance_parse(&c->source->figure[c->metric[k]], text, &c->tolerance[k], e));
    return ALM_OK;
}

static int default_word(void *ctx, char *word, struct alm_err *e)
{
    struct defaults *d = ctx;
    if (strchr(word, '='))
        return ALM_OK;
    if (d->found)
        return alm_fail(e, ALM_EINVAL, "\"%.40s\" has no metric, and there is another without; write METRIC=%.40s",
                        word, word);
    if (!strchr("0123456789.+-", *word))
        return alm_fail(e, ALM_EINVAL, "\"%.40s\" has no amount; write %.40s=2%%, or an amount alone for all metrics",
                        word, word);
    d->found = true;
    return fill_default(d->choice, word, e);
}

static int from_spec(struct metric_choice *c, const struct sweep_spec *spec, bool names, struct alm_err *e)
{
    for (size_t k = 0; names && k < spec->metrics; k++)
        ALM_TRY(add(c, spec->metric[k].name, true, e));
    for (size_t k = 0; k < spec->tolerances; k++) {
        size_t before = c->count;
        const struct sweep_tolerance *t = &spec->tolerance[k];
        if (!names) {
            /* Metrics were named: a tolerance of another one is not about them. */
            struct metric_choice probe = *c;
            size_t at = 0;
            ALM_TRY(place(&probe, t->metric, &at, e));
            if (at >= before)
                continue;
        }
        ALM_TRY(limit(c, t->metric, t->text, e));
    }
    return ALM_OK;
}

static int with_spec(struct metric_choice *c, const struct compare_file *file, bool names, struct alm_err *e)
{
    if (!file->spec_text || !*file->spec_text)
        return ALM_OK;
    struct sweep_spec *spec;
    if (sweep_spec_parse(file->spec_text, file->source.path, &spec, e) < 0)
        return alm_fail_in(e, "%s: its specification", file->source.path);
    int code = from_spec(c, spec, names, e);
    sweep_spec_free(spec);
    return code;
}

int metric_choice_make(const struct compare_file *file, const struct metric_wishes *w, struct metric_choice *out,
                       struct alm_err *e)
{
    *out = (struct metric_choice){.source = &file->source};
    struct defaults d = {out, false};
    if (w->names)
        ALM_TRY(each_word(w->names, name_word, out, e));
    ALM_TRY(with_spec(out, file, !w->names, e));
    if (out->count == 0)
        for (size_t k = 0; usual[k]; k++)
            ALM_TRY(add(out, usual[k], false, e));
    if (w->limits)
        ALM_TRY(each_word(w->limits, limit_word, out, e));
    if (w->limits)
        ALM_TRY(each_word(w->limits, default_word, &d, e));
    return w->def ? fill_default(out, w->def, e) : ALM_OK;
}
