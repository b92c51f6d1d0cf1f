/* SPDX-License-Identifier: GPL-3.0-or-later
 * predictor_quantile_regression: does the predictor find the relation that is there, hold what it states on values not seen, learn from inputs
 * and limits, and stay whole under odd values? Seeds are fixed; statistical bounds are three standard deviations or more, one false alarm
 * in 400 at the most. */
#include "almanac/predictor.h"
#include "almanac/stream.h"
#include "almanac/trace.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP (5 * ALM_MINUTE)
#define S_CPU 0.001 /* what is added to cores before the logarithm */

static const struct alm_input inputs[] = {{.name = "size", .unit = "byte"}, {.name = "kind", .category = true}};
static const uint32_t only[1] = {0};

/* One unit, fed by hand. */
struct one {
    struct alm_choice choice;
    const struct alm_predictor_ops *ops;
    struct alm_env env;
    struct alm_units u;
    struct alm_envelope v;
    int64_t slot; /* of the next value */
    size_t size;
};

static void start(struct one *o, const char *text)
{
    struct alm_err e = {0};
    memset(o, 0, sizeof *o);
    cr_assert_eq(alm_choice_parse(ALM_PREDICTOR, text, &o->choice, &e), 0, "%s", e.text);
    o->ops = (const void *)o->choice.module;
    o->env = (struct alm_env){.interval = STEP,
                              .sample_interval = STEP,
                              .resources = ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY),
                              .input = inputs,
                              .inputs = 2,
                              .units = 1};
    o->size = o->ops->state_size(o->choice.opt, &o->env);
    o->u = (struct alm_units){.count = 1,
                              .id = only,
                              .state = calloc(1, o->size),
                              .stride = o->size,
                              .shared = calloc(1, o->ops->shared_size(o->choice.opt, &o->env)),
                              .opt = o->choice.opt,
                              .env = &o->env};
    cr_assert_eq(o->ops->init(&o->u, &e), 0, "%s", e.text);
    o->slot = 1;
}

static void finish(struct one *o)
{
    o->ops->fini(&o->u);
    free(o->u.state);
    free(o->u.shared);
    alm_choice_free(&o->choice);
}

static void ask(struct one *o, const struct alm_start *starting)
{
    struct alm_err e = {0};
    const alm_time now = (o->slot - 1) * STEP;
    const struct alm_profile profile = {.provides = ALM_PROFILE_RECENT, .start = starting};
    o->v = (struct alm_envelope){.from = now, .until = now + STEP};
    cr_assert_eq(o->ops->predict(&o->u, &profile, now, &o->v, &e), 0, "%s", e.text);
    for (int r = 0; r < 2; r++)
        if (o->v.has & ALM_BIT(r))
            cr_assert(isfinite(o->v.max[r]) && o->v.min[r] >= 0 && o->v.min[r] <= o->v.max[r] &&
                          o->v.confidence[r] >= 0 && o->v.confidence[r] <= 1,
                      "resource %d: [%g, %g] at %g", r, o->v.min[r], o->v.max[r], o->v.confidence[r]);
}

/* The values of the next interval, then a decision. */
static void feed(struct one *o, double cpu, double memory, bool held)
{
    struct alm_err e = {0};
    const alm_time t = o->slot++ * STEP;
    const uint8_t censored = held ? 3 : 0;
    const struct alm_profile profile = {
        .provides = ALM_PROFILE_RECENT,
        .window = {.count = 1, .at = &t, .value = {&cpu, &memory}, .censored = &censored},
        .fresh = 1};
    cr_assert_eq(o->ops->observe(&o->u, &profile, &e), 0, "%s", e.text);
    ask(o, NULL);
}

