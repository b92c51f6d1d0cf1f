/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit: one model fitted to one column of a table: coefficients, likelihood, and whether the residuals look like noise. */
#include "cmd/fit_inputs.h"
#include "cmd/fit_print.h"
#include "cmd/fit_quantile.h"

#include <stdlib.h>

struct fit_options {
    struct series_request request;
    bool diagnostics;
};

enum { OPT_CATEGORIES = SERIES_LAST };

static const struct argp_option options[] = {
    SERIES_OPTIONS("fit", "almanac.fit/1"),
    {"response", 'r', "NAME", 0, "the same as --column, in the words of regression", 0},
    {"regressors", 'x', "A,B,...", 0, "of regressions: explain it by these columns (all others)", 0},
    {"categories", OPT_CATEGORIES, "A,B,...", 0, "of inputs: these of the regressors are words, not numbers", 0},
    {"diagnostics", 'd', NULL, 0, "of a series: test the residuals of the fit", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct fit_options *o = state->input;
    struct series_wish *wish = &o->request.wish;
    switch (key) {
    case 'r':
        wish->column = arg;
        return 0;
    case 'x':
        wish->regressors = arg;
        return 0;
    case OPT_CATEGORIES:
        wish->categories = arg;
        return 0;
    case 'd':
        o->diagnostics = true;
        return 0;
    default:
        return series_parse(key, arg, state, &o->request, "almanac fit arima:order=1/0/1 data.csv --column y");
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "MODEL DATA.csv",
    .doc =
        "Fit one model to one column of a table with a header, and print what was found. `-` is standard input. MODEL "
        "is a name with options, as arima:order=2/1/2,seasonal=0/1/1,period=12; --models lists them. Models of a "
        "series "
        "take rows for equal steps in time; quantile-regression and inputs explain the column by others, row by row."
        "\vNA, NaN and an empty field are missing values. Conventions are those of R: MA signs are plus, `mean` is "
        "the mean of the process, sigma2 is divided by nobs, the likelihood is that of the differenced series.\n\n"
        "Examples:\n"
        "  almanac fit arima:order=auto,period=12 data.csv --column y\n"
        "  almanac fit arima:order=1/0/1,fixed=ar1:0.5/mean:2 data.csv --format json\n"
        "  almanac fit holt-winters:period=24 data.csv --column cpu --diagnostics\n"
        "  almanac fit quantile-regression:tau=0.95 data.csv --response seconds\n"
        "  almanac fit inputs data.csv --response memory --plot memory.svg\n"
        "  almanac fit inputs data.csv -r memory -x size,kind --categories kind",
};

static int fit_series(const struct fit_options *o, struct alm_err *e)
{
    struct series_fitted fitted;
    struct fit_diagnostics *d = NULL;
    int code = series_fit(o->request.model, &o->request.wish, &fitted, e);
    if (code >= 0 && o->diagnostics) {
        d = calloc(1, sizeof *d);
        code = d ? fit_diagnose(&fitted, d, e) : alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    if (code >= 0)
        code = fit_print(&fitted, d, o->request.format, e);
    free(d);
    series_fitted_free(&fitted);
    return code;
}

/* Options that the model has no use for are errors: who gives them expects something of them. */
static int check_options(const struct fit_options *o, const struct series_regression *regression, struct alm_err *e)
{
    const struct series_wish *wish = &o->request.wish;
    const bool inputs = regression && regression->opts == fit_inputs_opts;
    if (wish->regressors && !regression)
        return alm_fail(e, ALM_EINVAL, "--regressors: only %s and %s have regressors", SERIES_QUANTILE, SERIES_INPUTS);
    if (wish->categories && !inputs)
        return alm_fail(e, ALM_EINVAL, "--categories: only %s takes words", SERIES_INPUTS);
    if (o->diagnostics && regression)
        return alm_fail(e, ALM_EINVAL, "--diagnostics: %s has none", regression->name);
    if (o->request.figure.output && !inputs)
        return alm_fail(e, ALM_EINVAL, "--plot: only a fit of %s is drawn; `almanac forecast --plot` draws a series",
                        SERIES_INPUTS);
    return ALM_OK;
}

static int fit(struct fit_options *o, struct alm_err *e)
{
    const char *rest;
    struct series_request *q = &o->request;
    const struct series_regression *regression = series_regression_find(q->model, &rest);
    if (!regression)
        ALM_TRY(series_check_name(q->model, e));
    ALM_TRY(check_options(o, regression, e));
    if (regression && !q->wish.regressors)
        q->wish.regressors = "";
    if (regression && regression->opts == fit_inputs_opts)
        return fit_inputs(rest, q, e);
    const struct series_signals signals = series_signals_kill();
    const int code = regression ? fit_quantile(rest, &q->wish, q->format, e) : fit_series(o, e);
    series_signals_restore(&signals);
    return code;
}

int cmd_fit(int argc, char **argv)
{
    struct fit_options o = {0};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.request.models) {
        series_print_models(true);
        return cmd_finish();
    }
    return fit(&o, &e) < 0 ? cmd_fail(&e) : cmd_finish();
}
