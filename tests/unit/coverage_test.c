/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage_test: do the tests alarm as often as they say, see what is planted, and agree with exact arithmetic?
 *
 * Choice.  Numbers by hand were computed in rational arithmetic, apart from this code. */
#include "experiments/statistics/coverage_test.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static void close_to(double got, double want, double within)
{
    cr_expect(fabs(got - want) <= within * fabs(want), "%.17g, not %.17g", got, want);
}

Test(coverage_test, by_hand)
{
    const uint8_t miss[] = {0, 0, 0, 1, 1, 7, 0, 0, 0, 1};
    const uint64_t follow[2][2] = {{4, 2}, {1, 2}};
    struct coverage_result r = coverage_test(miss, 10, 0.1);
    cr_expect_eq(memcmp(r.follow, follow, sizeof follow), 0);
    close_to(r.unconditional, 6.224773591661149, 1e-12);
    close_to(r.p_unconditional, 0.012597501578483288, 1e-10);
    close_to(r.independence, 0.9080533494451899, 1e-12);
    close_to(r.p_independence, 0.34063145049126836, 1e-10);
    close_to(r.conditional, 7.132826941106339, 1e-12);
    close_to(r.p_conditional, 0.028257016782407444, 1e-10);
}

Test(coverage_test, what_cannot_be_told)
{
    const uint8_t never[] = {0, 0, 0, 0}, always[] = {1, 1, 1, 1}, last[] = {0, 0, 0, 1};
    struct coverage_result r = coverage_test(never, 0, 0.1);
    cr_expect(isnan(r.unconditional) && isnan(r.independence) && isnan(r.conditional) && isnan(r.p_conditional));
    cr_expect(isnan(coverage_test(never, 4, NAN).p_unconditional));
    cr_expect(isnan(coverage_test(never, 4, 1.5).p_unconditional));
    const struct {
        const uint8_t *miss;
        size_t n;
        double statistic; /* at .1 */
    } row[] = {{never, 4, -8 * log(0.9)},
               {always, 4, -8 * log(0.1)},
               {last, 4, 2 * (log(0.25) + 3 * log(0.75) - log(0.1) - 3 * log(0.9))},
               {always, 1, -2 * log(0.1)}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        r = coverage_test(row[i].miss, row[i].n, 0.1);
        close_to(r.unconditional, row[i].statistic, 1e-12);
        cr_expect(isnan(r.independence) && isnan(r.p_independence) && isnan(r.conditional) && isnan(r.p_conditional));
    }
}

/* Who says that nothing is missed is refuted by one miss, and by no hit. */
Test(coverage_test, certainties)
{
    const uint8_t never[] = {0, 0, 0}, once[] = {0, 1, 0};
    cr_expect_eq(coverage_test(never, 3, 0).p_unconditional, 1);
    cr_expect_eq(coverage_test(once, 3, 0).p_unconditional, 0);
    cr_expect_eq(coverage_test(never, 3, 1).p_unconditional, 0);
}

struct rates {
    int unconditional, independence, conditional;
};

/* Alarms at 5 % among 2000 series of 1000, of misses that follow a hit with FIRST and a miss with AGAIN; .1 is stated. */
static struct rates alarms(double first, double again, uint64_t seed)
{
    struct alm_stream s = alm_stream_open(seed, 0, "coverage");
    struct rates count = {0, 0, 0};
    for (int k = 0; k < 2000; k++) {
        uint8_t miss[1000] = {0};
        for (size_t t = 0; t < 1000; t++)
            miss[t] = alm_stream_uniform(&s) < (t > 0 && miss[t - 1] ? again : first);
        struct coverage_result r = coverage_test(miss, 1000, 0.1);
        count.unconditional += r.p_unconditional < 0.05;
        count.independence += r.p_independence < 0.05;
        count.conditional += r.p_conditional < 0.05;
    }
    return count;
}

/* 5 %, give or take four standard errors (1.95 %) and 1 % for counts, which are not chi-square. */
Test(coverage_test, false_alarms)
{
    struct rates r = alarms(0.1, 0.1, 1);
    cr_expect(r.unconditional > 40 && r.unconditional < 160, "%d of 2000", r.unconditional);
    cr_expect(r.independence > 40 && r.independence < 160, "%d of 2000", r.independence);
    cr_expect(r.conditional > 40 && r.conditional < 160, "%d of 2000", r.conditional);
}

/* Misses that cluster at the stated rate of 10 %, and misses twice as frequent that do not. */
Test(coverage_test, planted_faults_are_found)
{
    struct rates clustered = alarms(0.0667, 0.4, 2), frequent = alarms(0.2, 0.2, 3);
    cr_expect(clustered.independence > 1960, "%d of 2000", clustered.independence);
    cr_expect(clustered.conditional > 1960, "%d of 2000", clustered.conditional);
    cr_expect(frequent.unconditional > 1960, "%d of 2000", frequent.unconditional);
    cr_expect(frequent.independence < 160, "%d of 2000", frequent.independence);
}

