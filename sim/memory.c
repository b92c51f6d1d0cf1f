/* SPDX-License-Identifier: GPL-3.0-or-later
 * memory: footprints, limits, kills.
 *
 * Meaning.  What a unit uses is what its jobs in service have together, or what was recorded of it. Above the limit, in whole
 *           pages, somebody is killed, by the scope of limits:
 *             unit         all its jobs; it is down for restart_delay, then its queue, or its recorded demand, goes on
 *             instance     the jobs of the instance that is above; the instance is off, and comes again by the scale rule
 *             invocation   the job that is above its own limit
 *           When the units of a machine use more than it has, the one furthest above its min is killed as a unit, until the
 *           rest fits. In open loop nobody is killed.
 *           Above memory_high times the limit a unit runs slower, by (high / use)^2.
 *           memory_shrink=reclaim: what exceeds the limit is taken from a unit as long as it is at most the reclaimable share
 *           of what it would use (a page cache); beyond that it is killed. It comes back when the limit allows.
 * Choice.   The square: the kernel makes a group above memory.high sleep for a time that grows with the square of what it is
 *           above by; reclaim and its I/O are not modelled, so this is a shape, not a forecast.
 *           A limit that falls below the use kills by an event of the same instant, so that nothing happens to units while
 *           the loop decides. A killed job does not start another by itself, but asks for a look at the queue: a queue of
 *           jobs that are too large is not a recursion.
 * Limits.   Memory does not grow within one job. No swap.
 * Source.   Linux mm/memcontrol.c (mem_cgroup_handle_over_high, mem_cgroup_oom), Documentation/admin-guide/cgroup-v2.rst. */
#include "world.h"

#include <math.h>

/* Whole pages on both sides, as usage_unit.c does it. */
static bool above(int64_t limit, double bytes)
{
    return limit != ALM_NO_LIMIT && floor(bytes / (double)ALM_PAGE) > (double)(limit / ALM_PAGE);
}

/* Bytes that bind the unit as a whole; INFINITY. */
static double bound(const struct sim_world *w, const struct sim_member *u)
{
    const int64_t limit = u->limit[ALM_MEMORY];
    if (w->o->open_loop || limit == ALM_NO_LIMIT || w->o->scope == SIM_SCOPE_INVOCATION)
        return INFINITY;
    const bool instances = w->o->scope == SIM_SCOPE_INSTANCE && u->serves && u->service.live > 1;
    return (double)limit * (instances ? u->service.live : 1);
}

static bool by_instance(const struct sim_world *w, const struct sim_member *u)
{
    return w->o->scope == SIM_SCOPE_INSTANCE && u->serves && u->service.slots > 0;
}

static double taken_from(const struct sim_world *w, const struct sim_member *u, double wanted)
{
    if (w->o->memory_shrink != SIM_SHRINK_RECLAIM)
        return 0;
    const double excess = wanted - bound(w, u);
    return excess > 0 && excess <= wanted * w->o->reclaimable ? excess : 0;
}

void sim_memory_pressure(struct sim_world *w, struct sim_member *u)
{
    const bool stalled = u->down || u->slowdown < 1, moving = !u->down && u->memory > 0;
    if (stalled == u->memory_stalled && moving == u->memory_moving)
        return;
    if (u->machine != SIM_NOBODY) {
        struct sim_machine *m = &w->machine[u->machine];
        sim_meter_machine(w, m);
        m->stalled[ALM_STALL_MEMORY] += (uint32_t)stalled - (uint32_t)u->memory_stalled;
        m->moving[ALM_STALL_MEMORY] += (uint32_t)moving - (uint32_t)u->memory_moving;
    }
    u->memory_stalled = stalled;
    u->memory_moving = moving;
}

static void set(struct sim_world *w, struct sim_member *u, double wanted)
{
    const double taken = taken_from(w, u, wanted), use = fmax(0, wanted - taken);
    u->reclaimed = taken;
    if (use == u->memory)
        return;
    sim_meter_settle(w, u);
    if (u->machine != SIM_NOBODY) {
        struct sim_machine *m = &w->machine[u->machine];
        sim_meter_machine(w, m);
        m->memory += use - u->memory;
    }
    u->memory = use;
}

/* The unit's speed by memory.high. */
static int set_speed(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    const double share = w->o->memory_high, high = share * bound(w, u);
    const bool slow = share > 0 && share < 1 && !isinf(high) && u->memory > high;
    const double speed = slow ? high / u->memory * (high / u->memory) : 1;
    if (speed != u->slowdown) {
        sim_flow_settle(w, u, SIM_CPU);
        sim_meter_settle(w, u);
        u->slowdown = speed;
        ALM_TRY(sim_flow_change(w, u, SIM_CPU, e));
    }
    sim_memory_pressure(w, u);
    return ALM_OK;
}

