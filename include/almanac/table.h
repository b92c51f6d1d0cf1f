/* SPDX-License-Identifier: GPL-3.0-or-later
 * table: columnar files: named columns in groups, with attributes; every almanac file is one.
 *
 * Meaning.  A column is a 1-D dataset ("/usage/cpu"). All columns of a group that belong to one dimension have equal
 *           length. Opens in h5py, xarray, ncdump, MATLAB, Julia: HDF5 with netCDF-4 dimension scales, CF-1.8.
 * Choice.   A written file appears whole or not at all: it is built under a temporary name beside the target, then
 *           synced and renamed by alm_table_commit. Object time stamps are off, so equal content is equal bytes.
 *           Filters: deflate level 1, shuffle where a column asks for it, and a checksum (fletcher32).
 * Limits.   1-D columns of int64, double, uint32, uint8 and UTF-8 text. */
#ifndef ALMANAC_TABLE_H
#define ALMANAC_TABLE_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alm_table;
struct alm_column;

enum alm_column_type { ALM_COL_I64, ALM_COL_F64, ALM_COL_U32, ALM_COL_U8, ALM_COL_TEXT };

struct alm_column_spec {
    const char *path; /* "/usage/cpu"; the group is made when it is missing */
    enum alm_column_type type;
    const char *dimension; /* path of the dimension ("/usage/row"), made when missing */
    const char *unit;      /* CF units ("1", "byte", "nanoseconds since ..."); NULL: none */
    const char *long_name; /* NULL: none */
    bool shuffle;
    bool fill; /* store _FillValue: NaN, or INT64_MIN, or the type's maximum */
};

/* Start a file that will become PATH. FORMAT ("trace/1") is stored as almanac_format, beside Conventions, title and
 * almanac_version. ALM_EINVAL when the place cannot be written. */
int alm_table_create(const char *path, const char *format, const char *title, struct alm_table **out,
                     struct alm_err *e);

/* Open PATH for reading; FORMAT is what it must be ("trace/"), a prefix; NULL: anything of ours. Missing, foreign,
 * truncated or empty files are ALM_EDATA, saying what was found and what would be right. */
int alm_table_open(const char *path, const char *format, struct alm_table **out, struct alm_err *e);

/* Flush, sync, rename: from here on the file exists. Then close. On failure nothing is left behind. */
int alm_table_commit(struct alm_table *t, struct alm_err *e);

/* Close; a file being written that was not committed is removed. NULL is fine. */
void alm_table_close(struct alm_table *t);

const char *alm_table_format(const struct alm_table *t);
const char *alm_table_path(const struct alm_table *t);

/* Attributes of the object OBJECT ("/" is the file). Text is variable-length UTF-8, of any length. The getters return
 * ALM_NOT_YET when there is no such attribute; text is allocated, the caller frees it. */
int alm_table_set_text(struct alm_table *t, const char *object, const char *name, const char *value, struct alm_err *e);
int alm_table_set_int(struct alm_table *t, const char *object, const char *name, int64_t value, struct alm_err *e);
int alm_table_set_real(struct alm_table *t, const char *object, const char *name, double value, struct alm_err *e);
int alm_table_get_text(struct alm_table *t, const char *object, const char *name, char **out, struct alm_err *e);
int alm_table_get_int(struct alm_table *t, const char *object, const char *name, int64_t *out, struct alm_err *e);
int alm_table_get_real(struct alm_table *t, const char *object, const char *name, double *out, struct alm_err *e);

/* Make a column to append to. The handle belongs to the table. */
int alm_column_create(struct alm_table *t, const struct alm_column_spec *spec, struct alm_column **out,
                      struct alm_err *e);

/* Append N values (for ALM_COL_TEXT an array of char pointers). Buffered: a chunk is written when it is full. */
int alm_column_append(struct alm_column *c, const void *values, size_t n, struct alm_err *e);

/* Open a column to read. ALM_NOT_YET when there is none; ALM_EDATA when it is not 1-D or of another type. */
int alm_column_open(struct alm_table *t, const char *path, enum alm_column_type type, struct alm_column **out,
                    struct alm_err *e);
uint64_t alm_column_length(const struct alm_column *c);

/* The type of a column. ALM_NOT_YET when there is none; ALM_EDATA when it is not a column of ours. */
int alm_column_type(struct alm_table *t, const char *path, enum alm_column_type *out, struct alm_err *e);

/* Copy values [first, first + n) into OUT (text: allocated strings that the caller frees). Thread safe. On failure numbers
 * in OUT may be partly filled. */
int alm_column_read(struct alm_column *c, uint64_t first, size_t n, void *out, struct alm_err *e);

/* Call FN for the path of each column, in order of name. */
int alm_table_columns(struct alm_table *t, int (*fn)(void *ctx, const char *path, struct alm_err *e), void *ctx,
                      struct alm_err *e);

/* SHA-256 of a file as 64 hex digits plus NUL. */
int alm_file_sha256(const char *path, char out[65], struct alm_err *e);

#endif
