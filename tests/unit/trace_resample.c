/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_resample: do rows that are gathered keep the mean of CPU, the peak of memory, the sum of bytes and the order of time, and say
 * nothing of time of which nothing is known? */
#include "trace_rig.h"

TestSuite(trace_resample, .init = scratch_enter, .fini = scratch_leave);

#define STEP (300 * ALM_SECOND)

static struct alm_trace_writer *gathering(alm_time step)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = NULL;
    const struct alm_trace_info info = {.title = "t", .resample = step};
    GOOD(alm_trace_create("t.h5", &info, &w, &e));
    return w;
}

static void bytes(struct alm_trace_sink *sink, uint32_t u, alm_time at, double cpu, double memory, double read)
{
    struct alm_err e = {0};
    const struct alm_trace_row r = {at, {cpu, memory, read, NONE, NONE, NONE}};
    GOOD(sink->rows(sink, u, &r, 1, &e));
}

struct got {
    uint64_t rows;
    alm_time at[16], span[16];
    double cpu[16], memory[16], read[16];
};

static struct got read_unit(const struct alm_demand *d, size_t unit)
{
    struct alm_err e = {0};
    struct got g = {.rows = d->rows[unit]};
    const struct alm_demand_rows rows = {g.at, g.span, {g.cpu, g.memory, g.read, NULL, NULL, NULL}};
    cr_assert_leq(g.rows, 16);
    GOOD(d->read(d, unit, 0, g.rows, &rows, &e));
    return g;
}

/* By hand: (0, 300] has 60, 100.5 and 300 s; (300, 600] has 301 s alone; (600, 900] has none; (900, 1200] has 1000 s. */
Test(trace_resample, rows_become_one_row_an_interval)
{
    struct alm_trace_writer *w = gathering(STEP);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t a = unit(sink, "a"), b = unit(sink, "b");
    bytes(sink, a, 1000 * ALM_SECOND, 4, 7, NONE);
    bytes(sink, a, 300 * ALM_SECOND, 0.5, 10, 1);
    bytes(sink, b, 300 * ALM_SECOND, 9, 90, 900);
    bytes(sink, a, 60 * ALM_SECOND, 0.25, 30, 2);
    bytes(sink, a, 100500 * ALM_MS, 3, NONE, 4);
    bytes(sink, a, 301 * ALM_SECOND, NONE, 5, 8);
    bytes(sink, a, 301 * ALM_SECOND, 77, 77, 77);
    commit(w);
    const struct alm_trace_summary *s = alm_trace_writer_summary(w);
    cr_expect_eq(s->rows, 4);
    cr_expect_eq(s->interval, STEP);
    cr_expect_eq(s->gaps, 1);
    cr_expect_eq(s->first, STEP);
    cr_expect_eq(s->last, 4 * STEP);
    alm_trace_writer_close(w);

    struct alm_trace *t = open_good("t.h5");
    const struct alm_demand *d = alm_trace_demand(t);
    const struct got one = read_unit(d, 0), two = read_unit(d, 1);
    const alm_time at[] = {STEP, 2 * STEP, 4 * STEP};
    const double cpu[] = {1.25, NONE, 4}, memory[] = {30, 5, 7}, read[] = {7, 8, NONE};
    cr_assert_eq(one.rows, 3);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(one.at[i], at[i], "row %d at %lld", i, (long long)one.at[i]);
        cr_expect(isnan(cpu[i]) ? isnan(one.cpu[i]) : one.cpu[i] == cpu[i], "CPU %d is %g", i, one.cpu[i]);
        cr_expect_eq(one.memory[i], memory[i], "memory %d is %g", i, one.memory[i]);
        cr_expect(isnan(read[i]) ? isnan(one.read[i]) : one.read[i] == read[i], "bytes %d are %g", i, one.read[i]);
    }
    cr_assert_eq(two.rows, 1);
    cr_expect_eq(two.cpu[0], 9);
    cr_expect_eq(two.read[0], 900);
    cr_expect_eq(d->unit[0].first, STEP, "a unit lives from its first row");
    alm_trace_close(t);
}

/* Two units whose rows meet at one stamp stay two. */
Test(trace_resample, units_are_not_mixed)
{
    struct alm_trace_writer *w = gathering(STEP);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t a = unit(sink, "a"), b = unit(sink, "b");
    row(sink, a, 900 * ALM_SECOND, 1, 1);
    row(sink, b, 900 * ALM_SECOND, 3, 3);
    commit(w);
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    const struct got one = read_unit(alm_trace_demand(t), 0), two = read_unit(alm_trace_demand(t), 1);
    cr_expect_eq(one.rows, 1);
    cr_expect_eq(two.rows, 1);
    cr_expect_eq(one.cpu[0], 1);
    cr_expect_eq(two.cpu[0], 3);
    alm_trace_close(t);
}

/* Stamps before the zero of time, and rows further apart than the step: stamps move, values stay, and the interval is theirs. */
Test(trace_resample, longer_rows_are_not_cut)
{
    struct alm_trace_writer *w = gathering(STEP);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t a = unit(sink, "a");
    for (int k = -2; k < 3; k++)
        row(sink, a, k * 4 * STEP - ALM_SECOND, k + 5, 1);
    commit(w);
    cr_expect_eq(alm_trace_writer_summary(w)->interval, 4 * STEP);
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    const struct got one = read_unit(alm_trace_demand(t), 0);
    cr_assert_eq(one.rows, 5);
    for (int i = 0; i < 5; i++) {
        cr_expect_eq(one.at[i], (i - 2) * 4 * STEP);
        cr_expect_eq(one.cpu[i], i + 3);
    }
    alm_trace_close(t);
}

Test(trace_resample, nothing_below_zero)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = NULL;
    const struct alm_trace_info info = {.title = "t", .resample = -1};
    cr_expect_eq(alm_trace_create("t.h5", &info, &w, &e), ALM_EINVAL);
    cr_expect_null(w);
}
