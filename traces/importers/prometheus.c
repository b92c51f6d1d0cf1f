/* SPDX-License-Identifier: GPL-3.0-or-later
 * prometheus: results of range queries (query_range), one or several files.
 *
 * Meaning.  A series is of a unit (its labels say which) and of a resource (its metric says which). Counters become
 *           rates: cores, or bytes over the step; a rise belongs to (point before, this point]. Series of one unit and
 *           resource (a machine's cores, a pod's interfaces) add up; results of several queries meet by time.
 * Choice.   Without unit=, a unit is namespace/pod/container as far as there are such labels, else name, groupname or
 *           instance. Sums that cAdvisor makes over a pod or over all containers are left out where the containers
 *           themselves are there (no label container, or POD; network exists for pods alone, and is kept). A result
 *           without a metric's name (of an expression) is a rate or an amount of the resource that the file's name speaks of.
 *           The same series in several files (a long time asked for in pieces) is one; points that were there are dropped.
 *           Of two metrics that mean the same of one unit, the first counts.
 * Limits.   Floats alone: histograms and summaries are refused. Rates of expressions are taken over the step.
 * Source.   Prometheus, HTTP API v1, "Expression query result formats"; metrics: prometheus_metrics.c. */
#include "almanac/importer.h"
#include "formats/monitor.h"
#include "formats/prometheus_metrics.h"
#include "formats/resource_words.h"
#include "text/names.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { COUNTER_AUTO, COUNTER_YES, COUNTER_NO };

struct options {
    char unit[ALM_OPT_STRING], metric[ALM_RESOURCES][ALM_OPT_STRING];
    int resource, counter, bad;
};

#define AT(member) offsetof(struct options, member)
#define METRIC(name, resource)                                                                                         \
    {                                                                                                                  \
        name, ALM_OPT_TEXT, AT(metric[resource]), NULL, 0, 0, NULL,                                                    \
            "metric that means " name ", or none; else by its name"                                                    \
    }

static const struct alm_opt rows[] = {
    {"unit", ALM_OPT_TEXT, AT(unit), NULL, 0, 0, NULL, "labels that name a unit, a/b; else as far as there are such"},
    METRIC("cpu", ALM_CPU),
    METRIC("memory", ALM_MEMORY),
    METRIC("io_read", ALM_IO_READ),
    METRIC("io_write", ALM_IO_WRITE),
    METRIC("net_rx", ALM_NET_RX),
    METRIC("net_tx", ALM_NET_TX),
    {"resource", ALM_OPT_CHOICE, AT(resource), "auto", 0, 0, "auto|cpu|memory|io_read|io_write|net_rx|net_tx",
     "what series without a known metric mean; auto: what the file's name speaks of"},
    {"counter", ALM_OPT_CHOICE, AT(counter), "auto", 0, 0, "auto|yes|no",
     "are series counters; auto: those named _total or _sum"},
    {"bad", ALM_OPT_CHOICE, AT(bad), "error", 0, 0, "error|drop", "what to do with what cannot be read"},
    {0},
};

struct segment {
    alm_time first, last;
};

struct series { /* one set of labels */
    struct alm_counter counter;
    struct segment *segment; /* of the files read so far */
    size_t segments;
};

struct unit {
    uint32_t metric[ALM_RESOURCES]; /* number of its name + 1, or 0 */
};

struct capacity {
    double cores, memory; /* 0: not known */
    bool used;            /* the unit has usage */
};

struct prometheus {
    struct alm_monitor m;
    const struct options *opt;
    struct alm_names *series_names, *metric_names, *unit_names;
    struct series *series;
    struct unit *unit;
    struct capacity *capacity;
    size_t series_room, unit_room, capacity_room;
};

/* What one series is. */
struct meaning {
    const char *name;   /* of the metric, "" without one */
    int what;           /* enum alm_resource or ALM_MEANS_* */
    bool counter, rate; /* rate: per second, of an expression */
};

