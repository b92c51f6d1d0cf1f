/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_order: scatter keys by unit, then sort within those units whose rows are out of order.
 *
 * Choice.   Most tables come in order of time, whichever way their units alternate: one stable counting pass then does it.
 *           When unit numbers are spread too far for that, a comparison sort does it all. */
#include "trace_order.h"

#include <stdlib.h>

static int by_time(const void *a, const void *b)
{
    const struct alm__order_key *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int by_unit_then_time(const void *a, const void *b)
{
    const struct alm__order_key *x = a, *y = b;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return by_time(a, b);
}

static void sort_times(struct alm__order_key *key, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (key[i].at < key[i - 1].at) {
            qsort(key, n, sizeof *key, by_time);
            return;
        }
}

/* The number of keys of each unit from LEAST on; NULL when the units are too many or there is no memory. */
static size_t *count_units(const struct alm__order_key *key, size_t n, uint32_t *least, size_t *units)
{
    uint32_t low = UINT32_MAX, high = 0;
    for (size_t i = 0; i < n; i++) {
        low = key[i].unit < low ? key[i].unit : low;
        high = key[i].unit > high ? key[i].unit : high;
    }
    *least = low;
    *units = (size_t)high - low + 1;
    if (*units > n + 1024)
        return NULL;
    size_t *count = calloc(*units, sizeof *count);
    for (size_t i = 0; count && i < n; i++)
        count[key[i].unit - low]++;
    return count;
}

struct alm__order_key *alm__order_sort(struct alm__order_key *key, struct alm__order_key *spare, size_t n, bool by_unit)
{
    uint32_t least = 0;
    size_t units = 0;
    if (n == 0)
        return key;
    if (!by_unit) {
        sort_times(key, n);
        return key;
    }
    size_t *end = count_units(key, n, &least, &units);
    if (!end) {
        qsort(key, n, sizeof *key, by_unit_then_time);
        return key;
    }
    for (size_t u = 0, start = 0; u < units; u++) { /* counts become places */
        size_t count = end[u];
        end[u] = start;
        start += count;
    }
    for (size_t i = 0; i < n; i++)
        spare[end[key[i].unit - least]++] = key[i];
    for (size_t u = 0; u < units; u++) {
        size_t start = u ? end[u - 1] : 0;
        sort_times(spare + start, end[u] - start);
    }
    free(end);
    return spare;
}
