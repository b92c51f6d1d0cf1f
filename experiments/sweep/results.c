/* SPDX-License-Identifier: GPL-3.0-or-later
 * results: reading a results file; see the header.
 *
 * Choice.   Texts of a column that are alike are kept once: a trace's or a policy's name comes back in thousands of rows. */
#include "experiments/sweep/cell_sums.h"
#include "experiments/sweep/results_columns.h"
#include "traces/text/names.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)1024)
#define FIGURES 96
#define SUMS 64

struct results_private {
    struct alm_names *text[RESULTS_TEXTS + RESULTS_FACTORS], *name;
    char **factor;          /* of all cells */
    double *value[FIGURES]; /* [cells] */
    struct alm_column *of_cell, *of_unit, *sum[SUMS];
    uint64_t rows; /* of /units */
};

static int wrong(const struct results *r, struct alm_err *e, const char *path, const char *what)
{
    return alm_fail(e, ALM_EDATA, "%s: %s %s; `almanac sweep merge` makes the file", alm_table_path(r->table), path,
                    what);
}

static int need(const struct results *r, const char *path, enum alm_column_type type, uint64_t length,
                struct alm_column **out, struct alm_err *e)
{
    int code = alm_column_open(r->table, path, type, out, e);
    ALM_TRY(code);
    if (code == ALM_NOT_YET)
        return wrong(r, e, path, "is missing");
    return length == UINT64_MAX || alm_column_length(*out) == length
               ? ALM_OK
               : wrong(r, e, path, "has not as many rows as the others of its group");
}

/* A file of an earlier version may be without PATH. */
static bool absent(const struct results *r, const char *path, struct alm_err *e)
{
    enum alm_column_type type;
    return alm_column_type(r->table, path, &type, e) == ALM_NOT_YET;
}

/* The texts of a column of COUNT rows, each distinct one once, into *NAMES; NUMBER[COUNT]: which of them each is. */
static int read_texts(struct alm_column *c, size_t count, struct alm_names **names, uint32_t *number, struct alm_err *e)
{
    char *text[BLOCK];
    ALM_TRY(alm_names_open(names, e));
    for (size_t first = 0; first < count; first += BLOCK) {
        size_t n = count - first < BLOCK ? count - first : BLOCK;
        ALM_TRY(alm_column_read(c, first, n, text, e));
        int code = ALM_OK;
        for (size_t i = 0; i < n; i++) {
            if (code >= 0)
                code = alm_names_add(*names, text[i], strlen(text[i]), &number[first + i], e);
            free(text[i]);
        }
        ALM_TRY(code);
    }
    return ALM_OK;
}

static char *text_of(const struct alm_names *names, uint32_t number)
{
    return (char *)(uintptr_t)alm_names_text(names, number, NULL);
}

static int take_part(const struct results *r, const char *word, enum sweep_part *out, struct alm_err *e)
{
    static const enum sweep_part parts[] = {SWEEP_WHOLE, SWEEP_TRAIN, SWEEP_TEST};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(sweep_part_word(parts[i]), word) == 0) {
            *out = parts[i];
            return ALM_OK;
        }
    return wrong(r, e, "/cells/part", "has a value that is none of whole, train, test");
}

static int take_text(const struct results *r, enum results_text k, struct results_cell *c, char *text,
                     struct alm_err *e)
{
    switch (k) {
    case RESULTS_ID:
        c->id = text;
        break;
    case RESULTS_TRACE:
        c->trace = text;
        break;
    case RESULTS_SHA256:
        c->trace_sha256 = text;
        break;
    case RESULTS_POLICY:
        c->policy = text;
        break;
    case RESULTS_PART:
        return take_part(r, text, &c->part, e);
    case RESULTS_STATE:
        c->done = strcmp(text, "done") == 0;
        return c->done || strcmp(text, "failed") == 0
                   ? ALM_OK
                   : wrong(r, e, "/cells/state", "has a value that is neither done nor failed");
    case RESULTS_REASON:
        c->reason = text;
        break;
    case RESULTS_COMMAND:
        c->command = text;
        break;
    case RESULTS_WINDOW:
        c->window = text;
        break;
    case RESULTS_TEXTS:
        break;
    }
    return ALM_OK;
}