Test(predictor_quantile_regression, the_first_values_by_hand)
{
    struct one o;
    start(&o, "quantile-regression:level=5m");
    ask(&o, NULL);
    cr_expect_eq(o.v.has, 0);
    feed(&o, 1, NAN, false);
    cr_expect_eq(o.v.has, ALM_BIT(ALM_CPU));
    cr_expect_eq(o.v.confidence[0], 0, "one value says nothing of the next");
    cr_expect_float_eq(o.v.max[0], 2 * (1 + S_CPU) - S_CPU, 5e-6);
    feed(&o, 0.5, NAN, false);
    /* The level is half as old after each interval: weights 1/2 and 1. One response, log(0.501 / 1.001), doubled; that is below the least value
     * seen, so max is that one. */
    cr_expect_eq(o.v.confidence[0], 0.5);
    const double level = (0.5 * log(1.001) + log(0.501)) / 1.5;
    const double high = fmax(level + log(0.501 / 1.001) + log(2), log(0.501));
    cr_expect_float_eq(o.v.max[0], exp(high) - S_CPU, 5e-6);
    cr_expect_eq(o.v.min[0], 0);
    for (int k = 0; k < 18; k++) {
        cr_expect_lt(o.v.confidence[0], 0.95);
        feed(&o, 1 + k % 5, 1e9, false);
    }
    cr_expect_eq(o.v.confidence[0], 0.95, "nineteen responses bear 95 %%: %g", o.v.confidence[0]);
    finish(&o);
}

/* A pattern of two hours that repeats to the bit: both planes are the value one season ago. */
Test(predictor_quantile_regression, a_season_without_noise_is_known)
{
    struct one o;
    struct alm_stream s = alm_stream_open(1, 0, "season");
    double pattern[24];
    for (int k = 0; k < 24; k++)
        pattern[k] = exp(alm_stream_normal(&s));
    start(&o, "quantile-regression:season=2h,window=3d");
    size_t known = 0;
    for (int t = 0; t < 1500; t++) {
        feed(&o, pattern[t % 24], 1e9 * pattern[t % 24], false);
        if (t < 1200)
            continue;
        const double next = pattern[(t + 1) % 24];
        known += fabs(o.v.max[0] - next) < 1e-5 * next && fabs(o.v.max[1] - 1e9 * next) < 1e4;
    }
    cr_expect_eq(known, 300, "%zu of 300 were known", known);
    finish(&o);
}

struct held {
    size_t n, above, below;
    double apart; /* mean of log max less its true value */
};

/* log cores = 0.8 times the one before + 0.3 normal, jumping by a factor of 10 at JUMP. Z: quantile of the normal at tau. */
static struct held follow(const char *text, size_t warm, size_t n, double z, size_t jump)
{
    struct one o;
    struct held h = {.n = n};
    struct alm_stream s = alm_stream_open(2, 0, "follow");
    double x = 0;
    start(&o, text);
    for (size_t t = 0; t < warm + n; t++) {
        const double before = x;
        x = 0.8 * x + 0.3 * alm_stream_normal(&s);
        const double value = exp(x) * (t >= jump ? 10 : 1);
        if (t >= warm) {
            h.above += value > o.v.max[0];
            h.below += value < o.v.min[0];
            h.apart += (log(o.v.max[0]) - (0.8 * before + 0.3 * z)) / (double)n;
        }
        feed(&o, value, 1e9, false);
    }
    finish(&o);
    return h;
}

static double sd_of(double p, size_t n)
{
    return sqrt(p * (1 - p) / (double)n);
}

Test(predictor_quantile_regression, holds_what_it_states_on_values_not_seen)
{
    static const struct {
        const char *text;
        double tau, z;
    } each[] = {{"quantile-regression:tau=0.9,level=20d", 0.9, 1.2816},
                {"quantile-regression:tau=95%,level=20d", 0.95, 1.6449},
                {"quantile-regression:tau=0.99,level=20d", 0.99, 2.3263}};
    for (size_t k = 0; k < 3; k++) {
        const size_t n = 6000;
        const struct held h = follow(each[k].text, 2500, n, each[k].z, SIZE_MAX);
        const double miss = 1 - each[k].tau, low = alm_lower_tail(each[k].tau);
        const double above = (double)h.above / (double)n, below = (double)h.below / (double)n;
        /* A window of 2016 rows has an error of its own: its standard deviation is added, the misses of 3 windows. */
        const double sd = sd_of(miss, n) + sd_of(miss, 2016) / sqrt(3);
        cr_expect(fabs(above - miss) < 3 * sd, "%s: %.4f above", each[k].text, above);
        cr_expect_leq(below, low + 3 * (sd_of(low, n) + sd_of(low, 2016) / sqrt(3)), "%s: %.4f below", each[k].text,
                      below);
        cr_expect(fabs(h.apart) < 0.03, "%s: max is off by %.4f", each[k].text, h.apart);
    }
}

