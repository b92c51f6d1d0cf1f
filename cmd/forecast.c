/* SPDX-License-Identifier: GPL-3.0-or-later
 * forecast: one model fitted to one column of a table, then its forecast: a table, JSON, a figure. */
#include "cmd/forecast_print.h"
#include "experiments/figure_forecast.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HORIZON_MOST 1000000
#define LEAST_SHOWN 60 /* values of the series in a figure */

struct forecast_options {
    struct series_request request;
    size_t horizon, history, levels;
    double level[SERIES_LEVELS]; /* per cent */
    char level_text[SERIES_LEVELS][16];
};

enum { OPT_HISTORY = SERIES_LAST };

static const struct argp_option options[] = {
    SERIES_OPTIONS("forecast", "almanac.forecast/1"),
    {"horizon", 'H', "N", 0, "steps ahead (12)", 0},
    {"level", 'l', "P,P,...", 0, "levels of the intervals in per cent (80,95)", 0},
    {"history", OPT_HISTORY, "N", 0, "values of the series in the figure (three times the horizon, 60 at least)", 0},
    {0},
};

static void set_levels(struct forecast_options *o, const char *text, struct argp_state *state)
{
    o->levels = 0;
    for (const char *at = text;; at++) {
        char *end;
        const double level = strtod(at, &end);
        const char *rest = *end == '%' ? end + 1 : end;
        if (end == at || (*rest && *rest != ',') || !(level >= 1 && level < 100))
            argp_error(state, "--level %s: per cent from 1 to below 100 are right, as 80,95", text);
        if (o->levels == SERIES_LEVELS)
            argp_error(state, "--level %s: %d levels at the most", text, SERIES_LEVELS);
        char *name = o->level_text[o->levels];
        snprintf(name, sizeof o->level_text[0], "%.8g", level);
        for (size_t i = 0; i < o->levels; i++)
            if (strcmp(o->level_text[i], name) == 0)
                argp_error(state, "--level %s: %s is there twice", text, name);
        o->level[o->levels++] = level;
        at = rest;
        if (!*at)
            return;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct forecast_options *o = state->input;
    switch (key) {
    case 'H':
        o->horizon = series_count(arg, "--horizon", HORIZON_MOST, state);
        return 0;
    case 'l':
        set_levels(o, arg, state);
        return 0;
    case OPT_HISTORY:
        o->history = series_count(arg, "--history", SIZE_MAX / 2, state);
        return 0;
    default:
        return series_parse(key, arg, state, &o->request, "almanac forecast theta data.csv --column y");
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "MODEL DATA.csv",
    .doc =
        "Fit one model to one column of a table with a header, and forecast what comes after its last row, with "
        "intervals. `-` is standard input. MODEL is a name with options, as arima:order=auto,period=12; --models "
        "lists them."
        "\vNA, NaN and an empty field are missing values. Standard errors leave out that coefficients are estimated, "
        "and the intervals stand on them: the future lies outside a little more often than they say.\n\n"
        "Examples:\n"
        "  almanac forecast arima:order=auto,period=12 data.csv --column y --horizon 24\n"
        "  almanac forecast holt-winters:period=24 data.csv --column cpu --level 50,80,95 --plot cpu.svg\n"
        "  almanac forecast theta - --format json <data.csv",
};

/* The memory of a forecast; its values are in one block. */
struct answer {
    struct series_forecast forecast;
    double level[SERIES_LEVELS], *block;
};

static int predict(const struct forecast_options *o, const struct series_fitted *f, struct answer *a, struct alm_err *e)
{
    const size_t h = o->horizon, n = h * (2 + 2 * o->levels);
    a->block = malloc(n * sizeof *a->block);
    if (!a->block)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu steps", h);
    for (size_t i = 0; i < n; i++)
        a->block[i] = NAN;
    for (size_t i = 0; i < o->levels; i++)
        a->level[i] = o->level[i] / 100;
    a->forecast = (struct series_forecast){.h = h,
                                           .levels = o->levels,
                                           .level = a->level,
                                           .mean = a->block,
                                           .se = a->block + h,
                                           .lower = a->block + 2 * h,
                                           .upper = a->block + (2 + o->levels) * h};
    if (f->choice.model->forecast(f->fit, &a->forecast, e) < 0)
        return alm_fail_in(e, "%s: column `%.60s`: %s", f->table.file, f->table.column[0].name, f->choice.model->name);
    return ALM_OK;
}

static int draw(const struct forecast_options *o, const struct series_fitted *f, const struct series_forecast *p,
                struct alm_err *e)
{
    const struct series_table *t = &f->table;
    const char *slash = strrchr(t->file, '/');
    const size_t usual = 3 * o->horizon > LEAST_SHOWN ? 3 * o->horizon : LEAST_SHOWN;
    const size_t wanted = o->history ? o->history : usual, shown = wanted < t->rows ? wanted : t->rows;
    char subtitle[400];
    snprintf(subtitle, sizeof subtitle, "%.120s of %.120s: rows %zu to %zu, %zu steps ahead", t->column[0].name,
             slash ? slash + 1 : t->file, t->first, t->first + t->rows - 1, o->horizon);
    const struct alm_figure_forecast figure = {.title = f->report.words,
                                               .subtitle = subtitle,
                                               .name = t->column[0].name,
                                               .y = t->column[0].value + (t->rows - shown),
                                               .n = shown,
                                               .first = t->first + (t->rows - shown),
                                               .h = p->h,
                                               .levels = p->levels,
                                               .level = o->level,
                                               .mean = p->mean,
                                               .lower = p->lower,
                                               .upper = p->upper};
    struct alm_figure_report report;
    const int code = alm_figure_forecast(&figure, &o->request.figure, &report, e);
    return series_drawn(&o->request, code, &report);
}

static int forecast(const struct forecast_options *o, struct series_fitted *f, struct answer *a, struct alm_err *e)
{
    const char *rest;
    const struct series_request *q = &o->request;
    const struct series_regression *regression = series_regression_find(q->model, &rest);
    if (regression)
        return alm_fail(e, ALM_EINVAL,
                        "%s needs the other columns of the future, which a table of the past does not have; `almanac "
                        "fit` fits it, and `almanac forecast --models` lists models of a series",
                        regression->name);
    const struct series_signals signals = series_signals_kill();
    int code = series_fit(q->model, &q->wish, f, e);
    if (code >= 0)
        code = predict(o, f, a, e);
    series_signals_restore(&signals);
    ALM_TRY(code);
    if (!f->report.converged)
        cmd_warn("the fit did not converge; the forecast stands on the best coefficients that were found");
    ALM_TRY(forecast_print(f, &a->forecast, o->level_text, q->format, e));
    return q->figure.output ? draw(o, f, &a->forecast, e) : ALM_OK;
}

int cmd_forecast(int argc, char **argv)
{
    struct forecast_options o = {.horizon = 12, .levels = 2, .level = {80, 95}, .level_text = {"80", "95"}};
    struct series_fitted fitted = {0};
    struct answer answer = {0};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.request.models) {
        series_print_models(false);
        return cmd_finish();
    }
    const int code = forecast(&o, &fitted, &answer, &e);
    free(answer.block);
    series_fitted_free(&fitted);
    return code < 0 ? cmd_fail(&e) : cmd_finish();
}
