/* SPDX-License-Identifier: GPL-3.0-or-later
 * service: who may start, and where: a unit's queue and its instances.
 *
 * Meaning.  Arrivals queue by class, then first come first served. An *instance* serves up to `slots` invocations at a time; a
 *           free place of one that serves already is taken first, then the instance that became idle last, so that the others
 *           may expire. Without slots everything starts at once (processor sharing). Scale rules:
 *             fixed        `least` instances, always
 *             per-request  a start for each invocation that waits for one (or one start at a time), up to `most`
 *             target       as many as the mean number in the system over the last interval asks for, `target` to each; from
 *                          none to one at once
 *           An idle instance beyond `least` goes after `keep_alive`. A better class interrupts a worse one where declared;
 *           what was interrupted goes on later where it stopped, first of its class.
 * Choice.   Of the worst class, the one that started last is interrupted: it has got least.
 * Limits.   All instances of a unit are on its machine. 16 classes.
 * Source.   Keep-alive and reuse of the latest: Shahrad et al., USENIX ATC'20; target: Knative autoscaler; starts that nobody
 *           needs are given up: Gandhi, Doroudi, Harchol-Balter, Scheller-Wolf, Queueing Systems 77 (2014). */
#include "world.h"

#include <math.h>
#include <stdlib.h>

/* Lists of jobs and of instances look alike. */
static void push_first(struct sim_list *l, struct sim_instance *at, uint32_t k)
{
    at[k].previous = SIM_NOBODY;
    at[k].next = l->first;
    if (l->first != SIM_NOBODY)
        at[l->first].previous = k;
    else
        l->last = k;
    l->first = k;
    l->count++;
}

static void take_out(struct sim_list *l, struct sim_instance *at, uint32_t k)
{
    if (at[k].previous != SIM_NOBODY)
        at[at[k].previous].next = at[k].next;
    else
        l->first = at[k].next;
    if (at[k].next != SIM_NOBODY)
        at[at[k].next].previous = at[k].previous;
    else
        l->last = at[k].previous;
    l->count--;
}

static struct sim_list *list_of(struct sim_service *s, int state)
{
    switch (state) {
    case SIM_INSTANCE_OFF:
        return &s->off;
    case SIM_INSTANCE_STARTING:
        return &s->starting;
    case SIM_INSTANCE_IDLE:
        return &s->idle;
    case SIM_INSTANCE_PARTIAL:
        return &s->partial;
    default:
        return NULL;
    }
}

static void move_instance(struct sim_service *s, uint32_t k, int state)
{
    struct sim_list *from = list_of(s, s->instance[k].state), *to = list_of(s, state);
    if (from)
        take_out(from, s->instance, k);
    s->instance[k].state = (uint8_t)state;
    if (to)
        push_first(to, s->instance, k);
}

static void enqueue(struct sim_world *w, struct sim_service *s, uint32_t job, bool first)
{
    struct sim_job *j = &w->job[job];
    struct sim_list *l = &s->queue[j->class];
    const uint32_t neighbour = first ? l->first : l->last;
    j->next = first ? l->first : SIM_NOBODY;
    j->previous = first ? SIM_NOBODY : l->last;
    if (neighbour == SIM_NOBODY)
        l->first = l->last = job;
    else if (first)
        w->job[neighbour].previous = l->first = job;
    else
        w->job[neighbour].next = l->last = job;
    j->state = SIM_JOB_QUEUED;
    l->count++;
    s->queued++;
    s->classes |= 1u << j->class;
}

static void dequeue(struct sim_world *w, struct sim_service *s, uint32_t job)
{
    struct sim_job *j = &w->job[job];
    struct sim_list *l = &s->queue[j->class];
    if (j->previous != SIM_NOBODY)
        w->job[j->previous].next = j->next;
    else
        l->first = j->next;
    if (j->next != SIM_NOBODY)
        w->job[j->next].previous = j->previous;
    else
        l->last = j->previous;
    j->next = j->previous = SIM_NOBODY;
    if (--l->count == 0)
        s->classes &= ~(1u << j->class);
    s->queued--;
}

