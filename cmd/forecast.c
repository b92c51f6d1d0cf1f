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
    const char *model;
    struct series_wish wish;
    enum cmd_format format;
    struct alm_figure_options figure;
    size_t horizon, history, levels;
    double level[SERIES_LEVELS]; /* per cent */
    char level_text[SERIES_LEVELS][16];
    bool models;
};

enum { OPT_FROM = 256, OPT_TO, OPT_MODELS, OPT_PLOT, OPT_HISTORY };

static const struct argp_option options[] = {
    {"column", 'c', "NAME", 0, "the column to forecast, by name or number from 1 (the only one, else `y`)", 0},
    {"horizon", 'H', "N", 0, "steps ahead (12)", 0},
    {"level", 'l', "P,P,...", 0, "levels of the intervals in per cent (80,95)", 0},
    {"from", OPT_FROM, "N", 0, "begin with row N after the header", 0},
    {"to", OPT_TO, "N", 0, "end with row N after the header", 0},
    {"format", 'f', "WORD", 0, "text (default), json (schema almanac.forecast/1) or csv", 0},
    {"plot", OPT_PLOT, "P", 0, "draw it too: P.svg, P.png or P.pdf", 0},
    {"history", OPT_HISTORY, "N", 0, "values of the series in the figure (three times the horizon, 60 at least)", 0},
    {"keep-script", 'k', NULL, 0, "leave the gnuplot script beside the figure, as P.gp", 0},
    {"models", OPT_MODELS, NULL, 0, "list the models with their options", 0},
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

static void set_plot(struct forecast_options *o, const char *path, struct argp_state *state)
{
    const char *ending = strrchr(path, '.');
    if (!ending || (strcmp(ending, ".svg") != 0 && strcmp(ending, ".png") != 0 && strcmp(ending, ".pdf") != 0))
        argp_error(state, "--plot %s: the name must end in .svg, .png or .pdf", path);
    o->figure.output = path;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct forecast_options *o = state->input;
    switch (key) {
    case 'c':
        o->wish.column = arg;
        return 0;
    case 'H':
        o->horizon = series_count(arg, "--horizon", HORIZON_MOST, state);
        return 0;
    case 'l':
        set_levels(o, arg, state);
        return 0;
    case OPT_FROM:
        o->wish.from = series_count(arg, "--from", SIZE_MAX / 2, state);
        return 0;
    case OPT_TO:
        o->wish.to = series_count(arg, "--to", SIZE_MAX / 2, state);
        return 0;
    case 'f':
        o->format = cmd_format_parse(arg, "text|json|csv", state);
        return 0;
    case OPT_PLOT:
        set_plot(o, arg, state);
        return 0;
    case OPT_HISTORY:
        o->history = series_count(arg, "--history", SIZE_MAX / 2, state);
        return 0;
    case 'k':
        o->figure.keep_script = true;
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
            argp_error(state, "MODEL and DATA.csv are needed, as in: almanac forecast theta data.csv --column y");
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
    const int code = alm_figure_forecast(&figure, &o->figure, &report, e);
    if (code >= 0)
        cmd_say("wrote %s: %s", o->figure.output, report.shown);
    if (report.script[0])
        cmd_say("the gnuplot script is %s", report.script);
    return code;
}

static int forecast(const struct forecast_options *o, struct series_fitted *f, struct answer *a, struct alm_err *e)
{
    const char *rest;
    if (series_is(o->model, SERIES_QUANTILE, &rest))
        return alm_fail(e, ALM_EINVAL,
                        "%s needs the regressors of the future, which a table of the past does not have; `almanac fit` "
                        "fits it, and `almanac forecast --models` lists models of a series",
                        SERIES_QUANTILE);
    const struct series_signals signals = series_signals_kill();
    int code = series_fit(o->model, &o->wish, f, e);
    if (code >= 0)
        code = predict(o, f, a, e);
    series_signals_restore(&signals);
    ALM_TRY(code);
    if (!f->report.converged)
        cmd_warn("the fit did not converge; the forecast stands on the best coefficients that were found");
    ALM_TRY(forecast_print(f, &a->forecast, o->level_text, o->format, e));
    return o->figure.output ? draw(o, f, &a->forecast, e) : ALM_OK;
}

int cmd_forecast(int argc, char **argv)
{
    struct forecast_options o = {.horizon = 12, .levels = 2, .level = {80, 95}, .level_text = {"80", "95"}};
    struct series_fitted fitted = {0};
    struct answer answer = {0};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.models) {
        series_print_models(false);
        return cmd_finish();
    }
    const int code = forecast(&o, &fitted, &answer, &e);
    free(answer.block);
    series_fitted_free(&fitted);
    return code < 0 ? cmd_fail(&e) : cmd_finish();
}
