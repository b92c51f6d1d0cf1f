/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression: samples and globs around the vertex. The header says what and whence. */
#include "quantile_regression.h"

#include "quantile_regression_interior.h"
#include "quantile_regression_loops.h"
#include "quantile_regression_rows.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define STAGES 12     /* samples, the last of all rows */
#define ROUNDS 12     /* of taking rows out of the globs */
#define FIRST_ROWS 20 /* of the smallest sample, times p */
#define PROBE 200     /* residuals that say how near is near */
#define TIE 1e-9      /* of the largest |y|: a residual of zero */
#define REFIT 24      /* share of the rows that count as near the plane in a refit: a 24th */
#define INTERIOR 15   /* columns from which the first vertex comes from the interior point method */
#define STRICT 1e-9   /* multipliers are inside by this */

/* How many of M rows may change sides when a fit of BEFORE of them becomes one of all: of this order by the asymptotic variance of
 * the quantiles. */
static double uncertain(const struct rq *w, size_t m, size_t before)
{
    return 2.5 * (double)m * sqrt((double)w->p * w->v.tau * (1 - w->v.tau) / (double)before) + 4 * (double)w->p;
}

/* The rows of each sample, the last n. Each grows until about as many of its rows are near the plane as the sample before it has. */
static size_t plan(const struct rq *w, size_t size[STAGES])
{
    size_t first = FIRST_ROWS * w->p + 60, count = 0;
    const double tail = (double)(2 * w->p) / fmin(w->v.tau, 1 - w->v.tau);
    if (tail > (double)first)
        first = tail < (double)w->n ? (size_t)tail : w->n;
    while (count + 1 < STAGES && 2 * first < w->n) {
        size[count++] = first;
        size_t m = 2 * first;
        while (m < w->n && uncertain(w, m, first) < (double)first)
            m += m / 2;
        first = m;
    }
    size[count++] = w->n;
    return count;
}

/* See that the first M rows have full rank: rows are exchanged, and dependent columns taken out. */
static void make_independent(struct rq *w, size_t m)
{
    struct rq_vertex *v = &w->v;
    const size_t first = rq_independent(w->x, w->ld, w->p, m, w->near_x, v->basis, v->column);
    if (first == w->p)
        return;
    const size_t rank = m < w->n ? rq_independent(w->x, w->ld, w->p, w->n, w->near_x, v->basis, v->column) : first;
    for (size_t k = 0; k < rank; k++) {
        rq_exchange(w, k, v->basis[k]);
        for (size_t l = k + 1; l < rank; l++)
            if (v->basis[l] == k)
                v->basis[l] = v->basis[k];
    }
    for (size_t k = 0; k < rank; k++) {
        w->column[k] = v->column[k];
        if (k != v->column[k])
            memcpy(w->x + k * w->ld, w->x + v->column[k] * w->ld, rq_padded(w->n) * sizeof *w->x);
    }
    w->p = rank;
}

/* Below which |residual| about WANT of the first M rows lie. */
static double threshold(struct rq *w, size_t m, size_t want)
{
    const size_t probe = m < PROBE ? m : PROBE;
    for (size_t i = 0; i < probe; i++)
        w->v.t[i] = fabs(w->r[i * m / probe]);
    return rq_select(w->v.t, probe, want * probe / m);
}

/* Row I of the globs comes near the plane. */
static void bring(struct rq *w, size_t i)
{
    struct rq_vertex *v = &w->v;
    for (size_t j = 0; j < w->p; j++) {
        v->outside[j] -= w->side[i] * w->x[j * w->ld + i];
        w->near_x[j * w->ld + v->n] = w->x[j * w->ld + i];
    }
    w->near_y[v->n] = w->y[i];
    v->r[v->n] = w->r[i];
    w->near[v->n++] = (uint32_t)i;
    w->side[i] = 0;
}

static void pad(struct rq *w)
{
    struct rq_vertex *v = &w->v;
    for (size_t i = v->n; i < rq_padded(v->n); i++) {
        for (size_t j = 0; j < w->p; j++)
            w->near_x[j * w->ld + i] = 0;
        w->near_y[i] = 0;
    }
}

