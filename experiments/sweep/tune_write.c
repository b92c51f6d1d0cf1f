/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune_write: DIR/tune/POLICY.json.
 *
 * Choice.   Bytes of a policy's name that are not letters, digits, '-', '_' or '.' are written %XX, as in a URL: names that
 *           differ have files that differ, and none leads out of the folder. */
#include "core/whole_file.h"
#include "experiments/sweep/tune.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SCHEMA "almanac.tune/1"
#define FOLDER "/tune"

const char *tune_method_word(enum sweep_tuning method)
{
    static const char *const words[] = {[SWEEP_GRID] = "grid",
                                        [SWEEP_RANDOM] = "random",
                                        [SWEEP_NELDER_MEAD] = "nelder-mead",
                                        [SWEEP_HALVING] = "halving"};
    return words[method];
}

char *tune_path(const struct sweep_plan *p, size_t tune)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    const char *name = p->spec->tune[tune].policy;
    char *path = malloc(strlen(p->dir) + sizeof FOLDER + 1 + 3 * strlen(name) + sizeof ".json");
    char *at = path ? stpcpy(stpcpy(path, p->dir), FOLDER "/") : NULL;
    for (const char *c = name; path && *c; c++)
        if (strchr(plain, *c) && (c > name || *c != '.'))
            *at++ = *c;
        else
            at += sprintf(at, "%%%02X", (unsigned)(unsigned char)*c);
    if (path)
        strcpy(at, ".json");
    return path;
}

static json_t *values_json(const struct sweep_tune *t, const struct tune_candidate *c)
{
    json_t *out = json_object();
    for (size_t k = 0; k < t->parameters; k++)
        json_object_set_new(out, t->parameter[k].path, json_string(c->value[k]));
    return out;
}

static json_t *candidates_json(const struct sweep_tune *t, const struct tune_list *tried)
{
    json_t *list = json_array();
    for (size_t i = 0; i < tried->count; i++) {
        const struct tune_candidate *c = tried->item[i];
        json_t *objective = isnan(c->objective) ? json_null() : json_real(c->objective);
        json_array_append_new(list, json_pack("{s:I, s:o, s:o, s:I, s:I, s:I, s:I}", "number", (json_int_t)c->number,
                                              "parameters", values_json(t, c), "objective", objective, "traces",
                                              (json_int_t)c->traces, "seeds", (json_int_t)c->seeds, "cells",
                                              (json_int_t)c->cells, "failed", (json_int_t)c->failed));
    }
    return list;
}

static json_t *objective_json(const struct sweep_tune *t)
{
    json_t *out = json_object();
    for (size_t k = 0; k < t->objectives; k++)
        json_object_set_new(out, t->objective[k], json_real(t->weight[k]));
    return out;
}

static int write_json(const json_t *root, const char *path, struct alm_err *e)
{
    struct whole_file f;
    ALM_TRY(whole_file_open(&f, path, e));
    if (json_dumpf(root, f.stream, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(17)) < 0) {
        whole_file_drop(&f);
        return alm_fail(e, ALM_EIO, "%s: cannot be written", path);
    }
    fputc('\n', f.stream);
    return whole_file_commit(&f, true, e);
}

static int prepare_folder(char *path, struct alm_err *e)
{
    ALM_TRY(whole_file_folder_of(path, e));
    char *slash = strrchr(path, '/');
    *slash = '\0';
    whole_file_clean(path);
    *slash = '/';
    return ALM_OK;
}

int tune_write(const struct sweep_plan *p, size_t tune, const struct tune_list *tried, struct alm_err *e)
{
    const struct sweep_tune *t = &p->spec->tune[tune];
    char *path = tune_path(p, tune);
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "schema", SCHEMA, "version", p->version,
                  "policy", t->policy, "part", "train", "method", tune_method_word(t->method), "budget",
                  (json_int_t)t->budget, "seed", (json_int_t)t->seed, "objective", objective_json(t), "candidates",
                  candidates_json(t, tried), "chosen", values_json(t, tried->item[0]));
    int code = path ? prepare_folder(path, e) : alm_fail(e, ALM_ENOMEM, "out of memory");
    if (code >= 0)
        code = root ? write_json(root, path, e)
                    : alm_fail(e, ALM_EINVAL, "%s: the name of policy %s is not UTF-8", p->dir, t->policy);
    json_decref(root);
    free(path);
    return code;
}
