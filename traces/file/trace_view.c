/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_view: see the header. */
#include "trace_view.h"
#include "trace_behaviour_units.h"
#include "trace_view_calls.h"

#include <fnmatch.h>
#include <stdlib.h>

struct alm_trace_view {
    struct alm_demand demand;
    const struct alm_demand *whole;
    struct alm_unit *unit;
    uint64_t *rows, *first; /* of each unit; where its rows begin in the whole */
    size_t *number;         /* of each unit in the whole */
    uint32_t *place;        /* of each unit of the whole in the view; UINT32_MAX: not in it */
    struct alm__view_calls *calls;
    struct alm_behaviour_units *behaviour;
};

/* What opening works out of each unit of the whole. */
struct finding {
    bool *chosen;
    uint64_t *begin, *end; /* rows */
    struct alm__view_served *served;
};

static void release_finding(struct finding *f)
{
    free(f->chosen);
    free(f->begin);
    free(f->end);
    free(f->served);
}

static int view_read(const struct alm_demand *self, size_t unit, uint64_t first, size_t n,
                     const struct alm_demand_rows *out, struct alm_err *e)
{
    const struct alm_trace_view *v = self->owner;
    if (unit >= self->units || first > v->rows[unit] || n > v->rows[unit] - first)
        return alm_fail(e, ALM_EINVAL, "rows [%llu, +%zu) of unit %zu do not exist", (unsigned long long)first, n,
                        unit);
    return v->whole->read(v->whole, v->number[unit], v->first[unit] + first, n, out, e);
}

static int choose(struct finding *f, const struct alm_demand *whole, const char *pattern, struct alm_err *e)
{
    size_t chosen = 0;
    for (size_t i = 0; i < whole->units; i++) {
        f->chosen[i] = !pattern || !pattern[0] || fnmatch(pattern, whole->unit[i].name, 0) == 0;
        chosen += f->chosen[i];
    }
    return chosen > 0
               ? ALM_OK
               : alm_fail(e, ALM_EINVAL, "no unit of the trace has a name that matches `%.100s`; its first unit is %s",
                          pattern, whole->units > 0 ? whole->unit[0].name : "none");
}

/* The first row of UNIT that ends after EDGE or, when BEGINS, begins at it or after: both ascend with the rows. */
static int find_row(const struct alm_demand *whole, size_t unit, alm_time edge, bool begins, uint64_t *out,
                    struct alm_err *e)
{
    uint64_t low = 0, high = whole->rows[unit];
    while (low < high) {
        alm_time at, span;
        uint64_t middle = low + (high - low) / 2;
        const struct alm_demand_rows row = {.at = &at, .span = &span};
        ALM_TRY(whole->read(whole, unit, middle, 1, &row, e));
        if (begins ? at - span >= edge : at > edge)
            high = middle;
        else
            low = middle + 1;
    }
    *out = low;
    return ALM_OK;
}

static int find_rows(struct finding *f, const struct alm_demand *whole, const struct alm_trace_window *w,
                     struct alm_err *e)
{
    for (size_t i = 0; i < whole->units; i++) {
        if (!f->chosen[i] || whole->rows[i] == 0)
            continue;
        f->end[i] = whole->rows[i];
        if (w->from != ALM_TIME_NONE)
            ALM_TRY(find_row(whole, i, w->from, true, &f->begin[i], e));
        if (w->until != ALM_TIME_MAX)
            ALM_TRY(find_row(whole, i, w->until, false, &f->end[i], e));
        f->end[i] = f->end[i] < f->begin[i] ? f->begin[i] : f->end[i];
    }
    return ALM_OK;
}

/* From the first of what is left of unit I of the whole to the last. */
static int add_unit(struct alm_trace_view *v, const struct finding *f, size_t i, struct alm_err *e)
{
    const struct alm_demand *whole = v->whole;
    uint64_t rows = f->end[i] - f->begin[i];
    const struct alm__view_served *s = &f->served[i];
    v->place[i] = UINT32_MAX;
    if (rows == 0 && s->count == 0)
        return ALM_OK;
    size_t k = v->demand.units++;
    v->place[i] = (uint32_t)k;
    v->number[k] = i;
    v->unit[k] = whole->unit[i];
    v->rows[k] = rows;
    v->first[k] = f->begin[i];
    alm_time first = s->first, last = s->last;
    const struct alm_demand_rows head = {.at = &first}, tail = {.at = &last};
    if (rows > 0) {
        ALM_TRY(whole->read(whole, i, f->begin[i], 1, &head, e));
        ALM_TRY(whole->read(whole, i, f->end[i] - 1, 1, &tail, e));
    }
    v->unit[k].first = s->count > 0 && s->first < first ? s->first : first;
    v->unit[k].last = s->count > 0 && s->last > last ? s->last : last;
    return ALM_OK;
}

static int add_units(struct alm_trace_view *v, const struct finding *f, struct alm_err *e)
{
    size_t n = v->whole->units;
    v->unit = calloc(n, sizeof *v->unit);
    v->rows = calloc(n, sizeof *v->rows);
    v->first = calloc(n, sizeof *v->first);
    v->number = calloc(n, sizeof *v->number);
    v->place = calloc(n, sizeof *v->place);
    if (!v->unit || !v->rows || !v->first || !v->number || !v->place)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", n);
    for (size_t i = 0; i < n; i++)
        ALM_TRY(add_unit(v, f, i, e));
    if (v->demand.units == 0)
        return alm_fail(e, ALM_EINVAL, "no unit that is asked for has a row or an invocation in the window of time");
    v->demand.unit = v->unit;
    v->demand.rows = v->rows;
    v->demand.read = view_read;
    v->demand.owner = v;
    return ALM_OK;
}

