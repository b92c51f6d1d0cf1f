/* SPDX-License-Identifier: GPL-3.0-or-later
 * seasonal-naive: what was used one season ago, widened by what that was wrong by.
 *
 * Meaning.  forecast = the value one `season` before the interval that is spoken of. Where there is none, in the first season or because it is
 *           missing, the last value that was seen. The range is that of point.h.
 * Limits.   Assumes that every season is like the one before it, level and all.
 *           A step is one look-up; state: 8 bytes an interval of the season and a resource, beside the window of errors.
 * Source.   R. J. Hyndman, G. Athanasopoulos, "Forecasting: principles and practice", 3rd ed., 5.2. */
#include "point.h"

#include <math.h>
#include <string.h>

struct opt {
    struct point_opt common;
    alm_time season;
};

static const struct alm_opt opts[] = {
    POINT_OPTS(struct opt, common),
    {"season", ALM_OPT_DURATION, offsetof(struct opt, season), "24h", 1, (double)(1000 * ALM_DAY), NULL,
     "after which things repeat"},
    {0},
};

struct block {
    double last; /* NaN: none */
    uint64_t next;
    double ring[]; /* the last season; NaN: missing */
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
    b->last = NAN;
    for (size_t k = 0; k < target_slots(env, ((const struct opt *)opt)->season); k++)
        b->ring[k] = NAN;
    return ALM_OK;
}

static int put(const void *opt, const struct alm_env *env, void *block, double value, struct alm_err *e)
{
    (void)e;
    struct block *b = block;
    b->ring[b->next] = value;
    b->next = (b->next + 1) % target_slots(env, ((const struct opt *)opt)->season);
    if (isfinite(value))
        b->last = value;
    return ALM_OK;
}

static struct point_forecast forecast(const void *opt, const struct alm_env *env, const void *block)
{
    (void)opt;
    (void)env;
    const struct block *b = block;
    const double before = b->ring[b->next];
    return (struct point_forecast){.value = isfinite(before) ? before : b->last, .se = NAN};
}

static bool sound(const void *opt, const struct alm_env *env, const void *bytes)
{
    struct block b;
    memcpy(&b, bytes, sizeof b);
    return b.next < target_slots(env, ((const struct opt *)opt)->season);
}

static const struct point point = {.saved_as = "predictor seasonal-naive",
                                   .opt_size = sizeof(struct opt),
                                   .size = block_size,
                                   .init = init,
                                   .put = put,
                                   .forecast = forecast,
                                   .sound = sound};

POINT_PREDICTOR(seasonal_naive, "seasonal-naive", 0, "what was used one season ago, widened by past errors",
                "Hyndman and Athanasopoulos, Forecasting: principles and practice, 5.2; range: Vovk et al. (2005)");
