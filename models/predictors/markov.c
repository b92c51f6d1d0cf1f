/* SPDX-License-Identifier: GPL-3.0-or-later
 * markov: the next phase of a sequence that repeats.
 *
 * Meaning.  The values of intervals (target.h) are states of a chain (markov_chain.h), for each unit and resource. max is the quantile at `confidence` of what
 *           follows the last states, min that at alm_lower_tail of it. While so few values were seen that none of them is that quantile, max
 *           is twice the largest and the confidence n / (n + 1); min is 0 likewise.
 * Choice.   The sequence is made out of the unit's own values: no profile says in which phase a unit is.
 *           A value that was held by its limit counts as a fifth larger, as in point.h.
 * Limits.   Assumes that what followed the last three states before will follow them again. It knows no time of day and no trend.
 *           A step: a quantile of each order and side, each a walk over the states, and a move within the history; every `relearn`
 *           that many steps at once for the whole history. State: 17 bytes an interval of `history`, 1 kB a state, 2 states^(order + 1) bytes,
 *           for each resource: 32 kB by default.
 * Source.   Cleary, Witten (1984), for the orders; Gong, Gu, Wilkes, "PRESS" (2010), for chains of quantised demand. */
#include "almanac/predictor.h"

#include "markov_chain.h"
#include "saved.h"
#include "target.h"

#include <math.h>
#include <string.h>

#define CENSORED_BY 0.2

struct opt {
    double confidence;
    int statistic; /* enum alm_statistic of CPU */
    int64_t states, order, samples, least;
    double smoothing;
    alm_time history, relearn;
};

#define AT(field) offsetof(struct opt, field)

static const struct alm_opt opts[] = {
    {"confidence", ALM_OPT_FRACTION, AT(confidence), "95%", 0.5, 0.99999, NULL,
     "share of the future that is to lie at or below max"},
    {"target", ALM_OPT_CHOICE, AT(statistic), "mean", 0, 0, "mean|peak|p95",
     "what max of cpu speaks of: of the samples until the next decision"},
    {"states", ALM_OPT_INTEGER, AT(states), "8", 1, CHAIN_STATES_MOST, NULL, "levels that values are sorted into"},
    {"order", ALM_OPT_INTEGER, AT(order), "3", 0, CHAIN_ORDER_MOST, NULL, "at most so many states back are looked at"},
    {"history", ALM_OPT_DURATION, AT(history), "3d", 1, (double)(1000 * ALM_DAY), NULL,
     "how far back values are remembered"},
    {"relearn", ALM_OPT_DURATION, AT(relearn), "6h", 1, (double)(1000 * ALM_DAY), NULL,
     "time between new choices of the levels"},
    {"samples", ALM_OPT_INTEGER, AT(samples), "64", 1, 4096, NULL, "latest values kept of each state"},
    {"least", ALM_OPT_INTEGER, AT(least), "3", 1, 10000, NULL,
     "a sequence seen fewer times than this is looked at shorter"},
    {"smoothing", ALM_OPT_REAL, AT(smoothing), "1", 0, 1000, NULL,
     "observations that the overall shares of the states count as"},
    {0},
};

static struct chain_shape shape_of(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    const size_t history = target_slots(env, o->history);
    return (struct chain_shape){.history = history < CHAIN_HISTORY_MOST ? history : CHAIN_HISTORY_MOST,
                                .every = target_slots(env, o->relearn),
                                .states = (size_t)o->states,
                                .order = (size_t)o->order,
                                .samples = (size_t)o->samples,
                                .least = (size_t)o->least,
                                .smoothing = o->smoothing,
                                .level = {o->confidence, alm_lower_tail(o->confidence)}};
}

