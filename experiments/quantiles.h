/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantiles: a histogram of whole numbers whose buckets grow with the value, so that every quantile is known to 0.1 %.
 *
 * Meaning.  Values below 1024 have a bucket each. Above, each octave [2^k, 2^(k+1)) has 512 buckets of equal width, and a
 *           quantile is the middle of the bucket it falls into: off by at most 1/1024 of itself.
 * Choice.   Counts are integers: neither the order of adding nor that of merging changes a digit. The 4 KiB of an octave
 *           are allocated when it is first met, so times from 1 ms to 1 h take 90 KiB.
 * Limits.   At most 55 octaves, 220 KiB. What is below 0 counts as 0.
 * Source.   The layout is that of HdrHistogram (Tene, 2012); the rank is the nearest one. */
#ifndef ALM_EXPERIMENTS_QUANTILES_H
#define ALM_EXPERIMENTS_QUANTILES_H

#include "almanac/error.h"

#include <stdint.h>

#define QUANTILES_OCTAVES 55
#define QUANTILES_BUCKETS 512 /* of an octave; the first, [0, 512), is one too */

/* All zero is empty and good to use. */
struct quantiles {
    uint64_t count;
    int64_t largest; /* exact */
    uint64_t *octave[QUANTILES_OCTAVES];
};

void quantiles_free(struct quantiles *q);
int quantiles_add(struct quantiles *q, int64_t value, struct alm_err *e);

/* Add all of B to A, or make A, which is empty, a copy. */
int quantiles_merge(struct quantiles *a, const struct quantiles *b, struct alm_err *e);

/* The value of rank ceil(SHARE * count), at least 1 and at most count; NaN when empty. */
double quantiles_at(const struct quantiles *q, double share);

/* How many values are above VALUE, to within its bucket, which counts as above when its middle is. */
uint64_t quantiles_above(const struct quantiles *q, double value);

#endif
