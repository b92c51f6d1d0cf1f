/* SPDX-License-Identifier: GPL-3.0-or-later
 * Do the metrics of honesty see lies, and only lies? Does every sum pool, and is the tally of days and levels a table that comes
 * back as it went? Figures worked out by hand are in metrics.c. */
#include "experiments/metrics_honesty.h"
#include "experiments/metrics_tally.h"
#include "experiments/statistics/coverage_test.h"
#include "experiments/sweep/cell_sums.h"

#include "almanac/stream.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static double value(const struct metrics_unit *u, const char *name)
{
    size_t count;
    const struct metrics_row *row = metrics_rows(&count);
    for (size_t k = 0; k < count; k++)
        if (strcmp(row[k].name, name) == 0)
            return row[k].value(u, ALM_CPU);
    cr_assert_fail("there is no row %s", name);
    return NAN;
}

/* A window of CPU: [0, MAX] at CONFIDENCE, and what was seen. */
static struct alm_outcome window(double max, double confidence, double seen)
{
    struct alm_outcome o = {.samples = 1, .seen = ALM_BIT(ALM_CPU), .mean = {seen}};
    o.envelope = (struct alm_envelope){.has = ALM_BIT(ALM_CPU), .max = {max}, .confidence = {confidence}};
    return o;
}

static void add(struct metrics_unit *u, struct metrics_misses *m, const struct alm_outcome *o)
{
    cr_assert(metrics_is_stated(o, ALM_CPU));
    metrics_honesty_add(&u->of[ALM_CPU], m, o, ALM_CPU,
                        o->mean[0] <= o->envelope.max[0] && !(o->censored & ALM_BIT(ALM_CPU)));
}

Test(metrics_honesty, what_is_not_stated_is_not_judged)
{
    const double never[] = {NAN, -0.1, 1.0000001, INFINITY};
    for (size_t k = 0; k < 4; k++) {
        const struct alm_outcome o = window(1, never[k], 0.5);
        cr_assert_not(metrics_is_stated(&o, ALM_CPU), "%g", never[k]);
    }
    struct metrics_unit u = {0};
    struct metrics_misses none = {0};
    metrics_honesty_close(&u.of[ALM_CPU], &none);
    cr_assert(isnan(value(&u, "confidence")) && isnan(value(&u, "coverage_p")) &&
              isnan(value(&u, "coverage_kept_share")));
}

Test(metrics_honesty, certainty_is_judged_but_not_scored)
{
    struct metrics_unit u = {0};
    struct metrics_misses m = {0};
    struct alm_outcome o = window(1, 1, 0.5);
    for (int k = 0; k < 100; k++)
        add(&u, &m, &o);
    metrics_honesty_close(&u.of[ALM_CPU], &m);
    cr_assert_eq(value(&u, "confidence"), 1);
    cr_assert_eq(value(&u, "coverage_kept_share"), 1);
    cr_assert(isnan(value(&u, "pinball_loss")), "a quantile at 1 has no finite loss above it");
    o.mean[0] = 2;
    add(&u, &m, &o);
    metrics_honesty_close(&u.of[ALM_CPU], &m);
    cr_assert_eq(value(&u, "coverage_p"), 0, "one miss of what was certain");
    cr_assert(isnan(value(&u, "interval_score")));
}

Test(metrics_honesty, a_confidence_that_never_changes_is_told_to_the_bit)
{
    struct metrics_unit u = {0};
    struct metrics_misses m = {0};
    for (int k = 0; k < 100003; k++) {
        struct alm_outcome o = window(1, 0.9, k % 10 == 0 ? 2 : 0.5);
        add(&u, &m, &o);
    }
    metrics_honesty_close(&u.of[ALM_CPU], &m);
    cr_assert_float_eq(value(&u, "confidence"), 0.9, 2e-16, "%.17g", value(&u, "confidence"));
}

/* UNITS units of WINDOWS uniform values, each above the bound with chance MISS; STATED of the bound. AFTER: chance right after a
 * miss. */
