/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_filter: the steady-state filter on rings.
 *
 * Meaning.  data: taps of the ARMA part, taps of the differencing (lag, weight), the Fourier terms of each phase, then three vectors of r + lost: the
 *           state, the effect of the first shock of the gap, and room for sharing out a gap. In a vector element i of the ARMA state lies
 *           at (head + i) mod r, the value j steps ago at (newest + j - 1) mod lost.
 * Choice.   x'_i = x_{i+1} + phi_i w + theta_i v, the transposed direct form: moving the head shifts the state. */
#include "arima_filter.h"

#include "arima_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum vector { STATE, SHOCK, SHARE };

static size_t most_taps(size_t low, size_t high)
{
    return (low + 1) * (high + 1) - 1;
}

size_t arima_filter_size(const struct arima_spec *spec)
{
    const struct arima_order *o = &spec->order;
    const size_t p = arima_ar_degree(o), q = arima_ma_degree(o), r = p > q + 1 ? p : q + 1;
    const size_t taps = most_taps(o->p, o->P) + most_taps(o->q, o->Q);
    const size_t doubles = 2 * most_taps(o->d, o->D) + (spec->fourier ? o->s : 0) + 3 * (r + arima_lost(o));
    return sizeof(struct arima_filter) + taps * sizeof(struct arima_filter_tap) + doubles * sizeof(double);
}

/* ---- where things are ---- */

static const struct arima_filter_tap *taps_of(const struct arima_filter *f)
{
    return (const struct arima_filter_tap *)(const void *)f->data;
}

static const double *deltas_of(const struct arima_filter *f)
{
    return f->data + f->taps * (sizeof(struct arima_filter_tap) / sizeof(double));
}

static const double *season_of(const struct arima_filter *f)
{
    return deltas_of(f) + 2 * (size_t)f->delta_taps;
}

static double *vector_of(struct arima_filter *f, enum vector which)
{
    const size_t before = (size_t)(season_of(f) - f->data) + f->season;
    return f->data + before + (size_t)which * (f->r + f->lost);
}

static const double *state_of(const struct arima_filter *f)
{
    return season_of(f) + f->season;
}

/* ---- steps ---- */

struct place {
    uint32_t head, newest;
};

static uint32_t wrap(uint32_t i, uint32_t n)
{
    return i >= n ? i - n : i;
}

/* sum delta_j z_{t-j}. */
static double carried(const struct arima_filter *f, const double *x, uint32_t newest)
{
    const double *delta = deltas_of(f), *last = x + f->r;
    double sum = 0;
    for (uint32_t i = 0; i < f->delta_taps; i++)
        sum += delta[2 * i + 1] * last[wrap(newest + (uint32_t)delta[2 * i] - 1, f->lost)];
    return sum;
}

/* One step of vector X at PLACE under shock V. */
static void step(const struct arima_filter *f, double *x, struct place *place, double v)
{
    const struct arima_filter_tap *tap = taps_of(f);
    const double w = x[place->head] + v;
    if (f->lost) {
        const double z = w + carried(f, x, place->newest);
        place->newest = place->newest ? place->newest - 1 : f->lost - 1;
        x[f->r + place->newest] = z;
    }
    x[place->head] = 0;
    place->head = wrap(place->head + 1, f->r);
    for (uint32_t i = 0; i < f->taps; i++)
        x[wrap(place->head + tap[i].lag - 1, f->r)] += tap[i].ar * w + tap[i].ma * v;
}

static double level_of(const struct arima_filter *f, const double *x, struct place place)
{
    return x[place.head] + (f->lost ? carried(f, x, place.newest) : 0);
}

static double regression_at(const struct arima_filter *f, int64_t t)
{
    double sum = f->mean + f->drift * (double)t;
    if (f->season)
        sum += season_of(f)[t % f->season];
    return sum;
}

static void put_missing(struct arima_filter *f)
{
    double *shock = vector_of(f, SHOCK);
    struct place here = {f->head, f->newest}, there = here;
    if (!f->gap) {
        memset(shock, 0, (f->r + f->lost) * sizeof *shock);
        f->psi2 = 0;
        f->psi[0] = 1;
    }
    step(f, vector_of(f, STATE), &here, 0);
    step(f, shock, &there, f->gap ? 0 : 1);
    f->head = here.head;
    f->newest = here.newest;
    const double psi = level_of(f, shock, here);
    if (f->gap < UINT32_MAX)
        f->gap++;
    if (f->gap <= ARIMA_FILTER_GAP)
        f->psi[f->gap] = psi;
    f->psi2 += psi * psi;
}

/* The first value after a gap: its error V is shared out over the shocks since the last value. */
static void close_gap(struct arima_filter *f, double v)
{
    double *share = vector_of(f, SHARE), *state = vector_of(f, STATE);
    const uint32_t shocks = f->gap < ARIMA_FILTER_GAP ? f->gap : ARIMA_FILTER_GAP;
    struct place here = {f->head, f->newest}, there = here;
    double squares = 0;
    memset(share, 0, (f->r + f->lost) * sizeof *share);
    for (uint32_t j = shocks + 1; j-- > 0;) {
        step(f, share, &there, f->psi[j]);
        squares += f->psi[j] * f->psi[j];
    }
    step(f, state, &here, 0);
    for (uint32_t i = 0; i < f->r; i++)
        state[wrap(here.head + i, f->r)] += share[wrap(there.head + i, f->r)] * (v / squares);
    for (uint32_t i = 0; i < f->lost; i++)
        state[f->r + wrap(here.newest + i, f->lost)] += share[f->r + wrap(there.newest + i, f->lost)] * (v / squares);
    f->head = here.head;
    f->newest = here.newest;
    f->gap = 0;
}