static size_t up(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

static struct chain *chain_of(const struct alm_env *env, const struct chain_shape *s, char *state, size_t k)
{
    return (struct chain *)(void *)(state + up(target_size(env)) + k * chain_size(s));
}

static size_t state_size(const void *opt, const struct alm_env *env)
{
    const struct chain_shape s = shape_of(opt, env);
    return up(target_size(env)) + (size_t)__builtin_popcount(env->resources) * chain_size(&s);
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    if (u->env->interval <= 0)
        return alm_fail(e, ALM_EINVAL, "the interval between decisions is not known; it must be above 0");
    const struct chain_shape s = shape_of(u->opt, u->env);
    for (size_t i = 0; i < u->count; i++)
        for (size_t k = 0; k < (size_t)__builtin_popcount(u->env->resources); k++)
            chain_init(chain_of(u->env, &s, alm_unit_state(u, i), k), &s);
    return ALM_OK;
}

static void learn(const struct alm_env *env, const struct chain_shape *s, char *state, const struct target_value *v)
{
    size_t k = 0;
    for (uint32_t left = env->resources; left; left &= left - 1, k++) {
        const int r = __builtin_ctz(left);
        struct chain *c = chain_of(env, s, state, k);
        if (v->gap > 0)
            chain_put(c, s, NAN);
        chain_put(c, s, v->value[r] * (v->censored & ALM_BIT(r) ? 1 + CENSORED_BY : 1));
    }
}

static int observe(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)
{
    (void)e;
    const struct opt *o = u->opt;
    const struct chain_shape s = shape_of(o, u->env);
    for (size_t i = 0; i < u->count; i++) {
        char *state = alm_unit_state(u, i);
        struct target *t = (struct target *)(void *)state;
        struct target_value v;
        size_t row = profile[i].window.count - profile[i].fresh;
        while (target_next(t, u->env, (enum alm_statistic)o->statistic, &profile[i], &row, &v))
            learn(u->env, &s, state, &v);
    }
    return ALM_OK;
}

static void say(const struct opt *o, const struct chain_shape *s, const struct chain *c, enum alm_resource r,
                struct alm_envelope *out)
{
    const double n = (double)chain_count(c, s);
    if (n == 0)
        return;
    const bool upper = ceil((n + 1) * s->level[0] - 1e-9) <= n, lower = (n + 1) * s->level[1] + 1e-9 >= 1;
    const double max = upper ? chain_quantile(c, s, 0) : 2 * chain_largest(c, s);
    if (!isfinite(max))
        return;
    out->has |= ALM_BIT(r);
    out->max[r] = fmax(max, 0);
    out->min[r] = lower ? fmin(fmax(chain_quantile(c, s, 1), 0), out->max[r]) : 0;
    out->confidence[r] = upper ? o->confidence : n / (n + 1);
    alm_envelope_speaks_of(
        out, r, r == ALM_MEMORY ? ALM_STAT_PEAK : (r == ALM_CPU ? (enum alm_statistic)o->statistic : ALM_STAT_MEAN));
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    (void)profile;
    (void)now;
    (void)e;
    const struct chain_shape s = shape_of(u->opt, u->env);
    for (size_t i = 0; i < u->count; i++) {
        size_t k = 0;
        for (uint32_t left = u->env->resources; left; left &= left - 1, k++)
            say(u->opt, &s, chain_of(u->env, &s, alm_unit_state(u, i), k), (enum alm_resource)__builtin_ctz(left),
                &out[i]);
    }
    return ALM_OK;
}

static struct alm_saved_as saved_as(const struct alm_units *u)
{
    uint64_t made_with = alm_fingerprint(0, &u->env->resources, sizeof u->env->resources);
    const struct chain_shape s = shape_of(u->opt, u->env);
    made_with = alm_fingerprint(made_with, &u->env->interval, sizeof u->env->interval);
    made_with = alm_fingerprint(made_with, &s, sizeof s);
    made_with = alm_fingerprint(made_with, &((const struct opt *)u->opt)->statistic, sizeof(int));
    return (struct alm_saved_as){.module = "predictor markov", .version = 1, .made_with = made_with};
}

static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)
{
    const struct alm_saved_as as = saved_as(u);
    return alm_saved_write(&as, alm_unit_state(u, i), state_size(u->opt, u->env), buffer, size, e);
}

static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)
{
    const struct alm_saved_as as = saved_as(u);
    const struct chain_shape s = shape_of(u->opt, u->env);
    const size_t bytes = state_size(u->opt, u->env);
    const void *state;
    ALM_TRY(alm_saved_read(&as, buffer, size, bytes, &state, e));
    for (size_t at = up(target_size(u->env)); at < bytes; at += chain_size(&s))
        if (!chain_sound((const char *)state + at, &s))
            return alm_fail(e, ALM_EDATA, "the saved state holds a chain that cannot be");
    memcpy(alm_unit_state(u, i), state, bytes);
    return ALM_OK;
}

const struct alm_predictor_ops alm_predictor_markov = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .name = "markov",
             .summary = "the next phase of a sequence that repeats",
             .source = "Cleary and Witten (1984); Gong, Gu and Wilkes, PRESS (2010)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .needs = ALM_PROFILE_RECENT,
    .state_size = state_size,
    .init = init,
    .observe = observe,
    .predict = predict,
    .save = save,
    .load = load,
};
