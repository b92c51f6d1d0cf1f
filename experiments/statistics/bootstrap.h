/* SPDX-License-Identifier: GPL-3.0-or-later
 * bootstrap: intervals of any statistic by resampling what is independent: units, traces, or blocks of a series.
 *
 * Meaning.  The statistic is asked for with a list of indices into the caller's data; it may answer NaN (or an
 *           infinity), and such resamples are left out (fewer than half left: NaN). Percentiles are type 7 of R's
 *           quantile. One value is no sample: its intervals are NaN, as all is where the statistic of the data is.
 *           Where resamples do not vary every interval is their value.
 * Choice.   The draws are a function of SEED alone (stream purpose "bootstrap"), so that two statistics asked for with
 *           one seed see the same resamples. For the bias correction resamples equal to the estimate count half, so
 *           that it changes sign with the data; equal to it, and to zero, is what is within 1e-12 of the largest
 *           resample. The acceleration is from leaving out single values, with blocks disjoint blocks; where that
 *           changes nothing it is 0.
 * Limits.   Few values cover too little (ten normal ones about 90 % instead of 95 %): look at the t interval or at
 *           signs too.
 * Source.   Efron and Tibshirani (1993), chapters 13 and 14; DiCiccio and Efron (1996), BCa; Politis and Romano
 *           (1992), circular blocks. */
#ifndef ALM_STATISTICS_BOOTSTRAP_H
#define ALM_STATISTICS_BOOTSTRAP_H

#include "almanac/error.h"

#include "experiments/statistics/estimate.h"

#include <stddef.h>
#include <stdint.h>

struct bootstrap_statistic {
    double (*value)(void *ctx, const uint32_t *index, size_t n);
    void *ctx;
    size_t n; /* of the data */
};

struct bootstrap_plan {
    size_t draws; /* 0: all n^n resamples, for n <= 6 */
    size_t block; /* 1: single values; more: circular blocks of so many */
    double level;
    uint64_t seed;
};

struct bootstrap_result {
    struct estimate percentile, basic, bca;
    double se, bias_correction, acceleration, p_not_above_zero; /* share of resamples <= 0 */
};

/* ALM_ENOMEM; ALM_EINVAL for a plan that cannot be carried out. cost  draws + n times the statistic. */
int bootstrap(const struct bootstrap_statistic *s, const struct bootstrap_plan *plan, struct bootstrap_result *out,
              struct alm_err *e);

#endif
