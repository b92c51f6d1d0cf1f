/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_merge: the files of the cells become one results file.
 *
 * Meaning.  One pass over the plan: a cell's file is read, its row and those of its units are appended.
 * Limits.   In memory: one cell, the distinct names of units, and a chunk of each column. */
#include "experiments/sweep/cell_file.h"
#include "experiments/sweep/cell_sums.h"
#include "experiments/sweep/plan_file.h"
#include "experiments/sweep/results_columns.h"
#include "traces/text/names.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND 16384
#define FIGURES 96
#define SUMS 64

struct merge {
    const struct sweep_plan *plan;
    struct alm_table *table;
    struct alm_column *text[RESULTS_TEXTS], *factor[RESULTS_FACTORS], *figure[FIGURES], *sum[SUMS];
    struct alm_column *seed, *oracle, *units, *state_bytes, *of_cell, *of_unit, *name;
    struct alm_names *names;
    uint32_t row; /* of /cells */
    struct results_count count;
    char command[COMMAND];
};

static int make(struct merge *m, const char *path, enum alm_column_type type, const char *unit, struct alm_column **out,
                struct alm_err *e)
{
    char dimension[RESULTS_PATH];
    const struct alm_column_spec spec = {.path = path,
                                         .type = type,
                                         .dimension = dimension,
                                         .unit = unit,
                                         .shuffle = type != ALM_COL_TEXT,
                                         .fill = type == ALM_COL_F64};
    int group = (int)(strchr(path + 1, '/') - path);
    snprintf(dimension, sizeof dimension, "%.*s/row", group, path);
    return alm_column_create(m->table, &spec, out, e);
}

static int make_factors(struct merge *m, struct alm_err *e)
{
    const struct sweep_spec *s = m->plan->spec;
    char name[RESULTS_FACTORS][CELL_FACTOR], path[RESULTS_PATH];
    const char *names[RESULTS_FACTORS];
    if (s->factors > RESULTS_FACTORS)
        return alm_fail(e, ALM_EUNSUPPORTED, "more than %d factors", RESULTS_FACTORS);
    json_t *list = json_array();
    for (size_t i = 0; i < s->factors; i++) {
        names[i] = cell_factor_name(&s->factor[i], name[i], sizeof name[i]);
        json_array_append_new(list, json_string(names[i]));
    }
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    int code = text ? alm_table_set_text(m->table, "/", "factors", text, e) : alm_fail(e, ALM_ENOMEM, "out of memory");
    free(text);
    for (size_t i = 0; code >= 0 && i < s->factors; i++)
        code = make(m, results_factor_path(names, i, path), ALM_COL_TEXT, NULL, &m->factor[i], e);
    return code;
}

static int make_cells(struct merge *m, struct alm_err *e)
{
    char path[RESULTS_PATH];
    for (int k = 0; k < RESULTS_TEXTS; k++) {
        snprintf(path, sizeof path, "/cells/%s", results_texts[k]);
        ALM_TRY(make(m, path, ALM_COL_TEXT, NULL, &m->text[k], e));
    }
    ALM_TRY(make_factors(m, e));
    ALM_TRY(make(m, "/cells/seed", ALM_COL_I64, NULL, &m->seed, e));
    ALM_TRY(make(m, "/cells/oracle", ALM_COL_U8, NULL, &m->oracle, e));
    ALM_TRY(make(m, "/cells/units", ALM_COL_U32, NULL, &m->units, e));
    ALM_TRY(make(m, "/cells/state_bytes_per_unit", ALM_COL_F64, "byte", &m->state_bytes, e));
    size_t count;
    const struct results_figure *f = results_figures(&count);
    assert(count <= FIGURES);
    for (size_t k = 0; k < count; k++)
        ALM_TRY(make(m, results_figure_path(&f[k], path), ALM_COL_F64, f[k].unit, &m->figure[k], e));
    return ALM_OK;
}

