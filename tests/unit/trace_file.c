/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_file: do rows in any order come back sorted and true, in bounded memory, with all that was mended said? */
#include "almanac/importer.h"
#include "almanac/stream.h"
#include "almanac/table.h"
#include "overwrite.h"
#include "trace_rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Freed memory that AddressSanitizer holds back would count as the reader's. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=1";
}

TestSuite(trace_file, .init = scratch_enter, .fini = scratch_leave);

#define STEP (300 * ALM_SECOND)

Test(trace_file, rows_come_back_sorted_by_unit_then_time)
{
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t b = unit(sink, "vm-b"), a = unit(sink, "vm-a");
    cr_assert_eq(unit(sink, "vm-b"), b, "a known name is the known unit");
    row(sink, a, 2 * STEP, 0.5, 100);
    row(sink, b, 3 * STEP, 1.5, 4096);
    row(sink, b, 1 * STEP, 0.25, (double)NAN);
    row(sink, a, 1 * STEP, (double)NAN, 200.6);
    row(sink, b, 2 * STEP, 0, 0);
    row(sink, b, 6 * STEP, 9, 9);
    commit(w);
    const struct alm_trace_summary *s = alm_trace_writer_summary(w);
    cr_expect_eq(s->units, 2);
    cr_expect_eq(s->rows, 6);
    cr_expect_eq(s->gaps, 1);
    cr_expect_eq(s->interval, STEP);
    cr_expect_eq(s->resources, ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY));
    cr_expect_not(s->calendar);
    cr_expect_eq(sink->report->kept, 6);
    cr_expect_eq(sink->report->reasons, 1, "rows that went backward are said");
    cr_expect_eq(sink->report->reason[0].count, 2);
    alm_trace_writer_close(w);

    struct alm_err e = {0};
    struct alm_trace *t = open_good("t.h5");
    const struct alm_demand *d = alm_trace_demand(t);
    alm_time at[4], span[4];
    double cpu[4], memory[4], absent[4];
    const struct alm_demand_rows rows = {at, span, {cpu, memory, absent, NULL, NULL, NULL}};
    cr_assert_eq(d->units, 2);
    cr_assert_str_eq(d->unit[0].name, "vm-b");
    cr_assert_str_eq(d->unit[0].code, "code-of-vm-b");
    cr_assert(d->unit[0].cores == 2 && isnan(d->unit[0].memory));
    cr_assert_eq(d->unit[0].first, STEP);
    cr_assert_eq(d->unit[0].last, 6 * STEP);
    cr_assert_eq(d->rows[0], 4);
    GOOD(d->read(d, 0, 0, 4, &rows, &e));
    cr_assert(at[0] == STEP && at[1] == 2 * STEP && at[2] == 3 * STEP && at[3] == 6 * STEP);
    for (int k = 0; k < 4; k++)
        cr_assert_eq(span[k], STEP, "the row after a gap covers one interval");
    cr_assert(cpu[0] == 0.25 && cpu[1] == 0 && cpu[2] == 1.5 && cpu[3] == 9);
    cr_assert(isnan(memory[0]) && memory[1] == 0 && memory[2] == 4096);
    cr_assert(isnan(absent[0]) && isnan(absent[3]));
    GOOD(d->read(d, 1, 1, 1, &rows, &e));
    cr_assert(at[0] == 2 * STEP && span[0] == STEP && cpu[0] == 0.5 && memory[0] == 100);
    GOOD(d->read(d, 1, 0, 1, &rows, &e));
    cr_assert(isnan(cpu[0]) && memory[0] == 201);
    cr_assert_eq(d->read(d, 1, 1, 2, &rows, &e), ALM_EINVAL);
    cr_assert_eq(d->read(d, 2, 0, 1, &rows, &e), ALM_EINVAL);
    char *text = NULL;
    GOOD(alm_trace_text(t, "licence", &text, &e));
    cr_assert_str_eq(text, "CC0-1.0");
    free(text);
    alm_trace_close(t);
}

Test(trace_file, the_span_of_a_row_is_the_time_since_the_one_before)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t u = unit(sink, "u");
    const alm_time at[] = {100, 200, 340, 490, 641}; /* differences 100 140 150 151 */
    for (int k = 0; k < 5; k++)
        row(sink, u, at[k], 1, 1);
    GOOD(sink->interval(sink, 100, &e));
    commit(w);
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    const struct alm_demand *d = alm_trace_demand(t);
    alm_time span[5];
    const struct alm_demand_rows rows = {.span = span};
    GOOD(d->read(d, 0, 0, 5, &rows, &e));
    cr_expect(span[0] == 100 && span[1] == 100 && span[2] == 140 && span[3] == 150 && span[4] == 100);
    GOOD(d->read(d, 0, 3, 2, &rows, &e)); /* the same from the middle */
    cr_expect(span[0] == 150 && span[1] == 100);
    alm_trace_close(t);
}

