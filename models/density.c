/* SPDX-License-Identifier: GPL-3.0-or-later
 * density: weighted past values to a distribution. The header says where the method stands.
 *
 * Choice.   Entries lie in columns of floats, a ring in which their order does not matter: each knows its slot. Weights are reckoned
 *           for a block of entries at a time, without branches, so that compilers use vectors; then each goes to its step of the grid.
 *           The grid spans all that was ever seen, not what is still remembered: that needs no look at each entry. */
#include "density.h"

#include "almanac/envelope.h"

#include "resolution.h"

#include <math.h>
#include <string.h>

#define GRID 1024
#define BEYOND 1.3         /* what lies above the largest value seen */
#define HELD_BACK 0.18232F /* log 1.2: demand above a value at its limit */
#define ERRORS 1440        /* newest standardised errors in use */
#define LEAST 12           /* values before the first answer */
#define BLOCK 256
#define EARLY 10 /* misses that are awaited while the price is still looked for */
#define TAILS 1.25
#define RATE_STEP 0.1 /* of what is wanted, by which a miss moves the rate */
#define MOVED 0.5     /* share of the difference of contexts by which an analogue moves */

/* Exponentially weighted mean. */
struct level {
    double sum, weight;
};

struct span {
    double low, high;
};

struct density {
    uint32_t capacity, season, count, next;
    uint32_t held, pad; /* values at their limit */
    int64_t slot;       /* of the newest entry */
    uint64_t learned;   /* results */
    double resolution;
    double price,
        rate;    /* logarithm of the price; the share of misses to aim at, so that there are as many as are wanted */
    double last; /* logarithm of the newest value */
    struct level brief, hours;      /* context: 4 and 36 intervals */
    struct level near, far, square; /* forecast, of values: 3 and 36 intervals; squared errors: 12 */
    struct level long_square;       /* 3 days */
    struct level mean, moment;      /* of values, of their logarithms' squares: 7 days */
    struct level log_mean;
    struct span value, error, brief_of; /* of all entries ever */
    float column[];                     /* [COLUMNS][capacity] */
};

enum { VALUE, HELD, LAST, BRIEF, HOURS, ERROR, PHASE, SLOT, COLUMNS };

static const float *column(const struct density *d, int k)
{
    return d->column + (size_t)k * d->capacity;
}

size_t density_size(const struct density_shape *shape)
{
    return sizeof(struct density) + COLUMNS * shape->capacity * sizeof(float);
}

void density_init(struct density *d, const struct density_shape *shape, enum alm_resource r, double confidence)
{
    memset(d, 0, density_size(shape));
    d->capacity = (uint32_t)shape->capacity;
    d->season = (uint32_t)shape->season;
    d->resolution = alm_resolution(r);
    d->rate = 1 - confidence;
    d->price = log(1 / d->rate);
    d->last = NAN;
    d->value = d->error = d->brief_of = (struct span){INFINITY, -INFINITY};
}

/* ---- learning ---- */

static double level_of(const struct level *l)
{
    return l->weight > 0 ? l->sum / l->weight : NAN;
}

static void put_level(struct level *l, double half_life, double value)
{
    const double keep = exp2(-1 / half_life);
    l->sum = l->sum * keep + value;
    l->weight = l->weight * keep + 1;
}

static int32_t slot_of(const struct density *d, size_t k)
{
    int32_t slot;
    memcpy(&slot, &column(d, SLOT)[k], sizeof slot);
    return slot;
}

static int64_t phase_of(const struct density *d, int64_t slot)
{
    const int64_t phase = slot % (int64_t)d->season;
    return phase < 0 ? phase + d->season : phase;
}

/* The value one season before SLOT; NaN when there is none. */
static double season_ago(const struct density *d, int64_t slot)
{
    const int64_t back = d->slot - (slot - d->season); /* entries, where none is missing */
    for (int64_t off = back; d->count > 0 && off >= 0 && off < (int64_t)d->count && off > back - 4; off--) {
        const size_t k = (d->next + 2 * (size_t)d->capacity - 1 - (size_t)off) % d->capacity;
        if (slot_of(d, k) == (int32_t)(slot - d->season))
            return (double)column(d, VALUE)[k];
    }
    return NAN;
}

