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

#include <stdbool.h>

struct sim_rules {
    bool open_loop;
    int backlog;            /* enum sim_backlog */
    alm_time backlog_limit; /* backlog holds at most this long at the limit's rate */
    alm_time restart_delay;
    alm_time actuation_delay;
    double cores; /* what one unit can use at most; 0: no bound */
};

/* Where finished samples go. */
struct sim_output {
    struct alm_sample *sample;
    struct alm_account *account;
    size_t count, capacity;
    bool unsorted;
};

/* Make room for one more. */
int sim_output_reserve(struct sim_output *out, struct alm_err *e);

struct sim_unit {
    uint32_t id;
    uint32_t generation; /* of its pending check */
    alm_time at;         /* advanced to here */
    alm_time down_until; /* killed: runs again from here */
    alm_time checked;    /* no kill happens up to here unless a limit changes */
    int64_t limit[2];    /* in force, as scored: millicores, bytes */
    int64_t shown[2];    /* in force, after the kernel's rounding */
    double backlog;      /* core-us */

    uint64_t rows, loaded; /* of the unit in all; read into the buffer so far */
    size_t row, filled;    /* current and number of rows in the buffer */
    const alm_time *row_at, *row_span;
    const double *row_value[ALM_RESOURCES];

    struct { /* of the sample under way */
        double used_us, demand_cores, cpu_ns, covered_ns, throttled_us, total[ALM_RESOURCES];
        double memory_peak, memory_demand;
        uint8_t seen, censored;
        uint32_t oom_kills;
        struct alm_account account;
    } now;
};

/* Let the unit run to TO: appends the samples that fall due to OUT. `rows` of demand must be in the buffer up to TO
 * (sim_unit_needs_rows says when not: fill the buffer and call again). GRID > 0: samples at multiples of GRID, else at
 * the stamps of the rows. */
int sim_unit_advance(struct sim_unit *u, const struct sim_rules *rules, alm_time to, alm_time grid,
                     struct sim_output *out, struct alm_err *e);

/* The buffer ran out although the unit has more rows. */
static inline bool sim_unit_needs_rows(const struct sim_unit *u)
{
    return u->row == u->filled && u->loaded < u->rows;
}

/* The first time in [u->at, until) at which the unit is killed as things stand; UNTIL when there is none. When the
 * buffered rows end before UNTIL, the end of the last of them, to look again there; *certain tells which. */
alm_time sim_unit_next_kill(const struct sim_unit *u, alm_time until, bool *certain);

/* Kill the unit at its present time: appends an event sample. */
int sim_unit_kill(struct sim_unit *u, const struct sim_rules *rules, struct sim_output *out, struct alm_err *e);

/* Would it be killed right now, by the demand that follows its present time? */
bool sim_unit_over_memory(const struct sim_unit *u);

#endif
