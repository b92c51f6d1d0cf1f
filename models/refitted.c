/* SPDX-License-Identifier: GPL-3.0-or-later
 * refitted: the window, the schedule, the watch over errors, the scale and the season. The header says what.
 *
 * Meaning.  A block is struct refitted, whose ring the season follows, then the model. */
#include "refitted.h"

#include "series/stl.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RING_MAX ((size_t)1 << 20)
#define FEWEST 8           /* values to fit to */
#define COOLING 8          /* part of `refit` that passes before another fit out of turn */
#define OFFSET 0.01        /* of the logarithm, in means of the window */
#define CUSUM_SLACK 0.5    /* half the shift that is looked for, in standard errors */
#define CUSUM_LARGEST 4    /* what one error counts at most */
#define EXPONENT_MOST 700. /* exp of it is a number */

struct refitted {
    uint64_t capacity, period, model; /* of ring and season; bytes before the model */
    uint64_t next, held, seen;        /* ring: where to write, values in it, those that are not missing */
    uint64_t since;                   /* intervals since the last attempt to fit */
    uint64_t tried_on;                /* values known then; 0: none was made */
    uint64_t fitted;                  /* the model is one */
    uint64_t seasonal, at;            /* a season is taken out; the place of the next value in it */
    double last, most;                /* value (NaN: none); largest of the window or since */
    double offset;                    /* of the logarithm */
    double up, down;                  /* CUSUM of errors since the fit */
    double ring[];
};

static size_t slots(const void *opt, const struct alm_env *env)
{
    const size_t n = target_slots(env, ((const struct refitted_opt *)opt)->fit_window);
    return n < RING_MAX ? n : RING_MAX;
}

static size_t period_of(const struct refitted_model *m, const void *opt, const struct alm_env *env)
{
    return m->season ? m->season(opt, env) : 1;
}

static const double *season_of(const struct refitted *b)
{
    return b->ring + b->capacity;
}

/* Bytes before the model. */
static size_t model_at(const struct refitted_model *m, const void *opt, const struct alm_env *env)
{
    return (sizeof(struct refitted) + (slots(opt, env) + period_of(m, opt, env)) * sizeof(double) + 15) & ~(size_t)15;
}

static void *model_of(struct refitted *b)
{
    return (char *)b + b->model;
}

size_t refitted_size(const struct refitted_model *m, const void *opt, const struct alm_env *env)
{
    return model_at(m, opt, env) + m->size(opt, env);
}

int refitted_init(const struct refitted_model *m, const void *opt, const struct alm_env *env, void *block,
                  struct alm_err *e)
{
    struct refitted *b = block;
    b->capacity = slots(opt, env);
    b->period = period_of(m, opt, env);
    b->model = model_at(m, opt, env);
    b->last = NAN;
    return m->check ? m->check(opt, env, e) : ALM_OK;
}

/* ---- scale ---- */

static double scaled(const struct refitted_opt *o, double offset, double value)
{
    return o->log ? log(fmax(value, 0) + offset) : value;
}

static double natural(const struct refitted_opt *o, const struct refitted *b, double y)
{
    const double value = o->log ? exp(fmin(y, EXPONENT_MOST)) - b->offset : y;
    return fmin(fmax(value, 0), fmin(2 * b->most, DBL_MAX));
}

static double natural_error(const struct refitted_opt *o, const struct refitted *b, double value, double se)
{
    if (o->point.errors != POINT_NORMAL || !o->log)
        return se;
    const double z = gsl_cdf_ugaussian_Pinv(o->point.confidence);
    return (value + b->offset) * (z > 1e-6 ? expm1(fmin(z * se, EXPONENT_MOST)) / z : se);
}

/* ---- fitting ---- */

