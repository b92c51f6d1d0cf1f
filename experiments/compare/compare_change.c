/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_change: see the header. */
#include "experiments/compare/compare_change.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LARGE 10 /* times the base, from where on a percentage says less than the amount */

bool compare_relative(const struct compare_figure *f, const struct compare_statistics *s)
{
    return !f->absolute && isfinite(s->relative.low) && isfinite(s->relative.high);
}

struct compare_change *compare_change_of(const struct compare_figure *f, const struct compare_statistics *s,
                                         struct compare_change *out)
{
    *out = (struct compare_change){0};
    if (compare_relative(f, s) && fabs(s->relative.value) < LARGE) {
        snprintf(out->change, sizeof out->change, "%+.1f %%", 100 * s->relative.value);
        snprintf(out->interval, sizeof out->interval, "[%+.1f, %+.1f]", 100 * s->relative.low, 100 * s->relative.high);
        return out;
    }
    const struct estimate *x = &s->difference;
    out->points = strcmp(f->unit, "share") == 0;
    const double by = out->points ? 100 : 1;
    snprintf(out->change, sizeof out->change, out->points ? "%+.3g pp" : "%+.4g", by * x->value);
    if (!isnan(x->low) && !isnan(x->high))
        snprintf(out->interval, sizeof out->interval, "[%+.3g, %+.3g]", by * x->low, by * x->high);
    return out;
}
