/* SPDX-License-Identifier: GPL-3.0-or-later
 * law_moments: exact mean, variance and distribution function of a law.
 *
 * Source.   Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1 (1994); bounded Pareto: Harchol-Balter,
 *           Performance Modeling and Design of Computer Systems (2013), 20.4. */
#include "almanac/law.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* E X^k of the bounded Pareto law. */
static double pareto_moment(const struct alm_law *law, double k)
{
    double a = law->shape, low = law->min, high = law->max;
    double scale = a * pow(low, a) / (1 - pow(low / high, a));
    return a == k ? scale * log(high / low) : scale * (pow(low, k - a) - pow(high, k - a)) / (a - k);
}

/* Of the normal law cut off at 0: the mean's distance from that of the whole law, in its sd. */
static double normal_shift(const struct alm_law *law)
{
    double at = 1 / law->cv;
    return exp(-at * at / 2) / sqrt(2 * M_PI) / gsl_cdf_ugaussian_P(at);
}

/* Over the numbers of an empirical or the values of a discrete law. */
static double finite_moment(const struct alm_law *law, double around, int power)
{
    double sum = 0, before = 0;
    for (size_t i = 0; i < law->numbers; i++)
        sum += pow(law->number[i] - around, power) / (double)law->numbers;
    for (size_t i = 0; i < law->values.count; i++) {
        sum += pow(law->values.value[i] - around, power) * (law->until.value[i] - before);
        before = law->until.value[i];
    }
    return sum;
}

double alm_law_mean(const struct alm_law *law)
{
    switch (law->kind) {
    case ALM_LAW_EXPONENTIAL:
    case ALM_LAW_ERLANG:
    case ALM_LAW_GAMMA:
    case ALM_LAW_LOGNORMAL:
        return law->mean;
    case ALM_LAW_DETERMINISTIC:
        return law->value;
    case ALM_LAW_UNIFORM:
        return (law->min + law->max) / 2;
    case ALM_LAW_HYPEREXPONENTIAL:
        return law->p * law->mean1 + (1 - law->p) * law->mean2;
    case ALM_LAW_WEIBULL:
        return law->scale * tgamma(1 + 1 / law->shape);
    case ALM_LAW_BOUNDED_PARETO:
        return pareto_moment(law, 1);
    case ALM_LAW_NORMAL:
        return law->mean * (1 + law->cv * normal_shift(law));
    case ALM_LAW_EMPIRICAL:
    case ALM_LAW_DISCRETE:
        return finite_moment(law, 0, 1);
    default:
        return NAN;
    }
}

double alm_law_variance(const struct alm_law *law)
{
    double mean = alm_law_mean(law), shift;
    switch (law->kind) {
    case ALM_LAW_EXPONENTIAL:
        return mean * mean;
    case ALM_LAW_DETERMINISTIC:
        return 0;
    case ALM_LAW_UNIFORM:
        return (law->max - law->min) * (law->max - law->min) / 12;
    case ALM_LAW_ERLANG:
        return mean * mean / law->shape;
    case ALM_LAW_GAMMA:
    case ALM_LAW_LOGNORMAL:
        return mean * mean * law->cv * law->cv;
    case ALM_LAW_HYPEREXPONENTIAL:
        return 2 * (law->p * law->mean1 * law->mean1 + (1 - law->p) * law->mean2 * law->mean2) - mean * mean;
    case ALM_LAW_WEIBULL:
        return law->scale * law->scale * tgamma(1 + 2 / law->shape) - mean * mean;
    case ALM_LAW_BOUNDED_PARETO:
        return pareto_moment(law, 2) - mean * mean;
    case ALM_LAW_NORMAL:
        shift = normal_shift(law);
        return law->mean * law->mean * law->cv * law->cv * (1 - shift / law->cv - shift * shift);
    case ALM_LAW_EMPIRICAL:
    case ALM_LAW_DISCRETE:
        return finite_moment(law, mean, 2);
    default:
        return NAN;
    }
}

static double finite_cdf(const struct alm_law *law, double x)
{
    double sum = 0, before = 0;
    for (size_t i = 0; i < law->numbers; i++)
        sum += law->number[i] <= x ? 1 / (double)law->numbers : 0;
    for (size_t i = 0; i < law->values.count; i++) {
        sum += law->values.value[i] <= x ? law->until.value[i] - before : 0;
        before = law->until.value[i];
    }
    return sum;
}

static double normal_cdf(const struct alm_law *law, double x)
{
    double sd = law->mean * law->cv, below = gsl_cdf_ugaussian_P(-1 / law->cv);
    return (gsl_cdf_ugaussian_P((x - law->mean) / sd) - below) / (1 - below);
}

double alm_law_cdf(const struct alm_law *law, double x)
{
    double variance;
    if (x < 0)
        return law->kind == ALM_LAW_NONE ? NAN : 0;
    switch (law->kind) {
    case ALM_LAW_EXPONENTIAL:
        return -expm1(-x / law->mean);
    case ALM_LAW_DETERMINISTIC:
        return x >= law->value;
    case ALM_LAW_UNIFORM:
        return fmin(1, fmax(0, (x - law->min) / (law->max - law->min)));
    case ALM_LAW_ERLANG:
        return gsl_cdf_gamma_P(x, law->shape, law->mean / law->shape);
    case ALM_LAW_GAMMA:
        variance = law->cv * law->cv;
        return gsl_cdf_gamma_P(x, 1 / variance, law->mean * variance);
    case ALM_LAW_HYPEREXPONENTIAL:
        return -law->p * expm1(-x / law->mean1) - (1 - law->p) * expm1(-x / law->mean2);
    case ALM_LAW_LOGNORMAL:
        variance = log1p(law->cv * law->cv);
        return x > 0 ? gsl_cdf_ugaussian_P((log(x / law->mean) + variance / 2) / sqrt(variance)) : 0;
    case ALM_LAW_WEIBULL:
        return -expm1(-pow(x / law->scale, law->shape));
    case ALM_LAW_BOUNDED_PARETO:
        x = fmin(fmax(x, law->min), law->max);
        return (1 - pow(law->min / x, law->shape)) / (1 - pow(law->min / law->max, law->shape));
    case ALM_LAW_NORMAL:
        return normal_cdf(law, x);
    case ALM_LAW_EMPIRICAL:
    case ALM_LAW_DISCRETE:
        return finite_cdf(law, x);
    default:
        return NAN;
    }
}
