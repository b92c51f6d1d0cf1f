/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace: where importers and generators put what they read or make.
 *
 * Meaning.  A sink takes units, per unit rows of usage in any order, and invocations and records of behaviour in any
 *           order; what stands behind it (the trace file) sorts rows and records by unit then time and invocations by
 *           arrival in bounded memory, drops duplicate stamps, and counts what it did. */
#ifndef ALMANAC_TRACE_H
#define ALMANAC_TRACE_H

#include "almanac/behaviour.h"
#include "almanac/error.h"
#include "almanac/resource.h"
#include "almanac/unit.h"

#include <stdbool.h>

/* One interval of one unit: usage over (at - interval, at]; NaN when missing. */
struct alm_trace_row {
    alm_time at;
    double value[ALM_RESOURCES]; /* mean cores, peak bytes, then bytes over the interval */
};

/* One execution of a unit's code, and what is known of it; the field's name is that of its column. */
#define ALM_INVOCATION_FIELD_LIST(X)                                                                                   \
    X(ALM_INV_DURATION, "duration", "s", "seconds from start to end, as recorded")                                     \
    X(ALM_INV_WAIT, "wait", "s", "seconds from arrival to start, as recorded")                                         \
    X(ALM_INV_WORK, "work", "s", "CPU work in core-seconds")                                                           \
    X(ALM_INV_PARALLELISM, "parallelism", "1", "most cores it can use at a time")                                      \
    X(ALM_INV_MEMORY, "memory", "byte", "peak memory")                                                                 \
    X(ALM_INV_IO_READ, "io_read", "byte", "bytes read from storage")                                                   \
    X(ALM_INV_IO_WRITE, "io_write", "byte", "bytes written to storage")                                                \
    X(ALM_INV_NET_RX, "net_rx", "byte", "bytes received from the network")                                             \
    X(ALM_INV_NET_TX, "net_tx", "byte", "bytes sent to the network")                                                   \
    X(ALM_INV_CORES_REQUESTED, "cores_requested", "1", "cores asked for")                                              \
    X(ALM_INV_MEMORY_REQUESTED, "memory_requested", "byte", "memory asked for")                                        \
    X(ALM_INV_TIME_REQUESTED, "time_requested", "s", "seconds asked for")                                              \
    X(ALM_INV_PATIENCE, "patience", "s", "seconds it waits before it gives up")                                        \
    X(ALM_INV_PRIORITY, "priority", "1", "larger is served first")                                                     \
    X(ALM_INV_SEQUENCE, "sequence", "1", "phase of the code's repeating sequence, from 0")                             \
    X(ALM_INV_FAILED, "failed", "1", "1 when it did not end well, else 0")

enum alm_invocation_field {
#define X(id, name, unit, meaning) id,
    ALM_INVOCATION_FIELD_LIST(X)
#undef X
        ALM_INVOCATION_FIELDS
};

struct alm_invocation {
    alm_time arrival;
    uint32_t unit;
    double value[ALM_INVOCATION_FIELDS]; /* each >= 0, or NaN when not known */
};

/* An invocation of which nothing else is known. */
static inline struct alm_invocation alm_invocation_at(alm_time arrival, uint32_t unit)
{
    struct alm_invocation i = {.arrival = arrival, .unit = unit};
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        i.value[f] = __builtin_nan("");
    return i;
}

/* An input parameter of invocations. A category's values are words, kept as their numbers in order of appearance. */
#define ALM_INPUTS 64
#define ALM_INPUT_NAME 64
struct alm_input {
    char name[ALM_INPUT_NAME]; /* letters, digits, _ . -; distinct */
    char unit[32];             /* "byte", "1"; "" when not known */
    bool category;
};

/* Functions that records of behaviour may speak of, and the bytes of a name. */
#define ALM_FUNCTIONS 65536u
#define ALM_FUNCTION_NAME 1024u

/* A record of behaviour of which nothing else is known. */
static inline struct alm_behaviour alm_behaviour_at(alm_time at, alm_time span, uint32_t unit, uint32_t function)
{
    struct alm_behaviour b = {.at = at, .span = span, .unit = unit, .function = function};
    for (int f = 0; f < ALM_BEHAVIOUR_FIELDS; f++)
        b.value[f] = __builtin_nan("");
    return b;
}

/* What an import did: printed and stored. Reasons are static strings; `where` is of the first of its kind. */
#define ALM_REPORT_REASONS 16
struct alm_trace_report {
    uint64_t files, read, kept;
    size_t reasons;
    struct {
        const char *why; /* "duplicate time stamp: first kept" */
        uint64_t count;
        char where[200]; /* "a.csv:17" */
        bool dropped;    /* false: kept after a repair */
    } reason[ALM_REPORT_REASONS];
    char assumed[1024]; /* what the importer had to assume, one sentence each */
};

/* Count one more row that was dropped or repaired for WHY (compared by content) at the formatted place. */
void alm_report_note(struct alm_trace_report *report, bool dropped, const char *why, const char *where_format, ...)
    ALM_PRINTF(4, 5);

struct alm_trace_sink {
    /* Add a unit, or find the one of this name; OUT gets its number. `first` and `last` are ignored; cores and memory
     * that are not NaN replace what was known before. */
    int (*unit)(struct alm_trace_sink *sink, const struct alm_unit *unit, uint32_t *out, struct alm_err *e);

    /* Add N rows of UNIT. */
    int (*rows)(struct alm_trace_sink *sink, uint32_t unit, const struct alm_trace_row *rows, size_t n,
                struct alm_err *e);

    /* Nominal interval between rows; without it the most frequent difference is taken. */
    int (*interval)(struct alm_trace_sink *sink, alm_time interval, struct alm_err *e);

    /* Declare an input parameter, or find the one of this name (of the same kind, else ALM_EDATA); OUT gets its number.
     * All are declared before the first invocation. ALM_EUNSUPPORTED beyond ALM_INPUTS. */
    int (*input)(struct alm_trace_sink *sink, const struct alm_input *input, uint32_t *out, struct alm_err *e);

    /* The number that stands for WORD, of SIZE bytes, among the values of a category. */
    int (*word)(struct alm_trace_sink *sink, uint32_t input, const char *word, size_t size, double *out,
                struct alm_err *e);

    /* Add N invocations of units that were added. INPUT: N times the values of all declared inputs, in order of their
     * numbers; NaN where not given; NULL when none is declared. */
    int (*invocations)(struct alm_trace_sink *sink, const struct alm_invocation *row, const double *input, size_t n,
                       struct alm_err *e);

    /* The number of the function NAME of SIZE bytes, added when new; "" is 0. ALM_EUNSUPPORTED beyond ALM_FUNCTIONS. */
    int (*function)(struct alm_trace_sink *sink, const char *name, size_t size, uint32_t *out, struct alm_err *e);

    /* Add N records of units and functions that were added. Those of a unit without rows and invocations are left out. */
    int (*behaviour)(struct alm_trace_sink *sink, const struct alm_behaviour *row, size_t n, struct alm_err *e);

    /* What a platform must be to serve the invocations as meant, one JSON object: stored as it is. */
    int (*platform)(struct alm_trace_sink *sink, const char *json, struct alm_err *e);

    struct alm_trace_report *report;
    const volatile int *stop;                 /* non-zero: the user wants to leave; return ALM_EINTR. May be NULL. */
    void (*progress)(void *ctx, double done); /* 0 .. 1, or < 0 when unknown; may be NULL */
    void *progress_ctx;
};

#endif
