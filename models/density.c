/* SPDX-License-Identifier: GPL-3.0-or-later
 * density: weighted past values to a distribution. The header says where the method stands.
 *
 * Choice.   Weights are reckoned for a block of entries at a time, without branches, so that compilers use vectors; then each goes to its step
 *           of the grid. Sums run in lanes, and the grid is two that take turns, so that no entry waits for the one before it.
 *           A shared price moves by each unit's result, less the more units there are. What is left to a unit is a surcharge in
 *           proportion to how far its own share of misses is from the one wanted, beyond a free range: prices that each unit steers by
 *           itself bring every unit to the same share, at which misses do not fall where they save most. */
#include "density.h"

#include "density_history.h"

#include "almanac/envelope.h"

#include <math.h>
#include <string.h>

#define GRID 1024
#define BEYOND 1.3        /* what lies above the largest value seen */
#define ERRORS 1440       /* newest standardised errors in use */
#define OTHERS 0.25       /* what errors of all units weigh, at the least, where there are any */
#define MOST_OTHERS 10000 /* of them; more tell no more of this unit */
#define BLOCK 256
#define LANES 4
#define EARLY 10 /* misses that are awaited while the price is still looked for */
#define TAILS 1.25
#define RATE_STEP 0.1 /* of what is wanted, by which a miss moves the rate */
#define MOVED 0.25    /* share of the difference of contexts by which an analogue moves */

#define FREE 0.015       /* how far a unit's share of misses may be from what is wanted, */
#define FREE_LESS 0.15   /* less this share of what is wanted */
#define SURCHARGE 200    /* logarithm of the price, by deviation */
#define SURCHARGE_MOST 6 /* logarithm */
#define RATE_PRIOR 50    /* results as wanted, before the first */
#define RATE_WINDOW 1000 /* results */
#define PER_ROUND 50     /* moves by misses that a round of many units may make of a shared price */

/* ---- the distribution ---- */

/* Mass by steps of the logarithm, from `low` on, each told by its upper end. */
struct grid {
    double low, step, by_step;
    double beyond, unknown; /* mass above the last; mass above all that this unit had */
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
    struct error_range others = {d->error.low, d->error.high};
    error_pool_range(&d->others, &others);
    const double low = fmin(d->error.low, others.least), high = fmax(d->error.high, others.most);
    return (struct span){fmin(d->value.low + MOVED * fmin(brief - d->brief_of.high, 0), f->at + f->spread * low),
                         fmax(d->value.high + MOVED * fmax(brief - d->brief_of.low, 0), f->at + f->spread * high)};
}

static inline void put_mass(struct grid *g, double x, double mass)
{
    const double k = (x - g->low) * g->by_step, most = k < GRID - 1 ? k : GRID - 1;
    g->mass[(int32_t)(most > 0 ? most : 0)] += mass;
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
                         .phase = (float)density_phase(d, slot),
                         .by_last = 1 / (0.25F * spread),
                         .by_brief = 1 / (0.35F * spread),
                         .by_hours = 1 / (0.5F * spread),
                         .by_phase = 1 / fmaxf(season / 12, 1),
                         .season = season,
                         .slot = (int32_t)slot,
                         .told = told ? 1 : 0};
}

/* Of a block: weights, and steps of the grid. */
struct weighed {
    float weight[BLOCK];
    int32_t step[BLOCK];
};

/* The N entries from FIRST on. */
static void weigh(const struct density *d, const struct here *h, const struct grid *g, size_t first, size_t n,
                  struct weighed *restrict out)
{
    const float *value = density_column(d, VALUE) + first, *last = density_column(d, LAST) + first,
                *brief = density_column(d, BRIEF) + first;
    const float *held = density_column(d, HELD) + first;
    const float *hours = density_column(d, HOURS) + first, *phase = density_column(d, PHASE) + first,
                *slot = density_column(d, SLOT) + first;
    const float low = (float)g->low, by_step = (float)g->by_step;
    int32_t slots[BLOCK];
    memcpy(slots, slot, n * sizeof *slots);
    for (size_t k = 0; k < n; k++) {
        const float a = (h->last - last[k]) * h->by_last, b = (h->brief - brief[k]) * h->by_brief;
        const float c = (h->hours - hours[k]) * h->by_hours;
        const float apart = fabsf(h->phase - phase[k]), round = h->season - apart;
        const float p = (apart < round ? apart : round) * h->by_phase;
        const float far = 1 + (a * a + b * b + c * c) / 8, other = 1 + p * p / 4, others = other * other;
        const float age = (float)(h->slot - slots[k]);
        const float at = value[k] + h->told * held[k] + (float)MOVED * (h->brief - brief[k]);
        const float step = (at - low) * by_step, most = step < GRID - 1 ? step : GRID - 1;
        out->weight[k] = 2016 * (0.3F * others + 1) / (far * far * (far * far) * (others * (2016 + age))) + 1e-4F;
        out->step[k] = (int32_t)(most > 0 ? most : 0);
    }
}

