/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_made: an experiment in memory, for tests of comparisons: cells and figures without simulations or files.
 *
 * Meaning.  Every policy on every trace with every seed. Figures: cpu.slack_relative and cpu.overrun_time_share are quotients
 *           of units, cpu.footprint_hours is a sum of units, invocations.p99_s is known of cells only, cpu.coverage is better
 *           when higher. A test sets units, or values of cells, by number. */
#ifndef ALM_TESTS_COMPARE_MADE_H
#define ALM_TESTS_COMPARE_MADE_H

#include "experiments/compare/compare_source.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum made_figure { MADE_SLACK, MADE_OVERRUN, MADE_FOOTPRINT, MADE_P99, MADE_COVERAGE, MADE_FIGURES };

static const struct compare_figure made_figures[MADE_FIGURES] = {
    {"cpu.slack_relative", "share", METRICS_LOWER, true, false, false},
    {"cpu.overrun_time_share", "share", METRICS_LOWER, true, false, false},
    {"cpu.footprint_hours", "core-hours", METRICS_LOWER, true, true, false},
    {"invocations.p99_s", "s", METRICS_LOWER, false, false, false},
    {"cpu.coverage", "share", METRICS_HIGHER, true, false, true},
};

#define MADE_UNITS 64
#define MADE_CELLS 4096

struct made {
    struct compare_source source;
    struct compare_cell cell[MADE_CELLS];
    struct compare_unit (*unit)[MADE_FIGURES][MADE_UNITS];
    double own[MADE_CELLS][MADE_FIGURES]; /* of the cell; NaN: pooled from units */
    char text[MADE_CELLS][96];
    const char *name[MADE_UNITS];
    char names[MADE_UNITS][32];
    size_t policies, traces, seeds, units;
};

static inline double made_value(void *ctx, size_t cell, size_t figure)
{
    const struct made *m = ctx;
    double amount = 0, weight = 0;
    if (!isnan(m->own[cell][figure]) || !made_figures[figure].units)
        return m->own[cell][figure];
    for (size_t u = 0; u < m->cell[cell].units; u++) {
        amount += m->unit[cell][figure][u].amount;
        weight += m->unit[cell][figure][u].weight;
    }
    return made_figures[figure].additive ? amount : weight > 0 ? amount / weight : NAN;
}

static inline int made_units(void *ctx, size_t cell, const size_t *figure, size_t count, struct compare_unit *out,
                             const char **name, struct alm_err *e)
{
    const struct made *m = ctx;
    size_t n = m->cell[cell].units;
    (void)e;
    for (size_t k = 0; k < count; k++)
        memcpy(out + k * n, m->unit[cell][figure[k]], n * sizeof *out);
    for (size_t u = 0; u < n; u++)
        name[u] = m->name[u];
    return ALM_OK;
}

static inline size_t made_cell(const struct made *m, size_t policy, size_t trace, size_t seed)
{
    return (policy * m->traces + trace) * m->seeds + seed;
}

/* POLICY: names; every figure of every unit is 1 of weight 1. */
static inline struct made *made_new(const char *const *policy, size_t policies, size_t traces, size_t seeds,
                                    size_t units)
{
    static const char *const no_factor[1] = {""};
    struct made *m = calloc(1, sizeof *m);
    cr_assert(m && policies * traces * seeds <= MADE_CELLS && units <= MADE_UNITS);
    m->policies = policies;
    m->traces = traces;
    m->seeds = seeds;
    m->units = units;
    m->unit = calloc(policies * traces * seeds, sizeof *m->unit);
    for (size_t u = 0; u < units; u++) {
        snprintf(m->names[u], sizeof m->names[u], "unit-%zu", u);
        m->name[u] = m->names[u];
    }
    for (size_t i = 0; i < policies * traces * seeds; i++) {
        size_t trace = i / seeds % traces;
        snprintf(m->text[i], 32, "trace-%zu.h5", trace);
        snprintf(m->text[i] + 32, 64, "almanac simulate # cell %zu", i);
        m->cell[i] = (struct compare_cell){.trace = m->text[i],
                                           .sha256 = "0123456789abcdef",
                                           .policy = policy[i / (traces * seeds)],
                                           .part = "whole",
                                           .command = m->text[i] + 32,
                                           .reason = "",
                                           .factor = no_factor,
                                           .seed = (int64_t)(i % seeds),
                                           .done = true,
                                           .units = (uint32_t)units};
        for (size_t f = 0; f < MADE_FIGURES; f++) {
            m->own[i][f] = NAN;
            for (size_t u = 0; u < units; u++)
                m->unit[i][f][u] = (struct compare_unit){1, 1};
        }
    }
    m->source = (struct compare_source){.path = "made.h5",
                                        .cell = m->cell,
                                        .cells = policies * traces * seeds,
                                        .figure = made_figures,
                                        .figures = MADE_FIGURES,
                                        .value = made_value,
                                        .units = made_units,
                                        .ctx = m};
    return m;
}

static inline void made_free(struct made *m)
{
    free(m->unit);
    free(m);
}

#endif
