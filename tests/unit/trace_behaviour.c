/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_behaviour: do records of behaviour come back in order and true, in bounded memory, and is what cannot be refused
 * with its place? */
#include "almanac/stream.h"
#include "almanac/table.h"
#include "made_behaviours.h"
#include "overwrite.h"
#include "trace_rig.h"
#include "traces/file/trace_behaviour_units.h"
#include "traces/file/trace_usage.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(trace_behaviour, .init = scratch_enter, .fini = scratch_leave);

static uint32_t function(struct alm_trace_sink *sink, const char *name)
{
    struct alm_err e = {0};
    uint32_t number = 99;
    GOOD(sink->function(sink, name, strlen(name), &number, &e));
    return number;
}

static void give_record(struct alm_trace_sink *sink, alm_time at, alm_time span, uint32_t u, uint32_t f, double calls,
                        double read_bytes)
{
    struct alm_err e = {0};
    struct alm_behaviour b = alm_behaviour_at(at, span, u, f);
    b.value[ALM_BEH_CALLS] = calls;
    b.value[ALM_BEH_READ_BYTES] = read_bytes;
    GOOD(sink->behaviour(sink, &b, 1, &e));
}

/* Units a (row 0) and c (row 1); b has neither usage nor invocations. The functions: "", solve, main.
 *   unit  time  span  function  calls  read_bytes
 *   a       10    10  solve         3           -
 *   a       20    10  ""            -        4097
 *   a       20    10  main          1           -
 *   c       10     5  main         0.5          0    and a second one with 9 calls: dropped  */