static void count_system(const struct sim_world *w, struct sim_service *s, int by)
{
    s->load += (double)s->in_system * (double)(w->now - s->load_since);
    s->load_since = w->now;
    s->in_system += (uint32_t)by;
}

/* The number of live instances bounds a unit whose limit is one of each instance. */
static int set_live(struct sim_world *w, struct sim_member *u, int by, struct alm_err *e)
{
    if (w->o->scope != SIM_SCOPE_INSTANCE) {
        u->service.live += (uint32_t)by;
        return ALM_OK;
    }
    sim_flow_settle(w, u, SIM_CPU);
    sim_meter_settle(w, u);
    u->service.live += (uint32_t)by;
    return sim_flow_change(w, u, SIM_CPU, e);
}

static int new_instance(struct sim_service *s, uint32_t *out, struct alm_err *e)
{
    if (s->off.count == 0) {
        uint32_t room = s->instances ? s->instances * 2 : 4;
        struct sim_instance *instance = realloc(s->instance, room * sizeof *instance);
        if (!instance)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %u instances of a unit", room);
        s->instance = instance;
        for (uint32_t k = room; k-- > s->instances;) {
            instance[k] = (struct sim_instance){.state = SIM_INSTANCE_OFF};
            push_first(&s->off, instance, k);
        }
        s->instances = room;
    }
    *out = s->off.first;
    return ALM_OK;
}

/* START it: on at once when that takes no time. */
static int start_instance(struct sim_world *w, struct sim_member *u, bool warm, struct alm_err *e)
{
    struct sim_service *s = &u->service;
    uint32_t k = SIM_NOBODY;
    ALM_TRY(new_instance(s, &k, e));
    ALM_TRY(set_live(w, u, 1, e));
    double seconds = warm || s->start_law.kind == ALM_LAW_NONE ? 0 : alm_law_draw(&s->start_law, &s->luck);
    s->instance[k].busy = 0;
    s->instance[k].fresh = seconds > 0;
    s->instance[k].since = w->now + (seconds < 1e9 ? (alm_time)ceil(seconds * 1e9) : ALM_DAY * 10000);
    move_instance(s, k, seconds > 0 ? SIM_INSTANCE_STARTING : SIM_INSTANCE_IDLE);
    if (!(seconds > 0))
        return ALM_OK;
    return sim_post(w, s->instance[k].since, ALM_PHASE_DEPARTURE, SIM_EVENT_INSTANCE, (uint64_t)k << 32 | u->id, e);
}

int sim_service_off(struct sim_world *w, struct sim_member *u, uint32_t instance, struct alm_err *e)
{
    move_instance(&u->service, instance, SIM_INSTANCE_OFF);
    u->service.instance[instance].busy = 0;
    return set_live(w, u, -1, e);
}

/* How many instances does the queue ask for? */
static uint32_t needed(const struct sim_service *s)
{
    uint32_t n = s->slots == UINT32_MAX ? s->queued > 0 : (s->queued + s->slots - 1) / s->slots;
    return s->one_at_a_time && n > 1 ? 1 : n;
}

static uint32_t wanted(const struct sim_world *w, const struct sim_service *s)
{
    if (s->scale != SIM_SCALE_TARGET)
        return s->least;
    double n = ceil(s->target_mean / w->o->target - 1e-9);
    uint32_t most = s->most, want = n < (double)most ? (uint32_t)fmax(n, 0) : most;
    if (want == 0 && s->queued)
        want = 1;
    return want > s->least ? want : s->least;
}

static int scale_up(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_service *s = &u->service;
    const uint32_t want = wanted(w, s);
    while (s->live < want)
        ALM_TRY(start_instance(w, u, false, e));
    while (s->scale == SIM_SCALE_PER_REQUEST && s->starting.count < needed(s) && s->live < s->most &&
           s->idle.count + s->partial.count == 0)
        ALM_TRY(start_instance(w, u, false, e));
    return ALM_OK;
}

static int scale_down(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_service *s = &u->service;
    const uint32_t least = wanted(w, s);
    while (s->give_up && s->starting.count > needed(s) && s->live > least)
        ALM_TRY(sim_service_off(w, u, s->starting.first, e));
    while (s->idle.count && s->live > least && s->instance[s->idle.last].since + s->keep_alive <= w->now)
        ALM_TRY(sim_service_off(w, u, s->idle.last, e));
    return ALM_OK;
}

