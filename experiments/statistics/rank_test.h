/* SPDX-License-Identifier: GPL-3.0-or-later
 * rank_test: tests that ask only for order, or for signs.
 *
 * Meaning.  All two-sided. Zero differences are dropped, ties get mean ranks. `exact` is the conditional distribution
 *           given the ties, by counting (dynamic programming over doubled ranks), for up to RANK_EXACT_MOST values, NaN
 *           above; `normal` the approximation with the tie correction, with and without continuity correction.
 *           Everything is NaN where there are no values or one is NaN; p is 1 where all differences are zero, or all
 *           values equal.
 * Choice.   Where ties make the distribution of W lopsided, p counts what lies as far from its mean or farther.
 * Source.   Wilcoxon (1945); Mann and Whitney (1947); Hodges and Lehmann (1963); Fisher (1935), signs. Pratt's
 *           variant is not used. Conventions of R's wilcox.test and of exactRankTests. */
#ifndef ALM_STATISTICS_RANK_TEST_H
#define ALM_STATISTICS_RANK_TEST_H

#include "almanac/error.h"

#include "experiments/statistics/estimate.h"

#include <stddef.h>
#include <stdint.h>

#define RANK_EXACT_MOST 200

struct rank_result {
    double statistic; /* V: sum of ranks of positive differences; W: number of pairs with a > b, ties a half */
    double p_exact, p_normal, p_corrected;
};

/* Of N differences D. ALM_ENOMEM. cost  O(n^3) for the exact distribution. */
int wilcoxon_signed_rank(const double *d, size_t n, struct rank_result *out, struct alm_err *e);

/* ALM_ENOMEM. cost  O((n + m)^4) for the exact distribution: 0.2 s at its most. */
int mann_whitney(const double *a, size_t n, const double *b, size_t m, struct rank_result *out, struct alm_err *e);

/* Median of the Walsh averages (d[i] + d[j]) / 2, i <= j, with the interval between two of them: of the exact
 * distribution for up to RANK_EXACT_MOST values, else of the normal one. The level it attains goes to *ATTAINED;
 * where it is below LEVEL there are too few values (five or fewer for 95 %), and the interval is the widest there is.
 * Zeros count, unlike in R. NaN where there are no values, one is not finite, or LEVEL is not between 0
 * and 1. ALM_ENOMEM. cost  O(n log n), and O(n^3) for the exact distribution. */
int hodges_lehmann(const double *d, size_t n, double level, struct estimate *out, double *attained, struct alm_err *e);

double sign_test(const double *d, size_t n); /* p */

/* p of the mean of D under random signs: all 2^n for n <= 20 that are not zero, else DRAWS of the stream (SEED,
 * purpose "sign flip"), where the data counts as one draw. Means within 1e-12 of the mean of |d| are equal. NaN where
 * there are no values or one or their sum is not finite. */
double sign_flip(const double *d, size_t n, size_t draws, uint64_t seed);

#endif
