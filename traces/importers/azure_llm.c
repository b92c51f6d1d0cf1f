/* SPDX-License-Identifier: GPL-3.0-or-later
 * azure-llm: requests to language models, 2023 and 2024: arrival, tokens in, tokens out.
 *
 * Meaning.  A file is one service, hence one unit, named after the file. Each request is an invocation at its time. The
 *           input is context_tokens, which is known when a request comes. Generated tokens are a result: they appear in
 *           work = context_work x ContextTokens + token_work x GeneratedTokens alone.
 * Choice.   Neither duration nor processor time was recorded, so the two factors are assumptions, of the order of one
 *           core or accelerator that needs 0.1 ms for a token it reads and 40 ms for one it writes.
 * Limits.   Requests of a batch share work in reality.
 * Source.   Patel et al., Splitwise, ISCA 2024; github Azure/AzurePublicDataset. */
#include "almanac/importer.h"
#include "formats/invocation_inputs.h"
#include "text/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct options {
    struct alm_rows_options rows;
    alm_time context_work, token_work;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"context_work", ALM_OPT_DURATION, AT(context_work), "100us", 0, 3600e9, NULL,
     "core time for a token of the context"},
    {"token_work", ALM_OPT_DURATION, AT(token_work), "40ms", 0, 3600e9, NULL, "core time for a generated token"},
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { STAMP, CONTEXT, GENERATED };

static const struct alm_cell_spec cells[] = {
    [STAMP] = {.name = "TIMESTAMP", .type = ALM_CELL_TIME, .flags = ALM_CELL_NEEDED},
    [CONTEXT] = {.name = "ContextTokens", .type = ALM_CELL_NUMBER, .flags = ALM_CELL_EXPECTED, .max = 1e9},
    [GENERATED] = {.name = "GeneratedTokens", .type = ALM_CELL_NUMBER, .flags = ALM_CELL_EXPECTED, .max = 1e9},
    {0},
};

static const struct alm_rows_format format = {
    .what = "a table of the Azure LLM inference traces",
    .separator = ',',
    .header = true,
    .time = ALM_TIME_ISO,
    .cell = cells,
};

static const struct alm_input context = {.name = "context_tokens", .unit = "1"};

struct import {
    const struct options *opt;
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_inputs inputs;
    char name[ALM_FILE_NAME]; /* of the file that is read */
};

static int take_row(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct import *m = ctx;
    const struct alm_field name = {m->name, strlen(m->name)};
    const struct alm_unit_about about = {.name = name, .code = name, .cores = (double)NAN, .memory = (double)NAN};
    uint32_t unit;
    int code = alm_rows_about(r, m->batch, &about, &unit, e);
    if (code != ALM_OK)
        return code;
    struct alm_invocation i = alm_invocation_at(cell[STAMP].time, unit);
    i.value[ALM_INV_WORK] = cell[CONTEXT].number * alm_seconds(m->opt->context_work) +
                            cell[GENERATED].number * alm_seconds(m->opt->token_work);
    ALM_TRY(alm_inputs_cell(&m->inputs, 0, &cell[CONTEXT], e));
    return alm_inputs_send(&m->inputs, &i, e);
}

static int read_requests(void *ctx, const char *path, struct alm_err *e)
{
    struct import *m = ctx;
    alm_file_unit(path, true, m->name);
    return alm_dataset_each(&m->job, path, &format, take_row, m, e);
}

static bool is_requests(const struct alm_header *first)
{
    return alm_header_find(first, "ContextTokens") >= 0;
}

static const struct alm_dataset_table tables[] = {
    {.what = "the requests (TIMESTAMP, ContextTokens, GeneratedTokens)", .is = is_requests, .read = read_requests},
    {0},
};

static const struct alm_dataset set = {.what = "the Azure LLM inference traces", .separator = ',', .table = tables};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct import m = {.opt = opt};
    char text[200];
    m.job = alm_rows_start(&m.opt->rows, sink, path, count);
    snprintf(text, sizeof text,
             "Neither duration nor work was recorded: work is %g s a token of context (context_work=) and %g s a "
             "generated token (token_work=).",
             alm_seconds(m.opt->context_work), alm_seconds(m.opt->token_work));
    alm_report_assume(sink->report, text);
    ALM_TRY(alm_inputs_declare(&m.inputs, sink, &context, 1, e));
    ALM_TRY(alm_batch_open(sink, &m.batch, e));
    int code = alm_dataset_read(&set, &m, sink, path, count, NULL, e);
    alm_batch_close(m.batch);
    return code;
}

const struct alm_importer_ops alm_importer_azure_llm = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "azure-llm",
             .summary = "Azure LLM inference 2023 and 2024: tokens in and out of each request",
             .source = "Patel et al., Splitwise, ISCA 2024",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
