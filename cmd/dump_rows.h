/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump_rows: rows of named cells to CSV or JSON, one at a time.
 *
 * Meaning.  CSV: a header, RFC 4180 quoting, a missing cell is empty. JSON: {"schema":"almanac.dump/1","table":NAME,
 *           "rows":[{...},...]}, a missing cell is null. Numbers are printed so that reading gives the same value back;
 *           times are exact decimal seconds. */
#ifndef ALMANAC_CMD_DUMP_ROWS_H
#define ALMANAC_CMD_DUMP_ROWS_H

#include "almanac/error.h"
#include "almanac/time.h"
#include "cmd/cmd.h"

#include <stdint.h>
#include <stdio.h>

enum dump_cell_type { DUMP_NONE, DUMP_INTEGER, DUMP_REAL, DUMP_TIME, DUMP_TEXT };

struct dump_cell {
    enum dump_cell_type type;
    union {
        int64_t integer; /* also a time, in nanoseconds */
        double real;     /* NaN and infinities are missing in JSON; NaN is missing in CSV */
        const char *text;
    };
};

struct dump_rows {
    FILE *out;
    enum cmd_format format; /* CMD_CSV or CMD_JSON */
    const char *const *name;
    size_t *chosen, columns;
    uint64_t rows;
    bool closed; /* the reader of a pipe had enough: no failure */
};

/* Write what comes before the first row. NAME[COUNT] must outlive W; CHOICE is a list "a,b" of names in the order
 * wanted, or NULL for all. ALM_EINVAL for a name that is not there. */
int dump_rows_start(struct dump_rows *w, const char *table, const char *const *name, size_t count, const char *choice,
                    struct alm_err *e);

/* Write one row of COUNT cells. ALM_EIO when stdout refuses, ALM_EINTR when the user wants to leave. */
int dump_rows_put(struct dump_rows *w, const struct dump_cell *cell, struct alm_err *e);

void dump_rows_end(struct dump_rows *w);  /* write what comes after the last row */
void dump_rows_free(struct dump_rows *w); /* always */

/* Nanoseconds as exact decimal seconds without trailing zeros ("-0.25", "1300000000.000000001"). OUT holds 32 bytes.
 * Returns OUT. */
char *dump_seconds(alm_time t, char *out);

#endif
