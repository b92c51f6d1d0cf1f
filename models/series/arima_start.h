/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_start: coefficients to begin a search from.
 *
 * Limits.   Internal to the ARIMA model. */
#ifndef ALM_MODELS_ARIMA_START_H
#define ALM_MODELS_ARIMA_START_H

#include "arima_poly.h"

/* Hannan and Rissanen: errors of a long autoregression, then least squares of W on its own past and theirs, seasonal lags included,
 * products of both left out. NUMBER 0 to 2: a long autoregression of usual length, a shorter, a longer one. X may lie outside the stationary region. False: the series is too short, or singular, or no memory. */
bool arima_hannan_rissanen(const struct arima_order *o, const double *w, size_t n, size_t number, double *x);

/* Start NUMBER, 0, 1, ..., from a small list of typical coefficients; false: there is none. */
bool arima_typical_start(const struct arima_order *o, size_t number, double *x);

#endif
