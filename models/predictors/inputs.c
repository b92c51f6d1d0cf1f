/* SPDX-License-Identifier: GPL-3.0-or-later
 * inputs: what an execution needs as a function of its input parameters, learnt for each code from the executions that ended.
 *
 * Meaning.  Before a start, max is the quantile at `confidence` of what an execution of this code with these inputs uses: its mean
 *           cores while it runs, its peak of memory, its bytes a second of I/O and network while it runs. min is the quantile at
 *           alm_lower_tail(confidence), of rates less as far as an execution is too short to fill a sample. Of a unit with several
 *           executions under way both are sums over these and the one about to start (of=unit), or those of the one about to start
 *           (of=invocation). When none is under way: max over the inputs seen, min 0. All speaks of the peak sample.
 *           The model is chosen by regression/conditional.h, for each code and amount, out of the last `history` executions: the
 *           candidates are compared at `min_executions` and each time their number has doubled; between, the one chosen is fitted again
 *           after a quarter more, but `refit` at the most.
 * Choice.   Sums assume that executions err together; where they err apart, the sum covers more than is stated. An execution that was
 *           throttled, killed, or at its memory limit is a lower bound. Of one that was tried again only memory is learnt.
 * Limits.   Above RUNNING executions of a unit at a time, the others count as executions over the inputs seen. Assumes that the
 *           future is exchangeable with the last `history`; a calibrator corrects for drift. A look-up is 0.1 us (with neighbours it reads the
 *           history: some 5 us), a fit some ms, a choice some 100 ms for 512 executions. State: 1.2 KiB a unit, and of a code 8 bytes
 *           for each input and amount of each execution kept. Not kept between runs.
 * Source.   regression/conditional.h. Demand by input size: Bader et al., Lotaru (2022) and Sizey (2024); Shabari (2024). */
#include "almanac/predictor.h"
#include "almanac/trace.h"

#include "executed.h"
#include "regression/conditional.h"
#include "resolution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RUNNING 8

enum of { OF_UNIT, OF_INVOCATION };
enum amount { AMOUNT_DURATION = ALM_RESOURCES, AMOUNTS };

struct opt {
    double confidence;
    int64_t min_executions, history, refit;
    int of;
};

#define AT(field) offsetof(struct opt, field)

static const struct alm_opt opts[] = {
    {"confidence", ALM_OPT_FRACTION, AT(confidence), "95%", 0.5, 0.99999, NULL,
     "share of executions that are to stay at or below max"},
    {"min_executions", ALM_OPT_INTEGER, AT(min_executions), "10", 2, 2048, NULL,
     "of a code, before there is an answer"},
    {"history", ALM_OPT_INTEGER, AT(history), "512", 8, CONDITIONAL_ROWS, NULL,
     "last executions of a code to learn from"},
    {"refit", ALM_OPT_INTEGER, AT(refit), "256", 1, 1e9, NULL, "executions between two fits at the most"},
    {"of", ALM_OPT_CHOICE, AT(of), "unit", 0, 0, "unit|invocation",
     "is the envelope of all that a unit runs, or of the invocation about to start"},
    {0},
};

/* What is expected of one execution, or of several. */
struct expected {
    uint32_t has;
    double max[ALM_RESOURCES], min[ALM_RESOURCES], confidence[ALM_RESOURCES];
};

/* A unit: the executions under way and what was expected of each when it started. */
struct state {
    uint32_t running, more; /* in the table; beyond it */
    uint64_t id[RUNNING];
    struct expected expected[RUNNING];
};

/* A code: its last executions in a ring, oldest at `seen` % history once that is full, and the models. */
struct code {
    uint64_t seen, fitted, compared; /* executions in all; when models were last fitted, and chosen */
    double *x;                       /* [history * inputs] */
    double *y;                       /* [history * AMOUNTS]; NaN: not known */
    uint8_t *bound;                  /* [history]: 1u << amount */
    struct conditional *model[AMOUNTS];
};

struct shared {
    struct code *code;
    size_t codes;
    bool *category; /* [inputs] */
    double *x, *y;  /* a table, oldest first: made once */
    bool *bound;
};

/* ---- memory ---- */

static size_t state_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct state);
}