struct forecast {
    double at, spread;
};

static struct forecast forecast(const struct density *d, int64_t slot)
{
    const double level = log((level_of(&d->near) + level_of(&d->far)) / 2 + d->resolution),
                 before = season_ago(d, slot);
    const double square = (level_of(&d->square) + level_of(&d->long_square)) / 2;
    return (struct forecast){.at = isnan(before) ? level : 0.7 * level + 0.3 * before,
                             .spread = isnan(square) ? 0.3 : sqrt(square + 0.0025)};
}

static void widen(struct span *s, double x)
{
    s->low = fmin(s->low, x);
    s->high = fmax(s->high, x);
}

static void put_entry(struct density *d, int64_t slot, double x, bool censored, const struct forecast *f)
{
    const size_t n = d->capacity, k = d->next;
    const int32_t bits = (int32_t)slot;
    const bool full = d->count == n;
    d->held -= full && d->column[HELD * n + k] > 0;
    d->held += censored;
    d->column[VALUE * n + k] = (float)x;
    d->column[HELD * n + k] = censored ? HELD_BACK : 0;
    d->column[LAST * n + k] = (float)d->last;
    d->column[BRIEF * n + k] = (float)level_of(&d->brief);
    d->column[HOURS * n + k] = (float)level_of(&d->hours);
    d->column[ERROR * n + k] = (float)((x - f->at) / f->spread);
    d->column[PHASE * n + k] = (float)phase_of(d, slot);
    memcpy(&d->column[SLOT * n + k], &bits, sizeof bits);
    widen(&d->value, x);
    widen(&d->error, (x - f->at) / f->spread);
    widen(&d->brief_of, level_of(&d->brief));
    d->next = (uint32_t)((k + 1) % n);
    d->count += d->count < n;
    d->slot = slot;
}

void density_put(struct density *d, int64_t slot, double value, bool censored)
{
    const double x = log(fmax(value, 0) + d->resolution);
    if (!isfinite(value))
        return;
    const struct forecast f = forecast(d, slot);
    if (!isnan(d->last)) {
        const double error = x - f.at;
        put_entry(d, slot, x, censored, &f);
        put_level(&d->square, 12, error * error);
        put_level(&d->long_square, 864, error * error);
    }
    d->last = x;
    put_level(&d->brief, 4, x);
    put_level(&d->hours, 36, x);
    put_level(&d->near, 3, fmax(value, 0));
    put_level(&d->far, 36, fmax(value, 0));
    put_level(&d->mean, 2016, value);
    put_level(&d->log_mean, 2016, x);
    put_level(&d->moment, 2016, x * x);
}

/* ---- the distribution ---- */

/* Mass by steps of the logarithm, from `low` on, each told by its upper end. */
struct grid {
    double low, step, by_step, beyond; /* beyond: mass above the last */
    double mass[GRID];
};

static double spread_of_values(const struct density *d)
{
    const double mean = level_of(&d->log_mean);
    return sqrt(fmax(level_of(&d->moment) - mean * mean, 0)) + 0.05;
}

/* Where the smallest and the largest of both samples may lie. */
static struct span bounds(const struct density *d, const struct forecast *f)
{
    const double brief = level_of(&d->brief);
    return (struct span){
        fmin(d->value.low + MOVED * fmin(brief - d->brief_of.high, 0), f->at + f->spread * d->error.low),
        fmax(d->value.high + MOVED * fmax(brief - d->brief_of.low, 0), f->at + f->spread * d->error.high)};
}

static inline void put_mass(struct grid *g, double x, double mass)
{
    const double k = (x - g->low) * g->by_step;
    g->mass[k < 0 ? 0 : k >= GRID - 1 ? GRID - 1 : (size_t)k] += mass;
}

/* Of the effective number of values, and with their total mass. */
struct total {
    double weight, square;
};

/* What the weights of entries are reckoned from. */
struct here {
    float last, brief, hours, phase;             /* now */
    float by_last, by_brief, by_hours, by_phase; /* one over the widths */
    float season;
    int32_t slot;
    float told; /* 1: values at their limit stand for more; 0: for themselves */
};

