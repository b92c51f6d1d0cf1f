/* SPDX-License-Identifier: GPL-3.0-or-later
 * demand: units that replay recorded usage among others.
 *
 * Meaning.  A row's CPU, bytes read, written, received and sent are a fluid: each flow wants the row's mean rate. What it
 *           does not get is behind (backlog.c). Where no row is in force, or one without that value, nothing is known: the
 *           unit wants nothing, what it was behind with stays. A unit that was killed loses what it was behind with, and what
 *           it would have wanted while down; one that is on no machine is not served, and that is lost too; one
 *           that was refused asks again with each row.
 *           A unit is placed when its first row begins and leaves with its last. In open loop limits do not act, machines do.
 * Choice.   A row's memory is in use from its begin on, but only once all that happens at that instant has happened and the
 *           loop has decided: a limit decided at t faces the demand after t.
 *           What a flow had is corrected by what its rate as a whole number was off (below 1e-9 cores or 1 byte a second).
 * Limits.   Memory of a row that does not tell it counts as none. Rows are constant: bursts within one are not seen.
 * Source.   usage_unit.h, with which a unit that is alone agrees. */
#include "world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EVERYTHING 1000000000000000 /* amount a second */

static int resource_of(int channel)
{
    return channel == SIM_CPU ? ALM_CPU : ALM_IO_READ + channel - SIM_DISK_READ;
}

static double speed_of(const struct sim_world *w, const struct sim_member *u)
{
    return u->machine == SIM_NOBODY ? 1 : w->machine[u->machine].info.speed;
}

int sim_rows_open(struct sim_world *w, struct alm_err *e)
{
    ALM_TRY(sim_row_buffer_open(&w->rows, w->demand, e));
    return sim_backlog_open(w, e);
}

void sim_rows_close(struct sim_world *w)
{
    sim_row_buffer_close(&w->rows);
    sim_backlog_close(w);
    free(w->due);
}

bool sim_rows_known(const struct sim_member *u)
{
    return u->rows.known;
}

static size_t row_of(const struct sim_world *w, const struct sim_member *u)
{
    return sim_row_index(&w->rows, u->id, &u->rows.cursor);
}

double sim_rows_demand(const struct sim_world *w, const struct sim_member *u, int resource)
{
    if (!u->rows.known || !w->rows.value[resource] || (resource >= ALM_IO_READ && u->down))
        return NAN;
    const size_t k = row_of(w, u);
    const double value = w->rows.value[resource][k];
    return resource < ALM_IO_READ ? value : value / alm_seconds(w->rows.span[k]);
}

/* -- what came of a stretch of time */

/* The unit used AMOUNT more than its flow says, and its machine gave it. */
static void correct(struct sim_world *w, struct sim_member *u, int channel, double amount)
{
    u->flow[channel].used += amount;
    if (u->machine != SIM_NOBODY)
        w->machine[u->machine].now.used[channel] += amount;
}

static void settle(struct sim_world *w, struct sim_member *u, int channel)
{
    struct sim_rows *r = &u->rows;
    struct sim_flow *f = &u->flow[channel];
    const double speed = channel == SIM_CPU ? r->speed : 1, seconds = alm_seconds(w->now - r->since);
    sim_flow_settle(w, u, channel);
    const double had = f->progress * 1e-9 * (double)f->want * speed;
    f->progress = 0;
    if (!r->served || seconds == 0)
        return;
    const double missing = r->demand[channel] * seconds - had;
    if (r->free & 1u << channel) { /* it did at once what it was behind with */
        correct(w, u, channel, r->backlog[channel] / speed);
        r->backlog[channel] = 0;
    }
    if (!(r->behind & 1u << channel) && fabs(missing) <= sim_backlog_noise(channel) * seconds)
        correct(w, u, channel, missing / speed);
    else if (sim_backlog_carried(w, channel))
        correct(w, u, channel, -sim_backlog_add(u, channel, missing) / speed);
}

void sim_rows_settle(struct sim_world *w, struct sim_member *u)
{
    for (int c = 0; c < SIM_CHANNELS; c++)
        if (w->rows.value[resource_of(c)])
            settle(w, u, c);
        else
            sim_flow_settle(w, u, c);
    if (w->now > u->rows.since)
        u->now.seen |= u->rows.told;
    u->rows.since = w->now;
}