enum { UNITS = 2000, WINDOWS = 400 };
static struct metrics_unit fleet(double miss, double after, double stated)
{
    struct metrics_unit pool = {0};
    static uint8_t missed[WINDOWS];
    struct alm_stream s = alm_stream_open(20, 0, "windows");
    for (int i = 0; i < UNITS; i++) {
        struct metrics_unit u = {0};
        struct metrics_misses m = {0};
        for (int k = 0; k < WINDOWS; k++) {
            const double chance = k > 0 && missed[k - 1] ? after : miss;
            missed[k] = alm_stream_uniform(&s) < chance;
            struct alm_outcome o = window(1, stated, missed[k] ? 1.5 : 0.5);
            add(&u, &m, &o);
        }
        metrics_honesty_close(&u.of[ALM_CPU], &m);
        const struct coverage_result by_values = coverage_test(missed, WINDOWS, 1 - stated);
        cr_assert_float_eq(value(&u, "coverage_p"), by_values.p_unconditional, 1e-9);
        cr_assert_eq(u.of[ALM_CPU].independence_kept, by_values.p_independence >= METRICS_REJECT);
        metrics_pool(&pool, &u);
    }
    return pool;
}

/* At 400 windows and 5 % Kupiec's test keeps 13 to 29 misses: that has a chance of 0.9455 when misses have one of 0.05, of 0.036 at 0.1
 * and of 0.0002 at 0.01. The share of 2000 units lies within 4 sd of it, 0.02, but for one seed in 16 000. */
Test(metrics_honesty, truth_is_kept_and_a_lie_is_not)
{
    const struct metrics_unit honest = fleet(0.05, 0.05, 0.95), lie = fleet(0.10, 0.10, 0.95);
    const struct metrics_unit timid = fleet(0.01, 0.01, 0.95);
    const double kept = value(&honest, "coverage_kept_share");
    cr_assert(fabs(kept - 0.9455) < 0.02, "%g", kept);
    cr_assert_float_eq(value(&honest, "coverage_gap"), 0, 4 * sqrt(0.05 * 0.95 / (UNITS * WINDOWS)));
    cr_assert_float_eq(value(&lie, "coverage_gap"), -0.05, 4 * sqrt(0.1 * 0.9 / (UNITS * WINDOWS)));
    cr_assert_lt(value(&lie, "coverage_kept_share"), 0.1, "%g", value(&lie, "coverage_kept_share"));
    cr_assert_lt(value(&timid, "coverage_kept_share"), 0.1, "too much is not as said either");
    cr_assert_float_eq(value(&honest, "coverage_p"), 0.5, 0.05, "p of a true null is uniform");
}

/* Stationary share of misses: m = miss (1 - m) + after m. At 0.035 and 0.335 it is 0.05, yet misses cluster. */
Test(metrics_honesty, misses_that_cluster_are_seen)
{
    const struct metrics_unit even = fleet(0.05, 0.05, 0.95), bursts = fleet(0.035, 0.335, 0.95);
    cr_assert_gt(value(&even, "independence_kept_share"), 0.90, "%g", value(&even, "independence_kept_share"));
    cr_assert_lt(value(&bursts, "independence_kept_share"), 0.15, "%g", value(&bursts, "independence_kept_share"));
    cr_assert_float_eq(value(&bursts, "coverage_gap"), 0, 0.005);
}

/* Of values uniform in [0, 1] the quantile at c is c: no other bound that states c may cost less. */
Test(metrics_honesty, no_bound_is_cheaper_than_the_true_quantile)
{
    double cost[3];
    const double bound[3] = {0.9, 0.95, 0.99};
    for (int b = 0; b < 3; b++) {
        struct metrics_unit u = {0};
        struct metrics_misses m = {0};
        for (int k = 0; k < 10000; k++) {
            struct alm_outcome o = window(bound[b], 0.95, ((double)k + 0.5) / 10000);
            add(&u, &m, &o);
        }
        cost[b] = value(&u, "pinball_loss");
        /* the interval is [0, bound] and nothing lies below: its score is the loss over 0.05, and the values themselves */
        cr_assert_float_eq(value(&u, "interval_score"), cost[b] / 0.05 + 1, 1e-9);
    }
    cr_assert(cost[1] < cost[0] && cost[1] < cost[2], "%g %g %g", cost[0], cost[1], cost[2]);
    cr_assert_float_eq(cost[1], 0.5 * 0.95 * 0.05 / 0.5, 1e-6, "half of c (1 - c), over a mean of one half");
}

Test(metrics_honesty, every_sum_is_pooled)
{
    size_t count;
    const struct cell_sum *sum = cell_sums(&count);
    struct metrics_unit one, two = {0};
    memset(&one, 0, sizeof one);
    for (size_t k = 0; k < count; k++) {
        if (sum[k].whole)
            cell_sum_set_whole(&sum[k], &one, k + 1);
        else
            cell_sum_set_real(&sum[k], &one, (double)k + 1);
    }
    metrics_pool(&two, &one);
    metrics_pool(&two, &one);
    for (size_t k = 0; k < count; k++) {
        const double got = sum[k].whole ? (double)cell_sum_whole(&sum[k], &two) : cell_sum_real(&sum[k], &two);
        cr_assert_eq(got, 2 * ((double)k + 1), "%s is %g", sum[k].name, got);
    }
}

