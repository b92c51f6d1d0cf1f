/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_limits: a run file's decisions as steps.
 *
 * Choice.   A run file gives decisions unit by unit, so each unit is finished before the next begins; sorted by time they are
 *           at the end. */
#include "experiments/planner/planner_limits.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct planner_limits *l;
    struct alm_run *run;
    const struct alm_unit *of_trace; /* [units] */
    size_t units;
    uint32_t unit;  /* under way; ALM_RUN_ALL: none */
    size_t first;   /* its first step */
    int64_t now[2]; /* its limits as decided */
    struct alm_run_decision row;
};

/* What UNIT needs of R with LIMIT, and by the way whether that is known. */
static int64_t need(const struct planner_unit *unit, int r, int64_t limit, bool *known)
{
    *known = true;
    if (limit != ALM_NO_LIMIT)
        return limit;
    *known = unit->own[r] > 0;
    if (!*known)
        return 0;
    return r == ALM_CPU ? alm_millicores_up(unit->own[r]) : alm_bytes_up(unit->own[r]);
}

static double hours_of(int r, int64_t amount, double hours)
{
    return (r == ALM_CPU ? (double)amount / 1000 : (double)amount) * hours;
}

/* The limits since the last change have been in force until UNTIL. */
static void let_pass(struct reader *s, alm_time until)
{
    struct planner_unit *unit = &s->l->unit[s->unit];
    const struct planner_step *step = &s->l->step[s->l->steps - 1];
    double hours = alm_seconds(until - step->at) / 3600;
    for (int r = 0; r < 2; r++) {
        bool known;
        (void)need(unit, r, s->now[r], &known);
        unit->hours[r] += hours_of(r, step->size.of[r], hours);
        unit->unlimited[r] += s->now[r] == ALM_NO_LIMIT ? hours : 0;
        unit->unknown[r] += known ? 0 : hours;
    }
}

static int push(struct reader *s, const struct alm_run_decision *row, struct alm_err *e)
{
    struct planner_limits *l = s->l;
    if (l->steps == l->room) {
        size_t room = l->room ? 2 * l->room : 4096;
        struct planner_step *more = realloc(l->step, room * sizeof *more);
        if (!more)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu changes of limits", room);
        l->step = more;
        l->room = room;
    }
    struct planner_step *step = &l->step[l->steps];
    *step = (struct planner_step){.at = row->time, .unit = row->unit, .nth = (uint32_t)(l->steps - s->first)};
    for (int r = 0; r < 2; r++) {
        bool known;
        s->now[r] = row->limit[r];
        step->size.of[r] = need(&l->unit[row->unit], r, row->limit[r], &known);
    }
    l->steps++;
    return ALM_OK;
}

