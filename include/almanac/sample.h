/* SPDX-License-Identifier: GPL-3.0-or-later
 * sample: what a platform shows of one unit over one interval.
 *
 * Meaning.  A sample stamped `at` covers (at - span, at]. Everything is an integer in the kernel's own units, so that a
 *           simulated and a real platform can agree bit for bit. Usage that touched the limit is a lower bound of
 *           demand: its resource's bit in `censored` is set, and whoever learns from it must not take it for demand.
 * Choice.   The true demand is not here and can not be: see demand.h. */
#ifndef ALMANAC_SAMPLE_H
#define ALMANAC_SAMPLE_H

#include "almanac/machine.h"
#include "almanac/resource.h"
#include "almanac/time.h"

struct alm_sample {
    alm_time at;
    alm_time span;                /* > 0 but for an event sample, where it may be 0 */
    uint32_t unit;                /* index into the platform's units */
    uint8_t missing;              /* ALM_BIT per resource: the value means nothing */
    uint8_t censored;             /* ALM_BIT per resource: usage was held by the limit */
    uint8_t reset;                /* ALM_BIT per resource: a counter restarted inside the span */
    uint8_t event;                /* 1: taken because something happened (an OOM kill), not because it was due */
    int64_t usage[ALM_RESOURCES]; /* cpu us, memory bytes (peak), then bytes over the span */
    int64_t limit[2];             /* in force at `at`: millicores, bytes; ALM_NO_LIMIT */
    int64_t throttled_us;         /* time CPU was wanted and refused by the limit */
    int64_t stall_us[ALM_STALLS]; /* time CPU, memory or I/O was wanted and less was had, for whatever reason */
    uint32_t oom_kills;
};

/* The length of a sample as alm_sample_usage_over wants it: for callers that see many samples of one length. */
static inline double alm_span_us(alm_time span)
{
    return (double)span / (double)ALM_US;
}

/* Usage of R as a double in the resource's unit: mean cores, peak bytes, or bytes per second. NaN when missing. */
static inline double alm_sample_usage_over(const struct alm_sample *s, enum alm_resource r, double span_us)
{
    if (s->missing & ALM_BIT(r))
        return __builtin_nan("");
    if (r == ALM_MEMORY)
        return (double)s->usage[r];
    if (!(span_us > 0))
        return __builtin_nan("");
    return r == ALM_CPU ? (double)s->usage[r] / span_us : (double)s->usage[r] * 1e6 / span_us;
}

static inline double alm_sample_usage(const struct alm_sample *s, enum alm_resource r)
{
    return alm_sample_usage_over(s, r, alm_span_us(s->span));
}

#endif
