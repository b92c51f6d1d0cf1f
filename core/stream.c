/* SPDX-License-Identifier: GPL-3.0-or-later
 * stream: Philox4x32-10 keyed by (seed, entity, purpose).
 *
 * Choice.   The key is the seed; the counter is (block number, entity and purpose). Two 64-bit words a block. Normal
 *           draws invert the distribution function (GSL): one uniform a draw, so streams stay aligned. */
#include "almanac/stream.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <Random123/philox.h>
#include <stddef.h>

static uint32_t hash_word(const char *word)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (; *word; word++)
        h = (h ^ (unsigned char)*word) * 16777619u;
    return h;
}

struct alm_stream alm_stream_open(uint64_t seed, uint64_t entity, const char *purpose)
{
    return (struct alm_stream){.seed = seed, .entity = entity, .purpose = hash_word(purpose)};
}

/* The counter holds the block number in 64 bits and, in the other 64, the entity, with the
 * purpose in the upper half: pairs of up to 2^32 entities never meet unless two purposes hash alike. */
static void next_block(struct alm_stream *s)
{
    uint64_t who = s->entity + ((uint64_t)s->purpose << 32);
    philox4x32_ctr_t counter = {{(uint32_t)s->next, (uint32_t)(s->next >> 32), (uint32_t)who, (uint32_t)(who >> 32)}};
    philox4x32_key_t key = {{(uint32_t)s->seed, (uint32_t)(s->seed >> 32)}};
    philox4x32_ctr_t r = philox4x32(counter, key);
    s->block[0] = (uint64_t)r.v[0] << 32 | r.v[1];
    s->block[1] = (uint64_t)r.v[2] << 32 | r.v[3];
    s->next++;
    s->held = 2;
}

uint64_t alm_stream_u64(struct alm_stream *s)
{
    if (s->held == 0)
        next_block(s);
    return s->block[--s->held];
}

double alm_stream_uniform(struct alm_stream *s)
{
    return ((double)(alm_stream_u64(s) >> 12) + 0.5) * 0x1p-52;
}

double alm_stream_exponential(struct alm_stream *s)
{
    return -log(alm_stream_uniform(s));
}

double alm_stream_normal(struct alm_stream *s)
{
    return gsl_cdf_ugaussian_Pinv(alm_stream_uniform(s));
}

uint64_t alm_stream_below(struct alm_stream *s, uint64_t n)
{
    uint64_t limit = UINT64_MAX - UINT64_MAX % n, draw;
    do
        draw = alm_stream_u64(s);
    while (draw >= limit);
    return draw % n;
}