static void small(const char *path)
{
    struct alm_trace_writer *w = writer(path, 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t a = unit(sink, "a"), b = unit(sink, "b"), c = unit(sink, "c");
    uint32_t solve = function(sink, "solve"), main_ = function(sink, "main");
    cr_assert(solve == 1 && main_ == 2 && function(sink, "") == 0 && function(sink, "solve") == 1);
    row(sink, a, 30, 1, NONE);
    row(sink, a, 20, 1, NONE);
    row(sink, c, 20, 1, NONE);
    give_record(sink, 10, 5, c, main_, 0.5, 0);
    give_record(sink, 20, 10, a, main_, 1, NONE);
    give_record(sink, 20, 10, b, main_, 7, NONE);
    give_record(sink, 20, 10, a, 0, NONE, 4096.6);
    give_record(sink, 10, 5, c, main_, 9, 9);
    give_record(sink, 10, 10, a, solve, 3, NONE);
    commit(w);
    const struct alm_trace_summary *s = alm_trace_writer_summary(w);
    cr_expect(s->units == 2 && s->rows == 3 && s->records == 4 && s->functions == 3);
    cr_expect_eq(s->measured, ALM_BIT(ALM_BEH_CALLS) | ALM_BIT(ALM_BEH_READ_BYTES));
    cr_expect(s->first == 20 && s->last == 30, "behaviour makes no life longer");
    cr_expect(sink->report->kept == 7 && sink->report->read == 9 && alm_report_dropped(sink->report) == 2);
    alm_trace_writer_close(w);
}

static void expect_record(const struct alm_behaviour *b, uint32_t u, alm_time at, alm_time span, uint32_t f,
                          double calls, double bytes)
{
    cr_expect(b->unit == u && b->at == at && b->span == span && b->function == f, "unit %u at %lld, function %u",
              b->unit, (long long)b->at, b->function);
    const double want[2] = {calls, bytes}, got[2] = {b->value[ALM_BEH_CALLS], b->value[ALM_BEH_READ_BYTES]};
    for (int i = 0; i < 2; i++)
        cr_expect(want[i] == got[i] || (isnan(want[i]) && isnan(got[i])), "%g is %g", got[i], want[i]);
    cr_expect(isnan(b->value[ALM_BEH_FLOATS]) && isnan(b->value[ALM_BEH_SENT]));
}

Test(trace_behaviour, what_was_given_comes_back_by_unit_time_and_function)
{
    struct alm_err e = {0};
    struct alm_behaviour b[4];
    small("t.h5");
    struct alm_trace *t = open_good("t.h5");
    const struct alm_behaviours *v = alm_trace_behaviours(t);
    cr_assert(v && v->count == 4 && v->functions == 3);
    cr_expect(strcmp(v->function[0], "") == 0 && strcmp(v->function[1], "solve") == 0 &&
              strcmp(v->function[2], "main") == 0);
    cr_expect(v->first[0] == 0 && v->first[1] == 3 && v->first[2] == 4);
    GOOD(v->read(v, 0, 4, b, &e));
    expect_record(&b[0], 0, 10, 10, 1, 3, NONE);
    expect_record(&b[1], 0, 20, 10, 0, NONE, 4097);
    expect_record(&b[2], 0, 20, 10, 2, 1, NONE);
    expect_record(&b[3], 1, 10, 5, 2, 0.5, 0);
    for (uint64_t k = 0; k < 4; k++) {
        struct alm_behaviour one;
        GOOD(v->read(v, k, 1, &one, &e));
        cr_expect(one.at == b[k].at && one.function == b[k].function && one.unit == b[k].unit);
    }
    cr_expect_eq(v->read(v, 3, 2, b, &e), ALM_EINVAL);
    cr_expect_eq(v->read(v, 5, 0, b, &e), ALM_EINVAL);
    alm_trace_close(t);
}

Test(trace_behaviour, a_trace_without_any_has_no_table)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    struct alm_behaviour nothing = alm_behaviour_at(5, 5, unit(sink, "u"), 0);
    row(sink, 0, 10, 1, NONE);
    function(sink, "unused");
    GOOD(sink->behaviour(sink, &nothing, 1, &e));
    commit(w);
    cr_expect(alm_trace_writer_summary(w)->records == 0 && alm_trace_writer_summary(w)->functions == 0);
    cr_expect_str_eq(sink->report->reason[0].why, "behaviour without any value");
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    struct alm_trace_habits habits;
    cr_expect_null(alm_trace_behaviours(t));
    cr_expect_eq(alm_trace_measured(t), 0);
    GOOD(alm_trace_describe_behaviour(t, NULL, &habits, &e));
    cr_expect_eq(habits.records, 0);
    alm_trace_close(t);

    w = writer("alone.h5", 0);
    sink = alm_trace_writer_sink(w);
    give_record(sink, 5, 5, unit(sink, "u"), 0, 1, 1);
    cr_expect_eq(alm_trace_commit(w, &e), ALM_EDATA, "behaviour alone says nothing of usage");
    alm_trace_writer_close(w);
}

/* Means and extremes by hand: of calls (3 + 1 + 0.5) / 3, of read_bytes (4097 + 0) / 2. */
Test(trace_behaviour, described)
{
    struct alm_err e = {0};
    struct alm_trace_habits h;
    small("t.h5");
    struct alm_trace *t = open_good("t.h5");
    GOOD(alm_trace_describe_behaviour(t, NULL, &h, &e));
    cr_expect(h.records == 4 && h.units == 2 && h.functions == 2 && h.first == 0 && h.last == 20);
    cr_expect(h.shortest == 5 && h.longest == 10 && h.calls == 4.5);
    cr_expect(h.field[ALM_BEH_CALLS].mean == 1.5 && h.field[ALM_BEH_CALLS].max == 3 &&
              h.field[ALM_BEH_CALLS].missing == 1);
    cr_expect(h.field[ALM_BEH_READ_BYTES].mean == 2048.5 && h.field[ALM_BEH_READ_BYTES].missing == 2);
    cr_expect(isnan(h.field[ALM_BEH_SENDS].mean) && isnan(h.field[ALM_BEH_SENDS].max));
    cr_assert_eq(h.most_count, 2);
    cr_expect(h.most[0].index == 1 && h.most[0].count == 3 && h.most[1].index == 2 && h.most[1].count == 1);
    alm_trace_close(t);
}

