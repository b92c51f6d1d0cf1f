/* SPDX-License-Identifier: GPL-3.0-or-later
 * histogram: weighted counts in fixed buckets, fading with age; constant memory for any length of history.
 *
 * Meaning.  A value falls into one bucket; a percentile is the END of the first bucket at which the cumulative weight
 *           reaches p of the total (the last bucket gives its own start). No interpolation. Empty gives 0.
 * Choice.   The histogram is plain bytes without pointers, so that it can lie in a unit's state and be saved as it is;
 *           the description of the buckets is passed to each call and must be the same each time.
 *           Fading multiplies the weight of NEW values by 2^((t - ref) / half_life) instead of touching old ones.
 * Limits.   A bucket lighter than `epsilon` counts as empty.
 * Source.   Kubernetes Vertical Pod Autoscaler, pkg/recommender/util (histogram, histogram_options,
 *           decaying_histogram), as restated in docs/decisions/0003. */
#ifndef ALM_MODELS_HISTOGRAM_H
#define ALM_MODELS_HISTOGRAM_H

#include "almanac/error.h"
#include "almanac/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Linear: start(b) = b * first. Exponential: start(b) = first * (ratio^b - 1) / (ratio - 1). */
struct alm_buckets {
    bool exponential;
    int count;
    double max, first, ratio, epsilon;
    double log_ratio; /* of an exponential one */
};

#define ALM_BUCKETS_MAX 4096

/* Describe buckets that reach MAX, the first of them FIRST wide. ALM_EINVAL when max, first or epsilon is not above 0,
 * ratio is not above 1, or more than ALM_BUCKETS_MAX buckets would be needed. */
int alm_buckets_linear(double max, double first, double epsilon, struct alm_buckets *out, struct alm_err *e);
int alm_buckets_exponential(double max, double first, double ratio, double epsilon, struct alm_buckets *out,
                            struct alm_err *e);

/* Lower end of bucket B (0 <= B < count). */
double alm_bucket_start(const struct alm_buckets *k, int b);

/* The value a percentile reports when it stops in B. */
double alm_bucket_end(const struct alm_buckets *k, int b);

/* The bucket of VALUE: the first for values below 0, the last for those above max. */
int alm_bucket_find(const struct alm_buckets *k, double value);

struct alm_histogram {
    alm_time reference; /* where the weight of a value is what was given; ALM_TIME_NONE before the first */
    double total;
    int32_t low, high; /* outermost buckets that are not empty; low > high, or an empty bucket, when there is none */
    double weight[];
};

/* Bytes of a histogram over these buckets: a multiple of 8. */
size_t alm_histogram_size(const struct alm_buckets *k);

/* Make the histogram at H empty. */
void alm_histogram_init(const struct alm_buckets *k, struct alm_histogram *h);

/* Put in or take out WEIGHT (>= 0) at VALUE. What falls below epsilon by taking out becomes 0. */
void alm_histogram_add(const struct alm_buckets *k, struct alm_histogram *h, double value, double weight);
void alm_histogram_subtract(const struct alm_buckets *k, struct alm_histogram *h, double value, double weight);

/* Multiply all weights. */
void alm_histogram_scale(const struct alm_buckets *k, struct alm_histogram *h, double factor);

bool alm_histogram_empty(const struct alm_buckets *k, const struct alm_histogram *h);

/* Percentile of P (values outside 0 .. 1 act as 0 or 1). Cost: the buckets between low and the answer. */
double alm_histogram_percentile(const struct alm_buckets *k, const struct alm_histogram *h, double p);

/* The buckets of N percentiles P, which ascend, in one pass. The histogram is not empty. */
void alm_histogram_find(const struct alm_histogram *h, const double *p, size_t n, int *bucket);

/* The same with fading: T is the stamp of the value. The reference moves when T is more than 100 half-lives later, and
 * at the first value, to T rounded to a whole half-life counted from the year 1. HALF_LIFE > 0, at most 700 days. */
void alm_decaying_add(const struct alm_buckets *k, struct alm_histogram *h, alm_time half_life, double value,
                      double weight, alm_time t);
void alm_decaying_subtract(const struct alm_buckets *k, struct alm_histogram *h, alm_time half_life, double value,
                           double weight, alm_time t);

/* Add FROM into H; both over the same buckets, both plain (HALF_LIFE 0) or both fading. */
void alm_histogram_merge(const struct alm_buckets *k, struct alm_histogram *h, alm_time half_life,
                         const struct alm_histogram *from);

/* A checkpoint: weights as whole numbers, the heaviest 10000, the small ones dropped, the total kept exactly.
 * `bucket` is the caller's memory for k->count rows. */
#define ALM_CHECKPOINT_VERSION "v3"
#define ALM_CHECKPOINT_WEIGHT 10000
struct alm_checkpoint {
    const char *version;
    double total;
    alm_time reference;
    size_t count;
    struct alm_checkpoint_bucket {
        int64_t index;
        uint32_t weight;
    } * bucket;
};

void alm_histogram_save(const struct alm_buckets *k, const struct alm_histogram *h, struct alm_checkpoint *out);

/* Add what C holds into H and take over its reference. ALM_EDATA, H unchanged: C is NULL, of another version, names a
 * bucket outside the range, or has a negative or not finite total. */
int alm_histogram_load(const struct alm_buckets *k, struct alm_histogram *h, const struct alm_checkpoint *c,
                       struct alm_err *e);

#endif
