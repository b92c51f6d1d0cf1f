/* SPDX-License-Identifier: GPL-3.0-or-later
 * predictor_markov: does the chain learn what follows what, does it do no harm where nothing follows from anything, and are its quantiles
 * those worked out by hand? */
#include "models/markov_chain.h"
#include "predictor_rig.h"

#include "almanac/stream.h"

#include <float.h>
#include <stdio.h>

/* Shape of most tests: quantiles 0.9 and 0.25. */
static const struct chain_shape plain = {.history = 40,
                                         .every = 1,
                                         .states = 4,
                                         .order = 2,
                                         .samples = 40,
                                         .least = 1,
                                         .smoothing = 0,
                                         .level = {0.9, 0.25}};

static struct chain *begin(const struct chain_shape *s)
{
    struct chain *c = aligned_alloc(16, chain_size(s)); /* ends where its memory ends, so that a step too far is seen */
    memset(c, 0, chain_size(s));
    chain_init(c, s);
    return c;
}

static void put(struct chain *c, const struct chain_shape *s, const double *x, size_t n)
{
    for (size_t k = 0; k < n; k++)
        chain_put(c, s, x[k]);
}

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* 1 1 5 1 1 5 1: after 1 came 1 1 5 5, thus twice 1 of 1..1 and twice 5: 0.9 is within 5; after 1 1 came 5 alone, after 5 1 came 1 alone. */
Test(markov, each_order_says_what_followed)
{
    const double x[] = {1, 1, 5, 1, 1, 5, 1};
    struct chain *c = begin(&plain);
    put(c, &plain, x, LENGTH(x));
    cr_expect_eq(chain_quantile_by(c, &plain, 0, 0), 5, "2 of 7 are 5");
    cr_expect_eq(chain_quantile_by(c, &plain, 1, 0), 1);
    cr_expect_eq(chain_quantile_by(c, &plain, 0, 1), 5);
    cr_expect_eq(chain_quantile_by(c, &plain, 0, 2), 1);
    chain_put(c, &plain, 1);
    cr_expect_eq(chain_quantile_by(c, &plain, 1, 2), 5, "even the lower quantile, after 1 1");
    free(c);
}

/* Two states, {1 2 3} and {10 20}: of order 0 the quantile 0.9 lies (0.9 - 0.6) / 0.4 = 0.75 into 10..20, thus at 17.5; 0.25 lies
 * 0.25 / 0.6 into 1 2 3, thus at 1 + 2 * 0.41667. With the shares as one more observation the row "after 10, 20 came 1" is
 * (1 + 0.6) / 2 and 0.4 / 2: 0.9 is halfway into 10..20. */
Test(markov, quantiles_by_hand)
{
    struct chain_shape s = plain;
    s.states = 2;
    const double x[] = {1, 10, 2, 3, 20};
    struct chain *c = begin(&s);
    put(c, &s, x, LENGTH(x));
    cr_expect_lt(fabs(chain_quantile_by(c, &s, 0, 0) - 17.5), 1e-12, "%.17g", chain_quantile_by(c, &s, 0, 0));
    cr_expect_lt(fabs(chain_quantile_by(c, &s, 1, 0) - (1 + 2 * 0.25 / 0.6)), 1e-12);
    s.smoothing = 1;
    cr_expect_lt(fabs(chain_quantile_by(c, &s, 0, 1) - 15), 1e-12, "%.17g", chain_quantile_by(c, &s, 0, 1));
    s.smoothing = 0;
    cr_expect_eq(chain_quantile_by(c, &s, 0, 1), 1 + 2 * 0.9, "0.9 into 1 2 3");
    s.least = 2;
    cr_expect_lt(fabs(chain_quantile_by(c, &s, 0, 1) - 17.5), 1e-12, "seen once only: as order 0");
    free(c);
}

