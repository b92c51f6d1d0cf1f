/* SPDX-License-Identifier: GPL-3.0-or-later
 * cell_file: a cell as JSON, "almanac.cell/1".
 *
 * Meaning.  What was run stands in words; sums stand in columns, a value for each unit, as in the results file. A value that does
 *           not exist is null, an infinite one "inf" or "-inf".
 * Choice.   17 digits give back each double. A file is believed only when all that it must hold is there, and id and version are
 *           those that were asked for: anything else is as good as none. */
#include "experiments/sweep/cell_file.h"
#include "core/whole_file.h"
#include "experiments/sweep/cell_sums.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SCHEMA "almanac.cell/1"

/* ---- the file ---- */

static char *path_of(const struct sweep_plan *p, const char *id)
{
    char *path;
    return asprintf(&path, "%s/cells/%.2s/%s.json", p->dir, id, id) < 0 ? NULL : path;
}

static int write_json(const char *path, const json_t *json, struct alm_err *e)
{
    struct whole_file f;
    ALM_TRY(whole_file_folder_of(path, e));
    if (whole_file_open(&f, path, e) < 0)
        return alm_fail_in(e, "a cell");
    bool dumped = json_dumpf(json, f.stream, JSON_COMPACT | JSON_REAL_PRECISION(17)) == 0;
    if (dumped && fputc('\n', f.stream) != EOF)
        return whole_file_commit(&f, false, e);
    whole_file_drop(&f);
    return alm_fail(e, ALM_EIO, "%s: a cell cannot be written", path);
}

/* ---- to JSON ---- */

static json_t *real(double v)
{
    return isfinite(v) ? json_real(v) : isnan(v) ? json_null() : json_string(v > 0 ? "inf" : "-inf");
}

/* Text that is not UTF-8 is told with ? for each byte that is not ASCII. */
static json_t *words(const char *text)
{
    json_t *out = json_string(text);
    char *copy = out ? NULL : strdup(text);
    for (char *c = copy; c && *c; c++)
        *c = *c & 0x80 ? '?' : *c;
    if (copy)
        out = json_string(copy);
    free(copy);
    return out;
}

static json_t *seconds(alm_time t)
{
    return t > 0 ? json_real(alm_seconds(t)) : NULL;
}

/* What was run, in words that follow from what the id is made of: a name that somebody gave to it is not part of that. */
static json_t *what_json(const struct sweep_plan *p, const struct sweep_cell *cell)
{
    char policy[1024] = "";
    struct simulation_config config = {0};
    struct simulation_window window;
    if (sweep_cell_config(p, cell, &config, NULL) >= 0)
        simulation_policy_text(&config, policy, sizeof policy);
    simulation_config_free(&config);
    sweep_cell_window(p, cell, &window);
    return json_pack("{s:o, s:s, s:o*, s:o*, s:o*, s:I}", "policy", words(policy), "trace_sha256",
                     p->sha256[cell->trace], "units", window.units && window.units[0] ? words(window.units) : NULL,
                     "from_s", seconds(window.from), "until_s", seconds(window.until), "seed", (json_int_t)cell->seed);
}

static json_t *units_json(const struct cell_result *r)
{
    size_t count;
    const struct cell_sum *sum = cell_sums(&count);
    json_t *out = json_object(), *name = json_array();
    for (size_t i = 0; i < r->units; i++)
        json_array_append_new(name, words(r->unit_name[i]));
    json_object_set_new(out, "name", name);
    for (size_t k = 0; k < count; k++) {
        json_t *column = json_array();
        for (size_t i = 0; i < r->units; i++)
            json_array_append_new(column, sum[k].whole ? json_integer((json_int_t)cell_sum_whole(&sum[k], &r->unit[i]))
                                                       : real(cell_sum_real(&sum[k], &r->unit[i])));
        json_object_set_new(out, sum[k].name, column);
    }
    return out;
}

static json_t *pair(double a, double b)
{
    return json_pack("[o, o]", real(a), real(b));
}

static json_t *invocations_json(const struct cell_result *r)
{
    json_t *out = json_object();
    for (int f = 0; f < EXECUTIONS_FIGURES; f++)
        json_object_set_new(out, executions_name((enum executions_figure)f),
                            pair(r->call[f].value, r->call[f].halfwidth));
    return out;
}

