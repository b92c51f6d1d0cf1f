/* SPDX-License-Identifier: GPL-3.0-or-later
 * predictor_ensemble: are the weights those of the source, does the ensemble lose little beside its best expert, and who may be an expert?
 *
 * Choice.   The expected numbers come from a Python program after the paper's figure, on sums of losses, written apart from ours. */
#include "models/expert_weights.h"
#include "predictor_rig.h"

#include "almanac/stream.h"

#include <stdio.h>

enum { EXPERTS = 3 };

/* Room for the weights of any number of experts. */
static struct expert_weights *none_lost(void)
{
    struct expert_weights *w = calloc(1, expert_weights_size(EXPERTS_MOST));
    cr_assert(w);
    return w;
}

static const double losses[][EXPERTS] = {{1, 2, 4}, {3, 1, 0}, {2, 2, 5}, {1, 0, 3}};
static const double all_awake[EXPERTS] = {0, 0, 0};

static void check_path(double share, double scale, const double expected[][EXPERTS])
{
    struct expert_weights *r = none_lost();
    double weight[EXPERTS], loss[EXPERTS];
    const struct expert_pace pace = {.share = share};
    for (size_t t = 0; t < 4; t++) {
        for (size_t k = 0; k < EXPERTS; k++)
            loss[k] = scale * losses[t][k];
        expert_weights_learn(r, EXPERTS, &pace, loss);
        expert_weights_now(r, EXPERTS, &pace, all_awake, weight);
        for (size_t k = 0; k < EXPERTS; k++)
            cr_expect_lt(fabs(weight[k] - expected[t][k]), 1e-12, "scale %g share %g step %zu: %.17g, not %.17g", scale,
                         share, t, weight[k], expected[t][k]);
    }
    free(r);
}

static const double hedge[][EXPERTS] = {{0.65654815444120984, 0.28802198810399859, 0.055429857454791544},
                                        {0.26219383679260677, 0.4756123264147864, 0.26219383679260677},
                                        {0.34875662174820926, 0.57233009921187494, 0.078913279039915837},
                                        {0.27511038604541166, 0.69806491032065521, 0.026824703633933192}};
static const double shared[][EXPERTS] = {{0.65654815444120984, 0.28802198810399859, 0.055429857454791544},
                                         {0.26194432230202797, 0.47611135539594407, 0.26194432230202797},
                                         {0.34481593637775992, 0.56548721670803381, 0.089696846914206346},
                                         {0.25343747162573677, 0.69721060087507358, 0.0493519274991897}};

Test(ensemble, weights_are_those_of_adahedge_whatever_the_scale)
{
    check_path(0, 1, hedge);
    check_path(0, 1e12, hedge);
    check_path(0, 1e-12, hedge);
    check_path(0.1, 1, shared);
    check_path(0.1, 1e200, shared);
}

/* Losses 1 and 3, in the mean 2: weights as 1 to exp(-rate (3 - 1) / 2). */
Test(ensemble, a_fixed_rate_is_relative_to_the_mean_loss)
{
    struct expert_weights *r = none_lost();
    double weight[2];
    const double loss[2] = {1, 3};
    const struct expert_pace pace = {.rate = 2};
    expert_weights_learn(r, 2, &pace, loss);
    expert_weights_now(r, 2, &pace, all_awake, weight);
    cr_expect_lt(fabs(weight[1] / weight[0] - exp(-2)), 1e-12, "exp(-2 (3 - 1) / 2)");
    free(r);
}

