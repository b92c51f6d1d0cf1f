/* SPDX-License-Identifier: GPL-3.0-or-later
 * import_inputs: expand directories, sort, digest.
 *
 * Choice.   A directory stands for all files below it, but for hidden ones and those that speak of the data (README*,
 *           LICENSE*, SHA256SUMS*, ...). Only names of files are stored, never the folders above them: the same files
 *           import to the same bytes wherever they lie. */
#include "cmd/import_inputs.h"
#include "almanac/table.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MOST 16

static int put(struct cmd_inputs *in, const char *path, struct alm_err *e)
{
    if (in->count == in->room) {
        size_t room = in->room ? 2 * in->room : 16;
        char **grown = realloc(in->path, room * sizeof *grown);
        if (!grown)
            return alm_fail(e, ALM_ENOMEM, "out of memory");
        in->path = grown;
        in->room = room;
    }
    if (!(in->path[in->count] = strdup(path)))
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    in->count++;
    return 0;
}

/* Does a data set come with this beside its data? */
static bool is_about_the_data(const char *name)
{
    static const char *const words[] = {"README",    "LICENSE",    "LICENCE", "CITATION",
                                        "CHANGELOG", "SHA256SUMS", "MD5SUM"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (strncmp(name, words[i], n) == 0 && (name[n] == '\0' || name[n] == '.'))
            return true;
    }
    return false;
}

static int add_directory(struct cmd_inputs *in, const char *path, int depth, struct alm_err *e);

static int add_entry(struct cmd_inputs *in, const char *folder, const char *name, int depth, struct alm_err *e)
{
    struct stat st = {0};
    char *path = NULL;
    if (name[0] == '.' || is_about_the_data(name))
        return 0;
    const char *slash = folder[strlen(folder) - 1] != '/' ? "/" : "";
    if (asprintf(&path, "%s%s%s", folder, slash, name) < 0)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int rc = 0;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        rc = add_directory(in, path, depth + 1, e);
    else if (S_ISREG(st.st_mode))
        rc = put(in, path, e);
    free(path);
    return rc;
}

static int add_directory(struct cmd_inputs *in, const char *path, int depth, struct alm_err *e)
{
    if (depth > DEPTH_MOST)
        return alm_fail(e, ALM_EDATA, "%s: folders are nested deeper than %d", path, DEPTH_MOST);
    DIR *directory = opendir(path);
    if (!directory)
        return alm_fail(e, ALM_EDATA, "%s: cannot be opened: %s", path, strerror(errno));
    size_t before = in->count;
    int rc = 0;
    for (struct dirent *entry; rc == 0 && (entry = readdir(directory));)
        rc = add_entry(in, path, entry->d_name, depth, e);
    closedir(directory);
    if (rc == 0 && depth == 0 && in->count == before)
        rc = alm_fail(e, ALM_EDATA, "%s: there is no file to read in this directory", path);
    return rc;
}

/* A pattern that the shell left alone. */
static int add_pattern(struct cmd_inputs *in, const char *pattern, struct alm_err *e)
{
    glob_t found;
    int rc = glob(pattern, GLOB_NOSORT, NULL, &found);
    if (rc == GLOB_NOMATCH)
        return alm_fail(e, ALM_EDATA, "%s: no file has such a name", pattern);
    if (rc != 0)
        return alm_fail(e, ALM_EDATA, "%s: the folders cannot be read", pattern);
    for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++)
        rc = cmd_inputs_add(in, found.gl_pathv[i], e);
    globfree(&found);
    return rc;
}

int cmd_inputs_add(struct cmd_inputs *in, const char *path, struct alm_err *e)
{
    struct stat st;
    if (stat(path, &st) < 0 && errno == ENOENT && strpbrk(path, "*?["))
        return add_pattern(in, path, e);
    if (stat(path, &st) < 0)
        return alm_fail(e, ALM_EDATA, "%s: cannot be opened: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return add_directory(in, path, 0, e);
    if (!S_ISREG(st.st_mode)) /* it is read twice: for its digest, and for its rows */
        return alm_fail(e, ALM_EDATA, "%s: is neither a regular file nor a directory", path);
    return put(in, path, e);
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
