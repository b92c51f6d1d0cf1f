/* SPDX-License-Identifier: GPL-3.0-or-later
 * predictors_baselines: do mean, drift, seasonal-naive, n-sigma and rc-like give the numbers worked out by hand, and a defined answer to
 * any series? What all predictors must do is in tests/contract. */
#include "predictor_rig.h"

#include "almanac/resource.h"

#include <float.h>
#include <stdio.h>

#define POINT ":errors=normal,confidence=50%"
#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

Test(baselines, mean_of_a_window_leaves_out_what_is_missing)
{
    const double x[] = {4, 2, NAN, 6, 1}, windowed[] = {4, 3, 3, 4, 3.5}, all[] = {4, 3, 3, 4, 3.25};
    predictor_expect_path("mean" POINT ",window=15m", x, windowed, LENGTH(x));
    predictor_expect_path("mean" POINT ",window=0", x, all, LENGTH(x));
}

/* A sum that is only added to and taken from would be 0 after the large value is gone. */
Test(baselines, what_left_the_window_leaves_no_trace)
{
    const double x[] = {1, 1e17, 2, 4, 1e17, 5, 7}, mean[] = {1, 5e16, 5e16, 3, 5e16, 5e16, 6};
    predictor_expect_path("mean" POINT ",window=10m", x, mean, LENGTH(x));
}

Test(baselines, drift_is_the_line_through_the_ends_of_the_window)
{
    const double x[] = {1, 2, 4, NAN, 10}, line[] = {1, 3, 5.5, 7, 10 + 8.0 / 3};
    predictor_expect_path("drift" POINT ",window=15m", x, line, LENGTH(x));
}

Test(baselines, drift_keeps_the_last_value_over_a_gap_longer_than_its_window)
{
    const double x[] = {NAN, 1, 3, NAN, NAN, NAN, NAN, 7, 8}, line[] = {NAN, 1, 5, 7, 3, 3, 3, 7, 9};
    predictor_expect_path("drift" POINT ",window=10m", x, line, LENGTH(x));
}

Test(baselines, seasonal_naive_before_and_after_the_first_season)
{
    const double x[] = {1, 2, 3, NAN, 9, 8, 7}, before[] = {1, 2, 1, 2, 3, 8, 9};
    predictor_expect_path("seasonal-naive" POINT ",season=15m", x, before, LENGTH(x));
}

/* Forecast 2, no error known: twice that, at 0 of 1. Then an error of (5 + s) / (2 + s), s a millicore; 1 of 2. */
Test(baselines, ranges_are_those_of_point_predictors)
{
    struct predictor_rig g;
    predictor_start(&g, "seasonal-naive:season=5m");
    predictor_feed(&g, 2, NAN);
    cr_expect_eq(g.v.max[ALM_CPU], 4);
    cr_expect_eq(g.v.min[ALM_CPU], 0);
    cr_expect_eq(g.v.confidence[ALM_CPU], 0);
    predictor_feed(&g, 5, NAN);
    const double up = (5 + 0.001) * (5 + 0.001) / (2 + 0.001) - 0.001;
    cr_expect_lt(fabs(g.v.max[ALM_CPU] - 2 * up), 1e-12);
    cr_expect_eq(g.v.confidence[ALM_CPU], 0.5);
    predictor_close(&g);
}

Test(baselines, n_sigma_only_once_full)
{
    const double x[] = {1, 2, NAN, 3, 4, 9}, sd = sqrt(5.0 / 3),
                 later = sqrt((2.5 * 2.5 + 1.5 * 1.5 + 0.25 + 4.5 * 4.5) / 3);
    const double two[] = {NAN, NAN, NAN, NAN, 2.5 + 2 * sd, 4.5 + 2 * later};
    predictor_expect_path("n-sigma:n=2,window=20m", x, two, LENGTH(x));
    struct predictor_rig g;
    predictor_start(&g, "n-sigma:n=1,window=20m");
    for (size_t k = 0; k < 5; k++)
        predictor_feed(&g, x[k], 3 * x[k]);
    cr_expect_lt(fabs(g.v.min[ALM_CPU] - (2.5 - sd)), 1e-12);
    cr_expect_lt(fabs(g.v.min[ALM_MEMORY] - 3 * (2.5 - sd)), 1e-12);
    cr_expect_lt(fabs(g.v.confidence[ALM_CPU] - 0.8413447460685429), 1e-12, "P(z < 1)");
    cr_expect_eq(g.v.peak, ALM_BIT(ALM_MEMORY));
    predictor_close(&g);
}

