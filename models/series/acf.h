/* SPDX-License-Identifier: GPL-3.0-or-later
 * acf: how a series hangs together with itself: autocorrelations, partial ones, and tests that there are none.
 *
 * Meaning.  Lag 1 first. Autocovariances are sums over pairs divided by the number of values, so that the matrix of them is never
 *           indefinite; with missing values (not finite) the sum goes over the pairs that are there and is divided by their number plus the lag, as
 *           acf() of R does with na.pass. NaN throughout for a constant series.
 * Source.   Box, Pierce (1970); Ljung, Box (1978); Durbin (1960) for the recursion. */
#ifndef ALM_MODELS_SERIES_ACF_H
#define ALM_MODELS_SERIES_ACF_H

#include <stdbool.h>
#include <stddef.h>

/* ACF[lags]; NaN where a lag has no pair. False: no memory. Cost: n * lags. */
bool series_acf(const double *y, size_t n, size_t lags, double *acf);

/* PACF[lags] from ACF[lags] (may be the same). False: no memory. Cost: lags^2. */
bool series_pacf(const double *acf, size_t lags, double *pacf);

/* n (n + 2) sum r_k^2 / (n - k) (Ljung-Box) or n sum r_k^2 (Box-Pierce) of R[lags] of N values that were not missing. NaN: lags >= n. */
double series_ljung_box(const double *acf, size_t lags, size_t n);
double series_box_pierce(const double *acf, size_t lags, size_t n);

/* The chance of a larger statistic when nothing hangs together: chi-squared with LAGS less FITTED parameters. NaN: LAGS <= FITTED. */
double series_portmanteau_p(double statistic, size_t lags, size_t fitted);

#endif
