/* SPDX-License-Identifier: GPL-3.0-or-later
 * world_rig: the world engine on made usage and made invocations, with its inside to look at, for tests of its parts. */
#ifndef ALM_TESTS_WORLD_RIG_H
#define ALM_TESTS_WORLD_RIG_H

#include "fleet.h"
#include "sim/engine.h"
#include "sim/world.h"

#include <criterion/criterion.h>

#define RIG_INVOCATIONS 256
#define GIB 1073741824.0

struct rig_invocation {
    double arrival, work; /* seconds, core-seconds */
    uint32_t unit;
    double parallelism, memory; /* cores (0: 1), bytes */
};

struct world_rig {
    struct fleet fleet;
    struct alm_choice choice;
    struct alm_invocations invocations;
    struct rig_invocation invocation[RIG_INVOCATIONS];
    struct sim_world *w;
    const struct alm_sample *sample;
    const struct alm_account *account;
    const struct alm_execution *ended;
    const struct alm_machine_sample *machine;
    size_t n, ends, machines;
    alm_time now;
    enum alm_wake why;
};

static int rig_read(const struct alm_invocations *self, uint64_t first, size_t n, const struct alm_invocation_rows *out,
                    struct alm_err *e)
{
    (void)e;
    const struct world_rig *r = self->owner;
    for (size_t k = 0; k < n; k++) {
        const struct rig_invocation *v = &r->invocation[first + k];
        if (out->arrival)
            out->arrival[k] = (alm_time)(v->arrival * 1e9);
        if (out->unit)
            out->unit[k] = v->unit;
        for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
            if (out->value[f])
                out->value[f][k] = f == ALM_INV_WORK                                ? v->work
                                   : f == ALM_INV_PARALLELISM && v->parallelism > 0 ? v->parallelism
                                   : f == ALM_INV_MEMORY                            ? v->memory
                                                                                    : NAN;
    }
    return ALM_OK;
}

/* UNITS units of ROWS rows of INTERVAL from 0 on, of no demand yet. */
static inline void rig_make(struct world_rig *r, size_t units, size_t rows, alm_time interval)
{
    *r = (struct world_rig){.w = NULL};
    fleet_make(&r->fleet, units, rows, 0, interval);
}

static inline int rig_try_open(struct world_rig *r, const char *options, const struct rig_invocation *v, size_t n,
                               alm_time control, struct alm_err *e)
{
    for (size_t k = 0; k < n; k++)
        r->invocation[k] = v[k];
    r->invocations =
        (struct alm_invocations){.count = n,
                                 .fields = 1u << ALM_INV_WORK | 1u << ALM_INV_PARALLELISM | 1u << ALM_INV_MEMORY,
                                 .read = rig_read,
                                 .owner = r};
    cr_assert_eq(alm_choice_parse(ALM_PLATFORM, options, &r->choice, e), ALM_OK, "%s", e->text);
    struct alm_platform_config config = {.opt = r->choice.opt,
                                         .seed = 7,
                                         .demand = &r->fleet.demand,
                                         .invocations = n ? &r->invocations : NULL,
                                         .control_interval = control};
    void *self = NULL;
    int code = sim_world.open(&config, &self, e);
    r->w = self;
    return code;
}

static inline void rig_open(struct world_rig *r, const char *options, const struct rig_invocation *v, size_t n,
                            alm_time control)
{
    struct alm_err e = {0};
    cr_assert_eq(rig_try_open(r, options, v, n, control, &e), ALM_OK, "%s", e.text);
}

static inline void rig_wait(struct world_rig *r, alm_time until)
{
    struct alm_err e = {0};
    cr_assert_geq(sim_world.wait(r->w, until, &r->now, &r->why, &e), 0, "%s", e.text);
    cr_assert_geq(sim_world.sample(r->w, &r->sample, &r->account, &r->n, &e), 0, "%s", e.text);
    cr_assert_geq(sim_world.executions(r->w, &r->ended, &(const struct alm_execution_account *){NULL}, &r->ends, &e),
                  0);
    cr_assert_geq(sim_world.machine_samples(r->w, &r->machine, &r->machines, &e), 0);
}

static inline struct alm_applied rig_decide(struct world_rig *r, struct alm_decision d)
{
    struct alm_applied a;
    struct alm_err e = {0};
    cr_assert_geq(sim_world.apply(r->w, r->now, &d, 1, &a, &e), 0, "%s", e.text);
    return a;
}

static inline void rig_close(struct world_rig *r)
{
    sim_world.close(r->w);
    alm_choice_free(&r->choice);
    fleet_free(&r->fleet);
}

/* What machines and rooms hold is the sum over the units that are there. */
static inline void rig_expect_sums(const struct sim_world *w)
{
    for (uint32_t k = 0; k < w->machines; k++) {
        const struct sim_machine *m = &w->machine[k];
        int64_t floor[2] = {0, 0};
        double memory = 0;
        uint32_t units = 0, listed = 0, stalled = 0, moving = 0;
        uint32_t short_of[2] = {0, 0}, having[2] = {0, 0}; /* CPU; any other channel */
        for (size_t i = 0; i < w->units; i++) {
            const struct sim_member *u = &w->unit[i];
            if (u->machine != k)
                continue;
            cr_assert(u->placed && !u->waiting, "unit %zu is on a machine, but not placed", i);
            floor[0] += sim_promise(w, u, ALM_CPU);
            floor[1] += sim_promise(w, u, ALM_MEMORY);
            memory += u->memory;
            stalled += u->memory_stalled;
            moving += u->memory_moving;
            for (int r = 0; r < 2; r++) {
                const uint8_t channels = r ? (uint8_t)~1u : 1u;
                short_of[r] += (u->stalled & channels) != 0;
                having[r] += (u->moving & channels) != 0;
            }
            units++;
        }
        for (uint32_t i = m->first_unit; i != SIM_NOBODY; i = w->unit[i].next_here, listed++)
            cr_assert_eq(w->unit[i].machine, k);
        cr_assert_eq(m->units, units, "machine %u", k);
        cr_assert_eq(listed, units, "machine %u", k);
        cr_assert_eq(m->floor[0], floor[0], "machine %u promised %ld, its units %ld", k, (long)m->floor[0],
                     (long)floor[0]);
        cr_assert_eq(m->floor[1], floor[1], "machine %u promised %ld, its units %ld", k, (long)m->floor[1],
                     (long)floor[1]);
        cr_assert_float_eq(m->memory, memory, 1e-3, "machine %u uses %f, its units %f", k, m->memory, memory);
        cr_assert_eq(m->stalled[ALM_STALL_MEMORY], stalled, "machine %u", k);
        cr_assert_eq(m->moving[ALM_STALL_MEMORY], moving, "machine %u", k);
        for (int r = 0; r < 2; r++) {
            const int stall = r ? ALM_STALL_IO : ALM_STALL_CPU;
            cr_assert_eq(m->stalled[stall], short_of[r], "machine %u: %u stalled, its units %u", k, m->stalled[stall],
                         short_of[r]);
            cr_assert_eq(m->moving[stall], having[r], "machine %u: %u moving, its units %u", k, m->moving[stall],
                         having[r]);
        }
        for (int r = 0; r < 2; r++)
            cr_assert(w->room[k].whole[r] == SIM_UNBOUNDED || w->room[k].left[r] == w->room[k].whole[r] - floor[r]);
    }
}

#endif