/* Samples of 7 k^2 mod 997 millicores; the limits by exact fractions in Python, over the last 24 = 2 h / 5 min of them. */
Test(baselines, n_sigma_to_the_millicore)
{
    static const int64_t limit[] = {1781, 1772, 1740, 1774, 1763, 1748, 1842};
    struct predictor_rig g;
    predictor_start(&g, "n-sigma");
    for (int k = 0; k < 30; k++) {
        predictor_feed(&g, (double)(7 * k * k % 997) / 1000, NAN);
        if (k < 23)
            cr_expect_eq(g.v.has, 0);
        else
            cr_expect_eq(alm_millicores_up(g.v.max[ALM_CPU]), limit[k - 23], "after %d: %.12g", k, g.v.max[ALM_CPU]);
    }
    cr_expect_lt(fabs(g.v.confidence[ALM_CPU] - 0.9999997133484282), 1e-15);
    predictor_close(&g);
}

/* 0.1 and 0.3 are no binary fractions: a constant must not get a deviation from rounding. */
Test(baselines, n_sigma_of_a_constant_is_the_constant)
{
    struct predictor_rig g;
    predictor_start(&g, "n-sigma:n=1000,window=15m");
    for (int k = 0; k < 7; k++)
        predictor_feed(&g, 0.1, 0.3);
    cr_expect_eq(g.v.max[ALM_CPU], 0.1);
    cr_expect_eq(g.v.min[ALM_MEMORY], 0.3);
    predictor_close(&g);
}

Test(baselines, rc_like_is_type_seven_after_a_warm_up)
{
    const double x[] = {5, 1, NAN, 4, 2}, p90[] = {NAN, NAN, NAN, NAN, 4.7};
    predictor_expect_path("rc-like:percentile=90%,window=50m,warm_up=20m", x, p90, LENGTH(x));
    struct predictor_rig g;
    predictor_start(&g, "rc-like:percentile=90%,window=50m,warm_up=20m");
    for (size_t k = 0; k < LENGTH(x); k++)
        predictor_feed(&g, x[k], NAN);
    cr_expect_lt(fabs(g.v.min[ALM_CPU] - 1.015), 1e-12, "the half-percent point of 1 2 4 5");
    cr_expect_eq(g.v.confidence[ALM_CPU], 0.9);
    predictor_close(&g);
}

Test(baselines, rc_like_is_warm_when_its_window_is_full)
{
    const double x[] = {5, 1, 2}, most[] = {NAN, 5, 2};
    predictor_expect_path("rc-like:percentile=100%,window=10m,warm_up=1h", x, most, LENGTH(x));
}

static const char *const names[] = {"mean",           "mean:window=0",      "drift",
                                    "seasonal-naive", "n-sigma:window=15m", "rc-like:warm_up=0"};
static const char *const errors[] = {"ratio", "difference", "normal"};

/* VALUES over and over, for 200 intervals: whatever is said is an envelope. */
static void sound(const char *text, const double *values, size_t n)
{
    struct predictor_rig g;
    predictor_start(&g, text);
    for (size_t k = 0; k < 200; k++) {
        predictor_feed_held(&g, values[k % n], values[(k + 1) % n], k % 5 == 0 ? 3 : 0);
        for (int r = 0; r < 2; r++)
            cr_expect(!(g.v.has & ALM_BIT(r)) ||
                          (isfinite(g.v.max[r]) && g.v.min[r] >= 0 && g.v.min[r] <= g.v.max[r] &&
                           (isnan(g.v.confidence[r]) || (g.v.confidence[r] >= 0 && g.v.confidence[r] <= 1))),
                      "%s: after %zu: [%g, %g] at %g", text, k, g.v.min[r], g.v.max[r], g.v.confidence[r]);
    }
    predictor_close(&g);
}

Test(baselines, any_series_has_a_defined_answer)
{
    const double constant[] = {2}, none[] = {NAN}, two[] = {1, 3}, huge[] = {1e300, 1e-300, 0, DBL_MAX},
                 tiny[] = {DBL_TRUE_MIN}, broken[] = {1, NAN, INFINITY, 2, 0};
    for (size_t k = 0; k < LENGTH(names); k++)
        for (size_t how = 0; how < LENGTH(errors); how++) {
            char text[96];
            const bool point = k < 4;
            snprintf(text, sizeof text, point ? "%s%serrors=%s" : "%s", names[k], strchr(names[k], ':') ? "," : ":",
                     errors[how]);
            sound(text, constant, LENGTH(constant));
            sound(text, none, LENGTH(none));
            sound(text, two, LENGTH(two));
            sound(text, huge, LENGTH(huge));
            sound(text, tiny, LENGTH(tiny));
            sound(text, broken, LENGTH(broken));
        }
}

/* After what is not finite has left the window, it is as if it had been missing. */
Test(baselines, what_is_not_finite_does_no_lasting_harm)
{
    const double x[] = {1, INFINITY, 3, 5}, mean[] = {1, 1, 3, 4}, line[] = {1, 1, 4, 7}, before[] = {1, 1, 3, 5};
    predictor_expect_path("mean" POINT ",window=10m", x, mean, LENGTH(x));
    predictor_expect_path("drift" POINT ",window=10m", x, line, LENGTH(x));
    predictor_expect_path("seasonal-naive" POINT ",season=5m", x, before, LENGTH(x));
}
