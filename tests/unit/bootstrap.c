/* SPDX-License-Identifier: GPL-3.0-or-later
 * bootstrap: all resamples of a few values by counting apart, blocks, what cannot be told, how often intervals hold. */
#include "experiments/statistics/bootstrap.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static void near(double got, double wanted, double tolerance, const char *what)
{
    cr_expect(fabs(got - wanted) <= tolerance, "%s is %.17g, expected %.17g", what, got, wanted);
}

static double mean_of(void *ctx, const uint32_t *index, size_t n)
{
    const double *d = ctx;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += d[index[i]];
    return sum / (double)n;
}

static struct bootstrap_result run(double *d, size_t n, struct bootstrap_plan plan)
{
    struct bootstrap_result b;
    struct alm_err e;
    const struct bootstrap_statistic s = {mean_of, d, n};
    cr_assert_eq(bootstrap(&s, &plan, &b, &e), ALM_OK);
    return b;
}

Test(bootstrap, all_27_resamples)
{
    double d[] = {1, 2, 6};
    const struct bootstrap_result b = run(d, 3, (struct bootstrap_plan){.block = 1, .level = 0.9});
    near(b.percentile.value, 3, 0, "estimate");
    near(b.percentile.low, 4. / 3, 1e-14, "percentile low");
    near(b.percentile.high, 14. / 3, 1e-14, "percentile high");
    near(b.basic.low, 6 - 14. / 3, 1e-14, "basic low");
    near(b.basic.high, 6 - 4. / 3, 1e-14, "basic high");
    near(b.se, 1.247219128924647, 1e-14, "se");
    near(b.bias_correction, 0.046435724770526992, 1e-12, "bias correction: 14 of 27 below, ties half");
    near(b.acceleration, 0.057270266124090940, 1e-14, "acceleration");
    near(b.bca.low, 4. / 3, 1e-14, "bca low, 0.0781");
    near(b.bca.high, 5.0471877781677209, 1e-11, "bca high, 0.9725");
    near(b.p_not_above_zero, 0, 0, "share below 0");
}

Test(bootstrap, circular_blocks)
{
    double four[] = {1, 2, 3, 10}, five[] = {1, 2, 4, 8, 16};
    struct bootstrap_result b = run(four, 4, (struct bootstrap_plan){.block = 2, .level = 0.8});
    near(b.percentile.low, 2, 1e-14, "low of 16");
    near(b.percentile.high, 6, 1e-14, "high of 16");
    near(b.se, 1.4577379737113251, 1e-14, "se of 16");
    near(b.acceleration, 0, 1e-14, "two blocks left out are symmetric");
    b = run(five, 5, (struct bootstrap_plan){.block = 2, .level = 0.8});
    near(b.percentile.low, 3.2, 1e-14, "low of 125, the last block cut");
    near(b.percentile.high, 9.2, 1e-14, "high of 125");
    near(b.se, 2.3986662960903920, 1e-14, "se of 125");
    near(b.acceleration, -0.008765000025845774, 1e-14, "acceleration of three blocks");
}

/* Drawing many is near counting all; 5 standard errors of 1e5 draws. */
Test(bootstrap, drawn_is_near_counted)
{
    double d[] = {1, 2, 4, 8, 17};
    for (size_t block = 1; block <= 2; block++) {
        const struct bootstrap_result all = run(d, 5, (struct bootstrap_plan){.block = block, .level = 0.9}),
                                      some = run(d, 5, (struct bootstrap_plan){100000, block, 0.9, 1});
        near(some.se, all.se, 5 * all.se / sqrt(2e5), "se");
        near(some.bias_correction, all.bias_correction, 5 * 1.3 / sqrt(1e5), "bias correction");
        near(some.percentile.low, all.percentile.low, 0.21, "low, to one step between sums");
    }
}

Test(bootstrap, draws_follow_from_the_seed_alone)
{
    double d[] = {1, 2, 4, 8, 17, 3, 9}, shifted[7];
    const struct bootstrap_plan plan = {500, 1, 0.9, 42};
    struct bootstrap_plan other = plan;
    for (int i = 0; i < 7; i++)
        shifted[i] = d[i] + 1024;
    const struct bootstrap_result a = run(d, 7, plan), again = run(d, 7, plan), b = run(shifted, 7, plan);
    cr_expect_eq(memcmp(&a, &again, sizeof a), 0);
    near(b.percentile.low - 1024, a.percentile.low, 1e-12, "the same resamples of other values");
    other.seed++;
    cr_expect_neq(run(d, 7, other).se, a.se);
}

/* Every index as often as any other: chi-square of 1000 cells at 400 000 draws; 1143 is passed once in a thousand. */
static size_t seen[1000];

static double count_seen(void *ctx, const uint32_t *index, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        seen[index[i]]++;
    return 1;
}