/* Fifteen columns and 400 rows: without the correction of levels 95 % would be 93.3. */
Test(predictor_quantile_regression, many_columns_and_few_rows_still_hold)
{
    const size_t n = 8000;
    const struct held h =
        follow("quantile-regression:window=2000m,lags=1/2/3/4/5/6/7/8/9,level=20d", 1000, n, 1.6449, SIZE_MAX);
    const double above = (double)h.above / (double)n;
    cr_expect(fabs(above - 0.05) < 3 * (sd_of(0.05, n) + sd_of(0.05, 400) / sqrt(20)), "%.4f above", above);
}

/* The model is one of ratios: ten times as much soon makes no difference. */
Test(predictor_quantile_regression, a_unit_that_grows_keeps_its_model)
{
    const struct held before = follow("quantile-regression", 2500, 2000, 1.6449, SIZE_MAX);
    const struct held after = follow("quantile-regression", 2500, 2000, 1.6449, 2200);
    cr_expect(fabs((double)after.above - (double)before.above) <= 0.02 * 2000, "%zu and %zu of 2000", after.above,
              before.above);
}

/* Demand is ten times what it was; usage ends at max. */
Test(predictor_quantile_regression, leaves_a_limit_that_holds_usage_down)
{
    struct one o;
    struct alm_stream s = alm_stream_open(3, 0, "limit");
    start(&o, "quantile-regression");
    size_t held = 0;
    for (int t = 0; t < 1500; t++) {
        const double demand = exp(0.1 * alm_stream_normal(&s)) * (t >= 1000 ? 10 : 1);
        const double limit = o.v.has & 1u ? o.v.max[0] : INFINITY;
        feed(&o, fmin(demand, limit), 1e9, demand > limit);
        held += t >= 1300 && demand > limit;
    }
    cr_expect_leq(held, 30, "%zu of the last 200 rounds were held down", held);
    finish(&o);
}

Test(predictor_quantile_regression, odd_values_leave_it_whole)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, 1e300, 1e-300, 0, -5, 1, 1, 1e308, 5e-324};
    struct one o;
    start(&o, "quantile-regression:window=12h,trend=true,tau=0.8");
    struct alm_stream s = alm_stream_open(4, 0, "odd");
    for (int t = 0; t < 2000; t++) {
        const double cpu = odd[alm_stream_below(&s, 11)], memory = t % 2 ? odd[alm_stream_below(&s, 11)] : 0;
        feed(&o, cpu, memory, t % 7 == 0);
        if (t % 500 == 0)
            o.slot += 1000000;
    }
    finish(&o);
    start(&o, "quantile-regression:window=1d,tau=0.8");
    for (int t = 0; t < 1000; t++)
        feed(&o, 3, 5e9, false);
    cr_expect_float_eq(o.v.max[0], 3, 1e-5, "constant: %.17g", o.v.max[0]);
    cr_expect_float_eq(o.v.min[1], 5e9, 1e4, "constant: %.17g", o.v.min[1]);
    finish(&o);
}

/* An execution of two seconds with 1000 bytes of memory for each of size, 10 % noise. */
static void execute(struct one *o, double size, struct alm_stream *s, uint64_t limit_of)
{
    struct alm_err e = {0};
    const double input[2] = {size, 0};
    struct alm_execution x = {
        .end = ALM_END_DONE, .finish = 2 * ALM_SECOND, .limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}, .input = input};
    x.usage[ALM_CPU] = 1000000;
    x.usage[ALM_MEMORY] = llround(1000 * size * exp(0.1 * alm_stream_normal(s)));
    if (limit_of && x.usage[ALM_MEMORY] > (int64_t)limit_of)
        x.limit[ALM_MEMORY] = x.usage[ALM_MEMORY] = (int64_t)limit_of;
    cr_assert_eq(o->ops->executions(&o->u, &x, 1, &e), 0, "%s", e.text);
}

