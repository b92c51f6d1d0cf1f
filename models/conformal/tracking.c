/* SPDX-License-Identifier: GPL-3.0-or-later
 * tracking: an offset that follows a quantile by steps. The header says what. */
#include "tracking.h"

#include <math.h>

double tracking_range(const struct conformal_side *s, double offset)
{
    const size_t n = s->scores->count;
    const double *sorted = alm_sorted_window_view(s->scores);
    return n ? fmax(sorted[n - 1], offset) - fmin(sorted[0], offset) : 0;
}

bool tracking_learn(struct tracking *t, const struct conformal_side *s, bool miss, double lr)
{
    if (!t->started && s->scores->count >= conformal_enough(s))
        *t = (struct tracking){.offset = conformal_quantile(s, s->rate), .started = true};
    if (t->started)
        t->offset += lr * tracking_range(s, t->offset) * ((miss ? 1 : 0) - s->rate);
    return t->started;
}

double tracking_offset(const struct tracking *t, const struct conformal_side *s)
{
    return t->started ? t->offset : conformal_quantile(s, s->rate);
}
