/* SPDX-License-Identifier: GPL-3.0-or-later
 * bootstrap: see the header.
 *
 * Source.   Lemire, "Fast random integer generation in an interval" (2019): unbiased, without division. */
#include "experiments/statistics/bootstrap.h"

#include "almanac/stream.h"

#include "experiments/statistics/moments.h"
#include "experiments/statistics/t_test.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define ENUMERATED 6
#define ROUNDING 1e-12
#define SMALL 4096 /* data for which pieces of 16 bits are seldom drawn anew */

/* Work under way. */
struct resampling {
    const struct bootstrap_statistic *s;
    size_t block;
    uint32_t *index;       /* [n] */
    double *value;         /* of resamples, finite ones only, then ascending */
    size_t count, planned; /* of them; of all resamples */
    double estimate;
};

static size_t blocks_of(const struct resampling *r)
{
    return (r->s->n + r->block - 1) / r->block;
}

static void keep(struct resampling *r)
{
    const double v = r->s->value(r->s->ctx, r->index, r->s->n);
    if (isfinite(v))
        r->value[r->count++] = v;
}

/* Each draw of 64 bits is cut into pieces, of which each makes an index. */
struct index_source {
    struct alm_stream stream;
    uint64_t bits;
    uint32_t n, mask, least; /* least: 2^width modulo n, below which a product is drawn anew */
    unsigned width, left;    /* of a piece in bits; bits not yet used */
};

static struct index_source index_source(uint64_t seed, uint32_t n)
{
    const unsigned width = n <= SMALL ? 16 : 32;
    const uint64_t pieces = (uint64_t)1 << width;
    return (struct index_source){.stream = alm_stream_open(seed, 0, "bootstrap"),
                                 .n = n,
                                 .mask = (uint32_t)(pieces - 1),
                                 .least = (uint32_t)(pieces % n),
                                 .width = width};
}

static inline uint32_t next_index(struct index_source *x)
{
    uint64_t product;
    do {
        if (x->left == 0) {
            x->bits = alm_stream_u64(&x->stream);
            x->left = 64;
        }
        product = (x->bits & x->mask) * x->n;
        x->bits >>= x->width;
        x->left -= x->width;
    } while ((product & x->mask) < x->least);
    return (uint32_t)(product >> x->width);
}

/* The block at START, around the end of the data, to AT and on. */
static void put_block(const struct resampling *r, size_t start, size_t at)
{
    const size_t n = r->s->n;
    for (size_t k = 0; k < r->block && at + k < n; k++)
        r->index[at + k] = (uint32_t)((start + k) % n);
}

static void draw(struct resampling *r, uint64_t seed)
{
    struct index_source x = index_source(seed, (uint32_t)r->s->n);
    for (size_t i = 0; i < r->planned; i++) {
        if (r->block == 1)
            for (size_t k = 0; k < r->s->n; k++)
                r->index[k] = next_index(&x);
        else
            for (size_t at = 0; at < r->s->n; at += r->block)
                put_block(r, next_index(&x), at);
        keep(r);
    }
}

static void enumerate(struct resampling *r)
{
    for (size_t i = 0; i < r->planned; i++) {
        size_t rest = i;
        for (size_t b = 0; b < blocks_of(r); b++, rest /= r->s->n)
            put_block(r, rest % r->s->n, b * r->block);
        keep(r);
    }
}

static double scale_of(const struct resampling *r)
{
    return fmax(fabs(r->value[0]), fabs(r->value[r->count - 1]));
}

/* Share of resamples below X, those equal to it counting EQUAL. */
static double share_below(const struct resampling *r, double x, double equal)
{
    const double near = ROUNDING * scale_of(r);
    double share = 0;
    for (size_t i = 0; i < r->count; i++)
        share += fabs(r->value[i] - x) <= near ? equal : r->value[i] < x;
    return share / (double)r->count;
}

static double percentile(const struct resampling *r, double p)
{
    if (!(p >= 0 && p <= 1))
        return NAN;
    const double at = p * (double)(r->count - 1);
    const size_t k = (size_t)at;
    return k + 1 < r->count ? r->value[k] + (at - (double)k) * (r->value[k + 1] - r->value[k]) : r->value[k];
}

