/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_sink: collect units and rows for a trace file, and mend what can be mended. trace_invocations.c and
 * trace_behaviour.c are its sisters.
 *
 * Choice.   A value that cannot be (negative, infinite) becomes missing and is noted: one bad cell must not cost a
 *           million good ones. A name or a stamp that cannot be is an error: nothing can stand in for it. */
#include "text/utf8.h"
#include "trace_writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET_USUAL ((size_t)64 << 20)

static bool is_utf8(const char *text)
{
    return text[alm_utf8_length(text)] == '\0';
}

static size_t hash_of(const char *name)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 0x100000001b3u;
    return (size_t)(h ^ h >> 29);
}

static uint32_t *hash_slot(struct alm_trace_writer *w, const char *name)
{
    size_t i = hash_of(name) & (w->hash_room - 1);
    while (w->hash[i] && strcmp(w->unit[w->hash[i] - 1].unit.name, name) != 0)
        i = (i + 1) & (w->hash_room - 1);
    return &w->hash[i];
}

static int units_grow(struct alm_trace_writer *w, struct alm_err *e)
{
    if (w->units == UINT32_MAX - 1)
        return alm_fail(e, ALM_EUNSUPPORTED, "%s: more than 2^32 units", w->path);
    size_t room = w->units_room ? 2 * w->units_room : 64;
    struct alm__trace_unit *unit = realloc(w->unit, room * sizeof *unit);
    if (!unit)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    w->unit = unit;
    uint32_t *hash = calloc(2 * room, sizeof *hash);
    if (!hash)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    free(w->hash);
    w->hash = hash;
    w->hash_room = 2 * room;
    w->units_room = room;
    for (size_t i = 0; i < w->units; i++)
        *hash_slot(w, w->unit[i].unit.name) = (uint32_t)i + 1;
    return 0;
}

static double amount_or_nan(double v)
{
    return isfinite(v) && v >= 0 ? v : (double)NAN;
}

static int sink_unit(struct alm_trace_sink *sink, const struct alm_unit *unit, uint32_t *out, struct alm_err *e)
{
    struct alm_trace_writer *w = (struct alm_trace_writer *)sink;
    struct alm__trace_unit new = {.unit = *unit, .newest = ALM_TIME_NONE};
    new.unit.first = ALM_TIME_MAX;
    new.unit.last = ALM_TIME_NONE;
    new.unit.name[ALM_UNIT_NAME - 1] = new.unit.code[ALM_UNIT_NAME - 1] = '\0';
    if (new.unit.name[0] == '\0')
        return alm_fail(e, ALM_EDATA, "a unit has no name");
    if (!is_utf8(new.unit.name) || !is_utf8(new.unit.code))
        return alm_fail(e, ALM_EDATA, "the name or code of unit '%s' is not UTF-8", new.unit.name);
    new.unit.cores = amount_or_nan(unit->cores);
    new.unit.memory = amount_or_nan(unit->memory);
    if (w->units == w->units_room)
        ALM_TRY(units_grow(w, e));
    uint32_t *slot = hash_slot(w, new.unit.name);
    if (*slot == 0) {
        w->unit[w->units] = new;
        *slot = (uint32_t)++w->units;
    } else { /* known: later knowledge of its capacity counts */
        struct alm_unit *known = &w->unit[*slot - 1].unit;
        known->cores = isnan(new.unit.cores) ? known->cores : new.unit.cores;
        known->memory = isnan(new.unit.memory) ? known->memory : new.unit.memory;
    }
    *out = *slot - 1;
    return 0;
}

double alm__sink_mend(struct alm_trace_writer *w, double v, const char *what, uint32_t unit, alm_time at)
{
    const char *why = v < 0 ? "negative value: taken as missing" : "infinite or huge value: taken as missing";
    alm_report_note(&w->report, false, why, "%s of unit %s at %.3f s", what, w->unit[unit].unit.name, alm_seconds(at));
    return (double)NAN;
}

int alm__sink_when(struct alm_trace_writer *w, uint32_t unit, alm_time at, struct alm_err *e)
{
    if (at < -ALM_STAMP_MOST || at > ALM_STAMP_MOST)
        return alm_fail(e, ALM_EDATA, "unit %s: time stamp %lld ns is out of range", w->unit[unit].unit.name,
                        (long long)at);
    w->earliest = at < w->earliest ? at : w->earliest;
    return 0;
}

int alm__sink_stamp(struct alm_trace_writer *w, uint32_t unit, alm_time at, struct alm_err *e)
{
    struct alm_unit *u = &w->unit[unit].unit;
    ALM_TRY(alm__sink_when(w, unit, at, e));
    u->first = at < u->first ? at : u->first;
    u->last = at > u->last ? at : u->last;
    return 0;
}

int alm__sink_ready(const struct alm_trace_writer *w, const char *what, uint32_t unit, struct alm_err *e)
{
    if (unit >= w->units)
        return alm_fail(e, ALM_EMODULE, "%s of unit %u, but only %zu units were added", what, unit, w->units);
    if (w->sink.stop && *w->sink.stop)
        return alm_fail(e, ALM_EINTR, "interrupted");
    return 0;
}

int alm__sink_sort(struct alm_trace_writer *w, struct alm__sort **sort, struct alm__sort_shape shape, struct alm_err *e)
{
    struct alm__sort *const all[] = {w->usage, w->invocation, w->behaviour};
    size_t open = 1;
    if (*sort)
        return 0;
    for (size_t i = 0; i < 3; i++)
        open += all[i] != NULL;
    for (size_t i = 0; i < 3; i++)
        if (all[i])
            ALM_TRY(alm__sort_limit(all[i], w->budget / open, e));
    return alm__sort_open(w->path, shape, w->budget / open, sort, e);
}

