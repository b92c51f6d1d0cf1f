/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: whatever the order of times and the spread of units, is each key before the next one, and none lost? */
#include "traces/file/trace_order.h"
#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MOST 3000

static bool in_order(const struct alm__order_key *a, const struct alm__order_key *b, bool by_unit)
{
    if (by_unit && a->unit != b->unit)
        return a->unit < b->unit;
    return a->at != b->at ? a->at < b->at : a->index < b->index;
}

Test(trace_order, every_key_is_before_the_next)
{
    static const uint32_t spread[] = {1, 7, 900, 100000, UINT32_MAX};
    static struct alm__order_key key[2 * MOST];
    static bool seen[MOST];
    struct alm_stream r = alm_stream_open(3, 0, "order");
    for (int round = 0; round < 400; round++) {
        size_t n = (size_t)alm_stream_below(&r, round < 20 ? 4 : MOST);
        uint32_t units = spread[round % 5];
        bool by_unit = round % 3 != 0, ascending = round % 2;
        for (size_t i = 0; i < n; i++) {
            alm_time at = ascending ? (alm_time)(i / 3) : (alm_time)alm_stream_below(&r, 50) - 25;
            key[i] = (struct alm__order_key){at, (uint32_t)alm_stream_below(&r, units), (uint32_t)i};
        }
        const struct alm__order_key *sorted = alm__order_sort(key, key + MOST, n, by_unit);
        memset(seen, 0, sizeof seen);
        for (size_t i = 0; i < n; i++) {
            cr_assert(i == 0 || in_order(&sorted[i - 1], &sorted[i], by_unit), "round %d, %zu of %zu", round, i, n);
            cr_assert(!seen[sorted[i].index]);
            seen[sorted[i].index] = true;
        }
    }
}
