/* SPDX-License-Identifier: GPL-3.0-or-later
 * heap: a minimum heap of (key, item) from which any item can be taken.
 *
 * Meaning.  Items are small numbers that the user gives; POSITION[item] is where it stands, kept by the heap in an array that
 *           belongs to the user, so that many heaps may share one array as long as an item is in one heap at a time.
 * Choice.   Keys are doubles: virtual times. Equal keys come by item, so that order does not depend on history.
 * Limits.   Grows by itself, never shrinks. */
#ifndef ALM_SIM_HEAP_H
#define ALM_SIM_HEAP_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_HEAP_NONE UINT32_MAX

struct sim_heap_entry {
    double key;
    uint32_t item;
};

struct sim_heap {
    struct sim_heap_entry *entry; /* entry[0] is the least */
    uint32_t count, capacity;
};

void sim_heap_fini(struct sim_heap *h);

/* O(log n). ALM_ENOMEM; the heap is unchanged on failure. */
int sim_heap_push(struct sim_heap *h, uint32_t *position, double key, uint32_t item, struct alm_err *e);

/* Take ITEM, which is in the heap. O(log n). */
void sim_heap_remove(struct sim_heap *h, uint32_t *position, uint32_t item);

/* Give ITEM, which is in the heap, another key. O(log n). */
void sim_heap_change(struct sim_heap *h, uint32_t *position, double key, uint32_t item);

#endif
