/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_likelihood: the exact recursion without gaps, conditional errors, and generalised least squares. */
#include "arima_likelihood.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEADY 1e-12

void arima_log_add(struct arima_log *s, double f)
{
    s->product *= f;
    if (!(s->product < 0x1p500 && s->product > 0x1p-500)) {
        int e;
        s->product = frexp(s->product, &e);
        s->exponent += e;
    }
}

double arima_log_sum(const struct arima_log *s)
{
    return log(s->product) + (double)s->exponent * 0.69314718055994530942;
}

/* ---- memory ---- */

static double *take(double **at, size_t n)
{
    double *out = *at;
    *at += n;
    return out;
}

static void take_taps(struct arima_taps *t, double **at, size_t **lag, size_t n)
{
    t->count = 0;
    t->value = take(at, n);
    t->lag = *lag;
    *lag += n;
}

bool arima_work_make(struct arima_work *k, const struct arima_order *o, size_t n, size_t columns)
{
    *k = (struct arima_work){.order = *o, .n = n, .columns = columns};
    k->p = arima_ar_degree(o);
    k->q = arima_ma_degree(o);
    k->r = k->p > k->q + 1 ? k->p : k->q + 1;
    k->lost = arima_lost(o);
    k->m = k->r + k->lost;
    const size_t r = k->r, m = k->m, lags = k->p + k->q + 2;
    const size_t doubles = 10 * r + 2 * k->lost + columns * (n + m + columns + 1) + 2 * m * m + 4 * m + 6 * lags + 8;
    k->block = calloc(1, doubles * sizeof(double) + (2 * r + k->lost) * sizeof(size_t));
    if (!k->block)
        return false;
    double *at = k->block;
    size_t *lag = (size_t *)(void *)(at + doubles);
    k->phi = take(&at, r);
    k->theta = take(&at, r);
    k->delta = take(&at, k->lost);
    take_taps(&k->ar, &at, &lag, r);
    take_taps(&k->ma, &at, &lag, r);
    take_taps(&k->diff, &at, &lag, k->lost);
    k->v = take(&at, columns * n);
    k->x = take(&at, columns * m);
    k->P = take(&at, m * m);
    k->P_inf = take(&at, m * m);
    k->M = take(&at, m);
    k->K0 = take(&at, m);
    k->row = take(&at, m);
    k->K = take(&at, r + 1);
    k->L = take(&at, r + 1);
    k->TL = take(&at, r + 1);
    k->pacf = take(&at, r);
    k->rho = take(&at, lags);
    k->gamma = take(&at, lags);
    k->theta_acf = take(&at, lags);
    k->scratch = take(&at, 2 * lags);
    k->cross = take(&at, columns * columns);
    k->beta = take(&at, columns);
    arima_delta(o, k->delta);
    arima_find_taps(&k->diff, k->delta, k->lost);
    return true;
}

void arima_work_free(struct arima_work *k)
{
    free(k->block);
    *k = (struct arima_work){0};
}

/* ---- coefficients and the stationary start ---- */

/* RHO[lags]: autocovariances of the AR part driven by unit shocks. Overwrites pacf. */
static bool ar_autocovariances(struct arima_work *k, size_t lags)
{
    double *coefficient = k->scratch, *work = k->scratch + k->p;
    if (!arima_to_pacf(k->phi, k->p, k->pacf, work))
        return false;
    double variance = 1;
    for (size_t j = 0; j < k->p; j++)
        variance *= (1 - k->pacf[j]) * (1 + k->pacf[j]);
    if (!(variance > DBL_MIN))
        return false;
    variance = 1 / variance;
    double left = 1; /* product of 1 - pacf^2 so far: the one-step error's share of the variance */
    k->rho[0] = variance;
    for (size_t lag = 1; lag < lags; lag++) {
        const size_t order = lag <= k->p ? lag - 1 : k->p;
        const double *a = lag <= k->p ? coefficient : k->phi;
        double sum = 0;
        for (size_t j = 1; j <= order; j++)
            sum += a[j - 1] * k->rho[lag - j];
        if (lag <= k->p) {
            const double r = k->pacf[lag - 1];
            sum += r * left * variance;
            left *= (1 - r) * (1 + r);
            for (size_t j = 0; j + 1 < lag; j++)
                work[j] = coefficient[j] - r * coefficient[lag - 2 - j];
            memcpy(coefficient, work, (lag - 1) * sizeof *work);
            coefficient[lag - 1] = r;
        }
        k->rho[lag] = sum;
    }
    return true;
}