/* Divide the first M rows into globs and about WANT rows near the plane. */
static void divide(struct rq *w, size_t m, size_t want)
{
    struct rq_vertex *v = &w->v;
    const size_t whole = rq_padded(m);
    rq_residuals(w->x, w->ld, w->p, w->y, v->b, w->r, whole);
    const double limit = threshold(w, m, want);
    size_t count = 0;
    for (size_t i = 0; i < m; i++) {
        const bool close = fabs(w->r[i]) <= limit;
        w->side[i] = close ? 0 : w->r[i] > 0 ? v->tau : v->tau - 1;
        w->near[count] = (uint32_t)i;
        count += close;
    }
    for (size_t i = m; i < whole; i++)
        w->side[i] = 0;
    for (size_t j = 0; j < w->p; j++) {
        const double *column = w->x + j * w->ld;
        v->outside[j] = rq_weighted(column, w->side, whole);
        for (size_t k = 0; k < count; k++)
            w->near_x[j * w->ld + k] = column[w->near[k]];
    }
    for (size_t k = 0; k < count; k++)
        w->near_y[k] = w->y[w->near[k]];
    v->n = count;
    pad(w);
}

/* Rows of the globs that are on the other side of the plane come near it. Returns how many. */
static size_t bring_crossed(struct rq *w, size_t m)
{
    const double noise = rq_noise(w->v.b, w->p) * fmin(w->v.tau, 1 - w->v.tau);
    const size_t before = w->v.n;
    rq_residuals(w->x, w->ld, w->p, w->y, w->v.b, w->r, rq_padded(m));
    for (size_t i = 0; i < m; i++)
        if (w->side[i] * w->r[i] < -noise)
            bring(w, i);
    pad(w);
    return w->v.n - before;
}

/* About WANT rows of the globs that are first on the way along v->edge come near the plane. Returns how many. */
static size_t bring_ahead(struct rq *w, size_t m, size_t want)
{
    struct rq_vertex *v = &w->v;
    const size_t before = v->n;
    size_t count = 0;
    rq_residuals(w->x, w->ld, w->p, w->y, v->b, w->r, rq_padded(m));
    rq_along(w->x, w->ld, w->p, v->edge, v->s, rq_padded(m));
    for (size_t i = 0; i < m; i++)
        if (w->side[i] * v->s[i] > 0)
            v->t[count++] = w->r[i] / v->s[i];
    if (count == 0)
        return 0;
    const double limit = rq_select(v->t, count, want < count ? want : count - 1);
    for (size_t i = 0; i < m; i++)
        if (w->side[i] * v->s[i] > 0 && w->r[i] / v->s[i] <= limit)
            bring(w, i);
    pad(w);
    return v->n - before;
}

/* No row of the first M is in the globs. */
static void give_all(struct rq *w, size_t m)
{
    struct rq_vertex *v = &w->v;
    v->n = m;
    v->x = w->x;
    v->y = w->y;
    v->scratch = w->near_x;
    memset(v->outside, 0, w->p * sizeof *v->outside);
}

static enum rq_end solve_all(struct rq *w, size_t m)
{
    struct rq_vertex *v = &w->v;
    give_all(w, m);
    const enum rq_end end = rq_vertex_solve(v);
    rq_residuals(w->x, w->ld, w->p, w->y, v->b, w->r, rq_padded(m));
    for (size_t i = 0; i < m; i++)
        w->near[i] = (uint32_t)i;
    return end;
}

/* Near the plane there are no p independent rows: bring some. False: there are none among the first M rows. */
static bool bring_support(struct rq *w, size_t m, size_t want)
{
    struct rq_vertex *v = &w->v;
    if (rq_independent(w->x, w->ld, w->p, m, w->near_x, v->basis, v->column) < w->p)
        return false;
    divide(w, m, want); /* again: its rows were where the elimination took place */
    for (size_t k = 0; k < w->p; k++)
        if (w->side[v->basis[k]] != 0)
            bring(w, v->basis[k]);
    pad(w);
    return true;
}

/* From the plane v.b, with about WANT of the first M rows near it. */
static enum rq_end solve_near(struct rq *w, size_t m, size_t want)
{
    struct rq_vertex *v = &w->v;
    v->x = w->near_x;
    v->y = w->near_y;
    v->scratch = NULL;
    divide(w, m, want);
    const enum rq_end end = rq_vertex_solve(v);
    if (end != RQ_SINGULAR)
        return end;
    return bring_support(w, m, want) ? rq_vertex_solve(v) : RQ_DEFICIENT;
}

/* The optimum of the first M rows, with about WANT of them near the plane v.b. */
static enum rq_end solve(struct rq *w, size_t m, size_t want)
{
    struct rq_vertex *v = &w->v;
    if (w->p == 0) {
        memcpy(w->r, w->y, w->n * sizeof *w->r);
        return RQ_OPTIMAL;
    }
    if (3 * want > 2 * m)
        return solve_all(w, m);
    enum rq_end end = solve_near(w, m, want);
    if (end == RQ_DEFICIENT)
        return end;
    for (int round = 0; round < ROUNDS && end != RQ_SINGULAR; round++) {
        const size_t before = v->n;
        const size_t brought = end == RQ_OPTIMAL     ? bring_crossed(w, m)
                               : end == RQ_UNBOUNDED ? bring_ahead(w, m, want / 2)
                                                     : 0;
        if (brought > 0)
            end = rq_vertex_go_on(v, before);
        else if (end == RQ_OPTIMAL)
            return end;
        else
            break;
    }
    return solve_all(w, m);
}

