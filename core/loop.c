/* SPDX-License-Identifier: GPL-3.0-or-later
 * loop: the control loop itself.
 *
 * Choice.   Per-unit state of all modules lies in arrays made once. A round is a list of unit ids: all living units at
 *           a regular decision, the touched ones after an event. The list is rebuilt only when a unit is born or ends. */
#include "loop.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the loop keeps of one unit between rounds. */
struct track {
    struct alm_situation situation;
    bool open; /* an envelope waits for its outcome */
    struct alm_envelope envelope;
    uint32_t samples, oom_kills;
    uint8_t seen, censored;
    double weight[ALM_RESOURCES], mean[ALM_RESOURCES], peak[ALM_RESOURCES];
};

struct loop {
    const struct alm_loop_config *config;
    const struct alm_policy *policy;
    const struct alm_platform_ops *ops;
    void *platform;
    const struct alm_observer *const *observers;
    struct alm_loop_stats *stats;

    const struct alm_unit *unit;
    size_t units;
    struct alm_env env, oracle_env;

    const struct alm_profiler_ops *profiler;
    const struct alm_predictor_ops *predictor;
    const struct alm_calibrator_ops *calibrator;
    const struct alm_allocator_ops *allocator;
    struct alm_units part[4]; /* one view a module: profiler, predictor, calibrator, allocator */
    size_t reasons, open;     /* reasons of the allocator; envelopes that wait for their outcome */

    struct track *track;
    uint32_t *all, *some; /* ids of a regular round; of an event round */
    size_t all_count;
    alm_time relist; /* when `all` must be made anew */

    struct alm_profile *profile;
    struct alm_envelope *envelope;
    struct alm_situation *situation;
    struct alm_decision *decision;
    struct alm_applied *applied;
    struct alm_outcome *outcome;
    const struct alm_start *start; /* [round]: of the invocations that are about to start; NULL in other rounds */
    const struct alm_behaviour *behaviour;
    const struct alm_execution *execution;
    size_t behaviours, executions;      /* since the previous round */
    struct alm_machine_sample *machine; /* newest of each machine */
    size_t machines;

    struct alm_sample *kept; /* samples without those of units that are not in the round */
    size_t kept_capacity;
};

enum { PROFILER, PREDICTOR, CALIBRATOR, ALLOCATOR };

static int init_part(struct loop *l, int which, const struct alm_choice *choice, size_t bytes, struct alm_err *e)
{
    struct alm_units *u = &l->part[which];
    u->opt = choice->opt;
    u->stride = (bytes + 63) / 64 * 64;
    u->id = l->all;
    u->count = l->units;
    if (bytes) {
        u->state = aligned_alloc(64, u->stride * l->units);
        if (!u->state)
            return alm_fail(e, ALM_ENOMEM, "out of memory for the state of %zu units of %s %s", l->units,
                            alm_kind_word(choice->module->kind), choice->module->name);
        memset(u->state, 0, u->stride * l->units);
    }
    l->stats->state_bytes += bytes;
    u->env = (choice->module->flags & ALM_F_ORACLE) ? &l->oracle_env : &l->env; /* set: fini is due */
    return ALM_OK;
}

static int named(const struct alm_head *module, int code, struct alm_err *e)
{
    return code < 0 ? alm_fail_in(e, "%s %s", alm_kind_word(module->kind), module->name) : code;
}

static int init_modules(struct loop *l, struct alm_err *e)
{
    const struct alm_policy *p = l->policy;
    const void *predictor_opt = p->predictor.opt;
    const struct alm_env *env = (p->predictor.module->flags & ALM_F_ORACLE) ? &l->oracle_env : &l->env;
    size_t window = l->predictor->window ? l->predictor->window(predictor_opt, env) : 0;
    ALM_TRY(init_part(l, PROFILER, &p->profiler, l->profiler->state_size(p->profiler.opt, &l->env, window), e));
    ALM_TRY(named(&l->profiler->head, l->profiler->init(&l->part[PROFILER], window, e), e));
    ALM_TRY(init_part(l, PREDICTOR, &p->predictor, l->predictor->state_size(predictor_opt, env), e));
    if (l->predictor->init)
        ALM_TRY(named(&l->predictor->head, l->predictor->init(&l->part[PREDICTOR], e), e));
    ALM_TRY(init_part(l, CALIBRATOR, &p->calibrator, l->calibrator->state_size(p->calibrator.opt, &l->env), e));
    if (l->calibrator->init)
        ALM_TRY(named(&l->calibrator->head, l->calibrator->init(&l->part[CALIBRATOR], e), e));
    ALM_TRY(init_part(l, ALLOCATOR, &p->allocator, l->allocator->state_size(p->allocator.opt, &l->env), e));
    if (l->allocator->init)
        ALM_TRY(named(&l->allocator->head, l->allocator->init(&l->part[ALLOCATOR], e), e));
    while (l->allocator->reasons[l->reasons])
        l->reasons++;
    return ALM_OK;
}

