/* SPDX-License-Identifier: GPL-3.0-or-later
 * delimited: lines of separated fields in, views of fields out.
 *
 * Meaning.  A record is a line; a quoted field ("...", quotes inside are doubled) may hold separators and line ends.
 *           Blanks around a field are not part of it, so `;` followed by a tab needs no special care. Blank lines are
 *           skipped. Rows are counted as an editor counts lines, from 1.
 * Choice.   Read in blocks; a field is a view into the block, so nothing is copied and memory does not grow with the
 *           file, only with its longest line.
 * Limits.   A line of up to ALM_DELIMITED_LINE bytes with up to ALM_DELIMITED_FIELDS fields. UTF-8 or another superset
 *           of ASCII; a NUL byte means the file is not text. Line ends LF or CRLF; the last one may be absent.
 * Source.   RFC 4180, and what real files do to it. */
#ifndef ALMANAC_TRACES_DELIMITED_H
#define ALMANAC_TRACES_DELIMITED_H

#include "almanac/error.h"
#include "almanac/time.h"
#include "almanac/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALM_DELIMITED_LINE ((size_t)64 << 20)
#define ALM_DELIMITED_FIELDS ((size_t)1 << 20)

/* A view; valid until the next record is read. Not ended by NUL. */
struct alm_field {
    const char *at;
    size_t size;
};

struct alm_delimited_config {
    char separator; /* 0: found out from the first two lines (; tab , blank); ' ': any run of blanks */
    bool quotes;    /* a field that begins with " is quoted */
    size_t block;   /* bytes to read at a time; 0: 1 MiB. Anything else is for tests. */
    size_t split;   /* split only the first so many fields; what follows them is one more field, as it is; 0: all */
};

struct alm_delimited;

/* Open PATH, packed by gzip or xz or not. ALM_EDATA when it cannot be opened or is not text (an archive, UTF-16). An
 * empty file opens. */
int alm_delimited_open(const char *path, const struct alm_delimited_config *config, struct alm_delimited **out,
                       struct alm_err *e);
void alm_delimited_close(struct alm_delimited *d); /* NULL is fine */

/* The next record: COUNT >= 1 fields, or ALM_END. ALM_EDATA names file and row. */
int alm_delimited_next(struct alm_delimited *d, const struct alm_field **field, size_t *count, struct alm_err *e);

uint64_t alm_delimited_row(const struct alm_delimited *d);   /* of the newest record */
uint64_t alm_delimited_bytes(const struct alm_delimited *d); /* of the file, packed, read so far: for progress */
const char *alm_delimited_path(const struct alm_delimited *d);

/* ---- numbers and times ---- */

enum alm_number { ALM_NUMBER_OK, ALM_NUMBER_NONE, ALM_NUMBER_LARGE };

/* A decimal number that fills the whole view: [+-]digits[.digits][e[+-]digits], with DECIMAL ('.' or ',') as the mark.
 * The value is what strtod gives, bit for bit. NONE: not a number (so are nan, inf, hexadecimal and anything longer
 * than 1000 characters); LARGE: beyond the range of a double. OUT is set on OK alone.
 * cost    about a nanosecond a digit up to 19 digits and exponents within 27; beyond that strtod's. */
enum alm_number alm_number_parse(const char *at, size_t size, char decimal, double *out);

enum alm_time_format {
    ALM_TIME_S, /* counts, with or without a fraction, of ... */
    ALM_TIME_MS,
    ALM_TIME_US,
    ALM_TIME_NS,
    ALM_TIME_ISO, /* 2013-08-12[T ]13:40:46[.123456789][Z|+02:00|+0200]; without a zone it is UTC; the time may be
                     absent */
    ALM_TIME_DMY, /* 12.08.2013 13:40:46, UTC; the time or its seconds may be absent */
};

/* The instant that fills the whole view, exact to the nanosecond (further digits are cut). */
enum alm_number alm_instant_parse(const char *at, size_t size, enum alm_time_format format, char decimal,
                                  alm_time *out);

/* At most 40 characters of a field for a message: in backquotes, with what cannot be printed as \xHH. OUT holds
 * ALM_EXCERPT bytes. Returns OUT. */
#define ALM_EXCERPT 180
char *alm_excerpt(const char *at, size_t size, char *out);

/* ---- words that mean "missing" ---- */

#define ALM_MISSING_WORDS 16
struct alm_missing {
    size_t count;
    struct {
        char text[32];
        bool number; /* also any number equal to `value` */
        double value;
    } word[ALM_MISSING_WORDS];
};

/* From a list separated by '/'; the empty field is always missing. ALM_EINVAL on too many or too long words. */
int alm_missing_parse(const char *list, struct alm_missing *out, struct alm_err *e);

