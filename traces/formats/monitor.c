/* SPDX-License-Identifier: GPL-3.0-or-later
 * monitor: the way through the files of a monitoring system. */
#include "monitor.h"

#include "text/source.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIKELY_MOST 1e15

/* The number of the file and of the line, as one number. */
#define LINES 40

static int read_files(struct alm_monitor *m, const char *const *path, size_t count, struct alm_err *e)
{
    m->reading = alm_reading_start(m->sink, path, count);
    for (m->file = 0; m->file < count; m->file++) {
        m->path = path[m->file];
        m->line = 1;
        ALM_TRY(m->read(m, m->path, e));
    }
    return m->end ? m->end(m, e) : ALM_OK;
}

static int read_and_hand_on(struct alm_monitor *m, const char *const *path, size_t count, struct alm_err *e)
{
    uint64_t place;
    ALM_TRY(read_files(m, path, count, e));
    ALM_TRY(alm_meet_flush(m->meet, m->batch, e));
    for (uint64_t i = alm_meet_left(m->meet, &place); i > 0; i--)
        alm_report_note(m->sink->report, true, "a second value of one unit, time and resource: first kept",
                        "%s:%" PRIu64, path[place >> LINES], place & (((uint64_t)1 << LINES) - 1));
    return alm_batch_flush(m->batch, e);
}

int alm_monitor_run(struct alm_monitor *m, const char *const *path, size_t count, struct alm_err *e)
{
    const struct alm_trace_report *report = m->sink->report;
    ALM_TRY(alm_batch_open(m->sink, &m->batch, e));
    int code = alm_meet_open(m->rows_most ? m->rows_most : ALM_MEET_ROWS, &m->meet, e);
    if (code >= 0)
        code = alm_names_open(&m->counter_names, e);
    if (code >= 0)
        code = read_and_hand_on(m, path, count, e);
    alm_names_close(m->counter_names);
    free(m->counter);
    alm_meet_close(m->meet);
    alm_batch_close(m->batch);
    if (code >= 0 && m->values == 0)
        return alm_fail(e, ALM_EDATA, "%s%s: no usage in it%s%s", count ? path[0] : "",
                        count > 1 ? " and the others" : "", report->reasons ? ": " : "",
                        report->reasons ? report->reason[0].why : "");
    return code < 0 ? code : ALM_OK;
}

int alm_monitor_json(struct alm_monitor *m, const char *path, const char *where, alm_monitor_take *take,
                     alm_monitor_check *check, struct alm_err *e)
{
    struct alm_json_items *j;
    json_t *element;
    ALM_TRY(alm_json_items_open(path, where, &j, e));
    int code = ALM_OK;
    while (code >= 0 && (code = alm_json_items_next(j, &element, e)) == ALM_OK) {
        m->sink->report->read++;
        m->line = alm_json_items_line(j);
        m->items = j;
        if (m->reading.countdown-- == 0) {
            m->reading.countdown = 63;
            code = alm_reading_at(&m->reading, path, alm_json_items_bytes(j), e);
        }
        if (code >= 0)
            code = take(m, element, e);
    }
    code = check ? check(m, j, code, e) : code;
    m->sink->report->files++;
    alm_reading_done(&m->reading, alm_json_items_bytes(j));
    alm_json_items_close(j);
    return code < 0 ? code : ALM_OK;
}

int alm_monitor_is_json(const char *path, bool *out, struct alm_err *e)
{
    struct alm_source *source;
    char text[512];
    size_t n = 0, i = 0;
    ALM_TRY(alm_source_open(path, &source, e));
    int code = alm_source_read(source, text, sizeof text, &n, e);
    alm_source_close(source);
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        i = 3;
    while (i < n && memchr(" \t\r\n", text[i], 4))
        i++;
    *out = code >= 0 && i < n && (text[i] == '{' || text[i] == '[');
    return code;
}

void alm_monitor_note(struct alm_monitor *m, bool dropped, const char *why)
{
    alm_report_note(m->sink->report, dropped, why, "%s:%" PRIu64, m->path, m->line);
}

