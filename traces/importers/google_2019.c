/* SPDX-License-Identifier: GPL-3.0-or-later
 * google-2019: the Google cluster trace of May 2019: usage of instances, and what they asked for.
 *
 * Meaning.  A unit is an instance, named collection/index; its code is the collection, whose instances run one binary. A
 *           row of instance_usage is usage over (start, end]: cpu is average_usage.cpus, memory maximum_usage.memory (or
 *           the average). Requests in instance_events are the cores and memory of the unit; the last that is above 0
 *           counts.
 * Choice.   Exports of BigQuery: lines of JSON, with int64 as strings, or CSV with columns such as average_usage.cpus, or
 *           average_usage_cpus, or average_usage with "{'cpus': 0.01, 'memory': 0.02}" in it. Which table a file is, its
 *           columns say; events are read first. Amounts are scaled to the largest machine, which nobody outside
 *           knows: cores= and memory_capacity= say what it is taken for. Ten whole machines are a fault of the meter:
 *           missing. Times of 0 and 2^63-1 mean before and after the trace: such rows are dropped and counted. The usage of an
 *           instance of an alloc set holds that of the tasks inside, so both would count twice: allocs= says which is
 *           taken, the outer one as in the publishers' own sums, or the tasks, which run one binary each.
 * Limits.   The distribution of CPU usage within an interval is not read. The trace itself begins at 600 s.
 * Source.   Wilkes, Google cluster-usage traces v3, 2020; Tirmazi et al., Borg: the Next Generation, EuroSys 2020. */
#include "almanac/importer.h"
#include "formats/monitor.h"
#include "formats/shares.h"
#include "text/rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARE_MOST 10.0 /* of the largest machine: more is not believed */

