/* SPDX-License-Identifier: GPL-3.0-or-later
 * cloudwatch: series of Amazon CloudWatch: CSV `timestamp,value`, and answers of the API in JSON.
 *
 * Meaning.  A CSV file is one metric, named by the file's words: ec2_network_in_257a54.csv is net_rx. The JSON of
 *           GetMetricStatistics (Label, Datapoints) and get-metric-data (MetricDataResults) names its metrics. Percent
 *           are of cores= or memory_capacity=; bytes are those of one period. Several metrics of one unit meet.
 * Choice.   CloudWatch stamps the beginning of a period: stamps are moved to its end. The period is the smallest distance
 *           between stamps of a file, or period=. Of the statistics, cpu takes Average, memory Maximum, bytes Sum. A unit
 *           is a file, or unit=; a Label of two words, "web-1 CPUUtilization", names the unit first.
 *           Requests, latencies, operations and credits are not use of a resource: such a series is left out, and counted.
 * Limits.   Units of Kilobytes and so on are decimal. CSV as the Numenta Anomaly Benchmark has it, UTC.
 * Source.   Amazon CloudWatch API Reference, 2010-08-01; Numenta Anomaly Benchmark, data/realAWSCloudwatch. */
#include "almanac/importer.h"
#include "formats/monitor.h"
#include "formats/resource_words.h"
#include "text/rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct alm_rows_options rows;
    char unit[ALM_OPT_STRING];
    int resource;
    double cores;
    int64_t memory;
    alm_time period;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt options[] = {
    {"unit", ALM_OPT_TEXT, AT(unit), NULL, 0, 0, NULL, "the unit that all files are of; else each file is one"},
    {"resource", ALM_OPT_CHOICE, AT(resource), "auto", 0, 0, "auto|cpu|memory|io_read|io_write|net_rx|net_tx",
     "what the metrics are; auto: what their names, or the file's, speak of"},
    {"cores", ALM_OPT_CORES, AT(cores), "1", 1e-3, 1e6, NULL, "that 100 percent of cpu stand for"},
    {"memory_capacity", ALM_OPT_BYTES, AT(memory), "0", 0, 1e15, NULL, "that 100 percent of memory stand for"},
    {"period", ALM_OPT_DURATION, AT(period), "0", 0, 31536000e9, NULL,
     "of one value; 0: the smallest distance between stamps"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { TIMESTAMP, VALUE };
static const struct alm_cell_spec cells[] = {
    [TIMESTAMP] = {"timestamp", 0, ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0},
    [VALUE] = {"value", 0, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    {0},
};
static const struct alm_rows_format format = {.what = "a series of CloudWatch (timestamp,value)",
                                              .separator = ',',
                                              .quotes = true,
                                              .header = true,
                                              .time = ALM_TIME_ISO,
                                              .cell = cells};

struct cloudwatch {
    struct alm_monitor m;
    const struct options *opt;
    struct alm_rows_job job;
    char stem[ALM_FILE_NAME];
};

/* One metric: what its values are, and of whom. */
struct metric {
    enum alm_resource resource;
    double divisor, factor;
    uint32_t unit;
    alm_time period;
};

/* The resource of the metric NAME, or of the file; ALM_NOT_YET when it is not use of a resource. */
static int find_resource(struct cloudwatch *c, struct alm_field name, enum alm_resource *out, struct alm_err *e)
{
    int found = c->opt->resource > 0 ? c->opt->resource - 1 : alm_resource_of_words(name.at, name.size);
    if (found == ALM_WORDS_NOTHING)
        found = alm_resource_of_words(c->stem, strlen(c->stem));
    if (found == ALM_WORDS_OTHER) {
        alm_monitor_note(&c->m, true, "a series of requests, latencies, operations or the like, not of usage");
        return ALM_NOT_YET;
    }
    if (found == ALM_WORDS_NOTHING)
        return alm_monitor_bad(&c->m, "neither the metric nor the file speaks of a resource; say resource=", name, e);
    *out = (enum alm_resource)found;
    return ALM_OK;
}

/* Percent, where the data do not say their unit: cpu is, and memory up to 100 cannot be bytes. */
static int set_scale(struct cloudwatch *c, struct metric *m, bool percent, struct alm_err *e)
{
    m->divisor = percent ? 100 : 1;
    m->factor = 1;
    if (percent && m->resource == ALM_CPU) {
        m->factor = c->opt->cores;
        if (c->opt->cores == 1)
            alm_report_assume(c->m.sink->report, "100 percent of cpu is taken as one core (cores=).");
    } else if (percent && m->resource == ALM_MEMORY) {
        m->factor = (double)c->opt->memory;
        if (c->opt->memory == 0)
            return alm_fail(e, ALM_EINVAL,
                            "%s: memory in percent needs memory_capacity=, for example memory_capacity=16Gi",
                            c->m.path);
    } else if (percent) {
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": percent of %s; bytes were expected", c->m.path, c->m.line,
                        alm_resource_name(m->resource));
    }
    return ALM_OK;
}

/* What percent are of is the unit's capacity. */
static int tell_capacity(struct cloudwatch *c, const struct metric *m, struct alm_field unit, struct alm_err *e)
{
    bool cores = m->resource == ALM_CPU, memory = m->resource == ALM_MEMORY;
    if (m->divisor != 100 || (!cores && !memory))
        return ALM_OK;
    return alm_batch_capacity(c->m.batch, unit.at, unit.size, cores ? m->factor : (double)NAN,
                              memory ? m->factor : (double)NAN, e);
}

static int find_unit(struct cloudwatch *c, struct alm_field name, struct metric *m, struct alm_err *e)
{
    if (c->opt->unit[0])
        name = (struct alm_field){c->opt->unit, strlen(c->opt->unit)};
    else if (name.size == 0)
        name = (struct alm_field){c->stem, strlen(c->stem)};
    int code = alm_monitor_unit(&c->m, name, (double)NAN, (double)NAN, &m->unit, e);
    return code == ALM_OK ? tell_capacity(c, m, name, e) : code;
}

/* A value of the period that begins at FROM. */
static int put(struct cloudwatch *c, const struct metric *m, alm_time from, double value, struct alm_err *e)
{
    alm_time at;
    if (__builtin_add_overflow(from, m->period, &at))
        return alm_monitor_bad(&c->m, "a period that ends after the year 2261", (struct alm_field){"", 0}, e);
    return alm_monitor_put(&c->m, m->unit, at, m->resource, value / m->divisor * m->factor, false, e);
}

static void tell_period(struct cloudwatch *c, alm_time period)
{
    if (period > 0)
        alm_report_assume(c->m.sink->report, "Stamps are moved from the beginning of a period to its end.");
    else
        alm_monitor_note(&c->m, false, "a single stamp: how long its period is, is not known, so it stays (period=)");
}

/* ---- CSV ---- */

/* The smallest distance between the first stamps. */
static int find_csv_period(struct cloudwatch *c, const char *path, alm_time *out, struct alm_err *e)
{
    static const struct alm_cell_spec stamp[] = {{"timestamp", 0, ALM_CELL_TEXT, 0, 0, 0}, {0}};
    const struct alm_rows_format only = {
        .what = format.what, .separator = ',', .quotes = true, .header = true, .cell = stamp};
    struct alm_trace_report unseen = {0}, *seen = c->m.sink->report;
    const struct alm_cell *cell;
    struct alm_rows *r = NULL;
    alm_time before = ALM_TIME_NONE, at, distance;
    *out = c->opt->period;
    if (*out > 0)
        return ALM_OK;
    c->m.sink->report = &unseen;
    int code = alm_rows_open(&c->job, path, &only, &r, e);
    for (int i = 0; i < 1000 && code == ALM_OK && (code = alm_rows_next(r, &cell, e)) == ALM_OK; i++) {
        if (alm_instant_parse(cell[0].text.at, cell[0].text.size, ALM_TIME_ISO, '.', &at) != ALM_NUMBER_OK)
            continue;
        if (before != ALM_TIME_NONE && !__builtin_sub_overflow(at, before, &distance) && distance > 0 &&
            (*out == 0 || distance < *out))
            *out = distance;
        before = at;
    }
    alm_rows_close(r);
    c->m.sink->report = seen;
    return code < 0 ? code : ALM_OK;
}

static int take_rows(struct cloudwatch *c, struct alm_rows *r, const struct metric *m, struct alm_err *e)
{
    const struct alm_cell *cell;
    int code;
    for (bool told = false; (code = alm_rows_next(r, &cell, e)) == ALM_OK; told = true) {
        c->m.line = alm_rows_row(r);
        if (!told)
            tell_period(c, m->period);
        if (cell[VALUE].missing)
            alm_rows_note(r, true, "a value that is missing");
        else
            ALM_TRY(put(c, m, cell[TIMESTAMP].time, cell[VALUE].number, e));
    }
    return code < 0 ? code : ALM_OK;
}

static int read_csv(struct cloudwatch *c, const char *path, struct alm_err *e)
{
    struct metric m = {0};
    struct alm_rows *r;
    int code = find_resource(c, (struct alm_field){c->stem, strlen(c->stem)}, &m.resource, e);
    if (code != ALM_OK)
        return code;
    ALM_TRY(set_scale(c, &m, m.resource == ALM_CPU || (m.resource == ALM_MEMORY && c->opt->memory > 0), e));
    ALM_TRY(find_csv_period(c, path, &m.period, e));
    ALM_TRY(alm_rows_open(&c->job, path, &format, &r, e));
    code = find_unit(c, (struct alm_field){"", 0}, &m, e);
    if (code == ALM_OK)
        code = take_rows(c, r, &m, e);
    alm_rows_close(r);
    return code;
}

/* ---- JSON ---- */

/* What UNIT says of the values; ALM_NOT_YET when it is no unit of usage. */
static int set_unit(struct cloudwatch *c, struct metric *m, const char *unit, struct alm_err *e)
{
    static const struct {
        const char *word;
        double factor;
    } units[] = {{"Bytes", 1}, {"Kilobytes", 1e3}, {"Megabytes", 1e6}, {"Gigabytes", 1e9}, {"Terabytes", 1e12}};
    size_t n = strcspn(unit, "/");
    if (strcmp(unit, "Percent") == 0)
        return set_scale(c, m, true, e);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i].word) == n && memcmp(units[i].word, unit, n) == 0 && m->resource != ALM_CPU) {
            bool rate = strcmp(unit + n, "/Second") == 0;
            m->divisor = 1;
            m->factor = units[i].factor * (rate ? alm_seconds(m->period) : 1);
            return ALM_OK;
        }
    if (strcmp(unit, "None") == 0 || unit[0] == '\0')
        return set_scale(c, m, m->resource == ALM_CPU || (m->resource == ALM_MEMORY && c->opt->memory > 0), e);
    return alm_monitor_bad(&c->m, "values in a unit that is not of this resource",
                           (struct alm_field){unit, strlen(unit)}, e);
}

