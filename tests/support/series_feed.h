/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_feed: one unit of a predictor, fed a series of CPU (and memory) values, one an interval; asked before each, told after. */
#ifndef TESTS_SERIES_FEED_H
#define TESTS_SERIES_FEED_H

#include "almanac/predictor.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEED_STEP (5 * ALM_MINUTE)

struct series_feed {
    struct alm_choice choice;
    const struct alm_predictor_ops *ops;
    struct alm_env env;
    struct alm_units u;
    struct alm_envelope v; /* the last answer */
    int64_t k;             /* intervals so far */
    alm_time begin;        /* of the first, a whole number of steps; set it after series_feed_start if need be */
    uint32_t id, code;
};

static inline void series_feed_start(struct series_feed *f, const char *text)
{
    struct alm_err e = {0};
    memset(f, 0, sizeof *f);
    f->env = (struct alm_env){.seed = 1,
                              .interval = FEED_STEP,
                              .sample_interval = FEED_STEP,
                              .resources = ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY),
                              .code = &f->code,
                              .units = 1,
                              .codes = 1};
    cr_assert_eq(alm_choice_parse(ALM_PREDICTOR, text, &f->choice, &e), 0, "%s", e.text);
    f->ops = (const void *)f->choice.module;
    const size_t size = f->ops->state_size(f->choice.opt, &f->env);
    const size_t shared = f->ops->shared_size ? f->ops->shared_size(f->choice.opt, &f->env) : 0;
    f->u = (struct alm_units){.count = 1,
                              .id = &f->id,
                              .state = calloc(1, size + 1),
                              .stride = size,
                              .shared = shared ? calloc(1, shared) : NULL,
                              .opt = f->choice.opt,
                              .env = &f->env};
    cr_assert_eq(f->ops->init ? f->ops->init(&f->u, &e) : 0, 0, "%s", e.text);
}

static inline void series_feed_stop(struct series_feed *f)
{
    if (f->ops->fini)
        f->ops->fini(&f->u);
    free(f->u.state);
    free(f->u.shared);
    alm_choice_free(&f->choice);
}

/* What became of the last answer, then the value, then the next answer. CENSORED: bits. */
static inline const struct alm_envelope *series_feed(struct series_feed *f, double cpu, double memory, uint8_t censored)
{
    struct alm_err e = {0};
    const alm_time at = f->begin + ++f->k * FEED_STEP;
    const struct alm_profile p = {.provides = ALM_PROFILE_RECENT,
                                  .window = {.count = 1, .at = &at, .value = {&cpu, &memory}, .censored = &censored},
                                  .fresh = 1,
                                  .oom_at = ALM_TIME_NONE,
                                  .oom_limit = NAN};
    struct alm_outcome o = {.envelope = f->v, .until = at, .samples = 1, .censored = censored};
    o.seen = (uint8_t)((isnan(cpu) ? 0 : ALM_BIT(ALM_CPU)) | (isnan(memory) ? 0 : ALM_BIT(ALM_MEMORY)));
    o.mean[0] = o.peak[0] = o.p95[0] = cpu;
    o.mean[1] = o.peak[1] = o.p95[1] = memory;
    if (f->ops->feedback && f->v.has)
        cr_assert_eq(f->ops->feedback(&f->u, &o, &e), 0, "%s", e.text);
    cr_assert_eq(f->ops->observe(&f->u, &p, &e), 0, "%s", e.text);
    f->v = (struct alm_envelope){.from = at, .until = at + FEED_STEP};
    cr_assert_eq(f->ops->predict(&f->u, &p, at, &f->v, &e), 0, "%s", e.text);
    return &f->v;
}

#endif
