/* SPDX-License-Identifier: GPL-3.0-or-later
 * vpa_estimator: target and bounds. The header says what and whence. */
#include "vpa_estimator.h"

#include "almanac/resource.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct alm_vpa_rule alm_vpa_rule_default(void)
{
    return (struct alm_vpa_rule){
        .percentile = {[ALM_VPA_TARGET] = {0.9, 0.9}, [ALM_VPA_LOWER] = {0.5, 0.5}, [ALM_VPA_UPPER] = {0.95, 0.95}},
        .margin = 0.15,
        .interval = ALM_DAY,
        .multiplier = {[ALM_VPA_LOWER] = 0.001, [ALM_VPA_UPPER] = 1},
        .exponent = {[ALM_VPA_LOWER] = -2, [ALM_VPA_UPPER] = 1},
        .minimum = {25, INT64_C(250) << 20},
        .round = {1, 1},
    };
}

void alm_vpa_minimum(int64_t pod_millicores, int64_t pod_bytes, int n, int64_t out[2])
{
    double share = 1.0 / n;
    out[ALM_CPU] = alm_vpa_scale(pod_millicores, share);
    out[ALM_MEMORY] = alm_vpa_scale(pod_bytes, share);
}

double alm_vpa_confidence(alm_time first, alm_time last, uint64_t samples, alm_time interval)
{
    if (samples == 0)
        return 0;
    double lifespan = (double)(last - first) / (double)interval;
    double filled = (double)samples / ((double)interval / (double)ALM_MINUTE);
    return lifespan < filled ? lifespan : filled;
}

int64_t alm_vpa_with_margin(int64_t amount, double margin)
{
    return alm_vpa_amount((double)amount + (double)alm_vpa_scale(amount, margin));
}

double alm_vpa_factor(double confidence, double multiplier, double exponent)
{
    if (exponent == 0 || multiplier == 0)
        return 1;
    if (!(confidence > 0))
        return exponent > 0 ? INFINITY : 0;
    double factor = 1 + multiplier / confidence;
    return exponent == 1 ? factor : pow(factor, exponent);
}

int64_t alm_vpa_with_factor(int64_t amount, double factor)
{
    return isinf(factor) ? ALM_AMOUNT_MAX : alm_vpa_scale(amount, factor);
}

int64_t alm_vpa_begin(const struct alm_vpa_rule *rule, int r, double value)
{
    return alm_vpa_with_margin(r == ALM_CPU ? alm_vpa_millicores(value) : alm_vpa_amount(value), rule->margin);
}

int64_t alm_vpa_finish(const struct alm_vpa_rule *rule, int r, int64_t with_margin, double factor)
{
    int64_t amount = alm_vpa_with_factor(with_margin, factor);
    if (amount < rule->minimum[r])
        amount = rule->minimum[r];
    if (r == ALM_CPU && rule->whole_cores)
        amount = alm_vpa_whole_cores(amount);
    if (rule->round[r] > 1)
        (void)alm_vpa_round_up(amount, rule->round[r], &amount, NULL);
    return amount;
}

int64_t alm_vpa_estimate(const struct alm_vpa_rule *rule, const struct alm_vpa_learning *l,
                         const struct alm_vpa_state *s, enum alm_vpa_bound bound, int r)
{
    double value =
        alm_histogram_percentile(&l->buckets[r], alm_vpa_histogram_view(l, s, r), rule->percentile[bound][r]);
    double confidence = alm_vpa_confidence(s->first, s->last, s->samples, rule->interval);
    return alm_vpa_finish(rule, r, alm_vpa_begin(rule, r, value),
                          alm_vpa_factor(confidence, rule->multiplier[bound], rule->exponent[bound]));
}

static int by_name(const void *a, const void *b)
{
    const struct alm_vpa_recommendation *x = a, *y = b;
    return strcmp(x->name, y->name);
}

void alm_vpa_recommend(const struct alm_vpa_rule *rule, const struct alm_vpa_learning *l,
                       const struct alm_vpa_container *container, size_t n, uint32_t controlled,
                       struct alm_vpa_recommendation *out)
{
    struct alm_vpa_rule shared = *rule;
    if (n > 0)
        alm_vpa_minimum(rule->minimum[ALM_CPU], rule->minimum[ALM_MEMORY], (int)n, shared.minimum);
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct alm_vpa_recommendation){.name = container[i].name,
                                                 .has = controlled & (ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY))};
        for (int r = ALM_CPU; r <= ALM_MEMORY; r++)
            for (int b = 0; b < ALM_VPA_BOUNDS && (out[i].has & ALM_BIT(r)); b++)
                out[i].amount[b][r] = alm_vpa_estimate(&shared, l, container[i].state, (enum alm_vpa_bound)b, r);
    }
    qsort(out, n, sizeof *out, by_name);
}
