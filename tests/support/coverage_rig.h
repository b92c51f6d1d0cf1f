/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage_rig: streams of demand, predictors of a line, and how often a calibrated envelope of theirs holds.
 *
 * Meaning.  One unit, one resource, one value a round. Open loop: usage is demand. Closed loop: usage stops at max and
 *           says so. A miss is demand above max, whatever usage was.
 * Choice.   Streams are functions of (seed, kind, round), so every calibrator and base meets the same luck. */
#ifndef ALM_TESTS_COVERAGE_RIG_H
#define ALM_TESTS_COVERAGE_RIG_H

#include "almanac/calibrator.h"
#include "almanac/stream.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum cover_stream {
    STREAM_GAUSSIAN,
    STREAM_SEASONAL,
    STREAM_DRIFTING, /* the scale is a random walk */
    STREAM_PARETO,   /* of shape 2: no variance */
    STREAM_SHIFTS,   /* of level, by up to 8 times, every 700 rounds */
    STREAMS
};

static const char *const cover_stream_name[STREAMS] = {"gaussian", "seasonal", "drifting", "pareto", "shifts"};

enum cover_base {
    BASE_LAST,
    BASE_MEAN,   /* of all before */
    BASE_DOUBLE, /* of the mean: wrong by a factor of 2 */
    BASE_HALF,
    BASE_CONSTANT,
    BASES
};

static const char *const cover_base_name[BASES] = {"last", "mean", "double", "half", "constant"};

#define COVER_STEP (5 * ALM_MINUTE)

/* N demands, all above 0. */
static inline double *cover_demand(enum cover_stream kind, uint64_t seed, size_t n)
{
    struct alm_stream s = alm_stream_open(seed, (uint64_t)kind, "coverage");
    double *d = malloc(n * sizeof *d), level = 0;
    for (size_t t = 0; t < n; t++) {
        const double z = alm_stream_normal(&s), w = alm_stream_normal(&s), u = alm_stream_uniform(&s);
        if (kind == STREAM_GAUSSIAN)
            d[t] = 10 + z;
        else if (kind == STREAM_SEASONAL)
            d[t] = 4 + 2 * sin(2 * 3.14159265358979 * (double)t / 288) + 0.3 * z;
        else if (kind == STREAM_DRIFTING)
            d[t] = exp((level += 0.01 * w) + 0.2 * z);
        else if (kind == STREAM_PARETO)
            d[t] = 1 / sqrt(u);
        else {
            level = t % 700 == 0 ? exp(2.08 * u) : level;
            d[t] = level * exp(0.1 * z);
        }
        d[t] = fmax(d[t], 1e-3);
    }
    return d;
}

struct cover_run {
    const struct alm_calibrator_ops *ops;
    struct alm_env env;
    struct alm_units u;
    uint32_t id;
    alm_time now;
    enum alm_resource resource;
};

static inline void cover_open(struct cover_run *g, const struct alm_choice *c, enum alm_resource r)
{
    struct alm_err e = {0};
    memset(g, 0, sizeof *g);
    g->ops = (const void *)c->module;
    g->resource = r;
    g->env = (struct alm_env){.interval = COVER_STEP, .sample_interval = COVER_STEP, .resources = ALM_BIT(r)};
    const size_t bytes = (g->ops->state_size(c->opt, &g->env) + 63) / 64 * 64;
    g->u = (struct alm_units){.count = 1, .id = &g->id, .stride = bytes, .opt = c->opt, .env = &g->env};
    g->u.state = aligned_alloc(64, bytes ? bytes : 64);
    memset(g->u.state, 0, bytes);
    if (g->ops->init && g->ops->init(&g->u, &e) < 0)
        abort();
}

static inline void cover_close(struct cover_run *g)
{
    free(g->u.state);
}

static inline struct alm_envelope cover_adjust(struct cover_run *g, double min, double max)
{
    struct alm_err e = {0};
    struct alm_envelope v = {.from = g->now, .until = g->now + COVER_STEP, .has = ALM_BIT(g->resource)};
    v.min[g->resource] = min;
    v.max[g->resource] = max;
    v.confidence[g->resource] = NAN;
    if (g->ops->adjust(&g->u, g->now, &v, &e) < 0)
        abort();
    return v;
}

/* Usage Y over the envelope V. */
static inline struct alm_outcome cover_outcome(const struct cover_run *g, const struct alm_envelope *v, double y,
                                               bool censored)
{
    struct alm_outcome o = {.envelope = *v, .until = v->until, .samples = 1};
    o.seen = (uint8_t)ALM_BIT(g->resource);
    o.censored = censored ? o.seen : 0;
    o.mean[g->resource] = o.peak[g->resource] = o.p95[g->resource] = y;
    return o;
}

static inline void cover_learn(struct cover_run *g, const struct alm_outcome *o)
{
    struct alm_err e = {0};
    if (g->ops->feedback(&g->u, o, &e) < 0)
        abort();
    g->now = o->until;
}

struct cover_result {
    size_t rounds, misses, low_misses; /* after the burn-in; of max, of min */
    size_t all_rounds, all_misses;     /* since the start */
    size_t stated;                     /* rounds in which the asked-for confidence was stated */
    double width, usage;               /* sums of max, of demand */
    double *miss;                      /* [all_rounds] 0 or 1; the caller frees it */
};

/* The calibrator C around BASE on demand D[n]; the first BURN rounds are not judged. */
static inline struct cover_result cover(const struct alm_choice *c, enum cover_base base, const double *d, size_t n,
                                        size_t burn, bool closed)
{
    struct cover_run g;
    struct cover_result x = {.miss = calloc(n, sizeof(double))};
    double last = d[0], mean = d[0];
    cover_open(&g, c, ALM_CPU);
    for (size_t t = 1; t < n; t++) {
        const double point[BASES] = {last, mean, 2 * mean, mean / 2, 3};
        const struct alm_envelope v = cover_adjust(&g, point[base], point[base]);
        const double max = v.max[ALM_CPU];
        const bool miss = d[t] > max;
        const double y = closed ? fmin(d[t], max) : d[t];
        x.miss[x.all_rounds++] = miss;
        x.all_misses += miss;
        x.stated += v.confidence[ALM_CPU] == *(const double *)c->opt;
        if (t >= burn) {
            x.rounds++;
            x.misses += miss;
            x.low_misses += d[t] < v.min[ALM_CPU];
            x.width += max;
            x.usage += d[t];
        }
        const struct alm_outcome o = cover_outcome(&g, &v, y, closed && miss);
        cover_learn(&g, &o);
        last = y;
        mean += (y - mean) / (double)(t + 1);
    }
    cover_close(&g);
    return x;
}

#endif
