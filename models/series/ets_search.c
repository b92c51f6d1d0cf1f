/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_search: see the header. */
#include "ets_search.h"

#include "ets_simplex.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SMOOTHING 4 /* alpha, beta, gamma, phi */
#define FLOOR 1e-30 /* mean square of errors, of values about 1: below it there is no error */
#define FAR 1e6     /* residuals of what cannot be, in standard deviations */

#define SIMPLEX_MOST 2000 /* evaluations, and the tolerance: as forecast::ets */
#define SIMPLEX_TOLERANCE 1.4901161193847656e-8

/* A level and slope that cancel are moved apart; seasons that leave less than nothing for the first one are made small. */
#define NEAR_ZERO 1e-8
#define AWAY 1e-3
#define LEAST_SHARE 0.01

#define SQUARES_ROUNDS 100 /* each start */
#define SQUARES_CLOSE 1e-8 /* relative gain of a round that counts as none; two in a row end it */
#define EDGE 1e-6          /* share of a range to stay away from its ends at a start */

static const double lower[SMOOTHING] = {1e-4, 1e-4, 1e-4, 0.8}, upper[SMOOTHING] = {0.9999, 0.9999, 0.9999, 0.98};

/* Where in its range each parameter starts. The first is that of forecast::ets (alpha: divided by the period). */
static const double starts[][SMOOTHING] = {
    {0.2, 0.1, 0.05, 0.99}, {0.5, 0.02, 0.1, 0.9}, {0.9, 0.3, 0.3, 0.5}, {0.05, 0.5, 0.5, 0.9}};

/* Unknowns: the smoothing parameters that are not given, then level, slope, and season from the last time of it to the second.
 * Plain: as they are, in the units of the series. Else: parameters by the logistic function of an unknown, states as distance
 * from `from`. */
struct search {
    const struct ets_form *form;
    const struct ets_series *series;
    double wish[SMOOTHING];
    size_t free, seasons;
    bool trying;           /* in the simplex: forecasts below 0 lead on, though they cannot be kept */
    bool plain, squares;   /* squares: the simplex makes their mean least, of additive errors */
    double unit;           /* of plain states */
    double season_unit;    /* of distances */
    double rms;            /* what residuals are divided by */
    double *from;          /* [states] */
    double *state, *error; /* of the last evaluation: [states], [n] */
    double *best;          /* [states]: the initial states of the best so far */
    struct ets_found found;
};

static bool has(const struct ets_form *form, int which)
{
    return which == 0 || (which == 1 && form->trend != ETS_NONE) || (which == 2 && form->season != ETS_NONE) ||
           (which == 3 && form->damped);
}

static void listed(const struct ets_parameters *p, double out[SMOOTHING])
{
    out[0] = p->alpha;
    out[1] = p->beta;
    out[2] = p->gamma;
    out[3] = p->phi;
}

size_t ets_search_size(const struct ets_form *form, const struct ets_parameters *wish)
{
    double value[SMOOTHING];
    size_t n = 0;
    listed(wish, value);
    for (int i = 0; i < SMOOTHING; i++)
        n += has(form, i) && isnan(value[i]);
    return n + ets_states(form);
}

/* Of parameter WHICH, alpha being known when it is another. */
static void range(const struct search *s, double alpha, int which, double *low, double *high)
{
    *low = lower[which];
    *high = upper[which];
    if (which == 0 && has(s->form, 1) && !isnan(s->wish[1]))
        *low = fmax(*low, s->wish[1]);
    if (which == 0 && has(s->form, 2) && !isnan(s->wish[2]))
        *high = fmin(*high, 1 - s->wish[2]);
    if (which == 1)
        *high = fmin(*high, alpha);
    if (which == 2)
        *high = fmin(*high, 1 - alpha);
    *low = fmin(*low, *high);
}

