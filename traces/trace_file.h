/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_file: the trace file, format "trace/1": written once through a sink, read in blocks as demand.
 *
 * Meaning.  A CF-1.8 contiguous ragged array. /units has one row a unit: name, code, cores, memory, rows, first, last.
 *           /usage has the rows of all units, one unit after the other, each sorted by time: time and one column for
 *           each resource that any row has. Missing is NaN (cpu) or INT64_MIN (the rest).
 * Choice.   No wall-clock stamp and no path of this machine is stored, so equal input gives equal bytes.
 * Limits.   Rows are sorted in bounded memory: a budget while writing, blocks of columns while reading. What grows with
 *           the number of units: about 300 bytes a unit.
 * Source.   CF Conventions 1.8, section 9.3.3, contiguous ragged array representation. */
#ifndef ALM_TRACE_FILE_H
#define ALM_TRACE_FILE_H

#include "almanac/demand.h"
#include "almanac/trace.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a trace comes from. Text that is NULL or "" is not stored. Only read by alm_trace_create. */
struct alm_trace_info {
    const char *title;
    const char *source;         /* names of the input files, an address, or a generator's specification */
    const char *source_sha256;  /* 64 hex digits, or lines as sha256sum prints them */
    const char *import_command; /* without the name of the output */
    const char *licence;
    const char *time_origin; /* "unix" or "zero"; NULL: "unix" if all stamps are later than 1973-03-03 */
    size_t memory_budget;    /* bytes to sort rows in; 0: 64 MiB */
};

/* What a committed trace holds. */
struct alm_trace_summary {
    size_t units;
    uint64_t rows;
    uint64_t gaps;  /* differences of more than 1.5 intervals between rows of a unit */
    alm_time first; /* stamps over all units */
    alm_time last;
    alm_time interval;  /* nominal */
    uint32_t resources; /* ALM_BIT of the columns that exist */
    bool calendar;      /* times count from 1970-01-01 UTC, not from the trace's own zero */
};

struct alm_trace_writer;

/* Start a trace file that becomes PATH at alm_trace_commit. ALM_EINVAL when the place cannot be written. */
int alm_trace_create(const char *path, const struct alm_trace_info *info, struct alm_trace_writer **out,
                     struct alm_err *e);

/* The sink to fill: belongs to the writer. Its report is zeroed; the importer counts `files` and `read` and notes what
 * it repaired or dropped; the writer adds its own notes and counts `kept` (and `read`, where the importer left it 0).
 * The caller may set `stop` and `progress`. Units are numbered in the order in which they were added; a unit without
 * rows is left out of the file. A name that is empty or not UTF-8 is ALM_EDATA. */
struct alm_trace_sink *alm_trace_writer_sink(struct alm_trace_writer *w);

/* Sort, drop duplicates, write and rename. ALM_EDATA when there is no row; ALM_EINTR when `stop` was set. On failure
 * nothing is left behind. Close the writer afterwards in either case. */
int alm_trace_commit(struct alm_trace_writer *w, struct alm_err *e);

/* Valid after a successful commit. */
const struct alm_trace_summary *alm_trace_writer_summary(const struct alm_trace_writer *w);

/* Release; what was not committed is removed. NULL is fine. */
void alm_trace_writer_close(struct alm_trace_writer *w);

/* REPORT as JSON text (one object: files, read, kept, dropped, reasons, assumed); allocated, the caller frees it. */
int alm_report_json(const struct alm_trace_report *report, char **out, struct alm_err *e);

/* Rows that were dropped, over all reasons. */
uint64_t alm_report_dropped(const struct alm_trace_report *report);

struct alm_trace;

/* Open PATH and check everything that reading relies on but the rows themselves: ALM_EDATA says what is wrong with the
 * file. The order of time stamps and the range of values are checked when rows are read. */
int alm_trace_open(const char *path, struct alm_trace **out, struct alm_err *e);
void alm_trace_close(struct alm_trace *t);

/* The rows: a view, valid until alm_trace_close. Its `read` may be called from several threads. The span of a row is
 * the time since the row before it where that is at most 1.5 intervals, else the interval. */
const struct alm_demand *alm_trace_demand(const struct alm_trace *t);

uint64_t alm_trace_rows(const struct alm_trace *t);
bool alm_trace_calendar(const struct alm_trace *t);
const char *alm_trace_path(const struct alm_trace *t);

/* An attribute of the file ("title", "source", "source_sha256", "import_command", "licence", "report"): allocated, the
 * caller frees it. ALM_NOT_YET when it is not there. */
int alm_trace_text(const struct alm_trace *t, const char *name, char **out, struct alm_err *e);

/* What one resource looks like over all rows. Values that are missing count for `missing` alone. */
struct alm_trace_column {
    uint64_t rows, missing, zeros;
    double mean, p95,
        max; /* plain means over rows; p95 by nearest rank, its last digits (1e-6) cut; NaN without values */
};

/* Read every row once (and each column once more for the percentile), checking all of it: the whole file is good when
 * this succeeds. OUT[ALM_RESOURCES]; GAPS as in the summary. PROGRESS and STOP may be NULL. */
struct alm_trace_watch {
    void (*progress)(void *ctx, double done);
    void *progress_ctx;
    const volatile int *stop;
};
int alm_trace_describe(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_trace_column *out,
                       uint64_t *gaps, struct alm_err *e);

#endif
