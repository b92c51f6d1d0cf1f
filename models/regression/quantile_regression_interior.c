/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression_interior: Frisch-Newton steps. The header says what and whence. */
#include "quantile_regression_interior.h"

#include "quantile_regression_loops.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define STEPS 60     /* cap */
#define NEAR 0.1     /* gap, of the objective; pivots are cheaper from there on */
#define BACK 0.99995 /* of the way to the wall */
#define START 1e-3   /* least distance from the wall at the start, of the mean |residual| */

/* Dual variables a and their distance u from 1; multipliers z of a >= 0 and w of a <= 1: the residual is w - z. */
struct path {
    struct rq_vertex *v;
    size_t m; /* rows with the padding */
    double *a, *u, *z, *w;
    double *q;      /* weights of the least squares */
    double *da;     /* change of a */
    double *target; /* what is fitted */
    double *chol;   /* [p * p] lower triangle by rows */
};

/* Cholesky factor of X' diag(q) X; false: not positive. */
static bool factor(struct path *s)
{
    struct rq_vertex *v = s->v;
    const size_t p = v->p;
    for (size_t j = 0; j < p; j++) {
        const double *column = v->x + j * v->ld;
        for (size_t i = 0; i < s->m; i++)
            s->da[i] = s->q[i] * column[i];
        for (size_t k = j; k < p; k++)
            s->chol[k * p + j] = rq_weighted(v->x + k * v->ld, s->da, s->m);
    }
    for (size_t j = 0; j < p; j++) {
        double *row = s->chol + j * p;
        for (size_t k = 0; k <= j; k++) {
            const double *other = s->chol + k * p;
            double sum = row[k];
            for (size_t l = 0; l < k; l++)
                sum -= row[l] * other[l];
            if (k < j)
                row[k] = sum / other[k];
            else if (sum > RQ_DEPENDENT * RQ_DEPENDENT * row[j])
                row[j] = sqrt(sum);
            else
                return false;
        }
    }
    return true;
}

/* v->edge = the weighted least squares fit of the target; da = q (target - X edge). */
static void fit_target(struct path *s)
{
    struct rq_vertex *v = s->v;
    const size_t p = v->p;
    double *b = v->edge;
    for (size_t i = 0; i < s->m; i++)
        s->da[i] = s->q[i] * s->target[i];
    for (size_t j = 0; j < p; j++) {
        b[j] = rq_weighted(v->x + j * v->ld, s->da, s->m);
        for (size_t k = 0; k < j; k++)
            b[j] -= s->chol[j * p + k] * b[k];
        b[j] /= s->chol[j * p + j];
    }
    for (size_t j = p; j-- > 0;) {
        for (size_t k = j + 1; k < p; k++)
            b[j] -= s->chol[k * p + j] * b[k];
        b[j] /= s->chol[j * p + j];
    }
    rq_residuals(v->x, v->ld, p, s->target, b, s->da, s->m);
    for (size_t i = 0; i < s->m; i++)
        s->da[i] *= s->q[i];
}

/* The least squares fit, and a start off the walls. */
static bool begin(struct path *s)
{
    struct rq_vertex *v = s->v;
    double size = 0;
    for (size_t i = 0; i < s->m; i++) {
        s->q[i] = i < v->n;
        s->target[i] = v->y[i];
    }
    if (!factor(s))
        return false;
    fit_target(s);
    memcpy(v->b, v->edge, v->p * sizeof *v->b);
    for (size_t i = 0; i < v->n; i++)
        size += fabs(s->da[i]) / (double)v->n;
    for (size_t i = 0; i < s->m; i++) {
        const double r = i < v->n ? s->da[i] : 0;
        s->a[i] = 1 - v->tau;
        s->u[i] = v->tau;
        s->w[i] = fmax(r, 0) + START * size;
        s->z[i] = fmax(-r, 0) + START * size;
    }
    return size > 0;
}

static double gap(const struct path *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->v->n; i++)
        sum += s->z[i] * s->a[i] + s->w[i] * s->u[i];
    return sum;
}

