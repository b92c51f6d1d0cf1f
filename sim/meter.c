/* SPDX-License-Identifier: GPL-3.0-or-later
 * meter: what was used, wanted, wasted and withheld; samples of units and machines.
 *
 * Meaning.  As usage_unit.h: accounts are integrated exactly between changes; in open loop each sample is scored as a whole.
 *           CPU that is had later than wanted, for a limit or for others, is censored demand. A unit that serves wants what
 *           its jobs in service can use; its memory is known when the trace records any.
 * Choice.   Sensors may lose a sample (every value missing) or be noisy (a lognormal factor); accounts never are.
 * Source.   decisions 0006 (open loop), 0007 (resolution of CPU). */
#include "world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double cores_limit(const struct sim_world *w, const struct sim_member *u)
{
    double cores = (double)u->limit[ALM_CPU] / 1000;
    return w->o->scope == SIM_SCOPE_INSTANCE && u->serves && u->service.live > 1 ? cores * u->service.live : cores;
}

static double bytes_limit(const struct sim_world *w, const struct sim_member *u)
{
    double bytes = (double)u->limit[ALM_MEMORY];
    return w->o->scope == SIM_SCOPE_INSTANCE && u->serves && u->service.live > 1 ? bytes * u->service.live : bytes;
}

/* Limits that bind single invocations bind the unit nowhere. */
static bool limited(const struct sim_world *w, const struct sim_member *u, int r)
{
    return u->limit[r] != ALM_NO_LIMIT && w->o->scope != SIM_SCOPE_INVOCATION;
}

static void account_cpu(struct alm_account *a, double limit, double seconds, double demand, double used, bool down)
{
    const double over = demand - limit;
    a->seconds[ALM_CPU] += seconds;
    a->limit[ALM_CPU] += limit * seconds;
    a->slack[ALM_CPU] += fmax(0, limit * seconds - used);
    if (over > ALM_CPU_NOISE && !down) {
        a->overrun[ALM_CPU] += over * seconds;
        a->overrun_seconds[ALM_CPU] += seconds;
    }
}

static bool above(double limit, double demand, bool open_loop)
{
    if (open_loop)
        return demand > limit;
    return floor(demand / (double)ALM_PAGE) > floor(limit / (double)ALM_PAGE);
}

static void account_memory(struct alm_account *a, double limit, double seconds, double demand, double used,
                           bool open_loop)
{
    a->seconds[ALM_MEMORY] += seconds;
    a->limit[ALM_MEMORY] += limit * seconds;
    a->slack[ALM_MEMORY] += fmax(0, limit - used) * seconds;
    if (above(limit, demand, open_loop)) {
        a->overrun[ALM_MEMORY] += (demand - limit) * seconds;
        a->overrun_seconds[ALM_MEMORY] += seconds;
        a->oom_kills += open_loop;
    }
}

void sim_meter_cpu(struct sim_world *w, struct sim_member *u, double used, double ns)
{
    const double demand = u->serves ? (double)u->flow[SIM_CPU].want * 1e-9 : sim_rows_demand(w, u, ALM_CPU);
    if (isnan(demand))
        return;
    u->now.demand_ns += demand * ns;
    u->now.cpu_ns += ns;
    u->now.seen |= ALM_BIT(ALM_CPU);
    if (u->stalled & 1u << SIM_CPU && !u->down) {
        u->now.stall_ns[ALM_STALL_CPU] += ns;
        u->now.censored |= ALM_BIT(ALM_CPU);
        if (sim_flow_limit(w, u, SIM_CPU) < u->flow[SIM_CPU].want)
            u->now.throttled_ns += ns;
    }
    if (limited(w, u, ALM_CPU) && !w->o->open_loop)
        account_cpu(&u->now.account, cores_limit(w, u), ns * 1e-9, demand, used * 1e-9, u->down);
}

