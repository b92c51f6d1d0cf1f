/* SPDX-License-Identifier: GPL-3.0-or-later
 * residual-quantile: an exponential level mixed with the same time of the season before, times a quantile of past errors.
 *
 * Meaning.  forecast = (1 - season_share) * ewma + season_share * value one season ago; the ewma alone before there is a season. The range is that of point.h: with errors=ratio the forecast times the rolling empirical quantile of its ratios.
 * Limits.   The bar that other predictors are to clear. Errors are taken to be alike at all times and levels.
 *           A step is a few multiplications; state: 8 bytes an interval of the season and a resource, beside the window of errors.
 * Source.   Common practice; the order statistic as in Vovk, Gammerman, Shafer (2005). */
#include "point.h"

#include <math.h>
#include <string.h>

struct opt {
    struct point_opt common;
    alm_time half_life, season;
    double season_share;
};

static const struct alm_opt opts[] = {
    POINT_OPTS(struct opt, common),
    {"half_life", ALM_OPT_DURATION, offsetof(struct opt, half_life), "30m", 1, (double)(1000 * ALM_DAY), NULL,
     "age at which a value weighs half in the level"},
    {"season", ALM_OPT_DURATION, offsetof(struct opt, season), "24h", 1, (double)(1000 * ALM_DAY), NULL,
     "after which things repeat"},
    {"season_share", ALM_OPT_FRACTION, offsetof(struct opt, season_share), "30%", 0, 1, NULL,
     "share of the value one season ago"},
    {0},
};

struct block {
    double weighted, weight;
    uint64_t next;
    double ring[]; /* values of the last season */
};

static size_t block_size(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    return sizeof(struct block) + target_slots(env, o->season) * sizeof(double);
}

static int init(const void *opt, const struct alm_env *env, void *block, struct alm_err *e)
{
    (void)e;
    struct block *b = block;
    for (size_t k = 0; k < target_slots(env, ((const struct opt *)opt)->season); k++)
        b->ring[k] = NAN;
    return ALM_OK;
}

static int put(const void *opt, const struct alm_env *env, void *block, double value, struct alm_err *e)
{
    (void)e;
    const struct opt *o = opt;
    struct block *b = block;
    const double keep = exp2(-(double)env->interval / (double)o->half_life);
    b->ring[b->next] = value;
    b->next = (b->next + 1) % target_slots(env, o->season);
    b->weighted *= keep;
    b->weight *= keep;
    if (isfinite(value)) {
        b->weighted += value;
        b->weight += 1;
    }
    return ALM_OK;
}

static struct point_forecast forecast(const void *opt, const struct alm_env *env, const void *block)
{
    (void)env;
    const struct opt *o = opt;
    const struct block *b = block;
    if (!(b->weight > 0))
        return (struct point_forecast){.value = NAN, .se = NAN};
    const double level = b->weighted / b->weight, before = b->ring[b->next];
    const double at = isfinite(before) ? (1 - o->season_share) * level + o->season_share * before : level;
    return (struct point_forecast){.value = at, .se = NAN};
}

static bool sound(const void *opt, const struct alm_env *env, const void *bytes)
{
    struct block b;
    memcpy(&b, bytes, sizeof b);
    return b.next < target_slots(env, ((const struct opt *)opt)->season);
}

static const struct point point = {.saved_as = "predictor residual-quantile",
                                   .opt_size = sizeof(struct opt),
                                   .size = block_size,
                                   .init = init,
                                   .put = put,
                                   .forecast = forecast,
                                   .sound = sound};

POINT_PREDICTOR(residual_quantile, "residual-quantile", 0,
                "level mixed with a season ago, times a quantile of its past errors",
                "common practice; order statistic: Vovk et al. (2005)");
