/* SPDX-License-Identifier: GPL-3.0-or-later
 * rc-like: a high percentile of what the unit itself used, once it is warm.
 *
 * Meaning.  Over the last `window` / sample interval values that were not missing: max is their percentile, min the percentile at
 *           alm_lower_tail of it, both by type 7. Before `warm_up` / sample interval values nothing is said; a warm-up longer than the window
 *           ends when the window is full. The confidence is the percentile, which is nominal.
 * Choice.   The source lets a cold task count at its limit: to say nothing comes to the same, since a limit stays until somebody speaks. It sums over
 *           the tasks of a machine; here each unit has its own. min is our addition. The windows are not the source's: its program
 *           leaves them to its configuration, whose example has two hours for both.
 * Limits.   Assumes that the next samples are like those of the window: it knows no trend and no season.
 *           A step is a binary search and a move within the window, a decision two look-ups; state: 16 bytes a sample of the window and a resource.
 * Source.   N. Bashir et al., "Take it to the limit: peak prediction-driven resource overcommitment in datacenters", EuroSys (2021), after
 *           E. Cortez et al., "Resource Central", SOSP (2017); the percentile is that of NumPy, as in googleinterns/cluster-resource-forecast. */
#include "moving_predictor.h"

#include "quantile.h"

#include <math.h>

struct opt {
    double percentile;
    alm_time window, warm_up;
};

static const struct alm_opt opts[] = {
    {"percentile", ALM_OPT_FRACTION, offsetof(struct opt, percentile), "99%", 0.5, 1, NULL,
     "share of the samples that max covers"},
    {"window", ALM_OPT_DURATION, offsetof(struct opt, window), "10h", 1, (double)(100 * 365 * ALM_DAY), NULL,
     "length of the window, counted in samples that are not missing"},
    {"warm_up", ALM_OPT_DURATION, offsetof(struct opt, warm_up), "2h", 0, (double)(100 * 365 * ALM_DAY), NULL,
     "how much must be seen first, counted likewise"},
    {0},
};

struct how {
    double max, min; /* percentiles */
    double warm;     /* values */
};

static void block_tell(const void *block, enum alm_resource r, const void *how, struct alm_envelope *out)
{
    const struct alm_sorted_window *w = block;
    const struct how *h = how;
    if (w->count == 0 || (w->count < h->warm && w->count < w->capacity))
        return;
    const double *sorted = alm_sorted_window_view(w);
    const double max = alm_quantile_type7(sorted, w->count, h->max);
    if (!isfinite(max))
        return;
    out->has |= ALM_BIT(r);
    out->peak |= r == ALM_MEMORY ? ALM_BIT(r) : 0;
    out->max[r] = max;
    out->min[r] = alm_quantile_type7(sorted, w->count, h->min);
    out->confidence[r] = h->max;
}

static const struct alm_moving moving =
    ALM_MOVING_SORTED("predictor rc-like", offsetof(struct opt, window), block_tell);

static struct how how(const struct opt *o, const struct alm_env *env)
{
    return (struct how){.max = o->percentile,
                        .min = alm_lower_tail(o->percentile),
                        .warm = (double)(o->warm_up / env->sample_interval)};
}

ALM_MOVING_PREDICTOR(rc_like, "rc-like", "a high percentile of the unit's own samples, after a warm-up",
                     "Bashir et al., Take it to the limit, EuroSys 2021 (RC-like), for one unit");