/* -- what is wanted from now on */

static bool bounded(const struct sim_world *w, const struct sim_member *u, int channel)
{
    if (sim_flow_limit(w, u, channel) != SIM_UNBOUNDED || (channel == SIM_CPU && u->slowdown < 1))
        return true;
    if (channel == SIM_CPU && w->o->cpu_quota == SIM_QUOTA_PERIOD && u->limit[ALM_CPU] != ALM_NO_LIMIT)
        return true;
    if (u->machine == SIM_NOBODY)
        return false;
    const struct alm_machine *m = &w->machine[u->machine].info;
    return isfinite(channel == SIM_CPU ? m->cores : m->bandwidth[resource_of(channel)]);
}

/* The backlog that CPU may have: what the unit's limit, or else its machine, does in a time. */
static double most_behind(const struct sim_world *w, const struct sim_member *u, double speed)
{
    if (w->o->backlog_limit == 0)
        return 0;
    double cores = w->o->cores > 0 ? w->o->cores : INFINITY;
    if (u->limit[ALM_CPU] != ALM_NO_LIMIT && w->o->scope != SIM_SCOPE_INVOCATION)
        cores = fmin(cores, (double)u->limit[ALM_CPU] / 1000);
    if (u->machine != SIM_NOBODY)
        cores = fmin(cores, w->machine[u->machine].info.cores);
    return cores * speed * (double)w->o->backlog_limit;
}

static int64_t rate_wanted(struct sim_world *w, struct sim_member *u, int channel, double speed)
{
    struct sim_rows *r = &u->rows;
    const uint8_t bit = (uint8_t)(1u << channel);
    const double want = fmin(r->demand[channel] / speed, EVERYTHING);
    const int64_t limit = sim_flow_limit(w, u, channel);
    if (r->behind & bit)
        return EVERYTHING;
    if (want <= (double)limit)
        return llround(want);
    if (want <= (double)limit + sim_backlog_noise(channel))
        return limit;
    if (!sim_backlog_carried(w, channel))
        return llround(want);
    r->behind |= bit;
    return EVERYTHING;
}

static int want(struct sim_world *w, struct sim_member *u, int channel, struct alm_err *e)
{
    struct sim_rows *r = &u->rows;
    struct sim_flow *f = &u->flow[channel];
    const uint8_t bit = (uint8_t)(1u << channel);
    const double demand = sim_rows_demand(w, u, resource_of(channel)), speed = channel == SIM_CPU ? r->speed : 1;
    const bool known = !isnan(demand) && !u->down;
    const uint8_t told = (uint8_t)ALM_BIT(resource_of(channel));
    r->told = (uint8_t)(known ? r->told | told : r->told & ~told);
    r->demand[channel] = !known ? 0 : channel == SIM_CPU ? demand * 1e9 : demand;
    const bool free = known && r->served && !bounded(w, u, channel);
    r->free = (uint8_t)(free ? r->free | bit : r->free & ~bit);
    if (r->backlog[channel] > 0 && !free)
        r->behind |= bit;
    else if (free || f->want == EVERYTHING) /* else it has only now turned out that it is behind */
        r->behind = (uint8_t)(r->behind & ~bit);
    f->want = known ? rate_wanted(w, u, channel, speed) : 0;
    if (f->want < EVERYTHING)
        sim_backlog_unwatch(w, u->id * SIM_CHANNELS + (uint32_t)channel);
    r->look[channel] = ALM_TIME_MAX;
    return sim_flow_change(w, u, channel, e);
}

static int footprint_due(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    if (!w->rows.value[ALM_MEMORY] || u->rows.due)
        return ALM_OK;
    if (w->dues == w->due_room) {
        size_t room = w->due_room ? w->due_room * 2 : 64;
        uint32_t *due = realloc(w->due, room * sizeof *due);
        if (!due)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", room);
        w->due = due;
        w->due_room = room;
    }
    u->rows.due = true;
    w->due[w->dues++] = u->id;
    return ALM_OK;
}

