/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_commit: set a trace file down: merge the sorted rows into columns, then describe units and file.
 *
 * Choice.   CPU is often rounded to few decimals, which shuffling the bytes makes twice as large; integers and
 *           times shrink by it. */
#include "trace_interval.h"
#include "trace_output.h"
#include "trace_resample.h"
#include "trace_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALENDAR_FROM ((alm_time)100000000000000000) /* 1973-03-03 09:46:40 UTC in nanoseconds */

int alm__commit_time(struct alm_trace_writer *w, const char *path, const char *dimension, const char *long_name,
                     struct alm_column **out, struct alm_err *e)
{
    bool calendar = w->summary.calendar;
    const struct alm_column_spec time = {
        .path = path,
        .type = ALM_COL_I64,
        .dimension = dimension,
        .unit = calendar ? "nanoseconds since 1970-01-01 00:00:00 UTC" : "nanoseconds",
        .long_name = long_name,
        .shuffle = true,
    };
    ALM_TRY(alm_column_create(w->table, &time, out, e));
    if (!calendar)
        return 0;
    ALM_TRY(alm_table_set_text(w->table, path, "standard_name", "time", e));
    return alm_table_set_text(w->table, path, "calendar", "standard", e);
}

int alm__commit_step(const struct alm_trace_writer *w, uint64_t done, struct alm_err *e)
{
    if (done % 65536 != 0)
        return 0;
    if (w->sink.stop && *w->sink.stop)
        return alm_fail(e, ALM_EINTR, "interrupted");
    if (w->sink.progress)
        w->sink.progress(w->sink.progress_ctx, (double)done / (double)(w->rows + w->records + w->invocations));
    return 0;
}

static int usage_columns(struct alm_trace_writer *w, struct alm__output *o, struct alm_err *e)
{
    ALM_TRY(alm__commit_time(w, "/usage/time", ALM_USAGE_DIMENSION, "end of the interval", &o->time, e));
    for (int r = 0; r < ALM_RESOURCES; r++) {
        const struct alm__trace_column *c = alm__usage_column((enum alm_resource)r);
        if (!(w->summary.resources & ALM_BIT(r)))
            continue;
        const struct alm_column_spec spec = {
            .path = c->path,
            .type = c->type,
            .dimension = ALM_USAGE_DIMENSION,
            .unit = c->unit,
            .long_name = c->long_name,
            .shuffle = c->type == ALM_COL_I64,
            .fill = true,
        };
        ALM_TRY(alm__output_column(o, (size_t)r, w->table, &spec, e));
    }
    return 0;
}

/* Where rows of the merge go, and what came before them. */
struct merging {
    struct alm__output *output;
    struct alm__intervals *differences;
    struct alm__resample resample;
    alm_time read, put; /* stamps of the unit's newest row that came and that went out */
    uint32_t unit;
    bool any;
};

static int put_row(struct alm_trace_writer *w, struct merging *m, uint32_t unit, alm_time at, const double *value,
                   struct alm_err *e)
{
    struct alm__trace_unit *u = &w->unit[unit];
    if (u->rows > 0)
        ALM_TRY(alm__interval_add(m->differences, at - m->put, e));
    u->rows++;
    w->summary.rows++;
    m->put = at;
    return alm__output_row(m->output, at, value, e);
}

static int put_resampled(struct alm_trace_writer *w, struct merging *m, struct alm_err *e)
{
    double value[ALM_RESOURCES];
    if (!alm__resample_any(&m->resample))
        return 0;
    const uint32_t unit = m->resample.unit;
    const alm_time at = m->resample.at;
    alm__resample_take(&m->resample, value);
    value[ALM_CPU] = alm__sink_cores(value[ALM_CPU]);
    return put_row(w, m, unit, at, value, e);
}

/* One row of the merge: drop it as a duplicate of the one before it, or count and put it. */
static int take_row(struct alm_trace_writer *w, struct merging *m, const struct alm__sort_row *row, struct alm_err *e)
{
    if (m->any && m->unit == row->unit && m->read == row->at) {
        alm_report_note(&w->report, true, "duplicate time stamp: first kept", "unit %s at %.3f s",
                        w->unit[row->unit].unit.name, alm_seconds(row->at));
        return 0;
    }
    m->any = true;
    m->unit = row->unit;
    m->read = row->at;
    if (w->resample == 0)
        return put_row(w, m, row->unit, row->at, row->value, e);
    const alm_time at = alm_time_ceil(row->at, w->resample);
    if (m->resample.unit != row->unit || m->resample.at != at)
        ALM_TRY(put_resampled(w, m, e));
    alm__resample_add(&m->resample, row->unit, at, row->value);
    return 0;
}

