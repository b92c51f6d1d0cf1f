/* SPDX-License-Identifier: GPL-3.0-or-later
 * huawei-2025: single requests to serverless functions: times, CPU, memory, size of the body.
 *
 * Meaning.  A function is told by its name, user and pool (the data set's own funcID) and is a unit; cores and memory of
 *           the unit are the limits in the name of its pool (pool22-300-128: 300 millicores, 128 MB). Stamps are of log
 *           lines at the end of a request: arrival = time_frontend - totalCost_frontend, else time_worker -
 *           totalCost_worker. duration = totalCost_worker (time in the pod); wait = the rest of the end-to-end time.
 *           work = cpu_usage x duration. The size of the request's body is the input.
 * Choice.   cpu_usage and memory_usage are of the whole pod, averaged over the request: of concurrent requests each is
 *           given the whole, which is said.
 * Limits.   1 MB is 2^20 bytes. Tables of cold starts are left alone. Ids of one region mean nothing in another: import
 *           region by region.
 * Source.   Joosen et al., Serverless Cold Starts and Where to Find Them, EuroSys 2025; github sir-lab/data-release. */
#include "almanac/importer.h"
#include "formats/invocation_inputs.h"
#include "text/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MB 0x1p20

struct options {
    struct alm_rows_options rows;
};

