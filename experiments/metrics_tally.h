/* SPDX-License-Identifier: GPL-3.0-or-later
 * metrics_tally: what a run keeps of all units together: how its envelopes did by stated confidence, and its cost by day.
 *
 * Meaning.  /reliability of a run file has a row for each resource and step of stated confidence in which there are windows.
 *           /days has a row for each resource and day: day 0 is that of a unit's first sample, by the trace's clock, so that units which
 *           come later are aligned; sums are over all units. It shows what a learner gains as it sees more.
 * Choice.   Whole numbers, so that the order of adding, of batches and of threads, changes no digit: 1e-6 s, 1e-9 of confidence,
 *           1e-6 cores or 1 KiB.
 * Limits.   Days after METRICS_DAYS are left out; amounts above 2^40 of these units in one unit's day count as that. */
#ifndef ALM_EXPERIMENTS_METRICS_TALLY_H
#define ALM_EXPERIMENTS_METRICS_TALLY_H

#include "almanac/error.h"
#include "almanac/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define METRICS_LEVELS 15
#define METRICS_DAYS 3660

/* Windows whose stated confidence lies in one step. */
struct metrics_level {
    uint64_t windows, covered, confidence; /* confidence: their sum, 1e-9 */
};

struct metrics_day {
    uint64_t seconds, judged, overrun_seconds; /* scored time; that of it of which overruns are known; 1e-6 s */
    uint64_t limit, slack;                     /* integrals */
    uint64_t windows, covered, confidence;     /* with a stated confidence */
    uint64_t loss, value;                      /* pinball losses, and the values that they are of */
};

/* All zero is empty and good to use. */
struct metrics_tally {
    struct metrics_level level[2][METRICS_LEVELS];
    struct metrics_day (*day)[2]; /* [days] */
    size_t days;
};

/* What one unit adds to a day, in seconds, cores and bytes. `overrun_seconds` may be NaN: not known. */
struct metrics_day_of_unit {
    double seconds, overrun_seconds, limit, slack, confidence, loss, value;
    uint64_t windows, covered;
};

/* Room for DAYS days, more than METRICS_DAYS are not taken. */
int metrics_tally_room(struct metrics_tally *t, size_t days, struct alm_err *e);
void metrics_tally_free(struct metrics_tally *t);

void metrics_tally_window(struct metrics_tally *t, int resource, double confidence, bool covered);
void metrics_tally_day(struct metrics_tally *t, size_t day, int resource, const struct metrics_day_of_unit *x);
int metrics_tally_merge(struct metrics_tally *a, const struct metrics_tally *b, struct alm_err *e);

/* The two tables of a run file. Read: ALM_NOT_YET when the file has none, being older; ALM_EDATA when they cannot be. OUT is
 * empty before. */
int metrics_tally_write(const struct metrics_tally *t, struct alm_table *file, struct alm_err *e);
int metrics_tally_read(struct alm_table *file, struct metrics_tally *out, struct alm_err *e);

/* Mean of what was stated; share of windows in which it held. NaN without windows. */
double metrics_level_stated(const struct metrics_level *l);
double metrics_level_held(const struct metrics_level *l);

/* slack_relative, overrun_time_share, pinball_loss of a day; NaN where there is nothing to divide by. */
enum metrics_cost { METRICS_COST_SLACK, METRICS_COST_OVERRUN, METRICS_COST_LOSS, METRICS_COSTS };
double metrics_day_cost(const struct metrics_day *d, enum metrics_cost cost);

#endif