static int set_timer(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_service *s = &u->service;
    alm_time at = ALM_TIME_MAX;
    if (s->idle.count && s->live > s->least && s->keep_alive < ALM_TIME_MAX - w->now) {
        alm_time expires = s->instance[s->idle.last].since + s->keep_alive;
        at = expires > w->now ? expires : s->scale == SIM_SCALE_TARGET ? ALM_TIME_MAX : w->now + 1;
    }
    if (s->scale == SIM_SCALE_TARGET && s->tick < at)
        at = s->tick;
    return sim_timer_set(w, &s->timer, at, ALM_PHASE_DEPARTURE, SIM_EVENT_SERVICE, u->id, e);
}

/* The job that a better class may interrupt; SIM_NOBODY. */
static uint32_t victim(const struct sim_world *w, const struct sim_service *s, int class)
{
    uint32_t worst = SIM_NOBODY;
    for (uint32_t k = s->running.first; k != SIM_NOBODY; k = w->job[k].next)
        if (w->job[k].class < class && (worst == SIM_NOBODY || w->job[k].class <= w->job[worst].class))
            worst = k; /* the list is in the order of starts */
    return worst;
}

static void occupy(struct sim_world *w, struct sim_service *s, uint32_t job)
{
    uint32_t k = s->partial.count ? s->partial.first : s->idle.first;
    struct sim_instance *i = &s->instance[k];
    w->job[job].instance = k;
    w->job[job].cold |= i->fresh;
    i->fresh = false;
    i->busy++;
    move_instance(s, k, i->busy == s->slots ? SIM_INSTANCE_FULL : SIM_INSTANCE_PARTIAL);
}

static void vacate(struct sim_world *w, struct sim_service *s, uint32_t job)
{
    const uint32_t k = w->job[job].instance;
    w->job[job].instance = SIM_NOBODY;
    if (k == SIM_NOBODY || s->instance[k].state < SIM_INSTANCE_IDLE)
        return;
    struct sim_instance *i = &s->instance[k];
    i->busy--;
    if (i->busy == 0)
        i->since = w->now;
    move_instance(s, k, i->busy ? SIM_INSTANCE_PARTIAL : SIM_INSTANCE_IDLE);
}

void sim_service_put_back(struct sim_world *w, struct sim_member *u, uint32_t job)
{
    vacate(w, &u->service, job);
    enqueue(w, &u->service, job, true);
}

static int interrupt(struct sim_world *w, struct sim_member *u, uint32_t job, struct alm_err *e)
{
    ALM_TRY(sim_job_stop(w, job, e));
    sim_service_put_back(w, u, job);
    w->job[job].suspended = true;
    return ALM_OK;
}

int sim_service_dispatch(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_service *s = &u->service;
    while (s->queued && !u->down && u->placed) {
        const int class = 31 - __builtin_clz(s->classes);
        const uint32_t job = s->queue[class].first;
        if (s->slots) {
            if (s->idle.count + s->partial.count == 0)
                ALM_TRY(scale_up(w, u, e));
            if (s->idle.count + s->partial.count == 0) {
                uint32_t other = s->preemptive ? victim(w, s, class) : SIM_NOBODY;
                if (other == SIM_NOBODY)
                    break;
                ALM_TRY(interrupt(w, u, other, e));
            }
            occupy(w, s, job);
        }
        dequeue(w, s, job);
        bool suspended = w->job[job].suspended;
        w->job[job].suspended = false;
        ALM_TRY(suspended ? sim_job_resume(w, job, e) : sim_job_start(w, job, e));
    }
    if (s->slots == 0)
        return ALM_OK;
    if (!u->down)
        ALM_TRY(scale_up(w, u, e));
    ALM_TRY(scale_down(w, u, e));
    return set_timer(w, u, e);
}

