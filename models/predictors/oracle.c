/* SPDX-License-Identifier: GPL-3.0-or-later
 * oracle: looks up what will be demanded. The lower bound of waste at no overrun, and no predictor.
 *
 * Meaning.  max and min are the largest and smallest true demand of the rows stamped in (now, now + horizon], or of those
 *           that overlap it; missing rows say nothing; where no row lies ahead there is no envelope.
 * Choice.   The two ways are one where stamps lie on the grid of decisions. Elsewhere `stamped` is the convention of replay
 *           in open loop, and `overlapping` the bound in closed loop, where part of a row acts before its stamp.
 *           The rows ahead are read in blocks with a cursor that goes forward, kept behind the unit's state: a cache of
 *           the truth that no answer depends on. Asking for an earlier time starts again from the first row.
 * Limits.   Memory per unit grows with the horizon, not with the trace. */
#include "almanac/demand.h"
#include "almanac/predictor.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { STAMPED, OVERLAPPING };

struct opt {
    alm_time horizon;
    int rows;
};

static const struct alm_opt opts[] = {
    {"horizon", ALM_OPT_DURATION, offsetof(struct opt, horizon), "0s", 0, (double)(100 * 365 * ALM_DAY), NULL,
     "how far ahead it looks; 0 is the interval between decisions"},
    {"rows", ALM_OPT_CHOICE, offsetof(struct opt, rows), "stamped", 0, 0, "stamped|overlapping",
     "which rows count: those stamped in the horizon, or all that overlap it"},
    {0},
};

enum { BLOCK = 256 };

/* Rows [next - (end - start), next) of the unit lie at [start, end) of the columns. */
struct cache {
    uint64_t next;    /* first row that was not read */
    alm_time dropped; /* stamp of the newest row that was let go; ALM_TIME_NONE: none */
    size_t start, end, capacity;
    alm_time *at, *span;
    double *value[ALM_RESOURCES];
};

struct state {
    struct cache *cache;
};

static size_t state_size(const void *opt, const struct alm_env *env)
{
    (void)opt;
    (void)env;
    return sizeof(struct state);
}

static void cache_free(struct cache *c)
{
    if (c == NULL)
        return;
    free(c->at);
    free(c->span);
    for (int r = 0; r < ALM_RESOURCES; r++)
        free(c->value[r]);
    free(c);
}

static void fini(const struct alm_units *u)
{
    for (size_t i = 0; i < u->count; i++) {
        struct state *s = alm_unit_state(u, i);
        cache_free(s->cache);
        s->cache = NULL;
    }
}

static int init(const struct alm_units *u, struct alm_err *e)
{
    const struct alm_demand *d = u->env->demand;
    if (d == NULL)
        return alm_fail(e, ALM_EINVAL, "this platform knows no true demand; use it on a simulated one");
    for (size_t i = 0; i < u->count; i++) {
        if (u->id[i] >= d->units)
            return alm_fail(e, ALM_EINVAL, "unit %u has no true demand; there are %zu units", u->id[i], d->units);
        struct state *s = alm_unit_state(u, i);
        s->cache = calloc(1, sizeof *s->cache);
        if (s->cache == NULL) {
            fini(u);
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu units", u->count);
        }
        s->cache->dropped = ALM_TIME_NONE;
    }
    return ALM_OK;
}

static bool grow_one(void *column, size_t count, size_t size)
{
    void **place = column;
    void *grown = realloc(*place, count * size);
    if (grown)
        *place = grown;
    return grown;
}

/* Room for a block behind the rows that are held. */
static int make_room(struct cache *c, uint32_t resources, struct alm_err *e)
{
    size_t held = c->end - c->start;
    if (c->start > 0) {
        memmove(c->at, c->at + c->start, held * sizeof *c->at);
        memmove(c->span, c->span + c->start, held * sizeof *c->span);
        for (int r = 0; r < ALM_RESOURCES; r++)
            if (c->value[r])
                memmove(c->value[r], c->value[r] + c->start, held * sizeof *c->value[r]);
        c->start = 0;
        c->end = held;
    }
    if (held + BLOCK <= c->capacity)
        return ALM_OK;
    size_t capacity = held * 2 + BLOCK;
    bool fine = grow_one(&c->at, capacity, sizeof *c->at) && grow_one(&c->span, capacity, sizeof *c->span);
    for (int r = 0; r < ALM_RESOURCES && fine; r++)
        fine = !(resources & ALM_BIT(r)) || grow_one(&c->value[r], capacity, sizeof *c->value[r]);
    if (!fine)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu rows of one unit", capacity);
    c->capacity = capacity;
    return ALM_OK;
}

