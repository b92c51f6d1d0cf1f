/* SPDX-License-Identifier: GPL-3.0-or-later
 * ensemble: several predictors at once, each believed by what it lost so far.
 *
 * Meaning.  max and min are weighted means of those of the experts that have one. After each interval (target.h) the max of each is charged the
 *           pinball loss at `confidence` of what it said before the interval, the min that at alm_lower_tail of it; weights follow from the losses, for each
 *           unit, resource and side apart (expert_weights.h). rate=auto is AdaHedge. The confidence is `confidence`, and n / (n + 1)
 *           while only n intervals were seen and that is less: nominal.
 * Choice.   A value that was held by its limit is what demand was at least: it is charged to experts below it, for what they lack, and to nobody else.
 *           Experts that know `confidence` and `target` get those of the ensemble, unless their own options say otherwise; whatever
 *           statistic the others speak of, their numbers are taken for the target.
 *           An expert that learns from outcomes is shown those of its own envelope; of a value that was held below its max it is told nothing.
 * Limits.   Assumes that who was good lately will be. Loses to the best expert what learning who it is costs: of the order of the square root of
 *           the number of intervals. Experts that expert_team.h refuses.
 *           A step costs what the experts cost, their predictions twice, and some exponentials; state: theirs and about 50 bytes a resource and expert.
 * Source.   AdaHedge: de Rooij, van Erven, Grunwald, Koolen (JMLR 2014); fixed share: Herbster, Warmuth (1998); sleeping experts: Freund et al.
 *           (1997). Of quantile forecasts: G. Biau, B. Patra, "Sequential quantile prediction of time series" (IEEE Trans. Inf. Theory 2011). */
#include "almanac/predictor.h"

#include "almanac/quantity.h"

#include "expert_team.h"
#include "explanation.h"
#include "saved.h"
#include "target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXPLANATION_OF_EXPERT 512 /* bytes */

struct opt {
    char experts[ALM_OPT_STRING], rate[ALM_OPT_STRING];
    double confidence, share;
    int statistic; /* enum alm_statistic of CPU */
};

static const char *const statistics[] = {"mean", "peak", "p95"};

static const struct alm_opt opts[] = {
    {"experts", ALM_OPT_TEXT, offsetof(struct opt, experts),
     "ewma+seasonal-naive+moving-percentile(window=6h;percentile=90%)", 0, 0, NULL,
     "predictors: name or name(key=value;key=value), joined by +"},
    {"confidence", ALM_OPT_FRACTION, offsetof(struct opt, confidence), "95%", 0.5, 0.99999, NULL,
     "share of the future that is to lie at or below max"},
    {"target", ALM_OPT_CHOICE, offsetof(struct opt, statistic), "mean", 0, 0, "mean|peak|p95",
     "what max of cpu speaks of: of the samples until the next decision"},
    {"rate", ALM_OPT_TEXT, offsetof(struct opt, rate), "auto", 0, 0, NULL,
     "how fast losses count: auto, or a number, relative to the mean loss"},
    {"share", ALM_OPT_FRACTION, offsetof(struct opt, share), "0.3%", 0, 1, NULL,
     "of all weight, given back to all experts alike after each interval; 0: never forget"},
    {0},
};

enum { MAX, MIN, SIDES };

/* What units of one loop have in common; each of them holds one use. */
struct team {
    struct expert_team of;
    struct expert_pace pace;
    size_t target, weights, own,
        base; /* bytes; own: of what is kept beside the experts; base: where their states begin */
    size_t uses;
};

/* Begins a unit's state; then its target, then for each resource shown and side the weights and what the experts said, then the experts. */
struct unit {
    struct team *team; /* not saved */
    int64_t due;       /* slot of which was said what is kept */
    uint64_t asked;    /* 0: nothing was said yet */
};

