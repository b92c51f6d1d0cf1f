/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_reader: the rows of one group of a run file, by blocks: what run_rows.c and run_platform.c share.
 *
 * Choice.   One table of fields per group says which column becomes which member of a row. */
#ifndef ALM_EXPERIMENTS_RUN_READER_H
#define ALM_EXPERIMENTS_RUN_READER_H

#include "experiments/run_file.h"

#define ALM__RUN_BLOCK ((size_t)4096)
#define ALM__RUN_FIELDS 24

struct alm__run_field {
    const char *column;
    enum alm_column_type type;
    size_t offset;
};

struct alm__run_group {
    const char *name;
    size_t row_size;
    bool of_machines; /* each row is of a machine, not of a unit */
    size_t fields;    /* the first is the number of the unit or machine */
    struct alm__run_field field[ALM__RUN_FIELDS];
};

/* One group opened for reading, with room for a block. */
struct alm__run_reader {
    struct alm_run *run;
    const struct alm__run_group *group;
    struct alm_column *column[ALM__RUN_FIELDS];
    uint64_t rows;
    uint32_t *unit; /* or machine */
    char *row;
    void *value; /* a block of one column, of any type */
};

/* A group without columns has no rows. Close R in either case. */
int alm__run_reader_open(struct alm__run_reader *r, struct alm_run *run, const struct alm__run_group *group,
                         struct alm_err *e);
void alm__run_reader_close(struct alm__run_reader *r);

/* Read the numbers of the units, or machines, of N rows from FIRST on into r->unit. */
int alm__run_read_units(struct alm__run_reader *r, uint64_t first, size_t n, struct alm_err *e);

typedef int alm__run_row_fn(void *ctx, const void *row, struct alm_err *e);

/* Rows [first, end) of units [low, high). */
struct alm__run_range {
    uint64_t first, end;
    uint32_t low, high;
};

/* All rows of UNIT, or of all. */
struct alm__run_range alm__run_range_of(const struct alm__run_reader *r, uint32_t unit);

/* Call FN for each row. Blocks without a unit of the range are skipped after their unit column. */
int alm__run_each_row(struct alm__run_reader *r, struct alm__run_range in, alm__run_row_fn *fn, void *ctx,
                      struct alm_err *e);

/* Open, each row of UNIT, close. */
int alm__run_each(struct alm_run *run, const struct alm__run_group *group, uint32_t unit, alm__run_row_fn *fn,
                  void *ctx, struct alm_err *e);

#endif
