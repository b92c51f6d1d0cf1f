/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_usage: the usage of a trace that has invocations as well, as if it had no more.
 *
 * Meaning.  Units without rows are left out; the others live from their first row to their last, whatever arrived before
 *           and after. */
#ifndef ALM_TRACE_USAGE_H
#define ALM_TRACE_USAGE_H

#include "almanac/demand.h"

struct alm_trace_usage;

/* WHOLE must outlive OUT. ALM_EUNSUPPORTED when no unit has a row. Reads two rows of each unit. */
int alm_trace_usage_open(const struct alm_demand *whole, struct alm_trace_usage **out, struct alm_err *e);

/* The behaviour of these units, numbered as they are here. WHOLE is that of the trace and must outlive U; NULL: none. */
int alm_trace_usage_behaviours(struct alm_trace_usage *u, const struct alm_behaviours *whole,
                               const struct alm_behaviours **out, struct alm_err *e);
const struct alm_demand *alm_trace_usage_demand(const struct alm_trace_usage *u);
void alm_trace_usage_close(struct alm_trace_usage *u); /* NULL is fine */

#endif