static int init_arrays(struct loop *l, struct alm_err *e)
{
    size_t n = l->units;
    l->track = calloc(n, sizeof *l->track);
    l->all = malloc(n * sizeof *l->all);
    l->some = malloc(n * sizeof *l->some);
    l->profile = calloc(n, sizeof *l->profile);
    l->envelope = calloc(n, sizeof *l->envelope);
    l->situation = calloc(n, sizeof *l->situation);
    l->decision = calloc(n, sizeof *l->decision);
    l->applied = calloc(n, sizeof *l->applied);
    l->outcome = calloc(n, sizeof *l->outcome);
    if (!l->track || !l->all || !l->some || !l->profile || !l->envelope || !l->situation || !l->decision ||
        !l->applied || !l->outcome)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a loop over %zu units", n);
    for (size_t i = 0; i < n; i++) {
        struct alm_situation *s = &l->track[i].situation;
        l->all[i] = (uint32_t)i;
        s->usage[0] = s->usage[1] = NAN;
        for (int r = 0; r < 2; r++)
            s->decided[r] = s->applied[r] = ALM_NO_LIMIT;
        s->cores = l->unit[i].cores;
        s->memory = l->unit[i].memory;
        s->stall[0] = s->stall[1] = s->stall[2] = NAN;
    }
    if (l->ops->machines)
        l->ops->machines(l->platform, &l->machines);
    if (l->machines && !(l->machine = calloc(l->machines, sizeof *l->machine)))
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu machines", l->machines);
    return ALM_OK;
}

static void release(struct loop *l)
{
    for (int k = 0; k < 4; k++) {
        l->part[k].id = l->all;
        l->part[k].count = l->units;
    }
    for (size_t i = 0; l->all && i < l->units; i++)
        l->all[i] = (uint32_t)i;
    if (l->part[PROFILER].env && l->profiler->fini)
        l->profiler->fini(&l->part[PROFILER]);
    if (l->part[PREDICTOR].env && l->predictor->fini)
        l->predictor->fini(&l->part[PREDICTOR]);
    if (l->part[CALIBRATOR].env && l->calibrator->fini)
        l->calibrator->fini(&l->part[CALIBRATOR]);
    if (l->part[ALLOCATOR].env && l->allocator->fini)
        l->allocator->fini(&l->part[ALLOCATOR]);
    for (int k = 0; k < 4; k++)
        free(l->part[k].state);
    free(l->track);
    free(l->all);
    free(l->some);
    free(l->profile);
    free(l->envelope);
    free(l->situation);
    free(l->decision);
    free(l->applied);
    free(l->outcome);
    free(l->kept);
    free(l->machine);
}

/* The units that live at T: first sample at or before it, last one after it. */
static void relist(struct loop *l, alm_time t)
{
    l->all_count = 0;
    l->relist = ALM_TIME_MAX;
    for (size_t i = 0; i < l->units; i++) {
        alm_time first = l->unit[i].first, last = l->unit[i].last;
        if (first > t) {
            l->relist = first < l->relist ? first : l->relist;
        } else if (last > t) {
            l->relist = last < l->relist ? last : l->relist;
            l->all[l->all_count++] = (uint32_t)i;
        }
    }
}

static void absorb_outcome(struct track *t, const struct alm_sample *s, uint32_t resources)
{
    t->samples++;
    t->oom_kills += s->oom_kills;
    t->censored |= s->censored;
    for (uint32_t left = resources & (uint32_t)~s->missing; left; left &= left - 1) {
        int r = __builtin_ctz(left);
        double v = alm_sample_usage(s, (enum alm_resource)r);
        if (isnan(v))
            continue;
        double weight = s->span > 0 ? (double)s->span : 1;
        t->weight[r] += weight; /* a running mean: of one sample it is that sample, to the bit */
        t->mean[r] += (v - t->mean[r]) * (weight / t->weight[r]);
        t->peak[r] = (t->seen & ALM_BIT(r)) && t->peak[r] > v ? t->peak[r] : v;
        t->seen |= (uint8_t)ALM_BIT(r);
    }
}

