/* SPDX-License-Identifier: GPL-3.0-or-later
 * policy: what four modules are together, and the latency figures of a run. */
#include "loop.h"

#include <math.h>

bool alm_policy_is_oracle(const struct alm_policy *p)
{
    return (p->profiler.module->flags | p->predictor.module->flags | p->calibrator.module->flags |
            p->allocator.module->flags) &
           ALM_F_ORACLE;
}

bool alm_policy_is_shared(const struct alm_policy *p)
{
    const uint32_t others = p->profiler.module->flags | p->calibrator.module->flags | p->allocator.module->flags;
    return alm_predictor_is_shared(&p->predictor) || (others & ALM_F_SHARED);
}

void alm_policy_free(struct alm_policy *p)
{
    alm_choice_free(&p->profiler);
    alm_choice_free(&p->predictor);
    alm_choice_free(&p->calibrator);
    alm_choice_free(&p->allocator);
}

int alm_policy_check(const struct alm_policy *p, struct alm_err *e)
{
    static const char *const part[] = {"the recent samples", "a window of samples"};
    const struct alm_profiler_ops *profiler = (const void *)p->profiler.module;
    const struct alm_predictor_ops *predictor = (const void *)p->predictor.module;
    uint32_t lacking = predictor->needs & ~profiler->provides;
    if (!lacking)
        return ALM_OK;
    int which = __builtin_ctz(lacking);
    return alm_fail(e, ALM_EINVAL, "predictor %s needs %s, which profiler %s does not provide", predictor->head.name,
                    which < 2 ? part[which] : "a part of the profile", profiler->head.name);
}

double alm_latency_quantile(const uint64_t latency[ALM_LATENCY_BUCKETS], double quantile)
{
    uint64_t total = 0, below = 0;
    for (int k = 0; k < ALM_LATENCY_BUCKETS; k++)
        total += latency[k];
    for (int k = 0; total && k < ALM_LATENCY_BUCKETS; k++) {
        below += latency[k];
        if ((double)below >= quantile * (double)total)
            return exp2((k + 1) / 8.0);
    }
    return 0;
}
