/* SPDX-License-Identifier: GPL-3.0-or-later
 * regression_tree: the log of an amount as constant within boxes of features.
 *
 * Meaning.  Each split is the one that lowers the sum of squares most, between two values that differ, in their middle; of equal ones
 *           the first feature and the lowest place. A box holds at least `least` rows; at most TREE_DEPTH splits lie above it.
 * Choice.   No pruning: `least` is chosen by cross-validation, which does the same for tables of this size. Features are sorted once,
 *           and the order is kept through the splits.
 * Limits.   TREE_NODES nodes; splits beyond are not made.
 * Source.   Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees" (1984), chapter 8. */
#ifndef ALM_MODELS_REGRESSION_TREE_H
#define ALM_MODELS_REGRESSION_TREE_H

#include "log_linear.h"

#define TREE_DEPTH 8
#define TREE_NODES 511

struct tree_node {
    double value;     /* mean of T in the box */
    double below;     /* rows with a feature <= below go to the left */
    uint32_t feature; /* FEATURES: a leaf */
    uint32_t left, right;
};

struct regression_tree {
    size_t nodes;
    double gain[FEATURES]; /* what the splits by each feature took off the sum of squares */
    struct tree_node node[TREE_NODES];
};

/* ALM_ENOMEM only. No rows: the value is 0. */
int regression_tree_fit(struct regression_tree *m, const struct regression_rows *d, size_t least, struct alm_err *e);
double regression_tree_value(const struct regression_tree *m, const double *z);

#endif
