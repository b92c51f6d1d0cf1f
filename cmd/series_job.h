/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_job: what `almanac fit` and `almanac forecast` share: a model by name and options, and its fit to one column. */
#ifndef ALMANAC_CMD_SERIES_JOB_H
#define ALMANAC_CMD_SERIES_JOB_H

#include "cmd/cmd.h"
#include "cmd/series_table.h"
#include "models/series/series_model.h"

#include <jansson.h>

#define SERIES_QUANTILE "quantile-regression"

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

/* Does TEXT name the model NAME? OPTIONS is what follows the colon, "" when there is none. */
bool series_is(const char *text, const char *name, const char **options);

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

/* The models with their options, to stdout. REGRESSIONS: with quantile-regression. */
void series_print_models(bool regressions);

/* null for NaN and infinities. */
json_t *series_number(double value);

/* Write OBJECT to stdout and free it; NULL is an error. */
int series_print_json(json_t *object, struct alm_err *e);

/* A number for people into OUT: seven digits, "-" for NaN. Returns OUT. */
char *series_short(double value, char out[32]);

#endif
