/* SPDX-License-Identifier: GPL-3.0-or-later
 * run: a hostile run file to what `dump` and `plot` read it by. Rows it hands out name units and reasons that exist.
 *
 * Meaning.  Input that begins as an HDF5 file is the file; other input makes one (made.h). */
#include "experiments/run_file.h"

#include "almanac/resource.h"

#include "made.h"

#define NS 1e9
#define D "/decisions/row"
#define S "/samples/row"
#define V "/envelopes/row"
static const struct made_column columns[] = {
    {"/units/name", "/units/unit", ALM_COL_TEXT, 2, {0}, {"a", "b"}},
    {"/units/code", "/units/unit", ALM_COL_TEXT, 2, {0}, {"", ""}},
    {"/units/cores", "/units/unit", ALM_COL_F64, 2, {4, NAN}, {0}},
    {"/units/memory", "/units/unit", ALM_COL_F64, 2, {4e9, NAN}, {0}},
    {"/units/first_decision", "/units/unit", ALM_COL_I64, 2, {300 * NS, 300 * NS}, {0}},
    {"/units/last_decision", "/units/unit", ALM_COL_I64, 2, {1200 * NS, 900 * NS}, {0}},
    {"/reasons/text", "/reasons/reason", ALM_COL_TEXT, 2, {0}, {"first limit", "it rose"}},
    {"/decisions/time", D, ALM_COL_I64, 4, {300 * NS, 300 * NS, 750 * NS, 900 * NS}, {0}},
    {"/decisions/unit", D, ALM_COL_U32, 4, {0, 1, 0, 0}, {0}},
    {"/decisions/event", D, ALM_COL_U8, 4, {0, 0, 1, 0}, {0}},
    {"/decisions/cpu_limit", D, ALM_COL_I64, 4, {500, -1, 700, 700}, {0}},
    {"/decisions/memory_limit", D, ALM_COL_I64, 4, {4096, 8192, 8192, 8192}, {0}},
    {"/decisions/cpu_applied", D, ALM_COL_I64, 4, {500, -1, 700, 700}, {0}},
    {"/decisions/memory_applied", D, ALM_COL_I64, 4, {4096, 8192, 8192, 8192}, {0}},
    {"/decisions/cpu_reason", D, ALM_COL_U8, 4, {0, 0, 1, 1}, {0}},
    {"/decisions/memory_reason", D, ALM_COL_U8, 4, {0, 0, 1, 1}, {0}},
    {"/samples/time", S, ALM_COL_I64, 2, {300 * NS, 600 * NS}, {0}},
    {"/samples/span", S, ALM_COL_I64, 2, {300 * NS, 300 * NS}, {0}},
    {"/samples/unit", S, ALM_COL_U32, 2, {0, 1}, {0}},
    {"/samples/cpu", S, ALM_COL_F64, 2, {0.5, 0.6}, {0}},
    {"/samples/memory", S, ALM_COL_F64, 2, {4096, 4096}, {0}},
    {"/samples/cpu_demand", S, ALM_COL_F64, 2, {0.5, 0.6}, {0}},
    {"/samples/memory_demand", S, ALM_COL_F64, 2, {4096, 4096}, {0}},
    {"/samples/cpu_limit", S, ALM_COL_I64, 2, {500, 700}, {0}},
    {"/samples/memory_limit", S, ALM_COL_I64, 2, {-1, 8192}, {0}},
    {"/samples/throttled_us", S, ALM_COL_I64, 2, {0, 5}, {0}},
    {"/samples/oom_kills", S, ALM_COL_U32, 2, {0, 1}, {0}},
    {"/samples/flags", S, ALM_COL_U8, 2, {0, 4}, {0}},
    {"/envelopes/time", V, ALM_COL_I64, 1, {300 * NS}, {0}},
    {"/envelopes/until", V, ALM_COL_I64, 1, {600 * NS}, {0}},
    {"/envelopes/unit", V, ALM_COL_U32, 1, {1}, {0}},
    {"/envelopes/cpu_min", V, ALM_COL_F64, 1, {0.1}, {0}},
    {"/envelopes/cpu_max", V, ALM_COL_F64, 1, {0.9}, {0}},
    {"/envelopes/cpu_confidence", V, ALM_COL_F64, 1, {0.9}, {0}},
    {"/envelopes/memory_min", V, ALM_COL_F64, 1, {NAN}, {0}},
    {"/envelopes/memory_max", V, ALM_COL_F64, 1, {NAN}, {0}},
    {"/envelopes/memory_confidence", V, ALM_COL_F64, 1, {NAN}, {0}},
};
#define COLUMNS (sizeof columns / sizeof *columns)

