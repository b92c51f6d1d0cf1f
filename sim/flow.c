/* SPDX-License-Identifier: GPL-3.0-or-later
 * flow: how fast things go.
 *
 * Meaning.  A flow's activities progress alike: one that began when the flow's progress was p and needs w ns alone at full
 *           speed ends when the progress is p + w. Progress runs at rate / want: at 1 when the flow has all it wants.
 *           A flow at its cap or floor has a constant rate and a timer of its own. A flow at the common level has
 *           weight * (virtual time); the ends of all such flows lie in one heap in virtual time, with one timer a channel.
 * Choice.   An activity ends at the first whole nanosecond at or after its exact end; what that is too much or too little
 *           (below one ns of its full speed) is corrected in the meter, so that use adds up to work.
 * Source.   world.h. */
#include "world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_WEIGHT 1000 /* of a unit of which neither a min nor a request is known: one core */
#define CLASS_FACTOR_BITS 4 /* a network class has 16 times the share of the one below */
#define FAR ((double)((int64_t)1 << 62))

static struct sim_channel *channel_of(struct sim_world *w, const struct sim_member *u, int channel)
{
    return u->machine == SIM_NOBODY ? NULL : &w->machine[u->machine].channel[channel];
}

static double virtual_now(const struct sim_world *w, const struct sim_channel *c)
{
    return c->virtual_time + c->level * (double)(w->now - c->since) * 1e-9;
}

static int64_t weight_of_cores(double cores)
{
    int64_t millicores = alm_millicores_up(cores);
    return millicores < 1 << 20 ? millicores : 1 << 20;
}

/* CPU by what was promised, unless that is a guarantee of its own, or asked for; the network by the best class in service. */
static int64_t weight_of(const struct sim_world *w, const struct sim_member *u, int channel)
{
    const double cores = w->info[u->id].cores;
    if (channel == SIM_CPU && u->floor[ALM_CPU] > 0 && w->o->cpu_floor == SIM_FLOOR_WEIGHT)
        return u->floor[ALM_CPU] < 1 << 20 ? u->floor[ALM_CPU] : 1 << 20;
    if (channel == SIM_CPU)
        return cores > 0 ? weight_of_cores(cores) : DEFAULT_WEIGHT;
    if (channel < SIM_NET_RX || w->o->net_classes <= 1)
        return 1;
    int class = SIM_CLASSES - 1;
    while (class > 0 && u->in_service[class] == 0)
        class --;
    if (class > w->o->net_classes - 1)
        class = (int)w->o->net_classes - 1;
    return (int64_t)1 << (CLASS_FACTOR_BITS * (class < 5 ? class : 5));
}

int64_t sim_flow_limit(const struct sim_world *w, const struct sim_member *u, int channel)
{
    int64_t most = SIM_UNBOUNDED;
    if (channel != SIM_CPU) {
        const int64_t bound[SIM_CHANNELS] = {0, w->o->disk_read, w->o->disk_write, w->o->net_rx, w->o->net_tx};
        return bound[channel] > 0 ? bound[channel] : most;
    }
    if (w->o->cores > 0 && !w->o->open_loop)
        most = llround(w->o->cores * 1e9);
    if (w->o->open_loop || w->o->scope == SIM_SCOPE_INVOCATION)
        return most;
    if (w->o->cpu_quota == SIM_QUOTA_PERIOD)
        return u->quota.active && u->quota.exhausted ? 0 : most;
    if (u->limit[ALM_CPU] == ALM_NO_LIMIT)
        return most;
    int64_t limit = u->limit[ALM_CPU] * 1000000;
    if (w->o->scope == SIM_SCOPE_INSTANCE && u->serves && u->service.live > 1)
        limit *= u->service.live;
    return limit < most ? limit : most;
}

