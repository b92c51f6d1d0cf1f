/* SPDX-License-Identifier: GPL-3.0-or-later
 * predictors: does each predictor give the numbers worked out by hand? What all must do is in tests/contract. */
#include "almanac/calibrator.h"
#include "almanac/demand.h"
#include "almanac/predictor.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct alm_env env = {
    .interval = 5 * ALM_MINUTE, .sample_interval = 5 * ALM_MINUTE, .resources = ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY)};
static const uint32_t only[1] = {0};

/* One unit of a predictor, fed by hand. */
struct one {
    struct alm_choice choice;
    const struct alm_predictor_ops *ops;
    struct alm_units u;
    struct alm_profile profile;
    struct alm_envelope v;
};

static void start(struct one *o, const char *text)
{
    struct alm_err e = {0};
    memset(o, 0, sizeof *o);
    cr_assert_eq(alm_choice_parse(ALM_PREDICTOR, text, &o->choice, &e), 0, "%s", e.text);
    o->ops = (const void *)o->choice.module;
    size_t size = o->ops->state_size(o->choice.opt, &env);
    o->u = (struct alm_units){
        .count = 1, .id = only, .state = calloc(1, size + 1), .stride = size, .opt = o->choice.opt, .env = &env};
    cr_assert_eq(o->ops->init ? o->ops->init(&o->u, &e) : 0, 0, "%s", e.text);
}

static void finish(struct one *o)
{
    free(o->u.state);
    alm_choice_free(&o->choice);
}

/* One sample at T; with LIMIT a kill under it. Then a decision. */
static void feed(struct one *o, alm_time t, double cpu, double memory, double limit)
{
    static const uint8_t censored = 0;
    o->profile = (struct alm_profile){.provides = ALM_PROFILE_RECENT,
                                      .window = {.count = 1, .at = &t, .value = {&cpu, &memory}, .censored = &censored},
                                      .fresh = 1,
                                      .oom_kills = limit > 0,
                                      .oom_at = t,
                                      .oom_limit = limit};
    o->v = (struct alm_envelope){.from = t};
    cr_assert_eq(o->ops->observe(&o->u, &o->profile, NULL), 0);
    cr_assert_eq(o->ops->predict(&o->u, &o->profile, t, &o->v, NULL), 0);
}

static void expect(const struct one *o, int r, double min, double max)
{
    cr_expect_neq(o->v.has & ALM_BIT(r), 0, "no envelope of %d", r);
    cr_expect_lt(fabs(o->v.max[r] - max), 1e-12 * fmax(1, max), "max %.17g, expected %.17g", o->v.max[r], max);
    cr_expect_lt(fabs(o->v.min[r] - min), 1e-12 * fmax(1, min), "min %.17g, expected %.17g", o->v.min[r], min);
}

Test(predictors, last)
{
    struct one o;
    start(&o, "last");
    feed(&o, 1, 0.5, NAN, 0);
    expect(&o, ALM_CPU, 0.5, 0.5);
    cr_expect_eq(o.v.has, ALM_BIT(ALM_CPU));
    feed(&o, 2, NAN, 7, 0);
    expect(&o, ALM_CPU, 0.5, 0.5);
    expect(&o, ALM_MEMORY, 7, 7);
    finish(&o);
}

Test(predictors, moving_max_counts_values_that_are_there)
{
    struct one o;
    const double x[] = {5, 1, NAN, 2, NAN, NAN, 3, 4};
    const double most[] = {5, 5, 5, 5, 5, 5, 3, 4}, least[] = {5, 1, 1, 1, 1, 1, 1, 2};
    start(&o, "moving-max:window=15m");
    for (size_t k = 0; k < sizeof x / sizeof x[0]; k++) {
        feed(&o, (alm_time)k + 1, x[k], 1, 0);
        expect(&o, ALM_CPU, least[k], most[k]);
    }
    cr_expect_eq(o.v.confidence[ALM_CPU], 0.75, "3 of 3 + 1");
    finish(&o);
}

Test(predictors, moving_percentile_is_type_seven)
{
    struct one o;
    start(&o, "moving-percentile:window=20m,percentile=95%");
    const double x[] = {9, 8, 1, 2, NAN, 4, 8};
    for (size_t k = 0; k < sizeof x / sizeof x[0]; k++)
        feed(&o, (alm_time)k + 1, x[k], 1, 0);
    expect(&o, ALM_CPU, 1 + 0.05 * 3 * 1, 4 + (0.95 * 3 - 2) * 4);
    finish(&o);
}

