/* SPDX-License-Identifier: GPL-3.0-or-later
 * stl_strength: what decompositions are asked for: missing values, the strength of a season, seasonal differences. See stl.h. */
#include "centred.h"
#include "least_squares.h"
#include "stl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEASON_WINDOW 11 /* of mstl() in R's forecast: 7 + 4 for the first season */
#define STRONG 0.64      /* found by R. J. Hyndman on the M3 and M4 competitions */

/* Replace each NaN of X[n] by a straight line between its neighbours; false: there are none. */
static bool join(double *x, size_t n)
{
    size_t before = n;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i]))
            continue;
        for (size_t j = before == n ? 0 : before + 1; j < i; j++) {
            const double share = before == n ? 1 : (double)(j - before) / (double)(i - before);
            x[j] = before == n ? x[i] : (1 - share) * x[before] + share * x[i];
        }
        before = i;
    }
    for (size_t j = before + 1; before < n && j < n; j++)
        x[j] = x[before];
    return before < n;
}

/* One row of WAVES waves a period and powers of time up to DEGREE: their number. */
static size_t regressors(size_t t, size_t n, size_t period, size_t waves, size_t degree, double *row)
{
    const double turn = 2 * M_PI * (double)((t + 1) % period) / (double)period;
    const double place = 2 * (double)t / ((double)n - 1) - 1;
    size_t count = 0;
    for (size_t k = 1; k <= waves; k++) {
        row[count++] = cos((double)k * turn);
        if (2 * k < period)
            row[count++] = sin((double)k * turn);
    }
    row[count] = 1;
    for (size_t k = 1; k <= degree; k++, count++)
        row[count + 1] = row[count] * place;
    return count + 1;
}

/* Missing values of Y by a regression on waves and powers of time, in OUT; as it was where that cannot be fitted. */
static void regress(const double *y, size_t n, size_t period, double *out)
{
    const size_t waves = period / 2 < 5 ? period / 2 : 5, degree = n / 10 < 1 ? 1 : n / 10 > 6 ? 6 : n / 10;
    const size_t most = 2 * waves + degree + 1;
    double *x = malloc((n * (most + 1) + 2 * most) * sizeof *x), *row = x;
    if (!x)
        return;
    double *value = x + n * most, *b = value + n;
    size_t rows = 0, columns = 0;
    for (size_t t = 0; t < n; t++) {
        if (!isfinite(y[t]))
            continue;
        columns = regressors(t, n, period, waves, degree, row);
        row += columns;
        value[rows++] = y[t];
    }
    if (isfinite(series_least_squares(x, value, rows, columns, b, NULL)))
        for (size_t t = 0; t < n; t++) {
            if (isfinite(y[t]))
                continue;
            regressors(t, n, period, waves, degree, x);
            out[t] = 0;
            for (size_t j = 0; j < columns; j++)
                out[t] += b[j] * x[j];
        }
    free(x);
}

/* Missing values of Y once more, in OUT where a regression stands for them, now with the season. */
static bool join_seasonally(const double *y, size_t n, size_t period, double *out)
{
    const struct stl_options o = {.period = period, .season_window = SEASON_WINDOW, .robust = true};
    double *season = malloc(2 * n * sizeof *season);
    if (!season)
        return false;
    double *rest = season + n;
    regress(y, n, period, out);
    if (series_stl(out, n, &o, season, NULL, NULL, NULL) < 0) {
        free(season);
        return false;
    }
    for (size_t i = 0; i < n; i++)
        rest[i] = isfinite(y[i]) ? y[i] - season[i] : NAN;
    join(rest, n);
    for (size_t i = 0; i < n; i++)
        out[i] = isfinite(y[i]) ? y[i] : rest[i] + season[i];
    free(season);
    return true;
}

/* Whether a value of OUT[n] lies beyond the finite ones of Y by more than half of their range. */
static bool astray(const double *y, const double *out, size_t n)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        low = isfinite(y[i]) ? fmin(low, y[i]) : low;
        high = isfinite(y[i]) ? fmax(high, y[i]) : high;
    }
    const double room = high / 2 - low / 2;
    for (size_t i = 0; i < n; i++)
        if (!(out[i] >= low - room && out[i] <= high + room))
            return true;
    return false;
}

/* Y in OUT, what is not finite by straight lines; false: nothing is finite. */
static bool join_straight(const double *y, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = isfinite(y[i]) ? y[i] : NAN;
    return join(out, n);
}

bool series_fill(const double *y, size_t n, size_t period, double *out)
{
    size_t known = 0;
    for (size_t i = 0; i < n; i++)
        known += isfinite(y[i]) != 0;
    if (!join_straight(y, n, out))
        return false;
    if (known == n || period < 2 || known / 2 < period || known <= 2 * period)
        return true;
    return join_seasonally(y, n, period, out) && (!astray(y, out, n) || join_straight(y, n, out));
}

/* The sum of squares about the mean of what is not missing. */
static double squares_about_mean(const double *x, size_t n)
{
    double mean = 0, squares = 0;
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            mean += (x[i] - mean) / (double)++used;
    for (size_t i = 0; i < n; i++)
        squares += isnan(x[i]) ? 0 : (x[i] - mean) * (x[i] - mean);
    return squares;
}

/* Strength is a ratio, so it may be taken of the series at any scale: centred, its squares can be summed. ROOM[2 * n]. */
static double strength_of(const double *y, size_t n, size_t period, double *room)
{
    const struct stl_options o = {.period = period, .season_window = SEASON_WINDOW};
    double *whole = room, *rest = room + n;
    const struct centred c = series_centre(y, n, rest);
    if (c.scale == 0 || !series_fill(rest, n, period, whole) || series_stl(whole, n, &o, whole, NULL, rest, NULL) < 0)
        return NAN;
    for (size_t i = 0; i < n; i++) {
        rest[i] = isfinite(y[i]) ? rest[i] : NAN;
        whole[i] += rest[i];
    }
    const double share = squares_about_mean(rest, n) / squares_about_mean(whole, n);
    return isnan(share) ? NAN : fmin(1, fmax(0, 1 - share));
}

double series_seasonal_strength(const double *y, size_t n, size_t period)
{
    if (period < 2 || n / 2 < period)
        return NAN;
    double *room = malloc(2 * n * sizeof *room);
    const double strength = room ? strength_of(y, n, period, room) : NAN;
    free(room);
    return strength;
}

int series_nsdiffs_strength(const double *y, size_t n, size_t period, int max)
{
    double *x = malloc((n + 1) * sizeof *x);
    int d = 0;
    if (!x)
        return 0;
    memcpy(x, y, n * sizeof *x);
    while (d < max && !series_constant(x, n) && series_seasonal_strength(x, n, period) > STRONG) {
        n -= period;
        for (size_t i = 0; i < n; i++)
            x[i] = x[i + period] - x[i];
        d++;
    }
    free(x);
    return d;
}
