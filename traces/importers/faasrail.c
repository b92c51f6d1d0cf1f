/* SPDX-License-Identifier: GPL-3.0-or-later
 * faasrail: load specifications of FaaSRail, and measurements of its functions over their inputs.
 *
 * Meaning.  A row of a specification stands for one function of a trace: the function and payload that act for it, and
 *           calls by period. Each call becomes an invocation (placement.h) of the unit named as the function, without
 *           its hash. The payload gives the inputs (json_inputs.h). duration is the mean that was measured for function
 *           and payload, else that in the specification; memory is as measured. work = duration x cpu_share, since no
 *           CPU time was recorded. Without a specification each record of measurements is one invocation: those of a
 *           function are placed in as many times `spacing` as there are of them.
 * Choice.   Periods are those of the header, in minutes of the traced day (`1-288`); period=1m makes each column one
 *           minute from 0, as when FaaSRail drives an experiment. JSON files are measurements, the others specifications.
 *           Files are read twice, as inputs are declared before the first invocation.
 * Source.   Katsakioris et al., FaaSRail, HPDC 2024; github cslab-ntua/faasrail. */
#include "almanac/importer.h"
#include "formats/counts.h"
#include "formats/faasrail_work.h"
#include "formats/placement.h"
#include "formats/reach.h"
#include "text/json_inputs.h"
#include "text/json_items.h"
#include "text/names.h"
#include "text/source.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct alm_rows_options rows;
    struct alm_placement placement;
    alm_time period, spacing;
    double cpu_share;
    int64_t copies, calls;
    int unit;
};

#define AT(member) offsetof(struct options, member)
enum { UNIT_FUNCTION, UNIT_REQUEST, UNIT_ROW };

