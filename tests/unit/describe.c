/* SPDX-License-Identifier: GPL-3.0-or-later
 * describe: is what `info` says of a trace what its definition says: autocorrelation with holes, missing values and
 * stamps that stray; percentiles; and of invocations rate, regularity, idle minutes, the busiest and the most frequent?
 *
 * Choice.   Expected numbers are worked out by hand, or by a program of twenty lines that looks at every pair of rows. */
#include "scratch.h"
#include "traces/file/lag.h"
#include "traces/file/tally.h"
#include "traces/file/trace_file.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

TestSuite(describe, .init = scratch_enter, .fini = scratch_leave);

#define STEP (300 * ALM_SECOND)

static struct alm_trace_writer *writer(const char *path)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = NULL;
    const struct alm_trace_info info = {.title = "t"};
    GOOD(alm_trace_create(path, &info, &w, &e));
    return w;
}

static uint32_t unit(struct alm_trace_writer *w, const char *name, const char *code)
{
    struct alm_err e = {0};
    struct alm_unit u = {.cores = (double)NAN, .memory = (double)NAN};
    uint32_t number = 0;
    snprintf(u.name, sizeof u.name, "%s", name);
    snprintf(u.code, sizeof u.code, "%s", code);
    GOOD(alm_trace_writer_sink(w)->unit(alm_trace_writer_sink(w), &u, &number, &e));
    return number;
}

static void row(struct alm_trace_writer *w, uint32_t u, alm_time at, double cpu)
{
    struct alm_err e = {0};
    double none = (double)NAN;
    const struct alm_trace_row r = {at, {cpu, none, none, none, none, none}};
    GOOD(alm_trace_writer_sink(w)->rows(alm_trace_writer_sink(w), u, &r, 1, &e));
}

static struct alm_trace *finish(struct alm_trace_writer *w, const char *path, alm_time interval)
{
    struct alm_err e = {0};
    struct alm_trace *t = NULL;
    if (interval)
        GOOD(alm_trace_writer_sink(w)->interval(alm_trace_writer_sink(w), interval, &e));
    GOOD(alm_trace_commit(w, &e));
    alm_trace_writer_close(w);
    GOOD(alm_trace_open(path, &t, &e));
    return t;
}

static struct alm_trace_column cpu_of(struct alm_trace *t)
{
    struct alm_err e = {0};
    struct alm_trace_column c[ALM_RESOURCES];
    uint64_t gaps;
    GOOD(alm_trace_describe(t, NULL, c, &gaps, &e));
    alm_trace_close(t);
    return c[ALM_CPU];
}

/* Every 13th row is not there, every 11th value is missing, and stamps stray by an eighth of an interval. Were holes
 * closed up, or missing values taken for 0, other numbers would come out. */
Test(describe, autocorrelation_is_that_of_rows_the_lag_apart)
{
    struct alm_trace_writer *w = writer("t.h5");
    uint32_t u = unit(w, "u", "");
    for (int k = 0; k < 2000; k++)
        if (k % 13)
            row(w, u, k * STEP + (k % 3) * STEP / 8, k % 11 ? (k * 7919 % 1000) / 16.0 + (k % 288) / 8.0 : (double)NAN);
    struct alm_trace_column c = cpu_of(finish(w, "t.h5", STEP));
    cr_expect_float_eq(c.step.value, 0.6634307020466864, 1e-6, "%.9f", c.step.value);
    cr_expect_float_eq(c.day.value, 0.012182286304180015, 1e-6, "%.9f", c.day.value);
    cr_expect(c.step.units == 1 && c.day.units == 1);
}

