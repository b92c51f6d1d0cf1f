/* SPDX-License-Identifier: GPL-3.0-or-later
 * rank_test: signed ranks, rank sums and signs against counting all cases apart, and their p under the null. */
#include "experiments/statistics/rank_test.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void near(double got, double wanted, double relative, const char *what)
{
    cr_expect(fabs(got - wanted) <= relative * fabs(wanted), "%s is %.17g, expected %.17g", what, got, wanted);
}

static struct rank_result signed_rank(const double *d, size_t n)
{
    struct rank_result r;
    struct alm_err e;
    cr_assert_eq(wilcoxon_signed_rank(d, n, &r, &e), ALM_OK);
    return r;
}

static struct rank_result rank_sum(const double *a, size_t n, const double *b, size_t m)
{
    struct rank_result r;
    struct alm_err e;
    cr_assert_eq(mann_whitney(a, n, b, m, &r, &e), ALM_OK);
    return r;
}

static void unknown(struct rank_result r)
{
    cr_expect(isnan(r.statistic) && isnan(r.p_exact) && isnan(r.p_normal) && isnan(r.p_corrected));
}

/* ---- signed ranks ---- */

Test(wilcoxon, five_are_too_few_for_a_star)
{
    const double five[] = {1, 2, 3, 4, 5}, six[] = {-1, 2, 3, 4, 5, 6};
    near(signed_rank(five, 5).p_exact, 1. / 16, 1e-15, "five of a sign");
    near(signed_rank(six, 6).p_exact, 1. / 16, 1e-15, "the least of six against");
    near(signed_rank(six + 1, 5).statistic, 15, 0, "V");
}

Test(wilcoxon, ties_and_a_zero)
{
    const double d[] = {1, 1, -1, 2, 2, -3, 4, 0, 5};
    const struct rank_result r = signed_rank(d, 9);
    near(r.statistic, 28, 0, "V");
    near(r.p_exact, 11. / 64, 1e-15, "p");
    /* sd: sqrt(8 9 17 / 24 - (24 + 6) / 48) = sqrt(50.375); V is 10 above its mean */
    near(r.p_normal, erfc(10 / sqrt(50.375) / sqrt(2)), 1e-12, "normal");
    near(r.p_corrected, erfc(9.5 / sqrt(50.375) / sqrt(2)), 1e-12, "corrected");
}

Test(wilcoxon, sign_of_the_data_does_not_matter)
{
    double d[] = {3, -1, 4, 1, -5, 9, 2, 6}, minus[8];
    for (int i = 0; i < 8; i++)
        minus[i] = -d[i];
    const struct rank_result a = signed_rank(d, 8), b = signed_rank(minus, 8);
    cr_expect(a.p_exact == b.p_exact && a.p_normal == b.p_normal && a.p_corrected == b.p_corrected);
    cr_expect_eq(a.statistic + b.statistic, 36);
}

Test(wilcoxon, two_hundred_exactly)
{
    double d[201];
    int v = 0;
    for (int i = 0; i < 201; i++)
        d[i] = -(i + 1);
    for (int i = 200; i > 0 && v + i <= 8000; i--) { /* ranks 200, 199, ... to a V of 8000 */
        d[i - 1] = i;
        v += i;
    }
    if (v < 8000)
        d[8000 - v - 1] = 8000 - v;
    near(signed_rank(d, 200).statistic, 8000, 0, "V");
    near(signed_rank(d, 200).p_exact, 0.012178229704149402, 1e-12, "p, by whole numbers");
    cr_expect(isnan(signed_rank(d, 201).p_exact), "201 are too many");
    cr_expect_lt(signed_rank(d, 201).p_normal, 0.02);
}

Test(wilcoxon, degenerate)
{
    const double d[] = {0, 0, NAN, INFINITY, -INFINITY, 1e308, -1e-308};
    unknown(signed_rank(d, 0));
    unknown(signed_rank(d, 3));
    const struct rank_result zero = signed_rank(d, 2);
    cr_expect(zero.p_exact == 1 && zero.p_normal == 1 && zero.p_corrected == 1);
    cr_expect_eq(signed_rank(d + 5, 1).p_exact, 1);
    cr_expect_eq(signed_rank(d + 3, 4).statistic, 5.5); /* ranks 3.5 -3.5 2 -1 */
}

/* ---- rank sums ---- */

Test(mann_whitney, by_counting_all_choices)
{
    const double a[] = {1, 2, 3}, b[] = {4, 5, 6};
    struct rank_result r = rank_sum(a, 3, b, 3);
    near(r.statistic, 0, 0, "W");
    near(r.p_exact, 0.1, 1e-15, "p");
    near(r.p_normal, 0.049534613435626741, 1e-12, "normal");
    near(r.p_corrected, 0.080855598370052251, 1e-12, "corrected");
    const double c[] = {1, 2, 2, 7, 9, 11, 11}, d[] = {2, 2, 3, 4, 8, 11};
    r = rank_sum(c, 7, d, 6);
    near(r.statistic, 22, 0, "W with ties");
    near(r.p_exact, 261. / 286, 1e-14, "p with ties");
    near(r.p_normal, 0.88416905923717093, 1e-12, "normal with ties");
    near(r.p_corrected, 0.94193094461972210, 1e-12, "corrected with ties");
    cr_expect_eq(rank_sum(d, 6, c, 7).statistic, 20);
    near(rank_sum(d, 6, c, 7).p_exact, 261. / 286, 1e-14, "p the other way");
}