static void absorb(struct loop *l, const struct alm_sample *s, size_t n)
{
    uint32_t resources = l->env.resources;
    for (size_t k = 0; k < n; k++) {
        struct track *t = &l->track[s[k].unit];
        for (int r = 0; r < 2; r++)
            if (!(s[k].missing & ALM_BIT(r)))
                t->situation.usage[r] = alm_sample_usage(&s[k], (enum alm_resource)r);
        t->situation.censored |= s[k].censored;
        t->situation.oom_kills += s[k].oom_kills;
        for (int r = 0; r < ALM_STALLS && s[k].span > 0; r++)
            t->situation.stall[r] = (double)s[k].stall_us[r] * (double)ALM_US / (double)s[k].span;
        if (t->open)
            absorb_outcome(t, &s[k], resources);
    }
}

static void close_outcome(struct track *t, alm_time now, struct alm_outcome *o)
{
    *o = (struct alm_outcome){.until = now};
    if (!t->open)
        return;
    o->envelope = t->envelope;
    o->samples = t->samples;
    o->seen = t->seen;
    o->censored = t->censored;
    o->oom_kills = t->oom_kills;
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (t->seen & ALM_BIT(r)) {
            o->mean[r] = t->mean[r];
            o->peak[r] = t->peak[r];
        }
    t->open = false;
    t->samples = t->oom_kills = 0;
    t->seen = t->censored = 0;
    memset(t->weight, 0, sizeof t->weight);
    memset(t->mean, 0, sizeof t->mean);
}

/* The samples of units in the round: modules are shown no others. Usually that is all of them. */
static int select_samples(struct loop *l, const struct alm_units *u, const struct alm_sample **s, size_t *n,
                          struct alm_err *e)
{
    size_t i = 0, k = 0;
    for (; k < *n; k++) {
        while (i < u->count && u->id[i] < (*s)[k].unit)
            i++;
        if (i == u->count || u->id[i] != (*s)[k].unit)
            break;
    }
    if (k == *n)
        return ALM_OK;
    if (l->kept_capacity < *n) {
        free(l->kept);
        l->kept = malloc(*n * sizeof *l->kept);
        l->kept_capacity = l->kept ? *n : 0;
        if (!l->kept)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu samples", *n);
    }
    size_t kept = 0;
    i = 0;
    for (k = 0; k < *n; k++) {
        while (i < u->count && u->id[i] < (*s)[k].unit)
            i++;
        if (i < u->count && u->id[i] == (*s)[k].unit)
            l->kept[kept++] = (*s)[k];
    }
    *s = l->kept;
    *n = kept;
    return ALM_OK;
}

static void view(struct loop *l, const uint32_t *id, size_t n)
{
    for (int k = 0; k < 4; k++) {
        l->part[k].id = id;
        l->part[k].count = n;
    }
}

static int feedback(struct loop *l, const uint32_t *id, size_t n, alm_time now, struct alm_err *e)
{
    bool any = false;
    if (l->open == 0)
        return ALM_OK;
    for (size_t i = 0; i < n; i++) {
        l->open -= l->track[id[i]].open;
        close_outcome(&l->track[id[i]], now, &l->outcome[i]);
        any = any || l->outcome[i].samples;
    }
    if (!any)
        return ALM_OK;
    for (const struct alm_observer *const *o = l->observers; *o; o++)
        if ((*o)->outcomes)
            ALM_TRY((*o)->outcomes((*o)->ctx, id, l->outcome, n, e));
    ALM_TRY(named(&l->calibrator->head, l->calibrator->feedback(&l->part[CALIBRATOR], l->outcome, e), e));
    if (l->predictor->feedback)
        ALM_TRY(named(&l->predictor->head, l->predictor->feedback(&l->part[PREDICTOR], l->outcome, e), e));
    if (l->allocator->feedback)
        ALM_TRY(named(&l->allocator->head, l->allocator->feedback(&l->part[ALLOCATOR], l->outcome, e), e));
    return ALM_OK;
}