/* Everything of the row in force, after a settlement. */
static int apply(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_rows *r = &u->rows;
    const bool killed = u->down && !r->down && u->machine == r->machine;
    r->speed = speed_of(w, u);
    r->most = most_behind(w, u, r->speed);
    r->served = u->placed && !u->down;
    r->down = u->down;
    r->machine = u->machine;
    if (killed) {
        memset(r->backlog, 0, sizeof r->backlog);
        r->behind = 0;
    }
    for (int c = 0; c < SIM_CHANNELS; c++)
        if (w->rows.value[resource_of(c)])
            ALM_TRY(want(w, u, c, e));
    return sim_rows_schedule(w, u, e);
}

int sim_rows_schedule(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    const struct sim_rows *r = &u->rows;
    alm_time at = ALM_TIME_MAX;
    if (!r->over) {
        const size_t k = row_of(w, u);
        at = w->rows.at[k] - (r->known ? 0 : w->rows.span[k]);
    }
    for (int c = 0; c < SIM_CHANNELS; c++)
        at = r->behind & 1u << c && r->look[c] < at ? r->look[c] : at;
    return sim_timer_set(w, &u->row_timer, at > w->now ? at : w->now, ALM_PHASE_ARRIVAL, SIM_EVENT_ROW, u->id, e);
}

int sim_rows_change(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    if (u->serves)
        return ALM_OK;
    sim_rows_settle(w, u);
    sim_meter_settle(w, u);
    ALM_TRY(footprint_due(w, u, e));
    return apply(w, u, e);
}

/* -- rows come and go */

static int end_row(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    bool any;
    if (w->grid == 0)
        ALM_TRY(sim_meter_emit(w, u, false, e));
    u->rows.known = false;
    ALM_TRY(sim_row_buffer_next(&w->rows, u->id, &u->rows.cursor, &any, e));
    u->rows.over = !any;
    return footprint_due(w, u, e);
}

static int begin_row(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    u->rows.known = true;
    if (!u->placed && !u->waiting)
        ALM_TRY(sim_place(w, u, e));
    return footprint_due(w, u, e);
}

static int leave(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    u->rows.behind = 0;
    memset(u->rows.backlog, 0, sizeof u->rows.backlog);
    ALM_TRY(apply(w, u, e));
    if (u->memory > 0)
        ALM_TRY(sim_memory_change(w, u, 0, e));
    return sim_unplace(w, u, e);
}

int sim_rows_begin(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_rows *r = &u->rows;
    bool any;
    r->cursor = sim_row_cursor(&w->rows, u->id);
    r->since = w->now;
    r->speed = 1;
    r->machine = SIM_NOBODY;
    for (int c = 0; c < SIM_CHANNELS; c++)
        r->look[c] = ALM_TIME_MAX;
    ALM_TRY(sim_row_buffer_next(&w->rows, u->id, &r->cursor, &any, e));
    r->over = !any;
    return any ? sim_rows_schedule(w, u, e) : ALM_OK;
}

int sim_rows_on_event(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_rows *r = &u->rows;
    const bool was_known = r->known;
    sim_rows_settle(w, u);
    sim_meter_settle(w, u);
    if (r->known && w->now >= w->rows.at[row_of(w, u)])
        ALM_TRY(end_row(w, u, e));
    if (was_known && r->over)
        return leave(w, u, e);
    if (!r->known && !r->over && w->now >= w->rows.at[row_of(w, u)] - w->rows.span[row_of(w, u)])
        ALM_TRY(begin_row(w, u, e));
    return apply(w, u, e);
}

int sim_rows_footprints(struct sim_world *w, struct alm_err *e)
{
    for (size_t k = 0; k < w->dues; k++) {
        struct sim_member *u = &w->unit[w->due[k]];
        u->rows.due = false;
        const double demand = sim_rows_demand(w, u, ALM_MEMORY);
        const double bytes = u->placed && !u->down && demand > 0 ? demand : 0;
        ALM_TRY(sim_memory_change(w, u, bytes, e));
        if (u->placed && !u->down)
            ALM_TRY(sim_memory_on_restart(w, u, e)); /* looks at all, as the limit may be another */
    }
    w->dues = 0;
    return ALM_OK;
}
