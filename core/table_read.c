/* SPDX-License-Identifier: GPL-3.0-or-later
 * table_read: open columns and copy ranges out of them; nothing in the file is believed before it was checked.
 *
 * Choice.   A column keeps its last blocks unpacked, block i in slot i mod 128: readers go through many units in turn
 *           and come back for the rows that follow, so a chunk must not be unpacked anew for every unit in it. A fixed
 *           slot costs nothing to find, and a round over more blocks than there are slots still finds some.
 *           Each slot has a lock, under which its block is unpacked: threads that need other blocks go on.
 * Limits.   Chunks of foreign making are unpacked by HDF5, under one lock for the whole process. */
#include "table_hdf.h"

#include <stdlib.h>
#include <string.h>

/* Deflate shrinks at most 1032 times: a column that claims more values than its bytes can hold is a trap. */
#define DEFLATE_MOST 1040u

static int check_storage(struct alm_column *c, struct alm_err *e)
{
    struct alm_table *t = c->table;
    hid_t list = H5Dget_create_plist(c->set);
    if (list < 0)
        return alm__hdf_fail(t, ALM_EDATA, e, "a column is damaged");
    hsize_t chunk = 0;
    H5D_layout_t layout = H5Pget_layout(list);
    int rank = layout == H5D_CHUNKED ? H5Pget_chunk(list, 1, &chunk) : 1;
    int external = layout == H5D_CONTIGUOUS ? H5Pget_external_count(list) : 0;
    if (layout == H5D_CHUNKED && rank == 1)
        alm__chunk_prepare(c, list, chunk);
    H5Pclose(list);
    if (layout == H5D_VIRTUAL || layout < 0 || external != 0)
        return alm_fail(e, ALM_EDATA, "%s: column %s keeps its values in another file; they must be in this one",
                        t->path, c->path);
    if (rank != 1 || chunk > ALM_CHUNK_MAX)
        return alm_fail(e, ALM_EDATA, "%s: column %s has chunks of %llu values; at most %llu can be read", t->path,
                        c->path, (unsigned long long)chunk, (unsigned long long)ALM_CHUNK_MAX);
    size_t size = c->type == ALM_COL_TEXT ? 16 : alm__column_size(c->type);
    uint64_t stored = H5Dget_storage_size(c->set);
    if (c->length / DEFLATE_MOST > stored / size + 1)
        return alm_fail(e, ALM_EDATA, "%s: column %s claims %llu values in %llu bytes: the file is damaged", t->path,
                        c->path, (unsigned long long)c->length, (unsigned long long)stored);
    return 0;
}

/* Which of our types TYPE is, or -1. */
static int type_of(hid_t type)
{
    size_t size = H5Tget_size(type);
    switch (H5Tget_class(type)) {
    case H5T_FLOAT:
        return size == 8 ? ALM_COL_F64 : -1;
    case H5T_STRING:
        return H5Tis_variable_str(type) > 0 ? ALM_COL_TEXT : -1;
    case H5T_INTEGER:
        if (H5Tget_sign(type) == H5T_SGN_2)
            return size == 8 ? ALM_COL_I64 : -1;
        return size == 4 ? ALM_COL_U32 : size == 1 ? ALM_COL_U8 : -1;
    default:
        return -1;
    }
}

