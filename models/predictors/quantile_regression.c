/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile-regression: the tau-quantile of the next value as a linear function of what went before: exact, and fitted anew as time goes on.
 *
 * Meaning.  The response is a ratio on the logarithmic scale: log((value + s) / level), s the resolution of the resource, level the
 *           exponential geometric mean of past values + s. Columns: 1; the values `lags` intervals before; the largest over each of
 *           `maxima`; the value one season ago; sine and cosine of the time of season (clock); the time (trend). All but the last three
 *           are logarithms relative to the level too, 0 where the past does not reach: a unit that grows tenfold keeps its model, and
 *           no column has a large offset. max is the quantile at `tau`, min that at alm_lower_tail(tau), put in order where they
 *           cross; regression/rq_range.h says how levels are corrected for the number of columns and what stands in while rows
 *           are few: then the confidence stated is n / (n + 1). max is at most twice the largest value seen.
 *           With inputs=true each unit has a second window: what an execution used by its input parameters (regression/rq_inputs.h). In a
 *           round before a start the envelope is that of the execution about to start, its peak; other rounds are as without.
 *           Such rounds are taken where the run asks for them (control.on_start).
 * Choice.   No gradient steps between refits: the window's optimum, up to a sixteenth of it old. Values at their limit are lower bounds:
 *           they count a fifth larger, as responses and as past, so that a limit that holds usage down is left within a few rounds.
 * Limits.   Assumes that the relation of past to next is linear in logarithms and the same throughout the window. Several executions of a unit at
 *           a time are not added up: predictor `inputs` does. State: 8 bytes for each column and interval of the window and resource.
 * Source.   R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978); quantile autoregression: R. Koenker, Z. Xiao, Journal of
 *           the American Statistical Association 101 (2006). */
#include "almanac/predictor.h"
#include "almanac/trace.h"

#include "regression/rq_inputs.h"
#include "regression/rq_series.h"

#include "executed.h"
#include "resolution.h"
#include "saved.h"
#include "target.h"

#include <math.h>
#include <string.h>

#define ROWS_MAX ((size_t)1 << 20)

struct opt {
    double tau;
    int statistic; /* enum alm_statistic */
    alm_time window;
    int64_t refit;
    struct alm_numbers lags, maxima; /* intervals, seconds */
    alm_time season, level;
    int64_t executions;
    bool clock, trend, inputs;
};

#define AT(field) offsetof(struct opt, field)
#define LONGEST (double)(1000 * ALM_DAY)

static const struct alm_opt opts[] = {
    {"tau", ALM_OPT_FRACTION, AT(tau), "95%", 0.5, 0.99999, NULL, "share of the future that is to lie at or below max"},
    {"target", ALM_OPT_CHOICE, AT(statistic), "mean", 0, 0, "mean|peak|p95",
     "what max of cpu speaks of: of the samples until the next decision"},
    {"window", ALM_OPT_DURATION, AT(window), "7d", 1, LONGEST, NULL, "how far back values are fitted to"},
    {"refit", ALM_OPT_INTEGER, AT(refit), "0", 0, 1e9, NULL,
     "intervals between two fits; 0: a sixteenth of the window"},
    {"lags", ALM_OPT_NUMBERS, AT(lags), "1/2/3", 1, 10000, NULL, "values so many intervals ago"},
    {"maxima", ALM_OPT_DURATION_LIST, AT(maxima), "1h/6h", 1, 8640000, NULL, "the largest value over these"},
    {"season", ALM_OPT_DURATION, AT(season), "24h", 0, LONGEST, NULL, "after which things repeat; 0: they do not"},
    {"clock", ALM_OPT_BOOL, AT(clock), "true", 0, 0, NULL, "sine and cosine of the time of season"},
    {"trend", ALM_OPT_BOOL, AT(trend), "false", 0, 0, NULL, "a drift against the level"},
    {"level", ALM_OPT_DURATION, AT(level), "6h", 1, LONGEST, NULL, "age at which a value weighs half in the level"},
    {"inputs", ALM_OPT_BOOL, AT(inputs), "false", 0, 0, NULL,
     "before a start, the envelope of that execution by its input parameters"},
    {"executions", ALM_OPT_INTEGER, AT(executions), "512", 8, 65536, NULL, "of a unit, to learn from with inputs=true"},
    {0},
};

/* ---- layout: the target, a block for each resource, a block of executions for each ---- */

