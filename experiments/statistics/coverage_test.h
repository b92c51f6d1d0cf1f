/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage_test: is a stated coverage true, and are misses spread evenly?
 *
 * Meaning.  All is NaN without values (N of 0) and with shares or levels that cannot be.
 * Choice.   Exact intervals and tests sum the probabilities themselves, from the end that matters, with logarithms good to
 *           rounding for every n: the incomplete beta function of GSL 2.7 has no answer above some 10^6 trials.
 * Limits.   Intervals and the binomial test take misses as independent; where coverage_test says they cluster they are too
 *           narrow. cost  exact ones O(sqrt n), up to a hundred times.
 * Source.   Kupiec (1995); Christoffersen (1998); Wilson (1927); Clopper and Pearson (1934); Loader (2000), "Fast and accurate
 *           computation of binomial probabilities". */
#ifndef ALM_STATISTICS_COVERAGE_TEST_H
#define ALM_STATISTICS_COVERAGE_TEST_H

#include "experiments/statistics/estimate.h"

#include <stddef.h>
#include <stdint.h>

struct coverage_result {
    double unconditional, p_unconditional; /* Kupiec's likelihood ratio */
    double independence,
        p_independence;                /* Christoffersen's; NaN unless both misses and hits are followed by something */
    double conditional, p_conditional; /* their sum */
    uint64_t follow[2][2];             /* [before][after]: 1 is a miss */
};

/* MISS[n]: not 0 where the value lay outside; ALPHA: the share of misses that was stated, 0 and 1 included. */
struct coverage_result coverage_test(const uint8_t *miss, size_t n, double alpha);

/* The same of counts: MISSES of N values, and what followed what. */
struct coverage_result coverage_test_counts(uint64_t misses, uint64_t n, const uint64_t follow[2][2], double alpha);

/* The share K / N with an interval at LEVEL. */
struct estimate wilson_interval(uint64_t k, uint64_t n, double level);
struct estimate clopper_pearson_interval(uint64_t k, uint64_t n, double level);
double binomial_test(uint64_t k, uint64_t n, double p); /* two-sided, as R's binom.test */

#endif
