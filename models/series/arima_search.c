/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_search: the map between coefficients and what moves, and the descent. */
#include "arima_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP 1e-6  /* of the differences */
#define FLAT 1e-12 /* of the squares: what moving a coefficient by its own size must change */
#define LAMBDA_MOST 1e10

bool arima_search_make(struct arima_search *s, struct arima_work *work, const double *fixed)
{
    size_t count[ARIMA_BLOCKS], at = 0;
    *s = (struct arima_search){.work = work};
    arima_blocks(&work->order, count);
    for (size_t b = 0; b < ARIMA_BLOCKS; at += count[b++]) {
        size_t given = 0;
        for (size_t i = 0; i < count[b]; i++)
            if (!fixed || isnan(fixed[at + i]))
                s->index[s->free++] = at + i;
            else
                given++;
        s->moves[b] = given < count[b];
        s->mapped[b] = given == 0;
    }
    s->block = calloc(work->n * (s->free + 1) + work->columns + 3 * s->free * s->free, sizeof *s->block);
    if (!s->block)
        return false;
    s->residual = s->block;
    s->jacobian = s->residual + work->n;
    s->beta = s->jacobian + work->n * s->free;
    s->matrix = s->beta + work->columns;
    return true;
}

void arima_search_free(struct arima_search *s)
{
    free(s->block);
    *s = (struct arima_search){0};
}

/* ---- what moves ---- */

static double sign_of(size_t block)
{
    return block % 2 ? -1 : 1; /* the MA polynomial 1 + sum theta_j B^j is 1 - sum of -theta_j B^j */
}

void arima_to_coefficients(const struct arima_search *s, const double *u, double *x)
{
    size_t count[ARIMA_BLOCKS], at = 0;
    double pacf[ARIMA_ORDER], phi[ARIMA_ORDER], work[ARIMA_ORDER];
    arima_blocks(&s->work->order, count);
    for (size_t i = 0; i < s->free; i++)
        x[s->index[i]] = u[i];
    for (size_t b = 0; b < ARIMA_BLOCKS; at += count[b++]) {
        if (!s->mapped[b] || !count[b])
            continue;
        for (size_t i = 0; i < count[b]; i++)
            pacf[i] = x[at + i] / sqrt(1 + x[at + i] * x[at + i]);
        arima_from_pacf(pacf, count[b], phi, work);
        for (size_t i = 0; i < count[b]; i++)
            x[at + i] = sign_of(b) * phi[i];
    }
}

void arima_to_moves(const struct arima_search *s, const double *x, double *u)
{
    size_t count[ARIMA_BLOCKS], at = 0;
    double phi[ARIMA_ORDER], pacf[ARIMA_ORDER], work[ARIMA_ORDER], all[ARIMA_ARMA];
    arima_blocks(&s->work->order, count);
    memcpy(all, x, arima_coefficients(&s->work->order) * sizeof *all);
    for (size_t b = 0; b < ARIMA_BLOCKS; at += count[b++]) {
        if (!s->mapped[b] || !count[b])
            continue;
        for (size_t i = 0; i < count[b]; i++)
            phi[i] = sign_of(b) * x[at + i];
        const bool inside = arima_to_pacf(phi, count[b], pacf, work);
        for (size_t i = 0; i < count[b]; i++)
            all[at + i] = inside ? pacf[i] / sqrt((1 - pacf[i]) * (1 + pacf[i])) : 0;
    }
    for (size_t i = 0; i < s->free; i++) {
        const double value = all[s->index[i]];
        u[i] = value > ARIMA_FARTHEST ? ARIMA_FARTHEST : value < -ARIMA_FARTHEST ? -ARIMA_FARTHEST : value;
    }
}

void arima_tame(const struct arima_search *s, double *x, double most)
{
    size_t count[ARIMA_BLOCKS], at = 0;
    double phi[ARIMA_ORDER], pacf[ARIMA_ORDER], work[ARIMA_ORDER];
    arima_blocks(&s->work->order, count);
    for (size_t b = 0; b < ARIMA_BLOCKS; at += count[b++]) {
        if (!s->mapped[b] || !count[b])
            continue;
        double shrink = 1;
        for (int turn = 0; turn < 60; turn++, shrink *= 0.9) {
            double power = 1;
            for (size_t i = 0; i < count[b]; i++)
                phi[i] = sign_of(b) * x[at + i] * (power *= shrink);
            if (arima_to_pacf(phi, count[b], pacf, work))
                break;
            memset(pacf, 0, count[b] * sizeof *pacf);
        }
        for (size_t i = 0; i < count[b]; i++)
            pacf[i] = pacf[i] > most ? most : pacf[i] < -most ? -most : pacf[i];
        arima_from_pacf(pacf, count[b], phi, work);
        for (size_t i = 0; i < count[b]; i++)
            x[at + i] = sign_of(b) * phi[i];
    }
}

/* ---- the deviance ---- */

