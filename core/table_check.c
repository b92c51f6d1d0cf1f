/* SPDX-License-Identifier: GPL-3.0-or-later
 * table_check: a checksum over the parts of a file that HDF5 does not check itself: variable-length text.
 *
 * Meaning.  Text lies in "global heap" blocks, columns of text refer to them by chunks without a filter, and HDF5 1.10
 *           follows damaged ones out of its buffers. So a finished file names these byte ranges (text_blocks: start,
 *           length, start, length, ...) and their FNV-1a hash (text_check), both plain integers on the root, and they
 *           are compared before any text is read. Everything else carries checksums of HDF5.
 * Limits.   Finds damage, not forgery. A file without the two attributes, by a program that writes our format, is
 *           read as it is; a file whose text another program changed is refused.
 * Source.   HDF5 File Format Specification 3.0, III.E "Global Heap"; Fowler, Noll, Vo (RFC 9923). */
#include "table_hdf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCKS "text_blocks"
#define CHECK "text_check"
#define RANGES_MOST ((hsize_t)1 << 20)

int alm__ranges_add(struct alm__ranges *r, int64_t start, int64_t length, struct alm_err *e)
{
    if (r->count == r->room) {
        size_t room = r->room ? 2 * r->room : 16;
        struct alm__range *grown = realloc(r->range, room * sizeof *grown);
        if (!grown)
            return alm_fail(e, ALM_ENOMEM, "out of memory");
        r->range = grown;
        r->room = room;
    }
    r->range[r->count++] = (struct alm__range){start, length};
    return 0;
}

static int by_start(const void *a, const void *b)
{
    const struct alm__range *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

static void merge(struct alm__ranges *r)
{
    size_t kept = 0;
    if (r->count > 0)
        qsort(r->range, r->count, sizeof *r->range, by_start);
    for (size_t i = 0; i < r->count; i++) {
        struct alm__range *last = kept ? &r->range[kept - 1] : NULL;
        int64_t end = r->range[i].start + r->range[i].length;
        if (!last || r->range[i].start > last->start + last->length)
            r->range[kept++] = r->range[i];
        else if (end > last->start + last->length)
            last->length = end - last->start;
    }
    r->count = kept;
}

static int hash_ranges(const struct alm_table *t, int fd, const struct alm__ranges *r, int64_t *out, struct alm_err *e)
{
    uint64_t h = 0xcbf29ce484222325u;
    unsigned char block[16384];
    for (size_t i = 0; i < r->count; i++)
        for (int64_t done = 0; done < r->range[i].length;) {
            int64_t left = r->range[i].length - done;
            size_t want = left < (int64_t)sizeof block ? (size_t)left : sizeof block;
            ssize_t got = pread(fd, block, want, r->range[i].start + done);
            if (got <= 0)
                return alm_fail(e, got < 0 ? ALM_EIO : ALM_EDATA, "%s: cannot be read: %s", t->path,
                                got < 0 ? strerror(errno) : "it is cut short");
            for (ssize_t k = 0; k < got; k++)
                h = (h ^ block[k]) * 0x100000001b3u;
            done += got;
        }
    memcpy(out, &h, sizeof h);
    return 0;
}

static int64_t little_endian(const unsigned char *p)
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | p[i];
    return v <= INT64_MAX ? (int64_t)v : INT64_MAX;
}

/* Add the global heap blocks, found by their signature; a chance hit inside data does no harm. */
static int find_heaps(const struct alm_table *t, struct alm__ranges *r, struct alm_err *e)
{
    static const char signature[8] = {'G', 'C', 'O', 'L', 1, 0, 0, 0};
    enum { HEAD = 16, STEP = 1 << 20 };
    struct stat st;
    unsigned char *block = malloc(STEP + HEAD);
    if (!block)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int rc = fstat(t->fd, &st) < 0 ? alm_fail(e, ALM_EIO, "%s: cannot be read: %s", t->path, strerror(errno)) : 0;
    for (int64_t at = 0; rc == 0 && at < st.st_size; at += STEP) {
        ssize_t got = pread(t->fd, block, STEP + HEAD, at);
        if (got < 0)
            rc = alm_fail(e, ALM_EIO, "%s: cannot be read: %s", t->path, strerror(errno));
        unsigned char *p = block, *end = block + (got > 0 ? got : 0);
        while (rc == 0 && (p = memmem(p, (size_t)(end - p), signature, sizeof signature)) && end - p >= HEAD) {
            int64_t start = at + (p - block), length = little_endian(p + 8);
            if (length >= HEAD && length <= st.st_size - start)
                rc = alm__ranges_add(r, start, length, e);
            p++;
        }
    }
    free(block);
    return rc;
}

