/* SPDX-License-Identifier: GPL-3.0-or-later
 * signs: the sign test, and the mean under random signs. */
#include "almanac/stream.h"

#include "experiments/statistics/rank_test.h"
#include "experiments/statistics/ranks.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define ENUMERATED 20
#define HALF (ENUMERATED / 2)
#define ROUNDING 1e-12

double sign_test(const double *d, size_t n)
{
    unsigned above = 0, below = 0;
    if (n == 0 || any_nan(d, n))
        return NAN;
    for (size_t i = 0; i < n; i++) {
        above += d[i] > 0;
        below += d[i] < 0;
    }
    if (above == below)
        return 1;
    return fmin(1, 2 * gsl_cdf_binomial_P(above < below ? above : below, 0.5, above + below));
}

/* The sums of D[n] under all 2^n signs. */
static size_t all_sums(const double *d, size_t n, double *out)
{
    const size_t count = (size_t)1 << n;
    for (size_t signs = 0; signs < count; signs++) {
        out[signs] = 0;
        for (size_t i = 0; i < n; i++)
            out[signs] += signs >> i & 1 ? -d[i] : d[i];
    }
    return count;
}

/* Share of all signs whose sum is at least LEAST in size. In halves: no running sum, so no error that grows. */
static double enumerated(const double *d, size_t n, double least)
{
    double low[1 << HALF], high[1 << HALF];
    const size_t lower = all_sums(d, n / 2, low), upper = all_sums(d + n / 2, n - n / 2, high);
    size_t far = 0;
    for (size_t i = 0; i < lower; i++)
        for (size_t j = 0; j < upper; j++)
            far += fabs(low[i] + high[j]) >= least;
    return (double)far / (double)(lower * upper);
}

static double drawn(const double *d, size_t n, double least, size_t draws, uint64_t seed)
{
    struct alm_stream s = alm_stream_open(seed, 0, "sign flip");
    size_t far = 1;
    for (size_t k = 0; k < draws; k++) {
        double sum = 0;
        uint64_t signs = 0;
        for (size_t i = 0; i < n; i++) {
            signs = i % 64 ? signs >> 1 : alm_stream_u64(&s);
            sum += signs & 1 ? -d[i] : d[i];
        }
        far += fabs(sum) >= least;
    }
    return (double)far / ((double)draws + 1);
}

double sign_flip(const double *d, size_t n, size_t draws, uint64_t seed)
{
    double sum = 0, size = 0, kept[ENUMERATED];
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(d[i]))
            return NAN;
        sum += d[i];
        size += fabs(d[i]);
        if (d[i] == 0)
            continue;
        if (m < ENUMERATED)
            kept[m] = d[i];
        m++;
    }
    const double least = fabs(sum) - ROUNDING * size;
    if (n == 0 || !isfinite(size))
        return NAN;
    return m <= ENUMERATED ? enumerated(kept, m, least) : drawn(d, n, least, draws, seed);
}
