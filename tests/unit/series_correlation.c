/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_correlation: are autocorrelations and autoregressions right with gaps, at any scale, and for processes whose truth is known?
 *
 * Choice.  Numbers with digits are those of R 4.2.2 for the same series. */
#include "almanac/stream.h"

#include "models/series/acf.h"
#include "models/series/arma_theory.h"
#include "models/series/autoregression.h"
#include "models/series/centred.h"
#include "models/series/least_squares.h"
#include "series_rig.h"

#include <stdint.h>
#include <string.h>

#define N 59

static const enum autoregression_method methods[] = {AUTOREGRESSION_YULE_WALKER, AUTOREGRESSION_BURG,
                                                     AUTOREGRESSION_LEAST_SQUARES};

Test(series_correlation, acf_is_that_of_r)
{
    static const double r[] = {-0.322571120624487, -0.473202816449422, 0.340334040464208, 0.30867672713403,
                               -0.483929250719963, -0.24833797010192,  0.833685367935078};
    static const double gaps[] = {-0.232434753025793, -0.500559963240333, 0.281353268654514, 0.281079460622236};
    double y[N], acf[7];
    series_made(y, N);
    cr_assert(series_acf(y, N, 7, acf));
    for (size_t k = 0; k < 7; k++)
        series_near(acf[k], r[k], 1e-14, "lag %zu", k + 1);
    y[4] = NAN;
    y[5] = INFINITY;
    y[19] = -INFINITY;
    y[40] = NAN;
    cr_assert(series_acf(y, N, 4, acf));
    for (size_t k = 0; k < 4; k++)
        series_near(acf[k], gaps[k], 1e-14, "lag %zu with gaps", k + 1);
}

Test(series_correlation, no_correlations_where_there_is_nothing_to_correlate)
{
    double flat[] = {0.1, 0.1, NAN, 0.1}, two[] = {1, 2}, acf[5], pacf[5];
    cr_assert(series_acf(flat, 4, 2, acf));
    cr_expect(isnan(acf[0]) && isnan(acf[1]));
    cr_assert(series_acf(two, 2, 5, acf));
    series_near(acf[0], -0.5, 1e-15, "two values"); /* (-.5 * .5) / (.25 + .25) */
    cr_expect(isnan(acf[1]) && isnan(acf[4]), "lags beyond the series");
    cr_assert(series_pacf(acf, 5, pacf));
    series_near(pacf[0], -0.5, 1e-15, "partial");
    cr_assert(series_acf(two, 0, 0, acf));
    cr_expect(isnan(series_ljung_box(acf, 3, 3)) && isnan(series_box_pierce(acf, 3, 2)));
    cr_expect(isnan(series_portmanteau_p(NAN, 3, 0)) && isnan(series_portmanteau_p(1, 3, 3)));
    cr_expect_eq(series_portmanteau_p(INFINITY, 3, 0), 0);
    series_near(series_portmanteau_p(5.991464547107982, 3, 1), 0.05, 1e-12, "chi-squared with 2 degrees");
}

Test(series_correlation, autoregressions_are_those_of_r)
{
    double y[N], ar[32];
    struct autoregression fit = {.ar = ar};
    static const size_t orders[] = {9, 14, 15};
    series_made(y, N);
    for (size_t m = 0; m < 3; m++) {
        cr_assert(autoregression_fit(methods[m], y, N, autoregression_order_max(N), true, &fit));
        cr_expect_eq(fit.order, orders[m], "method %zu: order %zu", m, fit.order);
    }
    cr_assert(autoregression_fit(AUTOREGRESSION_LEAST_SQUARES, y, N, 2, false, &fit));
    series_near(ar[0], -0.554817579213127, 1e-12, "ols 1");
    series_near(ar[1], -0.686452377780564, 1e-12, "ols 2");
    series_near(fit.intercept, -0.153088982941955, 1e-12, "ols intercept");
    series_near(fit.variance, 9.12958011205824, 1e-12, "ols variance");
    y[4] = y[5] = y[19] = y[40] = NAN;
    cr_assert(autoregression_fit(AUTOREGRESSION_YULE_WALKER, y, N, 2, false, &fit));
    series_near(ar[0], -0.368701732712011, 1e-12, "yw 1 with gaps");
    series_near(ar[1], -0.586259059423431, 1e-12, "yw 2 with gaps");
    series_near(fit.variance, 11.7115524541928, 1e-12, "yw variance with gaps");
    cr_expect_not(autoregression_fit(AUTOREGRESSION_BURG, y, N, 2, false, &fit), "Burg takes no gaps");
    cr_expect_not(autoregression_fit(AUTOREGRESSION_LEAST_SQUARES, y, N, 2, false, &fit));
}

