/* SPDX-License-Identifier: GPL-3.0-or-later
 * executions: is each figure what its definition gives by hand; does it depend on nothing but what happened; and do the
 * intervals of a queue whose truth is known hold it as often as they say? */
#include "experiments/executions.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define S ALM_SECOND
#define NONE ALM_TIME_NONE

struct case_row {
    struct alm_execution x;
    struct alm_execution_account a;
};

/* Two units, two classes. In seconds: done 0-10-30 and 20-20-40, refused at 35, gave up 30-50, failed 40-45-60, and one that
 * started at 90 is still running at the end, 100. */
static const struct case_row six[] = {
    {{.id = 0, .unit = 0, .end = ALM_END_DONE, .cold = 1, .retries = 1, .start = 10 * S, .finish = 30 * S},
     {.alone = 10, .servers = 20, .class = 0}},
    {{.id = 3, .unit = 1, .end = ALM_END_REFUSED, .arrival = 35 * S, .start = NONE, .finish = 35 * S},
     {.alone = 1, .servers = 0, .class = 7}},
    {{.id = 1, .unit = 1, .end = ALM_END_DONE, .arrival = 20 * S, .start = 20 * S, .finish = 40 * S},
     {.alone = 20, .servers = 20, .class = 7}},
    {{.id = 2, .unit = 0, .end = ALM_END_TIMEOUT, .arrival = 30 * S, .start = NONE, .finish = 50 * S},
     {.alone = 1, .servers = 0, .class = 0}},
    {{.id = 4, .unit = 0, .end = ALM_END_FAILED, .retries = 3, .arrival = 40 * S, .start = 45 * S, .finish = 60 * S},
     {.alone = 1, .servers = 10, .class = 0}},
    {{.id = 5, .unit = 1, .end = ALM_END_RUNNING, .arrival = 80 * S, .start = 90 * S, .finish = 100 * S},
     {.alone = 50, .servers = 10, .class = 7}},
};
#define SIX (sizeof six / sizeof *six)

static struct executions *watched(alm_time begin, const int *order)
{
    struct alm_err e = {0};
    struct executions *x = NULL;
    cr_assert_eq(executions_new(2, begin, 2, &x, &e), ALM_OK, "%s", e.text);
    struct alm_observer o = executions_observer(x);
    for (size_t k = 0; k < SIX; k++) {
        const struct case_row *row = &six[order ? order[k] : (int)k];
        cr_assert_eq(o.executions(o.ctx, &row->x, &row->a, 1, &e), ALM_OK, "%s", e.text);
    }
    executions_finish(x, 100 * S);
    return x;
}

static void expect(const struct executions_report *r, enum executions_figure f, double want)
{
    double got = r->of[f].value;
    cr_assert(isnan(want) ? isnan(got) : fabs(got - want) <= 1e-12 * fmax(1, fabs(want)), "%s is %.17g, not %.17g",
              executions_name(f), got, want);
    cr_assert(isnan(r->of[f].halfwidth), "%s has a half-width out of nothing", executions_name(f));
}

/* Within the 0.1 % of a histogram. */
static void expect_about(const struct executions_report *r, enum executions_figure f, double want)
{
    cr_assert_leq(fabs(r->of[f].value - want), 0.001 * want, "%s is %.17g, not %.17g", executions_name(f),
                  r->of[f].value, want);
}

Test(executions, by_hand)
{
    struct executions *x = watched(0, NULL);
    struct executions_report r;
    executions_total(x, &r);
    expect(&r, EXECUTIONS_COUNT, 5);
    expect(&r, EXECUTIONS_MEAN_RESPONSE, 25);
    expect(&r, EXECUTIONS_MEAN_WAIT, 5);
    expect(&r, EXECUTIONS_MEAN_IN_SYSTEM, 1.1); /* 30 + 20 + 0 + 20 + 20 + 20 over 100 */
    expect(&r, EXECUTIONS_MEAN_BUSY, 0.6);
    expect(&r, EXECUTIONS_UTILISATION, 0.3);
    expect(&r, EXECUTIONS_REFUSED_SHARE, 0.2);
    expect(&r, EXECUTIONS_TIMEOUT_SHARE, 0.2);
    expect(&r, EXECUTIONS_FAILED_SHARE, 0.2);
    expect(&r, EXECUTIONS_COLD_START_SHARE, 1.0 / 3);
    expect(&r, EXECUTIONS_MEAN_SLOWDOWN, 2);
    expect(&r, EXECUTIONS_THROUGHPUT, 0.02);
    expect(&r, EXECUTIONS_IN_FLIGHT, 1);
    expect(&r, EXECUTIONS_RETRIES, 4);
    expect_about(&r, EXECUTIONS_P50, 20);
    expect_about(&r, EXECUTIONS_P95, 30);
    expect_about(&r, EXECUTIONS_P95_SLOWDOWN, 3);
    cr_assert_eq(r.batches, 0);
    executions_free(x);
}