/* How z and w change with a, so that their products with a and u become PUSH (NULL: 0) to first order. */
struct change {
    double z, w;
};

static struct change follow(const struct path *s, size_t i, const double *push)
{
    const double da = s->da[i];
    struct change c = {-s->z[i] - s->z[i] * da / s->a[i], -s->w[i] + s->w[i] * da / s->u[i]};
    if (push) {
        c.z += push[2 * i] / s->a[i];
        c.w += push[2 * i + 1] / s->u[i];
    }
    return c;
}

/* How far a, and how far z and w, can go before a wall. */
static void reach(const struct path *s, const double *push, double *dual, double *primal)
{
    double a = 0, z = 0; /* largest change as a share of the distance */
    for (size_t i = 0; i < s->v->n; i++) {
        const struct change c = follow(s, i, push);
        const double da = s->da[i];
        a = fmax(a, da < 0 ? -da / s->a[i] : da / s->u[i]);
        z = fmax(z, fmax(-c.z / s->z[i], -c.w / s->w[i]));
    }
    *dual = a > BACK ? BACK / a : 1;
    *primal = z > BACK ? BACK / z : 1;
}

/* The corrector: PUSH[2 * n] is what the predictor leaves undone, and where on the central path to aim. */
static void correct(struct path *s, double dual, double primal, double *push)
{
    const struct rq_vertex *v = s->v;
    const double now = gap(s);
    double ahead = 0;
    for (size_t i = 0; i < v->n; i++) {
        const struct change c = follow(s, i, NULL);
        ahead += (s->z[i] + primal * c.z) * (s->a[i] + dual * s->da[i]) +
                 (s->w[i] + primal * c.w) * (s->u[i] - dual * s->da[i]);
        push[2 * i] = -s->da[i] * c.z;
        push[2 * i + 1] = s->da[i] * c.w;
    }
    const double share = ahead / now, aim = now * share * share * share / (2 * (double)v->n);
    for (size_t i = 0; i < v->n; i++) {
        push[2 * i] += aim;
        push[2 * i + 1] += aim;
        s->target[i] = s->w[i] - s->z[i] + push[2 * i] / s->a[i] - push[2 * i + 1] / s->u[i];
    }
    fit_target(s);
}

static void advance(struct path *s, const double *push, double dual, double primal)
{
    struct rq_vertex *v = s->v;
    for (size_t i = 0; i < v->n; i++) {
        const struct change c = follow(s, i, push);
        s->a[i] += dual * s->da[i];
        s->u[i] -= dual * s->da[i];
        s->z[i] += primal * c.z;
        s->w[i] += primal * c.w;
    }
    for (size_t j = 0; j < v->p; j++)
        v->b[j] += primal * v->edge[j];
}

void rq_interior(struct rq_vertex *v)
{
    struct path s = {.v = v, .m = rq_padded(v->n), .a = v->side, .u = v->moved, .z = v->s, .w = v->t, .q = v->r};
    double *push = v->scratch + v->ld; /* two arrays long */
    assert(v->p >= RQ_INTERIOR_COLUMNS);
    s.da = v->scratch;
    s.target = v->scratch + 3 * v->ld;
    s.chol = v->work;
    if (!begin(&s))
        return;
    for (int k = 0; k < STEPS; k++) {
        double dual, primal, size = 0;
        for (size_t i = 0; i < v->n; i++) {
            s.q[i] = 1 / (s.z[i] / s.a[i] + s.w[i] / s.u[i]);
            s.target[i] = s.w[i] - s.z[i];
            size += v->tau * s.w[i] + (1 - v->tau) * s.z[i];
        }
        if (!(gap(&s) > NEAR * size) || !factor(&s))
            return;
        fit_target(&s);
        reach(&s, NULL, &dual, &primal);
        const bool whole = dual == 1 && primal == 1;
        if (!whole) {
            correct(&s, dual, primal, push);
            reach(&s, push, &dual, &primal);
        }
        advance(&s, whole ? NULL : push, dual, primal);
    }
}