static int add_row(struct alm_trace_writer *w, uint32_t unit, const struct alm_trace_row *row, struct alm_err *e)
{
    struct alm__trace_unit *u = &w->unit[unit];
    double value[ALM_RESOURCES];
    ALM_TRY(alm__sink_stamp(w, unit, w->resample ? alm_time_ceil(row->at, w->resample) : row->at, e));
    for (int r = 0; r < ALM_RESOURCES; r++) {
        value[r] = row->value[r] + 0.0; /* no negative zero */
        if (!alm__sink_sound(value[r]))
            value[r] = alm__sink_mend(w, value[r], alm_resource_name((enum alm_resource)r), unit, row->at);
        if (!isnan(value[r]))
            w->summary.resources |= ALM_BIT(r);
    }
    value[ALM_CPU] = alm__sink_cores(value[ALM_CPU]);
    if (row->at < u->newest)
        alm_report_note(&w->report, false, "earlier than the row before it: sorted", "unit %s at %.3f s", u->unit.name,
                        alm_seconds(row->at));
    u->newest = row->at;
    ALM_TRY(alm__sort_add(w->usage, row->at, unit, value, e));
    w->rows++;
    return 0;
}

static int sink_rows(struct alm_trace_sink *sink, uint32_t unit, const struct alm_trace_row *rows, size_t n,
                     struct alm_err *e)
{
    struct alm_trace_writer *w = (struct alm_trace_writer *)sink;
    ALM_TRY(alm__sink_ready(w, "rows", unit, e));
    ALM_TRY(alm__sink_sort(w, &w->usage, (struct alm__sort_shape){ALM_RESOURCES, true}, e));
    for (size_t i = 0; i < n; i++)
        ALM_TRY(add_row(w, unit, &rows[i], e));
    return 0;
}

static int sink_interval(struct alm_trace_sink *sink, alm_time interval, struct alm_err *e)
{
    struct alm_trace_writer *w = (struct alm_trace_writer *)sink;
    if (interval < 0 || interval > ALM_STAMP_MOST)
        return alm_fail(e, ALM_EINVAL, "an interval of %lld ns between rows cannot be", (long long)interval);
    w->interval = interval;
    return 0;
}

static int set_given(struct alm_trace_writer *w, const char *name, const char *value, struct alm_err *e)
{
    return value && *value ? alm_table_set_text(w->table, "/", name, value, e) : 0;
}

static int start(struct alm_trace_writer *w, const struct alm_trace_info *info, struct alm_err *e)
{
    if (info->time_origin && strcmp(info->time_origin, "unix") != 0 && strcmp(info->time_origin, "zero") != 0)
        return alm_fail(e, ALM_EINVAL, "time origin '%s'; unix or zero is right", info->time_origin);
    if (info->time_origin && !(w->time_origin = strdup(info->time_origin)))
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    w->budget = info->memory_budget ? info->memory_budget : BUDGET_USUAL;
    if (info->resample < 0 || info->resample > ALM_SPAN_MOST)
        return alm_fail(e, ALM_EINVAL, "resampling to %.3f s; 0 to 104 days is right", alm_seconds(info->resample));
    w->resample = info->resample;
    w->earliest = ALM_TIME_MAX;
    ALM_TRY(alm_table_create(w->path, "trace/1", info->title, &w->table, e));
    ALM_TRY(alm_table_set_text(w->table, "/", "featureType", "timeSeries", e));
    ALM_TRY(set_given(w, "source", info->source, e));
    ALM_TRY(set_given(w, "source_sha256", info->source_sha256, e));
    ALM_TRY(set_given(w, "import_command", info->import_command, e));
    return set_given(w, "licence", info->licence, e);
}

int alm_trace_create(const char *path, const struct alm_trace_info *info, struct alm_trace_writer **out,
                     struct alm_err *e)
{
    struct alm_trace_writer *w = calloc(1, sizeof *w);
    if (!w || !(w->path = strdup(path))) {
        free(w);
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    w->sink = (struct alm_trace_sink){.unit = sink_unit,
                                      .rows = sink_rows,
                                      .interval = sink_interval,
                                      .input = alm__sink_input,
                                      .word = alm__sink_word,
                                      .invocations = alm__sink_invocations,
                                      .function = alm__sink_function,
                                      .behaviour = alm__sink_behaviour,
                                      .platform = alm__sink_platform,
                                      .report = &w->report};
    int rc = start(w, info, e);
    if (rc < 0) {
        alm_trace_writer_close(w);
        return rc;
    }
    *out = w;
    return 0;
}

struct alm_trace_sink *alm_trace_writer_sink(struct alm_trace_writer *w)
{
    return &w->sink;
}

const struct alm_trace_summary *alm_trace_writer_summary(const struct alm_trace_writer *w)
{
    return &w->summary;
}

void alm_trace_writer_close(struct alm_trace_writer *w)
{
    if (!w)
        return;
    alm_table_close(w->table);
    alm__sort_close(w->usage);
    alm__sort_close(w->invocation);
    alm__sort_close(w->behaviour);
    alm_names_close(w->function);
    alm__inputs_free(&w->inputs);
    free(w->platform);
    free(w->hash);
    free(w->unit);
    free(w->time_origin);
    free(w->path);
    free(w);
}
