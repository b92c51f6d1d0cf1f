/* SPDX-License-Identifier: GPL-3.0-or-later
 * diebold_mariano: are two forecasts of one series equally good?
 *
 * Meaning.  Of the loss differences |e1|^power - |e2|^power at horizon H: rectangular window of H - 1 lags, the small-sample factor, t
 *           with n - 1 degrees of freedom. A variance that is not positive is taken at H = 1. NaN, all three: below two
 *           values, H of 0 or not below N, a power that is not positive, an error that is not finite, or differences
 *           that do not vary by more than rounding (two equal forecasts among them).
 * Limits.   One series only; across traces use paired tests. cost  O(n H).
 * Source.   Diebold and Mariano (1995); Harvey, Leybourne and Newbold (1997); as forecast::dm.test of R. */
#ifndef ALM_STATISTICS_DIEBOLD_MARIANO_H
#define ALM_STATISTICS_DIEBOLD_MARIANO_H

#include <stddef.h>

struct dm_result {
    double statistic, p, p_greater; /* greater: the second forecast is better */
};

struct dm_result diebold_mariano(const double *e1, const double *e2, size_t n, size_t h, double power);

#endif
