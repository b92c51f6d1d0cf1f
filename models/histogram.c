/* SPDX-License-Identifier: GPL-3.0-or-later
 * histogram: weighted counts in fixed buckets, fading with age. The header says what and whence. */
#include "histogram.h"

#include <math.h>
#include <string.h>

/* Half-lives after which weights of new values have grown enough to move the reference. */
enum { MAX_DECAY = 100 };

static int check_buckets(double max, double first, double epsilon, struct alm_err *e)
{
    if (!(max > 0) || !isfinite(max) || !(first > 0) || !isfinite(first) || !(epsilon > 0))
        return alm_fail(e, ALM_EINVAL,
                        "histogram: max %g, first bucket %g and epsilon %g must all be above 0 and finite", max, first,
                        epsilon);
    return ALM_OK;
}

static int count_buckets(double wanted, int *count, struct alm_err *e)
{
    if (!(wanted <= ALM_BUCKETS_MAX))
        return alm_fail(e, ALM_EINVAL, "histogram: %g buckets are asked for; at most %d are possible", wanted,
                        ALM_BUCKETS_MAX);
    *count = (int)wanted;
    return ALM_OK;
}

int alm_buckets_linear(double max, double first, double epsilon, struct alm_buckets *out, struct alm_err *e)
{
    ALM_TRY(check_buckets(max, first, epsilon, e));
    int count = 0;
    ALM_TRY(count_buckets(ceil(max / first) + 1, &count, e));
    *out = (struct alm_buckets){.count = count, .max = max, .first = first, .epsilon = epsilon};
    return ALM_OK;
}

int alm_buckets_exponential(double max, double first, double ratio, double epsilon, struct alm_buckets *out,
                            struct alm_err *e)
{
    ALM_TRY(check_buckets(max, first, epsilon, e));
    if (!(ratio > 1) || !isfinite(ratio))
        return alm_fail(e, ALM_EINVAL, "histogram: ratio %g must be above 1", ratio);
    double log_ratio = log(ratio);
    int count = 0;
    ALM_TRY(count_buckets(ceil(log(max * (ratio - 1) / first + 1) / log_ratio) + 1, &count, e));
    *out = (struct alm_buckets){.exponential = true,
                                .count = count,
                                .max = max,
                                .first = first,
                                .ratio = ratio,
                                .epsilon = epsilon,
                                .log_ratio = log_ratio};
    return ALM_OK;
}

double alm_bucket_start(const struct alm_buckets *k, int b)
{
    if (b == 0)
        return 0;
    return k->exponential ? k->first * (pow(k->ratio, b) - 1) / (k->ratio - 1) : b * k->first;
}

double alm_bucket_end(const struct alm_buckets *k, int b)
{
    return alm_bucket_start(k, b < k->count - 1 ? b + 1 : b);
}

int alm_bucket_find(const struct alm_buckets *k, double value)
{
    if (!(value >= k->first))
        return 0;
    double b = k->exponential ? log(value * (k->ratio - 1) / k->first + 1) / k->log_ratio : value / k->first;
    return b >= k->count - 1 ? k->count - 1 : (int)b;
}

size_t alm_histogram_size(const struct alm_buckets *k)
{
    return sizeof(struct alm_histogram) + (size_t)k->count * sizeof(double);
}

void alm_histogram_init(const struct alm_buckets *k, struct alm_histogram *h)
{
    memset(h, 0, alm_histogram_size(k));
    h->reference = ALM_TIME_NONE;
    h->low = k->count - 1;
}

static void trim(const struct alm_buckets *k, struct alm_histogram *h)
{
    if (h->low == h->high && h->weight[h->low] < k->epsilon) { /* the last bucket that counted */
        h->low = k->count - 1;
        h->high = 0;
    }
    while (h->weight[h->low] < k->epsilon && h->low < k->count - 1)
        h->low++;
    while (h->weight[h->high] < k->epsilon && h->high > 0)
        h->high--;
}

void alm_histogram_add(const struct alm_buckets *k, struct alm_histogram *h, double value, double weight)
{
    int b = alm_bucket_find(k, value);
    h->weight[b] += weight;
    h->total += weight;
    if (h->weight[b] < k->epsilon)
        return;
    if (b < h->low)
        h->low = b;
    if (b > h->high)
        h->high = b;
}

static double take(double from, double weight, double epsilon)
{
    double left = from - weight;
    return left < epsilon ? 0 : left;
}

void alm_histogram_subtract(const struct alm_buckets *k, struct alm_histogram *h, double value, double weight)
{
    int b = alm_bucket_find(k, value);
    h->total = take(h->total, weight, k->epsilon);
    h->weight[b] = take(h->weight[b], weight, k->epsilon);
    trim(k, h);
}

void alm_histogram_scale(const struct alm_buckets *k, struct alm_histogram *h, double factor)
{
    for (int b = 0; b < k->count; b++)
        h->weight[b] *= factor;
    h->total *= factor;
    trim(k, h);
}

bool alm_histogram_empty(const struct alm_buckets *k, const struct alm_histogram *h)
{
    return h->weight[h->low] < k->epsilon;
}

void alm_histogram_find(const struct alm_histogram *h, const double *p, size_t n, int *bucket)
{
    int b = h->low;
    double sum = b < h->high ? h->weight[b] : 0;
    for (size_t i = 0; i < n; i++) {
        double threshold = p[i] * h->total;
        while (b < h->high && !(sum >= threshold))
            if (++b < h->high)
                sum += h->weight[b];
        bucket[i] = b;
    }
}