int alm_monitor_bad(struct alm_monitor *m, const char *why, struct alm_field text, struct alm_err *e)
{
    char word[ALM_EXCERPT];
    if (m->drop) {
        alm_monitor_note(m, true, why);
        return ALM_NOT_YET;
    }
    return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": %s: %s; use bad=drop to go on without such rows", m->path, m->line,
                    alm_excerpt(text.at, text.size, word), why);
}

int alm_monitor_bad_json(struct alm_monitor *m, const char *why, const json_t *value, struct alm_err *e)
{
    char text[64];
    size_t n = value ? json_dumpb(value, text, sizeof text, JSON_COMPACT | JSON_ENCODE_ANY) : 0;
    return alm_monitor_bad(m, why, (struct alm_field){text, n < sizeof text ? n : sizeof text}, e);
}

int alm_monitor_unit(struct alm_monitor *m, struct alm_field name, double cores, double memory, uint32_t *unit,
                     struct alm_err *e)
{
    bool repaired;
    int code = alm_batch_unit(m->batch, name.at, name.size, cores, memory, unit, NULL, &repaired, e);
    if (repaired)
        alm_monitor_note(m, false, "name of a unit with unprintable bytes: written as \\xHH");
    if (code == ALM_EDATA && m->drop) {
        alm_monitor_note(m, true, "name of a unit empty or too long");
        return ALM_NOT_YET;
    }
    return code < 0 ? alm_fail_in(e, "%s:%" PRIu64, m->path, m->line) : ALM_OK;
}

int alm_monitor_put(struct alm_monitor *m, uint32_t unit, alm_time at, enum alm_resource resource, double value,
                    bool add, struct alm_err *e)
{
    if (!(value >= 0 && value <= LIKELY_MOST)) {
        json_t *text = isfinite(value) ? json_real(value) : NULL;
        int code = alm_monitor_bad_json(m, value < 0 ? "usage below 0" : "usage too large to be believed", text, e);
        json_decref(text);
        return code;
    }
    m->values++;
    const struct alm_meet_value v = {.unit = unit,
                                     .at = at,
                                     .resource = resource,
                                     .add = add,
                                     .value = value,
                                     .place = (uint64_t)m->file << LINES | m->line};
    return alm_meet_put(m->meet, &v, e);
}

int alm_monitor_counter(struct alm_monitor *m, uint32_t unit, const char *key, struct alm_counter **out,
                        struct alm_err *e)
{
    char name[160];
    uint32_t number;
    int n = snprintf(name, sizeof name, "%u %s", unit, key);
    if (n >= (int)sizeof name)
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": the name of a device is longer than 140 bytes", m->path,
                        m->line);
    ALM_TRY(alm_names_add(m->counter_names, name, (size_t)n, &number, e));
    if (number >= m->counter_room) {
        uint32_t room = 2 * number + 64;
        struct alm_counter *more = realloc(m->counter, room * sizeof *more);
        if (!more)
            return alm_fail(e, ALM_ENOMEM, "no memory for %u counters", room);
        memset(more + m->counter_room, 0, (room - m->counter_room) * sizeof *more);
        m->counter = more;
        m->counter_room = room;
    }
    *out = &m->counter[number];
    return ALM_OK;
}

int alm_monitor_count(struct alm_monitor *m, struct alm_counter *c, uint32_t unit, alm_time at,
                      enum alm_resource resource, double reading, struct alm_err *e)
{
    struct alm_rise rise;
    if (!(reading >= 0 && isfinite(reading)))
        return alm_monitor_put(m, unit, at, resource, reading, true, e); /* which says why not */
    enum alm_counter_state state = alm_counter_take(c, at, reading, &rise);
    const char *remark = alm_counter_remark(state);
    if (remark)
        alm_monitor_note(m, state != ALM_COUNTER_RESET, remark);
    if (state != ALM_COUNTER_ROSE && state != ALM_COUNTER_RESET)
        return ALM_OK;
    return alm_monitor_put(m, unit, at, resource, resource == ALM_CPU ? rise.rate : rise.amount, true, e);
}
