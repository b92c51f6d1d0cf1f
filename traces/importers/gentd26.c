/* SPDX-License-Identifier: GPL-3.0-or-later
 * gentd26: Alibaba's 2026 trace of serverless image generation: requests as invocations, pods as units with usage.
 *
 * Meaning.  lora_request_trace: arrival = gmt_create (UTC), duration = exec_time_seconds, failed is 0 for SUCCEED and 1 for
 *           FAILED; every column from predict_type on, and the user, is an input parameter.
 *           pod_memory_util: memory = value (a share) x memory_capacity, a unit is a container_ip.
 * Choice.   The requests' unit is the service, whose parameters the model and the kind of request are; unit= parts it. A GPU
 *           is no resource of a trace: pod_gpu_duty_cycle is left alone, or with gpu=cpu becomes units of their own
 *           ("gpu/..."), one core standing for one GPU. Request rates (qps) are neither usage nor single requests, and
 *           are left alone. The two pod tables have one header, so they are told apart by their names.
 * Limits.   The dates of requests and pods were shifted apart: in one trace they lie two years from each other. The time a
 *           request waited is not published and may be in exec_time_seconds.
 * Source.   Lin et al., SoCC 2025; alibaba/clusterdata, cluster-trace-v2026-GenAI. */
#include "almanac/importer.h"
#include "formats/invocation_inputs.h"
#include "text/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { UNIT_SERVICE, UNIT_CHECKPOINT, UNIT_TYPE };
enum { GPU_SKIP, GPU_CPU };