Test(trace_file, what_cannot_be_is_mended_and_said)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t u = unit(sink, "u");
    unit(sink, "idle");
    row(sink, u, 1, 1, 1);
    row(sink, u, 2, -1, 1);
    row(sink, u, 3, (double)INFINITY, 1e30);
    row(sink, u, 2, 7, 7); /* a duplicate, later in arrival */
    row(sink, u, 4, -0.0, 1);
    commit(w);
    const struct alm_trace_report *r = sink->report;
    cr_expect_eq(r->kept, 4);
    cr_expect_eq(r->read, 5);
    cr_expect_eq(alm_report_dropped(r), 1);
    cr_expect_eq(r->reasons, 5);
    cr_expect_str_eq(r->reason[0].why, "negative value: taken as missing");
    cr_expect(strstr(r->reason[0].where, "cpu of unit u at 0.000"), "%s", r->reason[0].where);
    cr_expect_eq(r->reason[1].count, 2);
    cr_expect_str_eq(r->reason[3].why, "duplicate time stamp: first kept");
    cr_expect(r->reason[3].dropped && r->reason[3].count == 1);
    cr_expect_eq(alm_trace_writer_summary(w)->units, 1, "a unit without rows is left out");
    char *json = NULL;
    GOOD(alm_report_json(r, &json, &e));
    cr_expect(strstr(json, "\"kept\":4,\"dropped\":1"), "%s", json);
    free(json);
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    const struct alm_demand *d = alm_trace_demand(t);
    double cpu[4], memory[4];
    const struct alm_demand_rows rows = {.value = {cpu, memory}};
    GOOD(d->read(d, 0, 0, 4, &rows, &e));
    cr_expect(isnan(cpu[1]) && memory[1] == 1 && isnan(cpu[2]) && isnan(memory[2]));
    cr_expect(cpu[3] == 0 && !signbit(cpu[3]));
    alm_trace_close(t);
}

Test(trace_file, nothing_to_write_and_wrong_callers_are_errors)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t out;
    struct alm_unit nameless = {.cores = 1}, latin = {.name = "caf\xe9"};
    struct alm_trace_row early = {.at = ALM_TIME_NONE};
    cr_expect_eq(alm_trace_commit(w, &e), ALM_EDATA);
    cr_expect_eq(sink->unit(sink, &nameless, &out, &e), ALM_EDATA);
    cr_expect_eq(sink->unit(sink, &latin, &out, &e), ALM_EDATA);
    cr_expect_eq(sink->rows(sink, 0, &early, 1, &e), ALM_EMODULE);
    unit(sink, "u");
    cr_expect_eq(sink->rows(sink, 0, &early, 1, &e), ALM_EDATA);
    cr_expect_eq(sink->interval(sink, -1, &e), ALM_EINVAL);
    alm_trace_writer_close(w);
    cr_expect_eq(scratch_files(), 0);
}

Test(trace_file, an_interrupt_leaves_nothing)
{
    struct alm_err e = {0};
    volatile int stop = 0;
    struct alm_trace_row r = {.at = 1};
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    sink->stop = &stop;
    row(sink, unit(sink, "u"), 1, 1, 1);
    stop = 1;
    cr_expect_eq(sink->rows(sink, 0, &r, 1, &e), ALM_EINTR);
    cr_expect_eq(alm_trace_commit(w, &e), ALM_EINTR);
    alm_trace_writer_close(w);
    cr_expect_eq(scratch_files(), 0);
}

/* ROWS rows of UNITS units in an order shuffled by SEED, with duplicates, written within BUDGET. */
static void scattered(const char *path, size_t budget, uint64_t rows, uint32_t units, uint64_t seed)
{
    struct alm_trace_writer *w = writer(path, budget);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    struct alm_stream s = alm_stream_open(seed, 0, "rows");
    char name[32];
    for (uint32_t u = 0; u < units; u++) {
        snprintf(name, sizeof name, "unit-%u", u);
        unit(sink, name);
    }
    for (uint64_t i = 0; i < rows; i++) {
        uint32_t u = (uint32_t)alm_stream_below(&s, units);
        alm_time at = (alm_time)alm_stream_below(&s, rows / units) * STEP;
        row(sink, u, at, (double)i / 16, i % 2 ? (double)i : (double)NAN); /* the value tells the order of arrival */
    }
    commit(w);
    alm_trace_writer_close(w);
}