/* Who has no forecast loses what the others lose in the mean: 1 : 3 give 2, so it stands between them. */
Test(ensemble, sleeping_experts_neither_win_nor_lose)
{
    struct expert_weights *r = none_lost(), *full = none_lost();
    double weight[EXPERTS], other[EXPERTS];
    const struct expert_pace pace = {0};
    const double asleep[EXPERTS] = {1, NAN, 3}, mean[EXPERTS] = {1, 2, 3}, who[EXPERTS] = {7, 7, NAN},
                 nobody[EXPERTS] = {NAN, NAN, NAN};
    expert_weights_learn(r, EXPERTS, &pace, asleep);
    expert_weights_learn(full, EXPERTS, &pace, mean);
    expert_weights_now(r, EXPERTS, &pace, all_awake, weight);
    expert_weights_now(full, EXPERTS, &pace, all_awake, other);
    for (size_t k = 0; k < EXPERTS; k++)
        cr_expect_lt(fabs(weight[k] - other[k]), 1e-12);
    expert_weights_now(r, EXPERTS, &pace, who, weight);
    cr_expect_eq(weight[2], 0);
    cr_expect_lt(fabs(weight[0] + weight[1] - 1), 1e-12);
    expert_weights_now(r, EXPERTS, &pace, nobody, weight);
    cr_expect_eq(weight[0] + weight[1] + weight[2], 0);
    memcpy(full, r, expert_weights_size(EXPERTS));
    expert_weights_learn(r, EXPERTS, &pace, nobody);
    cr_expect_eq(memcmp(full, r, expert_weights_size(EXPERTS)), 0);
    free(full);
    free(r);
}

/* The theorem's bound for losses in [0, 1], which no sequence may break: random ones, alternating leaders, one that turns bad half way. */
Test(ensemble, regret_is_within_the_bound_on_every_run)
{
    enum { ROUNDS = 4000, RUNS = 30 };
    for (uint64_t run = 0; run < RUNS; run++) {
        struct expert_weights *r = none_lost();
        struct alm_stream s = alm_stream_open(run, 0, "regret");
        const size_t n = 2 + run % 7;
        double own = 0, sum[EXPERTS_MOST] = {0}, weight[EXPERTS_MOST], loss[EXPERTS_MOST], least = INFINITY;
        const double zero[EXPERTS_MOST] = {0};
        const struct expert_pace pace = {0};
        for (size_t t = 0; t < ROUNDS; t++) {
            expert_weights_now(r, n, &pace, zero, weight);
            for (size_t k = 0; k < n; k++) {
                const double u = alm_stream_uniform(&s);
                loss[k] = run % 3 == 0   ? u
                          : run % 3 == 1 ? (double)(t % n == k)
                                         : (double)((k == 0) == (t > ROUNDS / 2));
                own += weight[k] * loss[k];
                sum[k] += loss[k];
            }
            expert_weights_learn(r, n, &pace, loss);
        }
        for (size_t k = 0; k < n; k++)
            least = fmin(least, sum[k]);
        const double bound = sqrt(ROUNDS * log((double)n)) + 16.0 / 3 * log((double)n) + 2;
        cr_expect_leq(own - least, bound, "run %d: regret %g, bound %g", (int)run, own - least, bound);
        free(r);
    }
}

Test(ensemble, losses_of_any_size_leave_weights)
{
    struct expert_weights *r = none_lost();
    const double odd[][2] = {{0, 0},        {1e308, 0},      {1e-308, 1e-300}, {1e308, 1e308},
                             {INFINITY, 1}, {NAN, INFINITY}, {0, 1e308}};
    const struct expert_pace paces[] = {
        {0}, {.share = 0.01}, {.share = 1}, {.rate = 1e-6}, {.rate = 1e6, .share = 0.5}};
    for (size_t p = 0; p < 5; p++)
        for (size_t t = 0; t < 700; t++) {
            double weight[2];
            expert_weights_learn(r, 2, &paces[p], odd[t * 5 % 7]);
            expert_weights_now(r, 2, &paces[p], all_awake, weight);
            cr_assert(weight[0] >= 0 && weight[1] >= 0 && fabs(weight[0] + weight[1] - 1) < 1e-12,
                      "pace %zu step %zu: %g %g", p, t, weight[0], weight[1]);
        }
    free(r);
}

/* ---- the predictor ---- */