void sim_meter_settle(struct sim_world *w, struct sim_member *u)
{
    const double ns = (double)(w->now - u->now.since);
    u->now.since = w->now;
    if (ns == 0)
        return;
    const double demand = u->serves ? u->memory : sim_rows_demand(w, u, ALM_MEMORY);
    const bool io = u->stalled & (uint8_t) ~(1u << SIM_CPU);
    if (u->down && (u->serves || sim_rows_known(u)))
        u->now.account.down_seconds += ns * 1e-9;
    const bool covered = u->serves || sim_rows_known(u);
    if (covered && (u->down || u->slowdown < 1))
        u->now.stall_ns[ALM_STALL_MEMORY] += ns;
    if (covered && io && !u->down)
        u->now.stall_ns[ALM_STALL_IO] += ns;
    u->now.covered_ns += covered ? ns : 0;
    if (!(w->resources & ALM_BIT(ALM_MEMORY)) || isnan(demand))
        return;
    u->now.seen |= ALM_BIT(ALM_MEMORY);
    u->now.memory_peak = fmax(u->now.memory_peak, u->memory);
    u->now.memory_demand = fmax(u->now.memory_demand, demand);
    if (limited(w, u, ALM_MEMORY) && !w->o->open_loop)
        account_memory(&u->now.account, bytes_limit(w, u), ns * 1e-9, demand, u->memory, false);
}

void sim_meter_machine(struct sim_world *w, struct sim_machine *m)
{
    const double ns = (double)(w->now - m->now.since);
    m->now.since = w->now;
    m->now.memory_peak = fmax(m->now.memory_peak, fmin(m->memory, m->info.memory)); /* at most all, before a kill */
    for (int r = 0; ns > 0 && r < ALM_STALLS; r++) {
        m->now.some_ns[r] += m->stalled[r] ? ns : 0;
        m->now.full_ns[r] += m->stalled[r] && !m->moving[r] ? ns : 0;
    }
}

static int room_for_sample(struct sim_samples *s, struct alm_err *e)
{
    if (s->count < s->room)
        return ALM_OK;
    size_t room = s->room ? s->room * 2 : 1024;
    struct alm_sample *sample = realloc(s->sample, room * sizeof *sample);
    if (sample)
        s->sample = sample;
    struct alm_account *account = realloc(s->account, room * sizeof *account);
    if (account)
        s->account = account;
    if (!sample || !account)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu samples", room);
    s->room = room;
    return ALM_OK;
}

/* Open loop: the sample as a whole against the limit in force just before its stamp. */
static void score_sample(const struct sim_world *w, struct sim_member *u)
{
    struct alm_account *a = &u->now.account;
    const double cpu_seconds = u->now.cpu_ns * 1e-9, used = u->now.demand_ns * 1e-9;
    if (limited(w, u, ALM_MEMORY) && u->now.seen & ALM_BIT(ALM_MEMORY))
        account_memory(a, bytes_limit(w, u), u->now.covered_ns * 1e-9, u->now.memory_demand, u->now.memory_demand,
                       true);
    if (limited(w, u, ALM_CPU) && u->now.seen & ALM_BIT(ALM_CPU))
        account_cpu(a, cores_limit(w, u), cpu_seconds, used / cpu_seconds, used, false);
}

/* What a sensor of this quality makes of a sample. */
static void disturb(const struct sim_world *w, struct sim_member *u, struct alm_sample *s)
{
    if (w->o->sensor_loss > 0 && alm_stream_uniform(&u->sensor) < w->o->sensor_loss)
        s->missing = UINT8_MAX;
    for (int r = 0; w->o->sensor_noise > 0 && r < ALM_RESOURCES; r++)
        s->usage[r] = llrint((double)s->usage[r] * alm_law_factor(w->o->sensor_noise, alm_stream_normal(&u->sensor)));
}

static void settle_all(struct sim_world *w, struct sim_member *u)
{
    for (int c = 0; u->serves && c < SIM_CHANNELS; c++)
        sim_flow_settle(w, u, c);
    if (!u->serves)
        sim_rows_settle(w, u);
    sim_meter_settle(w, u);
}

