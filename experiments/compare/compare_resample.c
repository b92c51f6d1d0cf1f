/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_resample: see the header.
 *
 * Choice.   The resamples of difference, relative difference and excess are the same ones, so their two means are kept
 *           from the first pass and asked for again in the order in which they came. */
#include "experiments/compare/compare_resample.h"

#include "experiments/statistics/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum target { DIFFERENCE, RELATIVE, EXCESS };

struct pool {
    double base, base_weight, value, value_weight;
};

struct resample {
    const struct resample_items *items;
    size_t *first; /* [strata + 1] of pool */
    size_t *total, *drawn;
    struct pool *pool;
    struct resample_means *kept;
    size_t count, capacity, next;
    enum target target;
    double scale; /* of EXCESS: share of the base that is let pass */
    int sign;     /* of EXCESS: 1 where larger is worse */
    bool zero_base, out_of_memory;
};

static void resample_free(struct resample *r)
{
    free(r->first);
    free(r->total);
    free(r->drawn);
    free(r->pool);
    free(r->kept);
}

static int resample_new(const struct resample_items *items, struct resample *r, struct alm_err *e)
{
    *r = (struct resample){.items = items};
    size_t pools = 0;
    for (size_t s = 0; s < items->strata; s++)
        pools += items->seeds[s];
    r->first = calloc(items->strata + 1, sizeof *r->first);
    r->total = calloc(items->strata + 1, sizeof *r->total);
    r->drawn = calloc(items->strata + 1, sizeof *r->drawn);
    r->pool = calloc(pools + 1, sizeof *r->pool);
    if (!r->first || !r->total || !r->drawn || !r->pool) {
        resample_free(r);
        return alm_fail(e, ALM_ENOMEM, "out of memory to compare %zu items", items->n);
    }
    for (size_t s = 0; s < items->strata; s++)
        r->first[s + 1] = r->first[s] + items->seeds[s];
    for (size_t i = 0; i < items->n; i++)
        r->total[items->stratum[i]]++;
    return ALM_OK;
}

static double pooled(double amount, double weight, bool additive, double scale)
{
    if (additive)
        return amount * scale;
    return weight > 0 ? amount / weight : NAN;
}

static struct resample_means stratum_means(const struct resample *r, size_t s)
{
    struct resample_means m = {0};
    double scale = (double)r->total[s] / (double)r->drawn[s];
    size_t seeds = r->items->seeds[s];
    for (size_t k = 0; k < seeds; k++) {
        const struct pool *p = &r->pool[r->first[s] + k];
        m.base += pooled(p->base, p->base_weight, r->items->additive, scale);
        m.value += pooled(p->value, p->value_weight, r->items->additive, scale);
    }
    return (struct resample_means){m.base / (double)seeds, m.value / (double)seeds};
}

static void draw_item(struct resample *r, size_t item)
{
    size_t s = r->items->stratum[item];
    const struct resample_cell *cell = r->items->cell[item];
    struct pool *p = &r->pool[r->first[s]];
    r->drawn[s]++;
    for (size_t k = 0; k < r->items->seeds[s]; k++) {
        p[k].base += cell[k].base.amount;
        p[k].base_weight += cell[k].base.weight;
        p[k].value += cell[k].value.amount;
        p[k].value_weight += cell[k].value.weight;
    }
}

/* INDEX NULL: every item once. */
static struct resample_means means_of(struct resample *r, const uint32_t *index, size_t n)
{
    size_t strata = r->items->strata;
    memset(r->pool, 0, r->first[strata] * sizeof *r->pool);
    memset(r->drawn, 0, strata * sizeof *r->drawn);
    for (size_t i = 0; i < n; i++)
        draw_item(r, index ? index[i] : i);
    struct resample_means m = {0};
    for (size_t s = 0; s < strata; s++) {
        if (r->drawn[s] == 0)
            return (struct resample_means){NAN, NAN};
        struct resample_means one = stratum_means(r, s);
        m.base += one.base;
        m.value += one.value;
    }
    return (struct resample_means){m.base / (double)strata, m.value / (double)strata};
}

int resample_means_of(const struct resample_items *items, struct resample_means *out, struct alm_err *e)
{
    struct resample r;
    ALM_TRY(resample_new(items, &r, e));
    *out = means_of(&r, NULL, items->n);
    resample_free(&r);
    return ALM_OK;
}