/* Room for one more in an array of things of SIZE bytes, zeroed. */
static int have_room(void **array, size_t *room, size_t index, size_t size, struct alm_err *e)
{
    if (index < *room)
        return ALM_OK;
    size_t more = 2 * index + 64;
    char *grown = realloc(*array, more * size);
    if (!grown)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu series", more);
    memset(grown + *room * size, 0, (more - *room) * size);
    *array = grown;
    *room = more;
    return ALM_OK;
}

static const char *label(const json_t *metric, const char *name)
{
    const char *text = json_string_value(json_object_get(metric, name));
    return text ? text : "";
}

/* ---- what a series means ---- */

/* ALM_NOT_YET: it is left out, which was noted. */
static int find_known(struct prometheus *p, const json_t *metric, struct meaning *out)
{
    const struct alm_prometheus_metric *known = alm_prometheus_find(out->name);
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (out->name[0] && strcmp(p->opt->metric[r], out->name) == 0) {
            out->what = r;
            return ALM_OK;
        }
    if (!known)
        return ALM_END;
    if (known->means < ALM_RESOURCES && p->opt->metric[known->means][0]) {
        alm_monitor_note(&p->m, true, "a series of another metric than was asked for");
        return ALM_NOT_YET;
    }
    if (known->label && alm_prometheus_listed(known->words, label(metric, known->label))) {
        alm_monitor_note(&p->m, true,
                         "a series that is not use, or counts what another one does (idle CPU, virtual memory, "
                         "loopback, bridges, volumes)");
        return ALM_NOT_YET;
    }
    out->what = known->means;
    return ALM_OK;
}

static int find_meaning(struct prometheus *p, const json_t *metric, struct meaning *out, struct alm_err *e)
{
    out->name = label(metric, "__name__");
    if (json_object_get(metric, "le") || json_object_get(metric, "quantile"))
        return alm_monitor_bad(&p->m, "a histogram or summary; ask for its _sum or for an expression",
                               (struct alm_field){out->name, strlen(out->name)}, e);
    int code = find_known(p, metric, out);
    out->counter =
        p->opt->counter == COUNTER_YES || (p->opt->counter == COUNTER_AUTO && alm_prometheus_counter(out->name));
    if (code != ALM_END)
        return code;
    if (p->opt->resource > 0) {
        out->what = p->opt->resource - 1;
    } else if (out->name[0]) {
        alm_monitor_note(&p->m, true, "a metric of no known resource; say cpu=METRIC, memory=METRIC, ...");
        return ALM_NOT_YET;
    } else {
        char stem[ALM_FILE_NAME];
        alm_file_unit(p->m.path, true, stem);
        out->what = alm_resource_of_words(stem, strlen(stem));
        if (out->what < 0)
            return alm_monitor_bad(&p->m,
                                   "a series without a metric's name, in a file whose name speaks of no resource; say "
                                   "resource=",
                                   (struct alm_field){stem, strlen(stem)}, e);
    }
    out->rate = !out->counter && out->what != ALM_MEMORY;
    return ALM_OK;
}

/* ---- what unit it is of ---- */

struct name {
    char text[1024];
    size_t size;
};

static void join(struct name *n, const char *word)
{
    int k = snprintf(n->text + n->size, sizeof n->text - n->size, "%s%s", n->size ? "/" : "", word);
    n->size = n->size + (size_t)k < sizeof n->text ? n->size + (size_t)k : sizeof n->text - 1;
}

/* The labels of unit=. */
static int join_chosen(struct prometheus *p, const json_t *metric, struct name *out, struct alm_err *e)
{
    for (const char *l = p->opt->unit; *l; l += strcspn(l, "/"), l += *l == '/') {
        const json_t *value = json_object_getn(metric, l, strcspn(l, "/"));
        if (!json_is_string(value) || json_string_length(value) == 0)
            return alm_monitor_bad(&p->m,
                                   "a series without this label of unit=", (struct alm_field){l, strcspn(l, "/")}, e);
        join(out, json_string_value(value));
    }
    return ALM_OK;
}

