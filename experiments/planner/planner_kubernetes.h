/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_kubernetes: recommended envelopes as Kubernetes objects, one YAML document a unit.
 *
 * Meaning.  `vpa`: a VerticalPodAutoscaler with a resourcePolicy: minAllowed and maxAllowed are the recommended range. `patch`:
 *           a strategic-merge patch of a Deployment that sets requests and limits to the recommendation, both alike, since the
 *           machines were counted by limits. What has no limit is left out; a unit without any has no document.
 * Choice.   No status.recommendation: status is the recommender's, a subresource that `kubectl apply` silently drops; a policy
 *           in spec is kept, and bounds what any recommender says. updateMode is "Off": nothing moves until a person says so.
 *           The target stands in an annotation.
 * Limits.   A unit becomes a Deployment whose name is the unit's made a DNS-1123 label; the unit's own name stands in the
 *           annotation almanac.plan/unit.
 * Source.   Kubernetes autoscaler, vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1/types.go; RFC 1123, 2.1. */
#ifndef ALM_PLANNER_KUBERNETES_H
#define ALM_PLANNER_KUBERNETES_H

#include "experiments/planner/planner.h"

#include <stdio.h>

#define PLANNER_LABEL 64

/* The names of the units as labels: lower case letters, digits and inner hyphens, at most 63, all different: of names that
 * would become one, those that had to be changed get a digest. OUT[l->units], to be freed. */
int planner_labels(const struct planner_limits *l, char (**out)[PLANNER_LABEL], struct alm_err *e);

struct planner_objects {
    const struct planner_limits *limits; /* of the policy */
    const char (*label)[PLANNER_LABEL];
    const uint32_t *order; /* [count]: the units */
    size_t count;
    const char *container; /* of each Deployment; NULL: called as the Deployment */
};

/* How many documents were written. OUT's errors are its owner's to find. */
size_t planner_write_vpa(const struct planner_objects *o, FILE *out);
size_t planner_write_patch(const struct planner_objects *o, FILE *out);

/* TEXT in double quotes, so that any YAML reader gets it back. */
void planner_yaml_text(FILE *out, const char *text);

#endif
