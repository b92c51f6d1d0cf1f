/* SPDX-License-Identifier: GPL-3.0-or-later
 * import_inputs: expand directories, sort, digest.
 *
 * Choice.   Only names of files are stored, never the folders above them: the same files import to the same bytes
 *           wherever they lie. */
#include "cmd/import_inputs.h"
#include "almanac/table.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int put(struct cmd_inputs *in, const char *folder, const char *name, struct alm_err *e)
{
    if (in->count == in->room) {
        size_t room = in->room ? 2 * in->room : 16;
        char **grown = realloc(in->path, room * sizeof *grown);
        if (!grown)
            return alm_fail(e, ALM_ENOMEM, "out of memory");
        in->path = grown;
        in->room = room;
    }
    const char *slash = *folder && folder[strlen(folder) - 1] != '/' ? "/" : "";
    char *path = NULL;
    if (asprintf(&path, "%s%s%s", folder, slash, name) < 0)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    in->path[in->count++] = path;
    return 0;
}

static int add_directory(struct cmd_inputs *in, const char *path, struct alm_err *e)
{
    DIR *directory = opendir(path);
    if (!directory)
        return alm_fail(e, ALM_EDATA, "%s: cannot be opened: %s", path, strerror(errno));
    size_t before = in->count;
    int rc = 0;
    for (struct dirent *entry; rc == 0 && (entry = readdir(directory));) {
        struct stat st;
        if (entry->d_name[0] == '.' || fstatat(dirfd(directory), entry->d_name, &st, 0) < 0 || !S_ISREG(st.st_mode))
            continue;
        rc = put(in, path, entry->d_name, e);
    }
    closedir(directory);
    if (rc == 0 && in->count == before)
        rc = alm_fail(e, ALM_EDATA, "%s: there is no file to read in this directory", path);
    return rc;
}

int cmd_inputs_add(struct cmd_inputs *in, const char *path, struct alm_err *e)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return alm_fail(e, ALM_EDATA, "%s: cannot be opened: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return add_directory(in, path, e);
    if (!S_ISREG(st.st_mode)) /* it is read twice: for its digest, and for its rows */
        return alm_fail(e, ALM_EDATA, "%s: is neither a regular file nor a directory", path);
    return put(in, "", path, e);
}

static int by_number(const void *a, const void *b)
{
    return strverscmp(*(char *const *)a, *(char *const *)b);
}

void cmd_inputs_sort(struct cmd_inputs *in)
{
    if (in->count > 0)
        qsort(in->path, in->count, sizeof *in->path, by_number);
    size_t kept = 0;
    for (size_t i = 0; i < in->count; i++) {
        if (kept > 0 && strcmp(in->path[kept - 1], in->path[i]) == 0)
            free(in->path[i]);
        else
            in->path[kept++] = in->path[i];
    }
    in->count = kept;
}

int cmd_inputs_digest(const struct cmd_inputs *in, const volatile int *stop, char **out, struct alm_err *e)
{
    char *text = NULL, name[256], digest[65];
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int rc = 0;
    for (size_t i = 0; i < in->count && rc == 0; i++) {
        if (*stop)
            rc = alm_fail(e, ALM_EINTR, "interrupted");
        else
            rc = alm_file_sha256(in->path[i], digest, e);
        if (rc == 0 && in->count == 1)
            fputs(digest, f);
        else if (rc == 0)
            fprintf(f, "%s  %s\n", digest, cmd_path_name(in->path[i], name));
    }
    if (fclose(f) != 0 && rc == 0)
        rc = alm_fail(e, ALM_ENOMEM, "out of memory");
    if (rc < 0)
        free(text);
    else
        *out = text;
    return rc;
}

void cmd_inputs_free(struct cmd_inputs *in)
{
    for (size_t i = 0; i < in->count; i++)
        free(in->path[i]);
    free(in->path);
    *in = (struct cmd_inputs){0};
}

char *cmd_path_name(const char *path, char out[256])
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    snprintf(out, 256, "%.*s", (int)(end - start < 255 ? end - start : 255), path + start);
    return out;
}
