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
 *           for each input and amount of each execution kept. Saved with each unit is its code: some 200 KiB for 512 executions.
 * Source.   regression/conditional.h. Demand by input size: Bader et al., Lotaru (2022) and Sizey (2024); Shabari (2024). */
#include "almanac/predictor.h"
#include "almanac/trace.h"

#include "explanation.h"
#include "input_code.h"
#include "saved.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RUNNING 8
#define WORDS 1024 /* bytes of what is told of a model */

enum of { OF_UNIT, OF_INVOCATION };

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
    uint32_t has, pad;
    double max[ALM_RESOURCES], min[ALM_RESOURCES], confidence[ALM_RESOURCES];
};

/* A unit: the executions under way and what was expected of each when it started. */
struct state {
    uint32_t running, more; /* in the table; beyond it */
    uint64_t id[RUNNING];
    struct expected expected[RUNNING];
};

struct shared {
    struct input_plan plan;
    struct input_code *code;
    size_t codes;
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
    s->plan = (struct input_plan){.confidence = o->confidence,
                                  .min_executions = (size_t)o->min_executions,
                                  .history = (size_t)o->history,
                                  .refit = (size_t)o->refit};
    return input_plan_make(&s->plan, u->env, e);
}

static void fini(const struct alm_units *u)
{
    struct shared *s = u->shared;
    if (!s)
        return;
    for (size_t i = 0; i < s->codes; i++)
        input_code_free(&s->code[i]);
    free(s->code);
    input_plan_free(&s->plan);
}

static size_t number_of_code(const struct alm_units *u, uint32_t unit)
{
    return u->env->code ? u->env->code[unit] : unit;
}

/* NULL before its first execution. */
static const struct input_code *code_of(const struct alm_units *u, uint32_t unit)
{
    const struct shared *s = u->shared;
    const size_t number = number_of_code(u, unit);
    return number < s->codes ? &s->code[number] : NULL;
}

static int make_code(const struct alm_units *u, uint32_t unit, struct input_code **out, struct alm_err *e)
{
    struct shared *s = u->shared;
    const size_t number = number_of_code(u, unit);
    if (number >= s->codes) {
        const size_t codes = number + 1 > 2 * s->codes ? number + 1 : 2 * s->codes;
        struct input_code *code = realloc(s->code, codes * sizeof *code);
        if (!code)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu codes", codes);
        memset(code + s->codes, 0, (codes - s->codes) * sizeof *code);
        s->code = code;
        s->codes = codes;
    }
    *out = &s->code[number];
    return ALM_OK;
}

/* ---- learning ---- */

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
    const struct shared *s = u->shared;
    for (size_t i = 0; i < n; i++) {
        struct input_code *c;
        forget((struct state *)(void *)(u->state + (size_t)x[i].unit * u->stride), &x[i]);
        ALM_TRY(make_code(u, x[i].unit, &c, e));
        ALM_TRY(input_code_learn(&s->plan, c, &x[i], e));
    }
    return ALM_OK;
}

/* ---- answers ---- */

/* The share of a sample that the shortest executions fill, in the worse of two samples. */
static double filled(const struct opt *o, const struct alm_env *env, const struct input_code *c, const double *input)
{
    const double sample = alm_seconds(env->sample_interval > 0 ? env->sample_interval : env->interval);
    if (!c->model[INPUT_DURATION] || !(sample > 0))
        return 0;
    const double shortest = conditional_quantile(c->model[INPUT_DURATION], input, alm_lower_tail(o->confidence), NULL);
    return fmin(1, shortest / (2 * sample));
}

/* What an execution of C with INPUT needs; NULL: over the inputs seen, or perhaps none. */
static struct expected expect(const struct alm_units *u, const struct input_code *c, const double *input,
                              bool one_starts)
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

static struct expected expect_unit(const struct alm_units *u, const struct input_code *c, const struct state *s)
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
        const struct input_code *c = code_of(u, u->id[i]);
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

/* ---- keeping ---- */

static struct alm_saved_as saved_as(const struct alm_units *u)
{
    const struct alm_env *env = u->env;
    const struct opt *o = u->opt;
    const double shape[] = {
        o->confidence,       (double)o->min_executions,   (double)o->history,           (double)o->refit,
        (double)o->of,       (double)env->interval,       (double)env->sample_interval, (double)env->resources,
        (double)env->inputs, (double)CONDITIONAL_FAMILIES};
    uint64_t made_with = alm_fingerprint(0, shape, sizeof shape);
    for (size_t j = 0; j < env->inputs; j++) {
        made_with = alm_fingerprint(made_with, env->input[j].name, strlen(env->input[j].name));
        made_with = alm_fingerprint(made_with, &env->input[j].category, sizeof env->input[j].category);
    }
    return (struct alm_saved_as){.module = "predictor inputs", .version = 2, .made_with = made_with};
}

