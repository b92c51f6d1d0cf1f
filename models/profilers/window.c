/* SPDX-License-Identifier: GPL-3.0-or-later
 * window: the last samples of each unit, as contiguous series.
 *
 * Meaning.  Holds the samples since the previous observation and as many older ones as the predictor asked for. The
 *           view is always the last max(asked for, fresh) rows, whatever is still in memory.
 * Choice.   Rows are appended; when the room is used up, the last rows move to the front, so a sample costs a constant
 *           number of moves. The room lies in the unit's state, so a run allocates only when more samples arrive in one
 *           round than there is room for. Only resources that the platform shows are stored. */
#include "almanac/profiler.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct state {
    char *room; /* behind this struct, or grown */
    size_t capacity, window;
    size_t held; /* rows in memory, from the start of the room */
    size_t fresh;
    uint64_t samples;
    alm_time first, last;
    alm_time oom_at;
    double oom_limit;
    uint32_t oom_kills;
};

/* Which resources have a column, in order. Behind the stamps lies one column each, then the flags. */
struct layout {
    bool both; /* the first two are those of cpu and memory */
    size_t columns;
    uint8_t resource[ALM_RESOURCES];
};

static struct layout layout_of(uint32_t resources)
{
    const uint32_t both = ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY);
    struct layout l = {.both = (resources & both) == both};
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (resources & ALM_BIT(r))
            l.resource[l.columns++] = (uint8_t)r;
    return l;
}

static size_t room_size(const struct layout *l, size_t rows)
{
    size_t size = rows * (sizeof(alm_time) + l->columns * sizeof(double) + 1);
    return (size + 7) & ~(size_t)7;
}

static char *own_room(struct state *s)
{
    return (char *)(s + 1);
}

static alm_time *stamps(char *room)
{
    return (alm_time *)(void *)room;
}

static double *column(char *room, size_t rows, size_t k)
{
    return (double *)(void *)(room + rows * (sizeof(alm_time) + k * sizeof(double)));
}

static uint8_t *flags(char *room, size_t rows, const struct layout *l)
{
    return (uint8_t *)column(room, rows, l->columns);
}

static size_t first_capacity(const struct alm_env *env, size_t window)
{
    size_t round = 2;
    if (env->sample_interval > 0 && env->interval > env->sample_interval)
        round += (size_t)(env->interval / env->sample_interval);
    if (round > 4096)
        round = 4096;
    return window + window / 4 + round;
}

static size_t state_size(const void *opt, const struct alm_env *env, size_t window)
{
    (void)opt;
    struct layout l = layout_of(env->resources);
    return sizeof(struct state) + room_size(&l, first_capacity(env, window));
}

static int init(const struct alm_units *u, size_t window, struct alm_err *e)
{
    (void)e;
    size_t capacity = first_capacity(u->env, window);
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        *s = (struct state){.room = own_room(s),
                            .capacity = capacity,
                            .window = window,
                            .first = ALM_TIME_NONE,
                            .last = ALM_TIME_NONE,
                            .oom_at = ALM_TIME_NONE,
                            .oom_limit = NAN};
    }
    return ALM_OK;
}

/* Move the last KEEP of the HELD rows of FROM to the front of TO, which may be the same room. */
static void move_rows(const struct layout *l, char *from, size_t from_rows, char *to, size_t to_rows, size_t held,
                      size_t keep)
{
    size_t skip = held - keep;
    memmove(stamps(to), stamps(from) + skip, keep * sizeof(alm_time));
    for (size_t k = 0; k < l->columns; k++)
        memmove(column(to, to_rows, k), column(from, from_rows, k) + skip, keep * sizeof(double));
    memmove(flags(to, to_rows, l), flags(from, from_rows, l) + skip, keep);
}