void sim_flow_settle(struct sim_world *w, struct sim_member *u, int channel)
{
    struct sim_flow *f = &u->flow[channel];
    const double ns = (double)(w->now - f->since);
    if (ns == 0)
        return;
    double amount = f->rate * ns * 1e-9;
    if (f->at_level) {
        struct sim_channel *c = channel_of(w, u, channel);
        double v = virtual_now(w, c);
        amount = (double)weight_of(w, u, channel) * (v - f->since_virtual);
        f->since_virtual = v;
    }
    if (f->want > 0)
        f->progress += !f->at_level && f->rate == (double)f->want ? ns : amount / (double)f->want * 1e9;
    f->used += amount;
    f->since = w->now;
    if (u->machine != SIM_NOBODY)
        w->machine[u->machine].now.used[channel] += amount;
    if (channel == SIM_CPU) {
        u->quota.spent += amount;
        sim_meter_cpu(w, u, amount, ns);
    }
}

static int remember(uint32_t **list, size_t *count, size_t *room, uint32_t item, struct alm_err *e)
{
    if (*count == *room) {
        size_t more = *room ? *room * 2 : 64;
        uint32_t *grown = realloc(*list, more * sizeof *grown);
        if (!grown)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu changes at one instant", more);
        *list = grown;
        *room = more;
    }
    (*list)[(*count)++] = item;
    return ALM_OK;
}

static int remember_in_channel(struct sim_world *w, struct sim_channel *c, uint32_t channel, uint32_t flow,
                               struct alm_err *e)
{
    if (!c->dirty) {
        c->dirty = true;
        ALM_TRY(remember(&w->dirty, &w->dirties, &w->dirty_room, channel, e));
    }
    if (flow == SIM_NOBODY)
        return ALM_OK;
    size_t count = c->changes, room = c->room;
    ALM_TRY(remember(&c->changed, &count, &room, flow, e));
    c->changes = (uint32_t)count;
    c->room = (uint32_t)room;
    return ALM_OK;
}

/* CPU that a unit slowed by its memory may have: its jobs run slower; what was recorded of it has that much less room, so
 * that it is late only where its demand does not fit any more. */
static int64_t slowed(const struct sim_world *w, const struct sim_member *u, int64_t limit)
{
    const int64_t want = u->flow[SIM_CPU].want;
    if (u->serves)
        return (int64_t)((double)(want < limit ? want : limit) * u->slowdown);
    double most = limit == SIM_UNBOUNDED ? INFINITY : (double)limit;
    if (u->machine != SIM_NOBODY)
        most = fmin(most, w->machine[u->machine].info.cores * 1e9);
    return (int64_t)fmin((double)want, most * u->slowdown);
}

int sim_flow_change(struct sim_world *w, struct sim_member *u, int channel, struct alm_err *e)
{
    struct sim_flow *f = &u->flow[channel];
    const uint32_t flow = u->id * SIM_CHANNELS + (uint32_t)channel;
    int64_t limit = sim_flow_limit(w, u, channel);
    f->cap = f->want < limit ? f->want : limit;
    if (channel == SIM_CPU && u->slowdown < 1)
        f->cap = slowed(w, u, limit);
    if (f->member != SIM_NOBODY) {
        struct sim_channel *c = channel_of(w, u, channel);
        int64_t floor = 0;
        if (channel == SIM_CPU && w->o->cpu_floor == SIM_FLOOR_GUARANTEE && u->floor[ALM_CPU] > 0)
            floor = u->floor[ALM_CPU] * 1000000;
        sim_share_set(&c->share, f->member, weight_of(w, u, channel), floor, f->cap);
        ALM_TRY(
            remember_in_channel(w, c, u->machine * SIM_CHANNELS + (uint32_t)channel, f->queued ? SIM_NOBODY : flow, e));
    } else if (!f->queued) {
        ALM_TRY(remember(&w->loose, &w->looses, &w->loose_room, flow, e));
    }
    f->queued = true;
    return ALM_OK;
}