/* Smoothing parameters of V; the number of unknowns read, or SIZE_MAX: out of bounds. */
static size_t unpack_parameters(const struct search *s, const double *v, struct ets_parameters *out)
{
    double p[SMOOTHING] = {0, 0, 0, 1};
    size_t at = 0;
    for (int i = 0; i < SMOOTHING; i++) {
        double low, high;
        if (!has(s->form, i))
            continue;
        p[i] = s->wish[i];
        if (!isnan(p[i]))
            continue;
        range(s, p[0], i, &low, &high);
        p[i] = s->plain ? v[at] : low + (high - low) / (1 + exp(-v[at]));
        at++;
        if (!(p[i] >= low && p[i] <= high))
            return SIZE_MAX;
    }
    *out = (struct ets_parameters){p[0], p[1], p[2], p[3]};
    return at;
}

/* Parameters, and initial states into s->state. False: out of bounds. */
static bool unpack(const struct search *s, const double *v, struct ets_parameters *p)
{
    const struct ets_form *form = s->form;
    const bool product = form->season == ETS_MULTIPLICATIVE;
    const double unit = s->plain ? 1 / s->unit : s->series->spread;
    const double season_unit = !s->plain ? s->season_unit : product ? 1 : unit, keep = s->plain ? 0 : 1;
    size_t at = unpack_parameters(s, v, p);
    if (at == SIZE_MAX)
        return false;
    memcpy(s->state, s->from, (ETS_SEASON + form->period) * sizeof *s->state);
    s->state[ETS_LEVEL] = keep * s->from[ETS_LEVEL] + unit * v[at++];
    if (form->trend != ETS_NONE)
        s->state[ETS_SLOPE] = keep * s->from[ETS_SLOPE] + unit * v[at++];
    if (s->seasons == 0)
        return true;
    double sum = 0, *season = s->state + ETS_SEASON;
    for (size_t i = s->seasons; i >= 1; i--) {
        season[i] = keep * s->from[ETS_SEASON + i] + season_unit * v[at++];
        sum += season[i];
    }
    season[0] = (product ? (double)form->period : 0) - sum;
    for (size_t i = 0; product && i < form->period; i++)
        if (!(season[i] >= 0))
            return false;
    return true;
}

/* What V is worth: the log-likelihood, and in s->error the errors, to be multiplied by *SCALE. False: cannot be. */
static bool evaluate(struct search *s, const double *v, struct ets_parameters *p, double *loglik, double *scale)
{
    struct ets_sums sums;
    const struct ets_form *form = s->form;
    if (!unpack(s, v, p))
        return false;
    const struct ets_parameters tight = {p->alpha, p->beta / p->phi, p->gamma, p->phi};
    if (!ets_admissible(form, s->plain ? &tight : p) ||
        !ets_run_signed(form, p, s->state, s->series->z, s->series->n, s->error, &sums) ||
        !(s->trying || sums.possible))
        return false;
    const double n = (double)sums.count;
    *scale = exp(sums.logs / n);
    *loglik = -n / 2 * log(fmax(sums.squares, n * FLOOR)) - sums.logs;
    return isfinite(*loglik) && isfinite(*scale);
}

/* Keep V when it is better than what is kept. */
static void keep(struct search *s, const double *v, bool converged)
{
    struct ets_parameters p;
    double loglik, scale;
    if (!evaluate(s, v, &p, &loglik, &scale) || !(loglik > s->found.loglik))
        return;
    unpack(s, v, &p);
    memcpy(s->best, s->state, (ETS_SEASON + s->form->period) * sizeof *s->best);
    s->found = (struct ets_found){p, loglik, converged};
}

/* ---- the simplex ---- */

static double cost(const double *v, void *ctx)
{
    struct search *s = ctx;
    struct ets_parameters p;
    double loglik, scale;
    const double n = (double)s->series->nobs;
    if (!evaluate(s, v, &p, &loglik, &scale))
        return INFINITY;
    return s->squares ? exp(-2 * loglik / n) / n * s->unit * s->unit : -2 * loglik + 2 * n * log(s->unit);
}