Test(trace_file, the_memory_budget_changes_no_byte)
{
    char big[65], small[65], again[65];
    struct alm_err e = {0};
    scattered("big.h5", 0, 30000, 7, 1);
    scattered("small.h5", 20000, 30000, 7, 1); /* over a hundred runs */
    scattered("again.h5", 1, 30000, 7, 1);     /* 16 rows a run */
    GOOD(alm_file_sha256("big.h5", big, &e));
    GOOD(alm_file_sha256("small.h5", small, &e));
    GOOD(alm_file_sha256("again.h5", again, &e));
    cr_expect_str_eq(big, small);
    cr_expect_str_eq(big, again);
    scattered("other.h5", 0, 30000, 7, 2);
    GOOD(alm_file_sha256("other.h5", again, &e));
    cr_expect_str_neq(big, again);
    cr_expect_eq(scratch_files(), 4, "sorted runs must not be left behind");
}

Test(trace_file, of_equal_stamps_the_first_to_arrive_is_kept)
{
    struct alm_err e = {0};
    scattered("t.h5", 5000, 5000, 3, 3);
    struct alm_trace *t = open_good("t.h5");
    const struct alm_demand *d = alm_trace_demand(t);
    struct alm_stream s = alm_stream_open(3, 0, "rows");
    double first[3][5000 / 3];
    memset(first, 0xff, sizeof first); /* NaN */
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t u = alm_stream_below(&s, 3), k = alm_stream_below(&s, 5000 / 3);
        if (isnan(first[u][k]))
            first[u][k] = (double)i / 16;
    }
    for (size_t u = 0; u < 3; u++)
        for (uint64_t k = 0; k < d->rows[u]; k++) {
            alm_time at;
            double cpu;
            const struct alm_demand_rows rows = {.at = &at, .value = {&cpu}};
            GOOD(d->read(d, u, k, 1, &rows, &e));
            cr_assert_eq(cpu, first[u][at / STEP]);
        }
    alm_trace_close(t);
}

Test(trace_file, the_usual_difference_is_the_interval)
{
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t u = unit(sink, "u"), v = unit(sink, "v");
    const alm_time base = 1376314846 * ALM_SECOND;
    for (int k = 0; k < 50; k++) {
        row(sink, u, base + k * STEP + (k % 4 == 0), 1, 1); /* half of the differences are odd */
        row(sink, v, base + k * 3 * STEP / 2, 1, 1);
    }
    commit(w);
    cr_expect_eq(alm_trace_writer_summary(w)->interval, 3 * STEP / 2);
    cr_expect(alm_trace_writer_summary(w)->calendar);
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    cr_expect(alm_trace_calendar(t));
    alm_trace_close(t);

    w = writer("one.h5", 0);
    sink = alm_trace_writer_sink(w);
    row(sink, unit(sink, "u"), 5, 1, 1);
    commit(w);
    cr_expect_eq(alm_trace_writer_summary(w)->interval, ALM_SECOND);
    cr_expect(strstr(sink->report->assumed, "1 s"), "%s", sink->report->assumed);
    alm_trace_writer_close(w);
}

Test(trace_file, description_agrees_with_plain_arithmetic)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = writer("t.h5", 0);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t u = unit(sink, "u");
    for (int k = 1; k <= 40; k++)
        row(sink, u, k * STEP + (k > 20 ? 2 * STEP : 0), k <= 10 ? 0 : k, k % 4 ? (double)NAN : 1e9 * k);
    commit(w);
    alm_trace_writer_close(w);
    struct alm_trace *t = open_good("t.h5");
    struct alm_trace_column c[ALM_RESOURCES];
    uint64_t gaps = 99;
    GOOD(alm_trace_describe(t, NULL, c, &gaps, &e));
    cr_expect_eq(gaps, 1);
    cr_expect_eq(c[ALM_CPU].zeros, 10);
    cr_expect_eq(c[ALM_CPU].mean, 765.0 / 40);
    cr_expect_eq(c[ALM_CPU].p95, 38, "nearest rank: the 38th of 40");
    cr_expect_eq(c[ALM_CPU].max, 40);
    cr_expect_eq(c[ALM_MEMORY].missing, 30);
    cr_expect_eq(c[ALM_MEMORY].mean, 22e9);
    cr_expect_float_eq(c[ALM_MEMORY].p95, 40e9, 40e9 * 1e-6);
    cr_expect(c[ALM_IO_READ].rows == 0 && isnan(c[ALM_IO_READ].mean));
    alm_trace_close(t);
}