struct options {
    struct alm_rows_options rows;
    int64_t memory_capacity;
    int unit, gpu;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"unit", ALM_OPT_CHOICE, AT(unit), "service", 0, 0, "service|checkpoint|type",
     "what serves requests: all of them, each checkpoint model, or each predict_type"},
    {"memory_capacity", ALM_OPT_BYTES, AT(memory_capacity), "64Gi", 1, 1e15, NULL,
     "memory of a pod in bytes, which is not published"},
    {"gpu", ALM_OPT_CHOICE, AT(gpu), "skip", 0, 0, "skip|cpu",
     "duty cycles of GPUs: leave alone, or take a GPU as a core"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { CREATED, STATUS, SECONDS, TYPE, USER, PROMPT, NEGATIVE, IMAGES, STEPS, CHECKPOINT, LORA };

static const struct alm_cell_spec request_columns[] = {
    [CREATED] = {"gmt_create", 1, ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0},
    [STATUS] = {"predict_status", 3, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [SECONDS] = {"exec_time_seconds", 4, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 1e9},
    [TYPE] = {"predict_type", 2, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [USER] = {"groupId", 5, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [PROMPT] = {"prompt_length", 6, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [NEGATIVE] = {"negative_prompt_length", 7, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [IMAGES] = {"num_images_per_prompt", 8, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [STEPS] = {"num_inference_steps", 9, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    [CHECKPOINT] = {"checkpoint_model_version_id", 10, ALM_CELL_TEXT, ALM_CELL_EXPECTED, 0, 0},
    [LORA] = {"num_lora", 11, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 0},
    {0},
};

static const struct alm_rows_format requests = {.what = "lora_request_trace",
                                                .separator = ',',
                                                .quotes = true,
                                                .header = true,
                                                .time = ALM_TIME_ISO,
                                                .cell = request_columns};

enum { VALUE, STAMP, POD };

/* A duty cycle may be a little above what can be; a share of memory may not. */
static const struct alm_cell_spec pod_columns[] = {
    [VALUE] = {"value", 1, ALM_CELL_NUMBER, ALM_CELL_EXPECTED, 0, 1000},
    [STAMP] = {"timestamp_anon", 2, ALM_CELL_TIME, ALM_CELL_NEEDED, 0, 0},
    [POD] = {"container_ip", 3, ALM_CELL_TEXT, ALM_CELL_NEEDED, 0, 0},
    {0},
};

static const struct alm_rows_format pods = {.what = "pod_memory_util or pod_gpu_duty_cycle",
                                            .separator = ',',
                                            .quotes = true,
                                            .header = true,
                                            .time = ALM_TIME_S,
                                            .cell = pod_columns};

static const struct alm_input inputs[] = {
    {"predict_type", "", true},
    {"user", "", true},
    {"prompt_length", "1", false},
    {"negative_prompt_length", "1", false},
    {"num_images_per_prompt", "1", false},
    {"num_inference_steps", "1", false},
    {"checkpoint_model_version_id", "", true},
    {"num_lora", "1", false},
};
#define INPUTS (sizeof inputs / sizeof *inputs) /* in the order of the columns from TYPE on */

struct gentd26 {
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_rows *r;
    struct alm_inputs inputs;
    bool declared;
};

/* ---- requests ---- */

static bool is_word(const struct alm_cell *cell, const char *word)
{
    return cell->text.size == strlen(word) && memcmp(cell->text.at, word, cell->text.size) == 0;
}

static int take_service(struct gentd26 *g, const struct alm_cell *cell, uint32_t *unit, struct alm_err *e)
{
    static const struct alm_field service = {"image-generation", 16}, unknown = {"unknown", 7};
    const struct alm_cell *part = &cell[g->opt->unit == UNIT_CHECKPOINT ? CHECKPOINT : TYPE];
    const struct alm_field name = g->opt->unit == UNIT_SERVICE ? service : part->missing ? unknown : part->text;
    const struct alm_unit_about about = {name, name, (double)NAN, (double)NAN};
    return alm_rows_about(g->r, g->batch, &about, unit, e);
}

static int take_request(struct gentd26 *g, const struct alm_cell *cell, struct alm_err *e)
{
    uint32_t unit;
    bool ended = is_word(&cell[STATUS], "SUCCEED"), failed = is_word(&cell[STATUS], "FAILED");
    bool under_way = is_word(&cell[STATUS], "PENDING") || is_word(&cell[STATUS], "PROCESSING");
    if (!cell[STATUS].missing && !ended && !failed && !under_way)
        return alm_rows_bad(g->r, "none of SUCCEED, FAILED, PENDING, PROCESSING", STATUS, e);
    int code = take_service(g, cell, &unit, e);
    if (code != ALM_OK)
        return code;
    struct alm_invocation request = alm_invocation_at(cell[CREATED].time, unit);
    if (under_way)
        alm_rows_note(g->r, false, "a request that had not ended: its duration is not known");
    else
        request.value[ALM_INV_DURATION] = cell[SECONDS].number;
    if (ended || failed)
        request.value[ALM_INV_FAILED] = failed;
    for (size_t i = 0; i < INPUTS; i++)
        if (alm_inputs_cell(&g->inputs, i, &cell[TYPE + i], e) < 0)
            return alm_rows_blame(g->r, e);
    return alm_inputs_send(&g->inputs, &request, e) < 0 ? alm_rows_blame(g->r, e) : ALM_OK;
}

static int read_requests(void *ctx, const char *path, struct alm_err *e)
{
    struct gentd26 *g = ctx;
    const struct alm_cell *cell;
    if (!g->declared)
        ALM_TRY(alm_inputs_declare(&g->inputs, g->job.sink, inputs, INPUTS, e));
    g->declared = true;
    ALM_TRY(alm_rows_open(&g->job, path, &requests, &g->r, e));
    int code = ALM_OK;
    while (code >= 0 && (code = alm_rows_next(g->r, &cell, e)) == ALM_OK)
        code = take_request(g, cell, e);
    alm_rows_close(g->r);
    return code;
}

/* ---- pods ---- */

static int take_pod(struct gentd26 *g, const struct alm_cell *cell, bool gpu, struct alm_err *e)
{
    char name[ALM_FILE_NAME];
    uint32_t unit;
    if (!gpu && cell[VALUE].number > 1)
        return alm_rows_bad(g->r, "a share of memory above 1", VALUE, e);
    int size = (int)(cell[POD].text.size < ALM_UNIT_NAME ? cell[POD].text.size : ALM_UNIT_NAME);
    snprintf(name, sizeof name, "%s%.*s", gpu ? "gpu/" : "", size, cell[POD].text.at);
    struct alm_unit_about about = {{name, strlen(name)}, {"", 0}, (double)NAN, (double)NAN};
    *(gpu ? &about.cores : &about.memory) = gpu ? 1 : (double)g->opt->memory_capacity;
    int code = alm_rows_about(g->r, g->batch, &about, &unit, e);
    if (code != ALM_OK)
        return code;
    struct alm_trace_row row = {.at = cell[STAMP].time};
    for (int i = 0; i < ALM_RESOURCES; i++)
        row.value[i] = (double)NAN;
    if (gpu)
        row.value[ALM_CPU] = cell[VALUE].number / 100;
    else
        row.value[ALM_MEMORY] = cell[VALUE].number * (double)g->opt->memory_capacity;
    return alm_batch_add(g->batch, unit, &row, e) < 0 ? alm_rows_blame(g->r, e) : ALM_OK;
}

/* Which of the two pod tables is it? */
static int tell_pods(const char *path, bool *gpu, struct alm_err *e)
{
    const char *name = alm_dataset_name(path);
    *gpu = strstr(name, "gpu") != NULL;
    if (*gpu != (strstr(name, "memory") != NULL))
        return ALM_OK;
    return alm_fail(e, ALM_EDATA, "%s: the name of a pod table says what it holds: pod_memory_util... or pod_gpu...",
                    path);
}

static void assume(struct gentd26 *g, bool gpu)
{
    char sentence[120];
    snprintf(sentence, sizeof sentence, "A pod has %lld bytes of memory (memory_capacity=), of which shares are given.",
             (long long)g->opt->memory_capacity);
    alm_report_assume(g->job.sink->report, gpu ? "One core stands for one GPU, in units gpu/... (gpu=cpu)." : sentence);
}

static int read_pods(void *ctx, const char *path, struct alm_err *e)
{
    struct gentd26 *g = ctx;
    const struct alm_cell *cell;
    bool gpu;
    ALM_TRY(tell_pods(path, &gpu, e));
    if (gpu && g->opt->gpu == GPU_SKIP) {
        alm_report_assume(g->job.sink->report, "Duty cycles of GPUs are left alone (gpu=cpu takes a GPU as a core).");
        return ALM_OK;
    }
    assume(g, gpu);
    ALM_TRY(alm_rows_open(&g->job, path, &pods, &g->r, e));
    int code = ALM_OK;
    while (code >= 0 && (code = alm_rows_next(g->r, &cell, e)) == ALM_OK)
        code = take_pod(g, cell, gpu, e);
    alm_rows_close(g->r);
    return code;
}

/* ---- tables ---- */

static bool is_requests(const struct alm_header *first)
{
    return alm_header_find(first, "gmt_create") >= 0;
}

static bool is_qps(const struct alm_header *first)
{
    return alm_header_find(first, "request_type") >= 0;
}

static bool is_pods(const struct alm_header *first)
{
    return alm_header_find(first, "container_ip") >= 0 && alm_header_find(first, "value") >= 0;
}

static const struct alm_dataset_table tables[] = {
    {.what = "lora_request_trace (gmt_create, predict_type, ...)", .is = is_requests, .read = read_requests},
    {.what = "qps (timestamp_anon, value, container_ip, request_type)", .is = is_qps, .read = NULL},
    {.what = "pod_memory_util and pod_gpu_duty_cycle (value, timestamp_anon, container_ip)",
     .is = is_pods,
     .read = read_pods},
    {0},
};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    static const struct alm_dataset set = {"the GenTD26 trace (of a GPU table with gpu=cpu alone)", ',', true, tables};
    struct gentd26 g = {.opt = opt};
    g.job = alm_rows_start(&g.opt->rows, sink, path, count);
    ALM_TRY(alm_batch_open(sink, &g.batch, e));
    int code = alm_dataset_read(&set, &g, sink, path, count, NULL, e);
    if (code >= 0)
        code = alm_batch_flush(g.batch, e);
    alm_batch_close(g.batch);
    return code;
}

const struct alm_importer_ops alm_importer_gentd26 = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "gentd26",
             .summary = "Alibaba GenTD26: requests for images with their parameters, and memory of pods",
             .source = "Lin et al., SoCC 2025; alibaba/clusterdata, cluster-trace-v2026-GenAI",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
