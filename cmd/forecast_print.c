/* SPDX-License-Identifier: GPL-3.0-or-later
 * forecast_print: see the header. */
#include "cmd/forecast_print.h"

#include "cmd/dump_rows.h"

#include <stdio.h>

typedef const char (*texts)[16];

static json_t *vector(const double *value, size_t n)
{
    json_t *out = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(out, series_number(value[i]));
    return out;
}

static json_t *by_level(const struct series_forecast *p, texts level_text, const double *value)
{
    json_t *out = json_object();
    for (size_t l = 0; l < p->levels; l++)
        json_object_set_new(out, level_text[l], vector(value + l * p->h, p->h));
    return out;
}

static int print_json(const struct series_fitted *f, const struct series_forecast *p, texts level_text,
                      struct alm_err *e)
{
    return series_print_json(
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:b, s:o, s:o, s:o, s:o}", "schema", "almanac.forecast/1", "model",
                  f->choice.model->name, "description", f->report.words, "column", f->table.column[0].name, "nobs",
                  (json_int_t)f->report.nobs, "horizon", (json_int_t)p->h, "converged", f->report.converged, "mean",
                  vector(p->mean, p->h), "se", vector(p->se, p->h), "lower", by_level(p, level_text, p->lower), "upper",
                  by_level(p, level_text, p->upper)),
        e);
}

#define COLUMNS (3 + 2 * SERIES_LEVELS)

/* "lower_80", "upper_80" for each level, after the first three. */
static size_t name_columns(const struct series_forecast *p, texts level_text, char text[COLUMNS][32],
                           const char *name[COLUMNS])
{
    static const char *const first[] = {"step", "mean", "se"};
    for (size_t i = 0; i < 3; i++)
        snprintf(text[i], 32, "%s", first[i]);
    for (size_t l = 0; l < p->levels; l++) {
        snprintf(text[3 + 2 * l], 32, "lower_%s", level_text[l]);
        snprintf(text[4 + 2 * l], 32, "upper_%s", level_text[l]);
    }
    for (size_t i = 0; i < 3 + 2 * p->levels; i++)
        name[i] = text[i];
    return 3 + 2 * p->levels;
}

static int put_steps(const struct series_forecast *p, struct dump_rows *rows, struct alm_err *e)
{
    struct dump_cell cell[COLUMNS];
    for (size_t i = 0; i < p->h; i++) {
        cell[0] = (struct dump_cell){.type = DUMP_INTEGER, .integer = (int64_t)i + 1};
        cell[1] = (struct dump_cell){.type = DUMP_REAL, .real = p->mean[i]};
        cell[2] = (struct dump_cell){.type = DUMP_REAL, .real = p->se[i]};
        for (size_t l = 0; l < p->levels; l++) {
            cell[3 + 2 * l] = (struct dump_cell){.type = DUMP_REAL, .real = p->lower[l * p->h + i]};
            cell[4 + 2 * l] = (struct dump_cell){.type = DUMP_REAL, .real = p->upper[l * p->h + i]};
        }
        ALM_TRY(dump_rows_put(rows, cell, e));
    }
    return ALM_OK;
}

static int print_csv(const struct series_forecast *p, texts level_text, struct alm_err *e)
{
    char text[COLUMNS][32];
    const char *name[COLUMNS];
    const size_t columns = name_columns(p, level_text, text, name);
    struct dump_rows rows = {.out = stdout, .format = CMD_CSV};
    int code = dump_rows_start(&rows, "forecast", name, columns, NULL, e);
    if (code >= 0)
        code = put_steps(p, &rows, e);
    if (code >= 0)
        dump_rows_end(&rows);
    dump_rows_free(&rows);
    return code;
}

static void print_text(const struct series_fitted *f, const struct series_forecast *p, texts level_text)
{
    char title[32], number[32];
    printf("%s\n%s of %s: %zu values, %zu missing\n\n%6s %14s %14s", f->report.words, f->table.column[0].name,
           f->table.file, f->table.rows, f->table.missing, "step", "mean", "std. error");
    for (size_t l = 0; l < p->levels; l++)
        for (int side = 0; side < 2; side++) {
            snprintf(title, sizeof title, "%s %s%%", side ? "upper" : "lower", level_text[l]);
            printf(" %14s", title);
        }
    putchar('\n');
    for (size_t i = 0; i < p->h; i++) {
        printf("%6zu %14s", i + 1, series_short(p->mean[i], number));
        printf(" %14s", series_short(p->se[i], number));
        for (size_t l = 0; l < p->levels; l++) {
            printf(" %14s", series_short(p->lower[l * p->h + i], number));
            printf(" %14s", series_short(p->upper[l * p->h + i], number));
        }
        putchar('\n');
    }
}

int forecast_print(const struct series_fitted *f, const struct series_forecast *forecast, texts level_text,
                   enum cmd_format format, struct alm_err *e)
{
    if (format == CMD_JSON)
        return print_json(f, forecast, level_text, e);
    if (format == CMD_CSV)
        return print_csv(forecast, level_text, e);
    print_text(f, forecast, level_text);
    return ALM_OK;
}
