/* SPDX-License-Identifier: GPL-3.0-or-later
 * counters: from what only ever grows (seconds of CPU, bytes sent) to what was used between two readings.
 *
 * Meaning.  A rise belongs to (the reading before, this reading]. The first reading gives none. A value below the one
 *           before is a counter that began again at 0: the rise is at least the value itself, and is taken as that.
 * Choice.   A span of more than 3 times the one before is a gap, over which nobody knows when the use was: no rise.
 *           Up to that a reading is merely late, or one was lost: the rate is the mean over the span, and the amount
 *           is that of one usual span, so that a lost reading does not show as a burst.
 * Source.   Resets as by Prometheus' rate(). */
#ifndef ALM_TRACES_COUNTERS_H
#define ALM_TRACES_COUNTERS_H

#include "almanac/time.h"

#include <stdbool.h>

/* The newest reading; all zero before the first. */
struct alm_counter {
    bool known;
    alm_time at, span; /* span: between the two newest readings, 0 when there were none */
    double value;
};

enum alm_counter_state {
    ALM_COUNTER_ROSE,     /* OUT is set */
    ALM_COUNTER_RESET,    /* OUT is set */
    ALM_COUNTER_FIRST,    /* no rise: nothing to compare with */
    ALM_COUNTER_GAP,      /* no rise */
    ALM_COUNTER_BACKWARD, /* no rise: not later than the reading before, and left aside */
};

struct alm_rise {
    double rate;   /* per second */
    double amount; /* over one usual span */
};

/* A reading of VALUE (finite, >= 0) at AT. */
enum alm_counter_state alm_counter_take(struct alm_counter *c, alm_time at, double value, struct alm_rise *out);

/* Why a state is worth a note ("a counter began again: ..."), or NULL. */
const char *alm_counter_remark(enum alm_counter_state state);

#endif