static const struct alm_opt rows[] = {
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { WORKER, FRONTEND, FUNCTION, POD, USER, COST, COST_FRONTEND, CPU, MEMORY, BODY };

#define NUMBER(title, most)                                                                                            \
    {                                                                                                                  \
        .name = (title), .type = ALM_CELL_NUMBER, .flags = ALM_CELL_EXPECTED | ALM_CELL_ABNORMAL, .max = (most)        \
    }

static const struct alm_cell_spec cells[] = {
    [WORKER] = {.name = "time_worker", .type = ALM_CELL_TIME, .flags = ALM_CELL_EXPECTED},
    [FRONTEND] = {.name = "time_frontend", .type = ALM_CELL_TIME, .flags = ALM_CELL_EXPECTED},
    [FUNCTION] = {.name = "funcName", .flags = ALM_CELL_NEEDED},
    [POD] = {.name = "podID", .flags = ALM_CELL_EXPECTED},
    [USER] = {.name = "userID", .flags = ALM_CELL_NEEDED},
    [COST] = NUMBER("totalCost_worker", 1e8),
    [COST_FRONTEND] = NUMBER("totalCost_frontend", 1e8),
    [CPU] = NUMBER("cpu_usage", 1e5),
    [MEMORY] = NUMBER("memory_usage", 1e9),
    [BODY] = NUMBER("requestBodySize", 1e15),
    {0},
};

static const struct alm_rows_format format = {
    .what = "a request table of the Huawei public cloud trace 2025",
    .separator = ',',
    .header = true,
    .time = ALM_TIME_S,
    .cell = cells,
};

static const struct alm_input body = {.name = "request_body", .unit = "byte"};

struct import {
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_inputs inputs;
};

/* The part of a pod's id that names its pool, and the limits in it: "pool22-300-128" of "pool22-300-128-0000618412".
 * What is not of this form has no limits, and is its own pool. */
static struct alm_field pool_of(const struct alm_field *pod, double *cores, double *memory)
{
    double number[2];
    const char *end = pod->at + pod->size, *p = memchr(pod->at, '-', pod->size);
    *cores = *memory = (double)NAN;
    for (int i = 0; i < 2; i++) {
        const char *from = p && p < end ? p + 1 : end, *to = memchr(from, '-', (size_t)(end - from));
        p = to ? to : end;
        if (alm_number_parse(from, (size_t)(p - from), '.', &number[i]) != ALM_NUMBER_OK || !(number[i] > 0) ||
            number[i] > 1e9)
            return *pod;
    }
    *cores = number[0] / 1000;
    *memory = number[1] * MB;
    return (struct alm_field){pod->at, (size_t)(p - pod->at)};
}

static int find_unit(struct import *m, struct alm_rows *r, const struct alm_cell *cell, uint32_t *unit,
                     struct alm_err *e)
{
    char name[4 * ALM_UNIT_NAME];
    struct alm_unit_about about = {.code = cell[FUNCTION].text};
    struct alm_field pool = pool_of(&cell[POD].text, &about.cores, &about.memory);
    const struct alm_field *part[] = {&cell[FUNCTION].text, &cell[USER].text, &pool};
    size_t used = 0;
    for (size_t i = 0; i < 3 && (i < 2 || pool.size > 0); i++) {
        int size = part[i]->size < ALM_UNIT_NAME ? (int)part[i]->size : ALM_UNIT_NAME - 1;
        used += (size_t)snprintf(name + used, sizeof name - used, "%s%.*s", i ? "---" : "", size, part[i]->at);
    }
    about.name = (struct alm_field){name, used};
    return alm_rows_about(r, m->batch, &about, unit, e);
}

/* When the request came; false when no time is known or it cannot be counted. */
static bool find_arrival(const struct alm_cell *cell, alm_time *out)
{
    bool frontend = !cell[FRONTEND].missing && !cell[COST_FRONTEND].missing;
    alm_time end = cell[frontend || cell[WORKER].missing ? FRONTEND : WORKER].time;
    double cost = cell[frontend ? COST_FRONTEND : COST].number;
    if (end == ALM_TIME_NONE)
        return false;
    alm_time before = isnan(cost) ? 0 : (alm_time)llround(cost * 1e9);
    return !__builtin_sub_overflow(end, before, out) && *out != ALM_TIME_NONE;
}

static int take_row(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct import *m = ctx;
    alm_time arrival;
    uint32_t unit;
    if (!find_arrival(cell, &arrival))
        return alm_rows_bad(r, "neither time_frontend nor time_worker says when the request was", WORKER, e);
    int code = find_unit(m, r, cell, &unit, e);
    if (code != ALM_OK)
        return code;
    struct alm_invocation i = alm_invocation_at(arrival, unit);
    double cost = cell[COST].number;
    i.value[ALM_INV_DURATION] = cost;
    i.value[ALM_INV_WAIT] = cell[COST_FRONTEND].missing ? (double)NAN : fmax(cell[COST_FRONTEND].number - cost, 0);
    if (cell[COST].missing)
        i.value[ALM_INV_WAIT] = (double)NAN;
    i.value[ALM_INV_WORK] = cell[CPU].number * cost;
    i.value[ALM_INV_MEMORY] = cell[MEMORY].number * MB;
    pool_of(&cell[POD].text, &i.value[ALM_INV_CORES_REQUESTED], &i.value[ALM_INV_MEMORY_REQUESTED]);
    ALM_TRY(alm_inputs_cell(&m->inputs, 0, &cell[BODY], e));
    return alm_inputs_send(&m->inputs, &i, e);
}

static int read_requests(void *ctx, const char *path, struct alm_err *e)
{
    struct import *m = ctx;
    return alm_dataset_each(&m->job, path, &format, take_row, m, e);
}

static bool is_requests(const struct alm_header *first)
{
    return alm_header_find(first, "totalCost_worker") >= 0;
}

static bool is_cold_starts(const struct alm_header *first)
{
    return alm_header_find(first, "totalCost_cold_start") >= 0;
}

static const struct alm_dataset_table tables[] = {
    {.what = "requests (with totalCost_worker)", .is = is_requests, .read = read_requests},
    {.what = "cold starts (with totalCost_cold_start)", .is = is_cold_starts},
    {0},
};

static const struct alm_dataset set = {.what = "the Huawei public cloud trace 2025", .separator = ',', .table = tables};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct import m = {.job = alm_rows_start(&o->rows, sink, path, count)};
    alm_report_assume(sink->report,
                      "CPU and memory are those of the whole pod while the request ran; 1 MB is 2^20 bytes; "
                      "stamps are of the end of a request.");
    ALM_TRY(alm_inputs_declare(&m.inputs, sink, &body, 1, e));
    ALM_TRY(alm_batch_open(sink, &m.batch, e));
    int code = alm_dataset_read(&set, &m, sink, path, count, NULL, e);
    alm_batch_close(m.batch);
    return code;
}

const struct alm_importer_ops alm_importer_huawei_2025 = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "huawei-2025",
             .summary = "Huawei public cloud 2025: times, CPU, memory and body size of each request",
             .source = "Joosen et al., EuroSys 2025",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
