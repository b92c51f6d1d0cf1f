/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_reader: open a trace file and hand out its rows as demand.
 *
 * Meaning.  Opening reads what there is of each unit and checks that counts and lengths agree. Rows are checked when
 *           they are read: stamps increase within the unit's first and last, values are missing or finite and not
 *           negative. Invocations: trace_invocations_read.c; behaviour:
 *           trace_behaviour_read.c.
 * Limits.   Memory: the units, and what the columns cache; nothing grows with the number of rows. */
#include "trace_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *path_of(const struct alm_trace *t)
{
    return alm_table_path(t->table);
}

int alm__trace_need(struct alm_trace *t, const char *path, enum alm_column_type type, uint64_t length,
                    struct alm_column **out, struct alm_err *e)
{
    int rc = alm_column_open(t->table, path, type, out, e);
    ALM_TRY(rc);
    if (rc == ALM_NOT_YET)
        return alm_fail(e, ALM_EDATA, "%s: column %s is missing; a trace file needs it", path_of(t), path);
    if (length != UINT64_MAX && alm_column_length(*out) != length)
        return alm_fail(e, ALM_EDATA, "%s: column %s has %llu values where %llu are needed", path_of(t), path,
                        (unsigned long long)alm_column_length(*out), (unsigned long long)length);
    return 0;
}

static int read_names(struct alm_trace *t, struct alm_column *c, size_t offset, struct alm_err *e)
{
    char *text[256];
    for (size_t done = 0; done < t->demand.units;) {
        size_t n = t->demand.units - done < 256 ? t->demand.units - done : 256;
        ALM_TRY(alm_column_read(c, done, n, text, e));
        int rc = 0;
        for (size_t i = 0; i < n; i++) {
            size_t length = strlen(text[i]);
            if (length < ALM_UNIT_NAME)
                memcpy((char *)&t->unit[done + i] + offset, text[i], length + 1);
            else if (rc == 0)
                rc = alm_fail(e, ALM_EDATA, "%s: unit %zu has a name or code of %zu bytes; at most %d are allowed",
                              path_of(t), done + i, length, ALM_UNIT_NAME - 1);
            free(text[i]);
        }
        ALM_TRY(rc);
        done += n;
    }
    return 0;
}

struct unit_columns {
    struct alm_column *cores, *memory, *rows, *first, *last;
};

static int check_unit(const struct alm_trace *t, const struct alm_unit *u, int64_t rows, int64_t invocations,
                      struct alm_err *e)
{
    uint64_t most = alm__invocations_count(t->invocation);
    if (rows < 0 || (rows == 0 && most == 0) || (uint64_t)rows > t->total)
        return alm_fail(e, ALM_EDATA, "%s: unit %s claims %lld of the %llu rows", path_of(t), u->name, (long long)rows,
                        (unsigned long long)t->total);
    if (invocations < 0 || (uint64_t)invocations > most || (rows == 0 && invocations == 0))
        return alm_fail(e, ALM_EDATA, "%s: unit %s claims %lld of the %llu invocations, and %lld rows", path_of(t),
                        u->name, (long long)invocations, (unsigned long long)most, (long long)rows);
    if (u->first < -ALM_STAMP_MOST || u->last > ALM_STAMP_MOST || u->first > u->last)
        return alm_fail(e, ALM_EDATA, "%s: unit %s lasts from %lld to %lld ns, which cannot be", path_of(t), u->name,
                        (long long)u->first, (long long)u->last);
    if (isinf(u->cores) || u->cores < 0 || isinf(u->memory) || u->memory < 0)
        return alm_fail(e, ALM_EDATA, "%s: unit %s has a capacity that cannot be", path_of(t), u->name);
    return 0;
}

