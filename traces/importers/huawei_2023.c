/* SPDX-License-Identifier: GPL-3.0-or-later
 * huawei-2023: Huawei's serverless traces of 2023: for each metric and day a table with a column a function.
 *
 * Meaning.  A unit is a function, with all its instances: cpu = cpu_usage (a share) x cpu_limit (cores of an instance) x
 *           instances; memory = memory_usage x memory_limit (MB of 2^20 bytes) x instances. Its capacity is the largest
 *           limit x instances of the trace. With requests=calls the requests of an interval become invocations within it
 *           (placement=), which last function_delay and wait platform_delay, both means of the interval.
 * Choice.   The metric is told by the path, cpu_usage_minute/day_000.csv or cpu_usage_minute_day_000.csv. The tables of a day
 *           are read side by side, so that all metrics of a minute meet in one row; therefore times must ascend. Without
 *           instances a function has one; without limits it has the options'. A stamp is of the start of an interval
 *           (requests of seconds 0 to 59 are summed at 0): rows of usage are moved to its end.
 *           The publishers' list of metrics says that limits are of all instances, their notebook multiplies them by
 *           instances: so here; with instances=one they are taken as they are.
 * Limits.   Requests a second are left alone where those of a minute are given too. The limits are normalised by the
 *           publishers: cores are cores up to a factor nobody knows.
 * Source.   Joosen et al., How does it function? SoCC 2023; github.com/sir-lab/data-release. */
