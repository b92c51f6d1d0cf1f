/* SPDX-License-Identifier: GPL-3.0-or-later
 * conditional-density: how likely each next value is, given how things stand, and the limit that is cheapest for its confidence.
 *
 * Meaning.  A value x is kept as its logarithm, with the context before it: the value before, and exponential means over some 20 minutes
 *           and 3 hours (4 and 36 intervals). The distribution of the next value mixes two samples:
 *             - past values, weighted by how near their context is to the present one (a Nadaraya-Watson estimate), moved by a quarter of
 *               what the short means differ, nearer in time of day and younger ones more;
 *             - forecast + spread * past standardised errors; the forecast is the better of two (density_history says which). Errors are the
 *               unit's own and those of all units of the run.
 *           Beyond the largest value lies what n values leave: 1 / (n + 1), n the effective number, spread as the errors of all units are;
 *           without them 30 % above the largest.
 *           max is where the price of an overrun equals what more limit costs: the least of max + price * P(value > max), so misses fall
 *           where they save most, also among units: the price of each resource is one for all units of the run. It is first looked for so
 *           that misses are expected as often as they are wanted; then it follows what happens, up by a miss, down by a hit (the step of
 *           quantile tracking, on its logarithm), so that the share of hits over time and units is `confidence`. A unit whose own share is
 *           off by more than a point or so pays more or less than the others. With pool=false each unit has a price of its own,
 *           steered by its own misses, and learns from its own errors alone. With even=true max is the quantile at `confidence`, whose
 *           rate is kept likewise.
 *           min is the quantile at alm_lower_tail(confidence).
 * Choice.   Rational weights instead of Gaussian ones: no exp in the loop, and heavier tails. Quantiles by a grid of 1024 steps of the
 *           logarithm, upper ends, so at most one step (about 1 %) too much. Widths of weights are fixed shares of the spread of
 *           the unit's values: results hardly depend on them. Constants were settled on first halves of public traces (the guide says how).
 *           Units keep a copy of the shared price and errors, so that a saved one predicts as before wherever it is loaded.
 * Limits.   Assumes that like contexts have like successors. Until 1 / (1 - confidence) values have been seen the confidence stated is
 *           less. The share of misses is steered, not guaranteed: wrap it in calibrator aci for that. A decision costs some 5 ns for
 *           each interval of `history`; state: 32 bytes for each of them and resource, and 3 KiB.
 * Source.   E. A. Nadaraya (1964), G. S. Watson (1964); P. Hall, R. C. L. Wolff, Q. Yao, "Methods for estimating a conditional
 *           distribution function" (1999); price: the newsvendor rule, Arrow, Harris, Marschak (1951); tracking: Angelopoulos, Candes,
 *           Tibshirani, "Conformal PID control" (2023). */
#include "almanac/predictor.h"

#include "density.h"
#include "target.h"

#include "saved.h"

#include <math.h>
#include <string.h>

struct opt {
    double confidence;
    int statistic;
    alm_time history, season;
    double step;
    bool even, pool;
};

static const struct alm_opt opts[] = {
    {"confidence", ALM_OPT_FRACTION, offsetof(struct opt, confidence), "95%", 0.5, 0.99999, NULL,
     "share of the future that is to lie at or below max"},
    {"target", ALM_OPT_CHOICE, offsetof(struct opt, statistic), "mean", 0, 0, "mean|peak|p95",
     "what max of cpu speaks of: of the samples until the next decision"},
    {"history", ALM_OPT_DURATION, offsetof(struct opt, history), "14d", 1, (double)(1000 * ALM_DAY), NULL,
     "how far back values are remembered"},
    {"season", ALM_OPT_DURATION, offsetof(struct opt, season), "24h", 1, (double)(1000 * ALM_DAY), NULL,
     "after which things repeat"},
    {"even", ALM_OPT_BOOL, offsetof(struct opt, even), "false", 0, 0, NULL,
     "the same chance of a miss at each decision, instead of misses where they save most"},
    {"pool", ALM_OPT_BOOL, offsetof(struct opt, pool), "true", 0, 0, NULL,
     "one price of an overrun for all units, which also learn from each other's errors, instead of one each"},
    {"step", ALM_OPT_REAL, offsetof(struct opt, step), "0.02", 0, 10, NULL, "how fast the price follows misses"},
    {0},
};

