/* SPDX-License-Identifier: GPL-3.0-or-later
 * t_test: see the header.
 *
 * Choice.   p by the incomplete beta function: GSL's own tail of Student's t is off by 1e-7 of itself far out. */
#include "experiments/statistics/t_test.h"

#include "experiments/statistics/moments.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static double two_sided(double t, double df)
{
    const double square = t * t;
    if (isinf(square))
        return 0;
    return square < df ? gsl_cdf_beta_Q(square / (df + square), 0.5, df / 2)
                       : gsl_cdf_beta_P(df / (df + square), df / 2, 0.5);
}

/* A difference with its standard error. */
static struct t_result result_of(double difference, double error, double df, double level)
{
    struct t_result r = {{difference, NAN, NAN}, NAN, df, NAN};
    if (!isfinite(difference) || !isfinite(error) || !(level > 0 && level < 1))
        return r;
    if (error == 0) {
        r.difference = (struct estimate){difference, difference, difference};
        r.statistic = difference == 0 ? 0 : copysign(INFINITY, difference);
        r.p = difference == 0;
        return r;
    }
    const double half = t_quantile(0.5 + level / 2, df) * error;
    r.difference.low = difference - half;
    r.difference.high = difference + half;
    r.statistic = difference / error;
    r.p = two_sided(r.statistic, df);
    return r;
}

struct t_result t_paired(const double *d, size_t n, double level)
{
    const struct moments m = moments_of(d, n);
    const double df = n < 2 ? NAN : (double)n - 1;
    return result_of(m.mean, m.sd / sqrt((double)n), df, level);
}

struct t_result t_welch(const double *a, size_t n, const double *b, size_t m, double level)
{
    const struct moments ma = moments_of(a, n), mb = moments_of(b, m);
    const double ea = ma.sd / sqrt((double)n), eb = mb.sd / sqrt((double)m), error = hypot(ea, eb);
    double df = NAN;
    if (error > 0) {
        const double va = (ea / error) * (ea / error), vb = (eb / error) * (eb / error);
        df = 1 / (va * va / ((double)n - 1) + vb * vb / ((double)m - 1));
    }
    return result_of(ma.mean - mb.mean, error, df, level);
}

struct estimate geometric_mean_ratio(const double *a, const double *b, size_t n, double level)
{
    const struct estimate unknown = {NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++)
        if (!(a[i] > 0 && b[i] > 0))
            return unknown;
    double *log_ratio = calloc(n + 1, sizeof *log_ratio);
    if (!log_ratio)
        return unknown;
    for (size_t i = 0; i < n; i++)
        log_ratio[i] = log(a[i]) - log(b[i]);
    const struct estimate e = t_paired(log_ratio, n, level).difference;
    free(log_ratio);
    return (struct estimate){exp(e.value), exp(e.low), exp(e.high)};
}

double t_quantile(double p, double df)
{
    return p >= 0 && p <= 1 && df > 0 ? gsl_cdf_tdist_Pinv(p, df) : NAN;
}

double normal_quantile(double p)
{
    return p >= 0 && p <= 1 ? gsl_cdf_ugaussian_Pinv(p) : NAN;
}
