/* SPDX-License-Identifier: GPL-3.0-or-later
 * whole_file: write beside, rename.
 *
 * Choice.   A temporary file is locked by whoever writes it. The kernel lets go of the lock when that one ends, however it ends, so
 *           a file that nobody holds is what a killed process left; on file systems without locks none is ever taken for that. */
#include "whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ENDING ".tmp"
#define YOUNG 2 /* s: perhaps made just now, and not locked yet */

static int make_folder(const char *path, struct alm_err *e)
{
    struct stat st;
    if (mkdir(path, 0777) == 0)
        return ALM_OK;
    const int why = errno;
    if (why != EEXIST || stat(path, &st) < 0)
        return alm_fail(e, ALM_EIO, "%s: the folder cannot be made: %s", path, strerror(why));
    return S_ISDIR(st.st_mode) ? ALM_OK : alm_fail(e, ALM_EINVAL, "%s: is no folder", path);
}

int whole_file_folder(const char *path, struct alm_err *e)
{
    char *copy = strdup(path);
    if (!copy)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory", path);
    for (char *p = copy + 1; copy[0] && *p; p++)
        if (*p == '/') {
            *p = '\0';
            (void)mkdir(copy, 0777); /* one that may be passed but not written to is there already */
            *p = '/';
        }
    int code = make_folder(copy, e);
    free(copy);
    return code;
}

int whole_file_folder_of(const char *path, struct alm_err *e)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ALM_OK;
    char *folder = strndup(path, (size_t)(slash - path));
    int code = folder ? whole_file_folder(folder, e) : alm_fail(e, ALM_ENOMEM, "%s: out of memory", path);
    free(folder);
    return code;
}

/* mkostemps leaves a file to its owner alone; give it the rights of any new one. */
static void widen(int fd)
{
    mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(fd, 0666 & ~mask);
}

int whole_file_open(struct whole_file *f, const char *path, struct alm_err *e)
{
    *f = (struct whole_file){.path = strdup(path)};
    if (!f->path || asprintf(&f->temporary, "%s.XXXXXX" ENDING, path) < 0) {
        free(f->path);
        *f = (struct whole_file){0};
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory", path);
    }
    int fd = mkostemps(f->temporary, (int)strlen(ENDING), O_CLOEXEC);
    if (fd >= 0) {
        (void)flock(fd, LOCK_EX | LOCK_NB);
        widen(fd);
    }
    f->stream = fd < 0 ? NULL : fdopen(fd, "w");
    if (f->stream)
        return ALM_OK;
    int why = errno;
    if (fd >= 0) {
        close(fd);
        unlink(f->temporary);
    }
    free(f->path);
    free(f->temporary);
    *f = (struct whole_file){0};
    return alm_fail(e, ALM_EINVAL, "%s: cannot be written: %s", path, strerror(why));
}

int whole_file_commit(struct whole_file *f, bool sync, struct alm_err *e)
{
    errno = 0;
    bool good = !ferror(f->stream) && fflush(f->stream) == 0 && (!sync || fsync(fileno(f->stream)) == 0);
    int why = errno;
    bool closed = fclose(f->stream) == 0;
    f->stream = NULL;
    if (good && closed && rename(f->temporary, f->path) == 0) {
        free(f->path);
        free(f->temporary);
        *f = (struct whole_file){0};
        return ALM_OK;
    }
    why = why ? why : errno;
    int code = alm_fail(e, ALM_EIO, "%s: cannot be written: %s", f->path, why ? strerror(why) : "a write failed");
    whole_file_drop(f);
    return code;
}

void whole_file_drop(struct whole_file *f)
{
    if (f->stream)
        fclose(f->stream);
    if (f->temporary)
        unlink(f->temporary);
    free(f->path);
    free(f->temporary);
    *f = (struct whole_file){0};
}

/* Is it a temporary file that nobody writes any more? */
static bool left_behind(int folder, const char *name)
{
    struct stat s;
    const size_t length = strlen(name), ending = strlen(".XXXXXX" ENDING);
    if (length <= ending || strcmp(name + length - strlen(ENDING), ENDING) != 0 || name[length - ending] != '.')
        return false;
    int fd = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool old = fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && time(NULL) - s.st_mtime >= YOUNG;
    bool left = old && flock(fd, LOCK_EX | LOCK_NB) == 0;
    close(fd);
    return left;
}

void whole_file_clean(const char *folder)
{
    DIR *d = opendir(folder);
    if (!d)
        return;
    for (const struct dirent *file; (file = readdir(d));)
        if (left_behind(dirfd(d), file->d_name))
            (void)unlinkat(dirfd(d), file->d_name, 0);
    closedir(d);
}