/* Skewness of the estimate, from leaving out one block at a time; NaN below two. */
static int accelerate(struct resampling *r, double *out, struct alm_err *e)
{
    const size_t n = r->s->n, blocks = blocks_of(r);
    double *without = calloc(blocks, sizeof *without), squares = 0, cubes = 0;
    size_t count = 0;
    if (!without)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a jackknife of %zu", blocks);
    for (size_t b = 0; b < blocks; b++) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++)
            if (i / r->block != b)
                r->index[m++] = (uint32_t)i;
        const double v = m ? r->s->value(r->s->ctx, r->index, m) : NAN;
        if (isfinite(v))
            without[count++] = v;
    }
    const struct moments all = moments_of(without, count);
    for (size_t b = 0; b < count && all.sd > 0; b++) {
        const double off = (all.mean - without[b]) / all.sd;
        squares += off * off;
        cubes += off * off * off;
    }
    *out = count < 2 ? NAN : squares > 0 ? cubes / (6 * squares * sqrt(squares)) : 0;
    free(without);
    return ALM_OK;
}

/* The percentile that BCa takes for P. */
static double adjusted(double p, const struct bootstrap_result *b)
{
    const double z = b->bias_correction + normal_quantile(p), shrink = 1 - b->acceleration * z;
    return isfinite(z) && shrink > 0 ? gsl_cdf_ugaussian_P(b->bias_correction + z / shrink) : NAN;
}

static int conclude(struct resampling *r, const struct bootstrap_plan *plan, struct bootstrap_result *out,
                    struct alm_err *e)
{
    const double low = (1 - plan->level) / 2, high = 0.5 + plan->level / 2;
    ALM_TRY(accelerate(r, &out->acceleration, e));
    gsl_sort(r->value, 1, r->count);
    const double sd = moments_of(r->value, r->count).sd, n = (double)r->count;
    out->se = plan->draws ? sd : sd * sqrt((n - 1) / n);
    out->bias_correction = normal_quantile(share_below(r, r->estimate, 0.5));
    out->p_not_above_zero = share_below(r, 0, 1);
    out->percentile.low = percentile(r, low);
    out->percentile.high = percentile(r, high);
    out->basic.low = 2 * r->estimate - out->percentile.high;
    out->basic.high = 2 * r->estimate - out->percentile.low;
    const bool varies = r->value[0] != r->value[r->count - 1];
    out->bca.low = percentile(r, varies ? adjusted(low, out) : low);
    out->bca.high = percentile(r, varies ? adjusted(high, out) : high);
    return ALM_OK;
}

/* How many resamples the plan asks for, or none. */
static int planned(const struct bootstrap_statistic *s, const struct bootstrap_plan *plan, size_t *out,
                   struct alm_err *e)
{
    if (!(plan->level > 0 && plan->level < 1))
        return alm_fail(e, ALM_EINVAL, "bootstrap: level %g; it must be between 0 and 1", plan->level);
    if (s->n > UINT32_MAX)
        return alm_fail(e, ALM_EINVAL, "bootstrap: %zu values; 2^32 - 1 at the most", s->n);
    if (plan->block == 0 || (s->n > 0 && plan->block > s->n))
        return alm_fail(e, ALM_EINVAL, "bootstrap: blocks of %zu; from 1 to the %zu values there are", plan->block,
                        s->n);
    if (plan->draws == 0 && s->n > ENUMERATED)
        return alm_fail(e, ALM_EINVAL, "bootstrap: %zu values are too many for all resamples (%d); draw some", s->n,
                        ENUMERATED);
    *out = plan->draws ? plan->draws : 1;
    for (size_t at = 0; plan->draws == 0 && at < s->n; at += plan->block)
        *out *= s->n;
    return ALM_OK;
}

int bootstrap(const struct bootstrap_statistic *s, const struct bootstrap_plan *plan, struct bootstrap_result *out,
              struct alm_err *e)
{
    struct resampling r = {.s = s, .block = plan->block};
    const struct estimate unknown = {NAN, NAN, NAN};
    struct bootstrap_result b = {unknown, unknown, unknown, NAN, NAN, NAN, NAN};
    ALM_TRY(planned(s, plan, &r.planned, e));
    r.index = calloc(s->n + 1, sizeof *r.index);
    r.value = calloc(r.planned, sizeof *r.value);
    if (!r.index || !r.value) {
        free(r.index);
        free(r.value);
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu resamples", r.planned);
    }
    int code = ALM_OK;
    if (s->n > 0) {
        for (size_t i = 0; i < s->n; i++)
            r.index[i] = (uint32_t)i;
        r.estimate = s->value(s->ctx, r.index, s->n);
        b.percentile.value = b.basic.value = b.bca.value = r.estimate;
    }
    if (s->n > 1 && isfinite(r.estimate)) {
        if (plan->draws)
            draw(&r, plan->seed);
        else
            enumerate(&r);
        if (r.count > 0 && 2 * r.count >= r.planned)
            code = conclude(&r, plan, &b, e);
    }
    free(r.index);
    free(r.value);
    if (code == ALM_OK)
        *out = b;
    return code;
}
