/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_data: checks, trimming, regressors, differencing, orthogonal columns. */
#include "arima_data.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TWO_PI 6.283185307179586476925

#define LARGEST 1e140   /* beyond it squares and sums of them overflow */
#define COLLINEAR 1e-10 /* what is left of a column, relative to it */
#define ROUNDING 1e-14  /* what is left of a series that is explained, relative to it */

size_t arima_spec_coefficients(const struct arima_spec *spec)
{
    return arima_coefficients(&spec->order) + spec->mean + spec->drift + 2 * spec->fourier + spec->regressors;
}

double arima_regressor(const struct arima_spec *spec, size_t j, size_t t, const double *columns, size_t n, size_t from)
{
    if (spec->mean && j-- == 0)
        return 1;
    if (spec->drift && j-- == 0)
        return (double)t;
    if (j < 2 * spec->fourier) {
        const size_t s = spec->order.s, turn = (j / 2 + 1) * (t % s) % s;
        const double angle = TWO_PI * (double)turn / (double)s;
        return j % 2 ? sin(angle) : cos(angle);
    }
    return columns[(j - 2 * spec->fourier) * n + t - from];
}

static int check(const struct arima_spec *spec, const double *y, size_t n, struct arima_data *a, struct alm_err *e)
{
    size_t last = 0;
    a->first = n;
    for (size_t t = 0; t < n; t++) {
        if (isnan(y[t]))
            continue;
        if (!(fabs(y[t]) <= LARGEST))
            return alm_fail(e, ALM_EDATA,
                            "value %zu is %g: infinite, or its square is too large a number; it must be within +-%g",
                            t + 1, y[t], LARGEST);
        a->first = a->first < t ? a->first : t;
        last = t;
        a->seen++;
    }
    if (!a->seen)
        return alm_fail(e, ALM_EDATA, "none of the %zu values is known: all are missing", n);
    a->n = last + 1 - a->first;
    a->after = n - 1 - last;
    a->gaps = a->seen < a->n;
    const size_t lost = arima_lost(&spec->order);
    if (a->seen <= lost)
        return alm_fail(e, ALM_EINVAL,
                        "differencing takes %zu values and the series has %zu: too few; lower d, D or the period", lost,
                        a->seen);
    a->nobs = a->seen - lost;
    for (size_t i = 0; i < spec->regressors * n; i++)
        if (!isfinite(spec->regressor[i]) || fabs(spec->regressor[i]) > LARGEST)
            return alm_fail(e, ALM_EDATA, "regressor %zu is %g at row %zu: regressors must be known and finite",
                            i / n + 1, spec->regressor[i], i % n + 1);
    return ALM_OK;
}

static void difference(double *w, size_t n, const double *y, const struct arima_order *o, const double *delta)
{
    const size_t lost = arima_lost(o);
    for (size_t t = 0; t + lost < n; t++) {
        double sum = y[t + lost];
        for (size_t j = 1; j <= lost; j++)
            if (delta[j - 1] != 0)
                sum -= delta[j - 1] * y[t + lost - j];
        w[t] = sum;
    }
}

static double over(const double *a, const double *b, const double *mask, size_t n)
{
    double sum = 0;
    for (size_t t = 0; t < n; t++)
        if (!isnan(mask[t]))
            sum += a[t] * b[t];
    return sum;
}

static void subtract(double *y, double by, const double *x, size_t n)
{
    for (size_t t = 0; t < n; t++)
        y[t] -= by * x[t];
}

static void divide(double *y, double by, size_t n)
{
    for (size_t t = 0; t < n; t++)
        y[t] /= by;
}

/* Both forms of column J, less BY times column I. */
static void subtract_column(struct arima_data *a, double *level, double *diff, size_t j, double by, size_t i)
{
    subtract(level + j * a->n, by, level + i * a->n, a->n);
    if (diff != level)
        subtract(diff + j * a->differenced.n, by, diff + i * a->differenced.n, a->differenced.n);
}

static void divide_column(struct arima_data *a, double *level, double *diff, size_t j, double by)
{
    divide(level + j * a->n, by, a->n);
    if (diff != level)
        divide(diff + j * a->differenced.n, by, a->differenced.n);
}

/* Gram and Schmidt, twice, on the differenced columns; the series last. Where gaps take differences away the columns are made orthogonal over all
 * rows: the likelihood sees what is left of them. */
static int orthogonal(struct arima_data *a, double *level, double *diff, struct alm_err *e)
{
    const size_t n = a->differenced.n, k = a->active;
    const bool all = a->gaps && diff != level;
    for (size_t j = 1; j <= k; j++) {
        const double *mask = all ? diff + j * n : diff;
        const double whole = sqrt(over(diff + j * n, diff + j * n, mask, n));
        for (int pass = 0; pass < 2; pass++)
            for (size_t i = 1; i < j; i++) {
                const double by = over(diff + i * n, diff + j * n, mask, n);
                a->R[(i - 1) * k + j - 1] += by;
                subtract_column(a, level, diff, j, by, i);
            }
        const double left = sqrt(over(diff + j * n, diff + j * n, mask, n));
        if (!(left > COLLINEAR * whole))
            return alm_fail(
                e, ALM_EINVAL,
                "regressor %zu (counting mean, drift and Fourier terms) is, after differencing, zero or a combination "
                "of those before it: leave it out",
                a->which[j - 1] + 1);
        a->R[(j - 1) * k + j - 1] = left;
        divide_column(a, level, diff, j, left);
    }
    for (int pass = 0; pass < (all ? 20 : 2); pass++)
        for (size_t i = 1; i <= k; i++) {
            const double by = over(diff + i * n, diff, diff, n);
            a->ordinary[i - 1] += by;
            subtract_column(a, level, diff, 0, by, i);
        }
    return ALM_OK;
}

