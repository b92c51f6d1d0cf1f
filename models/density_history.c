/* SPDX-License-Identifier: GPL-3.0-or-later
 * density_history: entries of a conditional density, and its forecasts. The header says the choices. */
#include "density_history.h"

#include "explanation.h"
#include "resolution.h"

#include <math.h>
#include <string.h>

#define SEASONAL 0.3 /* weight of the season in the fixed forecast */
#define SPREAD_AT_FIRST 0.3
#define SPREAD_LEAST 0.05
#define MOST_SPREADS 3 /* an error counts no more in what is learned of the forecasts */
#define TRIED 20       /* values before the regression may answer */
#define BELOW 1        /* how far the regression may leave the range of values: logarithms */
#define ABOVE 0.5

size_t density_size(const struct density_shape *shape)
{
    return sizeof(struct density) + COLUMNS * shape->capacity * sizeof(float);
}

/* What the regression looks at, in this order: logarithms, less their mean, and 1. */
enum { NEAR, FAR, NEWEST, SHORT, LONG, BEFORE, CONSTANT };

void density_init(struct density *d, const struct density_shape *shape, enum alm_resource r, double confidence)
{
    const double as_fixed[REGRESSION_TERMS] = {
        [NEAR] = (1 - SEASONAL) / 2, [FAR] = (1 - SEASONAL) / 2, [BEFORE] = SEASONAL};
    memset(d, 0, density_size(shape));
    d->capacity = (uint32_t)shape->capacity;
    d->season = (uint32_t)shape->season;
    d->resolution = alm_resolution(r);
    d->rate = d->missed = 1 - confidence;
    d->common = NAN;
    d->price = log(1 / d->rate);
    d->last = NAN;
    d->value = d->error = d->brief_of = (struct span){INFINITY, -INFINITY};
    regression_start(&d->regression, as_fixed);
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
    memcpy(&slot, &density_column(d, SLOT)[k], sizeof slot);
    return slot;
}

int64_t density_phase(const struct density *d, int64_t slot)
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
            return (double)density_column(d, VALUE)[k];
    }
    return NAN;
}

/* ---- forecasts ---- */

struct two_forecasts {
    double fixed, regression;
    double term[REGRESSION_TERMS];
};

static struct two_forecasts both(const struct density *d, int64_t slot)
{
    const double level = log((level_of(&d->near) + level_of(&d->far)) / 2 + d->resolution),
                 before = season_ago(d, slot), mean = level_of(&d->log_mean);
    struct two_forecasts f = {.fixed = isnan(before) ? level : (1 - SEASONAL) * level + SEASONAL * before,
                              .term = {[NEAR] = log(level_of(&d->near) + d->resolution) - mean,
                                       [FAR] = log(level_of(&d->far) + d->resolution) - mean,
                                       [NEWEST] = d->last - mean,
                                       [SHORT] = level_of(&d->brief) - mean,
                                       [LONG] = level_of(&d->hours) - mean,
                                       [BEFORE] = (isnan(before) ? level : before) - mean,
                                       [CONSTANT] = 1}};
    f.regression = mean + regression_at(&d->regression, f.term);
    return f;
}

static double spread_of(const struct density *d)
{
    const double square = (level_of(&d->square) + level_of(&d->long_square)) / 2;
    return isnan(square) ? SPREAD_AT_FIRST : sqrt(square + SPREAD_LEAST * SPREAD_LEAST);
}

static bool is_regression_better(const struct density *d)
{
    return d->regression_error.weight > TRIED && level_of(&d->regression_error) < level_of(&d->fixed_error);
}

static struct forecast better(const struct density *d, const struct two_forecasts *f)
{
    const bool learned = is_regression_better(d) && isfinite(f->regression);
    const double bounded = fmin(fmax(f->regression, d->value.low - BELOW), d->value.high + ABOVE);
    return (struct forecast){.at = learned ? bounded : f->fixed, .spread = spread_of(d)};
}

struct forecast density_forecast(const struct density *d, int64_t slot)
{
    const struct two_forecasts f = both(d, slot);
    return better(d, &f);
}

