/* SPDX-License-Identifier: GPL-3.0-or-later
 * azure-functions-2021: one row a call: application, function, end, duration.
 *
 * Meaning.  arrival = end - duration, since the start is what a platform sees first; queueing before it was not recorded.
 *           A function is a unit, named as by azure-functions-2019. work = duration x cpu_share and parallelism =
 *           cpu_share, since no CPU time was recorded. Time 0 is the beginning of the trace, 2021-01-31 00:00 UTC.
 * Limits.   No memory, no trigger. The published file lies in a RAR archive: unpack it first.
 * Source.   Zhang et al., Faster and Cheaper Serverless Computing on Harvested Resources, SOSP 2021; github
 *           Azure/AzurePublicDataset. */
#include "almanac/importer.h"
#include "formats/azure_names.h"
#include "formats/invocation_inputs.h"
#include "text/dataset.h"

#include <math.h>
#include <stdio.h>

struct options {
    struct alm_rows_options rows;
    double cpu_share;
};

static const struct alm_opt rows[] = {
    {"cpu_share", ALM_OPT_CORES, offsetof(struct options, cpu_share), "1", 0.001, 1000, NULL,
     "cores that a call uses while it runs, as CPU time was not recorded"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { APP, FUNCTION, END, DURATION };

static const struct alm_cell_spec cells[] = {
    [APP] = {.name = "app", .flags = ALM_CELL_NEEDED},
    [FUNCTION] = {.name = "func", .flags = ALM_CELL_NEEDED},
    [END] = {.name = "end_timestamp", .type = ALM_CELL_TIME, .flags = ALM_CELL_NEEDED},
    [DURATION] = {.name = "duration", .type = ALM_CELL_NUMBER, .flags = ALM_CELL_NEEDED, .max = 1e8},
    {0},
};

static const struct alm_rows_format format = {
    .what = "a table of the Azure Functions 2021 trace",
    .separator = ',',
    .header = true,
    .time = ALM_TIME_S,
    .cell = cells,
};

struct import {
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_inputs inputs;
};

static int take_row(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct import *m = ctx;
    char name[ALM_AZURE_NAME];
    struct alm_unit_about about = alm_azure_unit(&cell[APP].text, &cell[FUNCTION].text, name);
    uint32_t unit;
    alm_time arrival;
    double duration = cell[DURATION].number;
    if (__builtin_sub_overflow(cell[END].time, (alm_time)llround(duration * 1e9), &arrival) || arrival == ALM_TIME_NONE)
        return alm_rows_bad(r, "the call began before times can be counted", END, e);
    int code = alm_rows_about(r, m->batch, &about, &unit, e);
    if (code != ALM_OK)
        return code;
    struct alm_invocation i = alm_invocation_at(arrival, unit);
    i.value[ALM_INV_DURATION] = duration;
    i.value[ALM_INV_WORK] = duration * m->opt->cpu_share;
    i.value[ALM_INV_PARALLELISM] = m->opt->cpu_share;
    return alm_inputs_send(&m->inputs, &i, e);
}

static int read_calls(void *ctx, const char *path, struct alm_err *e)
{
    struct import *m = ctx;
    return alm_dataset_each(&m->job, path, &format, take_row, m, e);
}

static bool is_calls(const struct alm_header *first)
{
    return alm_header_find(first, "end_timestamp") >= 0;
}

static const struct alm_dataset_table tables[] = {
    {.what = "the calls (app, func, end_timestamp, duration)", .is = is_calls, .read = read_calls},
    {0},
};

static const struct alm_dataset set = {.what = "the Azure Functions 2021 trace", .separator = ',', .table = tables};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct import m = {.opt = opt};
    char text[128];
    m.job = alm_rows_start(&m.opt->rows, sink, path, count);
    snprintf(text, sizeof text, "CPU time was not recorded: work is duration x %g cores (cpu_share=).",
             m.opt->cpu_share);
    alm_report_assume(sink->report, text);
    ALM_TRY(alm_inputs_declare(&m.inputs, sink, NULL, 0, e));
    ALM_TRY(alm_batch_open(sink, &m.batch, e));
    int code = alm_dataset_read(&set, &m, sink, path, count, NULL, e);
    alm_batch_close(m.batch);
    return code;
}

const struct alm_importer_ops alm_importer_azure_functions_2021 = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "azure-functions-2021",
             .summary = "Azure Functions 2021: end and duration of each call",
             .source = "Zhang et al., SOSP 2021",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
