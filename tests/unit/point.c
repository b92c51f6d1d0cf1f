/* SPDX-License-Identifier: GPL-3.0-or-later
 * point: do past errors make the ranges that the header promises? By ewma, whose forecast is easily reckoned. */
#include "almanac/stream.h"
#include "models/resolution.h"
#include "series_feed.h"

/* With a half-life far below the interval the forecast is the last value, so errors are steps. */
#define LAST "half_life=1s"

Test(point, too_few_errors_widen_and_say_so)
{
    struct series_feed f;
    series_feed_start(&f, "ewma:confidence=90%," LAST);
    const struct alm_envelope *v = series_feed(&f, 2, NAN, 0);
    cr_expect_eq(v->has, ALM_BIT(ALM_CPU));
    cr_expect_float_eq(v->max[0], 4, 1e-12, "no error yet: twice the forecast");
    cr_expect_eq(v->confidence[0], 0);
    v = series_feed(&f, 3, NAN, 0);
    const double s = alm_resolution(ALM_CPU), up = (3 + s) / (2 + s);
    cr_expect_float_eq(v->max[0], 2 * ((3 + s) * up - s), 1e-9);
    cr_expect_eq(v->confidence[0], 0.5);
    cr_expect_eq(v->min[0], 0);
    series_feed_stop(&f);
}

/* Errors 1..99 of differences, each once; the order statistics by counting. */
Test(point, order_statistics_of_differences)
{
    struct series_feed f;
    series_feed_start(&f, "ewma:confidence=90%,errors=difference,errors_window=3d," LAST);
    double y = 1000;
    series_feed(&f, y, NAN, 0);
    for (int k = 0; k < 99; k++) {
        const int error = (k * 37) % 99 + 1 - 50; /* -49 .. 49 */
        y += error;
        series_feed(&f, y, NAN, 0);
    }
    /* ceil(100 * 0.9) = the 90th of -49..49 = 40; the lower tail is half a percent of 100 values: none, so 0 */
    cr_expect_float_eq(f.v.max[0], y + 40, 1e-9, "%.17g", f.v.max[0] - y);
    cr_expect_eq(f.v.min[0], 0);
    cr_expect_eq(f.v.confidence[0], 0.9);
    series_feed_stop(&f);
}

Test(point, censored_values_count_as_a_fifth_more)
{
    struct series_feed seen, held;
    series_feed_start(&seen, "ewma:confidence=50%,errors=difference," LAST);
    series_feed_start(&held, "ewma:confidence=50%,errors=difference," LAST);
    for (int k = 0; k < 50; k++) {
        series_feed(&seen, 10, NAN, 0);
        series_feed(&held, 10, NAN, ALM_BIT(ALM_CPU));
    }
    cr_expect_float_eq(seen.v.max[0], 10, 1e-9);
    cr_expect_float_eq(held.v.max[0], 12, 1e-9);
    series_feed_stop(&seen);
    series_feed_stop(&held);
}

/* Independent draws: misses are a fair coin of known bias. 4000 rounds, |z| < 4: false alarm below 1e-4 each. */
static void covers(const char *text, double confidence)
{
    struct series_feed f;
    struct alm_stream s = alm_stream_open(11, 0, "point");
    size_t misses = 0, low = 0, n = 0;
    series_feed_start(&f, text);
    for (int k = 0; k < 6000; k++) {
        const double y = exp(0.5 * alm_stream_normal(&s));
        if (k >= 2000) {
            n++;
            misses += y > f.v.max[0];
            low += y < f.v.min[0];
        }
        series_feed(&f, y, y * 1e9, 0);
    }
    const double wanted = 1 - confidence,
                 z = ((double)misses - wanted * (double)n) / sqrt((double)n * wanted * confidence);
    cr_expect_lt(fabs(z), 4, "%s: %zu misses of %zu", text, misses, n);
    cr_expect_lt((double)low, (double)n * alm_lower_tail(confidence) * 2 + 8, "%s: %zu below min", text, low);
    series_feed_stop(&f);
}

Test(point, ranges_hold_as_often_as_they_say)
{
    covers("ewma:confidence=90%,half_life=7d", 0.9);
    covers("ewma:confidence=95%,half_life=7d", 0.95);
    covers("ewma:confidence=99%,half_life=7d", 0.99);
    covers("ewma:confidence=95%,half_life=7d,errors=difference", 0.95);
    covers("residual-quantile:confidence=95%", 0.95);
    covers("conditional-density:confidence=95%", 0.95);
    covers("conditional-density:confidence=99%", 0.99);
    covers("conditional-density:confidence=95%,even=true", 0.95);
}

Test(point, normal_errors_are_z_times_their_root_mean_square)
{
    struct series_feed f;
    series_feed_start(&f, "ewma:confidence=97.5%,errors=normal,errors_window=1000d," LAST);
    for (int k = 0; k < 400; k++)
        series_feed(&f, k % 2 ? 101 : 99, NAN, 0);
    cr_expect_float_eq(f.v.max[0], 101 + 1.959963984540054 * 2, 1e-9);
    series_feed_stop(&f);
}

/* Memory of 10 GiB for 40 intervals, 2 MiB for 40, and so on: 1 step in 80 goes up, so at 99 % it counts. By hand: half the mean is 2.5 GiB,
 * the step (10 + 2.5) / (0 + 2.5) = 5, so 5 * 12.5 - 2.5 = 60 GiB; a bare ratio would ask for 34 TiB. */
Test(point, a_jump_of_memory_from_little_to_much_is_no_ratio)
{
    const double GiB = 1073741824;
    struct series_feed f;
    series_feed_start(&f, "ewma:confidence=99%," LAST);
    for (int k = 0; k < 1000; k++)
        series_feed(&f, 1, k / 40 % 2 ? GiB / 512 : 10 * GiB, 0);
    cr_expect_gt(f.v.max[ALM_MEMORY], 0.001 * GiB);
    for (int k = 0; k < 20; k++)
        series_feed(&f, 1, 10 * GiB, 0);
    cr_expect_lt(fabs(f.v.max[ALM_MEMORY] / GiB - 60), 6, "%g GiB", f.v.max[ALM_MEMORY] / GiB);
    series_feed_stop(&f);
}
