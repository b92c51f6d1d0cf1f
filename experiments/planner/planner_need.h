/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_need: how many machines of one kind a fleet needs over time.
 *
 * Meaning.  At each instant at which a limit changes or a unit comes or goes, the fleet is packed anew (planner_pack.h) into
 *           machines less the headroom; between them nothing changes. `peak` is the largest number of first-fit-decreasing and
 *           `peak_at` when it was first reached; `peak_low`: fewer cannot do, whatever the packing; `p95`: enough for 95 % of
 *           the time; `mean` what a fleet that grows and shrinks at once would have.
 * Limits.   Units move for free at each instant: a scheduler that never moves anything needs more. */
#ifndef ALM_PLANNER_NEED_H
#define ALM_PLANNER_NEED_H

#include "experiments/planner/planner_limits.h"

struct planner_machine {
    char name[ALM_MACHINE_NAME];
    double cores, memory; /* bytes */
    double price;         /* per hour; NaN: none is given */
};

struct planner_point {
    alm_time at;
    uint32_t low, high;
};

struct planner_need {
    uint32_t peak, peak_low, p95;
    alm_time peak_at;
    double mean;
    size_t too_large;            /* units with a limit above a machine at some time */
    uint32_t largest;            /* the unit that is most above it */
    uint64_t packings;           /* that were made */
    struct planner_point *point; /* when a number changes */
    size_t points;
};

/* What a unit can have of MACHINE when HEADROOM (0 .. 1) of it is kept free. */
struct planner_size planner_capacity(const struct planner_machine *machine, double headroom);

/* N is zeroed; free n->point after success. STOP may be NULL. ALM_EINTR. cost  one packing for each instant at which something
 * changes: n log n for n units. */
int planner_need_find(const struct planner_limits *l, const struct planner_machine *machine, double headroom,
                      const volatile int *stop, struct planner_need *n, struct alm_err *e);

#endif
