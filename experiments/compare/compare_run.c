/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_run: a run file as a source of one cell; see compare_results.h. */
#include "experiments/compare/compare_results.h"

#include "almanac/quantity.h"
#include "almanac/resource.h"

#include "experiments/compare/compare_weight.h"
#include "experiments/run_file.h"
#include "experiments/simulation_window.h"
#include "experiments/sweep/results.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run_source {
    struct alm_run *run;
    char *sha256, window[SIMULATION_WINDOW_TEXT];
    json_t *metrics;
    struct compare_unit *unit; /* [figures][units] */
    double *value;             /* [figures] */
};

/* The column that is in proportion to the weight of a quotient; of others every unit weighs the same. */
static const struct {
    const char *quotient, *weight;
} weights[] = {
    {"slack_relative", "footprint_hours"},
    {"overrun_time_share", "scored_unit_days"},
    {"oom_kills_per_unit_day", "scored_unit_days"},
    {"coverage_upper", "envelope_windows"},
    {"coverage", "envelope_windows"},
    {"confidence", "envelope_windows"},
    {"coverage_gap", "envelope_windows"},
    {"pinball_loss", "usage_hours"},
    {"interval_score", "usage_hours"},
};

static double value(void *ctx, size_t cell, size_t figure)
{
    const struct run_source *s = ctx;
    (void)cell;
    return s->value[figure];
}

static int units(void *ctx, size_t cell, const size_t *figure, size_t count, struct compare_unit *out,
                 const char **name, struct alm_err *e)
{
    const struct run_source *s = ctx;
    size_t n = s->run->units;
    (void)cell;
    (void)e;
    for (size_t k = 0; k < count; k++)
        memcpy(out + k * n, s->unit + figure[k] * n, n * sizeof *out);
    for (size_t u = 0; u < n; u++)
        name[u] = s->run->unit[u].name;
    return ALM_OK;
}

static void close_run(void *ctx)
{
    struct run_source *s = ctx;
    alm_run_file_close(s->run);
    json_decref(s->metrics);
    free(s->sha256);
    free(s->unit);
    free(s->value);
    free(s);
}

/* ALM_NOT_YET when the file has no such column. */
static int read_column(const struct run_source *s, int resource, const char *name, double *out, struct alm_err *e)
{
    char path[96];
    struct alm_column *column;
    snprintf(path, sizeof path, "/metrics/%s_%s", alm_resource_name((enum alm_resource)resource), name);
    int code = alm_column_open(s->run->table, path, ALM_COL_F64, &column, e);
    if (code != ALM_OK)
        return code;
    if (alm_column_length(column) != s->run->units)
        return alm_fail(e, ALM_EDATA, "%s: %s has %llu rows, but there are %zu units", alm_table_path(s->run->table),
                        path, (unsigned long long)alm_column_length(column), s->run->units);
    return alm_column_read(column, 0, s->run->units, out, e);
}

static int read_weight(const struct run_source *s, int resource, const char *name, double *out, struct alm_err *e)
{
    for (size_t u = 0; u < s->run->units; u++)
        out[u] = 1;
    for (size_t k = 0; k < sizeof weights / sizeof *weights; k++)
        if (strcmp(weights[k].quotient, name) == 0)
            return read_column(s, resource, weights[k].weight, out, e);
    return ALM_OK;
}

static double pool(const struct compare_unit *unit, size_t n, bool additive)
{
    double amount = 0, weight = 0;
    for (size_t u = 0; u < n; u++) {
        amount += unit[u].amount;
        weight += unit[u].weight;
    }
    return weight > 0 ? additive ? amount : amount / weight : NAN;
}

