/* SPDX-License-Identifier: GPL-3.0-or-later
 * batch_means: how far the mean of a correlated sequence may be off, without keeping the sequence.
 *
 * Meaning.  Observations come in order; each adds to a few sums and, where shares below a value are asked for, to a few
 *           cells. Successive observations make a batch; the batches are taken as independent, and from their scatter
 *           follows a 95 % half-width of any quotient of two sums.
 * Choice.   Up to 256 batches of equal size; when the last is full, neighbours are joined and the size doubles, so memory
 *           is bounded and the number of observations need not be known. For a half-width they are joined to 32, nothing
 *           left out (the last may be short). A mean per observation is a quotient with a count below, a mean over time
 *           one with a time below; with batches of unequal denominators it is the quotient that is estimated.
 *           Fewer than 10 observations a batch say nothing: NaN.
 * Limits.   Batches must be long against the correlation of the sequence; batch_means_correlated tells when they are not.
 * Source.   Law and Kelton, "Simulation Modeling and Analysis" (2000), section 9.5.3, batch means; the estimate of a
 *           quotient: Cochran, "Sampling Techniques" (1977), section 2.11; the test: Fishman (1978), "Grouping
 *           observations in digital simulation", after von Neumann (1941). */
#ifndef ALM_EXPERIMENTS_BATCH_MEANS_H
#define ALM_EXPERIMENTS_BATCH_MEANS_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BATCH_MEANS_FINAL 32
#define BATCH_MEANS_LEAST 320 /* observations */
#define BATCH_MEANS_CONFIDENCE 0.95

struct batch_means {
    size_t sums, cells;
    uint64_t size, filled; /* observations in each batch; in the one under way */
    size_t batches;        /* full ones */
    double *sum;
    uint32_t *cell;
};

int batch_means_open(struct batch_means *b, size_t sums, size_t cells, struct alm_err *e);
void batch_means_free(struct batch_means *b);
int batch_means_copy(struct batch_means *to, const struct batch_means *from, struct alm_err *e);

/* Where the next observation adds what it is: sums [sums] and cells [cells]. Then batch_means_next. */
static inline double *batch_means_sum(const struct batch_means *b)
{
    return b->sum + b->batches * b->sums;
}
static inline uint32_t *batch_means_cell(const struct batch_means *b)
{
    return b->cell + b->batches * b->cells;
}
void batch_means_next(struct batch_means *b);

/* 32, or 0 when there were too few observations. */
size_t batch_means_final(const struct batch_means *b);

/* One sum over all observations. */
double batch_means_total(const struct batch_means *b, size_t sum);

/* Half-width of sum ABOVE / sum BELOW; NaN when there is none. */
double batch_means_halfwidth(const struct batch_means *b, size_t above, size_t below);

/* Are neighbouring batches correlated in that quotient (one-sided, false alarms 1 %)? Then half-widths are too small. */
bool batch_means_correlated(const struct batch_means *b, size_t above, size_t below);

/* Cells for whole numbers >= 0: 8 an octave. `first` is where a histogram of BATCH_MEANS_CELLS cells begins. */
#define BATCH_MEANS_CELLS 488
size_t batch_means_cell_of(int64_t value);

/* Half-width of the share of observations that are at most VALUE, within a cell by proportion. */
double batch_means_share_halfwidth(const struct batch_means *b, size_t first, double value);

#endif