static int predict(struct loop *l, alm_time now, struct alm_err *e)
{
    const struct alm_units *u = &l->part[PREDICTOR];
    ALM_TRY(named(&l->profiler->head, l->profiler->profile(&l->part[PROFILER], l->profile, e), e));
    for (size_t i = 0; i < u->count; i++)
        l->profile[i].start = l->start ? &l->start[i] : NULL;
    if (l->predictor->observe)
        ALM_TRY(named(&l->predictor->head, l->predictor->observe(u, l->profile, e), e));
    for (size_t i = 0; i < u->count; i++) {
        l->envelope[i].from = now;
        l->envelope[i].until = now + l->config->interval;
        l->envelope[i].has = l->envelope[i].peak = 0;
    }
    ALM_TRY(named(&l->predictor->head, l->predictor->predict(u, l->profile, now, l->envelope, e), e));
    ALM_TRY(alm_check_envelopes(&l->predictor->head, u, l->unit, l->envelope, e));
    const struct alm_units *c = &l->part[CALIBRATOR];
    ALM_TRY(named(&l->calibrator->head, l->calibrator->adjust(c, now, l->envelope, e), e));
    return alm_check_envelopes(&l->calibrator->head, c, l->unit, l->envelope, e);
}

/* The newest sample of the machine that UNIT is on; NULL when none was taken. */
static const struct alm_machine_sample *machine_of(const struct loop *l, uint32_t unit)
{
    if (l->machines == 0 || !l->ops->machine_of)
        return NULL;
    uint32_t m = l->ops->machine_of(l->platform, unit);
    return m < l->machines && l->machine[m].span > 0 ? &l->machine[m] : NULL;
}

static void preset_decisions(struct loop *l, const uint32_t *id, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct alm_situation *s = &l->track[id[i]].situation;
        l->situation[i] = *s;
        l->situation[i].envelope = &l->envelope[i];
        l->situation[i].start = l->start ? &l->start[i] : NULL;
        l->situation[i].machine = machine_of(l, id[i]);
        l->decision[i] = (struct alm_decision){.unit = id[i], .limit = {s->decided[0], s->decided[1]}};
    }
}

/* Executions and behaviour go to all units' modules, whatever the round is about. */
static int show_executions(struct loop *l, struct alm_err *e)
{
    const struct alm_execution *x = l->execution;
    if (l->behaviours && l->profiler->behaviour)
        ALM_TRY(
            named(&l->profiler->head, l->profiler->behaviour(&l->part[PROFILER], l->behaviour, l->behaviours, e), e));
    if (l->executions && l->profiler->executions)
        ALM_TRY(named(&l->profiler->head, l->profiler->executions(&l->part[PROFILER], x, l->executions, e), e));
    if (l->executions && l->predictor->executions)
        ALM_TRY(named(&l->predictor->head, l->predictor->executions(&l->part[PREDICTOR], x, l->executions, e), e));
    return ALM_OK;
}

/* Everything from samples to decisions: the part that modules do. */
static int think(struct loop *l, const uint32_t *id, size_t n, alm_time now, const struct alm_sample *samples,
                 size_t count, struct alm_err *e)
{
    ALM_TRY(select_samples(l, &l->part[PROFILER], &samples, &count, e));
    ALM_TRY(show_executions(l, e));
    ALM_TRY(named(&l->profiler->head, l->profiler->observe(&l->part[PROFILER], samples, count, e), e));
    ALM_TRY(feedback(l, id, n, now, e));
    ALM_TRY(predict(l, now, e));
    preset_decisions(l, id, n);
    const struct alm_units *u = &l->part[ALLOCATOR];
    ALM_TRY(named(&l->allocator->head, l->allocator->decide(u, now, l->situation, l->decision, e), e));
    for (size_t i = 0; i < n; i++)
        l->decision[i].unit = id[i];
    return alm_check_decisions(l->allocator, l->reasons, l->unit, l->decision, n, e);
}

/* A module failed and the user wants to go on: the last limits stay. */
static void hold(struct loop *l, const uint32_t *id, size_t n, const struct alm_err *why)
{
    for (size_t i = 0; i < n; i++)
        l->envelope[i].has = 0;
    preset_decisions(l, id, n);
    for (size_t i = 0; i < n; i++)
        l->decision[i].reason[0] = l->decision[i].reason[1] = (uint8_t)l->reasons;
    if (l->stats->held++ == 0)
        l->stats->first_held = *why;
}