#define UNITS 5
#define FUNCTIONS 7

/* N records in an order shuffled by SEED amid usage and invocations; about a tenth are duplicates. */
static void scattered(const char *path, size_t budget, uint64_t n, uint64_t seed)
{
    struct alm_trace_writer *w = writer(path, budget);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    struct alm_stream s = alm_stream_open(seed, 0, "behaviour");
    char text[32];
    for (int i = 0; i < UNITS; i++) {
        snprintf(text, sizeof text, "unit-%d", i);
        unit(sink, text);
    }
    for (int i = 1; i < FUNCTIONS; i++) {
        snprintf(text, sizeof text, "function-%d", i);
        function(sink, text);
    }
    for (uint64_t i = 0; i < n; i++) {
        alm_time at = (alm_time)(1 + alm_stream_below(&s, n / 7)) * ALM_SECOND;
        uint32_t u = (uint32_t)alm_stream_below(&s, UNITS), f = (uint32_t)alm_stream_below(&s, FUNCTIONS);
        struct alm_invocation v = alm_invocation_at(at, u);
        give_record(sink, at, ALM_SECOND, u, f, (double)i, i > n / 2 ? (double)(i * 4096) : NONE);
        row(sink, (uint32_t)(i % UNITS), (alm_time)(n - i) * ALM_SECOND, (double)i / 16, NONE);
        give(sink, &v, NULL);
    }
    commit(w);
    alm_trace_writer_close(w);
}

Test(trace_behaviour, the_memory_budget_changes_no_byte)
{
    char big[65], least[65];
    struct alm_err e = {0};
    scattered("big.h5", 0, 8000, 1);
    GOOD(alm_file_sha256("big.h5", big, &e));
    static const size_t budget[] = {400000, 1};
    for (size_t i = 0; i < sizeof budget / sizeof *budget; i++) {
        scattered("small.h5", budget[i], 8000, 1);
        GOOD(alm_file_sha256("small.h5", least, &e));
        cr_expect_str_eq(big, least, "budget %zu", budget[i]);
    }
    scattered("small.h5", 0, 8000, 2);
    GOOD(alm_file_sha256("small.h5", least, &e));
    cr_expect_str_neq(big, least);
    cr_expect_eq(scratch_files(), 2, "sorted runs must not be left behind");
}

/* The records that should be there, by a table of all that can be: of several the first stays. */
Test(trace_behaviour, equals_a_table_of_all)
{
    enum { N = 5000, TIMES = N / 7 };
    struct alm_err e = {0};
    static double want[UNITS][TIMES + 1][FUNCTIONS];
    struct alm_stream s = alm_stream_open(3, 0, "behaviour");
    uint64_t distinct = 0;
    memset(want, 0xff, sizeof want); /* NaN */
    for (uint64_t i = 0; i < N; i++) {
        size_t at = (size_t)(1 + alm_stream_below(&s, N / 7));
        size_t u = (size_t)alm_stream_below(&s, UNITS), f = (size_t)alm_stream_below(&s, FUNCTIONS);
        if (isnan(want[u][at][f])) {
            want[u][at][f] = (double)i;
            distinct++;
        }
    }
    scattered("t.h5", 50000, N, 3);
    struct alm_trace *t = open_good("t.h5");
    const struct alm_behaviours *v = alm_trace_behaviours(t);
    cr_assert_eq(v->count, distinct);
    cr_assert_lt(distinct, N, "some were duplicates");
    uint64_t k = 0;
    struct alm_behaviour *b = calloc(N, sizeof *b);
    GOOD(v->read(v, 0, v->count, b, &e));
    for (uint32_t u = 0; u < UNITS; u++) {
        cr_expect_eq(v->first[u], k);
        for (size_t at = 1; at <= TIMES; at++)
            for (uint32_t f = 0; f < FUNCTIONS; f++)
                if (!isnan(want[u][at][f])) {
                    cr_assert(b[k].unit == u && b[k].at == (alm_time)at * ALM_SECOND && b[k].function == f, "%lu",
                              (unsigned long)k);
                    cr_assert_eq(b[k].value[ALM_BEH_CALLS], want[u][at][f]);
                    k++;
                }
    }
    free(b);
    alm_trace_close(t);
}

