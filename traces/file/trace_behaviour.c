/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_behaviour: collect records of behaviour for a trace file, and set them down.
 *
 * Meaning.  A record stands for its unit, its time and its function: of several the first is kept. Records do not make a
 *           unit's life longer: its first and last are those of its usage and invocations.
 * Choice.   What cannot be is mended as in rows of usage (trace_sink.c). The sort gives the order of units and times;
 *           the records of one moment, no more than there are functions, are put in order of function here. */
#include "text/printable.h"
#include "trace_output.h"
#include "trace_writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The values of a record in the sort. */
enum { FUNCTION, SPAN, FIELDS, VALUES = FIELDS + ALM_BEHAVIOUR_FIELDS };

/* Its columns: the unit, then the same. */
enum { COLUMN_UNIT, COLUMN_VALUES, COLUMNS = COLUMN_VALUES + VALUES };

static int open_functions(struct alm_trace_writer *w, struct alm_err *e)
{
    uint32_t none;
    if (w->function)
        return 0;
    ALM_TRY(alm_names_open(&w->function, e));
    return alm_names_add(w->function, "", 0, &none, e);
}

int alm__sink_function(struct alm_trace_sink *sink, const char *name, size_t size, uint32_t *out, struct alm_err *e)
{
    struct alm_trace_writer *w = (struct alm_trace_writer *)sink;
    char clean[ALM_FUNCTION_NAME + 1];
    bool mended = false;
    ALM_TRY(open_functions(w, e));
    size_t length = alm_printable(name, size, clean, sizeof clean, &mended);
    if (length == sizeof clean)
        return alm_fail(e, ALM_EDATA, "the name of a function has %zu bytes; at most %u are kept", size,
                        ALM_FUNCTION_NAME);
    uint32_t known = alm_names_count(w->function);
    if (known == ALM_FUNCTIONS && alm_names_find(w->function, clean, length) == ALM_NO_NAME)
        return alm_fail(e, ALM_EUNSUPPORTED, "function %.60s would be one more than %u; leave out those seldom called",
                        clean, ALM_FUNCTIONS);
    ALM_TRY(alm_names_add(w->function, clean, length, out, e));
    if (mended && *out == known)
        alm_report_note(&w->report, false, "function with unprintable bytes: written as \\xHH", "function %u", known);
    return 0;
}

static int check_record(struct alm_trace_writer *w, const struct alm_behaviour *row, struct alm_err *e)
{
    ALM_TRY(alm__sink_ready(w, "behaviour", row->unit, e));
    if (row->function >= alm_names_count(w->function))
        return alm_fail(e, ALM_EMODULE, "behaviour of function %u, but only %u functions were added", row->function,
                        alm_names_count(w->function));
    ALM_TRY(alm__sink_when(w, row->unit, row->at, e));
    if (row->span <= 0 || row->span > ALM_SPAN_MOST)
        return alm_fail(e, ALM_EDATA,
                        "unit %s: a record of behaviour over %lld ns; more than 0 and up to 104 days is right",
                        w->unit[row->unit].unit.name, (long long)row->span);
    return 0;
}

static int add_record(struct alm_trace_writer *w, const struct alm_behaviour *row, struct alm_err *e)
{
    double value[VALUES] = {[FUNCTION] = row->function, [SPAN] = (double)row->span};
    uint32_t measured = 0;
    ALM_TRY(check_record(w, row, e));
    for (int f = 0; f < ALM_BEHAVIOUR_FIELDS; f++) {
        double v = row->value[f] + 0.0; /* no negative zero */
        const char *name = alm__behaviour_column((enum alm_behaviour_field)f)->name;
        if (!alm__sink_sound(v)) {
            v = alm__sink_mend(w, v, name, row->unit, row->at);
        } else if (!alm__behaviour_sound((enum alm_behaviour_field)f, v)) {
            alm_report_note(&w->report, false, "share above 1: taken as missing", "%s of unit %s at %.3f s", name,
                            w->unit[row->unit].unit.name, alm_seconds(row->at));
            v = (double)NAN;
        }
        value[FIELDS + f] = v;
        measured |= (uint32_t)!isnan(v) << f;
    }
    if (!measured) {
        alm_report_note(&w->report, true, "behaviour without any value", "unit %s at %.3f s",
                        w->unit[row->unit].unit.name, alm_seconds(row->at));
        return 0;
    }
    w->summary.measured |= measured;
    w->records++;
    return alm__sort_add(w->behaviour, row->at, row->unit, value, e);
}

int alm__sink_behaviour(struct alm_trace_sink *sink, const struct alm_behaviour *row, size_t n, struct alm_err *e)
{
    struct alm_trace_writer *w = (struct alm_trace_writer *)sink;
    ALM_TRY(open_functions(w, e));
    ALM_TRY(alm__sink_sort(w, &w->behaviour, (struct alm__sort_shape){VALUES, true}, e));
    for (size_t i = 0; i < n; i++)
        ALM_TRY(add_record(w, &row[i], e));
    return 0;
}

/* The records of one unit at one time. */
struct moment {
    struct alm_trace_writer *w;
    struct alm__output *out;
    uint32_t unit;
    alm_time at;
    double (*record)[VALUES];
    size_t count, room;
    uint64_t *seen; /* per function: the moment in which it came last */
    uint64_t number;
};

static int by_function(const void *a, const void *b)
{
    double x = ((const double *)a)[FUNCTION], y = ((const double *)b)[FUNCTION];
    return (x > y) - (x < y);
}