static size_t up(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

struct layout {
    struct rq_series_shape series; /* without the resolution */
    struct rq_range_shape inputs;  /* rows 0: none */
    size_t target, block, input_block, resources;
};

static struct layout layout_of(const void *opt, const struct alm_env *env)
{
    const struct opt *o = opt;
    struct layout l = {.target = up(target_size(env)), .resources = (size_t)__builtin_popcount(env->resources)};
    struct rq_series_shape *s = &l.series;
    const size_t rows = target_slots(env, o->window);
    s->lags = o->lags.count;
    for (size_t k = 0; k < s->lags; k++)
        s->lag[k] = (size_t)o->lags.value[k];
    s->maxima = o->maxima.count;
    for (size_t k = 0; k < s->maxima; k++)
        s->maximum[k] = target_slots(env, (alm_time)(o->maxima.value[k] * (double)ALM_SECOND));
    s->season = o->season > 0 ? target_slots(env, o->season) : 0;
    s->clock = o->clock;
    s->trend = o->trend;
    s->keep = exp2(-(double)env->interval / (double)o->level);
    s->range = (struct rq_range_shape){.rows = rows < ROWS_MAX ? rows : ROWS_MAX, .tau = o->tau};
    s->range.columns = rq_series_columns(s);
    s->range.every = o->refit > 0 ? (size_t)o->refit : s->range.rows / 16 + 1;
    l.block = up(rq_series_size(s));
    if (o->inputs && env->inputs > 0) {
        const size_t n = (size_t)o->executions;
        l.inputs = (struct rq_range_shape){n, rq_inputs_columns(env), n / 16 + 1, o->tau};
        l.input_block = up(rq_inputs_size(&l.inputs));
    }
    return l;
}

static size_t bytes_of(const struct layout *l)
{
    return l->target + l->resources * (l->block + l->input_block);
}

static struct rq_series *block_of(const struct layout *l, char *unit, size_t k)
{
    return (struct rq_series *)(void *)(unit + l->target + k * l->block);
}

static struct rq_inputs *inputs_of(const struct layout *l, char *unit, size_t k)
{
    return (struct rq_inputs *)(void *)(unit + l->target + l->resources * l->block + k * l->input_block);
}

static const struct rq_series_shape *shape_of(struct layout *l, enum alm_resource r)
{
    l->series.resolution = alm_resolution(r);
    return &l->series;
}

/* ---- memory ---- */

/* A fit needs room in which it leaves nothing: one for all units of a loop. */
struct shared {
    struct rq *work;
};

static size_t shared_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct shared);
}

static size_t state_size(const void *opt, const struct alm_env *env)
{
    const struct layout l = layout_of(opt, env);
    return bytes_of(&l);
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    if (u->env->interval <= 0)
        return alm_fail(e, ALM_EINVAL, "the interval between decisions is not known; it must be above 0");
    const struct layout l = layout_of(u->opt, u->env);
    const struct rq_range_shape *a = &l.series.range, *b = &l.inputs;
    struct shared *s = u->shared;
    ALM_TRY(
        rq_new(a->rows > b->rows ? a->rows : b->rows, a->columns > b->columns ? a->columns : b->columns, &s->work, e));
    for (size_t i = 0; i < u->count; i++)
        for (size_t k = 0; k < l.resources; k++) {
            rq_series_init(block_of(&l, alm_unit_state(u, i), k), &l.series);
            if (l.inputs.rows > 0)
                rq_inputs_init(inputs_of(&l, alm_unit_state(u, i), k), &l.inputs);
        }
    return ALM_OK;
}

static void fini(const struct alm_units *u)
{
    const struct shared *s = u->shared;
    if (s)
        rq_free(s->work);
}

/* ---- learning ---- */

static int observe(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)
{
    const struct opt *o = u->opt;
    const struct shared *s = u->shared;
    struct layout l = layout_of(u->opt, u->env);
    for (size_t i = 0; i < u->count; i++) {
        char *unit = alm_unit_state(u, i);
        struct target_value v;
        size_t row = profile[i].window.count - profile[i].fresh;
        while (
            target_next((struct target *)(void *)unit, u->env, (enum alm_statistic)o->statistic, &profile[i], &row, &v))
            for (uint32_t left = u->env->resources, k = 0; left; left &= left - 1, k++) {
                const enum alm_resource r = (enum alm_resource)__builtin_ctz(left);
                ALM_TRY(rq_series_put(block_of(&l, unit, k), shape_of(&l, r), v.slot, v.value[r],
                                      v.censored & ALM_BIT(r), s->work, e));
            }
    }
    return ALM_OK;
}

static int executions(const struct alm_units *u, const struct alm_execution *x, size_t n, struct alm_err *e)
{
    const struct shared *s = u->shared;
    const struct layout l = layout_of(u->opt, u->env);
    for (size_t i = 0; i < n && l.inputs.rows > 0; i++) {
        char *unit = u->state + (size_t)x[i].unit * u->stride;
        double amount[ALM_RESOURCES], row[1 + ALM_INPUTS];
        const uint32_t bound = executed_amounts(&x[i], u->env->resources, amount);
        rq_inputs_row(u->env, x[i].input, row);
        for (uint32_t left = u->env->resources, k = 0; left; left &= left - 1, k++) {
            const enum alm_resource r = (enum alm_resource)__builtin_ctz(left);
            ALM_TRY(
                rq_inputs_put(inputs_of(&l, unit, k), &l.inputs, row, amount[r], bound & ALM_BIT(r), r, s->work, e));
        }
    }
    return ALM_OK;
}

