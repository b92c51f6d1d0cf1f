/* SPDX-License-Identifier: GPL-3.0-or-later
 * refitted: is the model fitted when the header says, to the values it says, and does what it does not know do no harm? Asked by a
 * model that only counts. */
#include "models/refitted.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct alm_env env = {.interval = ALM_MINUTE, .sample_interval = ALM_MINUTE, .resources = 1};

struct counts {
    double fits, again, n, known, first, last, puts, missing, mean, se;
};

static bool may_fit = true; /* reset by each test */

static size_t count_size(const void *opt, const struct alm_env *e)
{
    (void)opt;
    (void)e;
    return sizeof(struct counts);
}

static bool count_fit(const void *opt, const struct alm_env *e, void *model, const struct refitted_window *w)
{
    (void)opt;
    (void)e;
    struct counts *c = model;
    c->fits++;
    if (!may_fit)
        return false;
    c->again += w->again;
    c->n = (double)w->n;
    c->known = (double)w->known;
    c->first = w->y[0];
    c->last = w->y[w->n - 1];
    c->puts = c->missing = 0;
    c->mean = 5;
    c->se = 1;
    return true;
}

static void count_put(void *model, double y)
{
    struct counts *c = model;
    c->puts++;
    c->missing += isnan(y) ? 1 : 0;
    c->mean = y > 1e6 ? INFINITY : c->mean;
}

static struct refitted_expected count_next(const void *model)
{
    const struct counts *c = model;
    return (struct refitted_expected){c->mean, c->se};
}

static bool count_sound(const void *opt, const struct alm_env *e, const void *bytes)
{
    struct counts c;
    (void)opt;
    (void)e;
    memcpy(&c, bytes, sizeof c);
    return c.fits >= 0;
}

static const struct refitted_model counting = {
    .size = count_size, .fit = count_fit, .put = count_put, .next = count_next, .sound = count_sound};

struct run {
    struct refitted_opt opt;
    size_t size;
    char *block;
};

static void start(struct run *r, const struct refitted_opt *opt)
{
    may_fit = true;
    r->opt = *opt;
    r->size = refitted_size(&counting, &r->opt, &env);
    r->block = calloc(1, r->size);
    cr_assert_eq(refitted_init(&counting, &r->opt, &env, r->block, NULL), ALM_OK);
}

static const struct counts *counts_of(const struct run *r)
{
    return (const struct counts *)(const void *)(r->block + r->size - sizeof(struct counts));
}

static double put(struct run *r, double value, size_t times)
{
    for (size_t i = 0; i < times; i++)
        cr_assert_eq(refitted_put(&counting, &r->opt, &env, r->block, value, NULL), ALM_OK);
    return counts_of(r)->fits;
}

static double forecast(const struct run *r)
{
    return refitted_forecast(&counting, &r->opt, &env, r->block).value;
}

static const struct refitted_opt plain = {.point = {.confidence = 0.95},
                                          .fit_window = 100 * ALM_MINUTE,
                                          .min_history = 10 * ALM_MINUTE,
                                          .refit = 40 * ALM_MINUTE,
                                          .shift = 8};

Test(refitted, first_then_grown_then_due)
{
    struct run r;
    start(&r, &plain);
    cr_expect(isnan(forecast(&r)), "nothing seen yet");
    cr_expect_eq(put(&r, NAN, 5), 0);
    cr_expect(isnan(forecast(&r)));
    cr_expect_eq(put(&r, 5, 9), 0);
    cr_expect_eq(forecast(&r), 5, "the last value, before the first fit");
    cr_expect_eq(put(&r, 5, 1), 1, "10 values");
    cr_expect_eq(counts_of(&r)->n, 15);
    cr_expect_eq(counts_of(&r)->known, 10);
    cr_expect(isnan(counts_of(&r)->first));
    cr_expect_eq(put(&r, 5, 4), 1);
    cr_expect_eq(put(&r, 5, 1), 2, "half as many again: 15");
    cr_expect_eq(put(&r, 5, 7), 2);
    cr_expect_eq(put(&r, 5, 1), 3, "23");
    cr_expect_eq(put(&r, 5, 12), 4, "35");
    cr_expect_eq(put(&r, 5, 18), 5, "53");
    cr_expect_eq(put(&r, 5, 27), 6, "80");
    cr_expect_eq(counts_of(&r)->again, 0, "grown: from scratch");
    cr_expect_eq(put(&r, 5, 39), 6, "no room to grow by half");
    cr_expect_eq(put(&r, 5, 1), 7, "due");
    cr_expect_eq(counts_of(&r)->again, 1);
    cr_expect_eq(counts_of(&r)->n, 100, "the window");
    cr_expect_eq(put(&r, NAN, 60), 7, "nothing new to fit to");
    cr_expect_eq(put(&r, 5, 1), 8);
    cr_expect_eq(counts_of(&r)->known, 40);
    free(r.block);
}

