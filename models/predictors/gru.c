/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru: a gated recurrent network for the units of one code; it gives quantiles of the next interval's CPU and memory.
 *
 * Meaning.  The network (gru/gru_net.h) reads what gru/gru_series.h makes of each interval and says by how much the next value will differ.
 *           max is its quantile at `confidence`, min that at alm_lower_tail of it. Units of one code share weights; each has hidden numbers
 *           of its own. Weights are trained on the units' own history, first after `min_history`, then every `retrain`, and count from
 *           `delay` after the start (gru/gru_family.h): until the first have come there is no envelope.
 * Choice.   `share=auto` goes by code where any two units have the same, and else takes all units as one family: a unit alone has
 *           little to learn from. `background=true` trains in threads beside the run; the results are the same.
 *           After a value that was held by its limit, max is not below it.
 * Limits.   Assumes that what the units did before says what they do next: a kind of behaviour never seen is met unprepared. The
 *           confidence is that of the training; wrap it in a calibrator to have it kept.
 *           A step of 32 hidden numbers takes about 10 000 floating-point operations. State: 28 bytes for each interval of `history` a
 *           unit, 40 kB a family. Results are equal to the last bit on machines and builds with the same BLAS and libm.
 * Source.   Cho et al. (EMNLP 2014); for quantiles out of a recurrent network shared by many series Wen et al., "A multi-horizon quantile
 *           recurrent forecaster" (2017). */
#include "almanac/predictor.h"

#include "gru/gru_family.h"
#include "saved.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct opt {
    double confidence;
    int statistic; /* enum alm_statistic of CPU */
    int share;
    int64_t hidden, length, batch, windows, updates;
    double rate, clip;
    alm_time history, min_history, retrain, delay;
    bool background;
};

enum { SHARE_AUTO, SHARE_CODE, SHARE_RUN };

#define AT(field) offsetof(struct opt, field)
#define LONGEST ((double)(1000 * ALM_DAY))

static const struct alm_opt opts[] = {
    {"confidence", ALM_OPT_FRACTION, AT(confidence), "95%", 0.5, 0.99999, NULL,
     "share of the future that is to lie at or below max"},
    {"target", ALM_OPT_CHOICE, AT(statistic), "mean", 0, 0, "mean|peak|p95",
     "what max of cpu speaks of: of the samples until the next decision"},
    {"share", ALM_OPT_CHOICE, AT(share), "auto", 0, 0, "auto|code|run", "which units share weights"},
    {"hidden", ALM_OPT_INTEGER, AT(hidden), "32", 1, GRU_HIDDEN_MOST, NULL, "hidden numbers of a unit"},
    {"history", ALM_OPT_DURATION, AT(history), "7d", 1, LONGEST, NULL, "how far back a unit remembers, for training"},
    {"min_history", ALM_OPT_DURATION, AT(min_history), "1d", 1, LONGEST, NULL, "first training after this"},
    {"retrain", ALM_OPT_DURATION, AT(retrain), "6h", 1, LONGEST, NULL, "time between trainings"},
    {"delay", ALM_OPT_DURATION, AT(delay), "10m", 0, LONGEST, NULL,
     "from the start of a training to the use of its result"},
    {"background", ALM_OPT_BOOL, AT(background), "true", 0, 0, NULL, "train in threads of their own"},
    {"updates", ALM_OPT_INTEGER, AT(updates), "300", 1, 1e6, NULL,
     "steps of the first training; later ones take a third"},
    {"windows", ALM_OPT_INTEGER, AT(windows), "512", 1, 1e5, NULL, "stretches of history drawn for a training"},
    {"length", ALM_OPT_INTEGER, AT(length), "32", 2, 512, NULL,
     "intervals that a gradient reaches back; a window has three times as many"},
    {"batch", ALM_OPT_INTEGER, AT(batch), "32", 1, 1024, NULL, "windows a step of training looks at"},
    {"rate", ALM_OPT_REAL, AT(rate), "0.003", 1e-6, 1, NULL, "learning rate at the start"},
    {"clip", ALM_OPT_REAL, AT(clip), "1", 1e-6, 1e6, NULL, "largest norm of a gradient"},
    {0},
};

/* Levels that the network is trained on: min, max and some between, since those between help to learn. */
static void choose_levels(double confidence, struct gru_shape *s)
{
    static const double between[] = {0.1, 0.25, 0.5, 0.75, 0.9};
    s->levels = 0;
    s->level[s->levels++] = alm_lower_tail(confidence);
    for (size_t k = 0; k < sizeof between / sizeof between[0] && between[k] + 0.02 < confidence; k++)
        s->level[s->levels++] = between[k];
    s->level[s->levels++] = confidence;
    s->middle = s->levels > 4 ? 3 : s->levels - 1;
}

