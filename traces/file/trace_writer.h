/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_writer: what the parts of writing a trace share: collecting units, rows and invocations, and setting the file
 * down. */
#ifndef ALM_TRACE_WRITER_H
#define ALM_TRACE_WRITER_H

#include "almanac/table.h"
#include "trace_columns.h"
#include "trace_file.h"
#include "trace_inputs.h"
#include "trace_sort.h"

#include <math.h>

struct alm__trace_unit {
    struct alm_unit unit; /* first > last: nothing was seen of it */
    alm_time newest;      /* stamp of the row added last */
    uint64_t invocations;
    uint64_t rows, records; /* of usage and of behaviour in the file; counted at commit */
    uint32_t number;        /* row of /units; known once those are written */
};

struct alm_trace_writer {
    struct alm_trace_sink sink; /* first: a sink is its writer */
    struct alm_trace_report report;
    struct alm_trace_summary summary;
    char *path, *time_origin, *platform;
    struct alm__trace_unit *unit;
    size_t units, units_room;
    uint32_t *hash; /* unit number + 1 by name; 0: empty */
    size_t hash_room;
    struct alm__inputs inputs;
    struct alm_names *function;                       /* NULL until the first but "" comes, which is 0 */
    size_t budget;                                    /* bytes for all of: */
    struct alm__sort *usage, *invocation, *behaviour; /* NULL until the first row comes */
    uint64_t rows, invocations, records;              /* pushed */
    struct alm_table *table;
    alm_time interval, earliest;
    alm_time resample; /* 0: rows stay as they come */
    bool committed;
};

/* The four functions of a sink that are about invocations. */
int alm__sink_input(struct alm_trace_sink *sink, const struct alm_input *input, uint32_t *out, struct alm_err *e);
int alm__sink_word(struct alm_trace_sink *sink, uint32_t input, const char *word, size_t size, double *out,
                   struct alm_err *e);
int alm__sink_invocations(struct alm_trace_sink *sink, const struct alm_invocation *row, const double *input, size_t n,
                          struct alm_err *e);
int alm__sink_platform(struct alm_trace_sink *sink, const char *json, struct alm_err *e);

/* The two about behaviour. */
int alm__sink_function(struct alm_trace_sink *sink, const char *name, size_t size, uint32_t *out, struct alm_err *e);
int alm__sink_behaviour(struct alm_trace_sink *sink, const struct alm_behaviour *row, size_t n, struct alm_err *e);

/* Look whether UNIT is there and the user wants to go on. WHAT: "rows". */
int alm__sink_ready(const struct alm_trace_writer *w, const char *what, uint32_t unit, struct alm_err *e);

/* Can AT be a stamp of UNIT? */
int alm__sink_when(struct alm_trace_writer *w, uint32_t unit, alm_time at, struct alm_err *e);

/* Note that something of UNIT happened at AT. ALM_EDATA when that is out of range. */
int alm__sink_stamp(struct alm_trace_writer *w, uint32_t unit, alm_time at, struct alm_err *e);

/* Can V be an amount, or is it missing? */
static inline bool alm__sink_sound(double v)
{
    return isnan(v) || (v >= 0 && v <= ALM_VALUE_MOST);
}

/* CPU is kept to 12 decimals: far finer than any meter, and the rounding noise of arithmetic (0.08199999999999999 for 0.082) does not
 * decide on which side of a millicore a value falls. */
static inline double alm__sink_cores(double cores)
{
    return cores < 9000 ? nearbyint(cores * 1e12) / 1e12 : cores;
}

/* NaN, and a note that V, which is not sound, was taken as missing. WHAT: "memory". */
double alm__sink_mend(struct alm_trace_writer *w, double v, const char *what, uint32_t unit, alm_time at);

/* Open SORT, one of those of W, unless it is: all then share the budget. */
int alm__sink_sort(struct alm_trace_writer *w, struct alm__sort **sort, struct alm__sort_shape shape,
                   struct alm_err *e);

/* Between rows of a merge, DONE of all rows being done: tell progress, look whether to stop. */
int alm__commit_step(const struct alm_trace_writer *w, uint64_t done, struct alm_err *e);

/* The column of time stamps PATH. */
int alm__commit_time(struct alm_trace_writer *w, const char *path, const char *dimension, const char *long_name,
                     struct alm_column **out, struct alm_err *e);

/* Write /invocations and /inputs, after /units. */
int alm__commit_invocations(struct alm_trace_writer *w, struct alm_err *e);

/* Write /behaviour and /functions, when it is known which units the file has, and count the records of each. */
int alm__commit_behaviour(struct alm_trace_writer *w, struct alm_err *e);

#endif
