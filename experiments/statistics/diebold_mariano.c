/* SPDX-License-Identifier: GPL-3.0-or-later
 * diebold_mariano: see the header. */
#include "experiments/statistics/diebold_mariano.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

struct losses {
    const double *e1, *e2;
    size_t n;
    double power, mean, largest; /* of the differences; of either loss */
};

static double loss(double error, double power)
{
    return power == 1 ? fabs(error) : power == 2 ? error * error : pow(fabs(error), power);
}

static double difference(const struct losses *l, size_t t)
{
    return loss(l->e1[t], l->power) - loss(l->e2[t], l->power);
}

static void summarise(struct losses *l)
{
    double sum = 0;
    l->largest = 0;
    for (size_t t = 0; t < l->n; t++) {
        sum += difference(l, t);
        l->largest = fmax(l->largest, fmax(loss(l->e1[t], l->power), loss(l->e2[t], l->power)));
    }
    l->mean = sum / (double)l->n;
}

static double autocovariance(const struct losses *l, size_t lag)
{
    double sum = 0;
    for (size_t t = lag; t < l->n; t++)
        sum += (difference(l, t) - l->mean) * (difference(l, t - lag) - l->mean);
    return sum / (double)l->n;
}

struct dm_result diebold_mariano(const double *e1, const double *e2, size_t n, size_t h, double power)
{
    const struct dm_result none = {NAN, NAN, NAN};
    if (n < 2 || h < 1 || h >= n || !(power > 0))
        return none;
    struct losses l = {.e1 = e1, .e2 = e2, .n = n, .power = power};
    summarise(&l);
    const double least = 8 * DBL_EPSILON * l.largest, variance = autocovariance(&l, 0);
    if (!isfinite(variance) || !(sqrt(variance) > least))
        return none;
    double window = variance;
    for (size_t lag = 1; lag < h; lag++)
        window += 2 * autocovariance(&l, lag);
    if (!(window > 0)) {
        window = variance;
        h = 1;
    }
    const double m = (double)n, k = (double)h;
    double statistic = l.mean / sqrt(window / m) * sqrt((m + 1 - 2 * k + k / m * (k - 1)) / m);
    return (struct dm_result){.statistic = statistic,
                              .p = 2 * gsl_cdf_tdist_Q(fabs(statistic), m - 1),
                              .p_greater = gsl_cdf_tdist_Q(statistic, m - 1)};
}
