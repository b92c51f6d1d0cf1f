/* SPDX-License-Identifier: GPL-3.0-or-later
 * shares: capacities by name, and usage in shares of them. */
#include "shares.h"
#include "text/names.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct capacity {
    double cores, memory;
    uint32_t code; /* number among the codes, or ALM_NO_NAME */
};

struct alm_shares {
    struct alm_batch *batch;
    struct alm_names *name, *code;
    struct capacity *capacity; /* by number of the name */
    uint32_t room;
    uint64_t rows;
    struct alm_trace_report *report;
    const char *said; /* the newest assumption reported */
};

int alm_shares_open(struct alm_trace_sink *sink, struct alm_shares **out, struct alm_err *e)
{
    struct alm_shares *s = calloc(1, sizeof *s);
    if (!s)
        return alm_fail(e, ALM_ENOMEM, "no memory for capacities");
    s->report = sink->report;
    int code = alm_batch_open(sink, &s->batch, e);
    if (code >= 0)
        code = alm_names_open(&s->name, e);
    if (code >= 0)
        code = alm_names_open(&s->code, e);
    if (code < 0) {
        alm_shares_close(s);
        return code;
    }
    *out = s;
    return ALM_OK;
}

void alm_shares_close(struct alm_shares *s)
{
    if (!s)
        return;
    alm_batch_close(s->batch);
    alm_names_close(s->name);
    alm_names_close(s->code);
    free(s->capacity);
    free(s);
}

static int make_room(struct alm_shares *s, struct alm_err *e)
{
    if (alm_names_count(s->name) < s->room)
        return ALM_OK;
    uint32_t room = s->room ? 2 * s->room : 64;
    struct capacity *more = realloc(s->capacity, room * sizeof *more);
    if (!more)
        return alm_fail(e, ALM_ENOMEM, "no memory for the capacities of %u units", room);
    for (uint32_t i = s->room; i < room; i++)
        more[i] = (struct capacity){(double)NAN, (double)NAN, ALM_NO_NAME};
    s->capacity = more;
    s->room = room;
    return ALM_OK;
}

int alm_shares_put(struct alm_shares *s, const struct alm_unit_about *about, struct alm_err *e)
{
    uint32_t number;
    ALM_TRY(make_room(s, e));
    ALM_TRY(alm_names_add(s->name, about->name.at, about->name.size, &number, e));
    struct capacity *c = &s->capacity[number];
    c->cores = isnan(about->cores) ? c->cores : about->cores;
    c->memory = isnan(about->memory) ? c->memory : about->memory;
    return about->code.size ? alm_names_add(s->code, about->code.at, about->code.size, &c->code, e) : ALM_OK;
}

bool alm_shares_knows(const struct alm_shares *s, const struct alm_field *name)
{
    return alm_names_find(s->name, name->at, name->size) != ALM_NO_NAME;
}

void alm_shares_fill(const struct alm_shares *s, struct alm_unit_about *about)
{
    uint32_t number = alm_names_find(s->name, about->name.at, about->name.size);
    if (number == ALM_NO_NAME)
        return;
    const struct capacity *c = &s->capacity[number];
    about->cores = isnan(c->cores) ? about->cores : c->cores;
    about->memory = isnan(c->memory) ? about->memory : c->memory;
    if (c->code != ALM_NO_NAME)
        about->code.at = alm_names_text(s->code, c->code, &about->code.size);
}

int alm_shares_unit(struct alm_shares *s, struct alm_rows *r, const struct alm_unit_about *about, uint32_t *unit,
                    struct alm_err *e)
{
    return alm_rows_about(r, s->batch, about, unit, e);
}

int alm_shares_add(struct alm_shares *s, uint32_t unit, const struct alm_trace_row *row, struct alm_err *e)
{
    s->rows++;
    return alm_batch_add(s->batch, unit, row, e);
}

uint64_t alm_shares_rows(const struct alm_shares *s)
{
    return s->rows;
}

int alm_shares_flush(struct alm_shares *s, struct alm_err *e)
{
    return alm_batch_flush(s->batch, e);
}

struct reading {
    struct alm_shares *shares;
    const struct alm_shares_table *table;
};

static int take_row(void *ctx, struct alm_rows *r, const struct alm_cell *cell, struct alm_err *e)
{
    const struct reading *reading = ctx;
    const struct alm_shares_table *t = reading->table;
    struct alm_shares *s = reading->shares;
    char name[ALM_DATASET_JOINED];
    struct alm_trace_row row = {.value = {NAN, NAN, NAN, NAN, NAN, NAN}};
    struct alm_unit_about about = {.name = cell[t->unit].text,
                                   .cores = t->cores > 0 ? t->cores : (double)NAN,
                                   .memory = t->bytes > 0 ? t->bytes : (double)NAN};
    uint32_t unit;
    if (t->kind)
        about.name = alm_dataset_join(&(struct alm_field){t->kind, strlen(t->kind)}, &cell[t->unit].text, name);
    if (t->code != ALM_SHARES_NONE && !cell[t->code].missing)
        about.code = cell[t->code].text;
    alm_shares_fill(s, &about);
    if (isnan(about.cores)) {
        alm_rows_note(r, true, t->unknown);
        return ALM_OK;
    }
    if (t->assumed && s->said != t->assumed && !alm_shares_knows(s, &about.name)) {
        alm_report_assume(s->report, t->assumed);
        s->said = t->assumed;
    }
    if (__builtin_add_overflow(cell[t->time].time, t->shift, &row.at))
        return alm_rows_bad(r, "outside of the years 1678 to 2261", t->time, e);
    int code = alm_shares_unit(s, r, &about, &unit, e);
    if (code != ALM_OK)
        return code;
    row.value[ALM_CPU] = cell[t->cpu].number / t->whole * about.cores;
    if (t->memory != ALM_SHARES_NONE)
        row.value[ALM_MEMORY] = cell[t->memory].number / t->whole * about.memory;
    return alm_shares_add(s, unit, &row, e);
}

int alm_shares_read(struct alm_shares *s, struct alm_rows_job *job, const char *path,
                    const struct alm_rows_format *format, const struct alm_shares_table *t, struct alm_err *e)
{
    struct reading reading = {s, t};
    ALM_TRY(alm_dataset_each(job, path, format, take_row, &reading, e));
    return alm_shares_flush(s, e);
}
