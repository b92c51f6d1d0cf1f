/* SPDX-License-Identifier: GPL-3.0-or-later
 * nextflow: trace files of Nextflow runs: each task an invocation, each process a unit.
 *
 * Meaning.  Arrival = submit; wait = start - submit; duration = realtime; work = %cpu / 100 x realtime (100 is one
 *           core); memory = peak_rss; cores_requested, memory_requested, time_requested = cpus, memory, time. failed is 0
 *           for COMPLETED, 1 for FAILED and ABORTED. Input parameters: tag, cpus, attempt: what the script is given.
 *           Numbers come raw (ms, bytes, epoch ms) or as Nextflow prints them for people ("1m 3s", "4.2 GB", "98.5%").
 * Choice.   io_read and io_write are read_bytes and write_bytes, what went to storage; io=calls takes rchar and wchar, what
 *           system calls moved, as does a file without the former. A task that was never submitted, or that was CACHED
 *           and so did not run, is dropped. Without the columns process and tag both are taken from name, "process (tag)".
 * Limits.   start has whole seconds in raw files, so that it can be before submit: then wait is 0. Dates carry no zone:
 *           taken as UTC.
 * Source.   Nextflow documentation, Reports, Trace file. */
#include "almanac/importer.h"
#include "formats/invocation_inputs.h"
#include "text/dataset.h"

#include <math.h>
#include <string.h>

enum { IO_STORAGE, IO_CALLS };