/* What the samples show of a kill: it used USED at the end, and wanted more. */
static void record_kill(struct sim_world *w, struct sim_member *u, double used)
{
    sim_meter_settle(w, u);
    u->now.oom_kills++;
    u->now.seen |= (uint8_t)ALM_BIT(ALM_MEMORY);
    u->now.censored |= (uint8_t)ALM_BIT(ALM_MEMORY);
    u->now.memory_peak = fmax(u->now.memory_peak, used);
    u->now.memory_demand = fmax(u->now.memory_demand, u->memory + u->reclaimed);
    u->alarmed = true;
    w->kills++;
}

static int kill_jobs(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    while (u->service.running.count)
        ALM_TRY(sim_job_kill(w, u->service.running.first, e));
    while (u->halted.count) {
        const uint32_t job = u->halted.first;
        u->halted.first = w->job[job].next;
        u->halted.count--;
        ALM_TRY(sim_job_kill(w, job, e));
    }
    return ALM_OK;
}

static int kill_unit(struct sim_world *w, struct sim_member *u, double used, struct alm_err *e)
{
    record_kill(w, u, used);
    sim_flow_settle(w, u, SIM_CPU);
    u->down = true;
    u->down_until = w->now + w->o->restart_delay;
    if (u->serves) {
        ALM_TRY(kill_jobs(w, u, e));
    } else {
        set(w, u, 0);
        ALM_TRY(sim_rows_change(w, u, e));
    }
    ALM_TRY(set_speed(w, u, e));
    ALM_TRY(sim_post(w, u->down_until, ALM_PHASE_DECISION, SIM_EVENT_RESTART, u->id, e));
    return sim_meter_emit(w, u, true, e);
}

/* Others may start, but not from here: see above. */
static int look_at_queue(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    return sim_timer_set(w, &u->service.timer, w->now, ALM_PHASE_DEPARTURE, SIM_EVENT_SERVICE, u->id, e);
}

static int kill_instance(struct sim_world *w, struct sim_member *u, uint32_t instance, struct alm_err *e)
{
    record_kill(w, u, (double)u->limit[ALM_MEMORY]);
    for (uint32_t job = u->service.running.first, next; job != SIM_NOBODY; job = next) {
        next = w->job[job].next;
        if (w->job[job].instance == instance)
            ALM_TRY(sim_job_kill(w, job, e));
    }
    if (u->service.instance[instance].state == SIM_INSTANCE_IDLE)
        ALM_TRY(sim_service_off(w, u, instance, e));
    ALM_TRY(sim_meter_emit(w, u, true, e));
    return look_at_queue(w, u, e);
}

static int kill_one(struct sim_world *w, struct sim_member *u, uint32_t job, struct alm_err *e)
{
    record_kill(w, u, u->memory - w->job[job].memory + (double)w->job[job].limit[ALM_MEMORY]);
    ALM_TRY(sim_job_kill(w, job, e));
    ALM_TRY(sim_meter_emit(w, u, true, e));
    return look_at_queue(w, u, e);
}

static double memory_of_instance(const struct sim_world *w, const struct sim_member *u, uint32_t instance)
{
    double sum = 0;
    for (uint32_t job = u->service.running.first; job != SIM_NOBODY; job = w->job[job].next)
        sum += w->job[job].instance == instance ? w->job[job].memory : 0;
    return sum;
}

/* A job has come to a unit that serves: it is the last of those in service. */
static int look_at_newest(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    const uint32_t job = u->service.running.last;
    if (u->service.running.count == 0)
        return ALM_OK;
    const struct sim_job *j = &w->job[job];
    if (w->o->scope == SIM_SCOPE_INVOCATION)
        return above(j->limit[ALM_MEMORY], j->memory) ? kill_one(w, u, job, e) : ALM_OK;
    if (j->instance == SIM_NOBODY || !above(u->limit[ALM_MEMORY], u->memory))
        return ALM_OK;
    const double sum = u->service.slots == 1 ? j->memory : memory_of_instance(w, u, j->instance);
    return above(u->limit[ALM_MEMORY], sum) ? kill_instance(w, u, j->instance, e) : ALM_OK;
}

static int look_at_instances(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_service *s = &u->service;
    for (uint32_t k = 0; k < s->instances; k++)
        s->instance[k].memory = 0;
    for (uint32_t job = s->running.first; job != SIM_NOBODY; job = w->job[job].next)
        if (w->job[job].instance != SIM_NOBODY)
            s->instance[w->job[job].instance].memory += w->job[job].memory;
    for (uint32_t k = 0; k < s->instances; k++)
        if (above(u->limit[ALM_MEMORY], s->instance[k].memory))
            ALM_TRY(kill_instance(w, u, k, e));
    return ALM_OK;
}

