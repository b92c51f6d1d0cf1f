/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_start: states from which a search for the best ones can begin.
 *
 * Meaning.  The season: from three periods on by classical decomposition (a centred moving average over one period, then the mean of
 *           what is left by time of the season); from fewer by what a line, fitted beside one wave, leaves of the first. Level and
 *           slope: a line through the first ten values, or two periods, without the season; without a trend their mean.
 * Choice.   As forecast::ets, but for periods that it refuses, above ETS_PERIOD_SEARCHED: there the season is not searched for, so
 *           with fewer than three periods it is the mean over them. Missing values are filled first.
 * Source.   R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, "Forecasting with exponential smoothing" (2008), section 2.6. */
#include "ets.h"

#include "classical.h"
#include "least_squares.h"
#include "stl.h"

#include <math.h>
#include <stdlib.h>

#define FEWEST_FOR_LINE 10
#define LEAST_INDEX 0.01 /* of a multiplicative season */

/* TREND[n]: a line, fitted beside one wave a period. False: no memory. */
static bool line(const double *y, size_t n, size_t period, double *trend)
{
    const size_t k = period > 2 ? 4 : 3; /* of two values there is only the cosine */
    double b[4] = {0}, *x = calloc(n * k + n, sizeof *x);
    if (!x)
        return false;
    double *copy = x + n * k;
    for (size_t t = 0; t < n; t++) {
        const double at = (double)t + 1, angle = 2 * M_PI * at / (double)period;
        const double row[4] = {1, at, cos(angle), sin(angle)};
        for (size_t i = 0; i < k; i++)
            x[t * k + i] = row[i];
        copy[t] = y[t];
    }
    if (isnan(series_least_squares(x, copy, n, k, b, NULL)))
        b[0] = y[0];
    for (size_t t = 0; t < n; t++)
        trend[t] = b[0] + b[1] * ((double)t + 1);
    free(x);
    return true;
}

/* SEASON[period] out of N values of Y and their TREND: means by time of the season, CENTRED or as they are. */
static void season_of(const struct ets_form *form, const double *y, const double *trend, size_t n, bool centred,
                      double *season)
{
    const bool product = form->season == ETS_MULTIPLICATIVE;
    const size_t m = form->period;
    double mean = 0;
    size_t known = 0;
    for (size_t i = 0; i < m; i++) {
        double sum = 0;
        size_t count = 0;
        for (size_t t = i; t < n; t += m) {
            const double left = product ? y[t] / trend[t] : y[t] - trend[t];
            if (isfinite(left)) {
                sum += left;
                count++;
            }
        }
        season[i] = count > 0 ? sum / (double)count : NAN;
        mean += count > 0 ? season[i] : 0;
        known += count > 0;
    }
    mean = !centred ? product : known > 0 ? mean / (double)known : 0;
    for (size_t i = 0; i < m; i++) {
        if (product)
            season[i] = mean > 0 && isfinite(season[i]) ? fmax(season[i] / mean, LEAST_INDEX) : 1;
        else
            season[i] = isfinite(season[i]) ? season[i] - mean : 0;
    }
}

/* Level before the first value, and slope, of values without season. */
static void level_of(const struct ets_form *form, const double *y, size_t n, double *state)
{
    const size_t most = 2 * form->period > FEWEST_FOR_LINE ? 2 * form->period : FEWEST_FOR_LINE;
    double count = 0, st = 0, sy = 0, stt = 0, sty = 0;
    for (size_t t = 0; t < n && count < (double)most; t++) {
        const double at = (double)t + 1;
        if (isnan(y[t]))
            continue;
        count++;
        st += at;
        sy += y[t];
        stt += at * at;
        sty += at * y[t];
    }
    const double spread = count * stt - st * st;
    state[ETS_SLOPE] = form->trend == ETS_NONE || !(spread > 0) ? 0 : (count * sty - st * sy) / spread;
    state[ETS_LEVEL] = count > 0 ? (sy - state[ETS_SLOPE] * st) / count : 0;
}

/* LEFT[n]: Y without its season, which goes to STATE. Y has no missing values; TREND is room for n. */
static bool take_season(const struct ets_form *form, const double *y, size_t n, double *state, double *trend,
                        double *left)
{
    const size_t m = form->period;
    const bool product = form->season == ETS_MULTIPLICATIVE, few = n < 3 * m;
    double *season = state + ETS_SEASON;
    if (!few)
        series_moving_average(y, n, m, trend);
    else if (!line(y, n, m, trend))
        return false;
    const bool first = few && m <= ETS_PERIOD_SEARCHED;
    season_of(form, y, trend, first ? m : n, !first, season);
    for (size_t t = 0; t < n; t++)
        left[t] = few ? trend[t] : product ? y[t] / season[t % m] : y[t] - season[t % m];
    return true;
}

int ets_start(const struct ets_form *form, const double *y, size_t n, double *state, struct alm_err *e)
{
    for (size_t i = 0; i < ETS_SEASON + form->period; i++)
        state[i] = 0;
    if (form->season == ETS_NONE) {
        level_of(form, y, n, state);
        return ALM_OK;
    }
    double *work = calloc(3 * (n + 1), sizeof *work);
    bool memory = work != NULL;
    if (memory) {
        double *full = work, *trend = work + n, *left = work + 2 * n;
        memory = series_fill(y, n, form->period, full) && take_season(form, full, n, state, trend, left);
        if (memory)
            level_of(form, left, n, state);
    }
    free(work);
    return memory ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for the season of %zu values", n);
}
