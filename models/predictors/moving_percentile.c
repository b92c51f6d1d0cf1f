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

static void block_init(void *block, size_t capacity)
{
    alm_sorted_window_init(block, capacity);
}

static void block_put(void *block, double value)
{
    alm_sorted_window_put(block, value);
}

/* The percentiles that max and min are. */
struct sides {
    double max, min;
};

static void block_tell(const void *block, enum alm_resource r, const void *how, struct alm_envelope *out)
{
    const struct alm_sorted_window *w = block;
    const struct sides *p = how;
    if (w->count == 0)
        return;
    const double *sorted = alm_sorted_window_view(w);
    out->has |= ALM_BIT(r);
    out->peak |= r == ALM_MEMORY ? ALM_BIT(r) : 0;
    out->max[r] = alm_quantile_type7(sorted, w->count, p->max);
    out->min[r] = alm_quantile_type7(sorted, w->count, p->min);
    out->confidence[r] = p->max;
}

static bool block_sound(const void *bytes, size_t capacity)
{
    struct alm_sorted_window w;
    memcpy(&w, bytes, sizeof w);
    return w.capacity == capacity && w.count <= capacity && w.next < capacity;
}

static const struct alm_moving moving = {
    .saved_as = "predictor moving-percentile",
    .window_at = offsetof(struct opt, window),
    .size = alm_sorted_window_size,
    .init = block_init,
    .put = block_put,
    .tell = block_tell,
    .sound = block_sound,
};

static size_t state_size(const void *opt, const struct alm_env *env)
{
    return alm_moving_state_size(&moving, opt, env);
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    return alm_moving_init(&moving, u, e);
}

static int observe(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)
{
    (void)e;
    alm_moving_observe(&moving, u, profile);
    return ALM_OK;
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    (void)profile;
    (void)now;
    (void)e;
    const struct opt *o = u->opt;
    struct sides sides = {.max = o->percentile, .min = o->percentile < 0.5 ? o->percentile : 1 - o->percentile};
    alm_moving_predict(&moving, u, &sides, out);
    return ALM_OK;
}

static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)
{
    return alm_moving_save(&moving, u, i, buffer, size, e);
}

static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)
{
    return alm_moving_load(&moving, u, i, buffer, size, e);
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