#include "almanac/importer.h"
#include "formats/placement.h"
#include "text/names.h"
#include "text/rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct alm_rows_options rows;
    struct alm_placement placement;
    double limit_cores;
    int64_t limit_memory;
    int requests, instances;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt options[] = {
    {"limit_cores", ALM_OPT_CORES, AT(limit_cores), "1", 1e-3, 1e6, NULL, "of an instance, on days without cpu_limit"},
    {"limit_memory", ALM_OPT_BYTES, AT(limit_memory), "512Mi", 1, 1e15, NULL,
     "of an instance, on days without memory_limit"},
    {"instances", ALM_OPT_CHOICE, AT(instances), "all", 0, 0, "all|one",
     "all: usage of all instances of a function; one: of its mean instance"},
    {"requests", ALM_OPT_CHOICE, AT(requests), "ignore", 0, 0, "ignore|calls",
     "calls: requests become invocations; there are 1.4e12 of them"},
    ALM_PLACEMENT_OPTIONS(struct options),
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { INSTANCES_ALL, INSTANCES_ONE };
enum { REQUESTS_IGNORE, REQUESTS_CALLS };

#define METRICS_OF(X)                                                                                                  \
    X(CPU_USAGE, "cpu_usage")                                                                                          \
    X(CPU_LIMIT, "cpu_limit")                                                                                          \
    X(MEMORY_USAGE, "memory_usage")                                                                                    \
    X(MEMORY_LIMIT, "memory_limit")                                                                                    \
    X(INSTANCES, "instances")                                                                                          \
    X(REQUESTS, "requests")                                                                                            \
    X(FUNCTION_DELAY, "function_delay")                                                                                \
    X(PLATFORM_DELAY, "platform_delay")
enum metric {
#define X(metric, word) metric,
    METRICS_OF(X)
#undef X
        METRICS
};
static const char *const words[METRICS] = {
#define X(metric, word) word,
    METRICS_OF(X)
#undef X
};

static const struct alm_cell_spec cells[] = {{"time", 0, ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0}, {0}};
static const struct alm_rows_format format = {
    .what = "a table of Huawei's trace of 2023 (columns `day`, `time`, and one a function)",
    .separator = ',',
    .header = true,
    .time = ALM_TIME_S,
    .cell = cells};

#define NO_FUNCTION UINT32_MAX
#define MOST 1e12 /* what a cell may hold at the most */

/* A file, by what its path says. */
struct file {
    const char *path;
    long day;
    int metric;
    bool second;
};

/* An open table of the day. */
struct table {
    struct alm_rows *rows;
    const struct alm_cell *cell; /* of its newest row; NULL after the last */
    uint32_t *function;          /* of each column */
    size_t columns;
    alm_time newest;
};

struct function {
    uint32_t unit;
    bool added;
    double cores, memory; /* the largest so far */
};

struct huawei {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_missing missing;
    struct alm_names *names;
    struct function *function;
    double *value; /* [function][METRICS], of the newest time */
    uint32_t room;
    struct table table[METRICS]; /* of the newest day */
    alm_time interval;
};

/* ---- files ---- */

static int tell_file(const char *path, struct file *out, struct alm_err *e)
{
    const char *from = path + strlen(path);
    for (int slashes = 0; from > path && (slashes += from[-1] == '/') < 2;)
        from--;
    *out = (struct file){.path = path, .metric = METRICS};
    const char *day = strstr(from, "day_");
    for (int m = 0; m < METRICS; m++)
        for (int second = 0; second < 2; second++) {
            char word[32];
            snprintf(word, sizeof word, "%s_%s", words[m], second ? "second" : "minute");
            if (strstr(from, word)) {
                out->metric = m;
                out->second = second;
            }
        }
    size_t digits = day ? strspn(day + 4, "0123456789") : 0;
    if (out->metric == METRICS || digits == 0 || digits > 6)
        return alm_fail(e, ALM_EDATA,
                        "%s: the path does not tell metric and day, as cpu_usage_minute/day_000.csv does; metrics are "
                        "cpu_usage, cpu_limit, memory_usage, memory_limit, instances, requests, function_delay and "
                        "platform_delay",
                        path);
    out->day = strtol(day + 4, NULL, 10);
    return ALM_OK;
}

static int order(const void *a, const void *b)
{
    const struct file *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    if (x->second != y->second)
        return x->second ? 1 : -1;
    return x->metric != y->metric ? x->metric - y->metric : strcmp(x->path, y->path);
}

/* ---- tables of a day ---- */

static int make_room(struct huawei *h, uint32_t functions, struct alm_err *e)
{
    if (functions <= h->room)
        return ALM_OK;
    uint32_t room = functions > 2 * h->room ? functions : 2 * h->room;
    struct function *function = realloc(h->function, room * sizeof *function);
    h->function = function ? function : h->function;
    double *value = realloc(h->value, room * METRICS * sizeof *value);
    h->value = value ? value : h->value;
    if (!function || !value)
        return alm_fail(e, ALM_ENOMEM, "no memory for %u functions", room);
    for (uint32_t i = h->room; i < room; i++)
        function[i] = (struct function){.cores = (double)NAN, .memory = (double)NAN};
    h->room = room;
    return ALM_OK;
}

/* Which function each column is of. */
static int find_functions(struct huawei *h, struct table *t, struct alm_err *e)
{
    const struct alm_header *header = alm_rows_header(t->rows);
    if (!header) /* an empty file */
        return ALM_OK;
    t->columns = header->count;
    t->function = malloc(t->columns * sizeof *t->function);
    if (!t->function)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu columns", t->columns);
    for (size_t i = 0; i < t->columns; i++) {
        const char *name = header->name[i];
        t->function[i] = NO_FUNCTION;
        if (name[0] != '\0' && strcmp(name, "day") != 0 && strcmp(name, "time") != 0)
            ALM_TRY(alm_names_add(h->names, name, strlen(name), &t->function[i], e));
    }
    return make_room(h, alm_names_count(h->names), e);
}

static int advance(struct table *t, struct alm_err *e)
{
    for (;;) {
        int code = alm_rows_next(t->rows, &t->cell, e);
        if (code != ALM_OK) {
            t->cell = NULL;
            return code;
        }
        if (t->cell->time > t->newest && t->cell->time < INT64_MAX - ALM_HOUR) {
            t->newest = t->cell->time;
            return ALM_OK;
        }
        ALM_TRY(
            alm_rows_bad(t->rows, "not later than the row before, as tables that are read side by side must be", 0, e));
    }
}

/* A cell that cannot be read: an error, or with bad=drop noted and missing. */
static int bad_cell(struct huawei *h, const struct table *t, size_t i, const struct alm_field *f, const char *why,
                    struct alm_err *e)
{
    char name[ALM_EXCERPT], word[ALM_EXCERPT];
    const char *column = alm_rows_header(t->rows)->name[i];
    if (h->opt->rows.bad) {
        alm_rows_note(t->rows, false, "values that cannot be read: taken as missing");
        return ALM_OK;
    }
    return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": column %s: %s: %s; use bad=drop to go on without such values",
                    alm_rows_path(t->rows), alm_rows_row(t->rows), alm_excerpt(column, strlen(column), name),
                    alm_excerpt(f->at, f->size, word), why);
}

