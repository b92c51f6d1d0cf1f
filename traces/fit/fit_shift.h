/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_shift: where the level of a series changes for good.
 *
 * Meaning.  The series is cut at the place that explains most of its variance, and each side again, as long as the two
 *           levels differ by far more than neighbouring blocks do, by at least a tenth, and last a day each. Then the cuts
 *           that explain too little of what all of them leave over are taken back, the weakest first.
 * Choice.   Works on logarithms of medians over six hours: bursts and cycles of the hour do not matter, and a factor is a
 *           difference. What is left over is autocorrelated, so its variance counts (1 + r) / (1 - r) times, and
 *           r can only be known when the levels are: hence the two steps.
 * Limits.   No shifts in less than two days, and none nearer than a day to another or to either end. Slow noise with an sd near a tenth passes
 *           for shifts.
 * Source.   Scott and Knott (1974), binary segmentation. */
#ifndef ALM_FIT_SHIFT_H
#define ALM_FIT_SHIFT_H

#include "almanac/error.h"
#include "almanac/time.h"

#include <stddef.h>

struct alm__shifts {
    size_t count;   /* changes found */
    double squares; /* of the logarithms of levels about their mean over the segments */
};

/* E[N], about 1, NaN where missing. FACTOR[N] becomes the level of each slot, of mean 1 over the slots. */
int alm__fit_shifts(const double *ratio, size_t n, alm_time interval, double *factor, struct alm__shifts *out,
                    struct alm_err *e);

#endif
