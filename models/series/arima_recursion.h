/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_recursion: errors of an ARMA process from the lags that have a coefficient, and inner products: the loops that a fit spends its time in.
 *
 * Choice.   Lags of values are passes without a dependency; so are those of errors that reach back further than a block. Only the short lags
 *           of errors go one after the other, with the last errors at hand. Sums go in four lanes, always the same, so that no compiler
 *           changes them. */
#ifndef ALM_MODELS_ARIMA_RECURSION_H
#define ALM_MODELS_ARIMA_RECURSION_H

#include <stddef.h>

/* Coefficients that are not 0, longest lag first. */
struct arima_taps {
    size_t count;
    size_t *lag;
    double *value;
};

void arima_find_taps(struct arima_taps *t, const double *a, size_t n);

/* v_t = w_t - sum ar w_{t-lag} - sum ma v_{t-lag} for FROM <= t < TO; no lag may reach before row 0. */
void arima_recur(const struct arima_taps *ar, const struct arima_taps *ma, const double *w, size_t from, size_t to,
                 double *v);

/* TO[n] -= BY x; the two do not overlap. */
void arima_subtract(double *restrict to, double by, const double *restrict x, size_t n);

double arima_dot(const double *a, const double *b, size_t n);

#endif
