/* SPDX-License-Identifier: GPL-3.0-or-later
 * tracking: an offset that follows a quantile of the scores by steps.
 *
 * Meaning.  The offset goes up by eta (1 - rate) on a miss and down by eta * rate on a hit; eta = lr * range of the
 *           scores in the window and the offset. It starts as the order statistic when there are outcomes enough for
 *           one, and is conformal_quantile until then.
 * Source.   A. Angelopoulos, E. Candes, R. Tibshirani, "Conformal PID control for time series prediction", NeurIPS
 *           2023: the P part. */
#ifndef ALM_MODELS_TRACKING_H
#define ALM_MODELS_TRACKING_H

#include "conformal.h"

struct tracking {
    double offset;
    bool started;
};

/* How far apart the scores lie, and OFFSET from them. */
double tracking_range(const struct conformal_side *s, double offset);

/* One outcome; says whether the offset is its own by now. */
bool tracking_learn(struct tracking *t, const struct conformal_side *s, bool miss, double lr);

double tracking_offset(const struct tracking *t, const struct conformal_side *s);

#endif
