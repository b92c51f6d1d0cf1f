/* SPDX-License-Identifier: GPL-3.0-or-later
 * gcd: the Google 2011 trace made into series of virtual machines: one file per job and day, cpu % and memory %.
 *
 * Meaning.  Line k, counted from 0, of vm_JOB_DAY is at k x interval of that day. Days count from 1; the first begins at
 *           time 0. Both columns are percent of a machine that the options describe.
 * Choice.   The days of a job are one unit, vm_JOB, in time order: longer series are worth more. days=apart makes each file
 *           a unit of its own that begins at time 0.
 * Limits.   A missing or dropped line still takes its place in time. A day has as many lines as fit into it.
 * Source.   Nguyen, Di Francesco, Yla-Jaaski, Virtual machine consolidation with multiple usage prediction, IEEE TSC;
 *           google/cluster-data, ClusterData2011_2. */
#include "almanac/importer.h"
#include "text/dataset.h"
#include "text/rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct alm_rows_options rows;
    alm_time interval;
    double cores;
    int64_t memory;
    int days;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt options[] = {
    {"cores", ALM_OPT_CORES, AT(cores), "1", 1e-3, 1e6, NULL, "what 100 percent of cpu stand for"},
    {"memory_capacity", ALM_OPT_BYTES, AT(memory), "1Gi", 1, 1e15, NULL, "what 100 percent of memory stand for"},
    {"interval", ALM_OPT_DURATION, AT(interval), "5m", 1, 86400e9, NULL, "between lines"},
    {"days", ALM_OPT_CHOICE, AT(days), "join", 0, 0, "join|apart",
     "join: the days of a job are one unit; apart: each file is a unit that begins at 0"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { DAYS_JOIN, DAYS_APART };
enum { CPU, MEMORY };

static const struct alm_cell_spec cells[] = {
    [CPU] = {"cpu %", 1, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 10000},
    [MEMORY] = {"memory %", 2, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 10000},
    {0},
};
static const struct alm_rows_format format = {
    .what = "a series of the GCD set (two columns)", .separator = ' ', .cell = cells};

struct gcd {
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_batch *batch;
};

/* vm_JOB_DAY: the unit is vm_JOB, and DAY from 1 tells when it starts. */
static int place_file(const struct gcd *g, const char *path, struct alm_field *name, alm_time *start, struct alm_err *e)
{
    *name = (struct alm_field){alm_dataset_name(path), strlen(alm_dataset_name(path))};
    *start = 0;
    if (g->opt->days == DAYS_APART)
        return ALM_OK;
    const char *bar = strrchr(name->at, '_');
    size_t digits = bar ? strspn(bar + 1, "0123456789") : 0;
    long day = digits > 0 && digits <= 4 ? strtol(bar + 1, NULL, 10) : 0;
    if (strncmp(name->at, "vm_", 3) != 0 || bar == name->at + 2 || day < 1 ||
        (bar[1 + digits] && bar[1 + digits] != '.'))
        return alm_fail(e, ALM_EDATA, "%s: not named vm_JOB_DAY, with DAY from 1; days=apart takes any name", path);
    name->size = (size_t)(bar - name->at);
    *start = (day - 1) * ALM_DAY;
    return ALM_OK;
}

static int read_lines(struct gcd *g, struct alm_rows *r, struct alm_err *e)
{
    const struct alm_cell *cell;
    struct alm_unit_about about = {.cores = g->opt->cores, .memory = (double)g->opt->memory};
    alm_time start;
    uint32_t unit;
    ALM_TRY(place_file(g, alm_rows_path(r), &about.name, &start, e));
    for (;;) {
        int code = alm_rows_next(r, &cell, e);
        if (code != ALM_OK)
            return code < 0 ? code : alm_batch_flush(g->batch, e);
        struct alm_trace_row row = {.value = {NAN, NAN, NAN, NAN, NAN, NAN}};
        uint64_t line = alm_rows_row(r) - 1;
        if (line >= (uint64_t)(ALM_DAY / g->opt->interval) && g->opt->days == DAYS_JOIN)
            return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": a day has no so many intervals; interval= or days=apart",
                            alm_rows_path(r), alm_rows_row(r));
        if (__builtin_mul_overflow((alm_time)line, g->opt->interval, &row.at) ||
            __builtin_add_overflow(row.at, start, &row.at))
            return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": so many lines pass the year 2261", alm_rows_path(r),
                            alm_rows_row(r));
        code = alm_rows_about(r, g->batch, &about, &unit, e);
        if (code != ALM_OK)
            return code;
        row.value[ALM_CPU] = cell[CPU].number / 100 * about.cores;
        row.value[ALM_MEMORY] = cell[MEMORY].number / 100 * about.memory;
        ALM_TRY(alm_batch_add(g->batch, unit, &row, e));
    }
}

static int read_file(void *ctx, const char *path, struct alm_err *e)
{
    struct gcd *g = ctx;
    struct alm_rows *r;
    ALM_TRY(alm_rows_open(&g->job, path, &format, &r, e));
    int code = read_lines(g, r, e);
    alm_rows_close(r);
    return code;
}

static const struct alm_dataset_table tables[] = {
    {.what = "a series of two columns", .columns = 2, .read = read_file},
    {0},
};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"the GCD set", ' ', false, tables};
    struct gcd g = {.opt = opt};
    char text[160];
    g.job = alm_rows_start(&g.opt->rows, sink, path, count);
    snprintf(text, sizeof text, "100 percent are %g cores and %g GiB (cores=, memory_capacity=).", g.opt->cores,
             (double)g.opt->memory / 0x1p30);
    alm_report_assume(sink->report, text);
    ALM_TRY(sink->interval(sink, g.opt->interval, e));
    ALM_TRY(alm_batch_open(sink, &g.batch, e));
    int code = alm_dataset_read(&set, &g, sink, path, count, NULL, e);
    alm_batch_close(g.batch);
    return code;
}

const struct alm_importer_ops alm_importer_gcd = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "gcd",
             .summary = "Google 2011 jobs as series of machines: vm_JOB_DAY, cpu % and memory %",
             .source = "Nguyen, Di Francesco, Yla-Jaaski, IEEE TSC; ClusterData2011_2",
             .opts = options,
             .opt_size = sizeof(struct options)},
    .run = run,
};
