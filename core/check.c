/* SPDX-License-Identifier: GPL-3.0-or-later
 * check: the checks behind check.h, one pass over each batch. */
#include "check.h"

#include <inttypes.h>
#include <math.h>

int alm_check_envelopes(const struct alm_head *module, const struct alm_units *u, const struct alm_unit *units,
                        const struct alm_envelope *v, struct alm_err *e)
{
    for (size_t i = 0; i < u->count; i++) {
        for (uint32_t left = v[i].has; left; left &= left - 1) {
            int r = __builtin_ctz(left);
            if (r >= ALM_RESOURCES)
                return alm_fail(e, ALM_EMODULE, "%s %s spoke of a resource that does not exist",
                                alm_kind_word(module->kind), module->name);
            double lo = v[i].min[r], hi = v[i].max[r], c = v[i].confidence[r];
            if (!(u->env->resources & ALM_BIT(r)))
                return alm_fail(e, ALM_EMODULE, "%s %s spoke of %s, which the platform does not show",
                                alm_kind_word(module->kind), module->name, alm_resource_name((enum alm_resource)r));
            if (!(lo >= 0 && lo <= hi && isfinite(hi)))
                return alm_fail(e, ALM_EMODULE,
                                "%s %s: unit %s: %s envelope [%g, %g] is not a finite range with 0 <= min <= max",
                                alm_kind_word(module->kind), module->name, units[u->id[i]].name,
                                alm_resource_name((enum alm_resource)r), lo, hi);
            if (!isnan(c) && !(c >= 0 && c <= 1))
                return alm_fail(e, ALM_EMODULE, "%s %s: unit %s: confidence %g is not in [0, 1]",
                                alm_kind_word(module->kind), module->name, units[u->id[i]].name, c);
        }
    }
    return ALM_OK;
}

static int check_limit(const struct alm_allocator_ops *ops, const struct alm_unit *unit, const struct alm_decision *d,
                       int r, struct alm_err *e)
{
    int64_t limit = d->limit[r], floor = d->floor[r];
    if (limit != ALM_NO_LIMIT && (limit < 0 || limit > ALM_AMOUNT_MAX))
        return alm_fail(e, ALM_EMODULE, "allocator %s: unit %s: %s limit %" PRId64 " is out of range", ops->head.name,
                        unit->name, alm_resource_name((enum alm_resource)r), limit);
    if (floor < 0 || (limit != ALM_NO_LIMIT && floor > limit))
        return alm_fail(e, ALM_EMODULE, "allocator %s: unit %s: %s floor %" PRId64 " is not in 0 .. limit %" PRId64,
                        ops->head.name, unit->name, alm_resource_name((enum alm_resource)r), floor, limit);
    return ALM_OK;
}

int alm_check_decisions(const struct alm_allocator_ops *ops, size_t reasons, const struct alm_unit *units,
                        const struct alm_decision *d, size_t n, struct alm_err *e)
{
    for (size_t i = 0; i < n; i++)
        for (int r = 0; r < 2; r++) {
            ALM_TRY(check_limit(ops, &units[d[i].unit], &d[i], r, e));
            if (d[i].reason[r] >= reasons)
                return alm_fail(e, ALM_EMODULE, "allocator %s: unit %s: reason %u does not exist", ops->head.name,
                                units[d[i].unit].name, d[i].reason[r]);
        }
    return ALM_OK;
}