static size_t shared_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct shared);
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    const struct opt *o = u->opt;
    struct shared *s = u->shared;
    const size_t n = (size_t)o->history, k = u->env->inputs;
    s->category = calloc(k + 1, sizeof *s->category);
    s->x = malloc((n * k + 1) * sizeof *s->x);
    s->y = malloc(n * sizeof *s->y);
    s->bound = malloc(n * sizeof *s->bound);
    if (!s->category || !s->x || !s->y || !s->bound)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu executions of %zu inputs", n, k);
    for (size_t j = 0; j < k; j++)
        s->category[j] = u->env->input[j].category;
    return ALM_OK;
}

static void fini(const struct alm_units *u)
{
    struct shared *s = u->shared;
    for (size_t i = 0; s && i < s->codes; i++) {
        for (int a = 0; a < AMOUNTS; a++)
            conditional_free(s->code[i].model[a]);
        free(s->code[i].x);
        free(s->code[i].y);
        free(s->code[i].bound);
    }
    if (!s)
        return;
    free(s->code);
    free(s->category);
    free(s->x);
    free(s->y);
    free(s->bound);
}

static size_t number_of_code(const struct alm_units *u, uint32_t unit)
{
    return u->env->code ? u->env->code[unit] : unit;
}

/* NULL before its first execution. */
static const struct code *code_of(const struct alm_units *u, uint32_t unit)
{
    const struct shared *s = u->shared;
    const size_t number = number_of_code(u, unit);
    return number < s->codes ? &s->code[number] : NULL;
}

static int make_code(const struct alm_units *u, uint32_t unit, struct code **out, struct alm_err *e)
{
    struct shared *s = u->shared;
    const struct opt *o = u->opt;
    const size_t number = number_of_code(u, unit), n = (size_t)o->history;
    if (number >= s->codes) {
        const size_t codes = number + 1 > 2 * s->codes ? number + 1 : 2 * s->codes;
        struct code *code = realloc(s->code, codes * sizeof *code);
        if (!code)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu codes", codes);
        memset(code + s->codes, 0, (codes - s->codes) * sizeof *code);
        s->code = code;
        s->codes = codes;
    }
    struct code *c = *out = &s->code[number];
    c->x = c->x ? c->x : malloc((n * u->env->inputs + 1) * sizeof *c->x);
    c->y = c->y ? c->y : malloc(n * AMOUNTS * sizeof *c->y);
    c->bound = c->bound ? c->bound : malloc(n * sizeof *c->bound);
    if (!c->x || !c->y || !c->bound)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu executions of a code", n);
    return ALM_OK;
}

/* ---- learning ---- */

/* The amounts of X into Y[AMOUNTS]; which of them are lower bounds into BOUND. False when X tells nothing. */
static bool amounts_of(const struct alm_execution *x, uint32_t resources, double *y, uint8_t *bound)
{
    const uint32_t of_resources = executed_amounts(x, resources, y);
    const bool cut = x->end != ALM_END_DONE;
    bool told = false;
    for (int r = 0; r < ALM_RESOURCES; r++)
        told = told || !isnan(y[r]);
    y[AMOUNT_DURATION] = told && x->retries == 0 ? alm_seconds(x->finish - x->start) : (double)NAN;
    *bound = (uint8_t)(of_resources | (cut ? 1u << AMOUNT_DURATION : 0));
    return told;
}

/* The last executions with amount A, oldest first. */
static struct regression_table table_of(const struct alm_units *u, const struct code *c, int a)
{
    const struct opt *o = u->opt;
    const struct shared *s = u->shared;
    const uint64_t history = (uint64_t)o->history;
    const size_t n = (size_t)(c->seen < history ? c->seen : history), k = u->env->inputs;
    for (size_t i = 0; i < n; i++) {
        const size_t at = (size_t)((c->seen - n + i) % history);
        memcpy(s->x + i * k, c->x + at * k, k * sizeof *s->x);
        s->y[i] = c->y[at * AMOUNTS + (size_t)a];
        s->bound[i] = c->bound[at] & (1u << a);
    }
    return (struct regression_table){n, k, s->x, s->category, s->y, s->bound};
}