static size_t up(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

static int read_pace(const struct opt *o, struct expert_pace *pace, struct alm_err *e)
{
    *pace = (struct expert_pace){.share = o->share};
    if (strcmp(o->rate, "auto") == 0)
        return ALM_OK;
    if (alm_parse_real(o->rate, &pace->rate, e) < 0 || !(pace->rate >= 1e-6 && pace->rate <= 1e6))
        return alm_fail(e, ALM_EINVAL, "rate=%.40s: write auto, or a number from 0.000001 to 1000000", o->rate);
    return ALM_OK;
}

static int open_team(struct team *t, const struct opt *o, const struct alm_env *env, struct alm_err *e)
{
    char confidence[ALM_QUANTITY_TEXT];
    const struct expert_setting all[] = {{"confidence", alm_print_fraction(o->confidence, confidence)},
                                         {"target", statistics[o->statistic]}};
    *t = (struct team){0};
    ALM_TRY(read_pace(o, &t->pace, e));
    ALM_TRY(expert_team_open(&t->of, o->experts, all, 2, env, e));
    const size_t n = t->of.count;
    t->target = up(target_size(env));
    t->weights = up(expert_weights_size(n) + n * sizeof(double));
    t->own = up(sizeof(struct unit)) + t->target + (size_t)__builtin_popcount(env->resources) * SIDES * t->weights;
    t->base = (t->own + 63) & ~(size_t)63;
    return ALM_OK;
}

static size_t state_size(const void *opt, const struct alm_env *env)
{
    struct team t;
    if (open_team(&t, opt, env, NULL) < 0)
        return sizeof(struct unit); /* init says why */
    const size_t bytes = t.base + t.of.bytes;
    expert_team_close(&t.of);
    return bytes;
}

static const struct team *team_of(const struct alm_units *u)
{
    return ((const struct unit *)alm_unit_state(u, 0))->team;
}

static struct target *target_of(char *state)
{
    return (struct target *)(void *)(state + up(sizeof(struct unit)));
}

/* Of resource number K. */
static struct expert_weights *weights_of(const struct team *t, char *state, size_t k, size_t side)
{
    return (struct expert_weights *)(void *)(state + up(sizeof(struct unit)) + t->target +
                                             (k * SIDES + side) * t->weights);
}

static double *said_of(const struct team *t, struct expert_weights *w)
{
    return w->loss + t->of.count;
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    if (u->env->interval <= 0)
        return alm_fail(e, ALM_EINVAL, "the interval between decisions is not known; it must be above 0");
    struct team *t = malloc(sizeof *t);
    if (!t)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the experts");
    int code = open_team(t, u->opt, u->env, e);
    if (code >= 0)
        code = expert_team_share(&t->of, u->env, e);
    if (code < 0 || u->count == 0) {
        expert_team_close(&t->of);
        free(t);
        return code;
    }
    t->uses = u->count;
    for (size_t i = 0; i < u->count; i++)
        ((struct unit *)alm_unit_state(u, i))->team = t;
    for (size_t k = 0; k < t->of.count; k++) {
        const struct alm_units v = expert_units(&t->of, k, u, t->base);
        if (expert_of(&t->of, k)->init && expert_of(&t->of, k)->init(&v, e) < 0)
            return alm_fail_in(e, "expert %s", expert_of(&t->of, k)->head.name);
    }
    return ALM_OK;
}

static void fini(const struct alm_units *u)
{
    struct team *t = u->count > 0 ? ((struct unit *)alm_unit_state(u, 0))->team : NULL;
    if (!t)
        return;
    for (size_t k = 0; k < t->of.count; k++) {
        const struct alm_units v = expert_units(&t->of, k, u, t->base);
        if (expert_of(&t->of, k)->fini)
            expert_of(&t->of, k)->fini(&v);
    }
    for (size_t i = 0; i < u->count; i++)
        ((struct unit *)alm_unit_state(u, i))->team = NULL;
    t->uses -= u->count;
    if (t->uses > 0)
        return;
    expert_team_close(&t->of);
    free(t);
}

/* U with unit I alone. */
static struct alm_units one_of(const struct alm_units *u, size_t i)
{
    struct alm_units one = *u;
    one.id = u->id + i;
    one.count = 1;
    return one;
}

/* What each expert says of unit ONE. */
static int ask(const struct team *t, const struct alm_units *one, const struct alm_profile *profile, alm_time now,
               struct alm_envelope *said, struct alm_err *e)
{
    for (size_t k = 0; k < t->of.count; k++) {
        const struct alm_units v = expert_units(&t->of, k, one, t->base);
        said[k] = (struct alm_envelope){.from = now, .until = now + one->env->interval};
        ALM_TRY(expert_of(&t->of, k)->predict(&v, profile, now, &said[k], e));
    }
    return ALM_OK;
}

static double side_of(const struct alm_envelope *v, size_t r, size_t side)
{
    if (!(v->has & ALM_BIT(r)))
        return NAN;
    return side == MAX ? v->max[r] : v->min[r];
}

static double level_of(const struct opt *o, size_t side)
{
    return side == MAX ? o->confidence : alm_lower_tail(o->confidence);
}

/* ---- learning ---- */

static double pinball(double level, double value, double forecast, bool censored)
{
    if (value > forecast)
        return level * (value - forecast);
    return censored ? 0 : (1 - level) * (forecast - value);
}

static void score(const struct team *t, const struct opt *o, const struct alm_env *env, char *state,
                  const struct target_value *v)
{
    double loss[EXPERTS_MOST];
    size_t k = 0;
    for (uint32_t left = env->resources; left; left &= left - 1, k++) {
        const size_t r = (size_t)__builtin_ctz(left);
        for (size_t side = 0; side < SIDES && isfinite(v->value[r]); side++) {
            struct expert_weights *w = weights_of(t, state, k, side);
            const double *said = said_of(t, w);
            for (size_t x = 0; x < t->of.count; x++)
                loss[x] =
                    isnan(said[x]) ? NAN : pinball(level_of(o, side), v->value[r], said[x], v->censored & ALM_BIT(r));
            expert_weights_learn(w, t->of.count, &t->pace, loss);
        }
    }
}

/* Keep what is said of the interval after SLOT. */
static int keep(const struct team *t, const struct alm_units *one, const struct alm_profile *profile, int64_t slot,
                struct alm_err *e)
{
    struct alm_envelope said[EXPERTS_MOST];
    char *state = alm_unit_state(one, 0);
    struct unit *s = (struct unit *)(void *)state;
    ALM_TRY(ask(t, one, profile, slot * one->env->interval, said, e));
    size_t k = 0;
    for (uint32_t left = one->env->resources; left; left &= left - 1, k++)
        for (size_t side = 0; side < SIDES; side++)
            for (size_t x = 0; x < t->of.count; x++)
                said_of(t, weights_of(t, state, k, side))[x] = side_of(&said[x], (size_t)__builtin_ctz(left), side);
    s->due = slot + 1;
    s->asked = 1;
    return ALM_OK;
}

static int observe_one(const struct team *t, const struct alm_units *one, const struct alm_profile *p,
                       struct alm_err *e)
{
    const struct opt *o = one->opt;
    char *state = alm_unit_state(one, 0);
    struct unit *s = (struct unit *)(void *)state;
    struct target *target = target_of(state);
    struct target_value v;
    bool closed = false;
    size_t row = p->window.count - p->fresh;
    while (target_next(target, one->env, (enum alm_statistic)o->statistic, p, &row, &v)) {
        if (s->asked && v.slot == s->due)
            score(t, o, one->env, state, &v);
        closed = true;
    }
    for (size_t k = 0; k < t->of.count; k++) {
        const struct alm_units w = expert_units(&t->of, k, one, t->base);
        if (expert_of(&t->of, k)->observe)
            ALM_TRY(expert_of(&t->of, k)->observe(&w, p, e));
    }
    return closed && !target->open ? keep(t, one, p, target->told, e) : ALM_OK;
}

static int observe(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)
{
    for (size_t i = 0; i < u->count; i++) {
        const struct alm_units one = one_of(u, i);
        ALM_TRY(observe_one(team_of(u), &one, &profile[i], e));
    }
    return ALM_OK;
}

static int executions(const struct alm_units *u, const struct alm_execution *x, size_t n, struct alm_err *e)
{
    const struct team *t = u->count > 0 ? team_of(u) : NULL;
    for (size_t k = 0; t && k < t->of.count; k++) {
        const struct alm_units v = expert_units(&t->of, k, u, t->base);
        if (expert_of(&t->of, k)->executions)
            ALM_TRY(expert_of(&t->of, k)->executions(&v, x, n, e));
    }
    return ALM_OK;
}

/* OUTCOME as it was for an expert that said OWN. */
static struct alm_outcome own_outcome(const struct alm_outcome *outcome, const struct alm_envelope *own)
{
    struct alm_outcome o = *outcome;
    o.envelope = *own;
    o.envelope.until = outcome->envelope.until;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        const uint32_t bit = ALM_BIT(r);
        const bool held = (o.censored & bit) || (r == ALM_MEMORY && o.oom_kills > 0);
        const bool unknown = (own->p95 & bit) && !(outcome->envelope.p95 & bit);
        if (unknown || (held && (own->has & bit) && alm_outcome_value(&o, (enum alm_resource)r) <= own->max[r]))
            o.envelope.has &= ~bit;
    }
    return o;
}

