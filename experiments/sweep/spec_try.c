/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_try: the policies of a specification as configurations, and everything in it tried out on them.
 *
 * Choice.   A value is right when the option takes it: nothing is known of modules here. A mistake that several policies
 *           share, or several values of one factor, is told once. */
#include "experiments/simulation.h"
#include "experiments/sweep/results.h"
#include "experiments/sweep/spec_build.h"
#include "experiments/sweep/tune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who hears of what goes wrong at the node AT; it may go on. */
struct faults {
    void (*hear)(void *ctx, size_t at, const struct alm_err *e);
    void *ctx;
};

static void check(const struct faults *f, size_t at, int code, const struct alm_err *e)
{
    if (code < 0)
        f->hear(f->ctx, at, e);
}

/* What a sweep decides itself cannot be set. */
static int set(struct simulation_config *c, const char *text, struct alm_err *e)
{
    static const struct {
        const char *path, *instead;
    } ours[] = {
        {"seed=", "`seeds` says which seeds are run"},
        {"threads=", "a cell has one thread; `sweep run -j N` runs N cells at a time"},
        {"control.warmup=", "write `split: {warmup: ...}`"},
        {"record.", "a cell has no run file; run `almanac simulate -o` for one"},
    };
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strncmp(text, ours[i].path, strlen(ours[i].path)) == 0)
            return alm_fail(e, ALM_EINVAL, "%.60s: %s", text, ours[i].instead);
    int code = simulation_set(c, text, e);
    static const char before[] = "--set: ";
    if (code < 0 && e && strncmp(e->text, before, strlen(before)) == 0)
        memmove(e->text, e->text + strlen(before), strlen(e->text + strlen(before)) + 1);
    return code;
}

static void set_all(struct simulation_config *c, const struct sweep_set *list, size_t count, const struct faults *f)
{
    for (size_t i = 0; i < count; i++) {
        struct alm_err e = {0};
        check(f, list[i].at, set(c, list[i].text, &e), &e);
    }
}

static void configure(const struct sweep_spec *s, size_t policy, struct simulation_config *c, const struct faults *f)
{
    const struct sweep_policy *p = &s->policy[policy];
    struct alm_err e = {0};
    int code = simulation_config_init(c, &e);
    check(f, 0, code, &e);
    if (code < 0)
        return;
    if (s->platform.text)
        check(f, s->platform.at, simulation_choose(c, ALM_PLATFORM, s->platform.text, &e), &e);
    for (int k = 0; k < ALM_KIND_COUNT; k++)
        if (p->module[k].text)
            check(f, p->module[k].at, simulation_choose(c, (enum alm_kind)k, p->module[k].text, &e), &e);
    set_all(c, s->set, s->sets, f);
    set_all(c, p->set, p->sets, f);
    c->settings.threads = 1;
    c->settings.warmup = s->warmup;
    c->settings.record = c->settings.record_executions = c->settings.record_machines = SIMULATION_RECORD_NONE;
}

static void keep_first(void *ctx, size_t at, const struct alm_err *e)
{
    struct alm_err *first = ctx;
    (void)at;
    if (first->code >= 0)
        *first = *e;
}

int sweep_spec_config(const struct sweep_spec *s, size_t policy, struct simulation_config *out, struct alm_err *e)
{
    struct alm_err first = {0};
    configure(s, policy, out, &(struct faults){keep_first, &first});
    return first.code < 0 ? alm_fail(e, first.code, "%s: policy %s: %s", s->path, s->policy[policy].name, first.text)
                          : ALM_OK;
}

/* The row of the option PATH; NULL when C has none. */
static const struct alm_opt *find_row(const struct simulation_config *c, const char *path)
{
    const struct alm_choice *part[ALM_KIND_COUNT] = {[ALM_PLATFORM] = &c->platform,
                                                     [ALM_PROFILER] = &c->policy.profiler,
                                                     [ALM_PREDICTOR] = &c->policy.predictor,
                                                     [ALM_CALIBRATOR] = &c->policy.calibrator,
                                                     [ALM_ALLOCATOR] = &c->policy.allocator};
    const struct alm_opt *row = simulation_options;
    char word[32];
    size_t n = strcspn(path, ".");
    snprintf(word, sizeof word, "%.*s", (int)(n < 31 ? n : 31), path);
    int kind = path[n] == '.' ? alm_kind_find(word) : -1;
    if (kind >= 0 && part[kind]) {
        row = part[kind]->module->opts;
        path += n + 1;
    }
    for (; row && row->key; row++)
        if (strcmp(row->key, path) == 0)
            return row;
    return NULL;
}

struct trial {
    struct sweep_spec *s;
    const char *policy;
};

static void tell(void *ctx, size_t at, const struct alm_err *e)
{
    const struct trial *t = ctx;
    if (!alm_spec_told(t->s->source, at))
        alm_spec_tell(t->s->source, at, "%s", e->text);
}

/* Try the values of PATH. Without such an option they are all wrong, and AT is told once. */
static void try_values(struct trial *t, struct simulation_config *c, size_t at, const char *path, char *const *value,
                       const size_t *value_at, size_t values)
{
    bool known = find_row(c, path) != NULL;
    for (size_t k = 0; k < values; k++) {
        char text[SWEEP_PATH + ALM_OPT_STRING];
        struct alm_err e = {0};
        snprintf(text, sizeof text, "%s=%s", path, value[k]);
        if (set(c, text, &e) >= 0)
            continue;
        if (!known)
            alm_fail_in(&e, "policy %s", t->policy);
        tell(t, known && value_at ? value_at[k] : at, &e);
    }
}

