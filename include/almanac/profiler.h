/* SPDX-License-Identifier: GPL-3.0-or-later
 * profiler: samples in, profile out. */
#ifndef ALMANAC_PROFILER_H
#define ALMANAC_PROFILER_H

#include "almanac/behaviour.h"
#include "almanac/env.h"
#include "almanac/execution.h"
#include "almanac/module.h"
#include "almanac/profile.h"
#include "almanac/sample.h"
#include "almanac/unit.h"

struct alm_profiler_ops {
    struct alm_head head;
    uint32_t provides; /* enum alm_profile_part */

    /* Required. Bytes of state a unit needs, when WINDOW last samples are asked for (0: only the recent ones). */
    size_t (*state_size)(const void *opt, const struct alm_env *env, size_t window);

    /* Required. Prepare the (zeroed) state of each unit. */
    int (*init)(const struct alm_units *u, size_t window, struct alm_err *e);

    /* Required. Learn from N samples, sorted by unit then time; units without samples saw none. Called once for each
     * round of decisions, with all units of the round in U, so "since the previous observation" has one meaning. */
    int (*observe)(const struct alm_units *u, const struct alm_sample *samples, size_t n, struct alm_err *e);

    /* Optional. Executions that ended since the previous round, in order of their end. Called before `observe`. */
    int (*executions)(const struct alm_units *u, const struct alm_execution *x, size_t n, struct alm_err *e);

    /* Optional. Behaviour records since the previous round, sorted by unit, time, function. Called before `observe`. */
    int (*behaviour)(const struct alm_units *u, const struct alm_behaviour *b, size_t n, struct alm_err *e);

    /* Required. Fill OUT[u->count]. State unchanged; the views stay valid until the next observe. */
    int (*profile)(const struct alm_units *u, struct alm_profile *out, struct alm_err *e);

    /* Optional. Release what init acquired beyond the state itself. */
    void (*fini)(const struct alm_units *u);
};

#endif