Test(trace_behaviour, what_cannot_be_is_mended_and_said)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t u = unit(sink, "u"), odd = 0;
    row(sink, u, 10, 1, NONE);
    GOOD(sink->function(sink, "f\x01\xff", 3, &odd, &e));
    GOOD(sink->function(sink, "f\x01\xff", 3, &odd, &e));
    struct alm_behaviour b = alm_behaviour_at(10, 10, u, odd);
    b.value[ALM_BEH_CALLS] = -1;
    b.value[ALM_BEH_CPU_SHARE] = 1.5;
    b.value[ALM_BEH_FLOATS] = 1.01;
    b.value[ALM_BEH_READS] = (double)INFINITY;
    b.value[ALM_BEH_STORES] = 1;
    b.value[ALM_BEH_SENDS] = -0.0;
    GOOD(sink->behaviour(sink, &b, 1, &e));
    commit(w);
    const struct alm_trace_report *r = sink->report;
    cr_assert_eq(r->reasons, 4);
    cr_expect(strcmp(r->reason[0].why, "function with unprintable bytes: written as \\xHH") == 0 &&
              r->reason[0].count == 1);
    cr_expect_str_eq(r->reason[1].why, "negative value: taken as missing");
    cr_expect(strstr(r->reason[1].where, "calls of unit u at 0.000 s"), "%s", r->reason[1].where);
    cr_expect(strcmp(r->reason[2].why, "share above 1: taken as missing") == 0 && r->reason[2].count == 2);
    cr_expect_str_eq(r->reason[3].why, "infinite or huge value: taken as missing");
    cr_expect_eq(alm_trace_writer_summary(w)->measured, ALM_BIT(ALM_BEH_STORES) | ALM_BIT(ALM_BEH_SENDS));
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    cr_expect_str_eq(alm_trace_behaviours(t)->function[1], "f\\x01\\xff");
    alm_trace_close(t);
}

Test(trace_behaviour, a_sink_that_is_misused_says_so)
{
    struct alm_err e = {0};
    char text[1025];
    uint32_t out = 7;
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t u = unit(sink, "u");
    struct alm_behaviour b = alm_behaviour_at(10, 10, u + 1, 0);
    b.value[ALM_BEH_CALLS] = 1;
    cr_expect_eq(sink->behaviour(sink, &b, 1, &e), ALM_EMODULE);
    b.unit = u;
    b.function = 1;
    cr_expect_eq(sink->behaviour(sink, &b, 1, &e), ALM_EMODULE);
    b.function = 0;
    static const alm_time span[] = {0, -1, ((alm_time)1 << 53) + 1};
    for (size_t i = 0; i < 3; i++) {
        b.span = span[i];
        cr_expect_eq(sink->behaviour(sink, &b, 1, &e), ALM_EDATA);
        cr_expect(strstr(e.text, "unit u"), "%s", e.text);
    }
    b.span = 1;
    b.at = ALM_TIME_NONE;
    cr_expect_eq(sink->behaviour(sink, &b, 1, &e), ALM_EDATA);
    memset(text, 'x', sizeof text);
    cr_expect_eq(sink->function(sink, text, 1025, &out, &e), ALM_EDATA);
    cr_expect_eq(out, 7);
    GOOD(sink->function(sink, text, 1024, &out, &e));
    cr_expect_eq(out, 1);
    for (uint32_t i = 2; i < ALM_FUNCTIONS; i++) {
        snprintf(text, sizeof text, "f%u", i);
        cr_assert_eq(function(sink, text), i);
    }
    cr_expect_eq(sink->function(sink, "more", 4, &out, &e), ALM_EUNSUPPORTED);
    cr_expect_eq(function(sink, "f9"), 9, "a known one is still found");
    volatile int stop = 1;
    sink->stop = &stop;
    b.at = 1;
    cr_expect_eq(sink->behaviour(sink, &b, 1, &e), ALM_EINTR);
    alm_trace_writer_close(w);
    cr_expect_eq(scratch_files(), 0);
}

