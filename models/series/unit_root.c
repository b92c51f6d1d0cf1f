/* SPDX-License-Identifier: GPL-3.0-or-later
 * unit_root: see the header.
 *
 * Choice.   The long-run variance weighs lag i of l by 1 - i / (l + 1) (Bartlett). */
#include "unit_root.h"

#include "centred.h"
#include "least_squares.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t series_kpss_lag_short(size_t n)
{
    return (size_t)trunc(4 * pow((double)n / 100, 0.25));
}

size_t series_kpss_lag_ndiffs(size_t n)
{
    return (size_t)trunc(3 * sqrt((double)n) / 13);
}

/* Take the least-squares line out of E[n]. */
static void take_line_out(double *e, size_t n)
{
    const double middle = ((double)n - 1) / 2;
    double mean = 0, above = 0, below = 0;
    for (size_t i = 0; i < n; i++) {
        double t = (double)i - middle;
        mean += e[i] / (double)n;
        above += t * e[i];
        below += t * t;
    }
    for (size_t i = 0; i < n; i++)
        e[i] -= mean + ((double)i - middle) * above / below;
}

static double kpss_of_residuals(const double *e, size_t n, size_t lag)
{
    const double count = (double)n;
    double sum = 0, squares = 0, variance = 0;
    for (size_t i = 0; i < n; i++) {
        sum += e[i];
        squares += sum * sum;
        variance += e[i] * e[i];
    }
    for (size_t k = 1; k <= lag && k < n; k++) {
        double product = 0;
        for (size_t i = k; i < n; i++)
            product += e[i] * e[i - k];
        variance += 2 * (1 - (double)k / ((double)lag + 1)) * product;
    }
    return squares / (count * count) / (variance / count);
}

double series_kpss(const double *y, size_t n, bool trend, size_t lag)
{
    double *e = malloc((n + 1) * sizeof *e), statistic = NAN;
    if (!e)
        return NAN;
    const size_t used = series_finite(y, n, e);
    const struct centred c = series_centre(e, used, e);
    if (c.scale > 0 && used >= (trend ? 3 : 2)) {
        double before = 0, after = 0;
        for (size_t i = 0; i < used; i++)
            before += e[i] * e[i];
        if (trend)
            take_line_out(e, used);
        for (size_t i = 0; i < used; i++)
            after += e[i] * e[i];
        if (after > 1e-28 * before) /* what rounding leaves of a line */
            statistic = kpss_of_residuals(e, used, lag);
    }
    free(e);
    return statistic;
}

double series_kpss_p(double statistic, bool trend)
{
    static const double share[] = {0.10, 0.05, 0.025, 0.01};
    static const double level[] = {0.347, 0.463, 0.574, 0.739}, line[] = {0.119, 0.146, 0.176, 0.216};
    const double *at = trend ? line : level;
    if (isnan(statistic))
        return NAN;
    if (statistic <= at[0])
        return share[0];
    for (size_t i = 1; i < 4; i++)
        if (statistic <= at[i])
            return share[i - 1] + (share[i] - share[i - 1]) * (statistic - at[i - 1]) / (at[i] - at[i - 1]);
    return share[3];
}

size_t series_adf_lag(size_t n)
{
    /* As a power, which falls short of some whole roots: of 64 it is 3. R does so too. */
    return n < 2 ? 0 : (size_t)trunc(pow((double)(n - 1), 1.0 / 3));
}

/* Rows of constant, y[t-1], time and LAG differences against the difference of Z[n]. */
static double adf_of(const double *z, size_t n, size_t lag, double *x)
{
    const size_t columns = lag + 3, rows = n - 1 - lag;
    double *y = x + rows * columns, *b = y + rows, *error = b + columns;
    for (size_t i = 0; i < rows; i++) {
        const size_t t = i + lag + 1;
        double *row = x + i * columns;
        row[0] = 1;
        row[1] = z[t - 1];
        row[2] = ((double)i + 1) / (double)rows;
        for (size_t j = 1; j <= lag; j++)
            row[2 + j] = z[t - j] - z[t - j - 1];
        y[i] = z[t] - z[t - 1];
    }
    const double squares = series_least_squares(x, y, rows, columns, b, error);
    return squares > 0 ? b[1] / error[1] : NAN;
}

double series_adf(const double *y, size_t n, size_t lag)
{
    double *z = malloc((n + 1) * sizeof *z), statistic = NAN;
    if (!z)
        return NAN;
    const size_t used = series_finite(y, n, z);
    const struct centred c = series_centre(z, used, z);
    if (c.scale > 0 && lag < used && used > 2 * lag + 4) { /* more rows than columns */
        const size_t columns = lag + 3, rows = used - 1 - lag;
        double *x = malloc((rows * (columns + 1) + 2 * columns) * sizeof *x);
        statistic = x ? adf_of(z, used, lag, x) : NAN;
        free(x);
    }
    free(z);
    return statistic;
}

int series_ndiffs_kpss(const double *y, size_t n, double alpha, int max)
{
    double *x = malloc((n + 1) * sizeof *x);
    int d = 0;
    if (!x)
        return 0;
    const double share = fmin(fmax(alpha, 0.01), 0.10);
    size_t used = series_finite(y, n, x);
    /* A statistic that is not known (NaN) asks for nothing. */
    while (d < max && !series_constant(x, used) &&
           series_kpss_p(series_kpss(x, used, false, series_kpss_lag_ndiffs(used)), false) < share) {
        for (size_t i = 1; i < used; i++)
            x[i - 1] = x[i] - x[i - 1];
        used--;
        d++;
    }
    free(x);
    return d;
}
