/* SPDX-License-Identifier: GPL-3.0-or-later
 * stream: random numbers that belong to a thing and a purpose, not to the order of calls.
 *
 * Meaning.  A stream is keyed by (seed, entity, purpose). Draw k of a stream is a pure function of the key and k, so
 *           results do not depend on threads, ranks or module order, and two policies meet the same luck.
 * Choice.   Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC'11), from Random123. Normal draws by inversion, so that each
 *           takes exactly one uniform.
 * Limits.   2^64 draws a stream. Not for cryptography. */
#ifndef ALMANAC_STREAM_H
#define ALMANAC_STREAM_H

#include <stdint.h>

struct alm_stream {
    uint64_t seed, entity, next;
    uint32_t purpose, held;
    uint64_t block[2];
};

/* PURPOSE is hashed from a word ("burst"), so that two purposes never share numbers. */
struct alm_stream alm_stream_open(uint64_t seed, uint64_t entity, const char *purpose);

uint64_t alm_stream_u64(struct alm_stream *s);
double alm_stream_uniform(struct alm_stream *s);             /* (0, 1), 53 bits, never 0 or 1 */
double alm_stream_normal(struct alm_stream *s);              /* mean 0, sd 1 */
double alm_stream_exponential(struct alm_stream *s);         /* mean 1 */
uint64_t alm_stream_below(struct alm_stream *s, uint64_t n); /* 0 .. n-1, unbiased; n > 0 */

#endif
