/* SPDX-License-Identifier: GPL-3.0-or-later
 * loop_outcome: what samples tell the loop: the situation of each unit, and what becomes of its envelope.
 *
 * Choice.   A running mean: of one sample it is that sample, to the bit. */
#include "loop_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double *largest_of(const struct alm__loop *l, uint32_t unit, int r)
{
    return l->largest + ((size_t)unit * ALM_RESOURCES + (size_t)r) * l->largest_kept;
}

static void put_percentile(struct alm__loop *l, uint32_t unit, int r, double value)
{
    struct alm_p95 *p = &l->percentile[unit].of[r];
    double *largest = largest_of(l, unit, r);
    alm_p95_put(p, largest, l->largest_kept, value);
    l->outcome[unit].p95[r] = alm_p95_value(p, largest);
}

static void absorb_outcome(struct alm__loop *l, const struct alm_sample *s, double span_us)
{
    const uint32_t unit = s->unit;
    struct alm_outcome *o = &l->outcome[unit];
    struct alm__tally *t = &l->tally[unit];
    o->samples++;
    o->oom_kills += s->oom_kills;
    o->censored |= s->censored;
    const double weight = s->span > 0 ? (double)s->span : 1;
    for (uint32_t left = l->env.resources & (uint32_t)~s->missing; left; left &= left - 1) {
        int r = __builtin_ctz(left);
        double v = alm_sample_usage_over(s, (enum alm_resource)r, span_us);
        if (isnan(v))
            continue;
        if (o->seen & ALM_BIT(r)) {
            t->weight[r] += weight;
            o->mean[r] += (v - o->mean[r]) * (weight / t->weight[r]);
            o->peak[r] = o->peak[r] > v ? o->peak[r] : v;
        } else {
            t->weight[r] = weight;
            o->mean[r] = o->peak[r] = v;
            o->seen |= (uint8_t)ALM_BIT(r);
        }
        if (o->envelope.p95 & ALM_BIT(r))
            put_percentile(l, unit, r, v);
    }
}

static inline void absorb_stalls(struct alm_situation *x, const struct alm_sample *s)
{
    if ((s->stall_us[0] | s->stall_us[1] | s->stall_us[2]) == 0) {
        x->stall[0] = x->stall[1] = x->stall[2] = 0;
        return;
    }
    for (int r = 0; r < ALM_STALLS; r++)
        x->stall[r] = (double)s->stall_us[r] * (double)ALM_US / (double)s->span;
}

void alm__loop_absorb(struct alm__loop *l, const struct alm_sample *s, size_t n)
{
    alm_time span = 0;
    double span_us = 0;
    for (size_t k = 0; k < n; k++) {
        struct alm_situation *x = &l->situation[s[k].unit];
        if (s[k].span != span)
            span_us = alm_span_us(span = s[k].span);
        if (!(s[k].missing & ALM_BIT(ALM_CPU)))
            x->usage[ALM_CPU] = alm_sample_usage_over(&s[k], ALM_CPU, span_us);
        if (!(s[k].missing & ALM_BIT(ALM_MEMORY)))
            x->usage[ALM_MEMORY] = (double)s[k].usage[ALM_MEMORY];
        if (s[k].censored || s[k].oom_kills) {
            x->censored |= s[k].censored;
            x->oom_kills += s[k].oom_kills;
            l->noted = true;
        }
        if (span > 0)
            absorb_stalls(x, &s[k]);
        if (l->open && l->tally[s[k].unit].open)
            absorb_outcome(l, &s[k], span_us);
    }
}

static int make_percentiles(struct alm__loop *l, struct alm_err *e)
{
    const alm_time step = l->env.sample_interval;
    l->largest_kept = alm_p95_room(step > 0 ? (size_t)(l->env.interval / step) + 1 : 1);
    l->percentile = calloc(l->units, sizeof *l->percentile);
    l->largest = calloc(l->units * ALM_RESOURCES * l->largest_kept, sizeof *l->largest);
    return l->percentile && l->largest
               ? ALM_OK
               : alm_fail(e, ALM_ENOMEM, "out of memory for percentiles of %zu units", l->units);
}

int alm__loop_open_outcome(struct alm__loop *l, uint32_t unit, const struct alm_envelope *v, struct alm_err *e)
{
    if (v->has & v->p95) {
        if (!l->largest)
            ALM_TRY(make_percentiles(l, e));
        memset(&l->percentile[unit], 0, sizeof *l->percentile);
    }
    struct alm__tally *t = &l->tally[unit];
    struct alm_envelope *kept = &l->outcome[unit].envelope;
    l->open -= t->open;
    t->open = v->has != 0;
    l->open += t->open;
    if (t->open)
        *kept = *v;
    else if (kept->has)
        *kept = (struct alm_envelope){0};
    return ALM_OK;
}

/* After its outcome was shown: nothing has been seen of the next envelope, which alm__loop_open_outcome will put here. */
static void begin_anew(struct alm_outcome *o, struct alm__tally *t)
{
    t->open = false;
    o->samples = o->oom_kills = 0;
    o->seen = o->censored = 0;
    memset(o->mean, 0, sizeof o->mean);
    memset(o->peak, 0, sizeof o->peak);
}

static int show(struct alm__loop *l, const struct alm_outcome *o, struct alm_err *e)
{
    const uint32_t *id = l->part[ALLOCATOR].id;
    const size_t n = l->part[ALLOCATOR].count;
    for (const struct alm_observer *const *w = l->observers; *w; w++)
        if ((*w)->outcomes)
            ALM_TRY((*w)->outcomes((*w)->ctx, id, o, n, e));
    if (l->calibrates)
        ALM_TRY(alm__loop_named(&l->calibrator->head, l->calibrator->feedback(&l->part[CALIBRATOR], o, e), e));
    if (l->predictor->feedback)
        ALM_TRY(alm__loop_named(&l->predictor->head, l->predictor->feedback(&l->part[PREDICTOR], o, e), e));
    if (l->allocator->feedback)
        ALM_TRY(alm__loop_named(&l->allocator->head, l->allocator->feedback(&l->part[ALLOCATOR], o, e), e));
    return ALM_OK;
}

int alm__loop_feedback(struct alm__loop *l, alm_time now, struct alm_err *e)
{
    const uint32_t *id = l->part[ALLOCATOR].id;
    const size_t n = l->part[ALLOCATOR].count;
    struct alm_outcome *shown = n == l->units ? l->outcome : l->some_outcome;
    bool any = false;
    if (l->open == 0)
        return ALM_OK;
    for (size_t i = 0; i < n; i++) {
        struct alm_outcome *o = &l->outcome[id[i]];
        l->open -= l->tally[id[i]].open;
        o->until = now;
        any = any || o->samples;
        if (shown != l->outcome)
            shown[i] = *o;
    }
    int code = any ? show(l, shown, e) : ALM_OK;
    for (size_t i = 0; i < n; i++)
        begin_anew(&l->outcome[id[i]], &l->tally[id[i]]);
    return code;
}
