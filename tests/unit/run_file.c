/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_file: are the decisions of a run unfolded to every decision time, in order, with the limit that was in force; and is
 * a file that contradicts itself refused? */
#include "experiments/run_file.h"
#include "make_run.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>

TestSuite(run_file, .init = scratch_enter, .fini = scratch_leave);

struct rows {
    struct alm_run_decision *row;
    size_t count, capacity;
};

static int keep(void *ctx, const struct alm_run_decision *row, struct alm_err *e)
{
    (void)e;
    struct rows *r = ctx;
    if (r->count == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 1024;
        r->row = realloc(r->row, r->capacity * sizeof *r->row);
        cr_assert(r->row);
    }
    r->row[r->count++] = *row;
    return ALM_OK;
}

static struct alm_run *made(const struct make_run *m)
{
    struct alm_err e = {0};
    struct alm_run *run = NULL;
    GOOD(make_run(m, &e));
    GOOD(alm_run_file_open(m->path, &run, &e));
    return run;
}

static const struct make_run small = {
    .path = "a.h5", .units = 5, .days = 2, .interval = ALM_HOUR, .margin = 1.1, .start = -3 * ALM_HOUR};

/* Regular rows lie one interval apart from the unit's first to its last decision; nothing is before the row above it. */
static void check_order(const struct alm_run *run, const struct rows *r)
{
    uint32_t unit = 0;
    alm_time due = run->unit[0].first_decision;
    size_t events = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct alm_run_decision *d = &r->row[i];
        if (d->unit != unit) {
            cr_assert_eq(due, run->unit[unit].last_decision + run->interval, "unit %u ends early", unit);
            cr_assert_eq(d->unit, ++unit);
            due = run->unit[unit].first_decision;
        } else if (i > 0) {
            cr_assert_geq(d->time, d[-1].time);
        }
        events += d->event;
        if (!d->event) {
            cr_assert_eq(d->time, due);
            due += run->interval;
        }
    }
    cr_assert_eq(unit + 1, run->units);
    cr_assert_eq(due, run->unit[unit].last_decision + run->interval);
    cr_assert_gt(events, 0, "the made run has OOM kills between decisions");
}

Test(run_file, every_decision_time_once_and_in_order)
{
    struct alm_err e = {0};
    struct alm_run *run = made(&small);
    struct rows r = {0};
    GOOD(alm_run_each_decision(run, ALM_RUN_ALL, ALM_RUN_EVERY, keep, &r, &e));
    check_order(run, &r);
    free(r.row);
    alm_run_file_close(run);
}

/* The samples were written by another path and hold the limit in force: that decided last before their stamp. */
static int compare_limit(void *ctx, const struct alm_run_sample *s, struct alm_err *e)
{
    (void)e;
    const struct rows *r = ctx;
    int64_t limit[2] = {ALM_NO_LIMIT, ALM_NO_LIMIT};
    for (size_t i = 0; i < r->count; i++)
        if (r->row[i].unit == s->unit && r->row[i].time < s->time)
            memcpy(limit, r->row[i].applied, sizeof limit);
    cr_assert_eq(s->limit[0], limit[0], "unit %u at %lld s", s->unit, (long long)(s->time / ALM_SECOND));
    cr_assert_eq(s->limit[1], limit[1]);
    return ALM_OK;
}

Test(run_file, unfolded_limits_are_those_the_samples_saw)
{
    struct alm_err e = {0};
    struct alm_run *run = made(&small);
    struct rows r = {0};
    GOOD(alm_run_each_decision(run, ALM_RUN_ALL, ALM_RUN_EVERY, keep, &r, &e));
    GOOD(alm_run_each_sample(run, ALM_RUN_ALL, compare_limit, &r, &e));
    free(r.row);
    alm_run_file_close(run);
}

