/* SPDX-License-Identifier: GPL-3.0-or-later
 * curve: draw values of which only some percentiles are known.
 *
 * Meaning.  The quantile function through the known points, piecewise linear in the value, or in its logarithm; flat
 *           before the first and behind the last point. A value is its quantile at a uniform number.
 * Choice.   Logarithms by default: between p99 = 1 s and p100 = 1000 s a straight line puts the mean at 500 s, where
 *           durations have it at 145 s. Between points of which one is 0 the line is straight.
 * Limits.   ALM_CURVE_POINTS points. */
#ifndef ALM_TRACES_CURVE_H
#define ALM_TRACES_CURVE_H

#include <stdbool.h>
#include <stddef.h>

#define ALM_CURVE_POINTS 8

struct alm_curve {
    size_t points; /* 0: nothing is known */
    double p[ALM_CURVE_POINTS], value[ALM_CURVE_POINTS];
};

/* From N percentiles (0 .. 100, ascending) and their values >= 0; NaN: not known. False when the values do not ascend:
 * then each counts as at least the one before. */
bool alm_curve_make(const double *percentile, const double *value, size_t n, struct alm_curve *out);

/* The value at the quantile U in [0, 1]; NaN when nothing is known. */
double alm_curve_at(const struct alm_curve *c, double u, bool logarithms);

#endif