static json_t *machines_json(const struct cell_result *r)
{
    json_t *out = json_object();
    for (int f = 0; f < MACHINE_FIGURES; f++)
        json_object_set_new(out, machine_figure_name((enum machine_figure)f), real(r->machine[f]));
    return out;
}

static json_t *to_json(const struct sweep_plan *p, const struct sweep_cell *cell, const struct cell_result *r)
{
    json_t *out = json_pack("{s:s, s:s, s:o, s:o, s:s}", "schema", SCHEMA, "id", cell->id, "version", words(p->version),
                            "run", what_json(p, cell), "state", r->done ? "done" : "failed");
    if (!out)
        return NULL;
    json_object_set_new(out, "window", json_string(r->window));
    if (!r->done) {
        json_object_set_new(out, "reason", words(r->reason));
        return out;
    }
    json_object_set_new(out, "resources", json_integer((json_int_t)r->resources));
    json_object_set_new(out, "oracle", json_boolean(r->oracle));
    json_object_set_new(out, "state_bytes_per_unit", real(r->state_bytes));
    json_object_set_new(out, "burst_share", pair(r->burst[0], r->burst[1]));
    if (r->invocations)
        json_object_set_new(out, "invocations", invocations_json(r));
    if (r->machines)
        json_object_set_new(out, "machines", machines_json(r));
    json_object_set_new(out, "units", units_json(r));
    return out;
}

int cell_write(const struct sweep_plan *p, const struct sweep_cell *cell, const struct cell_result *r,
               struct alm_err *e)
{
    assert(strlen(cell->id) == SWEEP_ID - 1);
    json_t *json = to_json(p, cell, r);
    char *path = path_of(p, cell->id);
    int code = json && path ? write_json(path, json, e) : alm_fail(e, ALM_ENOMEM, "out of memory for a cell's file");
    json_decref(json);
    free(path);
    return code;
}

/* ---- from JSON: false where it is not what was written ---- */

static bool get_real(const json_t *json, double *out)
{
    const char *text = json_string_value(json);
    if (text && strcmp(text, "inf") != 0 && strcmp(text, "-inf") != 0)
        return false;
    if (text)
        *out = text[0] == '-' ? -INFINITY : INFINITY;
    else
        *out = json_is_null(json) ? NAN : json_number_value(json);
    return text || json_is_null(json) || json_is_number(json);
}

static bool get_pair(const json_t *json, double *a, double *b)
{
    return json_array_size(json) == 2 && get_real(json_array_get(json, 0), a) && get_real(json_array_get(json, 1), b);
}

static bool get_words(const json_t *json, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text && (size_t)snprintf(out, size, "%s", text) < size;
}

static bool get_names(const json_t *units, struct cell_result *r)
{
    const json_t *name = json_object_get(units, "name");
    size_t n = json_array_size(name);
    r->unit_name = calloc(n + 1, sizeof *r->unit_name);
    r->unit = calloc(n + 1, sizeof *r->unit);
    if (!r->unit_name || !r->unit || n == 0)
        return false;
    for (; r->units < n; r->units++) {
        const char *text = json_string_value(json_array_get(name, r->units));
        if (!text || !(r->unit_name[r->units] = strdup(text)))
            return false;
    }
    return true;
}

static bool get_units(const json_t *units, struct cell_result *r)
{
    size_t count;
    const struct cell_sum *sum = cell_sums(&count);
    if (!get_names(units, r))
        return false;
    for (size_t k = 0; k < count; k++) {
        const json_t *column = json_object_get(units, sum[k].name);
        if (json_array_size(column) != r->units)
            return false;
        for (size_t i = 0; i < r->units; i++) {
            const json_t *value = json_array_get(column, i);
            double v = 0;
            if (sum[k].whole ? !json_is_integer(value) || json_integer_value(value) < 0 : !get_real(value, &v))
                return false;
            if (sum[k].whole)
                cell_sum_set_whole(&sum[k], &r->unit[i], (uint64_t)json_integer_value(value));
            else
                cell_sum_set_real(&sum[k], &r->unit[i], v);
        }
    }
    for (size_t i = 0; i < r->units; i++)
        metrics_pool(&r->pool, &r->unit[i]);
    return true;
}

