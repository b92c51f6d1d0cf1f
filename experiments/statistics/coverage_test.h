/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage_test: is a stated coverage true, and are misses spread evenly?
 *
 * Source.   Kupiec (1995); Christoffersen (1998); Wilson (1927); Clopper and Pearson (1934). */
#ifndef ALM_STATISTICS_COVERAGE_TEST_H
#define ALM_STATISTICS_COVERAGE_TEST_H

#include "experiments/statistics/estimate.h"

#include <stddef.h>
#include <stdint.h>

struct coverage_result {
    double unconditional, p_unconditional; /* Kupiec's likelihood ratio */
    double independence, p_independence;   /* Christoffersen's; NaN where there are no misses to follow */
    double conditional, p_conditional;     /* their sum */
    uint64_t follow[2][2];                 /* [before][after]: 1 is a miss */
};

/* MISS[n]: 1 where the value lay outside; ALPHA: the share of misses that was stated. */
struct coverage_result coverage_test(const uint8_t *miss, size_t n, double alpha);

/* The share K / N with an interval at LEVEL. */
struct estimate wilson_interval(uint64_t k, uint64_t n, double level);
struct estimate clopper_pearson_interval(uint64_t k, uint64_t n, double level);
double binomial_test(uint64_t k, uint64_t n, double p); /* two-sided, as R's binom.test */

#endif
