/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_view: a part of a trace as if there were no more: some of its units, over some of its time.
 *
 * Meaning.  Units whose name matches a pattern; of these the rows and the records of behaviour that cover a time within (from,
 *           until], and the invocations that arrive in it. What an edge of the window cuts is left out, and so is a unit of which
 *           neither a row nor an invocation is left. The others live from the first of what is left to the last.
 * Choice.   Nothing is copied but what there is of units: rows are found by bisection, invocations by a count for each 1024 of
 *           the whole; opening reads the units of the invocations in the window once.
 * Limits.   A row keeps the span that it has in the whole trace. Of a unit's behaviour the records before the first that is
 *           not cut are left out; where spans differ, a later one may reach back over the edge. Columns and functions that the whole
 *           has are there, even when no value of the part is. */
#ifndef ALM_TRACE_VIEW_H
#define ALM_TRACE_VIEW_H

#include "almanac/demand.h"

struct alm_trace_window {
    const char *units;    /* as of glob(7), `*` matching any character; NULL or "": all */
    alm_time from, until; /* (from, until]; ALM_TIME_NONE and ALM_TIME_MAX: no edge */
};

struct alm_trace_view;

/* DEMAND, CALLS and BEHAVIOURS (NULL: there are none) are of one trace and must outlive OUT. ALM_EINVAL when no unit's name
 * matches, or nothing of those that do lies in the window. */
int alm_trace_view_open(const struct alm_demand *demand, const struct alm_invocations *calls,
                        const struct alm_behaviours *behaviours, const struct alm_trace_window *window,
                        struct alm_trace_view **out, struct alm_err *e);
void alm_trace_view_close(struct alm_trace_view *v); /* NULL is fine */

/* Valid until the view is closed; their `read` may be called from several threads. NULL: none is left. */
const struct alm_demand *alm_trace_view_demand(const struct alm_trace_view *v);
const struct alm_invocations *alm_trace_view_invocations(const struct alm_trace_view *v);
const struct alm_behaviours *alm_trace_view_behaviours(const struct alm_trace_view *v);

/* Where the time of a trace begins: the earliest begin of a row, or arrival. cost  one row of each unit is read. */
int alm_trace_begin(const struct alm_demand *demand, alm_time *out, struct alm_err *e);

#endif