/* The values of the newest row of metric M. */
static int take_values(struct huawei *h, int m, struct alm_err *e)
{
    const struct table *t = &h->table[m];
    const struct alm_field *field;
    size_t count;
    alm_rows_rest(t->rows, &field, &count);
    if (count < t->columns)
        return bad_cell(h, t, count, &field[count - 1], "the row ends before this column", e);
    for (size_t i = 0; i < t->columns; i++) {
        double v;
        const struct alm_field *f = &field[i];
        if (t->function[i] == NO_FUNCTION || alm_missing_is(&h->missing, f->at, f->size))
            continue;
        enum alm_number status = alm_number_parse(f->at, f->size, '.', &v);
        if (status == ALM_NUMBER_OK && alm_missing_number(&h->missing, v))
            continue;
        if (status == ALM_NUMBER_NONE)
            ALM_TRY(bad_cell(h, t, i, f, "not a number", e));
        else if (status == ALM_NUMBER_LARGE || v < 0 || v > MOST)
            ALM_TRY(bad_cell(h, t, i, f, "smaller than can be or too large to be believed", e));
        else
            h->value[(size_t)t->function[i] * METRICS + (size_t)m] = v;
    }
    return ALM_OK;
}

/* ---- what a time says of a function ---- */

static int find_unit(struct huawei *h, uint32_t number, struct alm_err *e)
{
    struct function *f = &h->function[number];
    struct alm_field name;
    bool repaired;
    if (f->added)
        return ALM_OK;
    name.at = alm_names_text(h->names, number, &name.size);
    const struct alm_unit_about about = {.name = name, .code = name, .cores = (double)NAN, .memory = (double)NAN};
    ALM_TRY(alm_batch_about(h->batch, &about, &f->unit, NULL, &repaired, e));
    if (repaired)
        alm_report_note(h->sink->report, false, "name of a unit with unprintable bytes: written as \\xHH",
                        "function %u", number);
    f->added = true;
    return ALM_OK;
}

static double limit(const struct huawei *h, const double *v, int metric, double otherwise, double unit)
{
    double one = h->table[metric].rows ? v[metric] * unit : otherwise;
    bool all = h->opt->instances == INSTANCES_ALL && h->table[INSTANCES].rows;
    return all ? one * v[INSTANCES] : one;
}

static int put_usage(struct huawei *h, uint32_t number, alm_time at, struct alm_err *e)
{
    const double *v = &h->value[(size_t)number * METRICS];
    struct alm_trace_row row = {.at = at + h->interval, .value = {NAN, NAN, NAN, NAN, NAN, NAN}};
    double cores = limit(h, v, CPU_LIMIT, h->opt->limit_cores, 1);
    double memory = limit(h, v, MEMORY_LIMIT, (double)h->opt->limit_memory, 0x1p20);
    row.value[ALM_CPU] = v[CPU_USAGE] * cores;
    row.value[ALM_MEMORY] = v[MEMORY_USAGE] * memory;
    if (isnan(row.value[ALM_CPU]) && isnan(row.value[ALM_MEMORY]))
        return ALM_OK;
    ALM_TRY(find_unit(h, number, e));
    struct function *f = &h->function[number];
    f->cores = fmax(f->cores, cores); /* of a number and NaN, the number */
    f->memory = fmax(f->memory, memory);
    return alm_batch_add(h->batch, f->unit, &row, e);
}

