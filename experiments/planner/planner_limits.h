/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_limits: the limits that a run decided, over time, and what is recommended for each unit.
 *
 * Meaning.  A unit counts from its first decision to its last sample; before and after it needs nothing. Where a decision left a
 *           resource without a limit, what the trace says of the unit stands in for it, since that is what it keeps until
 *           somebody limits it; where that is not known either it counts as nothing, and the time is counted as `unknown`.
 *           The recommended envelope is the last decision, and the range from the 5th to the 95th percentile of decisions over
 *           the unit's last day, by time, widened to hold the last decision.
 * Choice.   What was decided, not what a kernel makes of it: a plan is written in what is asked for.
 * Limits.   All steps are held in memory, 32 bytes each. */
#ifndef ALM_PLANNER_LIMITS_H
#define ALM_PLANNER_LIMITS_H

#include "almanac/unit.h"

#include "experiments/planner/planner_pack.h"
#include "experiments/run_file.h"

/* From `at` on UNIT needs `size`. */
struct planner_step {
    alm_time at;
    uint32_t unit, nth; /* nth: of its unit, so that steps of one time stay in order */
    struct planner_size size;
};

struct planner_unit {
    char *name, *code;
    double own[2];      /* cores, bytes as the trace says; NaN when not known */
    alm_time from, end; /* ALM_TIME_NONE: it never had a decision */
    struct planner_size last, low, high;
    uint32_t limited;     /* ALM_BIT per resource: the last decision has a limit */
    double hours[2];      /* integral: core-hours, byte-hours */
    double unknown[2];    /* hours without a limit and without a word of the trace */
    double unlimited[2];  /* hours without a limit */
    double confidence[2]; /* of the last envelope that was recorded; NaN: none, or not stated */
    char *reason;
};

struct planner_limits {
    size_t units, steps, room;
    struct planner_unit *unit;
    struct planner_step *step; /* by time, then unit */
    alm_time from, end;        /* of all units; `end` <= `from` when no unit has a decision */
};

/* Read the run file PATH of a run over UNIT[COUNT]. L is zeroed; to be released also after a failure. */
int planner_limits_read(const char *path, const struct alm_unit *unit, size_t count, struct planner_limits *l,
                        struct alm_err *e);
void planner_limits_free(struct planner_limits *l);

/* The least of VALUE[N] below or at which SHARE of the weight lies. Sorts both; N > 0. */
struct planner_weighed {
    int64_t value;
    double weight;
};
int64_t planner_percentile(struct planner_weighed *value, size_t n, double share);

#endif
