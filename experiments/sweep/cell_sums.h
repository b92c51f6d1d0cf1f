/* SPDX-License-Identifier: GPL-3.0-or-later
 * cell_sums: the sums of a unit by name: what files of cells and of results hold of struct metrics_unit. */
#ifndef ALM_SWEEP_CELL_SUMS_H
#define ALM_SWEEP_CELL_SUMS_H

#include "experiments/metrics.h"

struct cell_sum {
    const char *name; /* "cpu_limit" */
    size_t offset;    /* in struct metrics_unit */
    bool whole;       /* a uint64_t, else a double */
    const char *unit; /* of a column */
    bool later;       /* files of earlier versions do not have it: 0 */
};

const struct cell_sum *cell_sums(size_t *count);

double cell_sum_real(const struct cell_sum *s, const struct metrics_unit *u);
uint64_t cell_sum_whole(const struct cell_sum *s, const struct metrics_unit *u);
void cell_sum_set_real(const struct cell_sum *s, struct metrics_unit *u, double value);
void cell_sum_set_whole(const struct cell_sum *s, struct metrics_unit *u, uint64_t value);

#endif
