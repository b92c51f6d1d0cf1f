/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_plan: what the options of the predictor `gru` mean, worked out. */
#ifndef ALM_MODELS_GRU_PLAN_H
#define ALM_MODELS_GRU_PLAN_H

#include "almanac/env.h"

#include "gru_series.h"
#include "gru_train.h"

#include <stdbool.h>

struct gru_plan {
    struct gru_shape shape;
    struct gru_training first, later;
    size_t ring;           /* intervals that a unit remembers */
    size_t windows, steps; /* for a training; steps of each, which is also how far back new weights look */
    struct gru_calendar calendar;
    alm_time min_history, retrain, delay;
    bool background;
    bool pooled;        /* one family for all units */
    uint32_t resources; /* ALM_BIT of those with a head that is asked */
};

static inline size_t gru_families(const struct gru_plan *p, const struct alm_env *env)
{
    return p->pooled || env->code == NULL || env->codes == 0 ? 1 : env->codes;
}

static inline uint32_t gru_family_number(const struct gru_plan *p, const struct alm_env *env, uint32_t id)
{
    return gru_families(p, env) == 1 ? 0 : env->code[id];
}

#endif
