/* SPDX-License-Identifier: GPL-3.0-or-later
 * target: what predictors predict: one value for each interval between decisions.
 *
 * Meaning.  An envelope speaks of (from, until]; so a predictor that learns from values over past intervals of that length has a
 *           series of which it needs the next value. Of CPU the value is the mean, the 95th percentile or the peak of the samples in
 *           the interval; of memory the peak; of I/O and network the mean rate. Intervals are (k * interval, (k + 1) * interval] on the
 *           platform's clock. An interval without a sample has no value, and one between two that have is told as missing.
 * Choice.   A sample that stopped at its limit makes its interval censored: the value is then a lower bound.
 *           Where a decision comes with every sample, the value is the sample, to the bit.
 * Limits.   Rounds between regular decisions end no interval. Samples count alike, whatever their span. */
#ifndef ALM_MODELS_TARGET_H
#define ALM_MODELS_TARGET_H

#include "almanac/env.h"
#include "almanac/envelope.h"
#include "almanac/p95.h"
#include "almanac/profile.h"
#include "almanac/resource.h"

#include <stdbool.h>
#include <stddef.h>

/* Plain bytes, target_size() of them; zero is "nothing seen". */
struct target {
    int64_t slot, told;     /* of the interval under way; of the last one that was told */
    uint8_t open;           /* the interval under way has a sample */
    uint8_t any;            /* one was told */
    uint8_t seen, censored; /* ALM_BIT per resource */
    uint32_t count[ALM_RESOURCES];
    double mean[ALM_RESOURCES], peak[ALM_RESOURCES];
    struct alm_p95 p95;
    double largest[]; /* of CPU */
};

size_t target_size(const struct alm_env *env);

/* One closed interval. */
struct target_value {
    int64_t slot;     /* it is ((slot - 1) * interval, slot * interval] */
    size_t gap;       /* intervals without any sample since the one before it; 0 at the first */
    uint8_t seen;     /* ALM_BIT per resource that has a value */
    uint8_t censored; /* ALM_BIT per resource */
    double value[ALM_RESOURCES];
};

/* Walk over the fresh samples of P: each call sets *OUT to the next interval that they close and returns true, until there is none.
 * *ROW starts at the first fresh row: p->window.count - p->fresh. An interval is closed by the last sample that is expected in it, and
 * else by the first sample after it; what comes late for its interval is left out. STATISTIC is that of CPU. */
bool target_next(struct target *t, const struct alm_env *env, enum alm_statistic statistic, const struct alm_profile *p,
                 size_t *row, struct target_value *out);

/* The number of intervals in DURATION, at least 1. */
size_t target_slots(const struct alm_env *env, alm_time duration);

#endif
