/* SPDX-License-Identifier: GPL-3.0-or-later
 * moving-max: no more than the most of the last day, no less than the least.
 *
 * Meaning.  Over the last `window` / sample interval values that were not missing, from the first value on: max is
 *           their maximum, min their minimum. Both are said of the peak of the horizon. Confidence n / (n + k), n the
 *           number of values and k the samples in the horizon: the chance that the largest of n + k exchangeable values
 *           is among the n.
 * Choice.   Counted, not timed, so gaps do not shrink the window. No margin: that is the allocator's.
 * Source.   the conventions are in docs/decisions/0003; the confidence is the order-statistic argument of S. S. Wilks,
 *           "Determination of sample sizes for setting tolerance limits", Ann. Math. Statist. 12 (1941). */
#include "almanac/predictor.h"

#include "moving.h"
#include "quantile.h"
#include "saved.h"

#include <math.h>
#include <string.h>

struct opt {
    alm_time window;
};

static const struct alm_opt opts[] = {
    {"window", ALM_OPT_DURATION, offsetof(struct opt, window), "24h", 1, (double)(100 * 365 * ALM_DAY), NULL,
     "length of the window, counted in samples that are not missing"},
    {0},
};

/* Per resource the platform shows, in order: the window for the maximum, then one of negated values for the minimum. */
static struct alm_peak_window *window_at(const struct alm_units *u, size_t i, size_t k, size_t capacity)
{
    return (struct alm_peak_window *)(void *)((char *)alm_unit_state(u, i) + k * alm_peak_window_size(capacity));
}

static size_t state_size(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    return 2 * alm_moving_resources(env) * alm_peak_window_size(alm_moving_count(o->window, env));
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    const struct opt *o = u->opt;
    ALM_TRY(alm_moving_check(o->window, u->env, e));
    size_t capacity = alm_moving_count(o->window, u->env);
    for (size_t i = 0; i < u->count; i++)
        for (size_t k = 0; k < 2 * alm_moving_resources(u->env); k++)
            alm_peak_window_init(window_at(u, i, k, capacity), capacity);
    return ALM_OK;
}

static int observe(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)
{
    (void)e;
    const struct opt *o = u->opt;
    size_t capacity = alm_moving_count(o->window, u->env);
    for (size_t i = 0; i < u->count; i++) {
        const struct alm_series *w = &profile[i].window;
        size_t k = 0;
        for (int r = 0; r < ALM_RESOURCES; r++) {
            if (!(u->env->resources & ALM_BIT(r)))
                continue;
            struct alm_peak_window *most = window_at(u, i, k++, capacity);
            struct alm_peak_window *least = window_at(u, i, k++, capacity);
            for (size_t row = w->count - profile[i].fresh; w->value[r] && row < w->count; row++) {
                double value = w->value[r][row];
                if (isnan(value))
                    continue;
                alm_peak_window_put(most, value);
                alm_peak_window_put(least, -value);
            }
        }
    }
    return ALM_OK;
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    (void)profile;
    (void)now;
    (void)e;
    const struct opt *o = u->opt;
    size_t capacity = alm_moving_count(o->window, u->env);
    alm_time ahead = alm_time_ceil(u->env->interval, u->env->sample_interval) / u->env->sample_interval;
    for (size_t i = 0; i < u->count; i++) {
        size_t k = 0;
        for (int r = 0; r < ALM_RESOURCES; r++) {
            if (!(u->env->resources & ALM_BIT(r)))
                continue;
            const struct alm_peak_window *most = window_at(u, i, k++, capacity);
            const struct alm_peak_window *least = window_at(u, i, k++, capacity);
            if (most->count == 0)
                continue;
            double n = most->count < capacity ? (double)most->count : (double)capacity;
            out[i].has |= ALM_BIT(r);
            out[i].peak |= ALM_BIT(r);
            out[i].max[r] = alm_peak_window_max(most);
            out[i].min[r] = 0 - alm_peak_window_max(least);
            out[i].confidence[r] = n / (n + (ahead > 0 ? (double)ahead : 1));
        }
    }
    return ALM_OK;
}

static struct alm_saved_as saved_as(const struct alm_units *u)
{
    return (struct alm_saved_as){.module = "predictor moving-max", .version = 1, .made_with = u->env->resources};
}

static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)
{
    struct alm_saved_as as = saved_as(u);
    return alm_saved_write(&as, alm_unit_state(u, i), state_size(u->opt, u->env), buffer, size, e);
}

static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)
{
    const struct opt *o = u->opt;
    struct alm_saved_as as = saved_as(u);
    const void *state;
    size_t bytes = state_size(u->opt, u->env), capacity = alm_moving_count(o->window, u->env);
    ALM_TRY(alm_saved_read(&as, buffer, size, bytes, &state, e));
    for (size_t k = 0; k < 2 * alm_moving_resources(u->env); k++) {
        struct alm_peak_window w;
        memcpy(&w, (const char *)state + k * alm_peak_window_size(capacity), sizeof w);
        if (w.capacity != capacity || w.first >= capacity || w.held > capacity)
            return alm_fail(e, ALM_EDATA, "the saved state holds a window that cannot be");
    }
    memcpy(alm_unit_state(u, i), state, bytes);
    return ALM_OK;
}

const struct alm_predictor_ops alm_predictor_moving_max = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .name = "moving-max",
             .summary = "maximum and minimum over a moving window of samples",
             .source = "the peak of a past window, as in Kubernetes practice; confidence: Wilks (1941)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .needs = ALM_PROFILE_RECENT,
    .state_size = state_size,
    .init = init,
    .observe = observe,
    .predict = predict,
    .save = save,
    .load = load,
};
