/* SPDX-License-Identifier: GPL-3.0-or-later
 * moving: what the predictors over a moving window share.
 *
 * Meaning.  A window is a number of values: its duration over the nominal interval between samples. Missing values do
 *           not count, so a unit with gaps looks further back. */
#ifndef ALM_MODELS_MOVING_H
#define ALM_MODELS_MOVING_H

#include "almanac/env.h"
#include "almanac/error.h"
#include "almanac/resource.h"

#include <stddef.h>

#define ALM_MOVING_MAX ((size_t)1 << 24)

/* Values in WINDOW, 1 .. ALM_MOVING_MAX. */
static inline size_t alm_moving_count(alm_time window, const struct alm_env *env)
{
    alm_time count = env->sample_interval > 0 ? window / env->sample_interval : 1;
    if (count < 1)
        return 1;
    return count > (alm_time)ALM_MOVING_MAX ? ALM_MOVING_MAX : (size_t)count;
}

/* ALM_EINVAL when the count is not what the window says. */
static inline int alm_moving_check(alm_time window, const struct alm_env *env, struct alm_err *e)
{
    if (env->sample_interval <= 0)
        return alm_fail(e, ALM_EINVAL, "the interval between samples is not known; it must be above 0");
    if (window / env->sample_interval > (alm_time)ALM_MOVING_MAX)
        return alm_fail(e, ALM_EINVAL, "the window holds %lld samples; at most %zu are possible",
                        (long long)(window / env->sample_interval), ALM_MOVING_MAX);
    if (window < env->sample_interval)
        return alm_fail(e, ALM_EINVAL, "the window of %g s is shorter than the %g s between samples",
                        alm_seconds(window), alm_seconds(env->sample_interval));
    return ALM_OK;
}

static inline size_t alm_moving_resources(const struct alm_env *env)
{
    size_t n = 0;
    for (int r = 0; r < ALM_RESOURCES; r++)
        n += (env->resources >> r) & 1u;
    return n;
}

#endif
