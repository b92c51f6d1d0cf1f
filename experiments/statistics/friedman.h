/* SPDX-License-Identifier: GPL-3.0-or-later
 * friedman: do K policies differ over N traces, by ranks; and which pairs do.
 *
 * Meaning.  Rank 1 is the least value; ties get mean ranks, and the statistic is corrected for them. Two policies
 *           differ when their average ranks do by the critical difference.
 * Choice.   Where all rows agree without exception F is infinite; its p is then the chance that N random rows do, not
 *           0, which two rows would reach. Where every row is one tie nothing differs: p 1.
 * Source.   Friedman (1937); Iman and Davenport (1980); Nemenyi (1963); Demsar, "Statistical comparisons of
 *           classifiers over multiple data sets", JMLR 7 (2006). */
#ifndef ALM_STATISTICS_FRIEDMAN_H
#define ALM_STATISTICS_FRIEDMAN_H

#include "almanac/error.h"

#include "experiments/statistics/normal_range.h"

#include <stddef.h>

struct friedman_result {
    double statistic, p;                /* chi-square with k - 1 degrees of freedom */
    double iman_davenport, p_davenport; /* F with k - 1 and (k - 1)(n - 1) */
    double critical_difference;         /* Nemenyi's, at LEVEL */
};

/* VALUE[n][k] by rows; average ranks go to RANK[k]; p of the pairs (0,1), (0,2), ... to PAIR[k (k - 1) / 2], or NULL.
 * All NaN but the critical difference where a value is. ALM_EINVAL below two rows or columns and for a level not
 * between 0 and 1; ALM_ENOMEM. */
int friedman(const double *value, size_t n, size_t k, double level, struct friedman_result *out, double *rank,
             double *pair, struct alm_err *e);

#endif
