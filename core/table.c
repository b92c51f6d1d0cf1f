/* SPDX-License-Identifier: GPL-3.0-or-later
 * table: create, open, commit and close columnar files.
 *
 * Choice.   The 1.10 file format: its metadata carry checksums, so damage is noticed instead of believed.
 *           Creation order of names is kept and object times are not: equal content is equal bytes. */
#include "almanac/table.h"
#include "almanac/version.h"
#include "table_hdf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int temp_open(struct alm_table *t, struct alm_err *e)
{
    const char *slash = strrchr(t->path, '/');
    int head = slash ? (int)(slash - t->path + 1) : 0;
    const char *name = t->path + head;
    if (*name == '\0')
        return alm_fail(e, ALM_EINVAL, "%s: names a directory; the name of a file to write is needed", t->path);
    struct stat st;
    if (stat(t->path, &st) == 0 && !S_ISREG(st.st_mode))
        return alm_fail(e, ALM_EINVAL, "%s: exists and is not a regular file; choose another name", t->path);
    for (int attempt = 0; attempt < 100; attempt++) {
        char tail[32] = "";
        if (attempt > 0)
            snprintf(tail, sizeof tail, "-%d", attempt);
        if (asprintf(&t->temp, "%.*s.%s.%ld%s.tmp", head, t->path, name, (long)getpid(), tail) < 0) {
            t->temp = NULL;
            return alm_fail(e, ALM_ENOMEM, "out of memory");
        }
        t->fd = open(t->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (t->fd >= 0)
            return 0;
        int why = errno;
        free(t->temp);
        t->temp = NULL;
        if (why == EEXIST)
            continue;
        enum alm_code code = why == ENOSPC || why == EDQUOT || why == EIO || why == EMFILE ? ALM_EIO : ALM_EINVAL;
        return alm_fail(e, code, "%s: cannot write in directory '%.*s': %s", t->path, head ? head : 1,
                        head ? t->path : ".", strerror(why));
    }
    return alm_fail(e, ALM_EINVAL, "%s: too many left-over files .%s.*.tmp beside it; remove them", t->path, name);
}

static hid_t access_list(void)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(list, H5F_LIBVER_V110, H5F_LIBVER_V110);
    H5Pset_fclose_degree(list, H5F_CLOSE_SEMI);
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(list, 1, 1);
#endif
    return list;
}

static int file_create(struct alm_table *t, struct alm_err *e)
{
    hid_t access = access_list(), creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_obj_track_times(creation, 0);
    H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    t->file = H5Fcreate(t->temp, H5F_ACC_TRUNC, creation, access);
    int rc = t->file < 0 ? alm__hdf_fail(t, ALM_EIO, e, "cannot be made") : 0;
    H5Pclose(creation);
    H5Pclose(access);
    return rc;
}

static struct alm_table *table_new(const char *path)
{
    struct alm_table *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->file = H5I_INVALID_HID;
    t->fd = -1;
    t->path = strdup(path);
    if (!t->path) {
        free(t);
        return NULL;
    }
    return t;
}

static int create_all(struct alm_table *t, const char *format, const char *title, struct alm_err *e)
{
    t->writing = true;
    t->format = strdup(format);
    if (!t->format)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    ALM_TRY(temp_open(t, e));
    alm__hdf_lock();
    int rc = file_create(t, e);
    alm__hdf_unlock();
    ALM_TRY(rc);
    ALM_TRY(alm_table_set_text(t, "/", "Conventions", "CF-1.8", e));
    ALM_TRY(alm_table_set_text(t, "/", "almanac_format", format, e));
    ALM_TRY(alm_table_set_text(t, "/", "almanac_version", alm_version(), e));
    return title && *title ? alm_table_set_text(t, "/", "title", title, e) : 0;
}

int alm_table_create(const char *path, const char *format, const char *title, struct alm_table **out, struct alm_err *e)
{
    struct alm_table *t = table_new(path);
    if (!t)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int rc = create_all(t, format, title, e);
    if (rc < 0) {
        alm_table_close(t);
        return rc;
    }
    *out = t;
    return 0;
}

