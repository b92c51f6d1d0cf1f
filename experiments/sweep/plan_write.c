/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_write: plan.json and cells.ndjson.
 *
 * Choice.   A trace is kept as a path from the folder of the plan, found between the two folders as they really lie, so that
 *           links on the way do not lead astray. */
#include "core/whole_file.h"
#include "experiments/sweep/plan_file.h"
#include "experiments/sweep/plan_layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define REPORT_EVERY 1000 /* cells */

/* Make the folder PATH, and those it lies in. */
/* The path to TO from the folder FROM; both absolute and without links. NULL when out of memory. */
static char *path_between(const char *from, const char *to)
{
    size_t same = 0, ups = 0;
    for (size_t i = 0; from[i] == to[i] || !from[i] || !to[i]; i++) {
        if ((!from[i] || from[i] == '/') && (!to[i] || to[i] == '/'))
            same = i;
        if (!from[i] || !to[i])
            break;
    }
    for (const char *p = from + same; *p; p++)
        ups += *p == '/' && p[1];
    const char *rest = to + same + (to[same] == '/');
    char *out = malloc(3 * ups + strlen(rest) + 2), *at = out;
    for (size_t i = 0; out && i < ups; i++)
        at = stpcpy(at, i + 1 < ups || *rest ? "../" : "..");
    if (out)
        strcpy(at, ups || *rest ? rest : ".");
    return out;
}

/* Where trace I lies, from the plan's folder. */
static int locate(const struct sweep_plan *p, size_t i, char **out, struct alm_err *e)
{
    const char *path = p->trace_path[i], *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    if (p->spec->trace[i].path[0] == '/') {
        *out = strdup(path);
        return *out ? ALM_OK : alm_fail(e, ALM_ENOMEM, "%s: out of memory", path);
    }
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    char *here = realpath(p->dir, NULL), *there = folder ? realpath(folder, NULL) : NULL;
    char *between = here && there ? path_between(here, there) : NULL;
    int failed = !between || asprintf(out, "%s/%s", between, base) < 0;
    free(folder);
    free(here);
    free(there);
    free(between);
    return failed ? alm_fail(e, ALM_EDATA, "%s: cannot be reached from %s", path, p->dir) : ALM_OK;
}

static int traces_json(const struct sweep_plan *p, json_t **out, struct alm_err *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->spec->traces; i++) {
        const struct sweep_trace *t = &p->spec->trace[i];
        char *path;
        int code = locate(p, i, &path, e);
        if (code < 0) {
            json_decref(list);
            return code;
        }
        json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "file", t->path, "name", t->name, "path", path, "sha256",
                                p->sha256[i], "units", t->units);
        free(path);
        if (!row) {
            json_decref(list);
            return alm_fail(e, ALM_EINVAL, "%s: the name of a trace is not UTF-8; rename it: %s", p->spec->path,
                            t->path);
        }
        json_array_append_new(list, row);
    }
    *out = list;
    return ALM_OK;
}

/* A plan may replace a plan, and nothing else of this name. */
static int check_place(const char *path, struct alm_err *e)
{
    struct stat st;
    if (stat(path, &st) < 0 && errno == ENOENT)
        return ALM_OK;
    json_t *root = json_load_file(path, 0, NULL);
    const char *schema = json_string_value(json_object_get(root, "schema"));
    bool ours = schema && strncmp(schema, "almanac.plan/", strlen("almanac.plan/")) == 0;
    json_decref(root);
    return ours ? ALM_OK
                : alm_fail(e, ALM_EINVAL, "%s: is there, and is no plan of almanac; choose another folder", path);
}

static int write_plan(const struct sweep_plan *p, const char *path, struct alm_err *e)
{
    json_t *traces = NULL;
    struct whole_file f;
    ALM_TRY(traces_json(p, &traces, e));
    json_t *root =
        json_pack("{s:s, s:s, s:{s:s, s:s}, s:o, s:I, s:I, s:o*}", "schema", SWEEP_PLAN_SCHEMA, "version", p->version,
                  "spec", "path", p->spec->path, "text", p->spec->text, "traces", traces, "cells", (json_int_t)p->cells,
                  "extra_seeds", (json_int_t)p->extra_seeds, "chosen", sweep_chosen_json(p));
    if (!root)
        return alm_fail(e, ALM_EINVAL, "%s: the name of the specification is not UTF-8; rename it", p->spec->path);
    int code = whole_file_open(&f, path, e);
    if (code >= 0) {
        (void)json_dumpf(root, f.stream, JSON_INDENT(1) | JSON_SORT_KEYS);
        fputc('\n', f.stream);
        code = whole_file_commit(&f, true, e);
    }
    json_decref(root);
    return code;
}

static int write_cell(const struct sweep_plan *p, uint64_t number, FILE *to, struct alm_err *e)
{
    struct sweep_cell cell;
    const struct sweep_spec *s = p->spec;
    ALM_TRY(sweep_plan_cell(p, number, &cell, e));
    json_t *factors = json_object();
    for (size_t i = 0; i < s->factors; i++)
        if (cell.factor[i])
            json_object_set_new(factors, s->factor[i].path, json_string(cell.factor[i]));
    json_t *row = json_pack("{s:I, s:s, s:s, s:s, s:o, s:s, s:I}", "number", (json_int_t)number, "id", cell.id, "trace",
                            s->trace[cell.trace].name, "policy", s->policy[cell.policy].name, "factors", factors,
                            "part", sweep_part_word(cell.part), "seed", (json_int_t)cell.seed);
    if (!row)
        return alm_fail(e, ALM_ENOMEM, "out of memory for cell %llu", (unsigned long long)number);
    (void)json_dumpf(row, to, JSON_COMPACT | JSON_SORT_KEYS);
    fputc('\n', to);
    json_decref(row);
    return ALM_OK;
}

static int write_cells(const struct sweep_plan *p, const char *path, void (*progress)(void *ctx, double done),
                       void *ctx, struct alm_err *e)
{
    struct whole_file f;
    ALM_TRY(whole_file_open(&f, path, e));
    for (uint64_t i = 0; i < p->cells; i++) {
        int code = write_cell(p, i, f.stream, e);
        if (code < 0) {
            whole_file_drop(&f);
            return code;
        }
        if (p->stop && *p->stop) {
            whole_file_drop(&f);
            return alm_fail(e, ALM_EINTR, "interrupted; nothing was written");
        }
        if (progress && i % REPORT_EVERY == 0)
            progress(ctx, (double)i / (double)p->cells);
    }
    return whole_file_commit(&f, true, e);
}

int sweep_plan_write(const struct sweep_plan *p, void (*progress)(void *ctx, double done), void *ctx, struct alm_err *e)
{
    char *plan = NULL, *cells = NULL;
    ALM_TRY(whole_file_folder(p->dir, e));
    if (asprintf(&plan, "%s/%s", p->dir, SWEEP_PLAN_FILE) < 0)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory", p->dir);
    if (asprintf(&cells, "%s/%s", p->dir, SWEEP_CELLS_FILE) < 0) {
        free(plan);
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory", p->dir);
    }
    int code = check_place(plan, e);
    whole_file_clean(p->dir);
    if (code >= 0)
        code = write_cells(p, cells, progress, ctx, e);
    if (code >= 0)
        code = write_plan(p, plan, e);
    free(plan);
    free(cells);
    return code;
}