static int join_usual(struct prometheus *p, const json_t *metric, int what, struct name *out, struct alm_err *e)
{
    static const char *const others[] = {"name", "groupname", "instance"};
    const char *pod = label(metric, "pod"), *container = label(metric, "container"), *id = label(metric, "id");
    bool network = what == ALM_NET_RX || what == ALM_NET_TX, pause = strcmp(container, "POD") == 0;
    if (pause || !container[0])
        container = "";
    if (!network && pod[0] && (pause || (!container[0] && id[0]))) {
        alm_monitor_note(&p->m, true, "a sum over the containers of a pod, or what holds a pod together");
        return ALM_NOT_YET;
    }
    if (pod[0] || container[0]) {
        const char *const part[] = {label(metric, "namespace"), pod, container};
        for (int i = 0; i < 3; i++)
            if (part[i][0])
                join(out, part[i]);
        return ALM_OK;
    }
    if (id[0] && !label(metric, "name")[0]) {
        alm_monitor_note(&p->m, true, "a control group that is no container; say unit=id to have them");
        return ALM_NOT_YET;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others && !out->size; i++)
        if (label(metric, others[i])[0])
            join(out, label(metric, others[i]));
    return out->size ? ALM_OK : alm_monitor_bad_json(&p->m, "no label that names a unit; say unit=LABEL", metric, e);
}

/* Is this metric the one that counts for this resource of this unit? */
static int first_metric(struct prometheus *p, uint32_t unit, const struct meaning *is, bool *first, struct alm_err *e)
{
    uint32_t number;
    ALM_TRY(alm_names_add(p->metric_names, is->name, strlen(is->name), &number, e));
    ALM_TRY(have_room((void **)&p->unit, &p->unit_room, unit, sizeof *p->unit, e));
    uint32_t *chosen = &p->unit[unit].metric[is->what];
    if (!*chosen)
        *chosen = number + 1;
    *first = *chosen == number + 1;
    if (!*first)
        alm_monitor_note(&p->m, true, "a series of a second metric of the same unit and resource");
    return ALM_OK;
}

/* ---- points ---- */

static int take_point(struct prometheus *p, const json_t *point, alm_time *at, double *value, struct alm_err *e)
{
    const json_t *sample = json_array_get(point, 1);
    if (json_array_size(point) != 2 || alm_json_time(json_array_get(point, 0), ALM_TIME_S, at) != ALM_NUMBER_OK)
        return alm_monitor_bad_json(&p->m, "not a point [time in seconds, \"value\"]", point, e);
    const char *text = json_string_value(sample);
    if (text && (strcasecmp(text, "NaN") == 0 || strcasecmp(text + strspn(text, "+-"), "Inf") == 0)) {
        alm_monitor_note(&p->m, false, "a sample NaN or Inf: taken as missing");
        return ALM_NOT_YET;
    }
    if (alm_json_number(sample, value) != ALM_NUMBER_OK)
        return alm_monitor_bad_json(&p->m, "not a point [time in seconds, \"value\"]", point, e);
    return ALM_OK;
}

/* The smallest distance of two points that follow one another, in seconds; NaN when there is none. */
static double find_step(const json_t *values)
{
    alm_time step = ALM_TIME_MAX, before, at;
    for (size_t i = 1; i < json_array_size(values); i++)
        if (alm_json_time(json_array_get(json_array_get(values, i - 1), 0), ALM_TIME_S, &before) == ALM_NUMBER_OK &&
            alm_json_time(json_array_get(json_array_get(values, i), 0), ALM_TIME_S, &at) == ALM_NUMBER_OK &&
            at > before && !__builtin_sub_overflow(at, before, &at) && at < step)
            step = at;
    return step < ALM_TIME_MAX ? alm_seconds(step) : (double)NAN;
}

static bool was_read(const struct series *s, alm_time at)
{
    for (size_t i = 0; i + 1 < s->segments; i++)
        if (at >= s->segment[i].first && at <= s->segment[i].last)
            return true;
    return false;
}