/* What can be said of a file before HDF5 sees it. */
static int look_at(const char *path, struct alm_err *e)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return alm_fail(e, ALM_EDATA, "%s: cannot be opened: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return alm_fail(e, ALM_EDATA, "%s: is not a regular file; a file written by almanac is needed", path);
    if (st.st_size == 0)
        return alm_fail(e, ALM_EDATA, "%s: is empty; a file written by almanac is needed", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return alm_fail(e, ALM_EDATA, "%s: cannot be opened: %s", path, strerror(errno));
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char start[8];
    ssize_t got = pread(fd, start, sizeof start, 0);
    close(fd);
    if (got != (ssize_t)sizeof start || memcmp(start, signature, sizeof start) != 0)
        return alm_fail(e, ALM_EDATA, "%s: is not an HDF5 file; a file written by almanac is needed", path);
    return 0;
}

static int check_format(struct alm_table *t, const char *format, struct alm_err *e)
{
    int rc = alm_table_get_text(t, "/", "almanac_format", &t->format, e);
    ALM_TRY(rc);
    if (rc == ALM_NOT_YET)
        return alm_fail(e, ALM_EDATA, "%s: is an HDF5 file of another program: it has no attribute almanac_format",
                        t->path);
    if (format && strncmp(t->format, format, strlen(format)) != 0)
        return alm_fail(e, ALM_EDATA, "%s: is an almanac file of format '%.60s' where '%s%s' is needed", t->path,
                        t->format, format, format[0] && format[strlen(format) - 1] == '/' ? "*" : "");
    return 0;
}

int alm_table_open(const char *path, const char *format, struct alm_table **out, struct alm_err *e)
{
    ALM_TRY(look_at(path, e));
    struct alm_table *t = table_new(path);
    if (!t)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    alm__hdf_lock();
    hid_t access = access_list();
    t->file = H5Fopen(path, H5F_ACC_RDONLY, access);
    int rc = t->file < 0 ? alm__hdf_fail(t, ALM_EDATA, e, "cannot be read, it is cut short or damaged") : 0;
    H5Pclose(access);
    if (rc == 0)
        rc = alm__check_read(t, e);
    alm__hdf_unlock();
    if (rc == 0)
        rc = check_format(t, format, e);
    if (rc < 0) {
        alm_table_close(t);
        return rc;
    }
    *out = t;
    return 0;
}

static void sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash ? strndup(path, (size_t)(slash - path + 1)) : strdup(".");
    if (!directory)
        return;
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd); /* best effort: some file systems cannot sync a directory */
        close(fd);
    }
    free(directory);
}

static int file_close(struct alm_table *t, struct alm_err *e)
{
    if (H5Fflush(t->file, H5F_SCOPE_GLOBAL) < 0)
        return alm__hdf_fail(t, ALM_EIO, e, "cannot be written");
    hid_t file = t->file;
    t->file = H5I_INVALID_HID;
    return H5Fclose(file) < 0 ? alm__hdf_fail(t, ALM_EIO, e, "cannot be written") : 0;
}

static int file_finish(struct alm_table *t, struct alm_err *e)
{
    struct alm__ranges text = {0};
    hid_t access = access_list();
    int rc = alm__columns_finish(t, &text, e);
    if (rc == 0)
        rc = file_close(t, e);
    if (rc == 0)
        rc = alm__check_write(t, access, &text, e);
    if (rc == 0)
        rc = file_close(t, e);
    H5Pclose(access);
    free(text.range);
    return rc;
}

int alm_table_commit(struct alm_table *t, struct alm_err *e)
{
    if (!t->writing || t->broken)
        return alm_fail(e, ALM_EINVAL, "%s: %s", t->path,
                        t->broken ? "an earlier write failed" : "is not open for writing");
    alm__hdf_lock();
    int rc = file_finish(t, e);
    alm__hdf_unlock();
    if (rc == 0 && fsync(t->fd) < 0)
        rc = alm_fail(e, ALM_EIO, "%s: cannot be written: %s", t->path, strerror(errno));
    if (rc == 0 && rename(t->temp, t->path) < 0)
        rc = alm_fail(e, ALM_EIO, "%s: cannot be put in place: %s", t->path, strerror(errno));
    if (rc < 0) {
        t->broken |= t->file < 0;
        return rc;
    }
    sync_directory(t->path);
    free(t->temp);
    t->temp = NULL;
    t->writing = false;
    return 0;
}

void alm_table_close(struct alm_table *t)
{
    if (!t)
        return;
    if (t->temp) {
        unlink(t->temp);
        if (t->broken && t->fd >= 0 && ftruncate(t->fd, 0) < 0)
            t->broken = true; /* nothing to be done: the space comes back when the process ends */
    }
    alm__hdf_lock();
    alm__columns_free(t);
    if (t->file >= 0 && !t->broken)
        H5Fclose(t->file);
    alm__hdf_unlock();
    if (t->fd >= 0)
        close(t->fd);
    free(t->temp);
    free(t->format);
    free(t->path);
    free(t);
}

const char *alm_table_format(const struct alm_table *t)
{
    return t->format;
}

const char *alm_table_path(const struct alm_table *t)
{
    return t->path;
}