/* Make room for one more row behind the *HELD ones, keeping those that are needed: of the window, and the fresh ones. */
static int make_room(struct state *s, const struct layout *l, size_t fresh, size_t *held, struct alm_err *e)
{
    size_t keep = s->window > fresh + 1 ? s->window - 1 : fresh;
    if (keep > *held)
        keep = *held;
    if (keep < s->capacity) {
        move_rows(l, s->room, s->capacity, s->room, s->capacity, *held, keep);
        *held = keep;
        return ALM_OK;
    }
    size_t capacity = (keep + 1) * 2;
    char *grown = malloc(room_size(l, capacity));
    if (grown == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu samples of one unit", capacity);
    move_rows(l, s->room, s->capacity, grown, capacity, *held, keep);
    if (s->room != own_room(s))
        free(s->room);
    s->room = grown;
    s->capacity = capacity;
    *held = keep;
    return ALM_OK;
}

static void note_kill(struct state *s, const struct alm_sample *x)
{
    s->oom_kills += x->oom_kills;
    s->oom_at = x->at;
    s->oom_limit = x->limit[ALM_MEMORY] == ALM_NO_LIMIT ? NAN : (double)x->limit[ALM_MEMORY];
}

/* X becomes row K of the room. SPAN_US is that of the sample. */
static inline void put(const struct state *s, const struct layout *l, size_t k, const struct alm_sample *x,
                       double span_us)
{
    const size_t rows = s->capacity;
    double *value = column(s->room, rows, 0) + k;
    stamps(s->room)[k] = x->at;
    if (l->both) {
        value[0] = alm_sample_usage_over(x, ALM_CPU, span_us);
        value[rows] = alm_sample_usage_over(x, ALM_MEMORY, span_us);
    }
    for (size_t c = l->both ? 2 : 0; c < l->columns; c++)
        value[c * rows] = alm_sample_usage_over(x, (enum alm_resource)l->resource[c], span_us);
    flags(s->room, rows, l)[k] = x->censored;
}

static int observe(const struct alm_units *u, const struct alm_sample *samples, size_t n, struct alm_err *e)
{
    const struct layout l = layout_of(u->env->resources);
    alm_time span = 0;
    double span_us = 0;
    size_t k = 0;
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        const uint32_t id = u->id[i];
        size_t held = s->window == 0 ? 0 : s->held, fresh = 0;
        s->oom_kills = 0;
        s->oom_at = ALM_TIME_NONE;
        s->oom_limit = NAN;
        for (; k < n && samples[k].unit == id; k++, fresh++) {
            if (held == s->capacity)
                ALM_TRY(make_room(s, &l, fresh, &held, e));
            if (samples[k].span != span)
                span_us = alm_span_us(span = samples[k].span);
            put(s, &l, held++, &samples[k], span_us);
            if (samples[k].oom_kills > 0)
                note_kill(s, &samples[k]);
        }
        s->held = held;
        s->fresh = fresh;
        if (fresh == 0)
            continue;
        if (s->samples == 0)
            s->first = samples[k - fresh].at;
        s->samples += fresh;
        s->last = samples[k - 1].at;
    }
    if (k < n)
        return alm_fail(e, ALM_EMODULE, "sample %zu of %zu is of unit %u, which is not in this round or not in order",
                        k, n, samples[k].unit);
    return ALM_OK;
}

static inline void view(const struct state *s, const struct layout *l, struct alm_profile *p)
{
    size_t rows = s->fresh > s->window ? s->fresh : s->window;
    if (rows > s->held)
        rows = s->held;
    const size_t skip = s->held - rows;
    const double *value = column(s->room, s->capacity, 0) + skip;
    p->window.count = rows;
    p->window.at = stamps(s->room) + skip;
    p->window.censored = flags(s->room, s->capacity, l) + skip;
    for (int r = 0; r < ALM_RESOURCES; r++)
        p->window.value[r] = NULL;
    for (size_t c = 0; c < l->columns; c++)
        p->window.value[l->resource[c]] = value + c * s->capacity;
}

static int profile(const struct alm_units *u, struct alm_profile *out, struct alm_err *e)
{
    (void)e;
    const struct layout l = layout_of(u->env->resources);
    for (size_t i = 0; i < u->count; i++) {
        const struct state *s = alm_unit_state(u, i);
        struct alm_profile *p = &out[i];
        p->provides = ALM_PROFILE_RECENT | ALM_PROFILE_WINDOW;
        view(s, &l, p);
        p->fresh = s->fresh;
        p->samples = s->samples;
        p->first = s->first;
        p->last = s->last;
        p->oom_kills = s->oom_kills;
        p->oom_at = s->oom_at;
        p->oom_limit = s->oom_limit;
    }
    return ALM_OK;
}

static void fini(const struct alm_units *u)
{
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        if (s->room && s->room != own_room(s))
            free(s->room);
        s->room = NULL;
    }
}

const struct alm_profiler_ops alm_profiler_window = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_profiler_ops),
             .kind = ALM_PROFILER,
             .name = "window",
             .summary = "the last samples of each unit, as many as the predictor asks for",
             .source = "the plain record every monitoring system keeps"},
    .provides = ALM_PROFILE_RECENT | ALM_PROFILE_WINDOW,
    .state_size = state_size,
    .init = init,
    .observe = observe,
    .profile = profile,
    .fini = fini,
};