static struct here here(const struct density *d, int64_t slot, bool told)
{
    const float spread = (float)spread_of_values(d), season = (float)d->season;
    return (struct here){.last = (float)d->last,
                         .brief = (float)level_of(&d->brief),
                         .hours = (float)level_of(&d->hours),
                         .phase = (float)phase_of(d, slot),
                         .by_last = 1 / (0.25F * spread),
                         .by_brief = 1 / (0.35F * spread),
                         .by_hours = 1 / (0.5F * spread),
                         .by_phase = 1 / fmaxf(season / 12, 1),
                         .season = season,
                         .slot = (int32_t)slot,
                         .told = told ? 1 : 0};
}

/* WEIGHT and place AT of the N entries from FIRST on. */
static void weigh(const struct density *d, const struct here *h, size_t first, size_t n, float *restrict weight,
                  float *restrict at)
{
    const float *value = column(d, VALUE) + first, *last = column(d, LAST) + first, *brief = column(d, BRIEF) + first;
    const float *held = column(d, HELD) + first;
    const float *hours = column(d, HOURS) + first, *phase = column(d, PHASE) + first, *slot = column(d, SLOT) + first;
    int32_t slots[BLOCK];
    memcpy(slots, slot, n * sizeof *slots);
    for (size_t k = 0; k < n; k++) {
        const float a = (h->last - last[k]) * h->by_last, b = (h->brief - brief[k]) * h->by_brief;
        const float c = (h->hours - hours[k]) * h->by_hours;
        const float apart = fabsf(h->phase - phase[k]), round = h->season - apart;
        const float p = (apart < round ? apart : round) * h->by_phase;
        const float near = 1 / (1 + (a * a + b * b + c * c) / 8), daily = 1 / (1 + p * p / 4);
        const float age = (float)(h->slot - slots[k]);
        weight[k] = near * near * near * near * (0.3F + daily * daily) * (2016 / (2016 + age)) + 1e-4F;
        at[k] = value[k] + h->told * held[k] + (float)MOVED * (h->brief - brief[k]);
    }
}

static struct total put_analogues(const struct density *d, int64_t slot, bool told, struct grid *g)
{
    const struct here h = here(d, slot, told);
    struct total total = {0};
    float weight[BLOCK], at[BLOCK];
    for (size_t first = 0; first < d->count; first += BLOCK) {
        const size_t n = d->count - first < BLOCK ? d->count - first : BLOCK;
        weigh(d, &h, first, n, weight, at);
        for (size_t k = 0; k < n; k++) {
            total.weight += (double)weight[k];
            total.square += (double)(weight[k] * weight[k]);
            put_mass(g, (double)at[k], (double)weight[k]);
        }
    }
    return total;
}

static void put_errors(const struct density *d, const struct forecast *f, bool told, double mass, struct grid *g)
{
    const size_t n = d->count < ERRORS ? d->count : ERRORS;
    const float *error = column(d, ERROR), *held = column(d, HELD);
    for (size_t i = 0; i < n; i++) {
        const size_t k = (d->next + d->capacity - 1 - i) % d->capacity;
        put_mass(g, f->at + f->spread * (double)error[k] + (told ? (double)held[k] : 0), mass / (double)n);
    }
}

/* TOLD: values at their limit stand for more. Scaled to 1 with what lies beyond. Returns the effective number of values. */
static double fill(const struct density *d, const struct density_ask *ask, bool told, struct grid *g)
{
    const struct forecast f = forecast(d, ask->slot);
    struct span span = bounds(d, &f);
    span.high += told ? HELD_BACK : 0;
    g->low = span.low - 1e-6;
    g->step = fmax((span.high - g->low) / (GRID - 2), 1e-9);
    g->by_step = 1 / g->step;
    memset(g->mass, 0, sizeof g->mass);
    const struct total total = put_analogues(d, ask->slot, told, g);
    put_errors(d, &f, told, total.weight / 2, g);
    const double n = total.weight * total.weight / total.square + (double)(d->count < ERRORS ? d->count : ERRORS) / 2;
    const double scale = n / (n + 1) / (1.5 * total.weight);
    for (size_t k = 0; k < GRID; k++)
        g->mass[k] *= scale;
    g->beyond = 1 / (n + 1);
    return n;
}

