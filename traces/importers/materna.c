/* SPDX-License-Identifier: GPL-3.0-or-later
 * materna: GWA-T-13, machines of a service provider: one file per machine, all resources.
 *
 * Meaning.  cpu = CPU cores x usage MHz / capacity MHz; where the capacity is 0 or missing, usage % x cores / 100.
 *           memory = usage KB x 1024, else % of the capacity. Disk and network rates KB/s x 1024 x interval are bytes per
 *           interval. Cores and memory of a unit are the last capacities that are not zero.
 * Choice.   Columns are found by name. The three traces number their machines anew, so with files of several folders a
 *           unit is named FOLDER/FILE; within one folder it is the file's name alone (units=).
 * Limits.   The times have no zone: they are read as UTC, so a clock change shows as an hour twice or not at all.
 * Source.   Grid Workloads Archive, GWA-T-13. */
#include "almanac/importer.h"
#include "formats/gwa.h"
#include "text/dataset.h"
#include "text/rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct options {
    struct alm_rows_options rows;
    alm_time interval;
    int units;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt options[] = {
    {"interval", ALM_OPT_DURATION, AT(interval), "5m", 1, 31536000e9, NULL, "that a row covers"},
    {"units", ALM_OPT_CHOICE, AT(units), "auto", 0, 0, "auto|file|folder",
     "named after the file, or FOLDER/FILE; auto: the latter with files of several folders"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { UNITS_AUTO, UNITS_FILE, UNITS_FOLDER };

static const struct alm_cell_spec cells[] = {
    [ALM_GWA_STAMP] = {"Timestamp", 0, ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0},
    ALM_GWA_CELLS,
};

static const struct alm_rows_format format = {
    .what = "a machine of GWA-T-13 (Materna)",
    .separator = ';',
    .quotes = true,
    .header = true,
    .decimal = ',',
    .time = ALM_TIME_DMY,
    .cell = cells,
};

struct materna {
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_batch *batch;
    bool folders;
};

/* The part of PATH that names its unit, without ".csv" and what follows it. */
static struct alm_field unit_name(const struct materna *m, const char *path)
{
    const char *file = alm_dataset_name(path), *at = file, *dot = strstr(file, ".csv");
    if (m->folders && file > path)
        for (at = file - 1; at > path && at[-1] != '/'; at--)
            ;
    return (struct alm_field){at, dot && dot > file ? (size_t)(dot - at) : strlen(at)};
}

static int read_rows(struct materna *m, struct alm_rows *r, struct alm_err *e)
{
    const struct alm_field name = unit_name(m, alm_rows_path(r));
    struct alm_gwa_machine gwa = {m->opt->interval, (double)NAN, (double)NAN};
    const struct alm_cell *cell;
    uint32_t unit;
    int code = alm_rows_next(r, &cell, e);
    if (code != ALM_OK)
        return code;
    code = alm_rows_unit(r, m->batch, &name, &unit, e);
    if (code != ALM_OK)
        return code;
    while (code == ALM_OK) {
        struct alm_trace_row row;
        row.at = cell[ALM_GWA_STAMP].time;
        alm_gwa_take(&gwa, cell, &row);
        ALM_TRY(alm_batch_add(m->batch, unit, &row, e));
        code = alm_rows_next(r, &cell, e);
        ALM_TRY(code);
    }
    ALM_TRY(alm_batch_flush(m->batch, e));
    return alm_batch_capacity(m->batch, name.at, name.size, gwa.cores, gwa.memory, e);
}

static int read_file(void *ctx, const char *path, struct alm_err *e)
{
    struct materna *m = ctx;
    struct alm_rows *r;
    ALM_TRY(alm_rows_open(&m->job, path, &format, &r, e));
    int code = read_rows(m, r, e);
    alm_rows_close(r);
    return code;
}

static const struct alm_dataset_table tables[] = {
    {.what = "a table of a machine (header `Timestamp`;`CPU cores`;...)", .read = read_file},
    {0},
};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"GWA-T-13 (Materna)", ';', true, tables};
    struct materna m = {.opt = opt};
    m.job = alm_rows_start(&m.opt->rows, sink, path, count);
    m.folders = m.opt->units == UNITS_FOLDER || (m.opt->units == UNITS_AUTO && alm_dataset_folders(path, count));
    ALM_TRY(sink->interval(sink, m.opt->interval, e));
    ALM_TRY(alm_batch_open(sink, &m.batch, e));
    alm_report_assume(sink->report, "Times, which have no zone, are UTC.");
    int code = alm_dataset_read(&set, &m, sink, path, count, NULL, e);
    alm_batch_close(m.batch);
    return code;
}

const struct alm_importer_ops alm_importer_materna = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "materna",
             .summary = "GWA-T-13 (Materna): one file a machine, all resources",
             .source = "Grid Workloads Archive, GWA-T-13",
             .opts = options,
             .opt_size = sizeof(struct options)},
    .run = run,
};
