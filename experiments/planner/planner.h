/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner: what a fleet would need under today's limits, under a policy, and under perfect foresight.
 *
 * Meaning.  Three simulations of one workload, with the same platform, seed and times of decision:
 *           today   `static`: each unit has the cores and the memory that the trace says
 *           policy  the one that is asked about
 *           oracle  the true demand of the time to the next decision, and nothing more: a bound that no policy can reach
 *           and of each: limits over time (planner_limits.h), machines (planner_need.h), core-hours, memory-hours, money, harm.
 *           Savings are against today, over units that have decisions: the interval is a 95 % percentile bootstrap over units,
 *           as if the fleet were another draw of such units.
 * Choice.   Each simulation leaves its run file, and limits are read from it: what is planned is what was recorded.
 * Limits.   Machines have no interval: a fleet is packed once. */
#ifndef ALM_PLANNER_H
#define ALM_PLANNER_H

#include "experiments/planner/planner_need.h"
#include "experiments/simulation_trace.h"
#include "experiments/statistics/estimate.h"

enum planner_side_name { PLANNER_TODAY, PLANNER_POLICY, PLANNER_ORACLE, PLANNER_SIDES };

/* "today", "policy", "oracle". */
const char *planner_side_word(enum planner_side_name side);

/* Per core-hour and GiB-hour of limits; 0: free. */
struct planner_prices {
    double cpu, memory;
};

/* What is counted in hours of limits, and their price. */
enum planner_good { PLANNER_CORE_HOURS, PLANNER_GIB_HOURS, PLANNER_MONEY, PLANNER_GOODS };

struct planner_saving {
    struct estimate amount, share; /* of today's; NaN where there is nothing to save */
};

/* Of demand that is known, over time with a limit. Throttled: hours of all units. */
struct planner_harm {
    struct estimate above[2]; /* share of time with demand above the limit */
    struct estimate oom_kills_per_unit_day, throttled_hours;
    uint64_t oom_kills;
};

struct planner_side {
    bool there;
    char absent[160]; /* why it is not */
    char policy[1024];
    struct planner_limits limits;
    struct planner_harm harm;
    double total[PLANNER_GOODS];
    struct planner_saving saving[PLANNER_GOODS]; /* against today; NaN when today is not there */
    double unlimited[2], unknown[2];             /* share of unit-time, see planner_limits.h */
    struct planner_need *need;                   /* [machines] */
    double *price;                               /* [machines]: of the peak, over all the time; NaN without a price */
    size_t best;                                 /* the kind of machine that is cheapest and can hold all units */
    bool fits;                                   /* there is one that can */
};

struct planner_request {
    struct simulation_config *config[PLANNER_SIDES];
    const struct simulation_load *load;
    const char *folder; /* where run files go: today.h5, policy.h5, oracle.h5 */
    const struct planner_machine *machine;
    size_t machines;
    double headroom; /* share of each machine that is kept free */
    struct planner_prices prices;
    const volatile int *stop;
    void (*progress)(void *ctx, double done);
    void *progress_ctx;
};

struct planner {
    size_t units, undecided; /* undecided: lived too short for a decision, and are left out */
    alm_time from, end;
    uint32_t resources;
    struct planner_side side[PLANNER_SIDES];
};

/* P is zeroed; to be released also after a failure. ALM_EINVAL when no unit has a decision. cost  three simulations, and for
 * each kind of machine a packing at each instant at which a limit changes. */
int planner_run(const struct planner_request *q, struct planner *p, struct alm_err *e);
void planner_free(struct planner *p, size_t machines);

/* Hours of SIDE's unit: core-hours, GiB-hours or money. */
double planner_unit_total(const struct planner_unit *unit, const struct planner_prices *prices, enum planner_good good);

/* The N units with a decision, those that save most first: by money, without prices by core-hours; in order of the trace where
 * today is not there. ORDER has room for p->units. */
int planner_order(const struct planner *p, const struct planner_prices *prices, uint32_t *order, size_t *n,
                  struct alm_err *e);

#endif