static struct gru_plan plan_of(const struct opt *o, const struct alm_env *env)
{
    const struct gru_training first = {(size_t)o->updates, (size_t)o->batch, (size_t)o->length, o->rate, o->clip};
    struct gru_plan p = {.shape = {.inputs = GRU_INPUTS, .hidden = (size_t)o->hidden, .series = GRU_RESOURCES},
                         .first = first,
                         .later = first,
                         .ring = target_slots(env, o->history),
                         .windows = (size_t)o->windows,
                         .steps = 3 * (size_t)o->length,
                         .calendar = {env->interval, o->history >= 14 * ALM_DAY},
                         .min_history = o->min_history,
                         .retrain = o->retrain,
                         .delay = o->delay,
                         .background = o->background,
                         .resources = env->resources & (ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY))};
    p.later.updates = (first.updates + 2) / 3;
    p.pooled = o->share == SHARE_RUN || (o->share == SHARE_AUTO && env->codes >= env->units);
    choose_levels(o->confidence, &p.shape);
    return p;
}

static size_t state_size(const void *opt, const struct alm_env *env)
{
    const struct gru_plan p = plan_of(opt, env);
    return gru_unit_size(&p, env);
}

static size_t shared_size(const void *opt, const struct alm_env *env)
{
    const struct gru_plan p = plan_of(opt, env);
    return gru_shared_size(&p, env);
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    if (u->env->interval <= 0)
        return alm_fail(e, ALM_EINVAL, "the interval between decisions is not known; it must be above 0");
    const struct gru_plan p = plan_of(u->opt, u->env);
    struct gru_shared *shared = u->shared;
    for (size_t i = 0; i < u->count; i++)
        shared->units = u->id[i] < shared->units ? shared->units : u->id[i] + 1;
    return gru_shared_open(&p, shared, e);
}

static void fini(const struct alm_units *u)
{
    const struct gru_plan p = plan_of(u->opt, u->env);
    if (u->shared)
        gru_shared_close(&p, u->env, u->shared);
}

/* ---- learning ---- */

static struct gru_unit *unit_of(const struct alm_units *u, uint32_t id)
{
    return (struct gru_unit *)(void *)(u->state + (size_t)id * u->stride);
}

/* Let unit ID wait for the network of family NUMBER. */
static void queue(const struct gru_plan *p, const struct alm_units *u, uint32_t id, uint32_t number)
{
    struct gru_shared *shared = u->shared;
    struct gru_family *f = gru_family_at(p, shared, number);
    struct gru_unit *unit = unit_of(u, id);
    if (f->generation == 0) {
        unit->behind = 0;
        return;
    }
    if (unit->generation != f->generation) {
        const size_t stored = gru_unit_stored(p, unit);
        memset(unit->hidden, 0, p->shape.hidden * sizeof(double));
        unit->behind = (uint32_t)(stored < p->steps ? stored : p->steps);
        unit->generation = f->generation;
    }
    if (f->waits_last)
        unit_of(u, f->waits_last - 1)->next = id + 1;
    else {
        f->waits_first = id + 1;
        f->next_touched = shared->touched;
        shared->touched = number + 1;
    }
    f->waits_last = id + 1;
}

static void answer(const struct gru_plan *p, const struct gru_family *f, struct gru_unit *unit, const double *quantile)
{
    unit->answers = 0;
    for (int r = 0; r < GRU_RESOURCES; r++) {
        const double *q = quantile + (size_t)r * p->shape.levels;
        if (unit->track[r].values == 0 || !(f->learnt & p->resources & ALM_BIT(r)))
            continue;
        unit->answers |= (uint8_t)ALM_BIT(r);
        unit->lower[r] = q[0];
        unit->upper[r] = q[p->shape.levels - 1];
    }
}

/* One step of the network for N units of a family. */
static void step(const struct gru_plan *p, const struct alm_units *u, const struct gru_family *f,
                 struct gru_unit *const *unit, size_t n)
{
    const struct gru_shared *shared = u->shared;
    const size_t inputs = p->shape.inputs, hidden = p->shape.hidden;
    for (size_t i = 0; i < n; i++) {
        const size_t age = unit[i]->behind - 1;
        gru_inputs(gru_unit_seen(p, unit[i], age), unit[i]->slot - (int64_t)age, &p->calendar, shared->x + i * inputs);
        memcpy(shared->h + i * hidden, unit[i]->hidden, hidden * sizeof(double));
    }
    gru_forward(&p->shape, f->weight, &(struct gru_stretch){.n = n, .steps = 1, .x = shared->x}, shared->work,
                shared->h);
    const double *quantiles = gru_quantiles(&p->shape, shared->work, 0);
    for (size_t i = 0; i < n; i++) {
        memcpy(unit[i]->hidden, shared->h + i * hidden, hidden * sizeof(double));
        if (--unit[i]->behind == 0)
            answer(p, f, unit[i], quantiles + i * gru_outputs(&p->shape));
    }
}