/* Levels of unequal shares, none below 1 / states: a cut is in each gap, wherever the quantiles fall. */
Test(markov, levels_are_never_thrown_together)
{
    struct chain_shape s = plain;
    s.states = 8;
    s.order = 1;
    s.history = 400;
    s.samples = 400;
    s.every = 1000;
    struct alm_stream r = alm_stream_open(5, 0, "levels");
    struct chain *c = begin(&s);
    for (size_t t = 0; t < 400; t++) {
        static const int level[] = {1, 1, 1, 5, 5, 9, 1, 1, 1, 3, 3, 7, 7, 7, 7};
        chain_put(c, &s, level[t % 15] + 0.1 * alm_stream_uniform(&r));
    }
    /* t = 400: the last was level[399 % 15] = 3, so 3 or 7 follow; of order 1 never 1, 5 or 9. */
    const double low = chain_quantile_by(c, &s, 1, 1), high = chain_quantile_by(c, &s, 0, 1);
    cr_expect(low >= 3 && low <= 3.1, "%g", low);
    cr_expect(high >= 7 && high <= 7.1, "%g", high);
    free(c);
}

/* 1 2 3 1 2 3 ... with a gap after a 1: what follows it is not known to follow 1. */
Test(markov, a_gap_begins_a_new_sequence)
{
    const double x[] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, NAN, 3, 1};
    struct chain *c = begin(&plain);
    put(c, &plain, x, LENGTH(x));
    cr_expect_eq(chain_quantile_by(c, &plain, 0, 1), 2, "after 1 came 2 alone");
    chain_put(c, &plain, NAN);
    cr_expect_eq(chain_quantile_by(c, &plain, 0, 1), chain_quantile_by(c, &plain, 0, 0),
                 "after a gap nothing is known");
    free(c);
}

/* What is older than the history is forgotten: the sequence turned round. */
Test(markov, forgets)
{
    struct chain_shape s = plain;
    s.history = 12;
    struct chain *c = begin(&s);
    for (int t = 0; t < 60; t++)
        chain_put(c, &s, t % 3);
    for (int t = 0; t < 20; t++)
        chain_put(c, &s, 2 - t % 3);
    cr_expect_eq(chain_count(c, &s), 12);
    cr_expect_eq(chain_quantile_by(c, &s, 0, 1), 0, "after 1 now comes 0; the last was 2 - 19 %% 3 = 1");
    free(c);
}

/* ---- the predictor ---- */

static double repeating(size_t t, struct alm_stream *s)
{
    static const double level[7] = {1, 4, 2, 2, 8, 3, 1};
    return level[t % 7] * exp(0.05 * alm_stream_normal(s));
}

static double random_level(size_t t, struct alm_stream *s)
{
    (void)t;
    return exp(0.5 * alm_stream_normal(s));
}

static double loss_of(const char *text, double (*value)(size_t t, struct alm_stream *s), uint64_t seed, double *missed)
{
    enum { ROUNDS = 3000, SKIPPED = 600 };
    struct predictor_rig g;
    struct alm_stream s = alm_stream_open(seed, 0, "series");
    double sum = 0;
    predictor_start(&g, text);
    *missed = 0;
    for (size_t t = 0; t < ROUNDS; t++) {
        const double y = value(t, &s), q = g.v.max[ALM_CPU];
        if (t >= SKIPPED) {
            sum += y > q ? 0.95 * (y - q) : 0.05 * (q - y);
            *missed += y > q;
        }
        predictor_feed(&g, y, NAN);
    }
    predictor_close(&g);
    *missed /= ROUNDS - SKIPPED;
    return sum / (ROUNDS - SKIPPED);
}

/* The level is known within 5 %: the loss is that of a normal of that size, an eighth of the percentile's. Misses: 2400 at 5 %, within
 * 5 standard deviations (a false alarm in a million) and 1 % for states learnt from few values. */