/* Fit the model of amount A again, out of all candidates or only the kind chosen before. */
static int fit(const struct alm_units *u, struct code *c, int a, bool compare, struct alm_err *e)
{
    const struct opt *o = u->opt;
    struct conditional_options how = {.resolution = a < ALM_RESOURCES ? alm_resolution((enum alm_resource)a) : 1e-3,
                                      .levels = 1,
                                      .level = {o->confidence}};
    if (c->model[a] && !compare) {
        struct conditional_report before;
        conditional_report(c->model[a], &before);
        how.families = 1u << before.family;
    }
    const struct regression_table t = table_of(u, c, a);
    size_t known = 0;
    for (size_t i = 0; i < t.n; i++)
        known += isfinite(t.y[i]) ? 1 : 0;
    if (known < (size_t)o->min_executions)
        return ALM_OK;
    struct conditional *model;
    const int code = conditional_fit(&t, &how, &model, e);
    if (code == ALM_OK) {
        conditional_free(c->model[a]);
        c->model[a] = model;
    }
    return code;
}

static bool is_due(const struct opt *o, const struct code *c)
{
    const uint64_t quarter = c->fitted / 4 > 4 ? c->fitted / 4 : 4, most = (uint64_t)o->refit;
    if (c->fitted == 0)
        return c->seen >= (uint64_t)o->min_executions;
    return c->seen - c->fitted >= (quarter < most ? quarter : most);
}

static int learn(const struct alm_units *u, const struct alm_execution *x, struct alm_err *e)
{
    const struct opt *o = u->opt;
    struct code *c = NULL;
    double y[AMOUNTS];
    uint8_t bound;
    if (x->start == ALM_TIME_NONE || !amounts_of(x, u->env->resources, y, &bound))
        return ALM_OK;
    ALM_TRY(make_code(u, x->unit, &c, e));
    const size_t at = (size_t)(c->seen % (uint64_t)o->history), k = u->env->inputs;
    if (k > 0)
        memcpy(c->x + at * k, x->input, k * sizeof *c->x);
    memcpy(c->y + at * AMOUNTS, y, sizeof y);
    c->bound[at] = bound;
    c->seen++;
    if (!is_due(o, c))
        return ALM_OK;
    const bool compare = c->fitted == 0 || c->seen >= 2 * c->compared;
    for (int a = 0; a < AMOUNTS; a++)
        if (a == AMOUNT_DURATION || (u->env->resources & ALM_BIT(a)))
            ALM_TRY(fit(u, c, a, compare, e));
    c->fitted = c->seen;
    c->compared = compare ? c->seen : c->compared;
    return ALM_OK;
}

/* The execution X of a unit is over. */
static void forget(struct state *s, const struct alm_execution *x)
{
    uint32_t i = 0;
    while (i < s->running && s->id[i] != x->id)
        i++;
    if (i == s->running) {
        s->more -= s->more > 0 && x->start != ALM_TIME_NONE;
        return;
    }
    s->running--;
    memmove(&s->id[i], &s->id[i + 1], (s->running - i) * sizeof *s->id);
    memmove(&s->expected[i], &s->expected[i + 1], (s->running - i) * sizeof *s->expected);
}

static int executions(const struct alm_units *u, const struct alm_execution *x, size_t n, struct alm_err *e)
{
    for (size_t i = 0; i < n; i++) {
        forget((struct state *)(void *)(u->state + (size_t)x[i].unit * u->stride), &x[i]);
        ALM_TRY(learn(u, &x[i], e));
    }
    return ALM_OK;
}

/* ---- answers ---- */

/* The share of a sample that the shortest executions fill, in the worse of two samples. */
static double filled(const struct opt *o, const struct alm_env *env, const struct code *c, const double *input)
{
    const double sample = alm_seconds(env->sample_interval > 0 ? env->sample_interval : env->interval);
    if (!c->model[AMOUNT_DURATION] || !(sample > 0))
        return 0;
    const double shortest = conditional_quantile(c->model[AMOUNT_DURATION], input, alm_lower_tail(o->confidence), NULL);
    return fmin(1, shortest / (2 * sample));
}

