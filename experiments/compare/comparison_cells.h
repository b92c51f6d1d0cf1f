/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_cells: which cells make a group, a row, a pair.
 *
 * Choice.   Groups and rows appear in the order of the cells, so the same file gives the same table. Cells that are not done are
 *           in no pair. */
#ifndef ALM_COMPARE_COMPARISON_CELLS_H
#define ALM_COMPARE_COMPARISON_CELLS_H

#include "experiments/compare/comparison.h"

/* Groups, their rows and pairs, without figures; the baseline's row is the first, and its cells are paired with themselves. */
int comparison_lay_out(struct comparison *c, struct alm_err *e);

/* The mean of FIGURE over the row's own cells: over seeds first, then traces. USED: how many cells have it. */
int comparison_mean(const struct comparison *c, const struct comparison_row *row, size_t figure, double *out,
                    size_t *used, struct alm_err *e);

#endif
