/* SPDX-License-Identifier: GPL-3.0-or-later
 * behaviour: how a unit's code used its resources, not just how much: what probes count over one interval.
 *
 * Meaning.  A record stamped `at` covers (at - span, at]. Of a function (a hot one, by name) or of the unit as a whole
 *           (function ""). A value that was not measured is NaN. Shares of instructions are weighted by time, as sampling
 *           sees them.
 * Choice.   One flat record for calls, allocations, I/O, network and instruction mix: what a probe does not know stays NaN,
 *           so a recorded trace and the live probes show the same thing.
 * Source.   The specification's Behavioral Profiler: function call patterns, memory allocation patterns, I/O and network
 *           behaviour, instruction mix. */
#ifndef ALMANAC_BEHAVIOUR_H
#define ALMANAC_BEHAVIOUR_H

#include "almanac/time.h"

#include <stdint.h>

/* Field id, column, unit, meaning. */
#define ALM_BEHAVIOUR_FIELD_LIST(X)                                                                                    \
    X(ALM_BEH_CALLS, "calls", "1", "calls of the function")                                                            \
    X(ALM_BEH_CALL_SECONDS, "call_seconds", "s", "time inside its calls, callees included")                            \
    X(ALM_BEH_CPU_SHARE, "cpu_share", "1", "share of the unit's CPU time spent in it")                                 \
    X(ALM_BEH_ALLOCATIONS, "allocations", "1", "memory allocations")                                                   \
    X(ALM_BEH_ALLOCATED, "allocated", "byte", "bytes allocated")                                                       \
    X(ALM_BEH_FREES, "frees", "1", "memory blocks released")                                                           \
    X(ALM_BEH_FREED, "freed", "byte", "bytes released")                                                                \
    X(ALM_BEH_WORKING_SET, "working_set", "byte", "bytes of pages touched")                                            \
    X(ALM_BEH_WRITTEN_SET, "written_set", "byte", "bytes of pages written")                                            \
    X(ALM_BEH_READS, "reads", "1", "read operations on storage")                                                       \
    X(ALM_BEH_READ_BYTES, "read_bytes", "byte", "bytes read from storage")                                             \
    X(ALM_BEH_READ_SECONDS, "read_seconds", "s", "time waited in them")                                                \
    X(ALM_BEH_WRITES, "writes", "1", "write operations on storage")                                                    \
    X(ALM_BEH_WRITE_BYTES, "write_bytes", "byte", "bytes written to storage")                                          \
    X(ALM_BEH_WRITE_SECONDS, "write_seconds", "s", "time waited in them")                                              \
    X(ALM_BEH_RECEIVES, "receives", "1", "messages received")                                                          \
    X(ALM_BEH_RECEIVED, "received", "byte", "bytes received")                                                          \
    X(ALM_BEH_SENDS, "sends", "1", "messages sent")                                                                    \
    X(ALM_BEH_SENT, "sent", "byte", "bytes sent")                                                                      \
    X(ALM_BEH_NET_SECONDS, "net_seconds", "s", "time waited for the network")                                          \
    X(ALM_BEH_LOADS, "mix_loads", "1", "share of instructions that read memory")                                       \
    X(ALM_BEH_STORES, "mix_stores", "1", "share of instructions that write memory")                                    \
    X(ALM_BEH_BRANCHES, "mix_branches", "1", "share of instructions that branch")                                      \
    X(ALM_BEH_FLOATS, "mix_floats", "1", "share of floating-point and vector instructions")

enum alm_behaviour_field {
#define X(id, name, unit, meaning) id,
    ALM_BEHAVIOUR_FIELD_LIST(X)
#undef X
        ALM_BEHAVIOUR_FIELDS
};

struct alm_behaviour {
    alm_time at, span;
    uint32_t unit;
    uint32_t function; /* index among the platform's functions; 0: the unit as a whole */
    double value[ALM_BEHAVIOUR_FIELDS];
};

#endif