static double edge(const struct density *d, const struct grid *g, size_t k)
{
    return fmax(exp(g->low + g->step * (double)(k + 1)) - d->resolution, 0);
}

/* The step at which the mass from below reaches P; GRID when none does. */
static size_t quantile(const struct grid *g, double p)
{
    double below = 0;
    for (size_t k = 0; k < GRID; k++) {
        below += g->mass[k];
        if (below >= p)
            return k;
    }
    return GRID;
}

/* The mass above the cheapest limit, among tails that fall by a fifth: a finer choice would follow the noise of single values. */
static double cheapest_tail(const struct density *d, const struct grid *g)
{
    const double price = exp(d->price) * (level_of(&d->mean) + d->resolution), top = edge(d, g, GRID - 2) * BEYOND;
    double above = g->beyond, tail = g->beyond, best = 0, least = top + price * g->beyond / 2;
    for (size_t k = GRID; k-- > 0 && above < 0.5; above += g->mass[k]) {
        if (g->mass[k] == 0 || above < tail)
            continue;
        const double cost = edge(d, g, k) + price * above;
        tail = fmax(above, tail) * TAILS;
        if (cost >= least)
            continue;
        least = cost;
        best = above;
    }
    return best;
}

/* The limit that leaves no more than TAIL above it. */
static double limit_at(const struct density *d, const struct grid *g, double tail)
{
    double above = g->beyond;
    size_t k = GRID;
    if (above > tail)
        return edge(d, g, GRID - 2) * BEYOND;
    while (k > 1 && above + g->mass[k - 1] <= tail * (1 + 1e-12))
        above += g->mass[--k];
    return edge(d, g, k - 1);
}

/* The chance of more than LIMIT. */
static double chance_above(const struct density *d, const struct grid *g, double limit)
{
    double above = g->beyond;
    for (size_t k = GRID; k-- > 0 && edge(d, g, k) > limit * (1 + 1e-9);)
        above += g->mass[k];
    return above;
}

void density_learn(struct density *d, const struct density_ask *ask, const struct density_result *result, double step)
{
    const double wanted = 1 - ask->confidence;
    struct grid g;
    if (d->count < LEAST)
        return;
    const double surprise = result->miss - wanted;
    if (ask->even) {
        d->rate = fmin(fmax(d->rate - RATE_STEP * wanted * surprise, wanted / 20), 0.5);
        return;
    }
    double move = step * surprise / sqrt(wanted);
    if ((double)d->learned < EARLY / wanted && fill(d, ask, false, &g) * wanted >= 1) {
        const double off = (chance_above(d, &g, result->limit) - wanted) / wanted;
        move += fmin(fmax(off, -1), 2) / (1 + 0.2 * (double)d->learned++);
    }
    d->price = fmin(fmax(d->price + move, -7), 14);
}

/* The tail is chosen as if nothing had been held back, the limit with what may have been: so that values at their limit never lower it. */
bool density_range(const struct density *d, const struct density_ask *ask, struct density_range *out)
{
    struct grid g;
    if (d->count < LEAST)
        return false;
    const double n = fill(d, ask, false, &g);
    const double tail = ask->even ? d->rate : cheapest_tail(d, &g);
    const size_t low = quantile(&g, alm_lower_tail(ask->confidence));
    out->min = low > 0 && low < GRID ? fmax(exp(g.low + g.step * (double)low) - d->resolution, 0) : 0;
    if (d->held)
        fill(d, ask, true, &g);
    out->max = limit_at(d, &g, tail);
    out->min = fmin(out->min, out->max);
    out->confidence = fmin(ask->confidence, n / (n + 1));
    return isfinite(out->max);
}

bool density_sound(const void *bytes, const struct density_shape *shape)
{
    struct density d;
    memcpy(&d, bytes, sizeof d);
    return d.capacity == shape->capacity && d.season == shape->season && d.count <= d.capacity && d.next < d.capacity;
}
