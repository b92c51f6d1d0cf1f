/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace: a hostile trace file to the reader. What it accepts is in order, and every policy survives it.
 *
 * Meaning.  Input that begins as an HDF5 file is the file; other input makes one (made.h). */
#include "experiments/simulation.h"
#include "traces/file/trace_file.h"
#include "traces/file/trace_usage.h"

#include "made.h"

#define HOUR_NS 3.6e12
static const struct made_column columns[] = {
    {"/units/name", "/units/unit", ALM_COL_TEXT, 2, {0}, {"a", "b"}},
    {"/units/code", "/units/unit", ALM_COL_TEXT, 2, {0}, {"", "sha256:0"}},
    {"/units/cores", "/units/unit", ALM_COL_F64, 2, {4, NAN}, {0}},
    {"/units/memory", "/units/unit", ALM_COL_F64, 2, {4e9, NAN}, {0}},
    {"/units/rows", "/units/unit", ALM_COL_I64, 2, {4, 3}, {0}},
    {"/units/first", "/units/unit", ALM_COL_I64, 2, {1 * HOUR_NS, 1 * HOUR_NS}, {0}},
    {"/units/last", "/units/unit", ALM_COL_I64, 2, {4 * HOUR_NS, 3 * HOUR_NS}, {0}},
    {"/usage/time",
     "/usage/row",
     ALM_COL_I64,
     7,
     {1 * HOUR_NS, 2 * HOUR_NS, 3 * HOUR_NS, 4 * HOUR_NS, 1 * HOUR_NS, 2 * HOUR_NS, 3 * HOUR_NS},
     {0}},
    {"/usage/cpu", "/usage/row", ALM_COL_F64, 7, {1, 2, NAN, 1, 0, 0.5, 1}, {0}},
    {"/usage/memory", "/usage/row", ALM_COL_I64, 7, {1e9, 2e9, 1e9, 1e9, 5e8, 5e8, 5e8}, {0}},
    {"/units/invocations", "/units/unit", ALM_COL_I64, 2, {1, 3}, {0}},
    {"/invocations/arrival", "/invocation", ALM_COL_I64, 4, {1 * HOUR_NS, 2 * HOUR_NS, 2 * HOUR_NS, 3 * HOUR_NS}, {0}},
    {"/invocations/unit", "/invocation", ALM_COL_U32, 4, {1, 0, 1, 1}, {0}},
    {"/invocations/duration", "/invocation", ALM_COL_F64, 4, {0.5, NAN, 0, 7}, {0}},
    {"/invocations/memory", "/invocation", ALM_COL_I64, 4, {1e6, 2e6, NAN, 0}, {0}},
    {"/inputs/size", "/invocation", ALM_COL_F64, 4, {-1, NAN, 1e9, 2}, {0}},
    {"/inputs/kind", "/invocation", ALM_COL_U32, 4, {0, 1, 1, 4294967295.0}, {0}},
    {"/inputs/kind_words", "/inputs/kind_words", ALM_COL_TEXT, 2, {0}, {"cold", "warm"}},
    {"/units/behaviour", "/units/unit", ALM_COL_I64, 2, {3, 1}, {0}},
    {"/behaviour/time", "/behaviour/record", ALM_COL_I64, 4, {1 * HOUR_NS, 1 * HOUR_NS, 2 * HOUR_NS, 1 * HOUR_NS}, {0}},
    {"/behaviour/span", "/behaviour/record", ALM_COL_I64, 4, {HOUR_NS, HOUR_NS, HOUR_NS, 6e10}, {0}},
    {"/behaviour/unit", "/behaviour/record", ALM_COL_U32, 4, {0, 0, 0, 1}, {0}},
    {"/behaviour/function", "/behaviour/record", ALM_COL_U32, 4, {0, 1, 0, 1}, {0}},
    {"/behaviour/calls", "/behaviour/record", ALM_COL_F64, 4, {NAN, 5, 0, 0.5}, {0}},
    {"/behaviour/read_bytes", "/behaviour/record", ALM_COL_I64, 4, {NAN, 4096, 0, 1e12}, {0}},
    {"/behaviour/mix_loads", "/behaviour/record", ALM_COL_F64, 4, {0, 1, NAN, 0.25}, {0}},
    {"/functions/name", "/functions/function", ALM_COL_TEXT, 2, {0}, {"", "main"}},
};
#define COLUMNS (sizeof columns / sizeof *columns)

