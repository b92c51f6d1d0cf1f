/* SPDX-License-Identifier: GPL-3.0-or-later
 * loop: the control loop itself.
 *
 * Choice.   Per-unit state of all modules lies in arrays made once. A round is a list of unit ids: all living units at
 *           a regular decision, the touched ones after an event. The list is rebuilt only when a unit is born or ends. */
#include "loop_state.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXPLANATION 2048 /* bytes of a line */

static int init_part(struct alm__loop *l, int which, const struct alm_choice *choice, size_t bytes, struct alm_err *e)
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

static int init_shared(struct alm__loop *l, const void *opt, const struct alm_env *env, struct alm_err *e)
{
    const size_t bytes = l->predictor->shared_size ? l->predictor->shared_size(opt, env) : 0;
    l->stats->state_bytes += bytes / l->units;
    if (bytes && !(l->part[PREDICTOR].shared = calloc(1, bytes)))
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu bytes that the units of %s share", bytes,
                        l->predictor->head.name);
    return ALM_OK;
}

static int init_modules(struct alm__loop *l, struct alm_err *e)
{
    const struct alm_policy *p = l->policy;
    const void *predictor_opt = p->predictor.opt;
    const struct alm_env *env = (p->predictor.module->flags & ALM_F_ORACLE) ? &l->oracle_env : &l->env;
    size_t window = l->predictor->window ? l->predictor->window(predictor_opt, env) : 0;
    ALM_TRY(init_part(l, PROFILER, &p->profiler, l->profiler->state_size(p->profiler.opt, &l->env, window), e));
    ALM_TRY(alm__loop_named(&l->profiler->head, l->profiler->init(&l->part[PROFILER], window, e), e));
    ALM_TRY(init_part(l, PREDICTOR, &p->predictor, l->predictor->state_size(predictor_opt, env), e));
    ALM_TRY(init_shared(l, predictor_opt, env, e));
    if (l->predictor->init)
        ALM_TRY(alm__loop_named(&l->predictor->head, l->predictor->init(&l->part[PREDICTOR], e), e));
    ALM_TRY(init_part(l, CALIBRATOR, &p->calibrator, l->calibrator->state_size(p->calibrator.opt, &l->env), e));
    if (l->calibrator->init)
        ALM_TRY(alm__loop_named(&l->calibrator->head, l->calibrator->init(&l->part[CALIBRATOR], e), e));
    ALM_TRY(init_part(l, ALLOCATOR, &p->allocator, l->allocator->state_size(p->allocator.opt, &l->env), e));
    if (l->allocator->init)
        ALM_TRY(alm__loop_named(&l->allocator->head, l->allocator->init(&l->part[ALLOCATOR], e), e));
    while (l->allocator->reasons[l->reasons])
        l->reasons++;
    return ALM_OK;
}

static int init_arrays(struct alm__loop *l, struct alm_err *e)
{
    size_t n = l->units;
    l->situation = calloc(n, sizeof *l->situation);
    l->outcome = calloc(n, sizeof *l->outcome);
    l->tally = calloc(n, sizeof *l->tally);
    l->all = malloc(n * sizeof *l->all);
    l->some = malloc(n * sizeof *l->some);
    l->profile = calloc(n, sizeof *l->profile);
    l->envelope = calloc(n, sizeof *l->envelope);
    l->some_situation = calloc(n, sizeof *l->some_situation);
    l->some_outcome = calloc(n, sizeof *l->some_outcome);
    l->decision = calloc(n, sizeof *l->decision);
    l->before = calloc(n, sizeof *l->before);
    l->applied = calloc(n, sizeof *l->applied);
    l->applied_before = calloc(n, sizeof *l->applied_before);
    if (!l->situation || !l->outcome || !l->tally || !l->all || !l->some || !l->profile || !l->envelope ||
        !l->some_situation || !l->some_outcome || !l->decision || !l->before || !l->applied || !l->applied_before)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a loop over %zu units", n);
    if (l->ops->machines)
        l->ops->machines(l->platform, &l->machines);
    if (l->machines && !(l->machine = calloc(l->machines, sizeof *l->machine)))
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu machines", l->machines);
    return ALM_OK;
}

/* Before the first sample nothing is known and nothing was decided. */
static void init_units(struct alm__loop *l)
{
    for (size_t i = 0; i < l->units; i++) {
        l->all[i] = (uint32_t)i;
        l->situation[i] = (struct alm_situation){.envelope = l->predicts ? &l->envelope[i] : &l->nothing,
                                                 .usage = {NAN, NAN},
                                                 .decided = {ALM_NO_LIMIT, ALM_NO_LIMIT},
                                                 .applied = {ALM_NO_LIMIT, ALM_NO_LIMIT},
                                                 .cores = l->unit[i].cores,
                                                 .memory = l->unit[i].memory,
                                                 .stall = {NAN, NAN, NAN}};
    }
}