/* Let all units that wait for F go through the intervals they are behind by. */
static void catch_up(const struct gru_plan *p, const struct alm_units *u, struct gru_family *f)
{
    struct gru_unit *batch[GRU_BATCH];
    size_t n = 0;
    while (f->waits_first || n) {
        for (; n < GRU_BATCH && f->waits_first; n++) {
            batch[n] = unit_of(u, f->waits_first - 1);
            f->waits_first = batch[n]->next;
            batch[n]->next = 0;
        }
        step(p, u, f, batch, n);
        size_t left = 0;
        for (size_t i = 0; i < n; i++)
            if (batch[i]->behind)
                batch[left++] = batch[i];
        n = left;
    }
    f->waits_last = 0;
}

static int observe(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)
{
    const struct opt *o = u->opt;
    const struct gru_plan p = plan_of(o, u->env);
    struct gru_shared *shared = u->shared;
    for (size_t i = 0; i < u->count; i++)
        if (profile[i].fresh)
            ALM_TRY(gru_family_clock(&p, u, gru_family_number(&p, u->env, u->id[i]), profile[i].last, e));
    for (size_t i = 0; i < u->count; i++) {
        struct gru_unit *unit = alm_unit_state(u, i);
        struct target_value v;
        size_t row = profile[i].window.count - profile[i].fresh, closed = 0;
        for (; target_next(gru_unit_target(&p, unit), u->env, (enum alm_statistic)o->statistic, &profile[i], &row, &v);
             closed++)
            gru_unit_put(&p, unit, &v);
        if (closed)
            queue(&p, u, u->id[i], gru_family_number(&p, u->env, u->id[i]));
    }
    while (shared->touched) {
        struct gru_family *f = gru_family_at(&p, shared, shared->touched - 1);
        shared->touched = f->next_touched;
        f->next_touched = 0;
        catch_up(&p, u, f);
    }
    return ALM_OK;
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    const struct opt *o = u->opt;
    (void)profile;
    (void)now;
    (void)e;
    for (size_t i = 0; i < u->count; i++) {
        const struct gru_unit *unit = alm_unit_state(u, i);
        out[i].has = unit->answers;
        for (int k = 0; k < GRU_RESOURCES; k++) {
            const enum alm_resource r = (enum alm_resource)k;
            if (!(unit->answers & ALM_BIT(r)))
                continue;
            const double upper = unit->held & ALM_BIT(r) ? fmax(unit->upper[r], 0) : unit->upper[r];
            out[i].max[r] = gru_amount(&unit->track[r], upper);
            out[i].min[r] = fmin(gru_amount(&unit->track[r], unit->lower[r]), out[i].max[r]);
            out[i].confidence[r] = o->confidence;
            alm_envelope_speaks_of(&out[i], r, r == ALM_MEMORY ? ALM_STAT_PEAK : (enum alm_statistic)o->statistic);
        }
    }
    return ALM_OK;
}

/* ---- keeping ---- */

/* A saved unit: its state, this, the weights of its family, those that a training under way will give. */
struct kept {
    alm_time clock, due, take_at;
    uint32_t generation, trainings;
    uint8_t begun, learnt, pending, pending_learnt;
    int32_t pending_code;
    double loss, pending_loss;
};

static struct alm_saved_as saved_as(const struct gru_plan *p, const struct alm_units *u)
{
    const struct opt *o = u->opt;
    const double shape[] = {
        (double)p->shape.hidden, (double)p->ring,      (double)p->steps,         o->confidence,
        (double)o->statistic,    (double)p->resources, (double)u->env->interval, (double)u->env->sample_interval};
    return (struct alm_saved_as){
        .module = "predictor gru", .version = 1, .made_with = alm_fingerprint(0, shape, sizeof shape)};
}

struct sizes {
    size_t unit, weights, all; /* bytes */
};

static struct sizes sizes_of(const struct gru_plan *p, const struct alm_env *env)
{
    struct sizes s = {.unit = gru_unit_size(p, env), .weights = gru_weights(&p->shape) * sizeof(double)};
    s.all = s.unit + sizeof(struct kept) + 2 * s.weights;
    return s;
}