/* The reader's memory must not grow with the rows: ten times the rows, equal peak (both larger than the cache). */
static long peak_of_reading(const char *path)
{
    struct alm_err e = {0};
    struct alm_trace *t = open_good(path);
    struct alm_trace_column c[ALM_RESOURCES];
    uint64_t gaps;
    GOOD(alm_trace_describe(t, NULL, c, &gaps, &e));
    alm_trace_close(t);
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_maxrss;
}

static void long_trace(const char *path, int64_t rows)
{
    struct alm_trace_writer *w = writer(path, 1 << 20);
    struct alm_trace_sink *sink = alm_trace_writer_sink(w);
    uint32_t u = unit(sink, "u");
    for (int64_t k = 0; k < rows; k++)
        row(sink, u, k * ALM_SECOND, (double)(k % 100) / 16, (double)k);
    commit(w);
    alm_trace_writer_close(w);
}

Test(trace_file, memory_does_not_grow_with_rows)
{
    long_trace("short.h5", 2200000);
    long_trace("long.h5", 4400000);
    long shorter = peak_of_reading("short.h5"), longer = peak_of_reading("long.h5");
    cr_expect_leq(longer - shorter, 8 << 10, "%ld kB, then %ld kB", shorter, longer);
}

static void refused_at_open(const char *column, hsize_t at, int64_t value, const char *word)
{
    struct alm_err e = {0};
    struct alm_trace *t = NULL;
    scattered("t.h5", 0, 100, 2, 1);
    overwrite("t.h5", column, at, H5T_NATIVE_INT64, &value);
    cr_expect_eq(alm_trace_open("t.h5", &t, &e), ALM_EDATA, "%s", column);
    cr_expect(strstr(e.text, "t.h5") && strstr(e.text, word), "%s", e.text);
    cr_expect_null(t);
}

Test(trace_file, units_that_contradict_the_rows_are_refused)
{
    refused_at_open("/units/rows", 0, 5, "sum");
    refused_at_open("/units/rows", 0, -5, "unit-0 claims -5");
    refused_at_open("/units/rows", 1, INT64_MAX, "unit-1 claims");
    refused_at_open("/units/first", 1, INT64_MAX, "unit-1 lasts");
    refused_at_open("/units/last", 1, -1, "unit-1 lasts");
}

