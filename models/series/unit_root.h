/* SPDX-License-Identifier: GPL-3.0-or-later
 * unit_root: does a series wander, or does it come back? Tests, and the number of differences that they ask for.
 *
 * Meaning.  KPSS: the null is that the series comes back to a level (or a line); large statistics speak for differencing. ADF: the null
 *           is a unit root beside a line; very negative statistics speak against it.
 * Choice.   Critical values of the level form are 0.347, 0.463, 0.574, 0.739 at 10, 5, 2.5 and 1 %; p between them by straight lines, outside
 *           them the nearest, as the R packages urca and tseries do.
 *           Missing values (NaN) are left out and the rest moved together, as R's ndiffs does. An infinite value counts as missing.
 * Source.   Kwiatkowski, Phillips, Schmidt, Shin (1992); Said, Dickey (1984); Hyndman, Khandakar (2008), section 3.1;
 *           Wang, Smith, Hyndman (2006) for the strength of a season. */
#ifndef ALM_MODELS_SERIES_UNIT_ROOT_H
#define ALM_MODELS_SERIES_UNIT_ROOT_H

#include <stdbool.h>
#include <stddef.h>

/* Lags of the long-run variance: short is floor(4 (n/100)^(1/4)), that of ndiffs floor(3 sqrt(n) / 13). */
size_t series_kpss_lag_short(size_t n);
size_t series_kpss_lag_ndiffs(size_t n);

/* The statistic, of the level form or with a TREND. NaN: fewer than 2 (3) values, all on the level (on the line), or no memory. */
double series_kpss(const double *y, size_t n, bool trend, size_t lag);

/* p of the statistic, in 0.01 .. 0.10: what is outside is not told apart. NaN for NaN. */
double series_kpss_p(double statistic, bool trend);

/* floor((n - 1)^(1/3)), and the t statistic of y[t-1] in a regression of the difference on a constant, time, y[t-1] and LAG differences.
 * NaN: too few values for so many lags, or nothing left to explain. */
size_t series_adf_lag(size_t n);
double series_adf(const double *y, size_t n, size_t lag);

/* How often to difference, 0 .. MAX, until KPSS (level form) no longer rejects at ALPHA, kept within 0.01 .. 0.10. A constant series, one too
 * short for a test, and no memory: as many as so far. Cost: n * lag for each difference. */
int series_ndiffs_kpss(const double *y, size_t n, double alpha, int max);

#endif
