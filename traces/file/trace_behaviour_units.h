/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_behaviour_units: the behaviour of some units, as if there were no others: for batches of units, for those that
 * have usage, and for a window of time. */
#ifndef ALM_TRACE_BEHAVIOUR_UNITS_H
#define ALM_TRACE_BEHAVIOUR_UNITS_H

#include "almanac/demand.h"

struct alm_behaviour_units;

/* Those of UNITS units of WHOLE, which must outlive OUT: the ascending NUMBER[units], or from FIRST on where that is NULL.
 * They are numbered from 0. */
int alm_behaviour_units_open(const struct alm_behaviours *whole, const size_t *number, size_t first, size_t units,
                             struct alm_behaviour_units **out, struct alm_err *e);

/* Of unit i the records [START[i], END[i]) of WHOLE. */
int alm_behaviour_ranges_open(const struct alm_behaviours *whole, const uint64_t *start, const uint64_t *end,
                              size_t units, struct alm_behaviour_units **out, struct alm_err *e);
const struct alm_behaviours *alm_behaviour_units_view(const struct alm_behaviour_units *b); /* NULL of NULL */
void alm_behaviour_units_close(struct alm_behaviour_units *b);                              /* NULL is fine */

#endif