static int make(struct bytes *b, struct alm_err *e)
{
    struct alm_table *t;
    ALM_TRY(alm_table_create(made_path, "trace/1", "made", &t, e));
    const struct made_edits edits = made_edits(b, COLUMNS);
    const struct made_edit *interval = made_find(&edits, COLUMNS, 0), *origin = made_find(&edits, COLUMNS, 1);
    int64_t ns = made_whole(made_value(interval, HOUR_NS));
    int code = interval && interval->more == 255 ? ALM_OK : alm_table_set_int(t, "/", "interval_ns", ns, e);
    if (code >= 0)
        code = alm_table_set_text(t, "/", "time_origin", !origin ? "unix" : origin->how % 2 ? "zero" : "never", e);
    for (size_t i = 0; code >= 0 && i < COLUMNS; i++)
        code = made_column(t, &edits, i, &columns[i], e);
    if (code >= 0)
        code = alm_table_commit(t, e);
    alm_table_close(t);
    return code;
}

#define ROWS 3 /* small, so that files are read in pieces */
static void check_rows(const struct alm_demand *d)
{
    alm_time at[ROWS], span[ROWS];
    double value[ALM_RESOURCES][ROWS];
    struct alm_err e;
    for (size_t u = 0; u < d->units; u++) {
        alm_time last = INT64_MIN;
        for (uint64_t k = 0; k < d->rows[u]; k += ROWS) {
            size_t n = d->rows[u] - k < ROWS ? (size_t)(d->rows[u] - k) : ROWS;
            struct alm_demand_rows out = {.at = at, .span = span};
            for (int r = 0; r < ALM_RESOURCES; r++)
                out.value[r] = (d->resources & ALM_BIT(r)) ? value[r] : NULL;
            if (d->read(d, u, k, n, &out, &e) < 0)
                return;
            for (size_t i = 0; i < n; i++) {
                bytes_demand(at[i] > last && span[i] > 0, "times ascend and spans are positive");
                bytes_demand(at[i] >= d->unit[u].first && at[i] <= d->unit[u].last, "rows lie in their unit's life");
                last = at[i];
                for (int r = 0; r < ALM_RESOURCES; r++)
                    bytes_demand(!out.value[r] || isnan(value[r][i]) || (value[r][i] >= 0 && isfinite(value[r][i])),
                                 "usage is finite and not negative");
            }
        }
    }
}

static void check_inputs(const struct alm_invocations *v, const struct alm_invocation_rows *rows, size_t k)
{
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        bytes_demand(!rows->value[f] || isnan(rows->value[f][k]) ||
                         (rows->value[f][k] >= 0 && isfinite(rows->value[f][k])),
                     "a field is finite and not negative");
    for (size_t i = 0; i < v->inputs; i++) {
        double value = rows->input[i][k];
        bytes_demand(!isinf(value), "an input is finite");
        bytes_demand(!v->input[i].category || isnan(value) || (value >= 0 && (size_t)value < v->words[i]),
                     "a category is one of its words");
    }
}

static void check_invocations(const struct alm_demand *d, const struct alm_invocations *v)
{
    alm_time arrival[ROWS], last = INT64_MIN;
    uint32_t unit[ROWS];
    static double value[ALM_INVOCATION_FIELDS + ALM_INPUTS][ROWS];
    struct alm_invocation_rows rows = {.arrival = arrival, .unit = unit};
    struct alm_err e;
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        rows.value[f] = v->fields & ALM_BIT(f) ? value[f] : NULL;
    for (size_t i = 0; i < v->inputs; i++)
        rows.input[i] = value[ALM_INVOCATION_FIELDS + i];
    for (uint64_t first = 0; first < v->count; first += ROWS) {
        size_t n = v->count - first < ROWS ? (size_t)(v->count - first) : ROWS;
        if (v->read(v, first, n, &rows, &e) < 0)
            return;
        for (size_t k = 0; k < n; k++) {
            bytes_demand(arrival[k] >= last && unit[k] < d->units, "arrivals ascend and units are there");
            bytes_demand(arrival[k] >= d->unit[unit[k]].first && arrival[k] <= d->unit[unit[k]].last,
                         "arrivals lie in their unit's life");
            last = arrival[k];
            check_inputs(v, &rows, k);
        }
    }
}

