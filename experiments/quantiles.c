/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantiles: see the header. */
#include "experiments/quantiles.h"

#include <math.h>
#include <stdlib.h>

#define BITS 9 /* 2^9 buckets an octave */

static int octave_of(int64_t value)
{
    return value < QUANTILES_BUCKETS ? 0 : 63 - __builtin_clzll((unsigned long long)value) - BITS + 1;
}

static double middle_of(int octave, int bucket)
{
    if (octave <= 1)
        return octave * QUANTILES_BUCKETS + bucket;
    double width = ldexp(1, octave - 1);
    return (QUANTILES_BUCKETS + bucket) * width + (width - 1) / 2;
}

static int meet(struct quantiles *q, int octave, struct alm_err *e)
{
    q->octave[octave] = calloc(QUANTILES_BUCKETS, sizeof *q->octave[octave]);
    return q->octave[octave] ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for a histogram");
}

void quantiles_free(struct quantiles *q)
{
    for (int k = 0; k < QUANTILES_OCTAVES; k++)
        free(q->octave[k]);
    *q = (struct quantiles){0};
}

int quantiles_add(struct quantiles *q, int64_t value, struct alm_err *e)
{
    value = value < 0 ? 0 : value;
    int k = octave_of(value);
    if (!q->octave[k])
        ALM_TRY(meet(q, k, e));
    q->octave[k][k == 0 ? value : (value >> (k - 1)) - QUANTILES_BUCKETS]++;
    q->largest = value > q->largest ? value : q->largest;
    q->count++;
    return ALM_OK;
}

int quantiles_merge(struct quantiles *a, const struct quantiles *b, struct alm_err *e)
{
    for (int k = 0; k < QUANTILES_OCTAVES; k++) {
        if (!b->octave[k])
            continue;
        if (!a->octave[k])
            ALM_TRY(meet(a, k, e));
        for (int i = 0; i < QUANTILES_BUCKETS; i++)
            a->octave[k][i] += b->octave[k][i];
    }
    a->count += b->count;
    a->largest = b->largest > a->largest ? b->largest : a->largest;
    return ALM_OK;
}

double quantiles_at(const struct quantiles *q, double share)
{
    if (q->count == 0)
        return NAN;
    double wanted = ceil(share * (double)q->count);
    uint64_t rank = wanted < 1 ? 1 : wanted > (double)q->count ? q->count : (uint64_t)wanted;
    for (int k = 0; rank < q->count && k < QUANTILES_OCTAVES; k++)
        for (int i = 0; q->octave[k] && i < QUANTILES_BUCKETS; i++) {
            if (q->octave[k][i] >= rank)
                return fmin(middle_of(k, i), (double)q->largest);
            rank -= q->octave[k][i];
        }
    return (double)q->largest;
}

uint64_t quantiles_above(const struct quantiles *q, double value)
{
    uint64_t above = 0;
    for (int k = 0; k < QUANTILES_OCTAVES; k++)
        for (int i = 0; q->octave[k] && i < QUANTILES_BUCKETS; i++)
            above += middle_of(k, i) > value ? q->octave[k][i] : 0;
    return above;
}