static int by_value(const void *a, const void *b)
{
    const struct planner_weighed *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

int64_t planner_percentile(struct planner_weighed *value, size_t n, double share)
{
    double total = 0, sum = 0;
    qsort(value, n, sizeof *value, by_value);
    for (size_t i = 0; i < n; i++)
        total += value[i].weight;
    for (size_t i = 0; i < n; i++) {
        sum += value[i].weight;
        if (sum >= share * total * (1 - 1e-12))
            return value[i].value;
    }
    return value[n - 1].value;
}

/* The range of the steps from s->first on over the last day of UNIT. */
static int find_range(const struct reader *s, struct planner_unit *unit, struct alm_err *e)
{
    const struct planner_step *step = &s->l->step[s->first];
    size_t n = s->l->steps - s->first, skip = 0;
    alm_time from = unit->end - ALM_DAY > unit->from ? unit->end - ALM_DAY : unit->from;
    while (skip + 1 < n && step[skip + 1].at <= from)
        skip++;
    struct planner_weighed *value = malloc((n - skip) * sizeof *value);
    if (!value)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the limits of one day");
    unit->last = step[n - 1].size;
    for (int r = 0; r < 2; r++) {
        for (size_t i = skip; i < n; i++) {
            alm_time begin = step[i].at > from ? step[i].at : from, end = i + 1 < n ? step[i + 1].at : unit->end;
            value[i - skip] = (struct planner_weighed){step[i].size.of[r], alm_seconds(end - begin)};
        }
        int64_t low = planner_percentile(value, n - skip, 0.05), high = planner_percentile(value, n - skip, 0.95);
        unit->low.of[r] = low < unit->last.of[r] ? low : unit->last.of[r];
        unit->high.of[r] = high > unit->last.of[r] ? high : unit->last.of[r];
    }
    free(value);
    return ALM_OK;
}

static alm_time end_of(const struct reader *s, const struct alm_run_unit *run)
{
    alm_time last = s->of_trace[s->unit].last, end = run->last_decision + s->run->interval;
    end = last < end ? last : end;
    return end > s->row.time ? end : s->row.time;
}

static int finish_unit(struct reader *s, struct alm_err *e)
{
    if (s->unit == ALM_RUN_ALL)
        return ALM_OK;
    struct planner_limits *l = s->l;
    struct planner_unit *unit = &l->unit[s->unit];
    char reason[512];
    unit->from = l->step[s->first].at;
    unit->end = end_of(s, &s->run->unit[s->unit]);
    let_pass(s, unit->end);
    l->from = unit->from < l->from ? unit->from : l->from;
    l->end = unit->end > l->end ? unit->end : l->end;
    for (int r = 0; r < 2; r++)
        unit->limited |= s->row.limit[r] == ALM_NO_LIMIT ? 0 : ALM_BIT(r);
    unit->reason = strdup(alm_run_reason(s->run, &s->row, reason, sizeof reason));
    if (!unit->reason)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a reason");
    return find_range(s, unit, e);
}

static int see_decision(void *ctx, const struct alm_run_decision *row, struct alm_err *e)
{
    struct reader *s = ctx;
    bool begins = row->unit != s->unit;
    if (begins) {
        ALM_TRY(finish_unit(s, e));
        s->unit = row->unit;
        s->first = s->l->steps;
    }
    s->row = *row;
    if (!begins && memcmp(row->limit, s->now, sizeof s->now) == 0)
        return ALM_OK;
    if (!begins)
        let_pass(s, row->time);
    return push(s, row, e);
}

static int see_envelope(void *ctx, const struct alm_run_envelope *row, struct alm_err *e)
{
    (void)e;
    struct planner_limits *l = ctx;
    memcpy(l->unit[row->unit].confidence, row->confidence, sizeof row->confidence);
    return ALM_OK;
}

static int take_units(struct reader *s, struct alm_err *e)
{
    struct planner_limits *l = s->l;
    if (s->run->units != s->units)
        return alm_fail(e, ALM_EDATA, "%s has %zu units, and the trace %zu", alm_table_path(s->run->table),
                        s->run->units, s->units);
    l->unit = calloc(s->run->units ? s->run->units : 1, sizeof *l->unit);
    if (!l->unit)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", s->run->units);
    l->units = s->run->units;
    for (size_t i = 0; i < l->units; i++) {
        const struct alm_run_unit *from = &s->run->unit[i];
        l->unit[i] = (struct planner_unit){.name = strdup(from->name),
                                           .code = strdup(from->code),
                                           .own = {from->cores, from->memory},
                                           .from = ALM_TIME_NONE,
                                           .end = ALM_TIME_NONE,
                                           .confidence = {NAN, NAN}};
        if (!l->unit[i].name || !l->unit[i].code)
            return alm_fail(e, ALM_ENOMEM, "out of memory for the names of %zu units", l->units);
    }
    return ALM_OK;
}

static int by_time(const void *a, const void *b)
{
    const struct planner_step *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return (x->nth > y->nth) - (x->nth < y->nth);
}

int planner_limits_read(const char *path, const struct alm_unit *unit, size_t count, struct planner_limits *l,
                        struct alm_err *e)
{
    struct reader s = {.l = l, .of_trace = unit, .units = count, .unit = ALM_RUN_ALL};
    *l = (struct planner_limits){.from = ALM_TIME_MAX, .end = ALM_TIME_NONE};
    ALM_TRY(alm_run_file_open(path, &s.run, e));
    int code = take_units(&s, e);
    if (code >= 0)
        code = alm_run_each_decision(s.run, ALM_RUN_ALL, ALM_RUN_STORED, see_decision, &s, e);
    if (code >= 0)
        code = finish_unit(&s, e);
    if (code >= 0)
        code = alm_run_each_envelope(s.run, ALM_RUN_ALL, see_envelope, l, e);
    alm_run_file_close(s.run);
    if (code >= 0 && l->steps > 0)
        qsort(l->step, l->steps, sizeof *l->step, by_time);
    return code;
}

void planner_limits_free(struct planner_limits *l)
{
    for (size_t i = 0; l->unit && i < l->units; i++) {
        free(l->unit[i].name);
        free(l->unit[i].code);
        free(l->unit[i].reason);
    }
    free(l->unit);
    free(l->step);
    *l = (struct planner_limits){0};
}
