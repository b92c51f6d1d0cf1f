/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_recursion: passes over rows. */
#include "arima_recursion.h"

#include <string.h>

#define NEAR 8     /* lags below it go one row after the other */
#define ROWS 256UL /* of a block: they stay in the cache */

void arima_find_taps(struct arima_taps *t, const double *a, size_t n)
{
    t->count = 0;
    for (size_t j = n; j >= 1; j--)
        if (a[j - 1] != 0) {
            t->lag[t->count] = j;
            t->value[t->count++] = a[j - 1];
        }
}

void arima_subtract(double *restrict to, double by, const double *restrict x, size_t n)
{
    size_t t = 0;
    for (; t + 4 <= n; t += 4) {
        to[t] -= by * x[t];
        to[t + 1] -= by * x[t + 1];
        to[t + 2] -= by * x[t + 2];
        to[t + 3] -= by * x[t + 3];
    }
    for (; t < n; t++)
        to[t] -= by * x[t];
}

/* v_t -= sum of A[lag] v_{t-lag}, lag 1 .. MOST. */
static void subtract_near(double *v, const double *a, size_t most, size_t from, size_t to)
{
    if (most == 0)
        return;
    double last = v[from - 1];
    if (most == 1) {
        for (size_t t = from; t < to; t++)
            v[t] = last = v[t] - a[1] * last;
    } else if (most == 2) {
        double before = v[from - 2];
        for (size_t t = from; t < to; t++) {
            const double e = (v[t] - a[2] * before) - a[1] * last;
            before = last;
            v[t] = last = e;
        }
    } else {
        for (size_t t = from; t < to; t++) {
            double e = v[t];
            for (size_t lag = most; lag > 1; lag--)
                e -= a[lag] * v[t - lag];
            v[t] = last = e - a[1] * last;
        }
    }
}

void arima_recur(const struct arima_taps *ar, const struct arima_taps *ma, const double *w, size_t from, size_t to,
                 double *v)
{
    double near[NEAR] = {0};
    size_t far = 0, most = 0, rows = ROWS;
    for (; far < ma->count && ma->lag[far] >= NEAR; far++)
        rows = ma->lag[far] < rows ? ma->lag[far] : rows;
    for (size_t i = far; i < ma->count; i++) {
        near[ma->lag[i]] = ma->value[i];
        most = ma->lag[i] > most ? ma->lag[i] : most;
    }
    for (size_t end; from < to; from = end) {
        end = to - from < rows ? to : from + rows;
        memcpy(v + from, w + from, (end - from) * sizeof *v);
        for (size_t i = 0; i < ar->count; i++)
            arima_subtract(v + from, ar->value[i], w + from - ar->lag[i], end - from);
        for (size_t i = 0; i < far; i++)
            arima_subtract(v + from, ma->value[i], v + from - ma->lag[i], end - from);
        subtract_near(v, near, most, from, end);
    }
}

double arima_dot(const double *a, const double *b, size_t n)
{
    double lane[4] = {0};
    size_t t = 0;
    for (; t + 4 <= n; t += 4) {
        lane[0] += a[t] * b[t];
        lane[1] += a[t + 1] * b[t + 1];
        lane[2] += a[t + 2] * b[t + 2];
        lane[3] += a[t + 3] * b[t + 3];
    }
    for (; t < n; t++)
        lane[0] += a[t] * b[t];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}