struct options {
    struct alm_rows_options rows;
    int io;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"io", ALM_OPT_CHOICE, AT(io), "storage", 0, 0, "storage|calls",
     "bytes of storage (read_bytes, write_bytes) or of system calls (rchar, wchar)"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

/* What people read is no number to the table: all cells are text here. */
#define TEXT(name, flags)                                                                                              \
    {                                                                                                                  \
        name, 0, ALM_CELL_TEXT, flags, 0, 0                                                                            \
    }
enum { NAME, PROCESS, TAG, STATUS, EXIT, SUBMIT, START, REALTIME, CPU, PEAK, READ, WRITE, CALLS_READ, CALLS_WRITE };
enum { CPUS = CALLS_WRITE + 1, MEMORY, TIME, ATTEMPT };

static const struct alm_cell_spec columns[] = {
    [NAME] = TEXT("name", 0),
    [PROCESS] = TEXT("process", 0),
    [TAG] = TEXT("tag", 0),
    [STATUS] = TEXT("status", 0),
    [EXIT] = TEXT("exit", 0),
    [SUBMIT] = TEXT("submit", ALM_CELL_EXPECTED),
    [START] = TEXT("start", 0),
    [REALTIME] = TEXT("realtime", ALM_CELL_EXPECTED),
    [CPU] = TEXT("%cpu", 0),
    [PEAK] = TEXT("peak_rss", 0),
    [READ] = TEXT("read_bytes", 0),
    [WRITE] = TEXT("write_bytes", 0),
    [CALLS_READ] = TEXT("rchar", 0),
    [CALLS_WRITE] = TEXT("wchar", 0),
    [CPUS] = TEXT("cpus", 0),
    [MEMORY] = TEXT("memory", 0),
    [TIME] = TEXT("time", 0),
    [ATTEMPT] = TEXT("attempt", 0),
    {0},
};

static const struct alm_rows_format format = {
    .what = "a trace file of Nextflow", .quotes = true, .header = true, .cell = columns};

static const struct alm_input inputs[] = {{"tag", "", true}, {"cpus", "1", false}, {"attempt", "1", false}};
enum { IN_TAG, IN_CPUS, IN_ATTEMPT, INPUTS };

struct nextflow {
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_rows *r;
    struct alm_inputs inputs;
    bool calls; /* of this file */
};

/* ---- amounts as people read them ---- */

struct amount_unit {
    const char *word; /* "": of a number without one */
    double factor;
};

static const struct amount_unit seconds[] = {{"", 1e-3},  {"ms", 1e-3}, {"s", 1}, {"m", 60},
                                             {"h", 3600}, {"d", 86400}, {0}};
static const struct amount_unit bytes[] = {{"", 1},        {"B", 1},       {"KB", 0x1p10}, {"MB", 0x1p20},
                                           {"GB", 0x1p30}, {"TB", 0x1p40}, {"PB", 0x1p50}, {0}};
static const struct amount_unit cores_percent[] = {{"", 1e-2}, {"%", 1e-2}, {0}};
static const struct amount_unit counts[] = {{"", 1}, {0}};

static bool is_of_number(char c)
{
    return (c >= '0' && c <= '9') || c == '.';
}

/* One "4.2 GB" of a sum; what is left stays in F. */
static bool take_part(struct alm_field *f, const struct amount_unit *unit, double *out)
{
    size_t digits = 0, word = 0;
    while (digits < f->size && is_of_number(f->at[digits]))
        digits++;
    double v;
    if (alm_number_parse(f->at, digits, '.', &v) != ALM_NUMBER_OK)
        return false;
    const char *at = f->at + digits, *end = f->at + f->size;
    while (at < end && *at == ' ')
        at++;
    while (at + word < end && at[word] != ' ' && !is_of_number(at[word]))
        word++;
    while (unit->word && (strlen(unit->word) != word || memcmp(unit->word, at, word) != 0))
        unit++;
    if (!unit->word || word == 0)
        return false;
    for (at += word; at < end && *at == ' ';)
        at++;
    *out += v * unit->factor;
    *f = (struct alm_field){at, (size_t)(end - at)};
    return true;
}

/* The amount of column I, NaN when missing. ALM_NOT_YET: the row was dropped. */
static int take_amount(struct nextflow *x, const struct alm_cell *cell, size_t i, const struct amount_unit *unit,
                       double *out, struct alm_err *e)
{
    struct alm_field f = cell[i].text;
    const char *why = NULL;
    double v;
    *out = (double)NAN;
    if (cell[i].missing)
        return ALM_OK;
    enum alm_number status = alm_number_parse(f.at, f.size, '.', &v);
    if (status == ALM_NUMBER_OK) {
        v *= unit[0].factor;
    } else if (status == ALM_NUMBER_NONE) {
        v = 0;
        do
            why = take_part(&f, unit, &v) ? NULL : "not an amount";
        while (!why && f.size > 0);
    }
    if (!why && (status == ALM_NUMBER_LARGE || v > 1e15))
        why = "too large to be believed";
    if (!why && v < 0)
        why = "smaller than can be";
    if (why) {
        ALM_TRY(alm_rows_bad(x->r, why, i, e));
        return ALM_NOT_YET;
    }
    *out = v;
    return ALM_OK;
}

/* The instant of column I, ALM_TIME_NONE when missing. ALM_NOT_YET: the row was dropped. */
static int take_instant(struct nextflow *x, const struct alm_cell *cell, size_t i, alm_time *out, struct alm_err *e)
{
    *out = ALM_TIME_NONE;
    if (cell[i].missing)
        return ALM_OK;
    double number;
    const struct alm_field *f = &cell[i].text;
    bool raw = alm_number_parse(f->at, f->size, '.', &number) == ALM_NUMBER_OK;
    if (alm_instant_parse(f->at, f->size, raw ? ALM_TIME_MS : ALM_TIME_ISO, '.', out) == ALM_NUMBER_OK &&
        (!raw || number >= 0)) {
        if (!raw)
            alm_report_assume(x->job.sink->report, "Dates carry no zone: taken as UTC.");
        return ALM_OK;
    }
    ALM_TRY(alm_rows_bad(x->r, "neither milliseconds of the epoch nor a date like 2023-04-07 19:07:36.103", i, e));
    return ALM_NOT_YET;
}

/* ---- tasks ---- */

static bool is_word(const struct alm_cell *cell, const char *word)
{
    return cell->text.size == strlen(word) && memcmp(cell->text.at, word, cell->text.size) == 0;
}

/* Process and tag from "process (tag)", where columns of their own do not tell. */
static void take_names(const struct alm_cell *cell, struct alm_field *process, struct alm_field *tag)
{
    struct alm_field name = cell[NAME].missing ? (struct alm_field){"", 0} : cell[NAME].text;
    size_t open = name.size;
    for (size_t i = 1; i < name.size && open == name.size && name.at[name.size - 1] == ')'; i++)
        if (name.at[i] == '(' && name.at[i - 1] == ' ')
            open = i;
    bool parted = open < name.size;
    *process = parted ? (struct alm_field){name.at, open - 1} : name;
    *tag = parted ? (struct alm_field){name.at + open + 1, name.size - open - 2} : (struct alm_field){"", 0};
    if (!cell[PROCESS].missing)
        *process = cell[PROCESS].text;
}

/* Did it end well: 0; 1; or NaN when nobody says. */
static double take_failed(struct nextflow *x, const struct alm_cell *cell)
{
    if (is_word(&cell[STATUS], "COMPLETED"))
        return 0;
    if (is_word(&cell[STATUS], "FAILED") || is_word(&cell[STATUS], "ABORTED"))
        return 1;
    if (!cell[STATUS].missing)
        alm_rows_note(x->r, false, "a task that has not ended: whether it failed is not known");
    else if (!cell[EXIT].missing)
        return is_word(&cell[EXIT], "0") ? 0 : 1;
    return (double)NAN;
}

static int take_values(struct nextflow *x, const struct alm_cell *cell, double *value, struct alm_err *e)
{
    const struct {
        size_t column;
        int field;
        const struct amount_unit *unit;
    } list[] = {
        {REALTIME, ALM_INV_DURATION, seconds},
        {CPU, ALM_INV_WORK, cores_percent},
        {PEAK, ALM_INV_MEMORY, bytes},
        {x->calls ? CALLS_READ : READ, ALM_INV_IO_READ, bytes},
        {x->calls ? CALLS_WRITE : WRITE, ALM_INV_IO_WRITE, bytes},
        {CPUS, ALM_INV_CORES_REQUESTED, counts},
        {MEMORY, ALM_INV_MEMORY_REQUESTED, bytes},
        {TIME, ALM_INV_TIME_REQUESTED, seconds},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        int code = take_amount(x, cell, list[i].column, list[i].unit, &value[list[i].field], e);
        if (code != ALM_OK)
            return code;
    }
    value[ALM_INV_WORK] *= value[ALM_INV_DURATION];
    return ALM_OK;
}

static int take_wait(struct nextflow *x, alm_time submit, alm_time start, double *wait, struct alm_err *e)
{
    alm_time ns;
    if (start == ALM_TIME_NONE)
        return ALM_OK;
    if (__builtin_sub_overflow(start, submit, &ns)) {
        ALM_TRY(alm_rows_bad(x->r, "more than 292 years after submit", START, e));
        return ALM_NOT_YET;
    }
    if (ns < 0)
        alm_rows_note(x->r, false, "start before submit: wait taken as 0");
    *wait = ns < 0 ? 0 : alm_seconds(ns);
    return ALM_OK;
}

static int send_task(struct nextflow *x, const struct alm_cell *cell, struct alm_invocation *task, double attempt,
                     struct alm_err *e)
{
    struct alm_field process, tag;
    take_names(cell, &process, &tag);
    const struct alm_unit_about about = {process, process, (double)NAN, (double)NAN};
    int code = alm_rows_about(x->r, x->batch, &about, &task->unit, e);
    if (code != ALM_OK)
        return code;
    if (!cell[TAG].missing)
        tag = cell[TAG].text;
    if (tag.size > 0 && alm_inputs_word(&x->inputs, IN_TAG, &tag, e) < 0)
        return alm_rows_blame(x->r, e);
    alm_inputs_number(&x->inputs, IN_CPUS, task->value[ALM_INV_CORES_REQUESTED]);
    alm_inputs_number(&x->inputs, IN_ATTEMPT, attempt);
    return alm_inputs_send(&x->inputs, task, e) < 0 ? alm_rows_blame(x->r, e) : ALM_OK;
}

static int take_task(struct nextflow *x, const struct alm_cell *cell, struct alm_err *e)
{
    alm_time submit, start = ALM_TIME_NONE;
    double attempt = (double)NAN;
    if (is_word(&cell[STATUS], "CACHED")) {
        alm_rows_note(x->r, true, "a cached task: it did not run");
        return ALM_OK;
    }
    int code = take_instant(x, cell, SUBMIT, &submit, e);
    if (code == ALM_OK)
        code = take_instant(x, cell, START, &start, e);
    if (code != ALM_OK)
        return code;
    if (submit == ALM_TIME_NONE) {
        alm_rows_note(x->r, true, "a task that was never submitted");
        return ALM_OK;
    }
    struct alm_invocation task = alm_invocation_at(submit, 0);
    code = take_values(x, cell, task.value, e);
    if (code == ALM_OK)
        code = take_amount(x, cell, ATTEMPT, counts, &attempt, e);
    if (code == ALM_OK)
        code = take_wait(x, submit, start, &task.value[ALM_INV_WAIT], e);
    if (code != ALM_OK)
        return code;
    task.value[ALM_INV_FAILED] = take_failed(x, cell);
    return send_task(x, cell, &task, attempt, e);
}

/* ---- files ---- */

static int begin(struct nextflow *x, const char *path, struct alm_err *e)
{
    if (!alm_rows_has(x->r, NAME) && !alm_rows_has(x->r, PROCESS))
        return alm_fail(e, ALM_EDATA, "%s:1: neither a column `name` nor `process`, so units have no names", path);
    bool storage = alm_rows_has(x->r, READ) || alm_rows_has(x->r, WRITE);
    x->calls = x->opt->io == IO_CALLS || !storage;
    if (x->opt->io == IO_STORAGE && !storage && (alm_rows_has(x->r, CALLS_READ) || alm_rows_has(x->r, CALLS_WRITE)))
        alm_report_assume(x->job.sink->report,
                          "No read_bytes and write_bytes: rchar and wchar stand for what was read and written (io=).");
    return ALM_OK;
}

static int read_trace(void *ctx, const char *path, struct alm_err *e)
{
    struct nextflow *x = ctx;
    const struct alm_cell *cell;
    ALM_TRY(alm_rows_open(&x->job, path, &format, &x->r, e));
    int code = begin(x, path, e);
    while (code >= 0 && (code = alm_rows_next(x->r, &cell, e)) == ALM_OK)
        code = take_task(x, cell, e);
    alm_rows_close(x->r);
    return code;
}

static bool is_trace(const struct alm_header *first)
{
    return alm_header_find(first, "realtime") >= 0 && alm_header_find(first, "submit") >= 0;
}

static const struct alm_dataset_table tables[] = {
    {.what = "a trace file with the columns name or process, submit, realtime, ...",
     .is = is_trace,
     .read = read_trace},
    {0},
};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"Nextflow", 0, true, tables};
    struct nextflow x = {.opt = opt};
    x.job = alm_rows_start(&x.opt->rows, sink, path, count);
    ALM_TRY(alm_inputs_declare(&x.inputs, sink, inputs, INPUTS, e));
    ALM_TRY(alm_batch_open(sink, &x.batch, e));
    int code = alm_dataset_read(&set, &x, sink, path, count, NULL, e);
    alm_batch_close(x.batch);
    return code;
}

const struct alm_importer_ops alm_importer_nextflow = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "nextflow",
             .summary = "trace files of Nextflow, raw or as people read them",
             .source = "Nextflow documentation, Reports, Trace file",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