static void release(struct alm__loop *l)
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
    free(l->situation);
    free(l->outcome);
    free(l->tally);
    free(l->all);
    free(l->some);
    free(l->profile);
    free(l->envelope);
    free(l->some_situation);
    free(l->some_outcome);
    free(l->decision);
    free(l->before);
    free(l->applied);
    free(l->applied_before);
    free(l->kept);
    free(l->machine);
    free(l->percentile);
    free(l->largest);
    free(l->code);
    free(l->part[PREDICTOR].shared);
}

/* The units that live at T: first sample at or before it, last one after it. */
static void relist(struct alm__loop *l, alm_time t)
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

/* What platforms with machines and invocations show beside the samples. */
static int take_executions(struct alm__loop *l, struct alm_err *e)
{
    const struct alm_execution_account *account = NULL;
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

static int take_samples(struct alm__loop *l, const struct alm_sample **s, size_t *n, struct alm_err *e)
{
    const struct alm_account *account;
    ALM_TRY(l->ops->sample(l->platform, s, &account, n, e));
    l->stats->samples += *n;
    for (const struct alm_observer *const *o = l->observers; *o; o++)
        if ((*o)->samples)
            ALM_TRY((*o)->samples((*o)->ctx, *s, account, *n, e));
    alm__loop_absorb(l, *s, *n);
    if (l->ops->behaviour)
        ALM_TRY(l->ops->behaviour(l->platform, &l->behaviour, &l->behaviours, e));
    return l->ops->executions || l->ops->machine_samples ? take_executions(l, e) : ALM_OK;
}

/* The living units that an event sample speaks of. */
static size_t touched(struct alm__loop *l, alm_time now, const struct alm_sample *s, size_t n)
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
static int start_round(struct alm__loop *l, alm_time now, const struct alm_sample *samples, size_t n, struct alm_err *e)
{
    size_t count;
    ALM_TRY(l->ops->starts(l->platform, &l->start, &count, e));
    for (size_t i = 0; i < count; i++)
        l->some[i] = l->start[i].unit;
    int code = count ? alm__loop_decide(l, now, true, l->some, count, samples, n, e) : ALM_OK;
    l->start = NULL;
    return code;
}

static bool is_anyone_told(const struct alm__loop *l)
{
    for (const struct alm_observer *const *o = l->observers; *o; o++)
        if ((*o)->explanation)
            return true;
    return false;
}

/* What the predictor has learnt of unit I about R. */
static int explain_one(struct alm__loop *l, size_t i, enum alm_resource r, struct alm_err *e)
{
    const struct alm_predictor_ops *p = l->predictor;
    char text[EXPLANATION] = "";
    ALM_TRY(alm__loop_named(&p->head, p->explain(&l->part[PREDICTOR], i, r, text, sizeof text, e), e));
    ALM_TRY(alm_check_explanation(&p->head, &l->unit[i], text, e));
    for (const struct alm_observer *const *o = l->observers; *o; o++)
        if ((*o)->explanation)
            ALM_TRY((*o)->explanation((*o)->ctx, (uint32_t)i, r, text, e));
    return ALM_OK;
}

/* The round is about all units. */
static int explain(struct alm__loop *l, struct alm_err *e)
{
    if (!l->predictor->explain || !is_anyone_told(l))
        return ALM_OK;
    for (size_t i = 0; i < l->units; i++)
        for (uint32_t left = l->env.resources; left; left &= left - 1)
            ALM_TRY(explain_one(l, i, (enum alm_resource)__builtin_ctz(left), e));
    return ALM_OK;
}

/* The samples that are left at the end belong to outcomes too. */
static int finish(struct alm__loop *l, alm_time now, struct alm_err *e)
{
    for (size_t i = 0; i < l->units; i++)
        l->some[i] = (uint32_t)i;
    alm__loop_view(l, l->some, l->units);
    ALM_TRY(alm__loop_feedback(l, now, e));
    return explain(l, e);
}

static alm_time begin_of(const struct alm__loop *l)
{
    alm_time first = ALM_TIME_MAX;
    for (size_t i = 0; i < l->units; i++)
        first = l->unit[i].first < first ? l->unit[i].first : first;
    return first;
}

static int run(struct alm__loop *l, struct alm_err *e)
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
                ALM_TRY(alm__loop_decide(l, now, true, l->some, count, samples, n, e));
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
            ALM_TRY(alm__loop_decide(l, now, false, l->all, l->all_count, samples, n, e));
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
    struct alm__loop l = {.config = config,
                          .policy = policy,
                          .ops = ops,
                          .platform = platform,
                          .observers = observers,
                          .stats = stats,
                          .profiler = (const void *)policy->profiler.module,
                          .predictor = (const void *)policy->predictor.module,
                          .calibrator = (const void *)policy->calibrator.module,
                          .allocator = (const void *)policy->allocator.module};
    l.predicts = !(policy->predictor.module->flags & ALM_F_NULL);
    l.calibrates = !(policy->calibrator.module->flags & ALM_F_NULL);
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
    int code = init_arrays(&l, e);
    if (code >= 0)
        code = alm__loop_number_codes(&l, e);
    if (code >= 0) {
        l.oracle_env = l.env;
        l.oracle_env.demand = config->demand;
        init_units(&l);
        code = init_modules(&l, e);
    }
    if (code >= 0)
        code = run(&l, e);
    release(&l);
    return code;
}
