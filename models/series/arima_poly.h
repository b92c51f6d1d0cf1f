/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_poly: the orders of an ARIMA model and the polynomials that follow from them.
 *
 * Meaning.  (1 - ar1 B - ...)(1 - sar1 B^s - ...)(1 - B)^d (1 - B^s)^D (y - m) = (1 + ma1 B + ...)(1 + sma1 B^s + ...) e.
 *           Coefficients stand in the order ar, ma, sar, sma. Expanded: w_t = sum phi_j w_{t-j} + e_t + sum theta_j e_{t-j},
 *           y_t = w_t + sum delta_j y_{t-j}; element j - 1 of an array belongs to lag j.
 * Source.   Barndorff-Nielsen, Schou (1973) and Monahan (1984) for the map between partial autocorrelations and coefficients; Durand (1960)
 *           and Kerner (1966) for all roots at once. */
#ifndef ALM_MODELS_ARIMA_POLY_H
#define ALM_MODELS_ARIMA_POLY_H

#include <stdbool.h>
#include <stddef.h>

#define ARIMA_ORDER 24      /* the largest p and q */
#define ARIMA_SEASONAL 6    /* the largest P and Q */
#define ARIMA_DIFFERENCES 3 /* the largest d and D */
#define ARIMA_PERIOD 2016   /* the largest s: a week of 5 minutes */
#define ARIMA_BLOCKS 4      /* ar, ma, sar, sma */
#define ARIMA_ARMA 60       /* 2 * ARIMA_ORDER + 2 * ARIMA_SEASONAL */

struct arima_order {
    size_t p, d, q, P, D, Q, s; /* s: 1 or more; without effect when P = D = Q = 0 */
};

/* How many coefficients the polynomials have, and how many each block has, in order ar, ma, sar, sma. */
size_t arima_coefficients(const struct arima_order *o);
void arima_blocks(const struct arima_order *o, size_t count[ARIMA_BLOCKS]);

/* Degrees of the expanded polynomials, and of the differencing. */
size_t arima_ar_degree(const struct arima_order *o);
size_t arima_ma_degree(const struct arima_order *o);
size_t arima_lost(const struct arima_order *o);

/* PHI[arima_ar_degree], THETA[arima_ma_degree] of the coefficients X; DELTA[arima_lost]. */
void arima_expand(const struct arima_order *o, const double *x, double *phi, double *theta);
void arima_delta(const struct arima_order *o, double *delta);

/* Whether 1 - sum phi_j z^j has its roots outside the unit circle; then PACF[p] are the partial autocorrelations. WORK[p]. */
bool arima_to_pacf(const double *phi, size_t p, double *pacf, double *work);
void arima_from_pacf(const double *pacf, size_t p, double *phi, double *work);

/* Whether all roots lie beyond the circle of radius RADIUS. WORK[3 * p]. */
bool arima_roots_beyond(const double *phi, size_t p, double radius, double *work);

/* THETA[q] of 1 + sum theta_j z^j with the roots inside the unit circle turned outside: the same autocorrelations. Q: ARIMA_ORDER at most. */
void arima_invert(double *theta, size_t q);

/* PSI[n]: psi_0 = 1, psi_1, ... */
void arima_psi(const double *phi, size_t p, const double *theta, size_t q, double *psi, size_t n);

#endif
