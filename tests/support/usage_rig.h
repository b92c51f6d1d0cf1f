/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_rig: recorded usage with rows of any length and gaps, and an engine of the simulated platform that replays it. */
#ifndef ALM_TESTS_USAGE_RIG_H
#define ALM_TESTS_USAGE_RIG_H

#include "almanac/demand.h"
#include "almanac/module.h"
#include "almanac/platform.h"
#include "sim/engine.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct usage_row {
    alm_time at, span;
    double value[ALM_RESOURCES];
};

#define USAGE_ROWS 256
struct usage_unit {
    struct usage_row row[USAGE_ROWS];
    uint64_t rows;
};

struct usage {
    struct alm_demand demand;
    struct alm_unit *unit;
    uint64_t *rows;
    struct usage_unit *of;
};

static inline int usage_read(const struct alm_demand *self, size_t unit, uint64_t first, size_t n,
                             const struct alm_demand_rows *out, struct alm_err *e)
{
    (void)e;
    const struct usage *u = self->owner;
    cr_assert_leq(first + n, u->of[unit].rows, "asked for rows that do not exist");
    for (size_t k = 0; k < n; k++) {
        const struct usage_row *row = &u->of[unit].row[first + k];
        if (out->at)
            out->at[k] = row->at;
        if (out->span)
            out->span[k] = row->span;
        for (int r = 0; r < ALM_RESOURCES; r++)
            if (out->value[r])
                out->value[r][k] = row->value[r];
    }
    return ALM_OK;
}

static inline void usage_make(struct usage *u, size_t units, uint32_t resources)
{
    *u = (struct usage){.unit = calloc(units, sizeof *u->unit),
                        .rows = calloc(units, sizeof *u->rows),
                        .of = calloc(units, sizeof *u->of)};
    for (size_t i = 0; i < units; i++) {
        snprintf(u->unit[i].name, sizeof u->unit[i].name, "unit-%03zu", i);
        u->unit[i].cores = u->unit[i].memory = NAN;
    }
    u->demand = (struct alm_demand){.unit = u->unit,
                                    .rows = u->rows,
                                    .units = units,
                                    .interval = ALM_MINUTE,
                                    .resources = resources,
                                    .read = usage_read,
                                    .owner = u};
}

static inline void usage_free(struct usage *u)
{
    free(u->unit);
    free(u->rows);
    free(u->of);
}

/* A row of UNIT over (FROM, TO], in seconds. */
static inline struct usage_row *usage_add(struct usage *u, size_t unit, double from, double to, double cores,
                                          double memory)
{
    struct usage_unit *of = &u->of[unit];
    cr_assert_lt(of->rows, USAGE_ROWS);
    struct usage_row *row = &of->row[of->rows++];
    row->at = (alm_time)llround(to * 1e9);
    row->span = row->at - (alm_time)llround(from * 1e9);
    for (int r = 0; r < ALM_RESOURCES; r++)
        row->value[r] = NAN;
    row->value[ALM_CPU] = cores;
    row->value[ALM_MEMORY] = memory;
    if (of->rows == 1)
        u->unit[unit].first = row->at;
    u->unit[unit].last = row->at;
    u->rows[unit] = of->rows;
    return row;
}

/* An engine at work, and what it showed last. */
struct engine {
    const struct alm_platform_ops *ops;
    struct alm_choice choice;
    void *self;
    const struct alm_sample *sample;
    const struct alm_account *account;
    size_t n;
    alm_time now;
    enum alm_wake why;
};

static inline int engine_try(struct engine *x, const struct alm_platform_ops *ops, const char *text,
                             struct alm_platform_config config, struct alm_err *e)
{
    *x = (struct engine){.ops = ops};
    cr_assert_eq(alm_choice_parse(ALM_PLATFORM, text, &x->choice, e), ALM_OK, "%s: %s", text, e->text);
    config.opt = x->choice.opt;
    return ops->open(&config, &x->self, e);
}

static inline void engine_open(struct engine *x, const struct alm_platform_ops *ops, const char *text,
                               struct alm_platform_config config)
{
    struct alm_err e = {0};
    cr_assert_eq(engine_try(x, ops, text, config, &e), ALM_OK, "%s: %s", text, e.text);
}

static inline void engine_wait(struct engine *x, alm_time until)
{
    struct alm_err e = {0};
    cr_assert_eq(x->ops->wait(x->self, until, &x->now, &x->why, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(x->ops->sample(x->self, &x->sample, &x->account, &x->n, &e), ALM_OK, "%s", e.text);
}

static inline struct alm_applied engine_limit(struct engine *x, uint32_t unit, int64_t millicores, int64_t bytes)
{
    struct alm_decision d = {.unit = unit, .limit = {millicores, bytes}};
    struct alm_applied a;
    struct alm_err e = {0};
    cr_assert_eq(x->ops->apply(x->self, x->now, &d, 1, &a, &e), ALM_OK, "%s", e.text);
    return a;
}

static inline void engine_close(struct engine *x)
{
    x->ops->close(x->self);
    alm_choice_free(&x->choice);
}

#endif
