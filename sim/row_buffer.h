/* SPDX-License-Identifier: GPL-3.0-or-later
 * row_buffer: recorded usage, read ahead in blocks, a block of each unit at a time.
 *
 * Meaning.  A cursor stands at a row of its unit: the rows row .. filled - 1 of the unit's part of the buffer are in memory,
 *           `loaded` of its `rows` were read so far. CPU is rounded as platforms show it (alm_demand_cores).
 * Choice.   Memory is bounded by units, not by the length of a trace: the blocks of all units together take some 32 MiB,
 *           or 64 rows a unit when there are many.
 * Limits.   The arrays move when a block is filled: an index of a row holds until then. */
#ifndef ALM_SIM_ROW_BUFFER_H
#define ALM_SIM_ROW_BUFFER_H

#include "almanac/demand.h"

#include <stdbool.h>

struct sim_row_cursor {
    uint64_t rows, loaded;
    size_t row, filled;
};

struct sim_row_buffer {
    const struct alm_demand *demand;
    size_t block; /* rows a unit */
    alm_time *at, *span;
    double *value[ALM_RESOURCES]; /* NULL: no such column */
};

/* Room for the units of DEMAND. ALM_ENOMEM, then close does no harm. */
int sim_row_buffer_open(struct sim_row_buffer *b, const struct alm_demand *demand, struct alm_err *e);
void sim_row_buffer_close(struct sim_row_buffer *b);

/* Where UNIT stands before its first row; nothing is read yet. */
struct sim_row_cursor sim_row_cursor(const struct sim_row_buffer *b, size_t unit);

/* Keep the rows from the cursor on and read on behind them. */
int sim_row_buffer_fill(struct sim_row_buffer *b, size_t unit, struct sim_row_cursor *c, struct alm_err *e);

/* On to the next row, at first to the first; ANY: there is one. */
int sim_row_buffer_next(struct sim_row_buffer *b, size_t unit, struct sim_row_cursor *c, bool *any, struct alm_err *e);

/* The index in the arrays of the row that the cursor of UNIT stands at. */
static inline size_t sim_row_index(const struct sim_row_buffer *b, size_t unit, const struct sim_row_cursor *c)
{
    return unit * b->block + c->row;
}

#endif
