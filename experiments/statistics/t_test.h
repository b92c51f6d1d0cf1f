/* SPDX-License-Identifier: GPL-3.0-or-later
 * t_test: means of paired and of independent values, by Student's t.
 *
 * Meaning.  All two-sided. A mean is told from one value on, its interval and p from two on; everything is NaN where a
 *           value is not finite or the level not between 0 and 1. Values that do not vary: the interval is the
 *           difference alone, and p is 1 where that is zero (statistic 0), else 0 (statistic infinite).
 * Limits.   The t interval holds its level for values near normal; for few and skewed ones it misses more often on the
 *           long side.
 * Source.   Student (1908); Welch (1947). Conventions are those of R's t.test, which refuses values that do not
 *           vary. */
#ifndef ALM_STATISTICS_T_TEST_H
#define ALM_STATISTICS_T_TEST_H

#include "experiments/statistics/estimate.h"

#include <stddef.h>

struct t_result {
    struct estimate difference; /* of means */
    double statistic, df, p;
};

/* Of N differences D. */
struct t_result t_paired(const double *d, size_t n, double level);

/* Mean of A less mean of B. */
struct t_result t_welch(const double *a, size_t n, const double *b, size_t m, double level);

/* Geometric mean of a[i] / b[i], both > 0, with the interval of the mean of logarithms. NaN otherwise. O(n) memory;
 * NaN too where there is none. */
struct estimate geometric_mean_ratio(const double *a, const double *b, size_t n, double level);

/* NaN where P is not between 0 and 1 or DF not above 0. */
double t_quantile(double p, double df);
double normal_quantile(double p);

#endif
