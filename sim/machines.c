/* SPDX-License-Identifier: GPL-3.0-or-later
 * machines: what the options say of machines, and their channels.
 *
 * Meaning.  `machines=100/10` is a hundred machines of one kind and ten of another; every other list has one entry a kind, or
 *           one for all. 0 is no bound: of cores, memory, bandwidth, and of the time at which a machine leaves.
 * Choice.   Machines are numbered by kind, in the order of the list, and named "m-1" and so on. All are known from the start;
 *           those that come later take nobody before.
 * Limits.   A million machines. One that has left does not come back.
 * Source.   world.h. */
#include "world.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MACHINES_MOST 1000000
#define SECONDS_MOST 1e9

struct list {
    const char *name;
    const struct alm_numbers *numbers;
};

static double of_kind(const struct alm_numbers *list, size_t kind, double otherwise)
{
    if (list->count == 0)
        return otherwise;
    return list->value[list->count == 1 ? 0 : kind];
}

static double bound_of_kind(const struct alm_numbers *list, size_t kind)
{
    double value = of_kind(list, kind, 0);
    return value > 0 ? value : INFINITY;
}

static int check_list(const struct list *l, size_t kinds, struct alm_err *e)
{
    const struct alm_numbers *numbers = l->numbers;
    if (numbers->count > 1 && numbers->count != kinds)
        return alm_fail(
            e, ALM_EINVAL,
            "platform simulated: %s has %zu entries and machines has %zu; should be one for each kind, or one "
            "for all",
            l->name, numbers->count, kinds);
    for (size_t k = 0; k < numbers->count; k++)
        if (!(numbers->value[k] >= 0) || isinf(numbers->value[k]))
            return alm_fail(e, ALM_EINVAL, "platform simulated: %s: entry %zu is %g; should be 0 or more, and finite",
                            l->name, k + 1, numbers->value[k]);
    return ALM_OK;
}

static int check_kind(const struct sim_options *o, size_t kind, double *machines, struct alm_err *e)
{
    const double count = o->machines.value[kind], speed = of_kind(&o->machine_speed, kind, 1);
    const double from = of_kind(&o->machine_from, kind, 0), until = of_kind(&o->machine_until, kind, 0);
    if (!(count >= 0) || count != floor(count) || *machines + count > MACHINES_MOST)
        return alm_fail(
            e, ALM_EINVAL,
            "platform simulated: machines: entry %zu is %g; should be a whole number, and at most %d machines "
            "in all",
            kind + 1, count, MACHINES_MOST);
    if (!(speed > 0))
        return alm_fail(e, ALM_EINVAL, "platform simulated: machine_speed: entry %zu is %g; should be more than 0",
                        o->machine_speed.count == 1 ? 1 : kind + 1, speed);
    if (from > SECONDS_MOST || until > SECONDS_MOST || (until > 0 && until <= from))
        return alm_fail(
            e, ALM_EINVAL,
            "platform simulated: machines of kind %zu come at %g s and leave at %g s; should leave later, or "
            "at 0 for never, and within %g s",
            kind + 1, from, until, SECONDS_MOST);
    *machines += count;
    return ALM_OK;
}

static int check_options(const struct sim_options *o, struct alm_err *e)
{
    const struct list lists[] = {{"machine_cores", &o->machine_cores},
                                 {"machine_speed", &o->machine_speed},
                                 {"machine_memory", &o->machine_memory},
                                 {"machine_disk_read", &o->machine_disk_read},
                                 {"machine_disk_write", &o->machine_disk_write},
                                 {"machine_net_rx", &o->machine_net_rx},
                                 {"machine_net_tx", &o->machine_net_tx},
                                 {"machine_from", &o->machine_from},
                                 {"machine_until", &o->machine_until}};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        ALM_TRY(check_list(&lists[k], o->machines.count, e));
    double machines = 0;
    for (size_t kind = 0; kind < o->machines.count; kind++)
        ALM_TRY(check_kind(o, kind, &machines, e));
    if (machines == 0)
        return alm_fail(e, ALM_EINVAL,
                        "platform simulated: machines are 0 in all; should be at least one, or the option "
                        "left out for units that never meet");
    return ALM_OK;
}

static struct alm_machine machine_of_kind(const struct sim_options *o, size_t kind)
{
    struct alm_machine m = {.cores = bound_of_kind(&o->machine_cores, kind),
                            .speed = of_kind(&o->machine_speed, kind, 1),
                            .memory = bound_of_kind(&o->machine_memory, kind)};
    m.bandwidth[ALM_CPU] = m.bandwidth[ALM_MEMORY] = INFINITY;
    m.bandwidth[ALM_IO_READ] = bound_of_kind(&o->machine_disk_read, kind);
    m.bandwidth[ALM_IO_WRITE] = bound_of_kind(&o->machine_disk_write, kind);
    m.bandwidth[ALM_NET_RX] = bound_of_kind(&o->machine_net_rx, kind);
    m.bandwidth[ALM_NET_TX] = bound_of_kind(&o->machine_net_tx, kind);
    return m;
}

