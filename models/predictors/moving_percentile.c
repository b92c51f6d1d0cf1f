/* SPDX-License-Identifier: GPL-3.0-or-later
 * moving-percentile: a percentile of the last day, and its mirror image as the least.
 *
 * Meaning.  Over the last `window` / sample interval values that were not missing, from the first value on: max is the
 *           percentile p, min the percentile 1 - p (the smaller of the two when p is below one half), both by type 7.
 *           The confidence is p, which is nominal: nothing has been checked.
 * Choice.   Counted, not timed. No margin: that is the allocator's. The window is kept in order of size, so a decision
 *           is two look-ups and a sample is a binary search and a move. */
#include "moving_predictor.h"

#include "quantile.h"

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

/* The percentiles that max and min are. */
struct how {
    double max, min;
};

static void block_tell(const void *block, enum alm_resource r, const void *how, struct alm_envelope *out)
{
    const struct alm_sorted_window *w = block;
    const struct how *p = how;
    if (w->count == 0)
        return;
    const double *sorted = alm_sorted_window_view(w);
    out->has |= ALM_BIT(r);
    out->peak |= r == ALM_MEMORY ? ALM_BIT(r) : 0;
    out->max[r] = alm_quantile_type7(sorted, w->count, p->max);
    out->min[r] = alm_quantile_type7(sorted, w->count, p->min);
    out->confidence[r] = p->max;
}

static const struct alm_moving moving =
    ALM_MOVING_SORTED("predictor moving-percentile", offsetof(struct opt, window), block_tell);

static struct how how(const struct opt *o, const struct alm_env *env)
{
    (void)env;
    return (struct how){.max = o->percentile, .min = o->percentile < 0.5 ? o->percentile : 1 - o->percentile};
}

ALM_MOVING_PREDICTOR(moving_percentile, "moving-percentile", "percentiles over a moving window of samples",
                     "Hyndman and Fan (1996), type 7, over a past window");