static int merge(struct alm_trace_writer *w, struct alm__output *o, struct alm__intervals *differences,
                 struct alm_err *e)
{
    const struct alm__sort_row *row;
    struct merging m = {.output = o, .differences = differences};
    ALM_TRY(usage_columns(w, o, e));
    ALM_TRY(alm__sort_start(w->usage, e));
    int rc;
    for (uint64_t done = 0; (rc = alm__sort_next(w->usage, &row, e)) == 0; done++) {
        ALM_TRY(take_row(w, &m, row, e));
        ALM_TRY(alm__commit_step(w, done, e));
    }
    ALM_TRY(rc);
    ALM_TRY(put_resampled(w, &m, e));
    return alm__output_flush(o, e);
}

static int write_usage(struct alm_trace_writer *w, struct alm__intervals *differences, struct alm_err *e)
{
    if (w->rows == 0)
        return 0;
    struct alm__output *o = alm__output_new(ALM_RESOURCES);
    if (!o)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    int rc = merge(w, o, differences, e);
    free(o);
    alm__sort_close(w->usage);
    w->usage = NULL;
    return rc;
}

static void find_interval(struct alm_trace_writer *w, struct alm__intervals *differences)
{
    alm_time usual = alm__interval_usual(differences), interval = w->interval ? w->interval : usual;
    w->summary.interval = interval ? interval : ALM_SECOND;
    if (w->resample && interval <= w->resample)
        w->summary.interval = interval = w->resample;
    if (interval == 0 && w->summary.rows > 0) {
        const char *text = "No unit has two rows: an interval of 1 s is assumed.";
        size_t used = strlen(w->report.assumed), room = sizeof w->report.assumed - used;
        if (room > strlen(text) + 1)
            snprintf(w->report.assumed + used, room, "%s%s", used ? " " : "", text);
    }
    interval = w->summary.interval;
    w->summary.gaps = alm__interval_above(differences, interval + interval / 2);
}

struct unit_columns {
    struct alm_column *name, *code, *cores, *memory, *rows, *first, *last, *records, *invocations;
};

static int unit_columns_make(struct alm_trace_writer *w, struct unit_columns *c, struct alm_err *e)
{
    bool both = w->invocations > 0, records = w->records > 0;
    const char *stamp = w->summary.calendar ? "nanoseconds since 1970-01-01 00:00:00 UTC" : "nanoseconds";
    const struct {
        struct alm_column **out;
        const char *path;
        enum alm_column_type type;
        const char *unit, *long_name;
        bool fill, wanted;
    } list[] = {
        {&c->name, "/units/name", ALM_COL_TEXT, NULL, "name of the unit", false, true},
        {&c->code, "/units/code", ALM_COL_TEXT, NULL, "what the unit runs", false, true},
        {&c->cores, "/units/cores", ALM_COL_F64, "1", "CPU capacity or request, in cores", true, true},
        {&c->memory, "/units/memory", ALM_COL_F64, "byte", "memory capacity or request", true, true},
        {&c->rows, "/units/rows", ALM_COL_I64, "1", "number of rows of the unit in /usage", false, true},
        {&c->first, "/units/first", ALM_COL_I64, stamp,
         both ? "first of its stamps and arrivals" : "stamp of the first row", false, true},
        {&c->last, "/units/last", ALM_COL_I64, stamp,
         both ? "last of its stamps and arrivals" : "stamp of the last row", false, true},
        {&c->invocations, "/units/invocations", ALM_COL_I64, "1", "number of invocations of the unit", false, both},
        {&c->records, "/units/behaviour", ALM_COL_I64, "1", "number of rows of the unit in /behaviour", false, records},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (!list[i].wanted)
            continue;
        const struct alm_column_spec spec = {
            .path = list[i].path,
            .type = list[i].type,
            .dimension = ALM_UNIT_DIMENSION,
            .unit = list[i].unit,
            .long_name = list[i].long_name,
            .shuffle = list[i].type == ALM_COL_I64,
            .fill = list[i].fill,
        };
        ALM_TRY(alm_column_create(w->table, &spec, list[i].out, e));
    }
    ALM_TRY(alm_table_set_text(w->table, "/units/name", "cf_role", "timeseries_id", e));
    if (records)
        ALM_TRY(alm_table_set_text(w->table, "/units/behaviour", "sample_dimension", ALM_BEHAVIOUR_DIMENSION, e));
    return w->rows > 0 ? alm_table_set_text(w->table, "/units/rows", "sample_dimension", ALM_USAGE_DIMENSION, e) : 0;
}

