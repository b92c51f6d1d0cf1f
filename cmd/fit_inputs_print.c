/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_inputs_print: see the header. */
#include "cmd/fit_inputs_print.h"

#include "cmd/fit_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FAMILIES CONDITIONAL_FAMILIES

double fit_inputs_quantile(const struct fit_inputs *f, double value, double p)
{
    const size_t k = f->table.columns - 1;
    memcpy(f->row, f->middle, k * sizeof *f->row);
    if (f->by < k)
        f->row[f->by] = value;
    return conditional_quantile(f->model, f->row, p, NULL);
}

static bool is_candidate(const struct fit_inputs *f, size_t i)
{
    return !isnan(f->report.loss[i]);
}

static const char *reason(const struct conditional_report *r)
{
    return r->family == r->best ? "the best, and no simpler one is within one standard error of it"
                                : "the simplest that is within one standard error of the best";
}

static json_t *candidates_json(const struct fit_inputs *f)
{
    json_t *out = json_array();
    for (size_t i = 0; i < FAMILIES; i++)
        if (is_candidate(f, i))
            json_array_append_new(
                out, json_pack("{s:s, s:o, s:o, s:o}", "family", conditional_family_word((enum conditional_family)i),
                               "loss", series_number(f->report.loss[i]), "behind", series_number(f->report.behind[i]),
                               "standard_error", series_number(f->report.error[i])));
    return out;
}

/* How much each input decides, as shares of all. */
static json_t *influence_json(const struct fit_inputs *f)
{
    json_t *out = json_object();
    double sum = 0;
    for (size_t j = 1; j < f->table.columns; j++)
        sum += f->weight[j - 1];
    for (size_t j = 1; j < f->table.columns; j++)
        json_object_set_new(out, f->table.column[j].name, json_real(sum > 0 ? f->weight[j - 1] / sum : 0));
    return out;
}

static json_t *quantiles_json(const struct fit_inputs *f)
{
    json_t *at = json_array(), *median = json_array(), *upper = json_array();
    for (size_t s = 0; s < f->steps; s++) {
        json_array_append_new(at, series_number(f->at[s]));
        json_array_append_new(median, series_number(fit_inputs_quantile(f, f->at[s], 0.5)));
        json_array_append_new(upper, series_number(fit_inputs_quantile(f, f->at[s], f->tau)));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "by",
                     f->by + 1 < f->table.columns ? json_string(f->table.column[f->by + 1].name) : json_null(), "at",
                     at, "median", median, "tau", upper, "stated", series_number(f->stated));
}

static json_t *count_or_null(size_t n)
{
    return n ? json_integer((json_int_t)n) : json_null();
}

static int print_json(const struct fit_inputs *f, struct alm_err *e)
{
    const struct conditional_report *r = &f->report;
    const bool lines = r->family == CONDITIONAL_LINEAR || r->family == CONDITIONAL_PAIRS;
    json_t *root = json_pack("{s:s, s:s, s:s, s:s}", "schema", "almanac.fit/1", "model", SERIES_INPUTS, "description",
                             f->words, "response", f->table.column[0].name);
    if (!root)
        return series_print_json(NULL, e);
    json_object_set_new(root, "family", json_string(conditional_family_word(r->family)));
    json_object_set_new(root, "best", json_string(conditional_family_word(r->best)));
    json_object_set_new(root, "tau", json_real(f->tau));
    json_object_set_new(root, "resolution", json_real(f->resolution));
    json_object_set_new(root, "candidates", candidates_json(f));
    json_object_set_new(root, "influence", influence_json(f));
    json_object_set_new(root, "quantiles", quantiles_json(f));
    json_object_set_new(root, "r2", lines ? series_number(r->r2) : json_null());
    json_object_set_new(root, "neighbours", count_or_null(r->neighbours));
    json_object_set_new(root, "least_rows_of_a_leaf", count_or_null(r->least));
    json_object_set_new(root, "errors_by_thirds", json_boolean(r->local));
    json_object_set_new(root, "folds", json_integer((json_int_t)r->folds));
    json_object_set_new(root, "nobs", json_integer((json_int_t)r->rows));
    json_object_set_new(root, "missing", json_integer((json_int_t)f->table.missing));
    json_object_set_new(root, "converged", json_true());
    return series_print_json(root, e);
}

