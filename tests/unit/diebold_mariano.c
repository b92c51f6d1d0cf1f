/* SPDX-License-Identifier: GPL-3.0-or-later
 * diebold_mariano: by hand, by symmetry, by its rate of false alarms, and where it must not answer. */
#include "experiments/statistics/diebold_mariano.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>

static void expect_none(struct dm_result r, const char *what)
{
    cr_expect(isnan(r.statistic) && isnan(r.p) && isnan(r.p_greater), "%s: %g", what, r.statistic);
}

/* Differences 1 3 2 2: mean 2, variance 1/2; factor sqrt(3/4). At horizon 2 the variance is 0, so horizon 1 again. */
Test(diebold_mariano, by_hand)
{
    const double e1[] = {2, -4, 2, -5}, e2[] = {1, 1, 0, -3};
    for (size_t h = 1; h <= 2; h++) {
        struct dm_result r = diebold_mariano(e1, e2, 4, h, 1);
        cr_expect(fabs(r.statistic - sqrt(24)) < 1e-12, "%.17g", r.statistic);
        /* Student's t with 3 degrees of freedom in closed form. */
        double t = sqrt(24), upper = 0.5 - (t / sqrt(3) / (1 + t * t / 3) + atan(t / sqrt(3))) / M_PI;
        cr_expect(fabs(r.p_greater - upper) < 1e-12 && fabs(r.p - 2 * upper) < 1e-12);
    }
}

Test(diebold_mariano, exchanging_the_forecasts_changes_the_sign)
{
    struct alm_stream s = alm_stream_open(5, 0, "dm");
    double e1[50], e2[50];
    for (int i = 0; i < 50; i++) {
        e1[i] = alm_stream_normal(&s);
        e2[i] = 1.3 * alm_stream_normal(&s);
    }
    for (size_t h = 1; h < 6; h++) {
        struct dm_result a = diebold_mariano(e1, e2, 50, h, 1.5), b = diebold_mariano(e2, e1, 50, h, 1.5);
        cr_expect(fabs(a.statistic + b.statistic) < 1e-12);
        cr_expect(fabs(a.p - b.p) < 1e-12 && fabs(a.p_greater + b.p_greater - 1) < 1e-12);
    }
}

/* 4000 pairs of equally good forecasts: 5 % are called different, give or take four standard errors (1.4 %). */
Test(diebold_mariano, false_alarms)
{
    struct alm_stream s = alm_stream_open(7, 0, "dm");
    int alarms = 0, found = 0;
    for (int k = 0; k < 4000; k++) {
        double e1[80], e2[80], worse[80];
        for (int i = 0; i < 80; i++) {
            e1[i] = alm_stream_normal(&s);
            e2[i] = alm_stream_normal(&s);
            worse[i] = 2 * e2[i];
        }
        alarms += diebold_mariano(e1, e2, 80, 1, 2).p < 0.05;
        found += diebold_mariano(worse, e1, 80, 1, 2).p_greater < 0.05;
    }
    cr_expect(alarms > 144 && alarms < 256, "%d of 4000", alarms);
    cr_expect(found > 3800, "%d of 4000", found);
}

Test(diebold_mariano, no_answer)
{
    const double e1[] = {1, 2, 3, 4, 5}, constant[] = {2, 3, 4, 5, 6}, hole[] = {1, NAN, 3, 0, 5},
                 wild[] = {1, INFINITY, 3, 0, 5}, other[] = {1, 3, 2, 0, 5};
    const double rough[] = {1.1, 2.1, 3.1, 4.1, 5.1};
    expect_none(diebold_mariano(e1, other, 0, 1, 1), "no values");
    expect_none(diebold_mariano(e1, other, 1, 1, 1), "one value");
    expect_none(diebold_mariano(e1, other, 5, 0, 1), "no horizon");
    expect_none(diebold_mariano(e1, other, 5, 5, 1), "a horizon as long as the series");
    expect_none(diebold_mariano(e1, other, 5, 1, 0), "no power");
    expect_none(diebold_mariano(e1, e1, 5, 1, 2), "equal forecasts");
    expect_none(diebold_mariano(e1, constant, 5, 1, 1), "a constant difference");
    expect_none(diebold_mariano(e1, rough, 5, 1, 1), "a difference that varies by rounding");
    expect_none(diebold_mariano(e1, hole, 5, 2, 2), "a missing error");
    expect_none(diebold_mariano(e1, wild, 5, 2, 2), "an infinite error");
    cr_expect(isfinite(diebold_mariano(e1, other, 5, 1, 1).p));
}