/* Six-hour rows of four days: 1 2 1 0 repeats daily, 0 1 alternates, the rest says nothing. */
Test(describe, autocorrelation_is_the_median_over_units_that_have_one)
{
    struct alm_trace_writer *w = writer("t.h5");
    uint32_t daily = unit(w, "daily", ""), other = unit(w, "other", ""), flat = unit(w, "flat", ""),
             brief = unit(w, "brief", "");
    for (int k = 0; k < 40; k++) {
        row(w, daily, k * 6 * ALM_HOUR, "1210"[k % 4] - '0');
        row(w, other, k * 6 * ALM_HOUR, k % 2);
        row(w, flat, k * 6 * ALM_HOUR, 0.1);
        if (k < 30)
            row(w, brief, k * 6 * ALM_HOUR, k % 7);
    }
    struct alm_trace_column c = cpu_of(finish(w, "t.h5", 0));
    cr_expect(c.step.units == 2 && c.day.units == 2, "equal values and 29 pairs say nothing: %zu, %zu", c.step.units,
              c.day.units);
    double sum = 0, xx = 0, yy = 0; /* of daily at one step: 39 pairs */
    for (int k = 1; k < 40; k++) {
        double x = "1210"[(k - 1) % 4] - '1', y = "1210"[k % 4] - '1';
        sum += x * y;
        xx += x * x;
        yy += y * y;
    }
    cr_expect_float_eq(c.step.value, (sum / sqrt(xx * yy) - 1) / 2, 1e-6, "the middle of 0 and -1: %.9f", c.step.value);
    cr_expect_float_eq(c.day.value, 1, 1e-6, "both repeat: %.9f", c.day.value);
}

Test(describe, a_day_of_seconds_is_remembered)
{
    struct alm_err e = {0};
    struct alm__lag *l = NULL;
    const double mean[ALM_RESOURCES] = {49.5, (double)NAN};
    GOOD(alm__lag_open(ALM_SECOND, ALM_BIT(ALM_CPU), &l, &e));
    alm__lag_unit(l, mean);
    for (int64_t k = 0; k < 3 * 86400; k++) {
        alm_time at = k * ALM_SECOND;
        double value = (double)(k % 86400 * 7919 % 100);
        const double *const values[ALM_RESOURCES] = {&value};
        alm__lag_add(l, &at, values, 1);
    }
    cr_expect_float_eq(alm__lag_value(l, ALM__LAG_DAY, ALM_CPU), 1, 1e-12);
    cr_expect_lt(alm__lag_value(l, ALM__LAG_STEP, ALM_CPU), 0.9);
    alm__lag_unit(l, mean);
    cr_expect(isnan(alm__lag_value(l, ALM__LAG_DAY, ALM_CPU)), "the next unit begins anew");
    alm__lag_close(l);
}

/* Too dense for the ring, and rows further apart than a day: no daily lag, but one step is there. */
Test(describe, where_a_day_does_not_fit_there_is_none)
{
    static const alm_time intervals[] = {500 * ALM_MS, 2 * ALM_DAY};
    static const int64_t rows[] = {400000, 40000};
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        struct alm_err e = {0};
        struct alm__lag *l = NULL;
        const double mean[ALM_RESOURCES] = {0.5};
        GOOD(alm__lag_open(intervals[i], ALM_BIT(ALM_CPU), &l, &e));
        alm__lag_unit(l, mean);
        for (int64_t k = 0; k < rows[i]; k++) {
            alm_time at = k * intervals[i];
            double value = (double)(k / 2 % 2);
            const double *const values[ALM_RESOURCES] = {&value};
            alm__lag_add(l, &at, values, 1);
        }
        cr_expect(isnan(alm__lag_value(l, ALM__LAG_DAY, ALM_CPU)));
        cr_expect_float_eq(alm__lag_value(l, ALM__LAG_STEP, ALM_CPU), 0, 1e-4);
        alm__lag_close(l);
    }
}

