/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_commit: set a trace file down: merge the sorted rows into columns, then describe units and file.
 *
 * Choice.   CPU is often rounded to few decimals, which shuffling the bytes makes twice as large; integers and
 *           times shrink by it. Amounts of bytes are whole numbers, so they are stored as such. */
#include "trace_interval.h"
#include "trace_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALENDAR_FROM ((alm_time)100000000000000000) /* 1973-03-03 09:46:40 UTC in nanoseconds */
#define BATCH 1024

static const struct alm__usage_column columns[ALM_RESOURCES] = {
    [ALM_CPU] = {"/usage/cpu", "1", "mean CPU use over the interval, in cores", ALM_COL_F64},
    [ALM_MEMORY] = {"/usage/memory", "byte", "peak memory use over the interval", ALM_COL_I64},
    [ALM_IO_READ] = {"/usage/io_read", "byte", "bytes read from storage over the interval", ALM_COL_I64},
    [ALM_IO_WRITE] = {"/usage/io_write", "byte", "bytes written to storage over the interval", ALM_COL_I64},
    [ALM_NET_RX] = {"/usage/net_rx", "byte", "bytes received from the network over the interval", ALM_COL_I64},
    [ALM_NET_TX] = {"/usage/net_tx", "byte", "bytes sent to the network over the interval", ALM_COL_I64},
};

const struct alm__usage_column *alm__usage_column(enum alm_resource r)
{
    return &columns[r];
}

/* The columns of /usage, and rows on their way there. */
struct output {
    struct alm_column *time, *value[ALM_RESOURCES];
    alm_time at[BATCH];
    double cpu[BATCH];
    int64_t whole[ALM_RESOURCES][BATCH];
    size_t count;
    struct alm__intervals differences;
};

static int usage_columns(struct alm_trace_writer *w, struct output *o, struct alm_err *e)
{
    bool calendar = w->summary.calendar;
    const struct alm_column_spec time = {
        .path = "/usage/time",
        .type = ALM_COL_I64,
        .dimension = "/usage/row",
        .unit = calendar ? "nanoseconds since 1970-01-01 00:00:00 UTC" : "nanoseconds",
        .long_name = "end of the interval",
        .shuffle = true,
    };
    ALM_TRY(alm_column_create(w->table, &time, &o->time, e));
    if (calendar) {
        ALM_TRY(alm_table_set_text(w->table, "/usage/time", "standard_name", "time", e));
        ALM_TRY(alm_table_set_text(w->table, "/usage/time", "calendar", "standard", e));
    }
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (!(w->summary.resources & ALM_BIT(r)))
            continue;
        const struct alm_column_spec spec = {
            .path = columns[r].path,
            .type = columns[r].type,
            .dimension = "/usage/row",
            .unit = columns[r].unit,
            .long_name = columns[r].long_name,
            .shuffle = columns[r].type == ALM_COL_I64,
            .fill = true,
        };
        ALM_TRY(alm_column_create(w->table, &spec, &o->value[r], e));
    }
    return 0;
}

static int output_flush(struct output *o, struct alm_err *e)
{
    ALM_TRY(alm_column_append(o->time, o->at, o->count, e));
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (o->value[r])
            ALM_TRY(alm_column_append(o->value[r], r == ALM_CPU ? (const void *)o->cpu : o->whole[r], o->count, e));
    o->count = 0;
    return 0;
}

static int output_row(struct output *o, const struct alm__sort_row *row, struct alm_err *e)
{
    size_t k = o->count++;
    o->at[k] = row->at;
    o->cpu[k] = row->value[ALM_CPU];
    for (int r = ALM_MEMORY; r < ALM_RESOURCES; r++)
        o->whole[r][k] = isnan(row->value[r]) ? INT64_MIN : (int64_t)nearbyint(row->value[r]);
    return o->count == BATCH ? output_flush(o, e) : 0;
}

/* One row of the merge: drop it as a duplicate of PREVIOUS, or count and put it. */
static int take_row(struct alm_trace_writer *w, struct output *o, const struct alm__sort_row *row,
                    struct alm__sort_row *previous, struct alm_err *e)
{
    struct alm__trace_unit *u = &w->unit[row->unit];
    bool first = u->rows == 0;
    if (!first && previous->at == row->at) {
        alm_report_note(&w->report, true, "duplicate time stamp: first kept", "unit %s at %.3f s", u->unit.name,
                        alm_seconds(row->at));
        return 0;
    }
    if (first)
        u->unit.first = row->at;
    else
        ALM_TRY(alm__interval_add(&o->differences, row->at - previous->at, e));
    u->unit.last = row->at;
    u->rows++;
    if (w->summary.rows == 0 || row->at < w->summary.first)
        w->summary.first = row->at;
    if (w->summary.rows == 0 || row->at > w->summary.last)
        w->summary.last = row->at;
    w->summary.rows++;
    *previous = *row;
    return output_row(o, row, e);
}

static int merge(struct alm_trace_writer *w, struct output *o, struct alm_err *e)
{
    struct alm__sort_row row, previous = {.at = 0};
    ALM_TRY(alm__sort_start(w->sort, e));
    int rc;
    for (uint64_t done = 0; (rc = alm__sort_next(w->sort, &row, e)) == 0; done++) {
        ALM_TRY(take_row(w, o, &row, &previous, e));
        if (done % 65536 != 0)
            continue;
        if (w->sink.stop && *w->sink.stop)
            return alm_fail(e, ALM_EINTR, "interrupted");
        if (w->sink.progress)
            w->sink.progress(w->sink.progress_ctx, (double)done / (double)w->pushed);
    }
    ALM_TRY(rc);
    return output_flush(o, e);
}

