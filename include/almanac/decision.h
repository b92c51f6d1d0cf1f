/* SPDX-License-Identifier: GPL-3.0-or-later
 * decision: the limits a unit shall have, and why; and what the platform made of them. */
#ifndef ALMANAC_DECISION_H
#define ALMANAC_DECISION_H

#include "almanac/resource.h"
#include "almanac/time.h"

/* What an allocator asks for. Integers: millicores and bytes; ALM_NO_LIMIT leaves a resource unlimited.
 * `floor` is the envelope's min: a weight or a guarantee where the platform has one.
 * `reason` indexes the allocator's table of reasons: one sentence a person can read. */
struct alm_decision {
    uint32_t unit;
    uint8_t reason[2];
    int64_t limit[2];
    int64_t floor[2];
};

enum alm_applied_state { ALM_APPLIED, ALM_DELAYED, ALM_REFUSED };

/* What the platform did with it, after the kernel's rounding. For a refused limit: what stays in force. */
struct alm_applied {
    uint8_t state[2]; /* enum alm_applied_state */
    int64_t limit[2];
};

#endif