/* Stamp I of an array of stamps, or of objects with a stamp. */
static const json_t *stamp_at(const json_t *array, size_t i)
{
    const json_t *x = json_array_get(array, i);
    return json_is_object(x) ? json_object_get(x, "Timestamp") : x;
}

static int by_time(const void *a, const void *b)
{
    alm_time x = *(const alm_time *)a, y = *(const alm_time *)b;
    return (x > y) - (x < y);
}

/* The smallest distance between stamps, which come in any order. */
static int find_json_period(struct cloudwatch *c, const json_t *array, alm_time *out, struct alm_err *e)
{
    size_t n = json_array_size(array), known = 0;
    alm_time distance;
    *out = c->opt->period;
    if (*out > 0 || n < 2)
        return ALM_OK;
    alm_time *at = malloc(n * sizeof *at);
    if (!at)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu stamps", c->m.path, n);
    for (size_t i = 0; i < n; i++)
        known += alm_json_time(stamp_at(array, i), ALM_TIME_ISO, &at[known]) == ALM_NUMBER_OK;
    qsort(at, known, sizeof *at, by_time);
    for (size_t i = 1; i < known; i++)
        if (!__builtin_sub_overflow(at[i], at[i - 1], &distance) && distance > 0 && (*out == 0 || distance < *out))
            *out = distance;
    free(at);
    return ALM_OK;
}