/* Samples and envelopes are optional, and writing them takes time: they are there when the input speaks of them. */
static bool wanted(const struct made_edits *edits, size_t column)
{
    bool mentioned = columns[column].path[1] != 's' && columns[column].path[1] != 'e';
    for (size_t i = 0; i < edits->count && !mentioned; i++)
        mentioned = edits->at[i].column < COLUMNS && columns[edits->at[i].column].path[1] == columns[column].path[1];
    return mentioned;
}

static int make(struct bytes *b, struct alm_err *e)
{
    struct alm_table *t;
    ALM_TRY(alm_table_create(made_path, "run/1", "made", &t, e));
    const struct made_edits edits = made_edits(b, COLUMNS);
    const struct made_edit *interval = made_find(&edits, COLUMNS, 0), *metrics = made_find(&edits, COLUMNS, 1);
    int64_t ns = made_whole(made_value(interval, 300 * NS));
    int code = interval && interval->more == 255 ? ALM_OK : alm_table_set_int(t, "/", "interval_ns", ns, e);
    if (code >= 0 && !made_find(&edits, COLUMNS, 2))
        code = alm_table_set_int(t, "/", "seed", 1, e);
    if (code >= 0)
        code = alm_table_set_text(t, "/", "metrics", metrics ? "{" : "{}", e);
    for (size_t i = 0; code >= 0 && i < COLUMNS; i++)
        code = wanted(&edits, i) ? made_column(t, &edits, i, &columns[i], e) : ALM_OK;
    if (code >= 0)
        code = alm_table_commit(t, e);
    alm_table_close(t);
    return code;
}

/* A file may claim centuries of decisions: this many are enough to look at. */
#define ENOUGH 5000
struct reader {
    const struct alm_run *run;
    uint64_t rows;
};

static int enough(struct reader *r, struct alm_err *e)
{
    return ++r->rows > ENOUGH ? alm_fail(e, ALM_EINTR, "enough") : ALM_OK;
}

static int on_decision(void *ctx, const struct alm_run_decision *row, struct alm_err *e)
{
    struct reader *r = ctx;
    char text[256];
    bytes_demand(row->unit < r->run->units, "a decision names a unit that exists");
    for (int k = 0; k < 2; k++)
        bytes_demand(row->limit[k] == ALM_NO_LIMIT || row->reason[k] < r->run->reasons, "a limit has its reason");
    bytes_demand(alm_run_reason(r->run, row, text, sizeof text) == text && strlen(text) < sizeof text, "a sentence");
    return enough(r, e);
}

static int on_sample(void *ctx, const struct alm_run_sample *row, struct alm_err *e)
{
    struct reader *r = ctx;
    bytes_demand(row->unit < r->run->units, "a sample names a unit that exists");
    return enough(r, e);
}

static int on_envelope(void *ctx, const struct alm_run_envelope *row, struct alm_err *e)
{
    struct reader *r = ctx;
    bytes_demand(row->unit < r->run->units, "an envelope names a unit that exists");
    return enough(r, e);
}

/* Was all of it accepted? */
static bool read_run(const char *path)
{
    struct alm_run *run;
    struct alm_err e = {0};
    if (alm_run_file_open(path, &run, &e) < 0) {
        bytes_demand(strlen(e.text) > 0, "a refusal says why");
        return false;
    }
    struct reader r = {.run = run};
    uint32_t unit = ALM_RUN_ALL;
    int code = ALM_OK;
    for (int view = ALM_RUN_STORED; code >= 0 && view <= ALM_RUN_CHANGES; view++) {
        r.rows = 0;
        code = alm_run_each_decision(run, unit, (enum alm_run_view)view, on_decision, &r, &e);
    }
    r.rows = 0;
    (void)alm_run_each_sample(run, unit, on_sample, &r, &e);
    (void)alm_run_each_envelope(run, unit, on_envelope, &r, &e);
    (void)alm_run_file_unit(run, "b", &unit, &e);
    (void)alm_run_each_decision(run, unit, ALM_RUN_EVERY, on_decision, &r, &e);
    alm_run_file_close(run);
    return code >= 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    struct bytes nothing = {0};
    struct alm_err e;
    made_start();
    bytes_demand(make(&nothing, &e) >= 0 && read_run(made_path), "the file without mistakes is accepted");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 4 && memcmp(data, "\211HDF", 4) == 0) {
        struct bytes_file f = bytes_file_open(data, size);
        read_run(f.path);
        bytes_file_close(&f);
        return 0;
    }
    struct bytes b = {data, size};
    struct alm_err e;
    if (make(&b, &e) >= 0)
        read_run(made_path);
    return 0;
}
