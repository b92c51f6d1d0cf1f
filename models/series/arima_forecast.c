/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_forecast: what comes next, how sure that is, and what was missed before.
 *
 * Meaning.  The state after the last value is that of the filter the likelihood uses: in a differenced series without gaps the ARMA
 *           state and the last values themselves. z_h = Z T^(h-1) gives the forecast z_h x; its variance is
 *           z_h P z_h' and the squares of the psi weights so far. Values cut off at the end count as steps ahead. */
#include "arima_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The fit's filter once more, over all rows; the state of the series less its regression, in units of scale, into X[m]. */
static bool run(const struct arima_fit *f, struct arima_work *k, double *x)
{
    const struct arima_data *a = &f->data;
    const struct arima_columns *c = a->gaps ? &a->level : &a->differenced;
    if (!arima_work_make(k, &f->spec.order, a->n, 1 + a->active))
        return false;
    if (!arima_work_set(k, f->result.coefficient))
        return false;
    if (!(a->gaps ? arima_filter_columns(k, ARIMA_GAPS, c) : arima_end(k, c)))
        return false;
    if (!a->gaps)
        for (size_t j = 0; j < c->count; j++)
            for (size_t i = 0; i < k->lost; i++)
                k->x[j * k->m + k->r + i] = a->level.at[j * a->n + a->n - 1 - i];
    memcpy(x, k->x, k->m * sizeof *x);
    for (size_t j = 1; j < c->count; j++)
        for (size_t i = 0; i < k->m; i++)
            x[i] -= f->beta[j - 1] * k->x[j * k->m + i];
    return true;
}

/* z <- z T. */
static void advance(const struct arima_work *k, double *z)
{
    const size_t r = k->r;
    const double y = k->lost ? z[r] : 0;
    double first = y;
    for (size_t i = 0; i < r; i++)
        first += z[i] * k->phi[i];
    for (size_t i = r - 1; i > 0; i--)
        z[i] = z[i - 1];
    z[0] = first;
    for (size_t j = 0; j < k->lost; j++)
        z[r + j] = y * k->delta[j] + (j + 1 < k->lost ? z[r + j + 1] : 0);
}

static double quadratic(const struct arima_work *k, const double *z)
{
    double sum = 0;
    for (size_t i = 0; i < k->m; i++) {
        double row = 0;
        for (size_t j = 0; j < k->m; j++)
            row += k->P[i * k->m + j] * z[j];
        sum += z[i] * row;
    }
    return sum > 0 ? sum : 0; /* rounding, where a root is on the circle */
}

static double regression(const struct arima_fit *f, size_t t, const double *future, size_t h)
{
    const struct arima_result *r = &f->result;
    double sum = 0;
    for (size_t j = 0; j < r->coefficients - r->arma; j++)
        sum += r->coefficient[r->arma + j] * arima_regressor(&f->spec, j, t, future, h, r->n + 1);
    return sum;
}

/* The last values, newest first, of a series whose differences are 0: gaps are filled by what went before. */
static void constant_tail(const struct arima_fit *f, const double *delta, double *last)
{
    const struct arima_data *a = &f->data;
    const size_t lost = arima_lost(&f->spec.order);
    for (size_t t = 0; t < a->n && lost; t++) {
        double y = t ? last[0] : a->level.at[0];
        for (size_t i = 0; i < lost && t >= lost; i++)
            y = (i ? y : 0) + delta[i] * last[i];
        memmove(last + 1, last, (lost - 1) * sizeof *last);
        last[0] = isnan(a->level.at[t]) ? y : a->level.at[t];
    }
    for (size_t i = 0; i < lost; i++)
        last[i] *= a->scale;
}

/* When nothing varies: the last values go on, without error. */
static void forecast_constant(const struct arima_fit *f, const double *future, size_t h, double *mean, double *se,
                              double *last)
{
    const struct arima_data *a = &f->data;
    double delta[ARIMA_DIFFERENCES * (ARIMA_PERIOD + 1)];
    const size_t lost = arima_lost(&f->spec.order);
    arima_delta(&f->spec.order, delta);
    constant_tail(f, delta, last);
    for (size_t step = 1; step <= a->after + h; step++) {
        double y = 0;
        for (size_t i = 0; i < lost; i++)
            y += delta[i] * last[i];
        if (lost) {
            memmove(last + 1, last, (lost - 1) * sizeof *last);
            last[0] = y;
        }
        if (step <= a->after)
            continue;
        const size_t i = step - a->after - 1;
        mean[i] = y + regression(f, f->result.n + 1 + i, future, h);
        se[i] = 0;
    }
}

