/* SPDX-License-Identifier: GPL-3.0-or-later
 * recorder: the observer that writes the run file.
 *
 * Meaning.  A run file ("run/1") holds /units, /decisions, /reasons, /samples, /envelopes and /metrics, and where the
 *           platform shows them /executions, /machines and /machine_samples, and of a predictor that explains itself
 *           /explanations; what is in each column stands in docs/guides/files.md. Decisions and envelopes are stored when they change; samples and
 *           envelopes only for the units asked for, so recording never costs more than simulating.
 * Choice.   A run is done in batches of units, perhaps by several threads. Each batch records into a segment in memory;
 *           segments are written in the order of units, so the bytes never depend on the threads. A segment that grows
 *           asks to be written early, so memory does not grow with the length of a trace.
 * Limits.   No wall-clock figure is ever stored: two runs write the same bytes. */
#ifndef ALM_CORE_RECORDER_H
#define ALM_CORE_RECORDER_H

#include "almanac/table.h"

#include "loop.h"

struct alm_segment;
struct alm_run_writer;

/* A recorder for the COUNT units of one batch, the first of which is number BASE in the run. RECORD[i] tells whether
 * samples and envelopes of unit i are kept. Borrows nothing but RECORD during the call. */
int alm_segment_new(const struct alm_unit *unit, size_t count, uint32_t base, const bool *record,
                    struct alm_segment **out, struct alm_err *e);

/* Let S keep the executions whose id EVERY_EXECUTION divides, MACHINE[MACHINES] (borrowed until S is written), and the
 * machine samples of every EVERY_MACHINE_SAMPLE-th stamp; 0: none of them. */
void alm_segment_record(struct alm_segment *s, uint64_t every_execution, uint64_t every_machine_sample,
                        const struct alm_machine *machine, size_t machines);

/* Let S call FULL when it holds many rows: FULL waits for the turn of S and calls alm_run_append_rows. */
void alm_segment_on_full(struct alm_segment *s, int (*full)(void *ctx, struct alm_segment *s, struct alm_err *e),
                         void *ctx);
void alm_segment_free(struct alm_segment *s);
struct alm_observer alm_segment_observer(struct alm_segment *s);

/* Start the run file PATH. REASONS is the allocator's table; the loop's own reason is added behind it. CALENDAR: times count
 * from 1970, else from the trace's own zero, and their units say so. */
int alm_run_create(const char *path, const char *const *reasons, bool calendar, struct alm_run_writer **out,
                   struct alm_err *e);

/* Append the rows that S holds; S is empty after. All rows of a segment come before those of the next in order of BASE. */
int alm_run_append_rows(struct alm_run_writer *w, struct alm_segment *s, struct alm_err *e);

/* The same, and its units: S is finished. Call once for each segment, in the order of BASE. */
int alm_run_append(struct alm_run_writer *w, struct alm_segment *s, struct alm_err *e);

/* The file, for attributes and metrics columns. */
struct alm_table *alm_run_table(struct alm_run_writer *w);

int alm_run_commit(struct alm_run_writer *w, struct alm_err *e);
void alm_run_close(struct alm_run_writer *w); /* discards what was not committed; NULL is fine */

#endif
