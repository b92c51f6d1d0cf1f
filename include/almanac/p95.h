/* SPDX-License-Identifier: GPL-3.0-or-later
 * p95: the 95th percentile of values that come one by one.
 *
 * Meaning.  Nearest rank: of n values the one at ceil(0.95 n). Only the largest twentieth is kept, in falling order.
 * Limits.   The room is made for as many values as are expected. Where more come, the smallest value that is kept stands in, which is
 *           above the percentile. */
#ifndef ALMANAC_P95_H
#define ALMANAC_P95_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* Of zero bytes: nothing seen. */
struct alm_p95 {
    uint32_t seen, kept;
};

/* How many doubles EXPECTED values ask for. */
static inline size_t alm_p95_room(size_t expected)
{
    return expected / 20 + 1;
}

/* ROOM[CAPACITY] belongs to P. */
static inline void alm_p95_put(struct alm_p95 *p, double *room, size_t capacity, double value)
{
    size_t k = p->kept < capacity ? p->kept++ : capacity;
    p->seen++;
    if (k == capacity && !(value > room[--k]))
        return;
    for (; k > 0 && room[k - 1] < value; k--)
        room[k] = room[k - 1];
    room[k] = value;
}

/* NaN when nothing was seen. */
static inline double alm_p95_value(const struct alm_p95 *p, const double *room)
{
    if (p->seen == 0)
        return NAN;
    const size_t from_top = p->seen - (size_t)((19 * (uint64_t)p->seen + 19) / 20);
    return room[from_top < p->kept ? from_top : p->kept - 1];
}

#endif