static int read_unit(struct alm_trace *t, const struct unit_columns *c, size_t i, uint64_t *invocations,
                     struct alm_err *e)
{
    struct alm_unit *u = &t->unit[i];
    int64_t rows = 0, served = 0;
    ALM_TRY(alm_column_read(c->cores, i, 1, &u->cores, e));
    ALM_TRY(alm_column_read(c->memory, i, 1, &u->memory, e));
    ALM_TRY(alm_column_read(c->rows, i, 1, &rows, e));
    ALM_TRY(alm_column_read(c->first, i, 1, &u->first, e));
    ALM_TRY(alm_column_read(c->last, i, 1, &u->last, e));
    if (t->served)
        ALM_TRY(alm_column_read(t->served, i, 1, &served, e));
    if (u->name[0] == '\0')
        return alm_fail(e, ALM_EDATA, "%s: unit %zu has no name", path_of(t), i);
    ALM_TRY(check_unit(t, u, rows, served, e));
    t->rows[i] = (uint64_t)rows;
    t->offset[i + 1] = t->offset[i] + t->rows[i];
    *invocations += (uint64_t)served;
    return 0;
}

static int read_unit_numbers(struct alm_trace *t, struct alm_err *e)
{
    struct unit_columns c = {0};
    uint64_t n = t->demand.units, invocations = 0, most = alm__invocations_count(t->invocation);
    ALM_TRY(alm__trace_need(t, "/units/cores", ALM_COL_F64, n, &c.cores, e));
    ALM_TRY(alm__trace_need(t, "/units/memory", ALM_COL_F64, n, &c.memory, e));
    ALM_TRY(alm__trace_need(t, "/units/rows", ALM_COL_I64, n, &c.rows, e));
    ALM_TRY(alm__trace_need(t, "/units/first", ALM_COL_I64, n, &c.first, e));
    ALM_TRY(alm__trace_need(t, "/units/last", ALM_COL_I64, n, &c.last, e));
    if (t->invocation)
        ALM_TRY(alm__trace_need(t, "/units/invocations", ALM_COL_I64, n, &t->served, e));
    for (size_t i = 0; i < n && t->offset[i] <= t->total && invocations <= most; i++)
        ALM_TRY(read_unit(t, &c, i, &invocations, e));
    if (t->offset[n] != t->total)
        return alm_fail(e, ALM_EDATA, "%s: the units' row counts do not sum up to the %llu rows of /usage", path_of(t),
                        (unsigned long long)t->total);
    if (invocations != most)
        return alm_fail(e, ALM_EDATA, "%s: the units' counts of invocations do not sum up to the %llu of /invocations",
                        path_of(t), (unsigned long long)most);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct alm_unit *const *)a)->name, (*(const struct alm_unit *const *)b)->name);
}

