/* SPDX-License-Identifier: GPL-3.0-or-later
 * azure-functions-2019: calls a minute, percentiles of durations and of memory: three tables into single invocations.
 *
 * Meaning.  A function is a unit, named by its application and its own id (azure_names.h); its calls of a minute become
 *           invocations of that minute (placement.h). duration: drawn a call from the function's percentiles of the day.
 *           memory: drawn once a minute from the application's percentiles, since these are of averages over a minute.
 *           work = duration x cpu_share and parallelism = cpu_share, since no CPU time was recorded. Minute 1 of day 1
 *           (2019-07-15) begins at time 0. The trigger is an input.
 * Choice.   Tables are told by their headers and read day by day, so that memory holds the newest percentiles of each
 *           name and nothing of the counts. A function without durations up to its day has calls without duration.
 *           What is drawn depends on the seed, the ids, the day and the minute alone.
 * Limits.   The percentiles are of averages over 30 s (durations) and 60 s (memory), so single calls varied more. Memory
 *           is that of the whole application, allocated and not resident. 12.5e9 calls in the published 14 days: use
 *           share, function_share, days or functions.
 * Source.   Shahrad et al., Serverless in the Wild, USENIX ATC 2020; github Azure/AzurePublicDataset. */
#include "almanac/importer.h"
#include "formats/azure_curves.h"
#include "formats/azure_names.h"
#include "formats/counts.h"
#include "formats/placement.h"
#include "formats/reach.h"
#include "text/dataset.h"
#include "text/names.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 512
#define DAYS 1000