Test(trace_behaviour, values_that_cannot_be_are_refused_with_their_place)
{
    static const int64_t negative = -1, zero = 0, back = 9, many = 4, long_ago = INT64_MIN + 1, long_ = INT64_MAX;
    static const uint32_t other = 1, number = 3, same = 0;
    static const double infinite = (double)INFINITY, less = -0.5;
    const struct {
        const char *column;
        hsize_t at;
        hid_t type;
        const void *value;
        const char *word;
        bool at_open;
    } list[] = {
        {"/units/behaviour", 0, H5T_NATIVE_INT64, &negative, "a claims -1 records", true},
        {"/units/behaviour", 0, H5T_NATIVE_INT64, &many, "c claims 1 records", true},
        {"/units/behaviour", 1, H5T_NATIVE_INT64, &zero, "do not sum up to the 4", true},
        {"/behaviour/time", 1, H5T_NATIVE_INT64, &back, "behaviour 1 (time 9 ns", false},
        {"/behaviour/time", 0, H5T_NATIVE_INT64, &long_ago, "behaviour 0 (", false},
        {"/behaviour/span", 2, H5T_NATIVE_INT64, &zero, "behaviour 2 (time 20 ns, span 0 ns", false},
        {"/behaviour/span", 3, H5T_NATIVE_INT64, &long_, "behaviour 3 (", false},
        {"/behaviour/unit", 1, H5T_NATIVE_UINT32, &other, "unit 1, function 0) cannot be: it is of unit a", false},
        {"/behaviour/function", 3, H5T_NATIVE_UINT32, &number, "function 3) cannot be", false},
        {"/behaviour/function", 2, H5T_NATIVE_UINT32, &same, "behaviour 2 (", false},
        {"/behaviour/calls", 3, H5T_NATIVE_DOUBLE, &less, "behaviour 3: calls is -0.5", false},
        {"/behaviour/calls", 0, H5T_NATIVE_DOUBLE, &infinite, "behaviour 0: calls is inf", false},
        {"/behaviour/read_bytes", 1, H5T_NATIVE_INT64, &negative, "behaviour 1: read_bytes is -1", false},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct alm_err e = {0};
        struct alm_trace *t = NULL;
        struct alm_behaviour b[4];
        small("t.h5");
        overwrite("t.h5", list[i].column, list[i].at, list[i].type, list[i].value);
        int code = alm_trace_open("t.h5", &t, &e);
        cr_assert_eq(code < 0, list[i].at_open, "%s: %s", list[i].column, e.text);
        if (code >= 0) {
            const struct alm_behaviours *v = alm_trace_behaviours(t);
            cr_expect_eq(v->read(v, list[i].at, 1, b, &e), ALM_EDATA, "%s alone", list[i].column);
            code = v->read(v, 0, 4, b, &e);
        }
        cr_expect_eq(code, ALM_EDATA, "%s", list[i].column);
        cr_expect(strstr(e.text, "t.h5") && strstr(e.text, list[i].word), "%s: %s", list[i].column, e.text);
        alm_trace_close(t);
    }
}

static void refused(const char *what, const char *word)
{
    struct alm_err e = {0};
    struct alm_trace *t = NULL;
    cr_expect_eq(alm_trace_open("t.h5", &t, &e), ALM_EDATA, "%s", what);
    cr_expect(strstr(e.text, "t.h5") && strstr(e.text, word), "%s: %s", what, e.text);
    cr_expect_null(t);
}

