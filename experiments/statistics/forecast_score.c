/* SPDX-License-Identifier: GPL-3.0-or-later
 * forecast_score: see the header. */
#include "experiments/statistics/forecast_score.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double pinball_loss(double y, double q, double tau)
{
    if (!(tau >= 0 && tau <= 1))
        return NAN;
    return (y - q) * (tau - (y < q));
}

double winkler_score(double y, double low, double high, double alpha)
{
    if (isnan(y) || !(alpha > 0 && alpha <= 1))
        return NAN;
    double below = y < low ? low - y : 0, above = y > high ? y - high : 0;
    return high - low + 2 / alpha * below + 2 / alpha * above;
}

double weighted_interval_score(double y, double m, const double *low, const double *high, const double *alpha, size_t k)
{
    double sum = 0.5 * fabs(y - m);
    for (size_t i = 0; i < k; i++)
        sum += alpha[i] / 2 * winkler_score(y, low[i], high[i], alpha[i]);
    return sum / ((double)k + 0.5);
}

double crps_normal(double y, double mean, double sd)
{
    if (!(sd >= 0))
        return NAN;
    if (sd == 0)
        return fabs(y - mean);
    double z = (y - mean) / sd;
    return sd * (z * erf(z * M_SQRT1_2) + M_SQRT1_2 * M_2_SQRTPI * exp(-z * z / 2) - M_2_SQRTPI / 2);
}

double crps_lognormal(double y, double mean_log, double sd_log)
{
    if (isnan(y) || !(sd_log >= 0))
        return NAN;
    if (sd_log == 0)
        return fabs(y - exp(mean_log));
    double w = y > 0 ? (log(y) - mean_log) / sd_log : -INFINITY;
    double mean = exp(mean_log + sd_log * sd_log / 2);
    return y * erf(w * M_SQRT1_2) -
           2 * mean * (gsl_cdf_ugaussian_P(w - sd_log) - gsl_cdf_ugaussian_Q(sd_log * M_SQRT1_2));
}

double crps_exponential(double y, double rate)
{
    if (!(rate > 0))
        return NAN;
    return fabs(y) + (y > 0 ? 2 * expm1(-rate * y) / rate : 0) + 1 / (2 * rate);
}

double crps_ensemble(double y, const double *member, size_t n, bool fair)
{
    if (n < (fair ? 2 : 1))
        return NAN;
    double distance = 0, spread = 0;
    for (size_t i = 0; i < n; i++) {
        distance += fabs(member[i] - y);
        for (size_t j = 0; j < i; j++)
            spread += fabs(member[i] - member[j]);
    }
    const double m = (double)n;
    return distance / m - spread / (m * (fair ? m - 1 : m));
}

double log_score_normal(double y, double mean, double sd)
{
    if (!(sd > 0))
        return NAN;
    double z = (y - mean) / sd;
    return 0.5 * log(2 * M_PI) + log(sd) + z * z / 2;
}