int sim_flow_begin(struct sim_world *w, struct sim_member *u, int channel, uint32_t job, double amount, double most,
                   struct alm_err *e)
{
    struct sim_flow *f = &u->flow[channel];
    sim_flow_settle(w, u, channel);
    if (f->activity.count == 0)
        f->progress = 0;
    int64_t rate = sim_whole_rate(most);
    f->want += rate;
    ALM_TRY(sim_heap_push(&f->activity, w->activity_position, f->progress + amount * (1e9 / (double)rate),
                          job * SIM_CHANNELS + (uint32_t)channel, e));
    return sim_flow_change(w, u, channel, e);
}

int sim_flow_end(struct sim_world *w, struct sim_member *u, int channel, uint32_t job, double most, double *left,
                 struct alm_err *e)
{
    struct sim_flow *f = &u->flow[channel];
    const uint32_t item = job * SIM_CHANNELS + (uint32_t)channel;
    sim_flow_settle(w, u, channel);
    int64_t rate = sim_whole_rate(most);
    double key = f->activity.entry[w->activity_position[item]].key;
    *left = fmax(0, key - f->progress) / (1e9 / (double)rate);
    sim_heap_remove(&f->activity, w->activity_position, item);
    f->want -= rate;
    return sim_flow_change(w, u, channel, e);
}

static alm_time after(const struct sim_world *w, double ns)
{
    return ns < FAR ? w->now + (alm_time)ceil(ns) : ALM_TIME_MAX;
}

/* When does the next activity of a flow end? Its regime and rate are those of the present balance. */
static int reschedule(struct sim_world *w, struct sim_member *u, int channel, struct alm_err *e)
{
    struct sim_flow *f = &u->flow[channel];
    const uint32_t flow = u->id * SIM_CHANNELS + (uint32_t)channel;
    struct sim_channel *c = channel_of(w, u, channel);
    double missing = f->activity.count ? fmax(0, f->activity.entry[0].key - f->progress) : INFINITY;
    alm_time at = ALM_TIME_MAX;
    bool in_heap = w->flow_position[flow] != SIM_HEAP_NONE;
    if (f->at_level && f->activity.count) {
        double key = c->virtual_time + missing * 1e-9 * (double)f->want / (double)weight_of(w, u, channel);
        if (in_heap)
            sim_heap_change(&c->ends, w->flow_position, key, flow);
        else
            ALM_TRY(sim_heap_push(&c->ends, w->flow_position, key, flow, e));
    } else {
        if (in_heap)
            sim_heap_remove(&c->ends, w->flow_position, flow);
        if (f->activity.count && f->rate > 0)
            at = after(w, f->rate == (double)f->want ? missing : missing * ((double)f->want / f->rate));
    }
    return sim_timer_set(w, &f->timer, at, ALM_PHASE_DEPARTURE, SIM_EVENT_FLOW, flow, e);
}

/* Which kind of stall a channel's is. */
static int stall_of(int channel)
{
    return channel == SIM_CPU ? ALM_STALL_CPU : ALM_STALL_IO;
}

static void count_stalls(struct sim_world *w, struct sim_member *u, int channel, bool stalled, bool moving)
{
    const uint8_t bit = (uint8_t)(1u << channel), group = channel == SIM_CPU ? 1u : (uint8_t)~1u;
    const uint8_t was_stalled = u->stalled & group, was_moving = u->moving & group;
    uint8_t now_stalled = (uint8_t)((u->stalled & ~bit) | (stalled ? bit : 0));
    uint8_t now_moving = (uint8_t)((u->moving & ~bit) | (moving ? bit : 0));
    if (now_stalled == u->stalled && now_moving == u->moving)
        return;
    if (channel != SIM_CPU)
        sim_meter_settle(w, u);
    if (u->machine != SIM_NOBODY) {
        struct sim_machine *m = &w->machine[u->machine];
        sim_meter_machine(w, m);
        m->stalled[stall_of(channel)] += (uint32_t)((now_stalled & group) != 0) - (uint32_t)(was_stalled != 0);
        m->moving[stall_of(channel)] += (uint32_t)((now_moving & group) != 0) - (uint32_t)(was_moving != 0);
    }
    u->stalled = now_stalled;
    u->moving = now_moving;
}

