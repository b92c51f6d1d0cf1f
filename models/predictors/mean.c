/* SPDX-License-Identifier: GPL-3.0-or-later
 * mean: the plain mean of what was used over a window, or ever, widened by what it was wrong by.
 *
 * Meaning.  forecast = mean of the values of the last `window` that are not missing; window=0: of all. The range is that of point.h.
 * Choice.   A sum that is carried along, with what rounding took from it kept beside it, and formed anew once in a window: nothing that
 *           has left the window leaves a trace. A value that is not finite counts as missing.
 * Limits.   Assumes that values scatter around one level: it follows a change only over a whole window and knows no season.
 *           A step is a few additions; state: 8 bytes an interval of the window and a resource, beside the window of errors.
 * Source.   R. J. Hyndman, G. Athanasopoulos, "Forecasting: principles and practice", 3rd ed., 5.2; the sum: A. Neumaier,
 *           "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54 (1974). */
#include "point.h"

#include <math.h>
#include <string.h>

struct opt {
    struct point_opt common;
    alm_time window;
};

static const struct alm_opt opts[] = {
    POINT_OPTS(struct opt, common),
    {"window", ALM_OPT_DURATION, offsetof(struct opt, window), "24h", 0, (double)(1000 * ALM_DAY), NULL,
     "how far back values count; 0: all do"},
    {0},
};

struct block {
    double sum, lost; /* what the sum is too small by, from rounding */
    uint64_t count, next;
    double ring[]; /* by interval; NaN: missing */
};

/* 0: no window. */
static size_t slots(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    return o->window > 0 ? target_slots(env, o->window) : 0;
}

static size_t block_size(const void *opt, const struct alm_env *env)
{
    return sizeof(struct block) + slots(opt, env) * sizeof(double);
}

static int init(const void *opt, const struct alm_env *env, void *block, struct alm_err *e)
{
    (void)e;
    struct block *b = block;
    for (size_t k = 0; k < slots(opt, env); k++)
        b->ring[k] = NAN;
    return ALM_OK;
}

static void add(struct block *b, double value)
{
    const double sum = b->sum + value;
    b->lost += fabs(b->sum) >= fabs(value) ? (b->sum - sum) + value : (value - sum) + b->sum;
    b->sum = sum;
}

static void add_anew(struct block *b, size_t n)
{
    b->sum = b->lost = 0;
    for (size_t k = 0; k < n; k++)
        if (!isnan(b->ring[k]))
            add(b, b->ring[k]);
}

static int put(const void *opt, const struct alm_env *env, void *block, double value, struct alm_err *e)
{
    (void)e;
    struct block *b = block;
    const size_t n = slots(opt, env);
    const double kept = isfinite(value) ? value : NAN;
    const double gone = n > 0 ? b->ring[b->next] : NAN;
    if (!isnan(kept)) {
        add(b, kept);
        b->count++;
    }
    if (!isnan(gone)) {
        add(b, -gone);
        b->count--;
    }
    if (n == 0)
        return ALM_OK;
    b->ring[b->next] = kept;
    b->next = (b->next + 1) % n;
    if (b->next == 0)
        add_anew(b, n);
    return ALM_OK;
}

static struct point_forecast forecast(const void *opt, const struct alm_env *env, const void *block)
{
    (void)opt;
    (void)env;
    const struct block *b = block;
    return (struct point_forecast){.value = b->count > 0 ? (b->sum + b->lost) / (double)b->count : NAN, .se = NAN};
}

static bool sound(const void *opt, const struct alm_env *env, const void *bytes)
{
    struct block b;
    const size_t n = slots(opt, env);
    memcpy(&b, bytes, sizeof b);
    return n == 0 ? b.next == 0 : b.next < n && b.count <= n;
}

static const struct point point = {.saved_as = "predictor mean",
                                   .opt_size = sizeof(struct opt),
                                   .size = block_size,
                                   .init = init,
                                   .put = put,
                                   .forecast = forecast,
                                   .sound = sound};

POINT_PREDICTOR(mean, "mean", 0, "mean of a window, or of all, widened by past errors",
                "Hyndman and Athanasopoulos, Forecasting: principles and practice, 5.2; range: Vovk et al. (2005)");
