/* SPDX-License-Identifier: GPL-3.0-or-later
 * target: samples to values of intervals. The header says what. */
#include "target.h"

static size_t percentile_room(const struct alm_env *env)
{
    return alm_p95_room(env->sample_interval > 0 ? (size_t)(env->interval / env->sample_interval) + 1 : 1);
}

size_t target_size(const struct alm_env *env)
{
    return sizeof(struct target) + percentile_room(env) * sizeof(double);
}

size_t target_slots(const struct alm_env *env, alm_time duration)
{
    const alm_time n = env->interval > 0 ? (duration + env->interval / 2) / env->interval : 1;
    return n > 1 ? (size_t)n : 1;
}

static void begin(struct target *t, int64_t slot)
{
    t->slot = slot;
    t->open = 1;
    t->seen = t->censored = 0;
    t->p95 = (struct alm_p95){0};
    for (int r = 0; r < ALM_RESOURCES; r++) {
        t->count[r] = 0;
        t->mean[r] = t->peak[r] = 0;
    }
}

static void absorb(struct target *t, const struct alm_env *env, const struct alm_series *w, size_t row)
{
    t->censored |= w->censored[row];
    for (int r = 0; r < ALM_RESOURCES; r++) {
        const double v = w->value[r] ? w->value[r][row] : NAN;
        if (isnan(v))
            continue;
        t->seen |= (uint8_t)ALM_BIT(r);
        t->count[r]++;
        t->mean[r] += (v - t->mean[r]) / t->count[r];
        t->peak[r] = t->count[r] == 1 || v > t->peak[r] ? v : t->peak[r];
    }
    if (w->value[ALM_CPU] && !isnan(w->value[ALM_CPU][row]))
        alm_p95_put(&t->p95, t->largest, percentile_room(env), w->value[ALM_CPU][row]);
}

static double value_of(const struct target *t, int r, enum alm_statistic statistic)
{
    if (r == ALM_MEMORY || (r == ALM_CPU && statistic == ALM_STAT_PEAK))
        return t->peak[r];
    return r == ALM_CPU && statistic == ALM_STAT_P95 ? alm_p95_value(&t->p95, t->largest) : t->mean[r];
}

static void tell(struct target *t, enum alm_statistic statistic, struct target_value *out)
{
    *out = (struct target_value){.slot = t->slot, .seen = t->seen, .censored = t->censored & t->seen};
    out->gap = t->any ? (size_t)(t->slot - t->told - 1) : 0;
    for (int r = 0; r < ALM_RESOURCES; r++)
        out->value[r] = t->seen & ALM_BIT(r) ? value_of(t, r, statistic) : NAN;
    t->told = t->slot;
    t->any = 1;
    t->open = 0;
}

bool target_next(struct target *t, const struct alm_env *env, enum alm_statistic statistic, const struct alm_profile *p,
                 size_t *row, struct target_value *out)
{
    const struct alm_series *w = &p->window;
    for (; *row < w->count; ++*row) {
        const alm_time at = w->at[*row];
        const int64_t slot = alm_time_ceil(at, env->interval) / env->interval;
        if (t->any && slot <= t->told)
            continue;
        if (t->open && slot > t->slot) {
            tell(t, statistic, out);
            return true;
        }
        if (!t->open)
            begin(t, slot);
        absorb(t, env, w, *row);
        if (at + env->sample_interval > slot * env->interval) {
            ++*row;
            tell(t, statistic, out);
            return true;
        }
    }
    return false;
}