int sim_service_join(struct sim_world *w, struct sim_member *u, uint32_t job, struct alm_err *e)
{
    struct sim_service *s = &u->service;
    if (s->in_system >= s->capacity)
        return sim_job_finish(w, job, ALM_END_REFUSED, e);
    const uint32_t generation = w->job[job].generation;
    count_system(w, s, 1);
    enqueue(w, s, job, false);
    ALM_TRY(sim_service_dispatch(w, u, e));
    if (w->job[job].generation != generation || w->job[job].state != SIM_JOB_QUEUED || s->queued <= s->queue_limit)
        return ALM_OK;
    sim_service_drop(w, u, job);
    return sim_job_finish(w, job, ALM_END_REFUSED, e);
}

int sim_service_leave(struct sim_world *w, struct sim_member *u, uint32_t job, struct alm_err *e)
{
    (void)e;
    count_system(w, &u->service, -1);
    vacate(w, &u->service, job);
    return ALM_OK;
}

void sim_service_drop(struct sim_world *w, struct sim_member *u, uint32_t job)
{
    dequeue(w, &u->service, job);
    count_system(w, &u->service, -1);
}

int sim_service_on_instance(struct sim_world *w, uint64_t data, struct alm_err *e)
{
    struct sim_member *u = &w->unit[data & UINT32_MAX];
    struct sim_service *s = &u->service;
    const uint32_t k = (uint32_t)(data >> 32);
    if (s->instance[k].state != SIM_INSTANCE_STARTING || s->instance[k].since != w->now)
        return ALM_OK;
    move_instance(s, k, SIM_INSTANCE_IDLE);
    return sim_service_dispatch(w, u, e);
}

int sim_service_on_timer(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_service *s = &u->service;
    if (s->scale == SIM_SCALE_TARGET && w->now >= s->tick) {
        count_system(w, s, 0);
        s->target_mean = s->load / (double)w->o->scale_interval;
        s->load = 0;
        s->tick = w->now + w->o->scale_interval;
    }
    return sim_service_dispatch(w, u, e);
}

static void empty(struct sim_list *l)
{
    *l = (struct sim_list){SIM_NOBODY, SIM_NOBODY, 0};
}

int sim_service_open(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    const struct sim_options *o = w->o;
    struct sim_service *s = &u->service;
    const bool starts = o->start_delay > 0 || o->start.law != ALM_LAW_DEFAULT || o->scale != SIM_SCALE_FIXED;
    const struct alm_law_options usual = {.law = o->start_delay > 0 ? ALM_LAW_DETERMINISTIC : ALM_LAW_NONE,
                                          .value.real = alm_seconds(o->start_delay)};
    for (int c = 0; c < SIM_CLASSES; c++)
        empty(&s->queue[c]);
    empty(&s->running);
    empty(&s->off);
    empty(&s->starting);
    empty(&s->idle);
    empty(&s->partial);
    s->slots = o->concurrency > 0 ? (uint32_t)fmin((double)o->concurrency, UINT32_MAX) : starts ? UINT32_MAX : 0;
    s->capacity = UINT64_MAX;
    s->queue_limit = o->queue_limit < 0 ? UINT64_MAX : (uint64_t)o->queue_limit;
    s->scale = o->scale;
    s->least = (uint32_t)o->instances;
    s->most = o->instances_max > 0 ? (uint32_t)o->instances_max : UINT32_MAX;
    if (s->scale == SIM_SCALE_FIXED)
        s->least = s->most = s->least ? s->least : 1;
    s->preemptive = o->preemptive;
    s->keep_alive = o->keep_alive;
    s->next_station = SIM_NOBODY;
    s->timer = (struct sim_timer){ALM_TIME_MAX, ALM_TIME_MAX};
    s->luck = alm_stream_open(w->seed, u->id, "start");
    s->tick = w->begin + o->scale_interval;
    s->load_since = w->begin;
    return alm_law_open(&o->start, ALM_OPT_REAL, "start", &usual, &s->start_law, e);
}

int sim_service_begin(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_service *s = &u->service;
    while (s->slots && s->live < s->least)
        ALM_TRY(start_instance(w, u, true, e));
    return s->slots ? set_timer(w, u, e) : ALM_OK;
}

void sim_service_close(struct sim_service *s)
{
    free(s->instance);
    alm_law_close(&s->start_law);
}