static int read_labels(struct results *r, uint32_t *number, struct alm_err *e)
{
    char path[RESULTS_PATH];
    struct alm_column *c;
    struct results_private *x = r->private;
    for (int k = 0; k < RESULTS_TEXTS; k++) {
        snprintf(path, sizeof path, "/cells/%s", results_texts[k]);
        if (k == RESULTS_WINDOW && absent(r, path, e))
            continue;
        ALM_TRY(need(r, path, ALM_COL_TEXT, r->cells, &c, e));
        ALM_TRY(read_texts(c, r->cells, &x->text[k], number, e));
        for (size_t i = 0; i < r->cells; i++)
            ALM_TRY(take_text(r, (enum results_text)k, &r->cell[i], text_of(x->text[k], number[i]), e));
    }
    for (size_t f = 0; f < r->factors; f++) {
        struct alm_names **names = &x->text[RESULTS_TEXTS + f];
        ALM_TRY(need(r, results_factor_path((const char *const *)r->factor, f, path), ALM_COL_TEXT, r->cells, &c, e));
        ALM_TRY(read_texts(c, r->cells, names, number, e));
        for (size_t i = 0; i < r->cells; i++)
            r->cell[i].factor[f] = text_of(*names, number[i]);
    }
    return ALM_OK;
}

static int read_counts(struct results *r, uint32_t *number, struct alm_err *e)
{
    struct alm_column *seed, *oracle, *units;
    uint64_t row = 0;
    ALM_TRY(need(r, "/cells/seed", ALM_COL_I64, r->cells, &seed, e));
    ALM_TRY(need(r, "/cells/oracle", ALM_COL_U8, r->cells, &oracle, e));
    ALM_TRY(need(r, "/cells/units", ALM_COL_U32, r->cells, &units, e));
    ALM_TRY(alm_column_read(units, 0, r->cells, number, e));
    for (size_t i = 0; i < r->cells; i++) {
        uint8_t flag;
        struct results_cell *c = &r->cell[i];
        ALM_TRY(alm_column_read(seed, i, 1, &c->seed, e));
        ALM_TRY(alm_column_read(oracle, i, 1, &flag, e));
        c->oracle = flag != 0;
        c->units = number[i];
        c->first_unit = row;
        row += c->units;
        if (c->done != (c->units > 0))
            return wrong(r, e, "/cells/units", "has a cell that is done and has no units, or the other way round");
    }
    return row == r->private->rows ? ALM_OK : wrong(r, e, "/cells/units", "does not sum up to the rows of /units");
}

static int read_figures(struct results *r, struct alm_err *e)
{
    char path[RESULTS_PATH];
    size_t count;
    const struct results_figure *f = results_figures(&count);
    for (size_t k = 0; k < count; k++) {
        struct alm_column *c;
        double *value = r->private->value[k] = calloc(r->cells + 1, sizeof *value);
        if (!value)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", r->cells);
        for (size_t i = 0; i < r->cells; i++)
            value[i] = (double)NAN;
        if (f[k].later && absent(r, results_figure_path(&f[k], path), e))
            continue;
        ALM_TRY(need(r, results_figure_path(&f[k], path), ALM_COL_F64, r->cells, &c, e));
        ALM_TRY(alm_column_read(c, 0, r->cells, value, e));
    }
    return ALM_OK;
}