/* Is this field missing? */
bool alm_missing_is(const struct alm_missing *m, const char *at, size_t size);
bool alm_missing_number(const struct alm_missing *m, double value);

/* ---- header ---- */

struct alm_header {
    size_t count;
    char **name; /* each ended by NUL */
    char *text;
};

/* Copy a record. A byte order mark was already removed. */
int alm_header_copy(const struct alm_field *field, size_t count, struct alm_header *out, struct alm_err *e);
void alm_header_free(struct alm_header *h);

/* Index of the column NAME: exact, else without regard to case; -1 when there is none. */
long alm_header_find(const struct alm_header *h, const char *name);

/* The column name nearest to NAME among those not TAKEN (one flag a column, or NULL), or NULL. */
const char *alm_header_nearest(const struct alm_header *h, const char *name, const bool *taken);

/* "`time`, `cpu`, ... (12 columns)" into OUT, cut to SIZE. Returns OUT. */
char *alm_header_list(const struct alm_header *h, char *out, size_t size);

/* One column that a reader looks for. */
struct alm_column_want {
    const char *key;   /* the option that names it, which is also its usual name */
    const char *value; /* what the option says: a name, a number from 1, or "none" (or "") */
    bool needed;
    long index; /* out: from 0, or -1 when there is none */
};

/* Find WANT[N] in the header H of FIELDS columns (H NULL: the file has none, so only numbers can be found).
 * ALM_EDATA when a needed or expressly named column is missing, or when a column's usual name is missing and another
 * column nearly has it: a misspelt name must not silently become a missing resource. D says where. */
int alm_columns_find(const struct alm_delimited *d, const struct alm_header *h, size_t fields,
                     struct alm_column_want *want, size_t n, struct alm_err *e);

/* ---- units by name, and rows in batches ---- */

/* Rows on their way to a sink: one batch of rows of one unit, and a table of names so that a unit is asked for once. */
struct alm_batch;

int alm_batch_open(struct alm_trace_sink *sink, struct alm_batch **out, struct alm_err *e);
void alm_batch_close(struct alm_batch *b); /* does not flush; NULL is fine */

/* The unit of this name, added when new with CORES and MEMORY (NaN: not known). Bytes that are not printable UTF-8
 * become \xHH in the name; *REPAIRED says so. ALM_EDATA for an empty or too long name; the text has no file in it.
 * COUNTER gets a counter of the unit that is the caller's to use, 0 at first; NULL: not wanted. */
int alm_batch_unit(struct alm_batch *b, const char *name, size_t size, double cores, double memory, uint32_t *unit,
                   uint64_t **counter, bool *repaired, struct alm_err *e);

/* The same with a code (empty: not known). */
struct alm_unit_about {
    struct alm_field name, code;
    double cores, memory; /* NaN: not known */
};
int alm_batch_about(struct alm_batch *b, const struct alm_unit_about *about, uint32_t *unit, uint64_t **counter,
                    bool *repaired, struct alm_err *e);

/* Tell the sink the capacities of a unit that was added before; NaN: not known. */
int alm_batch_capacity(struct alm_batch *b, const char *name, size_t size, double cores, double memory,
                       struct alm_err *e);

int alm_batch_add(struct alm_batch *b, uint32_t unit, const struct alm_trace_row *row, struct alm_err *e);
int alm_batch_flush(struct alm_batch *b, struct alm_err *e);

/* "b" from "a/b.csv.gz": the file's name without folder, without .gz or .xz and, when STEM, without extension. OUT holds ALM_UNIT_NAME + 32
 * bytes; longer names are cut there, which alm_batch_unit then refuses. */
#define ALM_FILE_NAME (ALM_UNIT_NAME + 32)
void alm_file_unit(const char *path, bool stem, char out[ALM_FILE_NAME]);

/* Append SENTENCE to what REPORT says was assumed, once, as far as there is room. */
void alm_report_assume(struct alm_trace_report *report, const char *sentence);

/* ---- progress over many files ---- */

struct alm_reading {
    struct alm_trace_sink *sink;
    double total, before; /* bytes: of all files, and of those already read */
    uint32_t countdown;
};

struct alm_reading alm_reading_start(struct alm_trace_sink *sink, const char *const *path, size_t count);

/* Call once a record; every few thousand it tells the sink how far D is and looks whether to stop: ALM_EINTR. */
int alm_reading_step(struct alm_reading *r, const struct alm_delimited *d, struct alm_err *e);

/* The same for a file of another kind: PATH, of which BYTES were read so far; and when it is read to its end. */
int alm_reading_at(struct alm_reading *r, const char *path, uint64_t bytes, struct alm_err *e);
void alm_reading_done(struct alm_reading *r, uint64_t bytes);

/* Call when D is read to its end. */
void alm_reading_next_file(struct alm_reading *r, const struct alm_delimited *d);

#endif