/* Of what the experts said then, which they say again: nothing was shown to them since. */
static int feedback(const struct alm_units *u, const struct alm_outcome *outcome, struct alm_err *e)
{
    const struct alm_profile nothing = {.provides = ALM_PROFILE_RECENT, .first = ALM_TIME_NONE, .last = ALM_TIME_NONE};
    for (size_t i = 0; i < u->count; i++) {
        const struct alm_units one = one_of(u, i);
        const struct team *t = team_of(u);
        for (size_t k = 0; outcome[i].samples > 0 && k < t->of.count; k++) {
            const struct alm_predictor_ops *p = expert_of(&t->of, k);
            if (!p->feedback)
                continue;
            const struct alm_units v = expert_units(&t->of, k, &one, t->base);
            const alm_time from = outcome[i].envelope.from;
            struct alm_envelope own = {.from = from, .until = from + u->env->interval};
            ALM_TRY(p->predict(&v, &nothing, from, &own, e));
            const struct alm_outcome mine = own_outcome(&outcome[i], &own);
            ALM_TRY(p->feedback(&v, &mine, e));
        }
    }
    return ALM_OK;
}

/* ---- predicting ---- */

/* The weighted mean of one side; NaN when no expert has it. */
static double mix(const struct team *t, char *state, size_t k, size_t r, size_t side, const struct alm_envelope *said)
{
    double forecast[EXPERTS_MOST], weight[EXPERTS_MOST], sum = 0, whole = 0;
    for (size_t x = 0; x < t->of.count; x++)
        forecast[x] = side_of(&said[x], r, side);
    expert_weights_now(weights_of(t, state, k, side), t->of.count, &t->pace, forecast, weight);
    for (size_t x = 0; x < t->of.count; x++)
        if (weight[x] > 0) {
            sum += weight[x] * forecast[x];
            whole += weight[x];
        }
    return whole > 0 ? sum : NAN;
}

