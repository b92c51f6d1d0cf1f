/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan: a specification with the digests of its traces, and its cells. */
#include "almanac/table.h"
#include "almanac/version.h"

#include "experiments/sweep/plan_layout.h"
#include "traces/synthesis/spec_tree.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *sweep_part_word(enum sweep_part part)
{
    static const char *const words[] = {[SWEEP_WHOLE] = "whole", [SWEEP_TRAIN] = "train", [SWEEP_TEST] = "test"};
    return words[part];
}

void sweep_plan_free(struct sweep_plan *p)
{
    if (!p)
        return;
    for (size_t i = 0; p->trace_path && i < p->spec->traces; i++)
        free(p->trace_path[i]);
    free(p->trace_path);
    free(p->sha256);
    free(p->dir);
    free(p->version);
    free(p->chosen);
    sweep_layout_free(p->layout);
    sweep_spec_free(p->spec);
    free(p);
}

/* The digest of trace I, of which one before may be the same file. */
static void read_trace(struct sweep_plan *p, size_t i)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    for (size_t k = 0; k < i; k++)
        if (strcmp(p->trace_path[k], p->trace_path[i]) == 0) {
            memcpy(p->sha256[i], p->sha256[k], sizeof p->sha256[i]);
            return;
        }
    int code = alm_table_open(p->trace_path[i], "trace/", &t, &e);
    alm_table_close(t);
    if (code >= 0)
        code = alm_file_sha256(p->trace_path[i], p->sha256[i], &e);
    if (code < 0)
        alm_spec_tell(p->spec->source, p->spec->trace[i].at, "%s", e.text);
}

static int fill(struct sweep_plan *p, const char *dir, struct alm_err *e)
{
    struct sweep_spec *s = p->spec;
    ALM_TRY(sweep_spec_try(s, e));
    p->dir = strdup(dir);
    p->version = strdup(sweep_version());
    p->sha256 = calloc(s->traces, sizeof *p->sha256);
    p->trace_path = calloc(s->traces, sizeof *p->trace_path);
    if (!p->dir || !p->version || !p->sha256 || !p->trace_path)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory", s->path);
    for (size_t i = 0; i < s->traces; i++) {
        p->trace_path[i] = sweep_spec_trace_path(s, i);
        if (!p->trace_path[i])
            return alm_fail(e, ALM_ENOMEM, "%s: out of memory", s->path);
        read_trace(p, i);
    }
    ALM_TRY(alm_spec_verdict(s->source, e));
    return sweep_layout_make(p, e);
}

int sweep_plan_make(struct sweep_spec *spec, const char *dir, struct sweep_plan **out, struct alm_err *e)
{
    struct sweep_plan *p = calloc(1, sizeof *p);
    if (!p) {
        sweep_spec_free(spec);
        return alm_fail(e, ALM_ENOMEM, "out of memory for a plan");
    }
    p->spec = spec;
    int code = fill(p, dir, e);
    if (code < 0) {
        sweep_plan_free(p);
        return code;
    }
    *out = p;
    return ALM_OK;
}

int sweep_plan_extra(struct sweep_plan *p, size_t count, struct alm_err *e)
{
    size_t before = p->extra_seeds;
    p->extra_seeds = count;
    int code = sweep_layout_make(p, e);
    if (code == ALM_EINVAL) {
        p->extra_seeds = before;
        ALM_TRY(sweep_layout_make(p, NULL));
    }
    return code;
}

const char *sweep_version(void)
{
    static _Thread_local char text[64];
    snprintf(text, sizeof text, "%s %s", alm_version(), alm_git_id());
    return text;
}

int sweep_plan_cell(const struct sweep_plan *p, uint64_t number, struct sweep_cell *out, struct alm_err *e)
{
    assert(number < p->cells);
    uint64_t configuration = sweep_layout_cell(p, number, out);
    return sweep_layout_id(p, configuration, out, e);
}

void sweep_cell_window(const struct sweep_plan *p, const struct sweep_cell *cell, struct simulation_window *out)
{
    const struct sweep_spec *s = p->spec;
    *out = (struct simulation_window){.units = s->trace[cell->trace].units};
    if (cell->part == SWEEP_TRAIN)
        out->until = s->warmup + s->train;
    if (cell->part == SWEEP_TEST) {
        out->from = s->train;
        out->until = s->train + s->warmup + s->test;
    }
}

int sweep_cell_factors(const struct sweep_plan *p, const struct sweep_cell *cell, struct simulation_config *c,
                       struct alm_err *e)
{
    const struct sweep_spec *s = p->spec;
    for (size_t i = 0; i < s->factors; i++) {
        char text[128 + ALM_OPT_STRING];
        if (!cell->factor[i])
            continue;
        snprintf(text, sizeof text, "%s=%s", s->factor[i].path, cell->factor[i]);
        if (simulation_set(c, text, e) < 0)
            return alm_fail_in(e, "%s: policy %s", s->path, s->policy[cell->policy].name);
    }
    return ALM_OK;
}

int sweep_cell_config(const struct sweep_plan *p, const struct sweep_cell *cell, struct simulation_config *out,
                      struct alm_err *e)
{
    ALM_TRY(sweep_spec_config(p->spec, cell->policy, out, e));
    out->settings.seed = cell->seed;
    return sweep_cell_factors(p, cell, out, e);
}
