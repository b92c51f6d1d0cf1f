/* SPDX-License-Identifier: GPL-3.0-or-later
 * google-2011: the Google cluster trace of May 2011: usage of tasks, and what they asked for.
 *
 * Meaning.  A unit is a task, named job/index; its code is the job, whose tasks run one binary. A row of task_usage is
 *           usage over (start, end]: cpu is the mean rate, memory the maximum (or the canonical mean). Requests in
 *           task_events are the cores and memory of the unit; the last that is not missing counts.
 * Choice.   All amounts are scaled to the largest machine, which nobody outside knows: cores= and memory_capacity= say
 *           what it is taken for, and the report repeats it. Times of 0 and 2^63-1 mean before and after the trace: rows
 *           of usage that end at such a time are dropped and counted. A rate above ten whole machines is a fault of the
 *           meter: it becomes missing.
 * Limits.   Disk time is a share of a disk, not bytes: not read. Of several rows of one task that end at one time the
 *           first is kept. The trace itself begins at 600 s.
 * Source.   Reiss, Wilkes, Hellerstein, Google cluster-usage traces: format + schema, version 2.1, 2014. */
#include "almanac/importer.h"
#include "formats/shares.h"
#include "text/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct options {
    struct alm_rows_options rows;
    double cores;
    int64_t memory;
    alm_time interval;
    int peak;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt options[] = {
    {"cores", ALM_OPT_CORES, AT(cores), "32", 1e-3, 1e6, NULL, "of the largest machine, to which cpu is scaled"},
    {"memory_capacity", ALM_OPT_BYTES, AT(memory), "64Gi", 1, 1e15, NULL,
     "of the largest machine, to which memory is scaled"},
    {"memory", ALM_OPT_CHOICE, AT(peak), "maximum", 0, 0, "maximum|canonical",
     "which memory is the usage: the maximum of the interval, or its mean"},
    {"interval", ALM_OPT_DURATION, AT(interval), "5m", 1, 31536000e9, NULL, "that a row usually covers"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

#define TIME ALM_CELL_NUMBER, ALM_CELL_NEEDED, 0, 1e19
#define NAME ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0
#define SHARE ALM_CELL_NUMBER, ALM_CELL_EXPECTED | ALM_CELL_ABNORMAL, 0, 10

enum { START, END, JOB, TASK, CPU, CANONICAL, MAXIMUM };
static const struct alm_cell_spec usage_cells[] = {
    [START] = {"start_time", 1, TIME},
    [END] = {"end_time", 2, TIME},
    [JOB] = {"job_id", 3, NAME},
    [TASK] = {"task_index", 4, NAME},
    [CPU] = {"cpu_rate", 6, SHARE},
    [CANONICAL] = {"canonical_memory_usage", 7, SHARE},
    [MAXIMUM] = {"max_memory_usage", 11, SHARE},
    {0},
};
static const struct alm_rows_format usage_format = {
    .what = "a task_usage table of the Google 2011 trace", .separator = ',', .cell = usage_cells};

enum { EVENT_JOB, EVENT_TASK, CPU_REQUEST, MEMORY_REQUEST };
static const struct alm_cell_spec event_cells[] = {
    [EVENT_JOB] = {"job_id", 3, NAME},
    [EVENT_TASK] = {"task_index", 4, NAME},
    [CPU_REQUEST] = {"cpu_request", 10, SHARE},
    [MEMORY_REQUEST] = {"memory_request", 11, SHARE},
    {0},
};
static const struct alm_rows_format event_format = {
    .what = "a task_events table of the Google 2011 trace", .separator = ',', .cell = event_cells};

struct google {
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_shares *shares;
    char name[ALM_DATASET_JOINED];
};

/* A request of 0 asks for nothing that is known. */
static double amount(const struct alm_cell *c, double scale)
{
    return c->number > 0 ? c->number * scale : (double)NAN;
}

static int take_event(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct google *g = ctx;
    (void)r;
    const struct alm_unit_about about = {.name =
                                             alm_dataset_join(&cell[EVENT_JOB].text, &cell[EVENT_TASK].text, g->name),
                                         .cores = amount(&cell[CPU_REQUEST], g->opt->cores),
                                         .memory = amount(&cell[MEMORY_REQUEST], (double)g->opt->memory)};
    return isnan(about.cores) && isnan(about.memory) ? ALM_OK : alm_shares_put(g->shares, &about, e);
}

/* Microseconds as written, which doubles hold exactly as long as they can be a time. */
static const char *take_time(const struct alm_cell *c, alm_time *out)
{
    if (c->number > 9e15)
        return c->number > 9.2e18 ? "a special time: after the end of the trace" : "not a time of the trace";
    *out = (alm_time)c->number * ALM_US;
    return NULL;
}

static int take_usage(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct google *g = ctx;
    struct alm_trace_row row = {.value = {NAN, NAN, NAN, NAN, NAN, NAN}};
    struct alm_unit_about about = {.name = alm_dataset_join(&cell[JOB].text, &cell[TASK].text, g->name),
                                   .cores = (double)NAN,
                                   .memory = (double)NAN};
    alm_time start;
    uint32_t unit;
    const char *why = take_time(&cell[END], &row.at);
    if (!why)
        why = take_time(&cell[START], &start);
    if (!why && row.at == 0)
        why = "a special time: before the begin of the trace";
    if (why) {
        alm_rows_note(r, true, why);
        return ALM_OK;
    }
    if (start >= row.at)
        return alm_rows_bad(r, "not after the start", END, e);
    bool peak = g->opt->peak == 0 && !cell[MAXIMUM].missing;
    if (g->opt->peak == 0 && !peak && !cell[CANONICAL].missing)
        alm_rows_note(r, false, "maximum of memory missing: canonical memory taken");
    row.value[ALM_CPU] = cell[CPU].number * g->opt->cores;
    row.value[ALM_MEMORY] = cell[peak ? MAXIMUM : CANONICAL].number * (double)g->opt->memory;
    about.code = cell[JOB].text;
    alm_shares_fill(g->shares, &about);
    int code = alm_shares_unit(g->shares, r, &about, &unit, e);
    return code == ALM_OK ? alm_shares_add(g->shares, unit, &row, e) : code;
}

static int read_usage(void *ctx, const char *path, struct alm_err *e)
{
    struct google *g = ctx;
    ALM_TRY(alm_dataset_each(&g->job, path, &usage_format, take_usage, g, e));
    return alm_shares_flush(g->shares, e);
}

static int read_events(void *ctx, const char *path, struct alm_err *e)
{
    struct google *g = ctx;
    return alm_dataset_each(&g->job, path, &event_format, take_event, g, e);
}

static const struct alm_dataset_table tables[] = {
    {.what = "task_events (13 columns)", .columns = 13, .read = read_events, .about = true},
    {.what = "task_usage (19 or 20 columns)", .columns = 19, .columns_most = 20, .read = read_usage},
    {.what = "job_events (8 columns)", .columns = 8},
    {.what = "machine_events or task_constraints (6 columns)", .columns = 6},
    {.what = "machine_attributes (5 columns)", .columns = 5},
    {0},
};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"the Google 2011 trace", ',', false, tables};
    struct google g = {.opt = opt};
    char text[160];
    g.job = alm_rows_start(&g.opt->rows, sink, path, count);
    snprintf(text, sizeof text,
             "The largest machine, to which all is scaled, has %g cores and %g GiB (cores=, memory_capacity=).",
             g.opt->cores, (double)g.opt->memory / 0x1p30);
    alm_report_assume(sink->report, text);
    ALM_TRY(sink->interval(sink, g.opt->interval, e));
    ALM_TRY(alm_shares_open(sink, &g.shares, e));
    int code = alm_dataset_read(&set, &g, sink, path, count, NULL, e);
    alm_shares_close(g.shares);
    return code;
}

const struct alm_importer_ops alm_importer_google_2011 = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "google-2011",
             .summary = "Google cluster trace 2011: task_usage, with the requests of task_events",
             .source = "Reiss, Wilkes, Hellerstein, format + schema, 2014",
             .opts = options,
             .opt_size = sizeof(struct options)},
    .run = run,
};