/* The value of a data point: what this resource is, of the statistics that are there. */
static bool find_statistic(struct cloudwatch *c, const json_t *point, enum alm_resource r, double *out)
{
    static const char *const order[3][3] = {
        {"Average", "Maximum", "Minimum"}, {"Maximum", "Average", "Minimum"}, {"Sum", "Average", "Maximum"}};
    const char *const *of = order[r == ALM_CPU ? 0 : r == ALM_MEMORY ? 1 : 2];
    double samples;
    for (int i = 0; i < 3; i++) {
        if (alm_json_number(json_object_get(point, of[i]), out) != ALM_NUMBER_OK)
            continue;
        if (i > 0)
            alm_monitor_note(&c->m, false, "a statistic that is not the usual one of its resource");
        if (r > ALM_MEMORY && i == 1 &&
            alm_json_number(json_object_get(point, "SampleCount"), &samples) == ALM_NUMBER_OK)
            *out *= samples;
        return true;
    }
    return false;
}

/* The label "web-1 CPUUtilization": the unit, and the metric. */
static void split_label(struct alm_field label, struct alm_field *unit, struct alm_field *metric)
{
    const char *blank = memrchr(label.at, ' ', label.size);
    *unit = (struct alm_field){label.at, blank ? (size_t)(blank - label.at) : 0};
    *metric = blank ? (struct alm_field){blank + 1, label.size - unit->size - 1} : label;
}

static int start_metric(struct cloudwatch *c, const json_t *labelled, const json_t *stamps, const char *of,
                        struct metric *m, struct alm_err *e)
{
    struct alm_field unit, name;
    split_label(alm_json_text(labelled, "Label"), &unit, &name);
    int code = find_resource(c, name, &m->resource, e);
    if (code == ALM_OK)
        code = find_json_period(c, stamps, &m->period, e);
    if (code == ALM_OK)
        code = set_unit(c, m, of, e);
    if (code == ALM_OK)
        code = find_unit(c, unit, m, e);
    if (code == ALM_OK && json_array_size(stamps) > 0)
        tell_period(c, m->period);
    return code;
}