Test(executions, classes_by_hand)
{
    struct executions *x = watched(0, NULL);
    struct executions_report r;
    cr_assert_eq(executions_classes(x), 2);
    executions_class(x, 0, &r);
    cr_assert_eq(r.class, 0);
    expect(&r, EXECUTIONS_COUNT, 3);
    expect(&r, EXECUTIONS_MEAN_RESPONSE, 30);
    expect(&r, EXECUTIONS_MEAN_IN_SYSTEM, 0.7);
    expect(&r, EXECUTIONS_IN_FLIGHT, 0);
    expect_about(&r, EXECUTIONS_P50, 30);
    executions_class(x, 1, &r);
    cr_assert_eq(r.class, 7);
    expect(&r, EXECUTIONS_COUNT, 2);
    expect(&r, EXECUTIONS_MEAN_RESPONSE, 20);
    expect(&r, EXECUTIONS_MEAN_IN_SYSTEM, 0.4);
    expect(&r, EXECUTIONS_REFUSED_SHARE, 0.5);
    expect(&r, EXECUTIONS_IN_FLIGHT, 1);
    executions_free(x);
}

/* Scored from 25 s on: those who came before count in averages over time alone, from 25 s on. */
Test(executions, warm_up_by_hand)
{
    struct executions *x = watched(25 * S, NULL);
    struct executions_report r;
    executions_total(x, &r);
    expect(&r, EXECUTIONS_COUNT, 3);
    expect(&r, EXECUTIONS_MEAN_RESPONSE, NAN);
    expect(&r, EXECUTIONS_P99, NAN);
    expect(&r, EXECUTIONS_MEAN_SLOWDOWN, NAN);
    expect(&r, EXECUTIONS_MEAN_IN_SYSTEM, (5 + 15 + 0 + 20 + 20 + 20) / 75.0);
    expect(&r, EXECUTIONS_MEAN_BUSY, (5 + 15 + 10 + 10) / 75.0);
    expect(&r, EXECUTIONS_REFUSED_SHARE, 1.0 / 3);
    expect(&r, EXECUTIONS_COLD_START_SHARE, 0);
    executions_free(x);
}

Test(executions, units_by_hand)
{
    static const struct {
        const char *name;
        double want[2];
    } rows[] = {{"count", {3, 2}},
                {"mean_response_s", {30, 20}},
                {"mean_wait_s", {10, 0}},
                {"mean_slowdown", {3, 1}},
                {"busy_core_seconds", {30, 20}},
                {"refused_share", {0, 0.5}},
                {"timeout_share", {1. / 3, 0}},
                {"cold_start_share", {0.5, 0}},
                {"retries", {4, 0}}};
    struct executions *x = watched(0, NULL);
    size_t seen = 0;
    for (size_t k = 0; executions_unit_name(k); k++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            for (size_t u = 0; strcmp(rows[i].name, executions_unit_name(k)) == 0 && u < 2; u++, seen++)
                cr_assert_float_eq(executions_unit_value(x, u, k), rows[i].want[u], 1e-12, "%s of unit %zu",
                                   rows[i].name, u);
    cr_assert_eq(seen, 2 * sizeof rows / sizeof *rows);
    executions_free(x);
}

/* The order in which things ended says something about half-widths and nothing else. */
Test(executions, order_changes_no_digit)
{
    static const int orders[][SIX] = {{5, 4, 3, 2, 1, 0}, {2, 0, 5, 1, 4, 3}, {4, 1, 0, 5, 3, 2}};
    struct executions *x = watched(0, NULL);
    struct executions_report want[3], got;
    executions_total(x, &want[0]);
    executions_class(x, 0, &want[1]);
    executions_class(x, 1, &want[2]);
    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
        struct executions *y = watched(0, orders[k]);
        for (int g = 0; g < 3; g++) {
            if (g == 0)
                executions_total(y, &got);
            else
                executions_class(y, (size_t)g - 1, &got);
            for (int f = 0; f < EXECUTIONS_FIGURES; f++)
                cr_assert_eq(memcmp(&got.of[f].value, &want[g].of[f].value, sizeof(double)), 0, "order %zu: %s", k,
                             executions_name((enum executions_figure)f));
        }
        executions_free(y);
    }
    executions_free(x);
}

