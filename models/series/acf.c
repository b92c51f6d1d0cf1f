/* SPDX-License-Identifier: GPL-3.0-or-later
 * acf: see the header. */
#include "acf.h"

#include "centred.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* The sum over pairs at LAG divided by their number plus the lag; NaN: there is no pair. */
static double autocovariance(const double *z, size_t n, size_t lag)
{
    double sum = 0;
    size_t pairs = 0;
    for (size_t i = lag; i < n; i++) {
        double product = z[i] * z[i - lag];
        if (isnan(product))
            continue;
        sum += product;
        pairs++;
    }
    return pairs ? sum / (double)(pairs + lag) : NAN;
}

bool series_acf(const double *y, size_t n, size_t lags, double *acf)
{
    double *z = malloc((n + 1) * sizeof *z);
    if (!z)
        return false;
    const struct centred c = series_centre(y, n, z);
    const double variance = c.scale > 0 ? autocovariance(z, n, 0) : NAN;
    for (size_t k = 1; k <= lags; k++) {
        double r = k < n ? autocovariance(z, n, k) / variance : NAN;
        acf[k - 1] = r > 1 ? 1 : r < -1 ? -1 : r;
    }
    free(z);
    return true;
}

bool series_pacf(const double *acf, size_t lags, double *pacf)
{
    double *r = malloc((3 * lags + 1) * sizeof *r);
    if (!r)
        return false;
    double *phi = r + lags, *old = phi + lags;
    for (size_t k = 0; k < lags; k++)
        r[k] = acf[k];
    for (size_t k = 0; k < lags; k++) {
        double above = r[k], below = 1;
        for (size_t j = 0; j < k; j++) {
            old[j] = phi[j];
            above -= phi[j] * r[k - 1 - j];
            below -= phi[j] * r[j];
        }
        phi[k] = above / below;
        for (size_t j = 0; j < k; j++)
            phi[j] = old[j] - phi[k] * old[k - 1 - j];
        pacf[k] = phi[k];
    }
    free(r);
    return true;
}

double series_ljung_box(const double *acf, size_t lags, size_t n)
{
    double sum = 0;
    if (lags >= n)
        return NAN;
    for (size_t k = 1; k <= lags; k++)
        sum += acf[k - 1] * acf[k - 1] / (double)(n - k);
    return (double)n * ((double)n + 2) * sum;
}

double series_box_pierce(const double *acf, size_t lags, size_t n)
{
    double sum = 0;
    if (lags >= n)
        return NAN;
    for (size_t k = 0; k < lags; k++)
        sum += acf[k] * acf[k];
    return (double)n * sum;
}

double series_portmanteau_p(double statistic, size_t lags, size_t fitted)
{
    if (!(statistic >= 0) || lags <= fitted)
        return NAN;
    return isinf(statistic) ? 0 : gsl_cdf_chisq_Q(statistic, (double)(lags - fitted));
}
