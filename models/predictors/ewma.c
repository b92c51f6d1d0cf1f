/* SPDX-License-Identifier: GPL-3.0-or-later
 * ewma: the exponentially weighted mean of what was used, widened by what it was wrong by.
 *
 * Meaning.  forecast = sum of w^age * value / sum of w^age over the values seen, ages in intervals, w halving every `half_life`. A
 *           missing value ages the others and is left out. The range is that of point.h.
 * Choice.   The quotient, not the recursion from a first value: early forecasts are then means, and no start value lingers.
 * Limits.   Assumes that the next value is near recent ones: it lags a trend and knows no season.
 *           A step is a handful of multiplications and one move within the window of errors; state: 16 bytes a resource beside that window.
 * Source.   R. G. Brown, "Statistical forecasting for inventory control" (1959). */
#include "point.h"

#include <math.h>

struct opt {
    struct point_opt common;
    alm_time half_life;
};

static const struct alm_opt opts[] = {
    POINT_OPTS(struct opt, common),
    {"half_life", ALM_OPT_DURATION, offsetof(struct opt, half_life), "30m", 1, (double)(1000 * ALM_DAY), NULL,
     "age at which a value weighs half"},
    {0},
};

struct block {
    double weighted, weight;
};

static size_t block_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct block);
}

static int put(const void *opt, const struct alm_env *env, void *block, double value, struct alm_err *e)
{
    (void)e;
    const struct opt *o = opt;
    struct block *b = block;
    const double keep = exp2(-(double)env->interval / (double)o->half_life);
    b->weighted *= keep;
    b->weight *= keep;
    if (!isfinite(value))
        return ALM_OK;
    b->weighted += value;
    b->weight += 1;
    return ALM_OK;
}

static struct point_forecast forecast(const void *opt, const struct alm_env *env, const void *block)
{
    (void)opt;
    (void)env;
    const struct block *b = block;
    return (struct point_forecast){.value = b->weight > 0 ? b->weighted / b->weight : NAN, .se = NAN};
}

static const struct point point = {
    .saved_as = "predictor ewma", .opt_size = sizeof(struct opt), .size = block_size, .put = put, .forecast = forecast};

POINT_PREDICTOR(ewma, "ewma", 0, "exponentially weighted mean, widened by past errors",
                "Brown (1959); range: conformal order statistic, Vovk et al. (2005)");
