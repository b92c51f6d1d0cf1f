/* SPDX-License-Identifier: GPL-3.0-or-later
 * generator_behaviour: is the behaviour of generated usage consistent with that usage: do functions sum up to their unit,
 * and the unit to its rows? Does asking for it leave the usage as it was, and does a phase change the mix? */
#include "generated.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define USAGE                                                                                                          \
    "usage:units=3,duration=2h,interval=5m,io_read.base=200k,io_write.base=100k,net_rx.base=50k,net_tx.base=20k,"      \
    "memory.noise.sd=0.1"

static const enum alm_behaviour_field sums[] = {
    ALM_BEH_CALLS,    ALM_BEH_ALLOCATIONS, ALM_BEH_ALLOCATED, ALM_BEH_FREES,       ALM_BEH_FREED,
    ALM_BEH_READS,    ALM_BEH_READ_BYTES,  ALM_BEH_WRITES,    ALM_BEH_WRITE_BYTES, ALM_BEH_RECEIVES,
    ALM_BEH_RECEIVED, ALM_BEH_SENDS,       ALM_BEH_SENT};

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(1, fmax(fabs(a), fabs(b)));
}

/* RECORD[0] is of the unit, the F others of its functions. */
static void check_sums(const struct alm_behaviour *record, size_t f)
{
    for (size_t k = 0; k < sizeof sums / sizeof *sums; k++) {
        double sum = 0;
        for (size_t i = 1; i <= f; i++) {
            double v = record[i].value[sums[k]];
            cr_assert(v >= 0 && v == floor(v), "field %d of function %zu: %g", (int)sums[k], i, v);
            sum += v;
        }
        cr_assert(sum == record[0].value[sums[k]], "field %d: %g of %g", (int)sums[k], sum, record[0].value[sums[k]]);
    }
    double share = 0, seconds = 0, mix[4] = {0};
    for (size_t i = 1; i <= f; i++) {
        double part = record[i].value[ALM_BEH_CPU_SHARE];
        share += part;
        seconds += record[i].value[ALM_BEH_CALL_SECONDS];
        for (size_t m = 0; m < 4; m++)
            mix[m] += part * record[i].value[ALM_BEH_LOADS + m];
        cr_assert(record[i].unit == record[0].unit && record[i].at == record[0].at && record[i].function == i);
    }
    cr_assert(near(share, 1) && near(seconds, record[0].value[ALM_BEH_CALL_SECONDS]));
    for (size_t m = 0; m < 4; m++)
        cr_assert(near(mix[m], record[0].value[ALM_BEH_LOADS + m]));
}

/* With records of PARTS to a row, or of ROWS rows. */
static void check_against_usage(const char *interval, size_t parts, size_t rows)
{
    struct memory_sink m;
    char text[400];
    enum { F = 4 };
    snprintf(text, sizeof text, USAGE ",behaviour.functions=4,behaviour.interval=%s", interval);
    generated(text, 5, &m);
    cr_assert_eq(m.records * rows, m.rows * parts * (F + 1));
    cr_assert_eq(m.functions, F + 1);
    const struct alm_behaviour *b = m.record;
    for (size_t r = 0; r < m.rows; r += rows) {
        double core_seconds = 0, read = 0, sent = 0, got_seconds = 0, got_read = 0, got_sent = 0;
        for (size_t k = 0; k < rows; k++) {
            core_seconds += 300 * m.row[r + k].row.value[ALM_CPU];
            read += m.row[r + k].row.value[ALM_IO_READ];
            sent += m.row[r + k].row.value[ALM_NET_TX];
        }
        for (size_t p = 0; p < parts; p++, b += F + 1) {
            check_sums(b, F);
            cr_assert_eq(b->span, (alm_time)rows * 300 * ALM_SECOND / (alm_time)parts);
            got_seconds += b->value[ALM_BEH_CALL_SECONDS];
            got_read += b->value[ALM_BEH_READ_BYTES];
            got_sent += b->value[ALM_BEH_SENT];
        }
        const struct alm_trace_row *last = &m.row[r + rows - 1].row;
        cr_assert(b[-1].unit == m.row[r].unit && b[-1].at == last->at);
        cr_assert(near(got_seconds, core_seconds), "%g of %g core-seconds", got_seconds, core_seconds);
        cr_assert(fabs(got_read - read) <= (double)parts && fabs(got_sent - sent) <= (double)parts);
        cr_assert_eq(b[-F - 1].value[ALM_BEH_WORKING_SET], last->value[ALM_MEMORY] / 2);
    }
    memory_sink_free(&m);
}

Test(generator_behaviour, sums_up_to_the_usage)
{
    check_against_usage("5m", 1, 1);
    check_against_usage("1m", 5, 1);
    check_against_usage("15m", 1, 3);
}

