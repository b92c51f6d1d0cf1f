/* SPDX-License-Identifier: GPL-3.0-or-later
 * placement: which unit is on which machine.
 *
 * Meaning.  A unit promises itself its min: the floor that was decided for it, else what it requested, else nothing; a floor
 *           of 0 says nothing. It fits where the promises together stay within overcommit times the capacity, of CPU and of
 *           memory. Among machines where it fits:
 *             first-fit    the one with the smallest number
 *             best-fit     the one that is left with the least room, by the scarcer of CPU and memory, as a share
 *             worst-fit    the one that is left with the most; of equal ones that with the fewest units
 *             round-robin  the next after the one that was taken last
 *           A unit that fits nowhere waits, first come first served but for those that do not fit where room appears; or it
 *           is refused. A machine that drains takes nobody; its units are moved, in the order in which they came to it, or
 *           stay to their end. What is moved loses nothing: its jobs are interrupted and go on elsewhere after move_delay,
 *           its memory is on neither machine meanwhile. Where it fits nowhere it waits, even if new units would be refused.
 * Choice.   A waiting unit fitted nowhere when it was last looked at, so it is held only against machines that have more room
 *           since, unless it promises less. Those that wait are looked at once for all that happens at an instant, in the
 *           order in which they came: not who gave room first, nor who promised less first, decides. Ties: the smaller number.
 * Limits.   When a floor grows beyond what its machine can promise nobody is moved; the machine takes nobody until the sum
 *           fits again. Choosing looks at all machines: 48 bytes of each.
 * Source.   Coffman, Garey, Johnson, Approximation algorithms for bin packing (1997): the rules; Kubernetes: placement by
 *           request, cordon and drain. */
#include "world.h"

#include <math.h>

static const int promised[] = {ALM_CPU, ALM_MEMORY};
#define PROMISED (sizeof promised / sizeof *promised)

int64_t sim_promise(const struct sim_world *w, const struct sim_member *u, int r)
{
    if (u->floor[r] > 0)
        return u->floor[r];
    return r == ALM_CPU ? alm_millicores_up(w->info[u->id].cores) : alm_bytes_up(w->info[u->id].memory);
}

struct need {
    int64_t of[2];
    bool grown_only; /* elsewhere it does not fit */
};

static struct need need_of(const struct sim_world *w, const struct sim_member *u)
{
    return (struct need){{[ALM_CPU] = sim_promise(w, u, ALM_CPU), [ALM_MEMORY] = sim_promise(w, u, ALM_MEMORY)},
                         u->waiting && !u->shrunk};
}

static bool fits(const struct sim_world *w, const struct sim_room *room, struct need need)
{
    return room->open && (room->grown || !need.grown_only) && w->now < room->until &&
           need.of[ALM_CPU] <= room->left[ALM_CPU] && need.of[ALM_MEMORY] <= room->left[ALM_MEMORY];
}

/* The share of ROOM that is left after NEED, of the scarcer resource. */
static double left_after(const struct sim_room *room, struct need need)
{
    double least = 1;
    for (size_t k = 0; k < PROMISED; k++) {
        const int r = promised[k];
        if (room->whole[r] == SIM_UNBOUNDED || room->whole[r] == 0)
            continue;
        least = fmin(least, (double)(room->left[r] - need.of[r]) / (double)room->whole[r]);
    }
    return least;
}

static uint32_t first_from(const struct sim_world *w, struct need need, size_t from)
{
    for (size_t n = 0; n < w->machines; n++) {
        const size_t k = from + n < w->machines ? from + n : from + n - w->machines;
        if (fits(w, &w->room[k], need))
            return (uint32_t)k;
    }
    return SIM_NOBODY;
}

/* Where rooms are equal worst-fit goes by the number of units, so that those that promise nothing are spread too. */
static bool emptier(const struct sim_world *w, size_t machine, uint32_t than, double sign)
{
    return sign < 0 && w->machine[machine].units < w->machine[than].units;
}

