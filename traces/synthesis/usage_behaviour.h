/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_behaviour: what a code's functions did to come to the usage of its units.
 *
 * Meaning.  With C the core-seconds of a unit in the interval of a record and w_f the share of function f, which is
 *           proportional to 1/f, f = 1, 2, ...; in every second phase the last function has the share of the first:
 *             cpu_share     w_f; call_seconds = w_f C; calls = w_f C / (seconds a call), rounded
 *             allocations   calls times those a call; allocated = allocations times bytes each
 *             freed         of the unit: what was allocated less the growth of memory since the record before; frees
 *                           likewise by size; both split over functions as allocated
 *             read_bytes    of the unit: io_read in the interval, split by w_f; reads = read_bytes / bytes a read, upward;
 *                           read_seconds = 0.1 ms a read; writes, receives and sends likewise, net_seconds of both
 *             mix           of the function; in every second phase floats are a quarter of it. The unit's: means by w_f
 *             working_set   of the unit alone: half of its memory; written_set: a quarter
 *           Seconds a call, sizes and mixes of a function are lognormal draws of the code, so all units share them. A
 *           resource that is not there leaves its fields unknown.
 * Choice.   No draw is taken in time: the records follow from the usage, and asking for them changes nothing of it. Sums
 *           over the functions are those of the unit.
 * Limits.   A toy: good to try what profilers do with behaviour, not a model of any program. */
#ifndef ALMANAC_TRACES_USAGE_BEHAVIOUR_H
#define ALMANAC_TRACES_USAGE_BEHAVIOUR_H

#include "almanac/option.h"
#include "almanac/time.h"
#include "almanac/trace.h"

struct alm__behaviour_options {
    int64_t functions;
    alm_time interval, phase;
};

/* clang-format off */
#define ALM__BEHAVIOUR_ROWS(at)                                                                                        \
    {"behaviour.functions", ALM_OPT_INTEGER, (at) + offsetof(struct alm__behaviour_options, functions), "0", 0, 1000,  \
     NULL, "functions whose behaviour is recorded; 0: none"},                                                          \
    {"behaviour.interval", ALM_OPT_DURATION, (at) + offsetof(struct alm__behaviour_options, interval), "1m", 1e6,      \
     9e15, NULL, "of a record: a multiple or an even part of the interval"},                                           \
    {"behaviour.phase", ALM_OPT_DURATION, (at) + offsetof(struct alm__behaviour_options, phase), "0s", 0, 3.2e18,      \
     NULL, "length of a phase of the code, in turn of two kinds; 0: one kind"}
/* clang-format on */

struct alm__behaviour;

/* For a trace from START on with rows every INTERVAL; OUT is NULL when there are no functions. */
int alm__behaviour_start(const struct alm__behaviour_options *o, uint64_t seed, alm_time start, alm_time interval,
                         struct alm_trace_sink *sink, struct alm__behaviour **out, struct alm_err *e);
void alm__behaviour_stop(struct alm__behaviour *b); /* NULL is fine */

/* Take the next N rows of UNIT, one unit after the other, and give the sink the records that they complete. */
int alm__behaviour_rows(struct alm__behaviour *b, uint32_t unit, const struct alm_trace_row *row, size_t n,
                        struct alm_err *e);

#endif
