/* SPDX-License-Identifier: GPL-3.0-or-later
 * t_test: means of paired and of independent values, by Student's t.
 *
 * Source.   Student (1908); Welch (1947). Conventions are those of R's t.test, two-sided. */
#ifndef ALM_STATISTICS_T_TEST_H
#define ALM_STATISTICS_T_TEST_H

#include "experiments/statistics/estimate.h"

#include <stddef.h>

struct t_result {
    struct estimate difference; /* of means */
    double statistic, df, p;
};

/* Of N differences D. NaN below two, p 1 and 0 where they do not vary and are zero or not. */
struct t_result t_paired(const double *d, size_t n, double level);
struct t_result t_welch(const double *a, size_t n, const double *b, size_t m, double level);

/* Geometric mean of a[i] / b[i], both > 0, with the interval of the mean of logarithms. NaN otherwise. */
struct estimate geometric_mean_ratio(const double *a, const double *b, size_t n, double level);

double t_quantile(double p, double df);
double normal_quantile(double p);

#endif
