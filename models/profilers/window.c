/* SPDX-License-Identifier: GPL-3.0-or-later
 * window: the last samples of each unit, as contiguous series.
 *
 * Meaning.  Holds the samples since the previous observation and as many older ones as the predictor asked for. The
 * view is always the last max(asked for, fresh) rows, whatever is still in memory. Choice.   Rows are appended; when
 * the room is used up, the last rows move to the front, so a sample costs a constant number of moves. The room lies in
 * the unit's state, so a run allocates only when more samples arrive in one round than there is room for. Only
 * resources that the platform shows are stored. */
#include "almanac/profiler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct state {
    char *grown; /* NULL: the room behind this struct is used */
    size_t capacity, window;
    size_t held; /* rows in memory, from the start of the room */
    size_t fresh;
    uint64_t samples;
    alm_time first, last;
    alm_time oom_at;
    double oom_limit;
    uint32_t oom_kills;
};

/* Where the columns of a room of so many rows lie. */
struct room {
    alm_time *at;
    double *value[ALM_RESOURCES];
    uint8_t *censored;
};

static size_t columns(uint32_t resources)
{
    size_t n = 0;
    for (int r = 0; r < ALM_RESOURCES; r++)
        n += (resources >> r) & 1u;
    return n;
}

static size_t room_size(uint32_t resources, size_t rows)
{
    size_t size = rows * (sizeof(alm_time) + columns(resources) * sizeof(double) + 1);
    return (size + 7) & ~(size_t)7;
}

static struct room room_at(char *place, uint32_t resources, size_t rows)
{
    struct room room = {.at = (alm_time *)(void *)place};
    double *column = (double *)(void *)(room.at + rows);
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (!(resources & ALM_BIT(r)))
            continue;
        room.value[r] = column;
        column += rows;
    }
    room.censored = (uint8_t *)column;
    return room;
}

static struct room room_of(struct state *s, uint32_t resources)
{
    return room_at(s->grown ? s->grown : (char *)(s + 1), resources, s->capacity);
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
    return sizeof(struct state) + room_size(env->resources, first_capacity(env, window));
}

static int init(const struct alm_units *u, size_t window, struct alm_err *e)
{
    (void)e;
    size_t capacity = first_capacity(u->env, window);
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        *s = (struct state){.capacity = capacity,
                            .window = window,
                            .first = ALM_TIME_NONE,
                            .last = ALM_TIME_NONE,
                            .oom_at = ALM_TIME_NONE,
                            .oom_limit = NAN};
    }
    return ALM_OK;
}

/* Move the last KEEP rows of FROM, which holds HELD, to the front of TO (which may be the same room). */
static void move_rows(const struct room *from, const struct room *to, size_t held, size_t keep)
{
    size_t skip = held - keep;
    memmove(to->at, from->at + skip, keep * sizeof *to->at);
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (to->value[r])
            memmove(to->value[r], from->value[r] + skip, keep * sizeof *to->value[r]);
    memmove(to->censored, from->censored + skip, keep);
}

/* Make room for N rows behind those that are still needed. */
static int make_room(struct state *s, uint32_t resources, size_t n, struct alm_err *e)
{
    size_t keep = s->window > n ? s->window - n : 0;
    if (keep > s->held)
        keep = s->held;
    struct room old = room_of(s, resources);
    if (keep + n <= s->capacity) {
        if (keep > 0)
            move_rows(&old, &old, s->held, keep);
        s->held = keep;
        return ALM_OK;
    }
    size_t capacity = (keep + n) * 2;
    char *grown = malloc(room_size(resources, capacity));
    if (grown == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu samples of one unit", capacity);
    struct room room = room_at(grown, resources, capacity);
    move_rows(&old, &room, s->held, keep);
    free(s->grown);
    s->grown = grown;
    s->capacity = capacity;
    s->held = keep;
    return ALM_OK;
}

static void append(struct state *s, uint32_t resources, const struct alm_sample *samples, size_t n)
{
    struct room room = room_of(s, resources);
    for (size_t k = 0; k < n; k++) {
        const struct alm_sample *x = &samples[k];
        size_t row = s->held + k;
        room.at[row] = x->at;
        for (int r = 0; r < ALM_RESOURCES && resources >> r; r++)
            if (room.value[r])
                room.value[r][row] = alm_sample_usage(x, (enum alm_resource)r);
        room.censored[row] = x->censored;
        if (x->oom_kills > 0) {
            s->oom_kills += x->oom_kills;
            s->oom_at = x->at;
            s->oom_limit = x->limit[ALM_MEMORY] == ALM_NO_LIMIT ? NAN : (double)x->limit[ALM_MEMORY];
        }
    }
    if (s->samples == 0)
        s->first = samples[0].at;
    s->last = samples[n - 1].at;
    s->samples += n;
    s->held += n;
}

static int observe(const struct alm_units *u, const struct alm_sample *samples, size_t n, struct alm_err *e)
{
    uint32_t resources = u->env->resources;
    size_t k = 0;
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        size_t start = k;
        while (k < n && samples[k].unit == u->id[i])
            k++;
        s->fresh = k - start;
        s->oom_kills = 0;
        s->oom_at = ALM_TIME_NONE;
        s->oom_limit = NAN;
        if (s->window == 0)
            s->held = 0;
        if (s->fresh == 0)
            continue;
        if (s->held + s->fresh > s->capacity)
            ALM_TRY(make_room(s, resources, s->fresh, e));
        append(s, resources, samples + start, s->fresh);
    }
    if (k < n)
        return alm_fail(e, ALM_EMODULE, "sample %zu of %zu is of unit %u, which is not in this round or not in order",
                        k, n, samples[k].unit);
    return ALM_OK;
}

static int profile(const struct alm_units *u, struct alm_profile *out, struct alm_err *e)
{
    (void)e;
    uint32_t resources = u->env->resources;
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        struct room room = room_of(s, resources);
        size_t rows = s->fresh > s->window ? s->fresh : s->window;
        if (rows > s->held)
            rows = s->held;
        size_t skip = s->held - rows;
        out[i] = (struct alm_profile){
            .provides = ALM_PROFILE_RECENT | ALM_PROFILE_WINDOW,
            .window = {.count = rows, .at = room.at + skip, .censored = room.censored + skip},
            .fresh = s->fresh,
            .samples = s->samples,
            .first = s->first,
            .last = s->last,
            .oom_kills = s->oom_kills,
            .oom_at = s->oom_at,
            .oom_limit = s->oom_limit,
        };
        for (int r = 0; r < ALM_RESOURCES; r++)
            out[i].window.value[r] = room.value[r] ? room.value[r] + skip : NULL;
    }
    return ALM_OK;
}

static void fini(const struct alm_units *u)
{
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        free(s->grown);
        s->grown = NULL;
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