static int take_point(struct cloudwatch *c, const struct metric *m, const json_t *stamp, const json_t *value,
                      struct alm_err *e)
{
    alm_time from;
    double v;
    if (alm_json_time(stamp, ALM_TIME_ISO, &from) != ALM_NUMBER_OK)
        return alm_monitor_bad_json(&c->m, "not a time stamp", stamp, e);
    if (alm_json_number(value, &v) != ALM_NUMBER_OK)
        return alm_monitor_bad_json(&c->m, "not a number", value, e);
    return put(c, m, from, v, e);
}

/* GetMetricStatistics. */
static int take_statistics(struct cloudwatch *c, const json_t *answer, const json_t *points, struct alm_err *e)
{
    struct metric m = {0};
    const char *of = json_string_value(json_object_get(json_array_get(points, 0), "Unit"));
    c->m.sink->report->read += json_array_size(points);
    int code = start_metric(c, answer, points, of ? of : "", &m, e);
    for (size_t i = 0; i < json_array_size(points) && code == ALM_OK; i++) {
        const json_t *point = json_array_get(points, i), *unit = json_object_get(point, "Unit");
        double v;
        if (unit && of && strcmp(json_string_value(unit) ? json_string_value(unit) : "", of) != 0)
            ALM_TRY(alm_monitor_bad_json(&c->m, "a point in another unit than the first", point, e));
        else if (!find_statistic(c, point, m.resource, &v))
            ALM_TRY(alm_monitor_bad_json(&c->m, "no Average, Sum or Maximum in a point", point, e));
        else {
            json_t *value = json_real(v);
            code = take_point(c, &m, json_object_get(point, "Timestamp"), value, e);
            json_decref(value);
            ALM_TRY(code);
            code = ALM_OK;
        }
    }
    return code;
}

/* get-metric-data: parallel arrays, which do not say their unit. */
static int take_result(struct cloudwatch *c, const json_t *result, struct alm_err *e)
{
    const json_t *stamps = json_object_get(result, "Timestamps"), *values = json_object_get(result, "Values");
    struct alm_field status = alm_json_text(result, "StatusCode");
    struct metric m = {0};
    if (!json_is_array(stamps) || json_array_size(stamps) != json_array_size(values))
        return alm_monitor_bad_json(&c->m, "Timestamps and Values are not two arrays of one length", result, e);
    if (status.size > 0 && strcmp(status.at, "Complete") != 0)
        alm_monitor_note(&c->m, false, "a result that is not complete");
    c->m.sink->report->read += json_array_size(stamps);
    int code = start_metric(c, result, stamps, "", &m, e);
    for (size_t i = 0; i < json_array_size(stamps) && code == ALM_OK; i++)
        ALM_TRY(take_point(c, &m, json_array_get(stamps, i), json_array_get(values, i), e));
    return code;
}

static int take(struct alm_monitor *m, const json_t *element, struct alm_err *e)
{
    struct cloudwatch *c = (struct cloudwatch *)m;
    const json_t *points = json_object_get(element, "Datapoints"),
                 *results = json_object_get(element, "MetricDataResults");
    m->sink->report->read--; /* its points are what is counted */
    if (json_is_array(points))
        return take_statistics(c, element, points, e);
    if (!json_is_array(results))
        return alm_monitor_bad_json(m, "neither `Datapoints` nor `MetricDataResults`", element, e);
    for (size_t i = 0; i < json_array_size(results); i++)
        ALM_TRY(take_result(c, json_array_get(results, i), e));
    return ALM_OK;
}

static int read_file(struct alm_monitor *m, const char *path, struct alm_err *e)
{
    struct cloudwatch *c = (struct cloudwatch *)m;
    bool json;
    alm_file_unit(path, true, c->stem);
    ALM_TRY(alm_monitor_is_json(path, &json, e));
    return json ? alm_monitor_json(m, path, "", take, NULL, e) : read_csv(c, path, e);
}

static int run(const void *opt, const char *const *path, size_t paths, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct cloudwatch c = {.m = {.sink = sink, .drop = o->rows.bad, .read = read_file}, .opt = o};
    c.job = alm_rows_start(&o->rows, sink, path, paths);
    return alm_monitor_run(&c.m, path, paths, e);
}

const struct alm_importer_ops alm_importer_cloudwatch = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "cloudwatch",
             .summary = "series of Amazon CloudWatch, as CSV or answers of its API",
             .source = "Amazon CloudWatch API Reference; Numenta Anomaly Benchmark",
             .opts = options,
             .opt_size = sizeof(struct options)},
    .run = run,
};
