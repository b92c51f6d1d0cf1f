/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_results: see the header. */
#include "experiments/compare/compare_results.h"

#include "almanac/table.h"

#include "experiments/compare/compare_weight.h"
#include "experiments/sweep/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double value(void *ctx, size_t cell, size_t figure)
{
    const struct results *r = ctx;
    size_t count;
    return results_value(r, cell, &results_figures(&count)[figure]);
}

static int units(void *ctx, size_t cell, const size_t *figure, size_t count, struct compare_unit *out,
                 const char **name, struct alm_err *e)
{
    struct results *r = ctx;
    size_t n = r->cell[cell].units, known, rows;
    const struct results_figure *figures = results_figures(&known);
    const struct metrics_row *row = metrics_rows(&rows);
    struct metrics_unit *sums = calloc(n + 1, sizeof *sums);
    if (!sums)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", n);
    int code = results_units(r, cell, sums, name, e);
    for (size_t k = 0; code >= 0 && k < count; k++)
        for (size_t u = 0; u < n; u++) {
            const struct results_figure *f = &figures[figure[k]];
            out[k * n + u] = compare_weight_of(&row[f->row], f->resource, &sums[u]);
        }
    free(sums);
    return code;
}

static void close_results(void *ctx)
{
    results_close(ctx);
}

static void fill_cells(const struct results *r, struct compare_cell *cell)
{
    for (size_t i = 0; i < r->cells; i++) {
        const struct results_cell *x = &r->cell[i];
        cell[i] = (struct compare_cell){.trace = x->trace,
                                        .sha256 = x->trace_sha256,
                                        .policy = x->policy,
                                        .part = sweep_part_word(x->part),
                                        .command = x->command,
                                        .reason = x->reason,
                                        .window = x->window,
                                        .factor = (const char *const *)x->factor,
                                        .seed = x->seed,
                                        .done = x->done,
                                        .oracle = x->oracle,
                                        .units = x->units};
    }
}

int compare_results_open(const char *path, struct compare_file *out, struct alm_err *e)
{
    struct results *r;
    ALM_TRY(results_open(path, &r, e));
    out->source.ctx = r;
    out->close = close_results;
    out->spec_text = r->spec_text;
    out->baseline = r->baseline;
    out->cell = calloc(r->cells + 1, sizeof *out->cell);
    if (!out->cell)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory for %zu cells", path, r->cells);
    fill_cells(r, out->cell);
    struct compare_source *s = &out->source;
    s->factor = (const char *const *)r->factor;
    s->factors = r->factors;
    s->cells = r->cells;
    s->absent = r->missing;
    s->tuned = r->tuned;
    s->value = value;
    s->units = units;
    return ALM_OK;
}

static int fill_figures(struct compare_file *out, struct alm_err *e)
{
    size_t count, rows;
    const struct results_figure *f = results_figures(&count);
    const struct metrics_row *row = metrics_rows(&rows);
    out->figure = calloc(count + 1, sizeof *out->figure);
    if (!out->figure)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu figures", count);
    for (size_t k = 0; k < count; k++) {
        bool of_units = f[k].resource >= 0 && f[k].row != METRICS_ROWS_BURST;
        out->figure[k] = (struct compare_figure){.name = f[k].name,
                                                 .unit = f[k].unit,
                                                 .better = f[k].better,
                                                 .units = of_units,
                                                 .absolute = of_units && row[f[k].row].absolute,
                                                 .additive = of_units && compare_weight_additive(&row[f[k].row])};
    }
    out->source.figure = out->figure;
    out->source.figures = count;
    return ALM_OK;
}

int compare_file_open(const char *path, struct compare_file *out, struct alm_err *e)
{
    struct alm_table *t;
    *out = (struct compare_file){.source.path = path};
    ALM_TRY(alm_table_open(path, NULL, &t, e));
    bool run = strncmp(alm_table_format(t), "run/", 4) == 0, results = strncmp(alm_table_format(t), "results/", 8) == 0;
    int code = run || results ? ALM_OK
                              : alm_fail(e, ALM_EDATA,
                                         "%s is a %s file; a results file (almanac sweep merge) or a run file "
                                         "(almanac simulate -o) is right here",
                                         path, alm_table_format(t));
    alm_table_close(t);
    ALM_TRY(code);
    out->run = run;
    ALM_TRY(fill_figures(out, e));
    ALM_TRY(run ? compare_run_open(path, out, e) : compare_results_open(path, out, e));
    out->source.cell = out->cell;
    return ALM_OK;
}

void compare_file_close(struct compare_file *f)
{
    if (f->close)
        f->close(f->source.ctx);
    free(f->cell);
    free(f->figure);
    *f = (struct compare_file){0};
}
