/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_quantile: see the header.
 *
 * Choice.   Rows with a missing value, in whatever column, are left out and counted. */
#include "cmd/fit_quantile.h"

#include "cmd/fit_print.h"
#include "cmd/series_job.h"
#include "models/regression/quantile_regression.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct opt {
    double tau;
    bool intercept;
};

const struct alm_opt fit_quantile_opts[] = {
    {"tau", ALM_OPT_FRACTION, offsetof(struct opt, tau), "0.5", 0, 1, NULL, "the level, between 0 and 1"},
    {"intercept", ALM_OPT_BOOL, offsetof(struct opt, intercept), "true", 0, 0, NULL, "add a column of ones"},
    {0},
};

struct regression {
    struct opt opt;
    struct series_table table;
    struct rq_data data;
    struct rq *work;
    double *x, *b;
    const char **name; /* [data.p] */
    struct rq_result result;
};

static int build(struct regression *r, struct alm_err *e)
{
    const struct series_table *t = &r->table;
    const size_t p = t->columns - 1 + r->opt.intercept, n = t->rows;
    if (p == 0)
        return alm_fail(e, ALM_EDATA, "%s: `%.60s` is the only column and there is no intercept: nothing to fit",
                        t->file, t->column[0].name);
    if (p > RQ_COLUMNS)
        return alm_fail(e, ALM_EDATA, "%s: %zu regressors; %d at the most", t->file, p, RQ_COLUMNS);
    r->x = calloc(n, p * sizeof *r->x);
    r->b = calloc(p, sizeof *r->b);
    r->name = calloc(p, sizeof *r->name);
    if (!r->x || !r->b || !r->name)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu rows of %zu columns", t->file, n, p);
    size_t at = 0;
    if (r->opt.intercept) {
        r->name[at++] = "intercept";
        for (size_t i = 0; i < n; i++)
            r->x[i] = 1;
    }
    for (size_t j = 1; j < t->columns; j++, at++) {
        r->name[at] = t->column[j].name;
        memcpy(r->x + at * n, t->column[j].value, n * sizeof *r->x);
        if (r->opt.intercept && strcmp(r->name[at], "intercept") == 0)
            return alm_fail(e, ALM_EDATA, "%s: a column is called `intercept`: rename it, or write intercept=false",
                            t->file);
    }
    r->data = (struct rq_data){.x = r->x, .y = t->column[0].value, .stride = n, .n = n, .p = p};
    return ALM_OK;
}

static int fit(struct regression *r, const char *options, const struct series_wish *wish, struct alm_err *e)
{
    ALM_TRY(alm_options_init(fit_quantile_opts, &r->opt, e));
    ALM_TRY(alm_options_parse(fit_quantile_opts, &r->opt, "model " SERIES_QUANTILE, options, e));
    if (r->opt.tau <= 0 || r->opt.tau >= 1)
        return alm_fail(e, ALM_EINVAL, "tau=%g: between 0 and 1, as tau=0.95", r->opt.tau);
    gsl_set_error_handler_off();
    ALM_TRY(series_table_read(wish, &r->table, e));
    ALM_TRY(build(r, e));
    ALM_TRY(rq_new(r->data.n, r->data.p, &r->work, e));
    if (rq_fit(r->work, &r->data, r->opt.tau, r->b, &r->result, e) < 0)
        return alm_fail_in(e, "%s: column `%.60s`", r->table.file, r->table.column[0].name);
    return ALM_OK;
}

static int print_json(const struct regression *r, struct alm_err *e)
{
    json_t *coefficients = json_object();
    for (size_t i = 0; i < r->data.p; i++)
        json_object_set_new(coefficients, r->name[i], series_number(r->b[i]));
    const struct rq_result *q = &r->result;
    return series_print_json(json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:I, s:I, s:I, s:I}", "schema",
                                       "almanac.fit/1", "model", SERIES_QUANTILE, "response", r->table.column[0].name,
                                       "coefficients", coefficients, "objective", series_number(q->objective), "tau",
                                       series_number(r->opt.tau), "optimal", q->optimal, "unique", q->unique, "nobs",
                                       (json_int_t)q->rows, "rank", (json_int_t)q->rank, "count_negative",
                                       (json_int_t)q->negative, "count_zero", (json_int_t)q->zero),
                             e);
}

static int print_csv(const struct regression *r, struct alm_err *e)
{
    const struct rq_result *q = &r->result;
    struct dump_rows rows;
    int code = fit_rows_start(&rows, e);
    for (size_t i = 0; i < r->data.p && code >= 0; i++)
        code = fit_rows_put(&rows, r->name[i], r->b[i], NAN, e);
    const struct {
        const char *name;
        double value;
    } fact[] = {
        {"objective", q->objective},
        {"tau", r->opt.tau},
        {"optimal", q->optimal},
        {"unique", q->unique},
        {"nobs", (double)q->rows},
        {"rank", (double)q->rank},
        {"count_negative", (double)q->negative},
        {"count_zero", (double)q->zero},
    };
    for (size_t i = 0; i < sizeof fact / sizeof *fact && code >= 0; i++)
        code = fit_rows_put(&rows, fact[i].name, fact[i].value, NAN, e);
    if (code >= 0)
        dump_rows_end(&rows);
    dump_rows_free(&rows);
    return code;
}

static void print_text(const struct regression *r)
{
    const struct rq_result *q = &r->result;
    const size_t left_out = r->table.rows - q->rows;
    char number[32];
    printf("quantile %g of %s in %s\n", r->opt.tau, r->table.column[0].name, r->table.file);
    printf("%zu rows\n\n", q->rows);
    printf("%-20s %14s\n", "coefficient", "value");
    for (size_t i = 0; i < r->data.p; i++)
        printf("%-20s %14s\n", r->name[i], series_short(r->b[i], number));
    printf("\n%-20s %14s\n", "objective", series_short(q->objective, number));
    printf("%-20s %14zu\n%-20s %14zu\n", "residuals below 0", q->negative, "residuals of 0", q->zero);
    printf("%-20s %14s\n", "optimal", q->optimal ? "proved" : "not proved");
    printf("%-20s %14s\n", "unique", q->unique ? "proved" : "not proved");
    if (q->rank < r->data.p)
        printf("%-20s %14zu\n", "independent columns", q->rank);
    if (left_out)
        printf("%-20s %14zu\n", "rows left out", left_out);
}

int fit_quantile(const char *options, const struct series_wish *wish, enum cmd_format format, struct alm_err *e)
{
    struct regression r = {0};
    int code = fit(&r, options, wish, e);
    if (code >= 0 && format == CMD_JSON)
        code = print_json(&r, e);
    else if (code >= 0 && format == CMD_CSV)
        code = print_csv(&r, e);
    else if (code >= 0)
        print_text(&r);
    rq_free(r.work);
    free(r.x);
    free(r.b);
    free(r.name);
    series_table_free(&r.table);
    return code < 0 ? code : ALM_OK;
}