static int put_calls(struct huawei *h, uint32_t number, alm_time at, struct alm_err *e)
{
    enum { BATCH = 256 };
    struct alm_invocation batch[BATCH];
    const double *v = &h->value[(size_t)number * METRICS];
    const struct table *t = &h->table[REQUESTS];
    size_t size, n = 0;
    if (!(v[REQUESTS] >= 0.5))
        return ALM_OK;
    const char *name = alm_names_text(h->names, number, &size);
    if (v[REQUESTS] > (double)h->opt->placement.most)
        return alm_fail(e, ALM_EDATA,
                        "%s:%" PRIu64 ": function %s: %g requests in one interval; at most most=%" PRId64
                        " are believed",
                        alm_rows_path(t->rows), alm_rows_row(t->rows), name, v[REQUESTS], h->opt->placement.most);
    ALM_TRY(find_unit(h, number, e));
    struct alm_calls calls = alm_calls_of(&h->opt->placement, alm_identity(0, name, size), (uint64_t)(at / h->interval),
                                          at, h->interval, (uint64_t)(v[REQUESTS] + 0.5));
    for (uint64_t k = 0; k < calls.count; k++) {
        struct alm_call call;
        if (!alm_calls_get(&calls, k, &call))
            continue;
        batch[n] = alm_invocation_at(call.at, h->function[number].unit);
        batch[n].value[ALM_INV_DURATION] = v[FUNCTION_DELAY];
        batch[n++].value[ALM_INV_WAIT] = v[PLATFORM_DELAY];
        if (n == BATCH) {
            ALM_TRY(h->sink->invocations(h->sink, batch, NULL, n, e));
            n = 0;
        }
    }
    return n ? h->sink->invocations(h->sink, batch, NULL, n, e) : ALM_OK;
}

/* All tables whose newest row is of time AT. */
static int take_time(struct huawei *h, alm_time at, struct alm_err *e)
{
    uint32_t functions = alm_names_count(h->names);
    bool calls = h->opt->requests == REQUESTS_CALLS && h->table[REQUESTS].cell && h->table[REQUESTS].cell->time == at;
    for (size_t i = 0; i < (size_t)functions * METRICS; i++)
        h->value[i] = (double)NAN;
    for (int m = 0; m < METRICS; m++)
        if (h->table[m].cell && h->table[m].cell->time == at)
            ALM_TRY(take_values(h, m, e));
    for (uint32_t f = 0; f < functions; f++) {
        ALM_TRY(put_usage(h, f, at, e));
        if (calls)
            ALM_TRY(put_calls(h, f, at, e));
    }
    for (int m = 0; m < METRICS; m++)
        if (h->table[m].cell && h->table[m].cell->time == at)
            ALM_TRY(advance(&h->table[m], e));
    return ALM_OK;
}

static int read_tables(struct huawei *h, const struct file *file, size_t count, struct alm_err *e)
{
    for (size_t i = 0; i < count; i++) {
        struct table *t = &h->table[file[i].metric];
        t->newest = ALM_TIME_NONE;
        ALM_TRY(alm_rows_open(&h->job, file[i].path, &format, &t->rows, e));
        ALM_TRY(find_functions(h, t, e));
        ALM_TRY(advance(t, e));
    }
    for (;;) {
        alm_time at = ALM_TIME_MAX;
        for (int m = 0; m < METRICS; m++)
            if (h->table[m].cell && h->table[m].cell->time < at)
                at = h->table[m].cell->time;
        if (at == ALM_TIME_MAX)
            return alm_batch_flush(h->batch, e);
        ALM_TRY(take_time(h, at, e));
    }
}

static int read_day(struct huawei *h, const struct file *file, size_t count, struct alm_err *e)
{
    h->interval = file->second ? ALM_SECOND : ALM_MINUTE;
    for (size_t i = 1; i < count; i++)
        if (file[i].metric == file[i - 1].metric)
            return alm_fail(e, ALM_EDATA, "%s: is %s of day %ld, and so is %s", file[i].path, words[file[i].metric],
                            file[i].day, file[i - 1].path);
    memset(h->table, 0, sizeof h->table);
    int code = read_tables(h, file, count, e);
    if (code >= 0 && h->table[CPU_USAGE].rows && !h->table[CPU_LIMIT].rows)
        alm_report_assume(h->sink->report, "Without cpu_limit an instance has limit_cores=.");
    if (code >= 0 && h->table[MEMORY_USAGE].rows && !h->table[MEMORY_LIMIT].rows)
        alm_report_assume(h->sink->report, "Without memory_limit an instance has limit_memory=.");
    if (code >= 0 && !h->table[INSTANCES].rows && (h->table[CPU_USAGE].rows || h->table[MEMORY_USAGE].rows))
        alm_report_assume(h->sink->report, "Without instances a function has one.");
    for (int m = 0; m < METRICS; m++) {
        alm_rows_close(h->table[m].rows);
        free(h->table[m].function);
    }
    return code;
}