static void find_interval(struct alm_trace_writer *w, struct output *o)
{
    alm_time usual = alm__interval_usual(&o->differences);
    w->summary.interval = w->interval ? w->interval : usual;
    if (w->summary.interval == 0) {
        const char *text = "No unit has two rows: an interval of 1 s is assumed.";
        w->summary.interval = ALM_SECOND;
        size_t used = strlen(w->report.assumed), room = sizeof w->report.assumed - used;
        if (room > strlen(text) + 1)
            snprintf(w->report.assumed + used, room, "%s%s", used ? " " : "", text);
    }
    alm_time interval = w->summary.interval;
    w->summary.gaps = alm__interval_above(&o->differences, interval + interval / 2);
}

struct unit_columns {
    struct alm_column *name, *code, *cores, *memory, *rows, *first, *last;
};

static int unit_columns_make(struct alm_trace_writer *w, struct unit_columns *c, struct alm_err *e)
{
    const char *stamp = w->summary.calendar ? "nanoseconds since 1970-01-01 00:00:00 UTC" : "nanoseconds";
    const struct {
        struct alm_column **out;
        const char *path;
        enum alm_column_type type;
        const char *unit, *long_name;
        bool fill;
    } list[] = {
        {&c->name, "/units/name", ALM_COL_TEXT, NULL, "name of the unit", false},
        {&c->code, "/units/code", ALM_COL_TEXT, NULL, "what the unit runs", false},
        {&c->cores, "/units/cores", ALM_COL_F64, "1", "CPU capacity or request, in cores", true},
        {&c->memory, "/units/memory", ALM_COL_F64, "byte", "memory capacity or request", true},
        {&c->rows, "/units/rows", ALM_COL_I64, "1", "number of rows of the unit in /usage", false},
        {&c->first, "/units/first", ALM_COL_I64, stamp, "stamp of the first row", false},
        {&c->last, "/units/last", ALM_COL_I64, stamp, "stamp of the last row", false},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct alm_column_spec spec = {
            .path = list[i].path,
            .type = list[i].type,
            .dimension = "/units/unit",
            .unit = list[i].unit,
            .long_name = list[i].long_name,
            .shuffle = list[i].type == ALM_COL_I64,
            .fill = list[i].fill,
        };
        ALM_TRY(alm_column_create(w->table, &spec, list[i].out, e));
    }
    ALM_TRY(alm_table_set_text(w->table, "/units/name", "cf_role", "timeseries_id", e));
    return alm_table_set_text(w->table, "/units/rows", "sample_dimension", "/usage/row", e);
}

static int write_units(struct alm_trace_writer *w, const struct unit_columns *c, struct alm_err *e)
{
    for (size_t i = 0; i < w->units; i++) {
        const struct alm__trace_unit *u = &w->unit[i];
        if (u->rows == 0) {
            alm_report_note(&w->report, false, "unit without rows: left out", "unit %s", u->unit.name);
            continue;
        }
        const char *name = u->unit.name, *code = u->unit.code;
        int64_t rows = (int64_t)u->rows;
        ALM_TRY(alm_column_append(c->name, &name, 1, e));
        ALM_TRY(alm_column_append(c->code, &code, 1, e));
        ALM_TRY(alm_column_append(c->cores, &u->unit.cores, 1, e));
        ALM_TRY(alm_column_append(c->memory, &u->unit.memory, 1, e));
        ALM_TRY(alm_column_append(c->rows, &rows, 1, e));
        ALM_TRY(alm_column_append(c->first, &u->unit.first, 1, e));
        ALM_TRY(alm_column_append(c->last, &u->unit.last, 1, e));
        w->summary.units++;
    }
    return 0;
}

static int write_attributes(struct alm_trace_writer *w, struct alm_err *e)
{
    w->report.kept = w->summary.rows;
    if (w->report.read < w->pushed)
        w->report.read = w->pushed;
    char *json = NULL;
    ALM_TRY(alm_table_set_int(w->table, "/", "interval_ns", w->summary.interval, e));
    ALM_TRY(alm_table_set_text(w->table, "/", "time_origin", w->summary.calendar ? "unix" : "zero", e));
    ALM_TRY(alm_report_json(&w->report, &json, e));
    int rc = alm_table_set_text(w->table, "/", "report", json, e);
    free(json);
    return rc;
}

static int write_all(struct alm_trace_writer *w, struct output *o, struct alm_err *e)
{
    struct unit_columns units;
    ALM_TRY(unit_columns_make(w, &units, e));
    ALM_TRY(usage_columns(w, o, e));
    ALM_TRY(merge(w, o, e));
    find_interval(w, o);
    ALM_TRY(write_units(w, &units, e));
    ALM_TRY(write_attributes(w, e));
    return alm_table_commit(w->table, e);
}

int alm_trace_commit(struct alm_trace_writer *w, struct alm_err *e)
{
    if (w->committed)
        return alm_fail(e, ALM_EINVAL, "%s: was committed already", w->path);
    if (w->pushed == 0)
        return alm_fail(e, ALM_EDATA, "%s: not one usable row was found, so there is nothing to write", w->path);
    w->summary.calendar = w->time_origin ? strcmp(w->time_origin, "unix") == 0 : w->earliest >= CALENDAR_FROM;
    struct output *o = calloc(1, sizeof *o);
    if (!o)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    w->committed = true;
    int rc = write_all(w, o, e);
    alm__interval_free(&o->differences);
    free(o);
    if (rc < 0) {
        alm_table_close(w->table);
        w->table = NULL;
    }
    return rc < 0 ? rc : 0;
}
