/* SPDX-License-Identifier: GPL-3.0-or-later
 * shares: usage that is given as a share of a capacity, and the capacities.
 *
 * Meaning.  Tables of machines say what each can do; tables of usage say which part of it was used. What was put for a
 *           name waits until a row of usage needs it: a unit without usage is not made.
 * Choice.   A reading of a unit whose cores nobody knows cannot become cores: with a usual capacity (an option of the
 *           importer) it takes that, without one the row is dropped and counted.
 * Limits.   Memory grows with the number of names, not with the tables of usage. */
#ifndef ALM_TRACES_SHARES_H
#define ALM_TRACES_SHARES_H

#include "text/dataset.h"

struct alm_shares;

int alm_shares_open(struct alm_trace_sink *sink, struct alm_shares **out, struct alm_err *e);
void alm_shares_close(struct alm_shares *s); /* does not flush; NULL is fine */

/* Remember what ABOUT says of a unit; what is said later counts, NaN and an empty code say nothing. */
int alm_shares_put(struct alm_shares *s, const struct alm_unit_about *about, struct alm_err *e);

bool alm_shares_knows(const struct alm_shares *s, const struct alm_field *name);

/* What was put for ABOUT's name takes the place of what ABOUT says; where nothing is known both keep it. */
void alm_shares_fill(const struct alm_shares *s, struct alm_unit_about *about);

/* The unit ABOUT, added when new; further as alm_rows_about. Call alm_shares_fill before. */
int alm_shares_unit(struct alm_shares *s, struct alm_rows *r, const struct alm_unit_about *about, uint32_t *unit,
                    struct alm_err *e);

int alm_shares_add(struct alm_shares *s, uint32_t unit, const struct alm_trace_row *row, struct alm_err *e);
int alm_shares_flush(struct alm_shares *s, struct alm_err *e);
uint64_t alm_shares_rows(const struct alm_shares *s); /* how many were added */

/* Where a table of usage has what: places in its spec. */
struct alm_shares_table {
    size_t unit, time, cpu;
    size_t memory;       /* ALM_SHARES_NONE: not recorded */
    size_t code;         /* what the unit runs, or ALM_SHARES_NONE */
    const char *kind;    /* the unit is named KIND/NAME; NULL: NAME */
    double whole;        /* the share that is all: 100, or 1 */
    double cores, bytes; /* of units for which nothing was put; 0: their readings are dropped */
    alm_time shift;      /* added to each stamp: an interval where stamps are of its start */
    const char *unknown; /* the reason to note for such readings, a static string */
    const char *assumed; /* the sentence to report when `cores` or `bytes` were taken; lives as long as S */
};
#define ALM_SHARES_NONE SIZE_MAX

/* Read PATH, a table of usage that looks like FORMAT. */
int alm_shares_read(struct alm_shares *s, struct alm_rows_job *job, const char *path,
                    const struct alm_rows_format *format, const struct alm_shares_table *t, struct alm_err *e);

#endif
