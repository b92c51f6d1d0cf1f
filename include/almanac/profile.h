/* SPDX-License-Identifier: GPL-3.0-or-later
 * profile: what a profiler has learnt of a unit, in one schema for all profilers.
 *
 * Meaning.  `provides` says which parts are there; a predictor states what it needs, and a pairing whose needs are not
 *           provided is refused at start, by name. That makes profilers and predictors interchangeable.
 * Choice.   Series are views into the profiler's memory: contiguous, oldest first, valid until its next `observe`. */
#ifndef ALMANAC_PROFILE_H
#define ALMANAC_PROFILE_H

#include "almanac/execution.h"
#include "almanac/resource.h"
#include "almanac/time.h"

#include <stddef.h>
#include <stdint.h>

enum alm_profile_part {
    ALM_PROFILE_RECENT = 1u << 0, /* the samples since the previous observation: the last `fresh` of `window` */
    ALM_PROFILE_WINDOW = 1u << 1, /* at least the asked-for number of last samples */
};

/* Parallel arrays of `count`. A missing value is NaN. Memory is a peak, CPU a mean in cores, the rest bytes a second.
 */
struct alm_series {
    size_t count;
    const alm_time *at;
    const double *value[ALM_RESOURCES]; /* NULL for a resource that the platform does not show */
    const uint8_t *censored;            /* ALM_BIT per resource */
};

struct alm_profile {
    uint32_t provides;
    struct alm_series window;
    size_t fresh;
    uint64_t samples;              /* seen in all */
    alm_time first, last;          /* stamps; ALM_TIME_NONE before the first sample */
    uint32_t oom_kills;            /* since the previous observation */
    alm_time oom_at;               /* stamp of the newest of these */
    double oom_limit;              /* memory limit at that kill, bytes; NaN when unlimited or none */
    const struct alm_start *start; /* the invocation that is about to start; NULL in other rounds. Set by the loop. */
};

#endif