double arima_deviance(struct arima_search *s, const struct arima_target *t, const double *x)
{
    struct arima_work *k = s->work;
    if (!arima_work_set(k, x) || !arima_filter_columns(k, t->way, t->columns))
        return INFINITY;
    const double sum = arima_gls(k, t->columns, s->beta, false);
    if (isnan(sum))
        return INFINITY;
    const double count = (double)k->count;
    return sum > 0 ? log(sum / count) + k->log_det / count : -INFINITY;
}

/* Deviance of what moves, and what makes the errors in work->v the r of it. */
static double errors_at(struct arima_search *s, const struct arima_target *t, const double *u, double *x,
                        double *factor)
{
    arima_to_coefficients(s, u, x);
    const double deviance = arima_deviance(s, t, x);
    *factor = isfinite(deviance) ? exp(0.5 * s->work->log_det / (double)s->work->count) : 0;
    return deviance;
}

/* The same, r into s->residual. */
static double residual_at(struct arima_search *s, const struct arima_target *t, const double *u, double *x)
{
    double factor;
    const double deviance = errors_at(s, t, u, x, &factor);
    for (size_t i = 0; i < t->columns->n && isfinite(deviance); i++)
        s->residual[i] = s->work->v[i] * factor;
    return deviance;
}

/* One descent: vectors of what moves, matrices [free * free]. B = J J' + S is the Hessian of half the sum of squares; S, what
 * the errors' own curvature adds, is learnt from step to step. */
struct descent {
    double u[ARIMA_ARMA], x[ARIMA_ARMA], trial[ARIMA_ARMA], g[ARIMA_ARMA], step[ARIMA_ARMA], mixed[ARIMA_ARMA];
    double *A, *S, *damped;
    double deviance, lambda;
    bool learnt;
};

/* Row I of J: by how much r changes with u[i]; zero where that is rounding, which would promise a gain. */
static bool slope(struct arima_search *s, const struct arima_target *t, struct descent *d, size_t i, double squares)
{
    const size_t n = t->columns->n;
    const double own = 1 + fabs(d->u[i]), h = d->u[i] > 0 ? -STEP : STEP; /* towards the middle */
    double *row = s->jacobian + i * n, x[ARIMA_ARMA], factor;
    memcpy(x, d->x, sizeof x);
    memcpy(d->trial, d->u, s->free * sizeof *d->trial);
    d->trial[i] += h * own;
    if (!isfinite(errors_at(s, t, d->trial, x, &factor)))
        return false;
    const double inverse = 1 / (d->trial[i] - d->u[i]), *v = s->work->v;
    for (size_t j = 0; j < n; j++)
        row[j] = (v[j] * factor - s->residual[j]) * inverse;
    d->A[i * s->free + i] = arima_dot(row, row, n);
    if (d->A[i * s->free + i] * own * own < FLAT * squares) {
        memset(row, 0, n * sizeof *row);
        d->A[i * s->free + i] = 0;
    }
    return true;
}

/* A = J J', g = J r at u. */
static bool gradient(struct arima_search *s, const struct arima_target *t, struct descent *d, double squares)
{
    const size_t n = t->columns->n, k = s->free;
    for (size_t i = 0; i < k; i++) {
        if (!slope(s, t, d, i, squares))
            return false;
        const double *row = s->jacobian + i * n;
        d->g[i] = arima_dot(row, s->residual, n);
        for (size_t j = 0; j < i; j++)
            d->A[i * k + j] = d->A[j * k + i] = arima_dot(row, s->jacobian + j * n, n);
    }
    return true;
}

/* step = -(B + lambda D)^-1 g, with S or without. */
static bool damped_step(const struct arima_search *s, struct descent *d, double lambda, bool with_curvature)
{
    const size_t k = s->free;
    double most = 0;
    for (size_t i = 0; i < k; i++)
        most = d->A[i * k + i] > most ? d->A[i * k + i] : most;
    for (size_t i = 0; i < k * k; i++)
        d->damped[i] = d->A[i] + (with_curvature ? d->S[i] : 0);
    for (size_t i = 0; i < k; i++) {
        const double own = d->A[i * k + i];
        d->damped[i * k + i] += lambda * (own > 1e-12 * most ? own : 1e-12 * most);
        d->step[i] = -d->g[i];
    }
    return most > 0 && arima_solve(d->damped, k, d->step);
}

static bool next_step(const struct arima_search *s, struct descent *d, double lambda)
{
    return (d->learnt && damped_step(s, d, lambda, true)) || damped_step(s, d, lambda, false);
}

static void forget(const struct arima_search *s, struct descent *d)
{
    memset(d->S, 0, s->free * s->free * sizeof *d->S);
    d->learnt = false;
}

