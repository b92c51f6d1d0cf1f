/* SPDX-License-Identifier: GPL-3.0-or-later
 * gwf: tasks of workflows in the Grid Workload Format: each task an invocation.
 *
 * Meaning.  Arrival = SubmitTime in seconds, from zero; duration = RunTime in seconds; parallelism = NProcs;
 *           cores_requested = ReqNProcs. -1 is not known. Input parameters: requested processors, number of tasks waited for.
 * Choice.   The format does not say what a task runs, so a unit is a workflow, or with unit=file all tasks of a file. CPU
 *           time is not recorded: work is missing, unless work=busy takes every processor as busy for the whole run
 *           time. Which tasks are waited for is not kept, since SubmitTime already follows from it.
 * Limits.   The seven columns of the format with a header; the 29-column logs of the Grid Workloads Archive are another.
 * Source.   Iosup et al., The Grid Workloads Archive, FGCS 2008. */
#include "almanac/importer.h"
#include "formats/invocation_inputs.h"
#include "text/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { UNIT_WORKFLOW, UNIT_FILE };
enum { WORK_NONE, WORK_BUSY };

struct options {
    struct alm_rows_options rows;
    int unit, work;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"unit", ALM_OPT_CHOICE, AT(unit), "workflow", 0, 0, "workflow|file", "what makes a unit"},
    {"work", ALM_OPT_CHOICE, AT(work), "none", 0, 0, "none|busy",
     "CPU work, which is not recorded: missing, or run time x processors"},
    ALM_ROWS_OPTIONS(struct options, "-1/" ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { WORKFLOW, JOB, SUBMIT, RUN, PROCESSORS, ASKED, DEPENDENCIES };

static const struct alm_cell_spec columns[] = {
    [WORKFLOW] = {"WorkflowID", 1, ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0},
    [JOB] = {"JobID", 2, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [SUBMIT] = {"SubmitTime", 3, ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0},
    [RUN] = {"RunTime", 4, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [PROCESSORS] = {"NProcs", 5, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [ASKED] = {"ReqNProcs", 6, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [DEPENDENCIES] = {"Dependencies", 7, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    {0},
};

static const struct alm_rows_format format = {.what = "a table of the Grid Workload Format",
                                              .separator = ',',
                                              .header = true,
                                              .time = ALM_TIME_S,
                                              .cell = columns};

static const struct alm_input inputs[] = {{"processors", "1", false}, {"dependencies", "1", false}};
enum { IN_PROCESSORS, IN_DEPENDENCIES, INPUTS };

struct gwf {
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_rows *r;
    struct alm_inputs inputs;
    char stem[ALM_FILE_NAME];
};

/* The number of job ids, parted by blanks; -1 when there is anything else. */
static double count_jobs(const struct alm_field *f)
{
    double count = 0;
    bool inside = false;
    for (size_t i = 0; i < f->size; i++) {
        char c = f->at[i];
        if (c != ' ' && (c < '0' || c > '9'))
            return -1;
        count += c != ' ' && !inside;
        inside = c != ' ';
    }
    return count;
}

static int take_unit(struct gwf *g, const struct alm_cell *cell, uint32_t *unit, struct alm_err *e)
{
    char name[ALM_FILE_NAME];
    if (g->opt->unit == UNIT_FILE)
        memcpy(name, g->stem, sizeof name);
    else
        snprintf(name, sizeof name, "workflow_%.*s",
                 (int)(cell[WORKFLOW].text.size < 140 ? cell[WORKFLOW].text.size : 140), cell[WORKFLOW].text.at);
    const struct alm_field text = {name, strlen(name)};
    const struct alm_unit_about about = {text, text, (double)NAN, (double)NAN};
    return alm_rows_about(g->r, g->batch, &about, unit, e);
}

static int take_task(struct gwf *g, const struct alm_cell *cell, struct alm_err *e)
{
    uint32_t unit;
    double waited_for = count_jobs(&cell[DEPENDENCIES].text);
    if (cell[SUBMIT].time < 0)
        return alm_rows_bad(g->r, "negative", SUBMIT, e);
    if (!cell[DEPENDENCIES].missing && waited_for < 0)
        return alm_rows_bad(g->r, "not a list of job numbers parted by blanks", DEPENDENCIES, e);
    int code = take_unit(g, cell, &unit, e);
    if (code != ALM_OK)
        return code;
    struct alm_invocation task = alm_invocation_at(cell[SUBMIT].time, unit);
    task.value[ALM_INV_DURATION] = cell[RUN].number;
    task.value[ALM_INV_PARALLELISM] = cell[PROCESSORS].number;
    task.value[ALM_INV_CORES_REQUESTED] = cell[ASKED].number;
    if (g->opt->work == WORK_BUSY)
        task.value[ALM_INV_WORK] = cell[RUN].number * cell[PROCESSORS].number;
    alm_inputs_number(&g->inputs, IN_PROCESSORS, cell[ASKED].number);
    alm_inputs_number(&g->inputs, IN_DEPENDENCIES, cell[DEPENDENCIES].missing ? 0 : waited_for);
    return alm_inputs_send(&g->inputs, &task, e) < 0 ? alm_rows_blame(g->r, e) : ALM_OK;
}

static int read_table(void *ctx, const char *path, struct alm_err *e)
{
    struct gwf *g = ctx;
    const struct alm_cell *cell;
    ALM_TRY(alm_rows_open(&g->job, path, &format, &g->r, e));
    alm_file_unit(path, true, g->stem);
    int code;
    while ((code = alm_rows_next(g->r, &cell, e)) == ALM_OK)
        if ((code = take_task(g, cell, e)) < 0)
            break;
    alm_rows_close(g->r);
    return code;
}

static bool is_gwf(const struct alm_header *first)
{
    return alm_header_find(first, "WorkflowID") >= 0 && alm_header_find(first, "SubmitTime") >= 0;
}

static const struct alm_dataset_table tables[] = {
    {.what = "a table with the header WorkflowID, JobID, SubmitTime, RunTime, NProcs, ReqNProcs, Dependencies",
     .is = is_gwf,
     .read = read_table},
    {0},
};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"the Grid Workload Format", ',', false, tables};
    struct gwf g = {.opt = opt};
    g.job = alm_rows_start(&g.opt->rows, sink, path, count);
    ALM_TRY(alm_inputs_declare(&g.inputs, sink, inputs, INPUTS, e));
    ALM_TRY(alm_batch_open(sink, &g.batch, e));
    if (g.opt->work == WORK_BUSY)
        alm_report_assume(sink->report, "Each processor of a task was busy for the whole run time (work=busy).");
    int code = alm_dataset_read(&set, &g, sink, path, count, NULL, e);
    alm_batch_close(g.batch);
    return code;
}

const struct alm_importer_ops alm_importer_gwf = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "gwf",
             .summary = "tasks of workflows in the Grid Workload Format",
             .source = "Iosup et al., FGCS 2008; Grid Workloads Archive",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