static void check_behaviour(const struct alm_demand *d, const struct alm_behaviours *v)
{
    struct alm_behaviour b[ROWS];
    struct alm_err e;
    for (size_t u = 0; u < d->units; u++) {
        alm_time last = INT64_MIN;
        uint32_t function = 0;
        for (uint64_t k = v->first[u]; k < v->first[u + 1]; k += ROWS) {
            size_t n = v->first[u + 1] - k < ROWS ? (size_t)(v->first[u + 1] - k) : ROWS;
            if (v->read(v, k, n, b, &e) < 0)
                return;
            for (size_t i = 0; i < n; i++) {
                bytes_demand(b[i].unit == u && b[i].span > 0 && b[i].function < v->functions, "a record can be");
                bytes_demand(b[i].at > last || (b[i].at == last && b[i].function > function), "records ascend");
                for (int f = 0; f < ALM_BEHAVIOUR_FIELDS; f++)
                    bytes_demand(isnan(b[i].value[f]) || (b[i].value[f] >= 0 && isfinite(b[i].value[f])),
                                 "behaviour is finite and not negative");
                last = b[i].at;
                function = b[i].function;
            }
        }
    }
}

/* Only runs that are short: the reader accepts centuries. */
static void simulate(const struct alm_demand *d, const struct alm_behaviours *behaviours)
{
    struct simulation_config c;
    struct simulation_result result = {0};
    struct alm_err e;
    alm_time first = ALM_TIME_MAX, last = INT64_MIN;
    for (size_t u = 0; u < d->units; u++) {
        first = d->unit[u].first < first ? d->unit[u].first : first;
        last = d->unit[u].last > last ? d->unit[u].last : last;
    }
    if ((double)last - (double)first > 100 * HOUR_NS)
        return;
    bytes_demand(simulation_config_init(&c, &e) == ALM_OK &&
                     simulation_choose(&c, ALM_PREDICTOR, "vpa", &e) == ALM_OK &&
                     simulation_choose(&c, ALM_ALLOCATOR, "envelope", &e) == ALM_OK,
                 "a policy");
    c.behaviours = behaviours;
    if (simulation_run(&c, d, NULL, &result, &e) >= 0)
        json_decref(simulation_metrics_json(&result, 1));
    simulation_result_free(&result);
    simulation_config_free(&c);
}

/* Was all of it accepted? */
static bool read_trace(const char *path)
{
    struct alm_trace *t;
    struct alm_err e = {0};
    int code = alm_trace_open(path, &t, &e);
    if (code < 0) {
        bytes_demand(code == (int)e.code && strstr(e.text, path) != NULL, "a refusal names the file");
        return false;
    }
    struct alm_trace_column column[ALM_RESOURCES];
    uint64_t gaps;
    struct alm_trace_load load;
    struct alm_trace_habits habits;
    const struct alm_behaviours *b = alm_trace_behaviours(t), *seen = NULL;
    struct alm_trace_usage *usage = NULL;
    const struct alm_demand *d = alm_trace_demand(t);
    const struct alm_invocations *v = alm_trace_invocations(t);
    if (d->units <= 4096 && alm_trace_rows(t) <= 65536 && (!v || v->count <= 65536) && (!b || b->count <= 65536)) {
        code = alm_trace_describe(t, NULL, column, &gaps, &e);
        if (code >= 0)
            code = alm_trace_describe_load(t, NULL, &load, &e);
        if (code >= 0)
            code = alm_trace_describe_behaviour(t, NULL, &habits, &e);
        bytes_demand(code >= 0 || strlen(e.text) > 0, "a refusal says why");
        check_rows(d);
        if (v)
            check_invocations(d, v);
        if (b)
            check_behaviour(d, b);
        if (code >= 0 && alm_trace_usage_open(d, &usage, &e) >= 0 &&
            alm_trace_usage_behaviours(usage, b, &seen, &e) >= 0)
            simulate(alm_trace_usage_demand(usage), seen);
        alm_trace_usage_close(usage);
    }
    alm_trace_close(t);
    return code >= 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    struct bytes nothing = {0};
    struct alm_err e;
    made_start();
    bytes_demand(make(&nothing, &e) >= 0 && read_trace(made_path), "the file without mistakes is accepted");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 4 && memcmp(data, "\211HDF", 4) == 0) {
        struct bytes_file f = bytes_file_open(data, size);
        read_trace(f.path);
        bytes_file_close(&f);
        return 0;
    }
    struct bytes b = {data, size};
    struct alm_err e;
    if (make(&b, &e) >= 0)
        read_trace(made_path);
    return 0;
}