/* Nearest rank by sorting, for sizes around the corners, with ties, zeros, and numbers far apart. */
Test(describe, percentiles_are_those_of_the_sorted_values)
{
    struct alm_err e = {0};
    static double value[1001];
    for (size_t n = 1; n <= 1001; n = n < 45 ? n + 1 : n * 2 + 1) {
        struct alm__tally t;
        GOOD(alm__tally_open(&t, &e));
        for (size_t k = 0; k < n; k++)
            value[(k * 619) % n] = k < n / 4 ? 0 : pow(1.07, (double)(k - k % 2)); /* ascending in k; 619 is a prime */
        alm__tally_count(&t, value, n);
        alm__tally_turn(&t);
        alm__tally_again(&t, value, n);
        size_t p50 = (n + 1) / 2 - 1, p95 = (95 * n + 99) / 100 - 1;
        double want50 = p50 < n / 4 ? 0 : pow(1.07, (double)(p50 - p50 % 2));
        double want95 = p95 < n / 4 ? 0 : pow(1.07, (double)(p95 - p95 % 2));
        cr_assert_float_eq(alm__tally_percentile(&t, ALM__TALLY_P50), want50, want50 * 1e-6, "p50 of %zu", n);
        cr_assert_float_eq(alm__tally_percentile(&t, ALM__TALLY_P95), want95, want95 * 1e-6, "p95 of %zu", n);
        alm__tally_close(&t);
    }
}

static void invoke(struct alm_trace_writer *w, uint32_t u, double seconds, double duration, const double *input)
{
    struct alm_err e = {0};
    struct alm_invocation v = {.arrival = (alm_time)(seconds * 1e9), .unit = u};
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        v.value[f] = (double)NAN;
    v.value[ALM_INV_DURATION] = duration;
    GOOD(alm_trace_writer_sink(w)->invocations(alm_trace_writer_sink(w), &v, input, 1, &e));
}

static uint32_t input(struct alm_trace_writer *w, const char *name, bool category)
{
    struct alm_err e = {0};
    struct alm_input i = {.unit = "byte", .category = category};
    uint32_t number = 9;
    snprintf(i.name, sizeof i.name, "%s", name);
    GOOD(alm_trace_writer_sink(w)->input(alm_trace_writer_sink(w), &i, &number, &e));
    return number;
}

/* Eight arrivals: 0, 30, 30, 90, 400, 401, 1000 and 3599.5 s. */
static struct alm_trace *with_invocations(const char *path)
{
    static const double at[] = {0, 30, 30, 90, 400, 401, 1000, 3599.5};
    static const int who[] = {1, 0, 1, 2, 1, 0, 2, 1}, word[] = {0, 1, 1, 2, 2, 1, 3, -1};
    static const char *const words[] = {"get", "put", "list", "head"};
    static const double size[] = {-4, 1, 2, 3, 4, 5, 6, 7};
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer(path);
    uint32_t u[4];
    u[0] = unit(w, "f", "app");
    u[1] = unit(w, "g", "app");
    u[2] = unit(w, "h", "tool");
    u[3] = unit(w, "idle", "never");
    input(w, "op", true);
    input(w, "size", false);
    for (int k = 0; k < 8; k++) {
        double in[2] = {(double)NAN, size[k]};
        if (word[k] >= 0)
            GOOD(alm_trace_writer_sink(w)->word(alm_trace_writer_sink(w), 0, words[word[k]], strlen(words[word[k]]),
                                                &in[0], &e));
        invoke(w, u[who[k]], at[k], k < 6 ? k + 1 : (double)NAN, in);
    }
    row(w, u[3], ALM_HOUR, 1); /* usage alone: a unit that is not among those with invocations */
    return finish(w, path, STEP);
}

