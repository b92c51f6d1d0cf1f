/* SPDX-License-Identifier: GPL-3.0-or-later
 * conformal_min: is min a bound that holds where it would cross max, where the predictor's own says nothing, and where that
 * jumps? */
#include "coverage_rig.h"

#include "models/conformal/score.h"

#include <criterion/criterion.h>

static const char *const names[] = {"split-conformal", "aci", "dtaci", "quantile-tracking", "pid"};
enum { NAMES = sizeof names / sizeof *names };

static struct alm_choice choose(const char *text)
{
    struct alm_choice c;
    struct alm_err e = {0};
    cr_assert_eq(alm_choice_parse(ALM_CALIBRATOR, text, &c, &e), ALM_OK, "%s", e.text);
    return c;
}

/* One round with the envelope [MIN, MAX] of the predictor and usage Y; returns what the calibrator made of it. */
static struct alm_envelope round_of(struct cover_run *g, double min, double max, double y)
{
    const struct alm_envelope v = cover_adjust(g, min, max);
    const struct alm_outcome o = cover_outcome(g, &v, y, false);
    cover_learn(g, &o);
    return v;
}

Test(conformal_min, sides_that_would_cross_do_not_and_nothing_is_lost)
{
    static const double maxima[] = {1e-6, 0.02, 1, 37.5, 1e12};
    size_t crossed = 0;
    for (size_t k = 0; k < 5; k++) {
        double before = 0;
        for (double x = -9; x < 40; x += 0.01) {
            const double max = maxima[k], moved = max * exp(x), min = score_below(moved, max);
            cr_assert(min <= max && min >= before, "%g below %g: %g after %g", moved, max, min, before);
            cr_assert(x > -1e-3 || min == moved, "%g below %g: %g", moved, max, min);
            cr_assert_float_eq(log(score_below_back(min, max) / moved), 0, x < 20 ? 1e-5 : 1e-2, "%g below %g", moved,
                               max);
            before = min;
            crossed += moved > max;
        }
        cr_assert(score_below(INFINITY, maxima[k]) <= maxima[k]);
    }
    cr_assert_gt(crossed, 15000);
    cr_assert_eq(score_below(0, 0), 0);
    cr_assert_eq(score_below_back(0, 0), 0);
    cr_assert(score_below(1, 0) <= 0 && isfinite(score_below_back(0, 1e-320)));
}

/* The min of the predictor is far too low for long, and then right: what was learned carries min beyond max. By the first
 * miss of min it is known by how much. */
Test(conformal_min, a_min_that_jumps_is_missed_a_few_times_only)
{
    for (int k = 0; k < NAMES; k++) {
        struct alm_choice c = choose(names[k]);
        struct alm_stream s = alm_stream_open(14, 0, "jump");
        struct cover_run g;
        size_t misses = 0;
        cover_open(&g, &c, ALM_CPU);
        for (int t = 0; t < 600; t++) {
            const double y = exp(0.1 * alm_stream_normal(&s)), base = t < 400 ? 0.1 : 1;
            misses += round_of(&g, base, 1.2, y).min[ALM_CPU] > y && t >= 400;
        }
        cr_assert_leq(misses, strcmp(names[k], "quantile-tracking") == 0 || strcmp(names[k], "pid") == 0 ? 13 : 6,
                      "%s: min was missed %zu times", names[k], misses);
        cover_close(&g);
        alm_choice_free(&c);
    }
}

/* A min of 0 says nothing; what is learned is then relative to max, and goes with it. */
Test(conformal_min, a_min_of_0_goes_with_max)
{
    for (int k = 0; k < NAMES; k++) {
        struct alm_choice c = choose(names[k]);
        struct alm_stream s = alm_stream_open(15, 0, "scale");
        struct cover_run g;
        size_t misses = 0;
        cover_open(&g, &c, ALM_CPU);
        for (int t = 0; t < 900; t++) {
            const double level = exp(-0.005 * fmax(t - 300, 0)), y = level * exp(0.1 * alm_stream_normal(&s));
            const double min = round_of(&g, 0, 1.2 * level, y).min[ALM_CPU];
            misses += t >= 300 && y < min;
            cr_assert(t < 300 || min > 0.1 * level, "%s: min is %g of %g", names[k], min, level);
        }
        cr_assert_leq(misses, 8, "%s: min was missed %zu times", names[k], misses);
        cover_close(&g);
        alm_choice_free(&c);
    }
}
