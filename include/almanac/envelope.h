/* SPDX-License-Identifier: GPL-3.0-or-later
 * envelope: the range of needs expected of a unit over a horizon, with a confidence.
 *
 * Meaning.  For each resource in `has`, over (from, until], the stated statistic of usage lies in [min, max] with
 *           probability `confidence`; `min` is what is guaranteed or weighted, `max` is the cap. In the specification's
 *           words: min_cpu, max_cpu (cores), min_memory, max_memory (here bytes), confidence_level.
 *           `confidence` is that of the side that limits: usage <= max. `min` is a lower bound that misses far more rarely: the
 *           chance that usage is below it is to be at most alm_lower_tail(confidence). So [min, max] as a whole holds with
 *           `confidence` too, within half a point. Misses are spent where they save something.
 * Choice.   A predictor without an answer for a resource leaves its bit clear: "no envelope yet" is a value.
 * Limits.   Of some published rules `min` is another figure, no bound of usage: their files say so. */
#ifndef ALMANAC_ENVELOPE_H
#define ALMANAC_ENVELOPE_H

#include "almanac/resource.h"
#include "almanac/time.h"

enum alm_statistic { ALM_STAT_MEAN, ALM_STAT_PEAK, ALM_STAT_P95 };

struct alm_envelope {
    alm_time from, until;
    uint32_t has;  /* ALM_BIT per resource */
    uint32_t peak; /* ALM_BIT per resource: speaks of the peak sample of the horizon, else of its mean */
    uint32_t
        p95; /* ALM_BIT per resource, none of those of `peak`: speaks of the 95th percentile (nearest rank) of its samples */
    double min[ALM_RESOURCES], max[ALM_RESOURCES]; /* cores, bytes, bytes per second; 0 <= min <= max, finite */
    double confidence[ALM_RESOURCES];              /* 0 .. 1, of usage <= max; NaN: not stated */
};

/* The chance that usage may be below `min` when CONFIDENCE is that of `max`. */
static inline double alm_lower_tail(double confidence)
{
    const double tenth = (1 - confidence) / 10;
    return tenth < 0.005 ? tenth : 0.005;
}

/* Mark what OUT says of R as being of STATISTIC. */
static inline void alm_envelope_speaks_of(struct alm_envelope *out, enum alm_resource r, enum alm_statistic statistic)
{
    out->peak |= statistic == ALM_STAT_PEAK ? ALM_BIT(r) : 0;
    out->p95 |= statistic == ALM_STAT_P95 ? ALM_BIT(r) : 0;
}

#endif