/* A unit: its target, then for each resource a block. */
static size_t up(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

static struct density_shape shape_of(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    return (struct density_shape){.capacity = target_slots(env, o->history), .season = target_slots(env, o->season)};
}

static size_t block_size(const void *opt, const struct alm_env *env)
{
    const struct density_shape shape = shape_of(opt, env);
    return up(density_size(&shape));
}

static struct density *block_of(const struct alm_units *u, char *unit, size_t k)
{
    return (struct density *)(void *)(unit + up(target_size(u->env)) + k * block_size(u->opt, u->env));
}

static size_t state_size(const void *opt, const struct alm_env *env)
{
    return up(target_size(env)) + (size_t)__builtin_popcount(env->resources) * block_size(opt, env);
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    const struct opt *o = u->opt;
    if (u->env->interval <= 0)
        return alm_fail(e, ALM_EINVAL, "the interval between decisions is not known; it must be above 0");
    const struct density_shape shape = shape_of(u->opt, u->env);
    for (size_t i = 0; i < u->count; i++)
        for (uint32_t left = u->env->resources, k = 0; left; left &= left - 1, k++)
            density_init(block_of(u, alm_unit_state(u, i), k), &shape, (enum alm_resource)__builtin_ctz(left),
                         o->confidence);
    return ALM_OK;
}

static bool independent(const void *opt)
{
    const struct opt *o = opt;
    return !o->pool || o->even;
}

/* What units share of their K-th resource; NULL when they do not. */
static struct density_pool *pool_of(const struct alm_units *u, size_t k)
{
    return independent(u->opt) ? NULL : (struct density_pool *)u->shared + k;
}

static int observe(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)
{
    (void)e;
    const struct opt *o = u->opt;
    for (size_t i = 0; i < u->count; i++) {
        char *unit = alm_unit_state(u, i);
        struct target *t = (struct target *)(void *)unit;
        struct target_value v;
        size_t row = profile[i].window.count - profile[i].fresh;
        while (target_next(t, u->env, (enum alm_statistic)o->statistic, &profile[i], &row, &v))
            for (uint32_t left = u->env->resources, k = 0; left; left &= left - 1, k++) {
                const int r = __builtin_ctz(left);
                const struct density_value value = {v.slot, v.value[r], v.censored & ALM_BIT(r)};
                density_put(block_of(u, unit, k), &value, u->env->units > 1 ? pool_of(u, k) : NULL);
            }
    }
    return ALM_OK;
}

static struct density_ask ask_at(const struct alm_units *u, alm_time now)
{
    const struct opt *o = u->opt;
    return (struct density_ask){.slot = alm_time_floor(now, u->env->interval) / u->env->interval + 1,
                                .confidence = o->confidence,
                                .even = o->even};
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    (void)profile;
    (void)e;
    const struct opt *o = u->opt;
    const struct density_ask ask = ask_at(u, now);
    for (size_t i = 0; i < u->count; i++) {
        char *unit = alm_unit_state(u, i);
        for (uint32_t left = u->env->resources, k = 0; left; left &= left - 1, k++) {
            const enum alm_resource r = (enum alm_resource)__builtin_ctz(left);
            struct density_range range;
            if (!density_range(block_of(u, unit, k), &ask, &range))
                continue;
            out[i].has |= ALM_BIT(r);
            out[i].max[r] = range.max;
            out[i].min[r] = range.min;
            out[i].confidence[r] = range.confidence;
            alm_envelope_speaks_of(&out[i], r,
                                   r == ALM_MEMORY ? ALM_STAT_PEAK
                                   : r == ALM_CPU  ? (enum alm_statistic)o->statistic
                                                   : ALM_STAT_MEAN);
        }
    }
    return ALM_OK;
}

static size_t shared_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    return (size_t)__builtin_popcount(env->resources) * sizeof(struct density_pool);
}