static int open_units(struct results *r, struct alm_err *e)
{
    char path[RESULTS_PATH];
    size_t count;
    struct results_private *x = r->private;
    const struct cell_sum *sum = cell_sums(&count);
    ALM_TRY(need(r, "/units/cell", ALM_COL_U32, UINT64_MAX, &x->of_cell, e));
    x->rows = alm_column_length(x->of_cell);
    ALM_TRY(need(r, "/units/unit", ALM_COL_U32, x->rows, &x->of_unit, e));
    for (size_t k = 0; k < count; k++) {
        snprintf(path, sizeof path, "/units/%s", sum[k].name);
        if (sum[k].later && absent(r, path, e))
            continue;
        ALM_TRY(need(r, path, sum[k].whole ? ALM_COL_I64 : ALM_COL_F64, x->rows, &x->sum[k], e));
    }
    struct alm_column *name;
    ALM_TRY(need(r, "/names/name", ALM_COL_TEXT, UINT64_MAX, &name, e));
    size_t names = (size_t)alm_column_length(name);
    uint32_t *number = calloc(names + 1, sizeof *number);
    int code = number ? read_texts(name, names, &x->name, number, e) : alm_fail(e, ALM_ENOMEM, "out of memory");
    free(number);
    ALM_TRY(code);
    return alm_names_count(x->name) == names ? ALM_OK : wrong(r, e, "/names/name", "has a name twice");
}

static int read_factors(struct results *r, struct alm_err *e)
{
    char *text = NULL;
    int code = alm_table_get_text(r->table, "/", "factors", &text, e);
    ALM_TRY(code);
    json_t *list = json_loads(text ? text : "", 0, NULL);
    free(text);
    size_t n = json_array_size(list);
    bool good = json_is_array(list) && n <= RESULTS_FACTORS;
    r->factor = calloc(n + 1, sizeof *r->factor);
    for (; good && r->factor && r->factors < n; r->factors++) {
        const char *name = json_string_value(json_array_get(list, r->factors));
        good = name && (r->factor[r->factors] = strdup(name));
        if (!good)
            break;
    }
    json_decref(list);
    return good && r->factor ? ALM_OK : wrong(r, e, "attribute factors", "is not a list of names");
}

static int read_attributes(struct results *r, struct alm_err *e)
{
    static const char *const names[] = {"version", "spec", "baseline"};
    char **text[] = {&r->version, &r->spec_text, &r->baseline};
    int64_t missing = 0;
    if (strcmp(alm_table_format(r->table), RESULTS_FORMAT) != 0)
        return alm_fail(e, ALM_EDATA, "%s: format '%.40s' is not known to this version, which reads " RESULTS_FORMAT,
                        alm_table_path(r->table), alm_table_format(r->table));
    for (size_t i = 0; i < 3; i++) {
        int code = alm_table_get_text(r->table, "/", names[i], text[i], e);
        ALM_TRY(code);
        if (code == ALM_NOT_YET)
            return wrong(r, e, names[i], "is an attribute that is missing");
    }
    ALM_TRY(alm_table_get_text(r->table, "/", "tuned", &r->tuned, e));
    int code = alm_table_get_int(r->table, "/", "missing", &missing, e);
    ALM_TRY(code);
    if (code == ALM_NOT_YET || missing < 0)
        return wrong(r, e, "missing", "is an attribute that is missing or negative");
    r->missing = (uint64_t)missing;
    return read_factors(r, e);
}

static int read_cells(struct results *r, struct alm_err *e)
{
    struct alm_column *id;
    ALM_TRY(need(r, "/cells/id", ALM_COL_TEXT, UINT64_MAX, &id, e));
    r->cells = (size_t)alm_column_length(id);
    r->cell = calloc(r->cells + 1, sizeof *r->cell);
    r->private->factor = calloc(r->cells * r->factors + 1, sizeof *r->private->factor);
    uint32_t *number = calloc(r->cells + 1, sizeof *number);
    int code = r->cell && r->private->factor && number
                   ? ALM_OK
                   : alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", r->cells);
    for (size_t i = 0; code >= 0 && i < r->cells; i++)
        r->cell[i].factor = r->private->factor + i * r->factors;
    if (code >= 0)
        code = read_labels(r, number, e);
    if (code >= 0)
        code = read_counts(r, number, e);
    free(number);
    return code < 0 ? code : read_figures(r, e);
}

