/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_view: a part of a trace is what a plain search through all of it finds, in whatever pieces it is read.
 *
 * Meaning.  The trace has irregular rows with gaps, units with rows only, with invocations only, with both and with behaviour.
 *           What is expected is worked out here by reading everything and keeping what the definition keeps. */
#include "almanac/stream.h"

#include "trace_rig.h"
#include "traces/file/trace_view.h"

#define UNITS 9
#define ROWS 300
#define CALLS 9000
#define MINUTE (60 * ALM_SECOND)
#define EPOCH (1000000 * ALM_SECOND) /* the trace's zero is nothing special */

TestSuite(trace_view, .init = scratch_enter, .fini = scratch_leave);

static const char *const names[UNITS] = {"web-0", "web-1", "db-0", "db/1", "cache", "fn-0", "fn-1", "web-2", "late"};

static void put_behaviour(struct alm_trace_sink *sink, uint32_t u)
{
    struct alm_err e = {0};
    uint32_t parse = 0;
    GOOD(sink->function(sink, "parse", 5, &parse, &e));
    for (int k = 1; k <= 100; k++)
        for (int f = 0; f < 2; f++) {
            struct alm_behaviour b = alm_behaviour_at(EPOCH + k * 3 * MINUTE, 3 * MINUTE, u, f ? parse : 0);
            b.value[ALM_BEH_CALLS] = 1000.0 * u + 2.0 * k + f;
            GOOD(sink->behaviour(sink, &b, 1, &e));
        }
}

/* Rows come every minute, some late by up to 20 s, some not at all. */
static void put_rows(struct alm_trace_sink *sink, uint32_t u, struct alm_stream *s)
{
    for (int k = 1; k <= ROWS; k++) {
        alm_time late = alm_stream_below(s, 4) == 0 ? (alm_time)alm_stream_below(s, 20) * ALM_SECOND : 0;
        if (alm_stream_below(s, 10) > 0)
            row(sink, u, EPOCH + k * MINUTE + late, alm_stream_uniform(s), 1e6 * k);
    }
}

static struct alm_trace *made(uint64_t seed)
{
    struct alm_err e = {0};
    struct alm_stream s = alm_stream_open(seed, 0, "trace_view");
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t u[UNITS];
    for (size_t i = 0; i < UNITS; i++)
        u[i] = unit(sink, names[i]);
    GOOD(sink->interval(sink, MINUTE, &e));
    for (size_t i = 0; i < UNITS - 1; i++)
        if (i < 5 || i == 7)
            put_rows(sink, u[i], &s);
    row(sink, u[8], EPOCH + 250 * MINUTE, 1, 1);
    put_behaviour(sink, u[0]);
    put_behaviour(sink, u[2]);
    uint32_t size = input(sink, "size", "byte", false);
    cr_assert_eq(size, 0);
    for (int k = 0; k < CALLS; k++) {
        static const uint32_t of[] = {4, 5, 6, 7};
        struct alm_invocation v = alm_invocation_at(EPOCH + (alm_time)alm_stream_below(&s, 300 * 60) * ALM_SECOND,
                                                    u[of[alm_stream_below(&s, 4)]]);
        v.value[ALM_INV_DURATION] = k;
        const double bytes = 3.0 * k;
        give(sink, &v, &bytes);
    }
    commit(w);
    alm_trace_writer_close(w);
    return open_good("t.h5");
}

/* What the definition keeps, in the order of the trace. */
struct kept {
    size_t units, number[UNITS];
    size_t rows[UNITS];
    alm_time at[UNITS][ROWS], span[UNITS][ROWS], first[UNITS], last[UNITS];
    double cpu[UNITS][ROWS];
    size_t calls;
    alm_time arrival[CALLS];
    uint32_t unit[CALLS];
    double duration[CALLS], size[CALLS];
    size_t records;
    struct alm_behaviour record[UNITS * 200];
};

