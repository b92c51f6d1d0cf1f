/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_order: the order of rows, found on their keys alone: rows are large and stay where they are. */
#ifndef ALM_TRACE_ORDER_H
#define ALM_TRACE_ORDER_H

#include "almanac/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alm__order_key {
    alm_time at;
    uint32_t unit;
    uint32_t index; /* of the row, which is its order of arrival */
};

/* Sort N keys, given in order of their index, by (unit, at, index) when BY_UNIT, else by (at, index). SPARE has room for
 * N keys. Returns KEY or SPARE: the one that holds the sorted keys.
 * cost    linear for rows that arrive in order of time, of few units or many; else n log n within each unit */
struct alm__order_key *alm__order_sort(struct alm__order_key *key, struct alm__order_key *spare, size_t n,
                                       bool by_unit);

#endif
