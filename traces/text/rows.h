/* SPDX-License-Identifier: GPL-3.0-or-later
 * rows: the rows of a published table whose columns are declared.
 *
 * Meaning.  An importer says once which columns its format has (by name, or by place where files have no header), what
 *           they hold and which values are believed; rows then come parsed. A row that cannot be read is an error that
 *           names file, row, column and text; with bad=drop it is dropped, and counted by reason.
 * Choice.   A value outside of its range is bad, or missing where the format is known for such values (-1, 101): the
 *           table says which. A missing value in a column that is needed makes the row bad.
 * Limits.   ALM_CELLS declared columns; `rest` gives the fields as they are, for tables of a thousand columns. */
#ifndef ALM_TRACES_ROWS_H
#define ALM_TRACES_ROWS_H

#include "almanac/option.h"
#include "delimited.h"

#define ALM_CELLS 32

enum alm_cell_type {
    ALM_CELL_TEXT,   /* as it is; missing when empty or one of the words */
    ALM_CELL_NUMBER, /* decimal */
    ALM_CELL_TIME,   /* in the format of the table */
};

enum alm_cell_flag {
    ALM_CELL_NEEDED = 1u << 0,   /* the column must exist, and hold a value in every row */
    ALM_CELL_EXPECTED = 1u << 1, /* the column must exist; values may be missing */
    ALM_CELL_ABNORMAL = 1u << 2, /* a number outside of [min, max] means missing, and is noted */
};

/* One column. A spec ends with a row whose name and place are both nothing. */
struct alm_cell_spec {
    const char *name; /* of the header, without regard to case; "a|b": either; NULL: by place alone */
    int place;        /* column from 1 in a file without header */
    enum alm_cell_type type;
    unsigned flags;
    double min, max; /* inclusive; both 0: 0 .. 1e15 */
};

struct alm_rows_format {
    const char *what; /* "a task_usage table of the Google 2011 trace": for messages */
    char separator;   /* as for alm_delimited_config; 0: found out */
    bool quotes, header;
    char decimal; /* 0: '.' */
    enum alm_time_format time;
    size_t split; /* as for alm_delimited_config: of tables with a thousand columns, of which the first are declared */
    const struct alm_cell_spec *cell;
};

struct alm_cell {
    struct alm_field text;
    bool missing; /* then number is NaN and time is ALM_TIME_NONE */
    double number;
    alm_time time;
};

/* Options that every importer of tables has: a member `struct alm_rows_options rows` of its option struct, and this line
 * in its option rows. MISSING lists the words that mean "missing" there by default. */
struct alm_rows_options {
    char missing[ALM_OPT_STRING];
    int bad;
};
#define ALM_ROWS_USUAL_MISSING "-/NaN/nan/null/NULL/NA"
#define ALM_ROWS_OPTIONS(type, words)                                                                                  \
    {"missing", ALM_OPT_TEXT, offsetof(type, rows) + offsetof(struct alm_rows_options, missing),   words, 0,           \
     0,         NULL,         "words that mean a missing value, a/b/c; an empty field always does"},                   \
    {                                                                                                                  \
        "bad", ALM_OPT_CHOICE, offsetof(type, rows) + offsetof(struct alm_rows_options, bad), "error", 0, 0,           \
            "error|drop", "what to do with a row that cannot be read"                                                  \
    }

struct alm_rows;

/* What all files of an import share. */
struct alm_rows_job {
    const struct alm_rows_options *options;
    struct alm_trace_sink *sink;
    struct alm_reading reading;
};
struct alm_rows_job alm_rows_start(const struct alm_rows_options *options, struct alm_trace_sink *sink,
                                   const char *const *path, size_t count);

/* After the last file: ALM_EDATA when no row was read in all the files PATH. */
int alm_rows_any(const struct alm_rows_job *job, const char *const *path, size_t count, struct alm_err *e);

/* Open the file PATH as FORMAT (which must outlive OUT) and find its columns. Counts it as a file of the report. An
 * empty file, or one with only a header, opens, and is noted. ALM_EDATA says which column is missing and what there is.
 * JOB must outlive OUT. */
int alm_rows_open(struct alm_rows_job *job, const char *path, const struct alm_rows_format *format,
                  struct alm_rows **out, struct alm_err *e);

/* The next good row: *CELL is an array in the order of the spec, valid until the next call; a column that the file
 * does not have is missing in each row. ALM_END after the last. Counts rows read, tells progress, looks whether to
 * stop. */
int alm_rows_next(struct alm_rows *r, const struct alm_cell **cell, struct alm_err *e);

/* All fields of the newest row. */
void alm_rows_rest(const struct alm_rows *r, const struct alm_field **field, size_t *count);

/* The newest row cannot be used for WHY (a static string) because of its column I of the spec: an error, or with bad=drop
 * it is noted as dropped and ALM_OK returned. Then go on with the next row. */
int alm_rows_bad(struct alm_rows *r, const char *why, size_t i, struct alm_err *e);

/* Note that the newest row was dropped (or, when not DROPPED, mended) for WHY, whatever bad= says. */
void alm_rows_note(struct alm_rows *r, bool dropped, const char *why);

/* Prefix the text of E with file and row; returns its code. */
int alm_rows_blame(const struct alm_rows *r, struct alm_err *e);

bool alm_rows_has(const struct alm_rows *r, size_t i);              /* does the file have column I of the spec? */
const struct alm_header *alm_rows_header(const struct alm_rows *r); /* NULL without one */
const char *alm_rows_path(const struct alm_rows *r);
uint64_t alm_rows_row(const struct alm_rows *r);
void alm_rows_close(struct alm_rows *r); /* NULL is fine */

/* The first record of PATH, to tell which table of a data set it is; 0 columns when the file is empty. Free OUT. */
int alm_rows_peek(const char *path, char separator, bool quotes, struct alm_header *out, struct alm_err *e);

/* The unit of this name for a row: as alm_batch_unit, with file and row in the error and a note of what was repaired.
 * ALM_END: dropped (bad=drop). */
int alm_rows_unit(struct alm_rows *r, struct alm_batch *b, const struct alm_field *name, uint32_t *unit,
                  struct alm_err *e);

/* The same with all there is to say of a unit. */
int alm_rows_about(struct alm_rows *r, struct alm_batch *b, const struct alm_unit_about *about, uint32_t *unit,
                   struct alm_err *e);

#endif
