/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace: where importers and generators put what they read or make.
 *
 * Meaning.  A sink takes units and, per unit, rows in any order; what stands behind it (the trace file) sorts them by
 *           unit then time in bounded memory, drops duplicate stamps, and counts what it did. */
#ifndef ALMANAC_TRACE_H
#define ALMANAC_TRACE_H

#include "almanac/error.h"
#include "almanac/resource.h"
#include "almanac/unit.h"

#include <stdbool.h>

/* One interval of one unit: usage over (at - interval, at]; NaN when missing. */
struct alm_trace_row {
    alm_time at;
    double value[ALM_RESOURCES]; /* mean cores, peak bytes, then bytes over the interval */
};

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
    char assumed[512]; /* what the importer had to assume, one sentence each */
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

    struct alm_trace_report *report;
    const volatile int *stop;                 /* non-zero: the user wants to leave; return ALM_EINTR. May be NULL. */
    void (*progress)(void *ctx, double done); /* 0 .. 1, or < 0 when unknown; may be NULL */
    void *progress_ctx;
};

#endif