/* X with R X = B in place. */
static void back(const double *R, size_t k, double *b)
{
    for (size_t i = k; i-- > 0;) {
        for (size_t j = i + 1; j < k; j++)
            b[i] -= R[i * k + j] * b[j];
        b[i] /= R[i * k + i];
    }
}

void arima_data_beta(const struct arima_data *a, const double *beta, double *out)
{
    double more[SERIES_COEFFICIENTS];
    for (size_t i = 0; i < a->active; i++)
        more[i] = beta[i] * a->scale;
    back(a->R, a->active, more);
    memcpy(out, a->given, a->regressors * sizeof *out);
    for (size_t i = 0; i < a->active; i++)
        out[a->which[i]] = a->ordinary[i] + more[i];
}

static double largest(const double *y, size_t n)
{
    double most = 0;
    for (size_t t = 0; t < n; t++)
        most = fabs(y[t]) > most ? fabs(y[t]) : most;
    return most;
}

static double root_mean_square(const double *y, size_t n, size_t *count)
{
    const double most = largest(y, n);
    double sum = 0;
    *count = 0;
    for (size_t t = 0; t < n; t++)
        if (!isnan(y[t])) {
            sum += most > 0 ? y[t] / most * (y[t] / most) : 0;
            ++*count;
        }
    return *count ? most * sqrt(sum / (double)*count) : 0;
}

static double range(const double *y, size_t n)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t t = 0; t < n; t++)
        if (!isnan(y[t])) {
            low = y[t] < low ? y[t] : low;
            high = y[t] > high ? y[t] : high;
        }
    return high - low;
}

/* Column 0 to unit root mean square (unit range when gaps leave no difference), unless nothing but rounding is left of it. */
static void scale(struct arima_data *a, double *level, double *diff, double size)
{
    size_t count;
    double spread = root_mean_square(diff, a->differenced.n, &count);
    if (!count)
        spread = range(level, a->n);
    a->constant = !(spread > ROUNDING * size);
    a->scale = a->constant ? 1 : spread;
    if (!a->constant)
        divide_column(a, level, diff, 0, a->scale);
}

static void fill(struct arima_data *a, const struct arima_spec *spec, const double *y, size_t n, double *level)
{
    const size_t arma = arima_coefficients(&spec->order);
    memcpy(level, y + a->first, a->n * sizeof *level);
    for (size_t j = 0; j < a->regressors; j++) {
        const bool given = spec->fixed && !isnan(spec->fixed[arma + j]);
        a->given[j] = given ? spec->fixed[arma + j] : 0;
        double *column = given ? NULL : level + (1 + a->active) * a->n;
        if (!given)
            a->which[a->active++] = j;
        for (size_t t = 0; t < a->n; t++) {
            const double x = arima_regressor(spec, j, a->first + t + 1, spec->regressor, n, 1);
            if (given)
                level[t] -= a->given[j] * x;
            else
                column[t] = x;
        }
    }
}

int arima_data_make(struct arima_data *a, const struct arima_spec *spec, const double *y, size_t n, struct alm_err *e)
{
    *a = (struct arima_data){.scale = 1};
    a->regressors = arima_spec_coefficients(spec) - arima_coefficients(&spec->order);
    ALM_TRY(check(spec, y, n, a, e));
    const size_t k = a->regressors, lost = arima_lost(&spec->order), columns = 1 + k;
    a->block = calloc(columns * (2 * a->n) + k * k + k + lost + 1, sizeof *a->block);
    if (!a->block)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu columns of %zu values", columns, a->n);
    double *level = a->block, *diff = lost ? level + columns * a->n : level, *delta = level + 2 * columns * a->n;
    a->R = delta + lost;
    a->ordinary = a->R + k * k;
    fill(a, spec, y, n, level);
    arima_delta(&spec->order, delta);
    if (lost)
        for (size_t j = 0; j <= a->active; j++)
            difference(diff + j * (a->n - lost), a->n, level + j * a->n, &spec->order, delta);
    a->level = (struct arima_columns){a->n, 1 + a->active, level};
    a->differenced = (struct arima_columns){a->n - lost, 1 + a->active, diff};
    const double size = largest(level, a->n);
    ALM_TRY(orthogonal(a, level, diff, e));
    scale(a, level, diff, size);
    back(a->R, a->active, a->ordinary);
    return ALM_OK;
}

void arima_data_free(struct arima_data *a)
{
    free(a->block);
    *a = (struct arima_data){0};
}
