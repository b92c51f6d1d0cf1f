/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_rows: the rows of a run file, one by one: decisions, samples, envelopes.
 *
 * Choice.   Decisions of many units are sorted by counting, as many units at once as fit a block. */
#include "experiments/run_reader.h"

#include "almanac/resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SORTED_ROWS ((uint64_t)1 << 18)

#define D(member) offsetof(struct alm_run_decision, member)
static const struct alm__run_group decisions = {
    "decisions",
    sizeof(struct alm_run_decision),
    false,
    9,
    {
        {"unit", ALM_COL_U32, D(unit)},
        {"time", ALM_COL_I64, D(time)},
        {"event", ALM_COL_U8, D(event)},
        {"cpu_limit", ALM_COL_I64, D(limit[0])},
        {"memory_limit", ALM_COL_I64, D(limit[1])},
        {"cpu_applied", ALM_COL_I64, D(applied[0])},
        {"memory_applied", ALM_COL_I64, D(applied[1])},
        {"cpu_reason", ALM_COL_U8, D(reason[0])},
        {"memory_reason", ALM_COL_U8, D(reason[1])},
    },
};

#define S(member) offsetof(struct alm_run_sample, member)
static const struct alm__run_group samples = {
    "samples",
    sizeof(struct alm_run_sample),
    false,
    12,
    {
        {"unit", ALM_COL_U32, S(unit)},
        {"time", ALM_COL_I64, S(time)},
        {"span", ALM_COL_I64, S(span)},
        {"cpu", ALM_COL_F64, S(usage[0])},
        {"memory", ALM_COL_F64, S(usage[1])},
        {"cpu_demand", ALM_COL_F64, S(demand[0])},
        {"memory_demand", ALM_COL_F64, S(demand[1])},
        {"cpu_limit", ALM_COL_I64, S(limit[0])},
        {"memory_limit", ALM_COL_I64, S(limit[1])},
        {"throttled_us", ALM_COL_I64, S(throttled_us)},
        {"oom_kills", ALM_COL_U32, S(oom_kills)},
        {"flags", ALM_COL_U8, S(flags)},
    },
};

#define E(member) offsetof(struct alm_run_envelope, member)
static const struct alm__run_group envelopes = {
    "envelopes",
    sizeof(struct alm_run_envelope),
    false,
    9,
    {
        {"unit", ALM_COL_U32, E(unit)},
        {"time", ALM_COL_I64, E(time)},
        {"until", ALM_COL_I64, E(until)},
        {"cpu_min", ALM_COL_F64, E(min[0])},
        {"cpu_max", ALM_COL_F64, E(max[0])},
        {"cpu_confidence", ALM_COL_F64, E(confidence[0])},
        {"memory_min", ALM_COL_F64, E(min[1])},
        {"memory_max", ALM_COL_F64, E(max[1])},
        {"memory_confidence", ALM_COL_F64, E(confidence[1])},
    },
};

/* Decisions of one unit, unfolded over its regular times.
 * An event at a regular time follows the regular decision of that time, stored or not (a limit that was lowered below use
 * is what makes the event), unless a regular decision of the same time is stored behind it. So it is held until the next
 * row tells. */
struct unfold {
    struct alm_run *run;
    enum alm_run_view view;
    int (*fn)(void *ctx, const struct alm_run_decision *row, struct alm_err *e);
    void *ctx;
    bool any;                     /* `last` is set */
    alm_time due;                 /* next regular time not yet handed out; ALM_TIME_NONE: no more */
    struct alm_run_decision last; /* of this unit */
    bool holding;
    struct alm_run_decision held;
};

static void unfold_start(struct unfold *u, uint32_t unit)
{
    u->any = u->holding = false;
    u->due = u->run->unit[unit].first_decision;
}

static void unfold_next(struct unfold *u)
{
    alm_time last = u->run->unit[u->last.unit].last_decision;
    u->due = u->due <= last - u->run->interval ? u->due + u->run->interval : ALM_TIME_NONE;
}

/* Repeat the last decision at the regular times before END, or up to the unit's last with ALM_TIME_MAX. */
static int unfold_until(struct unfold *u, alm_time end, struct alm_err *e)
{
    while (u->view == ALM_RUN_EVERY && u->any && u->due != ALM_TIME_NONE && u->due < end) {
        struct alm_run_decision row = u->last;
        row.time = u->due;
        row.event = 0;
        ALM_TRY(u->fn(u->ctx, &row, e));
        unfold_next(u);
    }
    return ALM_OK;
}

