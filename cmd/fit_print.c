/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_print: see the header. */
#include "cmd/fit_print.h"

#include <math.h>
#include <stdio.h>

/* Key and value of what a report says in one number. */
struct fact {
    const char *key;
    double value;
};

#define FACTS 5
static void list_facts(const struct series_report *r, struct fact out[FACTS])
{
    const struct fact fact[FACTS] = {
        {"sigma2", r->sigma2}, {"loglik", r->loglik}, {"aic", r->aic}, {"aicc", r->aicc}, {"bic", r->bic}};
    for (size_t i = 0; i < FACTS; i++)
        out[i] = fact[i];
}

static json_t *orders(const struct series_report *r, const int order[3])
{
    return r->has_order ? json_pack("[i,i,i]", order[0], order[1], order[2]) : json_null();
}

static json_t *test_json(const struct fit_diagnostics *d)
{
    json_t *acf = json_array();
    for (size_t i = 0; i < d->lags; i++)
        json_array_append_new(acf, series_number(d->acf[i]));
    json_t *ljung_box =
        json_pack("{s:o, s:o, s:I, s:I}", "statistic", series_number(d->ljung_box), "p", series_number(d->ljung_box_p),
                  "lags", (json_int_t)d->lags, "fitted", (json_int_t)d->fitted);
    json_t *jarque_bera =
        json_pack("{s:o, s:o}", "statistic", series_number(d->jarque_bera), "p", series_number(d->jarque_bera_p));
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "residuals", (json_int_t)d->residuals, "mean",
                     series_number(d->mean), "sd", series_number(d->sd), "skewness", series_number(d->skewness),
                     "excess_kurtosis", series_number(d->kurtosis), "ljung_box", ljung_box, "jarque_bera", jarque_bera,
                     "acf", acf);
}

static int print_json(const struct series_fitted *f, const struct fit_diagnostics *d, struct alm_err *e)
{
    const struct series_report *r = &f->report;
    struct fact fact[FACTS];
    json_t *value = json_object(), *se = json_object();
    for (size_t i = 0; i < r->coefficients; i++) {
        json_object_set_new(value, r->coefficient[i].name, series_number(r->coefficient[i].value));
        json_object_set_new(se, r->coefficient[i].name, series_number(r->coefficient[i].se));
    }
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "schema", "almanac.fit/1", "model",
                  f->choice.model->name, "description", r->words, "response", f->table.column[0].name, "order",
                  orders(r, r->order), "seasonal", orders(r, r->seasonal), "period",
                  r->period > 0 ? json_integer(r->period) : json_null(), "coefficients", value, "standard_errors", se);
    list_facts(r, fact);
    for (size_t i = 0; i < FACTS; i++)
        json_object_set_new(root, fact[i].key, series_number(fact[i].value));
    json_object_set_new(root, "nobs", json_integer((json_int_t)r->nobs));
    json_object_set_new(root, "missing", json_integer((json_int_t)f->table.missing));
    json_object_set_new(root, "converged", json_boolean(r->converged));
    json_object_set_new(root, "fixed", json_boolean(r->fixed));
    if (d)
        json_object_set_new(root, "diagnostics", test_json(d));
    return series_print_json(root, e);
}

int fit_rows_start(struct dump_rows *rows, struct alm_err *e)
{
    static const char *const name[] = {"name", "value", "standard_error"};
    *rows = (struct dump_rows){.out = stdout, .format = CMD_CSV};
    return dump_rows_start(rows, "fit", name, 3, NULL, e);
}

int fit_rows_put(struct dump_rows *rows, const char *name, double value, double se, struct alm_err *e)
{
    const struct dump_cell cell[] = {
        {.type = DUMP_TEXT, .text = name}, {.type = DUMP_REAL, .real = value}, {.type = DUMP_REAL, .real = se}};
    return dump_rows_put(rows, cell, e);
}

static int put_facts(struct dump_rows *rows, const struct fact *fact, size_t n, struct alm_err *e)
{
    for (size_t i = 0; i < n; i++)
        ALM_TRY(fit_rows_put(rows, fact[i].key, fact[i].value, NAN, e));
    return ALM_OK;
}

