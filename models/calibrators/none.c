/* SPDX-License-Identifier: GPL-3.0-or-later
 * none: the predictor's confidence is taken at its word. */
#include "almanac/calibrator.h"

static size_t state_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return 0;
}

static int adjust(const struct alm_units *u, alm_time now, struct alm_envelope *envelope, struct alm_err *e)
{
    (void)u;
    (void)now;
    (void)envelope;
    (void)e;
    return ALM_OK;
}

static int feedback(const struct alm_units *u, const struct alm_outcome *outcome, struct alm_err *e)
{
    (void)u;
    (void)outcome;
    (void)e;
    return ALM_OK;
}

const struct alm_calibrator_ops alm_calibrator_none = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_calibrator_ops),
             .kind = ALM_CALIBRATOR,
             .flags = ALM_F_NULL,
             .name = "none",
             .summary = "leaves envelopes as the predictor made them",
             .source = "the null model"},
    .state_size = state_size,
    .adjust = adjust,
    .feedback = feedback,
};
