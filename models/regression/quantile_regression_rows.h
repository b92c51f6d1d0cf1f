/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression_rows: the workspace of a quantile regression and the rows in it. */
#ifndef ALM_MODELS_QUANTILE_REGRESSION_ROWS_H
#define ALM_MODELS_QUANTILE_REGRESSION_ROWS_H

#include "quantile_regression.h"
#include "quantile_regression_vertex.h"

/* Rows are copied, scaled by powers of two so that columns and y are within 1. The first rows are a random sample. */
struct rq {
    size_t rows, columns, ld; /* what there is room for */
    size_t n, p;              /* rows, independent columns */
    double *x, *y, *r;        /* [columns * ld], [ld] */
    double *side;             /* [ld] multiplier of rows in the globs, 0 of those near the plane */
    size_t *origin;           /* [ld] row of the data */
    uint32_t *near;           /* [ld] rows near the plane */
    size_t *column;           /* [columns] that are independent */
    int *scale;               /* [columns + 1] exponents; the last is that of y */
    double *near_x, *near_y;  /* [columns * ld], [ld] */
    double *small;            /* what the vertex needs beside [ld] arrays */
    struct rq_vertex v;
};

/* Copy the finite rows of D, scaled: w->n of them, w->p columns. */
void rq_copy(struct rq *w, const struct rq_data *d);

/* Exchange two rows of the copy. */
void rq_exchange(struct rq *w, size_t a, size_t b);

/* Make the first M rows a random sample of all. */
void rq_sample(struct rq *w, size_t m);

#endif