static void try_factors(struct trial *t, struct simulation_config *c)
{
    for (size_t i = 0; i < t->s->factors; i++) {
        const struct sweep_factor *f = &t->s->factor[i];
        if (!f->policy || strcmp(f->policy, t->policy) == 0)
            try_values(t, c, f->at, f->path, f->value, f->value_at, f->values);
    }
}

static int parse_bound(const struct alm_opt *row, const char *text, double *out, struct alm_err *e)
{
    union {
        int64_t whole;
        double real;
    } value = {0};
    struct alm_opt one[] = {*row, {0}};
    one->offset = 0;
    bool whole = row->type == ALM_OPT_INTEGER || row->type == ALM_OPT_DURATION || row->type == ALM_OPT_BYTES;
    if (!whole && row->type != ALM_OPT_REAL && row->type != ALM_OPT_CORES && row->type != ALM_OPT_FRACTION)
        return alm_fail(e, ALM_EINVAL, "%s is no number and so has no range; write {values: [...]}", row->key);
    ALM_TRY(alm_options_set(one, &value, "a range", row->key, text, e));
    *out = whole ? (double)value.whole : value.real;
    return ALM_OK;
}

static int find_range(const struct simulation_config *c, const struct sweep_parameter *p, const struct alm_opt **row,
                      double *min, double *max, struct alm_err *e)
{
    *row = find_row(c, p->path);
    if (!*row)
        return alm_fail(e, ALM_EINVAL, "the policy has no option `%s`", p->path);
    ALM_TRY(parse_bound(*row, p->min, min, e));
    ALM_TRY(parse_bound(*row, p->max, max, e));
    if (*min >= *max)
        return alm_fail(e, ALM_EINVAL, "min `%s` is not less than max `%s`", p->min, p->max);
    if (p->log && *min <= 0)
        return alm_fail(e, ALM_EINVAL, "min `%s` is not more than 0, as a logarithm needs", p->min);
    return ALM_OK;
}

static size_t find_policy(const struct sweep_spec *s, const char *name)
{
    size_t i = 0;
    while (i < s->policies && strcmp(s->policy[i].name, name) != 0)
        i++;
    return i;
}

int sweep_parameter_range(const struct sweep_spec *s, const struct sweep_tune *t, size_t parameter,
                          const struct alm_opt **row, double *min, double *max, struct alm_err *e)
{
    struct simulation_config c = {0};
    int code = sweep_spec_config(s, find_policy(s, t->policy), &c, e);
    if (code >= 0)
        code = find_range(&c, &t->parameter[parameter], row, min, max, e);
    simulation_config_free(&c);
    return code;
}

static void try_tune(struct trial *t, struct simulation_config *c)
{
    for (size_t i = 0; i < t->s->tunes; i++) {
        const struct sweep_tune *tune = &t->s->tune[i];
        if (!tune->policy || strcmp(tune->policy, t->policy) != 0)
            continue;
        for (size_t k = 0; k < tune->parameters; k++) {
            const struct sweep_parameter *p = &tune->parameter[k];
            const struct alm_opt *row;
            struct alm_err e = {0};
            double min, max;
            try_values(t, c, p->at, p->path, p->value, NULL, p->values);
            if (p->min && p->max && find_range(c, p, &row, &min, &max, &e) < 0)
                tell(t, p->at, &e);
        }
    }
}

static void try_policy(struct sweep_spec *s, size_t policy)
{
    struct trial t = {s, s->policy[policy].name};
    struct simulation_config c = {0};
    struct alm_err e = {0};
    configure(s, policy, &c, &(struct faults){tell, &t});
    if (c.policy.allocator.module) {
        if (alm_policy_check(&c.policy, &e) < 0)
            tell(&t, s->policy[policy].at, &e);
        try_factors(&t, &c);
        try_tune(&t, &c);
    }
    simulation_config_free(&c);
}

static void try_metric(struct sweep_spec *s, size_t at, const char *name)
{
    const struct results_figure *figure;
    struct alm_err e = {0};
    if (name && results_figure_find(name, &figure, &e) < 0 && !alm_spec_told(s->source, at))
        alm_spec_tell(s->source, at, "%s", e.text);
}

static void try_metrics(struct sweep_spec *s)
{
    for (size_t i = 0; i < s->metrics; i++)
        try_metric(s, s->metric[i].at, s->metric[i].name);
    for (size_t i = 0; i < s->tolerances; i++)
        try_metric(s, s->tolerance[i].at, s->tolerance[i].metric);
    try_metric(s, s->until_at, s->until_metric);
    for (size_t i = 0; i < s->tunes; i++)
        for (size_t k = 0; k < s->tune[i].objectives; k++)
            try_metric(s, s->tune[i].objective_at[k], s->tune[i].objective[k]);
}

int sweep_spec_try(struct sweep_spec *s, struct alm_err *e)
{
    try_metrics(s);
    for (size_t i = 0; i < s->policies; i++)
        try_policy(s, i);
    tune_check(s);
    ALM_TRY(spec_find_traces(s, e));
    return alm_spec_verdict(s->source, e);
}
