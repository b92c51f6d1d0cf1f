/* SPDX-License-Identifier: GPL-3.0-or-later
 * moving-percentile: a percentile of the last day, and its mirror image as the least.
 *
 * Meaning.  Over the last `window` / sample interval values that were not missing, from the first value on: max is the
 *           percentile p, min the percentile 1 - p (the smaller of the two when p is below one half), both by type 7.
 *           The confidence is p, which is nominal: nothing has been checked.
 * Choice.   Counted, not timed. No margin: that is the allocator's. The window is kept in order of size, so a decision
 *           is two look-ups and a sample is a binary search and a move. */
#include "almanac/predictor.h"

#include "moving.h"
#include "quantile.h"
#include "saved.h"

#include <math.h>
#include <string.h>

struct opt {
    alm_time window;
    double percentile;
};

static const struct alm_opt opts[] = {
    {"window", ALM_OPT_DURATION, offsetof(struct opt, window), "24h", 1, (double)(100 * 365 * ALM_DAY), NULL,
     "length of the window, counted in samples that are not missing"},
    {"percentile", ALM_OPT_FRACTION, offsetof(struct opt, percentile), "95%", 0, 1, NULL,
     "share of the samples that max covers; min leaves as many below"},
    {0},
};

/* One window per resource the platform shows, in order. */
static struct alm_sorted_window *window_at(const struct alm_units *u, size_t i, size_t k, size_t capacity)
{
    return (struct alm_sorted_window *)(void *)((char *)alm_unit_state(u, i) + k * alm_sorted_window_size(capacity));
}

static size_t state_size(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    return alm_moving_resources(env) * alm_sorted_window_size(alm_moving_count(o->window, env));
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    const struct opt *o = u->opt;
    ALM_TRY(alm_moving_check(o->window, u->env, e));
    size_t capacity = alm_moving_count(o->window, u->env);
    for (size_t i = 0; i < u->count; i++)
        for (size_t k = 0; k < alm_moving_resources(u->env); k++)
            alm_sorted_window_init(window_at(u, i, k, capacity), capacity);
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
            struct alm_sorted_window *seen = window_at(u, i, k++, capacity);
            for (size_t row = w->count - profile[i].fresh; w->value[r] && row < w->count; row++)
                if (!isnan(w->value[r][row]))
                    alm_sorted_window_put(seen, w->value[r][row]);
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
    double low = o->percentile < 0.5 ? o->percentile : 1 - o->percentile;
    for (size_t i = 0; i < u->count; i++) {
        size_t k = 0;
        for (int r = 0; r < ALM_RESOURCES; r++) {
            if (!(u->env->resources & ALM_BIT(r)))
                continue;
            const struct alm_sorted_window *seen = window_at(u, i, k++, capacity);
            if (seen->count == 0)
                continue;
            const double *sorted = alm_sorted_window_view(seen);
            out[i].has |= ALM_BIT(r);
            out[i].peak |= r == ALM_MEMORY ? ALM_BIT(r) : 0;
            out[i].max[r] = alm_quantile_type7(sorted, seen->count, o->percentile);
            out[i].min[r] = alm_quantile_type7(sorted, seen->count, low);
            out[i].confidence[r] = o->percentile;
        }
    }
    return ALM_OK;
}

static struct alm_saved_as saved_as(const struct alm_units *u)
{
    return (struct alm_saved_as){.module = "predictor moving-percentile", .version = 1, .made_with = u->env->resources};
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
    for (size_t k = 0; k < alm_moving_resources(u->env); k++) {
        struct alm_sorted_window w;
        memcpy(&w, (const char *)state + k * alm_sorted_window_size(capacity), sizeof w);
        if (w.capacity != capacity || w.count > capacity || w.next >= capacity)
            return alm_fail(e, ALM_EDATA, "the saved state holds a window that cannot be");
    }
    memcpy(alm_unit_state(u, i), state, bytes);
    return ALM_OK;
}

const struct alm_predictor_ops alm_predictor_moving_percentile = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .name = "moving-percentile",
             .summary = "percentiles over a moving window of samples",
             .source = "Hyndman and Fan (1996), type 7, over a past window",
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