int sim_machines_open(struct sim_world *w, struct alm_err *e)
{
    const struct sim_options *o = w->o;
    w->unplaced = (struct sim_list){SIM_NOBODY, SIM_NOBODY, 0};
    if (o->machines.count == 0)
        return ALM_OK;
    ALM_TRY(check_options(o, e));
    for (size_t kind = 0; kind < o->machines.count; kind++) {
        struct alm_machine m = machine_of_kind(o, kind);
        const double from = of_kind(&o->machine_from, kind, 0), until = of_kind(&o->machine_until, kind, 0);
        const size_t count = (size_t)o->machines.value[kind];
        for (size_t k = 0; k < count; k++) {
            snprintf(m.name, sizeof m.name, "m-%zu", w->machines + 1);
            ALM_TRY(sim_machine_add(w, &m, w->begin + llround(from * 1e9),
                                    until > 0 ? w->begin + llround(until * 1e9) : ALM_TIME_MAX, e));
        }
    }
    return ALM_OK;
}

static int64_t whole(double amount)
{
    return amount < 9e18 ? llround(amount) : SIM_UNBOUNDED;
}

/* What may be promised of an amount; what is whole but for binary fractions is whole. */
static int64_t may_promise(double amount, double overcommit)
{
    const double most = amount * overcommit;
    return most < 9e18 ? (int64_t)floor(most * (1 + 1e-12)) : SIM_UNBOUNDED;
}

/* Grows by doubling. */
static int make_room(struct sim_world *w, struct alm_err *e)
{
    const size_t n = w->machines;
    if (n & (n - 1))
        return ALM_OK;
    const size_t room = n ? 2 * n : 1;
    struct sim_machine *machine = realloc(w->machine, room * sizeof *machine);
    if (machine)
        w->machine = machine;
    struct sim_room *rooms = realloc(w->room, room * sizeof *rooms);
    if (rooms)
        w->room = rooms;
    if (!machine || !rooms)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu machines", room);
    return ALM_OK;
}

static int open_channels(struct sim_world *w, struct sim_machine *m, struct alm_err *e)
{
    for (int c = 0; c < SIM_CHANNELS; c++) {
        const double capacity = c == SIM_CPU ? m->info.cores * 1e9 : m->info.bandwidth[c - SIM_DISK_READ + ALM_IO_READ];
        m->channel[c] = (struct sim_channel){.since = w->begin, .timer = {ALM_TIME_MAX, ALM_TIME_MAX}};
        ALM_TRY(sim_share_init(&m->channel[c].share, whole(capacity), e));
    }
    return ALM_OK;
}

/* At one instant those that come do so before those that leave, so that what moves finds them. */
static int post_times(struct sim_world *w, size_t k, struct alm_err *e)
{
    const struct sim_machine *m = &w->machine[k];
    if (!m->there)
        ALM_TRY(sim_post(w, m->from, ALM_PHASE_DEPARTURE, SIM_EVENT_MACHINE, k, e));
    if (m->until < ALM_TIME_MAX)
        ALM_TRY(sim_post(w, m->until, ALM_PHASE_ARRIVAL, SIM_EVENT_MACHINE, k, e));
    return ALM_OK;
}

int sim_machine_add(struct sim_world *w, const struct alm_machine *info, alm_time from, alm_time until,
                    struct alm_err *e)
{
    ALM_TRY(make_room(w, e));
    const size_t k = w->machines;
    struct sim_machine *m = &w->machine[k];
    *m = (struct sim_machine){.info = *info,
                              .from = from,
                              .until = until,
                              .there = from <= w->begin,
                              .first_unit = SIM_NOBODY,
                              .last_unit = SIM_NOBODY};
    m->now.begin = m->now.since = w->begin;
    struct sim_room *room = &w->room[k];
    *room = (struct sim_room){.until = until, .open = m->there};
    room->whole[ALM_CPU] = may_promise(info->cores * 1000, w->o->overcommit_cpu);
    room->whole[ALM_MEMORY] = may_promise(info->memory, w->o->overcommit_memory);
    room->left[ALM_CPU] = room->whole[ALM_CPU];
    room->left[ALM_MEMORY] = room->whole[ALM_MEMORY];
    ALM_TRY(open_channels(w, m, e));
    w->machines++;
    return post_times(w, k, e);
}

void sim_machines_close(struct sim_world *w)
{
    for (size_t k = 0; k < w->machines; k++)
        for (int c = 0; c < SIM_CHANNELS; c++)
            sim_channel_fini(&w->machine[k].channel[c]);
    free(w->machine);
    free(w->room);
}