static int put_all(struct dump_rows *rows, const struct fit_inputs *f, struct alm_err *e)
{
    const struct conditional_report *r = &f->report;
    char name[160];
    for (size_t i = 0; i < FAMILIES; i++) {
        if (!is_candidate(f, i))
            continue;
        const char *word = conditional_family_word((enum conditional_family)i);
        snprintf(name, sizeof name, "loss of %s", word);
        ALM_TRY(fit_rows_put(rows, name, r->loss[i], NAN, e));
        snprintf(name, sizeof name, "behind of %s", word);
        ALM_TRY(fit_rows_put(rows, name, r->behind[i], r->error[i], e));
        snprintf(name, sizeof name, "chosen is %s", word);
        ALM_TRY(fit_rows_put(rows, name, i == (size_t)r->family, NAN, e));
    }
    for (size_t s = 0; s < f->steps; s++) {
        snprintf(name, sizeof name, "median at %.60s=%.15g", f->table.column[f->by + 1].name, f->at[s]);
        ALM_TRY(fit_rows_put(rows, name, fit_inputs_quantile(f, f->at[s], 0.5), NAN, e));
        snprintf(name, sizeof name, "tau at %.60s=%.15g", f->table.column[f->by + 1].name, f->at[s]);
        ALM_TRY(fit_rows_put(rows, name, fit_inputs_quantile(f, f->at[s], f->tau), NAN, e));
    }
    ALM_TRY(fit_rows_put(rows, "tau", f->tau, NAN, e));
    ALM_TRY(fit_rows_put(rows, "stated", f->stated, NAN, e));
    return fit_rows_put(rows, "nobs", (double)r->rows, NAN, e);
}

static int print_csv(const struct fit_inputs *f, struct alm_err *e)
{
    struct dump_rows rows;
    int code = fit_rows_start(&rows, e);
    if (code >= 0)
        code = put_all(&rows, f, e);
    if (code >= 0)
        dump_rows_end(&rows);
    dump_rows_free(&rows);
    return code;
}

static void print_quantiles(const struct fit_inputs *f)
{
    char a[32], b[32], c[32], title[32];
    if (f->steps == 0)
        return;
    snprintf(title, sizeof title, "%.8g%%", 100 * f->tau);
    printf("\n%-28.28s %14s %14s\n", f->table.column[f->by + 1].name, "median", title);
    for (size_t s = 0; s < f->steps; s++)
        printf("%-28s %14s %14s\n", series_short(f->at[s], a), series_short(fit_inputs_quantile(f, f->at[s], 0.5), b),
               series_short(fit_inputs_quantile(f, f->at[s], f->tau), c));
    if (f->table.columns > 2)
        printf("(the other inputs in their middle)\n");
}

static void print_text(const struct fit_inputs *f)
{
    const struct conditional_report *r = &f->report;
    char a[32], b[32], c[32];
    printf("%.*s\n", (int)strcspn(f->words, ":"), f->words);
    printf("%s of %s: %zu rows, %zu left out\n\n", f->table.column[0].name, f->table.file, r->rows,
           f->table.rows - r->rows);
    printf("%-52s %12s %13s %12s\n", "candidate", "loss", "over the best", "std. error");
    for (size_t i = 0; i < FAMILIES; i++)
        if (is_candidate(f, i))
            printf("%-52s %12s %13s %12s%s\n", conditional_family_word((enum conditional_family)i),
                   series_short(r->loss[i], a), series_short(r->behind[i], b), series_short(r->error[i], c),
                   i == (size_t)r->family ? "  chosen" : "");
    printf("\nchosen: %s\n", reason(r));
    printf("loss: pinball of log(%s + %s) at the median and at %.8g%%, over %zu folds left out\n",
           f->table.column[0].name, series_short(f->resolution, a), 100 * f->tau, r->folds);
    print_quantiles(f);
    if (f->stated < f->tau)
        printf("(%zu rows bear %.4g%%, not %.8g%%)\n", r->rows, 100 * f->stated, 100 * f->tau);
}

int fit_inputs_print(const struct fit_inputs *f, enum cmd_format format, struct alm_err *e)
{
    if (format == CMD_JSON)
        return print_json(f, e);
    if (format == CMD_CSV)
        return print_csv(f, e);
    print_text(f);
    return ALM_OK;
}