Test(coverage_test, wilson_by_hand)
{
    struct estimate e = wilson_interval(3, 10, 0.95);
    close_to(e.value, 0.3, 1e-15);
    close_to(e.low, 0.10779126740630099, 1e-12);
    close_to(e.high, 0.6032218525388546, 1e-12);
    cr_expect_eq(wilson_interval(0, 10, 0.9).low, 0);
    cr_expect_eq(wilson_interval(10, 10, 0.9).high, 1);
}

Test(coverage_test, clopper_pearson)
{
    static const struct {
        uint64_t k, n;
        double level, low, high;
    } row[] = {
        {3, 10, 0.95, 0.06673951117773448, 0.6524528500599973},
        {1, 12, 0.90, 0.004265318777560663, 0.33868066843403244},
        {0, 20, 0.95, 0, 0.16843347098308545},
        {5, 1000000, 0.95, 1.62348831923911e-06, 1.16682931752266e-05}, /* by the inverse of the incomplete beta */
        {500000, 1000000, 0.95, 0.499019519195472, 0.500980480804528},
        {0, 4000000000, 0.95, 0, 9.22219863528484e-10}, /* -log(.025) / n */
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct estimate e = clopper_pearson_interval(row[i].k, row[i].n, row[i].level);
        close_to(e.low, row[i].low, 1e-9);
        close_to(e.high, row[i].high, 1e-9);
        struct estimate mirror = clopper_pearson_interval(row[i].n - row[i].k, row[i].n, row[i].level);
        cr_expect(fabs(mirror.low - (1 - e.high)) < 1e-12 && fabs(mirror.high - (1 - e.low)) < 1e-12);
    }
}

/* Where counts are large all intervals are the normal one. */
Test(coverage_test, many_trials)
{
    const double share = 0.05, n = 1e9, half = 1.959963984540054 * sqrt(share * (1 - share) / n);
    struct estimate exact = clopper_pearson_interval(50000000, 1000000000, 0.95);
    cr_expect(fabs(exact.low - (share - half)) < 1e-3 * half, "%.17g", exact.low);
    cr_expect(fabs(exact.high - (share + half)) < 1e-3 * half, "%.17g", exact.high);
    double p = binomial_test(50013508, 1000000000, share); /* 13508 is 1.96 standard deviations */
    cr_expect(fabs(p - 0.05) < 1e-4, "%.17g", p);
}

Test(coverage_test, binomial_by_hand)
{
    close_to(binomial_test(3, 10, 0.5), 0.34375, 1e-12);
    close_to(binomial_test(7, 10, 0.25), 0.003505706787109375, 1e-12);
    close_to(binomial_test(1, 10, 0.25), 0.46815013885498047, 1e-12);
    close_to(binomial_test(0, 7, 1.0 / 3), 0.10379515317786922, 1e-12);
    close_to(binomial_test(2, 9, 0.5), 0.1796875, 1e-12);
    cr_expect_eq(binomial_test(5, 10, 0.5), 1);
    cr_expect_eq(binomial_test(0, 10, 0), 1);
    cr_expect_eq(binomial_test(1, 10, 0), 0);
    cr_expect_eq(binomial_test(10, 10, 1), 1);
}

/* Against the plain sum over all outcomes. */
Test(coverage_test, binomial_by_brute_force)
{
    const double share[] = {0.01, 0.05, 0.3, 0.5, 0.9};
    for (uint64_t n = 1; n <= 40; n++)
        for (size_t j = 0; j < sizeof share / sizeof *share; j++) {
            double mass[41];
            for (uint64_t i = 0; i <= n; i++) {
                mass[i] = 1;
                for (uint64_t c = 0; c < n; c++)
                    mass[i] *= c < i ? (double)(n - c) / (double)(i - c) * share[j] : 1 - share[j];
            }
            for (uint64_t k = 0; k <= n; k++) {
                double want = 0;
                for (uint64_t i = 0; i <= n; i++)
                    want += mass[i] <= mass[k] * (1 + 1e-7) ? mass[i] : 0;
                close_to(binomial_test(k, n, share[j]), want, 1e-10);
            }
        }
}

Test(coverage_test, no_interval)
{
    const struct estimate none[] = {wilson_interval(0, 0, 0.95),
                                    wilson_interval(3, 2, 0.95),
                                    wilson_interval(1, 2, 1),
                                    clopper_pearson_interval(0, 0, 0.95),
                                    clopper_pearson_interval(3, 2, 0.95),
                                    clopper_pearson_interval(1, 2, NAN)};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_expect(isnan(none[i].value) && isnan(none[i].low) && isnan(none[i].high), "%zu", i);
    cr_expect(isnan(binomial_test(0, 0, 0.5)) && isnan(binomial_test(2, 1, 0.5)) && isnan(binomial_test(1, 2, NAN)));
}
