/* SPDX-License-Identifier: GPL-3.0-or-later
 * heap: a binary heap that tells its items where they stand. */
#include "heap.h"

#include <stdlib.h>

void sim_heap_fini(struct sim_heap *h)
{
    free(h->entry);
    *h = (struct sim_heap){0};
}

static inline bool before(const struct sim_heap_entry *a, const struct sim_heap_entry *b)
{
    return a->key < b->key || (a->key == b->key && a->item < b->item);
}

static inline void place(struct sim_heap *h, uint32_t *position, uint32_t at, struct sim_heap_entry entry)
{
    h->entry[at] = entry;
    position[entry.item] = at;
}

static void rise(struct sim_heap *h, uint32_t *position, uint32_t at, struct sim_heap_entry entry)
{
    while (at > 0) {
        uint32_t parent = (at - 1) / 2;
        if (!before(&entry, &h->entry[parent]))
            break;
        place(h, position, at, h->entry[parent]);
        at = parent;
    }
    place(h, position, at, entry);
}

static void sink(struct sim_heap *h, uint32_t *position, uint32_t at, struct sim_heap_entry entry)
{
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= h->count)
            break;
        if (child + 1 < h->count && before(&h->entry[child + 1], &h->entry[child]))
            child++;
        if (!before(&h->entry[child], &entry))
            break;
        place(h, position, at, h->entry[child]);
        at = child;
    }
    place(h, position, at, entry);
}

int sim_heap_push(struct sim_heap *h, uint32_t *position, double key, uint32_t item, struct alm_err *e)
{
    if (h->count == h->capacity) {
        uint32_t capacity = h->capacity ? h->capacity * 2 : 4;
        struct sim_heap_entry *entry = realloc(h->entry, capacity * sizeof *entry);
        if (!entry)
            return alm_fail(e, ALM_ENOMEM, "out of memory for a heap of %u", capacity);
        h->entry = entry;
        h->capacity = capacity;
    }
    rise(h, position, h->count++, (struct sim_heap_entry){key, item});
    return ALM_OK;
}

static void settle(struct sim_heap *h, uint32_t *position, uint32_t at, struct sim_heap_entry entry)
{
    if (at > 0 && before(&entry, &h->entry[(at - 1) / 2]))
        rise(h, position, at, entry);
    else
        sink(h, position, at, entry);
}

void sim_heap_remove(struct sim_heap *h, uint32_t *position, uint32_t item)
{
    uint32_t at = position[item];
    position[item] = SIM_HEAP_NONE;
    struct sim_heap_entry last = h->entry[--h->count];
    if (at < h->count)
        settle(h, position, at, last);
}

void sim_heap_change(struct sim_heap *h, uint32_t *position, double key, uint32_t item)
{
    settle(h, position, position[item], (struct sim_heap_entry){key, item});
}