static bool chosen(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static void keep_rows(struct kept *k, const struct alm_demand *d, size_t u, alm_time from, alm_time until)
{
    struct alm_err e = {0};
    alm_time at[ROWS], span[ROWS];
    double cpu[ROWS];
    const struct alm_demand_rows rows = {at, span, {cpu}};
    GOOD(d->read(d, u, 0, d->rows[u], &rows, &e));
    for (size_t i = 0; i < d->rows[u]; i++) {
        if (at[i] - span[i] < from || at[i] > until)
            continue;
        k->at[u][k->rows[u]] = at[i];
        k->span[u][k->rows[u]] = span[i];
        k->cpu[u][k->rows[u]++] = cpu[i];
        k->first[u] = at[i] < k->first[u] ? at[i] : k->first[u];
        k->last[u] = at[i] > k->last[u] ? at[i] : k->last[u];
    }
}

static void keep_calls(struct kept *k, const struct alm_trace *t, const char *prefix, alm_time from, alm_time until,
                       size_t *served)
{
    struct alm_err e = {0};
    const struct alm_invocations *calls = alm_trace_invocations(t);
    for (uint64_t i = 0; i < calls->count; i++) {
        alm_time at;
        uint32_t u;
        double duration, size;
        struct alm_invocation_rows row = {.arrival = &at, .unit = &u};
        row.value[ALM_INV_DURATION] = &duration;
        row.input[0] = &size;
        GOOD(calls->read(calls, i, 1, &row, &e));
        if (at <= from || at > until || !chosen(names[u], prefix))
            continue;
        served[u]++;
        k->first[u] = at < k->first[u] ? at : k->first[u];
        k->last[u] = at > k->last[u] ? at : k->last[u];
        k->arrival[k->calls] = at;
        k->unit[k->calls] = u;
        k->duration[k->calls] = duration;
        k->size[k->calls++] = size;
    }
}

static void keep_records(struct kept *k, const struct alm_trace *t, size_t u, uint32_t place, alm_time from,
                         alm_time until)
{
    struct alm_err e = {0};
    const struct alm_behaviours *b = alm_trace_behaviours(t);
    for (uint64_t i = b->first[u]; i < b->first[u + 1]; i++) {
        struct alm_behaviour *r = &k->record[k->records];
        GOOD(b->read(b, i, 1, r, &e));
        r->unit = place;
        k->records += r->at - r->span >= from && r->at <= until;
    }
}

static void keep(struct kept *k, const struct alm_trace *t, const char *prefix, alm_time from, alm_time until)
{
    const struct alm_demand *d = alm_trace_demand(t);
    size_t served[UNITS] = {0};
    *k = (struct kept){0};
    for (size_t u = 0; u < UNITS; u++) {
        k->first[u] = ALM_TIME_MAX;
        k->last[u] = ALM_TIME_NONE;
        if (chosen(names[u], prefix))
            keep_rows(k, d, u, from, until);
    }
    keep_calls(k, t, prefix, from, until, served);
    for (size_t u = 0; u < UNITS; u++)
        if (k->rows[u] || served[u]) {
            keep_records(k, t, u, (uint32_t)k->units, from, until);
            k->number[k->units++] = u;
        }
}

static void same_rows(const struct alm_demand *d, const struct kept *k, size_t i, struct alm_stream *s)
{
    struct alm_err e = {0};
    size_t u = k->number[i], n = k->rows[u];
    cr_assert_eq(d->rows[i], n, "%s has %zu rows, not %zu", names[u], (size_t)d->rows[i], n);
    cr_assert_str_eq(d->unit[i].name, names[u]);
    cr_assert_eq(d->unit[i].first, k->first[u]);
    cr_assert_eq(d->unit[i].last, k->last[u]);
    cr_assert_float_eq(d->unit[i].cores, 2, 0);
    for (size_t done = 0; done < n;) {
        alm_time at[ROWS], span[ROWS];
        double cpu[ROWS];
        const struct alm_demand_rows rows = {at, span, {cpu}};
        size_t part = 1 + (size_t)alm_stream_below(s, n - done);
        GOOD(d->read(d, i, done, part, &rows, &e));
        cr_assert_arr_eq(at, k->at[u] + done, part * sizeof *at);
        cr_assert_arr_eq(span, k->span[u] + done, part * sizeof *span);
        cr_assert_arr_eq(cpu, k->cpu[u] + done, part * sizeof *cpu);
        done += part;
    }
    cr_assert_lt(d->read(d, i, n, 1, &(struct alm_demand_rows){0}, &e), 0, "there is no row after the last");
}

static void same_calls(const struct alm_invocations *c, const struct kept *k, uint64_t first, size_t n)
{
    struct alm_err e = {0};
    static alm_time at[CALLS];
    static uint32_t unit[CALLS];
    static double duration[CALLS], size[CALLS];
    struct alm_invocation_rows rows = {.arrival = at, .unit = unit};
    rows.value[ALM_INV_DURATION] = duration;
    rows.input[0] = size;
    GOOD(c->read(c, first, n, &rows, &e));
    cr_assert_arr_eq(at, k->arrival + first, n * sizeof *at);
    cr_assert_arr_eq(duration, k->duration + first, n * sizeof *duration);
    cr_assert_arr_eq(size, k->size + first, n * sizeof *size);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(k->number[unit[i]], k->unit[first + i]);
}

static void same_records(const struct alm_behaviours *b, const struct kept *k)
{
    struct alm_err e = {0};
    static struct alm_behaviour got[UNITS * 200];
    cr_assert_eq(b ? b->count : 0, k->records);
    if (!b)
        return;
    GOOD(b->read(b, 0, k->records, got, &e));
    for (size_t i = 0; i < k->records; i++)
        cr_assert(got[i].at == k->record[i].at && got[i].unit == k->record[i].unit &&
                  got[i].function == k->record[i].function &&
                  got[i].value[ALM_BEH_CALLS] == k->record[i].value[ALM_BEH_CALLS]);
}

static void check(const struct alm_trace *t, const char *prefix, alm_time from, alm_time until, struct alm_stream *s)
{
    static struct kept k;
    struct alm_err e = {0};
    char pattern[32];
    struct alm_trace_view *v = NULL;
    snprintf(pattern, sizeof pattern, "%s*", prefix);
    const struct alm_trace_window w = {pattern, from, until};
    keep(&k, t, prefix, from, until);
    int code = alm_trace_view_open(alm_trace_demand(t), alm_trace_invocations(t), alm_trace_behaviours(t), &w, &v, &e);
    if (k.units == 0) {
        cr_assert_eq(code, ALM_EINVAL, "nothing is left: %d", code);
        return;
    }
    cr_assert_eq(code, 0, "%s", e.text);
    const struct alm_demand *d = alm_trace_view_demand(v);
    const struct alm_invocations *c = alm_trace_view_invocations(v);
    cr_assert_eq(d->units, k.units, "%s: %zu units, not %zu", pattern, d->units, k.units);
    cr_assert_eq(d->interval, MINUTE);
    for (size_t i = 0; i < k.units; i++)
        same_rows(d, &k, i, s);
    cr_assert_eq(c ? c->count : 0, k.calls, "%zu invocations", k.calls);
    for (int n = 0; c && n < 10; n++) {
        uint64_t first = alm_stream_below(s, k.calls);
        same_calls(c, &k, first, (size_t)alm_stream_below(s, k.calls - first + 1));
    }
    if (c)
        same_calls(c, &k, 0, k.calls);
    same_records(alm_trace_view_behaviours(v), &k);
    alm_trace_view_close(v);
}

Test(trace_view, is_what_a_plain_search_finds)
{
    static const char *const prefixes[] = {"", "web-", "db", "fn-", "late", "c"};
    struct alm_trace *t = made(1);
    struct alm_stream s = alm_stream_open(2, 0, "windows");
    for (int n = 0; n < 60; n++) {
        /* seconds, so that edges cut rows, and sometimes meet them */
        alm_time a = EPOCH + (alm_time)alm_stream_below(&s, 310 * 60) * ALM_SECOND;
        alm_time b = EPOCH + (alm_time)alm_stream_below(&s, 310 * 60) * ALM_SECOND;
        if (n % 3 == 0) {
            a = alm_time_floor(a, MINUTE);
            b = alm_time_floor(b, MINUTE);
        }
        check(t, prefixes[n % 6],
              n % 7 == 0 ? ALM_TIME_NONE / 2
              : a < b    ? a
                         : b,
              n % 5 == 0 ? ALM_TIME_MAX
              : a < b    ? b
                         : a,
              &s);
    }
    alm_trace_close(t);
}

Test(trace_view, without_edges_it_is_the_trace)
{
    struct alm_err e = {0};
    struct alm_trace *t = made(3);
    struct alm_trace_view *v = NULL;
    const struct alm_trace_window w = {NULL, ALM_TIME_NONE, ALM_TIME_MAX};
    const struct alm_demand *whole = alm_trace_demand(t);
    GOOD(alm_trace_view_open(whole, alm_trace_invocations(t), alm_trace_behaviours(t), &w, &v, &e));
    const struct alm_demand *d = alm_trace_view_demand(v);
    cr_assert_eq(d->units, whole->units);
    for (size_t i = 0; i < d->units; i++) {
        cr_assert_eq(d->rows[i], whole->rows[i]);
        cr_assert_eq(d->unit[i].first, whole->unit[i].first);
        cr_assert_eq(d->unit[i].last, whole->unit[i].last);
    }
    cr_assert_eq(alm_trace_view_invocations(v)->count, CALLS);
    cr_assert_eq(alm_trace_view_behaviours(v)->count, alm_trace_behaviours(t)->count);
    alm_trace_view_close(v);
    alm_trace_close(t);
}

Test(trace_view, adjacent_windows_share_nothing_and_lose_only_what_the_edge_cuts)
{
    struct alm_err e = {0};
    struct alm_trace *t = made(4);
    const struct alm_demand *whole = alm_trace_demand(t);
    const alm_time edge = EPOCH + 100 * MINUTE + 7 * ALM_SECOND;
    const struct alm_trace_window before = {"web-0", ALM_TIME_NONE, edge}, after = {"web-0", edge, ALM_TIME_MAX};
    struct alm_trace_view *a = NULL, *b = NULL;
    GOOD(alm_trace_view_open(whole, NULL, NULL, &before, &a, &e));
    GOOD(alm_trace_view_open(whole, NULL, NULL, &after, &b, &e));
    uint64_t left = alm_trace_view_demand(a)->rows[0] + alm_trace_view_demand(b)->rows[0];
    cr_assert(left == whole->rows[0] || left + 1 == whole->rows[0]);
    cr_assert_leq(alm_trace_view_demand(a)->unit[0].last, edge);
    cr_assert_gt(alm_trace_view_demand(b)->unit[0].first, edge);
    cr_assert_null(alm_trace_view_invocations(a));
    cr_assert_null(alm_trace_view_behaviours(a));
    alm_trace_view_close(a);
    alm_trace_view_close(b);
    alm_trace_close(t);
}

Test(trace_view, says_what_was_not_there)
{
    struct alm_err e = {0};
    struct alm_trace *t = made(5);
    struct alm_trace_view *v = NULL;
    const struct alm_trace_window nobody = {"nosuch-*", ALM_TIME_NONE, ALM_TIME_MAX};
    const struct alm_trace_window never = {"", ALM_TIME_NONE, EPOCH - ALM_DAY};
    cr_assert_eq(alm_trace_view_open(alm_trace_demand(t), NULL, NULL, &nobody, &v, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "nosuch-*") && strstr(e.text, "web-0"), "%s", e.text);
    cr_assert_eq(alm_trace_view_open(alm_trace_demand(t), alm_trace_invocations(t), NULL, &never, &v, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "window of time"), "%s", e.text);
    alm_trace_close(t);
}

/* The first row, of 60 s, ends 60 s after the begin; an invocation may come earlier. */
Test(trace_view, a_trace_begins_where_its_first_row_begins_or_an_invocation_comes)
{
    struct alm_err e = {0};
    alm_time begin = 0;
    struct alm_trace_writer *w = writer("b.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t a = unit(sink, "a"), b = unit(sink, "b");
    GOOD(sink->interval(sink, MINUTE, &e));
    row(sink, a, 3 * MINUTE, 1, 1);
    row(sink, a, 4 * MINUTE, 1, 1);
    row(sink, b, 5 * MINUTE, 1, 1);
    struct alm_invocation v = alm_invocation_at(2 * MINUTE + 1, b);
    give(sink, &v, NULL);
    commit(w);
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("b.h5");
    GOOD(alm_trace_begin(alm_trace_demand(t), &begin, &e));
    cr_assert_eq(begin, 2 * MINUTE, "%lld", (long long)begin);
    alm_trace_close(t);
}
