/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_invocations: do invocations with their inputs come back sorted and true, beside usage and without it? */
#include "almanac/stream.h"
#include "almanac/table.h"
#include "overwrite.h"
#include "trace_rig.h"
#include "traces/file/trace_describe.h"
#include "traces/file/trace_reader.h"
#include "traces/file/trace_usage.h"

#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(trace_invocations, .init = scratch_enter, .fini = scratch_leave);

/* Four invocations of two units that both have others around them, a size and a kind; unit c has usage as well.
 *   arrival  unit  duration  memory  kind  size
 *         5     c         -     201  warm   1.5
 *        10     d         2       -     -    -3
 *        10     c       0.5     100  cold     -
 *        40     c         -       -  cold     8   */
static void small(const char *path)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer(path, 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    unit(sink, "idle");
    uint32_t c = unit(sink, "c"), b = unit(sink, "b"), d = unit(sink, "d");
    uint32_t size = input(sink, "size", "byte", false), kind = input(sink, "kind.of-it", "", true);
    cr_assert(size == 0 && kind == 1);
    cr_assert_eq(input(sink, "size", "", false), 0, "a known name is the known input");
    double cold = word(sink, kind, "cold"), warm = word(sink, kind, "wärm");
    cr_assert_eq(word(sink, kind, "cold"), cold);

    struct alm_invocation v = alm_invocation_at(40, c);
    give(sink, &v, (double[]){8, cold});
    v = alm_invocation_at(10, d);
    v.value[ALM_INV_DURATION] = 2;
    give(sink, &v, (double[]){-3, NONE});
    row(sink, b, 20, 1, NONE);
    row(sink, c, 30, 2, NONE);
    row(sink, c, 20, 3, NONE);
    v = alm_invocation_at(10, c);
    v.value[ALM_INV_DURATION] = 0.5;
    v.value[ALM_INV_MEMORY] = 100;
    give(sink, &v, (double[]){NONE, cold});
    v = alm_invocation_at(5, c);
    v.value[ALM_INV_MEMORY] = 200.6;
    give(sink, &v, (double[]){1.5, warm});
    GOOD(sink->platform(sink, "{\"cores\": 4}", &e));
    commit(w);
    const struct alm_trace_summary *s = alm_trace_writer_summary(w);
    cr_expect(s->units == 3 && s->rows == 3 && s->invocations == 4 && s->inputs == 2);
    cr_expect_eq(s->fields, ALM_BIT(ALM_INV_DURATION) | ALM_BIT(ALM_INV_MEMORY));
    cr_expect(s->first == 5 && s->last == 40 && s->interval == 10);
    cr_expect(sink->report->kept == 7 && sink->report->read == 7);
    alm_trace_writer_close(w);
}

static bool same(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(a[i] == b[i] || (isnan(a[i]) && isnan(b[i]))))
            return false;
    return true;
}

