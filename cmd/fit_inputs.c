/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_inputs: see the header.
 *
 * Choice.   Rows whose response is missing or negative are left out and counted; an input that is missing is a value of its own, as in the
 *           predictor. Of the last CONDITIONAL_ROWS rows: those the predictor would remember at the most. */
#include "cmd/fit_inputs.h"

#include "cmd/fit_inputs_print.h"
#include "experiments/figure_inputs.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct opt {
    double tau, resolution;
};

const struct alm_opt fit_inputs_opts[] = {
    {"tau", ALM_OPT_FRACTION, offsetof(struct opt, tau), "95%", 0.5, 0.99999, NULL,
     "the level that matters beside the median, as `confidence` of predictor inputs"},
    {"resolution", ALM_OPT_REAL, offsetof(struct opt, resolution), "0", 0, 1e300, NULL,
     "a smaller difference of the response means nothing; 0: a thousandth of its median"},
    {0},
};

static size_t inputs_of(const struct fit_inputs *f)
{
    return f->table.columns - 1;
}

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The finite values among V[n], sorted, into OUT[n]; returns how many. */
static size_t sorted(const double *v, size_t n, double *out)
{
    size_t known = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i]))
            out[known++] = v[i];
    qsort(out, known, sizeof *out, rising);
    return known;
}

/* The longest run of equal values in V[n], which is sorted. */
static double commonest(const double *v, size_t n)
{
    double best = NAN;
    size_t most = 0;
    for (size_t i = 0, run = 0; i < n; i++) {
        run = i > 0 && v[i] == v[i - 1] ? run + 1 : 1;
        if (run > most) {
            most = run;
            best = v[i];
        }
    }
    return best;
}

static int room(struct fit_inputs *f, struct alm_err *e)
{
    const size_t n = f->table.rows, k = inputs_of(f);
    if (k == 0)
        return alm_fail(e, ALM_EDATA, "%s: `%.60s` is the only column: there are no inputs to explain it by",
                        f->table.file, f->table.column[0].name);
    f->x = malloc(n * k * sizeof *f->x);
    f->middle = calloc(k, sizeof *f->middle);
    f->weight = calloc(k, sizeof *f->weight);
    f->row = calloc(k, sizeof *f->row);
    if (!f->x || !f->middle || !f->weight || !f->row)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu rows of %zu inputs", f->table.file, n, k);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < k; j++)
            f->x[i * k + j] = f->table.column[j + 1].value[i];
    return ALM_OK;
}

static int learn(struct fit_inputs *f, struct alm_err *e)
{
    const struct series_table *t = &f->table;
    const size_t k = inputs_of(f);
    bool *category = calloc(k, sizeof *category);
    if (!category)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu inputs", k);
    for (size_t j = 0; j < k; j++)
        category[j] = t->column[j + 1].category;
    const struct regression_table table = {t->rows, k, f->x, category, t->column[0].value, NULL};
    const struct conditional_options how = {.resolution = f->resolution, .levels = 1, .level = {f->tau}};
    const int code = conditional_fit(&table, &how, &f->model, e);
    free(category);
    if (code == ALM_NOT_YET)
        return alm_fail(e, ALM_EDATA, "%s: column `%.60s` has fewer than two values from 0 up: nothing to choose by",
                        t->file, t->column[0].name);
    return code;
}

/* The input that decides most, of those that are numbers if there is one. */
static size_t choose_shown(const struct fit_inputs *f)
{
    size_t best = inputs_of(f);
    for (size_t j = 0; j < inputs_of(f); j++) {
        const bool number = !f->table.column[j + 1].category && isfinite(f->middle[j]);
        if (number && (best == inputs_of(f) || f->weight[j] > f->weight[best]))
            best = j;
    }
    return best;
}

/* What is shown: quartiles of the input that decides most. */
static void choose_steps(struct fit_inputs *f, double *work)
{
    if (f->by == inputs_of(f))
        return;
    const size_t n = sorted(f->table.column[f->by + 1].value, f->table.rows, work);
    for (size_t s = 0; s < FIT_INPUTS_STEPS; s++) {
        const double value = work[s * (n - 1) / (FIT_INPUTS_STEPS - 1)];
        if (f->steps == 0 || value > f->at[f->steps - 1])
            f->at[f->steps++] = value;
    }
}

