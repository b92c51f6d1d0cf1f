/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression_loops: the loops over all rows in which a quantile regression spends its time. M is a multiple of RQ_BLOCK. */
#ifndef ALM_MODELS_QUANTILE_REGRESSION_LOOPS_H
#define ALM_MODELS_QUANTILE_REGRESSION_LOOPS_H

#include <stddef.h>

/* R[m] = y - X b. */
void rq_residuals(const double *x, size_t ld, size_t p, const double *y, const double *b, double *r, size_t m);

/* S[m] = X edge: how fast residuals fall along an edge. */
void rq_along(const double *x, size_t ld, size_t p, const double *edge, double *s, size_t m);

/* R[m] -= T S; M is anything. */
void rq_advance(double *r, const double *s, double t, size_t m);

/* The sum of COLUMN times WEIGHT. */
double rq_weighted(const double *column, const double *weight, size_t m);

/* TO[n] = FROM times SCALE; N is anything. */
void rq_scaled(const double *from, double scale, double *to, size_t n);

/* The largest |value|, or NaN when one is not finite. */
double rq_largest(const double *value, size_t n);

#endif