static int write_unit(const struct alm__trace_unit *u, const struct unit_columns *c, struct alm_err *e)
{
    const char *name = u->unit.name, *code = u->unit.code;
    int64_t rows = (int64_t)u->rows, invocations = (int64_t)u->invocations, records = (int64_t)u->records;
    ALM_TRY(alm_column_append(c->name, &name, 1, e));
    ALM_TRY(alm_column_append(c->code, &code, 1, e));
    ALM_TRY(alm_column_append(c->cores, &u->unit.cores, 1, e));
    ALM_TRY(alm_column_append(c->memory, &u->unit.memory, 1, e));
    ALM_TRY(alm_column_append(c->rows, &rows, 1, e));
    ALM_TRY(alm_column_append(c->first, &u->unit.first, 1, e));
    ALM_TRY(alm_column_append(c->last, &u->unit.last, 1, e));
    if (c->records)
        ALM_TRY(alm_column_append(c->records, &records, 1, e));
    return c->invocations ? alm_column_append(c->invocations, &invocations, 1, e) : 0;
}

static bool left_out(const struct alm__trace_unit *u)
{
    return u->rows == 0 && u->invocations == 0;
}

static void number_units(struct alm_trace_writer *w)
{
    struct alm_trace_summary *s = &w->summary;
    s->first = ALM_TIME_MAX;
    s->last = ALM_TIME_NONE;
    for (size_t i = 0; i < w->units; i++) {
        struct alm__trace_unit *u = &w->unit[i];
        if (left_out(u)) {
            alm_report_note(&w->report, false, "unit without rows: left out", "unit %s", u->unit.name);
            continue;
        }
        u->number = (uint32_t)s->units++;
        s->first = u->unit.first < s->first ? u->unit.first : s->first;
        s->last = u->unit.last > s->last ? u->unit.last : s->last;
    }
}

static int write_units(struct alm_trace_writer *w, const struct unit_columns *c, struct alm_err *e)
{
    for (size_t i = 0; i < w->units; i++)
        if (!left_out(&w->unit[i]))
            ALM_TRY(write_unit(&w->unit[i], c, e));
    return 0;
}

static int write_attributes(struct alm_trace_writer *w, struct alm_err *e)
{
    uint64_t pushed = w->rows + w->invocations + w->records;
    w->report.kept = w->summary.rows + w->summary.invocations + w->summary.records;
    if (w->report.read < pushed)
        w->report.read = pushed;
    char *json = NULL;
    ALM_TRY(alm_table_set_int(w->table, "/", "interval_ns", w->summary.interval, e));
    ALM_TRY(alm_table_set_text(w->table, "/", "time_origin", w->summary.calendar ? "unix" : "zero", e));
    if (w->platform)
        ALM_TRY(alm_table_set_text(w->table, "/", "platform", w->platform, e));
    ALM_TRY(alm_report_json(&w->report, &json, e));
    int rc = alm_table_set_text(w->table, "/", "report", json, e);
    free(json);
    return rc;
}

static int write_all(struct alm_trace_writer *w, struct alm__intervals *differences, struct alm_err *e)
{
    struct unit_columns units = {0};
    ALM_TRY(unit_columns_make(w, &units, e));
    ALM_TRY(write_usage(w, differences, e));
    find_interval(w, differences);
    number_units(w);
    ALM_TRY(alm__commit_behaviour(w, e));
    ALM_TRY(write_units(w, &units, e));
    ALM_TRY(alm__commit_invocations(w, e));
    ALM_TRY(write_attributes(w, e));
    return alm_table_commit(w->table, e);
}

int alm_trace_commit(struct alm_trace_writer *w, struct alm_err *e)
{
    if (w->committed)
        return alm_fail(e, ALM_EINVAL, "%s: was committed already", w->path);
    if (w->rows == 0 && w->invocations == 0)
        return alm_fail(e, ALM_EDATA, "%s: not one usable row or invocation was found, so there is nothing to write",
                        w->path);
    w->summary.calendar = w->time_origin ? strcmp(w->time_origin, "unix") == 0 : w->earliest >= CALENDAR_FROM;
    struct alm__intervals differences = {0};
    w->committed = true;
    int rc = write_all(w, &differences, e);
    alm__interval_free(&differences);
    if (rc < 0) {
        alm_table_close(w->table);
        w->table = NULL;
    }
    return rc < 0 ? rc : 0;
}
