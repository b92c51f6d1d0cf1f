/* SPDX-License-Identifier: GPL-3.0-or-later
 * counts: the wide part of a table: how often something was called in each period of a day.
 *
 * Meaning.  Columns are headed by minutes of the day from 1, "25", or by ranges of them, "1-288"; they ascend and do not
 *           overlap. A cell holds a whole number of calls in that period; 0 is most frequent by far.
 * Choice.   Runs of "0," are passed over eight bytes at a time, since a day of 46 000 functions has 66 million cells.
 * Limits.   Separator ','; cells not quoted. A day has 1440 minutes. */
#ifndef ALM_TRACES_COUNTS_H
#define ALM_TRACES_COUNTS_H

#include "text/rows.h"

#define ALM_COUNTS_MINUTES 1440

/* A cell that is not 0. */
struct alm_count {
    uint32_t period, calls;
};

struct alm_counts {
    size_t periods, cells;
    struct {
        alm_time start, length;
    } period[ALM_COUNTS_MINUTES];
    struct alm_count cell[ALM_COUNTS_MINUTES]; /* of the newest row, in order */
    uint64_t total;                            /* of the newest row */
};

/* The periods from the header of R, a table whose format has `split`: all columns behind that many. */
int alm_counts_header(struct alm_counts *c, struct alm_rows *r, size_t split, struct alm_err *e);

/* The counts of the newest row of R; a cell above MOST is not believed. ALM_END: the row was dropped (bad=drop). */
int alm_counts_row(struct alm_counts *c, struct alm_rows *r, size_t split, int64_t most, bool drop, struct alm_err *e);

#endif