Test(run_file, one_unit_is_its_part_of_all)
{
    struct alm_err e = {0};
    struct alm_run *run = made(&small);
    for (int view = ALM_RUN_STORED; view <= ALM_RUN_CHANGES; view++) {
        struct rows all = {0}, parts = {0};
        GOOD(alm_run_each_decision(run, ALM_RUN_ALL, (enum alm_run_view)view, keep, &all, &e));
        for (uint32_t u = 0; u < run->units; u++)
            GOOD(alm_run_each_decision(run, u, (enum alm_run_view)view, keep, &parts, &e));
        cr_assert_eq(all.count, parts.count);
        cr_assert_eq(memcmp(all.row, parts.row, all.count * sizeof *all.row), 0, "view %d", view);
        free(all.row);
        free(parts.row);
    }
    alm_run_file_close(run);
}

Test(run_file, changes_are_the_rows_that_differ)
{
    struct alm_err e = {0};
    struct alm_run *run = made(&small);
    struct rows every = {0}, changes = {0};
    GOOD(alm_run_each_decision(run, ALM_RUN_ALL, ALM_RUN_EVERY, keep, &every, &e));
    GOOD(alm_run_each_decision(run, ALM_RUN_ALL, ALM_RUN_CHANGES, keep, &changes, &e));
    size_t at = 0;
    for (size_t i = 0; i < every.count; i++) {
        const struct alm_run_decision *d = &every.row[i];
        bool same = i > 0 && d[-1].unit == d->unit && memcmp(d->limit, d[-1].limit, sizeof d->limit) == 0 &&
                    memcmp(d->applied, d[-1].applied, sizeof d->applied) == 0;
        if (same)
            continue;
        cr_assert_lt(at, changes.count);
        cr_assert_eq(changes.row[at].time, d->time);
        cr_assert_eq(changes.row[at].limit[1], d->limit[1]);
        at++;
    }
    cr_assert_eq(at, changes.count);
    cr_assert_lt(at, every.count);
    free(every.row);
    free(changes.row);
    alm_run_file_close(run);
}

Test(run_file, units_are_found_by_name)
{
    struct alm_err e = {0};
    struct alm_run *run = made(&small);
    uint32_t unit = 77;
    GOOD(alm_run_file_unit(run, "web-3", &unit, &e));
    cr_assert_eq(unit, 3);
    cr_assert_eq(alm_run_file_unit(run, "wbe-3", &unit, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "did you mean \"web-"), "%s", e.text);
    cr_assert_eq(unit, 3, "an output is untouched on failure");
    alm_run_file_close(run);
}

Test(run_file, reasons_are_said_once_when_they_are_one)
{
    char *reason[] = {(char[]){"start"}, (char[]){"peak"}};
    struct alm_run run = {.reasons = 2, .reason = reason};
    char text[64];
    struct alm_run_decision d = {.limit = {1, 1}, .reason = {0, 1}};
    cr_assert_str_eq(alm_run_reason(&run, &d, text, sizeof text), "cpu: start; memory: peak");
    d.reason[0] = 1;
    cr_assert_str_eq(alm_run_reason(&run, &d, text, sizeof text), "peak");
    d.limit[1] = ALM_NO_LIMIT;
    d.reason[0] = 0;
    cr_assert_str_eq(alm_run_reason(&run, &d, text, sizeof text), "start");
    d.limit[0] = ALM_NO_LIMIT;
    cr_assert_str_eq(alm_run_reason(&run, &d, text, sizeof text), "");
}

/* A run written row by row, so that one thing can be wrong with it. */
struct hand {
    alm_time interval, first, last, time[3];
    uint32_t unit[3];
    uint8_t reason;
    bool no_decision_column;
    uint8_t event[3];
};

static const struct hand right = {.interval = 10, .first = 10, .last = 50, .time = {10, 20, 40}};