/* 20 000 values of an AR(2): s.e. of a coefficient is sqrt(1 - .5^2) / sqrt(20000) = .006, so .03 is 5 of them. */
Test(series_correlation, a_known_process_is_found)
{
    static double y[20000];
    struct alm_stream s = alm_stream_open(62, 0, "ar2");
    double ar[43];
    struct autoregression fit = {.ar = ar};
    for (size_t t = 0; t < 20000; t++)
        y[t] = alm_stream_normal(&s) + (t >= 2 ? 1.2 * y[t - 1] - 0.5 * y[t - 2] : 0);
    for (size_t t = 0; t < 20000; t++)
        y[t] = 1e6 + 3 * y[t];
    for (size_t m = 0; m < 3; m++) {
        cr_assert(autoregression_fit(methods[m], y, 20000, 2, false, &fit));
        cr_expect_lt(fabs(ar[0] - 1.2), 0.03, "method %zu: %g", m, ar[0]);
        cr_expect_lt(fabs(ar[1] + 0.5), 0.03, "method %zu: %g", m, ar[1]);
        cr_expect_lt(fabs(fit.variance - 9), 0.45, "method %zu: variance %g", m, fit.variance);
    }
}

Test(series_correlation, scale_and_level_do_not_matter)
{
    double y[N], big[N], ar[3], same[3];
    struct autoregression a = {.ar = ar}, b = {.ar = same};
    series_made(y, N);
    for (size_t m = 0; m < 3; m++)
        for (int power = -1000; power <= 1000; power += 2000) {
            for (size_t i = 0; i < N; i++)
                big[i] = ldexp(y[i], power);
            cr_assert(autoregression_fit(methods[m], y, N, 3, false, &a));
            cr_assert(autoregression_fit(methods[m], big, N, 3, false, &b));
            cr_expect_arr_eq(ar, same, sizeof ar, "method %zu at 2^%d", m, power);
            cr_expect_eq(ldexp(a.mean, power), b.mean);
        }
}

Test(series_correlation, what_has_no_autoregression_is_refused)
{
    double y[N], flat[] = {3, 3, 3, 3, 3}, ar[8] = {0};
    struct autoregression fit = {.ar = ar, .order = 77};
    series_made(y, N);
    for (size_t m = 0; m < 3; m++) {
        cr_expect_not(autoregression_fit(methods[m], flat, 5, 1, false, &fit));
        cr_expect_not(autoregression_fit(methods[m], y, 3, 3, false, &fit));
        cr_expect_not(autoregression_fit(methods[m], y, 0, 0, true, &fit));
        cr_expect_eq(fit.order, 77, "a refusal changes nothing");
    }
    /* The pairs at lag 1 that are left say 1.5: no process does. */
    double odd[] = {10, 10, NAN, -10, -10, NAN, 0, NAN, 0, NAN, 0};
    double r;
    cr_assert(series_acf(odd, 11, 1, &r));
    if (r >= 1)
        cr_expect_not(autoregression_fit(AUTOREGRESSION_YULE_WALKER, odd, 11, 1, false, &fit));
    cr_expect_eq(autoregression_order_max(0), 0);
    cr_expect_eq(autoregression_order_max(5), 4);
    cr_expect_eq(autoregression_order_max(100), 20);
}

