/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_file: the trace file, format "trace/1": written once through a sink, read in blocks as demand.
 *
 * Meaning.  A CF-1.8 contiguous ragged array. /units has one row a unit: name, code, cores, memory, rows, first, last.
 *           /usage has the rows of all units, one unit after the other, each sorted by time: time and one column for
 *           each resource that any row has. Missing is NaN (cpu) or INT64_MIN (the rest). /invocations has one row an
 *           invocation, sorted by arrival: arrival, unit (row of /units), and one column for each field that any has;
 *           /inputs has a column for each input parameter, aligned with /invocations, and for a category NAME the words
 *           in NAME_words. A trace has usage, invocations or both. /behaviour, where there is any, has one row a record, of
 *           all units one after the other (/units/behaviour of each), each unit's sorted by time then function: time,
 *           span, unit, function (row of /functions/name, of which the first is ""), and one column for each field.
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
    alm_time resample;       /* > 0: one row of usage for each such interval that has any; see trace_resample.h */
};

/* What a committed trace holds. */
struct alm_trace_summary {
    size_t units;
    uint64_t rows;        /* of usage */
    uint64_t invocations; /* their first and last arrival are part of `first` and `last` */
    size_t inputs;
    uint32_t fields;   /* bits 1 << enum alm_invocation_field: columns that exist */
    uint64_t records;  /* of behaviour */
    size_t functions;  /* which these may speak of; 0 without records */
    uint32_t measured; /* bits 1 << enum alm_behaviour_field: columns that exist */
    uint64_t gaps;     /* differences of more than 1.5 intervals between rows of a unit */
    alm_time first;    /* stamps over all units */
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
 * rows and invocations is left out of the file. A name that is empty or not UTF-8 is ALM_EDATA. */
struct alm_trace_sink *alm_trace_writer_sink(struct alm_trace_writer *w);

/* Sort, drop duplicates, write and rename. ALM_EDATA when there is no row and no invocation; ALM_EINTR when `stop` was
 * set. On failure nothing is left behind. Close the writer afterwards in either case. */
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

/* The invocations: a view, valid until alm_trace_close; NULL when the trace has none. Inputs are in order of name. */
const struct alm_invocations *alm_trace_invocations(const struct alm_trace *t);

/* The behaviour: a view, valid until alm_trace_close; NULL when the trace has none. */
const struct alm_behaviours *alm_trace_behaviours(const struct alm_trace *t);

/* Bits 1 << enum alm_behaviour_field: the columns that exist. */
uint32_t alm_trace_measured(const struct alm_trace *t);

/* The name of a field, which is that of its column: "duration". A static string. */
const char *alm_trace_field_name(enum alm_invocation_field f);

uint64_t alm_trace_rows(const struct alm_trace *t);
bool alm_trace_calendar(const struct alm_trace *t);
const char *alm_trace_path(const struct alm_trace *t);

/* An attribute of the file ("title", "source", "source_sha256", "import_command", "licence", "report"): allocated, the
 * caller frees it. ALM_NOT_YET when it is not there. */
int alm_trace_text(const struct alm_trace *t, const char *name, char **out, struct alm_err *e);

/* Autocorrelation: the median over the units that have one (traces/lag.h), and how many these are; NaN and 0 when none
 * has: that takes 30 pairs of rows the lag apart, and values that differ. */
struct alm_trace_lag {
    double value;
    size_t units;
};

/* What one resource looks like over all rows. Values that are missing count for `missing` alone. */
struct alm_trace_column {
    uint64_t rows, missing, zeros;
    double mean, p95,
        max; /* plain means over rows; p95 by nearest rank, its last digits (1e-6) cut; NaN without values */
    struct alm_trace_lag step, day; /* at one interval and at one day */
};

/* Read every row twice, checking all of it: the usage of the file is good when this succeeds. OUT[ALM_RESOURCES]; GAPS as
 * in the summary. PROGRESS and STOP may be NULL. */
struct alm_trace_watch {
    void (*progress)(void *ctx, double done);
    void *progress_ctx;
    const volatile int *stop;
};
int alm_trace_describe(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_trace_column *out,
                       uint64_t *gaps, struct alm_err *e);

#define ALM_TRACE_MOST 5  /* units with most invocations */
#define ALM_TRACE_WORDS 3 /* most frequent words of a category */

struct alm_trace_most {
    size_t index; /* of the unit or the word */
    uint64_t count;
};

/* What the invocations look like. NaN: not known, as there are too few values. */
struct alm_trace_load {
    uint64_t count;
    alm_time first, last;           /* arrival */
    size_t units, codes;            /* with invocations; distinct codes of these, 0 when none is known */
    double rate;                    /* invocations per second between the first and the last */
    double interarrival_cv;         /* standard deviation of the times between arrivals / their mean */
    uint64_t minutes, idle_minutes; /* from the first arrival's minute to the last one's; those without any arrival */
    size_t most_count;
    struct alm_trace_most most[ALM_TRACE_MOST]; /* units by count, then as in the file */
    struct {
        uint64_t missing;
        double mean, p50, p95, max;
    } field[ALM_INVOCATION_FIELDS];
    struct {
        uint64_t missing;
        double mean, min, max; /* of numbers */
        size_t most_count;     /* of categories: the most frequent words, by count, then as in the file */
        struct alm_trace_most most[ALM_TRACE_WORDS];
    } input[ALM_INPUTS];
};

/* Read every invocation twice, checking all of them. Without invocations OUT is all zero. */
int alm_trace_describe_load(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_trace_load *out,
                            struct alm_err *e);

/* What the behaviour looks like. */
struct alm_trace_habits {
    uint64_t records;
    size_t units, functions;    /* with records; functions but "" */
    alm_time first, last;       /* begin of the first interval, end of the last */
    alm_time shortest, longest; /* span */
    double calls;               /* of all functions but "" */
    size_t most_count;
    struct alm_trace_most most[ALM_TRACE_MOST]; /* functions by calls, then as in the file */
    struct {
        uint64_t missing;
        double mean, max; /* over records; NaN without values */
    } field[ALM_BEHAVIOUR_FIELDS];
};

/* Read every record, checking all of them. Without behaviour OUT is all zero. */
int alm_trace_describe_behaviour(const struct alm_trace *t, const struct alm_trace_watch *watch,
                                 struct alm_trace_habits *out, struct alm_err *e);

#endif
