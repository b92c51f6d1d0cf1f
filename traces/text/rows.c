/* SPDX-License-Identifier: GPL-3.0-or-later
 * rows: find the declared columns of a table, and parse its rows into cells. */
#include "rows.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIKELY_MOST 1e15 /* what is believed where a spec says nothing */

struct alm_rows {
    struct alm_rows_job *job;
    const struct alm_rows_format *format;
    struct alm_delimited *d;
    struct alm_missing missing;
    struct alm_header header;
    size_t cells;
    long index[ALM_CELLS]; /* of the column in the file, or -1 */
    struct alm_cell cell[ALM_CELLS];
    const struct alm_field *field;
    size_t count;
    bool first, any; /* first: `field` holds a row that was not handed out yet */
};

struct alm_rows_job alm_rows_start(const struct alm_rows_options *options, struct alm_trace_sink *sink,
                                   const char *const *path, size_t count)
{
    return (struct alm_rows_job){options, sink, alm_reading_start(sink, path, count)};
}

int alm_rows_any(const struct alm_rows_job *job, const char *const *path, size_t count, struct alm_err *e)
{
    if (job->sink->report->read > 0)
        return ALM_OK;
    return alm_fail(e, ALM_EDATA, "%s%s: no rows: the file is empty or has only a header", count ? path[0] : "",
                    count > 1 ? " and the others" : "");
}

/* The name of column I: the first of its alternatives. OUT holds ALM_EXCERPT bytes. */
static const char *cell_name(const struct alm_rows *r, size_t i, char *out)
{
    const struct alm_cell_spec *spec = &r->format->cell[i];
    if (!spec->name)
        snprintf(out, ALM_EXCERPT, "%ld", r->index[i] + 1);
    else
        snprintf(out, ALM_EXCERPT, "`%.*s`", (int)strcspn(spec->name, "|"), spec->name);
    return out;
}

/* The column of H with one of the names "a|b", or -1. */
static long find_name(const struct alm_header *h, const char *names)
{
    char name[ALM_EXCERPT];
    long at = -1;
    for (const char *p = names; at < 0 && *p; p += strcspn(p, "|"), p += *p == '|') {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(p, "|"), p);
        at = alm_header_find(h, name);
    }
    return at;
}

static int find_columns(struct alm_rows *r, struct alm_err *e)
{
    const struct alm_rows_format *f = r->format;
    char list[320], name[ALM_EXCERPT];
    for (size_t i = 0; i < r->cells; i++) {
        const struct alm_cell_spec *spec = &f->cell[i];
        r->index[i] = f->header && spec->name ? find_name(&r->header, spec->name) : spec->place - 1;
        if (!f->header && r->index[i] >= (long)r->count)
            r->index[i] = -1;
        if (r->index[i] >= 0 || !(spec->flags & (ALM_CELL_NEEDED | ALM_CELL_EXPECTED)))
            continue;
        if (f->header)
            return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": no column %s; the header has %s; is this %s?",
                            alm_rows_path(r), alm_rows_row(r), cell_name(r, i, name),
                            alm_header_list(&r->header, list, sizeof list), f->what);
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": the row has %zu columns where %s has column %d (%s)",
                        alm_rows_path(r), alm_rows_row(r), r->count, f->what, spec->place,
                        spec->name ? spec->name : "");
    }
    return ALM_OK;
}

/* Read the first record, and with it find the columns. */
static int start(struct alm_rows *r, struct alm_err *e)
{
    int code = alm_delimited_next(r->d, &r->field, &r->count, e);
    ALM_TRY(code);
    if (code == ALM_OK && r->format->header) {
        ALM_TRY(alm_header_copy(r->field, r->count, &r->header, e));
        ALM_TRY(find_columns(r, e));
    } else if (code == ALM_OK) {
        r->first = true;
        return find_columns(r, e);
    }
    return ALM_OK;
}

