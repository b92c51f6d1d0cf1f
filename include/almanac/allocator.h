/* SPDX-License-Identifier: GPL-3.0-or-later
 * allocator: envelopes in, decisions with reasons out. */
#ifndef ALMANAC_ALLOCATOR_H
#define ALMANAC_ALLOCATOR_H

#include "almanac/decision.h"
#include "almanac/env.h"
#include "almanac/envelope.h"
#include "almanac/execution.h"
#include "almanac/machine.h"
#include "almanac/module.h"
#include "almanac/outcome.h"
#include "almanac/unit.h"

/* What the allocator may know of one unit when it decides. */
struct alm_situation {
    const struct alm_envelope *envelope; /* NULL: the policy has no predictor; `has` tells what is known */
    double usage[2];                     /* cores and bytes of the newest sample, NaN before it */
    uint8_t censored;                    /* ALM_BIT per resource, of any sample since the previous decision */
    uint32_t oom_kills;                  /* since the previous decision */
    int64_t decided[2];                  /* the limit decided last, ALM_NO_LIMIT before the first */
    int64_t applied[2];                  /* the limit in force */
    double cores, memory;                /* the unit's capacity or request, NaN when not known */
    double stall[ALM_STALLS]; /* share of the newest sample in which the resource was wanting; NaN before it */
    const struct alm_machine_sample *machine; /* newest of the machine the unit is on; NULL when there is none */
    const struct alm_start *start;            /* the invocation that is about to start; NULL in other rounds */
};

struct alm_allocator_ops {
    struct alm_head head;
    const char *const *reasons; /* sentences, ended by NULL; at most 255 */

    size_t (*state_size)(const void *opt, const struct alm_env *env); /* required */
    int (*init)(const struct alm_units *u, struct alm_err *e);        /* optional */

    /* Required. Fill OUT[u->count] from SITUATION[u->count]; `unit` is preset, limits and floors are preset to the
     * limits decided last and 0. All units of the round are seen at once. */
    int (*decide)(const struct alm_units *u, alm_time now, const struct alm_situation *situation,
                  struct alm_decision *out, struct alm_err *e);

    int (*feedback)(const struct alm_units *u, const struct alm_outcome *outcome, struct alm_err *e); /* optional */
    void (*fini)(const struct alm_units *u);                                                          /* optional */
};

#endif