static void fill(struct sim_world *w, struct sim_member *u, bool event, struct alm_sample *s)
{
    *s = (struct alm_sample){.at = w->now,
                             .span = (alm_time)u->now.covered_ns,
                             .unit = u->id,
                             .event = event,
                             .oom_kills = u->now.oom_kills,
                             .limit = {u->shown[0], u->shown[1]}};
    s->usage[ALM_CPU] = llrint(u->flow[SIM_CPU].used * 1e-3);
    s->usage[ALM_MEMORY] = llrint(u->now.memory_peak);
    for (int c = SIM_DISK_READ; c < SIM_CHANNELS; c++) {
        const int r = ALM_IO_READ + c - SIM_DISK_READ;
        s->usage[r] = llrint(u->flow[c].used);
        if (w->resources & ALM_BIT(r) && u->serves)
            u->now.seen |= (uint8_t)ALM_BIT(r);
    }
    s->missing = (uint8_t) ~(u->now.seen & w->resources);
    if (s->span == 0)
        s->missing |= (uint8_t)~ALM_BIT(ALM_MEMORY);
    s->censored = u->now.censored;
    s->throttled_us = llrint(u->now.throttled_ns * 1e-3);
    for (int r = 0; r < ALM_STALLS; r++)
        s->stall_us[r] = llrint(u->now.stall_ns[r] * 1e-3);
}

/* Was a resource wanting for so long that the loop is to hear of it? */
static bool stalled(const struct sim_world *w, const struct alm_sample *s)
{
    const double most = w->wake_on_stall * (double)s->span / (double)ALM_US;
    return most > 0 && ((double)s->stall_us[ALM_STALL_CPU] >= most || (double)s->stall_us[ALM_STALL_MEMORY] >= most);
}

int sim_meter_emit(struct sim_world *w, struct sim_member *u, bool event, struct alm_err *e)
{
    settle_all(w, u);
    if (!event && u->now.covered_ns == 0 && u->now.oom_kills == 0)
        return ALM_OK;
    ALM_TRY(room_for_sample(&w->out, e));
    struct alm_sample *s = &w->out.sample[w->out.count];
    struct alm_account *a = &w->out.account[w->out.count++];
    fill(w, u, event, s);
    if (w->o->open_loop)
        score_sample(w, u);
    *a = u->now.account;
    a->demand[ALM_CPU] = u->now.cpu_ns > 0 ? u->now.demand_ns / u->now.cpu_ns : NAN;
    a->demand[ALM_MEMORY] = u->now.seen & ALM_BIT(ALM_MEMORY) ? u->now.memory_demand : NAN;
    if (!w->o->open_loop)
        a->oom_kills = u->now.oom_kills;
    if (stalled(w, s) && !event) {
        u->alarmed = true;
        w->stalls++;
    }
    disturb(w, u, s);
    memset(&u->now, 0, sizeof u->now);
    u->now.begin = u->now.since = w->now;
    for (int c = 0; c < SIM_CHANNELS; c++)
        u->flow[c].used = 0;
    return ALM_OK;
}

static int emit_machine(struct sim_world *w, uint32_t id, struct alm_err *e)
{
    struct sim_machine *m = &w->machine[id];
    if (w->machine_samples == w->machine_room) {
        size_t room = w->machine_room ? w->machine_room * 2 : 256;
        struct alm_machine_sample *grown = realloc(w->machine_sample, room * sizeof *grown);
        if (!grown)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu samples of machines", room);
        w->machine_sample = grown;
        w->machine_room = room;
    }
    sim_meter_machine(w, m);
    struct alm_machine_sample *s = &w->machine_sample[w->machine_samples++];
    *s = (struct alm_machine_sample){.at = w->now,
                                     .span = w->now - m->now.begin,
                                     .machine = id,
                                     .units = m->units,
                                     .floor = {m->floor[0], m->floor[1]}};
    s->usage[ALM_CPU] = llrint(m->now.used[SIM_CPU] * 1e-3);
    s->usage[ALM_MEMORY] = llrint(m->now.memory_peak);
    for (int c = SIM_DISK_READ; c < SIM_CHANNELS; c++)
        s->usage[ALM_IO_READ + c - SIM_DISK_READ] = llrint(m->now.used[c]);
    for (int r = 0; r < ALM_STALLS; r++) {
        s->some_us[r] = llrint(m->now.some_ns[r] * 1e-3);
        s->full_us[r] = llrint(m->now.full_ns[r] * 1e-3);
    }
    memset(&m->now, 0, sizeof m->now);
    m->now.begin = m->now.since = w->now;
    m->now.memory_peak = fmin(m->memory, m->info.memory);
    return ALM_OK;
}

