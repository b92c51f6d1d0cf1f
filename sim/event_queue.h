/* SPDX-License-Identifier: GPL-3.0-or-later
 * event_queue: what happens next. A priority queue of events in total order (time, phase, sequence).
 *
 * Meaning.  Events at one instant come by phase (what leaves before what arrives, limits before samples, samples before
 *           decisions) and within a phase in the order they were pushed: the order is total, so runs are repeatable.
 *
 *               while (alm_queue_pop(&q, &event))
 *                   if (event.kind == ARRIVAL) ... alm_queue_push(&q, &next, e) ...
 *
 * Choice.   A 4-ary heap of 16-byte keys whose sibling groups share a cache line; payloads lie apart and never move. Pop
 *           leaves a hole at the root: what is pushed next, usually the successor of what was popped, sinks from there, so
 *           both cost one walk. Push and pop are inline as far as they are short; the walks are in event_queue.c.
 * Limits.   2^24 pending events; sequence numbers are renewed after 2^37 pushes. Nothing can be removed but the next
 *           event: who wants to cancel one marks it stale in what its `data` refers to.
 * Source.   LaMarca and Ladner, "The influence of caches on the performance of heaps", JEA 1 (1996). */
#ifndef ALM_SIM_EVENT_QUEUE_H
#define ALM_SIM_EVENT_QUEUE_H

#include "almanac/error.h"
#include "almanac/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum alm_phase {
    ALM_PHASE_DEPARTURE,
    ALM_PHASE_ARRIVAL, /* and changes of demand */
    ALM_PHASE_LIMIT,
    ALM_PHASE_SAMPLE,
    ALM_PHASE_DECISION,
};

struct alm_event {
    alm_time at;
    enum alm_phase phase;
    uint32_t kind; /* the user's */
    uint64_t data; /* the user's */
};

/* `order` packs phase, sequence and payload slot, so that one comparison decides all ties of `at`. */
struct alm_queue_key {
    alm_time at;
    uint64_t order;
};
#define ALM_QUEUE_SLOT_BITS 24
#define ALM_QUEUE_SEQUENCE_BITS 37
#define ALM_QUEUE_PHASE_SHIFT (ALM_QUEUE_SLOT_BITS + ALM_QUEUE_SEQUENCE_BITS)
#define ALM_QUEUE_SLOTS (UINT64_C(1) << ALM_QUEUE_SLOT_BITS)
#define ALM_QUEUE_SEQUENCES (UINT64_C(1) << ALM_QUEUE_SEQUENCE_BITS)

struct alm_queue_payload {
    uint32_t kind;
    uint64_t data;
};

struct alm_queue {
    struct alm_queue_key *heap; /* [hole + count]; without a hole heap[0] is next */
    struct alm_queue_payload *payload;
    uint32_t *idle; /* [capacity]: from `count` on the free slots, the last freed first */
    void *block;
    size_t count, capacity;
    uint64_t sequence;
    bool hole; /* heap[0] was taken and nothing put in its place yet */
};

/* An empty queue with room for CAPACITY events; it grows by itself. ALM_ENOMEM. */
int alm_queue_init(struct alm_queue *q, size_t capacity, struct alm_err *e);
void alm_queue_fini(struct alm_queue *q);

/* The time of the next event, or ALM_TIME_MAX when there is none. */
alm_time alm_queue_next(const struct alm_queue *q);

/* What the inline functions below leave to event_queue.c. */
int alm_queue_make_room(struct alm_queue *q, struct alm_err *e);
void alm_queue_sink(struct alm_queue *q, struct alm_queue_key key);
void alm_queue_rise(struct alm_queue *q, struct alm_queue_key key);

/* O(log n), allocates only when the queue grows. ALM_ENOMEM; the queue is unchanged on failure. */
static inline int alm_queue_push(struct alm_queue *q, const struct alm_event *event, struct alm_err *e)
{
    if (__builtin_expect(q->count == q->capacity || q->sequence == ALM_QUEUE_SEQUENCES, 0))
        ALM_TRY(alm_queue_make_room(q, e));
    uint32_t slot = q->idle[q->count++];
    q->payload[slot] = (struct alm_queue_payload){.kind = event->kind, .data = event->data};
    struct alm_queue_key key = {.at = event->at,
                                .order = (uint64_t)event->phase << ALM_QUEUE_PHASE_SHIFT |
                                         q->sequence++ << ALM_QUEUE_SLOT_BITS | slot};
    if (q->hole)
        alm_queue_sink(q, key);
    else
        alm_queue_rise(q, key);
    return ALM_OK;
}

/* Take the next event; false when there is none, and OUT is one at ALM_TIME_MAX. O(log n), allocates nothing. */
static inline bool alm_queue_pop(struct alm_queue *q, struct alm_event *out)
{
    if (q->count == 0) {
        *out = (struct alm_event){.at = ALM_TIME_MAX};
        return false;
    }
    if (q->hole)
        alm_queue_sink(q, q->heap[q->count]);
    struct alm_queue_key top = q->heap[0];
    uint32_t slot = (uint32_t)(top.order & (ALM_QUEUE_SLOTS - 1));
    *out = (struct alm_event){.at = top.at,
                              .phase = (enum alm_phase)(top.order >> ALM_QUEUE_PHASE_SHIFT),
                              .kind = q->payload[slot].kind,
                              .data = q->payload[slot].data};
    q->idle[--q->count] = slot;
    q->hole = true;
    return true;
}

#endif