/* AR(1): r_k = phi^k. MA(1): r_1 = theta / (1 + theta^2). ARMA(1,1): r_1 = (1 + phi theta)(phi + theta) / (1 + 2 phi theta + theta^2). */
Test(series_correlation, correlations_of_processes_in_closed_form)
{
    const double phi = 0.8, theta = -0.4;
    double r[3];
    cr_assert(series_arma_acf(&(struct arma){.phi = &phi, .p = 1}, 3, r));
    for (size_t k = 0; k < 3; k++)
        series_near(r[k], pow(phi, (double)k + 1), 1e-15, "AR(1) lag %zu", k + 1);
    cr_assert(series_arma_acf(&(struct arma){.theta = &theta, .q = 1}, 3, r));
    series_near(r[0], theta / (1 + theta * theta), 1e-15, "MA(1) lag 1");
    series_near(r[1], 0, 1e-15, "MA(1) lag 2");
    cr_assert(series_arma_acf(&(struct arma){&phi, &theta, 1, 1}, 3, r));
    const double first = (1 + phi * theta) * (phi + theta) / (1 + 2 * phi * theta + theta * theta);
    series_near(r[0], first, 1e-15, "ARMA(1,1) lag 1");
    series_near(r[2], first * phi * phi, 1e-15, "ARMA(1,1) lag 3");
    const double walk = 1, beyond[] = {0, 1.1};
    cr_expect_not(series_arma_acf(&(struct arma){.phi = &walk, .p = 1}, 3, r), "a random walk has none");
    cr_expect_not(series_arma_acf(&(struct arma){.phi = beyond, .p = 2}, 3, r));
}

/* y = 1 + 2 a - 3 b + r with r at right angles to all columns: r = (1, -1, -1, 1) * .5, so the sum of squares is 1 over 1 degree, X'X is
 * diagonal (4, 4, 4) and each standard error is 1 / 2. */
Test(series_correlation, least_squares_by_hand)
{
    double x[] = {1, 1, 1, 1, -1, 1, 1, 1, -1, 1, -1, -1}, y[] = {0.5, -4.5, 5.5, 2.5}, b[3], error[3];
    series_near(series_least_squares(x, y, 4, 3, b, error), 1, 1e-14, "squares");
    static const double expected[] = {1, 2, -3};
    for (size_t j = 0; j < 3; j++) {
        series_near(b[j], expected[j], 1e-14, "coefficient %zu", j);
        series_near(error[j], 0.5, 1e-14, "its error %zu", j);
    }
    double twice[] = {1, 2, 2, 4, 3, 6, 4, 8}, z[] = {1, 2, 3, 5};
    cr_expect(isnan(series_least_squares(twice, z, 4, 2, b, NULL)), "a column twice");
    double zero[] = {0, 0};
    cr_expect(isnan(series_least_squares(zero, z, 2, 1, b, NULL)), "a column of zeros");
    double wide[] = {1, 2};
    cr_expect(isnan(series_least_squares(wide, z, 1, 2, b, NULL)), "more columns than rows");
}

Test(series_correlation, centred_values_are_near_one)
{
    double out[4], huge[] = {1.7e308, -1.7e308, NAN, 1e308}, tiny[] = {5e-324, 0, INFINITY, 5e-324};
    struct centred c = series_centre(huge, 4, out);
    cr_expect_eq(c.used, 3);
    series_near(c.mean / 1e308, 1.0 / 3, 1e-14, "mean of huge values");
    for (size_t i = 0; i < 4; i++)
        cr_expect(i == 2 ? isnan(out[i]) : fabs(out[i]) <= 1, "value %zu is %g", i, out[i]);
    c = series_centre(tiny, 4, out);
    cr_expect_eq(c.used, 3);
    cr_expect(isnan(out[2]) && fabs(out[0]) <= 1 && fabs(out[1]) > 0.25, "%g %g", out[0], out[1]);
    cr_expect_eq(series_centre(huge + 2, 1, out).used, 0);
    cr_expect(series_constant(huge + 2, 1) && series_constant(NULL, 0));
    double nearly[] = {1e10, 1e10 + 1, 1e10};
    cr_expect(series_constant(nearly, 3), "a part in 1e10 is rounding");
    nearly[1] = 1e10 + 1e4;
    cr_expect_not(series_constant(nearly, 3));
}

/* Of 500 series of 200 independent values 25 +- 4.9 have p < .05: within 8 .. 45 but once in 10 000 such tests. */
Test(series_correlation, ljung_box_keeps_its_level)
{
    int below = 0;
    for (uint64_t run = 0; run < 500; run++) {
        struct alm_stream s = alm_stream_open(63, run, "ljung-box");
        double y[200], r[10];
        for (size_t t = 0; t < 200; t++)
            y[t] = alm_stream_exponential(&s);
        cr_assert(series_acf(y, 200, 10, r));
        below += series_portmanteau_p(series_ljung_box(r, 10, 200), 10, 0) < 0.05;
    }
    cr_expect(below >= 8 && below <= 45, "%d of 500", below);
}