/* The start of forecast::ets. */
static void begin_plain(const struct search *s, double *v)
{
    double alpha = s->wish[0];
    size_t at = 0;
    for (int i = 0; i < SMOOTHING; i++) {
        double low, high;
        if (!has(s->form, i) || !isnan(s->wish[i]))
            continue;
        range(s, alpha, i, &low, &high);
        v[at] = low + starts[0][i] * (high - low) / (i == 0 ? (double)s->form->period : 1);
        if (i == 0)
            alpha = v[at];
        at++;
    }
    double *state = v + at;
    state[0] = s->from[ETS_LEVEL] * s->unit;
    if (s->form->trend != ETS_NONE)
        state[1] = s->from[ETS_SLOPE] * s->unit;
    if (s->form->trend != ETS_NONE && fabs(state[0] + state[1]) < NEAR_ZERO) {
        state[0] *= 1 + AWAY;
        state[1] *= 1 - AWAY;
    }
    const bool product = s->form->season == ETS_MULTIPLICATIVE;
    double *season = state + (s->form->trend == ETS_NONE ? 1 : 2), sum = 0;
    for (size_t i = 0; i < s->seasons; i++) {
        season[i] = s->from[ETS_SEASON + s->seasons - i] * (product ? 1 : s->unit);
        sum += season[i];
    }
    for (size_t i = 0; product && sum > (double)s->form->period && i < s->seasons; i++)
        season[i] /= sum + LEAST_SHARE * (double)s->seasons;
}

static int by_simplex(struct search *s, struct alm_err *e)
{
    const struct ets_simplex how = {cost, s, s->free, SIMPLEX_MOST, SIMPLEX_TOLERANCE};
    double *v = calloc(s->free, sizeof *v), *work = calloc(ets_simplex_work(s->free), sizeof *work);
    int code = ALM_OK;
    if (!v || !work)
        code = alm_fail(e, ALM_ENOMEM, "no memory for a search over %zu unknowns", s->free);
    else {
        double least;
        s->plain = s->trying = true;
        begin_plain(s, v);
        if (isfinite(cost(v, s))) {
            const bool converged = ets_simplex(&how, v, work, &least);
            s->trying = false;
            keep(s, v, converged);
        }
    }
    s->trying = false;
    free(v);
    free(work);
    return code;
}

/* ---- least squares ---- */

static int residuals(const gsl_vector *v, void *ctx, gsl_vector *r)
{
    struct search *s = ctx;
    struct ets_parameters p;
    double loglik, scale;
    if (!evaluate(s, v->data, &p, &loglik, &scale)) {
        gsl_vector_set_all(r, FAR);
        return GSL_SUCCESS;
    }
    size_t at = 0;
    for (size_t t = 0; t < s->series->n; t++)
        if (!isnan(s->series->z[t]))
            gsl_vector_set(r, at++, fmin(fmax(s->error[t] * (scale / s->rms), -FAR), FAR));
    return GSL_SUCCESS;
}

/* Start WHICH; beyond the last of the table: the parameters found so far. */
static void begin_logistic(const struct search *s, size_t which, gsl_vector *v)
{
    const bool from_found = which >= sizeof starts / sizeof starts[0];
    double p[SMOOTHING], alpha = isnan(s->wish[0]) ? s->found.parameter.alpha : s->wish[0];
    size_t at = 0;
    listed(&s->found.parameter, p);
    gsl_vector_set_zero(v);
    for (int i = 0; i < SMOOTHING; i++) {
        double low, high, share = from_found ? 0 : starts[which][i];
        if (!has(s->form, i) || !isnan(s->wish[i]))
            continue;
        range(s, alpha, i, &low, &high);
        if (from_found)
            share = high > low ? (p[i] - low) / (high - low) : 0.5;
        share = fmin(fmax(share, EDGE), 1 - EDGE);
        gsl_vector_set(v, at++, log(share / (1 - share)));
    }
}

