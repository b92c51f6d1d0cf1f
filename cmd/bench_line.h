/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_line: who waits, first come first served: a ring of arrival times that grows. */
#ifndef ALM_CMD_BENCH_LINE_H
#define ALM_CMD_BENCH_LINE_H

#include "almanac/error.h"
#include "almanac/time.h"

#include <stdlib.h>
#include <string.h>

struct bench_line {
    alm_time *at;
    size_t first, count, room; /* room: a power of two */
};

static inline int bench_line_grow(struct bench_line *l, struct alm_err *e)
{
    size_t room = l->room ? 2 * l->room : 1024;
    alm_time *at = malloc(room * sizeof *at);
    if (!at)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a queue of %zu", room);
    for (size_t i = 0; i < l->count; i++)
        at[i] = l->at[(l->first + i) & (l->room - 1)];
    free(l->at);
    *l = (struct bench_line){.at = at, .count = l->count, .room = room};
    return ALM_OK;
}

static inline int bench_line_join(struct bench_line *l, alm_time at, struct alm_err *e)
{
    if (l->count == l->room)
        ALM_TRY(bench_line_grow(l, e));
    l->at[(l->first + l->count++) & (l->room - 1)] = at;
    return ALM_OK;
}

/* The first leaves; there must be one. */
static inline alm_time bench_line_leave(struct bench_line *l)
{
    alm_time at = l->at[l->first];
    l->first = (l->first + 1) & (l->room - 1);
    l->count--;
    return at;
}

#endif