/* The machine that is left with the least room; with the most when SIGN is -1. */
static uint32_t fullest(const struct sim_world *w, struct need need, double sign)
{
    uint32_t found = SIM_NOBODY;
    double least = INFINITY;
    for (size_t k = 0; k < w->machines; k++) {
        if (!fits(w, &w->room[k], need))
            continue;
        const double left = sign * left_after(&w->room[k], need);
        if (found != SIM_NOBODY && (left > least || (left == least && !emptier(w, k, found, sign))))
            continue;
        found = (uint32_t)k;
        least = left;
    }
    return found;
}

static uint32_t choose(const struct sim_world *w, const struct sim_member *u)
{
    const struct need need = need_of(w, u);
    switch ((enum sim_placement)w->o->placement) {
    case SIM_BEST_FIT:
        return fullest(w, need, 1);
    case SIM_WORST_FIT:
        return fullest(w, need, -1);
    case SIM_ROUND_ROBIN:
        return first_from(w, need, w->round_robin < w->machines ? w->round_robin : 0);
    default:
        return first_from(w, need, 0);
    }
}

static void count_promise(struct sim_world *w, const struct sim_member *u, int sign)
{
    struct sim_machine *m = &w->machine[u->machine];
    struct sim_room *room = &w->room[u->machine];
    for (size_t k = 0; k < PROMISED; k++) {
        const int r = promised[k];
        const int64_t amount = sign * sim_promise(w, u, r);
        m->floor[r] += amount;
        if (room->whole[r] != SIM_UNBOUNDED)
            room->left[r] -= amount;
    }
}

static void count_stall(struct sim_machine *m, const struct sim_member *u, int sign)
{
    m->stalled[ALM_STALL_MEMORY] += (uint32_t)(sign * u->memory_stalled);
    m->moving[ALM_STALL_MEMORY] += (uint32_t)(sign * u->memory_moving);
}

static void link_here(struct sim_world *w, struct sim_machine *m, struct sim_member *u)
{
    u->next_here = SIM_NOBODY;
    u->previous_here = m->last_unit;
    if (m->last_unit != SIM_NOBODY)
        w->unit[m->last_unit].next_here = u->id;
    else
        m->first_unit = u->id;
    m->last_unit = u->id;
    m->units++;
}

static void unlink_here(struct sim_world *w, struct sim_machine *m, struct sim_member *u)
{
    if (u->previous_here != SIM_NOBODY)
        w->unit[u->previous_here].next_here = u->next_here;
    else
        m->first_unit = u->next_here;
    if (u->next_here != SIM_NOBODY)
        w->unit[u->next_here].previous_here = u->previous_here;
    else
        m->last_unit = u->previous_here;
    m->units--;
}

static int put_on(struct sim_world *w, struct sim_member *u, uint32_t machine, struct alm_err *e)
{
    struct sim_machine *m = &w->machine[machine];
    sim_meter_settle(w, u);
    sim_meter_machine(w, m);
    u->machine = machine;
    u->placed = true;
    u->waiting = false;
    w->round_robin = machine + 1;
    link_here(w, m, u);
    count_promise(w, u, 1);
    count_stall(m, u, 1);
    m->memory += u->memory;
    ALM_TRY(sim_flow_attach(w, u, e));
    return u->memory > 0 ? sim_memory_on_limit(w, u, e) : ALM_OK;
}

static int take_off(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    struct sim_machine *m = &w->machine[u->machine];
    ALM_TRY(sim_flow_detach(w, u, e));
    sim_meter_settle(w, u);
    sim_meter_machine(w, m);
    unlink_here(w, m, u);
    count_promise(w, u, -1);
    count_stall(m, u, -1);
    m->memory = m->units ? m->memory - u->memory : 0;
    if (m->draining && m->units == 0)
        m->there = false;
    u->machine = SIM_NOBODY;
    u->placed = false;
    return ALM_OK;
}