static bool keep(struct resample *r, struct resample_means m)
{
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 16384;
        struct resample_means *kept = realloc(r->kept, capacity * sizeof *kept);
        if (!kept)
            return false;
        r->kept = kept;
        r->capacity = capacity;
    }
    r->kept[r->count++] = m;
    return true;
}

static double relative_of(struct resample *r, struct resample_means m)
{
    if (m.base != 0)
        return (m.value - m.base) / fabs(m.base);
    r->zero_base = r->zero_base || m.value != 0;
    return m.value == 0 ? 0 : NAN;
}

static double statistic(void *ctx, const uint32_t *index, size_t n)
{
    struct resample *r = ctx;
    if (r->next == r->count && !keep(r, means_of(r, index, n))) {
        r->out_of_memory = true;
        return NAN;
    }
    struct resample_means m = r->kept[r->next++];
    if (isnan(m.base) || isnan(m.value))
        return NAN;
    if (r->target == DIFFERENCE)
        return m.value - m.base;
    if (r->target == RELATIVE)
        return relative_of(r, m);
    return r->sign * (m.value - m.base) - r->scale * fabs(m.base);
}

static int interval_of(struct resample *r, enum target target, const struct compare_plan *plan, struct estimate *out,
                       bool *percentile, struct alm_err *e)
{
    struct bootstrap_statistic s = {statistic, r, r->items->n};
    struct bootstrap_plan p = {.draws = plan->draws ? plan->draws : COMPARE_DRAWS,
                               .block = 1,
                               .level = plan->level > 0 ? plan->level : COMPARE_LEVEL,
                               .seed = plan->seed};
    struct bootstrap_result result;
    r->target = target;
    r->next = 0;
    ALM_TRY(bootstrap(&s, &p, &result, e));
    if (r->out_of_memory)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu resamples", r->count);
    *percentile = isnan(result.bca.low) || isnan(result.bca.high);
    *out = *percentile ? result.percentile : result.bca;
    return ALM_OK;
}

/* Beyond the tolerance for the worse, from an interval that is there: moving and mirroring it is exact. */
static struct estimate beyond(struct estimate x, int sign, double tolerance)
{
    if (sign > 0)
        return (struct estimate){x.value - tolerance, x.low - tolerance, x.high - tolerance};
    return (struct estimate){-x.value - tolerance, -x.high - tolerance, -x.low - tolerance};
}

static int excess_of(struct resample *r, enum metrics_better better, struct compare_tolerance t,
                     const struct compare_plan *plan, struct compare_statistics *out, struct alm_err *e)
{
    out->excess = (struct estimate){NAN, NAN, NAN};
    if (isnan(t.amount) || better == METRICS_NEITHER)
        return ALM_OK;
    r->sign = better == METRICS_LOWER ? 1 : -1;
    r->scale = t.relative ? t.amount : 0;
    bool percentile;
    if (!t.relative)
        out->excess = beyond(out->difference, r->sign, t.amount);
    else if (!r->zero_base)
        out->excess = beyond(out->relative, r->sign, t.amount);
    else
        return interval_of(r, EXCESS, plan, &out->excess, &percentile, e);
    return ALM_OK;
}

static int intervals(struct resample *r, enum metrics_better better, struct compare_tolerance t,
                     const struct compare_plan *plan, struct compare_statistics *out, struct alm_err *e)
{
    bool ignored;
    struct resample_means m = means_of(r, NULL, r->items->n);
    out->base = m.base;
    out->value = m.value;
    ALM_TRY(interval_of(r, DIFFERENCE, plan, &out->difference, &out->percentile, e));
    ALM_TRY(interval_of(r, RELATIVE, plan, &out->relative, &ignored, e));
    out->difference.value = m.value - m.base;
    out->relative.value = relative_of(r, m);
    if (r->zero_base)
        out->relative.low = out->relative.high = NAN;
    return excess_of(r, better, t, plan, out, e);
}

int resample_intervals(const struct resample_items *items, enum metrics_better better, struct compare_tolerance t,
                       const struct compare_plan *plan, struct compare_statistics *out, struct alm_err *e)
{
    struct resample r;
    ALM_TRY(resample_new(items, &r, e));
    int code = intervals(&r, better, t, plan, out, e);
    resample_free(&r);
    return code;
}