Test(mann_whitney, lopsided_by_ties)
{
    const double a[] = {1, 1, 2}, b[] = {1, 3, 3, 3, 4, 4};
    near(rank_sum(a, 3, b, 6).statistic, 2, 0, "W");
    near(rank_sum(a, 3, b, 6).p_exact, 1. / 12, 1e-14, "p");
    near(rank_sum(a, 3, b, 6).p_normal, 0.060212145807873866, 1e-12, "normal");
    const double c[] = {5, 5, 5, 5, 6, 7}, d[] = {1, 5};
    near(rank_sum(c, 6, d, 2).p_exact, 3. / 14, 1e-14, "p of eight");
    near(rank_sum(d, 2, c, 6).p_exact, 3. / 14, 1e-14, "p of eight, the other way");
}

Test(mann_whitney, the_largest_that_is_exact)
{
    double a[100], b[101];
    for (int i = 0; i < 101; i++)
        b[i] = 1000 + i;
    for (int i = 0; i < 100; i++)
        a[i] = i;
    /* 2 / choose(200, 100) */
    near(rank_sum(a, 100, b, 100).p_exact, 2 * exp(2 * lgamma(101) - lgamma(201)), 1e-11, "p of 100 and 100");
    cr_expect(isnan(rank_sum(a, 100, b, 101).p_exact));
}

Test(mann_whitney, degenerate)
{
    const double d[] = {7, 7, 7, NAN};
    unknown(rank_sum(d, 0, d, 3));
    unknown(rank_sum(d, 3, d, 0));
    unknown(rank_sum(d, 4, d, 3));
    const struct rank_result same = rank_sum(d, 3, d, 2);
    cr_expect(same.statistic == 3 && same.p_exact == 1 && same.p_normal == 1 && same.p_corrected == 1);
    cr_expect_eq(rank_sum(d, 1, d, 1).p_exact, 1);
}

/* ---- Hodges and Lehmann ---- */

static struct estimate shift(const double *d, size_t n, double level, double *attained)
{
    struct estimate out;
    struct alm_err e;
    cr_assert_eq(hodges_lehmann(d, n, level, &out, attained, &e), ALM_OK);
    return out;
}

/* Of 36 Walsh averages the 4th and the 4th last; P(V <= 3) is 5 / 256. */
Test(hodges_lehmann, by_hand)
{
    double attained;
    const struct estimate e = shift((const double[]){3, -1, 4, 1, -5, 9, 2, 6}, 8, 0.95, &attained);
    cr_expect(e.value == 2.5 && e.low == -1.5 && e.high == 6, "%g in [%g, %g]", e.value, e.low, e.high);
    near(attained, 1 - 10. / 256, 1e-15, "level");
}

Test(hodges_lehmann, says_when_the_level_cannot_be_had)
{
    double attained;
    const double d[] = {1, 2, 4, 8, 16};
    const struct estimate five = shift(d, 5, 0.95, &attained);
    cr_expect(five.low == 1 && five.high == 16);
    near(attained, 1 - 2. / 32, 1e-15, "of five");
    const struct estimate one = shift(d, 1, 0.95, &attained);
    cr_expect(one.low == 1 && one.value == 1 && one.high == 1 && attained == 0);
}

/* P(V < 8445) is just below 0.025 for 200: the interval of 1 ... 200 has that rank. */
Test(hodges_lehmann, many)
{
    static double d[5000];
    double attained;
    for (int i = 0; i < 5000; i++)
        d[i] = (i * 1237) % 5000;
    shift(d, 200, 0.95, &attained);
    near(attained, 0.9500303687000252, 1e-12, "level of 200");
    const struct estimate e = shift(d, 5000, 0.95, &attained);
    near(e.value, 2499.5, 0, "middle of 0 ... 4999");
    near(attained, 0.95, 1e-4, "level of 5000");
    /* For evenly spread values an average's standard error is close to the mean's, 5000 / sqrt(12 5000) = 20.41. */
    near(e.high - e.low, 2 * 1.96 * 20.41, 0.02, "width");
    cr_expect_float_eq(e.low + e.high, 4999, 1e-9);
}

Test(hodges_lehmann, degenerate)
{
    double attained;
    const double d[] = {0, -0.0, 0, NAN, 1e308, 1e308, -5e-324, 5e-324};
    cr_expect(isnan(shift(d, 0, 0.95, &attained).value) && isnan(attained));
    cr_expect(isnan(shift(d, 4, 0.95, &attained).value));
    cr_expect(isnan(shift(d, 3, 1, &attained).value));
    const struct estimate zero = shift(d, 3, 0.95, &attained);
    cr_expect(zero.value == 0 && zero.low == 0 && zero.high == 0);
    cr_expect_eq(shift(d + 4, 2, 0.95, &attained).value, 1e308);
    cr_expect_eq(shift(d + 6, 2, 0.95, &attained).value, 0);
}