/* Y[b->held]: the values, oldest first; their mean and largest. */
static void unroll(const struct refitted *b, double *y, double *mean, double *most)
{
    double count = 0;
    *mean = *most = 0;
    for (size_t i = 0; i < b->held; i++) {
        y[i] = b->ring[(b->next + b->capacity - b->held + i) % b->capacity];
        if (isnan(y[i]))
            continue;
        count++;
        *mean += (fmax(y[i], 0) - *mean) / count;
        *most = fmax(*most, y[i]);
    }
}

/* Sum of squared steps of Y[n] less S[n] (or NULL), over those that are there. */
static double steps(const double *y, const double *s, size_t n)
{
    double sum = 0;
    for (size_t i = 1; i < n; i++) {
        const double step = y[i] - y[i - 1] - (s ? s[i] - s[i - 1] : 0);
        sum += isnan(step) ? 0 : step * step;
    }
    return sum;
}

/* Whether there is a season in Y[n] worth its coefficients; then SEASON[n] is it. FULL: room for n. */
static bool find_season(const double *y, size_t n, size_t known, size_t period, double *season, double *full)
{
    const struct stl_options how = {.period = period};
    struct alm_err e;
    if (period < 2 || known <= 2 * period)
        return false;
    if (!series_fill(y, n, period, full) || series_stl(full, n, &how, season, NULL, NULL, &e) < 0)
        return false;
    const double rows = (double)known, k = (double)period;
    return steps(y, season, n) * (rows + k) / (rows - k) < steps(y, NULL, n);
}

/* Of the values Y[b->held] on the model's scale; work: room for as many, twice. */
static bool fit_window(const struct refitted_model *m, const void *opt, const struct alm_env *env, struct refitted *b,
                       bool again, double *y, double *work)
{
    const size_t n = b->held, period = b->period;
    const bool seasonal = find_season(y, n, b->seen, period, work, work + n);
    for (size_t i = 0; i < n && seasonal; i++)
        y[i] -= work[i];
    const struct refitted_window w = {.y = y, .n = n, .known = b->seen, .again = again && b->fitted};
    if (!m->fit(opt, env, model_of(b), &w))
        return false;
    b->seasonal = seasonal;
    b->at = 0;
    if (seasonal)
        memcpy(b->ring + b->capacity, work + n - period, period * sizeof *work);
    return true;
}

static int refit(const struct refitted_model *m, const void *opt, const struct alm_env *env, struct refitted *b,
                 bool again, struct alm_err *e)
{
    double mean, most, *y = malloc(3 * b->held * sizeof *y);
    if (!y)
        return alm_fail(e, ALM_ENOMEM, "no memory to fit %zu values", (size_t)b->held);
    unroll(b, y, &mean, &most);
    const double offset = fmax(OFFSET * mean, DBL_MIN);
    for (size_t i = 0; i < b->held; i++)
        y[i] = isnan(y[i]) ? NAN : scaled(opt, offset, y[i]);
    if (fit_window(m, opt, env, b, again, y, y + b->held)) {
        b->fitted = 1;
        b->offset = offset;
    }
    b->most = most;
    b->tried_on = b->seen;
    b->since = 0;
    b->up = b->down = 0;
    free(y);
    return ALM_OK;
}

static bool has_grown(const struct refitted *b)
{
    return b->tried_on == 0 || b->seen >= b->tried_on + (b->tried_on + 1) / 2;
}

/* Values before the first fit. */
static size_t fewest(const struct refitted_opt *o, const struct alm_env *env, const struct refitted *b)
{
    const size_t wanted = target_slots(env, o->min_history), least = wanted > FEWEST ? wanted : FEWEST;
    return least < b->capacity ? least : b->capacity;
}

static bool is_due(const struct refitted_opt *o, const struct alm_env *env, const struct refitted *b)
{
    if (b->seen < fewest(o, env, b))
        return false;
    const size_t after = target_slots(env, o->refit);
    const bool shifted = o->shift > 0 && fmax(b->up, b->down) > o->shift;
    return has_grown(b) || b->since >= after || ((shifted || !b->fitted) && b->since > after / COOLING);
}

/* ---- going on ---- */