static void write_hand(const char *path, const struct hand *h)
{
    struct alm_err e = {0};
    struct make_columns c = {0};
    struct make_run m = {.path = path, .units = 1, .interval = h->interval};
    static const char *const name[] = {"name", "code", "cores", "memory", "first_decision", "last_decision"};
    static const enum alm_column_type type[] = {ALM_COL_TEXT, ALM_COL_TEXT, ALM_COL_F64,
                                                ALM_COL_F64,  ALM_COL_I64,  ALM_COL_I64};
    struct alm_column *u[6];
    GOOD(alm_table_create(path, "run/1", "by hand", &c.t, &e));
    GOOD(make_root(c.t, &m, &e));
    GOOD(make_group(c.t, "units", name, type, 6, u, &e));
    const char *text = "u", *code = "";
    double cores = NAN;
    GOOD(make_put(u, (const void *[]){&text, &code, &cores, &cores, &h->first, &h->last}, 6, &e));
    struct alm_column_spec spec = {.path = "/reasons/text", .type = ALM_COL_TEXT, .dimension = "/reasons/row"};
    struct alm_column *reason;
    GOOD(alm_column_create(c.t, &spec, &reason, &e));
    GOOD(alm_column_append(reason, make_reasons, 1, &e));
    if (h->no_decision_column)
        GOOD(make_group(c.t, "decisions", (const char *const[]){"unit"}, (const enum alm_column_type[]){ALM_COL_U32}, 1,
                        c.d, &e));
    else
        GOOD(make_columns(&c, &e));
    for (int i = 0; i < 3 && !h->no_decision_column; i++) {
        int64_t limit = 100 + i;
        GOOD(make_put(c.d,
                      (const void *[]){&h->time[i], &h->unit[i], &h->event[i], &limit, &limit, &limit, &limit,
                                       &h->reason, &h->reason},
                      9, &e));
    }
    GOOD(alm_table_commit(c.t, &e));
    alm_table_close(c.t);
}

static int read_hand(const struct hand *h, struct rows *r, struct alm_err *e)
{
    write_hand("hand.h5", h);
    struct alm_run *run = NULL;
    int code = alm_run_file_open("hand.h5", &run, e);
    if (code >= 0)
        code = alm_run_each_decision(run, ALM_RUN_ALL, ALM_RUN_EVERY, keep, r, e);
    alm_run_file_close(run);
    return code;
}

Test(run_file, unfolds_by_hand)
{
    struct alm_err e = {0};
    struct rows r = {0};
    GOOD(read_hand(&right, &r, &e));
    static const int64_t time[] = {10, 20, 30, 40, 50}, limit[] = {100, 101, 101, 102, 102};
    cr_assert_eq(r.count, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_assert_eq(r.row[i].time, time[i]);
        cr_assert_eq(r.row[i].limit[0], limit[i]);
    }
    free(r.row);
}

/* An event at a regular time stands behind the regular decision of that time, unless the file says otherwise. */
Test(run_file, events_at_regular_times)
{
    struct alm_err e = {0};
    static const struct {
        alm_time time[3];
        uint8_t event[3];
        int64_t seen[7][3]; /* time, limit, event */
        size_t rows;
    } cases[] = {
        {{10, 20, 40},
         {0, 1, 0},
         {{10, 100, 0}, {20, 100, 0}, {20, 101, 1}, {30, 101, 0}, {40, 102, 0}, {50, 102, 0}},
         6},
        {{10, 20, 20},
         {0, 1, 0},
         {{10, 100, 0}, {20, 101, 1}, {20, 102, 0}, {30, 102, 0}, {40, 102, 0}, {50, 102, 0}},
         6},
        {{10, 20, 20},
         {0, 0, 1},
         {{10, 100, 0}, {20, 101, 0}, {20, 102, 1}, {30, 102, 0}, {40, 102, 0}, {50, 102, 0}},
         6},
        {{10, 45, 50},
         {0, 1, 1},
         {{10, 100, 0}, {20, 100, 0}, {30, 100, 0}, {40, 100, 0}, {45, 101, 1}, {50, 101, 0}, {50, 102, 1}},
         7},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct hand h = right;
        memcpy(h.time, cases[k].time, sizeof h.time);
        memcpy(h.event, cases[k].event, sizeof h.event);
        struct rows r = {0};
        GOOD(read_hand(&h, &r, &e));
        cr_assert_eq(r.count, cases[k].rows, "case %zu: %zu rows", k, r.count);
        for (size_t i = 0; i < r.count; i++) {
            cr_assert_eq(r.row[i].time, cases[k].seen[i][0], "case %zu, row %zu", k, i);
            cr_assert_eq(r.row[i].limit[0], cases[k].seen[i][1], "case %zu, row %zu", k, i);
            cr_assert_eq(r.row[i].event, cases[k].seen[i][2], "case %zu, row %zu", k, i);
        }
        free(r.row);
    }
}

