/* SPDX-License-Identifier: GPL-3.0-or-later
 * envelope: the range of needs expected of a unit over a horizon, with a confidence.
 *
 * Meaning.  For each resource in `has`, over (from, until], the stated statistic of usage lies in [min, max] with
 *           probability `confidence`. `min` is what is guaranteed or weighted, `max` is the cap. In the specification's
 *           words: min_cpu, max_cpu (cores), min_memory, max_memory (here bytes), confidence_level.
 * Choice.   A predictor without an answer for a resource leaves its bit clear: "no envelope yet" is a value. */
#ifndef ALMANAC_ENVELOPE_H
#define ALMANAC_ENVELOPE_H

#include "almanac/resource.h"
#include "almanac/time.h"

enum alm_statistic { ALM_STAT_MEAN, ALM_STAT_PEAK };

struct alm_envelope {
    alm_time from, until;
    uint32_t has;  /* ALM_BIT per resource */
    uint32_t peak; /* ALM_BIT per resource: speaks of the peak sample of the horizon, else of its mean */
    double min[ALM_RESOURCES], max[ALM_RESOURCES]; /* cores, bytes, bytes per second; 0 <= min <= max, finite */
    double confidence[ALM_RESOURCES];              /* 0 .. 1, of usage <= max; NaN: not stated */
};

#endif