/* The rows of the vertex, as rows of the copy. */
static size_t vertex_row(const struct rq *w, size_t k)
{
    return w->near[w->v.basis[k]];
}

/* A first vertex of the first M rows, through rows that are independent. */
static enum rq_end start(struct rq *w, size_t m)
{
    struct rq_vertex *v = &w->v;
    memset(v->b, 0, w->p * sizeof *v->b);
    if (w->p >= INTERIOR) {
        give_all(w, m);
        rq_interior(v);
    }
    return solve_all(w, m);
}

static enum rq_end fit_samples(struct rq *w)
{
    size_t size[STAGES];
    enum rq_end end = RQ_OPTIMAL;
    const size_t stages = plan(w, size);
    if (stages > 1)
        rq_sample(w, size[stages - 2]);
    make_independent(w, size[0]);
    w->v.p = w->p;
    if (w->p == 0)
        return solve(w, w->n, 0);
    for (size_t k = 0; k < stages; k++)
        end = k == 0 ? start(w, size[0]) : solve(w, size[k], (size_t)uncertain(w, size[k], size[k - 1]));
    return end;
}

/* Whether the plane B[p] goes through the rows of the vertex, to 1e-9 of the largest |y|. */
static bool goes_through(const struct rq *w, const struct rq_data *d, const double *b)
{
    for (size_t k = 0; k < w->p; k++) {
        const size_t row = w->origin[vertex_row(w, k)];
        double rest = d->y[row];
        for (size_t j = 0; j < d->p; j++)
            rest -= b[j] * d->x[j * d->stride + row];
        if (!(fabs(rest) <= ldexp(TIE, w->scale[d->p])))
            return false;
    }
    return true;
}

/* B[p] becomes the nearest point in the span of the rows of the vertex: the least norm with the same fitted values. Where columns are
 * of too different size for that, it stays. */
static void project(struct rq *w, const struct rq_data *d, double *b)
{
    const size_t p = d->p;
    double *sum = w->v.gradient; /* of the parts of b along orthonormal rows, which are made in near_x */
    memset(sum, 0, p * sizeof *sum);
    for (size_t k = 0; k < w->p; k++) {
        double *q = w->near_x + k * p, size = 0, dot = 0;
        const double *row = d->x + w->origin[vertex_row(w, k)];
        for (size_t j = 0; j < p; j++)
            size = fmax(size, fabs(row[j * d->stride]));
        for (size_t j = 0; j < p; j++)
            q[j] = row[j * d->stride] / size;
        for (size_t l = 0; l < 2 * k; l++) {
            const double *o = w->near_x + l % k * p;
            const double c = rq_predict(q, o, p);
            for (size_t j = 0; j < p; j++)
                q[j] -= c * o[j];
        }
        size = sqrt(rq_predict(q, q, p));
        for (size_t j = 0; j < p; j++)
            q[j] /= size;
        dot = rq_predict(q, b, p);
        for (size_t j = 0; j < p; j++)
            sum[j] += dot * q[j];
    }
    if (goes_through(w, d, sum))
        memcpy(b, sum, p * sizeof *b);
}

/* Objective and counts from the residuals of all rows. */
static void judge(struct rq *w, const struct rq_data *d, enum rq_end end, struct rq_result *out)
{
    struct rq_vertex *v = &w->v;
    double above = 0, below = 0, size = 0;
    *out = (struct rq_result){.rows = w->n, .rank = w->p, .pivots = v->pivots, .optimal = end == RQ_OPTIMAL};
    for (size_t k = 0; k < w->p; k++)
        w->r[vertex_row(w, k)] = 0;
    for (size_t i = 0; i < w->n; i++)
        size = size > fabs(w->y[i]) ? size : fabs(w->y[i]);
    for (size_t i = 0; i < w->n; i++) {
        const double r = w->r[i];
        above += r > 0 ? r : 0;
        below -= r < 0 ? r : 0;
        out->negative += r < -TIE * size;
        out->zero += fabs(r) <= TIE * size;
    }
    out->objective = ldexp(v->tau * above + (1 - v->tau) * below, w->scale[d->p]);
    out->unique = out->optimal && out->zero == d->p && w->p == d->p;
    for (size_t k = 0; k < w->p; k++)
        if (!(v->multiplier[k] > v->tau - 1 + STRICT && v->multiplier[k] < v->tau - STRICT))
            out->unique = false;
}