double alm_histogram_percentile(const struct alm_buckets *k, const struct alm_histogram *h, double p)
{
    if (alm_histogram_empty(k, h))
        return 0;
    int b;
    alm_histogram_find(h, &p, 1, &b);
    return alm_bucket_end(k, b);
}

/* T to the nearest multiple of STEP counted from the year 1, halves upward. */
static alm_time round_from_year_one(alm_time t, alm_time step)
{
    const int64_t tenth_of_offset = INT64_C(6213559680) * ALM_SECOND; /* 0001-01-01 to 1970-01-01 is 62135596800 s */
    alm_time rest = (tenth_of_offset % step) * 10 % step;
    rest = (rest + (t - alm_time_floor(t, step))) % step;
    return rest + rest < step ? t - rest : t + (step - rest);
}

static void move_reference(const struct alm_buckets *k, struct alm_histogram *h, alm_time half_life, alm_time t)
{
    alm_time next = round_from_year_one(t, half_life);
    if (h->reference != ALM_TIME_NONE) {
        double halves = floor((double)(h->reference - next) / (double)half_life + 0.5);
        alm_histogram_scale(k, h, halves < -5000 ? 0 : ldexp(1, (int)halves));
    }
    h->reference = next;
}

static double decay_factor(const struct alm_buckets *k, struct alm_histogram *h, alm_time half_life, alm_time t)
{
    if (h->reference == ALM_TIME_NONE || t - h->reference > MAX_DECAY * half_life)
        move_reference(k, h, half_life, t);
    return exp2((double)(t - h->reference) / (double)half_life);
}

void alm_decaying_add(const struct alm_buckets *k, struct alm_histogram *h, alm_time half_life, double value,
                      double weight, alm_time t)
{
    double factor = decay_factor(k, h, half_life, t);
    alm_histogram_add(k, h, value, weight * factor);
}

void alm_decaying_subtract(const struct alm_buckets *k, struct alm_histogram *h, alm_time half_life, double value,
                           double weight, alm_time t)
{
    double factor = decay_factor(k, h, half_life, t);
    alm_histogram_subtract(k, h, value, weight * factor);
}

void alm_histogram_merge(const struct alm_buckets *k, struct alm_histogram *h, alm_time half_life,
                         const struct alm_histogram *from)
{
    double factor = 1;
    if (half_life > 0 && from->reference != ALM_TIME_NONE) {
        if (h->reference == ALM_TIME_NONE || h->reference < from->reference)
            move_reference(k, h, half_life, from->reference);
        double halves = floor((double)(from->reference - h->reference) / (double)half_life + 0.5);
        factor = halves < -5000 ? 0 : ldexp(1, (int)halves);
    }
    for (int b = 0; b < k->count; b++)
        h->weight[b] += from->weight[b] * factor;
    h->total += from->total * factor;
    h->low = from->low < h->low ? from->low : h->low;
    h->high = from->high > h->high ? from->high : h->high;
    trim(k, h);
}

void alm_histogram_save(const struct alm_buckets *k, const struct alm_histogram *h, struct alm_checkpoint *out)
{
    out->version = ALM_CHECKPOINT_VERSION;
    out->total = h->total;
    out->reference = h->reference;
    out->count = 0;
    if (alm_histogram_empty(k, h))
        return;
    double heaviest = 0;
    for (int b = h->low; b <= h->high; b++)
        heaviest = h->weight[b] > heaviest ? h->weight[b] : heaviest;
    double ratio = ALM_CHECKPOINT_WEIGHT / heaviest;
    for (int b = h->low; b <= h->high; b++) {
        uint32_t weight = (uint32_t)floor(h->weight[b] * ratio + 0.5);
        if (weight > 0)
            out->bucket[out->count++] = (struct alm_checkpoint_bucket){.index = b, .weight = weight};
    }
}

int alm_histogram_load(const struct alm_buckets *k, struct alm_histogram *h, const struct alm_checkpoint *c,
                       struct alm_err *e)
{
    if (c == NULL)
        return alm_fail(e, ALM_EDATA, "histogram: the checkpoint is missing");
    if (c->version == NULL || strcmp(c->version, ALM_CHECKPOINT_VERSION) != 0)
        return alm_fail(e, ALM_EDATA, "histogram: the checkpoint is of version \"%s\"; \"%s\" is read here",
                        c->version ? c->version : "", ALM_CHECKPOINT_VERSION);
    if (!(c->total >= 0) || !isfinite(c->total))
        return alm_fail(e, ALM_EDATA, "histogram: the checkpoint's total weight %g must be 0 or more", c->total);
    double sum = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (c->bucket[i].index < 0 || c->bucket[i].index >= k->count)
            return alm_fail(e, ALM_EDATA, "histogram: the checkpoint names bucket %lld; they go from 0 to %d",
                            (long long)c->bucket[i].index, k->count - 1);
        sum += c->bucket[i].weight;
    }
    h->reference = c->reference;
    if (!(sum > 0))
        return ALM_OK;
    double ratio = c->total / sum;
    for (size_t i = 0; i < c->count; i++) {
        int b = (int)c->bucket[i].index;
        h->weight[b] += c->bucket[i].weight * ratio;
        h->low = b < h->low ? b : h->low;
        h->high = b > h->high ? b : h->high;
    }
    h->total += c->total;
    trim(k, h);
    return ALM_OK;
}