/* SCRATCH[2][units]. */
static int read_figure(struct run_source *s, size_t k, const struct results_figure *f, double *scratch,
                       struct alm_err *e)
{
    size_t rows, n = s->run->units;
    const struct metrics_row *row = &metrics_rows(&rows)[f->row];
    bool additive = compare_weight_additive(row);
    int code = read_column(s, f->resource, row->name, scratch, e);
    if (code == ALM_OK)
        code = read_weight(s, f->resource, row->name, scratch + n, e);
    if (code != ALM_OK)
        return code;
    for (size_t u = 0; u < n; u++)
        s->unit[k * n + u] = compare_weight_from(additive, scratch[u], scratch[n + u]);
    s->value[k] = pool(s->unit + k * n, n, additive);
    return ALM_OK;
}

/* Of the run as a whole: "invocations.p99_s" and burst shares, from its metrics. */
static double read_metric(const struct run_source *s, const char *name)
{
    char group[64];
    const char *dot = strchr(name, '.');
    snprintf(group, sizeof group, "%.*s", (int)(dot - name), name);
    const json_t *x = json_object_get(json_object_get(s->metrics, group), dot + 1);
    return json_is_number(x) ? json_number_value(x) : NAN;
}

static int read_figures(struct run_source *s, const struct compare_file *out, struct alm_err *e)
{
    size_t count, n = s->run->units;
    const struct results_figure *f = results_figures(&count);
    double *scratch = calloc(2 * n + 1, sizeof *scratch);
    s->unit = calloc(count * n + 1, sizeof *s->unit);
    s->value = calloc(count + 1, sizeof *s->value);
    int code = scratch && s->unit && s->value ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", n);
    for (size_t k = 0; code >= 0 && k < count; k++) {
        s->value[k] = out->figure[k].units ? NAN : read_metric(s, f[k].name);
        if (out->figure[k].units)
            code = read_figure(s, k, &f[k], scratch, e);
    }
    free(scratch);
    return code;
}

/* Of a run file without a configuration nothing is known of its warm-up: its window is not known. */
static int read_window(struct run_source *s, const char **out, struct alm_err *e)
{
    int64_t from = 0, until = 0;
    char *text = NULL;
    alm_time warmup;
    ALM_TRY(alm_table_get_int(s->run->table, "/", "trace_from_ns", &from, e));
    ALM_TRY(alm_table_get_int(s->run->table, "/", "trace_until_ns", &until, e));
    ALM_TRY(alm_table_get_text(s->run->table, "/", "config", &text, e));
    json_t *config = text ? json_loads(text, 0, NULL) : NULL;
    const char *word = json_string_value(json_object_get(json_object_get(config, "settings"), "control.warmup"));
    if (word && alm_parse_duration(word, &warmup, NULL) >= 0)
        *out = simulation_window_text(&(struct simulation_window){.from = from, .until = until}, warmup, s->window);
    json_decref(config);
    free(text);
    return ALM_OK;
}

static int fill(struct run_source *s, const char *path, struct compare_file *out, struct alm_err *e)
{
    static const char *const no_factor[] = {""};
    ALM_TRY(alm_run_file_open(path, &s->run, e));
    ALM_TRY(alm_table_get_text(s->run->table, "/", "trace_sha256", &s->sha256, e));
    s->metrics = json_loads(s->run->metrics, 0, NULL);
    ALM_TRY(read_figures(s, out, e));
    out->cell = calloc(1, sizeof *out->cell);
    if (!out->cell)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory for a cell", path);
    *out->cell = (struct compare_cell){.trace = s->run->trace_name,
                                       .sha256 = s->sha256 ? s->sha256 : "",
                                       .policy = s->run->policy,
                                       .part = "whole",
                                       .command = "",
                                       .reason = "",
                                       .factor = no_factor,
                                       .seed = s->run->seed,
                                       .done = true,
                                       .oracle = s->run->oracle,
                                       .units = (uint32_t)s->run->units};
    ALM_TRY(read_window(s, &out->cell->window, e));
    out->source.cells = 1;
    out->source.value = value;
    out->source.units = units;
    return ALM_OK;
}

int compare_run_open(const char *path, struct compare_file *out, struct alm_err *e)
{
    struct run_source *s = calloc(1, sizeof *s);
    if (!s)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory for a run", path);
    out->source.ctx = s;
    out->close = close_run;
    return fill(s, path, out, e);
}
