/* SPDX-License-Identifier: GPL-3.0-or-later
 * Are the random numbers of the benchmarks those of xoshiro256**, and the draws exponential, up to the far tail?
 *
 * Meaning.  Each statistical test would fail by chance once in 10000 seeds; the seeds are fixed. */
#include "cmd/bench_random.h"

#include <criterion/criterion.h>

#define DRAWS 2000000

/* By an implementation in another language, from the papers: state by SplitMix64 of 42. */
Test(bench_random, first_numbers)
{
    static const uint64_t wanted[] = {0x15780b2e0c2ec716, 0x6104d9866d113a7e, 0xae17533239e499a1, 0xecb8ad4703b360a1};
    struct bench_random r;
    bench_random_init(&r, 42);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_assert_eq(bench_u64(&r), wanted[i], "number %zu", i);
}

/* Chi-square over 64 equally likely intervals: 63 degrees of freedom, 1e-4 above 113.5. */
Test(bench_random, draws_are_exponential)
{
    struct bench_random r;
    bench_random_init(&r, 1);
    double counts[64] = {0}, chi = 0, expected = DRAWS / 64.0;
    for (int i = 0; i < DRAWS; i++) {
        double x = bench_exponential(&r);
        cr_assert(x >= 0);
        counts[(int)(64 * exp(-x)) & 63]++;
    }
    for (int k = 0; k < 64; k++)
        chi += (counts[k] - expected) * (counts[k] - expected) / expected;
    cr_assert_lt(chi, 113.5);
}

/* Beyond where the layers end, and around their edges near zero: counts within 3.9 standard deviations. */
Test(bench_random, ends_are_exponential)
{
    static const double ends[][2] = {
        {7.69711747013105, INFINITY}, {9, INFINITY}, {7, 7.69711747013105}, {0, 1e-3}, {0.0638, 0.0639}};
    struct bench_random r;
    bench_random_init(&r, 2);
    double counts[5] = {0};
    for (int i = 0; i < DRAWS; i++) {
        double x = bench_exponential(&r);
        for (int k = 0; k < 5; k++)
            counts[k] += x >= ends[k][0] && x < ends[k][1];
    }
    for (int k = 0; k < 5; k++) {
        double expected = DRAWS * (exp(-ends[k][0]) - exp(-ends[k][1]));
        cr_assert_lt(fabs(counts[k] - expected), 3.9 * sqrt(expected), "[%g, %g): %g, not about %g", ends[k][0],
                     ends[k][1], counts[k], expected);
    }
}
