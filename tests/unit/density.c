/* SPDX-License-Identifier: GPL-3.0-or-later
 * density: does the conditional distribution see what it should: a season, a habit, a burst; and does its price do what it claims? */
#include "almanac/stream.h"
#include "series_feed.h"

/* Sum of max over the rounds after the first HEAD, and misses, of series Y[N]. */
struct score {
    double limit, misses, n;
};

static struct score score_of(const char *text, const double *y, size_t n, size_t head)
{
    struct series_feed f;
    struct score s = {0};
    series_feed_start(&f, text);
    for (size_t k = 0; k < n; k++) {
        if (k >= head) {
            s.limit += f.v.max[0];
            s.misses += y[k] > f.v.max[0];
            s.n++;
        }
        series_feed(&f, y[k], NAN, 0);
    }
    series_feed_stop(&f);
    return s;
}

enum { N = 6000, HEAD = 2000 };

/* After a spike of 1 in 8 comes a second one: what comes next depends on the last value alone. */
static void habits(double *y)
{
    struct alm_stream s = alm_stream_open(3, 0, "habits");
    bool spiked = false;
    for (size_t k = 0; k < N; k++) {
        const double base = 1 + 0.1 * alm_stream_uniform(&s);
        const bool begin = alm_stream_uniform(&s) < 0.125;
        y[k] = spiked || begin ? 5 * base : base;
        spiked = !spiked && begin;
    }
}

Test(density, knows_what_follows_what)
{
    static double y[N];
    habits(y);
    const struct score c = score_of("conditional-density:confidence=80%", y, N, HEAD);
    const struct score m = score_of("moving-percentile:percentile=80%", y, N, HEAD);
    cr_expect_lt(fabs(c.misses / c.n - 0.2), 0.03, "%g", c.misses / c.n);
    cr_expect_lt(c.limit, 0.6 * m.limit, "%g against %g of a percentile", c.limit, m.limit);
}

/* Calm by day, wild by night: misses are to fall where limits are dear, so that their sum is less for as many misses. */
Test(density, misses_fall_where_they_save_most)
{
    static double y[N];
    struct alm_stream s = alm_stream_open(4, 0, "nights");
    for (size_t k = 0; k < N; k++)
        y[k] = exp((k % 288 < 144 ? 0.05 : 0.8) * alm_stream_normal(&s));
    const struct score even = score_of("conditional-density:confidence=90%,even=true", y, N, HEAD);
    const struct score cheap = score_of("conditional-density:confidence=90%", y, N, HEAD);
    cr_expect_lt(fabs(even.misses / even.n - 0.1), 0.025, "%g", even.misses / even.n);
    cr_expect_lt(fabs(cheap.misses / cheap.n - 0.1), 0.025, "%g", cheap.misses / cheap.n);
    cr_expect_lt(cheap.limit, 0.97 * even.limit, "%g against %g", cheap.limit, even.limit);
}

/* The share of misses follows the price's rule on any series: |mean - wanted| <= range of the log price / (step T). */
Test(density, share_of_misses_is_bounded_whatever_comes)
{
    static double y[N];
    struct alm_stream s = alm_stream_open(5, 0, "drift");
    double level = 1;
    for (size_t k = 0; k < N; k++) {
        level *= exp(0.02 * alm_stream_normal(&s));
        y[k] = level * (k / 500 % 2 ? 1 : 3) * exp(0.3 * alm_stream_normal(&s));
    }
    const struct score c = score_of("conditional-density:confidence=95%", y, N, 1000);
    cr_expect_lt(fabs(c.misses / c.n - 0.05), 21 / (0.3 * c.n) + 1e-9, "%g", c.misses / c.n);
}

Test(density, hostile_series_give_finite_ranges_or_none)
{
    const double odd[] = {NAN, 0, 1e300, 1e-300, -1, INFINITY, 5, 0, 0};
    struct series_feed f;
    series_feed_start(&f, "conditional-density");
    for (size_t k = 0; k < 500; k++) {
        series_feed(&f, odd[k % 9], k % 2 ? 0 : 1e14, k % 5 == 0);
        for (int r = 0; r < 2; r++)
            if (f.v.has & ALM_BIT(r))
                cr_assert(isfinite(f.v.max[r]) && f.v.min[r] >= 0 && f.v.min[r] <= f.v.max[r], "round %zu", k);
    }
    series_feed_stop(&f);
    series_feed_start(&f, "conditional-density");
    for (size_t k = 0; k < 200; k++)
        series_feed(&f, 2, NAN, 0);
    cr_expect_lt(f.v.max[0], 2.1, "a constant is expected again: %g", f.v.max[0]);
    cr_expect_geq(f.v.max[0], 2);
    cr_expect_eq(f.v.has, ALM_BIT(ALM_CPU));
    series_feed_stop(&f);
}
