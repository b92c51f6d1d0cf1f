/* SPDX-License-Identifier: GPL-3.0-or-later
 * meet: values of one unit and time, from several tables or files, become one row.
 *
 * Meaning.  Values are put in any order. Those that are parts of a whole (cores of a machine, interfaces) add up; of
 *           others the first one counts. At the end rows go to the sink, by unit and then time as long as all fit.
 * Choice.   At most `most` rows are in memory. When they do not suffice, values go to files that have no name, in $TMPDIR
 *           or else in /tmp, by a hash of unit and time; each file is a smaller task of the same kind. So everything is
 *           read once, and written once for each factor of 16 by which rows exceed the memory.
 * Limits.   Disk: 32 bytes a value, and only when rows do not fit. */
#ifndef ALM_TRACES_MEET_H
#define ALM_TRACES_MEET_H

#include "almanac/resource.h"
#include "text/delimited.h"

#define ALM_MEET_ROWS ((size_t)2 << 20) /* 160 MB */

struct alm_meet;

int alm_meet_open(size_t most, struct alm_meet **out, struct alm_err *e);
void alm_meet_close(struct alm_meet *m); /* NULL is fine */

/* A value (finite, >= 0). Of values that do not ADD the first one counts; PLACE is the caller's number of where it stands. */
struct alm_meet_value {
    uint32_t unit;
    alm_time at;
    enum alm_resource resource;
    bool add;
    double value;
    uint64_t place;
};
int alm_meet_put(struct alm_meet *m, const struct alm_meet_value *v, struct alm_err *e);

/* Hand on all rows and forget them. */
int alm_meet_flush(struct alm_meet *m, struct alm_batch *b, struct alm_err *e);

/* How many values were left aside for an earlier one in all that was flushed, and the least PLACE of one. */
uint64_t alm_meet_left(const struct alm_meet *m, uint64_t *place);

#endif
