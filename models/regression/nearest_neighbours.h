/* SPDX-License-Identifier: GPL-3.0-or-later
 * nearest_neighbours: the mean log of an amount over the rows most like the one asked for.
 *
 * Meaning.  The distance of two rows is Euclidean over the standardised numbers, and over categories, which add their weight where
 *           they differ. Rows at equal distance come together: the k nearest are all rows as near as the k-th.
 * Choice.   Weights are 1, or (`weighted`) how much a number or category moves the log-linear fit, so that inputs without influence do
 *           not spread neighbours apart; at least a twentieth of the largest.
 * Limits.   k up to NEIGHBOURS. A look-up reads every row.
 * Source.   Fix and Hodges (1951); k and weights chosen by cross-validation, as Stone (1974). */
#ifndef ALM_MODELS_NEAREST_NEIGHBOURS_H
#define ALM_MODELS_NEAREST_NEIGHBOURS_H

#include "log_linear.h"

#define NEIGHBOURS 32

struct neighbour_metric {
    double number[FEATURES], code[FEATURE_CODES]; /* squared weights */
};

/* Rows by distance, equal ones together, nearest first. */
struct neighbours {
    size_t groups;
    double distance[NEIGHBOURS], sum[NEIGHBOURS]; /* squared distance; sum of T */
    size_t count[NEIGHBOURS];
};

/* M is the log-linear fit of D to weight by, NULL for equal weights. */
void neighbour_metric(struct neighbour_metric *w, const struct regression_rows *d, const struct log_linear *m);

/* The neighbours among D of the row with features Z and values V, whose like are in X[.. * k]. */
void neighbours_find(struct neighbours *out, const struct regression_rows *d, const struct neighbour_metric *w,
                     const double *x, size_t k, const double *z, const double *v);

/* Mean T of the NEAREST nearest and those as near; NaN when there are none. */
double neighbours_mean(const struct neighbours *n, size_t nearest);

#endif