static void learn_forecasts(struct density *d, const struct two_forecasts *f, double x)
{
    const double most = MOST_SPREADS * spread_of(d), error = x - f->regression;
    if (!isfinite(error))
        return;
    put_level(&d->fixed_error, 288, fmin(fabs(x - f->fixed), most));
    put_level(&d->regression_error, 288, fmin(fabs(error), most));
    regression_put(&d->regression, f->term, error, most);
}

/* ---- entries ---- */

static void widen(struct span *s, double x)
{
    s->low = fmin(s->low, x);
    s->high = fmax(s->high, x);
}

struct entry {
    int64_t slot;
    double x, error; /* logarithm; in spreads */
    bool censored;
};

static void put_entry(struct density *d, const struct entry *e)
{
    const size_t n = d->capacity, k = d->next;
    const int32_t bits = (int32_t)e->slot;
    const bool full = d->count == n;
    d->held -= full && d->column[HELD * n + k] > 0;
    d->held += e->censored;
    d->column[VALUE * n + k] = (float)e->x;
    d->column[HELD * n + k] = e->censored ? HELD_BACK : 0;
    d->column[LAST * n + k] = (float)d->last;
    d->column[BRIEF * n + k] = (float)level_of(&d->brief);
    d->column[HOURS * n + k] = (float)level_of(&d->hours);
    d->column[ERROR * n + k] = (float)e->error;
    d->column[PHASE * n + k] = (float)density_phase(d, e->slot);
    memcpy(&d->column[SLOT * n + k], &bits, sizeof bits);
    widen(&d->value, e->x);
    widen(&d->error, e->error);
    widen(&d->brief_of, level_of(&d->brief));
    d->next = (uint32_t)((k + 1) % n);
    d->count += d->count < n;
    d->slot = e->slot;
}

/* X came where a forecast can be judged. */
static void put_judged(struct density *d, int64_t slot, double x, bool censored, struct error_pool *errors)
{
    const struct two_forecasts two = both(d, slot);
    const struct forecast f = better(d, &two);
    const double error = x - f.at;
    put_entry(d, &(struct entry){slot, x, error / f.spread, censored});
    if (errors && d->count >= LEAST)
        error_pool_put(errors, error / f.spread);
    learn_forecasts(d, &two, x);
    put_level(&d->square, 12, error * error);
    put_level(&d->long_square, 864, error * error);
}

void density_put(struct density *d, const struct density_value *v, struct density_pool *pool)
{
    const double x = log(fmax(v->value, 0) + d->resolution);
    if (!isfinite(v->value))
        return;
    if (!isnan(d->last))
        put_judged(d, v->slot, x, v->censored, pool ? &pool->errors : NULL);
    d->last = x;
    put_level(&d->brief, 4, x);
    put_level(&d->hours, 36, x);
    put_level(&d->near, 3, fmax(v->value, 0));
    put_level(&d->far, 36, fmax(v->value, 0));
    put_level(&d->mean, 2016, v->value);
    put_level(&d->log_mean, 2016, x);
    put_level(&d->moment, 2016, x * x);
}

void density_explain(const struct density *d, char *text, size_t size)
{
    struct explanation x = explanation_begin(text, size);
    if (d->count < LEAST) {
        explanation_add(&x, "nothing yet: %u values known, %d needed", d->count, LEAST);
        return;
    }
    const bool learned = is_regression_better(d);
    const struct level *used = learned ? &d->regression_error : &d->fixed_error,
                       *other = learned ? &d->fixed_error : &d->regression_error;
    explanation_add(&x, "%u values; forecast by %s, off by %.3g in the logarithm in the last day (%s: %.3g)", d->count,
                    learned ? "regression" : "means", level_of(used), learned ? "means" : "regression",
                    level_of(other));
    if (d->others.errors > 0)
        explanation_add(&x, "; errors of all units: %.0f", d->others.errors);
    if (d->results > 0)
        explanation_add(&x, "; missed %.3g %% of late", 100 * d->missed);
}

bool density_sound(const void *bytes, const struct density_shape *shape)
{
    struct density d;
    memcpy(&d, bytes, sizeof d);
    return d.capacity == shape->capacity && d.season == shape->season && d.count <= d.capacity && d.next < d.capacity;
}
