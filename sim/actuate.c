/* SPDX-License-Identifier: GPL-3.0-or-later
 * actuate: limits, from the decision to their effect.
 *
 * Meaning.  A decision is rounded as the kernel rounds, may be refused by chance, may take actuation_delay, and its memory
 *           limit may be refused when it is below what is in use (memory_shrink). Its floor takes effect with it; that of a
 *           refused limit does not. What is refused when it takes effect late is not reported: the samples show it.
 *           Scope invocation: a decision is for what starts from then on; what runs keeps what it started with.
 * Choice.   Limits are set at once, so that what starts at the same instant starts under them; kills and placements that follow
 *           are events of the same instant. The chance of a refusal is a function of seed, unit and time: policies that decide
 *           at the same instant meet the same luck, whatever they decided before.
 * Source.   almanac/platform.h (timing), almanac/resource.h (rounding). */
#include "world.h"

#include <stdlib.h>
#include <string.h>

static bool refused(const struct sim_world *w, uint32_t unit)
{
    if (!(w->o->actuation_refusal > 0))
        return false;
    struct alm_stream luck = alm_stream_open(w->seed, unit, "refusal");
    luck.next = (uint64_t)w->now;
    return alm_stream_uniform(&luck) < w->o->actuation_refusal;
}

static bool same(const struct sim_member *u, const struct sim_delayed *l)
{
    return memcmp(u->limit, l->limit, sizeof l->limit) == 0 && memcmp(u->shown, l->shown, sizeof l->shown) == 0 &&
           memcmp(u->floor, l->floor, sizeof l->floor) == 0;
}

/* Let L take effect now. STATE[ALM_MEMORY] says whether its memory limit was refused. */
static int take_effect(struct sim_world *w, struct sim_delayed *l, uint8_t state[2], struct alm_err *e)
{
    struct sim_member *u = &w->unit[l->unit];
    if (!sim_memory_shrinks(w, u, l->limit[ALM_MEMORY])) {
        state[ALM_MEMORY] = ALM_REFUSED;
        l->limit[ALM_MEMORY] = u->limit[ALM_MEMORY];
        l->shown[ALM_MEMORY] = u->shown[ALM_MEMORY];
        l->floor[ALM_MEMORY] = u->floor[ALM_MEMORY];
    }
    if (same(u, l))
        return ALM_OK;
    if (u->serves)
        sim_flow_settle(w, u, SIM_CPU);
    else
        sim_rows_settle(w, u);
    sim_meter_settle(w, u);
    memcpy(u->limit, l->limit, sizeof u->limit);
    memcpy(u->shown, l->shown, sizeof u->shown);
    ALM_TRY(sim_floor_change(w, u, l->floor, e));
    if (w->o->open_loop)
        return ALM_OK;
    ALM_TRY(sim_flow_change(w, u, SIM_CPU, e));
    ALM_TRY(sim_memory_on_limit(w, u, e));
    return sim_rows_change(w, u, e);
}

static int make_room(struct sim_world *w, struct alm_err *e)
{
    if (w->delayed_count < w->delayed_room)
        return ALM_OK;
    const size_t room = w->delayed_room ? w->delayed_room * 2 : 256;
    struct sim_delayed *delayed = realloc(w->delayed, room * sizeof *delayed);
    if (delayed)
        w->delayed = delayed;
    uint32_t *idle = realloc(w->delayed_idle, room * sizeof *idle);
    if (idle)
        w->delayed_idle = idle;
    if (!delayed || !idle)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu delayed limits", room);
    for (size_t k = w->delayed_room; k < room; k++)
        idle[k] = (uint32_t)k;
    w->delayed_room = room;
    return ALM_OK;
}

static int delay(struct sim_world *w, const struct sim_delayed *l, struct alm_err *e)
{
    ALM_TRY(make_room(w, e));
    const uint32_t slot = w->delayed_idle[w->delayed_count];
    w->delayed[slot] = *l;
    ALM_TRY(sim_post(w, w->now + w->o->actuation_delay, ALM_PHASE_DECISION, SIM_EVENT_LIMIT, slot, e));
    w->delayed_count++;
    return ALM_OK;
}

int sim_actuate(struct sim_world *w, const struct alm_decision *d, struct alm_applied *out, struct alm_err *e)
{
    struct sim_member *u = &w->unit[d->unit];
    *out = (struct alm_applied){.state = {ALM_REFUSED, ALM_REFUSED}, .limit = {u->shown[0], u->shown[1]}};
    if (refused(w, d->unit))
        return ALM_OK;
    struct sim_delayed l = {.unit = d->unit,
                            .limit = {d->limit[ALM_CPU], d->limit[ALM_MEMORY]},
                            .shown = {alm_kernel_millicores(d->limit[ALM_CPU]), alm_kernel_bytes(d->limit[ALM_MEMORY])},
                            .floor = {d->floor[ALM_CPU], d->floor[ALM_MEMORY]}};
    if (!w->o->open_loop)
        memcpy(l.limit, l.shown, sizeof l.limit);
    const bool delayed = w->o->actuation_delay > 0;
    out->state[ALM_CPU] = out->state[ALM_MEMORY] = delayed ? ALM_DELAYED : ALM_APPLIED;
    ALM_TRY(delayed ? delay(w, &l, e) : take_effect(w, &l, out->state, e));
    out->limit[ALM_CPU] = l.shown[ALM_CPU];
    out->limit[ALM_MEMORY] = l.shown[ALM_MEMORY];
    return ALM_OK;
}

int sim_actuate_on_event(struct sim_world *w, uint64_t slot, struct alm_err *e)
{
    struct sim_delayed l = w->delayed[slot];
    uint8_t state[2] = {ALM_APPLIED, ALM_APPLIED};
    w->delayed_idle[--w->delayed_count] = (uint32_t)slot;
    return take_effect(w, &l, state, e);
}