int arima_forecast(const struct arima_fit *f, const double *future, size_t h, double *mean, double *se,
                   struct alm_err *e)
{
    struct arima_work k = {0};
    const struct arima_data *a = &f->data;
    const size_t m = arima_lost(&f->spec.order) + arima_ar_degree(&f->spec.order) + arima_ma_degree(&f->spec.order) + 1;
    double *x = calloc(2 * m, sizeof *x), *z = x ? x + m : NULL;
    if (x && f->result.constant) {
        forecast_constant(f, future, h, mean, se, x);
        free(x);
        return ALM_OK;
    }
    if (!x || !run(f, &k, x)) {
        free(x);
        arima_work_free(&k);
        return alm_fail(e, ALM_ENOMEM, "no memory to forecast %zu values", h);
    }
    const double sigma = f->result.sigma;
    double psi2 = 0; /* squares of the psi weights so far */
    z[0] = 1;
    for (size_t j = 0; j < k.lost; j++)
        z[k.r + j] = k.delta[j];
    for (size_t step = 1; step <= a->after + h; step++) {
        if (step > a->after) {
            const size_t i = step - a->after - 1;
            double sum = 0;
            for (size_t j = 0; j < k.m; j++)
                sum += z[j] * x[j];
            mean[i] = sum * a->scale + regression(f, f->result.n + 1 + i, future, h);
            se[i] = sigma * sqrt(quadratic(&k, z) + psi2);
        }
        double psi = z[0];
        for (size_t j = 1; j < k.r; j++)
            psi += z[j] * k.theta[j - 1];
        psi2 += psi * psi;
        advance(&k, z);
    }
    free(x);
    arima_work_free(&k);
    return ALM_OK;
}

int arima_residuals(const struct arima_fit *f, double *r, struct alm_err *e)
{
    const struct arima_data *a = &f->data;
    const bool css = f->spec.method == ARIMA_CSS;
    const enum arima_way way = css ? ARIMA_CONDITIONAL : a->gaps ? ARIMA_GAPS : ARIMA_EXACT;
    const struct arima_columns *c = way == ARIMA_GAPS ? &a->level : &a->differenced;
    struct arima_work k = {0};
    double beta[SERIES_COEFFICIENTS];
    memcpy(beta, f->beta, sizeof beta);
    for (size_t t = 0; t < f->result.n; t++)
        r[t] = NAN;
    const size_t shift = a->first + a->n - c->n;
    if (f->result.constant) {
        for (size_t t = 0; t < c->n; t++)
            r[shift + t] = isnan(c->at[t]) ? NAN : 0;
        return ALM_OK;
    }
    if (!arima_work_make(&k, &f->spec.order, a->n, 1 + a->active) || !arima_work_set(&k, f->result.coefficient) ||
        !arima_filter_columns(&k, way, c)) {
        arima_work_free(&k);
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu residuals", f->result.n);
    }
    arima_gls(&k, c, beta, true);
    for (size_t t = 0; t < c->n; t++)
        if (!isnan(c->at[t]))
            r[shift + t] = k.v[t] * a->scale;
    arima_work_free(&k);
    return ALM_OK;
}

int arima_last_state(const struct arima_fit *f, double *state, double *last, struct alm_err *e)
{
    struct arima_work k = {0};
    const size_t m = arima_lost(&f->spec.order) + arima_ar_degree(&f->spec.order) + arima_ma_degree(&f->spec.order) + 1;
    double *x = calloc(m, sizeof *x);
    if (x && f->result.constant) {
        const size_t p = arima_ar_degree(&f->spec.order), q = arima_ma_degree(&f->spec.order);
        double delta[ARIMA_DIFFERENCES * (ARIMA_PERIOD + 1)];
        arima_delta(&f->spec.order, delta);
        memset(state, 0, (p > q + 1 ? p : q + 1) * sizeof *state);
        constant_tail(f, delta, x);
        memcpy(last, x, arima_lost(&f->spec.order) * sizeof *last);
        free(x);
        return ALM_OK;
    }
    if (!x || !run(f, &k, x)) {
        free(x);
        arima_work_free(&k);
        return alm_fail(e, ALM_ENOMEM, "no memory for a state");
    }
    for (size_t i = 0; i < k.r; i++)
        state[i] = x[i] * f->data.scale;
    for (size_t i = 0; i < k.lost; i++)
        last[i] = x[k.r + i] * f->data.scale;
    free(x);
    arima_work_free(&k);
    return ALM_OK;
}