Test(trace_file, rows_that_cannot_be_are_refused_with_their_place)
{
    static const int64_t back = 0;
    static const double negative = -0.5, infinite = (double)INFINITY;
    const struct {
        const char *column;
        hsize_t at;
        hid_t type;
        const void *value;
        const char *word;
    } list[] = {
        {"/usage/time", 3, H5T_NATIVE_INT64, &back, "unit unit-0, row 3: stamp 0"},
        {"/usage/cpu", 4, H5T_NATIVE_DOUBLE, &negative, "row 4: cpu is -0.5"},
        {"/usage/cpu", 4, H5T_NATIVE_DOUBLE, &infinite, "row 4: cpu is inf"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct alm_err e = {0};
        scattered("t.h5", 0, 100, 2, 1);
        overwrite("t.h5", list[i].column, list[i].at, list[i].type, list[i].value);
        struct alm_trace *t = open_good("t.h5");
        struct alm_trace_column c[ALM_RESOURCES];
        uint64_t gaps;
        cr_expect_eq(alm_trace_describe(t, NULL, c, &gaps, &e), ALM_EDATA);
        cr_expect(strstr(e.text, "t.h5") && strstr(e.text, list[i].word), "%s", e.text);
        alm_trace_close(t);
    }
}

static void made_with(const char *drop, int64_t interval, const char *format)
{
    scattered("t.h5", 0, 100, 2, 1);
    if (drop)
        overwrite_remove("t.h5", drop);
    hid_t f = H5Fopen("t.h5", H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t attr = H5Aopen(f, "interval_ns", H5P_DEFAULT);
    H5Awrite(attr, H5T_NATIVE_INT64, &interval);
    H5Aclose(attr);
    if (format) { /* another program: no checksum of texts */
        hid_t type = H5Tcopy(H5T_C_S1), one = H5Screate(H5S_SCALAR);
        H5Tset_size(type, strlen(format));
        H5Adelete(f, "almanac_format");
        attr = H5Acreate2(f, "almanac_format", type, one, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(attr, type, format);
        H5Aclose(attr);
        H5Sclose(one);
        H5Tclose(type);
    }
    H5Fclose(f);
}

Test(trace_file, files_that_lack_a_part_are_refused)
{
    struct alm_err e = {0};
    struct alm_trace *t = NULL;
    made_with("/usage/time", STEP, NULL);
    cr_expect(alm_trace_open("t.h5", &t, &e) == ALM_EDATA && strstr(e.text, "/usage/time is missing"), "%s", e.text);
    made_with("/units/code", STEP, NULL);
    cr_expect(alm_trace_open("t.h5", &t, &e) == ALM_EDATA && strstr(e.text, "/units/code is missing"), "%s", e.text);
    made_with(NULL, 0, NULL);
    cr_expect(alm_trace_open("t.h5", &t, &e) == ALM_EDATA && strstr(e.text, "interval_ns"), "%s", e.text);
    made_with(NULL, STEP, "trace/2");
    cr_expect(alm_trace_open("t.h5", &t, &e) == ALM_EDATA && strstr(e.text, "trace/2"), "%s", e.text);
    made_with(NULL, STEP, "run/1");
    cr_expect(alm_trace_open("t.h5", &t, &e) == ALM_EDATA && strstr(e.text, "'trace/*' is needed"), "%s", e.text);
    made_with("/usage/cpu", STEP, NULL); /* a resource may be absent */
    GOOD(alm_trace_open("t.h5", &t, &e));
    cr_expect_eq(alm_trace_demand(t)->resources, ALM_BIT(ALM_MEMORY));
    alm_trace_close(t);
}

Test(trace_file, reasons_beyond_the_table_are_still_counted)
{
    static const char *const word[20] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
                                         "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"};
    struct alm_trace_report r = {0};
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 20; i++)
            alm_report_note(&r, i % 2 == 0, word[i], "place %d", i);
    uint64_t sum = 0;
    for (size_t i = 0; i < r.reasons; i++)
        sum += r.reason[i].count;
    cr_expect_eq(r.reasons, ALM_REPORT_REASONS);
    cr_expect_eq(sum, 40);
    cr_expect_eq(alm_report_dropped(&r), 20);
    cr_expect_str_eq(r.reason[0].where, "place 0");
}

/* An importer of our own: each file holds "unit cpu" lines at steps of a minute. */
static int tiny_run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink,
                    struct alm_err *e)
{
    (void)opt;
    for (size_t i = 0; i < count; i++) {
        FILE *f = fopen(path[i], "r");
        char name[32];
        double cpu;
        for (int k = 1; f && fscanf(f, "%31s %lf", name, &cpu) == 2; k++) {
            sink->report->read++;
            row(sink, unit(sink, name), k * ALM_MINUTE, cpu, (double)NAN);
        }
        sink->report->files += f != NULL;
        if (!f || fclose(f) != 0)
            return alm_fail(e, ALM_EDATA, "%s: cannot be read", path[i]);
    }
    return 0;
}

static const struct alm_importer_ops tiny = {
    .head =
        {.abi = ALM_ABI, .size = sizeof tiny, .kind = ALM_IMPORTER, .name = "tiny", .summary = "lines of unit and cpu"},
    .run = tiny_run,
};

Test(trace_file, an_importer_fills_a_file_through_the_sink)
{
    struct alm_err e = {0};
    FILE *f = fopen("a", "w");
    fputs("x 1\nx 2\ny 3\n", f);
    fclose(f);
    const char *const path[] = {"a"}, *const absent[] = {"b"};
    struct alm_trace_writer *w = writer("t.h5", 0);
    GOOD(tiny.run(NULL, path, 1, alm_trace_writer_sink(w), &e));
    commit(w);
    cr_expect_eq(alm_trace_writer_summary(w)->rows, 3);
    cr_expect_eq(alm_trace_writer_sink(w)->report->read, 3);
    cr_expect_eq(alm_trace_writer_summary(w)->resources, ALM_BIT(ALM_CPU));
    alm_trace_writer_close(w);
    w = writer("u.h5", 0);
    cr_expect_eq(tiny.run(NULL, absent, 1, alm_trace_writer_sink(w), &e), ALM_EDATA);
    alm_trace_writer_close(w);
    cr_expect_eq(scratch_files(), 2);
}