Test(predictors, a_window_shorter_than_a_sample_is_refused)
{
    struct alm_choice choice;
    struct alm_err e = {0};
    cr_assert_eq(alm_choice_parse(ALM_PREDICTOR, "moving-max:window=1m", &choice, &e), 0);
    const struct alm_predictor_ops *ops = (const void *)choice.module;
    size_t size = ops->state_size(choice.opt, &env);
    struct alm_units u = {
        .count = 1, .id = only, .state = calloc(1, size), .stride = size, .opt = choice.opt, .env = &env};
    cr_expect_eq(ops->init(&u, &e), ALM_EINVAL);
    cr_expect_gt(strlen(e.text), 0);
    free(u.state);
    alm_choice_free(&choice);
}

/* Bucket ends by the formula, truncations by hand: 1 core falls into [0.98, 1.04): find(1) = floor(log(6) / log(1.05)) = 36,
 * end = 0.01 (1.05^37 - 1) / 0.05. */
Test(predictors, vpa_by_hand)
{
    double end = floor(1000 * 0.01 * (pow(1.05, 37) - 1) / 0.05);
    double target = (end + floor(end * 0.15)) / 1000;
    struct one o;
    start(&o, "vpa");
    feed(&o, ALM_DAY, 1, 1e6, 0);
    expect(&o, ALM_CPU, 0.025, target); /* one sample: no history, so the lower bound is the minimum */
    expect(&o, ALM_MEMORY, 262144000, 262144000);
    cr_expect_eq(o.v.confidence[ALM_CPU], 0.9);
    finish(&o);

    start(&o, "vpa:bound=upper");
    feed(&o, ALM_DAY, 1, 1e6, 0);
    expect(&o, ALM_CPU, 0.025, 1e11);
    expect(&o, ALM_MEMORY, 262144000, 1e14);
    for (int k = 1; k <= 1440; k++)
        feed(&o, ALM_DAY + k * ALM_MINUTE, 1, 1e6, 0);
    expect(&o, ALM_CPU, floor(target * 1000 * pow(1.001, -2)) / 1000, target * 2);
    finish(&o);

    start(&o, "vpa:bound=lower");
    for (int k = 0; k <= 1440; k++)
        feed(&o, ALM_DAY + k * ALM_MINUTE, 1, 1e6, 0);
    expect(&o, ALM_CPU, floor(target * 1000 * pow(1.001, -2)) / 1000, floor(target * 1000 * pow(1.001, -2)) / 1000);
    finish(&o);
}

Test(predictors, vpa_learns_of_oom_kills)
{
    struct one o;
    start(&o, "vpa");
    feed(&o, ALM_DAY, 1, 1e9, 0);
    double before = o.v.max[ALM_MEMORY];
    feed(&o, ALM_DAY + ALM_MINUTE, 1, 1e9, 2e9);
    double need = 2e9 * 1.2, after = o.v.max[ALM_MEMORY];
    cr_expect_gt(after, need * 1.15, "%g", after);
    cr_expect_lt(after, need * 1.15 * 1.05 * 1.05, "%g", after);
    cr_expect_lt(before, 1e9 * 1.15 * 1.05 * 1.05, "%g", before);
    finish(&o);
}

Test(predictors, vpa_of_memory_alone_has_no_history)
{
    struct one o;
    start(&o, "vpa:controlled=memory,bound=upper");
    feed(&o, ALM_DAY, NAN, 1e9, 0);
    cr_expect_eq(o.v.has, ALM_BIT(ALM_MEMORY));
    expect(&o, ALM_MEMORY, 262144000, 1e14);
    finish(&o);
}

