/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_data: a series and its regressors made ready for the likelihood: trimmed, differenced, scaled, regressors orthogonal.
 *
 * Meaning.  Missing values before the first and after the last value are cut off: they say nothing. Coefficients that are given are
 *           taken out of the series; what is left of the regression stands on orthogonal columns Q with X = Q R, less the least
 *           squares fit, in units of `scale`: so levels and trends cost no digits.
 * Limits.   Internal to the ARIMA model. */
#ifndef ALM_MODELS_ARIMA_DATA_H
#define ALM_MODELS_ARIMA_DATA_H

#include "arima_fit.h"
#include "arima_likelihood.h"

struct arima_data {
    size_t first, n, after;            /* values cut off before; rows kept; cut off after */
    size_t seen, nobs;                 /* values not missing; less those lost to differencing */
    size_t regressors;                 /* of the model */
    size_t active;                     /* whose coefficients are estimated */
    size_t which[SERIES_COEFFICIENTS]; /* [active] */
    double given[SERIES_COEFFICIENTS]; /* [regressors], 0 where estimated */
    bool gaps, constant;
    double scale;
    struct arima_columns level, differenced; /* the same without differencing */
    double *R;                               /* [active * active], upper, row-major */
    double *ordinary;                        /* [active] least squares, on the original columns */
    double *block;
};

/* FIXED: as in the spec. */
int arima_data_make(struct arima_data *a, const struct arima_spec *spec, const double *y, size_t n, struct alm_err *e);
void arima_data_free(struct arima_data *a);

/* Regressor J at time T, which counts from 1; COLUMNS holds the further regressors, N rows each, from time FROM. */
double arima_regressor(const struct arima_spec *spec, size_t j, size_t t, const double *columns, size_t n, size_t from);

/* Coefficients [regressors] in the series' unit of BETA[active] on the columns. */
void arima_data_beta(const struct arima_data *a, const double *beta, double *out);

#endif