/* gamma[0 .. p] of the ARMA process, from those of its AR part. */
static bool autocovariances(struct arima_work *k)
{
    const size_t q = k->q, lags = k->p + q + 1;
    if (!ar_autocovariances(k, lags))
        return false;
    for (size_t m = 0; m <= q; m++) {
        double sum = m ? k->theta[m - 1] : 1;
        for (size_t i = 1; i + m <= q; i++)
            sum += k->theta[i - 1] * k->theta[i + m - 1];
        k->theta_acf[m] = sum;
    }
    for (size_t lag = 0; lag <= k->p; lag++) {
        double sum = k->theta_acf[0] * k->rho[lag];
        for (size_t m = 1; m <= q; m++)
            if (k->theta_acf[m] != 0)
                sum += k->theta_acf[m] * (k->rho[lag + m] + k->rho[lag > m ? lag - m : m - lag]);
        k->gamma[lag] = sum;
    }
    k->gamma0 = k->gamma[0];
    return k->gamma0 > 0 && isfinite(k->gamma0);
}

bool arima_work_set(struct arima_work *k, const double *x)
{
    arima_expand(&k->order, x, k->phi, k->theta);
    arima_find_taps(&k->ar, k->phi, k->p);
    arima_find_taps(&k->ma, k->theta, k->q);
    if (!autocovariances(k))
        return false;
    double *psi = k->rho; /* no longer needed */
    arima_psi(k->phi, k->p, k->theta, k->q, psi, k->r + 1);
    return true;
}

/* Covariance of element I of the state, AHEAD steps on, with the present value: sum over lags beyond it. */
static double with_present(const struct arima_work *k, size_t i, size_t ahead)
{
    const double *psi = k->rho;
    double sum = 0;
    for (size_t j = i + 1; j <= k->p; j++)
        sum += k->phi[j - 1] * k->gamma[j - i - ahead];
    for (size_t j = i + ahead; j <= k->q; j++)
        sum += (j ? k->theta[j - 1] : 1) * psi[j - i - ahead];
    return sum;
}

void arima_start_covariance(const struct arima_work *k, double *P, size_t stride)
{
    const size_t r = k->r;
    for (size_t i = 0; i < r; i++)
        P[i * stride] = P[i] = i ? with_present(k, i, 0) : k->gamma0;
    for (size_t i = r - 1; i >= 1; i--)
        for (size_t j = i; j >= 1; j--) {
            double sum = k->theta[i - 1] * k->theta[j - 1] + k->phi[i] * k->phi[j] * k->gamma0;
            if (j + 1 < r)
                sum += k->phi[i] * P[j + 1];
            if (i + 1 < r)
                sum += k->phi[j] * P[i + 1];
            if (i + 1 < r && j + 1 < r)
                sum += P[(i + 1) * stride + j + 1];
            P[i * stride + j] = P[j * stride + i] = sum;
        }
}

/* ---- exact, without gaps ---- */

/* x <- T x + GAIN v of the ARMA state. */
static void step_state(const struct arima_work *k, double *x, const double *gain, double v)
{
    const double first = x[0];
    const size_t r = k->r;
    for (size_t i = 0; i + 1 < r; i++)
        x[i] = x[i + 1] + k->phi[i] * first + gain[i] * v;
    x[r - 1] = k->phi[r - 1] * first + gain[r - 1] * v;
}