void arima_filter_put(struct arima_filter *filter, double value)
{
    filter->t++;
    if (!isfinite(value)) {
        put_missing(filter);
        return;
    }
    double *state = vector_of(filter, STATE);
    struct place place = {filter->head, filter->newest};
    const double v = value - regression_at(filter, filter->t) - level_of(filter, state, place);
    if (filter->gap) {
        close_gap(filter, v);
        return;
    }
    step(filter, state, &place, v);
    filter->head = place.head;
    filter->newest = place.newest;
}

struct arima_expected arima_filter_next(const struct arima_filter *filter)
{
    const struct place place = {filter->head, filter->newest};
    const double more = filter->gap ? filter->psi2 : 0;
    return (struct arima_expected){regression_at(filter, filter->t + 1) + level_of(filter, state_of(filter), place),
                                   filter->sigma * sqrt(1 + more)};
}

static size_t used(const struct arima_filter *f)
{
    return (size_t)((const char *)(state_of(f) + 3 * ((size_t)f->r + f->lost)) - (const char *)f);
}

void arima_filter_forecast(const struct arima_filter *filter, size_t h, double *mean, double *se,
                           struct arima_filter *work)
{
    memcpy(work, filter, used(filter));
    for (size_t i = 0; i < h; i++) {
        const struct arima_expected next = arima_filter_next(work);
        mean[i] = next.mean;
        se[i] = next.se;
        arima_filter_put(work, NAN);
    }
}

/* ---- start ---- */

/* WORK[p + q + lost], expanded. */
static void set_taps(struct arima_filter *f, const struct arima_order *o, const double *coefficient, double *work)
{
    const size_t p = arima_ar_degree(o), q = arima_ma_degree(o);
    double *phi = work, *theta = phi + p, *delta = theta + q;
    struct arima_filter_tap *tap = (struct arima_filter_tap *)(void *)f->data;
    arima_expand(o, coefficient, phi, theta);
    for (size_t j = 1; j <= (p > q ? p : q); j++) {
        const double ar = j <= p ? phi[j - 1] : 0, ma = j <= q ? theta[j - 1] : 0;
        if (ar != 0 || ma != 0)
            tap[f->taps++] = (struct arima_filter_tap){.lag = (uint32_t)j, .ar = ar, .ma = ma};
    }
    double *pair = f->data + (deltas_of(f) - f->data);
    arima_delta(o, delta);
    for (size_t j = 1; j <= f->lost; j++)
        if (delta[j - 1] != 0) {
            pair[2 * f->delta_taps] = (double)j;
            pair[2 * f->delta_taps++ + 1] = delta[j - 1];
        }
}

static void set_regression(struct arima_filter *f, const struct arima_fit *fit)
{
    const struct arima_result *r = &fit->result;
    const double *b = r->coefficient + r->arma;
    f->mean = r->mean ? *b++ : 0;
    f->drift = r->drift ? *b++ : 0;
    f->season = r->fourier ? (uint32_t)fit->spec.order.s : 0;
    double *table = f->data + (season_of(f) - f->data);
    const struct arima_spec pairs = {.order = fit->spec.order, .fourier = r->fourier};
    for (size_t phase = 0; phase < f->season; phase++) {
        table[phase] = 0;
        for (size_t j = 0; j < 2 * r->fourier; j++)
            table[phase] += b[j] * arima_regressor(&pairs, j, phase, NULL, 0, 0);
    }
}

int arima_filter_init(struct arima_filter *filter, const struct arima_fit *f, struct alm_err *e)
{
    const struct arima_order *o = &f->spec.order;
    if (f->result.regressors)
        return alm_fail(e, ALM_EUNSUPPORTED,
                        "a model with %zu further regressors cannot go on by itself: it needs their values",
                        f->result.regressors);
    const size_t p = arima_ar_degree(o), q = arima_ma_degree(o);
    double *work = malloc((p + q + arima_lost(o) + 1) * sizeof *work);
    if (!work)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu coefficients", p + q);
    memset(filter, 0, arima_filter_size(&f->spec));
    filter->r = (uint32_t)(p > q + 1 ? p : q + 1);
    filter->lost = (uint32_t)arima_lost(o);
    filter->sigma = f->result.sigma;
    set_taps(filter, o, f->result.coefficient, work);
    free(work);
    set_regression(filter, f);
    double *state = vector_of(filter, STATE);
    ALM_TRY(arima_last_state(f, state, state + filter->r, e));
    filter->t = (int64_t)(f->result.n - f->data.after);
    for (size_t i = 0; i < f->data.after; i++)
        arima_filter_put(filter, NAN);
    return ALM_OK;
}

int arima_refit(const struct arima_fit *old, const double *y, size_t n, struct arima_fit **out, struct alm_err *e)
{
    struct arima_spec spec = old->spec;
    if (spec.regressors)
        return alm_fail(e, ALM_EUNSUPPORTED,
                        "a model with further regressors is fitted again with their values, by arima_fit");
    spec.start = old->result.constant ? NULL : old->result.coefficient;
    return arima_fit(&spec, y, n, out, e);
}