/* One class is the total; its copy, made when the second comes, is what it would have been alone. */
Test(executions, a_class_that_comes_late_changes_no_other)
{
    struct alm_err e = {0};
    struct executions *one, *two;
    struct alm_stream s = alm_stream_open(3, 0, "late");
    cr_assert_eq(executions_new(1, 0, NAN, &one, &e), ALM_OK);
    cr_assert_eq(executions_new(1, 0, NAN, &two, &e), ALM_OK);
    struct alm_observer a = executions_observer(one), b = executions_observer(two);
    for (int k = 0; k < 5000; k++) {
        struct alm_execution x = {.id = (uint64_t)k, .arrival = k * S, .start = k * S};
        x.finish = x.start + (alm_time)(alm_stream_exponential(&s) * 1e9);
        struct alm_execution_account account = {.alone = 0.1, .class = 5};
        cr_assert_eq(a.executions(a.ctx, &x, &account, 1, &e), ALM_OK);
        cr_assert_eq(b.executions(b.ctx, &x, &account, 1, &e), ALM_OK);
        account.class = k % 2 ? 9 : 1;
        if (k > 3000)
            cr_assert_eq(b.executions(b.ctx, &x, &account, 1, &e), ALM_OK);
    }
    executions_finish(one, 6000 * S);
    executions_finish(two, 6000 * S);
    struct executions_report alone, beside;
    cr_assert_eq(executions_classes(one), 0);
    cr_assert_eq(executions_classes(two), 3);
    executions_total(one, &alone);
    executions_class(two, 1, &beside);
    cr_assert_eq(beside.class, 5);
    cr_assert_eq(memcmp(alone.of, beside.of, sizeof alone.of), 0);
    cr_assert_eq(alone.batches, beside.batches);
    executions_free(one);
    executions_free(two);
}

Test(executions, more_classes_than_are_kept_are_in_the_total)
{
    struct alm_err e = {0};
    struct executions *x;
    cr_assert_eq(executions_new(1, 0, NAN, &x, &e), ALM_OK);
    struct alm_observer o = executions_observer(x);
    for (uint32_t k = 0; k < 100; k++) {
        struct alm_execution q = {.id = k, .finish = S};
        struct alm_execution_account a = {.alone = 1, .class = 99 - k};
        cr_assert_eq(o.executions(o.ctx, &q, &a, 1, &e), ALM_OK);
    }
    struct executions_report r;
    executions_finish(x, S);
    executions_total(x, &r);
    cr_assert_eq(r.of[EXECUTIONS_COUNT].value, 100);
    cr_assert_eq(executions_classes(x), EXECUTIONS_CLASSES);
    executions_free(x);
}

/* A thousand ended soon, one was there from the first to the last: what ended cannot speak for the number in the system. */
Test(executions, who_never_ends_leaves_no_interval)
{
    struct alm_err e = {0};
    struct executions *x;
    struct executions_report r;
    cr_assert_eq(executions_new(1, 0, 4, &x, &e), ALM_OK);
    struct alm_observer o = executions_observer(x);
    const struct alm_execution_account a = {.alone = 1, .servers = 0.1};
    for (int k = 0; k < 1000; k++) {
        struct alm_execution q = {.id = (uint64_t)k, .arrival = k * S, .start = k * S};
        q.finish = k * S + S / 10 + k % 7 * (S / 1000);
        cr_assert_eq(o.executions(o.ctx, &q, &a, 1, &e), ALM_OK);
    }
    executions_total(x, &r);
    cr_assert_gt(r.of[EXECUTIONS_MEAN_IN_SYSTEM].halfwidth, 0);
    struct alm_execution forever = {.id = 1000, .end = ALM_END_RUNNING, .start = NONE, .finish = 1000 * S};
    cr_assert_eq(o.executions(o.ctx, &forever, &a, 1, &e), ALM_OK);
    executions_finish(x, 1000 * S);
    executions_total(x, &r);
    cr_assert_geq(r.of[EXECUTIONS_MEAN_IN_SYSTEM].value, 1.1);
    cr_assert(isnan(r.of[EXECUTIONS_MEAN_IN_SYSTEM].halfwidth));
    cr_assert_gt(r.of[EXECUTIONS_MEAN_RESPONSE].halfwidth, 0);
    executions_free(x);
}

