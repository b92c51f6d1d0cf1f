/* SPDX-License-Identifier: GPL-3.0-or-later
 * arma_theory: see the header.
 *
 * Choice.   Autocorrelations of the autoregression alone come from its partial ones, without a linear system; those of the whole are
 *           a double sum of them over the moving average. */
#include "arma_theory.h"

#include "arima_poly.h"

#include <math.h>
#include <stdlib.h>

/* RHO[0 .. last] of the autoregression alone, whose partial autocorrelations are PARTIAL[p]; ROOM[2 * p]. Lag k up to p is what the
 * autoregression of order k - 1 foretells, and of what it leaves, the part PARTIAL[k - 1]. */
static void ar_acf(const struct arma *a, const double *partial, double *room, double *rho, size_t last)
{
    rho[0] = 1;
    for (size_t k = 1; k <= last; k++) {
        const bool whole = k > a->p;
        const double *phi = whole ? a->phi : room;
        double left = 1;
        rho[k] = 0;
        if (!whole)
            arima_from_pacf(partial, k - 1, room, room + a->p);
        for (size_t j = 1; j <= (whole ? a->p : k - 1); j++) {
            rho[k] += phi[j - 1] * rho[k - j];
            left -= phi[j - 1] * rho[j];
        }
        if (!whole)
            rho[k] += partial[k - 1] * left;
    }
}

/* Of the whole at LAG: sum over i, j of theta_i theta_j rho(lag + i - j). */
static double with_moving_average(const struct arma *a, const double *rho, size_t lag)
{
    double sum = 0;
    for (size_t i = 0; i <= a->q; i++)
        for (size_t j = 0; j <= a->q; j++) {
            const size_t at = lag + i > j ? lag + i - j : j - lag - i;
            sum += (i ? a->theta[i - 1] : 1) * (j ? a->theta[j - 1] : 1) * rho[at];
        }
    return sum;
}

bool series_arma_acf(const struct arma *a, size_t lags, double *acf)
{
    const size_t last = lags + a->q;
    double *partial = malloc((3 * a->p + last + 1) * sizeof *partial);
    if (!partial)
        return false;
    double *room = partial + a->p, *rho = room + 2 * a->p;
    const bool stationary = a->p == 0 || arima_to_pacf(a->phi, a->p, partial, room);
    if (stationary) {
        ar_acf(a, partial, room, rho, last);
        const double variance = with_moving_average(a, rho, 0);
        for (size_t k = 1; k <= lags; k++)
            acf[k - 1] = with_moving_average(a, rho, k) / variance;
    }
    free(partial);
    return stationary;
}
