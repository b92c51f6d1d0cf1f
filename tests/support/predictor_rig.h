/* SPDX-License-Identifier: GPL-3.0-or-later
 * predictor_rig: one unit of a predictor, fed by hand, one sample and one decision every five minutes.
 *
 * Choice.   With errors=normal and confidence=50% the max of a point predictor is its forecast. */
#ifndef ALM_TESTS_PREDICTOR_RIG_H
#define ALM_TESTS_PREDICTOR_RIG_H

#include "almanac/predictor.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PREDICTOR_STEP (5 * ALM_MINUTE)
static const struct alm_env predictor_env = {
    .interval = PREDICTOR_STEP, .sample_interval = PREDICTOR_STEP, .resources = ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY)};

struct predictor_rig {
    struct alm_choice choice;
    const struct alm_predictor_ops *ops;
    struct alm_units u;
    uint32_t id;
    alm_time now;
    struct alm_envelope v;
};

/* Returns what parsing or init said; predictor_close is due either way. */
static inline int predictor_open(struct predictor_rig *g, const char *text, struct alm_err *e)
{
    memset(g, 0, sizeof *g);
    const int code = alm_choice_parse(ALM_PREDICTOR, text, &g->choice, e);
    if (code < 0)
        return code;
    g->ops = (const struct alm_predictor_ops *)(const void *)g->choice.module;
    const size_t size = g->ops->state_size(g->choice.opt, &predictor_env);
    g->u = (struct alm_units){.count = 1,
                              .id = &g->id,
                              .state = calloc(1, size + 1),
                              .stride = size,
                              .opt = g->choice.opt,
                              .env = &predictor_env};
    return g->ops->init ? g->ops->init(&g->u, e) : ALM_OK;
}

static inline void predictor_start(struct predictor_rig *g, const char *text)
{
    struct alm_err e = {0};
    cr_assert_eq(predictor_open(g, text, &e), ALM_OK, "%s: %s", text, e.text);
}

static inline void predictor_close(struct predictor_rig *g)
{
    if (g->ops && g->ops->fini)
        g->ops->fini(&g->u);
    free(g->u.state);
    if (g->choice.module)
        alm_choice_free(&g->choice);
}

static inline void predictor_ask(struct predictor_rig *g)
{
    struct alm_err e = {0};
    const struct alm_profile nothing = {.provides = ALM_PROFILE_RECENT};
    g->v = (struct alm_envelope){.from = g->now, .until = g->now + PREDICTOR_STEP};
    cr_assert_eq(g->ops->predict(&g->u, &nothing, g->now, &g->v, &e), ALM_OK, "%s", e.text);
}

/* The next sample, CENSORED by resource bits, then a decision. */
static inline void predictor_feed_held(struct predictor_rig *g, double cpu, double memory, uint8_t censored)
{
    struct alm_err e = {0};
    g->now += PREDICTOR_STEP;
    const struct alm_profile p = {
        .provides = ALM_PROFILE_RECENT,
        .window = {.count = 1, .at = &g->now, .value = {&cpu, &memory}, .censored = &censored},
        .fresh = 1,
        .first = PREDICTOR_STEP,
        .last = g->now};
    cr_assert_eq(g->ops->observe(&g->u, &p, &e), ALM_OK, "%s", e.text);
    predictor_ask(g);
}

static inline void predictor_feed(struct predictor_rig *g, double cpu, double memory)
{
    predictor_feed_held(g, cpu, memory, 0);
}

/* VALUES[n] of CPU, and what MAX is to be after each; NaN: no envelope. */
static inline void predictor_expect_path(const char *text, const double *values, const double *max, size_t n)
{
    struct predictor_rig g;
    predictor_start(&g, text);
    for (size_t k = 0; k < n; k++) {
        predictor_feed(&g, values[k], NAN);
        const bool has = g.v.has & ALM_BIT(ALM_CPU);
        cr_expect_eq(has, !isnan(max[k]), "%s: after %zu values: an envelope %d", text, k + 1, has);
        cr_expect(!has || fabs(g.v.max[ALM_CPU] - max[k]) <= 1e-12 * fabs(max[k]),
                  "%s: after %zu values: %.17g, not %.17g", text, k + 1, g.v.max[ALM_CPU], max[k]);
    }
    predictor_close(&g);
}

#endif