/* allocated - freed is the growth of memory since the record before, but for half a block of each function. */
Test(generator_behaviour, what_is_not_freed_is_the_growth_of_memory)
{
    struct memory_sink m;
    size_t grew = 0;
    generated(USAGE ",behaviour.functions=3,behaviour.interval=5m", 6, &m);
    for (size_t r = 1; r < m.rows; r++) {
        const struct alm_behaviour *b = &m.record[4 * r];
        if (m.row[r].unit != m.row[r - 1].unit)
            continue;
        double kept = b->value[ALM_BEH_ALLOCATED] - b->value[ALM_BEH_FREED], block = 0;
        double growth = m.row[r].row.value[ALM_MEMORY] - m.row[r - 1].row.value[ALM_MEMORY];
        for (size_t i = 1; i <= 3; i++)
            block += b[i].value[ALM_BEH_ALLOCATED] / b[i].value[ALM_BEH_ALLOCATIONS] / 2;
        if (growth < b->value[ALM_BEH_ALLOCATED]) {
            cr_assert(fabs(kept - growth) <= block, "%g of %g", kept, growth);
            grew++;
        }
    }
    cr_assert_gt(grew, 20);
    memory_sink_free(&m);
}

Test(generator_behaviour, leaves_the_usage_as_it_was)
{
    struct memory_sink with, without;
    generated(USAGE, 7, &without);
    generated(USAGE ",behaviour.functions=5,behaviour.interval=10m", 7, &with);
    cr_assert_eq(with.rows, without.rows);
    for (size_t i = 0; i < with.rows; i++)
        cr_assert_eq(memcmp(&with.row[i], &without.row[i], sizeof with.row[i]), 0, "row %zu", i);
    cr_assert_eq(without.records, 0);
    cr_assert_eq(without.functions, 0);
    memory_sink_free(&with);
    memory_sink_free(&without);
}

/* Twelve records an hour: those of hour 0 in the first kind of phase, those of hour 1 in the second, ... */
Test(generator_behaviour, a_phase_changes_the_mix)
{
    struct memory_sink m;
    generated(USAGE ",behaviour.functions=4,behaviour.interval=5m,behaviour.phase=1h", 8, &m);
    const struct alm_behaviour *first = &m.record[0], *same = &m.record[5 * 11], *other = &m.record[5 * 12];
    for (size_t i = 1; i <= 4; i++) {
        cr_expect_eq(first[i].value[ALM_BEH_FLOATS], same[i].value[ALM_BEH_FLOATS]);
        cr_expect(near(first[i].value[ALM_BEH_FLOATS] / 4, other[i].value[ALM_BEH_FLOATS]));
        cr_expect_eq(first[i].value[ALM_BEH_BRANCHES], other[i].value[ALM_BEH_BRANCHES]);
        cr_expect(near(first[i].value[ALM_BEH_CPU_SHARE], other[5 - i].value[ALM_BEH_CPU_SHARE]));
    }
    cr_expect(near(first[1].value[ALM_BEH_CPU_SHARE], 12.0 / 25), "1 / (1 + 1/2 + 1/3 + 1/4)");
    memory_sink_free(&m);
}

Test(generator_behaviour, without_a_resource_its_fields_are_unknown)
{
    struct memory_sink m;
    generated("usage:units=1,duration=1h,cpu.base=0,memory.base=0,net_rx.base=1k,behaviour.functions=1", 9, &m);
    cr_assert_gt(m.records, 0);
    for (size_t i = 0; i < m.records; i++) {
        const double *v = m.record[i].value;
        cr_assert(v[ALM_BEH_RECEIVED] > 0 && v[ALM_BEH_NET_SECONDS] > 0);
        cr_assert(isnan(v[ALM_BEH_CALLS]) && isnan(v[ALM_BEH_LOADS]) && isnan(v[ALM_BEH_WORKING_SET]) &&
                  isnan(v[ALM_BEH_READS]) && isnan(v[ALM_BEH_READ_SECONDS]) && isnan(v[ALM_BEH_SENDS]));
    }
    memory_sink_free(&m);
}

Test(generator_behaviour, an_interval_that_fits_no_row_is_refused)
{
    struct memory_sink m;
    struct alm_err e = {0};
    cr_expect_eq(generated_try("usage:units=1,duration=1h,behaviour.functions=1,behaviour.interval=7m", 1, &m, &e),
                 ALM_EINVAL);
    cr_expect(strstr(e.text, "behaviour.interval=7m is neither a multiple nor an even part of interval=5m"), "%s",
              e.text);
    memory_sink_free(&m);
}