static int put_attributes(struct alm_table *t, const struct alm__ranges *r, int64_t check, struct alm_err *e)
{
    hsize_t n = 2 * r->count;
    hid_t space = H5Screate_simple(1, &n, NULL), one = H5Screate(H5S_SCALAR);
    hid_t blocks = H5Acreate2(t->file, BLOCKS, H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    hid_t hash = H5Acreate2(t->file, CHECK, H5T_STD_I64LE, one, H5P_DEFAULT, H5P_DEFAULT);
    bool good = blocks >= 0 && hash >= 0 && H5Awrite(blocks, H5T_NATIVE_INT64, r->range) >= 0 &&
                H5Awrite(hash, H5T_NATIVE_INT64, &check) >= 0;
    int rc = good ? 0 : alm__hdf_fail(t, ALM_EIO, e, "cannot write an attribute");
    if (hash >= 0)
        H5Aclose(hash);
    if (blocks >= 0)
        H5Aclose(blocks);
    H5Sclose(one);
    H5Sclose(space);
    return rc;
}

int alm__check_write(struct alm_table *t, hid_t access, struct alm__ranges *r, struct alm_err *e)
{
    int64_t check = 0;
    ALM_TRY(find_heaps(t, r, e));
    merge(r);
    ALM_TRY(hash_ranges(t, t->fd, r, &check, e));
    t->file = H5Fopen(t->temp, H5F_ACC_RDWR, access);
    if (t->file < 0)
        return alm__hdf_fail(t, ALM_EIO, e, "cannot be written");
    return put_attributes(t, r, check, e);
}

static int get_attributes(struct alm_table *t, struct alm__ranges *r, int64_t *check, struct alm_err *e)
{
    htri_t has = H5Aexists(t->file, BLOCKS);
    if (has == 0)
        return ALM_NOT_YET;
    hid_t blocks = has < 0 ? H5I_INVALID_HID : H5Aopen(t->file, BLOCKS, H5P_DEFAULT), hash = H5I_INVALID_HID;
    hid_t space = blocks < 0 ? H5I_INVALID_HID : H5Aget_space(blocks), type = H5I_INVALID_HID;
    hssize_t n = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    bool good = n > 0 && n % 2 == 0 && (hsize_t)n <= RANGES_MOST && (hash = H5Aopen(t->file, CHECK, H5P_DEFAULT)) >= 0;
    if (good) {
        type = H5Aget_type(hash);
        r->range = calloc((size_t)n, sizeof *r->range);
        r->count = (size_t)n / 2;
        hid_t list = H5Aget_type(blocks), one = H5Aget_space(hash);
        good = r->range && H5Tget_class(type) == H5T_INTEGER && H5Tget_class(list) == H5T_INTEGER &&
               H5Sget_simple_extent_npoints(one) == 1 && H5Aread(blocks, H5T_NATIVE_INT64, r->range) >= 0 &&
               H5Aread(hash, H5T_NATIVE_INT64, check) >= 0;
        H5Sclose(one);
        H5Tclose(list);
        H5Tclose(type);
    }
    if (hash >= 0)
        H5Aclose(hash);
    if (space >= 0)
        H5Sclose(space);
    if (blocks >= 0)
        H5Aclose(blocks);
    return good ? 0 : alm_fail(e, ALM_EDATA, "%s: its attributes " BLOCKS " and " CHECK " are damaged", t->path);
}

static int compare(struct alm_table *t, const struct alm__ranges *r, int64_t expected, struct alm_err *e)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->range[i].start < 0 || r->range[i].length < 0 || r->range[i].length > INT64_MAX - r->range[i].start)
            return alm_fail(e, ALM_EDATA, "%s: its attribute " BLOCKS " is damaged", t->path);
    int fd = open(t->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return alm_fail(e, ALM_EIO, "%s: cannot be opened: %s", t->path, strerror(errno));
    int64_t check = 0;
    int rc = hash_ranges(t, fd, r, &check, e);
    close(fd);
    if (rc == 0 && check != expected)
        rc = alm_fail(e, ALM_EDATA, "%s: its texts are damaged, or another program has changed them", t->path);
    return rc;
}

int alm__check_read(struct alm_table *t, struct alm_err *e)
{
    struct alm__ranges r = {0};
    int64_t check = 0;
    int rc = get_attributes(t, &r, &check, e);
    if (rc == 0)
        rc = compare(t, &r, check, e);
    free(r.range);
    return rc < 0 ? rc : 0;
}