/* The flow as the balance left it. */
static int take_regime(struct sim_world *w, uint32_t flow, struct alm_err *e)
{
    const int channel = (int)(flow % SIM_CHANNELS);
    struct sim_member *u = &w->unit[flow / SIM_CHANNELS];
    struct sim_flow *f = &u->flow[channel];
    struct sim_channel *c = channel_of(w, u, channel);
    f->queued = false;
    if (c && f->member != SIM_NOBODY) {
        bool level = sim_share_regime(&c->share, f->member) == SIM_AT_LEVEL;
        if (level && !f->at_level)
            f->since_virtual = c->virtual_time;
        f->at_level = level;
        f->rate = sim_share_rate(&c->share, f->member);
    } else {
        f->at_level = false;
        f->rate = w->machines && !c ? 0 : (double)f->cap;
    }
    count_stalls(w, u, channel, f->want > 0 && f->rate<(double)f->want, f->rate> 0);
    if (channel == SIM_CPU && w->o->cpu_quota == SIM_QUOTA_PERIOD)
        ALM_TRY(sim_quota_change(w, u, e)); /* moves a timer, no more */
    ALM_TRY(sim_backlog_on_rate(w, u, channel, e));
    return reschedule(w, u, channel, e);
}

static int schedule_channel(struct sim_world *w, struct sim_channel *c, uint32_t id, struct alm_err *e)
{
    alm_time at = ALM_TIME_MAX;
    if (c->ends.count && c->level > 0)
        at = after(w, fmax(0, c->ends.entry[0].key - c->virtual_time) / c->level * 1e9);
    return sim_timer_set(w, &c->timer, at, ALM_PHASE_DEPARTURE, SIM_EVENT_CHANNEL, id, e);
}

static int balance_channel(struct sim_world *w, uint32_t id, struct alm_err *e)
{
    struct sim_channel *c = &w->machine[id / SIM_CHANNELS].channel[id % SIM_CHANNELS];
    const uint32_t *moved;
    c->virtual_time = virtual_now(w, c);
    c->since = w->now;
    size_t n = sim_share_balance(&c->share, &moved);
    for (size_t k = 0; k < n; k++) {
        const uint32_t flow = c->flow_of[moved[k]];
        struct sim_member *u = &w->unit[flow / SIM_CHANNELS];
        struct sim_flow *f = &u->flow[flow % SIM_CHANNELS];
        sim_flow_settle(w, u, (int)(flow % SIM_CHANNELS));
        if (!f->queued) {
            ALM_TRY(remember_in_channel(w, c, id, flow, e));
            f->queued = true;
        }
    }
    double level = sim_share_level(&c->share);
    c->level = isfinite(level) ? level : 0;
    ALM_TRY(sim_backlog_on_level(w, id, c->level, e));
    for (uint32_t k = 0; k < c->changes; k++)
        ALM_TRY(take_regime(w, c->changed[k], e));
    c->changes = 0;
    c->dirty = false;
    if (w->o->check)
        ALM_TRY(sim_share_verify(&c->share, e));
    return schedule_channel(w, c, id, e);
}

int sim_balance(struct sim_world *w, struct alm_err *e)
{
    for (size_t k = 0; k < w->looses; k++)
        ALM_TRY(take_regime(w, w->loose[k], e));
    w->looses = 0;
    for (size_t k = 0; k < w->dirties; k++)
        ALM_TRY(balance_channel(w, w->dirty[k], e));
    w->dirties = 0;
    return ALM_OK;
}