Test(predictor_quantile_regression, inputs_answer_before_a_start)
{
    struct one o;
    struct alm_stream s = alm_stream_open(5, 0, "inputs");
    start(&o, "quantile-regression:inputs=true");
    const double size = 1e6, input[2] = {size, 0};
    const struct alm_start starting = {.input = input};
    ask(&o, &starting);
    cr_expect_eq(o.v.has, 0);
    for (int k = 0; k < 500; k++)
        execute(&o, 1e5 * exp(5 * alm_stream_uniform(&s)), &s, 0);
    feed(&o, 2, 7e9, false);
    cr_expect_float_eq(o.v.max[ALM_MEMORY], 2 * (7e9 + 1048576) - 1048576, 3e4, "no start: the series speaks");
    ask(&o, &starting);
    /* 1.645 standard deviations of 10 %: 1.179; the standard error of a 95 % quantile of 500 is about 1 %. */
    cr_expect_float_eq(o.v.max[ALM_MEMORY], 1.179e9, 0.04e9, "%g", o.v.max[ALM_MEMORY]);
    cr_expect_float_eq(o.v.max[ALM_CPU], 0.5, 1e-5, "%g", o.v.max[ALM_CPU]);
    cr_expect_eq(o.v.peak, 3);
    cr_expect_eq(o.v.confidence[ALM_MEMORY], 0.95);
    cr_expect(o.v.min[ALM_MEMORY] > 0.6e9 && o.v.min[ALM_MEMORY] < 0.85e9, "%g", o.v.min[ALM_MEMORY]);
    finish(&o);
    start(&o, "quantile-regression");
    for (int k = 0; k < 50; k++)
        execute(&o, 1e6, &s, 0);
    ask(&o, &starting);
    cr_expect_eq(o.v.has, 0, "inputs=false learns nothing from executions");
    finish(&o);
}

static void saves_to(struct one *a, struct one *b, int expected)
{
    struct alm_err e = {0};
    size_t size = 0;
    cr_assert_eq(a->ops->save(&a->u, 0, NULL, &size, &e), 0);
    char *bytes = malloc(size);
    cr_assert_eq(a->ops->save(&a->u, 0, bytes, &size, &e), 0);
    cr_expect_eq(b->ops->load(&b->u, 0, bytes, size, &e), expected, "%s", e.text);
    free(bytes);
}

/* The contract test saves before the first plane: here after it. */
Test(predictor_quantile_regression, saved_planes_go_on_to_the_bit)
{
    struct one a, b, other;
    struct alm_stream s = alm_stream_open(6, 0, "saved");
    start(&a, "quantile-regression:window=2d,inputs=true");
    start(&b, "quantile-regression:window=2d,inputs=true");
    start(&other, "quantile-regression:window=2d,inputs=true,lags=1/2/4");
    for (int t = 0; t < 700; t++)
        feed(&a, exp(alm_stream_normal(&s)), 1e9 * exp(alm_stream_normal(&s)), false);
    for (int k = 0; k < 100; k++)
        execute(&a, exp(alm_stream_normal(&s)), &s, 0);
    saves_to(&a, &other, ALM_EDATA);
    saves_to(&a, &b, ALM_OK);
    b.slot = a.slot;
    for (int t = 0; t < 100; t++) {
        const double x = exp(alm_stream_normal(&s));
        feed(&a, x, 1e9 * x, false);
        feed(&b, x, 1e9 * x, false);
        cr_assert_eq(memcmp(&a.v, &b.v, sizeof a.v), 0, "round %d", t);
    }
    cr_expect_eq(memcmp(a.u.state, b.u.state, a.size), 0);
    finish(&a);
    finish(&b);
    finish(&other);
}
