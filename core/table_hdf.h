/* SPDX-License-Identifier: GPL-3.0-or-later
 * table_hdf: what the files of table share: the structs behind the handles, and how HDF5 is called.
 *
 * Meaning.  Every call into HDF5 happens between alm__hdf_lock and alm__hdf_unlock. Debian's HDF5 has a lock of its
 *           own, other builds have none, and neither lets two threads work at once.
 * Choice.   Once a write has failed (a full disk) the file is `broken` and HDF5 is not asked about it again: it would
 *           try to write the same blocks at close and at exit, and fail in ways of its own. What it holds is left to
 *           it. */
#ifndef ALM_TABLE_HDF_H
#define ALM_TABLE_HDF_H

#include "almanac/table.h"

#include <hdf5.h>
#include <pthread.h>

#define ALM_CHUNK ((size_t)16384)        /* values a chunk, and values a block of the reader's cache */
#define ALM_CHUNK_MAX ((hsize_t)1 << 20) /* larger chunks of foreign making are refused */
#define ALM_CACHE_BLOCKS 128             /* blocks a column keeps: at most 16 MiB */
#define ALM_TEXT_MAX ((size_t)1 << 26)
#define ALM_NETCDF_DIMENSION "This is a netCDF dimension but not a netCDF variable."

struct alm_column {
    struct alm_column *next;
    struct alm_table *table;
    char *path, *dimension;
    enum alm_column_type type;
    hid_t set;
    uint64_t length;

    /* Writing: values not yet in the file. */
    void *buffer;
    size_t buffered;

    /* Reading. Block i lies in slot i % ALM_CACHE_BLOCKS when the slot says so. */
    bool direct, shuffled; /* its chunks are as ours, so they can be unpacked without HDF5 */
    struct alm__slot {
        pthread_mutex_t lock;
        void *block;
        uint64_t owner; /* block number + 1; 0: empty */
    } * slot;           /* [ALM_CACHE_BLOCKS] */
};

struct alm_table {
    hid_t file;
    char *path, *temp; /* temp: where it is being written; NULL when reading */
    char *format;
    int fd; /* of temp, for fsync */
    bool writing, broken;
    struct alm_column *columns;
};

void alm__hdf_lock(void);
void alm__hdf_unlock(void);

/* Fail with CODE, "PATH: WHAT: why HDF5 refused". A refusal by the system (disk full) becomes ALM_EIO whatever CODE is.
 * Marks a table that is being written as broken. */
int alm__hdf_fail(struct alm_table *t, enum alm_code code, struct alm_err *e, const char *what);

/* 1 when OBJECT is reached by hard links alone, 0 when it is not there, ALM_EDATA when a link leads elsewhere. Locked.
 */
int alm__object_exists(struct alm_table *t, const char *object, struct alm_err *e);

/* Make the groups above PATH. Locked. */
int alm__groups_make(struct alm_table *t, const char *path, struct alm_err *e);

hid_t alm__column_memory_type(enum alm_column_type type); /* a copy: H5Tclose it */
size_t alm__column_size(enum alm_column_type type);
const char *alm__column_word(enum alm_column_type type);

/* The empty cache of a new column. */
int alm__slots_make(struct alm_column *c, struct alm_err *e);

/* See whether the chunks of a column that is being opened can be unpacked here; LIST is its creation list. Locked. */
void alm__chunk_prepare(struct alm_column *c, hid_t list, hsize_t chunk);

/* Unpack the chunk NUMBER, all of it, to OUT. False when HDF5 must do it. Thread safe. */
bool alm__chunk_read(struct alm_column *c, uint64_t number, void *out);

/* Byte ranges of the file whose content HDF5 does not check. */
struct alm__range {
    int64_t start, length;
};
struct alm__ranges {
    struct alm__range *range;
    size_t count, room;
};
int alm__ranges_add(struct alm__ranges *r, int64_t start, int64_t length, struct alm_err *e);

/* Write what is buffered of all columns and name their dimensions; add where references to text lie to TEXT. Locked. */
int alm__columns_finish(struct alm_table *t, struct alm__ranges *text, struct alm_err *e);

/* Reopen the finished and closed file and store the checksum of its texts; compare it when reading. Locked. */
int alm__check_write(struct alm_table *t, hid_t access, struct alm__ranges *r, struct alm_err *e);
int alm__check_read(struct alm_table *t, struct alm_err *e);

void alm__columns_free(struct alm_table *t);

/* Put a text attribute on an open object. Locked. */
int alm__attr_text(struct alm_table *t, hid_t object, const char *name, const char *value, struct alm_err *e);

#endif
