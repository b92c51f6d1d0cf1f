/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_models: the models ses, holt and holt-winters, as tables.
 *
 * Meaning.  ses is ETS(A,N,N), holt ETS(A,A,N) or, damped, ETS(A,Ad,N), holt-winters any form of ets.h, by AICc unless it is said.
 *           Parameters that are not given are estimated, and so are the initial states.
 * Choice.   beta and gamma are those of the state-space form, as forecast::ets prints them. */
#include "ets_table.h"

#include <math.h>
#include <string.h>

struct opt {
    char form[ALM_OPT_STRING];
    int64_t period;
    int damped;
    char alpha[ALM_OPT_STRING], beta[ALM_OPT_STRING], gamma[ALM_OPT_STRING], phi[ALM_OPT_STRING];
    int search;
};

enum damped { DAMPED_AUTO, DAMPED_FALSE, DAMPED_TRUE };

#define SMOOTHING(name, what)                                                                                          \
    {                                                                                                                  \
#name, ALM_OPT_TEXT, offsetof(struct opt, name), "auto", 0, 0, NULL, what ", 0 to 1, or auto: estimated"       \
    }

#define SEARCH                                                                                                         \
    {                                                                                                                  \
        "search", ALM_OPT_CHOICE, offsetof(struct opt, search), "simplex", 0, 0, ETS_TABLE_SEARCH,                     \
            ETS_TABLE_SEARCH_HELP                                                                                      \
    }

static const struct alm_opt level_opts[] = {
    SMOOTHING(alpha, "how far the level follows a value"),
    SEARCH,
    {0},
};

static const struct alm_opt trend_opts[] = {
    {"damped", ALM_OPT_CHOICE, offsetof(struct opt, damped), "false", 0, 0, "auto|false|true",
     "whether the trend dies out"},
    SMOOTHING(alpha, "how far the level follows a value"),
    SMOOTHING(beta, "how far the slope follows, at most alpha"),
    SMOOTHING(phi, "what is left of the slope after a step"),
    SEARCH,
    {0},
};

static const struct alm_opt season_opts[] = {
    {"form", ALM_OPT_TEXT, offsetof(struct opt, form), "auto", 0, 0, NULL,
     "error, trend and season, as AAA, ANN, MAdM; Z is any; auto: the least AICc"},
    {"period", ALM_OPT_INTEGER, offsetof(struct opt, period), "1", 1, 1 << 20, NULL, "values in a season; 1: none"},
    {"damped", ALM_OPT_CHOICE, offsetof(struct opt, damped), "auto", 0, 0, "auto|false|true",
     "whether the trend dies out; auto: as the form says"},
    SMOOTHING(alpha, "how far the level follows a value"),
    SMOOTHING(beta, "how far the slope follows, at most alpha"),
    SMOOTHING(gamma, "how far the season follows, at most 1 - alpha"),
    SMOOTHING(phi, "what is left of the slope after a step"),
    SEARCH,
    {0},
};

/* TEXT as a number into OUT, NaN for "auto". */
static int given(const char *key, const char *text, double *out, struct alm_err *e)
{
    if (text[0] == '\0') { /* not an option of this model */
        *out = NAN;
        return ALM_OK;
    }
    return ets_table_number(key, text, out, e);
}

static int fit(const struct opt *o, const char *form, int damped, enum ets_how simplex, const double *y, size_t n,
               void **out, struct alm_err *e)
{
    const size_t period = o->period > 1 ? (size_t)o->period : 1;
    struct ets_choice choice;
    struct ets_wish wish = {.how = o->search == ETS_THOROUGH ? ETS_THOROUGH : simplex};
    ALM_TRY(ets_choice_parse(form, damped, period, &choice, e));
    ALM_TRY(given("alpha", o->alpha, &wish.parameter.alpha, e));
    ALM_TRY(given("beta", o->beta, &wish.parameter.beta, e));
    ALM_TRY(given("gamma", o->gamma, &wish.parameter.gamma, e));
    ALM_TRY(given("phi", o->phi, &wish.parameter.phi, e));
    struct ets_table_fit *f = ets_table_new(y, n);
    if (!f)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu values", n);
    f->period = period;
    const int code = ets_choose(&choice, &wish, y, n, &f->model, e);
    if (code == ALM_OK)
        *out = f;
    else
        ets_table_free(f);
    return code;
}

static int fit_level(const void *opt, const double *y, size_t n, void **out, struct alm_err *e)
{
    return fit(opt, "ANN", -1, ETS_SIMPLEX_SQUARES, y, n, out, e);
}

static int fit_trend(const void *opt, const double *y, size_t n, void **out, struct alm_err *e)
{
    const struct opt *o = opt;
    return fit(o, "AAN", o->damped == DAMPED_TRUE, ETS_SIMPLEX_SQUARES, y, n, out, e);
}

static int fit_season(const void *opt, const double *y, size_t n, void **out, struct alm_err *e)
{
    const struct opt *o = opt;
    return fit(o, o->form, o->damped == DAMPED_AUTO ? -1 : o->damped == DAMPED_TRUE, ETS_SIMPLEX, y, n, out, e);
}

const struct series_model alm_series_ses = {
    .name = "ses",
    .summary = "simple exponential smoothing: a level that follows the values",
    .source = "Brown (1959); Hyndman, Koehler, Ord, Snyder (2008)",
    .opts = level_opts,
    .opt_size = sizeof(struct opt),
    .fit = fit_level,
    .report = ets_table_report,
    .forecast = ets_table_forecast,
    .residuals = ets_table_residuals,
    .free = ets_table_free,
};

const struct series_model alm_series_holt = {
    .name = "holt",
    .summary = "a level and a slope that follow the values",
    .source = "Holt (1957); Gardner, McKenzie (1985); Hyndman, Koehler, Ord, Snyder (2008)",
    .opts = trend_opts,
    .opt_size = sizeof(struct opt),
    .fit = fit_trend,
    .report = ets_table_report,
    .forecast = ets_table_forecast,
    .residuals = ets_table_residuals,
    .free = ets_table_free,
};

const struct series_model alm_series_holt_winters = {
    .name = "holt-winters",
    .summary = "exponential smoothing with trend and season, of the likeliest form",
    .source = "Holt (1957); Winters (1960); Hyndman, Koehler, Ord, Snyder (2008)",
    .opts = season_opts,
    .opt_size = sizeof(struct opt),
    .fit = fit_season,
    .report = ets_table_report,
    .forecast = ets_table_forecast,
    .residuals = ets_table_residuals,
    .free = ets_table_free,
};
