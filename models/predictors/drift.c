/* SPDX-License-Identifier: GPL-3.0-or-later
 * drift: the last value and the mean change over a window, widened by what it was wrong by.
 *
 * Meaning.  forecast = last + (last - first) / (time between them) * (time since the last), first and last of the values in the last `window`
 *           that are not missing, times in intervals: the line through these two. One value alone stays as it is. The range is that of point.h.
 * Choice.   Only values that are there are kept, with their times, so that a gap costs nothing to look over. A value that is not finite counts as
 *           missing.
 * Limits.   Assumes a random walk with drift: every change lasts. A short window makes a trend out of noise.
 *           A step is a few additions; state: 16 bytes an interval of the window and a resource, beside the window of errors.
 * Source.   R. J. Hyndman, G. Athanasopoulos, "Forecasting: principles and practice", 3rd ed., 5.2. */
#include "point.h"

#include <math.h>
#include <string.h>

struct opt {
    struct point_opt common;
    alm_time window;
};

static const struct alm_opt opts[] = {
    POINT_OPTS(struct opt, common),
    {"window", ALM_OPT_DURATION, offsetof(struct opt, window), "24h", 1, (double)(1000 * ALM_DAY), NULL,
     "over which the mean change is taken"},
    {0},
};

struct seen {
    double value;
    int64_t at; /* number of the interval */
};

/* A queue in a ring: FIRST is its oldest. */
struct block {
    int64_t now; /* of the last interval put */
    uint64_t first, held;
    struct seen ring[];
};

static size_t slots(const void *opt, const struct alm_env *env)
{
    return target_slots(env, ((const struct opt *)opt)->window) + 1; /* a change needs both ends */
}

static size_t block_size(const void *opt, const struct alm_env *env)
{
    return sizeof(struct block) + slots(opt, env) * sizeof(struct seen);
}

static int put(const void *opt, const struct alm_env *env, void *block, double value, struct alm_err *e)
{
    (void)e;
    struct block *b = block;
    const size_t n = slots(opt, env);
    b->now++;
    while (b->held > 1 && b->ring[b->first].at <= b->now - (int64_t)n) {
        b->first = (b->first + 1) % n;
        b->held--;
    }
    if (!isfinite(value))
        return ALM_OK;
    if (b->held == 1 && b->ring[b->first].at <= b->now - (int64_t)n)
        b->held = 0;
    b->ring[(b->first + b->held) % n] = (struct seen){.value = value, .at = b->now};
    b->held++;
    return ALM_OK;
}

static struct point_forecast forecast(const void *opt, const struct alm_env *env, const void *block)
{
    const struct block *b = block;
    struct point_forecast f = {.value = NAN, .se = NAN};
    if (b->held == 0)
        return f;
    const struct seen *first = &b->ring[b->first], *last = &b->ring[(b->first + b->held - 1) % slots(opt, env)];
    f.value = last->value;
    if (b->held > 1)
        f.value += (last->value - first->value) / (double)(last->at - first->at) * (double)(b->now + 1 - last->at);
    return f;
}

static bool sound(const void *opt, const struct alm_env *env, const void *bytes)
{
    struct block b;
    const size_t n = slots(opt, env);
    memcpy(&b, bytes, sizeof b);
    return b.first < n && b.held <= n;
}

static const struct point point = {.saved_as = "predictor drift",
                                   .opt_size = sizeof(struct opt),
                                   .size = block_size,
                                   .put = put,
                                   .forecast = forecast,
                                   .sound = sound};

POINT_PREDICTOR(drift, "drift", 0, "last value and mean change over a window, widened by past errors",
                "Hyndman and Athanasopoulos, Forecasting: principles and practice, 5.2; range: Vovk et al. (2005)");