static void put_block(const struct weighed *w, size_t n, double lanes[2][LANES], double turn[2][GRID])
{
    for (size_t k = 0; k < n; k++) {
        const double mass = (double)w->weight[k];
        lanes[0][k % LANES] += mass;
        lanes[1][k % LANES] += mass * mass;
        turn[k & 1][w->step[k]] += mass;
    }
}

static struct total put_analogues(const struct density *d, int64_t slot, bool told, struct grid *g)
{
    const struct here h = here(d, slot, told);
    struct total total = {0};
    struct weighed w;
    double lanes[2][LANES] = {0}, turn[2][GRID] = {0};
    for (size_t first = 0; first < d->count; first += BLOCK) {
        const size_t n = d->count - first < BLOCK ? d->count - first : BLOCK;
        weigh(d, &h, g, first, n, &w);
        put_block(&w, n, lanes, turn);
    }
    for (size_t k = 0; k < LANES; k++) {
        total.weight += lanes[0][k];
        total.square += lanes[1][k];
    }
    for (size_t k = 0; k < GRID; k++)
        g->mass[k] = turn[0][k] + turn[1][k];
    return total;
}

/* Of the entries FROM .. TO - 1. */
static void put_error_run(const struct density *d, const struct forecast *f, float by_held, size_t from, size_t to,
                          double mass, struct grid *g)
{
    const float *error = density_column(d, ERROR), *held = density_column(d, HELD);
    for (size_t k = from; k < to; k++)
        put_mass(g, f->at + f->spread * (double)error[k] + (double)(by_held * held[k]), mass);
}

static void put_errors(const struct density *d, const struct forecast *f, bool told, double mass, struct grid *g)
{
    const size_t n = d->count < ERRORS ? d->count : ERRORS, head = d->next < n ? d->next : n;
    const double each = mass / (double)n;
    const float by_held = told ? 1 : 0;
    put_error_run(d, f, by_held, d->next - head, d->next, each, g);
    put_error_run(d, f, by_held, d->capacity - (n - head), d->capacity, each, g);
}

static void put_others(const struct density *d, const struct forecast *f, double mass, struct grid *g)
{
    const double each = mass / d->others.errors;
    for (size_t k = 0; k < ERROR_SIZES; k++)
        if (d->others.count[k] > 0)
            put_mass(g, f->at + f->spread * error_pool_size(k), each * (double)d->others.count[k]);
}

/* What lies beyond all that this unit had is as likely as the errors of all units say, or, without any, beyond the largest. */
static void share_mass(const struct density *d, const struct forecast *f, double own, double n, struct grid *g)
{
    const double others = fmin(d->others.errors, MOST_OTHERS), known = n / (n + 1);
    const double weight = others > 0 ? (1 - OTHERS) * known : known;
    for (size_t k = 0; k < GRID; k++)
        g->mass[k] *= weight / own;
    g->unknown = 1 / (n + 1);
    g->beyond = 1 / (n + others + 1);
    if (others > 0)
        put_others(d, f, 1 - weight - g->beyond, g);
}

/* TOLD: values at their limit stand for more. Scaled to 1 with what lies beyond. Returns the effective number of values. */
static double fill(const struct density *d, const struct density_ask *ask, bool told, struct grid *g)
{
    const struct forecast f = density_forecast(d, ask->slot);
    struct span span = bounds(d, &f);
    span.high += told ? HELD_BACK : 0;
    g->low = span.low - 1e-6;
    g->step = fmax((span.high - g->low) / (GRID - 2), 1e-9);
    g->by_step = 1 / g->step;
    const struct total total = put_analogues(d, ask->slot, told, g);
    put_errors(d, &f, told, total.weight / 2, g);
    const double n = total.weight * total.weight / total.square + (double)(d->count < ERRORS ? d->count : ERRORS) / 2;
    share_mass(d, &f, 1.5 * total.weight, n, g);
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
        if (g->mass[k] == 0)
            continue;
        below += g->mass[k];
        if (below >= p)
            return k;
    }
    return GRID;
}

