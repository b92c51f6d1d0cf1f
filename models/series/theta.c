/* SPDX-License-Identifier: GPL-3.0-or-later
 * theta: the theta method: exponential smoothing plus half the slope of the line through the series.
 *
 * Meaning.  A series whose autocorrelation at lag PERIOD is above 1.645 standard errors is first divided by its seasonal index, and the forecast
 *           multiplied by it. mean(h) = level + slope / 2 * (h - 1 + (1 - (1 - alpha)^n) / alpha), se(h) = sigma sqrt((h - 1) alpha^2 + 1), with
 *           level, alpha and sigma of the smoothing.
 * Choice.   As thetaf of R's forecast, which does not multiply the limits' width by the season either. Missing values (not finite) are filled first
 *           (series_fill), which thetaf refuses.
 * Limits.   Residuals are those of the smoothing.
 * Source.   V. Assimakopoulos, K. Nikolopoulos, International Journal of Forecasting 16 (2000); R. J. Hyndman, B. Billah, same, 19 (2003). */
#include "acf.h"
#include "centred.h"
#include "classical.h"
#include "ets.h"
#include "limits.h"
#include "series_model.h"
#include "stl.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TINY 0x1p-500 /* beyond these, products of values leave the range of doubles */
#define LARGE 0x1p500
#define LEAST_INDEX 1e-4 /* nearer to zero, a season is not divided out */

struct theta_opt {
    int64_t period;
};

static const struct alm_opt opts[] = {
    {"period", ALM_OPT_INTEGER, offsetof(struct theta_opt, period), "1", 1, 1000000, NULL,
     "values in a season that may be there; 1: none"},
    {0},
};

struct theta {
    size_t n, period, nobs;
    bool seasonal;
    double scale;                      /* a power of two; the rest is of the series divided by it */
    double alpha, level, sigma, slope; /* slope: half of the line's */
    bool converged;
    double *index; /* [period]; 1 where there is no season */
    double *r;     /* [n] */
};

static void release(void *fit)
{
    struct theta *m = fit;
    if (!m)
        return;
    free(m->index);
    free(m->r);
    free(m);
}

/* Set M->seasonal, and its index; false: no memory. */
static bool find_season(struct theta *m, const double *y)
{
    const size_t s = m->period;
    double others = 0;
    if (s < 2 || m->n / 2 < s || m->n <= 2 * s || series_constant(y, m->n))
        return true;
    double *r = malloc(s * sizeof *r);
    if (!r || !series_acf(y, m->n, s, r)) {
        free(r);
        return false;
    }
    for (size_t k = 0; k + 1 < s; k++)
        others += r[k] * r[k];
    const double error = sqrt((1 + 2 * others) / (double)m->n);
    m->seasonal = fabs(r[s - 1]) / error > gsl_cdf_ugaussian_Pinv(0.95) && series_seasonal_index(y, m->n, s, m->index);
    free(r);
    for (size_t j = 0; j < s && m->seasonal; j++)
        m->seasonal = fabs(m->index[j]) >= LEAST_INDEX;
    for (size_t j = 0; j < s && !m->seasonal; j++)
        m->index[j] = 1;
    return true;
}

static double line_slope(const double *y, size_t n)
{
    const double middle = ((double)n - 1) / 2;
    double above = 0, below = 0;
    for (size_t i = 0; i < n; i++) {
        above += ((double)i - middle) * (y[i] - y[0]);
        below += ((double)i - middle) * ((double)i - middle);
    }
    return below > 0 ? above / below : 0;
}

static int smooth(struct theta *m, const double *y, struct alm_err *e)
{
    const struct ets_form form = {.error = ETS_ADDITIVE, .period = 1};
    /* As thetaf: of a short series with two good answers, alpha near 0 and near 1, the search decides which. */
    const struct ets_wish wish = {{NAN, NAN, NAN, NAN}, ETS_SIMPLEX_SQUARES};
    struct ets *ets;
    ALM_TRY(ets_fit(&form, &wish, y, m->n, &ets, e));
    m->alpha = ets->parameter.alpha > 1e-10 ? ets->parameter.alpha : 1e-10;
    m->converged = ets->converged;
    int code = ets_forecast(ets, 1, &m->level, &m->sigma, e);
    if (code >= 0 && !ets_residuals(ets, y, m->n, m->r))
        code = alm_fail(e, ALM_ENOMEM, "out of memory for %zu residuals", m->n);
    ets_free(ets);
    return code;
}