static bool same_limits(const struct alm_run_decision *a, const struct alm_run_decision *b)
{
    return memcmp(a->limit, b->limit, sizeof a->limit) == 0 && memcmp(a->applied, b->applied, sizeof a->applied) == 0;
}

static int check_decision(const struct unfold *u, const struct alm_run_decision *row, struct alm_err *e)
{
    const struct alm_run *run = u->run;
    const char *name = run->unit[row->unit].name, *path = alm_table_path(run->table);
    if ((u->any && row->time < u->last.time) || (u->holding && row->time < u->held.time))
        return alm_fail(e, ALM_EDATA, "%s: decisions of unit %s are out of order at %.9g s: times must ascend", path,
                        name, alm_seconds(row->time));
    for (int r = 0; r < 2; r++)
        if (row->limit[r] != ALM_NO_LIMIT && row->reason[r] >= run->reasons)
            return alm_fail(e, ALM_EDATA, "%s: decision of unit %s at %.9g s has reason %u, but there are only %zu",
                            path, name, alm_seconds(row->time), row->reason[r], run->reasons);
    if (!row->event && u->view == ALM_RUN_EVERY) {
        const struct alm_run_unit *unit = &run->unit[row->unit];
        bool regular = unit->first_decision != ALM_TIME_NONE && row->time >= unit->first_decision &&
                       row->time <= unit->last_decision && (row->time - unit->first_decision) % run->interval == 0;
        if (!regular)
            return alm_fail(e, ALM_EDATA, "%s: decision of unit %s at %.9g s is not one of its regular times", path,
                            name, alm_seconds(row->time));
    }
    return ALM_OK;
}

static int hand_out(struct unfold *u, const struct alm_run_decision *row, struct alm_err *e)
{
    bool wanted = u->view != ALM_RUN_CHANGES || !u->any || !same_limits(&u->last, row);
    u->last = *row;
    u->any = true;
    if (!row->event && u->due == row->time)
        unfold_next(u);
    return wanted ? u->fn(u->ctx, row, e) : ALM_OK;
}

/* Hand out the event that was held, behind the regular decision of its time when that is not NEXT. */
static int release(struct unfold *u, const struct alm_run_decision *next, struct alm_err *e)
{
    if (!u->holding)
        return ALM_OK;
    u->holding = false;
    struct alm_run_decision held = u->held;
    if (next == NULL || next->event || next->time != held.time)
        ALM_TRY(unfold_until(u, held.time + 1, e));
    return hand_out(u, &held, e);
}

static int unfold_row(void *ctx, const void *data, struct alm_err *e)
{
    struct unfold *u = ctx;
    const struct alm_run_decision *row = data;
    ALM_TRY(check_decision(u, row, e));
    ALM_TRY(release(u, row, e));
    ALM_TRY(unfold_until(u, row->time, e));
    if (row->event && u->view == ALM_RUN_EVERY && u->any && u->due == row->time) {
        u->held = *row;
        u->holding = true;
        return ALM_OK;
    }
    return hand_out(u, row, e);
}

static int unfold_end(struct unfold *u, struct alm_err *e)
{
    ALM_TRY(release(u, NULL, e));
    return unfold_until(u, ALM_TIME_MAX, e);
}

/* Where the rows of each unit lie. */
struct place {
    uint64_t count, first, end;
};

static int places_of(struct alm__run_reader *r, struct place *place, struct alm_err *e)
{
    for (uint64_t at = 0; at < r->rows; at += ALM__RUN_BLOCK) {
        size_t n = r->rows - at < ALM__RUN_BLOCK ? (size_t)(r->rows - at) : ALM__RUN_BLOCK;
        ALM_TRY(alm__run_read_units(r, at, n, e));
        for (size_t i = 0; i < n; i++) {
            struct place *p = &place[r->unit[i]];
            if (p->count++ == 0)
                p->first = at + i;
            p->end = at + i + 1;
        }
    }
    return ALM_OK;
}

/* Rows of several units, put in order of unit by counting. */
struct sorter {
    struct alm_run_decision *row;
    uint64_t *next; /* per unit from `low`: where its next row goes */
    uint32_t low;
};

static int sort_row(void *ctx, const void *data, struct alm_err *e)
{
    (void)e;
    struct sorter *s = ctx;
    const struct alm_run_decision *row = data;
    s->row[s->next[row->unit - s->low]++] = *row;
    return ALM_OK;
}

