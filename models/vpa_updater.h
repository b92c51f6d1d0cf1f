/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa_updater: whether a new recommendation is worth the disturbance, and whom to disturb first.
 *
 * Meaning.  A pod is updated when its request lies outside [lower, upper], or when it was OOM-killed soon after its
 *           start and would change at all, or when it is old enough and would change by enough. Growing pods go first,
 *           then those that change most.
 * Source.   Kubernetes autoscaler, vertical-pod-autoscaler/pkg/updater/priority, as restated in docs/decisions/0003. */
#ifndef ALM_MODELS_VPA_UPDATER_H
#define ALM_MODELS_VPA_UPDATER_H

#include "almanac/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALM_VPA_ABSENT ((int64_t)-1)

/* One container's request and recommendation per resource, in thousandths of its unit (millicores, thousandths of a
 * byte), so that both weigh alike; ALM_VPA_ABSENT where there is none. */
struct alm_vpa_ask {
    int64_t request[2], target[2], lower[2], upper[2];
};

struct alm_vpa_priority {
    double diff;        /* sum over resources of |request - target| / request, over the pod's containers */
    bool scale_up;      /* some target is above its request */
    bool outside_range; /* some request is missing or not in [lower, upper] */
};

/* How far the N containers of a pod are from what is recommended. */
struct alm_vpa_priority alm_vpa_priority_of(const struct alm_vpa_ask *container, size_t n);

struct alm_vpa_gate {
    double min_change;  /* 0.1 */
    alm_time lifetime;  /* 12 h: pods older than this are updated for min_change */
    alm_time quick_oom; /* 10 min: a kill this soon after the start is quick */
};

struct alm_vpa_gate alm_vpa_gate_default(void);

struct alm_vpa_pod {
    uint64_t id;
    struct alm_vpa_priority priority;
    alm_time age;
    alm_time ran_until_oom; /* how long it ran before its last OOM kill; negative: it was not killed */
};

bool alm_vpa_should_update(const struct alm_vpa_gate *gate, const struct alm_vpa_pod *pod);

/* Move the pods to be updated to the front, in the order of updating; equal ones keep their order of id. Returns how
 * many. */
size_t alm_vpa_update_order(const struct alm_vpa_gate *gate, struct alm_vpa_pod *pod, size_t n);

#endif
