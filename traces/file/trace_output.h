/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_output: rows of numbers on their way into the columns of a file, in batches. */
#ifndef ALM_TRACE_OUTPUT_H
#define ALM_TRACE_OUTPUT_H

#include "almanac/table.h"
#include "almanac/time.h"

#define ALM_OUTPUT_BATCH 1024u

union alm__output_block {
    double real[ALM_OUTPUT_BATCH];
    int64_t whole[ALM_OUTPUT_BATCH];
    uint32_t number[ALM_OUTPUT_BATCH];
};

/* Column I takes value I of each row as TYPE, NaN as what is missing there; without a handle the value is left out. */
struct alm__output_column {
    struct alm_column *column;
    enum alm_column_type type; /* ALM_COL_F64, ALM_COL_I64 or ALM_COL_U32 */
    union alm__output_block block;
};

struct alm__output {
    struct alm_column *time;
    size_t count; /* rows that wait */
    alm_time at[ALM_OUTPUT_BATCH];
    size_t columns;
    struct alm__output_column column[];
};

/* Zeroed, for the caller to fill in; released by free(). NULL without memory. */
struct alm__output *alm__output_new(size_t columns);

/* The column that SPEC says, for value I. */
int alm__output_column(struct alm__output *o, size_t i, struct alm_table *t, const struct alm_column_spec *spec,
                       struct alm_err *e);
int alm__output_row(struct alm__output *o, alm_time at, const double *value, struct alm_err *e);
int alm__output_flush(struct alm__output *o, struct alm_err *e);

#endif
