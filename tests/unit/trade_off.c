/* SPDX-License-Identifier: GPL-3.0-or-later
 * trade_off: is domination what comparing all pairs says, and is the area what a pencil gives? */
#include "experiments/statistics/trade_off.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>

#define MOST 60

static bool better(struct trade_off_point a, struct trade_off_point b)
{
    return a.slack <= b.slack && a.harm <= b.harm && (a.slack < b.slack || a.harm < b.harm);
}

/* On a coarse grid, so that ties abound; some are infinite or missing. */
static double coordinate(struct alm_stream *s)
{
    uint64_t u = alm_stream_below(s, 14);
    return u == 12 ? INFINITY : u == 13 ? NAN : (double)u - 3;
}

Test(trade_off, dominated_by_brute_force)
{
    struct alm_stream s = alm_stream_open(1, 0, "trade-off");
    struct alm_err e = {0};
    for (int k = 0; k < 3000; k++) {
        struct trade_off_point p[MOST];
        bool got[MOST];
        size_t n = alm_stream_below(&s, MOST + 1);
        for (size_t i = 0; i < n; i++)
            p[i] = (struct trade_off_point){coordinate(&s), coordinate(&s)};
        cr_assert_eq(trade_off_dominated(p, n, got, &e), ALM_OK);
        for (size_t i = 0; i < n; i++) {
            bool want = isnan(p[i].slack) || isnan(p[i].harm);
            for (size_t j = 0; j < n; j++)
                want |= better(p[j], p[i]);
            cr_assert_eq(got[i], want, "round %d: (%g, %g)", k, p[i].slack, p[i].harm);
        }
    }
}

static double area(const struct trade_off_point *a, size_t n, const struct trade_off_point *b, size_t m)
{
    struct alm_err e = {0};
    double out = 1e300;
    cr_assert_eq(trade_off_area(a, n, b, m, &out, &e), ALM_OK);
    return out;
}

/* A: 10 from harm 0, 6 from 2, 1 from 5. B: 8 from 1, 5 from 4, 3 from 6. In common: 1 to 5.
 * A - B: 2 over 1..2, -2 over 2..4, 1 over 4..5; mean (2 - 4 + 1) / 4. The others are dominated. */
Test(trade_off, area_by_hand)
{
    const struct trade_off_point a[] = {{6, 2}, {1, 5}, {10, 0}, {9, 3}, {6, 4}, {NAN, 0}, {2, 9}};
    const struct trade_off_point b[] = {{3, 6}, {8, 1}, {5, 4}, {5, 4}, {INFINITY, 0}};
    cr_expect_eq(area(a, 7, b, 5), -0.25);
    cr_expect_eq(area(b, 5, a, 7), 0.25);
    cr_expect_eq(area(a, 7, a, 7), 0);
}

Test(trade_off, little_or_nothing_in_common)
{
    const struct trade_off_point a[] = {{4, 1}, {2, 3}}, touching[] = {{9, 3}, {1, 4}}, beyond[] = {{9, 4}, {1, 5}};
    const struct trade_off_point nothing[] = {{NAN, 2}, {1, NAN}, {-INFINITY, 1}};
    cr_expect_eq(area(a, 2, touching, 2), -7, "one harm in common");
    cr_expect_eq(area(a, 1, a, 1), 0);
    cr_expect(isnan(area(a, 2, beyond, 2)));
    cr_expect(isnan(area(a, 2, nothing, 3)));
    cr_expect(isnan(area(nothing, 0, a, 2)));
    cr_expect(isnan(area(nothing, 0, nothing, 0)));
}

static double least(const struct trade_off_point *p, size_t n, double harm)
{
    double slack = INFINITY;
    for (size_t i = 0; i < n; i++)
        slack = p[i].harm <= harm ? fmin(slack, p[i].slack) : slack;
    return slack;
}

/* The least harm at which all of P's slack is had, or the least harm of all. */
static double end_of(const struct trade_off_point *p, size_t n, bool last)
{
    double slack = last ? least(p, n, INFINITY) : INFINITY, harm = INFINITY;
    for (size_t i = 0; i < n; i++)
        harm = p[i].slack <= slack ? fmin(harm, p[i].harm) : harm;
    return harm;
}

/* Harms are whole numbers, so the steps are summed over unit intervals. */
Test(trade_off, area_by_brute_force)
{
    struct alm_stream s = alm_stream_open(2, 0, "trade-off");
    int compared = 0;
    for (int k = 0; k < 3000; k++) {
        struct trade_off_point p[2][8];
        for (int i = 0; i < 16; i++)
            p[i / 8][i % 8] = (struct trade_off_point){alm_stream_uniform(&s), (double)alm_stream_below(&s, 30)};
        double from = fmax(end_of(p[0], 8, false), end_of(p[1], 8, false));
        double to = fmin(end_of(p[0], 8, true), end_of(p[1], 8, true)), sum = 0;
        if (!(from < to))
            continue;
        for (double h = from; h < to; h++)
            sum += least(p[0], 8, h) - least(p[1], 8, h);
        double got = area(p[0], 8, p[1], 8), want = sum / (to - from);
        cr_assert(fabs(got - want) < 1e-12, "round %d: %g, not %g", k, got, want);
        compared++;
    }
    cr_expect_gt(compared, 1000);
}
