/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_need: steps and ends of units, swept over time. */
#include "experiments/planner/planner_need.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct sweep {
    const struct planner_limits *l;
    struct planner_pack *pack;
    struct planner_size *now; /* per unit */
    uint32_t *leaver;         /* units in order of their end */
    size_t leavers, step, left;
    struct planner_weighed *length; /* of each point: seconds with so many machines */
    size_t room;
};

struct planner_size planner_capacity(const struct planner_machine *machine, double headroom)
{
    const double left = 1 - headroom, whole[2] = {machine->cores * 1000 * left, machine->memory * left};
    struct planner_size out;
    for (int r = 0; r < 2; r++) /* 64000 * 0.9 is not 57599 */
        out.of[r] = (int64_t)floor(whole[r] * (1 + 1e-12));
    return out;
}

static int by_end(const void *a, const void *b, void *ctx)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const struct planner_unit *unit = ctx;
    if (unit[x].end != unit[y].end)
        return unit[x].end < unit[y].end ? -1 : 1;
    return (x > y) - (x < y);
}

/* Units that are larger than CAPACITY at some time, and the largest of them. */
static int find_too_large(const struct planner_limits *l, struct planner_size capacity, struct planner_need *n,
                          struct alm_err *e)
{
    bool *seen = calloc(l->units ? l->units : 1, sizeof *seen);
    double most = 1;
    if (!seen)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", l->units);
    for (size_t i = 0; i < l->steps; i++)
        for (int r = 0; r < 2; r++) {
            const struct planner_step *s = &l->step[i];
            if (s->size.of[r] <= capacity.of[r])
                continue;
            double ratio = (double)s->size.of[r] / (double)capacity.of[r];
            n->too_large += !seen[s->unit];
            seen[s->unit] = true;
            if (ratio > most) {
                most = ratio;
                n->largest = s->unit;
            }
        }
    free(seen);
    return ALM_OK;
}

static int begin(struct sweep *s, struct planner_size capacity, struct alm_err *e)
{
    size_t units = s->l->units ? s->l->units : 1;
    ALM_TRY(planner_pack_new(units, capacity, &s->pack, e));
    s->now = calloc(units, sizeof *s->now);
    s->leaver = calloc(units, sizeof *s->leaver);
    if (!s->now || !s->leaver)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", units);
    for (uint32_t i = 0; i < s->l->units; i++)
        if (s->l->unit[i].end != ALM_TIME_NONE)
            s->leaver[s->leavers++] = i;
    qsort_r(s->leaver, s->leavers, sizeof *s->leaver, by_end, s->l->unit);
    return ALM_OK;
}

/* The next instant at which something changes; ALM_TIME_MAX: none. */
static alm_time next_instant(const struct sweep *s)
{
    alm_time step = s->step < s->l->steps ? s->l->step[s->step].at : ALM_TIME_MAX;
    alm_time end = s->left < s->leavers ? s->l->unit[s->leaver[s->left]].end : ALM_TIME_MAX;
    return step < end ? step : end;
}

/* Take what changes at AT; those who leave do so before others come, but after a decision of their own last instant. */
static bool change(struct sweep *s, alm_time at)
{
    bool changed = false;
    for (; s->step < s->l->steps && s->l->step[s->step].at == at; s->step++) {
        const struct planner_step *step = &s->l->step[s->step];
        struct planner_size *now = &s->now[step->unit];
        if (s->l->unit[step->unit].end <= at)
            continue;
        changed = changed || now->of[0] != step->size.of[0] || now->of[1] != step->size.of[1];
        *now = step->size;
    }
    for (; s->left < s->leavers && s->l->unit[s->leaver[s->left]].end == at; s->left++) {
        struct planner_size *now = &s->now[s->leaver[s->left]];
        changed = changed || now->of[0] != 0 || now->of[1] != 0;
        *now = (struct planner_size){0};
    }
    return changed;
}

static int add_point(struct sweep *s, struct planner_need *n, alm_time at, struct planner_packed packed,
                     struct alm_err *e)
{
    struct planner_point *last = n->points ? &n->point[n->points - 1] : NULL;
    if (packed.high > n->peak) {
        n->peak = packed.high;
        n->peak_at = at;
    }
    n->peak_low = packed.low > n->peak_low ? packed.low : n->peak_low;
    if (last && last->low == packed.low && last->high == packed.high)
        return ALM_OK;
    if (n->points == s->room) {
        s->room = s->room ? 2 * s->room : 1024;
        struct planner_point *more = realloc(n->point, s->room * sizeof *more);
        if (!more)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu instants", s->room);
        n->point = more;
    }
    n->point[n->points++] = (struct planner_point){at, packed.low, packed.high};
    return ALM_OK;
}

static int summarise(struct sweep *s, struct planner_need *n, struct alm_err *e)
{
    double seconds = alm_seconds(s->l->end - s->l->from);
    if (n->points == 0 || seconds <= 0)
        return ALM_OK;
    s->length = calloc(n->points, sizeof *s->length);
    if (!s->length)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu instants", n->points);
    for (size_t i = 0; i < n->points; i++) {
        alm_time end = i + 1 < n->points ? n->point[i + 1].at : s->l->end;
        s->length[i] = (struct planner_weighed){n->point[i].high, alm_seconds(end - n->point[i].at)};
        n->mean += (double)n->point[i].high * s->length[i].weight / seconds;
    }
    n->p95 = (uint32_t)planner_percentile(s->length, n->points, 0.95);
    return ALM_OK;
}

static int sweep(struct sweep *s, const volatile int *stop, struct planner_need *n, struct alm_err *e)
{
    for (alm_time at = next_instant(s); at != ALM_TIME_MAX; at = next_instant(s)) {
        if (stop && *stop)
            return alm_fail(e, ALM_EINTR, "interrupted while packing machines");
        if (!change(s, at))
            continue;
        n->packings++;
        ALM_TRY(add_point(s, n, at, planner_pack(s->pack, s->now, s->l->units), e));
    }
    return summarise(s, n, e);
}

int planner_need_find(const struct planner_limits *l, const struct planner_machine *machine, double headroom,
                      const volatile int *stop, struct planner_need *n, struct alm_err *e)
{
    struct sweep s = {.l = l};
    struct planner_size capacity = planner_capacity(machine, headroom);
    *n = (struct planner_need){.peak_at = ALM_TIME_NONE};
    if (capacity.of[0] <= 0 || capacity.of[1] <= 0)
        return alm_fail(e, ALM_EINVAL, "machine %s has no room beside the headroom of %g %%", machine->name,
                        100 * headroom);
    int code = find_too_large(l, capacity, n, e);
    if (code >= 0)
        code = begin(&s, capacity, e);
    if (code >= 0)
        code = sweep(&s, stop, n, e);
    if (code < 0) {
        free(n->point);
        n->point = NULL;
    }
    planner_pack_free(s.pack);
    free(s.now);
    free(s.leaver);
    free(s.length);
    return code;
}