static void say(const struct team *t, const struct alm_units *one, const struct alm_envelope *said,
                struct alm_envelope *out)
{
    const struct opt *o = one->opt;
    char *state = alm_unit_state(one, 0);
    size_t k = 0;
    for (uint32_t left = one->env->resources; left; left &= left - 1, k++) {
        const enum alm_resource r = (enum alm_resource)__builtin_ctz(left);
        const double max = mix(t, state, k, r, MAX, said), min = mix(t, state, k, r, MIN, said);
        if (!isfinite(max) || !isfinite(min))
            continue;
        const double seen = (double)weights_of(t, state, k, MAX)->seen;
        out->has |= ALM_BIT(r);
        out->max[r] = fmax(max, 0);
        out->min[r] = fmin(fmax(min, 0), out->max[r]);
        out->confidence[r] = fmin(o->confidence, seen / (seen + 1));
        alm_envelope_speaks_of(out, r,
                               r == ALM_MEMORY ? ALM_STAT_PEAK
                                               : (r == ALM_CPU ? (enum alm_statistic)o->statistic : ALM_STAT_MEAN));
    }
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    struct alm_envelope said[EXPERTS_MOST];
    for (size_t i = 0; i < u->count; i++) {
        const struct alm_units one = one_of(u, i);
        ALM_TRY(ask(team_of(u), &one, &profile[i], now, said, e));
        say(team_of(u), &one, said, &out[i]);
    }
    return ALM_OK;
}

