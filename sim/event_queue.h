/* SPDX-License-Identifier: GPL-3.0-or-later
 * event_queue: what happens next. A priority queue of events in total order (time, phase, sequence).
 *
 * Meaning.  Events at one instant come by phase (what leaves before what arrives, limits before samples, samples before
 *           decisions) and within a phase in the order they were pushed: the order is total, so runs are repeatable.
 * Choice.   A 4-ary heap of 16-byte keys whose sibling groups share a cache line; payloads lie apart and never move.
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

struct alm_queue {
    struct alm_queue_key *heap; /* heap[0] is next */
    struct alm_queue_payload *payload;
    uint32_t *idle;
    void *block;
    size_t count, capacity;
    uint64_t sequence;
};

/* An empty queue with room for CAPACITY events; it grows by itself. ALM_ENOMEM. */
int alm_queue_init(struct alm_queue *q, size_t capacity, struct alm_err *e);
void alm_queue_fini(struct alm_queue *q);

/* O(log n), allocates only when the queue grows. ALM_ENOMEM; the queue is unchanged on failure. */
int alm_queue_push(struct alm_queue *q, const struct alm_event *event, struct alm_err *e);

/* The next event, or ALM_TIME_MAX as its time when there is none. */
alm_time alm_queue_next(const struct alm_queue *q);

/* Take the next event; false when there is none. O(log n), allocates nothing. */
bool alm_queue_pop(struct alm_queue *q, struct alm_event *out);

#endif