static int put_moment(struct moment *m, struct alm_err *e)
{
    double value[COLUMNS];
    if (m->count == 0)
        return 0;
    struct alm__trace_unit *u = &m->w->unit[m->unit];
    qsort(m->record, m->count, sizeof *m->record, by_function);
    for (size_t i = 0; i < m->count; i++) {
        value[COLUMN_UNIT] = u->number;
        memcpy(value + COLUMN_VALUES, m->record[i], sizeof *m->record);
        ALM_TRY(alm__output_row(m->out, m->at, value, e));
        u->records++;
        m->w->summary.records++;
    }
    m->count = 0;
    return 0;
}

static int hold_record(struct moment *m, const double *value, struct alm_err *e)
{
    if (m->count == m->room) {
        size_t room = m->room ? 2 * m->room : 64;
        double(*grown)[VALUES] = realloc(m->record, room * sizeof *grown);
        if (!grown)
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu functions", room);
        m->record = grown;
        m->room = room;
    }
    memcpy(m->record[m->count++], value, sizeof *m->record);
    return 0;
}

static int take_record(struct moment *m, const struct alm__sort_row *row, struct alm_err *e)
{
    const struct alm__trace_unit *u = &m->w->unit[row->unit];
    if (u->rows == 0 && u->invocations == 0) {
        alm_report_note(&m->w->report, true, "behaviour of a unit without rows and invocations", "unit %s at %.3f s",
                        u->unit.name, alm_seconds(row->at));
        return 0;
    }
    if (m->number == 0 || row->unit != m->unit || row->at != m->at) {
        ALM_TRY(put_moment(m, e));
        m->unit = row->unit;
        m->at = row->at;
        m->number++;
    }
    size_t function = (size_t)row->value[FUNCTION];
    if (m->seen[function] == m->number) {
        alm_report_note(&m->w->report, true, "duplicate behaviour of a function: first kept",
                        "unit %s at %.3f s, function %.80s", u->unit.name, alm_seconds(row->at),
                        alm_names_text(m->w->function, (uint32_t)function, NULL));
        return 0;
    }
    m->seen[function] = m->number;
    return hold_record(m, row->value, e);
}

static int make_column(struct alm_trace_writer *w, struct alm__output *o, size_t i, const struct alm__trace_column *c,
                       struct alm_err *e)
{
    const struct alm_column_spec spec = {
        .path = c->path,
        .type = c->type,
        .dimension = ALM_BEHAVIOUR_DIMENSION,
        .unit = c->unit,
        .long_name = c->long_name,
        .shuffle = c->type != ALM_COL_F64,
        .fill = i >= COLUMN_VALUES + FIELDS,
    };
    return alm__output_column(o, i, w->table, &spec, e);
}

static int make_columns(struct alm_trace_writer *w, struct alm__output *o, struct alm_err *e)
{
    static const struct alm__trace_column key[] = {
        [COLUMN_UNIT] = {"unit", "/behaviour/unit", NULL, "row of /units, from 0", ALM_COL_U32},
        [COLUMN_VALUES +
            FUNCTION] = {"function", "/behaviour/function", NULL, "row of /functions, from 0", ALM_COL_U32},
        [COLUMN_VALUES + SPAN] = {"span", "/behaviour/span", "nanoseconds", "length of the interval", ALM_COL_I64},
    };
    ALM_TRY(alm__commit_time(w, "/behaviour/time", ALM_BEHAVIOUR_DIMENSION, "end of the interval", &o->time, e));
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        ALM_TRY(make_column(w, o, i, &key[i], e));
    for (size_t f = 0; f < ALM_BEHAVIOUR_FIELDS; f++)
        if (w->summary.measured >> f & 1)
            ALM_TRY(
                make_column(w, o, COLUMN_VALUES + FIELDS + f, alm__behaviour_column((enum alm_behaviour_field)f), e));
    return 0;
}

static int write_functions(struct alm_trace_writer *w, struct alm_err *e)
{
    const struct alm_column_spec spec = {.path = "/functions/name",
                                         .type = ALM_COL_TEXT,
                                         .dimension = ALM_FUNCTION_DIMENSION,
                                         .long_name = "name of the function; the first is the unit as a whole"};
    struct alm_column *column;
    ALM_TRY(alm_column_create(w->table, &spec, &column, e));
    for (uint32_t i = 0; i < alm_names_count(w->function); i++) {
        const char *name = alm_names_text(w->function, i, NULL);
        ALM_TRY(alm_column_append(column, &name, 1, e));
    }
    w->summary.functions = alm_names_count(w->function);
    return 0;
}

static int merge(struct moment *m, struct alm_err *e)
{
    struct alm_trace_writer *w = m->w;
    const struct alm__sort_row *row;
    ALM_TRY(make_columns(w, m->out, e));
    ALM_TRY(write_functions(w, e));
    ALM_TRY(alm__sort_start(w->behaviour, e));
    int rc;
    for (uint64_t done = w->rows; (rc = alm__sort_next(w->behaviour, &row, e)) == 0; done++) {
        ALM_TRY(take_record(m, row, e));
        ALM_TRY(alm__commit_step(w, done, e));
    }
    ALM_TRY(rc);
    ALM_TRY(put_moment(m, e));
    return alm__output_flush(m->out, e);
}

int alm__commit_behaviour(struct alm_trace_writer *w, struct alm_err *e)
{
    if (w->records == 0)
        return 0;
    struct moment m = {
        .w = w, .out = alm__output_new(COLUMNS), .seen = calloc(alm_names_count(w->function), sizeof *m.seen)};
    int rc = m.out && m.seen ? merge(&m, e) : alm_fail(e, ALM_ENOMEM, "out of memory");
    free(m.out);
    free(m.seen);
    free(m.record);
    alm__sort_close(w->behaviour);
    w->behaviour = NULL;
    return rc;
}
