/* SPDX-License-Identifier: GPL-3.0-or-later
 * time: instants and durations, in nanoseconds.
 *
 * Meaning.  An instant counts from 1970-01-01 00:00:00 UTC, or from the trace's own zero where a trace has no calendar.
 * Choice.   int64_t, so that sums are exact and order is total; 292 years either way.
 * Limits.   No calendar, no leap seconds. */
#ifndef ALMANAC_TIME_H
#define ALMANAC_TIME_H

#include <stdint.h>

typedef int64_t alm_time;

#define ALM_NS ((alm_time)1)
#define ALM_US ((alm_time)1000)
#define ALM_MS ((alm_time)1000000)
#define ALM_SECOND ((alm_time)1000000000)
#define ALM_MINUTE (60 * ALM_SECOND)
#define ALM_HOUR (60 * ALM_MINUTE)
#define ALM_DAY (24 * ALM_HOUR)
#define ALM_TIME_NONE INT64_MIN
#define ALM_TIME_MAX INT64_MAX

/* The largest multiple of STEP (> 0) that is <= T, and the smallest that is >= T; right for negative T too. */
static inline alm_time alm_time_floor(alm_time t, alm_time step)
{
    alm_time r = t % step;
    return t - (r < 0 ? r + step : r);
}

static inline alm_time alm_time_ceil(alm_time t, alm_time step)
{
    alm_time f = alm_time_floor(t, step);
    return f == t ? t : f + step;
}

static inline double alm_seconds(alm_time t)
{
    return (double)t / (double)ALM_SECOND;
}

#endif
