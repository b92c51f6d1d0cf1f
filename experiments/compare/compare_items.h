/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_items: what of a set of pairs is independent, laid out to be resampled.
 *
 * Choice.   Units are read once for all figures, and only when there are too few traces. */
#ifndef ALM_COMPARE_ITEMS_H
#define ALM_COMPARE_ITEMS_H

#include "experiments/compare/compare_resample.h"

/* Units of both cells of each pair, of all figures that are known by unit; read when first asked for. */
struct compare_load {
    const size_t *figure;
    size_t figures;
    bool done;
    size_t *column;                      /* of FIGURE in BASE and VALUE; SIZE_MAX: not of units */
    size_t *units;                       /* [pairs] */
    struct compare_unit **base, **value; /* [pairs] [columns][units] */
};
void compare_load_free(struct compare_load *load, size_t pairs);

struct compare_items {
    struct resample_items of;
    enum compare_independent independent;
    size_t traces, seeds, pairs;
    double *difference; /* of each item by itself, where both sides are known */
    size_t differences;
    struct resample_cell *cell; /* all cells of all items */
    size_t cells;
    uint32_t *stratum, *stratum_seeds;
};

/* ALM_EDATA when the units of a pair differ; ALM_ENOMEM. Without a pair that has the figure: no items. */
int compare_items_make(const struct compare_set *set, size_t figure, struct compare_load *load,
                       struct compare_items *out, struct alm_err *e);
void compare_items_free(struct compare_items *items); /* twice is fine */

#endif
