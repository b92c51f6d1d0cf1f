/* SPDX-License-Identifier: GPL-3.0-or-later
 * recorder_rows: a growing array of rows of one size. */
#ifndef ALM_CORE_RECORDER_ROWS_H
#define ALM_CORE_RECORDER_ROWS_H

#include "almanac/error.h"

#include <stddef.h>
#include <stdlib.h>

struct alm__rows {
    char *at;
    size_t count, capacity, size;
};

/* Room for one more row, which counts from now on; NULL when out of memory. */
static inline void *alm__rows_grow(struct alm__rows *r, struct alm_err *e)
{
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? r->capacity * 2 : 256;
        char *at = realloc(r->at, capacity * r->size);
        if (!at) {
            alm_fail(e, ALM_ENOMEM, "out of memory for %zu recorded rows", capacity);
            return NULL;
        }
        r->at = at;
        r->capacity = capacity;
    }
    return r->at + r->size * r->count++;
}

#endif