int alm_rows_open(struct alm_rows_job *job, const char *path, const struct alm_rows_format *format,
                  struct alm_rows **out, struct alm_err *e)
{
    struct alm_rows *r = calloc(1, sizeof *r);
    if (!r)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", path);
    r->job = job;
    r->format = format;
    while (format->cell[r->cells].name || format->cell[r->cells].place)
        r->cells++;
    assert(r->cells <= ALM_CELLS);
    const struct alm_delimited_config config = {
        .separator = format->separator, .quotes = format->quotes, .split = format->split};
    int code = alm_missing_parse(job->options->missing, &r->missing, e);
    if (code >= 0)
        code = alm_delimited_open(path, &config, &r->d, e);
    if (code >= 0)
        code = start(r, e);
    if (code < 0) {
        alm_rows_close(r);
        return code;
    }
    job->sink->report->files++;
    *out = r;
    return ALM_OK;
}

int alm_rows_bad(struct alm_rows *r, const char *why, size_t i, struct alm_err *e)
{
    if (r->job->options->bad) {
        alm_rows_note(r, true, why);
        return ALM_OK;
    }
    char name[ALM_EXCERPT], word[ALM_EXCERPT];
    const struct alm_field *f = r->index[i] >= 0 && r->index[i] < (long)r->count ? &r->field[r->index[i]] : NULL;
    return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": column %s: %s: %s; use bad=drop to go on without such rows",
                    alm_rows_path(r), alm_rows_row(r), cell_name(r, i, name),
                    f ? alm_excerpt(f->at, f->size, word) : "not in this row", why);
}

void alm_rows_note(struct alm_rows *r, bool dropped, const char *why)
{
    alm_report_note(r->job->sink->report, dropped, why, "%s:%" PRIu64, alm_rows_path(r), alm_rows_row(r));
}

int alm_rows_blame(const struct alm_rows *r, struct alm_err *e)
{
    return alm_fail_in(e, "%s:%" PRIu64, alm_rows_path(r), alm_rows_row(r));
}

/* Why a cell cannot be read, or NULL. */
static const char *take_number(struct alm_rows *r, const struct alm_cell_spec *spec, struct alm_cell *c)
{
    double v, max = spec->min == 0 && spec->max == 0 ? LIKELY_MOST : spec->max;
    enum alm_number status =
        alm_number_parse(c->text.at, c->text.size, r->format->decimal ? r->format->decimal : '.', &v);
    if (status == ALM_NUMBER_NONE)
        return "not a number";
    if (status == ALM_NUMBER_OK && alm_missing_number(&r->missing, v)) {
        c->missing = true;
        return NULL;
    }
    if (status == ALM_NUMBER_LARGE || v < spec->min || v > max) {
        bool negative = status == ALM_NUMBER_OK && v < spec->min;
        if (!(spec->flags & ALM_CELL_ABNORMAL))
            return negative ? "smaller than can be" : "too large to be believed";
        alm_rows_note(r, false, "a value outside of its range: taken as missing");
        c->missing = true;
        return NULL;
    }
    c->number = v;
    return NULL;
}

static const char *take_time(const struct alm_rows *r, struct alm_cell *c)
{
    char decimal = r->format->decimal ? r->format->decimal : '.';
    enum alm_number status = alm_instant_parse(c->text.at, c->text.size, r->format->time, decimal, &c->time);
    if (status == ALM_NUMBER_OK)
        return NULL;
    c->time = ALM_TIME_NONE;
    return status == ALM_NUMBER_NONE ? "not a time" : "outside of the years 1678 to 2261";
}

static const char *take_cell(struct alm_rows *r, size_t i)
{
    const struct alm_cell_spec *spec = &r->format->cell[i];
    struct alm_cell *c = &r->cell[i];
    long at = r->index[i];
    *c = (struct alm_cell){.text = {"", 0}, .missing = true, .number = (double)NAN, .time = ALM_TIME_NONE};
    if (at >= 0 && at < (long)r->count) {
        c->text = r->field[at];
        c->missing = alm_missing_is(&r->missing, c->text.at, c->text.size);
    } else if (at >= 0) {
        return "the row ends before this column";
    }
    const char *why = NULL;
    if (!c->missing && spec->type == ALM_CELL_NUMBER)
        why = take_number(r, spec, c);
    else if (!c->missing && spec->type == ALM_CELL_TIME)
        why = take_time(r, c);
    if (!why && c->missing && (spec->flags & ALM_CELL_NEEDED))
        return "missing";
    return why;
}

