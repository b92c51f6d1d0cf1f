/* SPDX-License-Identifier: GPL-3.0-or-later
 * point: from forecasts and past errors to ranges. The header says what.
 *
 * Choice.   A unit's state is its target, then for each resource that is shown the errors and the model's block. The errors lie in
 *           order of size, so a prediction is two look-ups and a value is a binary search and a move. */
#include "point.h"

#include "quantile.h"
#include "resolution.h"
#include "saved.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#define ERRORS_MAX ((size_t)1 << 20)
#define MEMORY_OFFSET 0.5 /* share of the mean */
#define CENSORED_BY 0.2   /* what was held back is taken to be this share above what was seen */

/* Of one resource; the sorted window follows, then the block. */
struct errors {
    uint64_t count;
    double square; /* mean of squared differences, of the last ones by an exponential weight */
    double level;  /* mean of values, likewise */
};

struct layout {
    size_t target, window, block, each; /* bytes; `each`: of one resource */
    size_t capacity;
};

static size_t up(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

static size_t capacity_of(const struct point_opt *o, const struct alm_env *env)
{
    const size_t n = target_slots(env, o->errors_window);
    return n < ERRORS_MAX ? n : ERRORS_MAX;
}

static struct layout layout_of(const struct point *p, const void *opt, const struct alm_env *env)
{
    struct layout l = {.target = up(target_size(env)), .capacity = capacity_of(opt, env)};
    l.window = up(alm_sorted_window_size(l.capacity));
    l.block = up(p->size(opt, env));
    l.each = up(sizeof(struct errors)) + l.window + l.block;
    return l;
}

static struct errors *errors_of(const struct layout *l, char *unit, size_t k)
{
    return (struct errors *)(void *)(unit + l->target + k * l->each);
}

static struct alm_sorted_window *window_of(const struct layout *l, char *unit, size_t k)
{
    return (struct alm_sorted_window *)(void *)(unit + l->target + k * l->each + up(sizeof(struct errors)));
}

static void *block_of(const struct layout *l, char *unit, size_t k)
{
    return unit + l->target + k * l->each + up(sizeof(struct errors)) + l->window;
}

static size_t count_resources(const struct alm_env *env)
{
    return (size_t)__builtin_popcount(env->resources);
}

size_t point_state_size(const struct point *p, const void *opt, const struct alm_env *env)
{
    const struct layout l = layout_of(p, opt, env);
    return l.target + count_resources(env) * l.each;
}

int point_init(const struct point *p, const struct alm_units *u, struct alm_err *e)
{
    if (u->env->interval <= 0)
        return alm_fail(e, ALM_EINVAL, "the interval between decisions is not known; it must be above 0");
    const struct layout l = layout_of(p, u->opt, u->env);
    for (size_t i = 0; i < u->count; i++)
        for (size_t k = 0; k < count_resources(u->env); k++) {
            char *unit = alm_unit_state(u, i);
            alm_sorted_window_init(window_of(&l, unit, k), l.capacity);
            if (p->init)
                ALM_TRY(p->init(u->opt, u->env, block_of(&l, unit, k), e));
        }
    return ALM_OK;
}

/* ---- learning ---- */

/* How far VALUE was from forecast F, upward. */
static double error_of(enum point_errors how, double value, double f, double offset)
{
    return how == POINT_RATIO ? log((value + offset) / (fmax(f, 0) + offset)) : value - f;
}

/* What is added to both sides of a ratio. */
static double offset_of(enum alm_resource r, const struct errors *x)
{
    return r == ALM_MEMORY ? fmax(alm_resolution(r), MEMORY_OFFSET * x->level) : alm_resolution(r);
}

static void learn_error(const struct point_opt *o, enum alm_resource r, struct errors *x, struct alm_sorted_window *w,
                        double value, bool censored, double f)
{
    const double s = offset_of(r, x), by = censored ? CENSORED_BY : 0;
    const double seen = value - f, held = value * (1 + by) - f;
    const double square = fmax(seen * seen, held * held),
                 error = error_of((enum point_errors)o->errors, value * (1 + by), f, s);
    if (!isfinite(square) || !isfinite(error))
        return;
    x->count++;
    const double n = (double)(x->count < w->capacity ? x->count : w->capacity);
    x->square += (square - x->square) / n;
    x->level += (value - x->level) / n;
    if (o->errors != POINT_NORMAL)
        alm_sorted_window_put(w, error);
}

static int learn(const struct point *p, const struct alm_units *u, const struct layout *l, char *unit,
                 const struct target_value *v, struct alm_err *e)
{
    const size_t gap = v->gap < l->capacity ? v->gap : l->capacity;
    for (uint32_t left = u->env->resources, k = 0; left; left &= left - 1, k++) {
        const enum alm_resource r = (enum alm_resource)__builtin_ctz(left);
        void *block = block_of(l, unit, k);
        for (size_t missed = 0; missed < gap; missed++)
            ALM_TRY(p->put(u->opt, u->env, block, NAN, e));
        const double value = v->value[r];
        const double f = isnan(value) ? NAN : p->forecast(u->opt, u->env, block).value;
        if (!isnan(f))
            learn_error(u->opt, r, errors_of(l, unit, k), window_of(l, unit, k), value, v->censored & ALM_BIT(r), f);
        ALM_TRY(p->put(u->opt, u->env, block, value, e));
    }
    return ALM_OK;
}

int point_observe(const struct point *p, const struct alm_units *u, const struct alm_profile *profile,
                  struct alm_err *e)
{
    const struct layout l = layout_of(p, u->opt, u->env);
    const struct point_opt *o = u->opt;
    for (size_t i = 0; i < u->count; i++) {
        char *unit = alm_unit_state(u, i);
        struct target *t = (struct target *)(void *)unit;
        struct target_value v;
        size_t row = profile[i].window.count - profile[i].fresh;
        while (target_next(t, u->env, (enum alm_statistic)o->statistic, &profile[i], &row, &v))
            ALM_TRY(learn(p, u, &l, unit, &v, e));
    }
    return ALM_OK;
}

/* ---- predicting ---- */

struct range {
    double min, max, confidence;
};

static struct range normal_range(const struct point_opt *o, const struct errors *x, const struct point_forecast *f)
{
    const double se = isnan(f->se) ? sqrt(x->square) : f->se;
    const bool known = !isnan(f->se) || x->count > 1;
    return (struct range){.min = f->value + gsl_cdf_ugaussian_Pinv(alm_lower_tail(o->confidence)) * se,
                          .max = f->value + gsl_cdf_ugaussian_Pinv(o->confidence) * se,
                          .confidence = known ? o->confidence : NAN};
}

static double moved(enum point_errors how, double f, double error, double offset)
{
    return how == POINT_RATIO ? (fmax(f, 0) + offset) * exp(error) - offset : f + error;
}

/* Of the n errors in W the order statistics that the next one is below with the asked-for chance. */
static struct range error_range(const struct point_opt *o, const struct alm_sorted_window *w, double f, double offset)
{
    const double *sorted = alm_sorted_window_view(w);
    const double n = (double)w->count;
    const double upper = ceil((n + 1) * o->confidence - 1e-9),
                 lower = floor((n + 1) * alm_lower_tail(o->confidence) + 1e-9);
    struct range range = {.confidence = o->confidence};
    if (upper <= n)
        range.max = moved((enum point_errors)o->errors, f, sorted[(size_t)upper - 1], offset);
    else { /* too few to tell */
        range.max = 2 * fmax(f, moved((enum point_errors)o->errors, f, w->count ? sorted[w->count - 1] : 0, offset));
        range.confidence = n / (n + 1);
    }
    if (lower >= 1)
        range.min = moved((enum point_errors)o->errors, f, sorted[(size_t)lower - 1], offset);
    return range;
}

static void say(const struct point_opt *o, enum alm_resource r, const struct range *range, struct alm_envelope *out)
{
    if (!isfinite(range->max))
        return;
    out->has |= ALM_BIT(r);
    out->max[r] = fmax(range->max, 0);
    out->min[r] = fmin(fmax(range->min, 0), out->max[r]);
    out->confidence[r] = range->confidence;
    alm_envelope_speaks_of(
        out, r, r == ALM_MEMORY ? ALM_STAT_PEAK : (r == ALM_CPU ? (enum alm_statistic)o->statistic : ALM_STAT_MEAN));
}

void point_predict(const struct point *p, const struct alm_units *u, struct alm_envelope *out)
{
    const struct layout l = layout_of(p, u->opt, u->env);
    const struct point_opt *o = u->opt;
    for (size_t i = 0; i < u->count; i++) {
        char *unit = alm_unit_state(u, i);
        for (uint32_t left = u->env->resources, k = 0; left; left &= left - 1, k++) {
            const enum alm_resource r = (enum alm_resource)__builtin_ctz(left);
            const struct point_forecast f = p->forecast(u->opt, u->env, block_of(&l, unit, k));
            if (isnan(f.value))
                continue;
            const struct range range = o->errors == POINT_NORMAL ? normal_range(o, errors_of(&l, unit, k), &f)
                                                                 : error_range(o, window_of(&l, unit, k), f.value,
                                                                               offset_of(r, errors_of(&l, unit, k)));
            say(o, r, &range, &out[i]);
        }
    }
}

/* ---- keeping ---- */

static struct alm_saved_as saved_as(const struct point *p, const struct alm_units *u)
{
    uint64_t made_with = alm_fingerprint(0, &u->env->resources, sizeof u->env->resources);
    made_with = alm_fingerprint(made_with, &u->env->interval, sizeof u->env->interval);
    made_with = alm_fingerprint(made_with, u->opt, p->opt_size);
    return (struct alm_saved_as){.module = p->saved_as, .version = 2, .made_with = made_with};
}

int point_save(const struct point *p, const struct alm_units *u, size_t i, void *buffer, size_t *size,
               struct alm_err *e)
{
    const struct alm_saved_as as = saved_as(p, u);
    return alm_saved_write(&as, alm_unit_state(u, i), point_state_size(p, u->opt, u->env), buffer, size, e);
}

static bool window_sound(const struct layout *l, const char *unit, size_t k)
{
    struct alm_sorted_window w;
    memcpy(&w, unit + l->target + k * l->each + up(sizeof(struct errors)), sizeof w);
    return w.capacity == l->capacity && w.count <= w.capacity && w.next < w.capacity;
}

int point_load(const struct point *p, const struct alm_units *u, size_t i, const void *buffer, size_t size,
               struct alm_err *e)
{
    const struct alm_saved_as as = saved_as(p, u);
    const struct layout l = layout_of(p, u->opt, u->env);
    const size_t bytes = point_state_size(p, u->opt, u->env);
    const void *state;
    ALM_TRY(alm_saved_read(&as, buffer, size, bytes, &state, e));
    for (size_t k = 0; k < count_resources(u->env); k++) {
        const char *block = (const char *)state + l.target + k * l.each + up(sizeof(struct errors)) + l.window;
        if (!window_sound(&l, state, k) || (p->sound && !p->sound(u->opt, u->env, block)))
            return alm_fail(e, ALM_EDATA, "the saved state holds values that cannot be");
    }
    memcpy(alm_unit_state(u, i), state, bytes);
    return ALM_OK;
}

void point_fini(const struct point *p, const struct alm_units *u)
{
    const struct layout l = layout_of(p, u->opt, u->env);
    for (size_t i = 0; p->release && i < u->count; i++)
        for (size_t k = 0; k < count_resources(u->env); k++)
            p->release(block_of(&l, alm_unit_state(u, i), k));
}

/* ---- telling ---- */

void point_explain(const struct point *p, const struct alm_units *u, size_t i, enum alm_resource r, char *text,
                   size_t size)
{
    const struct layout l = layout_of(p, u->opt, u->env);
    const struct point_opt *o = u->opt;
    const size_t k = (size_t)__builtin_popcount(u->env->resources & (ALM_BIT(r) - 1));
    char *unit = alm_unit_state(u, i);
    struct explanation x = explanation_begin(text, size);
    p->explain(u->opt, u->env, block_of(&l, unit, k), &x);
    if (o->errors != POINT_NORMAL)
        explanation_add(&x, "; widened by %zu past errors", (size_t)window_of(&l, unit, k)->count);
}
