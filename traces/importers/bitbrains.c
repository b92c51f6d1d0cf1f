/* SPDX-License-Identifier: GPL-3.0-or-later
 * bitbrains: GWA-T-12, business-critical machines: one file per machine, all resources.
 *
 * Meaning.  cpu = CPU cores x usage MHz / capacity MHz; where the capacity is 0, usage % x cores / 100. memory = usage
 *           KB x 1024 (active memory). Disk and network rates KB/s x 1024 x interval are bytes per interval. The unit
 *           is named after the file; its cores and memory are the last capacities that are not zero.
 * Choice.   Columns are found by name. "Timestamp [ms]" holds seconds in the published files; which it is, is told by
 *           the magnitude of the first stamp of a file, and reported. Usage above capacity is kept: it is what was
 *           measured.
 * Limits.   Files of one name (the same machine in two months) are one unit, which the report says: import fastStorage and
 *           Rnd apart, since they number their machines anew.
 * Source.   Shen, van Beek, Iosup, Statistical characterization of business-critical workloads, CCGrid 2015; Grid
 *           Workloads Archive, GWA-T-12. */
#include "almanac/importer.h"
#include "almanac/option.h"
#include "formats/gwa.h"
#include "text/dataset.h"

#include <math.h>
#include <string.h>

struct options {
    alm_time interval;
    int timestamp;
    struct alm_rows_options rows;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"interval", ALM_OPT_DURATION, AT(interval), "5m", 1, 31536000e9, NULL, "that a row covers"},
    {"timestamp", ALM_OPT_CHOICE, AT(timestamp), "auto", 0, 0, "auto|s|ms", "unit of the time stamps"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { STAMP_AUTO, STAMP_S, STAMP_MS };

static const struct alm_cell_spec cells[] = {
    [ALM_GWA_STAMP] = {"Timestamp [ms]", 0, ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0},
    ALM_GWA_CELLS,
};

static const struct alm_rows_format format = {
    .what = "a file of GWA-T-12", .separator = ';', .header = true, .cell = cells};

/* One file, which is one machine. */
struct machine {
    struct alm_rows *rows;
    struct alm_batch *batch;
    struct alm_trace_report *report;
    int stamp; /* STAMP_AUTO until its first row */
    struct alm_gwa_machine gwa;
};

/* ALM_END: the row was dropped. */
static int take_stamp(struct machine *m, const struct alm_cell *c, alm_time *out, struct alm_err *e)
{
    double v;
    if (m->stamp == STAMP_AUTO && alm_number_parse(c->text.at, c->text.size, '.', &v) == ALM_NUMBER_OK) {
        m->stamp = v < 1e11 ? STAMP_S : STAMP_MS;
        if (m->stamp == STAMP_S)
            alm_report_assume(m->report, "`Timestamp [ms]` holds seconds, told by its magnitude (timestamp=).");
    }
    enum alm_time_format unit = m->stamp == STAMP_S ? ALM_TIME_S : ALM_TIME_MS;
    if (alm_instant_parse(c->text.at, c->text.size, unit, '.', out) == ALM_NUMBER_OK)
        return ALM_OK;
    ALM_TRY(alm_rows_bad(m->rows, "not a time stamp", ALM_GWA_STAMP, e));
    return ALM_END;
}

static int read_machine(struct machine *m, struct alm_err *e)
{
    char name[ALM_FILE_NAME];
    const struct alm_cell *cell;
    struct alm_trace_row row;
    uint32_t unit = 0;
    bool known = false;
    int code;
    alm_file_unit(alm_rows_path(m->rows), true, name);
    const struct alm_field field = {name, strlen(name)};
    while ((code = alm_rows_next(m->rows, &cell, e)) == ALM_OK) {
        code = known ? ALM_OK : alm_rows_unit(m->rows, m->batch, &field, &unit, e);
        ALM_TRY(code);
        if (code == ALM_END)
            continue;
        known = true;
        code = take_stamp(m, &cell[ALM_GWA_STAMP], &row.at, e);
        ALM_TRY(code);
        alm_gwa_take(&m->gwa, cell, &row);
        if (code == ALM_OK)
            ALM_TRY(alm_batch_add(m->batch, unit, &row, e));
    }
    ALM_TRY(code);
    ALM_TRY(alm_batch_flush(m->batch, e));
    return known ? alm_batch_capacity(m->batch, name, strlen(name), m->gwa.cores, m->gwa.memory, e) : ALM_OK;
}

static int read_file(struct machine m, struct alm_rows_job *job, const char *path, struct alm_err *e)
{
    ALM_TRY(alm_rows_open(job, path, &format, &m.rows, e));
    int code = read_machine(&m, e);
    alm_rows_close(m.rows);
    return code;
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct alm_rows_job job = alm_rows_start(&o->rows, sink, path, count);
    struct machine m = {.report = sink->report, .stamp = o->timestamp, .gwa = {o->interval, (double)NAN, (double)NAN}};
    if (alm_dataset_folders(path, count))
        alm_report_assume(sink->report, "Files of one name in several folders are of one machine.");
    ALM_TRY(sink->interval(sink, o->interval, e));
    int code = alm_batch_open(sink, &m.batch, e);
    for (size_t i = 0; i < count && code >= 0; i++)
        code = read_file(m, &job, path[i], e);
    alm_batch_close(m.batch);
    return code < 0 ? code : alm_rows_any(&job, path, count, e);
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
