/* SPDX-License-Identifier: GPL-3.0-or-later
 * calibrator: an envelope and its past outcomes in, an envelope whose confidence is earned out. */
#ifndef ALMANAC_CALIBRATOR_H
#define ALMANAC_CALIBRATOR_H

#include "almanac/env.h"
#include "almanac/envelope.h"
#include "almanac/module.h"
#include "almanac/outcome.h"
#include "almanac/unit.h"

struct alm_calibrator_ops {
    struct alm_head head;
    size_t (*state_size)(const void *opt, const struct alm_env *env); /* required */
    int (*init)(const struct alm_units *u, struct alm_err *e);        /* optional */

    /* Required. Adjust ENVELOPE[u->count] in place; the state is not written. */
    int (*adjust)(const struct alm_units *u, alm_time now, struct alm_envelope *envelope, struct alm_err *e);

    /* Required. Learn from OUTCOME[u->count]; samples == 0 where there is nothing to learn. The envelopes in it are
     * those that `adjust` returned. */
    int (*feedback)(const struct alm_units *u, const struct alm_outcome *outcome, struct alm_err *e);

    void (*fini)(const struct alm_units *u); /* optional */

    /* Optional, both or neither. Save one unit's state to BUFFER of *SIZE bytes (NULL: only set *SIZE); load it again. A
     * loaded state goes on as the saved one would have; bytes of another version or a wrong size are ALM_EDATA. */
    int (*save)(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e);
    int (*load)(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e);
};

#endif
