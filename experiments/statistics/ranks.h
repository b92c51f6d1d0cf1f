/* SPDX-License-Identifier: GPL-3.0-or-later
 * ranks: mean ranks, doubled so that they are whole numbers. */
#ifndef ALM_STATISTICS_RANKS_H
#define ALM_STATISTICS_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Twice the mean rank of each X[n], 2 the least; ORDER[n] becomes the indices by ascending value. Returns the sum of
 * t^3 - t over groups of t equal values. No NaN. */
double doubled_ranks(const double *x, size_t n, size_t *order, uint32_t *rank);

bool any_nan(const double *x, size_t n);

#endif