/* Only what is in use, so that equal states are equal bytes. */
static void write_state(const struct state *s, char *to)
{
    struct state clean;
    memset(&clean, 0, sizeof clean);
    clean.running = s->running;
    clean.more = s->more;
    memcpy(clean.id, s->id, s->running * sizeof *s->id);
    memcpy(clean.expected, s->expected, s->running * sizeof *s->expected);
    memcpy(to, &clean, sizeof clean);
}

/* A saved unit is its state, then its code. */
static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)
{
    static const struct input_code none = {0};
    const struct alm_saved_as as = saved_as(u);
    const struct shared *s = u->shared;
    const struct input_code *known = code_of(u, u->id[i]), *c = known ? known : &none;
    const size_t all = sizeof(struct state) + input_code_size(&s->plan, c);
    if (!buffer)
        return alm_saved_write(&as, NULL, all, NULL, size, e);
    char *whole = malloc(all);
    if (!whole)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu bytes of a saved unit", all);
    write_state(alm_unit_state(u, i), whole);
    input_code_save(&s->plan, c, whole + sizeof(struct state));
    const int code = alm_saved_write(&as, whole, all, buffer, size, e);
    free(whole);
    return code;
}

static bool state_is_sound(const struct state *s)
{
    bool sound = s->running <= RUNNING;
    for (uint32_t i = 0; sound && i < s->running; i++)
        for (int r = 0; r < ALM_RESOURCES; r++)
            sound = sound && isfinite(s->expected[i].max[r]) && isfinite(s->expected[i].min[r]);
    return sound;
}

/* FRESH takes the place of the code of UNIT, unless what its units have learnt here is as new. FRESH goes either way. */
static int take_code(const struct alm_units *u, uint32_t unit, struct input_code *fresh, struct alm_err *e)
{
    struct input_code *here = NULL;
    const int code = fresh->seen > 0 ? make_code(u, unit, &here, e) : ALM_OK;
    if (code >= 0 && here && here->seen < fresh->seen) {
        const struct input_code before = *here;
        *here = *fresh;
        *fresh = before;
    }
    input_code_free(fresh);
    return code;
}

static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)
{
    const struct alm_saved_as as = saved_as(u);
    const struct shared *shared = u->shared;
    struct input_code fresh;
    const void *from;
    struct state s;
    size_t head;
    ALM_TRY(alm_saved_write(&as, NULL, 0, NULL, &head, e));
    const size_t all = size > head ? size - head : 0;
    ALM_TRY(alm_saved_read(&as, buffer, size, all, &from, e));
    if (all < sizeof s)
        return alm_fail(e, ALM_EDATA, "the saved state of %zu bytes is too short", all);
    memcpy(&s, from, sizeof s);
    if (!state_is_sound(&s))
        return alm_fail(e, ALM_EDATA, "the saved state holds values that cannot be");
    ALM_TRY(input_code_load(&shared->plan, (const char *)from + sizeof s, all - sizeof s, &fresh, e));
    ALM_TRY(take_code(u, u->id[i], &fresh, e));
    memcpy(alm_unit_state(u, i), &s, sizeof s);
    return ALM_OK;
}

/* ---- telling ---- */

/* What candidates lost when the model for R was chosen, unless the fit tells it: since then it alone was fitted. */
static void tell_losses(const struct input_code *c, enum alm_resource r, struct explanation *x)
{
    struct conditional_report now;
    size_t told = 0;
    conditional_report(c->model[r], &now);
    for (int k = 0; k < CONDITIONAL_FAMILIES; k++)
        told += isnan(now.loss[k]) ? 0 : 1;
    const char *mark = "; chosen when pinball was ";
    for (int k = 0; k < CONDITIONAL_FAMILIES && told < 2; k++)
        if (!isnan(c->loss[r][k])) {
            explanation_add(x, "%s%.3g %s", mark, c->loss[r][k], conditional_family_word((enum conditional_family)k));
            mark = ", ";
        }
}

/* Which model the unit's code has for R, and why. */
static int explain(const struct alm_units *u, size_t i, enum alm_resource r, char *text, size_t size, struct alm_err *e)
{
    const struct shared *s = u->shared;
    const struct input_code *c = code_of(u, u->id[i]);
    struct explanation x = explanation_begin(text, size);
    (void)e;
    if (!c || !c->model[r]) {
        explanation_add(&x, "no model: %zu executions of this code were learnt from, %zu are needed",
                        c ? (size_t)c->seen : 0, s->plan.min_executions);
        return ALM_OK;
    }
    const char *name[ALM_INPUTS];
    char words[WORDS] = "";
    for (size_t j = 0; j < u->env->inputs && j < ALM_INPUTS; j++)
        name[j] = u->env->input[j].name;
    conditional_words(c->model[r], u->env->inputs <= ALM_INPUTS ? name : NULL, words, sizeof words - 1);
    explanation_add(&x, "%s", words);
    tell_losses(c, r, &x);
    explanation_add(&x, "; compared after %zu executions of this code, fitted after %zu, of %zu", (size_t)c->compared,
                    (size_t)c->fitted, (size_t)c->seen);
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
    .save = save,
    .load = load,
    .fini = fini,
    .explain = explain,
};
