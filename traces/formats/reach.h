/* SPDX-License-Identifier: GPL-3.0-or-later
 * reach: an array beside a table of names (names.h), grown as names come. */
#ifndef ALM_TRACES_REACH_H
#define ALM_TRACES_REACH_H

#include "almanac/error.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Make *ARRAY, of *ROOM elements of SIZE bytes, reach element NUMBER; new elements are zero. */
static inline int alm_reach(void *array, uint32_t *room, uint32_t number, size_t size, struct alm_err *e)
{
    void *old;
    memcpy(&old, array, sizeof old);
    if (number < *room)
        return ALM_OK;
    size_t more = *room;
    while (more <= number)
        more = more ? 2 * more : 64;
    char *grown = realloc(old, more * size);
    if (!grown)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu names", more);
    memset(grown + *room * size, 0, (more - *room) * size);
    memcpy(array, &grown, sizeof grown);
    *room = (uint32_t)more;
    return ALM_OK;
}

#endif
