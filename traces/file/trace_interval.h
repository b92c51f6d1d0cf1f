/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_interval: differences between time stamps, counted, to find the usual one. */
#ifndef ALM_TRACE_INTERVAL_H
#define ALM_TRACE_INTERVAL_H

#include "almanac/error.h"
#include "almanac/time.h"

#include <stddef.h>
#include <stdint.h>

struct alm__interval_slot {
    alm_time difference;
    uint64_t count; /* 0: an empty slot */
};

struct alm__intervals {
    struct alm__interval_slot *slot;
    size_t room, used;
};

/* Count one DIFFERENCE (> 0). Exact for the first 65536 different ones; later ones are cut to three digits. */
int alm__interval_add(struct alm__intervals *t, alm_time difference, struct alm_err *e);

/* The most frequent difference, the median of them where several are; 0 when there is none. Sorts the table: nothing
 * can be added after it. */
alm_time alm__interval_usual(struct alm__intervals *t);

/* How many differences were larger than LIMIT. */
uint64_t alm__interval_above(const struct alm__intervals *t, alm_time limit);
void alm__interval_free(struct alm__intervals *t);

#endif
