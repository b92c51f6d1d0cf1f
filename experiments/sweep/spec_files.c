/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_files: the trace files that a specification speaks of.
 *
 * Meaning.  A path counts from the folder of the specification. One that is no file but has `*`, `?` or `[` is a pattern.
 * Choice.   Matches are sorted by bytes, not as the locale would have it. */
#include "experiments/sweep/spec_build.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* How many bytes of the spec's path are its folder, with the last '/'. */
static size_t folder_size(const struct sweep_spec *s)
{
    const char *slash = strrchr(s->path, '/');
    return slash ? (size_t)(slash - s->path) + 1 : 0;
}

static char *join(const struct sweep_spec *s, const char *path)
{
    size_t folder = path[0] == '/' ? 0 : folder_size(s), n = strlen(path);
    char *out = malloc(folder + n + 1);
    if (!out)
        return NULL;
    memcpy(out, s->path, folder);
    memcpy(out + folder, path, n + 1);
    return out;
}

char *sweep_spec_trace_path(const struct sweep_spec *s, size_t i)
{
    return join(s, s->trace[i].path);
}

void spec_traces_free(struct sweep_trace *trace, size_t traces)
{
    for (size_t i = 0; i < traces; i++) {
        free(trace[i].path);
        free(trace[i].name);
        free(trace[i].units);
    }
    free(trace);
}

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* "a/b.h5" is "b". */
static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t n = strlen(base);
    if (n > 3 && strcmp(base + n - 3, ".h5") == 0)
        n -= 3;
    return strndup(base, n);
}

/* Add a trace as FROM says, but of PATH. */
static void add(struct spec_builder *b, const struct sweep_trace *from, const char *path, struct sweep_trace **list,
                size_t *count)
{
    if (!spec_room(b, from->at, *count))
        return;
    struct sweep_trace *more = spec_more(b, *list, *count, sizeof *more);
    if (!more)
        return;
    *list = more;
    struct sweep_trace *t = &more[(*count)++];
    t->at = from->at;
    t->path = spec_copy(b, path);
    t->units = spec_copy(b, from->units);
    t->name = from->name ? spec_copy(b, from->name) : name_of(path);
    if (!t->name)
        b->code = alm_fail(b->e, ALM_ENOMEM, "%s: out of memory", b->s->path);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* PATH from the spec's folder, whose own letters stand for themselves. */
static char *whole_pattern(const struct sweep_spec *s, const char *path)
{
    size_t folder = path[0] == '/' ? 0 : folder_size(s), used = 0;
    char *out = malloc(2 * folder + strlen(path) + 1);
    if (!out)
        return NULL;
    for (size_t i = 0; i < folder; i++) {
        if (strchr("*?[\\", s->path[i]))
            out[used++] = '\\';
        out[used++] = s->path[i];
    }
    strcpy(out + used, path);
    return out;
}

static void match(struct spec_builder *b, const struct sweep_trace *t, struct sweep_trace **list, size_t *count)
{
    glob_t found = {0};
    size_t folder = t->path[0] == '/' ? 0 : folder_size(b->s), before = *count;
    char *pattern = whole_pattern(b->s, t->path);
    int failed = pattern ? glob(pattern, GLOB_NOSORT, NULL, &found) : GLOB_NOSPACE;
    if (failed == GLOB_NOSPACE)
        b->code = alm_fail(b->e, ALM_ENOMEM, "%s: out of memory", b->s->path);
    if (found.gl_pathc)
        qsort(found.gl_pathv, found.gl_pathc, sizeof *found.gl_pathv, by_bytes);
    for (size_t i = 0; i < found.gl_pathc && b->code >= 0; i++)
        if (is_file(found.gl_pathv[i]))
            add(b, t, found.gl_pathv[i] + folder, list, count);
    if (b->code >= 0 && *count == before)
        alm_spec_tell(b->y, t->at, "no file matches `%.200s`", pattern);
    else if (t->name && *count > before + 1)
        alm_spec_tell(b->y, t->at, "%zu files match, but `name` names one", *count - before);
    globfree(&found);
    free(pattern);
}

static void find(struct spec_builder *b, const struct sweep_trace *t, struct sweep_trace **list, size_t *count)
{
    char *path = join(b->s, t->path);
    if (!path)
        b->code = alm_fail(b->e, ALM_ENOMEM, "%s: out of memory", b->s->path);
    else if (is_file(path) || alm_spec_told(b->y, t->at))
        add(b, t, t->path, list, count);
    else if (strpbrk(t->path, "*?["))
        match(b, t, list, count);
    else
        alm_spec_tell(b->y, t->at, "there is no file `%.300s`", path);
    free(path);
}

static void check_names(struct spec_builder *b)
{
    const struct sweep_trace *t = b->s->trace;
    for (size_t i = 0; i < b->s->traces; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(t[i].name, t[k].name) == 0 && !alm_spec_told(b->y, t[i].at)) {
                alm_spec_tell(b->y, t[i].at, "`%s` and `%s` are both named `%s`; write {file: ..., name: ...}",
                              t[k].path, t[i].path, t[i].name);
                break;
            }
}

int spec_find_traces(struct sweep_spec *s, struct alm_err *e)
{
    struct spec_builder b = {.y = s->source, .s = s, .e = e};
    struct sweep_trace *list = NULL;
    size_t count = 0;
    for (size_t i = 0; i < s->traces && b.code >= 0; i++)
        find(&b, &s->trace[i], &list, &count);
    if (b.code < 0) {
        spec_traces_free(list, count);
        return b.code;
    }
    spec_traces_free(s->trace, s->traces);
    s->trace = list;
    s->traces = count;
    check_names(&b);
    return ALM_OK;
}
