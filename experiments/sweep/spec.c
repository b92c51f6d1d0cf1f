/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec: a whole experiment out of its file; the parts are read in spec_parts.c and spec_factors.c. */
#include "experiments/sweep/spec_build.h"

#include <stdlib.h>
#include <string.h>

static void read_platform(struct spec_builder *b, size_t node)
{
    spec_module(b, node, "simulated", &b->s->platform);
}

static void read_settings(struct spec_builder *b, size_t node)
{
    spec_settings(b, node, &b->s->set, &b->s->sets);
}

/* In the order in which they need each other: factors name policies, tuning needs the split. */
static const struct section {
    const char *key;
    void (*read)(struct spec_builder *b, size_t node);
    const char *missing; /* what to say; NULL: it need not be there */
} sections[] = {
    {"traces", spec_traces, "which traces? Write `traces: [FILE.h5, ...]`"},
    {"platform", read_platform, NULL},
    {"settings", read_settings, NULL},
    {"policies", spec_policies, "which policies? Write `policies:` and lines `  - {name: ..., allocator: ...}`"},
    {"factors", spec_factors, NULL},
    {"seeds", spec_seeds, NULL},
    {"split", spec_split, NULL},
    {"metrics", spec_metrics, NULL},
    {"baseline", spec_baseline, NULL},
    {"tolerances", spec_tolerances, NULL},
    {"until", spec_until, NULL},
    {"tune", spec_tune, NULL},
};
#define SECTIONS (sizeof sections / sizeof *sections)

static int build(struct sweep_spec *s, struct alm_err *e)
{
    struct spec_builder b = {.y = s->source, .s = s, .e = e};
    const char *known[SECTIONS + 1] = {NULL};
    for (size_t i = 0; i < SECTIONS; i++)
        known[i] = sections[i].key;
    alm_spec_known(b.y, 0, known);
    for (size_t i = 0; i < SECTIONS && b.code >= 0; i++) {
        size_t node = alm_spec_child(b.y, 0, sections[i].key);
        if (node)
            sections[i].read(&b, node);
        else if (sections[i].missing)
            alm_spec_tell(b.y, 0, "%s", sections[i].missing);
        if (!node && b.code >= 0 && sections[i].read == spec_seeds) {
            s->seed = spec_more(&b, NULL, 0, sizeof *s->seed);
            s->seeds = s->seed != NULL;
            if (s->seed)
                s->seed[0] = 1;
        }
    }
    s->text = b.code < 0 ? NULL : spec_copy(&b, alm_spec_text(s->source));
    return b.code;
}

/* The specification of SOURCE, which it owns; problems do not keep it from becoming one. NULL, with SOURCE released, when there is no
 * memory. */
static struct sweep_spec *make(struct alm_spec *source, const char *path, struct alm_err *e)
{
    struct sweep_spec *s = calloc(1, sizeof *s);
    if (!s) {
        alm_spec_free(source);
        alm_fail(e, ALM_ENOMEM, "%s: out of memory", path);
        return NULL;
    }
    s->source = source;
    s->path = strdup(path);
    int code = s->path ? build(s, e) : alm_fail(e, ALM_ENOMEM, "%s: out of memory", path);
    if (code >= 0)
        return s;
    sweep_spec_free(s);
    return NULL;
}

int sweep_spec_read(const char *path, void (*hear)(void *ctx, const char *problem), void *ctx, struct sweep_spec **out,
                    struct alm_err *e)
{
    const struct alm_spec_listener listener = {hear, ctx};
    struct alm_spec *source;
    ALM_TRY(alm_spec_tree_read(path, hear ? &listener : NULL, &source, e));
    struct sweep_spec *s = make(source, path, e);
    if (!s)
        return ALM_ENOMEM;
    if (!alm_spec_sound(s->source)) {
        int code = sweep_spec_try(s, e);
        sweep_spec_free(s);
        return code;
    }
    *out = s;
    return ALM_OK;
}

int sweep_spec_parse(const char *text, const char *path, struct sweep_spec **out, struct alm_err *e)
{
    struct alm_spec *source;
    ALM_TRY(alm_spec_tree_parse(text, path, &source, e));
    struct sweep_spec *s = make(source, path, e);
    if (!s)
        return ALM_ENOMEM;
    int code = alm_spec_verdict(s->source, e);
    if (code < 0) {
        sweep_spec_free(s);
        return code;
    }
    *out = s;
    return ALM_OK;
}

static void free_sets(struct sweep_set *set, size_t sets)
{
    for (size_t i = 0; i < sets; i++)
        free(set[i].text);
    free(set);
}

static void free_policy(struct sweep_policy *p)
{
    for (int k = 0; k < ALM_KIND_COUNT; k++)
        free(p->module[k].text);
    free_sets(p->set, p->sets);
    free(p->name);
}

static void free_factor(struct sweep_factor *f)
{
    for (size_t i = 0; i < f->values; i++)
        free(f->value[i]);
    free(f->value);
    free(f->value_at);
    free(f->path);
    free(f->policy);
}

static void free_metrics(struct sweep_spec *s)
{
    for (size_t i = 0; i < s->metrics; i++)
        free(s->metric[i].name);
    for (size_t i = 0; i < s->tolerances; i++) {
        free(s->tolerance[i].metric);
        free(s->tolerance[i].text);
    }
    free(s->metric);
    free(s->tolerance);
    free(s->until_metric);
}

void sweep_spec_free(struct sweep_spec *s)
{
    if (!s)
        return;
    spec_traces_free(s->trace, s->traces);
    for (size_t i = 0; i < s->policies; i++)
        free_policy(&s->policy[i]);
    for (size_t i = 0; i < s->factors; i++)
        free_factor(&s->factor[i]);
    for (size_t i = 0; i < s->tunes; i++)
        spec_tune_free(&s->tune[i]);
    free_metrics(s);
    free_sets(s->set, s->sets);
    free(s->policy);
    free(s->factor);
    free(s->tune);
    free(s->platform.text);
    free(s->seed);
    free(s->baseline);
    free(s->path);
    free(s->text);
    alm_spec_free(s->source);
    free(s);
}
