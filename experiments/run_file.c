/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_file: opening a run file: its attributes, units and reasons. Its rows are read in run_rows.c. */
#include "experiments/run_file.h"

#include "almanac/option.h"
#include "almanac/resource.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text attribute NAME, "" when there is none. */
static int root_text(struct alm_run *run, const char *name, char **out, struct alm_err *e)
{
    int code = alm_table_get_text(run->table, "/", name, out, e);
    ALM_TRY(code);
    if (code == ALM_NOT_YET)
        *out = strdup("");
    return *out ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory");
}

static int root_int(struct alm_run *run, const char *name, int64_t absent, int64_t *out, struct alm_err *e)
{
    *out = absent;
    return alm_table_get_int(run->table, "/", name, out, e);
}

static int read_root(struct alm_run *run, struct alm_err *e)
{
    int64_t oracle, open_loop;
    ALM_TRY(root_text(run, "policy", &run->policy, e));
    ALM_TRY(root_text(run, "trace_name", &run->trace_name, e));
    ALM_TRY(root_text(run, "metrics", &run->metrics, e));
    ALM_TRY(root_int(run, "oracle", 0, &oracle, e));
    ALM_TRY(root_int(run, "open_loop", 0, &open_loop, e));
    ALM_TRY(root_int(run, "seed", 0, &run->seed, e));
    ALM_TRY(root_int(run, "interval_ns", 0, &run->interval, e));
    run->oracle = oracle != 0;
    run->open_loop = open_loop != 0;
    if (run->interval <= 0)
        return alm_fail(e, ALM_EDATA, "%s: no attribute interval_ns above 0: the time between decisions is not known",
                        alm_table_path(run->table));
    return ALM_OK;
}