TestSuite(metrics_tally, .init = scratch_enter, .fini = scratch_leave);

static const struct metrics_day_of_unit a_day = {.seconds = 86400,
                                                 .overrun_seconds = 43.2,
                                                 .limit = 172800,
                                                 .slack = 86400,
                                                 .confidence = 273.6,
                                                 .loss = 3,
                                                 .value = 300,
                                                 .windows = 288,
                                                 .covered = 270};

static void fill(struct metrics_tally *t, size_t first, size_t days)
{
    struct alm_err e = {0};
    cr_assert_eq(metrics_tally_room(t, days, &e), ALM_OK, "%s", e.text);
    for (size_t k = first; k < days; k++)
        metrics_tally_day(t, k, (int)(k % 2), &a_day);
    for (int k = 0; k <= 1000; k++)
        metrics_tally_window(t, k % 2, k / 1000.0, k % 3 == 0);
}

Test(metrics_tally, merging_is_adding)
{
    struct alm_err e = {0};
    struct metrics_tally a = {0}, b = {0}, all = {0};
    fill(&a, 0, 3);
    fill(&b, 1, 9);
    fill(&all, 0, 3);
    fill(&all, 1, 9);
    cr_assert_eq(metrics_tally_merge(&a, &b, &e), ALM_OK);
    cr_assert_eq(a.days, all.days);
    cr_assert_eq(memcmp(a.day, all.day, all.days * sizeof *all.day), 0);
    cr_assert_eq(memcmp(a.level, all.level, sizeof all.level), 0);
    cr_assert_eq(a.day[0][0].limit, 172800000000u, "1e-6 core seconds");
    cr_assert_eq(a.day[1][1].slack, 168, "KiB seconds, rounded unit by unit: twice 84.375 is 84 + 84, not 169");
    metrics_tally_free(&a);
    metrics_tally_free(&b);
    metrics_tally_free(&all);
}

Test(metrics_tally, the_usual_levels_have_a_step_each)
{
    static const double usual[] = {0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 1};
    struct metrics_tally t = {0};
    for (size_t k = 0; k < sizeof usual / sizeof *usual; k++)
        metrics_tally_window(&t, 0, usual[k], true);
    for (size_t k = 0; k < METRICS_LEVELS; k++)
        cr_assert_leq(t.level[0][k].windows, 1);
    metrics_tally_free(&t);
}

Test(metrics_tally, amounts_beyond_all_measure_are_capped_and_unknown_ones_left_out)
{
    struct alm_err e = {0};
    struct metrics_tally t = {0};
    struct metrics_day_of_unit x = a_day;
    x.limit = 1e300;
    x.slack = INFINITY;
    x.value = -1;
    x.loss = x.overrun_seconds = NAN;
    cr_assert_eq(metrics_tally_room(&t, SIZE_MAX, &e), ALM_OK);
    cr_assert_eq(t.days, METRICS_DAYS);
    metrics_tally_day(&t, 0, 0, &x);
    metrics_tally_day(&t, SIZE_MAX, 0, &x);
    const struct metrics_day *d = &t.day[0][0];
    cr_assert(d->limit == (uint64_t)1 << 40 && d->slack == d->limit);
    cr_assert(d->value == 0 && d->loss == 0 && d->judged == 0 && d->overrun_seconds == 0 && d->seconds > 0);
    metrics_tally_free(&t);
}

Test(metrics_tally, it_comes_back_as_it_went)
{
    struct alm_err e = {0};
    struct alm_table *file;
    struct metrics_tally t = {0}, back = {0};
    fill(&t, 0, 7);
    cr_assert_eq(alm_table_create("tally.h5", "run/1", "a run", &file, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(metrics_tally_write(&t, file, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(alm_table_commit(file, &e), ALM_OK, "%s", e.text);
    alm_table_close(file);
    cr_assert_eq(alm_table_open("tally.h5", "run/", &file, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(metrics_tally_read(file, &back, &e), ALM_OK, "%s", e.text);
    alm_table_close(file);
    cr_assert_eq(back.days, t.days);
    cr_assert_eq(memcmp(back.day, t.day, t.days * sizeof *t.day), 0);
    cr_assert_eq(memcmp(back.level, t.level, sizeof t.level), 0);
    metrics_tally_free(&t);
    metrics_tally_free(&back);
}
