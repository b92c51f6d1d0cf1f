/* SPDX-License-Identifier: GPL-3.0-or-later
 * check: the checks behind check.h, one pass over each batch. */
#include "check.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static bool good_range(const struct alm_envelope *v, int r)
{
    const double lo = v->min[r], hi = v->max[r], c = v->confidence[r];
    return lo >= 0 && lo <= hi && hi < INFINITY && !(c < 0 || c > 1);
}

static inline bool good_envelope(const struct alm_envelope *v, uint32_t resources)
{
    bool good = (v->has & ~resources) == 0;
    for (uint32_t left = v->has; left && good; left &= left - 1)
        good = good_range(v, __builtin_ctz(left));
    return good;
}

/* One that is not good: say why. */
static int blame_envelope(const struct alm_head *module, const struct alm_unit *unit, uint32_t resources,
                          const struct alm_envelope *v, struct alm_err *e)
{
    const char *kind = alm_kind_word(module->kind);
    for (uint32_t left = v->has; left; left &= left - 1) {
        int r = __builtin_ctz(left);
        if (r >= ALM_RESOURCES)
            return alm_fail(e, ALM_EMODULE, "%s %s spoke of a resource that does not exist", kind, module->name);
        const char *resource = alm_resource_name((enum alm_resource)r);
        if (!(resources & ALM_BIT(r)))
            return alm_fail(e, ALM_EMODULE, "%s %s spoke of %s, which the platform does not show", kind, module->name,
                            resource);
        if (!(v->min[r] >= 0 && v->min[r] <= v->max[r] && isfinite(v->max[r])))
            return alm_fail(e, ALM_EMODULE,
                            "%s %s: unit %s: %s envelope [%g, %g] is not a finite range with 0 <= min <= max", kind,
                            module->name, unit->name, resource, v->min[r], v->max[r]);
        if (!good_range(v, r))
            return alm_fail(e, ALM_EMODULE, "%s %s: unit %s: confidence %g is not in [0, 1]", kind, module->name,
                            unit->name, v->confidence[r]);
    }
    return ALM_OK;
}

int alm_check_envelopes(const struct alm_head *module, const struct alm_units *u, const struct alm_unit *units,
                        const struct alm_envelope *v, struct alm_err *e)
{
    const uint32_t resources = u->env->resources & (ALM_BIT(ALM_RESOURCES) - 1);
    for (size_t i = 0; i < u->count; i++)
        if (!good_envelope(&v[i], resources))
            return blame_envelope(module, &units[u->id[i]], resources, &v[i], e);
    return ALM_OK;
}

int alm_check_explanation(const struct alm_head *module, const struct alm_unit *unit, const char *text,
                          struct alm_err *e)
{
    if (*text && !strpbrk(text, "\r\n"))
        return ALM_OK;
    return alm_fail(e, ALM_EMODULE, "%s %s explains unit %s in %s; it must be one line", alm_kind_word(module->kind),
                    module->name, unit->name, *text ? "several lines" : "no words");
}

static inline bool good_limit(const struct alm_decision *d, int r, size_t reasons)
{
    const int64_t limit = d->limit[r], floor = d->floor[r];
    const int64_t most = limit == ALM_NO_LIMIT ? INT64_MAX : limit;
    return limit >= ALM_NO_LIMIT && limit <= ALM_AMOUNT_MAX && floor >= 0 && floor <= most && d->reason[r] < reasons;
}

/* One that is not good: say why. */
static int blame_decision(const struct alm_allocator_ops *ops, const struct alm_unit *unit,
                          const struct alm_decision *d, int r, struct alm_err *e)
{
    const char *resource = alm_resource_name((enum alm_resource)r);
    const int64_t limit = d->limit[r], floor = d->floor[r];
    if (limit != ALM_NO_LIMIT && (limit < 0 || limit > ALM_AMOUNT_MAX))
        return alm_fail(e, ALM_EMODULE, "allocator %s: unit %s: %s limit %" PRId64 " is out of range", ops->head.name,
                        unit->name, resource, limit);
    if (floor < 0 || (limit != ALM_NO_LIMIT && floor > limit))
        return alm_fail(e, ALM_EMODULE, "allocator %s: unit %s: %s floor %" PRId64 " is not in 0 .. limit %" PRId64,
                        ops->head.name, unit->name, resource, floor, limit);
    return alm_fail(e, ALM_EMODULE, "allocator %s: unit %s: reason %u does not exist", ops->head.name, unit->name,
                    d->reason[r]);
}

int alm_check_decisions(const struct alm_allocator_ops *ops, size_t reasons, const struct alm_unit *units,
                        const struct alm_decision *d, size_t n, struct alm_err *e)
{
    for (size_t i = 0; i < n; i++)
        for (int r = 0; r < 2; r++)
            if (!good_limit(&d[i], r, reasons))
                return blame_decision(ops, &units[d[i].unit], &d[i], r, e);
    return ALM_OK;
}