static int fit_filled(struct theta *m, double *y, struct alm_err *e)
{
    m->scale = series_scale(y, m->n);
    if (m->scale > TINY && m->scale < LARGE) /* the search depends on units a little, so these are kept */
        m->scale = 1;
    for (size_t i = 0; i < m->n; i++)
        y[i] /= m->scale;
    if (!find_season(m, y))
        return alm_fail(e, ALM_ENOMEM, "out of memory for a season of %zu values", m->period);
    for (size_t i = 0; i < m->n; i++)
        y[i] /= m->index[i % m->period];
    m->slope = line_slope(y, m->n) / 2;
    ALM_TRY(smooth(m, y, e));
    for (size_t i = 0; i < m->n; i++)
        m->r[i] *= m->index[i % m->period] * m->scale;
    return ALM_OK;
}

static int fit(const void *opt, const double *y, size_t n, void **out, struct alm_err *e)
{
    const struct theta_opt *o = opt;
    struct theta *m = calloc(1, sizeof *m);
    double *filled = malloc((n + 1) * sizeof *filled);
    int code = ALM_OK;
    if (m) {
        *m = (struct theta){.n = n, .period = (size_t)o->period};
        m->index = malloc(m->period * sizeof *m->index);
        m->r = malloc((n + 1) * sizeof *m->r);
    }
    if (!m || !filled || !m->index || !m->r) {
        code = alm_fail(e, ALM_ENOMEM, "out of memory for a series of %zu values", n);
    } else if ((m->nobs = series_finite(y, n, filled)) == 0) {
        code = alm_fail(e, ALM_EDATA, "a series of %zu values, none of them finite: there is nothing to go on", n);
    } else if (!series_fill(y, n, m->period, filled)) {
        code = alm_fail(e, ALM_ENOMEM, "out of memory for a series of %zu values", n);
    } else {
        for (size_t j = 0; j < m->period; j++)
            m->index[j] = 1;
        code = fit_filled(m, filled, e);
    }
    for (size_t i = 0; code >= 0 && i < n; i++)
        m->r[i] = isfinite(y[i]) ? m->r[i] : NAN;
    free(filled);
    if (code < 0)
        release(m);
    else
        *out = m;
    return code;
}

static void report(const void *fitted, struct series_report *out)
{
    const struct theta *m = fitted;
    *out = (struct series_report){
        .period = m->seasonal ? (int)m->period : 0,
        .coefficients = 2,
        .coefficient = {{"alpha", m->alpha, NAN}, {"drift", m->slope * m->scale, NAN}},
        .sigma2 = m->sigma * m->sigma * m->scale * m->scale,
        .loglik = NAN,
        .aic = NAN,
        .aicc = NAN,
        .bic = NAN,
        .nobs = m->nobs,
        .converged = m->converged,
    };
    snprintf(out->words, sizeof out->words, m->seasonal ? "theta[%zu]" : "theta", m->period);
}

static int forecast(const void *fitted, struct series_forecast *out, struct alm_err *e)
{
    const struct theta *m = fitted;
    const double start = (1 - pow(1 - m->alpha, (double)m->n)) / m->alpha;
    (void)e;
    for (size_t h = 0; h < out->h; h++) {
        const double line = m->level + m->slope * ((double)h + start);
        out->mean[h] = line * m->index[(m->n + h) % m->period] * m->scale;
        out->se[h] = m->sigma * sqrt((double)h * m->alpha * m->alpha + 1) * m->scale;
    }
    series_limits(out, INFINITY);
    return ALM_OK;
}

static void residuals(const void *fitted, double *r)
{
    const struct theta *m = fitted;
    memcpy(r, m->r, m->n * sizeof *r);
}

const struct series_model alm_series_theta = {
    .name = "theta",
    .summary = "exponential smoothing plus half the slope of the line",
    .source = "Assimakopoulos and Nikolopoulos (2000); thetaf of R's forecast",
    .opts = opts,
    .opt_size = sizeof(struct theta_opt),
    .fit = fit,
    .report = report,
    .forecast = forecast,
    .residuals = residuals,
    .free = release,
};
