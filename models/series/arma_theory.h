/* SPDX-License-Identifier: GPL-3.0-or-later
 * arma_theory: the autocorrelations that follow from the coefficients of an ARMA process. (Weights of past shocks: arima_psi.)
 *
 * Source.   Brockwell, Davis, "Time series: theory and methods" (1991), section 3.3. */
#ifndef ALM_MODELS_SERIES_ARMA_THEORY_H
#define ALM_MODELS_SERIES_ARMA_THEORY_H

#include <stdbool.h>
#include <stddef.h>

/* X_t = sum phi_j X_{t-j} + e_t + sum theta_j e_{t-j}. */
struct arma {
    const double *phi, *theta;
    size_t p, q;
};

/* ACF[lags], lag 1 first. False: not stationary, or no memory. Cost: (lags + q) (p + q^2). */
bool series_arma_acf(const struct arma *a, size_t lags, double *acf);

#endif
