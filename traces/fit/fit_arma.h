/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_arma: the ARMA process whose autocorrelations are nearest to those given.
 *
 * Choice.   Candidates are AR(1), AR(2) and AR(3) by Yule-Walker and ARMA(1,1); the nearest in the largest difference over
 *           the lags wins, each coefficient costing a hundredth. Long lags count as much as short ones: what a
 *           right-sizer meets hours later matters more than the variance of one-step errors.
 * Source.   Box and Jenkins (1976), 3.2.3 (Yule-Walker) and 3.4.3 (ARMA(1,1)). */
#ifndef ALM_FIT_ARMA_H
#define ALM_FIT_ARMA_H

#include "synthesis/usage_noise.h"

#define ALM__FIT_LAGS 24

/* RHO[0 .. ALM__FIT_LAGS], RHO[0] = 1; NaN from the first lag that is not known on. Without any the process is white. */
void alm__fit_arma(const double *rho, struct alm__arma *out);

/* Autocorrelations of A at lags 0 .. LAGS. */
void alm__arma_acf(const struct alm__arma *a, size_t lags, double *rho);

#endif
