/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_law: the probability law that explains a sample best.
 *
 * Meaning.  One value: deterministic. Up to 16 different values: discrete. Else the least AIC, 2 parameters - 2 ln likelihood,
 *           each law by its maximum likelihood: exponential, lognormal, gamma, weibull, bounded-pareto.
 * Limits.   Values that are 0 have no place in the laws by AIC and are left out; the caller says how many there were.
 * Source.   Akaike (1974). Gamma: Minka (2002), Estimating a Gamma distribution. Weibull: Johnson, Kotz, Balakrishnan,
 *           Continuous Univariate Distributions 1 (1994), 21.4. Bounded Pareto: Aban, Meerschaert, Panorska (2006). */
#ifndef ALM_FIT_LAW_H
#define ALM_FIT_LAW_H

#include "almanac/law.h"

#include <stdbool.h>
#include <stdio.h>

/* X[N] is ascending, >= 0, without NaN. OUT->law is ALM_LAW_NONE when N is 0. Amounts are plain numbers. */
void alm__fit_law(const double *x, size_t n, struct alm_law_options *out);

/* Scale the amount so that its mean is MEAN: likelihood does not keep it. */
int alm__fit_law_mean(struct alm_law_options *law, double mean, struct alm_err *e);

/* "law: lognormal, mean: 1.2, cv: 0.5"; whole numbers when WHOLE. */
void alm__fit_law_write(const struct alm_law_options *law, bool whole, FILE *out);

#endif