/* ---- signs ---- */

Test(signs, sign_test)
{
    const double d[] = {1, 2, 3, 4, 5, -1, 0, 0}, nan[] = {NAN};
    near(sign_test(d, 5), 1. / 16, 1e-12, "five of a sign");
    near(sign_test(d, 8), 14. / 64, 1e-12, "five against one"); /* 2 (1 + 6) / 64 */
    cr_expect(sign_test(d + 6, 2) == 1 && sign_test(d + 4, 2) == 1);
    cr_expect(isnan(sign_test(d, 0)) && isnan(sign_test(nan, 1)));
}

Test(signs, sign_flip_by_counting)
{
    near(sign_flip((const double[]){1, 2, 3, 4, 5}, 5, 0, 1), 1. / 16, 1e-15, "five");
    near(sign_flip((const double[]){3, -1, 4, 1, -5, 9, 2, 6}, 8, 0, 1), 3. / 16, 1e-15, "eight");
    /* As fractions 5/8; 0.1 + 0.2 is not 0.3 for doubles, which must not matter. */
    near(sign_flip((const double[]){0.1, 0.2, -0.3, 0.4}, 4, 0, 1), 5. / 8, 1e-15, "four");
    near(sign_flip((const double[]){0, 1, 0, 2, 3, 4, 5}, 7, 0, 1), 1. / 16, 1e-15, "zeros");
    double twenty[21];
    for (int i = 0; i < 21; i++)
        twenty[i] = 1;
    near(sign_flip(twenty, 20, 0, 1), 0x1p-19, 1e-15, "twenty");
    near(sign_flip(twenty, 21, 999, 1), 1e-3, 1e-12, "of 21 the data is the only draw so far off");
    cr_expect_eq(sign_flip(twenty, 21, 0, 1), 1);
}

Test(signs, sign_flip_degenerate)
{
    const double d[] = {0, 0, NAN, INFINITY, 1e308, 1e308};
    cr_expect(isnan(sign_flip(d, 0, 9, 1)) && isnan(sign_flip(d, 3, 9, 1)) && isnan(sign_flip(d + 3, 1, 9, 1)));
    cr_expect(isnan(sign_flip(d + 4, 2, 9, 1)), "a sum that is infinite");
    cr_expect_eq(sign_flip(d, 2, 9, 1), 1);
    cr_expect_eq(sign_flip(d + 4, 1, 9, 1), 1);
}

Test(signs, drawn_is_near_counted)
{
    double d[40] = {0};
    struct alm_stream s = alm_stream_open(5, 0, "drawn is near counted");
    for (int i = 0; i < 20; i++)
        d[i] = alm_stream_normal(&s) + 0.2;
    const double counted = sign_flip(d, 20, 0, 1);
    for (int i = 20; i < 40; i++)
        d[i] = 1e-9; /* changes no sum that counts, but there are too many now to count */
    const double drawn = sign_flip(d, 40, 40000, 3);
    cr_expect(fabs(drawn - counted) < 5 * sqrt(counted / 40000), "%g against %g", drawn, counted);
    cr_expect_eq(drawn, sign_flip(d, 40, 40000, 3));
    cr_expect_neq(drawn, sign_flip(d, 40, 40000, 4));
}

/* ---- under the null ---- */

#define SAMPLES 2000

/* Shares of p at most LEVEL against SIZE, which is exact; false alarms: 4.9 standard errors, one in a million each. */
static void expect_share(const double *p, double level, double size, const char *what)
{
    size_t count = 0;
    for (size_t k = 0; k < SAMPLES; k++)
        count += p[k] <= level;
    const double share = (double)count / SAMPLES, error = sqrt(size * (1 - size) / SAMPLES);
    cr_expect(fabs(share - size) < 4.9 * error, "%s: %g of p are at most %g, expected %g", what, share, level, size);
}

Test(null, p_is_what_it_says)
{
    static double exact[SAMPLES], flip[SAMPLES];
    double d[25];
    for (size_t k = 0; k < SAMPLES; k++) {
        struct alm_stream s = alm_stream_open(17, k, "p under the null");
        for (int i = 0; i < 25; i++)
            d[i] = alm_stream_normal(&s);
        exact[k] = signed_rank(d, 12).p_exact;
        flip[k] = sign_flip(d, 25, 199, k);
    }
    /* Twelve: 2 87 / 4096 sums are at most 13 from an end, 2 417 at most 22. */
    expect_share(exact, 0.05, 174. / 4096, "signed ranks");
    expect_share(exact, 0.21, 834. / 4096, "signed ranks");
    for (int i = 1; i < 20; i++)
        expect_share(flip, i / 20. + 1e-12, i / 20., "sign flip");
}