static int read_block(const struct alm_demand *d, size_t unit, uint32_t resources, struct cache *c, struct alm_err *e)
{
    ALM_TRY(make_room(c, resources, e));
    uint64_t left = d->rows[unit] - c->next;
    size_t n = left < BLOCK ? (size_t)left : BLOCK;
    struct alm_demand_rows rows = {.at = c->at + c->end, .span = c->span + c->end};
    for (int r = 0; r < ALM_RESOURCES; r++)
        rows.value[r] = (resources & ALM_BIT(r)) ? c->value[r] + c->end : NULL;
    ALM_TRY(d->read(d, unit, c->next, n, &rows, e));
    for (size_t k = 0; rows.value[ALM_CPU] && k < n; k++)
        rows.value[ALM_CPU][k] = alm_demand_cores(rows.value[ALM_CPU][k], rows.span[k]);
    c->next += n;
    c->end += n;
    return ALM_OK;
}

/* What is looked at: the rows of (now, until] in the sense of `rows`. */
struct view {
    alm_time now, until;
    int rows;
    uint32_t resources;
};

static bool inside(const struct cache *c, size_t k, const struct view *v)
{
    return v->rows == STAMPED ? c->at[k] <= v->until : c->at[k] - c->span[k] < v->until;
}

/* Hold all rows of the view, dropping those before. */
static int look_ahead(const struct alm_demand *d, size_t unit, struct cache *c, const struct view *v, struct alm_err *e)
{
    const alm_time now = v->now;
    if (c->dropped != ALM_TIME_NONE && now < c->dropped) {
        c->next = 0;
        c->start = c->end = 0;
        c->dropped = ALM_TIME_NONE;
    }
    for (;;) {
        while (c->start < c->end && c->at[c->start] <= now)
            c->dropped = c->at[c->start++];
        if (c->next == d->rows[unit] || (c->start < c->end && !inside(c, c->end - 1, v)))
            return ALM_OK;
        ALM_TRY(read_block(d, unit, v->resources, c, e));
    }
}

static void fill(const struct cache *c, const struct view *v, struct alm_envelope *out)
{
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (!(v->resources & ALM_BIT(r)))
            continue;
        double most = -INFINITY, least = INFINITY;
        for (size_t k = c->start; k < c->end && inside(c, k, v); k++) {
            double value = c->value[r][k];
            if (r > ALM_MEMORY)
                value = c->span[k] > 0 ? value / alm_seconds(c->span[k]) : NAN;
            most = value > most ? value : most;
            least = value < least ? value : least;
        }
        if (!(most >= least))
            continue;
        out->has |= ALM_BIT(r);
        out->peak |= ALM_BIT(r);
        out->max[r] = most;
        out->min[r] = least;
        out->confidence[r] = 1;
    }
}

static int predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now, struct alm_envelope *out,
                   struct alm_err *e)
{
    (void)profile;
    const struct opt *o = u->opt;
    const struct alm_demand *d = u->env->demand;
    alm_time ahead = o->horizon > 0 ? o->horizon : u->env->interval;
    struct view view = {.now = now,
                        .until = now > ALM_TIME_MAX - ahead ? ALM_TIME_MAX : now + ahead,
                        .rows = o->rows,
                        .resources = u->env->resources & d->resources};
    for (size_t i = 0; i < u->count; i++) {
        const struct state *s = alm_unit_state(u, i);
        ALM_TRY(look_ahead(d, u->id[i], s->cache, &view, e));
        fill(s->cache, &view, &out[i]);
    }
    return ALM_OK;
}

const struct alm_predictor_ops alm_predictor_oracle = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_predictor_ops),
             .kind = ALM_PREDICTOR,
             .flags = ALM_F_ORACLE,
             .name = "oracle",
             .summary = "the true demand of the coming horizon: a bound, not a predictor",
             .source = "perfect foresight over a horizon",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .state_size = state_size,
    .init = init,
    .predict = predict,
    .fini = fini,
};
