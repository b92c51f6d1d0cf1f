/* SPDX-License-Identifier: GPL-3.0-or-later
 * dataset: the tables of a data set among the files of an import.
 *
 * Meaning.  Which table a file is, is told by its first record, never by the order of the files. Tables are read in the
 *           order in which they are declared (capacities before usage), the files of one table in the order given.
 * Choice.   A file that is none of the tables is an error that says what there could be; a known table of which nothing is
 *           used is left alone, and the report says so. */
#ifndef ALM_TRACES_DATASET_H
#define ALM_TRACES_DATASET_H

#include "rows.h"

#define ALM_DATASET_TABLES 12

struct alm_dataset_table {
    const char *what;             /* "machine_usage (9 columns)": for messages */
    size_t columns, columns_most; /* how many the first record has; most 0: as `columns`; both 0: any number */
    bool (*is)(const struct alm_header *first); /* further told by the first record; NULL: by the columns alone */
    int (*read)(void *ctx, const char *path, struct alm_err *e); /* NULL: nothing of it is used, which is said */
    bool about; /* it tells of units alone (capacities, requests): no trace comes of it without another table */
};

struct alm_dataset {
    const char *what; /* "the Azure VM trace" */
    char separator;   /* as for alm_delimited_config */
    bool quotes;
    const struct alm_dataset_table *table; /* the first that fits counts; ended by what == NULL */
};

/* Tell the tables of the COUNT files, then have each read with CTX. FILES (may be NULL) gets the number of files of
 * each table before the first is read. ALM_EDATA when all files together hold no row, or are of tables of which no trace can
 * come. */
int alm_dataset_read(const struct alm_dataset *set, void *ctx, struct alm_trace_sink *sink, const char *const *path,
                     size_t count, size_t files[ALM_DATASET_TABLES], struct alm_err *e);

/* Read the table PATH as FORMAT (which outlives the call): TAKE is called with CTX for each good row. */
typedef int alm_dataset_take(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e);
int alm_dataset_each(struct alm_rows_job *job, const char *path, const struct alm_rows_format *format,
                     alm_dataset_take *take, void *ctx, struct alm_err *e);

/* Does field I (from 0) of a first record begin with a letter? */
bool alm_dataset_word(const struct alm_header *first, size_t i);

/* "first/second" in OUT, for a unit that two columns name. What does not fit is cut, and then too long for a unit. */
#define ALM_DATASET_JOINED (2 * ALM_UNIT_NAME)
struct alm_field alm_dataset_join(const struct alm_field *first, const struct alm_field *second,
                                  char out[ALM_DATASET_JOINED]);

/* The file's name without its folders. */
const char *alm_dataset_name(const char *path);

/* Do the files lie in more than one folder? */
bool alm_dataset_folders(const char *const *path, size_t count);

#endif
