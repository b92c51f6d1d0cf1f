/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_file: what a run left behind, read back in order.
 *
 * Meaning.  A run file ("run/1") holds one policy on one trace with one seed: its units, the decisions (stored when
 *           they change), samples and envelopes of the units that were recorded, and metrics; and where the platform
 *           showed them, machines with their samples and executions of invocations.
 * Choice.   Rows are handed out one by one through a callback, so memory is bounded by the number of units and a fixed
 *           block, never by the length of the run. Rows of a file lie in batches of units; within a unit times ascend.
 * Limits.   Read only. One reader per thread. */
#ifndef ALMANAC_EXPERIMENTS_RUN_FILE_H
#define ALMANAC_EXPERIMENTS_RUN_FILE_H

#include "almanac/error.h"
#include "almanac/execution.h"
#include "almanac/machine.h"
#include "almanac/table.h"
#include "almanac/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alm_run_unit {
    char *name, *code;
    double cores, memory;                   /* NaN when not known */
    alm_time first_decision, last_decision; /* regular ones; ALM_TIME_NONE when there are none */
};

/* Texts are never NULL; a text that the file lacks is "". */
struct alm_run {
    struct alm_table *table;
    char *policy, *trace_name, *metrics; /* metrics: JSON, pooled over units */
    bool oracle, open_loop;
    int64_t seed;
    alm_time interval; /* between regular decisions */
    size_t units, reasons;
    struct alm_run_unit *unit;
    char **reason;
    size_t machines;
    struct alm_machine *machine; /* NULL: none */
    bool executions;             /* they were recorded */
};

struct alm_run_decision {
    alm_time time;
    uint32_t unit;
    uint8_t event;                /* 1: an extra decision because something happened */
    uint8_t reason[2];            /* index into `reason`, below `reasons` wherever its limit is not ALM_NO_LIMIT */
    int64_t limit[2], applied[2]; /* millicores and bytes; ALM_NO_LIMIT */
};

enum alm_run_flag {
    ALM_RUN_CPU_MISSING = 1u << 0,
    ALM_RUN_MEMORY_MISSING = 1u << 1,
    ALM_RUN_CPU_CENSORED = 1u << 2,
    ALM_RUN_MEMORY_CENSORED = 1u << 3,
};

struct alm_run_sample {
    alm_time time, span;
    uint32_t unit, oom_kills;
    double usage[2], demand[2]; /* cores and bytes; NaN when not known */
    int64_t limit[2], throttled_us;
    uint8_t flags; /* enum alm_run_flag */
};

struct alm_run_envelope {
    alm_time time, until;
    uint32_t unit;
    double min[2], max[2], confidence[2]; /* NaN when not stated */
};

/* An execution and the truth behind it, see almanac/execution.h; `input` is NULL. */
struct alm_run_execution {
    struct alm_execution x;
    struct alm_execution_account a;
};

/* Open the run file PATH. ALM_EDATA when it is missing, of another kind, or contradicts itself. */
int alm_run_file_open(const char *path, struct alm_run **out, struct alm_err *e);
void alm_run_file_close(struct alm_run *run); /* NULL is fine */

/* The number of the unit NAME; ALM_EINVAL with the nearest name when there is none. */
int alm_run_file_unit(const struct alm_run *run, const char *name, uint32_t *out, struct alm_err *e);

/* All units, or the number of one. */
#define ALM_RUN_ALL UINT32_MAX

enum alm_run_view {
    ALM_RUN_STORED,  /* as stored: when anything differs from the decision before, and at events */
    ALM_RUN_EVERY,   /* one per decision time: stored ones repeated over the unit's regular times, events between */
    ALM_RUN_CHANGES, /* the first of a unit, and those whose limits, decided or applied, differ from the one before */
};

/* Call FN for the decisions of UNIT, or of all units one after the other; within a unit times ascend. A negative code
 * of FN ends it and is returned. cost  one pass over the group for the index; then each unit's part of the file is read
 * once, or a few times where the rows of many units are mixed more widely than a block of 2^18 rows. */
int alm_run_each_decision(struct alm_run *run, uint32_t unit, enum alm_run_view view,
                          int (*fn)(void *ctx, const struct alm_run_decision *row, struct alm_err *e), void *ctx,
                          struct alm_err *e);

/* Call FN for the recorded samples, or envelopes, of UNIT or of all, in the order of the file. None recorded is fine.
 */
int alm_run_each_sample(struct alm_run *run, uint32_t unit,
                        int (*fn)(void *ctx, const struct alm_run_sample *row, struct alm_err *e), void *ctx,
                        struct alm_err *e);
int alm_run_each_envelope(struct alm_run *run, uint32_t unit,
                          int (*fn)(void *ctx, const struct alm_run_envelope *row, struct alm_err *e), void *ctx,
                          struct alm_err *e);

/* Call FN for the recorded executions of UNIT, or of all, in order of their end; for the recorded samples of all machines,
 * in order of time, then machine. None recorded is fine. */
int alm_run_each_execution(struct alm_run *run, uint32_t unit,
                           int (*fn)(void *ctx, const struct alm_run_execution *row, struct alm_err *e), void *ctx,
                           struct alm_err *e);
int alm_run_each_machine_sample(struct alm_run *run,
                                int (*fn)(void *ctx, const struct alm_machine_sample *row, struct alm_err *e),
                                void *ctx, struct alm_err *e);

/* Write the sentence for ROW into OUT of SIZE bytes: "cpu: WHY; memory: WHY", or only WHY when both are the same or
 * only one resource has a limit; "" without limits. Returns OUT. */
char *alm_run_reason(const struct alm_run *run, const struct alm_run_decision *row, char *out, size_t size);

#endif
