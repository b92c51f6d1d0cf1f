/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_interval: a hash table of differences; see trace_interval.h. */
#include "trace_interval.h"

#include <stdlib.h>

#define EXACT_MOST 65536u

static struct alm__interval_slot *find(struct alm__interval_slot *slot, size_t room, alm_time difference)
{
    size_t i = (size_t)(((uint64_t)difference * 0x9e3779b97f4a7c15u) >> 20) & (room - 1);
    while (slot[i].count > 0 && slot[i].difference != difference)
        i = (i + 1) & (room - 1);
    return &slot[i];
}

static int grow(struct alm__intervals *t, struct alm_err *e)
{
    size_t room = t->room ? 2 * t->room : 64;
    struct alm__interval_slot *slot = calloc(room, sizeof *slot);
    if (!slot)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    for (size_t i = 0; i < t->room; i++)
        if (t->slot[i].count > 0)
            *find(slot, room, t->slot[i].difference) = t->slot[i];
    free(t->slot);
    t->slot = slot;
    t->room = room;
    return 0;
}

static alm_time three_digits(alm_time difference)
{
    alm_time step = 1;
    while (difference / step >= 1000)
        step *= 10;
    return difference - difference % step;
}

int alm__interval_add(struct alm__intervals *t, alm_time difference, struct alm_err *e)
{
    if (2 * t->used >= t->room)
        ALM_TRY(grow(t, e));
    struct alm__interval_slot *s = find(t->slot, t->room, difference);
    if (s->count == 0 && t->used >= EXACT_MOST) {
        difference = three_digits(difference);
        s = find(t->slot, t->room, difference);
    }
    if (s->count == 0) {
        s->difference = difference;
        t->used++;
    }
    s->count++;
    return 0;
}

static int frequent_first(const void *a, const void *b)
{
    const struct alm__interval_slot *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->difference < y->difference ? -1 : x->difference > y->difference;
}

alm_time alm__interval_usual(struct alm__intervals *t)
{
    if (t->used == 0)
        return 0;
    qsort(t->slot, t->room, sizeof *t->slot, frequent_first);
    size_t equal = 1;
    while (equal < t->used && t->slot[equal].count == t->slot[0].count)
        equal++;
    return t->slot[(equal - 1) / 2].difference;
}

uint64_t alm__interval_above(const struct alm__intervals *t, alm_time limit)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < t->room; i++)
        if (t->slot[i].count > 0 && t->slot[i].difference > limit)
            sum += t->slot[i].count;
    return sum;
}

void alm__interval_free(struct alm__intervals *t)
{
    free(t->slot);
    *t = (struct alm__intervals){0};
}
