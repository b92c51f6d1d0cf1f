/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_unit: one unit whose demand is a recorded series, under limits.
 *
 * Meaning.  Between changes demand and limits are constant, so usage, backlog, waste and harm are integrated exactly.
 *           In closed loop CPU above the limit is carried over or lost, and memory above the limit is an OOM kill with
 *           a restart after a delay; in open loop the limits are only scored against the demand.
 * Choice.   A unit is advanced only when something happens to it or its samples are due: units never meet (machines:
 *           none), so each has its own "now".
 * Source.   Open loop: the protocol of the Autopilot (EuroSys'20) and VASIM (ICDE'24) papers. */
#ifndef ALM_SIM_USAGE_UNIT_H
#define ALM_SIM_USAGE_UNIT_H

#include "almanac/demand.h"
#include "almanac/platform.h"

#include "options.h"
#include "tape.h"

#include <stdbool.h>

struct sim_rules {
    bool open_loop;
    int backlog;            /* enum sim_backlog */
    alm_time backlog_limit; /* backlog holds at most this long at the limit's rate */
    alm_time restart_delay;
    alm_time actuation_delay;
    double cores; /* what one unit can use at most; 0: no bound */
};

/* Where finished samples go. `unsorted`: not by unit then time. A place keeps what was last written to it: under which limits,
 * where that was a whole row with both values and no overrun (sim_unit.limits), else 0. */
struct sim_output {
    struct alm_sample *sample;
    struct alm_account *account;
    uint64_t *limits;
    size_t count, capacity;
    bool unsorted;
};

int sim_output_grow(struct sim_output *out, struct alm_err *e);

/* Make room for one more. */
static inline int sim_output_reserve(struct sim_output *out, struct alm_err *e)
{
    return out->count < out->capacity ? ALM_OK : sim_output_grow(out, e);
}

struct sim_unit {
    uint32_t id;
    uint32_t generation; /* of its pending check */
    bool calm;           /* up, without backlog, and no sample is under way */
    alm_time at;         /* advanced to here */
    alm_time down_until; /* killed: runs again from here */
    alm_time checked;    /* no kill happens up to here unless a limit changes */
    alm_time safe;       /* as sim_unit_find_safe found; INT64_MIN after limits were set */
    double backlog;      /* core-us */

    struct sim_tape_head tape;
    bool others; /* it has columns beside cpu and memory */
    struct {
        alm_time span;
        double seconds, us;
    } whole; /* span of the newest whole row */

    int64_t asked[2]; /* limits as decided: millicores, bytes */
    int64_t shown[2]; /* in force, after the kernel's rounding */
    int64_t limit[2]; /* in force, as scored */
    bool limited;     /* both are limited */
    uint64_t limits;  /* names these limits of this unit; never 0 */
    double cores;     /* the same in cores; INFINITY when there is no limit, here and below */
    double bytes;     /* the same in bytes */
    double most;      /* cores that it can have; INFINITY in open loop */
    double plain;     /* cores up to which it is not held */
    double kill;      /* bytes from which on it is killed; INFINITY in open loop */

    struct { /* of the sample under way */
        double used_us, demand_cores, cpu_ns, covered_ns, throttled_us, total[ALM_RESOURCES];
        double memory_peak, memory_demand;
        uint8_t seen, censored;
        uint32_t oom_kills;
        struct alm_account account;
    } now;
};

/* Put limits into force from the unit's present time on. */
struct sim_limits {
    int64_t asked[2], shown[2], limit[2];
};
void sim_unit_set_limits(struct sim_unit *u, const struct sim_rules *rules, const struct sim_limits *l);

/* Let calm units run over whole rows up to TO in which nothing happens but the row itself, each of which is a sample as it
 * stands: the common case of replay. From UNIT[*I] on, up to the first unit, then *I, that is not there because its next row
 * is not of this kind or not in the buffer: the rest is for sim_unit_advance, which would have made the same samples. *I is N
 * when all are there. Not for a grid. */
int sim_units_sweep(struct sim_unit *unit, size_t n, size_t *i, bool open_loop, alm_time to, struct sim_output *out,
                    struct alm_err *e);

/* Let the unit run to TO: appends the samples that fall due to OUT. `rows` of demand must be in the buffer up to TO
 * (sim_tape_ran_out says when not: fill it and call again). GRID > 0: samples at multiples of GRID, else at
 * the stamps of the rows. */
int sim_unit_advance(struct sim_unit *u, const struct sim_rules *rules, alm_time to, alm_time grid,
                     struct sim_output *out, struct alm_err *e);

/* The first time in [u->at, until) at which the unit is killed as things stand; UNTIL when there is none. When the
 * buffered rows end before UNTIL, the end of the last of them, to look again there; *certain tells which. */
alm_time sim_unit_next_kill(const struct sim_unit *u, alm_time until, bool *certain);

/* No row from the present one on that begins before the time returned is too large for the limit: found of the buffered rows
 * up to a few behind UNTIL. *certain becomes false when the buffer ends before. */
alm_time sim_unit_find_safe(const struct sim_unit *u, alm_time until, bool *certain);

/* Kill the unit at its present time: appends an event sample. */
int sim_unit_kill(struct sim_unit *u, const struct sim_rules *rules, struct sim_output *out, struct alm_err *e);

/* Would it be killed right now, by the demand that follows its present time? */
bool sim_unit_over_memory(const struct sim_unit *u);

#endif
