/* SPDX-License-Identifier: GPL-3.0-or-later
 * counters: differences of readings. */
#include "counters.h"

#include <stddef.h>

#define GAP 3

enum alm_counter_state alm_counter_take(struct alm_counter *c, alm_time at, double value, struct alm_rise *out)
{
    struct alm_counter before = *c;
    alm_time span;
    if (before.known && at <= before.at)
        return ALM_COUNTER_BACKWARD;
    if (!before.known || __builtin_sub_overflow(at, before.at, &span)) {
        *c = (struct alm_counter){true, at, 0, value};
        return before.known ? ALM_COUNTER_GAP : ALM_COUNTER_FIRST;
    }
    *c = (struct alm_counter){true, at, span, value};
    if (before.span > 0 && span / GAP >= before.span && span > GAP * before.span)
        return ALM_COUNTER_GAP;
    bool reset = value<before.value, late = before.span> 0 && span - before.span > before.span / 2;
    double rise = reset ? value : value - before.value;
    out->rate = rise / alm_seconds(span);
    out->amount = late ? rise * ((double)before.span / (double)span) : rise;
    return reset ? ALM_COUNTER_RESET : ALM_COUNTER_ROSE;
}

const char *alm_counter_remark(enum alm_counter_state state)
{
    switch (state) {
    case ALM_COUNTER_RESET:
        return "a counter began again: taken as risen from 0";
    case ALM_COUNTER_GAP:
        return "a gap between readings of a counter: no rate over it";
    case ALM_COUNTER_BACKWARD:
        return "a reading of a counter not later than the one before: left aside";
    case ALM_COUNTER_ROSE:
    case ALM_COUNTER_FIRST:
        break;
    }
    return NULL;
}
