/* SPDX-License-Identifier: GPL-3.0-or-later
 * behaviour_reader: recorded behaviour, shown as time passes.
 *
 * Meaning.  Each read shows the records stamped after the one before, up to now: as probes would have given them, sorted by
 *           unit, time, function.
 * Choice.   Records are read ahead, a block of each unit at a time: all blocks take some 32 MiB, or 4 records a unit when
 *           there are many. What happens to a unit on the platform does not change its records.
 * Limits.   Probes are not slowed, lost or noisy. */
#ifndef ALM_SIM_BEHAVIOUR_READER_H
#define ALM_SIM_BEHAVIOUR_READER_H

#include "almanac/demand.h"

struct sim_behaviour_reader {
    const struct alm_behaviours *source; /* NULL: nothing is recorded */
    size_t units, block;
    struct sim_behaviour_cursor *cursor; /* [units] */
    struct alm_behaviour *ahead;         /* [units * block] */
    struct alm_behaviour *shown;
    size_t count, room;
};

/* SOURCE (may be NULL) is of UNITS units. ALM_ENOMEM, then close does no harm. */
int sim_behaviour_open(struct sim_behaviour_reader *r, const struct alm_behaviours *source, size_t units,
                       struct alm_err *e);
void sim_behaviour_close(struct sim_behaviour_reader *r);

/* shown[count] gets the records stamped after the last NOW up to this one; valid until the next call. O(units + count). */
int sim_behaviour_read(struct sim_behaviour_reader *r, alm_time now, struct alm_err *e);

#endif
