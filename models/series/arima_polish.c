/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_polish: the last of the way where squares are a poor guide: a quasi-Newton descent of the deviance itself.
 *
 * Meaning.  Where coefficients are many and values few, or a root lies on the circle, the errors bend too much for Gauss and Newton's
 *           steps. Broyden, Fletcher, Goldfarb and Shanno's ask only for slopes, here central differences. It has converged when a steepest
 *           descent, begun anew, gains nothing either.
 * Choice.   It moves angles whose sines are the partial autocorrelations of the AR part, and the MA coefficients as they are: the exact
 *           likelihood goes on beyond the circle and is flat only across it. What ends there is taken back inside, where it is as likely.
 * Source.   Nash (1990), algorithm 21. */
#include "arima_search.h"

#include <math.h>
#include <string.h>

#define STEP 1e-4
#define SHORT_STEP 1e-6
#define SHORTER 0.2
#define ENOUGH 1e-4 /* of what the slope promises */
#define ROUNDS 200
#define STEEPEST 1.52 /* angle to begin at: a right one is flat */
#define INSIDE 0.97   /* the same for inverse MA roots */
#define SAME 1e-6     /* in loglik, twice */
#define EDGE 22.0     /* of u */

struct polish {
    struct arima_search *s, own; /* own: a view of s with MA coefficients as they are */
    const struct arima_target *t;
    bool angle[ARIMA_ARMA]; /* else the coefficient itself */
    double step;            /* of differences */
    double f, u[ARIMA_ARMA], x[ARIMA_ARMA], g[ARIMA_ARMA], way[ARIMA_ARMA], change[ARIMA_ARMA], gain[ARIMA_ARMA];
    double *H; /* [free * free] inverse of the second derivatives */
};

/* Half the deviance times the number of errors: loglik but for its sign and a constant. */
static double height(struct polish *p, const double *u)
{
    double move[ARIMA_ARMA];
    for (size_t i = 0; i < p->s->free; i++) {
        move[i] = p->angle[i] ? sin(u[i]) / fabs(cos(u[i])) : u[i];
        if (fabs(move[i]) > ARIMA_FARTHEST)
            move[i] = copysign(ARIMA_FARTHEST, move[i]);
    }
    arima_to_coefficients(&p->own, move, p->x);
    const double deviance = arima_deviance(p->s, p->t, p->x);
    return 0.5 * (double)p->s->work->count * deviance;
}

static bool slopes(struct polish *p)
{
    double u[ARIMA_ARMA];
    memcpy(u, p->u, sizeof u);
    for (size_t i = 0; i < p->s->free; i++) {
        u[i] = p->u[i] + p->step;
        const double up = height(p, u), above = u[i];
        u[i] = p->u[i] - p->step;
        p->g[i] = (up - height(p, u)) / (above - u[i]);
        u[i] = p->u[i];
        if (!isfinite(p->g[i]))
            return false;
    }
    return true;
}

static void begin(struct polish *p)
{
    const size_t k = p->s->free;
    memset(p->H, 0, k * k * sizeof *p->H);
    for (size_t i = 0; i < k; i++)
        p->H[i * k + i] = 1;
}

/* Along `way` by shorter and shorter steps until it is lower enough; false: not even a step that hardly moves. */
static bool step_down(struct polish *p)
{
    const size_t k = p->s->free;
    double slope = 0, longest = 0;
    for (size_t i = 0; i < k; i++) {
        slope += p->way[i] * p->g[i];
        longest = fabs(p->way[i]) > longest ? fabs(p->way[i]) : longest;
    }
    if (!(slope < 0) || !isfinite(longest))
        return false;
    for (double by = longest > 1 ? 1 / longest : 1; by * longest > 1e-10; by *= SHORTER) {
        double u[ARIMA_ARMA];
        for (size_t i = 0; i < k; i++)
            u[i] = p->u[i] + by * p->way[i];
        const double f = height(p, u);
        if (!isfinite(f) || f > p->f + ENOUGH * by * slope)
            continue;
        for (size_t i = 0; i < k; i++)
            p->change[i] = u[i] - p->u[i];
        memcpy(p->u, u, k * sizeof *u);
        p->f = f;
        return true;
    }
    return false;
}

/* H from the last step, `change`, and the slopes before it. */
static void learn(struct polish *p, const double *old)
{
    const size_t k = p->s->free;
    double y[ARIMA_ARMA], cy = 0, yHy = 0;
    for (size_t i = 0; i < k; i++) {
        y[i] = p->g[i] - old[i];
        cy += p->change[i] * y[i];
    }
    if (!(cy > 0)) {
        begin(p);
        return;
    }
    for (size_t i = 0; i < k; i++)
        p->gain[i] = arima_dot(p->H + i * k, y, k);
    for (size_t i = 0; i < k; i++)
        yHy += y[i] * p->gain[i];
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            p->H[i * k + j] +=
                ((1 + yHy / cy) * p->change[i] * p->change[j] - p->change[i] * p->gain[j] - p->gain[i] * p->change[j]) /
                cy;
}