Test(markov, a_repeating_sequence_is_predicted)
{
    double missed, unused;
    const double own = loss_of("markov", repeating, 1, &missed);
    const double percentile = loss_of("moving-percentile", repeating, 1, &unused);
    cr_expect_lt(own, percentile / 5, "loss %g, of the percentile %g", own, percentile);
    cr_expect(fabs(missed - 0.05) < 5 * sqrt(0.05 * 0.95 / 2400) + 0.01, "missed %g", missed);
}

/* Ten series: the mean of the quotients of losses. */
Test(markov, a_random_series_costs_little)
{
    double quotient = 0, missed = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        double one, unused;
        quotient += loss_of("markov", random_level, seed, &one) /
                    loss_of("moving-percentile", random_level, seed, &unused) / 10;
        missed += one / 10;
    }
    cr_expect_lt(quotient, 1.05, "%g times the loss of the percentile", quotient);
    cr_expect(fabs(missed - 0.05) < 0.01, "missed %g", missed);
}

/* Before 19 values none of them is the quantile 0.95 of the next: twice the largest, n of n + 1. */
Test(markov, is_wide_before_it_knows)
{
    struct predictor_rig g;
    predictor_start(&g, "markov");
    for (int n = 1; n <= 19; n++) {
        predictor_feed(&g, n == 2 ? 3 : 1, NAN);
        cr_expect_lt(fabs(g.v.confidence[ALM_CPU] - (n < 19 ? n / (n + 1.0) : 0.95)), 1e-12, "after %d", n);
        cr_expect_eq(g.v.max[ALM_CPU], n == 1 ? 2 : n < 19 ? 6 : g.v.max[ALM_CPU]);
        cr_expect_eq(g.v.min[ALM_CPU], 0);
    }
    cr_expect_leq(g.v.max[ALM_CPU], 3);
    predictor_close(&g);
}

/* Long used to 1, then 10 is wanted and each limit, which is max, is reached: max grows out of it. */
Test(markov, a_value_at_its_limit_makes_the_next_limit_larger)
{
    struct predictor_rig g;
    predictor_start(&g, "markov");
    for (int t = 0; t < 200; t++)
        predictor_feed(&g, 1, NAN);
    cr_expect_eq(g.v.max[ALM_CPU], 1);
    for (int t = 0; t < 200; t++) {
        const double usage = fmin(10, g.v.max[ALM_CPU]);
        predictor_feed_held(&g, usage, NAN, usage < 10 ? ALM_BIT(ALM_CPU) : 0);
    }
    cr_expect_geq(g.v.max[ALM_CPU], 10);
    predictor_close(&g);
}

Test(markov, any_series_has_a_defined_answer)
{
    const double series[][4] = {{2, 2, 2, 2},
                                {NAN, NAN, NAN, NAN},
                                {1, 3, 1, 3},
                                {1e300, 1e-300, 0, DBL_MAX},
                                {DBL_TRUE_MIN, 0, DBL_TRUE_MIN, 0},
                                {1, NAN, INFINITY, 2}};
    const char *const options[] = {"",
                                   ":states=1",
                                   ":order=0",
                                   ":samples=1,states=16",
                                   ":history=5m",
                                   ":smoothing=0,least=1,relearn=5m",
                                   ":least=10000"};
    for (size_t o = 0; o < LENGTH(options); o++)
        for (size_t k = 0; k < LENGTH(series); k++) {
            struct predictor_rig g;
            char text[80];
            snprintf(text, sizeof text, "markov%s", options[o]);
            predictor_start(&g, text);
            for (size_t t = 0; t < 300; t++) {
                predictor_feed(&g, series[k][t % 4], series[k][t * 7 / 3 % 4]);
                for (int r = 0; r < 2; r++)
                    cr_assert(!(g.v.has & ALM_BIT(r)) ||
                                  (isfinite(g.v.max[r]) && g.v.min[r] >= 0 && g.v.min[r] <= g.v.max[r]),
                              "%s: series %zu after %zu: [%g, %g]", text, k, t, g.v.min[r], g.v.max[r]);
            }
            predictor_close(&g);
        }
}