/* The answer in the units of the data. */
static int give(struct rq *w, const struct rq_data *d, enum rq_end end, double *b, struct rq_result *out,
                struct alm_err *e)
{
    struct rq_result r = {0};
    double *c = w->v.work;
    if (out)
        judge(w, d, end, &r);
    memset(c, 0, d->p * sizeof *c);
    for (size_t k = 0; k < w->p; k++)
        c[w->column[k]] = ldexp(w->v.b[k], w->scale[d->p] - w->scale[w->column[k]]);
    if (w->p < d->p)
        project(w, d, c);
    bool finite = isfinite(r.objective);
    for (size_t j = 0; j < d->p; j++)
        finite = finite && isfinite(c[j]);
    if (!finite)
        return alm_fail(e, ALM_EDATA, "quantile regression: coefficients or objective overflow; scale the columns");
    memcpy(b, c, d->p * sizeof *b);
    if (out)
        *out = r;
    return ALM_OK;
}

static int prepare(struct rq *w, const struct rq_data *d, struct alm_err *e)
{
    if (d->n > w->rows || d->p > w->columns || d->p == 0)
        return alm_fail(e, ALM_EINVAL, "quantile regression: %zu rows and %zu columns; there is room for %zu and %zu",
                        d->n, d->p, w->rows, w->columns);
    rq_copy(w, d);
    if (w->n == 0)
        return alm_fail(e, ALM_EDATA, "quantile regression: none of %zu rows has finite values only", d->n);
    w->v.ld = w->ld;
    w->v.p = w->p;
    return ALM_OK;
}

static void set_level(struct rq *w, double tau)
{
    w->v.tau = tau;
    w->v.pivots = 0;
    w->v.cap = 2000 + 100 * w->p + w->n / 4;
}

static int check_levels(const double *tau, size_t levels, struct alm_err *e)
{
    for (size_t k = 0; k < levels; k++)
        if (!(tau[k] > 0 && tau[k] < 1 && (k == 0 || tau[k] > tau[k - 1])))
            return alm_fail(e, ALM_EINVAL, "quantile regression: level %zu is %g; levels rise, between 0 and 1", k + 1,
                            tau[k]);
    return ALM_OK;
}

int rq_fit_levels(struct rq *w, const struct rq_data *d, const double *tau, size_t levels, double *b,
                  struct rq_result *out, struct alm_err *e)
{
    ALM_TRY(check_levels(tau, levels, e));
    ALM_TRY(prepare(w, d, e));
    for (size_t k = 0; k < levels; k++) {
        const double moving = k ? (tau[k] - tau[k - 1]) * (double)w->n : 0;
        set_level(w, tau[k]);
        const enum rq_end end = k == 0 ? fit_samples(w) : solve(w, w->n, (size_t)(2 * moving) + 4 * w->p);
        ALM_TRY(give(w, d, end, b + k * d->p, out ? out + k : NULL, e));
    }
    return ALM_OK;
}

int rq_fit(struct rq *w, const struct rq_data *d, double tau, double *b, struct rq_result *out, struct alm_err *e)
{
    return rq_fit_levels(w, d, &tau, 1, b, out, e);
}

int rq_refit_levels(struct rq *w, const struct rq_data *d, const double *tau, size_t levels, double *b,
                    struct rq_result *out, struct alm_err *e)
{
    ALM_TRY(check_levels(tau, levels, e));
    ALM_TRY(prepare(w, d, e));
    for (size_t k = 0; k < levels; k++) {
        for (size_t j = 0; j < w->p; j++)
            w->v.b[j] = isfinite(b[k * d->p + j]) ? ldexp(b[k * d->p + j], w->scale[j] - w->scale[d->p]) : 0;
        set_level(w, tau[k]);
        const enum rq_end end = solve(w, w->n, w->n / REFIT + 4 * w->p);
        if (end == RQ_SINGULAR || end == RQ_DEFICIENT)
            return rq_fit_levels(w, d, tau, levels, b, out, e);
        ALM_TRY(give(w, d, end, b + k * d->p, out ? out + k : NULL, e));
    }
    return ALM_OK;
}

double rq_predict(const double *b, const double *x, size_t p)
{
    double q = 0;
    for (size_t j = 0; j < p; j++)
        q += b[j] * x[j];
    return q;
}

void rq_rearrange(double *q, size_t levels)
{
    for (size_t i = 1; i < levels; i++) {
        const double value = q[i];
        size_t k = i;
        for (; k > 0 && q[k - 1] > value; k--)
            q[k] = q[k - 1];
        q[k] = value;
    }
}