/* What half-widths must be when nothing happens, and what is kept of an impossible slowdown. */
Test(executions, nothing_happened)
{
    struct alm_err e = {0};
    struct executions *x;
    struct executions_report r;
    cr_assert_eq(executions_new(1, 0, INFINITY, &x, &e), ALM_OK);
    executions_finish(x, 0);
    executions_total(x, &r);
    expect(&r, EXECUTIONS_COUNT, 0);
    expect(&r, EXECUTIONS_MEAN_IN_SYSTEM, NAN);
    expect(&r, EXECUTIONS_UTILISATION, NAN);
    json_t *json = executions_json(x);
    cr_assert(json_is_null(json_object_get(json, "mean_response_s")));
    cr_assert_eq(json_integer_value(json_object_get(json, "batches")), 0);
    cr_assert_null(json_object_get(json, "classes"));
    json_decref(json);
    executions_free(x);
}

/* M/M/1 at load 1/2, served in order of arrival (Lindley): response is exponential with mean 2, so L is 1, the median
 * 2 ln 2, the 95 % point -2 ln 0.05; the server is busy half the time. 200 runs of 10 000: intervals at 95 % hold the truth
 * in 190 +- 3.1; 178 or fewer by a chance of 0.05 % for each of six figures, a little more for quantiles, whose intervals
 * are asymptotic. */
static int lindley(struct executions *x, uint64_t run, int n)
{
    struct alm_err e = {0};
    struct alm_stream s = alm_stream_open(15, run, "lindley");
    struct alm_observer o = executions_observer(x);
    double arrival = 0, free_at = 0;
    alm_time latest = 0;
    for (int k = 0; k < n; k++) {
        arrival += 2 * alm_stream_exponential(&s);
        double start = fmax(arrival, free_at), service = alm_stream_exponential(&s);
        free_at = start + service;
        struct alm_execution q = {
            .id = (uint64_t)k, .arrival = (alm_time)(arrival * 1e9), .start = (alm_time)(start * 1e9)};
        q.finish = latest = (alm_time)(free_at * 1e9);
        struct alm_execution_account a = {.alone = service, .servers = service};
        if (o.executions(o.ctx, &q, &a, 1, &e) < 0)
            return ALM_ENOMEM;
    }
    executions_finish(x, latest);
    return ALM_OK;
}

Test(executions, intervals_of_a_queue_hold_the_truth)
{
    static const struct {
        enum executions_figure figure;
        double want;
    } rows[] = {{EXECUTIONS_MEAN_RESPONSE, 2},       {EXECUTIONS_MEAN_WAIT, 1},
                {EXECUTIONS_MEAN_IN_SYSTEM, 1},      {EXECUTIONS_UTILISATION, 0.5},
                {EXECUTIONS_THROUGHPUT, 0.5},        {EXECUTIONS_P50, 1.3862943611198906},
                {EXECUTIONS_P95, 5.991464547107982}, {EXECUTIONS_P99, 9.210340371976182}};
    enum { ROWS = sizeof rows / sizeof *rows, RUNS = 200 };
    int hits[ROWS] = {0};
    for (uint64_t run = 0; run < RUNS; run++) {
        struct alm_err e = {0};
        struct executions *x;
        struct executions_report r;
        cr_assert_eq(executions_new(1, 0, 1, &x, &e), ALM_OK);
        cr_assert_eq(lindley(x, run, 10000), ALM_OK);
        executions_total(x, &r);
        for (int k = 0; k < ROWS; k++)
            hits[k] += fabs(r.of[rows[k].figure].value - rows[k].want) <= r.of[rows[k].figure].halfwidth;
        executions_free(x);
    }
    for (int k = 0; k < ROWS; k++) {
        bool quantile = rows[k].figure == EXECUTIONS_P95 || rows[k].figure == EXECUTIONS_P99;
        cr_assert_gt(hits[k], quantile ? 172 : 178, "%s: %d of %d", executions_name(rows[k].figure), hits[k], RUNS);
        cr_assert_lt(hits[k], RUNS, "%s: intervals that always hold it are too wide", executions_name(rows[k].figure));
    }
}