Test(describe, invocations_are_summed_up)
{
    struct alm_err e = {0};
    struct alm_trace *t = with_invocations("t.h5");
    struct alm_trace_load l;
    GOOD(alm_trace_describe_load(t, NULL, &l, &e));
    cr_expect_eq(l.count, 8);
    cr_expect(l.first == 0 && l.last == 3599500 * ALM_MS);
    cr_expect_eq(l.units, 3);
    cr_expect_eq(l.codes, 2);
    cr_expect_float_eq(l.rate, 7 / 3599.5, 1e-12);
    cr_expect_float_eq(l.interarrival_cv, 1.839081754653895, 1e-9, "%.12f", l.interarrival_cv);
    cr_expect_eq(l.minutes, 60);
    cr_expect_eq(l.idle_minutes, 55, "arrivals in minutes 0, 1, 6, 16 and 59");
    cr_expect_eq(l.most_count, 3);
    cr_expect(l.most[0].index == 1 && l.most[0].count == 4);
    cr_expect(l.most[1].index == 0 && l.most[1].count == 2, "of equal ones the first in the file");
    cr_expect(l.most[2].index == 2 && l.most[2].count == 2);
    cr_expect_eq(l.field[ALM_INV_DURATION].missing, 2);
    cr_expect_eq(l.field[ALM_INV_DURATION].mean, 3.5);
    cr_expect_eq(l.field[ALM_INV_DURATION].p50, 3, "nearest rank: the 3rd of 6");
    cr_expect_eq(l.field[ALM_INV_DURATION].p95, 6);
    cr_expect_eq(l.field[ALM_INV_DURATION].max, 6);
    cr_expect(l.field[ALM_INV_WORK].missing == 8 && isnan(l.field[ALM_INV_WORK].mean));
    const struct alm_invocations *v = alm_trace_invocations(t);
    cr_assert(v && v->inputs == 2);
    cr_expect_eq(l.input[0].missing, 1);
    cr_assert_eq(l.input[0].most_count, 3, "at most three of four words");
    cr_expect_str_eq(v->word[0][l.input[0].most[0].index], "put");
    cr_expect_eq(l.input[0].most[0].count, 3);
    cr_expect_str_eq(v->word[0][l.input[0].most[1].index], "list");
    cr_expect_eq(l.input[1].mean, 3);
    cr_expect_eq(l.input[1].min, -4);
    cr_expect_eq(l.input[1].max, 7);
    alm_trace_close(t);
}

Test(describe, one_invocation_and_none)
{
    struct alm_err e = {0};
    struct alm_trace_load l;
    struct alm_trace_writer *w = writer("one.h5");
    invoke(w, unit(w, "f", ""), -61, 2, NULL);
    struct alm_trace *t = finish(w, "one.h5", 0);
    GOOD(alm_trace_describe_load(t, NULL, &l, &e));
    cr_expect(l.count == 1 && l.minutes == 1 && l.idle_minutes == 0 && l.codes == 0);
    cr_expect(isnan(l.rate) && isnan(l.interarrival_cv));
    cr_expect_eq(l.first, -61 * ALM_SECOND);
    struct alm_trace_column c = cpu_of(t);
    cr_expect(c.rows == 0 && isnan(c.mean) && c.step.units == 0);
    w = writer("none.h5");
    row(w, unit(w, "u", ""), 0, 1);
    t = finish(w, "none.h5", STEP);
    GOOD(alm_trace_describe_load(t, NULL, &l, &e));
    cr_expect(l.count == 0 && l.most_count == 0);
    alm_trace_close(t);
}

static void see(void *ctx, double done)
{
    double *last = ctx;
    cr_assert(done >= *last && done <= 1);
    *last = done;
}

Test(describe, progress_goes_up_and_stop_is_heard)
{
    struct alm_err e = {0};
    struct alm_trace *t = with_invocations("t.h5");
    struct alm_trace_column c[ALM_RESOURCES];
    struct alm_trace_load l;
    uint64_t gaps;
    double done = 0;
    volatile int stop = 0;
    struct alm_trace_watch watch = {see, &done, &stop};
    GOOD(alm_trace_describe(t, &watch, c, &gaps, &e));
    cr_expect_gt(done, 0.5);
    stop = 1;
    cr_expect_eq(alm_trace_describe(t, &watch, c, &gaps, &e), ALM_EINTR);
    cr_expect_eq(alm_trace_describe_load(t, &watch, &l, &e), ALM_EINTR);
    alm_trace_close(t);
}
