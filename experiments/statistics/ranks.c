/* SPDX-License-Identifier: GPL-3.0-or-later
 * ranks: see the header. */
#include "experiments/statistics/ranks.h"

#include <gsl/gsl_sort_double.h>
#include <math.h>

double doubled_ranks(const double *x, size_t n, size_t *order, uint32_t *rank)
{
    double ties = 0;
    gsl_sort_index(order, x, 1, n);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && x[order[j]] == x[order[i]];)
            j++;
        for (size_t k = i; k < j; k++)
            rank[order[k]] = (uint32_t)(i + 1 + j);
        const double t = (double)(j - i);
        ties += t * t * t - t;
    }
    return ties;
}

bool any_nan(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(x[i]))
            return true;
    return false;
}