/* Remember what was decided and tell the observers. */
static int settle(struct loop *l, alm_time now, bool event, const uint32_t *id, size_t n, struct alm_err *e)
{
    for (size_t i = 0; i < n; i++) {
        struct track *t = &l->track[id[i]];
        for (int r = 0; r < 2; r++) {
            t->situation.decided[r] = l->decision[i].limit[r];
            t->situation.applied[r] = l->applied[i].limit[r];
        }
        t->situation.censored = 0;
        t->situation.oom_kills = 0;
        l->open -= t->open;
        t->open = l->envelope[i].has != 0;
        l->open += t->open;
        if (t->open)
            t->envelope = l->envelope[i];
    }
    for (const struct alm_observer *const *o = l->observers; *o; o++) {
        if ((*o)->envelopes)
            ALM_TRY((*o)->envelopes((*o)->ctx, now, id, l->envelope, n, e));
        if ((*o)->decisions)
            ALM_TRY((*o)->decisions((*o)->ctx, now, event, l->decision, l->applied, n, e));
    }
    return ALM_OK;
}

static void note_latency(struct loop *l, uint64_t ns, size_t n)
{
    double each = (double)ns / (double)n;
    int k = each > 1 ? (int)(log2(each) * 8) : 0;
    l->stats->latency[k < ALM_LATENCY_BUCKETS ? k : ALM_LATENCY_BUCKETS - 1] += n;
}

static int decide_round(struct loop *l, alm_time now, bool event, const uint32_t *id, size_t n,
                        const struct alm_sample *samples, size_t count, struct alm_err *e)
{
    view(l, id, n);
    uint64_t start = l->config->stopwatch ? l->config->stopwatch() : 0;
    int code = think(l, id, n, now, samples, count, e);
    if (code < 0 && (l->config->on_error == ALM_ON_ERROR_STOP || code == ALM_ENOMEM || code == ALM_EINTR))
        return code;
    if (code < 0)
        hold(l, id, n, e);
    ALM_TRY(l->ops->apply(l->platform, now, l->decision, n, l->applied, e));
    if (l->config->stopwatch)
        note_latency(l, l->config->stopwatch() - start, n);
    l->stats->rounds++;
    l->stats->decisions += n;
    return settle(l, now, event, id, n, e);
}

/* What platforms with machines and invocations show beside the samples. */
static int take_executions(struct loop *l, struct alm_err *e)
{
    const struct alm_execution_account *account;
    const struct alm_machine_sample *m;
    size_t n = 0;
    if (l->ops->executions)
        ALM_TRY(l->ops->executions(l->platform, &l->execution, &account, &l->executions, e));
    if (l->ops->machine_samples)
        ALM_TRY(l->ops->machine_samples(l->platform, &m, &n, e));
    for (const struct alm_observer *const *o = l->observers; *o; o++) {
        if ((*o)->executions && l->executions)
            ALM_TRY((*o)->executions((*o)->ctx, l->execution, account, l->executions, e));
        if ((*o)->machines && n)
            ALM_TRY((*o)->machines((*o)->ctx, m, n, e));
    }
    for (size_t k = 0; k < n; k++)
        l->machine[m[k].machine] = m[k];
    return ALM_OK;
}

static int take_samples(struct loop *l, const struct alm_sample **s, size_t *n, struct alm_err *e)
{
    const struct alm_account *account;
    ALM_TRY(l->ops->sample(l->platform, s, &account, n, e));
    l->stats->samples += *n;
    for (const struct alm_observer *const *o = l->observers; *o; o++)
        if ((*o)->samples)
            ALM_TRY((*o)->samples((*o)->ctx, *s, account, *n, e));
    absorb(l, *s, *n);
    if (l->ops->behaviour)
        ALM_TRY(l->ops->behaviour(l->platform, &l->behaviour, &l->behaviours, e));
    return l->ops->executions || l->ops->machine_samples ? take_executions(l, e) : ALM_OK;
}