/* Rows FROM .. n of one column once F is 1: errors by lags, state by steps at both ends. */
static void steady_column(const struct arima_work *k, const double *w, size_t from, size_t n, double *v, double *x)
{
    const size_t r = k->r;
    size_t t = from;
    for (; t < n && t < from + r; t++) {
        v[t] = w[t] - x[0];
        step_state(k, x, k->K, v[t]);
    }
    if (t == n)
        return;
    arima_recur(&k->ar, &k->ma, w, t, n, v);
    for (size_t i = 0; i < r; i++) {
        double sum = 0;
        for (size_t j = i + 1; j <= k->p; j++)
            sum += k->phi[j - 1] * w[n + i - j];
        for (size_t j = i + 1; j <= k->q; j++)
            sum += k->theta[j - 1] * v[n + i - j];
        x[i] = sum;
    }
}

struct chandrasekhar {
    double F, M;
};

/* One step of F, K, L, M. */
static void step_gain(struct arima_work *k, struct chandrasekhar *s)
{
    const size_t r = k->r;
    const double first = k->L[0], share = first / s->F, ml = s->M * first, next = s->F + ml * first;
    for (size_t i = 0; i < r; i++) { /* L has a zero beyond its end */
        const double tl = k->L[i + 1] + k->phi[i] * first;
        k->L[i] = tl - k->K[i] * share;
        k->K[i] += ml * tl;
    }
    s->M -= ml * ml / next;
    s->F = next;
}

static void start_gain(struct arima_work *k, struct chandrasekhar *s)
{
    for (size_t i = 0; i < k->r; i++)
        k->K[i] = k->L[i] = with_present(k, i, 1);
    k->L[k->r] = 0;
    s->F = k->gamma0;
    s->M = -1 / s->F;
}

/* P <- P + M L L', before the step that changes them. */
static void add_change(struct arima_work *k, double M)
{
    for (size_t i = 0; i < k->r; i++)
        for (size_t j = 0; j < k->r; j++)
            k->P[i * k->m + j] += M * k->L[i] * k->L[j];
}

static void steady_covariance(struct arima_work *k)
{
    for (size_t i = 0; i < k->r; i++)
        for (size_t j = 0; j < k->r; j++)
            k->P[i * k->m + j] = (i ? k->theta[i - 1] : 1) * (j ? k->theta[j - 1] : 1);
}

static bool exact(struct arima_work *k, const struct arima_columns *c, bool want_covariance)
{
    struct chandrasekhar s;
    struct arima_log det = {1, 0};
    const size_t n = c->n;
    size_t t = 0;
    memset(k->x, 0, c->count * k->m * sizeof *k->x);
    start_gain(k, &s);
    if (want_covariance) {
        memset(k->P, 0, k->m * k->m * sizeof *k->P);
        arima_start_covariance(k, k->P, k->m);
    }
    for (; t < n && s.F - 1 >= STEADY; t++) {
        const double root = sqrt(s.F), inverse = 1 / s.F;
        for (size_t j = 0; j < c->count; j++) {
            double *x = k->x + j * k->m;
            const double v = c->at[j * n + t] - x[0];
            k->v[j * n + t] = v / root;
            step_state(k, x, k->K, v * inverse);
        }
        arima_log_add(&det, s.F);
        if (want_covariance)
            add_change(k, s.M);
        step_gain(k, &s);
        if (!(s.F > 0.5))
            return false;
    }
    k->log_det = arima_log_sum(&det);
    k->count = n;
    if (t < n) {
        for (size_t i = 0; i < k->r; i++)
            k->K[i] = k->phi[i] + (i < k->q ? k->theta[i] : 0);
        for (size_t j = 0; j < c->count; j++)
            steady_column(k, c->at + j * n, t, n, k->v + j * n, k->x + j * k->m);
        if (want_covariance)
            steady_covariance(k);
    }
    return isfinite(k->log_det);
}