static void wait_for_room(struct sim_world *w, struct sim_member *u)
{
    u->waiting = true;
    w->next_unit[u->id] = SIM_NOBODY;
    if (w->unplaced.count++ == 0)
        w->unplaced.first = u->id;
    else
        w->next_unit[w->unplaced.last] = u->id;
    w->unplaced.last = u->id;
}

/* Take U, who waits, out of the list; PREVIOUS stands before it, SIM_NOBODY: nobody. */
static void stop_waiting(struct sim_world *w, struct sim_member *u, uint32_t previous)
{
    const uint32_t next = w->next_unit[u->id];
    if (previous == SIM_NOBODY)
        w->unplaced.first = next;
    else
        w->next_unit[previous] = next;
    if (next == SIM_NOBODY)
        w->unplaced.last = previous;
    w->unplaced.count--;
    u->waiting = false;
}

static void give_up_waiting(struct sim_world *w, struct sim_member *u)
{
    uint32_t previous = SIM_NOBODY, k = w->unplaced.first;
    for (; k != u->id; k = w->next_unit[k])
        previous = k;
    stop_waiting(w, u, previous);
}

/* Work goes on where it was interrupted, as far as the unit stays up. */
static int resume_halted(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    while (u->halted.count && !u->down) {
        const uint32_t job = u->halted.first;
        u->halted.first = w->job[job].next;
        u->halted.count--;
        ALM_TRY(sim_job_resume(w, job, e));
    }
    return ALM_OK;
}

int sim_unit_go_on(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    if (!u->serves)
        return sim_rows_change(w, u, e);
    ALM_TRY(resume_halted(w, u, e));
    return sim_service_dispatch(w, u, e);
}

/* A unit that has got a machine after it waited, or was moved. */
static int begin_here(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    if (!u->moved)
        return sim_unit_go_on(w, u, e);
    const alm_time until = w->now + w->o->move_delay;
    if (!u->down || u->down_until < until)
        u->down_until = until;
    u->moved = false;
    sim_flow_settle(w, u, SIM_CPU);
    sim_meter_settle(w, u);
    u->down = u->down_until > w->now;
    sim_memory_pressure(w, u);
    if (!u->down)
        return sim_unit_go_on(w, u, e);
    if (!u->serves)
        ALM_TRY(sim_rows_change(w, u, e));
    return sim_post(w, u->down_until, ALM_PHASE_DECISION, SIM_EVENT_RESTART, u->id, e);
}

/* Those that wait, in their order. First all that fit get their places, then they begin: what they do may change the list. */
static int try_waiting(struct sim_world *w, struct alm_err *e)
{
    uint32_t first = SIM_NOBODY, last = SIM_NOBODY, previous = SIM_NOBODY;
    for (uint32_t k = w->unplaced.first, next; k != SIM_NOBODY; k = next) {
        struct sim_member *u = &w->unit[k];
        next = w->next_unit[k];
        const uint32_t machine = choose(w, u);
        u->shrunk = false;
        if (machine == SIM_NOBODY) {
            previous = k;
            continue;
        }
        stop_waiting(w, u, previous);
        ALM_TRY(put_on(w, u, machine, e));
        w->next_unit[k] = SIM_NOBODY;
        if (first == SIM_NOBODY)
            first = k;
        else
            w->next_unit[last] = k;
        last = k;
    }
    for (size_t k = 0; k < w->machines; k++)
        w->room[k].grown = false;
    for (uint32_t k = first, next; k != SIM_NOBODY; k = next) {
        next = w->next_unit[k];
        ALM_TRY(begin_here(w, &w->unit[k], e));
    }
    return ALM_OK;
}

/* Look at those that wait when all else of this instant and PHASE has happened: in what order it did decides nothing. */
static int look_later(struct sim_world *w, enum alm_phase phase, struct alm_err *e)
{
    if (w->room_due || w->unplaced.count == 0)
        return ALM_OK;
    w->room_due = true;
    return sim_post(w, w->now, phase, SIM_EVENT_ROOM, 0, e);
}

int sim_room_on_event(struct sim_world *w, struct alm_err *e)
{
    w->room_due = false;
    return try_waiting(w, e);
}