Test(bootstrap, indices_are_even)
{
    struct bootstrap_result b;
    const struct bootstrap_statistic s = {count_seen, NULL, 1000};
    cr_assert_eq(bootstrap(&s, &(struct bootstrap_plan){400, 1, 0.9, 5}, &b, NULL), ALM_OK);
    double square = 0;
    for (size_t i = 0; i < 1000; i++) {
        const double count = (double)seen[i] - 1 - 999; /* the data itself; leaving out each other one */
        square += (count - 400) * (count - 400) / 400;
    }
    cr_expect(square < 1143 && square > 865, "chi-square %g", square);
}

static double positive_mean(void *ctx, const uint32_t *index, size_t n)
{
    const double m = mean_of(ctx, index, n);
    return m > 0 ? m : NAN;
}

static double mean_from_first(void *ctx, const uint32_t *index, size_t n)
{
    return index[0] == 0 ? mean_of(ctx, index, n) : INFINITY;
}

Test(bootstrap, resamples_without_an_answer)
{
    double mostly[] = {-1, 2, 2, 2};
    struct bootstrap_result b;
    struct bootstrap_statistic s = {positive_mean, mostly, 4};
    const struct bootstrap_plan plan = {.block = 1, .level = 0.9};
    cr_assert_eq(bootstrap(&s, &plan, &b, NULL), ALM_OK);
    cr_expect(b.percentile.low > 0 && isfinite(b.bca.low) && isfinite(b.bca.high));
    s.value = mean_from_first; /* an answer for one resample in four */
    cr_assert_eq(bootstrap(&s, &plan, &b, NULL), ALM_OK);
    cr_expect(b.percentile.value == 1.25 && isnan(b.percentile.low) && isnan(b.se) && isnan(b.bca.high));
}

Test(bootstrap, too_little_is_unknown)
{
    double d[] = {0.1, 0.1, 0.1, NAN};
    const struct bootstrap_plan plan = {100, 1, 0.95, 1};
    struct bootstrap_result b = run(d, 0, plan);
    cr_expect(isnan(b.percentile.value) && isnan(b.bca.low));
    b = run(d, 1, plan);
    cr_expect(b.bca.value == 0.1 && isnan(b.percentile.low) && isnan(b.bca.high) && isnan(b.p_not_above_zero));
    b = run(d, 4, plan);
    cr_expect(isnan(b.basic.value) && isnan(b.basic.low));
    b = run(d, 3, plan); /* constant: no doubt, and no dust from rounding */
    cr_expect(b.percentile.low == b.percentile.high && b.bca.low == b.bca.high && b.se == 0);
    near(b.bca.low, 0.1, 1e-16, "a constant");
    cr_expect(b.bias_correction == 0 && b.acceleration == 0 && b.p_not_above_zero == 0);
}

Test(bootstrap, plans_that_cannot_be)
{
    double d[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const struct bootstrap_statistic s = {mean_of, d, 8};
    const struct bootstrap_plan bad[] = {{10, 0, 0.9, 1}, {10, 9, 0.9, 1}, {10, 1, 0, 1},
                                         {10, 1, 1, 1},   {10, 1, NAN, 1}, {0, 1, 0.9, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bootstrap_result b = {.se = 7};
        struct alm_err e = {0};
        cr_expect_eq(bootstrap(&s, &bad[i], &b, &e), ALM_EINVAL, "plan %zu", i);
        cr_expect(b.se == 7 && strncmp(e.text, "bootstrap: ", 11) == 0, "outputs stay: %s", e.text);
    }
}

/* Shares of 2000 samples of N whose percentile and BCa intervals at 95 % hold the true mean, 0. */
static void coverage(size_t n, bool skewed, double *percentile, double *bca)
{
    double d[64];
    size_t held[2] = {0, 0};
    for (size_t k = 0; k < 2000; k++) {
        struct alm_stream s = alm_stream_open(23, k, "coverage of the bootstrap");
        for (size_t i = 0; i < n; i++)
            d[i] = skewed ? alm_stream_exponential(&s) - 1 : alm_stream_normal(&s);
        const struct bootstrap_result b = run(d, n, (struct bootstrap_plan){999, 1, 0.95, k});
        held[0] += b.percentile.low <= 0 && 0 <= b.percentile.high;
        held[1] += b.bca.low <= 0 && 0 <= b.bca.high;
    }
    *percentile = (double)held[0] / 2000;
    *bca = (double)held[1] / 2000;
}

/* Normal values: the interval is close to 1.96 sd sqrt((n - 1) / n) / sqrt(n), which Student's t with 19 degrees of
 * freedom exceeds in 7.1 %. False alarms: 5 standard errors are 0.029. */
Test(bootstrap, holds_as_often_as_it_can)
{
    double percentile, bca;
    coverage(20, false, &percentile, &bca);
    near(percentile, 0.929, 0.029, "percentile, normal");
    near(bca, 0.929, 0.029, "BCa, normal");
}

/* Skewed values: forty exponential ones; both fall short, BCa less. */
Test(bootstrap, bca_is_better_for_skewed_values)
{
    double percentile, bca;
    coverage(40, true, &percentile, &bca);
    near(percentile, 0.93, 0.029, "percentile, exponential");
    near(bca, 0.94, 0.029, "BCa, exponential");
    cr_expect_geq(bca, percentile);
}
