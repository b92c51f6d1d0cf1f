/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_pack: how many equal machines hold units with given limits of CPU and memory.
 *
 * Meaning.  Two numbers with the least possible one between them. `low`: no packing needs fewer: the total divided by a
 *           machine's capacity, rounded up, of each resource, and the number of units that are larger than half a machine,
 *           no two of which fit together. `high`: what first-fit-decreasing needs: units in order of their largest share of a
 *           machine, each on the first machine with room.
 * Choice.   Whole millicores and bytes, so that a sum that fits exactly does, on every machine and in every order. A unit that
 *           is larger than a machine counts as one machine of its own, and is said.
 * Source.   Coffman, Garey, Johnson (1984), "Approximation algorithms for bin packing", and Panigrahy, Talwar, Uyeda, Wieder
 *           (2011), "Heuristics for vector bin packing", FFD by the largest share. */
#ifndef ALM_PLANNER_PACK_H
#define ALM_PLANNER_PACK_H

#include "almanac/error.h"

#include <stddef.h>
#include <stdint.h>

/* Millicores and bytes. */
struct planner_size {
    int64_t of[2];
};

struct planner_pack;

/* A packer of at most UNITS units on machines of CAPACITY (> 0). */
int planner_pack_new(size_t units, struct planner_size capacity, struct planner_pack **out, struct alm_err *e);
void planner_pack_free(struct planner_pack *p); /* NULL is fine */

struct planner_packed {
    uint32_t low, high;
    uint32_t too_large; /* units larger than a machine */
};

/* SIZE[COUNT] >= 0; units without size need no machine. cost  O(n log n) to sort, and O(log m) a unit in the usual case, where
 * machines with room for the CPU have room for the memory; O(m) in the worst. */
struct planner_packed planner_pack(struct planner_pack *p, const struct planner_size *size, size_t count);

#endif
