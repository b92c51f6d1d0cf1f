/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_reader: what the parts of reading a trace share: units and usage, and invocations. */
#ifndef ALM_TRACE_READER_H
#define ALM_TRACE_READER_H

#include "almanac/table.h"
#include "trace_columns.h"
#include "trace_file.h"

#define ALM_READ_BATCH ((size_t)1024)

struct alm__invocation_reader;
struct alm__behaviour_reader;

struct alm_trace {
    struct alm_demand demand;
    struct alm_table *table;
    struct alm_column *time, *value[ALM_RESOURCES];
    struct alm_column *served; /* /units/invocations */
    struct alm_unit *unit;
    uint64_t *rows, *offset;
    uint64_t total;                            /* rows of usage */
    struct alm__invocation_reader *invocation; /* NULL: the trace has none */
    struct alm__behaviour_reader *behaviour;   /* NULL: likewise */
    bool calendar;
};

/* Open a column that must be there and of LENGTH (unless that is UINT64_MAX). */
int alm__trace_need(struct alm_trace *t, const char *path, enum alm_column_type type, uint64_t length,
                    struct alm_column **out, struct alm_err *e);

/* Values [START, START + N), N <= ALM_READ_BATCH, of a column of TYPE that holds amounts; all NaN without a COLUMN. */
int alm__trace_amounts(struct alm_column *column, enum alm_column_type type, uint64_t start, size_t n, double *out,
                       struct alm_err *e);

/* The first of N amounts that is neither missing nor finite and >= 0, or N. */
size_t alm__trace_wrong(const double *value, size_t n);

/* Open /invocations and /inputs where they are, and check them against each other; units are read later. */
int alm__invocations_open(struct alm_trace *t, struct alm_err *e);
void alm__invocations_close(struct alm__invocation_reader *r); /* NULL is fine */
uint64_t alm__invocations_count(const struct alm__invocation_reader *r);

/* Open /behaviour and /functions where they are, after the units. */
int alm__behaviour_open(struct alm_trace *t, struct alm_err *e);
void alm__behaviour_close(struct alm__behaviour_reader *r); /* NULL is fine */

/* SEEN[units]: how many invocations each unit has when all were read. ALM_EDATA when /units/invocations differs. */
int alm__invocations_check(const struct alm_trace *t, const uint64_t *seen, struct alm_err *e);

#endif