Test(trace_behaviour, columns_that_do_not_fit_each_other_are_refused)
{
    static const char *const needed[] = {"/behaviour/unit", "/behaviour/function", "/behaviour/span", "/functions/name",
                                         "/units/behaviour"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        small("t.h5");
        overwrite_remove("t.h5", needed[i]);
        refused(needed[i], "is missing");
    }
    static const char *const aligned[] = {"/behaviour/unit", "/behaviour/function", "/behaviour/span",
                                          "/behaviour/calls", "/behaviour/read_bytes"};
    for (size_t i = 0; i < sizeof aligned / sizeof *aligned; i++) {
        small("t.h5");
        overwrite_length("t.h5", aligned[i], 2);
        refused(aligned[i], "has 2 values");
    }
    small("t.h5");
    overwrite_length("t.h5", "/functions/name", 0);
    refused("functions", "has 0 names");
    small("t.h5");
    overwrite_length("t.h5", "/functions/name", 4);
    refused("functions", "function 3 has a name that cannot be");
}

/* Units 1 and 3 of four: by number, and units 1 and 2 as a piece, in blocks that end anywhere. */
Test(trace_behaviour, of_some_units)
{
    static const size_t odd[] = {1, 3};
    struct alm_err e = {0};
    struct made_behaviours m;
    made_behaviours_open(&m, 4, 3, 6, 100, 10);
    for (int piece = 0; piece < 2; piece++) {
        struct alm_behaviour_units *b = NULL;
        GOOD(alm_behaviour_units_open(&m.view, piece ? NULL : odd, 1, 2, &b, &e));
        const struct alm_behaviours *v = alm_behaviour_units_view(b);
        cr_assert(v->count == m.view.count / 2 && v->functions == 3 && v->first[2] == v->count);
        for (size_t block = 1; block < 8; block++)
            for (uint64_t k = 0; k < v->count; k += block) {
                struct alm_behaviour got[8];
                size_t n = v->count - k < block ? (size_t)(v->count - k) : block;
                GOOD(v->read(v, k, n, got, &e));
                for (size_t i = 0; i < n; i++) {
                    uint32_t u = k + i >= v->first[1], of = u ? (piece ? 2 : 3) : 1;
                    const struct alm_behaviour *want = &m.record[m.first[of] + k + i - v->first[u]];
                    cr_assert(got[i].unit == u && got[i].at == want->at && got[i].function == want->function);
                    cr_assert(want->unit == of && got[i].value[ALM_BEH_CALLS] == want->value[ALM_BEH_CALLS]);
                }
            }
        struct alm_behaviour none;
        cr_expect_eq(v->read(v, v->count, 1, &none, &e), ALM_EINVAL);
        alm_behaviour_units_close(b);
    }
    made_behaviours_close(&m);
}

/* Of a trace with invocations the units with usage are seen alone, with their behaviour. */
Test(trace_behaviour, beside_usage_seen_as_if_there_were_nothing_else)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t calls = unit(sink, "calls"), both = unit(sink, "both");
    struct alm_invocation v = alm_invocation_at(5, calls);
    give(sink, &v, NULL);
    row(sink, both, 10, 1, NONE);
    give_record(sink, 10, 10, calls, 0, 1, 1);
    give_record(sink, 10, 10, both, 0, 2, 2);
    commit(w);
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    struct alm_trace_usage *usage = NULL;
    const struct alm_behaviours *b = NULL;
    struct alm_behaviour got;
    GOOD(alm_trace_usage_open(alm_trace_demand(t), &usage, &e));
    GOOD(alm_trace_usage_behaviours(usage, alm_trace_behaviours(t), &b, &e));
    cr_assert(b && b->count == 1 && b->first[0] == 0 && b->first[1] == 1);
    GOOD(b->read(b, 0, 1, &got, &e));
    cr_expect(got.unit == 0 && got.value[ALM_BEH_CALLS] == 2);
    GOOD(alm_trace_usage_behaviours(usage, NULL, &b, &e));
    alm_trace_usage_close(usage);
    alm_trace_close(t);
}
