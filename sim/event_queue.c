/* SPDX-License-Identifier: GPL-3.0-or-later
 * event_queue: the 4-ary heap.
 *
 * Choice.   The children of node i are 4i+1 .. 4i+4; the root lies in the last quarter of a cache line, so each group of
 *           four begins one. A key is compared as one number of 128 bits and the least of four found without a branch,
 *           because which it is cannot be foreseen. Where the heap outgrows the fast caches, the groups below the present one
 *           are fetched while it is looked at; so is the payload of the event that will be next. */
#include "event_queue.h"

#include <stdlib.h>
#include <string.h>

#define CACHED 1024 /* nodes before this one are in a fast cache anyway */

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

static inline wide rank(const struct alm_queue_key *k)
{
    return (wide)((unsigned_wide)(uint64_t)k->at << 64 | k->order);
}

static inline bool before(const struct alm_queue_key *a, const struct alm_queue_key *b)
{
    return rank(a) < rank(b);
}

static int grow(struct alm_queue *q, size_t capacity, struct alm_err *e)
{
    if (capacity > ALM_QUEUE_SLOTS)
        return alm_fail(e, ALM_ENOMEM, "the event queue holds at most %llu events",
                        (unsigned long long)ALM_QUEUE_SLOTS);
    size_t bytes = ((capacity + 4) * sizeof(struct alm_queue_key) + 63) / 64 * 64;
    void *block = aligned_alloc(64, bytes);
    struct alm_queue_payload *payload = malloc(capacity * sizeof *payload);
    uint32_t *idle = malloc(capacity * sizeof *idle);
    if (!block || !payload || !idle) {
        free(block);
        free(payload);
        free(idle);
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu pending events", capacity);
    }
    struct alm_queue_key *heap = (struct alm_queue_key *)block + 3;
    if (q->count)
        memcpy(heap, q->heap, q->count * sizeof *heap);
    if (q->capacity)
        memcpy(payload, q->payload, q->capacity * sizeof *payload);
    for (size_t i = q->capacity; i < capacity; i++)
        idle[i] = (uint32_t)i;
    free(q->block);
    free(q->payload);
    free(q->idle);
    q->block = block;
    q->heap = heap;
    q->payload = payload;
    q->idle = idle;
    q->capacity = capacity;
    return ALM_OK;
}

int alm_queue_init(struct alm_queue *q, size_t capacity, struct alm_err *e)
{
    *q = (struct alm_queue){0};
    return grow(q, capacity < 16 ? 16 : capacity, e);
}

void alm_queue_fini(struct alm_queue *q)
{
    free(q->block);
    free(q->payload);
    free(q->idle);
    *q = (struct alm_queue){0};
}

static int by_order(const void *a, const void *b)
{
    return before(a, b) ? -1 : before(b, a);
}

/* Sequence numbers ran out: number the pending events anew. A sorted array is a heap. */
static void renumber(struct alm_queue *q)
{
    if (q->hole && q->count)
        alm_queue_sink(q, q->heap[q->count]);
    q->hole = false;
    qsort(q->heap, q->count, sizeof *q->heap, by_order);
    for (size_t i = 0; i < q->count; i++) {
        uint64_t o = q->heap[i].order, phase = o >> ALM_QUEUE_PHASE_SHIFT, slot = o & (ALM_QUEUE_SLOTS - 1);
        q->heap[i].order = phase << ALM_QUEUE_PHASE_SHIFT | (uint64_t)i << ALM_QUEUE_SLOT_BITS | slot;
    }
    q->sequence = q->count;
}

/* When all payload slots are taken, there is no hole and `idle` has nothing to keep. */
int alm_queue_make_room(struct alm_queue *q, struct alm_err *e)
{
    if (q->count == q->capacity) {
        bool last = q->capacity < ALM_QUEUE_SLOTS && q->capacity * 2 > ALM_QUEUE_SLOTS;
        ALM_TRY(grow(q, last ? ALM_QUEUE_SLOTS : q->capacity * 2, e));
    }
    if (q->sequence == ALM_QUEUE_SEQUENCES)
        renumber(q);
    return ALM_OK;
}

/* The least of the siblings that begin at FIRST, of which those below N exist. */
static inline size_t least(const struct alm_queue_key *h, size_t first, size_t n)
{
    if (first + 4 <= n) {
        size_t a = first + before(&h[first + 1], &h[first]);
        size_t b = first + 2 + before(&h[first + 3], &h[first + 2]);
        return before(&h[b], &h[a]) ? b : a;
    }
    size_t found = first;
    for (size_t i = first + 1; i < n; i++)
        found = before(&h[i], &h[found]) ? i : found;
    return found;
}

void alm_queue_sink(struct alm_queue *q, struct alm_queue_key key)
{
    struct alm_queue_key *h = q->heap;
    size_t i = 0, n = q->count;
    q->hole = false;
    for (size_t child = 1; child < n; child = 4 * i + 1) {
        if (child >= CACHED && 4 * child + 1 < n) { /* in a function of its own gcc 12 leaves the prefetches out */
            for (size_t group = 4 * child + 1; group < 4 * child + 17; group += 4)
                __builtin_prefetch(&h[group]);
            __builtin_prefetch(&q->payload[h[0].order & (ALM_QUEUE_SLOTS - 1)]);
        }
        size_t next = least(h, child, n);
        if (!before(&h[next], &key))
            break;
        h[i] = h[next];
        i = next;
    }
    h[i] = key;
}

void alm_queue_rise(struct alm_queue *q, struct alm_queue_key key)
{
    struct alm_queue_key *h = q->heap;
    size_t i = q->count - 1;
    while (i > 0) {
        size_t parent = (i - 1) / 4;
        if (!before(&key, &h[parent]))
            break;
        h[i] = h[parent];
        i = parent;
    }
    h[i] = key;
}

alm_time alm_queue_next(const struct alm_queue *q)
{
    if (q->count == 0)
        return ALM_TIME_MAX;
    return q->heap[q->hole ? least(q->heap, 1, q->count + 1) : 0].at;
}
