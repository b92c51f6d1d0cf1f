/* SPDX-License-Identifier: GPL-3.0-or-later
 * t_test: Student's and Welch's intervals against 30-digit arithmetic, and how often they hold what they promise. */
#include "experiments/statistics/t_test.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static void near(double got, double wanted, double relative, const char *what)
{
    cr_expect(fabs(got - wanted) <= relative * fabs(wanted), "%s is %.17g, expected %.17g", what, got, wanted);
}

static void unknown(struct t_result r, const char *what)
{
    cr_expect(isnan(r.difference.low) && isnan(r.difference.high) && isnan(r.statistic) && isnan(r.p), "%s: p %g", what,
              r.p);
}

Test(t_test, paired_by_hand)
{
    const struct t_result r = t_paired((const double[]){1, 2, 3, 4, 5}, 5, 0.95);
    near(r.difference.value, 3, 0, "mean");
    near(r.statistic, 4.2426406871192851, 1e-14, "t"); /* 3 sqrt(2) */
    near(r.p, 0.01323559956368269, 1e-12, "p");
    near(r.difference.low, 1.0367568385224423, 1e-12, "low");
    near(r.difference.high, 4.9632431614775577, 1e-12, "high");
    cr_expect_eq(r.df, 4);
    const struct t_result two = t_paired((const double[]){1, 3}, 2, 0.95);
    near(two.p, 0.29516723530086655, 1e-12, "p of two: 1 - 2 atan(2) / pi");
    near(two.difference.high, 2 + 12.706204736174705, 1e-12, "high of two");
}

Test(t_test, far_tails_keep_their_digits)
{
    double d[251];
    for (int df = 40; df <= 250; df += 210) {
        const int n = df + 1;
        double squares = 0;
        for (int i = 0; i < n; i++)
            d[i] = i == n - 1 ? 0 : i % 2 ? 1 : -1;
        for (int i = 0; i < n; i++)
            squares += d[i] * d[i];
        const double t = df == 40 ? 12 : 40, mean = t * sqrt(squares / df / n);
        for (int i = 0; i < n; i++)
            d[i] += mean;
        const struct t_result r = t_paired(d, (size_t)n, 0.95);
        near(r.statistic, t, 1e-12, "t");
        near(r.p, df == 40 ? 7.8241713042559726e-15 : 1.2017878326588257e-110, 1e-10, "p");
    }
}

Test(t_test, welch_by_hand)
{
    const struct t_result r = t_welch((const double[]){1, 2, 3, 4}, 4, (const double[]){2, 4, 9}, 3, 0.8);
    near(r.difference.value, -2.5, 1e-15, "difference");
    near(r.statistic, -1.1470786693528088, 1e-14, "t");
    near(r.df, 2.3883851997059544, 1e-14, "df");
    near(r.p, 0.35320947609447445, 1e-11, "p");
    near(r.difference.low, -6.3308597573347721, 1e-11, "low");
    near(r.difference.high, 1.3308597573347721, 1e-11, "high");
}

Test(t_test, too_little_is_unknown)
{
    const double d[] = {1, 2, NAN, INFINITY};
    unknown(t_paired(d, 0, 0.95), "none");
    unknown(t_paired(d, 1, 0.95), "one");
    cr_expect_eq(t_paired(d, 1, 0.95).difference.value, 1, "the mean of one is known");
    unknown(t_paired(d, 3, 0.95), "not a number");
    unknown(t_paired(d + 3, 1, 0.95), "infinite");
    unknown(t_paired(d, 2, 0), "level 0");
    unknown(t_paired(d, 2, 1), "level 1");
    unknown(t_paired(d, 2, NAN), "level NaN");
    unknown(t_welch(d, 1, d, 2, 0.95), "one against two");
    unknown(t_welch(d, 2, d, 0, 0.95), "two against none");
    cr_expect(isnan(t_quantile(1.5, 3)) && isnan(t_quantile(0.5, 0)) && isnan(normal_quantile(-0.1)));
}

Test(t_test, values_that_do_not_vary)
{
    double d[10];
    for (int i = 0; i < 10; i++)
        d[i] = 0.1;
    struct t_result r = t_paired(d, 10, 0.95);
    cr_expect(r.p == 0 && r.difference.low == 0.1 && r.difference.high == 0.1 && r.difference.value == 0.1);
    memset(d, 0, sizeof d);
    r = t_paired(d, 10, 0.95);
    cr_expect(r.p == 1 && r.statistic == 0 && r.difference.low == 0 && r.difference.high == 0);
    r = t_welch(d, 10, (const double[]){2, 2}, 2, 0.95);
    cr_expect(r.p == 0 && r.difference.value == -2);
}

Test(t_test, squares_do_not_overflow)
{
    const struct t_result r = t_paired((const double[]){1e300, 2e300, 3e300, 4e300, 5e300}, 5, 0.95);
    near(r.p, 0.01323559956368269, 1e-12, "p");
    const struct t_result small = t_paired((const double[]){1e-300, 2e-300, 3e-300, 4e-300, 5e-300}, 5, 0.95);
    near(small.p, 0.01323559956368269, 1e-12, "p");
}

Test(t_test, ratio_of_geometric_means)
{
    /* Ratios 2, 8: mean of logarithms log 4, their sd log(4) / sqrt(2), half-width 12.7062 log 2. */
    const double a[] = {2, 8}, b[] = {1, 1}, none[] = {0, 1};
    const struct estimate r = geometric_mean_ratio(a, b, 2, 0.95);
    near(r.value, 4, 1e-15, "ratio");
    near(r.high, 4 * pow(2, 12.706204736174705), 1e-11, "high");
    near(r.low, 4 / pow(2, 12.706204736174705), 1e-11, "low");
    cr_expect(isnan(geometric_mean_ratio(none, b, 2, 0.95).value));
    cr_expect(isnan(geometric_mean_ratio(b, none, 2, 0.95).value));
    cr_expect(isnan(geometric_mean_ratio(a, b, 0, 0.95).value));
}

/* Share of 4000 samples of N whose interval holds the true mean. */
static double coverage(size_t n, bool skewed, double level)
{
    const size_t samples = 4000;
    size_t held = 0;
    double d[64];
    for (size_t k = 0; k < samples; k++) {
        struct alm_stream s = alm_stream_open(11, k, "coverage of t");
        for (size_t i = 0; i < n; i++)
            d[i] = skewed ? alm_stream_exponential(&s) - 1 : alm_stream_normal(&s);
        const struct estimate e = t_paired(d, n, level).difference;
        held += e.low <= 0 && 0 <= e.high;
    }
    return (double)held / (double)samples;
}

/* False alarms: 4.9 standard errors, one in a million for each. The seed is fixed. */
Test(t_test, holds_its_level_for_normal_values)
{
    for (size_t n = 2; n <= 32; n *= 4) {
        const double error = sqrt(0.9 * 0.1 / 4000), share = coverage(n, false, 0.9);
        cr_expect(fabs(share - 0.9) < 4.9 * error, "n %zu: %.4f of intervals hold, not 0.9", n, share);
    }
}

/* Ten exponential values: near 90 % instead of 95 %, as the header warns. Five standard errors are 0.024. */
Test(t_test, misses_more_often_for_skewed_values)
{
    const double share = coverage(10, true, 0.95);
    cr_expect(share > 0.87 && share < 0.93, "%.4f of intervals hold", share);
}
