/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima: seasonal ARIMA with mean, drift and Fourier pairs, orders given or chosen, as a model of one series.
 *
 * Choice.   With differencing a mean is left out without a word, as in R: it has none. variance=unbiased widens limits as R's package
 *           forecast does; sigma2 in the report is divided by nobs in any case.
 * Source.   G. E. P. Box, G. M. Jenkins, "Time Series Analysis" (1976); R. J. Hyndman, Y. Khandakar (2008) for the automatic order. */
#include "arima_options.h"
#include "limits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fitted {
    struct arima_fit *fit;
    bool unbiased;
};

static void release(void *fit)
{
    struct fitted *f = fit;
    if (!f)
        return;
    arima_fit_free(f->fit);
    free(f);
}

static int fit(const void *opt, const double *y, size_t n, void **out, struct alm_err *e)
{
    const struct arima_opt *o = opt;
    struct arima_spec spec;
    struct arima_choice choice;
    bool automatic;
    double fixed[SERIES_COEFFICIENTS];
    ALM_TRY(arima_read_options(o, &spec, &choice, &automatic, fixed, e));
    struct fitted *f = calloc(1, sizeof *f);
    if (!f)
        return alm_fail(e, ALM_ENOMEM, "no memory for a fit");
    f->unbiased = o->variance != 0;
    const int code = automatic ? arima_auto(&choice, y, n, &f->fit, e) : arima_fit(&spec, y, n, &f->fit, e);
    if (code < 0)
        release(f);
    else
        *out = f;
    return code;
}

static void add(char *words, size_t size, const char *more)
{
    const size_t used = strlen(words);
    snprintf(words + used, size - used, "%s", more);
}

static void name(const struct arima_result *r, char *words, size_t size)
{
    const struct arima_order *o = &r->order;
    char part[64];
    snprintf(words, size, "ARIMA(%zu,%zu,%zu)", o->p, o->d, o->q);
    snprintf(part, sizeof part, "(%zu,%zu,%zu)[%zu]", o->P, o->D, o->Q, o->s);
    if (o->P + o->D + o->Q > 0)
        add(words, size, part);
    if (r->mean)
        add(words, size, " with mean");
    if (r->drift)
        add(words, size, r->mean ? ", drift" : " with drift");
    snprintf(part, sizeof part, "%s %zu Fourier %s", r->mean || r->drift ? "," : " with", r->fourier,
             r->fourier > 1 ? "pairs" : "pair");
    if (r->fourier)
        add(words, size, part);
}

static void report(const void *fitted, struct series_report *out)
{
    const struct arima_result *r = arima_fit_result(((const struct fitted *)fitted)->fit);
    const struct arima_spec spec = {.order = r->order, .mean = r->mean, .drift = r->drift, .fourier = r->fourier};
    const struct arima_order *o = &r->order;
    *out = (struct series_report){.order = {(int)o->p, (int)o->d, (int)o->q},
                                  .seasonal = {(int)o->P, (int)o->D, (int)o->Q},
                                  .period = (int)o->s,
                                  .coefficients = r->coefficients,
                                  .sigma2 = r->sigma2,
                                  .loglik = r->loglik,
                                  .aic = r->aic,
                                  .aicc = r->aicc,
                                  .bic = r->bic,
                                  .nobs = r->nobs,
                                  .has_order = true,
                                  .converged = r->converged,
                                  .fixed = r->coefficients > 0 && r->estimated == 0};
    name(r, out->words, sizeof out->words);
    for (size_t i = 0; i < r->coefficients; i++) {
        arima_coefficient_name(&spec, i, out->coefficient[i].name);
        out->coefficient[i].value = r->coefficient[i];
        out->coefficient[i].se = r->se[i];
    }
}

static int forecast(const void *fitted, struct series_forecast *out, struct alm_err *e)
{
    const struct fitted *f = fitted;
    const struct arima_result *r = arima_fit_result(f->fit);
    ALM_TRY(arima_forecast(f->fit, NULL, out->h, out->mean, out->se, e));
    const double left = (double)r->nobs - (double)r->estimated;
    if (f->unbiased && left > 0)
        for (size_t i = 0; i < out->h; i++)
            out->se[i] *= sqrt((double)r->nobs / left);
    series_limits(out, INFINITY);
    return ALM_OK;
}

static void residuals(const void *fitted, double *r)
{
    const struct arima_fit *f = ((const struct fitted *)fitted)->fit;
    const size_t n = arima_fit_result(f)->n;
    if (arima_residuals(f, r, NULL) < 0)
        for (size_t t = 0; t < n; t++)
            r[t] = NAN;
}

const struct series_model alm_series_arima = {
    .name = "arima",
    .summary = "seasonal ARIMA with regressors, by exact likelihood, orders given or chosen",
    .source = "Box and Jenkins (1976); Hyndman and Khandakar (2008)",
    .opts = arima_opts,
    .opt_size = sizeof(struct arima_opt),
    .fit = fit,
    .report = report,
    .forecast = forecast,
    .residuals = residuals,
    .free = release,
};