/* ---- the import ---- */

static bool is_used(const struct huawei *h, const struct file *f)
{
    bool calls = f->metric == REQUESTS || f->metric == FUNCTION_DELAY || f->metric == PLATFORM_DELAY;
    return !calls || h->opt->requests == REQUESTS_CALLS;
}

/* Leave out what is not used; FILE is in order. Returns how many are left. */
static size_t choose(struct huawei *h, struct file *file, size_t count)
{
    size_t left = 0;
    long day = -1;
    for (size_t i = 0; i < count; i++) {
        const char *why = NULL;
        if (!is_used(h, &file[i]))
            why = "Tables of requests and delays are not read (requests=calls).";
        else if (file[i].second && file[i].day == day)
            why = "Tables of seconds are not read beside those of minutes.";
        else if (!file[i].second)
            day = file[i].day;
        if (why)
            alm_report_assume(h->sink->report, why);
        else
            file[left++] = file[i];
    }
    return left;
}

static int put_capacities(struct huawei *h, struct alm_err *e)
{
    for (uint32_t i = 0; i < alm_names_count(h->names); i++) {
        size_t size;
        const char *name = alm_names_text(h->names, i, &size);
        const struct function *f = &h->function[i];
        if (f->added)
            ALM_TRY(alm_batch_capacity(h->batch, name, size, f->cores > 0 ? f->cores : (double)NAN,
                                       f->memory > 0 ? f->memory : (double)NAN, e));
    }
    return ALM_OK;
}

static int read_files(struct huawei *h, struct file *file, const char *const *path, size_t count, struct alm_err *e)
{
    for (size_t i = 0; i < count; i++)
        ALM_TRY(tell_file(path[i], &file[i], e));
    qsort(file, count, sizeof *file, order);
    size_t left = choose(h, file, count), n;
    if (left == 0)
        return alm_fail(e, ALM_EDATA, "%s%s: only requests and delays; requests=calls makes invocations of them",
                        count ? path[0] : "", count > 1 ? " and the others" : "");
    ALM_TRY(h->sink->interval(h->sink, file[0].second ? ALM_SECOND : ALM_MINUTE, e));
    for (size_t i = 0; i < left; i += n) {
        for (n = 1; i + n < left && file[i + n].day == file[i].day && file[i + n].second == file[i].second; n++)
            ;
        ALM_TRY(read_day(h, &file[i], n, e));
    }
    if (h->sink->report->read == 0)
        return alm_fail(e, ALM_EDATA, "%s%s: no rows", path[0], count > 1 ? " and the others" : "");
    return put_capacities(h, e);
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct huawei h = {.opt = opt, .sink = sink};
    struct file *file = calloc(count ? count : 1, sizeof *file);
    h.job = alm_rows_start(&h.opt->rows, sink, path, count);
    if (!file)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu files", count);
    int code = alm_missing_parse(h.opt->rows.missing, &h.missing, e);
    if (code >= 0)
        code = alm_names_open(&h.names, e);
    if (code >= 0)
        code = alm_batch_open(sink, &h.batch, e);
    if (code >= 0)
        code = read_files(&h, file, path, count, e);
    alm_batch_close(h.batch);
    alm_names_close(h.names);
    free(h.function);
    free(h.value);
    free(file);
    return code < 0 ? code : ALM_OK;
}

const struct alm_importer_ops alm_importer_huawei_2023 = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "huawei-2023",
             .summary = "Huawei serverless traces 2023: a table for each metric and day, a column for each function",
             .source = "Joosen et al., SoCC 2023; github.com/sir-lab/data-release",
             .opts = options,
             .opt_size = sizeof(struct options)},
    .run = run,
};