/* End the activities of a settled flow that are done, in the order of their ends. */
static int end_activities(struct sim_world *w, struct sim_member *u, int channel, struct alm_err *e)
{
    struct sim_flow *f = &u->flow[channel];
    while (f->activity.count && f->activity.entry[0].key - f->progress < 1) {
        struct sim_heap_entry top = f->activity.entry[0];
        const uint32_t job = top.item / SIM_CHANNELS;
        sim_heap_remove(&f->activity, w->activity_position, top.item);
        ALM_TRY(sim_job_activity_done(w, job, channel, top.key - f->progress, e));
    }
    return sim_flow_change(w, u, channel, e);
}

int sim_flow_on_event(struct sim_world *w, uint64_t flow, struct alm_err *e)
{
    struct sim_member *u = &w->unit[flow / SIM_CHANNELS];
    sim_flow_settle(w, u, (int)(flow % SIM_CHANNELS));
    return end_activities(w, u, (int)(flow % SIM_CHANNELS), e);
}

int sim_flow_on_channel(struct sim_world *w, uint64_t channel, struct alm_err *e)
{
    struct sim_channel *c = &w->machine[channel / SIM_CHANNELS].channel[channel % SIM_CHANNELS];
    double v = virtual_now(w, c);
    bool any = false;
    while (c->ends.count && (c->ends.entry[0].key <= v || !any)) {
        const uint32_t flow = c->ends.entry[0].item;
        sim_heap_remove(&c->ends, w->flow_position, flow);
        any = true;
        ALM_TRY(sim_flow_on_event(w, flow, e));
    }
    return ALM_OK;
}

int sim_flow_attach(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    for (int k = 0; k < SIM_CHANNELS; k++) {
        struct sim_flow *f = &u->flow[k];
        struct sim_channel *c = channel_of(w, u, k);
        sim_flow_settle(w, u, k);
        ALM_TRY(sim_share_join(&c->share, &f->member, e));
        if (f->member >= c->members) {
            uint32_t members = f->member < 8 ? 16 : f->member * 2;
            uint32_t *flow_of = realloc(c->flow_of, members * sizeof *flow_of);
            if (!flow_of)
                return alm_fail(e, ALM_ENOMEM, "out of memory for %u units on one machine", members);
            c->flow_of = flow_of;
            c->members = members;
        }
        c->flow_of[f->member] = u->id * SIM_CHANNELS + (uint32_t)k;
        f->at_level = false;
        f->rate = 0;
        f->queued = false;                  /* among those on no machine it stays too, which does no harm */
        u->stalled &= (uint8_t) ~(1u << k); /* what it was short of on no machine, no machine counted */
        u->moving &= (uint8_t) ~(1u << k);
        ALM_TRY(sim_flow_change(w, u, k, e));
    }
    return ALM_OK;
}

static void forget(struct sim_channel *c, uint32_t flow)
{
    uint32_t kept = 0;
    for (uint32_t k = 0; k < c->changes; k++)
        if (c->changed[k] != flow)
            c->changed[kept++] = c->changed[k];
    c->changes = kept;
}

int sim_flow_detach(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    for (int k = 0; k < SIM_CHANNELS; k++) {
        struct sim_flow *f = &u->flow[k];
        struct sim_channel *c = channel_of(w, u, k);
        const uint32_t flow = u->id * SIM_CHANNELS + (uint32_t)k;
        sim_flow_settle(w, u, k);
        count_stalls(w, u, k, false, false); /* on this machine no more */
        if (w->flow_position[flow] != SIM_HEAP_NONE)
            sim_heap_remove(&c->ends, w->flow_position, flow);
        sim_share_leave(&c->share, f->member);
        ALM_TRY(remember_in_channel(w, c, u->machine * SIM_CHANNELS + (uint32_t)k, SIM_NOBODY, e));
        if (f->queued)
            forget(c, flow);
        f->queued = false;
        f->member = SIM_NOBODY;
        f->at_level = false;
        f->rate = 0;
    }
    return ALM_OK;
}

void sim_channel_fini(struct sim_channel *c)
{
    sim_share_fini(&c->share);
    sim_heap_fini(&c->ends);
    free(c->flow_of);
    free(c->changed);
}