static void keep_family(struct gru_shared *shared, struct gru_family *f, const struct sizes *s, char *to)
{
    struct kept k;
    memset(&k, 0, sizeof k);
    k.clock = f->clock;
    k.due = f->due;
    k.take_at = f->take_at;
    k.generation = f->generation;
    k.trainings = f->trainings;
    k.begun = f->begun;
    k.learnt = f->learnt;
    k.loss = f->loss;
    if (f->job) {
        gru_family_wait(shared, f);
        k.pending = 1;
        k.pending_code = f->job->code;
        k.pending_learnt = f->job->learnt;
        k.pending_loss = f->job->loss;
        memcpy(to + sizeof k + s->weights, f->job->weight, s->weights);
    }
    memcpy(to, &k, sizeof k);
    memcpy(to + sizeof k, f->weight, s->weights);
}

static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)
{
    const struct gru_plan p = plan_of(u->opt, u->env);
    const struct sizes s = sizes_of(&p, u->env);
    const struct alm_saved_as as = saved_as(&p, u);
    char *whole = calloc(1, s.all);
    if (whole == NULL)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu bytes of a saved unit", s.all);
    memcpy(whole, alm_unit_state(u, i), s.unit);
    struct gru_family *f = gru_family_at(&p, u->shared, gru_family_number(&p, u->env, u->id[i]));
    keep_family(u->shared, f, &s, whole + s.unit);
    const int code = alm_saved_write(&as, whole, s.all, buffer, size, e);
    free(whole);
    return code;
}

static bool all_finite(const char *numbers, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += sizeof(double)) {
        double v;
        memcpy(&v, numbers + at, sizeof v);
        if (!isfinite(v))
            return false;
    }
    return true;
}

/* The training that FROM says was under way, as one that is done; *JOB stays NULL when there was none. */
static int revive(const struct gru_plan *p, const struct kept *k, const char *weight, const struct sizes *s,
                  struct gru_job **job, struct alm_err *e)
{
    *job = NULL;
    if (!k->pending)
        return ALM_OK;
    *job = gru_job_new(&p->shape, 1, 1);
    if (*job == NULL)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the weights of a network");
    (*job)->code = k->pending_code;
    (*job)->learnt = k->pending_learnt;
    (*job)->loss = k->pending_loss;
    memcpy((*job)->weight, weight, s->weights);
    return ALM_OK;
}

static int load_family(const struct gru_plan *p, const struct alm_units *u, uint32_t number, const char *from,
                       const struct sizes *s, struct alm_err *e)
{
    struct gru_shared *shared = u->shared;
    struct gru_family *f = gru_family_at(p, shared, number);
    struct gru_job *job;
    struct kept k;
    memcpy(&k, from, sizeof k);
    if (f->begun && f->clock > k.clock)
        return ALM_OK; /* what is here is newer */
    ALM_TRY(revive(p, &k, from + sizeof k + s->weights, s, &job, e));
    gru_family_wait(shared, f);
    gru_job_free(f->job);
    f->job = job;
    f->clock = k.clock;
    f->due = k.due;
    f->take_at = k.take_at;
    f->generation = k.generation;
    f->trainings = k.trainings;
    f->begun = k.begun;
    f->learnt = k.learnt;
    f->loss = k.loss;
    memcpy(f->weight, from + sizeof k, s->weights);
    return ALM_OK;
}

static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)
{
    const struct gru_plan p = plan_of(u->opt, u->env);
    const struct sizes s = sizes_of(&p, u->env);
    const struct alm_saved_as as = saved_as(&p, u);
    const void *state;
    ALM_TRY(alm_saved_read(&as, buffer, size, s.all, &state, e));
    struct gru_unit *copy = malloc(s.unit);
    if (copy == NULL)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a unit of %zu bytes", s.unit);
    memcpy(copy, state, s.unit);
    const char *family = (const char *)state + s.unit;
    int code = ALM_OK;
    if (!gru_unit_sound(&p, u->env, copy) || !all_finite(family + sizeof(struct kept), 2 * s.weights))
        code = alm_fail(e, ALM_EDATA, "the saved state holds values that cannot be");
    if (code == ALM_OK)
        code = load_family(&p, u, gru_family_number(&p, u->env, u->id[i]), family, &s, e);
    if (code == ALM_OK)
        memcpy(alm_unit_state(u, i), copy, s.unit);
    free(copy);
    return code;
}

const struct alm_predictor_ops alm_predictor_gru = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .flags = ALM_F_SHARED | ALM_F_FITS,
             .name = "gru",
             .summary = "recurrent network with quantiles, its weights shared by units of one code",
             .source = "Cho et al. (EMNLP 2014); Wen et al. (2017)",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .needs = ALM_PROFILE_RECENT,
    .state_size = state_size,
    .shared_size = shared_size,
    .init = init,
    .observe = observe,
    .predict = predict,
    .save = save,
    .load = load,
    .fini = fini,
};
