/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_read: a plan out of plan.json.
 *
 * Choice.   The specification is read again and laid out again; the file must agree with what comes of it. */
#include "experiments/sweep/plan_file.h"
#include "experiments/sweep/plan_layout.h"
#include "experiments/sweep/spec_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct head {
    const char *schema, *version, *path, *text;
    json_t *traces, *chosen; /* chosen may be NULL */
    json_int_t cells, extra_seeds;
};

/* The texts of HEAD belong to ROOT. */
static int read_head(json_t *root, const char *file, struct head *h, struct alm_err *e)
{
    json_error_t why;
    *h = (struct head){0};
    if (json_unpack(root, "{s:s}", "schema", &h->schema) < 0 || strcmp(h->schema, SWEEP_PLAN_SCHEMA) != 0)
        return alm_fail(e, ALM_EDATA, "%s: schema is `%.60s`, not %s", file, h->schema ? h->schema : "",
                        SWEEP_PLAN_SCHEMA);
    if (json_unpack_ex(root, &why, 0, "{s:s, s:{s:s, s:s}, s:o, s:I, s:I}", "version", &h->version, "spec", "path",
                       &h->path, "text", &h->text, "traces", &h->traces, "cells", &h->cells, "extra_seeds",
                       &h->extra_seeds) < 0)
        return alm_fail(e, ALM_EDATA, "%s: not a whole plan: %s", file, why.text);
    h->chosen = json_object_get(root, "chosen");
    if (h->extra_seeds < 0 || h->extra_seeds > (json_int_t)SWEEP_CELLS_MOST)
        return alm_fail(e, ALM_EDATA, "%s: extra_seeds is %lld", file, (long long)h->extra_seeds);
    return ALM_OK;
}

/* Trace I of the plan: what it is called, and where it lies from the present folder. */
static int read_trace(struct sweep_plan *p, size_t i, json_t *row, struct alm_err *e)
{
    const char *file, *name, *path, *sha256, *units;
    struct sweep_trace *t = &p->spec->trace[i];
    if (json_unpack(row, "{s:s, s:s, s:s, s:s, s:s}", "file", &file, "name", &name, "path", &path, "sha256", &sha256,
                    "units", &units) < 0 ||
        strspn(sha256, "0123456789abcdef") != 64 || sha256[64])
        return alm_fail(e, ALM_EDATA, "%s/%s: trace %zu lacks a part, or its digest is none", p->dir, SWEEP_PLAN_FILE,
                        i);
    memcpy(p->sha256[i], sha256, sizeof p->sha256[i]);
    t->path = strdup(file);
    t->name = strdup(name);
    t->units = strdup(units);
    bool made = path[0] == '/' ? (p->trace_path[i] = strdup(path)) != NULL
                               : asprintf(&p->trace_path[i], "%s/%s", p->dir, path) >= 0;
    return made && t->path && t->name && t->units ? ALM_OK : alm_fail(e, ALM_ENOMEM, "%s: out of memory", p->dir);
}

static int read_traces(struct sweep_plan *p, json_t *list, struct alm_err *e)
{
    size_t n = json_array_size(list);
    if (n == 0 || n > SWEEP_LIST)
        return alm_fail(e, ALM_EDATA, "%s/%s: %zu traces", p->dir, SWEEP_PLAN_FILE, n);
    spec_traces_free(p->spec->trace, p->spec->traces);
    p->spec->traces = 0;
    p->spec->trace = calloc(n, sizeof *p->spec->trace);
    p->sha256 = calloc(n, sizeof *p->sha256);
    p->trace_path = calloc(n, sizeof *p->trace_path);
    if (!p->spec->trace || !p->sha256 || !p->trace_path)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory for %zu traces", p->dir, n);
    p->spec->traces = n;
    for (size_t i = 0; i < n; i++)
        ALM_TRY(read_trace(p, i, json_array_get(list, i), e));
    return ALM_OK;
}

static int fill(struct sweep_plan *p, const struct head *h, struct alm_err *e)
{
    ALM_TRY(read_traces(p, h->traces, e));
    p->version = strdup(h->version);
    p->extra_seeds = (size_t)h->extra_seeds;
    if (!p->version)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory", p->dir);
    ALM_TRY(sweep_layout_make(p, e));
    ALM_TRY(sweep_chosen_read(p, h->chosen, e));
    if (p->cells != (uint64_t)h->cells)
        return alm_fail(e, ALM_EDATA, "%s/%s: says %lld cells, but its specification makes %llu; plan again", p->dir,
                        SWEEP_PLAN_FILE, (long long)h->cells, (unsigned long long)p->cells);
    return ALM_OK;
}

static int make(json_t *root, const char *dir, const char *file, struct sweep_plan **out, struct alm_err *e)
{
    struct head h;
    ALM_TRY(read_head(root, file, &h, e));
    struct sweep_plan *p = calloc(1, sizeof *p);
    if (!p)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory", file);
    int code = sweep_spec_parse(h.text, h.path, &p->spec, e);
    if (code < 0) {
        free(p);
        return code;
    }
    p->dir = strdup(dir);
    code = p->dir ? fill(p, &h, e) : alm_fail(e, ALM_ENOMEM, "%s: out of memory", file);
    if (code < 0) {
        sweep_plan_free(p);
        return code;
    }
    *out = p;
    return ALM_OK;
}

int sweep_plan_read(const char *dir, struct sweep_plan **out, struct alm_err *e)
{
    char *file;
    json_error_t why;
    if (asprintf(&file, "%s/%s", dir, SWEEP_PLAN_FILE) < 0)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory", dir);
    json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &why);
    int code;
    if (root)
        code = make(root, dir, file, out, e);
    else if (access(file, R_OK) < 0)
        code = alm_fail(e, ALM_EDATA, "%s: %s; `almanac sweep plan SPEC -o DIR` makes a plan", file, strerror(errno));
    else
        code = alm_fail(e, ALM_EDATA, "%s:%d: not JSON: %s", file, why.line, why.text);
    json_decref(root);
    free(file);
    if (code == ALM_EINVAL && e)
        e->code = ALM_EDATA;
    return code == ALM_EINVAL ? ALM_EDATA : code;
}
