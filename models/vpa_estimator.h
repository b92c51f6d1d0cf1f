/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa_estimator: from what was remembered to the Vertical Pod Autoscaler's target and bounds.
 *
 * Meaning.  percentile -> safety margin -> (bounds only) confidence factor -> minimum -> rounding. Each stage ends in a
 *           whole amount of vpa_amount.
 * Limits.   `confidence` here is the original's word for how much history there is. It says nothing about coverage.
 * Source.   Kubernetes autoscaler, vertical-pod-autoscaler/pkg/recommender/logic and model/types, as restated in
 *           docs/decisions/0003. */
#ifndef ALM_MODELS_VPA_ESTIMATOR_H
#define ALM_MODELS_VPA_ESTIMATOR_H

#include "vpa_amount.h"
#include "vpa_state.h"

enum alm_vpa_bound { ALM_VPA_TARGET, ALM_VPA_LOWER, ALM_VPA_UPPER, ALM_VPA_BOUNDS };

struct alm_vpa_rule {
    double percentile[ALM_VPA_BOUNDS][2]; /* per bound and resource */
    double margin;
    alm_time interval;                 /* of history at which confidence is 1 */
    double multiplier[ALM_VPA_BOUNDS]; /* amount * (1 + multiplier / confidence)^exponent; exponent 0: none */
    double exponent[ALM_VPA_BOUNDS];
    int64_t minimum[2]; /* of a container */
    int64_t round[2];   /* upward to multiples of this; 1: none */
    bool whole_cores;
};

/* The settings with which the original runs, for a pod of one container. */
struct alm_vpa_rule alm_vpa_rule_default(void);

/* The share of each of N containers in the pod's minimum amounts. */
void alm_vpa_minimum(int64_t pod_millicores, int64_t pod_bytes, int n, int64_t out[2]);

/* min((last - first) / interval, samples / interval in minutes); 0 without samples. */
double alm_vpa_confidence(alm_time first, alm_time last, uint64_t samples, alm_time interval);

int64_t alm_vpa_with_margin(int64_t amount, double margin);

/* (1 + multiplier / confidence)^exponent: 1 when the exponent or the multiplier is 0; infinite or 0 at a confidence of
 * 0, as the exponent is positive or negative. */
double alm_vpa_factor(double confidence, double multiplier, double exponent);

/* AMOUNT scaled by FACTOR; an infinite factor gives ALM_AMOUNT_MAX whatever the amount. */
int64_t alm_vpa_with_factor(int64_t amount, double factor);

/* The stages up to the margin, from VALUE in cores or bytes. */
int64_t alm_vpa_begin(const struct alm_vpa_rule *rule, int r, double value);

/* The stages behind the margin: factor, minimum, rounding. R is ALM_CPU or ALM_MEMORY. */
int64_t alm_vpa_finish(const struct alm_vpa_rule *rule, int r, int64_t with_margin, double factor);

/* All stages for one resource of one container. */
int64_t alm_vpa_estimate(const struct alm_vpa_rule *rule, const struct alm_vpa_learning *l,
                         const struct alm_vpa_state *s, enum alm_vpa_bound bound, int r);

/* A pod's containers and what is recommended for them. */
struct alm_vpa_container {
    const char *name;
    const struct alm_vpa_state *state;
};

struct alm_vpa_recommendation {
    const char *name;
    uint32_t has; /* ALM_BIT of each resource */
    int64_t amount[ALM_VPA_BOUNDS][2];
};

/* Recommend for the N containers of a pod, sorted by name, only the resources of CONTROLLED (ALM_BIT). The minimum in
 * RULE is the pod's and is shared out. */
void alm_vpa_recommend(const struct alm_vpa_rule *rule, const struct alm_vpa_learning *l,
                       const struct alm_vpa_container *container, size_t n, uint32_t controlled,
                       struct alm_vpa_recommendation *out);

#endif
