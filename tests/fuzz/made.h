/* SPDX-License-Identifier: GPL-3.0-or-later
 * made: files of our own kind whose contents the fuzzer chooses: right where the input is zero, wrong where it is not.
 *
 * Choice.   Mutated bytes of an HDF5 file mostly test the HDF5 library. A file that is made well and says wrong things
 *           gets past it, to our own checks. */
#ifndef ALM_FUZZ_MADE_H
#define ALM_FUZZ_MADE_H

#include "almanac/table.h"

#include "bytes.h"

#include <math.h>

#define MADE_MOST 16

/* A column as it would be right: LENGTH values. */
struct made_column {
    const char *path, *dimension;
    enum alm_column_type type;
    size_t length;
    double right[MADE_MOST];
    const char *text[MADE_MOST];
};

/* Where made files lie; one for each process. */
static char made_folder[64], made_path[96];

static void made_remove(void)
{
    unlink(made_path);
    rmdir(made_folder);
}

static inline void made_start(void)
{
    snprintf(made_folder, sizeof made_folder, "/dev/shm/almanac-fuzz-XXXXXX");
    if (!mkdtemp(made_folder))
        abort();
    snprintf(made_path, sizeof made_path, "%s/made.h5", made_folder);
    atexit(made_remove);
}

static inline double made_value(struct bytes *b, double right)
{
    uint8_t how = bytes_u8(b);
    uint64_t raw;
    double v;
    switch (how % 16) {
    case 1:
        return -1;
    case 2:
        return 0;
    case 3:
        return NAN;
    case 4:
        return INFINITY;
    case 5:
        return -right;
    case 6:
        return right + 1;
    case 7:
        return right - 1;
    case 8:
        return 9.3e18;
    case 9:
        return 1e300;
    case 10:
        return (double)bytes_u64(b, 2);
    case 11:
        return 1e9 * (double)bytes_u64(b, 4);
    case 12:
        raw = bytes_u64(b, 8);
        memcpy(&v, &raw, sizeof v);
        return v;
    default:
        return right;
    }
}

static inline int64_t made_whole(double v)
{
    return isnan(v) ? INT64_MIN : v >= 9.2e18 ? INT64_MAX : v <= -9.2e18 ? INT64_MIN : (int64_t)v;
}

static inline int made_append(struct alm_column *c, enum alm_column_type type, double v, struct alm_err *e)
{
    int64_t whole = made_whole(v);
    uint32_t u32 = (uint32_t)whole;
    uint8_t u8 = (uint8_t)whole;
    switch (type) {
    case ALM_COL_I64:
        return alm_column_append(c, &whole, 1, e);
    case ALM_COL_U32:
        return alm_column_append(c, &u32, 1, e);
    case ALM_COL_U8:
        return alm_column_append(c, &u8, 1, e);
    default:
        return alm_column_append(c, &v, 1, e);
    }
}

static inline int made_text(struct alm_column *c, struct bytes *b, const char *right, struct alm_err *e)
{
    static const char *const odd[] = {"", "x", "\xff\xfe", "a,\"b\nc"};
    char buffer[301] = "";
    const char *text = right;
    uint8_t how = bytes_u8(b);
    if (how % 8 >= 1 && how % 8 <= 4)
        text = odd[how % 8 - 1];
    if (how % 8 == 5) {
        memset(buffer, 'n', sizeof buffer - 1);
        text = buffer;
    }
    return alm_column_append(c, &text, 1, e);
}

/* Write one column; the first byte may leave it out, change its type or its length. */
static inline int made_column(struct alm_table *t, struct bytes *b, const struct made_column *m, struct alm_err *e)
{
    uint8_t how = bytes_u8(b);
    struct alm_column_spec spec = {.path = m->path, .type = m->type, .dimension = m->dimension};
    struct alm_column *c;
    size_t length = m->length;
    if (how % 16 == 1)
        return ALM_OK;
    if (how % 16 == 2)
        spec.type = m->type == ALM_COL_F64 ? ALM_COL_I64 : ALM_COL_F64;
    if (how % 16 == 3 || how % 16 == 4) {
        length += how % 16 == 3 && length < MADE_MOST ? (size_t)1 : (size_t)-1;
        spec.dimension = "/odd/row"; /* columns of one dimension have one length */
    }
    ALM_TRY(alm_column_create(t, &spec, &c, e));
    for (size_t i = 0; i < length; i++) {
        size_t k = i < m->length ? i : m->length - 1;
        if (spec.type == ALM_COL_TEXT)
            ALM_TRY(made_text(c, b, m->text[k], e));
        else
            ALM_TRY(made_append(c, spec.type, made_value(b, m->right[k]), e));
    }
    return ALM_OK;
}

#endif