Test(trace_invocations, what_was_given_comes_back_sorted_by_arrival)
{
    struct alm_err e = {0};
    small("t.h5");
    struct alm_trace *t = open_good("t.h5");
    const struct alm_invocations *v = alm_trace_invocations(t);
    cr_assert(v && v->count == 4 && v->inputs == 2);
    cr_expect_eq(v->fields, ALM_BIT(ALM_INV_DURATION) | ALM_BIT(ALM_INV_MEMORY));
    cr_expect(strcmp(v->input[0].name, "kind.of-it") == 0 && v->input[0].category && v->input[0].unit[0] == '\0');
    cr_expect(strcmp(v->input[1].name, "size") == 0 && !v->input[1].category);
    cr_expect_str_eq(v->input[1].unit, "byte");
    cr_assert(v->words[0] == 2 && v->words[1] == 0 && !v->word[1]);
    cr_expect(strcmp(v->word[0][0], "cold") == 0 && strcmp(v->word[0][1], "wärm") == 0);
    cr_expect_str_eq(v->platform, "{\"cores\": 4}");

    alm_time arrival[4];
    uint32_t of[4];
    double duration[4], memory[4], work[4], kind[4], size[4], absent[4];
    struct alm_invocation_rows rows = {arrival, of, {NULL}, {kind, size, absent}};
    rows.value[ALM_INV_DURATION] = duration;
    rows.value[ALM_INV_MEMORY] = memory;
    rows.value[ALM_INV_WORK] = work;
    GOOD(v->read(v, 0, 4, &rows, &e));
    cr_expect(arrival[0] == 5 && arrival[1] == 10 && arrival[2] == 10 && arrival[3] == 40);
    cr_expect(of[0] == 0 && of[1] == 2 && of[2] == 0 && of[3] == 0, "rows of /units, not numbers of the sink");
    cr_expect(same(duration, (double[]){NONE, 2, 0.5, NONE}, 4));
    cr_expect(same(memory, (double[]){201, NONE, 100, NONE}, 4), "whole bytes");
    cr_expect(same(work, (double[]){NONE, NONE, NONE, NONE}, 4));
    cr_expect(same(absent, (double[]){NONE, NONE, NONE, NONE}, 4));
    cr_expect(same(kind, (double[]){1, NONE, 0, 0}, 4));
    cr_expect(same(size, (double[]){1.5, -3, NONE, 8}, 4));
    GOOD(v->read(v, 3, 1, &rows, &e));
    cr_expect(arrival[0] == 40 && size[0] == 8);
    cr_expect_eq(v->read(v, 3, 2, &rows, &e), ALM_EINVAL);
    cr_expect_eq(v->read(v, 5, 0, &rows, &e), ALM_EINVAL);

    const struct alm_demand *d = alm_trace_demand(t);
    cr_assert_eq(d->units, 3);
    cr_expect(strcmp(d->unit[0].name, "c") == 0 && d->rows[0] == 2 && d->unit[0].first == 5 && d->unit[0].last == 40);
    cr_expect(strcmp(d->unit[1].name, "b") == 0 && d->rows[1] == 1 && d->unit[1].first == 20);
    cr_expect(strcmp(d->unit[2].name, "d") == 0 && d->rows[2] == 0 && d->unit[2].last == 10);
    alm_trace_close(t);
}

Test(trace_invocations, a_trace_may_have_nothing_else)
{
    struct alm_err e = {0};
    const alm_time base = 1700000000 * ALM_SECOND;
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    struct alm_invocation v = alm_invocation_at(base, unit(sink, "u"));
    give(sink, &v, NULL);
    commit(w);
    const struct alm_trace_summary *s = alm_trace_writer_summary(w);
    cr_expect(s->rows == 0 && s->invocations == 1 && s->fields == 0 && s->interval == ALM_SECOND && s->calendar);
    cr_expect_str_eq(sink->report->assumed, "", "an interval means nothing here");
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    cr_expect(alm_trace_rows(t) == 0 && alm_trace_calendar(t));
    cr_expect(alm_trace_demand(t)->rows[0] == 0 && alm_trace_demand(t)->resources == 0);
    cr_expect_eq(alm_trace_demand(t)->unit[0].first, base);
    cr_assert_eq(alm_trace_invocations(t)->count, 1);
    cr_expect_null(alm_trace_invocations(t)->platform);
    cr_expect_eq(alm_trace_invocations(t)->inputs, 0);
    alm_trace_close(t);

    w = writer("usage.h5", 0);
    sink = alm_trace_writer_sink(w);
    row(sink, unit(sink, "u"), 1, 1, NONE);
    input(sink, "unused", "", false);
    commit(w);
    cr_expect_eq(alm_trace_writer_summary(w)->inputs, 0);
    alm_trace_writer_close(w);
    t = open_good("usage.h5");
    cr_expect_null(alm_trace_invocations(t));
    GOOD(alm__invocations_check(t, (uint64_t[]){0}, &e));
    alm_trace_close(t);
}