/* The living units that an event sample speaks of. */
static size_t touched(struct loop *l, alm_time now, const struct alm_sample *s, size_t n)
{
    size_t count = 0;
    for (size_t k = 0; k < n; k++) {
        const struct alm_unit *unit = &l->unit[s[k].unit];
        if (unit->first <= now && unit->last > now && (count == 0 || l->some[count - 1] != s[k].unit))
            l->some[count++] = s[k].unit;
    }
    return count;
}

/* The moment of allocate_resources(code_id, input_parameters). */
static int start_round(struct loop *l, alm_time now, const struct alm_sample *samples, size_t n, struct alm_err *e)
{
    size_t count;
    ALM_TRY(l->ops->starts(l->platform, &l->start, &count, e));
    for (size_t i = 0; i < count; i++)
        l->some[i] = l->start[i].unit;
    int code = count ? decide_round(l, now, true, l->some, count, samples, n, e) : ALM_OK;
    l->start = NULL;
    return code;
}

/* The samples that are left at the end belong to outcomes too. */
static int finish(struct loop *l, alm_time now, struct alm_err *e)
{
    for (size_t i = 0; i < l->units; i++)
        l->some[i] = (uint32_t)i;
    view(l, l->some, l->units);
    return feedback(l, l->some, l->units, now, e);
}

static alm_time begin_of(const struct loop *l)
{
    alm_time first = ALM_TIME_MAX;
    for (size_t i = 0; i < l->units; i++)
        first = l->unit[i].first < first ? l->unit[i].first : first;
    return first;
}

static int run(struct loop *l, struct alm_err *e)
{
    alm_time due = alm_time_ceil(begin_of(l), l->config->interval), now;
    enum alm_wake why = ALM_WAKE_DUE;
    const struct alm_sample *samples;
    size_t n;
    l->relist = INT64_MIN;
    while (why != ALM_WAKE_END) {
        if (l->config->stop && *l->config->stop)
            return alm_fail(e, ALM_EINTR, "interrupted");
        ALM_TRY(l->ops->wait(l->platform, due, &now, &why, e));
        ALM_TRY(take_samples(l, &samples, &n, e));
        if (why == ALM_WAKE_EVENT) {
            size_t count = touched(l, now, samples, n);
            if (count)
                ALM_TRY(decide_round(l, now, true, l->some, count, samples, n, e));
            continue;
        }
        if (why == ALM_WAKE_START) {
            ALM_TRY(start_round(l, now, samples, n, e));
            continue;
        }
        if (why == ALM_WAKE_END && now < due)
            break;
        if (now >= l->relist)
            relist(l, now);
        if (l->all_count)
            ALM_TRY(decide_round(l, now, false, l->all, l->all_count, samples, n, e));
        if (l->config->progress)
            l->config->progress(l->config->progress_ctx, now);
        due = alm_time_floor(now, l->config->interval) + l->config->interval;
    }
    return finish(l, now, e);
}

int alm_loop_run(const struct alm_loop_config *config, const struct alm_policy *policy,
                 const struct alm_platform_ops *ops, void *platform, const struct alm_observer *const *observers,
                 struct alm_loop_stats *stats, struct alm_err *e)
{
    ALM_TRY(alm_policy_check(policy, e));
    *stats = (struct alm_loop_stats){0};
    struct loop l = {.config = config,
                     .policy = policy,
                     .ops = ops,
                     .platform = platform,
                     .observers = observers,
                     .stats = stats,
                     .profiler = (const void *)policy->profiler.module,
                     .predictor = (const void *)policy->predictor.module,
                     .calibrator = (const void *)policy->calibrator.module,
                     .allocator = (const void *)policy->allocator.module};
    l.unit = ops->units(platform, &l.units);
    if (l.units == 0)
        return alm_fail(e, ALM_EINVAL, "platform %s has no units", ops->head.name);
    l.env = (struct alm_env){.seed = config->seed,
                             .interval = config->interval,
                             .sample_interval = ops->interval(platform),
                             .resources = ops->resources(platform)};
    if (ops->inputs)
        l.env.input = ops->inputs(platform, &l.env.inputs);
    if (ops->functions)
        l.env.function = ops->functions(platform, &l.env.functions);
    l.oracle_env = l.env;
    l.oracle_env.demand = config->demand;
    int code = init_arrays(&l, e);
    if (code >= 0)
        code = init_modules(&l, e);
    if (code >= 0)
        code = run(&l, e);
    release(&l);
    return code;
}
