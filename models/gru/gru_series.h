/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_series: what the network is told of a unit, and what it is asked.
 *
 * Meaning.  Of each resource l = log(1 + value / scale), scale being the running mean of the values (and the resolution at least), the mean of
 *           l over the last steps (`level`) and the mean size of its changes (`spread`). The network sees l's distance from its level and its
 *           last change, both in spreads, the spread itself, whether the value was a lower bound or missing, and the time of day and
 *           week of the next interval. It is asked for quantiles of the next change of l in spreads of now: so one set of weights
 *           serves units of any size and restlessness.
 * Choice.   Below its mean a unit is seen linearly, above it logarithmically: plain logarithms make an idle unit's steps from next to
 *           nothing the largest of all. Running means start as plain means and end as exponential ones. A change of more than 8
 *           spreads moves the spread as one of 8 does. Inputs end at 8 spreads, targets at 50, answers at twice the largest value seen.
 * Limits.   A missing value leaves everything as it was; the next change then spans the gap. */
#ifndef ALM_MODELS_GRU_SERIES_H
#define ALM_MODELS_GRU_SERIES_H

#include "almanac/resource.h"
#include "almanac/time.h"

#include <stdint.h>

enum { GRU_RESOURCES = 2, GRU_INPUTS = 5 + 5 * GRU_RESOURCES };

/* One resource of one unit. Zero is "nothing seen". */
struct gru_track {
    double last, largest, scale; /* values */
    double level, spread;        /* of l */
    uint64_t values;
};

/* One interval of one unit; bits are ALM_BIT per resource. Zero is "all missing". */
struct gru_seen {
    float deviation[GRU_RESOURCES], change[GRU_RESOURCES], spread[GRU_RESOURCES];
    uint8_t seen, censored;
    uint8_t moved; /* `change` is one: there was a value before */
};

/* The next VALUE of resource R: NaN or infinite is missing. Fills OUT's part of R, which is zero before. */
void gru_track_put(struct gru_track *t, enum alm_resource r, double value, int censored, struct gru_seen *out);

/* How intervals lie in time. */
struct gru_calendar {
    alm_time interval;
    int weekly; /* the time of week is told too: two weeks are remembered, or each day of the week would be one of a kind */
};

/* X[GRU_INPUTS] after interval SLOT, ((slot - 1) * interval, slot * interval]. */
void gru_inputs(const struct gru_seen *s, int64_t slot, const struct gru_calendar *when, double *x);

/* The amount that is Q spreads above the last value. Finite, >= 0. */
double gru_amount(const struct gru_track *t, double q);

#endif