/* An envelope that an event cut short says nothing unless it was missed. */
static bool result_of(const struct alm_outcome *x, enum alm_resource r, struct density_result *out)
{
    const bool held = (x->censored & ALM_BIT(r)) || (r == ALM_MEMORY && x->oom_kills > 0);
    if (!x->samples || !(x->envelope.has & ALM_BIT(r)) || !(held || (x->seen & ALM_BIT(r))))
        return false;
    const double max = x->envelope.max[r];
    *out = (struct density_result){.limit = max, .miss = held || alm_outcome_value(x, r) > max};
    return out->miss || x->until >= x->envelope.until;
}

static void learn(const struct alm_units *u, size_t k, enum alm_resource r, const struct alm_outcome *outcome)
{
    const struct opt *o = u->opt;
    const struct density_share share = {.pool = pool_of(u, k), .units = u->env->units};
    for (size_t i = 0; i < u->count; i++) {
        struct density *block = block_of(u, alm_unit_state(u, i), k);
        const struct density_ask ask = ask_at(u, outcome[i].envelope.from);
        struct density_result result;
        if (!result_of(&outcome[i], r, &result))
            continue;
        if (share.pool)
            density_learn_shared(block, &ask, &result, o->step, &share);
        else
            density_learn(block, &ask, &result, o->step);
    }
    for (size_t i = 0; share.pool && i < u->count; i++)
        density_pay(block_of(u, alm_unit_state(u, i), k), share.pool);
}

static int feedback(const struct alm_units *u, const struct alm_outcome *outcome, struct alm_err *e)
{
    (void)e;
    for (uint32_t left = u->env->resources, k = 0; left; left &= left - 1, k++)
        learn(u, k, (enum alm_resource)__builtin_ctz(left), outcome);
    return ALM_OK;
}

static int explain(const struct alm_units *u, size_t i, enum alm_resource r, char *text, size_t size, struct alm_err *e)
{
    (void)e;
    const size_t k = (size_t)__builtin_popcount(u->env->resources & (ALM_BIT(r) - 1));
    density_explain(block_of(u, alm_unit_state(u, i), k), text, size);
    return ALM_OK;
}

static struct alm_saved_as saved_as(const struct alm_units *u)
{
    const struct density_shape shape = shape_of(u->opt, u->env);
    uint64_t made_with = alm_fingerprint(0, &u->env->resources, sizeof u->env->resources);
    made_with = alm_fingerprint(made_with, &u->env->interval, sizeof u->env->interval);
    made_with = alm_fingerprint(made_with, &shape, sizeof shape);
    return (struct alm_saved_as){.module = "predictor conditional-density", .version = 3, .made_with = made_with};
}

static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)
{
    const struct alm_saved_as as = saved_as(u);
    return alm_saved_write(&as, alm_unit_state(u, i), state_size(u->opt, u->env), buffer, size, e);
}

static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)
{
    const struct alm_saved_as as = saved_as(u);
    const struct density_shape shape = shape_of(u->opt, u->env);
    const size_t bytes = state_size(u->opt, u->env);
    const void *state;
    ALM_TRY(alm_saved_read(&as, buffer, size, bytes, &state, e));
    for (size_t at = up(target_size(u->env)); at < bytes; at += block_size(u->opt, u->env))
        if (!density_sound((const char *)state + at, &shape))
            return alm_fail(e, ALM_EDATA, "the saved state holds a history that cannot be");
    memcpy(alm_unit_state(u, i), state, bytes);
    return ALM_OK;
}

const struct alm_predictor_ops alm_predictor_conditional_density = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .flags = ALM_F_SHARED,
             .name = "conditional-density",
             .summary =
                 "distribution of the next value given the present ones, and the cheapest limit for a confidence",
             .source = "Nadaraya (1964); Hall, Wolff, Yao (1999); newsvendor rule: Arrow et al. (1951)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .needs = ALM_PROFILE_RECENT,
    .state_size = state_size,
    .shared_size = shared_size,
    .independent = independent,
    .init = init,
    .observe = observe,
    .predict = predict,
    .feedback = feedback,
    .save = save,
    .load = load,
    .explain = explain,
};
