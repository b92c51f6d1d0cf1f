/* SPDX-License-Identifier: GPL-3.0-or-later
 * Are the random streams Philox, independent of the order of use, and of the laws they claim?
 * The laws are tested at fixed seeds with bounds of 4.5 standard errors: a false alarm in about 1 of 150 000 seeds. */
#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>
#include <Random123/philox.h>

Test(stream, philox_gives_the_published_answer)
{
    /* Random123 kat_vectors: philox4x32-10, counter and key all ones. */
    philox4x32_ctr_t c = {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}};
    philox4x32_key_t k = {{0xffffffff, 0xffffffff}};
    philox4x32_ctr_t r = philox4x32(c, k);
    cr_assert(r.v[0] == 0x408f276d && r.v[1] == 0x41c83b0e && r.v[2] == 0xa20bc7c6 && r.v[3] == 0x6d5451fd);
}

Test(stream, keys_separate_and_order_does_not_matter)
{
    struct alm_stream a = alm_stream_open(1, 2, "burst"), b = alm_stream_open(1, 2, "noise");
    struct alm_stream c = alm_stream_open(1, 3, "burst"), d = alm_stream_open(2, 2, "burst"), again;
    uint64_t first = alm_stream_u64(&a);
    cr_assert(first != alm_stream_u64(&b) && first != alm_stream_u64(&c) && first != alm_stream_u64(&d));
    again = alm_stream_open(1, 2, "burst");
    cr_assert_eq(alm_stream_u64(&again), first);
}

static void moments(double (*draw)(struct alm_stream *), const char *name, double mean, double variance, double fourth)
{
    enum { N = 200000 };
    struct alm_stream s = alm_stream_open(7, 1, name);
    double sum = 0, square = 0;
    for (int i = 0; i < N; i++) {
        double x = draw(&s) - mean;
        sum += x;
        square += x * x;
    }
    cr_assert_lt(fabs(sum / N), 4.5 * sqrt(variance / N), "mean of %s", name);
    cr_assert_lt(fabs(square / N - variance), 4.5 * sqrt((fourth - variance * variance) / N), "variance of %s", name);
}

Test(stream, laws)
{
    moments(alm_stream_uniform, "uniform", 0.5, 1.0 / 12, 1.0 / 80);
    moments(alm_stream_normal, "normal", 0, 1, 3);
    moments(alm_stream_exponential, "exponential", 1, 1, 9);
}

Test(stream, below_is_unbiased)
{
    struct alm_stream s = alm_stream_open(3, 0, "below");
    int count[7] = {0};
    for (int i = 0; i < 70000; i++)
        count[alm_stream_below(&s, 7)]++;
    double chi2 = 0;
    for (int k = 0; k < 7; k++)
        chi2 += (count[k] - 10000.0) * (count[k] - 10000.0) / 10000.0;
    cr_assert_lt(chi2, 27.86, "chi square with 6 degrees of freedom, 1 in 10 000: %g", chi2);
}