/* What an execution of C with INPUT needs; NULL: over the inputs seen, or perhaps none. */
static struct expected expect(const struct alm_units *u, const struct code *c, const double *input, bool one_starts)
{
    const struct opt *o = u->opt;
    struct expected out = {0};
    if (!c)
        return out;
    const double share = one_starts ? filled(o, u->env, c, input) : 0;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (!c->model[r] || !(u->env->resources & ALM_BIT(r)))
            continue;
        const double tail = alm_lower_tail(o->confidence);
        out.has |= ALM_BIT(r);
        out.max[r] = conditional_quantile(c->model[r], input, o->confidence, &out.confidence[r]);
        out.max[r] = fmin(out.max[r], (double)ALM_AMOUNT_MAX);
        const double least = one_starts ? conditional_quantile(c->model[r], input, tail, NULL) : 0;
        out.min[r] = fmin(least * (r == ALM_MEMORY ? 1 : share), out.max[r]);
    }
    return out;
}

/* Add ONE to SUM: what both speak of, at the lesser confidence. */
static void add_expected(struct expected *sum, const struct expected *one)
{
    sum->has &= one->has;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        sum->max[r] = fmin(sum->max[r] + one->max[r], (double)ALM_AMOUNT_MAX);
        sum->min[r] = fmin(sum->min[r] + one->min[r], sum->max[r]);
        sum->confidence[r] = fmin(sum->confidence[r], one->confidence[r]);
    }
}

/* What of the inputs seen is known now stands in for what was not known when ONE started. */
static struct expected complete(const struct expected *one, const struct expected *any)
{
    struct expected out = *one;
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (any->has & ~one->has & ALM_BIT(r)) {
            out.has |= ALM_BIT(r);
            out.max[r] = any->max[r];
            out.min[r] = 0;
            out.confidence[r] = any->confidence[r];
        }
    return out;
}

static struct expected expect_unit(const struct alm_units *u, const struct code *c, const struct state *s)
{
    const struct expected any = expect(u, c, NULL, false);
    if (s->running == 0)
        return any;
    struct expected sum = complete(&s->expected[0], &any);
    for (uint32_t i = 1; i < s->running; i++) {
        const struct expected one = complete(&s->expected[i], &any);
        add_expected(&sum, &one);
    }
    for (uint32_t i = 0; i < s->more; i++)
        add_expected(&sum, &any);
    return sum;
}

/* Note who starts, and what is expected of it: what is under way is a matter of state. */
static int observe(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)
{
    (void)e;
    for (size_t i = 0; i < u->count; i++) {
        const struct alm_start *start = profile[i].start;
        struct state *s = alm_unit_state(u, i);
        if (!start)
            continue;
        uint32_t at = 0;
        while (at < s->running && s->id[at] != start->id)
            at++;
        if (at == RUNNING) {
            s->more++;
            continue;
        }
        s->running += at == s->running;
        s->id[at] = start->id;
        s->expected[at] = expect(u, code_of(u, u->id[i]), start->input, true);
    }
    return ALM_OK;
}

static void put(const struct expected *v, struct alm_envelope *out)
{
    out->has = v->has;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (!(v->has & ALM_BIT(r)))
            continue;
        out->max[r] = v->max[r];
        out->min[r] = v->min[r];
        out->confidence[r] = v->confidence[r];
        alm_envelope_speaks_of(out, (enum alm_resource)r, ALM_STAT_PEAK);
    }
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    (void)now;
    (void)e;
    const struct opt *o = u->opt;
    for (size_t i = 0; i < u->count; i++) {
        const struct code *c = code_of(u, u->id[i]);
        const struct alm_start *start = profile[i].start;
        struct expected v;
        if (o->of == OF_UNIT)
            v = expect_unit(u, c, alm_unit_state(u, i));
        else
            v = expect(u, c, start ? start->input : NULL, start != NULL);
        put(&v, &out[i]);
    }
    return ALM_OK;
}

const struct alm_predictor_ops alm_predictor_inputs = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .flags = ALM_F_SHARED | ALM_F_STARTS | ALM_F_FITS,
             .name = "inputs",
             .summary = "what an execution needs by its input parameters, before it starts",
             .source = "cross-validated regression with order statistics of residuals: Stone (1974); Vovk, Gammerman, "
                       "Shafer (2005)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .state_size = state_size,
    .shared_size = shared_size,
    .init = init,
    .observe = observe,
    .executions = executions,
    .predict = predict,
    .fini = fini,
};