static int unfold_sorted(struct alm__run_reader *r, struct unfold *u, const struct place *place,
                         struct alm__run_range in, struct alm_err *e)
{
    uint64_t rows = 0;
    struct sorter s = {.low = in.low, .next = malloc((size_t)(in.high - in.low) * sizeof *s.next)};
    for (uint32_t i = in.low; s.next && i < in.high; i++) {
        s.next[i - in.low] = rows;
        rows += place[i].count;
    }
    s.row = malloc((size_t)(rows ? rows : 1) * sizeof *s.row);
    int code = s.row && s.next ? ALM_OK
                               : alm_fail(e, ALM_ENOMEM, "no memory to sort %llu decisions", (unsigned long long)rows);
    if (code == ALM_OK)
        code = alm__run_each_row(r, in, sort_row, &s, e);
    uint64_t at = 0;
    for (uint32_t i = in.low; code >= 0 && i < in.high; i++) {
        unfold_start(u, i);
        for (uint64_t k = 0; code >= 0 && k < place[i].count; k++)
            code = unfold_row(u, &s.row[at++], e);
        if (code >= 0)
            code = unfold_end(u, e);
    }
    free(s.row);
    free(s.next);
    return code;
}

/* Units [low, high) that fit a block together, or one unit alone of any size. */
static struct alm__run_range next_units(const struct place *place, uint32_t low, uint32_t units)
{
    struct alm__run_range in = {place[low].first, place[low].end, low, low + 1};
    uint64_t rows = place[low].count;
    while (in.high < units && rows + place[in.high].count <= SORTED_ROWS) {
        const struct place *p = &place[in.high];
        if (p->count > 0 && (rows == 0 || p->first < in.first))
            in.first = p->first;
        if (p->end > in.end)
            in.end = p->end;
        rows += p->count;
        in.high++;
    }
    return in;
}

static int unfold_all(struct alm__run_reader *r, struct unfold *u, struct place *place, struct alm_err *e)
{
    ALM_TRY(places_of(r, place, e));
    uint32_t units = (uint32_t)r->run->units;
    for (uint32_t low = 0; low < units;) {
        struct alm__run_range in = next_units(place, low, units);
        if (in.high - in.low > 1) {
            ALM_TRY(unfold_sorted(r, u, place, in, e));
        } else {
            unfold_start(u, in.low);
            ALM_TRY(alm__run_each_row(r, in, unfold_row, u, e));
            ALM_TRY(unfold_end(u, e));
        }
        low = in.high;
    }
    return ALM_OK;
}

int alm_run_each_decision(struct alm_run *run, uint32_t unit, enum alm_run_view view,
                          int (*fn)(void *ctx, const struct alm_run_decision *row, struct alm_err *e), void *ctx,
                          struct alm_err *e)
{
    struct unfold u = {.run = run, .view = view, .fn = fn, .ctx = ctx};
    struct alm__run_reader r;
    ALM_TRY(alm__run_reader_open(&r, run, &decisions, e));
    int code = ALM_OK;
    if (unit != ALM_RUN_ALL) {
        unfold_start(&u, unit);
        code = alm__run_each_row(&r, alm__run_range_of(&r, unit), unfold_row, &u, e);
        if (code >= 0)
            code = unfold_end(&u, e);
    } else if (run->units > 0) {
        struct place *place = calloc(run->units, sizeof *place);
        code = place ? unfold_all(&r, &u, place, e)
                     : alm_fail(e, ALM_ENOMEM, "no memory for an index of %zu units", run->units);
        free(place);
    }
    alm__run_reader_close(&r);
    return code < 0 ? code : ALM_OK;
}

struct sample_call {
    int (*fn)(void *ctx, const struct alm_run_sample *row, struct alm_err *e);
    void *ctx;
};

static int call_sample(void *ctx, const void *row, struct alm_err *e)
{
    const struct sample_call *call = ctx;
    return call->fn(call->ctx, row, e);
}

int alm_run_each_sample(struct alm_run *run, uint32_t unit,
                        int (*fn)(void *ctx, const struct alm_run_sample *row, struct alm_err *e), void *ctx,
                        struct alm_err *e)
{
    struct sample_call call = {fn, ctx};
    return alm__run_each(run, &samples, unit, call_sample, &call, e);
}

struct envelope_call {
    int (*fn)(void *ctx, const struct alm_run_envelope *row, struct alm_err *e);
    void *ctx;
};

static int call_envelope(void *ctx, const void *row, struct alm_err *e)
{
    const struct envelope_call *call = ctx;
    return call->fn(call->ctx, row, e);
}

int alm_run_each_envelope(struct alm_run *run, uint32_t unit,
                          int (*fn)(void *ctx, const struct alm_run_envelope *row, struct alm_err *e), void *ctx,
                          struct alm_err *e)
{
    struct envelope_call call = {fn, ctx};
    return alm__run_each(run, &envelopes, unit, call_envelope, &call, e);
}