static void expect_path_held(const char *text, const double *x, const uint8_t *held, const double *max, size_t n)
{
    struct predictor_rig g;
    predictor_start(&g, text);
    for (size_t k = 0; k < n; k++) {
        predictor_feed_held(&g, x[k], NAN, held[k]);
        cr_expect_lt(fabs(g.v.max[ALM_CPU] - max[k]), 1e-12, "after %zu values: %.17g, not %.17g", k + 1,
                     g.v.max[ALM_CPU], max[k]);
    }
    predictor_close(&g);
}

Test(ensemble, mixes_its_experts_by_pinball_loss)
{
    const double x[] = {4, 1, 2, 1, 3, 2, 1};
    const double open[] = {
        4, 2.5, 3.6000000000000001, 3.3153219427944789, 3.9261737604794771, 3.8438719998430639, 3.7409365122224894};
    const double kept[] = {
        4, 2.5, 3.6000000000000001, 3.3247131741010532, 3.925584940579308, 3.8496666075636785, 3.7722593292491435};
    const uint8_t no[7] = {0}, held[7] = {0, 0, 1, 0, 0, 1, 1};
    expect_path_held("ensemble:experts=last+moving-max(window=1h)", x, no, open, 7);
    expect_path_held("ensemble:experts=last+moving-max(window=1h)", x, held, kept, 7);
}

/* Feed both the same and compare to the bit. */
static void expect_same(const char *one, const char *other)
{
    struct predictor_rig a, b;
    struct alm_stream s = alm_stream_open(3, 0, "same");
    predictor_start(&a, one);
    predictor_start(&b, other);
    for (size_t t = 0; t < 300; t++) {
        const double cpu = 1 + alm_stream_uniform(&s), memory = t % 9 == 4 ? NAN : 1e9 * alm_stream_uniform(&s);
        predictor_feed(&a, cpu, memory);
        predictor_feed(&b, cpu, memory);
        for (int r = 0; r < 2; r++)
            cr_assert((a.v.has & ALM_BIT(r)) == (b.v.has & ALM_BIT(r)) && a.v.max[r] == b.v.max[r] &&
                          a.v.min[r] == b.v.min[r],
                      "%s: after %zu: [%.17g, %.17g], not [%.17g, %.17g]", one, t, a.v.min[r], a.v.max[r], b.v.min[r],
                      b.v.max[r]);
    }
    predictor_close(&a);
    predictor_close(&b);
}

Test(ensemble, of_one_expert_is_that_expert)
{
    expect_same("ensemble:experts=ewma", "ewma");
    expect_same("ensemble:confidence=99%,experts=ewma", "ewma:confidence=99%");
    expect_same("ensemble:confidence=99%,experts=ewma(confidence=90%;half_life=2h)",
                "ewma:confidence=90%,half_life=2h");
    expect_same("ensemble:experts=moving-percentile(window=6h;percentile=90%)",
                "moving-percentile:window=6h,percentile=90%");
    expect_same("ensemble:experts=ensemble(experts=last+drift)", "ensemble:experts=last+drift");
}

static double loss_of(const char *text, double (*value)(size_t t, double before, struct alm_stream *s), size_t n,
                      size_t skip)
{
    struct predictor_rig g;
    struct alm_stream s = alm_stream_open(11, 0, "series");
    double sum = 0, y = 0;
    predictor_start(&g, text);
    for (size_t t = 0; t < n; t++) {
        y = value(t, y, &s);
        const double q = g.v.max[ALM_CPU];
        if (t >= skip)
            sum += y > q ? 0.95 * (y - q) : 0.05 * (q - y);
        predictor_feed(&g, y, NAN);
    }
    predictor_close(&g);
    return sum / (double)(n - skip);
}

/* A random walk for three days, then a day of 24 steps over and over. */
static double walk_then_season(size_t t, double before, struct alm_stream *s)
{
    const double z = alm_stream_normal(s);
    if (t >= 864)
        return 5 + 4 * (t % 24 < 8) + 0.1 * z;
    return t == 0 ? 5 : fmin(fmax(before + 0.1 * z, 1), 9);
}

