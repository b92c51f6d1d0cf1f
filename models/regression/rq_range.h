/* SPDX-License-Identifier: GPL-3.0-or-later
 * rq_range: a range for the next response, out of a window of rows: linear quantiles that hold on rows not seen.
 *
 * Meaning.  The levels are tau and alm_lower_tail(tau). A plane through p of n rows is exceeded by new rows more often than by its own: of
 *           new ones a share of tau - (tau - 1/2) p / n lies below it. So the level that is fitted is tau + (tau - 1/2) p / n, and
 *           likewise for the lower one. With p = 1 that is the order statistic for the n + 1st, rounded.
 * Choice.   A plane is fitted once it leaves p rows above it, n (1 - tau) >= p; before, from n / (n + 1) >= tau on, the intercept
 *           alone (an order statistic); before that the largest response so far, doubled (responses are logarithms), at the confidence
 *           n / (n + 1). The lower level steps back in the same way, to "not known". Refits come each `every` rows, but sooner while
 *           the window is filling: each sixteenth of the rows held.
 *           Usage is measured in steps, so many rows are equal; then most of a window lies on the plane, and a refit takes ten times as long.
 *           So each response is moved by up to 5e-8, by a rule, and ranges are a millionth wider.
 * Limits.   The first column is the intercept. Rows are taken to be exchangeable.
 * Source.   Y. Bai, S. Mei, H. Wang, C. Xiong, "Understanding the under-coverage bias in uncertainty estimation", NeurIPS 2021. */
#ifndef ALM_MODELS_RQ_RANGE_H
#define ALM_MODELS_RQ_RANGE_H

#include "rq_window.h"

#define RQ_HELD_BACK 1.2 /* demand is taken to be that much of a value at its limit */

struct rq_range_shape {
    size_t rows, columns;
    size_t every; /* rows between refits at the most */
    double tau;
};

/* Plain bytes; the window follows. */
struct rq_range {
    uint32_t planes;                     /* rows under the planes; 0: not fitted yet */
    uint32_t constants, since_constants; /* the same of the order statistics; rows since */
    uint32_t rows;                       /* put in, modulo 2^32 */
    double low, high;                    /* order statistics */
};

size_t rq_range_size(const struct rq_range_shape *s);
void rq_range_init(struct rq_range *r, const struct rq_range_shape *s);

/* Put row X[columns], Y in, and refit where due. WORK has room for the window. */
int rq_range_put(struct rq_range *r, const struct rq_range_shape *s, const double *x, double y, struct rq *work,
                 struct alm_err *e);

struct rq_range_answer {
    double low, high; /* low: -infinity when nothing can be said */
    double confidence;
};

/* For a row X not seen. */
struct rq_range_answer rq_range_ask(const struct rq_range *r, const struct rq_range_shape *s, const double *x);

/* Amounts from logarithms of amount + RESOLUTION: OFFSET + ANSWER, max not below LEAST, the logarithm of the least amount seen, nor above twice
 * that of MOST. */
struct rq_amounts {
    double min, max, confidence;
};
struct rq_amounts rq_amounts_of(const struct rq_range_answer *answer, double offset, double least, double most,
                                double resolution);

/* Whether BYTES (not aligned) can be such a range. */
bool rq_range_sound(const void *bytes, const struct rq_range_shape *s);

#endif