/* S from what the last step, in `trial`, taught: Dennis, Gay, Welsch's formula. OLD: g before it; mixed: J before, r after. */
static void learn(const struct arima_search *s, struct descent *d, const double *old)
{
    const size_t k = s->free;
    double y[ARIMA_ARMA], miss[ARIMA_ARMA];
    double sy = 0, s_want = 0, s_have = 0;
    for (size_t i = 0; i < k; i++) {
        y[i] = d->g[i] - old[i];
        miss[i] = arima_dot(d->S + i * k, d->step, k); /* S step */
        sy += d->step[i] * y[i];
        s_want += d->step[i] * (d->g[i] - d->mixed[i]);
        s_have += d->step[i] * miss[i];
    }
    if (!(sy * sy > 1e-12 * arima_dot(d->step, d->step, k) * arima_dot(y, y, k)) || sy < 0) {
        forget(s, d);
        return;
    }
    const double size = fabs(s_have) > fabs(s_want) ? fabs(s_want / s_have) : 1;
    double s_miss = 0;
    for (size_t i = 0; i < k; i++) {
        miss[i] = d->g[i] - d->mixed[i] - size * miss[i];
        s_miss += d->step[i] * miss[i];
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            d->S[i * k + j] =
                size * d->S[i * k + j] + (miss[i] * y[j] + y[i] * miss[j]) / sy - s_miss / sy * (y[i] / sy) * y[j];
    d->learnt = true;
}

/* What the undamped step would gain, twice, in loglik. */
static double promise(const struct arima_search *s, struct descent *d, double squares, double count)
{
    if (!next_step(s, d, 1e-9))
        return 0;
    return -arima_dot(d->step, d->g, s->free) / squares * count;
}

/* Try steps, damped more and more, until one descends; `step` and r are then those of it. */
static bool descend(struct arima_search *s, const struct arima_target *t, struct descent *d)
{
    const size_t k = s->free;
    for (; d->lambda<LAMBDA_MOST; d->lambda = d->lambda * 8> 1e-3 ? d->lambda * 8 : 1e-3) {
        double x[ARIMA_ARMA];
        if (!next_step(s, d, d->lambda))
            continue;
        bool moved = false;
        for (size_t i = 0; i < k; i++) {
            const double most = 2 + 2 * fabs(d->u[i]);
            const double by = d->step[i] > most ? most : d->step[i] < -most ? -most : d->step[i];
            d->trial[i] = d->u[i] + by;
            if (fabs(d->trial[i]) > ARIMA_FARTHEST)
                d->trial[i] = copysign(ARIMA_FARTHEST, d->trial[i]);
            d->step[i] = d->trial[i] - d->u[i];
            moved |= d->step[i] != 0;
        }
        if (!moved)
            return false;
        memcpy(x, d->x, sizeof x);
        const double deviance = residual_at(s, t, d->trial, x);
        if (!(deviance < d->deviance))
            continue;
        d->deviance = deviance;
        memcpy(d->u, d->trial, k * sizeof *d->u);
        memcpy(d->x, x, sizeof x);
        return true;
    }
    return false;
}

/* Trust the next step more or less, by what this one gave of what it promised. */
static void adapt(struct descent *d, double given, double promised)
{
    if (given < 0.25 * promised)
        d->lambda = d->lambda * 4 > 1e-3 ? d->lambda * 4 : 1e-3;
    else if (given > 0.5 * promised)
        d->lambda = d->lambda * 0.1 > 1e-8 ? d->lambda * 0.1 : 1e-8;
}

static void start(struct arima_search *s, const struct arima_target *t, const double *x, struct descent *d)
{
    const size_t k = s->free;
    *d = (struct descent){.lambda = 1e-3, .A = s->matrix, .S = s->matrix + k * k, .damped = s->matrix + 2 * k * k};
    forget(s, d);
    memcpy(d->x, x, arima_coefficients(&s->work->order) * sizeof *x);
    arima_to_moves(s, x, d->u);
    d->deviance = residual_at(s, t, d->u, d->x);
}

double arima_climb(struct arima_search *s, const struct arima_target *t, double *x, bool *converged)
{
    struct descent d;
    const size_t n = t->columns->n, k = s->free;
    double old[ARIMA_ARMA];
    start(s, t, x, &d);
    *converged = !k || d.deviance == -INFINITY;
    for (size_t step = 0; step < t->steps && !*converged && isfinite(d.deviance); step++) {
        const double before = d.deviance;
        memcpy(old, d.g, k * sizeof *old);
        const double squares = arima_dot(s->residual, s->residual, n);
        if (!gradient(s, t, &d, squares))
            break;
        if (step)
            learn(s, &d, old);
        const double count = (double)s->work->count, gain = promise(s, &d, squares, count);
        *converged = gain >= 0 && gain < t->tolerance;
        if (*converged)
            break;
        bool lower = descend(s, t, &d);
        if (!lower && d.learnt) { /* what was learnt may be wrong */
            forget(s, &d);
            d.lambda = 1e-3;
            lower = descend(s, t, &d);
        }
        if (!lower) {
            *converged = gain < 1e-3;
            break;
        }
        for (size_t i = 0; i < k; i++)
            d.mixed[i] = arima_dot(s->jacobian + i * n, s->residual, n);
        adapt(&d, count * (before - d.deviance), gain);
        *converged = !isfinite(d.deviance) || count * (before - d.deviance) < 1e-3 * t->tolerance;
    }
    memcpy(x, d.x, arima_coefficients(&s->work->order) * sizeof *x);
    return d.deviance;
}
