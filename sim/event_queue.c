/* SPDX-License-Identifier: GPL-3.0-or-later
 * event_queue: the 4-ary heap.
 *
 * Choice.   `order` packs phase (3 bits), sequence (37) and payload slot (24), so one comparison of two integers
 *           decides all ties. The children of node i are 4i+1 .. 4i+4; the root lies in the last quarter of a cache
 *           line, so each group of four begins one. */
#include "event_queue.h"

#include <stdlib.h>
#include <string.h>

#define SLOT_BITS 24
#define SEQUENCE_BITS 37
#define SLOT_MASK ((UINT64_C(1) << SLOT_BITS) - 1)
#define SEQUENCE_END (UINT64_C(1) << SEQUENCE_BITS)

struct alm_queue_key {
    alm_time at;
    uint64_t order;
};

struct alm_queue_payload {
    uint32_t kind;
    uint64_t data;
};

static inline bool before(const struct alm_queue_key *a, const struct alm_queue_key *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static int grow(struct alm_queue *q, size_t capacity, struct alm_err *e)
{
    if (capacity > SLOT_MASK)
        return alm_fail(e, ALM_ENOMEM, "the event queue holds at most %llu events", (unsigned long long)SLOT_MASK);
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
    qsort(q->heap, q->count, sizeof *q->heap, by_order);
    for (size_t i = 0; i < q->count; i++) {
        uint64_t o = q->heap[i].order;
        uint64_t phase = o >> (SEQUENCE_BITS + SLOT_BITS);
        q->heap[i].order = phase << (SEQUENCE_BITS + SLOT_BITS) | (uint64_t)i << SLOT_BITS | (o & SLOT_MASK);
    }
    q->sequence = q->count;
}

int alm_queue_push(struct alm_queue *q, const struct alm_event *event, struct alm_err *e)
{
    if (q->count == q->capacity) /* all payload slots are taken, so `idle` has nothing to keep */
        ALM_TRY(grow(q, q->capacity * 2 > SLOT_MASK && q->capacity < SLOT_MASK ? SLOT_MASK : q->capacity * 2, e));
    if (q->sequence == SEQUENCE_END)
        renumber(q);
    uint32_t slot = q->idle[q->count];
    q->payload[slot] = (struct alm_queue_payload){.kind = event->kind, .data = event->data};
    struct alm_queue_key key = {.at = event->at,
                                .order = (uint64_t)event->phase << (SEQUENCE_BITS + SLOT_BITS) |
                                         q->sequence++ << SLOT_BITS | slot};
    size_t i = q->count++;
    while (i > 0) {
        size_t parent = (i - 1) / 4;
        if (!before(&key, &q->heap[parent]))
            break;
        q->heap[i] = q->heap[parent];
        i = parent;
    }
    q->heap[i] = key;
    return ALM_OK;
}

alm_time alm_queue_next(const struct alm_queue *q)
{
    return q->count ? q->heap[0].at : ALM_TIME_MAX;
}

/* Put KEY in place of the root and let it sink. */
static void sink(struct alm_queue *q, struct alm_queue_key key)
{
    struct alm_queue_key *h = q->heap;
    size_t i = 0, n = q->count;
    for (;;) {
        size_t child = 4 * i + 1;
        if (child >= n)
            break;
        size_t end = child + 4 < n ? child + 4 : n, least = child;
        for (size_t c = child + 1; c < end; c++)
            if (before(&h[c], &h[least]))
                least = c;
        if (!before(&h[least], &key))
            break;
        h[i] = h[least];
        i = least;
    }
    h[i] = key;
}

bool alm_queue_pop(struct alm_queue *q, struct alm_event *out)
{
    if (q->count == 0)
        return false;
    struct alm_queue_key top = q->heap[0];
    uint32_t slot = (uint32_t)(top.order & SLOT_MASK);
    *out = (struct alm_event){.at = top.at,
                              .phase = (enum alm_phase)(top.order >> (SEQUENCE_BITS + SLOT_BITS)),
                              .kind = q->payload[slot].kind,
                              .data = q->payload[slot].data};
    q->count--;
    q->idle[q->count] = slot;
    if (q->count)
        sink(q, q->heap[q->count]);
    return true;
}
