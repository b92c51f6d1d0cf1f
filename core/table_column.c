/* SPDX-License-Identifier: GPL-3.0-or-later
 * table_column: make columns, append to them, name their dimensions.
 *
 * Choice.   A column fills a buffer of one chunk, which is compressed and written once; HDF5's own chunk cache is off.
 *           Dimensions are netCDF-4 dimension scales, so that ncdump and xarray show them by name.
 * Source.   HDF5 Dimension Scale Specification (H5DS); netCDF-4 file format appendix, "dimensions without variables".
 */
#include "table_hdf.h"

#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A chunk of text is small: its 16-byte references are stored as they are. */
static const struct kind {
    const char *word;
    size_t size, chunk;
} kinds[] = {
    [ALM_COL_I64] = {"64-bit integers", 8, ALM_CHUNK}, [ALM_COL_F64] = {"64-bit reals", 8, ALM_CHUNK},
    [ALM_COL_U32] = {"32-bit counts", 4, ALM_CHUNK},   [ALM_COL_U8] = {"8-bit counts", 1, ALM_CHUNK},
    [ALM_COL_TEXT] = {"text", sizeof(char *), 512},
};

size_t alm__column_size(enum alm_column_type type)
{
    return kinds[type].size;
}

const char *alm__column_word(enum alm_column_type type)
{
    return kinds[type].word;
}

hid_t alm__column_memory_type(enum alm_column_type type)
{
    switch (type) {
    case ALM_COL_I64:
        return H5Tcopy(H5T_NATIVE_INT64);
    case ALM_COL_F64:
        return H5Tcopy(H5T_NATIVE_DOUBLE);
    case ALM_COL_U32:
        return H5Tcopy(H5T_NATIVE_UINT32);
    case ALM_COL_U8:
        return H5Tcopy(H5T_NATIVE_UINT8);
    case ALM_COL_TEXT:
        break;
    }
    hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    H5Tset_cset(text, H5T_CSET_UTF8);
    return text;
}

static hid_t file_type(enum alm_column_type type)
{
    static const enum alm_column_type text = ALM_COL_TEXT;
    switch (type) {
    case ALM_COL_I64:
        return H5Tcopy(H5T_STD_I64LE);
    case ALM_COL_F64:
        return H5Tcopy(H5T_IEEE_F64LE);
    case ALM_COL_U32:
        return H5Tcopy(H5T_STD_U32LE);
    case ALM_COL_U8:
        return H5Tcopy(H5T_STD_U8LE);
    case ALM_COL_TEXT:
        break;
    }
    return alm__column_memory_type(text);
}

/* The value that stands for "missing" in a column of TYPE. */
static const void *fill_value(enum alm_column_type type)
{
    static const int64_t whole = INT64_MIN;
    static const double real = NAN;
    static const uint32_t count = UINT32_MAX;
    static const uint8_t small = UINT8_MAX;
    switch (type) {
    case ALM_COL_I64:
        return &whole;
    case ALM_COL_F64:
        return &real;
    case ALM_COL_U32:
        return &count;
    case ALM_COL_U8:
        return &small;
    case ALM_COL_TEXT:
        break;
    }
    return NULL;
}

static hid_t creation_list(const struct alm_column_spec *spec, hid_t memory)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk = kinds[spec->type].chunk;
    H5Pset_chunk(list, 1, &chunk);
    H5Pset_obj_track_times(list, 0);
    H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    if (spec->fill && spec->type != ALM_COL_TEXT)
        H5Pset_fill_value(list, memory, fill_value(spec->type));
    if (spec->type == ALM_COL_TEXT) /* HDF5 takes no checksum of references */
        return list;
    if (spec->shuffle)
        H5Pset_shuffle(list);
    H5Pset_deflate(list, 1);
    H5Pset_fletcher32(list);
    return list;
}

static int set_make(struct alm_column *c, const struct alm_column_spec *spec, struct alm_err *e)
{
    struct alm_table *t = c->table;
    ALM_TRY(alm__groups_make(t, c->path, e));
    hid_t type = file_type(c->type), memory = alm__column_memory_type(c->type);
    hid_t list = creation_list(spec, memory), access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, H5D_CHUNK_CACHE_NSLOTS_DEFAULT, 0, 0);
    hsize_t none = 0, most = H5S_UNLIMITED;
    hid_t space = H5Screate_simple(1, &none, &most);
    c->set = H5Dcreate2(t->file, c->path, type, space, H5P_DEFAULT, list, access);
    int rc = c->set < 0 ? alm__hdf_fail(t, ALM_EINVAL, e, "cannot make a column") : 0;
    if (rc == 0 && spec->fill && c->type != ALM_COL_TEXT) {
        hid_t one = H5Screate(H5S_SCALAR);
        hid_t attr = H5Acreate2(c->set, "_FillValue", type, one, H5P_DEFAULT, H5P_DEFAULT);
        if (attr < 0 || H5Awrite(attr, memory, fill_value(c->type)) < 0)
            rc = alm__hdf_fail(t, ALM_EIO, e, "cannot write an attribute");
        if (attr >= 0)
            H5Aclose(attr);
        H5Sclose(one);
    }
    H5Sclose(space);
    H5Pclose(access);
    H5Pclose(list);
    H5Tclose(memory);
    H5Tclose(type);
    if (rc == 0 && spec->unit)
        rc = alm__attr_text(t, c->set, "units", spec->unit, e);
    if (rc == 0 && spec->long_name)
        rc = alm__attr_text(t, c->set, "long_name", spec->long_name, e);
    return rc;
}

