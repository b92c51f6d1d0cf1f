/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_table: columns of a plain table, for the commands that fit one model to one series or table.
 *
 * Meaning.  A delimited text with a header: the separator is found out, the decimal mark is a point. NA, NaN, null, - and an empty field
 *           are missing values, NaN here. Of a table with one column a blank line is a missing value too; blank lines at the end are not.
 * Choice.   The house's reader of delimited text, so gzip and xz are unpacked, and errors name file, line and column.
 * Limits.   The columns asked for are held in memory. An infinite value is refused. */
#ifndef ALMANAC_CMD_SERIES_TABLE_H
#define ALMANAC_CMD_SERIES_TABLE_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SERIES_CATEGORY_LEVELS 4096

struct series_wish {
    const char *path;       /* "-" is standard input */
    const char *column;     /* name, or number from 1; NULL: the only column, else the one called y */
    const char *regressors; /* "a,b": these; "": all others; NULL: none */
    const char *categories; /* "a,b": these of the regressors are words; NULL: none */
    bool words;             /* they may be: errors say how */
    size_t from, to;        /* rows after the header, from 1, both included; 0: from the first, to the last */
};

struct series_column {
    char *name;    /* bytes that are not printable UTF-8 are \xHH */
    double *value; /* [rows]; of a category the number of a level */
    bool category;
    size_t levels;
    char **level; /* [levels]: its words as they first come, printable */
};

struct series_table {
    const char *file;            /* for people: the path, or "standard input" */
    size_t rows, first, missing; /* first: number of the first row kept; missing: of the first column */
    size_t columns;
    struct series_column *column; /* the first is the one asked for */
};

/* ALM_EINVAL: a row range without rows; ALM_EDATA: a file, column or value that is not what it has to be. OUT goes to
 * series_table_free, after an error too. */
int series_table_read(const struct series_wish *wish, struct series_table *out, struct alm_err *e);
void series_table_free(struct series_table *t);

#endif