static int put_point(struct prometheus *p, struct series *s, uint32_t unit, const struct meaning *is, double step,
                     alm_time at, double value, struct alm_err *e)
{
    enum alm_resource r = (enum alm_resource)is->what;
    struct segment *now = &s->segment[s->segments - 1];
    if (was_read(s, at) || (now->last >= now->first && at <= now->last)) {
        alm_monitor_note(&p->m, true, "a point of a series that was read before");
        return ALM_OK;
    }
    if (now->last < now->first) { /* an earlier piece of time than the one before is counted on its own */
        now->first = at;
        if (s->counter.known && at <= s->counter.at)
            s->counter = (struct alm_counter){0};
    }
    now->last = at;
    if (is->counter)
        return alm_monitor_count(&p->m, &s->counter, unit, at, r, value, e);
    if (is->rate && r != ALM_CPU) {
        if (isnan(step)) {
            alm_monitor_note(&p->m, true, "a single point of a rate in bytes: over how long is not known");
            return ALM_OK;
        }
        value *= step;
    }
    return alm_monitor_put(&p->m, unit, at, r, value, true, e);
}

static int take_points(struct prometheus *p, uint32_t unit, const struct meaning *is, struct series *s,
                       const json_t *values, struct alm_err *e)
{
    struct segment *more = realloc(s->segment, (s->segments + 1) * sizeof *more);
    if (!more)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for a series", p->m.path);
    s->segment = more;
    s->segment[s->segments++] = (struct segment){0, -1};
    double step = find_step(values);
    for (size_t i = 0; i < json_array_size(values); i++) {
        alm_time at;
        double value;
        int code = take_point(p, json_array_get(values, i), &at, &value, e);
        ALM_TRY(code);
        if (code == ALM_OK)
            ALM_TRY(put_point(p, s, unit, is, step, at, value, e));
    }
    return ALM_OK;
}

static int find_series(struct prometheus *p, const json_t *metric, int what, struct series **out, struct alm_err *e)
{
    char *text = json_dumps(metric, JSON_COMPACT | JSON_SORT_KEYS);
    uint32_t number;
    if (!text)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for a series", p->m.path);
    text[0] = (char)('0' + what); /* instead of the brace: nameless series of two resources differ */
    int code = alm_names_add(p->series_names, text, strlen(text), &number, e);
    free(text);
    ALM_TRY(code);
    ALM_TRY(have_room((void **)&p->series, &p->series_room, number, sizeof *p->series, e));
    *out = &p->series[number];
    return ALM_OK;
}

/* ---- capacities ---- */

static int find_capacity(struct prometheus *p, const struct name *name, struct capacity **out, struct alm_err *e)
{
    uint32_t number;
    ALM_TRY(alm_names_add(p->unit_names, name->text, name->size, &number, e));
    ALM_TRY(have_room((void **)&p->capacity, &p->capacity_room, number, sizeof *p->capacity, e));
    *out = &p->capacity[number];
    return ALM_OK;
}

static int take_capacity(struct prometheus *p, const json_t *metric, int what, const struct name *name,
                         const json_t *values, struct alm_err *e)
{
    struct capacity *capacity;
    alm_time at;
    double value = 0;
    if (what == ALM_MEANS_LIMIT)
        what = strcmp(label(metric, "resource"), "cpu") == 0      ? ALM_MEANS_CORES
               : strcmp(label(metric, "resource"), "memory") == 0 ? ALM_MEANS_BYTES
                                                                  : ALM_MEANS_LIMIT;
    for (size_t i = json_array_size(values); i-- > 0 && value == 0;) {
        int code = take_point(p, json_array_get(values, i), &at, &value, e);
        ALM_TRY(code);
    }
    if (what == ALM_MEANS_LIMIT || !(value > 0 && value < 1e15)) /* limit 0 is no limit */
        return ALM_OK;
    ALM_TRY(find_capacity(p, name, &capacity, e));
    *(what == ALM_MEANS_CORES ? &capacity->cores : &capacity->memory) = value;
    return ALM_OK;
}

/* Capacities of those units that have usage. */
static int end(struct alm_monitor *m, struct alm_err *e)
{
    struct prometheus *p = (struct prometheus *)m;
    for (uint32_t i = 0; i < alm_names_count(p->unit_names); i++) {
        size_t size;
        const char *name = alm_names_text(p->unit_names, i, &size);
        const struct capacity *c = &p->capacity[i];
        if (c->used && (c->cores > 0 || c->memory > 0))
            ALM_TRY(alm_batch_capacity(m->batch, name, size, c->cores > 0 ? c->cores : (double)NAN,
                                       c->memory > 0 ? c->memory : (double)NAN, e));
    }
    return ALM_OK;
}