/* Parse the newest record: ALM_OK, ALM_NOT_YET when it was dropped. */
static int take_row(struct alm_rows *r, struct alm_err *e)
{
    r->job->sink->report->read++;
    r->any = true;
    for (size_t i = 0; i < r->cells; i++) {
        const char *why = take_cell(r, i);
        if (!why)
            continue;
        ALM_TRY(alm_rows_bad(r, why, i, e));
        return ALM_NOT_YET;
    }
    return ALM_OK;
}

int alm_rows_next(struct alm_rows *r, const struct alm_cell **cell, struct alm_err *e)
{
    for (;;) {
        int code = r->first ? ALM_OK : alm_delimited_next(r->d, &r->field, &r->count, e);
        ALM_TRY(code);
        r->first = false;
        if (code == ALM_END) {
            if (!r->any)
                alm_report_note(r->job->sink->report, false, "a file without rows", "%s", alm_rows_path(r));
            r->any = true;
            return ALM_END;
        }
        ALM_TRY(alm_reading_step(&r->job->reading, r->d, e));
        code = take_row(r, e);
        ALM_TRY(code);
        if (code == ALM_OK) {
            *cell = r->cell;
            return ALM_OK;
        }
    }
}

void alm_rows_rest(const struct alm_rows *r, const struct alm_field **field, size_t *count)
{
    *field = r->field;
    *count = r->count;
}

bool alm_rows_has(const struct alm_rows *r, size_t i)
{
    assert(i < r->cells);
    return r->index[i] >= 0;
}

const struct alm_header *alm_rows_header(const struct alm_rows *r)
{
    return r->header.count ? &r->header : NULL;
}

const char *alm_rows_path(const struct alm_rows *r)
{
    return alm_delimited_path(r->d);
}

uint64_t alm_rows_row(const struct alm_rows *r)
{
    return alm_delimited_row(r->d);
}

void alm_rows_close(struct alm_rows *r)
{
    if (!r)
        return;
    if (r->d)
        alm_reading_next_file(&r->job->reading, r->d);
    alm_delimited_close(r->d);
    alm_header_free(&r->header);
    free(r);
}

int alm_rows_peek(const char *path, char separator, bool quotes, struct alm_header *out, struct alm_err *e)
{
    struct alm_delimited *d;
    const struct alm_delimited_config config = {.separator = separator, .quotes = quotes};
    const struct alm_field *field;
    size_t count;
    *out = (struct alm_header){0};
    ALM_TRY(alm_delimited_open(path, &config, &d, e));
    int code = alm_delimited_next(d, &field, &count, e);
    if (code == ALM_OK)
        code = alm_header_copy(field, count, out, e);
    alm_delimited_close(d);
    return code < 0 ? code : ALM_OK;
}

int alm_rows_unit(struct alm_rows *r, struct alm_batch *b, const struct alm_field *name, uint32_t *unit,
                  struct alm_err *e)
{
    const struct alm_unit_about about = {.name = *name, .cores = (double)NAN, .memory = (double)NAN};
    return alm_rows_about(r, b, &about, unit, e);
}

int alm_rows_about(struct alm_rows *r, struct alm_batch *b, const struct alm_unit_about *about, uint32_t *unit,
                   struct alm_err *e)
{
    bool repaired;
    int code = alm_batch_about(b, about, unit, NULL, &repaired, e);
    if (repaired)
        alm_rows_note(r, false, "name of a unit with unprintable bytes: written as \\xHH");
    if (code == ALM_EDATA && r->job->options->bad) {
        alm_rows_note(r, true, "name of a unit empty or too long");
        return ALM_END;
    }
    return code < 0 ? alm_rows_blame(r, e) : ALM_OK;
}
