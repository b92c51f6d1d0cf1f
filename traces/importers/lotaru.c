/* SPDX-License-Identifier: GPL-3.0-or-later
 * lotaru: execution reports of nf-core workflows on several machines: each task run an invocation.
 *
 * Meaning.  duration = Realtime (ms); work = %cpu / 100 x duration (100 is one core); memory = peak_rss; io_read and
 *           io_write = read_bytes and write_bytes, or with io=calls rchar and wchar; cores_requested = cpus;
 *           memory_requested = memory. Input parameters: label, machine, sizes of the inputs of workflow and task.
 * Choice.   No times are recorded. On each machine the runs follow one another in the order of the file, each arriving when the
 *           one before it has ended, so that what was learnt from one can serve the next; every= makes the steps equal
 *           instead. A unit is a task of a workflow, the same on all machines; unit=machine keeps machines apart.
 * Source.   Bader et al., Lotaru, SSDBM 2022 and FGCS 2024. */
#include "almanac/importer.h"
#include "formats/invocation_inputs.h"
#include "text/dataset.h"
#include "text/names.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT_TASK, UNIT_MACHINE };
enum { IO_STORAGE, IO_CALLS };

struct options {
    struct alm_rows_options rows;
    alm_time every;
    int unit, io;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"unit", ALM_OPT_CHOICE, AT(unit), "task", 0, 0, "task|machine",
     "a task of a workflow on whatever machine, or on each machine apart"},
    {"io", ALM_OPT_CHOICE, AT(io), "storage", 0, 0, "storage|calls",
     "bytes of storage (read_bytes, write_bytes) or of system calls (rchar, wchar)"},
    {"every", ALM_OPT_DURATION, AT(every), "0s", 0, 31536000e9, NULL,
     "between arrivals on a machine; 0: when the one before has ended"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { LABEL, MACHINE, WORKFLOW, SEQUENCES, TASK, SIZE_WORKFLOW, SIZE_TASK, SIZE_PLAIN, SIZE_WORKFLOW_PLAIN };
enum { REALTIME = SIZE_WORKFLOW_PLAIN + 1, CPU, CPUS, MEMORY, PEAK, READ, WRITE, CALLS_READ, CALLS_WRITE };

static const struct alm_cell_spec columns[] = {
    [LABEL] = {"Label", 1, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [MACHINE] = {"Machine", 2, ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0},
    [WORKFLOW] = {"Workflow", 3, ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0},
    [SEQUENCES] = {"NumberSequences", 4, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [TASK] = {"Task", 5, ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0},
    [SIZE_WORKFLOW] = {"WorkflowInputSize", 6, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [SIZE_TASK] = {"TaskInputSize", 18, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [SIZE_PLAIN] = {"TaskInputSizeUncompressed", 19, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [SIZE_WORKFLOW_PLAIN] = {"WorkflowInputUncompressed", 20, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [REALTIME] = {"Realtime", 7, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 1e11},
    [CPU] = {"%cpu", 8, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 1e8},
    [CPUS] = {"cpus", 12, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 1e6},
    [MEMORY] = {"memory", 16, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [PEAK] = {"peak_rss", 17, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [READ] = {"read_bytes", 13, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [WRITE] = {"write_bytes", 14, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [CALLS_READ] = {"rchar", 10, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [CALLS_WRITE] = {"wchar", 11, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    {0},
};

static const struct alm_rows_format format = {
    .what = "an execution report of Lotaru", .separator = ',', .quotes = true, .header = true, .cell = columns};

static const struct {
    int column;
    struct alm_input input;
} given[] = {
    {LABEL, {"label", "", true}},
    {MACHINE, {"machine", "", true}},
    {SEQUENCES, {"number_of_sequences", "1", false}},
    {SIZE_WORKFLOW, {"workflow_input_size", "byte", false}},
    {SIZE_WORKFLOW_PLAIN, {"workflow_input_uncompressed", "byte", false}},
    {SIZE_TASK, {"task_input_size", "byte", false}},
    {SIZE_PLAIN, {"task_input_uncompressed", "byte", false}},
};
#define GIVEN (sizeof given / sizeof *given)

struct lotaru {
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_rows *r;
    struct alm_inputs inputs;
    struct alm_names *machine;
    alm_time *next; /* arrival of the next run, by machine */
    size_t room;
};

static int take_unit(struct lotaru *l, const struct alm_cell *cell, uint32_t *unit, struct alm_err *e)
{
    char name[2 * ALM_FILE_NAME], code[2 * ALM_FILE_NAME];
    const struct alm_field *part[] = {&cell[MACHINE].text, &cell[WORKFLOW].text, &cell[TASK].text};
    int size[3];
    for (size_t i = 0; i < 3; i++)
        size[i] = (int)(part[i]->size < ALM_UNIT_NAME ? part[i]->size : ALM_UNIT_NAME);
    snprintf(code, sizeof code, "%.*s/%.*s", size[1], part[1]->at, size[2], part[2]->at);
    bool apart = l->opt->unit == UNIT_MACHINE;
    snprintf(name, sizeof name, "%.*s%s%.190s", apart ? size[0] : 0, part[0]->at, apart ? "/" : "", code);
    const struct alm_unit_about about = {{name, strlen(name)}, {code, strlen(code)}, (double)NAN, (double)NAN};
    return alm_rows_about(l->r, l->batch, &about, unit, e);
}

/* When this run arrives; moves the machine's next one on by STEP. ALM_NOT_YET: dropped. */
static int take_turn(struct lotaru *l, const struct alm_cell *cell, alm_time *at, struct alm_err *e)
{
    uint32_t machine;
    ALM_TRY(alm_names_add(l->machine, cell[MACHINE].text.at, cell[MACHINE].text.size, &machine, e));
    if (machine >= l->room) {
        size_t room = l->room ? 2 * l->room : 16;
        alm_time *next = realloc(l->next, room * sizeof *next);
        if (!next)
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu machines", room);
        memset(next + l->room, 0, (room - l->room) * sizeof *next);
        l->next = next;
        l->room = room;
    }
    alm_time step = l->opt->every, sum;
    if (step == 0 && !cell[REALTIME].missing)
        step = (alm_time)llround(cell[REALTIME].number * 1e6);
    if (__builtin_add_overflow(l->next[machine], step, &sum)) {
        ALM_TRY(alm_rows_bad(l->r, "the sum of all run times on this machine is beyond 292 years", REALTIME, e));
        return ALM_NOT_YET;
    }
    *at = l->next[machine];
    l->next[machine] = sum;
    return ALM_OK;
}

static int take_run(struct lotaru *l, const struct alm_cell *cell, struct alm_err *e)
{
    uint32_t unit;
    alm_time at = 0;
    int code = take_unit(l, cell, &unit, e);
    if (code == ALM_OK)
        code = take_turn(l, cell, &at, e);
    if (code != ALM_OK)
        return code;
    bool calls = l->opt->io == IO_CALLS;
    struct alm_invocation task = alm_invocation_at(at, unit);
    task.value[ALM_INV_DURATION] = cell[REALTIME].number / 1000;
    task.value[ALM_INV_WORK] = cell[CPU].number / 100 * cell[REALTIME].number / 1000;
    task.value[ALM_INV_MEMORY] = cell[PEAK].number;
    task.value[ALM_INV_IO_READ] = cell[calls ? CALLS_READ : READ].number;
    task.value[ALM_INV_IO_WRITE] = cell[calls ? CALLS_WRITE : WRITE].number;
    task.value[ALM_INV_CORES_REQUESTED] = cell[CPUS].number;
    task.value[ALM_INV_MEMORY_REQUESTED] = cell[MEMORY].number;
    for (size_t i = 0; i < GIVEN; i++)
        if (alm_inputs_cell(&l->inputs, i, &cell[given[i].column], e) < 0)
            return alm_rows_blame(l->r, e);
    return alm_inputs_send(&l->inputs, &task, e) < 0 ? alm_rows_blame(l->r, e) : ALM_OK;
}

static int read_report(void *ctx, const char *path, struct alm_err *e)
{
    struct lotaru *l = ctx;
    const struct alm_cell *cell;
    ALM_TRY(alm_rows_open(&l->job, path, &format, &l->r, e));
    int code;
    while ((code = alm_rows_next(l->r, &cell, e)) == ALM_OK)
        if ((code = take_run(l, cell, e)) < 0)
            break;
    alm_rows_close(l->r);
    return code;
}

static bool is_report(const struct alm_header *first)
{
    return alm_header_find(first, "Realtime") >= 0 && alm_header_find(first, "Workflow") >= 0;
}

static const struct alm_dataset_table tables[] = {
    {.what = "an execution report with the header Label, Machine, Workflow, NumberSequences, Task, ...",
     .is = is_report,
     .read = read_report},
    {0},
};

static int declare(struct lotaru *l, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct alm_input input[GIVEN];
    for (size_t i = 0; i < GIVEN; i++)
        input[i] = given[i].input;
    alm_report_assume(sink->report, l->opt->every
                                        ? "No times are recorded: on each machine runs arrive in equal steps (every=)."
                                        : "No times are recorded: on each machine a run arrives when the one before it "
                                          "in the files has ended (every=).");
    return alm_inputs_declare(&l->inputs, sink, input, GIVEN, e);
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"Lotaru", ',', true, tables};
    struct lotaru l = {.opt = opt};
    l.job = alm_rows_start(&l.opt->rows, sink, path, count);
    ALM_TRY(declare(&l, sink, e));
    int code = alm_batch_open(sink, &l.batch, e);
    if (code >= 0)
        code = alm_names_open(&l.machine, e);
    if (code >= 0)
        code = alm_dataset_read(&set, &l, sink, path, count, NULL, e);
    alm_names_close(l.machine);
    alm_batch_close(l.batch);
    free(l.next);
    return code;
}

const struct alm_importer_ops alm_importer_lotaru = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "lotaru",
             .summary = "Lotaru: tasks of nf-core workflows on several machines, with input sizes",
             .source = "Bader et al., Lotaru, SSDBM 2022; FGCS 2024",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