/* ---- keeping ---- */

/* A saved unit: the sizes of what the experts saved, what is kept beside them but for the pointer, what they saved. */
struct parts {
    uint64_t size[EXPERTS_MOST];
};

#define UNSAVED offsetof(struct unit, due)

static struct alm_saved_as saved_as(const struct alm_units *u)
{
    uint64_t made_with = alm_fingerprint(0, &u->env->resources, sizeof u->env->resources);
    made_with = alm_fingerprint(made_with, &u->env->interval, sizeof u->env->interval);
    made_with = alm_fingerprint(made_with, u->opt, offsetof(struct opt, statistic) + sizeof(int));
    return (struct alm_saved_as){.module = "predictor ensemble", .version = 1, .made_with = made_with};
}

static int measure(const struct team *t, const struct alm_units *u, size_t i, struct parts *parts, size_t *whole,
                   struct alm_err *e)
{
    *parts = (struct parts){0};
    *whole = sizeof *parts + t->own - UNSAVED;
    for (size_t k = 0; k < t->of.count; k++) {
        const struct alm_predictor_ops *p = expert_of(&t->of, k);
        const struct alm_units v = expert_units(&t->of, k, u, t->base);
        size_t size = 0;
        if (!p->save)
            return alm_fail(e, ALM_EUNSUPPORTED, "expert %s cannot be saved", p->head.name);
        ALM_TRY(p->save(&v, i, NULL, &size, e));
        parts->size[k] = size;
        *whole += size;
    }
    return ALM_OK;
}

static int gather(const struct team *t, const struct alm_units *u, size_t i, const struct parts *parts, char *bytes,
                  struct alm_err *e)
{
    memcpy(bytes, parts, sizeof *parts);
    memcpy(bytes + sizeof *parts, (const char *)alm_unit_state(u, i) + UNSAVED, t->own - UNSAVED);
    char *at = bytes + sizeof *parts + t->own - UNSAVED;
    for (size_t k = 0; k < t->of.count; k++) {
        const struct alm_units v = expert_units(&t->of, k, u, t->base);
        size_t size = (size_t)parts->size[k];
        ALM_TRY(expert_of(&t->of, k)->save(&v, i, at, &size, e));
        at += size;
    }
    return ALM_OK;
}

static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)
{
    const struct team *t = team_of(u);
    const struct alm_saved_as as = saved_as(u);
    struct parts parts;
    size_t whole;
    ALM_TRY(measure(t, u, i, &parts, &whole, e));
    if (!buffer)
        return alm_saved_write(&as, NULL, whole, NULL, size, e);
    char *bytes = malloc(whole);
    if (!bytes)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu bytes of saved state", whole);
    int code = gather(t, u, i, &parts, bytes, e);
    if (code >= 0)
        code = alm_saved_write(&as, bytes, whole, buffer, size, e);
    free(bytes);
    return code;
}

/* Give the experts of unit I what lies at BYTES[n], by PARTS. */
static int scatter(const struct team *t, const struct alm_units *u, size_t i, const struct parts *parts,
                   const char *bytes, size_t n, struct alm_err *e)
{
    for (size_t k = 0; k < t->of.count; k++) {
        const struct alm_predictor_ops *p = expert_of(&t->of, k);
        const struct alm_units v = expert_units(&t->of, k, u, t->base);
        if (parts->size[k] > n || !p->load)
            return alm_fail(e, ALM_EDATA, "the saved state of expert %s is not there", p->head.name);
        ALM_TRY(p->load(&v, i, bytes, (size_t)parts->size[k], e));
        bytes += parts->size[k];
        n -= (size_t)parts->size[k];
    }
    return n == 0 ? ALM_OK : alm_fail(e, ALM_EDATA, "the saved state holds %zu bytes more than the experts saved", n);
}

