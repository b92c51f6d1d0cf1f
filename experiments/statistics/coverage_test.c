/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage_test: see the header; the exact interval and test are in binomial_exact.c. */
#include "experiments/statistics/coverage_test.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

/* Of K misses and N - K hits; 0 log 0 is 0. */
static double log_likelihood(double p, uint64_t k, uint64_t n)
{
    return (k > 0 ? (double)k * log(p) : 0) + (n > k ? (double)(n - k) * log1p(-p) : 0);
}

/* Of a likelihood ratio, which rounding may take below 0. */
static double chi_square_tail(double statistic, double df)
{
    if (isnan(statistic))
        return NAN;
    return isinf(statistic) ? 0 : gsl_cdf_chisq_Q(statistic, df);
}

static double ratio(double restricted, double free)
{
    double r = 2 * (free - restricted);
    return r < 0 ? 0 : r;
}

static double independence(const uint64_t follow[2][2])
{
    const uint64_t hits = follow[0][0] + follow[0][1], misses = follow[1][0] + follow[1][1];
    if (hits == 0 || misses == 0)
        return NAN;
    const uint64_t after = follow[0][1] + follow[1][1], n = hits + misses;
    double free = log_likelihood((double)follow[0][1] / (double)hits, follow[0][1], hits) +
                  log_likelihood((double)follow[1][1] / (double)misses, follow[1][1], misses);
    return ratio(log_likelihood((double)after / (double)n, after, n), free);
}

struct coverage_result coverage_test_counts(uint64_t misses, uint64_t n, const uint64_t follow[2][2], double alpha)
{
    struct coverage_result r = {NAN, NAN, NAN, NAN, NAN, NAN, {{0, 0}, {0, 0}}};
    if (n == 0 || misses > n || !(alpha >= 0 && alpha <= 1))
        return r;
    memcpy(r.follow, follow, sizeof r.follow);
    r.unconditional = ratio(log_likelihood(alpha, misses, n), log_likelihood((double)misses / (double)n, misses, n));
    r.independence = independence(follow);
    r.conditional = r.unconditional + r.independence;
    r.p_unconditional = chi_square_tail(r.unconditional, 1);
    r.p_independence = chi_square_tail(r.independence, 1);
    r.p_conditional = chi_square_tail(r.conditional, 2);
    return r;
}

struct coverage_result coverage_test(const uint8_t *miss, size_t n, double alpha)
{
    uint64_t follow[2][2] = {{0, 0}, {0, 0}}, misses = n > 0 && miss[0] != 0;
    for (size_t t = 1; t < n; t++) {
        misses += miss[t] != 0;
        follow[miss[t - 1] != 0][miss[t] != 0]++;
    }
    return coverage_test_counts(misses, n, (const uint64_t(*)[2])follow, alpha);
}

struct estimate wilson_interval(uint64_t k, uint64_t n, double level)
{
    if (n == 0 || k > n || !(level > 0 && level < 1))
        return (struct estimate){NAN, NAN, NAN};
    const double z = gsl_cdf_ugaussian_Qinv((1 - level) / 2), m = (double)n, p = (double)k / m;
    const double centre = p + z * z / (2 * m), half = z * sqrt(p * (1 - p) / m + z * z / (4 * m * m));
    const double scale = 1 + z * z / m;
    return (struct estimate){p, k == 0 ? 0 : (centre - half) / scale, k == n ? 1 : (centre + half) / scale};
}