static void refused(struct hand h, const char *what)
{
    struct alm_err e = {0};
    struct rows r = {0};
    int code = read_hand(&h, &r, &e);
    cr_assert_eq(code, ALM_EDATA, "%s: %d %s", what, code, e.text);
    cr_assert(strstr(e.text, "hand.h5"), "the file is named: %s", e.text);
    cr_assert(strstr(e.text, what), "%s: %s", what, e.text);
    free(r.row);
}

Test(run_file, contradictions_are_refused)
{
    struct hand h = right;
    h.time[2] = 15;
    refused(h, "out of order");
    h = right;
    h.time[1] = 21;
    refused(h, "regular times");
    h = right;
    h.unit[1] = 1;
    refused(h, "only 1 units");
    h = right;
    h.interval = 0;
    refused(h, "interval_ns");
    h = right;
    h.last = 5;
    refused(h, "contradict");
    h = right;
    h.reason = 9;
    refused(h, "reason 9");
    h = right;
    h.no_decision_column = true;
    refused(h, "no column /decisions/time");
    h = right;
    h.first = INT64_MIN + 1;
    h.last = INT64_MAX;
    refused(h, "contradict");
}

/* Unit 1 alone is longer than the block in which rows are sorted, and the rows of all lie mixed. */
#define MANY ((alm_time)300000)

static int count_unit(void *ctx, const struct alm_run_decision *row, struct alm_err *e)
{
    (void)e;
    alm_time *next = ctx;
    cr_assert_eq(row->time, next[row->unit]);
    next[row->unit] += row->unit == 1 ? 1 : 1000;
    for (uint32_t later = row->unit + 1; later < 3; later++)
        cr_assert_eq(next[later], 1000, "unit %u before unit %u ended", later, row->unit);
    return ALM_OK;
}

Test(run_file, a_unit_longer_than_a_block)
{
    struct alm_err e = {0};
    struct make_columns c = {0};
    struct make_run m = {.path = "long.h5", .units = 3, .days = 1, .interval = ALM_DAY};
    GOOD(alm_table_create(m.path, "run/1", "long", &c.t, &e));
    GOOD(make_root(c.t, &m, &e));
    GOOD(make_units(c.t, &m, &e));
    GOOD(make_columns(&c, &e));
    for (alm_time t = 1000; t <= MANY + 1000; t++)
        for (uint32_t unit = 0; unit < 3; unit++) {
            int64_t limit = t;
            uint8_t event = 1, reason = 0;
            if (unit == 1 || t % 1000 == 0)
                GOOD(make_put(
                    c.d, (const void *[]){&t, &unit, &event, &limit, &limit, &limit, &limit, &reason, &reason}, 9, &e));
        }
    GOOD(alm_table_commit(c.t, &e));
    alm_table_close(c.t);
    struct alm_run *run = NULL;
    GOOD(alm_run_file_open(m.path, &run, &e));
    alm_time next[3] = {1000, 1000, 1000};
    GOOD(alm_run_each_decision(run, ALM_RUN_ALL, ALM_RUN_STORED, count_unit, next, &e));
    cr_assert_eq(next[0], MANY + 2000);
    cr_assert_eq(next[1], MANY + 1001);
    cr_assert_eq(next[2], MANY + 2000);
    alm_run_file_close(run);
}

Test(run_file, foreign_files_are_refused)
{
    struct alm_err e = {0};
    struct alm_run *run = NULL;
    struct alm_table *t = NULL;
    GOOD(alm_table_create("trace.h5", "trace/1", "not a run", &t, &e));
    GOOD(alm_table_commit(t, &e));
    alm_table_close(t);
    cr_assert_eq(alm_run_file_open("trace.h5", &run, &e), ALM_EDATA);
    cr_assert_eq(alm_run_file_open("missing.h5", &run, &e), ALM_EDATA);
    cr_assert_null(run);
}