bool arima_end(struct arima_work *k, const struct arima_columns *c)
{
    return exact(k, c, true);
}

/* ---- conditional ---- */

/* Rows FROM .. TO of one column; the first errors have fewer before them. */
static void left_over(const struct arima_work *k, const double *w, size_t from, size_t to, double *v)
{
    for (; from < to && from < k->q; from++) {
        double e = w[from];
        for (size_t i = 0; i < k->ar.count; i++)
            e -= k->ar.value[i] * w[from - k->ar.lag[i]];
        for (size_t i = 0; i < k->ma.count; i++)
            if (from >= k->ma.lag[i])
                e -= k->ma.value[i] * v[from - k->ma.lag[i]];
        v[from] = e;
    }
    arima_recur(&k->ar, &k->ma, w, from, to, v);
}

/* Stretch by stretch of rows that have an error; elsewhere it is 0. */
static void conditional(struct arima_work *k, const struct arima_columns *c, bool bridge)
{
    const size_t n = c->n, skip = k->p; /* what differencing lost is not in the columns */
    const double *mask = c->at;
    k->log_det = 0;
    k->count = 0;
    memset(k->v, 0, c->count * n * sizeof *k->v);
    for (size_t t = 0; t < n;) {
        size_t end = t;
        while (end < n && !isnan(mask[end]))
            end++;
        const size_t from = t + skip; /* whole lags before it */
        if (from < end) {
            for (size_t j = 0; j < c->count; j++)
                left_over(k, c->at + j * n, from, end, k->v + j * n);
            k->count += end - from;
        }
        if (k->q > 0 && !bridge)
            break; /* after a gap no error is known */
        t = end + 1;
    }
}

bool arima_filter_columns(struct arima_work *k, enum arima_way way, const struct arima_columns *c)
{
    k->done++;
    switch (way) {
    case ARIMA_EXACT:
        return exact(k, c, false);
    case ARIMA_GAPS:
        return arima_gaps(k, c);
    case ARIMA_CONDITIONAL:
    case ARIMA_BRIDGED:
        conditional(k, c, way == ARIMA_BRIDGED);
        return k->count > 0;
    }
    return false;
}

/* ---- generalised least squares ---- */

bool arima_solve(double *a, size_t n, double *b)
{
    for (size_t i = 0; i < n; i++) {
        const double whole = a[i * n + i];
        for (size_t j = 0; j <= i; j++) {
            double sum = a[i * n + j];
            for (size_t l = 0; l < j; l++)
                sum -= a[i * n + l] * a[j * n + l];
            if (i != j)
                a[i * n + j] = sum / a[j * n + j];
            else if (!(sum > 1e-14 * whole))
                return false;
            else
                a[i * n + i] = sqrt(sum);
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t l = 0; l < i; l++)
            b[i] -= a[i * n + l] * b[l];
        b[i] /= a[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t l = i + 1; l < n; l++)
            b[i] -= a[l * n + i] * b[l];
        b[i] /= a[i * n + i];
    }
    return true;
}

double arima_gls(struct arima_work *k, const struct arima_columns *c, double *beta, bool fixed_beta)
{
    const size_t n = c->n, regressors = c->count - 1;
    if (regressors && !fixed_beta) {
        for (size_t i = 0; i < regressors; i++) {
            const double *vi = k->v + (i + 1) * n;
            beta[i] = arima_dot(vi, k->v, n);
            for (size_t j = 0; j <= i; j++)
                k->cross[i * regressors + j] = k->cross[j * regressors + i] = arima_dot(vi, k->v + (j + 1) * n, n);
        }
        if (!arima_solve(k->cross, regressors, beta))
            return NAN;
    }
    for (size_t i = 0; i < regressors; i++)
        for (size_t t = 0; t < n; t++)
            k->v[t] -= beta[i] * k->v[(i + 1) * n + t];
    return arima_dot(k->v, k->v, n);
}