static void watch(struct refitted *b, const struct refitted_expected *f, double y)
{
    const double error = y - f->mean;
    double z = error / f->se;
    if (isnan(z)) /* nothing was ever missed, and is not now; or it is not known by how much */
        return;
    z = fmin(fmax(z, -CUSUM_LARGEST), CUSUM_LARGEST);
    b->up = fmax(b->up + z - CUSUM_SLACK, 0);
    b->down = fmax(b->down - z - CUSUM_SLACK, 0);
}

static void step(const struct refitted_model *m, const struct refitted_opt *o, struct refitted *b, double value)
{
    void *model = model_of(b);
    const double usual = b->seasonal ? season_of(b)[b->at] : 0;
    const double y = isnan(value) ? NAN : scaled(o, b->offset, value) - usual;
    if (o->shift > 0 && !isnan(y)) {
        const struct refitted_expected f = m->next(model);
        watch(b, &f, y);
    }
    m->put(model, y);
    if (b->seasonal)
        b->at = b->at + 1 == b->period ? 0 : b->at + 1;
    b->fitted = isfinite(m->next(model).mean) ? 1 : 0;
}

int refitted_put(const struct refitted_model *m, const void *opt, const struct alm_env *env, void *block, double value,
                 struct alm_err *e)
{
    struct refitted *b = block;
    const double known = isfinite(value) ? value : NAN;
    if (b->held == b->capacity)
        b->seen -= isnan(b->ring[b->next]) ? 0 : 1;
    else
        b->held++;
    b->ring[b->next] = known;
    b->next = b->next + 1 == b->capacity ? 0 : b->next + 1;
    b->since++;
    if (b->fitted)
        step(m, opt, b, known);
    if (isnan(known))
        return ALM_OK;
    b->seen++;
    b->last = known;
    b->most = fmax(b->most, known);
    return is_due(opt, env, b) ? refit(m, opt, env, b, !has_grown(b), e) : ALM_OK;
}

struct point_forecast refitted_forecast(const struct refitted_model *m, const void *opt, const struct alm_env *env,
                                        const void *block)
{
    (void)env;
    const struct refitted *b = block;
    if (!b->fitted)
        return (struct point_forecast){.value = b->last, .se = NAN};
    const struct refitted_expected f = m->next((const char *)block + b->model);
    const double value = natural(opt, b, f.mean + (b->seasonal ? season_of(b)[b->at] : 0));
    return (struct point_forecast){.value = value, .se = natural_error(opt, b, value, f.se)};
}

bool refitted_sound(const struct refitted_model *m, const void *opt, const struct alm_env *env, const void *bytes)
{
    struct refitted b;
    memcpy(&b, bytes, sizeof b);
    const size_t capacity = slots(opt, env), period = period_of(m, opt, env), at = model_at(m, opt, env);
    if (b.capacity != capacity || b.period != period || b.model != at)
        return false;
    if (b.next >= capacity || b.held > capacity || b.seen > b.held || b.fitted > 1)
        return false;
    if (b.seasonal > 1 || b.at >= period)
        return false;
    return !b.fitted || m->sound(opt, env, (const char *)bytes + at);
}

/* ---- telling ---- */

void refitted_explain(const struct refitted_model *m, const void *opt, const struct alm_env *env, const void *block,
                      struct explanation *x)
{
    const struct refitted_opt *o = opt;
    const struct refitted *b = block;
    if (!b->fitted) {
        explanation_add(x, "no model: the last value is expected; %zu values known, %zu needed", (size_t)b->seen,
                        fewest(o, env, b));
        return;
    }
    m->explain((const char *)b + b->model, x);
    if (o->log)
        explanation_add(x, "; of log(value + %.3g)", b->offset);
    if (b->seasonal)
        explanation_add(x, " less a season of %zu intervals", (size_t)b->period);
    explanation_add(x, "; last fit %zu intervals ago, to %zu values", (size_t)b->since, (size_t)b->tried_on);
}
