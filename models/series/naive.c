/* SPDX-License-Identifier: GPL-3.0-or-later
 * naive: forecasts without a model to speak of: the mean, the last value, that of the last season, the last value and a drift.
 *
 * Meaning.  Walks say y_t = y_{t-lag} + drift + e_t; steps are whole lags, se^2 = steps * variance + (steps * se of the drift)^2. The variance
 *           is the mean square of e where there is no drift, else over one fewer. Limits are mean +- normal quantile * se.
 *           The mean has se^2 = variance (1 + 1/n), its limits by Student's t with n - 1.
 * Choice.   As meanf, rwf, naive and snaive of R's forecast. A missing value (not finite) is left out of the mean; a walk that meets one goes on
 *           from the value a lag before.
 * Limits.   sigma2 is that variance, and no likelihood is stated.
 * Source.   R. J. Hyndman, G. Athanasopoulos, "Forecasting: principles and practice" (2018), sections 3.1 and 3.5. */
#include "centred.h"
#include "limits.h"
#include "series_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { MEAN, WALK };

struct naive {
    enum kind kind;
    const char *words;
    size_t n, lag, used;      /* used: values of the mean, steps of the walk that have both ends */
    double centre, centre_se; /* the mean, or the drift */
    double variance;
    bool drift;
    double *y;      /* [n], missing as NaN */
    double *future; /* [lag] what comes next */
};

struct seasonal_opt {
    int64_t period;
};

static const struct alm_opt seasonal_opts[] = {
    {"period", ALM_OPT_INTEGER, offsetof(struct seasonal_opt, period), "1", 1, 1000000, NULL,
     "values in a season; 1: the last value"},
    {0},
};

static void release(void *fit)
{
    struct naive *m = fit;
    if (!m)
        return;
    free(m->y);
    free(m->future);
    free(m);
}

/* A fit of Y[n], missing values as NaN; ALM_EDATA when there is none that is not. */
static int start(const double *y, size_t n, size_t lag, struct naive **out, struct alm_err *e)
{
    struct naive *m = calloc(1, sizeof *m);
    if (m) {
        *m = (struct naive){.n = n, .lag = lag, .centre_se = NAN, .variance = NAN};
        m->y = malloc((n + 1) * sizeof *m->y);
        m->future = malloc(lag * sizeof *m->future);
    }
    if (!m || !m->y || !m->future) {
        release(m);
        return alm_fail(e, ALM_ENOMEM, "out of memory for a series of %zu values", n);
    }
    size_t seen = 0;
    for (size_t i = 0; i < n; i++) {
        m->y[i] = isfinite(y[i]) ? y[i] : NAN;
        seen += isfinite(y[i]) != 0;
    }
    if (seen == 0) {
        release(m);
        return alm_fail(e, ALM_EDATA, "a series of %zu values, none of them finite: there is nothing to go on", n);
    }
    *out = m;
    return ALM_OK;
}

/* Mean and sum of squares about it of X[n], which is overwritten. */
static struct centred spread(double *x, size_t n, double *squares)
{
    const struct centred c = series_centre(x, n, x);
    *squares = 0;
    for (size_t i = 0; i < n; i++)
        *squares += isnan(x[i]) ? 0 : x[i] * x[i];
    *squares *= c.scale * c.scale;
    return c;
}

static int fit_mean(const void *opt, const double *y, size_t n, void **fit, struct alm_err *e)
{
    struct naive *m;
    double squares;
    (void)opt;
    ALM_TRY(start(y, n, 1, &m, e));
    double *x = malloc(n * sizeof *x);
    if (!x) {
        release(m);
        return alm_fail(e, ALM_ENOMEM, "out of memory for a series of %zu values", n);
    }
    memcpy(x, m->y, n * sizeof *x);
    const struct centred c = spread(x, n, &squares);
    free(x);
    m->kind = MEAN;
    m->words = "mean";
    m->used = c.used;
    m->centre = c.mean;
    m->variance = c.used > 1 ? squares / (double)(c.used - 1) : NAN;
    m->centre_se = sqrt(m->variance / (double)c.used);
    *fit = m;
    return ALM_OK;
}

/* Y moved on by a lag, with the value before it where one is missing: FITS[n]. */
static void carry(const struct naive *m, double *fits)
{
    for (size_t i = 0; i < m->n; i++)
        fits[i] = isnan(m->y[i]) && i >= m->lag ? fits[i - m->lag] : m->y[i];
}

/* Steps of the walk from FITS, and what they say. */
static void measure_steps(struct naive *m, double *fits)
{
    double squares = 0, drift_free = 0;
    for (size_t i = m->n; i-- > 0;)
        fits[i] = i >= m->lag ? m->y[i] - fits[i - m->lag] : NAN;
    const double scale = series_scale(fits, m->n);
    for (size_t i = 0; i < m->n; i++)
        drift_free += isnan(fits[i]) ? 0 : fits[i] / scale * (fits[i] / scale);
    const struct centred c = spread(fits, m->n, &squares);
    m->used = c.used;
    if (c.used == 0)
        return;
    m->variance =
        m->drift ? (c.used > 1 ? squares / (double)(c.used - 1) : NAN) : drift_free / (double)c.used * scale * scale;
    m->centre = m->drift ? c.mean : 0;
    m->centre_se = m->drift ? sqrt(m->variance / (double)c.used) : 0;
}

