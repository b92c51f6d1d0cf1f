/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_job: what `almanac fit` and `almanac forecast` share: a model by name and options, and its fit to one column. */
#ifndef ALMANAC_CMD_SERIES_JOB_H
#define ALMANAC_CMD_SERIES_JOB_H

#include "cmd/cmd.h"
#include "cmd/series_table.h"
#include "experiments/figure.h"
#include "models/series/series_model.h"

#include <jansson.h>

#define SERIES_QUANTILE "quantile-regression"
#define SERIES_INPUTS "inputs"

/* What both commands are asked: a model, a table, and how to say it. */
struct series_request {
    const char *model;
    struct series_wish wish;
    enum cmd_format format;
    struct alm_figure_options figure;
    bool models;
};

enum { SERIES_FROM = 256, SERIES_TO, SERIES_MODELS, SERIES_PLOT, SERIES_LAST };

/* Their rows of options, VERB being "fit" or "forecast"; series_parse takes them, and MODEL and DATA.csv. */
#define SERIES_OPTIONS(verb, schema)                                                                                   \
    {"column", 'c', "NAME", 0, "the column to " verb ", by name or number from 1 (the only one, else `y`)", 0},        \
        {"from", SERIES_FROM, "N", 0, "begin with row N after the header", 0},                                         \
        {"to", SERIES_TO, "N", 0, "end with row N after the header", 0},                                               \
        {"format", 'f', "WORD", 0, "text (default), json (schema " schema ") or csv", 0},                              \
        {"plot", SERIES_PLOT, "P", 0, "draw it too: P.svg, P.png or P.pdf", 0},                                        \
        {"keep-script", 'k', NULL, 0, "leave the gnuplot script beside the figure, as P.gp", 0},                       \
    {                                                                                                                  \
        "models", SERIES_MODELS, NULL, 0, "list the models with their options", 0                                      \
    }

/* EXAMPLE: a whole command, for who forgot MODEL or DATA.csv. */
error_t series_parse(int key, char *arg, struct argp_state *state, struct series_request *q, const char *example);

/* What was drawn, on stderr; CODE and REPORT as the figure gave them. Returns CODE. */
int series_drawn(const struct series_request *q, int code, const struct alm_figure_report *report);

/* The models that explain one column by others. */
struct series_regression {
    const char *name, *summary, *source;
    const struct alm_opt *opts;
};

/* NULL when TEXT names none of them; OPTIONS is what follows the colon. */
const struct series_regression *series_regression_find(const char *text, const char **options);

/* ALM_EINVAL with the name that may be meant when TEXT names no model of a series. */
int series_check_name(const char *text, struct alm_err *e);

/* "arima:order=2/1/2,period=12" taken apart. */
struct series_choice {
    const struct series_model *model;
    void *opt;
};

struct series_fitted {
    struct series_choice choice;
    struct series_table table;
    void *fit;
    struct series_report report;
};

/* Read the table, fit the model TEXT to its first column. A file, model or option that is wrong is an error that names it. OUT goes to
 * series_fitted_free, after an error too. */
int series_fit(const char *text, const struct series_wish *wish, struct series_fitted *out, struct alm_err *e);
void series_fitted_free(struct series_fitted *f);

/* Let SIGINT and SIGTERM end the program at once while nothing is half written; and give them back to who had them. */
struct series_signals {
    struct sigaction before[2];
};
struct series_signals series_signals_kill(void);
void series_signals_restore(const struct series_signals *s);

/* A row number; argp_error for anything else. WHAT names the option. */
size_t series_count(const char *text, const char *what, size_t most, struct argp_state *state);

/* The models with their options, to stdout; REGRESSIONS: those that explain a column by others as well. */
void series_print_models(bool regressions);

/* null for NaN and infinities. */
json_t *series_number(double value);

/* Write OBJECT to stdout and free it; NULL is an error. */
int series_print_json(json_t *object, struct alm_err *e);

/* A number for people into OUT: seven digits, "-" for NaN. Returns OUT. */
char *series_short(double value, char out[32]);

#endif
