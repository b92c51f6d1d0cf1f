/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_resample: two means of one figure over any selection of what is independent, and intervals of their difference.
 *
 * Meaning.  An item (a trace, a unit, a seed) lies in a stratum and holds, for each seed of the stratum, the figure in both
 *           sources as amount and weight. Of a selection: items are pooled by stratum and seed, seeds averaged, strata
 *           averaged. A stratum of which nothing was drawn makes the selection void. */
#ifndef ALM_COMPARE_RESAMPLE_H
#define ALM_COMPARE_RESAMPLE_H

#include "experiments/compare/compare_pairs.h"

struct resample_cell {
    struct compare_unit base, value;
};

struct resample_items {
    size_t n, strata;
    bool additive;
    const uint32_t *stratum;           /* [n] */
    const uint32_t *seeds;             /* [strata] */
    const struct resample_cell **cell; /* [n] [seeds of its stratum] */
};

struct resample_means {
    double base, value;
};

/* Means of all items. NaN: void. ALM_ENOMEM. */
int resample_means_of(const struct resample_items *items, struct resample_means *out, struct alm_err *e);

/* Fill base, value, difference, relative, excess and percentile of OUT. */
int resample_intervals(const struct resample_items *items, enum metrics_better better, struct compare_tolerance t,
                       const struct compare_plan *plan, struct compare_statistics *out, struct alm_err *e);

#endif