Test(predictors, measured_confidence_is_laplaces)
{
    struct alm_choice choice;
    struct alm_err e = {0};
    cr_assert_eq(alm_choice_parse(ALM_CALIBRATOR, "measured:min_outcomes=4", &choice, &e), 0, "%s", e.text);
    const struct alm_calibrator_ops *ops = (const void *)choice.module;
    size_t size = ops->state_size(choice.opt, &env);
    struct alm_units u = {
        .count = 1, .id = only, .state = calloc(1, size), .stride = size, .opt = choice.opt, .env = &env};
    struct alm_envelope v = {.has = 3, .max = {1, 1}, .confidence = {0.9, 0.9}};
    struct alm_outcome o = {.envelope = v, .samples = 1, .seen = 3, .mean = {1, 1}, .peak = {1, 1}};
    for (int k = 0; k < 3; k++)
        cr_expect_eq(ops->feedback(&u, &o, NULL), 0);
    cr_expect_eq(ops->adjust(&u, 0, &v, NULL), 0);
    cr_expect_neq(isnan(v.confidence[0]), 0, "3 outcomes are too few");
    o.mean[0] = 1.01;
    o.oom_kills = 1;
    cr_expect_eq(ops->feedback(&u, &o, NULL), 0);
    cr_expect_eq(ops->adjust(&u, 0, &v, NULL), 0);
    cr_expect_eq(v.confidence[0], 4.0 / 6, "a mean above max is a miss");
    cr_expect_eq(v.confidence[1], 4.0 / 6, "an OOM kill is a miss of memory");
    o.samples = 0;
    cr_expect_eq(ops->feedback(&u, &o, NULL), 0);
    cr_expect_eq(ops->adjust(&u, 0, &v, NULL), 0);
    cr_expect_eq(v.confidence[0], 4.0 / 6, "nothing seen, nothing learnt");
    free(u.state);
    alm_choice_free(&choice);
}

/* Row k is stamped k + 1 minutes and demands k + 1 cores; each seventh is missing. */
enum { ORACLE_ROWS = 1000 };
static size_t reads;

static int read_rows(const struct alm_demand *d, size_t unit, uint64_t first, size_t n,
                     const struct alm_demand_rows *out, struct alm_err *e)
{
    if (first + n > d->rows[unit])
        return alm_fail(e, ALM_EMODULE, "rows beyond the end");
    reads++;
    for (size_t k = 0; k < n; k++) {
        out->at[k] = (alm_time)(first + k + 1) * ALM_MINUTE;
        out->span[k] = ALM_MINUTE;
        out->value[ALM_CPU][k] = (first + k + 1) % 7 == 0 ? NAN : (double)(first + k + 1);
    }
    return ALM_OK;
}

static struct alm_envelope oracle_at(const struct alm_predictor_ops *ops, const struct alm_units *u, alm_time now)
{
    struct alm_envelope v = {.from = now};
    cr_assert_eq(ops->predict(u, NULL, now, &v, NULL), 0);
    return v;
}

Test(predictors, oracle_sees_what_comes_and_no_more)
{
    const uint64_t rows = ORACLE_ROWS;
    const struct alm_demand demand = {.rows = &rows, .units = 1, .resources = ALM_BIT(ALM_CPU), .read = read_rows};
    struct alm_env seeing = env;
    struct alm_choice choice;
    struct alm_err e = {0};
    cr_assert_eq(alm_choice_parse(ALM_PREDICTOR, "oracle:horizon=10m", &choice, &e), 0, "%s", e.text);
    const struct alm_predictor_ops *ops = (const void *)choice.module;
    size_t size = ops->state_size(choice.opt, &seeing);
    struct alm_units u = {
        .count = 1, .id = only, .state = calloc(1, size), .stride = size, .opt = choice.opt, .env = &seeing};
    cr_expect_eq(ops->init(&u, &e), ALM_EINVAL, "without a truth there is no oracle");
    seeing.demand = &demand;
    cr_assert_eq(ops->init(&u, &e), 0, "%s", e.text);
    for (int now = 0; now < ORACLE_ROWS; now++) {
        int last = now + 10 < ORACLE_ROWS ? now + 10 : ORACLE_ROWS, first = now + 1;
        first += first % 7 == 0;
        last -= last % 7 == 0;
        struct alm_envelope v = oracle_at(ops, &u, now * ALM_MINUTE);
        cr_assert_eq(v.has, first <= last ? ALM_BIT(ALM_CPU) : 0u, "at %d", now);
        if (v.has) {
            cr_assert_eq(v.max[ALM_CPU], last, "at %d: max %g", now, v.max[ALM_CPU]);
            cr_assert_eq(v.min[ALM_CPU], first, "at %d: min %g", now, v.min[ALM_CPU]);
        }
    }
    cr_expect_lt(reads, 10, "%zu reads: not in blocks", reads);
    cr_expect_eq(oracle_at(ops, &u, ORACLE_ROWS * ALM_MINUTE).has, 0, "nothing lies ahead");
    cr_expect_eq(oracle_at(ops, &u, 3 * ALM_MINUTE).max[ALM_CPU], 13, "back in time");
    ops->fini(&u);
    free(u.state);
    alm_choice_free(&choice);
}