static const struct alm_opt rows[] = {
    ALM_PLACEMENT_OPTIONS(struct options),
    {"period", ALM_OPT_DURATION, AT(period), "0s", 0, 86400e9, NULL,
     "that each column of a specification covers; 0: what its header says"},
    {"spacing", ALM_OPT_DURATION, AT(spacing), "1m", 1, 86400e9, NULL,
     "mean time between the records of a function, without a specification"},
    {"unit", ALM_OPT_CHOICE, AT(unit), "function", 0, 0, "function|request|row",
     "what a unit is: a function; with its hash, which stands for its payload; or a row of a specification"},
    {"copies", ALM_OPT_INTEGER, AT(copies), "1", 1, 1e6, NULL,
     "units that each row of a specification stands for, with calls of their own (unit=row)"},
    {"calls", ALM_OPT_INTEGER, AT(calls), "1", 1, 1e6, NULL, "calls that each counted call stands for"},
    {"cpu_share", ALM_OPT_CORES, AT(cpu_share), "1", 0.001, 1000, NULL,
     "cores that a call uses while it runs, as CPU time was not recorded"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { AVERAGE, REQUEST, SPLIT };

static const struct alm_cell_spec cells[] = {
    [AVERAGE] = {.name = "avg", .flags = ALM_CELL_EXPECTED},
    [REQUEST] = {.name = "mapped_wreq", .flags = ALM_CELL_NEEDED},
    {0},
};

static const struct alm_rows_format format = {
    .what = "a load specification of FaaSRail",
    .separator = ',',
    .quotes = true,
    .header = true,
    .split = SPLIT,
    .cell = cells,
};

/* Numbers by name. */
struct tally {
    struct alm_names *names;
    uint64_t *count;
    uint32_t room;
};

/* Measurements beside a specification are read before; then all that gives invocations is read twice. */
enum pass { MEASURE, LEARN, PLACE };

struct measured {
    double mean, memory;
};

struct import {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_json_inputs *inputs;
    struct alm_names *names; /* of what was measured */
    struct measured *measured;
    uint32_t room;
    struct tally records, taken, rows; /* of a function: records, those placed; of equal rows of specifications */
    enum pass pass;
    uint64_t row; /* of all specifications */
    struct alm_counts counts;
};

/* The number of NAME, 0 at first. */
static int tally_of(struct tally *t, const char *name, size_t size, uint64_t **out, struct alm_err *e)
{
    uint32_t number;
    ALM_TRY(alm_names_add(t->names, name, size, &number, e));
    ALM_TRY(alm_reach(&t->count, &t->room, number, sizeof *t->count, e));
    *out = &t->count[number];
    return ALM_OK;
}

/* The calls of W that are placed as CALLS; one alone when there is an ONLY. */
static int put_calls(struct import *m, const struct alm_work *w, uint32_t unit, const struct alm_calls *calls,
                     const uint64_t *only, struct alm_err *e)
{
    const double *input;
    struct alm_call call;
    ALM_TRY(alm_json_inputs_values(m->inputs, w->payload, &input, e));
    struct alm_invocation i = alm_invocation_at(0, unit);
    i.value[ALM_INV_DURATION] = w->mean;
    i.value[ALM_INV_MEMORY] = w->memory;
    i.value[ALM_INV_WORK] = w->mean * m->opt->cpu_share;
    i.value[ALM_INV_PARALLELISM] = m->opt->cpu_share;
    for (uint64_t k = only ? *only : 0; k < (only ? *only + 1 : calls->count); k++) {
        if (m->sink->stop && *m->sink->stop)
            return alm_fail(e, ALM_EINTR, "interrupted");
        if (!alm_calls_get(calls, k, &call))
            continue;
        i.arrival = call.at;
        ALM_TRY(m->sink->invocations(m->sink, &i, input, 1, e));
    }
    return ALM_OK;
}

static struct alm_unit_about about_of(const struct import *m, const struct alm_work *w)
{
    return (struct alm_unit_about){
        .name = {w->id, m->opt->unit == UNIT_FUNCTION ? w->name : strlen(w->id)},
        .code = {w->id, w->name},
        .cores = (double)NAN,
        .memory = (double)NAN,
    };
}

/* ---- specifications ---- */

/* The calls of the newest row, for the unit of COPY. */
static int place_copy(struct import *m, struct alm_rows *r, const struct alm_work *w, uint64_t identity, uint64_t copy,
                      struct alm_err *e)
{
    char name[ALM_UNIT_NAME];
    uint32_t unit;
    struct alm_unit_about about = about_of(m, w);
    if (m->opt->unit == UNIT_ROW) {
        int size = snprintf(name, sizeof name, "%.64s-row%" PRIu64, w->id, m->row);
        if (m->opt->copies > 1)
            size += snprintf(name + size, sizeof name - (size_t)size, "-%" PRIu64, copy + 1);
        about.name = (struct alm_field){name, (size_t)size};
    }
    if (copy > 0)
        identity = alm_identity(identity, (const char *)&copy, sizeof copy);
    int code = alm_rows_about(r, m->batch, &about, &unit, e);
    for (size_t i = 0; i < m->counts.cells && code == ALM_OK; i++) {
        size_t p = m->counts.cell[i].period;
        alm_time length = m->opt->period ? m->opt->period : m->counts.period[p].length;
        alm_time start = m->opt->period ? (alm_time)p * length : m->counts.period[p].start;
        const struct alm_calls calls = alm_calls_of(&m->opt->placement, identity, p, start, length,
                                                    m->counts.cell[i].calls * (uint64_t)m->opt->calls);
        code = put_calls(m, w, unit, &calls, NULL, e);
    }
    return code;
}

static int place_row(struct import *m, struct alm_rows *r, struct alm_work *w, const struct alm_cell *average,
                     struct alm_err *e)
{
    uint32_t found = alm_names_find(m->names, w->key, strlen(w->key));
    uint64_t *before, identity = alm_identity(alm_identity(0, w->id, strlen(w->id)), w->key, strlen(w->key));
    identity = alm_identity(identity, average->text.at, average->text.size);
    ALM_TRY(tally_of(&m->rows, (const char *)&identity, sizeof identity, &before, e));
    identity = alm_identity(identity, (const char *)before, sizeof *before);
    ++*before;
    m->row++;
    if (found != ALM_NO_NAME) {
        w->mean = m->measured[found].mean;
        w->memory = m->measured[found].memory;
    } else if (alm_names_count(m->names) > 0) {
        alm_rows_note(r, false, "a function and payload that were not measured: mean as specified, no memory");
    }
    int code = ALM_OK;
    for (uint64_t copy = 0; code == ALM_OK && copy < (uint64_t)m->opt->copies; copy++)
        code = place_copy(m, r, w, identity, copy, e);
    return code < 0 ? code : ALM_OK;
}

static int take_row(struct import *m, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    json_error_t wrong;
    struct alm_work w;
    const struct alm_field *request = &cell[REQUEST].text;
    int code = alm_counts_row(&m->counts, r, SPLIT, m->opt->placement.most, m->opt->rows.bad, e);
    if (code != ALM_OK)
        return code;
    json_t *record = json_loadb(request->at, request->size, 0, &wrong);
    if (!record)
        return alm_rows_bad(r, "not JSON", REQUEST, e);
    code = alm_work_of(record, &w, e);
    json_decref(record);
    if (code == ALM_EDATA && m->opt->rows.bad)
        return alm_rows_bad(r, "not a function with a payload", REQUEST, e);
    if (code < 0)
        return alm_rows_blame(r, e);
    if (m->pass == PLACE)
        code = place_row(m, r, &w, &cell[AVERAGE], e);
    else if (alm_json_inputs_learn(m->inputs, w.payload, e) < 0)
        code = alm_rows_blame(r, e);
    alm_work_free(&w);
    return code;
}

static int read_spec(struct import *m, const char *path, struct alm_err *e)
{
    struct alm_rows *r;
    const struct alm_cell *cell;
    ALM_TRY(alm_rows_open(&m->job, path, &format, &r, e));
    int code = alm_counts_header(&m->counts, r, SPLIT, e);
    while (code >= 0 && (code = alm_rows_next(r, &cell, e)) == ALM_OK)
        code = take_row(m, r, cell, e);
    alm_rows_close(r);
    return code < 0 ? code : ALM_OK;
}

/* ---- measurements ---- */

static int keep_measured(struct import *m, const struct alm_work *w, struct alm_err *e)
{
    uint32_t number;
    ALM_TRY(alm_names_add(m->names, w->key, strlen(w->key), &number, e));
    ALM_TRY(alm_reach(&m->measured, &m->room, number, sizeof *m->measured, e));
    m->measured[number] = (struct measured){w->mean, w->memory};
    return ALM_OK;
}

/* One record as one invocation of its function. */
static int place_record(struct import *m, const struct alm_work *w, struct alm_err *e)
{
    uint64_t *all, *taken;
    uint32_t unit;
    bool repaired;
    const struct alm_unit_about about = about_of(m, w);
    ALM_TRY(tally_of(&m->records, w->id, w->name, &all, e));
    ALM_TRY(tally_of(&m->taken, w->id, w->name, &taken, e));
    ALM_TRY(alm_batch_about(m->batch, &about, &unit, NULL, &repaired, e));
    if (*all > (uint64_t)(ALM_TIME_MAX / m->opt->spacing))
        return alm_fail(e, ALM_EDATA, "too many records of one function for this spacing=");
    const struct alm_calls calls =
        alm_calls_of(&m->opt->placement, alm_identity(0, w->id, w->name), 0, 0, (alm_time)*all * m->opt->spacing, *all);
    uint64_t k = (*taken)++;
    return put_calls(m, w, unit, &calls, &k, e);
}

static int take_record(struct import *m, const json_t *record, struct alm_err *e)
{
    struct alm_work w;
    uint64_t *records;
    ALM_TRY(alm_work_of(record, &w, e));
    int code = ALM_OK;
    if (m->pass == MEASURE) {
        code = keep_measured(m, &w, e);
    } else if (m->pass == PLACE) {
        code = place_record(m, &w, e);
    } else if ((code = tally_of(&m->records, w.id, w.name, &records, e)) >= 0) {
        ++*records;
        code = alm_json_inputs_learn(m->inputs, w.payload, e);
    }
    alm_work_free(&w);
    return code;
}

static int read_measurements(struct import *m, const char *path, struct alm_err *e)
{
    struct alm_json_items *items;
    struct alm_trace_report *report = m->job.sink->report;
    json_t *record;
    ALM_TRY(alm_json_items_open(path, "", &items, e));
    report->files++;
    int code;
    while ((code = alm_json_items_next(items, &record, e)) == ALM_OK) {
        report->read++;
        code = take_record(m, record, e);
        if (code == ALM_EDATA && m->opt->rows.bad) {
            alm_report_note(report, true, "a record that is not a measurement", "%s:%" PRIu64, path,
                            alm_json_items_line(items));
            code = ALM_OK;
        }
        if (code < 0)
            code = alm_fail_in(e, "%s:%" PRIu64, path, alm_json_items_line(items));
        if (code >= 0)
            code = alm_reading_at(&m->job.reading, path, alm_json_items_bytes(items), e);
        if (code < 0)
            break;
    }
    alm_reading_done(&m->job.reading, alm_json_items_bytes(items));
    alm_json_items_close(items);
    return code < 0 ? code : ALM_OK;
}

/* ---- all files ---- */

/* Does the file begin as JSON does? */
static int is_json(const char *path, bool *out, struct alm_err *e)
{
    struct alm_source *s;
    char begin[512];
    size_t n;
    ALM_TRY(alm_source_open(path, &s, e));
    int code = alm_source_read(s, begin, sizeof begin, &n, e);
    alm_source_close(s);
    ALM_TRY(code);
    size_t blank = 0;
    while (blank < n && strchr(" \t\r\n", begin[blank]) && begin[blank])
        blank++;
    *out = blank < n && (begin[blank] == '[' || begin[blank] == '{');
    return ALM_OK;
}

struct files {
    const char *const *path;
    size_t count, specs;
    bool *json;
};

static int tell_files(struct files *f, struct alm_err *e)
{
    f->json = calloc(f->count + 1, sizeof *f->json);
    if (!f->json)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu files", f->count);
    for (size_t i = 0; i < f->count; i++) {
        ALM_TRY(is_json(f->path[i], &f->json[i], e));
        f->specs += !f->json[i];
    }
    return ALM_OK;
}

static int read_files(struct import *m, const struct files *f, bool json, enum pass pass, struct alm_err *e)
{
    m->pass = pass;
    for (size_t i = 0; i < f->count; i++)
        if (f->json[i] == json)
            ALM_TRY(json ? read_measurements(m, f->path[i], e) : read_spec(m, f->path[i], e));
    return ALM_OK;
}

/* The pass of which nothing is counted or noted, as another follows. */
static int learn(struct import *m, const struct files *f, struct alm_err *e)
{
    struct alm_rows_job job = m->job;
    struct alm_trace_report report = {0};
    struct alm_trace_sink quiet = *m->sink;
    quiet.report = &report;
    quiet.progress = NULL;
    m->job = alm_rows_start(&m->opt->rows, &quiet, f->path, f->count);
    int code = read_files(m, f, f->specs == 0, LEARN, e);
    m->job = job;
    return code;
}

static void assume(struct import *m, const struct files *f)
{
    char text[256];
    const char *const *word = (const char *const[]){"at uniform instants", "evenly", "at the start"};
    snprintf(text, sizeof text, "Calls are counted by period; they are placed %s of it (placement=).",
             word[m->opt->placement.rule]);
    alm_report_assume(m->sink->report, text);
    snprintf(text, sizeof text, "CPU time was not recorded: work is duration x %g cores (cpu_share=).",
             m->opt->cpu_share);
    alm_report_assume(m->sink->report, text);
    if (m->opt->copies > 1 || m->opt->calls > 1) {
        snprintf(text, sizeof text,
                 "The specification is scaled up: a row stands for %" PRId64
                 " units (copies=), a counted call for %" PRId64 " calls (calls=).",
                 m->opt->copies, m->opt->calls);
        alm_report_assume(m->sink->report, text);
    }
    if (f->specs == 0) {
        snprintf(text, sizeof text,
                 "When the records were measured is not known: those of a function are %g s apart on "
                 "average (spacing=).",
                 alm_seconds(m->opt->spacing));
        alm_report_assume(m->sink->report, text);
    }
    if (alm_names_count(m->names) == 0 && f->specs > 0)
        alm_report_assume(m->sink->report, "There are no measurements: durations are the means of the specification, "
                                           "memory is not known.");
}

static int import_files(struct import *m, struct files *f, struct alm_err *e)
{
    ALM_TRY(alm_names_open(&m->names, e));
    ALM_TRY(alm_names_open(&m->records.names, e));
    ALM_TRY(alm_names_open(&m->taken.names, e));
    ALM_TRY(alm_names_open(&m->rows.names, e));
    ALM_TRY(alm_batch_open(m->sink, &m->batch, e));
    ALM_TRY(alm_json_inputs_open(m->sink, &m->inputs, e));
    ALM_TRY(tell_files(f, e));
    if (f->specs > 0)
        ALM_TRY(read_files(m, f, true, MEASURE, e));
    ALM_TRY(learn(m, f, e));
    if (alm_json_inputs_declare(m->inputs, e) < 0)
        return alm_fail_in(e, "%s", f->count > 0 ? f->path[0] : "");
    ALM_TRY(read_files(m, f, f->specs == 0, PLACE, e));
    assume(m, f);
    return ALM_OK;
}

static void tally_close(struct tally *t)
{
    alm_names_close(t->names);
    free(t->count);
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    if (o->copies > 1 && o->unit != UNIT_ROW)
        return alm_fail(e, ALM_EINVAL, "copies=%" PRId64 " needs unit=row: each copy is a unit of its own", o->copies);
    struct import *m = calloc(1, sizeof *m);
    struct files f = {.path = path, .count = count};
    if (!m)
        return alm_fail(e, ALM_ENOMEM, "no memory to import");
    m->opt = opt;
    m->sink = sink;
    m->job = alm_rows_start(&m->opt->rows, sink, path, count);
    int code = import_files(m, &f, e);
    alm_json_inputs_close(m->inputs);
    alm_batch_close(m->batch);
    tally_close(&m->records);
    tally_close(&m->taken);
    tally_close(&m->rows);
    alm_names_close(m->names);
    free(m->measured);
    free(m);
    free(f.json);
    if (code >= 0 && sink->report->read == 0)
        return alm_fail(e, ALM_EDATA, "%s%s: no rows: a load specification or measurements are right",
                        count ? path[0] : "", count > 1 ? " and the others" : "");
    return code;
}

const struct alm_importer_ops alm_importer_faasrail = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "faasrail",
             .summary = "FaaSRail: load specifications, and measurements of functions over inputs",
             .source = "Katsakioris et al., HPDC 2024",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