static int check_names(const struct alm_trace *t, struct alm_err *e)
{
    size_t n = t->demand.units;
    const struct alm_unit **sorted = calloc(n, sizeof *sorted);
    if (!sorted)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        sorted[i] = &t->unit[i];
    qsort(sorted, n, sizeof *sorted, by_name);
    int rc = 0;
    for (size_t i = 1; i < n && rc == 0; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
            rc = alm_fail(e, ALM_EDATA, "%s: two units have the name %s", path_of(t), sorted[i]->name);
    free(sorted);
    return rc;
}

static int read_units(struct alm_trace *t, struct alm_err *e)
{
    struct alm_column *name, *code;
    ALM_TRY(alm__trace_need(t, "/units/name", ALM_COL_TEXT, UINT64_MAX, &name, e));
    uint64_t n = alm_column_length(name), all = t->total + alm__invocations_count(t->invocation);
    if (n == 0 || n > all || n >= UINT32_MAX)
        return alm_fail(e, ALM_EDATA, "%s: has %llu units and %llu rows and invocations, which cannot be", path_of(t),
                        (unsigned long long)n, (unsigned long long)all);
    ALM_TRY(alm__trace_need(t, "/units/code", ALM_COL_TEXT, n, &code, e));
    t->demand.units = (size_t)n;
    t->unit = calloc((size_t)n, sizeof *t->unit);
    t->rows = calloc((size_t)n, sizeof *t->rows);
    t->offset = calloc((size_t)n + 1, sizeof *t->offset);
    if (!t->unit || !t->rows || !t->offset)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for its %llu units", path_of(t), (unsigned long long)n);
    ALM_TRY(read_names(t, name, offsetof(struct alm_unit, name), e));
    ALM_TRY(read_names(t, code, offsetof(struct alm_unit, code), e));
    ALM_TRY(read_unit_numbers(t, e));
    return check_names(t, e);
}

static int open_usage(struct alm_trace *t, struct alm_err *e)
{
    int there = alm_column_open(t->table, "/usage/time", ALM_COL_I64, &t->time, e);
    ALM_TRY(there);
    if (there == ALM_NOT_YET && !t->invocation)
        return alm_fail(e, ALM_EDATA,
                        "%s: column /usage/time is missing, and so is /invocations/arrival; a trace file has one of "
                        "them or both",
                        path_of(t));
    if (there == ALM_NOT_YET)
        return 0;
    t->total = alm_column_length(t->time);
    for (int r = 0; r < ALM_RESOURCES; r++) {
        const struct alm__trace_column *c = alm__usage_column((enum alm_resource)r);
        int rc = alm_column_open(t->table, c->path, c->type, &t->value[r], e);
        ALM_TRY(rc);
        if (rc == ALM_NOT_YET)
            continue;
        if (alm_column_length(t->value[r]) != t->total)
            return alm_fail(e, ALM_EDATA, "%s: column %s has %llu values where /usage/time has %llu", path_of(t),
                            c->path, (unsigned long long)alm_column_length(t->value[r]), (unsigned long long)t->total);
        t->demand.resources |= ALM_BIT(r);
    }
    return 0;
}

static int read_attributes(struct alm_trace *t, struct alm_err *e)
{
    if (strcmp(alm_table_format(t->table), "trace/1") != 0)
        return alm_fail(e, ALM_EDATA, "%s: format '%.40s' is not known to this version, which reads trace/1",
                        path_of(t), alm_table_format(t->table));
    int rc = alm_table_get_int(t->table, "/", "interval_ns", &t->demand.interval, e);
    ALM_TRY(rc);
    if (rc == ALM_NOT_YET || t->demand.interval <= 0 || t->demand.interval > ALM_STAMP_MOST)
        return alm_fail(e, ALM_EDATA, "%s: attribute interval_ns is missing or not a positive duration", path_of(t));
    char *origin = NULL;
    ALM_TRY(alm_table_get_text(t->table, "/", "time_origin", &origin, e));
    t->calendar = origin && strcmp(origin, "unix") == 0;
    free(origin);
    return 0;
}

/* Stamps and spans of N rows from row FIRST of unit U on; the row before them gives the first span. */
static int read_times(const struct alm_trace *t, size_t u, uint64_t first, size_t n, const struct alm_demand_rows *out,
                      size_t place, struct alm_err *e)
{
    alm_time buffer[ALM_READ_BATCH + 1], *at = buffer + 1, interval = t->demand.interval;
    const struct alm_unit *unit = &t->unit[u];
    uint64_t start = t->offset[u] + first;
    size_t before = first > 0;
    ALM_TRY(alm_column_read(t->time, start - before, n + before, at - before, e));
    for (size_t k = 0; k < n; k++) {
        bool has_previous = before || k > 0; /* buffer[k] is the row before at[k] */
        if (at[k] < unit->first || at[k] > unit->last || (has_previous && at[k] <= buffer[k]))
            return alm_fail(e, ALM_EDATA,
                            "%s: unit %s, row %llu: stamp %lld ns is not after the one before or not "
                            "between the unit's first and last",
                            path_of(t), unit->name, (unsigned long long)(first + k), (long long)at[k]);
        alm_time gap = has_previous ? at[k] - buffer[k] : interval;
        if (out->span)
            out->span[place + k] = gap <= interval + interval / 2 ? gap : interval;
    }
    if (out->at)
        memcpy(out->at + place, at, n * sizeof *at);
    return 0;
}

int alm__trace_amounts(struct alm_column *column, enum alm_column_type type, uint64_t start, size_t n, double *out,
                       struct alm_err *e)
{
    int64_t whole[ALM_READ_BATCH];
    if (!column) {
        for (size_t k = 0; k < n; k++)
            out[k] = (double)NAN;
        return 0;
    }
    if (type == ALM_COL_F64)
        return alm_column_read(column, start, n, out, e);
    ALM_TRY(alm_column_read(column, start, n, whole, e));
    for (size_t k = 0; k < n; k++)
        out[k] = whole[k] == INT64_MIN ? (double)NAN : (double)whole[k];
    return 0;
}

size_t alm__trace_wrong(const double *value, size_t n)
{
    unsigned wrong = 0;
    for (size_t k = 0; k < n; k++)
        wrong |= (value[k] < 0) | (value[k] > ALM_VALUE_MOST);
    for (size_t k = 0; wrong && k < n; k++)
        if (value[k] < 0 || value[k] > ALM_VALUE_MOST)
            return k;
    return n;
}

static int read_values(const struct alm_trace *t, size_t u, uint64_t first, size_t n, int r, double *out,
                       struct alm_err *e)
{
    enum alm_column_type type = alm__usage_column((enum alm_resource)r)->type;
    ALM_TRY(alm__trace_amounts(t->value[r], type, t->offset[u] + first, n, out, e));
    size_t wrong = alm__trace_wrong(out, n);
    unsigned long long row = first + wrong;
    if (wrong < n)
        return alm_fail(e, ALM_EDATA, "%s: unit %s, row %llu: %s is %g, which cannot be", path_of(t), t->unit[u].name,
                        row, alm_resource_name((enum alm_resource)r), out[wrong]);
    return 0;
}

static int demand_read(const struct alm_demand *self, size_t unit, uint64_t first, size_t n,
                       const struct alm_demand_rows *out, struct alm_err *e)
{
    const struct alm_trace *t = self->owner;
    if (unit >= self->units || first > t->rows[unit] || n > t->rows[unit] - first)
        return alm_fail(e, ALM_EINVAL, "%s: rows [%llu, +%zu) of unit %zu do not exist", path_of(t),
                        (unsigned long long)first, n, unit);
    for (size_t done = 0; done < n; done += ALM_READ_BATCH) {
        size_t part = n - done < ALM_READ_BATCH ? n - done : ALM_READ_BATCH;
        if (out->at || out->span)
            ALM_TRY(read_times(t, unit, first + done, part, out, done, e));
        for (int r = 0; r < ALM_RESOURCES; r++)
            if (out->value[r])
                ALM_TRY(read_values(t, unit, first + done, part, r, out->value[r] + done, e));
    }
    return 0;
}

int alm_trace_open(const char *path, struct alm_trace **out, struct alm_err *e)
{
    struct alm_trace *t = calloc(1, sizeof *t);
    if (!t)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int rc = alm_table_open(path, "trace/", &t->table, e);
    if (rc == 0)
        rc = read_attributes(t, e);
    if (rc == 0)
        rc = alm__invocations_open(t, e);
    if (rc == 0)
        rc = open_usage(t, e);
    if (rc == 0)
        rc = read_units(t, e);
    if (rc == 0)
        rc = alm__behaviour_open(t, e);
    if (rc < 0) {
        alm_trace_close(t);
        return rc;
    }
    t->demand.unit = t->unit;
    t->demand.rows = t->rows;
    t->demand.read = demand_read;
    t->demand.owner = t;
    *out = t;
    return 0;
}

void alm_trace_close(struct alm_trace *t)
{
    if (!t)
        return;
    alm__invocations_close(t->invocation);
    alm__behaviour_close(t->behaviour);
    alm_table_close(t->table);
    free(t->unit);
    free(t->rows);
    free(t->offset);
    free(t);
}

const struct alm_demand *alm_trace_demand(const struct alm_trace *t)
{
    return &t->demand;
}

uint64_t alm_trace_rows(const struct alm_trace *t)
{
    return t->total;
}

bool alm_trace_calendar(const struct alm_trace *t)
{
    return t->calendar;
}

const char *alm_trace_path(const struct alm_trace *t)
{
    return path_of(t);
}

int alm_trace_text(const struct alm_trace *t, const char *name, char **out, struct alm_err *e)
{
    return alm_table_get_text(t->table, "/", name, out, e);
}