/* ---- answers ---- */

static void say(enum alm_resource r, const struct rq_amounts *a, enum alm_statistic statistic, struct alm_envelope *out)
{
    out->has |= ALM_BIT(r);
    out->max[r] = a->max;
    out->min[r] = a->min;
    out->confidence[r] = a->confidence;
    alm_envelope_speaks_of(out, r, statistic);
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    (void)e;
    const struct opt *o = u->opt;
    const int64_t slot = alm_time_floor(now, u->env->interval) / u->env->interval + 1;
    struct layout l = layout_of(u->opt, u->env);
    for (size_t i = 0; i < u->count; i++) {
        char *unit = alm_unit_state(u, i);
        const struct alm_start *start = l.inputs.rows > 0 ? profile[i].start : NULL;
        double row[1 + ALM_INPUTS];
        if (start)
            rq_inputs_row(u->env, start->input, row);
        for (uint32_t left = u->env->resources, k = 0; left; left &= left - 1, k++) {
            const enum alm_resource r = (enum alm_resource)__builtin_ctz(left);
            const enum alm_statistic of = r == ALM_MEMORY ? ALM_STAT_PEAK
                                          : r == ALM_CPU  ? (enum alm_statistic)o->statistic
                                                          : ALM_STAT_MEAN;
            struct rq_amounts a;
            if (start && rq_inputs_ask(inputs_of(&l, unit, k), &l.inputs, row, r, &a))
                say(r, &a, ALM_STAT_PEAK, &out[i]);
            else if (rq_series_ask(block_of(&l, unit, k), shape_of(&l, r), slot, &a))
                say(r, &a, of, &out[i]);
        }
    }
    return ALM_OK;
}

/* ---- keeping ---- */

static struct alm_saved_as saved_as(const struct alm_units *u, const struct layout *l)
{
    const struct opt *o = u->opt;
    const struct rq_series_shape *s = &l->series;
    uint64_t made_with = alm_fingerprint(0, &u->env->resources, sizeof u->env->resources);
    made_with = alm_fingerprint(made_with, &u->env->interval, sizeof u->env->interval);
    made_with = alm_fingerprint(made_with, &s->range, sizeof s->range);
    made_with = alm_fingerprint(made_with, s->lag, s->lags * sizeof *s->lag);
    made_with = alm_fingerprint(made_with, s->maximum, s->maxima * sizeof *s->maximum);
    made_with = alm_fingerprint(made_with, &s->season, sizeof s->season);
    made_with = alm_fingerprint(made_with, &s->keep, sizeof s->keep);
    made_with = alm_fingerprint(made_with, &l->inputs, sizeof l->inputs);
    made_with = alm_fingerprint(made_with, &o->statistic, sizeof o->statistic);
    const uint8_t parts = (uint8_t)(s->clock + 2 * s->trend);
    made_with = alm_fingerprint(made_with, &parts, sizeof parts);
    return (struct alm_saved_as){.module = "predictor quantile-regression", .version = 1, .made_with = made_with};
}

static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)
{
    const struct layout l = layout_of(u->opt, u->env);
    const struct alm_saved_as as = saved_as(u, &l);
    return alm_saved_write(&as, alm_unit_state(u, i), bytes_of(&l), buffer, size, e);
}

static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)
{
    const struct layout l = layout_of(u->opt, u->env);
    const struct alm_saved_as as = saved_as(u, &l);
    const void *state;
    ALM_TRY(alm_saved_read(&as, buffer, size, bytes_of(&l), &state, e));
    const char *block = (const char *)state + l.target, *input = block + l.resources * l.block;
    for (size_t k = 0; k < l.resources; k++)
        if (!rq_series_sound(block + k * l.block, &l.series) ||
            (l.inputs.rows > 0 && !rq_inputs_sound(input + k * l.input_block, &l.inputs)))
            return alm_fail(e, ALM_EDATA, "the saved state holds a window that cannot be");
    memcpy(alm_unit_state(u, i), state, bytes_of(&l));
    return ALM_OK;
}

const struct alm_predictor_ops alm_predictor_quantile_regression = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .name = "quantile-regression",
             .summary = "exact linear quantiles of the next value by lags, maxima, season, trend and input parameters",
             .source = "Koenker, Bassett (1978); Koenker, Xiao (2006)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .needs = ALM_PROFILE_RECENT,
    .state_size = state_size,
    .shared_size = shared_size,
    .init = init,
    .observe = observe,
    .executions = executions,
    .predict = predict,
    .save = save,
    .load = load,
    .fini = fini,
};
