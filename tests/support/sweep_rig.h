/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep_rig: small traces, a plan over them, and its cells run one by one, for tests of cells and of results. */
#ifndef ALM_TESTS_SWEEP_RIG_H
#define ALM_TESTS_SWEEP_RIG_H

#include "experiments/sweep/cell.h"

#include "almanac/stream.h"
#include "trace_rig.h"

#include <math.h>

#define RIG_STEP (60 * ALM_SECOND)

/* UNITS units with ROWS rows of a minute each, from 0 on; rows after LATER are drawn from another stream than before. */
static inline void rig_trace(const char *path, uint64_t seed, size_t units, int rows, int later, bool calls)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer(path, 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    GOOD(sink->interval(sink, RIG_STEP, &e));
    for (size_t u = 0; u < units; u++) {
        char name[32];
        snprintf(name, sizeof name, "web-%zu", u);
        uint32_t number = unit(sink, name);
        struct alm_stream s = alm_stream_open(seed, u, "rows"), other = alm_stream_open(seed + 1000, u, "later");
        for (int k = 1; k <= rows; k++) {
            struct alm_stream *from = k <= later ? &s : &other;
            double cpu = alm_stream_uniform(from), memory = 1e8 * (1 + alm_stream_uniform(from));
            row(sink, number, k * RIG_STEP, cpu, memory);
        }
        for (int k = 0; calls && k < 50; k++) {
            struct alm_invocation v = alm_invocation_at((alm_time)(alm_stream_uniform(&s) * rows * RIG_STEP), number);
            v.value[ALM_INV_WORK] = alm_stream_exponential(&s);
            give(sink, &v, NULL);
        }
    }
    commit(w);
    alm_trace_writer_close(w);
}

static inline struct sweep_plan *rig_plan(const char *spec, const char *dir)
{
    struct alm_err e = {0};
    struct sweep_spec *s = NULL;
    struct sweep_plan *p = NULL;
    GOOD(sweep_spec_parse(spec, "spec.yaml", &s, &e));
    GOOD(sweep_plan_make(s, dir, &p, &e));
    GOOD(sweep_plan_write(p, NULL, NULL, &e));
    return p;
}

static inline void rig_run(const struct sweep_plan *p, struct cell_traces *t, uint64_t number)
{
    struct alm_err e = {0};
    struct sweep_cell cell;
    struct cell_result r = {0};
    GOOD(sweep_plan_cell(p, number, &cell, &e));
    GOOD(cell_run(p, &cell, t, NULL, &r, &e));
    GOOD(cell_write(p, &cell, &r, &e));
    cell_result_free(&r);
}

/* All cells, every STRIDE-th first (coprime to their number). */
static inline void rig_run_all(const struct sweep_plan *p, uint64_t stride)
{
    struct alm_err e = {0};
    struct cell_traces *t = NULL;
    GOOD(cell_traces_open(p, &t, &e));
    for (uint64_t k = 0; k < p->cells; k++)
        rig_run(p, t, k * stride % p->cells);
    cell_traces_close(t);
}

static inline bool rig_same(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

#endif
