/* SPDX-License-Identifier: GPL-3.0-or-later
 * predictor: profile in, envelope out. */
#ifndef ALMANAC_PREDICTOR_H
#define ALMANAC_PREDICTOR_H

#include "almanac/env.h"
#include "almanac/envelope.h"
#include "almanac/execution.h"
#include "almanac/module.h"
#include "almanac/outcome.h"
#include "almanac/profile.h"
#include "almanac/unit.h"

#include <stdbool.h>

struct alm_predictor_ops {
    struct alm_head head;
    uint32_t needs; /* enum alm_profile_part */

    /* Required. Bytes of state a unit needs (may be 0). */
    size_t (*state_size)(const void *opt, const struct alm_env *env);

    /* Optional. Bytes that all units of a loop share (u->shared). Modules with ALM_F_SHARED may let units learn from each other by
     * them; others may only reckon in them: what lies there must not matter to an answer. */
    size_t (*shared_size)(const void *opt, const struct alm_env *env);

    /* Optional, with ALM_F_SHARED. Whether under these options units do not learn from each other after all. */
    bool (*independent)(const void *opt);

    /* Optional. How many last samples the profile's window must hold; needed when `needs` has ALM_PROFILE_WINDOW. */
    size_t (*window)(const void *opt, const struct alm_env *env);

    /* Optional. Prepare the (zeroed) state of each unit. */
    int (*init)(const struct alm_units *u, struct alm_err *e);

    /* Optional. Learn from PROFILE[u->count]: each sample is shown exactly once, among the last `fresh`. */
    int (*observe)(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e);

    /* Optional. Executions that ended since the previous round, of all units, in order of their end. Called before
     * `observe`. */
    int (*executions)(const struct alm_units *u, const struct alm_execution *x, size_t n, struct alm_err *e);

    /* Required. Fill OUT[u->count] for (now, now + interval]; `from` and `until` are preset, `has`, `peak` and `p95` are
     * 0, the rest is undefined. A pure function of state and profile: the state is not written (the contract test compares bytes). */
    int (*predict)(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e);

    /* Optional. What became of the previous envelopes: OUTCOME[u->count], samples == 0 where there was none. */
    int (*feedback)(const struct alm_units *u, const struct alm_outcome *outcome, struct alm_err *e);

    /* Optional, both or neither. Save one unit's state to BUFFER of *SIZE bytes (NULL: only set *SIZE); load it again.
     * A loaded state predicts as the saved one did; bytes of another version or a wrong size are ALM_EDATA. */
    int (*save)(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e);
    int (*load)(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e);

    /* Optional. Release what init acquired beyond the state itself. */
    void (*fini)(const struct alm_units *u);

    /* Optional. What the state of unit I says of resource R, one of those shown, for people: which model, why, with which parameters.
     * One line of UTF-8, never empty, into TEXT of SIZE >= 1 bytes, cut where it does not fit. A function of the state, which is not
     * written. Asked at the end of a run, not in its rounds. */
    int (*explain)(const struct alm_units *u, size_t i, enum alm_resource r, char *text, size_t size,
                   struct alm_err *e);
};

/* Whether units learn from each other under this choice of a predictor and its options. */
static inline bool alm_predictor_is_shared(const struct alm_choice *choice)
{
    const struct alm_predictor_ops *ops = (const struct alm_predictor_ops *)(const void *)choice->module;
    return (ops->head.flags & ALM_F_SHARED) && !(ops->independent && ops->independent(choice->opt));
}

#endif
