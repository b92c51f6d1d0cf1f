/* SPDX-License-Identifier: GPL-3.0-or-later
 * meet: values of one unit and time, from several tables or files, become one row.
 *
 * Meaning.  Values are put in any order. Those that are parts of a whole (cores of a machine, interfaces) add up; of
 *           others the first one counts. At the end rows go to the sink by unit, then time.
 * Choice.   At most `most` rows are in memory. When they do not suffice, units with the higher numbers are put off: the
 *           caller reads its files again, as often as `alm_meet_flush` says, and each reading serves the next units.
 *           A file is read more than once only when it is large.
 * Limits.   The rows of one unit must fit. */
#ifndef ALM_TRACES_MEET_H
#define ALM_TRACES_MEET_H

#include "almanac/resource.h"
#include "text/delimited.h"

#define ALM_MEET_ROWS ((size_t)2 << 20) /* 160 MB */

struct alm_meet;

int alm_meet_open(size_t most, struct alm_meet **out, struct alm_err *e);
void alm_meet_close(struct alm_meet *m); /* NULL is fine */

/* A value (finite, >= 0) of UNIT. ALM_NOT_YET: there was one already, and this one is left aside (ADD false).
 * ALM_EDATA: one unit has more rows than fit. */
int alm_meet_put(struct alm_meet *m, uint32_t unit, alm_time at, enum alm_resource resource, double value, bool add,
                 struct alm_err *e);

/* How many values were left aside in the rows that were handed on so far. */
uint64_t alm_meet_left(const struct alm_meet *m);

/* Hand on all rows and forget them. *AGAIN: there are units that were put off, so put everything once more. */
int alm_meet_flush(struct alm_meet *m, struct alm_batch *b, bool *again, struct alm_err *e);

#endif
