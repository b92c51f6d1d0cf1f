/* SPDX-License-Identifier: GPL-3.0-or-later
 * metrics_honesty: are stated confidences true, and what do the misses cost? One unit, window by window.
 *
 * Meaning.  Of windows whose envelope states a confidence c:
 *             covered    value <= max; a censored window is a miss
 *             pinball    loss of max as the quantile at c; interval: of min and max as quantiles at alm_lower_tail(c) and c, each
 *                        loss over its tail: max - min, and what lies outside over the chance that it should
 *           Losses are of windows that are not censored and with 0 < c < 1, and so are the values that they are divided by.
 *           At the end Kupiec's test asks whether the misses are as many as the mean of c says, Christoffersen's whether a miss
 *           makes the next one more likely.
 * Choice.   Losses over values: a share of usage, which pools over units of any size. A censored window has no value to score:
 *           counted with what was seen it would reward limits that are too low.
 * Limits.   Kupiec's test takes misses as independent and c as one number; where c varies it rejects too seldom, where misses
 *           cluster too often.
 * Source.   Gneiting and Raftery (2007), section 6; Kupiec (1995); Christoffersen (1998). */
#ifndef ALM_EXPERIMENTS_METRICS_HONESTY_H
#define ALM_EXPERIMENTS_METRICS_HONESTY_H

#include "almanac/outcome.h"

#include "experiments/metrics.h"

#define METRICS_REJECT 0.05 /* p below it: rejected */

/* Which miss follows which, window by window; all zero before the first. */
struct metrics_misses {
    uint64_t follow[2][2]; /* [before][after]: 1 is a miss */
    bool any, missed;
    double mean; /* of what was stated: to the bit, where it is always the same */
};

/* Was a confidence stated of R? */
static inline bool metrics_is_stated(const struct alm_outcome *o, enum alm_resource r)
{
    const double c = o->envelope.confidence[r];
    return c >= 0 && c <= 1; /* false for NaN */
}

/* Add a window with a stated confidence. COVERED: the upper side held. */
void metrics_honesty_add(struct metrics_resource *t, struct metrics_misses *m, const struct alm_outcome *o,
                         enum alm_resource r, bool covered);

/* The tests, once all windows are in. */
void metrics_honesty_close(struct metrics_resource *t, const struct metrics_misses *m);

#endif
