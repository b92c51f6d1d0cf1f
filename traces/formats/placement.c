/* SPDX-License-Identifier: GPL-3.0-or-later
 * placement: one stream of random numbers a period, of which each call owns four. */
#include "placement.h"

#include <assert.h>

enum { UNIFORM, EVEN, START };
enum { BLOCKS = 2 }; /* of the stream, two numbers each, that a call owns */

/* Spread the bits of H over all of it (Stafford's mix 13 of splitmix64). */
static uint64_t mix(uint64_t h)
{
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    return h ^ h >> 31;
}

uint64_t alm_identity(uint64_t before, const char *at, size_t size)
{
    uint64_t h = 14695981039346656037u ^ before; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)at[i]) * 1099511628211u;
    return mix(h + size);
}

struct alm_calls alm_calls_of(const struct alm_placement *p, uint64_t identity, uint64_t number, alm_time start,
                              alm_time length, uint64_t count)
{
    assert(length > 0);
    return (struct alm_calls){p, mix(identity + number * 0x9e3779b97f4a7c15u), count, start, length};
}

bool alm_calls_get(const struct alm_calls *c, uint64_t k, struct alm_call *out)
{
    const struct alm_placement *p = c->placement;
    struct alm_stream s = alm_stream_open((uint64_t)p->seed, c->entity, "placement");
    assert(k < c->count);
    s.next = BLOCKS * k;
    double keep = alm_stream_uniform(&s), place = alm_stream_uniform(&s);
    if (keep >= p->share)
        return false;
    if (p->rule == EVEN)
        place = ((double)k + 0.5) / (double)c->count;
    else if (p->rule == START)
        place = 0;
    alm_time into = (alm_time)(place * (double)c->length);
    out->at = c->start + (into < c->length ? into : c->length - 1);
    out->draw = alm_stream_uniform(&s);
    return true;
}

double alm_calls_draw(const struct alm_calls *c, const char *purpose)
{
    struct alm_stream s = alm_stream_open((uint64_t)c->placement->seed, c->entity, purpose);
    return alm_stream_uniform(&s);
}