/* Whether all experts take it: tried on a unit that nobody will miss. */
static int rehearse(const struct alm_units *u, const struct parts *parts, const char *bytes, size_t n,
                    struct alm_err *e)
{
    static const uint32_t only = 0;
    struct alm_units v = *u;
    v.id = &only;
    v.count = 1;
    v.state = aligned_alloc(64, (u->stride + 63) & ~(size_t)63);
    if (!v.state)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the state of a unit");
    memset(v.state, 0, (u->stride + 63) & ~(size_t)63);
    int code = init(&v, e);
    if (code >= 0)
        code = scatter(team_of(&v), &v, 0, parts, bytes, n, e);
    fini(&v);
    free(v.state);
    return code;
}

static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)
{
    const struct team *t = team_of(u);
    const struct alm_saved_as as = saved_as(u);
    const size_t own = t->own - UNSAVED;
    const void *state;
    struct parts parts;
    size_t head;
    ALM_TRY(alm_saved_write(&as, NULL, 0, NULL, &head, e));
    const size_t whole = size > head ? size - head : 0;
    ALM_TRY(alm_saved_read(&as, buffer, size, whole, &state, e));
    if (whole < sizeof parts + own)
        return alm_fail(e, ALM_EDATA, "the saved state is too short for %zu experts", t->of.count);
    memcpy(&parts, state, sizeof parts);
    const char *kept = (const char *)state + sizeof parts, *experts = kept + own;
    const size_t n = whole - sizeof parts - own;
    ALM_TRY(rehearse(u, &parts, experts, n, e));
    ALM_TRY(scatter(t, u, i, &parts, experts, n, e));
    memcpy((char *)alm_unit_state(u, i) + UNSAVED, kept, own);
    return ALM_OK;
}

/* ---- telling ---- */

/* What each expert weighs on SIDE of resource number K. */
static void tell_weights(const struct team *t, const struct opt *o, char *state, size_t k, size_t side,
                         struct explanation *x)
{
    double weight[EXPERTS_MOST];
    struct expert_weights *w = weights_of(t, state, k, side);
    expert_weights_now(w, t->of.count, &t->pace, said_of(t, w), weight);
    explanation_add(x, side == MAX ? "max:" : "; min:");
    for (size_t e = 0; e < t->of.count; e++) {
        size_t n;
        const char *words = expert_words(o->experts, e, &n);
        explanation_add(x, "%s %.*s %.1f %%", e ? "," : "", (int)n, words, 100 * weight[e]);
    }
}

/* The weights, then what the experts say themselves. */
static int explain(const struct alm_units *u, size_t i, enum alm_resource r, char *text, size_t size, struct alm_err *e)
{
    const struct team *t = team_of(u);
    char *state = alm_unit_state(u, i);
    const size_t k = (size_t)__builtin_popcount(u->env->resources & (ALM_BIT(r) - 1));
    struct explanation x = explanation_begin(text, size);
    if (!((const struct unit *)(const void *)state)->asked) {
        explanation_add(&x, "no interval has ended: all %zu experts weigh alike", t->of.count);
        return ALM_OK;
    }
    for (size_t side = 0; side < SIDES; side++)
        tell_weights(t, u->opt, state, k, side, &x);
    for (size_t one = 0; one < t->of.count; one++) {
        const struct alm_predictor_ops *p = expert_of(&t->of, one);
        const struct alm_units v = expert_units(&t->of, one, u, t->base);
        char own[EXPLANATION_OF_EXPERT];
        if (!p->explain)
            continue;
        ALM_TRY(p->explain(&v, i, r, own, sizeof own, e));
        explanation_add(&x, "; %s: %s", p->head.name, own);
    }
    return ALM_OK;
}

const struct alm_predictor_ops alm_predictor_ensemble = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .name = "ensemble",
             .summary = "several predictors, each believed by what it lost so far",
             .source = "AdaHedge: de Rooij et al. (2014); fixed share: Herbster and Warmuth (1998)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .needs = ALM_PROFILE_RECENT,
    .state_size = state_size,
    .init = init,
    .observe = observe,
    .executions = executions,
    .predict = predict,
    .feedback = feedback,
    .save = save,
    .load = load,
    .fini = fini,
    .explain = explain,
};