static bool get_invocations(const json_t *calls, struct cell_result *r)
{
    r->invocations = calls != NULL;
    for (int f = 0; calls && f < EXECUTIONS_FIGURES; f++)
        if (!get_pair(json_object_get(calls, executions_name((enum executions_figure)f)), &r->call[f].value,
                      &r->call[f].halfwidth))
            return false;
    return true;
}

static bool get_machines(const json_t *machines, struct cell_result *r)
{
    r->machines = machines != NULL;
    for (int f = 0; machines && f < MACHINE_FIGURES; f++)
        if (!get_real(json_object_get(machines, machine_figure_name((enum machine_figure)f)), &r->machine[f]))
            return false;
    return true;
}

static bool get_head(const json_t *json, const char *id, struct cell_result *r)
{
    char schema[32], state[8];
    if (!get_words(json, "schema", schema, sizeof schema) || strcmp(schema, SCHEMA) != 0 ||
        !get_words(json, "id", r->id, sizeof r->id) || strcmp(r->id, id) != 0 ||
        !get_words(json, "version", r->version, sizeof r->version) ||
        !get_words(json, "window", r->window, sizeof r->window) || !get_words(json, "state", state, sizeof state))
        return false;
    r->done = strcmp(state, "done") == 0;
    return r->done || (strcmp(state, "failed") == 0 && get_words(json, "reason", r->reason, sizeof r->reason));
}

static bool get_sums(const json_t *json, struct cell_result *r)
{
    const json_t *resources = json_object_get(json, "resources"), *oracle = json_object_get(json, "oracle");
    r->resources = (uint32_t)json_integer_value(resources);
    r->oracle = json_is_true(oracle);
    return json_is_integer(resources) && json_is_boolean(oracle) &&
           get_real(json_object_get(json, "state_bytes_per_unit"), &r->state_bytes) &&
           get_pair(json_object_get(json, "burst_share"), &r->burst[0], &r->burst[1]) &&
           get_invocations(json_object_get(json, "invocations"), r) &&
           get_machines(json_object_get(json, "machines"), r) && get_units(json_object_get(json, "units"), r);
}

/* The file of cell ID, or NULL: none, or no JSON. */
static int load(const struct sweep_plan *p, const char *id, json_t **out, struct alm_err *e)
{
    char *path = path_of(p, id);
    *out = NULL;
    if (!path)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    FILE *f = fopen(path, "re");
    int code = ALM_OK;
    if (f)
        *out = json_loadf(f, JSON_REJECT_DUPLICATES, NULL);
    else if (errno != ENOENT && errno != ENOTDIR)
        code = alm_fail(e, ALM_EIO, "%s: cannot be read: %s", path, strerror(errno));
    if (f)
        fclose(f);
    free(path);
    return code;
}

int cell_file_read(const struct sweep_plan *p, const char *id, struct cell_result *out, bool *stale, struct alm_err *e)
{
    json_t *json;
    struct cell_result r = {0};
    ALM_TRY(load(p, id, &json, e));
    bool good = get_head(json, id, &r);
    *stale = good && strcmp(r.version, p->version) != 0;
    if (good && !*stale && r.done)
        good = get_sums(json, &r);
    json_decref(json);
    if (!good)
        cell_result_free(&r);
    if (good)
        *out = r;
    return good && !*stale ? ALM_OK : ALM_NOT_YET;
}

int cell_read(const struct sweep_plan *p, const char *id, struct cell_result *out, struct alm_err *e)
{
    bool stale;
    struct cell_result r = {0};
    int code = cell_file_read(p, id, &r, &stale, e);
    if (code == ALM_OK)
        *out = r;
    return code;
}

int cell_state(const struct sweep_plan *p, const char *id, bool *done, struct alm_err *e)
{
    struct cell_result r = {0};
    int code = cell_read(p, id, &r, e);
    if (code == ALM_OK)
        *done = r.done;
    cell_result_free(&r);
    return code;
}

char *cell_factor_name(const struct sweep_factor *f, char *out, size_t size)
{
    snprintf(out, size, "%s%s%s", f->policy ? f->policy : "", f->policy ? "." : "", f->path);
    return out;
}