int results_open(const char *path, struct results **out, struct alm_err *e)
{
    struct results *r = calloc(1, sizeof *r);
    if (!r || !(r->private = calloc(1, sizeof *r->private))) {
        free(r);
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    int code = alm_table_open(path, "results/", &r->table, e);
    if (code >= 0)
        code = read_attributes(r, e);
    if (code >= 0)
        code = open_units(r, e);
    if (code >= 0)
        code = read_cells(r, e);
    if (code < 0) {
        results_close(r);
        return code;
    }
    *out = r;
    return ALM_OK;
}

void results_close(struct results *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < RESULTS_TEXTS + RESULTS_FACTORS; i++)
        alm_names_close(r->private->text[i]);
    for (size_t i = 0; i < FIGURES; i++)
        free(r->private->value[i]);
    for (size_t i = 0; r->factor && i < r->factors; i++)
        free(r->factor[i]);
    alm_names_close(r->private->name);
    alm_table_close(r->table);
    free(r->private->factor);
    free(r->private);
    free(r->factor);
    free(r->version);
    free(r->spec_text);
    free(r->baseline);
    free(r->tuned);
    free(r->cell);
    free(r);
}

double results_value(const struct results *r, size_t cell, const struct results_figure *f)
{
    size_t count;
    return r->private->value[f - results_figures(&count)][cell];
}

static int read_sum(const struct results_private *x, size_t k, uint64_t first, size_t n, struct metrics_unit *out,
                    struct alm_err *e)
{
    size_t count;
    const struct cell_sum *sum = cell_sums(&count) + k;
    if (!x->sum[k]) {
        for (size_t i = 0; i < n; i++)
            cell_sum_set_whole(sum, &out[i], 0); /* of a double too: all bits 0 */
        return ALM_OK;
    }
    if (sum->whole) {
        int64_t whole[BLOCK];
        ALM_TRY(alm_column_read(x->sum[k], first, n, whole, e));
        for (size_t i = 0; i < n; i++)
            cell_sum_set_whole(sum, &out[i], (uint64_t)whole[i]);
        return ALM_OK;
    }
    double real[BLOCK];
    ALM_TRY(alm_column_read(x->sum[k], first, n, real, e));
    for (size_t i = 0; i < n; i++)
        cell_sum_set_real(sum, &out[i], real[i]);
    return ALM_OK;
}

static int read_keys(const struct results *r, size_t cell, uint64_t first, size_t n, const char **name,
                     struct alm_err *e)
{
    const struct results_private *x = r->private;
    uint32_t of_cell[BLOCK], of_unit[BLOCK];
    ALM_TRY(alm_column_read(x->of_cell, first, n, of_cell, e));
    ALM_TRY(alm_column_read(x->of_unit, first, n, of_unit, e));
    for (size_t i = 0; i < n; i++) {
        if (of_cell[i] != cell || of_unit[i] >= alm_names_count(x->name))
            return wrong(r, e, "/units", "has a row of another cell than its place says, or of a unit without a name");
        if (name)
            name[i] = alm_names_text(x->name, of_unit[i], NULL);
    }
    return ALM_OK;
}

int results_units(const struct results *r, size_t cell, struct metrics_unit *out, const char **name, struct alm_err *e)
{
    size_t sums;
    const struct results_cell *c = &r->cell[cell];
    cell_sums(&sums);
    for (size_t done = 0; done < c->units; done += BLOCK) {
        size_t n = c->units - done < BLOCK ? c->units - done : BLOCK;
        ALM_TRY(read_keys(r, cell, c->first_unit + done, n, name ? name + done : NULL, e));
        for (size_t k = 0; k < sums; k++)
            ALM_TRY(read_sum(r->private, k, c->first_unit + done, n, out + done, e));
    }
    return ALM_OK;
}