int sim_place_on(struct sim_world *w, struct sim_member *u, uint32_t machine, struct alm_err *e)
{
    w->room[machine].open = false;
    return put_on(w, u, machine, e);
}

int sim_place(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    if (u->placed || u->waiting)
        return ALM_OK;
    if (w->machines == 0) {
        u->placed = true;
        return ALM_OK;
    }
    const uint32_t machine = choose(w, u);
    if (machine != SIM_NOBODY)
        return put_on(w, u, machine, e);
    if (w->o->unplaced == SIM_UNPLACED_WAIT)
        wait_for_room(w, u);
    return ALM_OK;
}

int sim_unplace(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    if (u->waiting)
        give_up_waiting(w, u);
    if (!u->placed || u->machine == SIM_NOBODY) {
        u->placed = false;
        return ALM_OK;
    }
    const uint32_t machine = u->machine;
    ALM_TRY(take_off(w, u, e));
    w->room[machine].grown = true;
    return try_waiting(w, e);
}

/* Interrupt what U does, so that it has no work on its flows and no memory. */
static int halt(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    if (!u->serves)
        return sim_memory_change(w, u, 0, e);
    while (u->service.running.count) {
        const uint32_t job = u->service.running.first;
        ALM_TRY(sim_job_stop(w, job, e));
        w->job[job].next = SIM_NOBODY;
        if (u->halted.count++ == 0)
            u->halted.first = job;
        else
            w->job[u->halted.last].next = job;
        u->halted.last = job;
    }
    return ALM_OK;
}

static int move(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    ALM_TRY(halt(w, u, e));
    ALM_TRY(take_off(w, u, e));
    u->moved = true;
    const uint32_t machine = choose(w, u);
    if (machine == SIM_NOBODY) {
        wait_for_room(w, u);
        return u->serves ? ALM_OK : sim_rows_change(w, u, e);
    }
    ALM_TRY(put_on(w, u, machine, e));
    return begin_here(w, u, e);
}

static int drain(struct sim_world *w, uint32_t machine, struct alm_err *e)
{
    struct sim_machine *m = &w->machine[machine];
    sim_meter_machine(w, m);
    m->draining = true;
    w->room[machine].open = false;
    while (w->o->drain == SIM_DRAIN_MOVE && m->first_unit != SIM_NOBODY)
        ALM_TRY(move(w, &w->unit[m->first_unit], e));
    m->there = m->units > 0;
    return ALM_OK;
}

int sim_machine_on_event(struct sim_world *w, uint64_t machine, struct alm_err *e)
{
    struct sim_machine *m = &w->machine[machine];
    if (w->now >= m->until)
        return m->draining ? ALM_OK : drain(w, (uint32_t)machine, e);
    if (!m->there) {
        m->there = true;
        m->now.begin = m->now.since = w->now;
        w->room[machine].open = true;
    }
    w->room[machine].grown = true;
    return look_later(w, ALM_PHASE_DEPARTURE, e);
}

int sim_floor_change(struct sim_world *w, struct sim_member *u, const int64_t floor[2], struct alm_err *e)
{
    if (floor[ALM_CPU] == u->floor[ALM_CPU] && floor[ALM_MEMORY] == u->floor[ALM_MEMORY])
        return ALM_OK;
    const bool on = u->machine != SIM_NOBODY;
    bool less = false;
    sim_flow_settle(w, u, SIM_CPU);
    if (on)
        count_promise(w, u, -1);
    for (size_t k = 0; k < PROMISED; k++) {
        const int r = promised[k];
        const int64_t before = sim_promise(w, u, r);
        u->floor[r] = floor[r];
        less |= sim_promise(w, u, r) < before;
    }
    if (on)
        count_promise(w, u, 1);
    ALM_TRY(sim_flow_change(w, u, SIM_CPU, e));
    if (!less)
        return ALM_OK;
    u->shrunk |= u->waiting;
    if (on)
        w->room[u->machine].grown = true;
    return look_later(w, ALM_PHASE_LIMIT, e);
}