/* Descend from V. */
static void descend(struct search *s, gsl_multifit_nlinear_workspace *w, gsl_multifit_nlinear_fdf *fdf,
                    const gsl_vector *v)
{
    struct ets_parameters p;
    double loglik, scale, squares = 0, before, after;
    int idle = 0, status = GSL_SUCCESS;
    if (!evaluate(s, v->data, &p, &loglik, &scale))
        return;
    for (size_t t = 0; t < s->series->n; t++)
        squares += isnan(s->error[t]) ? 0 : s->error[t] * s->error[t];
    s->rms = scale * sqrt(fmax(squares / (double)s->series->nobs, FLOOR));
    if (gsl_multifit_nlinear_init(v, fdf, w) != GSL_SUCCESS)
        return;
    gsl_blas_ddot(w->f, w->f, &before);
    for (int round = 0; round < SQUARES_ROUNDS && idle < 2 && status == GSL_SUCCESS; round++) {
        status = gsl_multifit_nlinear_iterate(w);
        gsl_blas_ddot(w->f, w->f, &after);
        idle = before - after <= SQUARES_CLOSE * before ? idle + 1 : 0;
        before = after;
    }
    keep(s, gsl_multifit_nlinear_position(w)->data, idle >= 2 || status == GSL_ENOPROG);
}

static int by_squares(struct search *s, struct alm_err *e)
{
    const size_t states = ETS_SEASON + s->form->period, all = sizeof starts / sizeof starts[0];
    gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
    how.solver = gsl_multifit_nlinear_solver_cholesky;
    gsl_multifit_nlinear_fdf fdf = {.f = residuals, .n = s->series->nobs, .p = s->free, .params = s};
    gsl_multifit_nlinear_workspace *w = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, fdf.n, fdf.p);
    gsl_vector *v = gsl_vector_calloc(s->free);
    int code = ALM_OK;
    if (!w || !v)
        code = alm_fail(e, ALM_ENOMEM, "no memory for a search over %zu unknowns", s->free);
    else {
        s->plain = false;
        for (size_t i = 0; i < all; i++) {
            begin_logistic(s, i, v);
            descend(s, w, &fdf, v);
        }
        if (isfinite(s->found.loglik)) {
            memcpy(s->from, s->best, states * sizeof *s->from);
            begin_logistic(s, all, v);
            descend(s, w, &fdf, v);
        }
    }
    if (w)
        gsl_multifit_nlinear_free(w);
    gsl_vector_free(v);
    return code;
}

/* ---- both ---- */

static int search(struct search *s, enum ets_how how, struct alm_err *e)
{
    ALM_TRY(by_simplex(s, e));
    if (how == ETS_THOROUGH || !isfinite(s->found.loglik))
        ALM_TRY(by_squares(s, e));
    if (!isfinite(s->found.loglik))
        return alm_fail(
            e, ALM_EINVAL,
            "exponential smoothing: nothing to start from: forecasts are not above 0, or the parameters that "
            "were given let errors grow");
    return ALM_OK;
}

int ets_search(const struct ets_form *form, const struct ets_wish *wish, const struct ets_series *series,
               double *initial, struct ets_found *out, struct alm_err *e)
{
    const size_t states = ETS_SEASON + form->period;
    const bool seasonal = form->season != ETS_NONE;
    struct search s = {.form = form,
                       .series = series,
                       .rms = 1,
                       .squares = wish->how == ETS_SIMPLEX_SQUARES,
                       .found = {.loglik = -INFINITY}};
    listed(&wish->parameter, s.wish);
    s.seasons = seasonal && form->period <= ETS_PERIOD_SEARCHED ? form->period - 1 : 0;
    s.free = ets_search_size(form, &wish->parameter) - (seasonal ? form->period - 1 - s.seasons : 0);
    s.unit = series->scale > 1e-60 && series->scale < 1e60 ? series->scale : 1;
    s.season_unit = form->season == ETS_MULTIPLICATIVE ? 0.1 : series->spread;
    double *work = calloc(3 * states + series->n, sizeof *work);
    if (!work)
        return alm_fail(e, ALM_ENOMEM, "no memory for the states of period %zu", form->period);
    s.from = work;
    s.state = work + states;
    s.best = work + 2 * states;
    s.error = work + 3 * states;
    memcpy(s.from, initial, states * sizeof *initial);
    const int code = search(&s, wish->how, e);
    if (code == ALM_OK) {
        memcpy(initial, s.best, states * sizeof *initial);
        *out = s.found;
    }
    free(work);
    return code;
}
