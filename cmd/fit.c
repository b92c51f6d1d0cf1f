/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit: one model fitted to one column of a table: coefficients, likelihood, and whether the residuals look like noise. */
#include "cmd/fit_print.h"
#include "cmd/fit_quantile.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct fit_options {
    const char *model;
    struct series_wish wish;
    enum cmd_format format;
    bool diagnostics, models;
};

enum { OPT_FROM = 256, OPT_TO, OPT_MODELS };

static const struct argp_option options[] = {
    {"column", 'c', "NAME", 0, "the column to fit, by name or number from 1 (the only one, else `y`)", 0},
    {"response", 'r', "NAME", 0, "the same, in the words of regression", 0},
    {"regressors", 'x', "A,B,...", 0, "of quantile-regression: these columns (all others)", 0},
    {"from", OPT_FROM, "N", 0, "begin with row N after the header", 0},
    {"to", OPT_TO, "N", 0, "end with row N after the header", 0},
    {"diagnostics", 'd', NULL, 0, "test the residuals of the fit", 0},
    {"format", 'f', "WORD", 0, "text (default), json (schema almanac.fit/1) or csv", 0},
    {"models", OPT_MODELS, NULL, 0, "list the models with their options", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct fit_options *o = state->input;
    switch (key) {
    case 'c':
    case 'r':
        o->wish.column = arg;
        return 0;
    case 'x':
        o->wish.regressors = arg;
        return 0;
    case OPT_FROM:
        o->wish.from = series_count(arg, "--from", SIZE_MAX / 2, state);
        return 0;
    case OPT_TO:
        o->wish.to = series_count(arg, "--to", SIZE_MAX / 2, state);
        return 0;
    case 'd':
        o->diagnostics = true;
        return 0;
    case 'f':
        o->format = cmd_format_parse(arg, "text|json|csv", state);
        return 0;
    case OPT_MODELS:
        o->models = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "one MODEL and one DATA.csv, but there is also \"%s\"", arg);
        *(state->arg_num == 0 ? &o->model : &o->wish.path) = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->models && !o->wish.path)
            argp_error(state,
                       "MODEL and DATA.csv are needed, as in: almanac fit arima:order=1/0/1 data.csv --column y");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "MODEL DATA.csv",
    .doc =
        "Fit one model to one column of a table with a header, and print what was found. `-` is standard input. MODEL "
        "is a name with options, as arima:order=2/1/2,seasonal=0/1/1,period=12; --models lists them."
        "\vNA, NaN and an empty field are missing values. Conventions are those of R: MA signs are plus, `mean` is "
        "the mean of the process, sigma2 is divided by nobs, the likelihood is that of the differenced series.\n\n"
        "Examples:\n"
        "  almanac fit arima:order=auto,period=12 data.csv --column y\n"
        "  almanac fit arima:order=1/0/1,fixed=ar1:0.5/ma1:0.3/mean:2 data.csv --column y --format json\n"
        "  almanac fit holt-winters:period=24 data.csv --column cpu --diagnostics\n"
        "  almanac fit quantile-regression:tau=0.95 data.csv --response seconds",
};

static int fit_one(const struct fit_options *o, struct alm_err *e)
{
    struct series_fitted fitted;
    struct fit_diagnostics *d = NULL;
    int code = series_fit(o->model, &o->wish, &fitted, e);
    if (code >= 0 && o->diagnostics) {
        d = calloc(1, sizeof *d);
        code = d ? fit_diagnose(&fitted, d, e) : alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    if (code >= 0)
        code = fit_print(&fitted, d, o->format, e);
    free(d);
    series_fitted_free(&fitted);
    return code;
}

/* The models of a series know nothing of regression. */
static int check_name(const char *model, struct alm_err *e)
{
    const struct series_model *found;
    const char *const names[] = {SERIES_QUANTILE, NULL};
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(model, ":"), model);
    if (series_model_find(name, &found, e) >= 0)
        return ALM_OK;
    if (alm_nearest(name, names))
        return alm_fail(e, ALM_EINVAL, "unknown model `%s`, did you mean `%s`?", name, SERIES_QUANTILE);
    return e->code;
}

static int fit(struct fit_options *o, struct alm_err *e)
{
    const char *rest;
    if (!series_is(o->model, SERIES_QUANTILE, &rest)) {
        if (o->wish.regressors)
            return alm_fail(e, ALM_EINVAL, "--regressors: only %s has regressors", SERIES_QUANTILE);
        ALM_TRY(check_name(o->model, e));
        return fit_one(o, e);
    }
    if (o->diagnostics)
        return alm_fail(e, ALM_EINVAL, "--diagnostics: %s has none", SERIES_QUANTILE);
    if (!o->wish.regressors)
        o->wish.regressors = "";
    return fit_quantile(rest, &o->wish, o->format, e);
}

int cmd_fit(int argc, char **argv)
{
    struct fit_options o = {0};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.models) {
        series_print_models(true);
        return cmd_finish();
    }
    const struct series_signals signals = series_signals_kill();
    const int code = fit(&o, &e);
    series_signals_restore(&signals);
    return code < 0 ? cmd_fail(&e) : cmd_finish();
}