/* ---- files ---- */

static int take_usage(struct prometheus *p, const json_t *metric, const struct meaning *is, const struct name *name,
                      const json_t *values, struct alm_err *e)
{
    uint32_t unit;
    struct series *series = NULL;
    struct capacity *capacity;
    bool first = false;
    int code = alm_monitor_unit(&p->m, (struct alm_field){name->text, name->size}, (double)NAN, (double)NAN, &unit, e);
    if (code != ALM_OK)
        return code;
    ALM_TRY(first_metric(p, unit, is, &first, e));
    if (!first)
        return ALM_OK;
    ALM_TRY(find_capacity(p, name, &capacity, e));
    capacity->used = true;
    ALM_TRY(find_series(p, metric, is->what, &series, e));
    return take_points(p, unit, is, series, values, e);
}

static int take(struct alm_monitor *m, const json_t *element, struct alm_err *e)
{
    struct prometheus *p = (struct prometheus *)m;
    const json_t *metric = json_object_get(element, "metric"), *values = json_object_get(element, "values");
    if (json_object_get(element, "histograms"))
        return alm_monitor_bad_json(m, "a histogram; ask for an expression of it", metric, e);
    if (json_object_get(element, "value"))
        return alm_monitor_bad_json(m, "a value of one instant; ask by query_range", metric, e);
    if (!json_is_object(metric) || !json_is_array(values))
        return alm_monitor_bad_json(m, "not a series {\"metric\": {...}, \"values\": [...]}", element, e);
    m->sink->report->read += json_array_size(values) - 1;
    struct meaning is = {0};
    struct name name = {.size = 0};
    int code = find_meaning(p, metric, &is, e);
    if (code == ALM_OK)
        code = p->opt->unit[0] ? join_chosen(p, metric, &name, e) : join_usual(p, metric, is.what, &name, e);
    if (code != ALM_OK)
        return code;
    return is.what < ALM_RESOURCES ? take_usage(p, metric, &is, &name, values, e)
                                   : take_capacity(p, metric, is.what, &name, values, e);
}

/* What the server said of a query that failed. */
static int check_answer(struct alm_monitor *m, const struct alm_json_items *j, int code, struct alm_err *e)
{
    const char *status = json_string_value(alm_json_items_beside(j, "status"));
    const char *type = json_string_value(alm_json_items_beside(j, "errorType"));
    const char *text = json_string_value(alm_json_items_beside(j, "error"));
    if (status && strcmp(status, "error") == 0)
        return alm_fail(e, ALM_EDATA, "%s: the server answered with an error: %.40s: %.300s", m->path, type ? type : "",
                        text ? text : "");
    if (code >= 0 && json_is_string(alm_json_items_beside(j, "warnings")))
        alm_monitor_note(m, false, "the server warned that the answer may not be complete");
    return code;
}

static int read_file(struct alm_monitor *m, const char *path, struct alm_err *e)
{
    return alm_monitor_json(m, path, "data.result", take, check_answer, e);
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct prometheus p = {.m = {.sink = sink, .drop = o->bad, .read = read_file, .end = end}, .opt = o};
    int code = alm_names_open(&p.series_names, e);
    if (code >= 0)
        code = alm_names_open(&p.metric_names, e);
    if (code >= 0)
        code = alm_names_open(&p.unit_names, e);
    if (code >= 0)
        code = alm_monitor_run(&p.m, path, count, e);
    for (size_t i = 0; i < p.series_room; i++)
        free(p.series[i].segment);
    free(p.series);
    free(p.unit);
    free(p.capacity);
    alm_names_close(p.series_names);
    alm_names_close(p.metric_names);
    alm_names_close(p.unit_names);
    return code;
}

const struct alm_importer_ops alm_importer_prometheus = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "prometheus",
             .summary = "results of Prometheus range queries",
             .source = "Prometheus HTTP API v1",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
