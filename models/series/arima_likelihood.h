/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_likelihood: one-step prediction errors of a series under given coefficients, and the likelihood they make.
 *
 * Meaning.  Four ways to the errors v_t and their variances F_t (in units of sigma2):
 *           exact        a differenced series without gaps, O(r) a step, until F is 1 to 1e-12; then O(nonzero lags)
 *           gaps         a series with missing values, not differenced: Kalman filter, differencing in the state, started
 *                        exactly diffuse; O((r + lost)^2) a step where it is not steady. A step that only resolves the
 *                        unknown start counts neither in sum nor number, as in R
 *           conditional  the first lost + p + s P errors are set to 0 and left out; an error is missing where the value or one of the
 *                        last p + s P is, and with an MA part all after it are, as in R
 *           bridged      the same, but missing errors count as 0: to start from
 *           Regressors are further columns, filtered alike; their coefficients are then those of generalised least squares.
 * Choice.   All memory is taken once. Sums of log F are kept as a product whose exponent is taken out when large.
 * Source.   Morf, Sidhu, Kailath (1974) and Pearlman (1980) for the O(r) recursion; Koopman (1997) for the diffuse start; Levinson's
 *           recursion backwards for the autocovariances. */
#ifndef ALM_MODELS_ARIMA_LIKELIHOOD_H
#define ALM_MODELS_ARIMA_LIKELIHOOD_H

#include "arima_poly.h"
#include "arima_recursion.h"

enum arima_way { ARIMA_EXACT, ARIMA_GAPS, ARIMA_CONDITIONAL, ARIMA_BRIDGED };

/* Column-major: the series, then the regressors. NaN in the series is a missing value. */
struct arima_columns {
    size_t n, count;
    const double *at; /* [count * n] */
};

struct arima_work {
    struct arima_order order;
    size_t p, q, r, lost, m;        /* r = max(p, q + 1), m = r + lost */
    size_t n, columns;              /* the most rows and columns there is room for */
    double *phi, *theta;            /* [r], zero beyond the degrees */
    double *delta;                  /* [lost] */
    struct arima_taps ar, ma, diff; /* of the nonzero elements, longest lag first */
    double *v;                      /* [columns * n] errors / sqrt(F), 0 where there is none */
    double *x;                      /* [columns * m] predicted state after the last row */
    double *P;                      /* [m * m] its covariance / sigma2; of ARIMA_GAPS, and of arima_end */
    double log_det;                 /* sum of log F */
    size_t count;                   /* terms in it */
    size_t done;                    /* evaluations since the workspace was made */
    double gamma0, *K, *L, *TL, *pacf, *rho, *gamma, *theta_acf, *scratch;
    double *P_inf, *M, *K0, *row;
    double *cross; /* [columns * columns] of generalised least squares */
    double *beta;  /* [columns] */
    void *block;
};

/* Room for N rows and COLUMNS columns; false: no memory. */
bool arima_work_make(struct arima_work *k, const struct arima_order *o, size_t n, size_t columns);
void arima_work_free(struct arima_work *k);

/* Take coefficients X. False: the AR part is not stationary (to rounding). */
bool arima_work_set(struct arima_work *k, const double *x);

/* Fill v, log_det, count and x. For ARIMA_EXACT and ARIMA_CONDITIONAL the columns are differenced, for ARIMA_GAPS they are not.
 * False: numbers overflow. */
bool arima_filter_columns(struct arima_work *k, enum arima_way way, const struct arima_columns *c);

/* Coefficients of the regressors by generalised least squares into BETA[columns - 1], and column 0 of v less what they explain; the sum
 * of squares of that. FIXED_BETA: take BETA as it is. NaN: the columns are collinear. */
double arima_gls(struct arima_work *k, const struct arima_columns *c, double *beta, bool fixed_beta);

/* As ARIMA_EXACT, and P: the covariance of the state after the last row. */
bool arima_end(struct arima_work *k, const struct arima_columns *c);

/* Parts that the Kalman filter shares: the stationary start P of the ARMA state (stride M), and one step x <- T x. */
void arima_start_covariance(const struct arima_work *k, double *P, size_t stride);
bool arima_gaps(struct arima_work *k, const struct arima_columns *c);

/* Solve A x = B, A symmetric [n * n], by Cholesky; both are overwritten. False: A is singular. */
bool arima_solve(double *a, size_t n, double *b);

/* log F summed without a logarithm a step: multiply PRODUCT by F, take its exponent into E when large. */
struct arima_log {
    double product;
    long exponent;
};
void arima_log_add(struct arima_log *s, double f);
double arima_log_sum(const struct arima_log *s);

#endif
