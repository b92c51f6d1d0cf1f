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
#include "moving_predictor.h"

#include "quantile.h"

#include <string.h>

struct opt {
    alm_time window;
};

static const struct alm_opt opts[] = {
    {"window", ALM_OPT_DURATION, offsetof(struct opt, window), "24h", 1, (double)(100 * 365 * ALM_DAY), NULL,
     "length of the window, counted in samples that are not missing"},
    {0},
};

struct how {
    double ahead; /* samples in the horizon */
};

/* A block is two windows of equal size: for the maximum, then one of negated values for the minimum. */
static struct alm_peak_window *least_of(struct alm_peak_window *most)
{
    return (struct alm_peak_window *)(void *)((char *)most + alm_peak_window_size(most->capacity));
}

static const struct alm_peak_window *least_view(const struct alm_peak_window *most)
{
    return (const struct alm_peak_window *)(const void *)((const char *)most + alm_peak_window_size(most->capacity));
}

static size_t block_size(size_t capacity)
{
    return 2 * alm_peak_window_size(capacity);
}

static void block_init(void *block, size_t capacity)
{
    struct alm_peak_window *most = block;
    alm_peak_window_init(most, capacity);
    alm_peak_window_init(least_of(most), capacity);
}

static void block_put(void *block, double value)
{
    struct alm_peak_window *most = block;
    alm_peak_window_put(most, value);
    alm_peak_window_put(least_of(most), -value);
}

static void block_tell(const void *block, enum alm_resource r, const void *how, struct alm_envelope *out)
{
    const struct alm_peak_window *most = block;
    const struct how *h = how;
    if (most->count == 0)
        return;
    double n = most->count < most->capacity ? (double)most->count : (double)most->capacity;
    out->has |= ALM_BIT(r);
    out->peak |= ALM_BIT(r);
    out->max[r] = alm_peak_window_max(most);
    out->min[r] = 0 - alm_peak_window_max(least_view(most));
    out->confidence[r] = n / (n + h->ahead);
}

static bool block_sound(const void *bytes, size_t capacity)
{
    for (int k = 0; k < 2; k++) {
        struct alm_peak_window w;
        memcpy(&w, (const char *)bytes + (size_t)k * alm_peak_window_size(capacity), sizeof w);
        if (w.capacity != capacity || w.first >= capacity || w.held > capacity)
            return false;
    }
    return true;
}

static const struct alm_moving moving = {
    .saved_as = "predictor moving-max",
    .window_at = offsetof(struct opt, window),
    .size = block_size,
    .init = block_init,
    .put = block_put,
    .tell = block_tell,
    .sound = block_sound,
};

static struct how how(const struct opt *o, const struct alm_env *env)
{
    (void)o;
    const alm_time samples = alm_time_ceil(env->interval, env->sample_interval) / env->sample_interval;
    return (struct how){samples > 0 ? (double)samples : 1};
}

ALM_MOVING_PREDICTOR(moving_max, "moving-max", "maximum and minimum over a moving window of samples",
                     "the peak of a past window, as in Kubernetes practice; confidence: Wilks (1941)");
