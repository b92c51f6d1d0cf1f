/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_random: the random numbers of the benchmarks: xoshiro256** and exponential draws by a ziggurat of 256 layers.
 *
 * Choice.   A draw costs about a tenth of what an event costs, so what is measured is the engine. almanac's own streams
 *           (Philox) cost more and give what a benchmark does not need: draws that belong to an entity.
 * Limits.   A draw has 53 bits and takes one number in 98 of 100 cases.
 * Source.   Blackman and Vigna, "Scrambled linear pseudorandom number generators", TOMS 47 (2021); seeded by SplitMix64.
 *           Marsaglia and Tsang, "The ziggurat method for generating random variables", JSS 5 (2000). */
#ifndef ALM_CMD_BENCH_RANDOM_H
#define ALM_CMD_BENCH_RANDOM_H

#include "almanac/time.h"

#include <math.h>
#include <stdint.h>

#define BENCH_SEED 42
#define BENCH_LAYERS 256
/* Where the tail of 256 layers begins, and the area of each. */
#define BENCH_TAIL 7.69711747013104972
#define BENCH_AREA 3.949659822581572e-3

struct bench_random {
    uint64_t s[4];
    double edge[BENCH_LAYERS + 1], density[BENCH_LAYERS + 1];
};

static inline void bench_random_init(struct bench_random *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        r->s[i] = z ^ z >> 31;
    }
    r->edge[0] = BENCH_AREA / exp(-BENCH_TAIL); /* the base layer holds the tail: as wide as its area asks for */
    r->edge[1] = BENCH_TAIL;
    for (int i = 2; i < BENCH_LAYERS; i++)
        r->edge[i] = -log(exp(-r->edge[i - 1]) + BENCH_AREA / r->edge[i - 1]);
    r->edge[BENCH_LAYERS] = 0;
    for (int i = 0; i <= BENCH_LAYERS; i++)
        r->density[i] = exp(-r->edge[i]);
}

static inline uint64_t bench_rotate(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

static inline uint64_t bench_u64(struct bench_random *r)
{
    uint64_t *s = r->s, out = bench_rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = bench_rotate(s[3], 45);
    return out;
}

static inline double bench_uniform(struct bench_random *r) /* [0, 1) */
{
    return (double)(int64_t)(bench_u64(r) >> 11) * 0x1p-53;
}

static inline double bench_exponential(struct bench_random *r) /* mean 1 */
{
    double beyond = 0;
    for (;;) {
        uint64_t bits = bench_u64(r);
        unsigned layer = bits % BENCH_LAYERS;
        double x = (double)(int64_t)(bits >> 11) * 0x1p-53 * r->edge[layer];
        if (x < r->edge[layer + 1])
            return beyond + x;
        if (layer == 0) { /* beyond its start the tail is as the whole */
            beyond += BENCH_TAIL;
            continue;
        }
        double y = r->density[layer] + bench_uniform(r) * (r->density[layer + 1] - r->density[layer]);
        if (y < exp(-x))
            return beyond + x;
    }
}

static inline alm_time bench_duration(struct bench_random *r, double mean_s)
{
    return (alm_time)(bench_exponential(r) * mean_s * (double)ALM_SECOND);
}

#endif
