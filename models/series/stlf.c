/* SPDX-License-Identifier: GPL-3.0-or-later
 * stlf: the season by STL, what is left by exponential smoothing, the last season again in the forecast.
 *
 * Meaning.  The series less its season is fitted by a form of ets.h without one; forecasts get the last season added. Standard
 *           errors are those of what is left: that the season is estimated is not in them.
 * Choice.   The season is periodic unless a window is given. Missing values are filled for STL and missing again for the rest.
 * Limits.   Needs more than two periods. The season is added, so of a series above 0 a forecast need not be.
 * Source.   R. B. Cleveland, W. S. Cleveland, J. E. McRae, I. Terpenning, "STL", Journal of Official Statistics 6 (1990);
 *           stlf() of R's package forecast. */
#include "ets_table.h"
#include "stl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct opt {
    int64_t period, window;
    bool robust;
    char form[ALM_OPT_STRING];
    int search;
};

static const struct alm_opt opts[] = {
    {"period", ALM_OPT_INTEGER, offsetof(struct opt, period), "12", 2, 1 << 20, NULL, "values in a season"},
    {"window", ALM_OPT_INTEGER, offsetof(struct opt, window), "0", 0, 1 << 20, NULL,
     "periods over which the season may change, odd, 7 or more; 0: it does not change"},
    {"robust", ALM_OPT_BOOL, offsetof(struct opt, robust), "false", 0, 0, NULL,
     "give outliers less weight in the season"},
    {"form", ALM_OPT_TEXT, offsetof(struct opt, form), "auto", 0, 0, NULL,
     "of what is left: error and trend, then N, as ANN, MAdN; Z is any; auto: the least AICc"},
    {"search", ALM_OPT_CHOICE, offsetof(struct opt, search), "simplex", 0, 0, ETS_TABLE_SEARCH, ETS_TABLE_SEARCH_HELP},
    {0},
};

/* SEASON of F's series; what is left to LEFT. FULL is room for n. */
static int split(const struct opt *o, struct ets_table_fit *f, double *left, double *full, struct alm_err *e)
{
    const struct stl_options how = {.period = f->period, .season_window = (size_t)o->window, .robust = o->robust};
    size_t missing = 0;
    for (size_t t = 0; t < f->n; t++) {
        missing += isnan(f->y[t]) ? 1 : 0;
        if (isinf(f->y[t]))
            return alm_fail(e, ALM_EDATA, "value %zu is infinite; a value must be finite, or missing", t + 1);
    }
    if (missing == f->n)
        return alm_fail(e, ALM_EDATA, "all %zu values are missing", f->n);
    if (!series_fill(f->y, f->n, f->period, full))
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu values", f->n);
    ALM_TRY(series_stl(full, f->n, &how, f->season, NULL, NULL, e));
    for (size_t t = 0; t < f->n; t++)
        left[t] = f->y[t] - f->season[t];
    return ALM_OK;
}

static int fit(const void *opt, const double *y, size_t n, void **out, struct alm_err *e)
{
    const struct opt *o = opt;
    const struct ets_wish wish = {{NAN, NAN, NAN, NAN}, (enum ets_how)o->search};
    struct ets_choice choice;
    if (o->window != 0 && (o->window < 7 || o->window % 2 == 0))
        return alm_fail(e, ALM_EINVAL, "window=%lld: must be odd and 7 or more, or 0", (long long)o->window);
    ALM_TRY(ets_choice_parse(o->form, -1, 1, &choice, e));
    struct ets_table_fit *f = ets_table_new(y, n);
    double *room = calloc(2 * (n + 1), sizeof *room);
    int code = ALM_OK;
    if (f)
        f->season = calloc(n + 1, sizeof *f->season);
    if (!f || !room || !f->season)
        code = alm_fail(e, ALM_ENOMEM, "no memory for %zu values", n);
    else {
        f->period = (size_t)o->period;
        code = split(o, f, room, room + n, e);
    }
    if (code == ALM_OK)
        code = ets_choose(&choice, &wish, room, n, &f->model, e);
    free(room);
    if (code == ALM_OK)
        *out = f;
    else
        ets_table_free(f);
    return code;
}

const struct series_model alm_series_stlf = {
    .name = "stlf",
    .summary = "a season by STL, and exponential smoothing of what is left",
    .source = "Cleveland, Cleveland, McRae, Terpenning (1990); Hyndman, Koehler, Ord, Snyder (2008)",
    .opts = opts,
    .opt_size = sizeof(struct opt),
    .fit = fit,
    .report = ets_table_report,
    .forecast = ets_table_forecast,
    .residuals = ets_table_residuals,
    .free = ets_table_free,
};
