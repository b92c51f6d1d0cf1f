/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_fit: a seasonal ARIMA model with regressors: estimate it, or evaluate it where told; forecast; residuals.
 *
 * Meaning.  y_t = m + b t + Fourier pairs + regressors + ARIMA errors; t counts from 1. Coefficients stand in the order ar, ma, sar, sma,
 *           mean, drift, c1, s1, c2, s2, ..., regressors. The mean is that of the process. sigma2 is divided by `nobs`: values that are not
 *           missing less those lost to differencing. loglik is exact for the differenced series; with a gap and differencing it is
 *           that of a diffuse start, up to a constant that depends on where the gaps are.
 *           Method css minimises the conditional sum of squares; its loglik is not comparable with that of ml, and it has no AIC.
 * Choice.   Regression coefficients are profiled out by generalised least squares, so the search is over the ARMA part alone, which is
 *           mapped to partial autocorrelations: each point tried is stationary, and each answer invertible. The exact likelihood is a sum of
 *           squares of v / sqrt(F) times the n-th root of the determinant, so Levenberg's and Marquardt's method serves both it and
 *           the conditional sum. Several starts, since near-cancelling roots make more than one summit.
 * Limits.   d and D do not mix with a mean. What differencing turns into nothing (a drift with d + D > 1) is refused as collinear.
 * Source.   Box, Jenkins (1976); Hannan, Rissanen (1982); Golub, Pereyra (1973) for the profile. */
#ifndef ALM_MODELS_ARIMA_FIT_H
#define ALM_MODELS_ARIMA_FIT_H

#include "almanac/error.h"

#include "arima_poly.h"
#include "series_model.h"

enum arima_method { ARIMA_ML, ARIMA_CSS, ARIMA_CSS_ML };

struct arima_spec {
    struct arima_order order;
    bool mean, drift;
    size_t fourier;          /* pairs, of period order.s */
    size_t regressors;       /* further columns */
    const double *regressor; /* [regressors * n], column by column */
    enum arima_method method;
    const double *fixed; /* [coefficients]; NaN: to estimate. NULL: all are */
    const double *start; /* [ar, ma, sar, sma] from an earlier fit, or NULL */
    bool without_errors; /* leave the standard errors out */
    bool quick;          /* a third of the starts: for ranking models */
    bool rough;          /* one start and few steps: the same */
};

struct arima_fit; /* owns what it needs, except further regressors */

struct arima_result {
    struct arima_order order;
    bool mean, drift;
    size_t fourier, regressors;
    size_t arma, coefficients; /* ar + ma + sar + sma; all */
    double coefficient[SERIES_COEFFICIENTS], se[SERIES_COEFFICIENTS];
    double sigma2, sigma, loglik, aic, aicc, bic; /* sigma is there where its square is too small a number */
    size_t n, nobs, estimated;                    /* estimated: coefficients that were not given */
    size_t evaluations;                           /* of the likelihood or the conditional sum, over all rows */
    bool converged, constant;                     /* constant: nothing is left to explain; sigma2 is 0 */
};

/* How many coefficients SPEC has, and the name of number I. */
size_t arima_spec_coefficients(const struct arima_spec *spec);
void arima_coefficient_name(const struct arima_spec *spec, size_t i, char out[24]);

/* ALM_EINVAL: orders that are too large or do not fit the series; ALM_EDATA: nothing but missing values, an infinite one, values whose
 * squares overflow. Cost: some tens of evaluations. */
int arima_fit(const struct arima_spec *spec, const double *y, size_t n, struct arima_fit **out, struct alm_err *e);
const struct arima_result *arima_fit_result(const struct arima_fit *f);
void arima_fit_free(struct arima_fit *f);

/* MEAN[h] and SE[h] of the values after the last. FUTURE[regressors * h], column by column, or NULL without regressors. */
int arima_forecast(const struct arima_fit *f, const double *future, size_t h, double *mean, double *se,
                   struct alm_err *e);

/* R[n]: v / sqrt(F), in the series' unit; NaN where there is none. */
int arima_residuals(const struct arima_fit *f, double *r, struct alm_err *e);

/* What continues the series: ARMA state [r], last values of the series less its regression, newest first [lost], in the series' unit. */
int arima_last_state(const struct arima_fit *f, double *state, double *last, struct alm_err *e);

#endif
