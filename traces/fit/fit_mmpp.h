/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_mmpp: a Poisson process whose rate switches between two states, from how counts disperse.
 *
 * Meaning.  With rates a > b, a for a share p of the time, and states forgotten at the rate s = 1/sojourn_a + 1/sojourn_b, the
 *           index of dispersion of counts over a time t is 1 + c (1 - (1 - e^(-st)) / (st)), c = 2 p (1 - p) (a - b)^2 /
 *           (rate s). Two times or more give s and c, by least squares of the logarithm of the excess over 1; the
 *           coefficient of variation of gaps gives p.
 * Choice.   Where b would be negative p is the largest at which it is 0: an interrupted Poisson process.
 * Limits.   s lies between 1/1000 of the shorter and 1000 times the longer time scale.
 * Source.   Fischer, Meier-Hellstern, Performance Evaluation 18 (1993): counts and gaps of an MMPP. */
#ifndef ALM_FIT_MMPP_H
#define ALM_FIT_MMPP_H

#include "almanac/error.h"

#include <stddef.h>

struct alm__fit_mmpp {
    double rate[2], sojourn[2]; /* a second; seconds; the busy state first */
};

/* Counts over SECONDS: their index of dispersion, and how much it weighs. */
struct alm__dispersion {
    double seconds, value, weight;
};

/* From N dispersions, all above 1, of ascending seconds. GAP_CV: NaN when not known. ALM_NOT_YET when no such process has
 * them. */
int alm__fit_mmpp(double rate, const struct alm__dispersion *d, size_t n, double gap_cv, struct alm__fit_mmpp *out);

/* Of the counts of M over T seconds; the cv of its gaps. */
double alm__mmpp_dispersion(const struct alm__fit_mmpp *m, double t);
double alm__mmpp_gap_cv(const struct alm__fit_mmpp *m);

#endif