/* The first of the records [LOW, HIGH), of one unit, that ends after EDGE. */
static int find_record(const struct alm_behaviours *whole, uint64_t low, uint64_t high, alm_time edge, uint64_t *out,
                       struct alm_err *e)
{
    while (low < high) {
        struct alm_behaviour b;
        uint64_t middle = low + (high - low) / 2;
        ALM_TRY(whole->read(whole, middle, 1, &b, e));
        if (b.at > edge)
            high = middle;
        else
            low = middle + 1;
    }
    *out = low;
    return ALM_OK;
}

static int find_records(const struct alm_behaviours *whole, size_t unit, const struct alm_trace_window *w,
                        uint64_t *start, uint64_t *end, struct alm_err *e)
{
    *start = whole->first[unit];
    *end = whole->first[unit + 1];
    if (w->until != ALM_TIME_MAX)
        ALM_TRY(find_record(whole, *start, *end, w->until, end, e));
    if (w->from == ALM_TIME_NONE)
        return ALM_OK;
    ALM_TRY(find_record(whole, *start, *end, w->from, start, e));
    for (; *start < *end; (*start)++) {
        struct alm_behaviour b;
        ALM_TRY(whole->read(whole, *start, 1, &b, e));
        if (b.at - b.span >= w->from)
            return ALM_OK;
    }
    return ALM_OK;
}

static int open_behaviour(struct alm_trace_view *v, const struct alm_behaviours *whole,
                          const struct alm_trace_window *w, struct alm_err *e)
{
    size_t n = v->demand.units;
    uint64_t *start = calloc(n, sizeof *start), *end = calloc(n, sizeof *end);
    int code = start && end ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for the behaviour of %zu units", n);
    for (size_t k = 0; code >= 0 && k < n; k++)
        code = find_records(whole, v->number[k], w, &start[k], &end[k], e);
    if (code >= 0)
        code = alm_behaviour_ranges_open(whole, start, end, n, &v->behaviour, e);
    free(start);
    free(end);
    return code;
}

static int open_all(struct alm_trace_view *v, struct finding *f, const struct alm_invocations *calls,
                    const struct alm_behaviours *behaviours, const struct alm_trace_window *w, struct alm_err *e)
{
    size_t n = v->whole->units;
    f->chosen = calloc(n, sizeof *f->chosen);
    f->begin = calloc(n, sizeof *f->begin);
    f->end = calloc(n, sizeof *f->end);
    f->served = calloc(n, sizeof *f->served);
    if (!f->chosen || !f->begin || !f->end || !f->served)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", n);
    ALM_TRY(choose(f, v->whole, w->units, e));
    ALM_TRY(find_rows(f, v->whole, w, e));
    if (calls)
        ALM_TRY(alm__view_calls_open(calls, w, f->chosen, n, f->served, &v->calls, e));
    ALM_TRY(add_units(v, f, e));
    if (v->calls)
        alm__view_calls_number(v->calls, v->place);
    return behaviours ? open_behaviour(v, behaviours, w, e) : ALM_OK;
}

int alm_trace_view_open(const struct alm_demand *demand, const struct alm_invocations *calls,
                        const struct alm_behaviours *behaviours, const struct alm_trace_window *window,
                        struct alm_trace_view **out, struct alm_err *e)
{
    struct finding f = {0};
    struct alm_trace_view *v = calloc(1, sizeof *v);
    if (!v)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    v->whole = demand;
    v->demand.interval = demand->interval;
    v->demand.resources = demand->resources;
    int code = open_all(v, &f, calls, behaviours, window, e);
    release_finding(&f);
    if (code < 0) {
        alm_trace_view_close(v);
        return code;
    }
    *out = v;
    return ALM_OK;
}

void alm_trace_view_close(struct alm_trace_view *v)
{
    if (!v)
        return;
    alm__view_calls_close(v->calls);
    alm_behaviour_units_close(v->behaviour);
    free(v->unit);
    free(v->rows);
    free(v->first);
    free(v->number);
    free(v->place);
    free(v);
}

const struct alm_demand *alm_trace_view_demand(const struct alm_trace_view *v)
{
    return &v->demand;
}

const struct alm_invocations *alm_trace_view_invocations(const struct alm_trace_view *v)
{
    return alm__view_calls(v->calls);
}

const struct alm_behaviours *alm_trace_view_behaviours(const struct alm_trace_view *v)
{
    const struct alm_behaviours *b = alm_behaviour_units_view(v->behaviour);
    return b && b->count > 0 ? b : NULL;
}

int alm_trace_begin(const struct alm_demand *demand, alm_time *out, struct alm_err *e)
{
    alm_time begin = ALM_TIME_MAX;
    for (size_t i = 0; i < demand->units; i++) {
        alm_time at, span;
        const struct alm_demand_rows row = {.at = &at, .span = &span};
        begin = demand->unit[i].first < begin ? demand->unit[i].first : begin;
        if (demand->rows[i] == 0)
            continue;
        ALM_TRY(demand->read(demand, i, 0, 1, &row, e));
        begin = at - span < begin ? at - span : begin;
    }
    *out = begin;
    return ALM_OK;
}