struct options {
    struct alm_rows_options rows;
    struct alm_placement placement;
    int64_t first_day, days, functions, least;
    double function_share, cpu_share;
    int interpolation;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    ALM_PLACEMENT_OPTIONS(struct options),
    {"function_share", ALM_OPT_FRACTION, AT(function_share), "1", 0, 1, NULL,
     "keep each function, with all its calls, with this probability"},
    {"functions", ALM_OPT_INTEGER, AT(functions), "0", 0, 1e9, NULL,
     "keep the first so many functions, in the order of the files; 0: all"},
    {"least", ALM_OPT_INTEGER, AT(least), "0", 0, 1e15, NULL,
     "leave out a function on days on which it has fewer calls"},
    {"first_day", ALM_OPT_INTEGER, AT(first_day), "1", 1, DAYS, NULL, "the first day to take, from 1"},
    {"days", ALM_OPT_INTEGER, AT(days), "0", 0, DAYS, NULL, "how many days to take; 0: all"},
    {"cpu_share", ALM_OPT_CORES, AT(cpu_share), "1", 0.001, 1000, NULL,
     "cores that a call uses while it runs, as CPU time was not recorded"},
    {"interpolation", ALM_OPT_CHOICE, AT(interpolation), "log", 0, 0, "log|linear",
     "between percentiles: straight lines of the logarithm or of the value"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { TRIGGER = ALM_AZURE_IDS, SPLIT };

static const struct alm_cell_spec cells[] = {
    [ALM_AZURE_OWNER] = {.name = "HashOwner", .flags = ALM_CELL_NEEDED},
    [ALM_AZURE_APP] = {.name = "HashApp", .flags = ALM_CELL_NEEDED},
    [ALM_AZURE_FUNCTION] = {.name = "HashFunction", .flags = ALM_CELL_NEEDED},
    [TRIGGER] = {.name = "Trigger", .flags = ALM_CELL_EXPECTED},
    {0},
};

static const struct alm_rows_format format = {
    .what = "an invocations_per_function table",
    .separator = ',',
    .header = true,
    .split = SPLIT,
    .cell = cells,
};

enum { MEMORY, DURATIONS, CALLS, TABLES };

struct file {
    const char *path;
    int table;
    int64_t day;
    size_t order;
};

struct function {
    uint32_t unit; /* ALM_NO_NAME: not added, as it had no calls */
    int64_t day;   /* on which it was seen last */
    bool kept;
};

struct import {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_azure_curves *durations, *memory;
    struct alm_names *names;
    struct function *function;
    uint32_t room;
    uint32_t trigger;
    uint64_t calls, kept;
    struct alm_counts counts;
    size_t filled;
    struct alm_invocation out[BATCH];
    double input[BATCH];
};

/* What the calls of one function on one day share. */
struct today {
    struct alm_rows *rows;
    const struct alm_cell *cell;
    uint32_t number; /* of the function */
    const struct alm_azure_curve *duration, *memory;
    uint64_t identity, app;
    int64_t day;
    double trigger;
};

static int flush(struct import *m, struct alm_err *e)
{
    size_t n = m->filled;
    m->filled = 0;
    return n ? m->sink->invocations(m->sink, m->out, m->input, n, e) : ALM_OK;
}

/* What the application had in that minute: one draw for all calls of it. */
static double draw_memory(const struct import *m, const struct today *t, uint64_t minute)
{
    struct alm_calls app = alm_calls_of(&m->opt->placement, t->app, minute, 0, ALM_MINUTE, 1);
    return t->memory ? alm_curve_at(&t->memory->curve, alm_calls_draw(&app, "memory"), m->opt->interpolation == 0)
                     : (double)NAN;
}

/* The function of this key: its number, or ALM_NO_NAME when it is left out. */
static int find_function(struct import *m, const char *key, size_t size, uint32_t *out, struct alm_err *e)
{
    uint32_t before = alm_names_count(m->names);
    ALM_TRY(alm_names_add(m->names, key, size, out, e));
    ALM_TRY(alm_reach(&m->function, &m->room, *out, sizeof *m->function, e));
    struct function *f = &m->function[*out];
    if (*out == before) {
        uint64_t entity = alm_identity(0, key, size);
        struct alm_stream s = alm_stream_open((uint64_t)m->opt->placement.seed, entity, "function");
        bool early = m->opt->functions == 0 || *out < (uint64_t)m->opt->functions;
        *f = (struct function){ALM_NO_NAME, 0, early && alm_stream_uniform(&s) < m->opt->function_share};
    }
    return ALM_OK;
}

/* The unit of the function whose calls are taken, added with the first of them that is kept. */
static int find_unit(struct import *m, const struct today *t, uint32_t *unit, struct alm_err *e)
{
    char name[ALM_AZURE_NAME];
    uint64_t *counter;
    bool repaired;
    *unit = m->function[t->number].unit;
    if (*unit != ALM_NO_NAME)
        return ALM_OK;
    struct alm_unit_about about = alm_azure_unit(&t->cell[ALM_AZURE_APP].text, &t->cell[ALM_AZURE_FUNCTION].text, name);
    int code = alm_rows_about(t->rows, m->batch, &about, unit, e);
    if (code != ALM_OK)
        return code;
    ALM_TRY(alm_batch_about(m->batch, &about, unit, &counter, &repaired, e));
    if (*counter > 0 && *counter != (uint64_t)t->number + 1)
        return alm_fail(e, ALM_EDATA,
                        "%s:%" PRIu64 ": two functions share the name %.*s (the first 16 digits of their "
                        "ids); rename one of them in all tables",
                        alm_rows_path(t->rows), alm_rows_row(t->rows), (int)about.name.size, about.name.at);
    *counter = (uint64_t)t->number + 1;
    m->function[t->number].unit = *unit;
    return ALM_OK;
}

static int put_minute(struct import *m, const struct today *t, const struct alm_count *count, struct alm_err *e)
{
    const struct options *o = m->opt;
    alm_time start = (t->day - 1) * ALM_DAY + m->counts.period[count->period].start;
    alm_time length = m->counts.period[count->period].length;
    uint64_t number =
        (uint64_t)t->day * ALM_COUNTS_MINUTES + (uint64_t)(m->counts.period[count->period].start / ALM_MINUTE);
    struct alm_calls calls = alm_calls_of(&o->placement, t->identity, number, start, length, count->calls);
    struct alm_call call;
    if (m->sink->stop && *m->sink->stop)
        return alm_fail(e, ALM_EINTR, "%s: interrupted", alm_rows_path(t->rows));
    double memory = (double)NAN;
    uint32_t unit = ALM_NO_NAME;
    for (uint64_t k = 0; k < count->calls; k++) {
        if (!alm_calls_get(&calls, k, &call))
            continue;
        if (unit == ALM_NO_NAME) {
            int code = find_unit(m, t, &unit, e);
            if (code != ALM_OK)
                return code;
            memory = draw_memory(m, t, number);
        }
        if (m->filled == BATCH)
            ALM_TRY(flush(m, e));
        struct alm_invocation *i = &m->out[m->filled];
        *i = alm_invocation_at(call.at, unit);
        if (t->duration)
            i->value[ALM_INV_DURATION] = alm_curve_at(&t->duration->curve, call.draw, o->interpolation == 0);
        i->value[ALM_INV_WORK] = i->value[ALM_INV_DURATION] * o->cpu_share;
        i->value[ALM_INV_PARALLELISM] = o->cpu_share;
        i->value[ALM_INV_MEMORY] = memory;
        m->input[m->filled++] = t->trigger;
        m->kept++;
    }
    return ALM_OK;
}

/* The newest curve of a key up to DAY, or NULL; notes what is not of the day itself. */
static const struct alm_azure_curve *find_curve(const struct alm_azure_curves *c, struct alm_rows *r, const char *key,
                                                size_t size, int64_t day, const char *older)
{
    const struct alm_azure_curve *found = alm_azure_curves_find(c, key, size);
    if (found && found->day != day)
        alm_rows_note(r, false, older);
    return found;
}

static void find_curves(struct import *m, struct today *t)
{
    const struct alm_cell *id[] = {&t->cell[ALM_AZURE_OWNER], &t->cell[ALM_AZURE_APP], &t->cell[ALM_AZURE_FUNCTION]};
    struct alm_rows *r = t->rows;
    char key[ALM_AZURE_KEY];
    size_t size = alm_azure_key(id, 3, key), app = alm_azure_key(id, 2, (char[ALM_AZURE_KEY]){0});
    t->app = alm_identity(0, key, app);
    t->duration = find_curve(m->durations, r, key, size, t->day, "no durations on that day: those of an earlier day");
    const char *older = "no memory of the application on that day: that of an earlier day";
    t->memory = find_curve(m->memory, r, key, size, t->day, older);
    if (t->memory)
        t->app = alm_identity(0, key, size);
    else
        t->memory = find_curve(m->memory, r, key, app, t->day, older);
    if (!t->duration)
        alm_rows_note(r, false, "a function without durations: its calls have none");
    if (!t->memory)
        alm_rows_note(r, false, "an application without memory: its calls have none");
}

static int take_row(struct import *m, struct alm_rows *r, const struct alm_cell *cell, int64_t day, struct alm_err *e)
{
    const struct alm_cell *id[] = {&cell[ALM_AZURE_OWNER], &cell[ALM_AZURE_APP], &cell[ALM_AZURE_FUNCTION]};
    const struct options *o = m->opt;
    char key[ALM_AZURE_KEY];
    size_t size = alm_azure_key(id, 3, key);
    uint32_t number;
    if (size == 0)
        return alm_rows_bad(r, "ids longer than 500 bytes", ALM_AZURE_FUNCTION, e);
    ALM_TRY(find_function(m, key, size, &number, e));
    struct function *f = &m->function[number];
    if (!f->kept)
        return ALM_OK;
    int code = alm_counts_row(&m->counts, r, SPLIT, o->placement.most, o->rows.bad, e);
    if (code != ALM_OK)
        return code;
    if (f->day == day)
        alm_rows_note(r, false, "a function twice on one day: the calls of both rows taken");
    f->day = day;
    if (m->counts.total == 0 || m->counts.total < (uint64_t)o->least)
        return ALM_OK;
    const struct alm_field *trigger = &cell[TRIGGER].text;
    struct today t = {.rows = r,
                      .cell = cell,
                      .number = number,
                      .identity = alm_identity(alm_identity(0, key, size), trigger->at, trigger->size),
                      .day = day,
                      .trigger = (double)NAN};
    if (!cell[TRIGGER].missing)
        ALM_TRY(m->sink->word(m->sink, m->trigger, trigger->at, trigger->size, &t.trigger, e));
    find_curves(m, &t);
    m->calls += m->counts.total;
    for (size_t i = 0; i < m->counts.cells && code == ALM_OK; i++)
        code = put_minute(m, &t, &m->counts.cell[i], e);
    return code;
}

static int read_calls(struct import *m, const char *path, int64_t day, struct alm_err *e)
{
    struct alm_rows *r;
    const struct alm_cell *cell;
    ALM_TRY(alm_rows_open(&m->job, path, &format, &r, e));
    int code = alm_counts_header(&m->counts, r, SPLIT, e);
    while (code >= 0 && (code = alm_rows_next(r, &cell, e)) == ALM_OK)
        code = take_row(m, r, cell, day, e);
    alm_rows_close(r);
    return code < 0 ? code : ALM_OK;
}

/* ".d07." of a file's name; 1 when it says nothing of a day. */
static int64_t day_of(const char *path)
{
    for (const char *p = alm_dataset_name(path); (p = strstr(p, ".d")); p++) {
        size_t digits = strspn(p + 2, "0123456789");
        if (digits > 0 && digits < 4 && (p[2 + digits] == '.' || !p[2 + digits]))
            return atoi(p + 2);
    }
    return 1;
}

static int tell_file(struct file *f, struct alm_err *e)
{
    struct alm_header h;
    char list[320];
    ALM_TRY(alm_rows_peek(f->path, ',', false, &h, e));
    f->day = day_of(f->path);
    f->table = TABLES;
    if (alm_header_find(&h, "percentile_Average_50") >= 0)
        f->table = DURATIONS;
    else if (alm_header_find(&h, "AverageAllocatedMb") >= 0)
        f->table = MEMORY;
    else if (h.count == 0 || alm_header_find(&h, "Trigger") >= 0)
        f->table = CALLS;
    int code = ALM_OK;
    if (f->table == TABLES)
        code = alm_fail(e, ALM_EDATA,
                        "%s: the header has %s; right is invocations_per_function (with Trigger), function_durations "
                        "(with percentile_Average_50) or app_memory (with AverageAllocatedMb)",
                        f->path, alm_header_list(&h, list, sizeof list));
    else if (f->day < 1)
        code = alm_fail(e, ALM_EDATA, "%s: day 0 by its name; days count from .d01.", f->path);
    alm_header_free(&h);
    return code;
}

static int by_day(const void *a, const void *b)
{
    const struct file *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    if (x->table != y->table)
        return x->table - y->table;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int read_file(struct import *m, const struct file *f, struct alm_err *e)
{
    const struct options *o = m->opt;
    bool late = o->days > 0 && f->day >= o->first_day + o->days;
    if (late || (f->table == CALLS && f->day < o->first_day)) {
        alm_report_note(m->sink->report, false, "a file of a day that was not asked for: not read", "%s", f->path);
        return ALM_OK;
    }
    if (f->table == MEMORY)
        return alm_azure_memory_read(m->memory, &m->job, f->path, f->day, e);
    if (f->table == DURATIONS)
        return alm_azure_durations_read(m->durations, &m->job, f->path, f->day, e);
    return read_calls(m, f->path, f->day, e);
}

static int read_files(struct import *m, const char *const *path, size_t count, struct alm_err *e)
{
    struct file *file = calloc(count + 1, sizeof *file);
    int code = file ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for %zu files", count);
    for (size_t i = 0; i < count && code >= 0; i++) {
        file[i] = (struct file){.path = path[i], .order = i};
        code = tell_file(&file[i], e);
    }
    if (code >= 0)
        qsort(file, count, sizeof *file, by_day);
    for (size_t i = 0; i < count && code >= 0; i++)
        code = read_file(m, &file[i], e);
    free(file);
    return code;
}

static void assume(struct import *m)
{
    static const char *const rule[] = {"at uniform instants in", "evenly over", "at the start of"};
    const struct options *o = m->opt;
    struct alm_trace_report *report = m->sink->report;
    char text[256];
    snprintf(text, sizeof text, "Calls are counted by the minute; they are placed %s it (placement=).",
             rule[o->placement.rule]);
    alm_report_assume(report, text);
    snprintf(text, sizeof text, "CPU time was not recorded: work is duration x %g cores (cpu_share=).", o->cpu_share);
    alm_report_assume(report, text);
    alm_report_assume(report, "Durations are drawn from the function's percentiles of 30-s averages, memory once a "
                              "minute from the application's; 1 MB is 2^20 bytes.");
    if (o->placement.share < 1) {
        snprintf(text, sizeof text, "Of %" PRIu64 " calls %" PRIu64 " were kept (share=%g).", m->calls, m->kept,
                 o->placement.share);
        alm_report_assume(report, text);
    }
}

static int import_all(struct import *m, const char *const *path, size_t count, struct alm_err *e)
{
    const struct alm_input trigger = {.name = "trigger", .category = true};
    ALM_TRY(alm_batch_open(m->sink, &m->batch, e));
    ALM_TRY(alm_names_open(&m->names, e));
    ALM_TRY(alm_azure_curves_open(&m->durations, e));
    ALM_TRY(alm_azure_curves_open(&m->memory, e));
    ALM_TRY(m->sink->input(m->sink, &trigger, &m->trigger, e));
    ALM_TRY(read_files(m, path, count, e));
    ALM_TRY(flush(m, e));
    assume(m);
    if (m->kept > 0)
        return ALM_OK;
    return alm_fail(e, ALM_EDATA,
                    "%s%s: no calls: an invocations_per_function table of a day that is asked for, with "
                    "calls that are kept, is needed",
                    count ? path[0] : "", count > 1 ? " and the others" : "");
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct import *m = calloc(1, sizeof *m);
    if (!m)
        return alm_fail(e, ALM_ENOMEM, "no memory to import");
    m->opt = opt;
    m->sink = sink;
    m->job = alm_rows_start(&m->opt->rows, sink, path, count);
    int code = import_all(m, path, count, e);
    alm_azure_curves_close(m->memory);
    alm_azure_curves_close(m->durations);
    alm_names_close(m->names);
    alm_batch_close(m->batch);
    free(m->function);
    free(m);
    return code;
}

const struct alm_importer_ops alm_importer_azure_functions_2019 = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "azure-functions-2019",
             .summary = "Azure Functions 2019: calls a minute, durations, memory; three tables a day",
             .source = "Shahrad et al., USENIX ATC 2020",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
