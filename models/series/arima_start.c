/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_start: Hannan and Rissanen's regression, and typical coefficients.
 *
 * Source.   E. J. Hannan, J. Rissanen, "Recursive estimation of mixed autoregressive-moving average order", Biometrika 69 (1982). */
#include "arima_start.h"

#include "arima_likelihood.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Coefficients A[m] of an autoregression by Levinson's recursion from the autocovariances G[m + 1]; false: nothing varies. */
static bool levinson(const double *g, size_t m, double *a, double *work)
{
    double left = g[0];
    if (!(left > 0))
        return false;
    for (size_t k = 1; k <= m; k++) {
        double sum = g[k];
        for (size_t j = 1; j < k; j++)
            sum -= a[j - 1] * g[k - j];
        const double r = sum / left;
        for (size_t j = 1; j < k; j++)
            work[j - 1] = a[j - 1] - r * a[k - j - 1];
        memcpy(a, work, (k - 1) * sizeof *a);
        a[k - 1] = r;
        left *= (1 - r) * (1 + r);
        if (!(left > 1e-12 * g[0]))
            return false;
    }
    return true;
}

/* E[n]: errors of an autoregression of order M, 0 before it has its lags. WORK[3 m + 2]. */
static bool long_errors(const double *w, size_t n, size_t m, double *e, double *work)
{
    double *g = work, *a = g + m + 1;
    for (size_t lag = 0; lag <= m; lag++)
        g[lag] = arima_dot(w + lag, w, n - lag);
    if (!levinson(g, m, a, a + m))
        return false;
    for (size_t t = 0; t < n; t++)
        e[t] = t < m ? 0 : w[t];
    for (size_t lag = 1; lag <= m; lag++)
        arima_subtract(e + m, a[lag - 1], w + m - lag, n - m);
    return true;
}

struct lagged {
    size_t count, longest;
    size_t lag[ARIMA_ARMA];
    bool of_error[ARIMA_ARMA];
};

static void list_lags(const struct arima_order *o, struct lagged *l)
{
    size_t count[ARIMA_BLOCKS];
    arima_blocks(o, count);
    *l = (struct lagged){0};
    for (size_t b = 0; b < ARIMA_BLOCKS; b++)
        for (size_t i = 1; i <= count[b]; i++) {
            const size_t lag = b < 2 ? i : i * o->s;
            l->lag[l->count] = lag;
            l->of_error[l->count++] = b % 2;
            l->longest = lag > l->longest ? lag : l->longest;
        }
}

bool arima_hannan_rissanen(const struct arima_order *o, const double *w, size_t n, size_t number, double *x)
{
    static const double length[] = {10, 4, 20};
    struct lagged l;
    list_lags(o, &l);
    const size_t k = l.count, wanted = (size_t)(length[number % 3] * log10((double)n + 1)) + o->s * (o->P + o->Q > 0);
    const size_t m = wanted < n / 4 ? wanted : n / 4, from = m + l.longest;
    if (k == 0 || m == 0 || from + 2 * k + 2 > n)
        return false;
    double *block = calloc(n + 3 * m + 2 + k * k + k, sizeof *block);
    if (!block)
        return false;
    double *e = block, *A = e + n + 3 * m + 2;
    bool sound = long_errors(w, n, m, e, e + n);
    const double *column[ARIMA_ARMA];
    for (size_t i = 0; i < k; i++)
        column[i] = (l.of_error[i] ? e : w) + from - l.lag[i];
    for (size_t i = 0; i < k && sound; i++) {
        x[i] = arima_dot(column[i], w + from, n - from);
        for (size_t j = 0; j <= i; j++)
            A[i * k + j] = A[j * k + i] = arima_dot(column[i], column[j], n - from);
    }
    for (size_t i = 0; i < k; i++)
        A[i * k + i] *= 1 + 1e-8;
    sound = sound && arima_solve(A, k, x);
    free(block);
    return sound;
}

/* Partial autocorrelations all over +-0.9: multiples of square roots of numbers that are no squares, less their whole part. */
static bool scattered(const size_t count[ARIMA_BLOCKS], size_t number, double *x)
{
    size_t at = 0;
    for (size_t b = 0; b < ARIMA_BLOCKS; at += count[b++]) {
        double pacf[ARIMA_ORDER], phi[ARIMA_ORDER], work[ARIMA_ORDER], whole;
        for (size_t i = 0; i < count[b]; i++)
            pacf[i] = 1.8 * modf((double)(number + 1) * sqrt((double)(4 * (at + i) + 2)), &whole) - 0.9;
        arima_from_pacf(pacf, count[b], phi, work);
        for (size_t i = 0; i < count[b]; i++)
            x[at + i] = b % 2 ? -phi[i] : phi[i];
    }
    return at > 1;
}

/* First two coefficients of a block. */
struct typical {
    double first[ARIMA_BLOCKS], second[ARIMA_BLOCKS];
};

bool arima_typical_start(const struct arima_order *o, size_t number, double *x)
{
    static const struct typical list[] = {
        {{0.1, 0.1, 0.1, -0.1}, {0}},
        {{0.7, -0.9, 0.3, -0.6}, {0}},
        {{0.9, -0.4, 0.5, -0.3}, {0}},
        {{-0.5, 0.7, 0.2, -0.8}, {0}},
        {{-0.7, -0.5, -0.3, 0.3}, {0}},
        {{0.3, 0.3, -0.6, 0.6}, {-0.7, 0.7, 0, 0}},
        {{0.2, -0.2, 0.7, 0.7}, {0.7, -0.7, 0, 0}},
        {{1.2, -1.2, -0.6, -0.8}, {-0.5, 0.5, 0, 0}},
        {{-1.2, 1.2, 0.6, -0.3}, {-0.5, 0.5, 0, 0}},
        {{0.2, 0.4, 0.8, -0.9}, {0.7, 0.7, 0, 0}},
    };
    const size_t simple = 5, all = sizeof list / sizeof list[0];
    size_t count[ARIMA_BLOCKS], at = 0;
    arima_blocks(o, count);
    if (number >= (o->p > 1 || o->q > 1 || o->P + o->Q > 1 ? all : simple))
        return scattered(count, number, x);
    memset(x, 0, arima_coefficients(o) * sizeof *x);
    for (size_t b = 0; b < ARIMA_BLOCKS; at += count[b++]) {
        if (count[b])
            x[at] = list[number].first[b];
        if (count[b] > 1)
            x[at + 1] = list[number].second[b];
    }
    return true;
}
