/* SPDX-License-Identifier: GPL-3.0-or-later
 * option: what a module can be told, as rows of a table.
 *
 * Meaning.  A module describes its options once; parsing, printing, help, man page, the record in a run file and the
 *           checks all follow from the rows. No module ever sees a string of options.
 * Choice.   `name:key=value,key=value` on a command line; a list inside a value is separated by '/'.
 *           Rows end with a row whose key is NULL. Every value is stored at `offset` in the module's option struct.
 * Limits.   Strings hold ALM_OPT_STRING - 1 bytes, lists ALM_OPT_LIST numbers. */
#ifndef ALMANAC_OPTION_H
#define ALMANAC_OPTION_H

#include "almanac/error.h"

#include <stddef.h>
#include <stdint.h>

enum alm_opt_type {                        /* stored as */
                    ALM_OPT_BOOL,          /* bool: true|false|yes|no|on|off|1|0 */
                    ALM_OPT_INTEGER,       /* int64_t */
                    ALM_OPT_REAL,          /* double */
                    ALM_OPT_DURATION,      /* alm_time */
                    ALM_OPT_BYTES,         /* int64_t */
                    ALM_OPT_CORES,         /* double */
                    ALM_OPT_FRACTION,      /* double */
                    ALM_OPT_CHOICE,        /* int: index into `choices` */
                    ALM_OPT_TEXT,          /* char[ALM_OPT_STRING] */
                    ALM_OPT_NUMBERS,       /* struct alm_numbers */
                    ALM_OPT_BYTES_LIST,    /* struct alm_numbers: bytes, as of "256Gi/128Gi" */
                    ALM_OPT_DURATION_LIST, /* struct alm_numbers: seconds, as of "0/6h" */
};

#define ALM_OPT_STRING 1024
#define ALM_OPT_LIST 32

struct alm_numbers {
    size_t count;
    double value[ALM_OPT_LIST];
};

struct alm_opt {
    const char *key;
    enum alm_opt_type type;
    size_t offset;
    const char *def;     /* parsed like any value, so the default is checked too; NULL for TEXT means "" */
    double min, max;     /* inclusive, in the stored unit, of each item; both 0 means unbounded */
    const char *choices; /* "a|b|c" for ALM_OPT_CHOICE */
    const char *help;    /* one line, lower case, no full stop, with the unit */
};

/* Fill the option struct OPT with the defaults of ROWS (NULL: nothing to do). Errors only on a wrong table. */
int alm_options_init(const struct alm_opt *rows, void *opt, struct alm_err *e);

/* Set one key. WHO names the owner in messages ("predictor vpa"). An unknown key names the nearest known one.
 * OPT is unchanged on failure. */
int alm_options_set(const struct alm_opt *rows, void *opt, const char *who, const char *key, const char *value,
                    struct alm_err *e);

/* Set from "key=value,key=value" ("" is fine). Stops at the first error; earlier keys stay set. */
int alm_options_parse(const struct alm_opt *rows, void *opt, const char *who, const char *text, struct alm_err *e);

/* Print the value of ROW so that parsing it gives the same value; OUT holds SIZE bytes. Returns OUT. */
char *alm_options_print(const struct alm_opt *row, const void *opt, char *out, size_t size);

/* Write "key=value,key=value" for all rows into OUT. Returns ALM_EINVAL when SIZE is too small. */
int alm_options_text(const struct alm_opt *rows, const void *opt, char *out, size_t size, struct alm_err *e);

/* Likewise, for the rows that differ from their defaults: "" when none does. */
int alm_options_changed(const struct alm_opt *rows, const void *opt, char *out, size_t size, struct alm_err *e);

/* The known word nearest to WORD (edit distance <= 2, or a prefix), or NULL: for "did you mean". NAMES ends with NULL.
 */
const char *alm_nearest(const char *word, const char *const *names);

#endif
