/* SPDX-License-Identifier: GPL-3.0-or-later
 * bitbrains: GWA-T-12, business-critical machines: one file per machine, all resources.
 *
 * Meaning.  cpu = CPU cores x usage MHz / capacity MHz; where the capacity is 0, usage % x cores / 100. memory = usage
 *           KB x 1024 (active memory). Disk and network rates KB/s x 1024 x interval are bytes per interval. The unit
 *           is named after the file; its cores and memory are the last capacities that are not zero.
 * Choice.   Columns are found by name. "Timestamp [ms]" holds seconds in the published files; which it is, is told by
 *           the magnitude of the first stamp of a file, and reported. Usage above capacity is kept: it is what was
 *           measured.
 * Limits.   Files of one name (the same machine in two months) are one unit.
 * Source.   Shen, van Beek, Iosup, Statistical characterization of business-critical workloads, CCGrid 2015; Grid
 *           Workloads Archive, GWA-T-12. */
#include "almanac/importer.h"
#include "almanac/option.h"
#include "delimited.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct options {
    alm_time interval;
    char missing[ALM_OPT_STRING];
    int timestamp, bad;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"interval", ALM_OPT_DURATION, AT(interval), "5m", 1, 31536000e9, NULL, "that a row covers"},
    {"timestamp", ALM_OPT_CHOICE, AT(timestamp), "auto", 0, 0, "auto|s|ms", "unit of the time stamps"},
    {"missing", ALM_OPT_TEXT, AT(missing), "-/NaN/nan/null/NA", 0, 0, NULL, "words that mean a missing value, a/b/c"},
    {"bad", ALM_OPT_CHOICE, AT(bad), "error", 0, 0, "error|drop", "what to do with a row that cannot be read"},
    {0},
};

enum {
    STAMP,
    CORES,
    CPU_CAPACITY,
    CPU_MHZ,
    CPU_PERCENT,
    MEMORY_CAPACITY,
    MEMORY,
    DISK_READ,
    DISK_WRITE,
    NET_RX,
    NET_TX,
    COLUMNS
};
enum { STAMP_AUTO, STAMP_S, STAMP_MS };

static const char *const names[COLUMNS] = {
    "Timestamp [ms]",
    "CPU cores",
    "CPU capacity provisioned [MHZ]",
    "CPU usage [MHZ]",
    "CPU usage [%]",
    "Memory capacity provisioned [KB]",
    "Memory usage [KB]",
    "Disk read throughput [KB/s]",
    "Disk write throughput [KB/s]",
    "Network received throughput [KB/s]",
    "Network transmitted throughput [KB/s]",
};

struct bitbrains {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_batch *batch;
    struct alm_missing missing;
    struct alm_reading reading;
    struct alm_delimited *d;
    size_t index[COLUMNS], least;
    int stamp; /* of this file: STAMP_S, STAMP_MS; STAMP_AUTO until its first row */
    double cores, memory;
};

static int find_columns(struct bitbrains *b, const struct alm_field *field, size_t count, struct alm_err *e)
{
    struct alm_header header;
    ALM_TRY(alm_header_copy(field, count, &header, e));
    int code = ALM_OK;
    b->least = 0;
    for (size_t i = 0; i < COLUMNS && code >= 0; i++) {
        char list[320];
        long at = alm_header_find(&header, names[i]);
        if (at < 0)
            code =
                alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": no column `%s`; the header has %s; is this a file of GWA-T-12?",
                         alm_delimited_path(b->d), alm_delimited_row(b->d), names[i],
                         alm_header_list(&header, list, sizeof list));
        b->index[i] = (size_t)at;
        b->least = at >= 0 && b->least <= (size_t)at ? (size_t)at + 1 : b->least;
    }
    alm_header_free(&header);
    return code;
}

/* A row that cannot be read: an error, or noted and ALM_END. */
static int bad(struct bitbrains *b, const char *why, const char *column, const struct alm_field *f, struct alm_err *e)
{
    char word[ALM_EXCERPT];
    if (b->opt->bad) {
        alm_report_note(b->sink->report, true, why, "%s:%" PRIu64, alm_delimited_path(b->d), alm_delimited_row(b->d));
        return ALM_END;
    }
    return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": column `%s`: %s: %s; use bad=drop to go on without such rows",
                    alm_delimited_path(b->d), alm_delimited_row(b->d), column, alm_excerpt(f->at, f->size, word), why);
}

static int take_stamp(struct bitbrains *b, const struct alm_field *f, alm_time *out, struct alm_err *e)
{
    if (b->stamp == STAMP_AUTO) {
        double v;
        if (alm_number_parse(f->at, f->size, '.', &v) != ALM_NUMBER_OK)
            return bad(b, "not a time stamp", names[STAMP], f, e);
        b->stamp = v < 1e11 ? STAMP_S : STAMP_MS;
        if (b->stamp == STAMP_S)
            alm_report_assume(b->sink->report, "`Timestamp [ms]` holds seconds, told by its magnitude (timestamp=).");
    }
    if (alm_instant_parse(f->at, f->size, b->stamp == STAMP_S ? ALM_TIME_S : ALM_TIME_MS, '.', out) != ALM_NUMBER_OK)
        return bad(b, "not a time stamp", names[STAMP], f, e);
    return ALM_OK;
}