Test(trace_invocations, usage_can_be_seen_as_if_there_were_nothing_else)
{
    struct alm_err e = {0};
    struct alm_trace_usage *usage = NULL;
    small("t.h5");
    struct alm_trace *t = open_good("t.h5");
    GOOD(alm_trace_usage_open(alm_trace_demand(t), &usage, &e));
    const struct alm_demand *d = alm_trace_usage_demand(usage);
    cr_assert(d->units == 2 && d->interval == 10 && d->resources == ALM_BIT(ALM_CPU));
    cr_expect(strcmp(d->unit[0].name, "c") == 0 && d->unit[0].first == 20 && d->unit[0].last == 30 && d->rows[0] == 2);
    cr_expect(strcmp(d->unit[1].name, "b") == 0 && d->unit[1].first == 20 && d->unit[1].last == 20 && d->rows[1] == 1);
    double cpu = 0;
    const struct alm_demand_rows rows = {.value = {&cpu}};
    GOOD(d->read(d, 1, 0, 1, &rows, &e));
    cr_expect_eq(cpu, 1);
    alm_trace_usage_close(usage);
    alm_trace_close(t);

    struct alm_trace_writer *w = writer("calls.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    struct alm_invocation v = alm_invocation_at(1, unit(sink, "u"));
    give(sink, &v, NULL);
    commit(w);
    alm_trace_writer_close(w);
    t = open_good("calls.h5");
    cr_expect_eq(alm_trace_usage_open(alm_trace_demand(t), &usage, &e), ALM_EUNSUPPORTED);
    cr_expect(strstr(e.text, "invocations alone"), "%s", e.text);
    alm_trace_close(t);
}

#define UNITS 5

/* N invocations in an order shuffled by SEED, many at equal times, amid rows of usage; the work tells the order in
 * which they came. */
static void scattered(const char *path, size_t budget, uint64_t n, uint64_t seed)
{
    struct alm_trace_writer *w = writer(path, budget);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    struct alm_stream s = alm_stream_open(seed, 0, "invocations");
    char text[32];
    for (int i = 0; i < UNITS; i++) {
        snprintf(text, sizeof text, "unit-%d", i);
        unit(sink, text);
    }
    input(sink, "size", "byte", false);
    uint32_t kind = input(sink, "kind", "", true);
    for (uint64_t i = 0; i < n; i++) {
        struct alm_invocation v = alm_invocation_at((alm_time)alm_stream_below(&s, n / 4) * ALM_SECOND,
                                                    (uint32_t)alm_stream_below(&s, UNITS - 1));
        snprintf(text, sizeof text, "kind-%u", (unsigned)alm_stream_below(&s, 9));
        v.value[ALM_INV_WORK] = (double)i;
        if (i > n / 2) /* in some runs only */
            v.value[ALM_INV_MEMORY] = (double)(i * 4096);
        give(sink, &v, (double[]){i % 3 ? (double)i : NONE, i % 2 ? word(sink, kind, text) : NONE});
        row(sink, (uint32_t)(i % UNITS), (alm_time)(n - i) * ALM_SECOND, (double)i / 16, NONE);
    }
    commit(w);
    alm_trace_writer_close(w);
}

Test(trace_invocations, the_memory_budget_changes_no_byte)
{
    char big[65], small[65];
    struct alm_err e = {0};
    scattered("big.h5", 0, 20000, 1);
    GOOD(alm_file_sha256("big.h5", big, &e));
    static const size_t budget[] = {300000, 1}; /* tens of runs of either kind; over a thousand */
    for (size_t i = 0; i < sizeof budget / sizeof *budget; i++) {
        scattered("small.h5", budget[i], 20000, 1);
        GOOD(alm_file_sha256("small.h5", small, &e));
        cr_expect_str_eq(big, small, "budget %zu", budget[i]);
    }
    scattered("small.h5", 0, 20000, 2);
    GOOD(alm_file_sha256("small.h5", small, &e));
    cr_expect_str_neq(big, small);
    cr_expect_eq(scratch_files(), 2, "sorted runs must not be left behind");
}

Test(trace_invocations, equal_arrivals_keep_the_order_in_which_they_came)
{
    enum { N = 5000 };
    struct alm_err e = {0};
    scattered("t.h5", 20000, N, 3);
    struct alm_trace *t = open_good("t.h5");
    const struct alm_invocations *v = alm_trace_invocations(t);
    static alm_time arrival[N];
    static double work[N];
    static uint32_t of[N];
    struct alm_invocation_rows rows = {.arrival = arrival, .unit = of};
    uint64_t seen[UNITS] = {0};
    size_t ties = 0;
    rows.value[ALM_INV_WORK] = work;
    cr_assert_eq(v->count, N);
    GOOD(v->read(v, 0, N, &rows, &e));
    for (size_t k = 0; k < N; k++) {
        seen[of[k]]++;
        cr_assert(k == 0 || arrival[k] > arrival[k - 1] || (arrival[k] == arrival[k - 1] && work[k] > work[k - 1]));
        ties += k > 0 && arrival[k] == arrival[k - 1];
    }
    cr_expect_gt(ties, N / 2);
    GOOD(alm__invocations_check(t, seen, &e));
    seen[0]++;
    cr_expect_eq(alm__invocations_check(t, seen, &e), ALM_EDATA);
    cr_expect(strstr(e.text, "unit-0 claims"), "%s", e.text);
    alm_trace_close(t);
}

struct share {
    const struct alm_invocations *v;
    uint64_t from;
    double sum;
    int code;
};

static void *add_up(void *ctx)
{
    struct share *s = ctx;
    double work[37];
    struct alm_invocation_rows rows = {.arrival = NULL};
    rows.value[ALM_INV_WORK] = work;
    for (uint64_t k = s->from; k < s->v->count && s->code == 0; k += 4 * 37) {
        size_t n = s->v->count - k < 37 ? (size_t)(s->v->count - k) : 37;
        s->code = s->v->read(s->v, k, n, &rows, NULL);
        for (size_t i = 0; i < n; i++)
            s->sum += work[i];
    }
    return NULL;
}

Test(trace_invocations, threads_may_read_at_the_same_time)
{
    enum { N = 20000 };
    scattered("t.h5", 0, N, 4);
    struct alm_trace *t = open_good("t.h5");
    struct share share[4];
    pthread_t thread[4];
    double sum = 0;
    for (size_t i = 0; i < 4; i++) {
        share[i] = (struct share){.v = alm_trace_invocations(t), .from = i * 37};
        cr_assert_eq(pthread_create(&thread[i], NULL, add_up, &share[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
        cr_expect_eq(share[i].code, 0);
        sum += share[i].sum;
    }
    cr_expect_eq(sum, N * (N - 1.0) / 2);
    alm_trace_close(t);
}

Test(trace_invocations, what_cannot_be_is_mended_and_said)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t u = unit(sink, "u");
    uint32_t kind = input(sink, "kind", "", true);
    input(sink, "size", "", false);
    double odd = -1;
    GOOD(sink->word(sink, kind, "a\x01\xff", 3, &odd, &e));
    GOOD(sink->word(sink, kind, "a\x01\xff", 3, &odd, &e));
    struct alm_invocation v = alm_invocation_at(1, u);
    v.value[ALM_INV_DURATION] = -1;
    v.value[ALM_INV_WORK] = (double)INFINITY;
    v.value[ALM_INV_MEMORY] = 5e18;
    v.value[ALM_INV_WAIT] = -0.0;
    give(sink, &v, (double[]){odd, -(double)INFINITY});
    commit(w);
    const struct alm_trace_report *r = sink->report;
    cr_assert_eq(r->reasons, 4);
    cr_expect(strcmp(r->reason[0].why, "word with unprintable bytes: written as \\xHH") == 0 &&
              r->reason[0].count == 1);
    cr_expect_str_eq(r->reason[0].where, "word 0 of input kind");
    cr_expect_str_eq(r->reason[1].why, "negative value: taken as missing");
    cr_expect(strstr(r->reason[1].where, "duration of unit u at 0.000 s"), "%s", r->reason[1].where);
    cr_expect(strncmp(r->reason[2].why, "infinite or huge", 16) == 0 && r->reason[2].count == 2);
    cr_expect_str_eq(r->reason[3].why, "infinite input: taken as missing");
    cr_expect_eq(r->kept, 1);
    cr_expect_eq(alm_trace_writer_summary(w)->fields, ALM_BIT(ALM_INV_WAIT), "a column of nothing is not made");
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    const struct alm_invocations *a = alm_trace_invocations(t);
    double wait = NONE, size = 0;
    struct alm_invocation_rows rows = {.input = {NULL, &size}};
    rows.value[ALM_INV_WAIT] = &wait;
    GOOD(a->read(a, 0, 1, &rows, &e));
    cr_expect(wait == 0 && !signbit(wait) && isnan(size));
    cr_assert_eq(a->words[0], 1);
    cr_expect_str_eq(a->word[0][0], "a\\x01\\xff");
    alm_trace_close(t);
}

Test(trace_invocations, names_of_inputs_are_held_to_their_rule)
{
    static const struct {
        const char *name, *word;
    } bad[] = {{"", "is empty"},      {"a b", "other characters"}, {"a/b", "other characters"},
               {".", "begin with"},   {"-x", "begin with"},        {"ä", "begin with"},
               {"x_words", "_words"}, {"_words", "_words"},        {"x\n", "other characters"}};
    struct alm_err e = {0};
    uint32_t out = 7;
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(try_input(sink, bad[i].name, "", false, &out, &e), ALM_EDATA, "'%s'", bad[i].name);
        cr_expect(strstr(e.text, bad[i].word), "%s", e.text);
    }
    cr_expect_eq(try_input(sink, "x", "\xff", false, &out, &e), ALM_EDATA);
    cr_expect_eq(out, 7);
    char name[32];
    for (uint32_t i = 0; i < ALM_INPUTS; i++) {
        snprintf(name, sizeof name, "in.%u-_A", i);
        cr_assert_eq(input(sink, name, "", i % 2), i);
    }
    cr_expect_eq(try_input(sink, "more", "", false, &out, &e), ALM_EUNSUPPORTED);
    cr_expect_eq(try_input(sink, "in.3-_A", "", false, &out, &e), ALM_EDATA);
    cr_expect(strstr(e.text, "in.3-_A is a number here and was a category before"), "%s", e.text);
    alm_trace_writer_close(w);
    cr_expect_eq(scratch_files(), 0);
}

Test(trace_invocations, a_sink_that_is_misused_says_so)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t u = unit(sink, "u"), kind = input(sink, "kind", "", true), size = input(sink, "size", "", false), out;
    double number = word(sink, kind, "only");
    struct alm_invocation v = alm_invocation_at(1, u + 1);
    double value[] = {number, 1};
    cr_expect_eq(sink->invocations(sink, &v, value, 1, &e), ALM_EMODULE);
    v.unit = u;
    cr_expect_eq(sink->invocations(sink, &v, NULL, 1, &e), ALM_EMODULE);
    for (int i = 0; i < 3; i++) {
        value[0] = (double[]){1, -1, 0.5}[i];
        cr_expect_eq(sink->invocations(sink, &v, value, 1, &e), ALM_EMODULE);
    }
    value[0] = NONE;
    v.arrival = ALM_TIME_NONE;
    cr_expect_eq(sink->invocations(sink, &v, value, 1, &e), ALM_EDATA);
    cr_expect(strstr(e.text, "unit u") && strstr(e.text, "out of range"), "%s", e.text);
    cr_expect_eq(sink->word(sink, size, "x", 1, &number, &e), ALM_EMODULE);
    cr_expect_eq(sink->word(sink, 2, "x", 1, &number, &e), ALM_EMODULE);
    cr_expect_eq(try_input(sink, "late", "", false, &out, &e), ALM_EMODULE);
    cr_expect_eq(try_input(sink, "size", "", false, &out, &e), 0, "known ones are still found");
    static const char *const no_object[] = {"", "[1]", "{\"a\": 1", "{\"a\": 1, \"a\": 2}", "{} {}"};
    for (size_t i = 0; i < sizeof no_object / sizeof *no_object; i++)
        cr_expect_eq(sink->platform(sink, no_object[i], &e), ALM_EDATA, "%s", no_object[i]);
    cr_expect_eq(alm_trace_commit(w, &e), ALM_EDATA, "nothing was kept");
    alm_trace_writer_close(w);
    cr_expect_eq(scratch_files(), 0);
}

Test(trace_invocations, words_have_limits)
{
    struct alm_err e = {0};
    double number = -1;
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t a = input(sink, "a", "", true), b = input(sink, "b", "", true);
    char text[1025];
    memset(text, 'x', sizeof text);
    cr_expect_eq(sink->word(sink, a, text, 1025, &number, &e), ALM_EDATA);
    cr_expect(strstr(e.text, "input a has 1025 bytes") && strstr(e.text, "leave this input out"), "%s", e.text);
    GOOD(sink->word(sink, a, text, 1024, &number, &e));
    for (int i = 1; i < 1000000; i++) {
        int n = snprintf(text, sizeof text, "%d", i);
        cr_assert_eq(sink->word(sink, i % 2 ? a : b, text, (size_t)n, &number, &e), 0, "%d: %s", i, e.text);
    }
    cr_expect_eq(number, 500000);
    cr_expect_eq(sink->word(sink, b, "new", 3, &number, &e), ALM_EDATA);
    cr_expect(strstr(e.text, "input b") && strstr(e.text, "1000000"), "%s", e.text);
    GOOD(sink->word(sink, a, "1", 1, &number, &e));
    cr_expect_eq(number, 1, "a known word is still found");
    alm_trace_writer_close(w);
}

Test(trace_invocations, an_interrupt_leaves_nothing)
{
    struct alm_err e = {0};
    volatile int stop = 0;
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    struct alm_invocation v = alm_invocation_at(1, unit(sink, "u"));
    sink->stop = &stop;
    give(sink, &v, NULL);
    stop = 1;
    cr_expect_eq(sink->invocations(sink, &v, NULL, 1, &e), ALM_EINTR);
    cr_expect_eq(alm_trace_commit(w, &e), ALM_EINTR);
    alm_trace_writer_close(w);
    cr_expect_eq(scratch_files(), 0);
}

static int read_some(const struct alm_trace *t, uint64_t first, size_t n, struct alm_err *e)
{
    const struct alm_invocations *v = alm_trace_invocations(t);
    alm_time arrival[4];
    uint32_t of[4];
    double a[4], b[4], c[4], d[4];
    struct alm_invocation_rows rows = {arrival, of, {NULL}, {a, b}};
    rows.value[ALM_INV_DURATION] = c;
    rows.value[ALM_INV_MEMORY] = d;
    return v->read(v, first, n, &rows, e);
}

Test(trace_invocations, values_that_cannot_be_are_refused_with_their_place)
{
    static const int64_t negative = -1, early = 4, back = 9, late = 41, many = 3;
    static const uint32_t unit = 3, number = 2;
    static const double infinite = (double)INFINITY, less = -0.5;
    const struct {
        const char *column;
        hsize_t at;
        hid_t type;
        const void *value;
        const char *word;
        bool at_open;
    } list[] = {
        {"/units/invocations", 0, H5T_NATIVE_INT64, &negative, "c claims -1 of the 4 invocations", true},
        {"/units/invocations", 2, H5T_NATIVE_INT64, &many, "do not sum up to the 4", true},
        {"/units/rows", 1, H5T_NATIVE_INT64, &negative, "b claims -1", true},
        {"/units/last", 2, H5T_NATIVE_INT64, &early, "d lasts from 10 to 4", true},
        {"/invocations/arrival", 0, H5T_NATIVE_INT64, &early, "invocation 0 of unit c: arrival 4", false},
        {"/invocations/arrival", 2, H5T_NATIVE_INT64, &back, "invocation 2 of unit c: arrival 9", false},
        {"/invocations/arrival", 3, H5T_NATIVE_INT64, &late, "invocation 3 of unit c: arrival 41", false},
        {"/invocations/unit", 1, H5T_NATIVE_UINT32, &unit, "invocation 1 is of unit 3, but there are 3", false},
        {"/invocations/duration", 2, H5T_NATIVE_DOUBLE, &less, "invocation 2: duration is -0.5", false},
        {"/invocations/duration", 0, H5T_NATIVE_DOUBLE, &infinite, "invocation 0: duration is inf", false},
        {"/invocations/memory", 1, H5T_NATIVE_INT64, &negative, "invocation 1: memory is -1", false},
        {"/inputs/size", 3, H5T_NATIVE_DOUBLE, &infinite, "invocation 3: input size is infinite", false},
        {"/inputs/kind.of-it", 0, H5T_NATIVE_UINT32, &number, "input kind.of-it is word 2, but there are 2", false},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct alm_err e = {0};
        struct alm_trace *t = NULL;
        small("t.h5");
        overwrite("t.h5", list[i].column, list[i].at, list[i].type, list[i].value);
        int code = alm_trace_open("t.h5", &t, &e);
        cr_assert_eq(code < 0, list[i].at_open, "%s: %s", list[i].column, e.text);
        if (code >= 0) {
            cr_expect_eq(read_some(t, list[i].at, 1, &e), ALM_EDATA, "%s alone", list[i].column);
            code = read_some(t, 0, 4, &e);
        }
        cr_expect_eq(code, ALM_EDATA, "%s", list[i].column);
        cr_expect(strstr(e.text, "t.h5") && strstr(e.text, list[i].word), "%s: %s", list[i].column, e.text);
        alm_trace_close(t);
    }
}

/* Each invocation can be, but they are not those that the units claim: found when all are read. */
Test(trace_invocations, counts_of_units_that_differ_are_found_by_who_reads_all)
{
    static const uint32_t other = 0;
    struct alm_err e = {0};
    struct alm_trace *t = NULL;
    struct alm_trace_load load;
    small("t.h5");
    overwrite("t.h5", "/invocations/unit", 1, H5T_NATIVE_UINT32, &other);
    GOOD(alm_trace_open("t.h5", &t, &e));
    GOOD(read_some(t, 0, 4, &e));
    cr_expect_eq(alm_trace_describe_load(t, NULL, &load, &e), ALM_EDATA);
    cr_expect(strstr(e.text, "t.h5") && strstr(e.text, "invocations"), "%s", e.text);
    alm_trace_close(t);
}

static void refused(const char *what, const char *word)
{
    struct alm_err e = {0};
    struct alm_trace *t = NULL;
    cr_expect_eq(alm_trace_open("t.h5", &t, &e), ALM_EDATA, "%s", what);
    cr_expect(strstr(e.text, "t.h5") && strstr(e.text, word), "%s: %s", what, e.text);
    cr_expect_null(t);
}

Test(trace_invocations, columns_that_do_not_fit_each_other_are_refused)
{
    static const char *const needed[] = {"/invocations/unit", "/units/invocations", "/inputs/kind.of-it_words"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        small("t.h5");
        overwrite_remove("t.h5", needed[i]);
        refused(needed[i], "is missing");
    }
    static const char *const aligned[] = {"/invocations/unit", "/invocations/duration", "/inputs/size",
                                          "/inputs/kind.of-it", "/units/invocations"};
    for (size_t i = 0; i < sizeof aligned / sizeof *aligned; i++) {
        small("t.h5");
        overwrite_length("t.h5", aligned[i], 2);
        refused(aligned[i], "has 2 values");
    }
    small("t.h5");
    overwrite_remove("t.h5", "/inputs/kind.of-it");
    refused("words alone", "1 columns of words, but 0 categories");
    small("t.h5");
    overwrite_remove("t.h5", "/usage/time");
    refused("rows without stamps", "claims 2 of the 0 rows");
    small("t.h5");
    overwrite_remove("t.h5", "/invocations/arrival");
    refused("units without anything", "claims 0 of the 3 rows");
}

/* A column that another program put among the inputs. */
static void foreign_input(const char *name, hid_t type)
{
    hsize_t n = 4;
    hid_t f = H5Fopen("t.h5", H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate_simple(1, &n, NULL);
    hid_t set = H5Dcreate2(f, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert(set >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Fclose(f);
}

Test(trace_invocations, inputs_of_other_programs_are_held_to_the_same_rules)
{
    small("t.h5");
    foreign_input("/inputs/a b", H5T_NATIVE_DOUBLE);
    refused("name", "/inputs/a b has other characters");
    small("t.h5");
    foreign_input("/inputs/whole", H5T_NATIVE_INT64);
    refused("type", "/inputs/whole holds 64-bit integers");
    small("t.h5");
    for (int i = 0; i < ALM_INPUTS; i++) {
        char name[32];
        snprintf(name, sizeof name, "/inputs/in%d", i);
        foreign_input(name, H5T_NATIVE_DOUBLE);
    }
    refused("count", "more than 64 inputs");
}