static int describe(struct fit_inputs *f, double *work, struct alm_err *e)
{
    const struct series_table *t = &f->table;
    const size_t k = inputs_of(f);
    const char **name = calloc(k, sizeof *name);
    if (!name)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu inputs", k);
    for (size_t j = 0; j < k; j++) {
        const size_t n = sorted(t->column[j + 1].value, t->rows, work);
        name[j] = t->column[j + 1].name;
        f->middle[j] = n == 0 ? (double)NAN : t->column[j + 1].category ? commonest(work, n) : work[n / 2];
    }
    conditional_report(f->model, &f->report);
    conditional_weights(f->model, f->weight);
    conditional_words(f->model, name, f->words, sizeof f->words);
    free(name);
    f->by = choose_shown(f);
    choose_steps(f, work);
    conditional_quantile(f->model, f->middle, f->tau, &f->stated);
    return ALM_OK;
}

static double usual_resolution(const struct series_table *t, double *work)
{
    size_t n = sorted(t->column[0].value, t->rows, work), from = 0;
    while (from < n && work[from] <= 0)
        from++;
    return from < n ? fmax(work[from + (n - from) / 2] * 1e-3, 1e-300) : 1;
}

static int run(struct fit_inputs *f, const char *options, const struct series_request *q, struct alm_err *e)
{
    struct opt o;
    struct series_wish wish = q->wish;
    wish.words = true;
    ALM_TRY(alm_options_init(fit_inputs_opts, &o, e));
    ALM_TRY(alm_options_parse(fit_inputs_opts, &o, "model " SERIES_INPUTS, options, e));
    f->tau = o.tau;
    gsl_set_error_handler_off();
    ALM_TRY(series_table_read(&wish, &f->table, e));
    ALM_TRY(room(f, e));
    double *work = malloc(f->table.rows * sizeof *work);
    if (!work)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu rows", f->table.file, f->table.rows);
    f->resolution = o.resolution > 0 ? o.resolution : usual_resolution(&f->table, work);
    int code = learn(f, e);
    if (code >= 0)
        code = describe(f, work, e);
    free(work);
    return code;
}

static int draw(const struct fit_inputs *f, const struct series_request *q, struct alm_err *e)
{
    const struct series_table *t = &f->table;
    char subtitle[300];
    struct alm_figure_report report;
    double at[FIGURE_INPUTS_STEPS], middle[FIGURE_INPUTS_STEPS], upper[FIGURE_INPUTS_STEPS];
    if (f->by == inputs_of(f))
        return alm_fail(e, ALM_EINVAL, "--plot: no input is a number, so there is nothing to draw `%.60s` over",
                        t->column[0].name);
    const char *cause = inputs_of(f) > 1 ? "; other inputs in their middle" : "";
    snprintf(subtitle, sizeof subtitle, "%.60s given %.60s, %zu rows: %.60s%s", t->column[0].name,
             t->column[f->by + 1].name, f->report.rows, conditional_family_word(f->report.family), cause);
    const struct alm_figure_inputs figure = {.title = t->file,
                                             .subtitle = subtitle,
                                             .x_name = t->column[f->by + 1].name,
                                             .y_name = t->column[0].name,
                                             .n = t->rows,
                                             .x = t->column[f->by + 1].value,
                                             .y = t->column[0].value,
                                             .tau = f->tau,
                                             .at = at,
                                             .middle = middle,
                                             .upper = upper};
    ALM_TRY(alm_figure_inputs_steps(&figure, at, e));
    for (size_t i = 0; i < FIGURE_INPUTS_STEPS; i++) {
        middle[i] = fit_inputs_quantile(f, at[i], 0.5);
        upper[i] = fit_inputs_quantile(f, at[i], f->tau);
    }
    return series_drawn(q, alm_figure_inputs(&figure, &q->figure, &report, e), &report);
}

int fit_inputs(const char *options, const struct series_request *q, struct alm_err *e)
{
    struct fit_inputs f = {0};
    const struct series_signals signals = series_signals_kill();
    int code = run(&f, options, q, e);
    series_signals_restore(&signals);
    if (code >= 0)
        code = fit_inputs_print(&f, q->format, e);
    if (code >= 0 && q->figure.output)
        code = draw(&f, q, e);
    conditional_free(f.model);
    free(f.x);
    free(f.middle);
    free(f.weight);
    free(f.row);
    series_table_free(&f.table);
    return code < 0 ? code : ALM_OK;
}