static double season(size_t t, double before, struct alm_stream *s)
{
    (void)before;
    return 5 + 4 * (t % 24 < 8) + 0.1 * alm_stream_normal(s);
}

#define TEAM "last+seasonal-naive(season=2h)+moving-percentile(window=6h)+ewma"

Test(ensemble, loses_little_beside_its_best_expert)
{
    const char *alone[] = {"last", "seasonal-naive:season=2h", "moving-percentile:window=6h", "ewma"};
    double best = INFINITY, best_changed = INFINITY;
    for (size_t k = 0; k < 4; k++) {
        best = fmin(best, loss_of(alone[k], season, 1500, 100));
        best_changed = fmin(best_changed, loss_of(alone[k], walk_then_season, 2500, 100));
    }
    const double steady = loss_of("ensemble:experts=" TEAM, season, 1500, 100);
    const double changed = loss_of("ensemble:experts=" TEAM, walk_then_season, 2500, 100);
    cr_expect_leq(steady, 1.05 * best, "loss %g, of the best expert %g", steady, best);
    cr_expect_leq(changed, best_changed, "loss %g, of the best expert over both %g", changed, best_changed);
}

/* An interval that was not spoken of is not scored: the confidence counts those that were. */
Test(ensemble, counts_the_intervals_it_spoke_of)
{
    struct predictor_rig g;
    predictor_start(&g, "ensemble");
    predictor_feed(&g, 1, NAN);
    cr_expect_eq(g.v.confidence[ALM_CPU], 0);
    predictor_feed(&g, 1, NAN);
    cr_expect_eq(g.v.confidence[ALM_CPU], 0.5);
    g.now += PREDICTOR_STEP;
    predictor_feed(&g, 1, NAN);
    cr_expect_eq(g.v.confidence[ALM_CPU], 0.5, "after a gap nothing was said of this interval");
    predictor_feed(&g, NAN, NAN);
    cr_expect_eq(g.v.confidence[ALM_CPU], 0.5);
    predictor_feed(&g, 1, NAN);
    cr_expect_lt(fabs(g.v.confidence[ALM_CPU] - 2.0 / 3), 1e-12);
    predictor_close(&g);
}

Test(ensemble, says_who_cannot_be_an_expert_and_why)
{
    const char *const wrong[][2] = {
        {"experts=oracle", "truth"},
        {"experts=ewma+gru", "share"},
        {"experts=conditional-density", "pool=false"},
        {"experts=inputs", "cannot be an expert"},
        {"experts=none", "never has an answer"},
        {"experts=ewmma", "ewma"},
        {"experts=ewma(half_life=1)", "half_life"},
        {"experts=ewma(half_life=1h", "is no expert"},
        {"experts=ewma+", "is no expert"},
        {"experts=+ewma", "is no expert"},
        {"experts=ewma:half_life=1h", "is no expert"},
        {"experts=", "is no expert"},
        {"experts=last+last+last+last+last+last+last+last+last+last+last+last+last+last+last+last+last", "at most 16"},
        {"rate=fast", "auto"},
        {"rate=0", "auto"},
        {"experts=moving-max(window=1s)", "moving-max"}};
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
        struct predictor_rig g;
        struct alm_err e = {0};
        char text[300];
        snprintf(text, sizeof text, "ensemble:%s", wrong[k][0]);
        cr_expect_eq(predictor_open(&g, text, &e), ALM_EINVAL, "%s", text);
        cr_expect(strstr(e.text, wrong[k][1]), "%s: \"%s\" does not speak of \"%s\"", text, e.text, wrong[k][1]);
        predictor_close(&g);
    }
}

Test(ensemble, takes_experts_whose_options_keep_units_apart)
{
    struct predictor_rig g;
    predictor_start(&g, "ensemble:experts=ewma+conditional-density(pool=false)");
    for (int k = 0; k < 40; k++)
        predictor_feed(&g, 1 + k % 3, NAN);
    cr_expect_gt(g.v.max[ALM_CPU], 2);
    predictor_close(&g);
}