/* Whether nothing is left to gain. */
static bool descend(struct polish *p)
{
    const size_t k = p->s->free;
    bool fresh = true;
    begin(p);
    if (!slopes(p))
        return false;
    for (int round = 0; round < ROUNDS; round++) {
        const double before = p->f;
        double old[ARIMA_ARMA];
        memcpy(old, p->g, k * sizeof *old);
        for (size_t i = 0; i < k; i++)
            p->way[i] = -arima_dot(p->H + i * k, p->g, k);
        const bool lower = step_down(p);
        if (!lower || before - p->f < p->t->tolerance) {
            if (fresh)
                return true;
            begin(p);
            fresh = true;
            if (lower && !slopes(p))
                return false;
            continue;
        }
        fresh = false;
        if (!slopes(p))
            return false;
        learn(p, old);
    }
    return false;
}

/* AWAY: not from X itself, but from where slopes lead somewhere. */
static void set_out(struct polish *p, const double *x, bool away)
{
    const double inward = away ? INSIDE : 1, steepest = away ? STEEPEST : 2;
    const struct arima_order *o = &p->s->work->order;
    size_t count[ARIMA_BLOCKS], block = 0, end, at = 0;
    double inside[ARIMA_ARMA];
    arima_blocks(o, count);
    memcpy(inside, x, arima_coefficients(o) * sizeof *x);
    memcpy(p->x, inside, arima_coefficients(o) * sizeof *x);
    p->own = *p->s;
    for (size_t b = 0; b < ARIMA_BLOCKS; at += count[b++]) {
        double power = 1;
        for (size_t i = 0; i < count[b] && b % 2 && p->own.mapped[b]; i++)
            inside[at + i] *= power *= inward;
        p->own.mapped[b] = p->own.mapped[b] && b % 2 == 0;
    }
    arima_to_moves(&p->own, inside, p->u);
    end = count[0];
    for (size_t i = 0; i < p->s->free; i++) {
        while (p->s->index[i] >= end)
            end += count[++block];
        p->angle[i] = p->own.mapped[block];
        if (p->angle[i])
            p->u[i] = fmin(fmax(atan(p->u[i]), -steepest), steepest);
    }
    p->f = height(p, p->u);
}

/* MA blocks that moved as a whole, with their roots outside the circle. */
static void invert(const struct arima_search *s, double *x)
{
    size_t count[ARIMA_BLOCKS], at = 0;
    arima_blocks(&s->work->order, count);
    for (size_t b = 0; b < ARIMA_BLOCKS; at += count[b++])
        if (b % 2 && s->mapped[b])
            arima_invert(x + at, count[b]);
}

bool arima_near_edge(const struct arima_search *s, const double *x)
{
    double u[ARIMA_ARMA];
    arima_to_moves(s, x, u);
    for (size_t i = 0; i < s->free; i++)
        if (fabs(u[i]) > EDGE)
            return true;
    return false;
}

/* The way from X, to OUT; whether its end is a summit. Returns the deviance there. */
static double go(struct arima_search *s, const struct arima_target *t, const double *x, bool away, double *out,
                 bool *summit)
{
    struct polish p = {.s = s, .t = t, .H = s->matrix, .step = away ? STEP : SHORT_STEP};
    set_out(&p, x, away);
    *summit = isfinite(p.f) && descend(&p);
    if (!isfinite(p.f))
        return INFINITY;
    height(&p, p.u);
    invert(s, p.x);
    const double after = arima_deviance(s, t, p.x), count = (double)s->work->count;
    *summit = *summit && count * after - 2 * p.f < SAME;
    memcpy(out, p.x, arima_coefficients(&s->work->order) * sizeof *out);
    return after;
}

/* A way from a little inside may end lower on a ridge than X stands, which runs along the circle: then from X itself. */
double arima_polish(struct arima_search *s, const struct arima_target *t, double *x, bool *converged)
{
    const size_t bytes = arima_coefficients(&s->work->order) * sizeof *x;
    const double before = arima_deviance(s, t, x), count = (double)s->work->count;
    double from[ARIMA_ARMA] = {0}, end[ARIMA_ARMA];
    bool summit;
    memcpy(from, x, bytes);
    if (!isfinite(before))
        return before;
    double after = go(s, t, from, true, end, &summit);
    if (after > before && !(*converged || (summit && count * (after - before) < SAME)))
        after = go(s, t, from, false, end, &summit);
    if (!(after < before)) {
        *converged = *converged || (summit && count * (after - before) < SAME);
        return before;
    }
    *converged = summit;
    memcpy(x, end, bytes);
    return after;
}
