/* SPDX-License-Identifier: GPL-3.0-or-later
 * made: files of our own kind with mistakes that the fuzzer chooses: an input without bytes makes a good file.
 *
 * Choice.   Mutated bytes of an HDF5 file mostly test the HDF5 library. A file that is made well and says wrong things
 *           gets past it, to our own checks. */
#ifndef ALM_FUZZ_MADE_H
#define ALM_FUZZ_MADE_H

#include "almanac/table.h"

#include "bytes.h"

#include <math.h>

#define MADE_MOST 15

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

/* One thing that is not right: the input is a list of these, four bytes each. The column behind the last is the head of
 * the file. */
struct made_edit {
    uint8_t column, place, how, more; /* place: a value, or MADE_WHOLE for the column itself */
};
#define MADE_WHOLE 15
#define MADE_EDITS 64

struct made_edits {
    struct made_edit at[MADE_EDITS];
    size_t count;
};

static inline struct made_edits made_edits(struct bytes *b, size_t columns)
{
    struct made_edits out = {.count = 0};
    while (b->left && out.count < MADE_EDITS) {
        struct made_edit *e = &out.at[out.count++];
        e->column = (uint8_t)(bytes_u8(b) % (columns + 1));
        e->place = bytes_u8(b);
        e->how = bytes_u8(b);
        e->more = bytes_u8(b);
    }
    return out;
}

/* The last edit of one place, or NULL. */
static inline const struct made_edit *made_find(const struct made_edits *edits, size_t column, size_t place)
{
    const struct made_edit *found = NULL;
    for (size_t i = 0; i < edits->count; i++)
        if (edits->at[i].column == column && edits->at[i].place % 16 == place)
            found = &edits->at[i];
    return found;
}

/* How many things can be wrong with a number. */
static inline double made_value(const struct made_edit *edit, double right)
{
    static const double odd[] = {-1, 0, NAN, INFINITY, 9.3e18, -9.3e18, 1e300, 1e-300, 4.6e18, 1e14, 1e15, 255, 256};
    const size_t odds = sizeof odd / sizeof *odd;
    if (!edit)
        return right;
    size_t how = edit->how % (odds + 5);
    if (how < odds)
        return odd[how];
    switch (how - odds) {
    case 0:
        return -right;
    case 1:
        return right + (double)edit->more;
    case 2:
        return right - (double)edit->more;
    case 3:
        return right * (double)edit->more;
    default:
        return right / (1 + (double)edit->more);
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

static inline int made_text(struct alm_column *c, const struct made_edit *edit, const char *right, struct alm_err *e)
{
    static const char *const odd[] = {"", "x", "a", "\xff\xfe", "a,\"b\nc"};
    const size_t odds = sizeof odd / sizeof *odd;
    char length[301] = "";
    const char *text = right ? right : "";
    if (edit && edit->how % (odds + 1) < odds) {
        text = odd[edit->how % (odds + 1)];
    } else if (edit) {
        memset(length, 'n', edit->more);
        text = length;
    }
    return alm_column_append(c, &text, 1, e);
}

/* Write column number COLUMN; an edit of the whole may leave it out, change its type or its length. */
static inline int made_column(struct alm_table *t, const struct made_edits *edits, size_t column,
                              const struct made_column *m, struct alm_err *e)
{
    const struct made_edit *whole = made_find(edits, column, MADE_WHOLE);
    struct alm_column_spec spec = {.path = m->path, .type = m->type, .dimension = m->dimension};
    struct alm_column *c;
    size_t length = m->length;
    if (whole && whole->how % 4 == 0)
        return ALM_OK;
    if (whole && whole->how % 4 == 1)
        spec.type = (enum alm_column_type)(whole->more % (ALM_COL_TEXT + 1));
    if (whole && whole->how % 4 >= 2) {
        length = whole->more;
        spec.dimension = "/odd/row"; /* the columns of one dimension have one length */
    }
    ALM_TRY(alm_column_create(t, &spec, &c, e));
    for (size_t i = 0; i < length; i++) {
        size_t k = i < m->length ? i : m->length - 1;
        const struct made_edit *edit = i < MADE_WHOLE ? made_find(edits, column, i) : NULL;
        if (spec.type == ALM_COL_TEXT)
            ALM_TRY(made_text(c, edit, m->text[k], e));
        else
            ALM_TRY(made_append(c, spec.type, made_value(edit, m->right[k]), e));
    }
    return ALM_OK;
}

#endif