static int put_all(struct dump_rows *rows, const struct series_fitted *f, const struct fit_diagnostics *d,
                   struct alm_err *e)
{
    const struct series_report *r = &f->report;
    struct fact fact[FACTS];
    for (size_t i = 0; i < r->coefficients; i++)
        ALM_TRY(fit_rows_put(rows, r->coefficient[i].name, r->coefficient[i].value, r->coefficient[i].se, e));
    list_facts(r, fact);
    ALM_TRY(put_facts(rows, fact, FACTS, e));
    const struct fact end[] = {{"nobs", (double)r->nobs},
                               {"missing", (double)f->table.missing},
                               {"converged", r->converged},
                               {"fixed", r->fixed}};
    ALM_TRY(put_facts(rows, end, sizeof end / sizeof *end, e));
    if (!d)
        return ALM_OK;
    const struct fact test[] = {{"residuals_mean", d->mean},         {"residuals_sd", d->sd},
                                {"residuals_skewness", d->skewness}, {"residuals_excess_kurtosis", d->kurtosis},
                                {"ljung_box", d->ljung_box},         {"ljung_box_lags", (double)d->lags},
                                {"ljung_box_p", d->ljung_box_p},     {"jarque_bera", d->jarque_bera},
                                {"jarque_bera_p", d->jarque_bera_p}};
    return put_facts(rows, test, sizeof test / sizeof *test, e);
}

static int print_csv(const struct series_fitted *f, const struct fit_diagnostics *d, struct alm_err *e)
{
    struct dump_rows rows;
    int code = fit_rows_start(&rows, e);
    if (code >= 0)
        code = put_all(&rows, f, d, e);
    if (code >= 0)
        dump_rows_end(&rows);
    dump_rows_free(&rows);
    return code;
}

static void print_diagnostics(const struct fit_diagnostics *d)
{
    char a[32], b[32];
    printf("\n%-14s %14s %14s\n", "residuals", "value", "p");
    printf("%-14s %14s\n", "mean", series_short(d->mean, a));
    printf("%-14s %14s\n", "sd", series_short(d->sd, a));
    printf("%-14s %14s %14s   no autocorrelation up to lag %zu\n", "Ljung-Box", series_short(d->ljung_box, a),
           series_short(d->ljung_box_p, b), d->lags);
    printf("%-14s %14s %14s   normal\n", "Jarque-Bera", series_short(d->jarque_bera, a),
           series_short(d->jarque_bera_p, b));
    printf("%-14s %14s\n", "skewness", series_short(d->skewness, a));
    printf("%-14s %14s\n", "exc. kurtosis", series_short(d->kurtosis, a));
}

static void print_text(const struct series_fitted *f, const struct fit_diagnostics *d)
{
    const struct series_report *r = &f->report;
    struct fact fact[FACTS];
    char a[32], b[32];
    printf("%s\n%s of %s: %zu values, %zu missing\n\n", r->words, f->table.column[0].name, f->table.file, f->table.rows,
           f->table.missing);
    if (r->coefficients)
        printf("%-14s %14s %14s\n", "coefficient", "value", "std. error");
    for (size_t i = 0; i < r->coefficients; i++) {
        const struct series_coefficient *c = &r->coefficient[i];
        printf("%-14s %14s %14s\n", c->name, series_short(c->value, a),
               c->se == 0 && r->sigma2 > 0 ? "given" : series_short(c->se, b));
    }
    if (r->coefficients)
        putchar('\n');
    list_facts(r, fact);
    for (size_t i = 0; i < FACTS; i++)
        if (!isnan(fact[i].value))
            printf("%-14s %14s\n", fact[i].key, series_short(fact[i].value, a));
    printf("%-14s %14zu\n", "nobs", r->nobs);
    printf("%-14s %14s\n", "converged", r->converged ? "yes" : "no");
    if (d)
        print_diagnostics(d);
}

int fit_print(const struct series_fitted *f, const struct fit_diagnostics *d, enum cmd_format format, struct alm_err *e)
{
    if (format == CMD_JSON)
        return print_json(f, d, e);
    if (format == CMD_CSV)
        return print_csv(f, d, e);
    print_text(f, d);
    return ALM_OK;
}
