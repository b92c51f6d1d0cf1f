/* SPDX-License-Identifier: GPL-3.0-or-later
 * error_pool: how often errors of each size occur, over many units.
 *
 * Meaning.  Errors are in units of the spread that was expected, so that those of one unit tell of another's. Counts by size; sizes are
 *           finest near 0 (steps of 0.03 at 1) and end at 16.
 * Choice.   When a million are held each counts half: old ones fade, counts stay exact in floats. */
#ifndef ALM_MODELS_ERROR_POOL_H
#define ALM_MODELS_ERROR_POOL_H

#include <stdbool.h>
#include <stddef.h>

enum { ERROR_SIZES = 512 };

/* Plain bytes; zero is "none". */
struct error_pool {
    double errors; /* how many */
    float count[ERROR_SIZES];
};

/* NaN is left out. */
void error_pool_put(struct error_pool *pool, double error);

/* The largest error of size K < ERROR_SIZES. */
double error_pool_size(size_t k);

/* The errors between which all lie; false when there are none. */
struct error_range {
    double least, most;
};
bool error_pool_range(const struct error_pool *pool, struct error_range *out);

#endif