static void column_free(struct alm_column *c)
{
    if (c->set >= 0 && !c->table->broken)
        H5Dclose(c->set);
    if (c->type == ALM_COL_TEXT)
        for (size_t i = 0; i < c->buffered; i++)
            free(((char **)c->buffer)[i]);
    for (size_t i = 0; c->slot && i < ALM_CACHE_BLOCKS; i++) {
        free(c->slot[i].block);
        pthread_mutex_destroy(&c->slot[i].lock);
    }
    free(c->slot);
    free(c->buffer);
    free(c->path);
    free(c->dimension);
    free(c);
}

void alm__columns_free(struct alm_table *t)
{
    for (struct alm_column *c = t->columns, *next; c; c = next) {
        next = c->next;
        column_free(c);
    }
    t->columns = NULL;
}

int alm_column_create(struct alm_table *t, const struct alm_column_spec *spec, struct alm_column **out,
                      struct alm_err *e)
{
    if (!t->writing || t->broken)
        return alm_fail(e, ALM_EINVAL, "%s: %s", t->path,
                        t->broken ? "an earlier write failed" : "is not open for writing");
    if (spec->path[0] != '/' || spec->dimension[0] != '/')
        return alm_fail(e, ALM_EINVAL, "%s: column '%s' and dimension '%s' must begin with '/'", t->path, spec->path,
                        spec->dimension);
    struct alm_column *c = calloc(1, sizeof *c);
    if (!c)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    c->table = t;
    c->type = spec->type;
    c->set = H5I_INVALID_HID;
    c->path = strdup(spec->path);
    c->dimension = strdup(spec->dimension);
    c->buffer = malloc(kinds[c->type].chunk * kinds[c->type].size);
    alm__hdf_lock();
    int rc = 0;
    if (!c->path || !c->dimension || !c->buffer)
        rc = alm_fail(e, ALM_ENOMEM, "out of memory");
    else if ((rc = alm__slots_make(c, e)) < 0)
        ; /* said */
    else if (H5Lexists(t->file, c->path, H5P_DEFAULT) > 0)
        rc = alm_fail(e, ALM_EINVAL, "%s: there is a column %s already", t->path, c->path);
    else
        rc = set_make(c, spec, e);
    if (rc < 0) {
        column_free(c);
    } else {
        struct alm_column **end = &t->columns;
        while (*end)
            end = &(*end)->next;
        *end = c;
        *out = c;
    }
    alm__hdf_unlock();
    return rc;
}

static int flush(struct alm_column *c, struct alm_err *e)
{
    hsize_t start = c->length, count = c->buffered, total = start + count;
    hid_t memory = alm__column_memory_type(c->type);
    hid_t source = H5Screate_simple(1, &count, NULL), target = H5I_INVALID_HID;
    bool good = H5Dset_extent(c->set, &total) >= 0 && (target = H5Dget_space(c->set)) >= 0 &&
                H5Sselect_hyperslab(target, H5S_SELECT_SET, &start, NULL, &count, NULL) >= 0 &&
                H5Dwrite(c->set, memory, source, target, H5P_DEFAULT, c->buffer) >= 0;
    int rc = good ? 0 : alm__hdf_fail(c->table, ALM_EIO, e, "cannot be written");
    if (target >= 0)
        H5Sclose(target);
    H5Sclose(source);
    H5Tclose(memory);
    ALM_TRY(rc);
    if (c->type == ALM_COL_TEXT)
        for (size_t i = 0; i < c->buffered; i++)
            free(((char **)c->buffer)[i]);
    c->length = total;
    c->buffered = 0;
    return 0;
}

static int take(struct alm_column *c, const void *values, size_t first, size_t n, struct alm_err *e)
{
    size_t size = kinds[c->type].size;
    if (c->type != ALM_COL_TEXT) {
        memcpy((char *)c->buffer + c->buffered * size, (const char *)values + first * size, n * size);
        c->buffered += n;
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        char *copy = strdup(((const char *const *)values)[first + i]);
        if (!copy)
            return alm_fail(e, ALM_ENOMEM, "out of memory");
        ((char **)c->buffer)[c->buffered++] = copy;
    }
    return 0;
}