/* The counting model expects 5 with a standard error of 1; errors of 3 add 2.5 each: 4 make 10. */
Test(refitted, shifts)
{
    struct run r;
    start(&r, &plain);
    put(&r, 5, 80);
    cr_expect_eq(put(&r, 5, 10), 6);
    cr_expect_eq(put(&r, 8, 3), 6);
    cr_expect_eq(put(&r, 8, 1), 7, "10 > 8");
    cr_expect_eq(put(&r, 8, 5), 7, "not before an eighth of 40 has passed");
    cr_expect_eq(put(&r, 8, 1), 8);
    cr_expect_eq(put(&r, 5, 20), 8);
    cr_expect_eq(put(&r, 2, 4), 9, "downward too");
    put(&r, 5, 30);
    cr_expect_eq(put(&r, 5.4, 9), 9, "less than half a standard error is no shift");
    struct run never;
    struct refitted_opt without = plain;
    without.shift = 0;
    start(&never, &without);
    put(&never, 5, 80);
    cr_expect_eq(put(&never, 9, 39), 6);
    free(r.block);
    free(never.block);
}

Test(refitted, what_cannot_be_fitted_is_a_random_walk_and_tried_again)
{
    struct run r;
    start(&r, &plain);
    may_fit = false;
    cr_expect_eq(put(&r, 5, 10), 1);
    put(&r, 3, 1);
    cr_expect_eq(forecast(&r), 3);
    cr_expect_eq(counts_of(&r)->puts, 0);
    may_fit = true;
    put(&r, 3, 4);
    cr_expect_eq(forecast(&r), 5, "the model's");
    cr_expect_eq(put(&r, 3, 8), 3);
    may_fit = false;
    put(&r, 3, 12);
    cr_expect_eq(forecast(&r), 5, "the last one goes on");
    put(&r, 2e6, 1);
    cr_expect_eq(forecast(&r), 2e6, "until it explodes");
    cr_expect_eq(put(&r, INFINITY, 1), counts_of(&r)->fits);
    cr_expect_eq(forecast(&r), 2e6, "infinite is missing");
    free(r.block);
}

Test(refitted, logarithms)
{
    struct run r;
    struct refitted_opt opt = plain;
    opt.log = true;
    opt.point.errors = POINT_NORMAL;
    start(&r, &opt);
    put(&r, 100, 4);
    put(&r, 300, 6);
    const double offset = 0.01 * 220;
    cr_expect_float_eq(counts_of(&r)->last, log(300 + offset), 1e-12);
    cr_expect_float_eq(counts_of(&r)->first, log(100 + offset), 1e-12);
    cr_expect_float_eq(forecast(&r), exp(5) - offset, 1e-10);
    const double z = 1.6448536269514722, se = refitted_forecast(&counting, &r.opt, &env, r.block).se;
    cr_expect_float_eq(forecast(&r) + z * se, exp(5 + z * 1) - offset, 1e-9, "the quantile of the lognormal");
    free(r.block);
    start(&r, &opt);
    put(&r, 20, 10);
    cr_expect_eq(forecast(&r), 40, "twice the largest at the most");
    free(r.block);
}

Test(refitted, bytes_that_cannot_be)
{
    struct run r;
    start(&r, &plain);
    put(&r, 5, 120);
    cr_expect(refitted_sound(&counting, &r.opt, &env, r.block));
    uint64_t *head = (uint64_t *)(void *)r.block;
    for (size_t i = 0; i < 6; i++) { /* sizes, then places in the ring */
        const uint64_t before = head[i];
        head[i] = 101;
        cr_expect_not(refitted_sound(&counting, &r.opt, &env, r.block), "word %zu", i);
        head[i] = before;
    }
    ((struct counts *)(void *)(r.block + r.size - sizeof(struct counts)))->fits = -1;
    cr_expect_not(refitted_sound(&counting, &r.opt, &env, r.block), "the model is asked too");
    free(r.block);
}
