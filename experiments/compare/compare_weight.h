/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_weight: a figure of one unit, as an amount and a weight that can be added up.
 *
 * Meaning.  Sum of amounts over sum of weights is the figure of the pool, for quotients; of others the sum of amounts is.
 * Choice.   Resampling units ten thousand times needs two additions a unit so, where pooling all sums needs thirty.
 * Limits.   Knows the rows of metrics_rows by name: a quotient added there needs a line here, and a test says so. */
#ifndef ALM_COMPARE_WEIGHT_H
#define ALM_COMPARE_WEIGHT_H

#include "experiments/compare/compare_source.h"

/* Is the figure of a pool of units the sum of theirs? */
bool compare_weight_additive(const struct metrics_row *row);

struct compare_unit compare_weight_of(const struct metrics_row *row, int resource, const struct metrics_unit *u);

/* A unit of which only VALUE is known, and WEIGHT (NaN: none). */
struct compare_unit compare_weight_from(bool additive, double value, double weight);

#endif