/* Was it there since its last sample, if only for a part of the time? */
static bool has_been(const struct sim_world *w, const struct sim_machine *m)
{
    return (m->there ? w->now : m->now.since) > m->now.begin;
}

/* Samples of all that sample at whole intervals: those that serve, everybody on a grid, and machines. */
int sim_meter_on_event(struct sim_world *w, struct alm_err *e)
{
    for (size_t i = 0; i < w->units; i++) {
        if (w->grid > 0 || w->unit[i].serves)
            ALM_TRY(sim_meter_emit(w, &w->unit[i], false, e));
        else
            settle_all(w, &w->unit[i]);
    }
    for (size_t k = 0; k < w->machines; k++)
        if (has_been(w, &w->machine[k]))
            ALM_TRY(emit_machine(w, (uint32_t)k, e));
    alm_time next = alm_time_floor(w->now, w->interval) + w->interval;
    return sim_timer_set(w, &w->sample_timer,
                         next < w->end     ? next
                         : w->now < w->end ? w->end
                                           : ALM_TIME_MAX,
                         ALM_PHASE_SAMPLE, SIM_EVENT_SAMPLE, 0, e);
}

static int append(struct sim_samples *to, const struct sim_samples *from, size_t k, struct alm_err *e)
{
    ALM_TRY(room_for_sample(to, e));
    to->sample[to->count] = from->sample[k];
    to->account[to->count++] = from->account[k];
    return ALM_OK;
}

/* Begin a wait with what the last wake kept back. */
int sim_meter_restore(struct sim_world *w, struct alm_err *e)
{
    w->out.count = 0;
    w->machine_samples = 0;
    for (size_t k = 0; k < w->held.count; k++)
        ALM_TRY(append(&w->out, &w->held, k, e));
    w->held.count = 0;
    return ALM_OK;
}

/* A wake that is about some units shows their samples alone; the others' are shown when due. */
int sim_meter_keep_back(struct sim_world *w, struct alm_err *e)
{
    size_t shown = 0;
    for (size_t k = 0; k < w->out.count; k++) {
        const struct sim_member *u = &w->unit[w->out.sample[k].unit];
        if (!u->alarmed && !u->offered) {
            ALM_TRY(append(&w->held, &w->out, k, e));
            continue;
        }
        w->out.sample[shown] = w->out.sample[k];
        w->out.account[shown++] = w->out.account[k];
    }
    w->out.count = shown;
    return ALM_OK;
}

/* Samples were taken in the order of time; a counting sort makes it unit, then time. */
int sim_meter_sort(struct sim_world *w, struct alm_err *e)
{
    bool sorted = true;
    for (size_t k = 1; k < w->out.count && sorted; k++)
        sorted = w->out.sample[k - 1].unit <= w->out.sample[k].unit;
    if (sorted)
        return ALM_OK;
    struct sim_samples to = {0};
    size_t *first = calloc(w->units + 1, sizeof *first);
    to.sample = malloc(w->out.room * sizeof *to.sample);
    to.account = malloc(w->out.room * sizeof *to.account);
    if (!first || !to.sample || !to.account) {
        free(first);
        free(to.sample);
        free(to.account);
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu samples", w->out.count);
    }
    for (size_t k = 0; k < w->out.count; k++)
        first[w->out.sample[k].unit + 1]++;
    for (size_t i = 0; i < w->units; i++)
        first[i + 1] += first[i];
    for (size_t k = 0; k < w->out.count; k++) {
        const size_t at = first[w->out.sample[k].unit]++;
        to.sample[at] = w->out.sample[k];
        to.account[at] = w->out.account[k];
    }
    free(first);
    free(w->out.sample);
    free(w->out.account);
    w->out.sample = to.sample;
    w->out.account = to.account;
    return ALM_OK;
}

void sim_meter_close(struct sim_world *w)
{
    free(w->out.sample);
    free(w->out.account);
    free(w->held.sample);
    free(w->held.account);
    free(w->machine_sample);
}