static int take_numbers(struct bitbrains *b, const struct alm_field *field, double v[COLUMNS], struct alm_err *e)
{
    for (size_t i = CORES; i < COLUMNS; i++) {
        const struct alm_field *f = &field[b->index[i]];
        v[i] = NAN;
        if (alm_missing_is(&b->missing, f->at, f->size))
            continue;
        enum alm_number status = alm_number_parse(f->at, f->size, '.', &v[i]);
        if (status == ALM_NUMBER_NONE)
            return bad(b, "not a number", names[i], f, e);
        if (status == ALM_NUMBER_LARGE || v[i] > 1e12)
            return bad(b, "too large to be believed", names[i], f, e);
        if (alm_missing_number(&b->missing, v[i]))
            v[i] = NAN;
        else if (v[i] < 0)
            return bad(b, "negative", names[i], f, e);
    }
    return ALM_OK;
}

static void convert(struct bitbrains *b, const double v[COLUMNS], struct alm_trace_row *row)
{
    double seconds = alm_seconds(b->opt->interval);
    row->value[ALM_CPU] =
        v[CPU_CAPACITY] > 0 ? v[CORES] * v[CPU_MHZ] / v[CPU_CAPACITY] : v[CPU_PERCENT] * v[CORES] / 100;
    row->value[ALM_MEMORY] = v[MEMORY] * 1024;
    row->value[ALM_IO_READ] = v[DISK_READ] * 1024 * seconds;
    row->value[ALM_IO_WRITE] = v[DISK_WRITE] * 1024 * seconds;
    row->value[ALM_NET_RX] = v[NET_RX] * 1024 * seconds;
    row->value[ALM_NET_TX] = v[NET_TX] * 1024 * seconds;
    if (v[CORES] > 0)
        b->cores = v[CORES];
    if (v[MEMORY_CAPACITY] > 0)
        b->memory = v[MEMORY_CAPACITY] * 1024;
}

static int take_row(struct bitbrains *b, const struct alm_field *field, size_t count, uint32_t unit, struct alm_err *e)
{
    struct alm_trace_row row;
    double v[COLUMNS];
    b->sink->report->read++;
    if (count < b->least)
        return bad(b, "the row ends before its last column", names[NET_TX], &field[count - 1], e);
    int code = take_stamp(b, &field[b->index[STAMP]], &row.at, e);
    if (code == ALM_OK)
        code = take_numbers(b, field, v, e);
    if (code != ALM_OK)
        return code;
    convert(b, v, &row);
    return alm_batch_add(b->batch, unit, &row, e);
}

static int read_records(struct bitbrains *b, const char *path, struct alm_err *e)
{
    const struct alm_field *field;
    size_t count;
    int code = alm_delimited_next(b->d, &field, &count, e);
    ALM_TRY(code);
    if (code == ALM_OK) {
        ALM_TRY(find_columns(b, field, count, e));
        code = alm_delimited_next(b->d, &field, &count, e);
        ALM_TRY(code);
    }
    if (code == ALM_END) {
        alm_report_note(b->sink->report, false, "a file without rows", "%s", path);
        return ALM_OK;
    }
    char name[ALM_FILE_NAME];
    uint32_t unit;
    bool repaired;
    alm_file_unit(path, true, name);
    if (alm_batch_unit(b->batch, name, strlen(name), NAN, NAN, &unit, NULL, &repaired, e) < 0)
        return alm_fail_in(e, "%s", path);
    b->cores = b->memory = NAN;
    b->stamp = b->opt->timestamp;
    for (; code == ALM_OK; code = alm_delimited_next(b->d, &field, &count, e)) {
        ALM_TRY(take_row(b, field, count, unit, e));
        ALM_TRY(alm_reading_step(&b->reading, b->d, e));
    }
    ALM_TRY(code);
    ALM_TRY(alm_batch_flush(b->batch, e));
    return alm_batch_capacity(b->batch, name, strlen(name), b->cores, b->memory, e);
}

static int read_file(struct bitbrains *b, const char *path, struct alm_err *e)
{
    struct alm_delimited_config config = {';', false};
    ALM_TRY(alm_delimited_open(path, &config, &b->d, e));
    int code = read_records(b, path, e);
    alm_reading_next_file(&b->reading, b->d);
    alm_delimited_close(b->d);
    b->sink->report->files++;
    return code;
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct bitbrains b = {.opt = opt, .sink = sink, .reading = alm_reading_start(sink, path, count)};
    ALM_TRY(alm_missing_parse(b.opt->missing, &b.missing, e));
    ALM_TRY(sink->interval(sink, b.opt->interval, e));
    int code = alm_batch_open(sink, &b.batch, e);
    for (size_t i = 0; i < count && code >= 0; i++)
        code = read_file(&b, path[i], e);
    alm_batch_close(b.batch);
    if (code >= 0 && sink->report->read == 0)
        return alm_fail(e, ALM_EDATA, "%s%s: no rows: the file is empty or has only a header", count ? path[0] : "",
                        count > 1 ? " and the others" : "");
    return code < 0 ? code : ALM_OK;
}

const struct alm_importer_ops alm_importer_bitbrains = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "bitbrains",
             .summary = "GWA-T-12 (Bitbrains fastStorage and Rnd): one file a machine",
             .source = "Shen, van Beek, Iosup, CCGrid 2015; GWA-T-12",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
