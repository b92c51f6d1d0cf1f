/* SPDX-License-Identifier: GPL-3.0-or-later
 * classical: the classical decomposition of a series: a moving average over one period, and what is left by time of the season.
 *
 * Source.   M. Kendall, A. Stuart, "The advanced theory of statistics" 3 (1983), as decompose() of R has it. */
#ifndef ALM_MODELS_SERIES_CLASSICAL_H
#define ALM_MODELS_SERIES_CLASSICAL_H

#include <stdbool.h>
#include <stddef.h>

/* OUT[t]: the mean over one period centred at T, both ends half when the period is even; NaN where it does not fit or a value is missing.
 * PERIOD 2 or more. Cost: n * period. */
void series_moving_average(const double *y, size_t n, size_t period, double *out);

/* INDEX[period]: of time t modulo period, the mean of y / average over all t that have both, divided by the mean of INDEX. False: a time of the
 * season has none, it is not finite, or no memory. */
bool series_seasonal_index(const double *y, size_t n, size_t period, double *index);

#endif