int alm_column_append(struct alm_column *c, const void *values, size_t n, struct alm_err *e)
{
    struct alm_table *t = c->table;
    if (!t->writing || t->broken)
        return alm_fail(e, ALM_EINVAL, "%s: %s", t->path,
                        t->broken ? "an earlier write failed" : "is not open for writing");
    size_t chunk = kinds[c->type].chunk;
    for (size_t done = 0; done < n;) {
        size_t part = n - done < chunk - c->buffered ? n - done : chunk - c->buffered;
        ALM_TRY(take(c, values, done, part, e));
        done += part;
        if (c->buffered == chunk) {
            alm__hdf_lock();
            int rc = flush(c, e);
            alm__hdf_unlock();
            ALM_TRY(rc);
        }
    }
    return 0;
}

/* A dimension without values of its own, as netCDF-4 writes it. */
static int dimension_make(struct alm_table *t, const char *path, uint64_t length, hid_t *out, struct alm_err *e)
{
    char name[sizeof ALM_NETCDF_DIMENSION + 24];
    snprintf(name, sizeof name, "%s%10llu", ALM_NETCDF_DIMENSION, (unsigned long long)length);
    ALM_TRY(alm__groups_make(t, path, e));
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk = ALM_CHUNK, size = length, most = H5S_UNLIMITED;
    H5Pset_chunk(list, 1, &chunk);
    H5Pset_obj_track_times(list, 0);
    H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    hid_t space = H5Screate_simple(1, &size, &most);
    *out = H5Dcreate2(t->file, path, H5T_IEEE_F32BE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    int rc = *out < 0 || H5DSset_scale(*out, name) < 0 ? alm__hdf_fail(t, ALM_EIO, e, "cannot write a dimension") : 0;
    H5Sclose(space);
    H5Pclose(list);
    return rc;
}

/* Name the dimension of FIRST and of all columns after it that share it. */
static int dimension_attach(struct alm_table *t, struct alm_column *first, struct alm_err *e)
{
    hid_t scale = H5I_INVALID_HID;
    const struct alm_column *own = NULL;
    for (struct alm_column *c = first; c; c = c->next)
        if (strcmp(c->path, first->dimension) == 0)
            own = c;
    int rc = 0;
    if (!own)
        rc = dimension_make(t, first->dimension, first->length, &scale, e);
    else if (H5DSset_scale(own->set, strrchr(own->path, '/') + 1) < 0)
        rc = alm__hdf_fail(t, ALM_EIO, e, "cannot write a dimension");
    for (struct alm_column *c = first; c && rc == 0; c = c->next) {
        if (c == own || strcmp(c->dimension, first->dimension) != 0)
            continue;
        if (c->length != first->length)
            rc = alm_fail(e, ALM_EINVAL, "%s: columns of %s differ in length: %s has %llu values, %s %llu", t->path,
                          first->dimension, first->path, (unsigned long long)first->length, c->path,
                          (unsigned long long)c->length);
        else if (H5DSattach_scale(c->set, own ? own->set : scale, 0) < 0)
            rc = alm__hdf_fail(t, ALM_EIO, e, "cannot write a dimension");
    }
    if (scale >= 0 && !t->broken)
        H5Dclose(scale);
    return rc;
}

static int text_ranges(struct alm_column *c, struct alm__ranges *text, struct alm_err *e)
{
    hid_t space = H5Dget_space(c->set);
    hsize_t chunks = 0, offset = 0, size = 0;
    haddr_t at = 0;
    unsigned mask = 0;
    int rc = H5Dget_num_chunks(c->set, space, &chunks) < 0 ? alm__hdf_fail(c->table, ALM_EIO, e, "cannot be read") : 0;
    for (hsize_t i = 0; i < chunks && rc == 0; i++) {
        if (H5Dget_chunk_info(c->set, space, i, &offset, &mask, &at, &size) < 0)
            rc = alm__hdf_fail(c->table, ALM_EIO, e, "cannot be read");
        else
            rc = alm__ranges_add(text, (int64_t)at, (int64_t)size, e);
    }
    H5Sclose(space);
    return rc;
}

int alm__columns_finish(struct alm_table *t, struct alm__ranges *text, struct alm_err *e)
{
    for (struct alm_column *c = t->columns; c; c = c->next) {
        if (c->buffered > 0)
            ALM_TRY(flush(c, e));
        if (c->type == ALM_COL_TEXT)
            ALM_TRY(text_ranges(c, text, e));
    }
    for (struct alm_column *c = t->columns; c; c = c->next) {
        bool seen = false;
        for (const struct alm_column *b = t->columns; b != c && !seen; b = b->next)
            seen = strcmp(b->dimension, c->dimension) == 0;
        if (!seen)
            ALM_TRY(dimension_attach(t, c, e));
    }
    alm__columns_free(t);
    return 0;
}