/* Read a whole column into new memory; *OUT and *ROWS are untouched when there is no such column (ALM_NOT_YET). */
static int whole_column(struct alm_run *run, const char *path, enum alm_column_type type, void **out, size_t *rows,
                        struct alm_err *e)
{
    struct alm_column *c = NULL;
    int code = alm_column_open(run->table, path, type, &c, e);
    if (code < 0 || code == ALM_NOT_YET)
        return code;
    uint64_t n = alm_column_length(c);
    if (n >= ALM_RUN_ALL)
        return alm_fail(e, ALM_EDATA, "%s: %s has too many rows (%llu)", alm_table_path(run->table), path,
                        (unsigned long long)n);
    void *value = calloc(n ? (size_t)n : 1, type == ALM_COL_TEXT ? sizeof(char *) : sizeof(int64_t));
    if (value == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %s", path);
    code = alm_column_read(c, 0, (size_t)n, value, e);
    if (code < 0) {
        free(value);
        return code;
    }
    *out = value;
    *rows = (size_t)n;
    return ALM_OK;
}

struct unit_column {
    const char *path;
    enum alm_column_type type;
    size_t offset;
};

#define U(member) offsetof(struct alm_run_unit, member)
static const struct unit_column unit_columns[] = {
    {"/units/name", ALM_COL_TEXT, U(name)},
    {"/units/code", ALM_COL_TEXT, U(code)},
    {"/units/cores", ALM_COL_F64, U(cores)},
    {"/units/memory", ALM_COL_F64, U(memory)},
    {"/units/first_decision", ALM_COL_I64, U(first_decision)},
    {"/units/last_decision", ALM_COL_I64, U(last_decision)},
};
static_assert(sizeof(char *) == 8 && sizeof(double) == 8, "every member of a unit takes eight bytes");

/* Read column C into its member of all units; the first column says how many units there are. */
static int read_unit_column(struct alm_run *run, const struct unit_column *c, struct alm_err *e)
{
    char *value = NULL;
    size_t rows = 0;
    int code = whole_column(run, c->path, c->type, (void **)&value, &rows, e);
    ALM_TRY(code);
    if (code == ALM_NOT_YET)
        return alm_fail(e, ALM_EDATA, "%s: no column %s; a run file has one", alm_table_path(run->table), c->path);
    if (run->unit == NULL) {
        run->units = rows;
        run->unit = calloc(rows ? rows : 1, sizeof *run->unit);
        code = run->unit ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for %zu units", rows);
    } else if (rows != run->units) {
        code = alm_fail(e, ALM_EDATA, "%s: %s has %zu rows, %s has %zu; they must be equal", alm_table_path(run->table),
                        c->path, rows, unit_columns[0].path, run->units);
    }
    for (size_t i = 0; code == ALM_OK && i < rows; i++)
        memcpy((char *)&run->unit[i] + c->offset, value + i * sizeof(int64_t), sizeof(int64_t));
    for (size_t i = 0; code < 0 && c->type == ALM_COL_TEXT && i < rows; i++)
        free(((char **)(void *)value)[i]);
    free(value);
    return code;
}

static int check_units(const struct alm_run *run, struct alm_err *e)
{
    for (size_t i = 0; i < run->units; i++) {
        const struct alm_run_unit *u = &run->unit[i];
        bool none = u->first_decision == ALM_TIME_NONE && u->last_decision == ALM_TIME_NONE;
        bool ordered = u->first_decision != ALM_TIME_NONE && u->first_decision <= u->last_decision;
        int64_t length;
        bool fits = ordered && !__builtin_sub_overflow(u->last_decision, u->first_decision, &length) &&
                    u->last_decision > ALM_TIME_NONE + run->interval;
        if (!none && !fits)
            return alm_fail(
                e, ALM_EDATA, "%s: unit %s: first_decision %lld and last_decision %lld contradict each other",
                alm_table_path(run->table), u->name, (long long)u->first_decision, (long long)u->last_decision);
    }
    return ALM_OK;
}

static int read_units(struct alm_run *run, struct alm_err *e)
{
    for (size_t i = 0; i < sizeof unit_columns / sizeof *unit_columns; i++)
        ALM_TRY(read_unit_column(run, &unit_columns[i], e));
    return check_units(run, e);
}

struct machine_column {
    const char *path;
    size_t offset;
};

#define M(member) offsetof(struct alm_machine, member)
static const struct machine_column machine_columns[] = {
    {"/machines/cores", M(cores)},
    {"/machines/speed", M(speed)},
    {"/machines/memory", M(memory)},
    {"/machines/io_read", M(bandwidth[ALM_IO_READ])},
    {"/machines/io_write", M(bandwidth[ALM_IO_WRITE])},
    {"/machines/net_rx", M(bandwidth[ALM_NET_RX])},
    {"/machines/net_tx", M(bandwidth[ALM_NET_TX])},
};

static int read_machine_column(struct alm_run *run, const struct machine_column *c, struct alm_err *e)
{
    double *value = NULL;
    size_t rows = 0;
    int code = whole_column(run, c->path, ALM_COL_F64, (void **)&value, &rows, e);
    ALM_TRY(code);
    if (code == ALM_NOT_YET || rows != run->machines)
        code = alm_fail(e, ALM_EDATA, "%s: %s has %zu rows, /machines/name has %zu; they must be equal",
                        alm_table_path(run->table), c->path, rows, run->machines);
    for (size_t i = 0; code == ALM_OK && i < rows; i++)
        memcpy((char *)&run->machine[i] + c->offset, &value[i], sizeof value[i]);
    free(value);
    return code;
}

static int read_machines(struct alm_run *run, struct alm_err *e)
{
    char **name = NULL;
    int code = whole_column(run, "/machines/name", ALM_COL_TEXT, (void **)&name, &run->machines, e);
    if (code < 0 || code == ALM_NOT_YET)
        return code;
    run->machine = calloc(run->machines ? run->machines : 1, sizeof *run->machine);
    for (size_t i = 0; i < run->machines; i++) {
        if (run->machine)
            snprintf(run->machine[i].name, sizeof run->machine[i].name, "%s", name[i]);
        free(name[i]);
    }
    free(name);
    if (!run->machine)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu machines", run->machines);
    for (size_t k = 0; k < sizeof machine_columns / sizeof *machine_columns; k++)
        ALM_TRY(read_machine_column(run, &machine_columns[k], e));
    return ALM_OK;
}

static int find_executions(struct alm_run *run, struct alm_err *e)
{
    struct alm_column *c;
    int code = alm_column_open(run->table, "/executions/unit", ALM_COL_U32, &c, e);
    run->executions = code == ALM_OK;
    return code;
}

int alm_run_file_open(const char *path, struct alm_run **out, struct alm_err *e)
{
    struct alm_run *run = calloc(1, sizeof *run);
    if (run == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory");
    int code = alm_table_open(path, "run/", &run->table, e);
    if (code >= 0)
        code = read_root(run, e);
    if (code >= 0)
        code = read_units(run, e);
    if (code >= 0)
        code = whole_column(run, "/reasons/text", ALM_COL_TEXT, (void **)&run->reason, &run->reasons, e);
    if (code >= 0)
        code = read_machines(run, e);
    if (code >= 0)
        code = find_executions(run, e);
    if (code < 0) {
        alm_run_file_close(run);
        return code;
    }
    *out = run;
    return ALM_OK;
}

void alm_run_file_close(struct alm_run *run)
{
    if (run == NULL)
        return;
    for (size_t i = 0; run->unit && i < run->units; i++) {
        free(run->unit[i].name);
        free(run->unit[i].code);
    }
    for (size_t i = 0; run->reason && i < run->reasons; i++)
        free(run->reason[i]);
    free(run->unit);
    free(run->machine);
    free(run->reason);
    free(run->policy);
    free(run->trace_name);
    free(run->metrics);
    alm_table_close(run->table);
    free(run);
}

int alm_run_file_unit(const struct alm_run *run, const char *name, uint32_t *out, struct alm_err *e)
{
    for (size_t i = 0; i < run->units; i++)
        if (strcmp(run->unit[i].name, name) == 0) {
            *out = (uint32_t)i;
            return ALM_OK;
        }
    const char **names = calloc(run->units + 1, sizeof *names);
    for (size_t i = 0; names && i < run->units; i++)
        names[i] = run->unit[i].name;
    const char *near = names ? alm_nearest(name, names) : NULL;
    free(names);
    return alm_fail(e, ALM_EINVAL, "%s has no unit \"%s\"%s%s%s; `almanac dump %s units` lists its units (%zu)",
                    alm_table_path(run->table), name, near ? " (did you mean \"" : "", near ? near : "",
                    near ? "\"?)" : "", alm_table_path(run->table), run->units);
}

char *alm_run_reason(const struct alm_run *run, const struct alm_run_decision *row, char *out, size_t size)
{
    bool limited[2];
    const char *why[2];
    for (int r = 0; r < 2; r++) {
        limited[r] = row->limit[r] != ALM_NO_LIMIT;
        why[r] = limited[r] && row->reason[r] < run->reasons ? run->reason[row->reason[r]] : "";
    }
    if (limited[0] && limited[1] && strcmp(why[0], why[1]) != 0)
        snprintf(out, size, "cpu: %s; memory: %s", why[0], why[1]);
    else
        snprintf(out, size, "%s", limited[0] ? why[0] : why[1]);
    return out;
}