static int open_set(struct alm_table *t, const char *path, hid_t *set, int *type, uint64_t *length, struct alm_err *e)
{
    int there = alm__object_exists(t, path, e);
    if (there <= 0)
        return there < 0 ? there : ALM_NOT_YET;
    H5O_info_t info;
    if (H5Oget_info_by_name2(t->file, path, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
        return alm__hdf_fail(t, ALM_EDATA, e, "a column is damaged");
    if (info.type != H5O_TYPE_DATASET)
        return alm_fail(e, ALM_EDATA, "%s: %s is a group where a column is needed", t->path, path);
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, H5D_CHUNK_CACHE_NSLOTS_DEFAULT, 0, 0);
    hid_t id = H5Dopen2(t->file, path, access);
    H5Pclose(access);
    if (id < 0)
        return alm__hdf_fail(t, ALM_EDATA, e, "a column is damaged");
    hid_t space = H5Dget_space(id), kind = H5Dget_type(id);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    hsize_t size = 0;
    if (rank == 1)
        H5Sget_simple_extent_dims(space, &size, NULL);
    *type = kind < 0 ? -1 : type_of(kind);
    if (kind >= 0)
        H5Tclose(kind);
    if (space >= 0)
        H5Sclose(space);
    if (rank != 1) {
        H5Dclose(id);
        return alm_fail(e, ALM_EDATA, "%s: %s has %d dimensions; a column has one", t->path, path, rank);
    }
    *set = id;
    *length = size;
    return 0;
}

int alm_column_type(struct alm_table *t, const char *path, enum alm_column_type *out, struct alm_err *e)
{
    hid_t set = H5I_INVALID_HID;
    int type = -1;
    uint64_t length = 0;
    alm__hdf_lock();
    int rc = open_set(t, path, &set, &type, &length, e);
    if (rc == 0)
        H5Dclose(set);
    alm__hdf_unlock();
    if (rc == 0 && type < 0)
        return alm_fail(e, ALM_EDATA, "%s: %s is of a type that no almanac file has", t->path, path);
    if (rc == 0)
        *out = (enum alm_column_type)type;
    return rc;
}

static int open_checked(struct alm_column *c, struct alm_err *e)
{
    int type = -1;
    int rc = open_set(c->table, c->path, &c->set, &type, &c->length, e);
    if (rc != 0)
        return rc;
    if (type != (int)c->type)
        return alm_fail(e, ALM_EDATA, "%s: column %s holds %s where %s are needed", c->table->path, c->path,
                        type < 0 ? "something else" : alm__column_word((enum alm_column_type)type),
                        alm__column_word(c->type));
    return check_storage(c, e);
}

int alm__slots_make(struct alm_column *c, struct alm_err *e)
{
    if (!(c->slot = calloc(ALM_CACHE_BLOCKS, sizeof *c->slot)))
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    for (size_t i = 0; i < ALM_CACHE_BLOCKS; i++)
        pthread_mutex_init(&c->slot[i].lock, NULL);
    return 0;
}

int alm_column_open(struct alm_table *t, const char *path, enum alm_column_type type, struct alm_column **out,
                    struct alm_err *e)
{
    struct alm_column *c = calloc(1, sizeof *c);
    char *copy = strdup(path);
    if (!c || !copy) {
        free(c);
        free(copy);
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    *c = (struct alm_column){.table = t, .type = type, .set = H5I_INVALID_HID, .path = copy};
    alm__hdf_lock();
    int rc = open_checked(c, e);
    if (rc == 0)
        rc = alm__slots_make(c, e);
    if (rc == 0) {
        c->next = t->columns;
        t->columns = c;
        *out = c;
    } else if (c->set >= 0) {
        H5Dclose(c->set);
    }
    alm__hdf_unlock();
    if (rc != 0) {
        free(copy);
        free(c);
    }
    return rc;
}

uint64_t alm_column_length(const struct alm_column *c)
{
    return c->length + (c->table->writing ? c->buffered : 0);
}

/* Unpack values [first, first + n) straight into OUT. */
static int unpack(struct alm_column *c, uint64_t first, size_t n, void *out, struct alm_err *e)
{
    hsize_t start = first, count = n;
    alm__hdf_lock();
    hid_t memory = alm__column_memory_type(c->type);
    hid_t target = H5Screate_simple(1, &count, NULL), source = H5Dget_space(c->set);
    bool good = source >= 0 && H5Sselect_hyperslab(source, H5S_SELECT_SET, &start, NULL, &count, NULL) >= 0 &&
                H5Dread(c->set, memory, target, source, H5P_DEFAULT, out) >= 0;
    int rc = 0;
    if (!good) {
        rc = alm__hdf_fail(c->table, ALM_EDATA, e, "cannot be read, it is damaged");
        if (rc == ALM_EDATA)
            alm_fail_in(e, "column %s from row %llu", c->path, (unsigned long long)first);
    }
    if (source >= 0)
        H5Sclose(source);
    H5Sclose(target);
    H5Tclose(memory);
    alm__hdf_unlock();
    return rc;
}

static int read_text(struct alm_column *c, uint64_t first, size_t n, char **out, struct alm_err *e)
{
    char **raw = calloc(n ? n : 1, sizeof *raw), **copy = calloc(n ? n : 1, sizeof *copy);
    int rc = raw && copy ? 0 : alm_fail(e, ALM_ENOMEM, "out of memory");
    if (rc == 0)
        rc = unpack(c, first, n, raw, e);
    for (size_t i = 0; i < n && rc == 0; i++)
        if (!(copy[i] = strdup(raw[i] ? raw[i] : "")))
            rc = alm_fail(e, ALM_ENOMEM, "out of memory");
    for (size_t i = 0; i < n && raw && copy; i++) {
        H5free_memory(raw[i]);
        if (rc == 0)
            out[i] = copy[i];
        else
            free(copy[i]);
    }
    free(raw);
    free(copy);
    return rc;
}

/* Have the block NUMBER, unpacked, in its slot, whose lock is held. */
static int block_find(struct alm_column *c, struct alm__slot *slot, uint64_t number, struct alm_err *e)
{
    if (slot->owner == number + 1)
        return 0;
    uint64_t first = number * ALM_CHUNK;
    size_t n = c->length - first < ALM_CHUNK ? (size_t)(c->length - first) : ALM_CHUNK;
    if (!slot->block && !(slot->block = malloc(ALM_CHUNK * alm__column_size(c->type))))
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    slot->owner = 0;
    if (!alm__chunk_read(c, number, slot->block))
        ALM_TRY(unpack(c, first, n, slot->block, e));
    slot->owner = number + 1;
    return 0;
}

int alm_column_read(struct alm_column *c, uint64_t first, size_t n, void *out, struct alm_err *e)
{
    if (first > c->length || n > c->length - first)
        return alm_fail(e, ALM_EINVAL, "%s: column %s has %llu values; [%llu, +%zu) was asked for", c->table->path,
                        c->path, (unsigned long long)c->length, (unsigned long long)first, n);
    if (n == 0)
        return 0;
    if (c->type == ALM_COL_TEXT)
        return read_text(c, first, n, out, e);
    size_t size = alm__column_size(c->type);
    int rc = 0;
    for (size_t done = 0; done < n && rc == 0;) {
        uint64_t at = first + done, number = at / ALM_CHUNK;
        struct alm__slot *slot = &c->slot[number % ALM_CACHE_BLOCKS];
        size_t within = (size_t)(at % ALM_CHUNK);
        size_t part = ALM_CHUNK - within < n - done ? ALM_CHUNK - within : n - done;
        pthread_mutex_lock(&slot->lock);
        rc = block_find(c, slot, number, e);
        if (rc == 0)
            memcpy((char *)out + done * size, (char *)slot->block + within * size, part * size);
        pthread_mutex_unlock(&slot->lock);
        done += part;
    }
    return rc;
}

struct listing {
    struct alm_table *table;
    char **path;
    size_t count, room;
    struct alm_err *e;
    int rc;
};

/* A dataset that only names a dimension holds nothing. */
static bool names_dimension(hid_t file, const char *path)
{
    char name[sizeof ALM_NETCDF_DIMENSION + 32] = "";
    if (H5Aexists_by_name(file, path, "NAME", H5P_DEFAULT) <= 0)
        return false;
    hid_t attr = H5Aopen_by_name(file, path, "NAME", H5P_DEFAULT, H5P_DEFAULT);
    if (attr < 0)
        return false;
    hid_t type = H5Aget_type(attr);
    if (H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 && H5Tget_size(type) < sizeof name)
        H5Aread(attr, type, name);
    H5Tclose(type);
    H5Aclose(attr);
    return strncmp(name, ALM_NETCDF_DIMENSION, strlen(ALM_NETCDF_DIMENSION)) == 0;
}

static herr_t list_one(hid_t file, const char *name, const H5L_info_t *link, void *ctx)
{
    struct listing *l = ctx;
    if (link->type != H5L_TYPE_HARD) {
        l->rc = alm_fail(l->e, ALM_EDATA, "%s: /%s is a link to somewhere else; the object itself is needed",
                         l->table->path, name);
        return -1;
    }
    H5O_info_t info;
    if (H5Oget_info_by_name2(file, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
        return -1;
    if (info.type != H5O_TYPE_DATASET || names_dimension(file, name))
        return 0;
    if (l->count == l->room) {
        size_t room = l->room ? 2 * l->room : 32;
        char **grown = realloc(l->path, room * sizeof *grown);
        if (!grown)
            return -1;
        l->path = grown;
        l->room = room;
    }
    char *path = malloc(strlen(name) + 2);
    if (!path)
        return -1;
    path[0] = '/';
    strcpy(path + 1, name);
    l->path[l->count++] = path;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int alm_table_columns(struct alm_table *t, int (*fn)(void *ctx, const char *path, struct alm_err *e), void *ctx,
                      struct alm_err *e)
{
    struct listing l = {.table = t, .e = e};
    alm__hdf_lock();
    if (H5Lvisit(t->file, H5_INDEX_NAME, H5_ITER_INC, list_one, &l) < 0 && l.rc == 0)
        l.rc = alm__hdf_fail(t, ALM_EDATA, e, "its table of contents is damaged");
    alm__hdf_unlock();
    if (l.count > 0)
        qsort(l.path, l.count, sizeof *l.path, by_name);
    int rc = l.rc;
    for (size_t i = 0; i < l.count; i++) {
        if (rc == 0)
            rc = fn(ctx, l.path[i], e);
        free(l.path[i]);
    }
    free(l.path);
    return rc;
}
