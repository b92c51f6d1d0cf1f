/* SPDX-License-Identifier: GPL-3.0-or-later
 * tape: recorded usage as the replay wants it: the rows of each unit one after the other, read in blocks.
 *
 * Choice.   What every row has lies together in 32 bytes, so that a unit is one stream to the processor and two rows share a
 *           cache line. CPU is rounded when it is read, as a platform can show it.
 * Limits.   Memory: a block for each unit, whatever the length of the trace. */
#ifndef ALM_SIM_TAPE_H
#define ALM_SIM_TAPE_H

#include "almanac/demand.h"

#include <stdbool.h>

struct sim_tape_row {
    alm_time at, start;
    double cpu, memory; /* cores, bytes; NaN when missing, and when there is no such column */
};

/* Where a unit stands in its part of the buffer. */
struct sim_tape_head {
    uint64_t rows, loaded; /* of the unit in all; read so far */
    size_t row, filled;    /* the present one; how many are in the buffer */
    const struct sim_tape_row *line;
    double peak;                        /* no memory in the buffer from the present row on is larger */
    const double *other[ALM_RESOURCES]; /* parallel to LINE; NULL where there is no column, and for CPU and memory */
};

struct sim_tape {
    const struct alm_demand *demand;
    size_t block; /* rows a unit */
    struct sim_tape_row *line;
    double *other[ALM_RESOURCES];
    alm_time *at, *span; /* of the rows just read, as the two below */
    double *cpu, *memory;
};

/* Room for a block of each unit. Release with sim_tape_close, also after a failure. */
int sim_tape_open(struct sim_tape *t, const struct alm_demand *demand, struct alm_err *e);
void sim_tape_close(struct sim_tape *t);

/* Put the head of UNIT before its first row, with a first block. A unit without rows is ALM_EDATA. */
int sim_tape_begin(struct sim_tape *t, size_t unit, struct sim_tape_head *head, struct alm_err *e);

/* Keep the rows from the present one on and read on behind them. */
int sim_tape_fill(struct sim_tape *t, size_t unit, struct sim_tape_head *head, struct alm_err *e);

/* The buffer ran out although the unit has more rows. */
static inline bool sim_tape_ran_out(const struct sim_tape_head *head)
{
    return head->row == head->filled && head->loaded < head->rows;
}

#endif