struct options {
    struct alm_rows_options rows;
    double cores;
    int64_t memory;
    alm_time interval;
    int average, allocs;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt options[] = {
    {"cores", ALM_OPT_CORES, AT(cores), "32", 1e-3, 1e6, NULL, "of the largest machine, to which cpu is scaled"},
    {"memory_capacity", ALM_OPT_BYTES, AT(memory), "64Gi", 1, 1e15, NULL,
     "of the largest machine, to which memory is scaled"},
    {"memory", ALM_OPT_CHOICE, AT(average), "maximum", 0, 0, "maximum|average",
     "which memory is the usage: the maximum of the interval, or its mean"},
    {"allocs", ALM_OPT_CHOICE, AT(allocs), "outer", 0, 0, "outer|tasks|all",
     "outer: instances of alloc sets, but not the tasks in them; tasks: the reverse; all: both, so some usage twice"},
    {"interval", ALM_OPT_DURATION, AT(interval), "5m", 1, 31536000e9, NULL, "that a row usually covers"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { ALLOCS_OUTER, ALLOCS_TASKS };

/* Columns of CSV; each amount is a number of its own, or lies in a dictionary. */
enum {
    START,
    END,
    COLLECTION,
    INDEX,
    TYPE,
    ALLOC,
    AVERAGE,
    MAXIMUM,
    REQUEST,
    AVERAGE_CPUS,
    AVERAGE_MEMORY,
    MAXIMUM_MEMORY,
    REQUEST_CPUS,
    REQUEST_MEMORY
};
#define NAME ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0
#define TEXT ALM_CELL_TEXT, 0, 0, 0
#define SHARE ALM_CELL_NUMBER, 0, 0, 0
static const struct alm_cell_spec cells[] = {
    [START] = {"start_time", 0, TEXT},
    [END] = {"end_time", 0, TEXT},
    [COLLECTION] = {"collection_id", 0, NAME},
    [INDEX] = {"instance_index", 0, NAME},
    [TYPE] = {"collection_type", 0, TEXT},
    [ALLOC] = {"alloc_collection_id", 0, TEXT},
    [AVERAGE] = {"average_usage", 0, TEXT},
    [MAXIMUM] = {"maximum_usage", 0, TEXT},
    [REQUEST] = {"resource_request", 0, TEXT},
    [AVERAGE_CPUS] = {"average_usage.cpus|average_usage_cpus", 0, SHARE},
    [AVERAGE_MEMORY] = {"average_usage.memory|average_usage_memory", 0, SHARE},
    [MAXIMUM_MEMORY] = {"maximum_usage.memory|maximum_usage_memory", 0, SHARE},
    [REQUEST_CPUS] = {"resource_request.cpus|resource_request_cpus", 0, SHARE},
    [REQUEST_MEMORY] = {"resource_request.memory|resource_request_memory", 0, SHARE},
    {0},
};
static const struct alm_rows_format format = {.what = "instance_usage or instance_events of the Google 2019 trace",
                                              .separator = ',',
                                              .quotes = true,
                                              .header = true,
                                              .cell = cells};

struct google {
    struct alm_monitor m;
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_shares *requests;
};

/* What a row of either table says; shares are NaN when not given. */
struct record {
    struct alm_field collection, index, type, alloc;
    bool timed; /* it has a start and an end */
    enum alm_number start_status, end_status;
    alm_time start, end;
    double cpus, average_memory, maximum_memory, request_cpus, request_memory;
};

/* ---- either table ---- */

static double believed(struct google *g, double share, double scale)
{
    if (share > SHARE_MOST || share < 0) {
        alm_monitor_note(&g->m, false, "a value outside of its range: taken as missing");
        return (double)NAN;
    }
    return share * scale;
}

/* A request of 0 asks for nothing that is known. */
static double asked(struct google *g, double share, double scale)
{
    return share > 0 ? believed(g, share, scale) : (double)NAN;
}

/* 0 is before, and the largest number after the trace. */
static const char *wrong_time(const struct record *r)
{
    if (r->start_status == ALM_NUMBER_NONE || r->end_status == ALM_NUMBER_NONE)
        return "not a time in microseconds";
    if (r->start_status == ALM_NUMBER_LARGE || r->end_status == ALM_NUMBER_LARGE)
        return "a special time: after the end of the trace";
    if (r->start <= 0 || r->end <= 0)
        return "a special time: before the trace";
    return r->end <= r->start ? "an interval that ends before it begins" : NULL;
}

static bool is_word(const struct alm_field *f, const char *word)
{
    return f->size == strlen(word) && memcmp(f->at, word, f->size) == 0;
}

/* NULL, or why a row of usage is left out. */
static const char *left_out(const struct google *g, const struct record *r)
{
    bool set = is_word(&r->type, "1") || is_word(&r->type, "ALLOC_SET");
    bool inside = r->alloc.size > 0 && !is_word(&r->alloc, "0");
    if (g->opt->allocs == ALLOCS_TASKS && set)
        return "an instance of an alloc set, which holds tasks (allocs=)";
    return g->opt->allocs == ALLOCS_OUTER && inside ? "a task in an instance of an alloc set (allocs=)" : NULL;
}

static int take_usage(struct google *g, const struct record *r, struct alm_unit_about *about, struct alm_err *e)
{
    struct alm_trace_row row = {.at = r->end, .value = {NAN, NAN, NAN, NAN, NAN, NAN}};
    const char *wrong = left_out(g, r);
    uint32_t unit;
    bool repaired;
    wrong = wrong ? wrong : wrong_time(r);
    if (wrong) {
        alm_monitor_note(&g->m, true, wrong);
        return ALM_OK;
    }
    row.value[ALM_CPU] = believed(g, r->cpus, g->opt->cores);
    row.value[ALM_MEMORY] =
        believed(g, g->opt->average ? r->average_memory : r->maximum_memory, (double)g->opt->memory);
    alm_shares_fill(g->requests, about);
    int code = alm_batch_about(g->m.batch, about, &unit, NULL, &repaired, e);
    if (code < 0)
        return alm_fail_in(e, "%s:%" PRIu64, g->m.path, g->m.line);
    g->m.values++;
    return alm_batch_add(g->m.batch, unit, &row, e);
}

static int take_record(struct google *g, const struct record *r, struct alm_err *e)
{
    char name[2 * ALM_UNIT_NAME];
    if (r->collection.size == 0 || r->index.size == 0 || r->collection.size > 60 || r->index.size > 60)
        return alm_monitor_bad(&g->m, "not a collection_id and an instance_index", r->collection, e);
    int n = snprintf(name, sizeof name, "%.*s/%.*s", (int)r->collection.size, r->collection.at, (int)r->index.size,
                     r->index.at);
    struct alm_unit_about about = {.name = {name, (size_t)n},
                                   .code = r->collection,
                                   .cores = asked(g, r->request_cpus, g->opt->cores),
                                   .memory = asked(g, r->request_memory, (double)g->opt->memory)};
    if (!isnan(about.cores) || !isnan(about.memory))
        ALM_TRY(alm_shares_put(g->requests, &about, e));
    return r->timed ? take_usage(g, r, &about, e) : ALM_OK;
}

/* ---- CSV ---- */

/* The number after KEY in "{'cpus': 0.01, 'memory': 0.02}"; NaN when there is none. */
static double of_dictionary(const struct alm_field *f, const char *key)
{
    char quoted[16];
    double v;
    for (const char *quote = "'\""; *quote; quote++) {
        int n = snprintf(quoted, sizeof quoted, "%c%s%c", *quote, key, *quote);
        const char *at = memmem(f->at, f->size, quoted, (size_t)n), *end = f->at + f->size;
        if (!at)
            continue;
        for (at += n; at < end && (*at == ' ' || *at == ':');)
            at++;
        const char *stop = at;
        while (stop < end && !memchr(", }", *stop, 3))
            stop++;
        return alm_number_parse(at, (size_t)(stop - at), '.', &v) == ALM_NUMBER_OK ? v : (double)NAN;
    }
    return (double)NAN;
}

static double amount(const struct alm_cell *cell, int own, int dictionary, const char *key)
{
    return cell[own].missing ? of_dictionary(&cell[dictionary].text, key) : cell[own].number;
}

static int read_csv(struct google *g, const char *path, struct alm_err *e)
{
    const struct alm_cell *c;
    struct alm_rows *rows;
    ALM_TRY(alm_rows_open(&g->job, path, &format, &rows, e));
    bool timed = alm_rows_has(rows, START) && alm_rows_has(rows, END);
    int code = ALM_OK;
    while (code >= 0 && (code = alm_rows_next(rows, &c, e)) == ALM_OK) {
        g->m.line = alm_rows_row(rows);
        struct record r = {.collection = c[COLLECTION].text,
                           .index = c[INDEX].text,
                           .type = c[TYPE].text,
                           .alloc = c[ALLOC].missing ? (struct alm_field){"", 0} : c[ALLOC].text,
                           .timed = timed && !(c[START].missing && c[END].missing),
                           .cpus = amount(c, AVERAGE_CPUS, AVERAGE, "cpus"),
                           .average_memory = amount(c, AVERAGE_MEMORY, AVERAGE, "memory"),
                           .maximum_memory = amount(c, MAXIMUM_MEMORY, MAXIMUM, "memory"),
                           .request_cpus = amount(c, REQUEST_CPUS, REQUEST, "cpus"),
                           .request_memory = amount(c, REQUEST_MEMORY, REQUEST, "memory")};
        r.start_status = alm_instant_parse(c[START].text.at, c[START].text.size, ALM_TIME_US, '.', &r.start);
        r.end_status = alm_instant_parse(c[END].text.at, c[END].text.size, ALM_TIME_US, '.', &r.end);
        code = take_record(g, &r, e);
    }
    alm_rows_close(rows);
    return code < 0 ? code : ALM_OK;
}

/* ---- JSON ---- */

/* An id as text: strings as they are, integers printed into OUT. */
static struct alm_field id_text(const json_t *value, char out[32])
{
    if (json_is_string(value))
        return (struct alm_field){json_string_value(value), json_string_length(value)};
    if (!json_is_integer(value))
        return (struct alm_field){"", 0};
    int n = snprintf(out, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return (struct alm_field){out, (size_t)n};
}

static double share(const json_t *element, const char *path)
{
    double v;
    return alm_json_number(alm_json_at(element, path), &v) == ALM_NUMBER_OK ? v : (double)NAN;
}

static int take_json(struct alm_monitor *m, const json_t *element, struct alm_err *e)
{
    struct google *g = (struct google *)m;
    char collection[32], index[32], type[32], alloc[32];
    const json_t *start = json_object_get(element, "start_time"), *end = json_object_get(element, "end_time");
    struct record r = {.collection = id_text(json_object_get(element, "collection_id"), collection),
                       .index = id_text(json_object_get(element, "instance_index"), index),
                       .type = id_text(json_object_get(element, "collection_type"), type),
                       .alloc = id_text(json_object_get(element, "alloc_collection_id"), alloc),
                       .timed = start || end,
                       .cpus = share(element, "average_usage.cpus"),
                       .average_memory = share(element, "average_usage.memory"),
                       .maximum_memory = share(element, "maximum_usage.memory"),
                       .request_cpus = share(element, "resource_request.cpus"),
                       .request_memory = share(element, "resource_request.memory")};
    if (r.collection.size > 0 && !json_object_get(element, "instance_index")) { /* exports leave out what is 0 */
        r.index = (struct alm_field){"0", 1};
        alm_monitor_note(m, false, "no instance_index: taken as 0");
    }
    if (!r.timed && !json_object_get(element, "time"))
        return alm_monitor_bad_json(m, "neither a row of instance_usage nor of instance_events", element, e);
    r.start_status = alm_json_time(start, ALM_TIME_US, &r.start);
    r.end_status = alm_json_time(end, ALM_TIME_US, &r.end);
    return take_record(g, &r, e);
}

/* ---- files ---- */

/* Is this a table of usage? Events are read before. */
static int is_usage(const char *path, bool *usage, struct alm_err *e)
{
    bool json;
    ALM_TRY(alm_monitor_is_json(path, &json, e));
    if (json) {
        struct alm_json_items *j;
        json_t *first;
        ALM_TRY(alm_json_items_open(path, "", &j, e));
        int code = alm_json_items_next(j, &first, e);
        *usage = code != ALM_OK || json_object_get(first, "start_time");
        alm_json_items_close(j);
        return code < 0 ? code : ALM_OK;
    }
    struct alm_header h;
    ALM_TRY(alm_rows_peek(path, ',', true, &h, e));
    *usage = h.count == 0 || alm_header_find(&h, "start_time") >= 0;
    alm_header_free(&h);
    return ALM_OK;
}

static int read_file(struct alm_monitor *m, const char *path, struct alm_err *e)
{
    bool json;
    ALM_TRY(alm_monitor_is_json(path, &json, e));
    return json ? alm_monitor_json(m, path, "", take_json, NULL, e) : read_csv((struct google *)m, path, e);
}

/* ORDER gets the tables of events, then those of usage, each in the order given. */
static int sort_files(const char *const *path, size_t paths, const char **order, struct alm_err *e)
{
    size_t n = 0;
    for (int usage = 0; usage < 2; usage++)
        for (size_t i = 0; i < paths; i++) {
            bool is;
            ALM_TRY(is_usage(path[i], &is, e));
            if (is == (usage == 1))
                order[n++] = path[i];
        }
    return ALM_OK;
}

static int run(const void *opt, const char *const *path, size_t paths, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct google g = {.m = {.sink = sink, .drop = o->rows.bad, .read = read_file}, .opt = o};
    char text[200];
    const char **order = calloc(paths + 1, sizeof *order);
    if (!order)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu files", paths);
    g.job = alm_rows_start(&o->rows, sink, path, paths);
    snprintf(text, sizeof text, "The largest machine is taken for %g cores (cores=) and %.6g GiB (memory_capacity=).",
             o->cores, (double)o->memory / 1073741824.0);
    alm_report_assume(sink->report, text);
    int code = sort_files(path, paths, order, e);
    if (code >= 0)
        code = sink->interval(sink, o->interval, e);
    if (code >= 0)
        code = alm_shares_open(sink, &g.requests, e);
    if (code >= 0)
        code = alm_monitor_run(&g.m, order, paths, e);
    alm_shares_close(g.requests);
    free(order);
    return code;
}

const struct alm_importer_ops alm_importer_google_2019 = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "google-2019",
             .summary = "usage and requests of instances in the Google trace of 2019, JSON or CSV",
             .source = "Wilkes, Google cluster-usage traces v3, 2020",
             .opts = options,
             .opt_size = sizeof(struct options)},
    .run = run,
};