/* On machine M the unit whose use exceeds its min most; NULL: nobody uses any. */
static struct sim_member *furthest(struct sim_world *w, const struct sim_machine *m)
{
    struct sim_member *found = NULL;
    double most = -INFINITY;
    for (uint32_t k = m->first_unit; k != SIM_NOBODY; k = w->unit[k].next_here) {
        struct sim_member *u = &w->unit[k];
        const double excess = u->memory - (double)sim_promise(w, u, ALM_MEMORY);
        if (!(u->memory > 0) || u->down || excess < most || (excess == most && found && found->id < u->id))
            continue;
        found = u;
        most = excess;
    }
    return found;
}

static int relieve(struct sim_world *w, uint32_t machine, struct alm_err *e)
{
    if (machine == SIM_NOBODY)
        return ALM_OK;
    struct sim_machine *m = &w->machine[machine];
    while (m->memory > m->info.memory + 0.5) { /* sums of what is not whole bytes are rounded */
        struct sim_member *u = furthest(w, m);
        if (!u)
            return ALM_OK;
        ALM_TRY(kill_unit(w, u, fmax(0, u->memory - (m->memory - m->info.memory)), e));
    }
    return ALM_OK;
}

static int look_at_unit(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    const double most = bound(w, u);
    if (isinf(most) || !above((int64_t)most, u->memory))
        return ALM_OK;
    return kill_unit(w, u, most, e);
}

int sim_memory_change(struct sim_world *w, struct sim_member *u, double bytes, struct alm_err *e)
{
    const double before = u->memory + u->reclaimed;
    double wanted = u->serves ? bytes + u->reclaimed : bytes; /* what a job adds or takes is of the use */
    if (!u->serves && (u->down || !u->placed))
        wanted = 0;
    set(w, u, wanted);
    ALM_TRY(set_speed(w, u, e));
    if (wanted <= before || w->o->open_loop)
        return ALM_OK;
    if (by_instance(w, u) || (w->o->scope == SIM_SCOPE_INVOCATION && u->serves))
        ALM_TRY(look_at_newest(w, u, e));
    else
        ALM_TRY(look_at_unit(w, u, e));
    return relieve(w, u->machine, e);
}

/* Everything about a unit that is up. */
static int look(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    if (w->o->open_loop)
        return ALM_OK;
    ALM_TRY(by_instance(w, u) ? look_at_instances(w, u, e) : look_at_unit(w, u, e));
    return relieve(w, u->machine, e);
}

int sim_memory_on_limit(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    set(w, u, u->memory + u->reclaimed);
    ALM_TRY(set_speed(w, u, e));
    if (w->o->open_loop)
        return ALM_OK;
    const bool crowded = u->machine != SIM_NOBODY && w->machine[u->machine].memory > w->machine[u->machine].info.memory;
    if (!u->serves || (!crowded && !above(u->limit[ALM_MEMORY], u->memory)))
        return ALM_OK; /* recorded use is looked at with its rows: demand.c */
    return sim_post(w, w->now, ALM_PHASE_DECISION, SIM_EVENT_RESTART, u->id, e);
}

int sim_memory_on_restart(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    if (u->down && w->now >= u->down_until) {
        sim_flow_settle(w, u, SIM_CPU);
        sim_meter_settle(w, u);
        u->down = false;
        sim_memory_pressure(w, u);
        if (u->placed)
            return sim_unit_go_on(w, u, e);
    }
    return u->down || !u->placed ? ALM_OK : look(w, u, e);
}

bool sim_memory_shrinks(const struct sim_world *w, const struct sim_member *u, int64_t limit)
{
    const bool bound_units = !w->o->open_loop && w->o->scope != SIM_SCOPE_INVOCATION;
    if (w->o->memory_shrink == SIM_SHRINK_ACCEPT || !bound_units || limit == ALM_NO_LIMIT)
        return true;
    double use = u->memory + u->reclaimed;
    if (by_instance(w, u)) {
        double most = 0;
        for (uint32_t job = u->service.running.first; job != SIM_NOBODY; job = w->job[job].next)
            if (w->job[job].instance != SIM_NOBODY)
                most = fmax(most, memory_of_instance(w, u, w->job[job].instance));
        use = most;
    }
    if (w->o->memory_shrink == SIM_SHRINK_RECLAIM)
        use *= 1 - w->o->reclaimable;
    return !above(limit, use);
}
