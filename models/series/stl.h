/* SPDX-License-Identifier: GPL-3.0-or-later
 * stl: a series as season + trend + remainder, by local regression; and whether its season is strong.
 *
 * Meaning.  Windows are in values (season: in periods) and odd; 0 asks for the default: trend the smallest odd number not below
 *           1.5 period / (1 - 1.5 / season), low pass the smallest odd number not below the period. A season window of 0 makes the season
 *           periodic: the same in each period. Robust: large remainders lose weight, in 15 rounds.
 * Choice.   Regression is local: constant for the season, linear for trend and low pass; evaluated at each tenth of a window and interpolated.
 *           As stl() of R does, so the numbers are the same. Of an even number of remainders R sometimes takes another for one of
 *           the two in the middle, which moves robust weights a little, and so does this.
 * Limits.   No missing values: fill them first (series_fill).
 * Source.   R. B. Cleveland, W. S. Cleveland, J. E. McRae, I. Terpenning, "STL: A seasonal-trend decomposition procedure based on loess",
 *           Journal of Official Statistics 6 (1990). */
#ifndef ALM_MODELS_SERIES_STL_H
#define ALM_MODELS_SERIES_STL_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>

struct stl_options {
    size_t period; /* 2 or more */
    size_t season_window, trend_window, low_pass_window;
    bool robust;
};

/* SEASON[n], TREND[n], REMAINDER[n], the caller's; any may be NULL. ALM_EDATA: not more than two periods (N <= 2 period), or a value that is not
 * finite. Cost: n * windows, twice (robust: 16 times). */
int series_stl(const double *y, size_t n, const struct stl_options *o, double *season, double *trend, double *remainder,
               struct alm_err *e);

/* OUT[n]: Y with missing values (not finite) replaced: by straight lines between neighbours, level beyond the ends; where more than two periods
 * of values are known, by such lines in Y less its season, plus that season, unless that leads beyond the known values by more than half of
 * their range. The season is that of a robust STL (window 11) of Y with the gaps filled by a regression on waves and powers of time. PERIOD
 * below 2: no season. As na.interp() of R's forecast. False: no finite value, or no memory. */
bool series_fill(const double *y, size_t n, size_t period, double *out);

/* 1 - var(remainder) / var(season + remainder), within 0 .. 1, by STL with a season window of 11. Missing values
 * are filled first and do not count in the variances. NaN: not more than two periods, nothing that varies, no memory. */
double series_seasonal_strength(const double *y, size_t n, size_t period);

/* How often to difference at lag PERIOD, 0 .. MAX: while the strength is above 0.64. 0 for a constant series and one of at most two periods. */
int series_nsdiffs_strength(const double *y, size_t n, size_t period, int max);

#endif
