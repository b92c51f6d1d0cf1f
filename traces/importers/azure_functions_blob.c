/* SPDX-License-Identifier: GPL-3.0-or-later
 * azure-functions-blob: accesses of functions to blobs, 2020: bytes read and written.
 *
 * Meaning.  An application is a unit (the function is not recorded), named USER/APP. Each access becomes an invocation
 *           at its time: io_read or io_write is the size of the blob, both where it is read and written. The inputs are
 *           the type of the blob and, for accesses that only read, its size (`blob`), which exists before; the size
 *           of what is written is a result.
 * Choice.   Accesses of one call (AnonFunctionInvocationId) are not joined: the file is sorted by time, and a call's end
 *           is not recorded, so joining would hold all calls in memory.
 * Limits.   No duration, CPU or memory. The published file is packed by bzip2: unpack it first.
 * Source.   Romero et al., Faa$T, SoCC 2021; github Azure/AzurePublicDataset. */
#include "almanac/importer.h"
#include "formats/invocation_inputs.h"
#include "text/dataset.h"

#include <math.h>
#include <string.h>
#include <strings.h>

struct options {
    struct alm_rows_options rows;
};

static const struct alm_opt rows[] = {
    ALM_ROWS_OPTIONS(struct options, ALM_ROWS_USUAL_MISSING),
    {0},
};

enum { STAMP, USER, APP, TYPE, BYTES, READ, WRITE };
enum { INPUT_TYPE, INPUT_BLOB, INPUTS };

static const struct alm_cell_spec cells[] = {
    [STAMP] = {.name = "Timestamp", .type = ALM_CELL_TIME, .flags = ALM_CELL_NEEDED},
    [USER] = {.name = "AnonUserId", .flags = ALM_CELL_NEEDED},
    [APP] = {.name = "AnonAppName", .flags = ALM_CELL_NEEDED},
    [TYPE] = {.name = "BlobType", .flags = ALM_CELL_EXPECTED},
    [BYTES] = {.name = "BlobBytes", .type = ALM_CELL_NUMBER, .flags = ALM_CELL_EXPECTED | ALM_CELL_ABNORMAL},
    [READ] = {.name = "Read", .flags = ALM_CELL_NEEDED},
    [WRITE] = {.name = "Write", .flags = ALM_CELL_NEEDED},
    {0},
};

static const struct alm_rows_format format = {
    .what = "a table of the Azure Functions blob accesses",
    .separator = ',',
    .header = true,
    .time = ALM_TIME_MS,
    .cell = cells,
};

static const struct alm_input inputs[INPUTS] = {
    [INPUT_TYPE] = {.name = "blob_type", .category = true},
    [INPUT_BLOB] = {.name = "blob", .unit = "byte"},
};

struct import {
    struct alm_rows_job job;
    struct alm_batch *batch;
    struct alm_inputs inputs;
};

/* 1, 0, or -1 when the cell is neither. */
static int truth(const struct alm_cell *c)
{
    static const char *const words[2][2] = {{"False", "0"}, {"True", "1"}};
    for (int value = 0; value < 2; value++)
        for (int k = 0; k < 2; k++)
            if (strlen(words[value][k]) == c->text.size && strncasecmp(words[value][k], c->text.at, c->text.size) == 0)
                return value;
    return -1;
}

static int take_row(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    struct import *m = ctx;
    char name[ALM_DATASET_JOINED];
    int reads = truth(&cell[READ]), writes = truth(&cell[WRITE]);
    if (reads < 0 || writes < 0)
        return alm_rows_bad(r, "neither True nor False", reads < 0 ? READ : WRITE, e);
    if (!reads && !writes) {
        alm_rows_note(r, true, "an access that neither reads nor writes");
        return ALM_OK;
    }
    const struct alm_unit_about about = {.name = alm_dataset_join(&cell[USER].text, &cell[APP].text, name),
                                         .code = cell[APP].text,
                                         .cores = (double)NAN,
                                         .memory = (double)NAN};
    uint32_t unit;
    int code = alm_rows_about(r, m->batch, &about, &unit, e);
    if (code != ALM_OK)
        return code;
    struct alm_invocation i = alm_invocation_at(cell[STAMP].time, unit);
    if (reads)
        i.value[ALM_INV_IO_READ] = cell[BYTES].number;
    if (writes)
        i.value[ALM_INV_IO_WRITE] = cell[BYTES].number;
    ALM_TRY(alm_inputs_cell(&m->inputs, INPUT_TYPE, &cell[TYPE], e));
    if (!writes)
        alm_inputs_number(&m->inputs, INPUT_BLOB, cell[BYTES].number);
    return alm_inputs_send(&m->inputs, &i, e);
}

static int read_accesses(void *ctx, const char *path, struct alm_err *e)
{
    struct import *m = ctx;
    return alm_dataset_each(&m->job, path, &format, take_row, m, e);
}

static bool is_accesses(const struct alm_header *first)
{
    return alm_header_find(first, "BlobBytes") >= 0;
}

static const struct alm_dataset_table tables[] = {
    {.what = "the accesses (Timestamp ... BlobBytes, Read, Write)", .is = is_accesses, .read = read_accesses},
    {0},
};

static const struct alm_dataset set = {
    .what = "the Azure Functions blob accesses of 2020", .separator = ',', .table = tables};

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    const struct options *o = opt;
    struct import m = {.job = alm_rows_start(&o->rows, sink, path, count)};
    alm_report_assume(sink->report, "Each access to a blob counts as an invocation of its application.");
    ALM_TRY(alm_inputs_declare(&m.inputs, sink, inputs, INPUTS, e));
    ALM_TRY(alm_batch_open(sink, &m.batch, e));
    int code = alm_dataset_read(&set, &m, sink, path, count, NULL, e);
    alm_batch_close(m.batch);
    return code;
}

const struct alm_importer_ops alm_importer_azure_functions_blob = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "azure-functions-blob",
             .summary = "Azure Functions 2020: blobs read and written by applications",
             .source = "Romero et al., SoCC 2021",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
