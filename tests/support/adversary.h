/* SPDX-License-Identifier: GPL-3.0-or-later
 * adversary: usage that knows max before it comes, and means harm. */
#ifndef ALM_TESTS_ADVERSARY_H
#define ALM_TESTS_ADVERSARY_H

#include "almanac/resource.h"
#include "almanac/stream.h"

#include <math.h>
#include <stddef.h>

enum adversary {
    ADV_ABOVE,     /* just above max, always */
    ADV_BELOW,     /* always covered, by half */
    ADV_LEAST,     /* the smallest there is */
    ADV_CONSTANT,  /* never a surprise */
    ADV_EXPLODING, /* doubles until it is all that is believed, and falls back */
    ADV_PERIODS,   /* of above and below, each longer than the one before */
    ADV_LUCK,      /* by a coin */
    ADV_PARETO,
    ADVERSARIES
};

static inline double adversary_value(enum adversary kind, size_t t, double max, struct alm_stream *s)
{
    const double above = fmin(max * 1.001 + 1e-6, (double)ALM_AMOUNT_MAX), below = fmax(max / 2, 1e-6);
    const double u = alm_stream_uniform(s);
    switch (kind) {
    case ADV_ABOVE:
        return above;
    case ADV_BELOW:
        return below;
    case ADV_LEAST:
        return 1e-9;
    case ADV_CONSTANT:
        return 2;
    case ADV_EXPLODING:
        return fmin(exp2((double)(t % 60)), (double)ALM_AMOUNT_MAX);
    case ADV_PERIODS:
        return (size_t)sqrt((double)t) % 2 ? above : below;
    case ADV_LUCK:
        return u < 0.5 ? above : below;
    default:
        return 1 / sqrt(u);
    }
}

#endif