static int make_units(struct merge *m, struct alm_err *e)
{
    char path[RESULTS_PATH];
    size_t count;
    const struct cell_sum *sum = cell_sums(&count);
    assert(count <= SUMS);
    ALM_TRY(make(m, "/units/cell", ALM_COL_U32, NULL, &m->of_cell, e));
    ALM_TRY(make(m, "/units/unit", ALM_COL_U32, NULL, &m->of_unit, e));
    for (size_t k = 0; k < count; k++) {
        snprintf(path, sizeof path, "/units/%s", sum[k].name);
        ALM_TRY(make(m, path, sum[k].whole ? ALM_COL_I64 : ALM_COL_F64, sum[k].unit, &m->sum[k], e));
    }
    return make(m, "/names/name", ALM_COL_TEXT, NULL, &m->name, e);
}

/* What was searched for is no longer seen in the specification. */
static int make_tuned(struct merge *m, struct alm_err *e)
{
    json_t *chosen = sweep_chosen_json(m->plan);
    char *text = chosen ? json_dumps(chosen, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    const bool good = !chosen || text;
    json_decref(chosen);
    int code = good ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for the values of tuned policies");
    if (text)
        code = alm_table_set_text(m->table, "/", "tuned", text, e);
    free(text);
    return code;
}

static int make_attributes(struct merge *m, struct alm_err *e)
{
    const struct sweep_plan *p = m->plan;
    const char *baseline = p->spec->baseline ? p->spec->baseline : p->spec->policies ? p->spec->policy[0].name : "";
    ALM_TRY(alm_table_set_text(m->table, "/", "spec", p->spec->text ? p->spec->text : "", e));
    ALM_TRY(alm_table_set_text(m->table, "/", "version", p->version, e));
    ALM_TRY(alm_table_set_text(m->table, "/", "baseline", baseline, e));
    return make_tuned(m, e);
}

static int append_text(struct alm_column *c, const char *text, struct alm_err *e)
{
    return alm_column_append(c, &text, 1, e);
}

static int append_labels(struct merge *m, const struct sweep_cell *cell, const struct cell_result *r, struct alm_err *e)
{
    const struct sweep_plan *p = m->plan;
    const char *text[RESULTS_TEXTS] = {[RESULTS_ID] = cell->id,
                                       [RESULTS_TRACE] = p->spec->trace[cell->trace].name,
                                       [RESULTS_SHA256] = p->sha256[cell->trace],
                                       [RESULTS_POLICY] = p->spec->policy[cell->policy].name,
                                       [RESULTS_PART] = sweep_part_word(cell->part),
                                       [RESULTS_STATE] = r->done ? "done" : "failed",
                                       [RESULTS_REASON] = r->reason,
                                       [RESULTS_COMMAND] = sweep_cell_command(p, cell, m->command, sizeof m->command),
                                       [RESULTS_WINDOW] = r->window};
    for (int k = 0; k < RESULTS_TEXTS; k++)
        ALM_TRY(append_text(m->text[k], text[k], e));
    for (size_t i = 0; i < p->spec->factors; i++)
        ALM_TRY(append_text(m->factor[i], cell->factor[i] ? cell->factor[i] : "", e));
    return ALM_OK;
}

static int append_cell(struct merge *m, const struct sweep_cell *cell, const struct cell_result *r, struct alm_err *e)
{
    size_t count;
    const struct results_figure *f = results_figures(&count);
    const uint8_t oracle = r->oracle;
    const uint32_t units = (uint32_t)r->units;
    const double state_bytes = r->done ? r->state_bytes : (double)NAN;
    ALM_TRY(append_labels(m, cell, r, e));
    ALM_TRY(alm_column_append(m->seed, &cell->seed, 1, e));
    ALM_TRY(alm_column_append(m->oracle, &oracle, 1, e));
    ALM_TRY(alm_column_append(m->units, &units, 1, e));
    ALM_TRY(alm_column_append(m->state_bytes, &state_bytes, 1, e));
    for (size_t k = 0; k < count; k++) {
        const double value = results_of_cell(&f[k], r);
        ALM_TRY(alm_column_append(m->figure[k], &value, 1, e));
    }
    return ALM_OK;
}

static int append_unit(struct merge *m, const char *name, const struct metrics_unit *u, struct alm_err *e)
{
    size_t count;
    const struct cell_sum *sum = cell_sums(&count);
    uint32_t known = alm_names_count(m->names), number;
    ALM_TRY(alm_names_add(m->names, name, strlen(name), &number, e));
    if (number == known)
        ALM_TRY(append_text(m->name, name, e));
    ALM_TRY(alm_column_append(m->of_cell, &m->row, 1, e));
    ALM_TRY(alm_column_append(m->of_unit, &number, 1, e));
    for (size_t k = 0; k < count; k++) {
        const int64_t whole = sum[k].whole ? (int64_t)cell_sum_whole(&sum[k], u) : 0;
        const double real = sum[k].whole ? 0 : cell_sum_real(&sum[k], u);
        ALM_TRY(alm_column_append(m->sum[k], sum[k].whole ? (const void *)&whole : &real, 1, e));
    }
    return ALM_OK;
}

static int append(struct merge *m, const struct sweep_cell *cell, const struct cell_result *r, struct alm_err *e)
{
    ALM_TRY(append_cell(m, cell, r, e));
    for (size_t i = 0; i < r->units; i++)
        ALM_TRY(append_unit(m, r->unit_name[i], &r->unit[i], e));
    m->row++;
    return ALM_OK;
}

static int merge_cell(struct merge *m, uint64_t number, bool partial, struct alm_err *e)
{
    struct sweep_cell cell;
    struct cell_result r = {0};
    bool stale = false;
    ALM_TRY(sweep_plan_cell(m->plan, number, &cell, e));
    int code = cell_file_read(m->plan, cell.id, &r, &stale, e);
    ALM_TRY(code);
    if (stale)
        return alm_fail(e, ALM_EDATA,
                        "cell %s was run by almanac %s, but the plan is of %s: results of different versions "
                        "are not mixed; plan and run again",
                        cell.id, r.version, m->plan->version);
    if (code == ALM_NOT_YET) {
        m->count.missing++;
        return ALM_OK;
    }
    *(r.done ? &m->count.done : &m->count.failed) += 1;
    if (partial || m->count.missing == 0) /* else nothing will be written: the rest is counted */
        code = append(m, &cell, &r, e);
    cell_result_free(&r);
    return code;
}

static int merge(struct merge *m, const char *path, bool partial, void (*progress)(void *ctx, double done), void *ctx,
                 struct alm_err *e)
{
    uint64_t cells = m->plan->cells;
    ALM_TRY(alm_names_open(&m->names, e));
    ALM_TRY(alm_table_create(path, RESULTS_FORMAT, "results of an experiment", &m->table, e));
    ALM_TRY(make_attributes(m, e));
    ALM_TRY(make_cells(m, e));
    ALM_TRY(make_units(m, e));
    for (uint64_t k = 0; k < cells; k++) {
        ALM_TRY(merge_cell(m, k, partial, e));
        if (progress)
            progress(ctx, (double)(k + 1) / (double)cells);
    }
    if (m->count.missing > 0 && !partial)
        return ALM_NOT_YET;
    ALM_TRY(alm_table_set_int(m->table, "/", "missing", (int64_t)m->count.missing, e));
    return alm_table_commit(m->table, e);
}

int results_merge(const struct sweep_plan *p, const char *path, bool partial, struct results_count *count,
                  void (*progress)(void *ctx, double done), void *ctx, struct alm_err *e)
{
    struct merge *m = calloc(1, sizeof *m);
    if (!m)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    m->plan = p;
    int code = merge(m, path, partial, progress, ctx, e);
    *count = m->count;
    alm_table_close(m->table);
    alm_names_close(m->names);
    free(m);
    return code;
}
