/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_view_calls: the invocations of a view: those that arrive within (from, until] and are of chosen units. */
#ifndef ALM_TRACE_VIEW_CALLS_H
#define ALM_TRACE_VIEW_CALLS_H

#include "trace_view.h"

#include <stdbool.h>

/* How many of a unit there are, and when the first and the last arrive. */
struct alm__view_served {
    uint64_t count;
    alm_time first, last;
};

struct alm__view_calls;

/* Of the UNITS units of WHOLE those that are CHOSEN; SERVED[units] gets what each of them has. */
int alm__view_calls_open(const struct alm_invocations *whole, const struct alm_trace_window *window, const bool *chosen,
                         size_t units, struct alm__view_served *served, struct alm__view_calls **out,
                         struct alm_err *e);
void alm__view_calls_close(struct alm__view_calls *c); /* NULL is fine */

/* NUMBER[units]: the number of each unit in the view, UINT32_MAX for one that is not in it. Borrowed. */
void alm__view_calls_number(struct alm__view_calls *c, const uint32_t *number);

/* NULL: there are none. */
const struct alm_invocations *alm__view_calls(const struct alm__view_calls *c);

#endif
