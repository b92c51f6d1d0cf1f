/* SPDX-License-Identifier: GPL-3.0-or-later
 * none: no envelope, ever. For allocators that look at usage alone, and to measure what the loop itself costs. */
#include "almanac/predictor.h"

static size_t state_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return 0;
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    (void)u;
    (void)profile;
    (void)now;
    (void)out;
    (void)e;
    return ALM_OK;
}

const struct alm_predictor_ops alm_predictor_none = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .flags = ALM_F_NULL,
             .name = "none",
             .summary = "no envelope: the allocator sees usage alone",
             .source = "the null model"},
    .state_size = state_size,
    .predict = predict,
};
