/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa_updater: whether and whom to update. The header says what and whence. */
#include "vpa_updater.h"

#include "almanac/resource.h"

#include <math.h>
#include <stdlib.h>

struct alm_vpa_priority alm_vpa_priority_of(const struct alm_vpa_ask *container, size_t n)
{
    struct alm_vpa_priority out = {0};
    for (int r = ALM_CPU; r <= ALM_MEMORY; r++) {
        double requested = 0, recommended = 0;
        bool any = false;
        for (size_t i = 0; i < n; i++) {
            const struct alm_vpa_ask *c = &container[i];
            if (c->target[r] == ALM_VPA_ABSENT)
                continue;
            any = true;
            recommended += (double)c->target[r];
            if (c->request[r] == ALM_VPA_ABSENT) {
                out.scale_up = out.outside_range = true;
                continue;
            }
            requested += (double)c->request[r];
            out.scale_up |= c->target[r] > c->request[r];
            out.outside_range |= c->lower[r] != ALM_VPA_ABSENT && c->request[r] < c->lower[r];
            out.outside_range |= c->upper[r] != ALM_VPA_ABSENT && c->request[r] > c->upper[r];
        }
        requested = fmax(requested, 1);
        if (any)
            out.diff += fabs(requested - recommended) / requested;
    }
    return out;
}

struct alm_vpa_gate alm_vpa_gate_default(void)
{
    return (struct alm_vpa_gate){.min_change = 0.1, .lifetime = 12 * ALM_HOUR, .quick_oom = 10 * ALM_MINUTE};
}

bool alm_vpa_should_update(const struct alm_vpa_gate *gate, const struct alm_vpa_pod *pod)
{
    if (pod->priority.outside_range)
        return true;
    bool quick_oom = pod->ran_until_oom >= 0 && pod->ran_until_oom < gate->quick_oom;
    if (quick_oom && pod->priority.diff > 0)
        return true;
    return pod->age >= gate->lifetime && pod->priority.diff >= gate->min_change;
}

static int by_urgency(const void *a, const void *b)
{
    const struct alm_vpa_pod *x = a, *y = b;
    if (x->priority.scale_up != y->priority.scale_up)
        return x->priority.scale_up ? -1 : 1;
    if (x->priority.diff != y->priority.diff)
        return x->priority.diff > y->priority.diff ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

size_t alm_vpa_update_order(const struct alm_vpa_gate *gate, struct alm_vpa_pod *pod, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!alm_vpa_should_update(gate, &pod[i]))
            continue;
        struct alm_vpa_pod chosen = pod[i];
        pod[i] = pod[kept];
        pod[kept++] = chosen;
    }
    qsort(pod, kept, sizeof *pod, by_urgency);
    return kept;
}
