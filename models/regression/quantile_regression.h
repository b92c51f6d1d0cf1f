/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression: linear quantiles, exact: the coefficients that minimise sum rho_tau(y - X b).
 *
 * Meaning.  rho_tau(u) = u (tau - [u < 0]). The minimum of a linear programme lies at a vertex, a hyperplane through as many rows
 *           as X has independent columns. An answer is optimal when the multipliers of those rows, with which the sum over all rows of
 *           multiplier times x is zero, lie in [tau - 1, tau] (the other rows have tau above and tau - 1 below the plane).
 *           That is checked for each answer, with residuals and multipliers computed anew from the vertex.
 * Choice.   A vertex of a sample is improved on a larger sample and at last on all rows, each time only among the rows near the plane:
 *           those far above and below count as a constant gradient until a look at all rows proves that none has changed sides
 *           (the globs of Portnoy and Koenker). The smallest sample is solved by steps from vertex to vertex, below
 *           15 columns, or else from where the interior point method ends.
 *           For an intercept alone a step is a selection: the order statistic in time proportional to the rows.
 *           Where several answers are as good, the one returned depends on the order of the rows and on nothing else.
 *           Dependent columns: the optimum whose coefficients have the least Euclidean norm among those with the same fitted values; where
 *           columns differ too much in size to compute that, those that depend on earlier ones have the coefficient 0.
 *           Rows with a value that is not finite are left out.
 *           Crossing of levels is undone at prediction, by sorting: the loss of rearranged quantiles is never larger.
 * Limits.   Columns count as dependent below 1e-10 of their size, in their order. Not far above it the optimum has few digits only and
 *           may be called not optimal: subtract large offsets. Coefficients or an objective that overflow are an error.
 *           `unique` is said of vertices without ties only; others may be unique and are not called so.
 * Source.   R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978); S. Portnoy, R. Koenker, "The Gaussian hare and
 *           the Laplacian tortoise", Statistical Science 12 (1997); V. Chernozhukov, I. Fernandez-Val, A. Galichon, "Quantile and
 *           probability curves without crossing", Econometrica 78 (2010). */
#ifndef ALM_MODELS_QUANTILE_REGRESSION_H
#define ALM_MODELS_QUANTILE_REGRESSION_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>

#define RQ_COLUMNS 256

/* X by columns: that of row I and column J is x[J * stride + I]. An intercept is a column of ones like any other. */
struct rq_data {
    const double *x, *y;
    size_t stride, n, p;
};

struct rq_result {
    double objective; /* sum rho_tau, not divided by the rows */
    size_t rows;      /* that are finite and were used */
    size_t rank;      /* independent columns */
    size_t negative;  /* residuals below zero, beyond 1e-9 of the largest |y| */
    size_t zero;      /* within it: the vertex and what is tied with it */
    size_t pivots;    /* steps from vertex to vertex, on samples too */
    bool optimal;     /* proved; false: the cap of steps was reached */
    bool unique;      /* proved: no ties at the vertex, full rank, multipliers strictly inside */
};

/* A workspace for up to ROWS rows and COLUMNS columns (at most RQ_COLUMNS): about 8 * ROWS * (2 * COLUMNS + 12) bytes. Used again without
 * allocation; what one fit leaves in it does not change the next. */
struct rq;
int rq_new(size_t rows, size_t columns, struct rq **out, struct alm_err *e);
void rq_free(struct rq *w);

/* B[p]. TAU within (0, 1). ALM_EINVAL: TAU, or more rows or columns than the workspace has; ALM_EDATA: no finite row, or
 * overflow. Fewer rows than columns, constant y and tied rows have an answer as any other. */
int rq_fit(struct rq *w, const struct rq_data *d, double tau, double *b, struct rq_result *out, struct alm_err *e);

/* LEVELS levels at once: TAU[levels] rising, B[levels * p] level by level, OUT[levels] or NULL. Each starts at the vertex of the one
 * below. After an error the levels from the one that failed on are as they were. */
int rq_fit_levels(struct rq *w, const struct rq_data *d, const double *tau, size_t levels, double *b,
                  struct rq_result *out, struct alm_err *e);

/* The same when B is near the answer, as when a few rows have changed; in and out. What is not finite counts as 0. */
int rq_refit_levels(struct rq *w, const struct rq_data *d, const double *tau, size_t levels, double *b,
                    struct rq_result *out, struct alm_err *e);

/* x'b. */
double rq_predict(const double *b, const double *x, size_t p);

/* Put the predicted quantiles Q[levels] of rising levels in rising order. */
void rq_rearrange(double *q, size_t levels);

#endif