/* How much dearer an overrun is for a unit that misses more often than is wanted: a logarithm. */
static double surcharge(const struct density *d, double wanted)
{
    const double off = d->missed - wanted, free = fmax(FREE - FREE_LESS * wanted, 0);
    const double beyond = off > free ? off - free : fmin(off + free, 0);
    return fmin(fmax(SURCHARGE * beyond, -SURCHARGE_MOST), SURCHARGE_MOST);
}

static double price_of(const struct density *d, double wanted)
{
    return isnan(d->common) ? exp(d->price) * (level_of(&d->mean) + d->resolution)
                            : exp(d->common + surcharge(d, wanted));
}

/* The mass above the cheapest limit, among tails that fall by a fifth: a finer choice would follow the noise of single values. */
static double cheapest_tail(const struct density *d, const struct grid *g, double wanted)
{
    const double price = price_of(d, wanted), top = edge(d, g, GRID - 2) * BEYOND;
    double above = g->beyond, tail = fmax(g->beyond, fmin(g->unknown, wanted / 2)), best = 0,
           least = top + price * g->beyond / 2;
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

/* Early on: how far the logarithm of the price is to move so that as many misses are expected as are wanted. */
static double search(const struct density *d, const struct density_ask *ask, double limit)
{
    const double wanted = 1 - ask->confidence;
    struct grid g;
    if (fill(d, ask, false, &g) * wanted < 1)
        return 0;
    return fmin(fmax((chance_above(d, &g, limit) - wanted) / wanted, -1), 2);
}

static double bounded(double price)
{
    return fmin(fmax(price, -7), 14);
}

void density_learn(struct density *d, const struct density_ask *ask, const struct density_result *result, double step)
{
    const double wanted = 1 - ask->confidence, surprise = result->miss - wanted;
    if (d->count < LEAST)
        return;
    if (ask->even) {
        d->rate = fmin(fmax(d->rate - RATE_STEP * wanted * surprise, wanted / 20), 0.5);
        return;
    }
    double move = step * surprise / sqrt(wanted);
    if ((double)d->learned < EARLY / wanted) {
        const double found = search(d, ask, result->limit);
        if (found != 0)
            move += found / (1 + 0.2 * (double)d->learned++);
    }
    d->price = bounded(d->price + move);
}

static void join(struct density_pool *pool, const struct density *d, double units)
{
    const double own = level_of(&d->mean) + d->resolution;
    if (pool->learned == 0) {
        pool->level = own;
        pool->price = bounded(isnan(d->common) ? d->price : d->common - log(own));
        if (d->others.errors > pool->errors.errors)
            pool->errors = d->others;
    }
    pool->learned++;
    pool->level += (own - pool->level) / fmin((double)pool->learned, units);
}

void density_learn_shared(struct density *d, const struct density_ask *ask, const struct density_result *result,
                          double step, const struct density_share *share)
{
    const double wanted = 1 - ask->confidence, units = fmax((double)share->units, 1);
    struct density_pool *pool = share->pool;
    if (d->count < LEAST)
        return;
    join(pool, d, units);
    const double rounds = (double)pool->learned / units;
    double move = step * (result->miss - wanted) / sqrt(wanted) / fmax(sqrt(units), units / PER_ROUND);
    if (rounds < EARLY / wanted)
        move += search(d, ask, result->limit) / (1 + 0.2 * rounds) / units;
    pool->price = bounded(pool->price + move);
    if (share->units > 1)
        d->missed += (result->miss - d->missed) / fmin((double)(RATE_PRIOR + d->results++), RATE_WINDOW);
}

void density_pay(struct density *d, const struct density_pool *pool)
{
    if (pool->learned > 0)
        d->common = pool->price + log(pool->level);
    d->others = pool->errors;
}

/* The tail is chosen as if nothing had been held back, the limit with what may have been: so that values at their limit never lower it. */
bool density_range(const struct density *d, const struct density_ask *ask, struct density_range *out)
{
    struct grid g;
    if (d->count < LEAST)
        return false;
    const double n = fill(d, ask, false, &g);
    const double tail = ask->even ? d->rate : cheapest_tail(d, &g, 1 - ask->confidence);
    const size_t low = quantile(&g, alm_lower_tail(ask->confidence));
    out->min = low > 0 && low < GRID ? fmax(exp(g.low + g.step * (double)low) - d->resolution, 0) : 0;
    if (d->held)
        fill(d, ask, true, &g);
    out->max = limit_at(d, &g, tail);
    out->min = fmin(out->min, out->max);
    out->confidence = fmin(ask->confidence, n / (n + 1));
    return isfinite(out->max);
}