static int fit_walk(size_t lag, bool drift, const double *y, size_t n, void **fit, struct alm_err *e)
{
    struct naive *m;
    if (n < lag + drift)
        return alm_fail(e, ALM_EDATA, "%zu values are too few for a walk of lag %zu%s: it needs %zu", n, lag,
                        drift ? " with a drift" : "", lag + drift);
    ALM_TRY(start(y, n, lag, &m, e));
    m->kind = WALK;
    m->drift = drift;
    m->words = drift ? "random walk with drift" : lag > 1 ? "seasonal naive" : "naive";
    double *fits = malloc((n + 1) * sizeof *fits);
    if (!fits) {
        release(m);
        return alm_fail(e, ALM_ENOMEM, "out of memory for a series of %zu values", n);
    }
    carry(m, fits);
    memcpy(m->future, fits + n - lag, lag * sizeof *fits);
    measure_steps(m, fits);
    free(fits);
    for (size_t i = 0; i < lag; i++)
        if (isnan(m->future[i])) {
            release(m);
            return alm_fail(e, ALM_EDATA, "place %zu of a season of %zu has no value in %zu", (n + i) % lag + 1, lag,
                            n);
        }
    *fit = m;
    return ALM_OK;
}

static int fit_naive(const void *opt, const double *y, size_t n, void **fit, struct alm_err *e)
{
    (void)opt;
    return fit_walk(1, false, y, n, fit, e);
}

static int fit_seasonal(const void *opt, const double *y, size_t n, void **fit, struct alm_err *e)
{
    const struct seasonal_opt *o = opt;
    return fit_walk((size_t)o->period, false, y, n, fit, e);
}

static int fit_drift(const void *opt, const double *y, size_t n, void **fit, struct alm_err *e)
{
    (void)opt;
    return fit_walk(1, true, y, n, fit, e);
}

static void report(const void *fit, struct series_report *out)
{
    const struct naive *m = fit;
    *out = (struct series_report){
        .period = m->kind == WALK && m->lag > 1 ? (int)m->lag : 0,
        .sigma2 = m->variance,
        .loglik = NAN,
        .aic = NAN,
        .aicc = NAN,
        .bic = NAN,
        .nobs = m->used,
        .converged = true,
    };
    snprintf(out->words, sizeof out->words, out->period ? "%s[%d]" : "%s", m->words, out->period);
    if (m->kind == WALK && !m->drift)
        return;
    struct series_coefficient *c = &out->coefficient[out->coefficients++];
    snprintf(c->name, sizeof c->name, "%s", m->drift ? "drift" : "mean");
    c->value = m->centre;
    c->se = m->centre_se;
}

static int forecast(const void *fit, struct series_forecast *out, struct alm_err *e)
{
    const struct naive *m = fit;
    (void)e;
    for (size_t h = 0; h < out->h; h++) {
        const double steps = (double)(h / m->lag + 1);
        if (m->kind == MEAN) {
            out->mean[h] = m->centre;
            out->se[h] = sqrt(m->variance * (1 + 1 / (double)m->used));
        } else {
            out->mean[h] = m->future[h % m->lag] + steps * m->centre;
            out->se[h] = hypot(sqrt(m->variance * steps), steps * m->centre_se);
        }
    }
    series_limits(out, m->kind == MEAN ? (double)m->used - 1 : INFINITY);
    return ALM_OK;
}

static void residuals(const void *fit, double *r)
{
    const struct naive *m = fit;
    if (m->kind == MEAN) {
        for (size_t i = 0; i < m->n; i++)
            r[i] = m->y[i] - m->centre;
        return;
    }
    carry(m, r);
    for (size_t i = m->n; i-- > 0;)
        r[i] = i >= m->lag ? m->y[i] - r[i - m->lag] - m->centre : NAN;
}

#define SOURCE "Hyndman and Athanasopoulos (2018); meanf, naive, snaive and rwf of R's forecast"

const struct series_model alm_series_mean = {
    .name = "mean",
    .summary = "the mean of all values",
    .source = SOURCE,
    .fit = fit_mean,
    .report = report,
    .forecast = forecast,
    .residuals = residuals,
    .free = release,
};

const struct series_model alm_series_naive = {
    .name = "naive",
    .summary = "the last value",
    .source = SOURCE,
    .fit = fit_naive,
    .report = report,
    .forecast = forecast,
    .residuals = residuals,
    .free = release,
};

const struct series_model alm_series_seasonal_naive = {
    .name = "seasonal-naive",
    .summary = "the value one season before",
    .source = SOURCE,
    .opts = seasonal_opts,
    .opt_size = sizeof(struct seasonal_opt),
    .fit = fit_seasonal,
    .report = report,
    .forecast = forecast,
    .residuals = residuals,
    .free = release,
};

const struct series_model alm_series_drift = {
    .name = "drift",
    .summary = "the last value, moving on by the mean step",
    .source = SOURCE,
    .fit = fit_drift,
    .report = report,
    .forecast = forecast,
    .residuals = residuals,
    .free = release,
};
