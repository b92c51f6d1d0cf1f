/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression_vertex: pivots. The header says what and whence. */
#include "quantile_regression_vertex.h"

#include "quantile_regression_loops.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define NEAR 4      /* rows looked at for a basis, times p */
#define SMALL 1e-8  /* of the size of the columns: rows are no support of a plane */
#define REFACTOR 40 /* pivots after which the inverse is made anew */
#define VERIFY 8    /* rounds of checking and going on */
#define STEP 1e-13  /* a shorter step is none */
#define STILL 30    /* steps of length zero before y is moved */
#define MOVE 1e-10  /* by how much, of its size */
#define FIRST 6     /* crossings that are looked for one by one */
#define SLACK 1e-10 /* multipliers may be outside by this */

double rq_noise(const double *b, size_t p)
{
    double size = 1;
    for (size_t j = 0; j < p; j++)
        size += fabs(b[j]);
    return 64 * DBL_EPSILON * size;
}

static double middle(double a, double b, double c)
{
    const double low = fmin(a, b), high = fmax(a, b);
    return fmax(low, fmin(high, c));
}

double rq_select(double *value, size_t n, size_t k)
{
    size_t low = 0, high = n;
    while (high - low > 1) {
        const double v = middle(value[low], value[low + (high - low) / 2], value[high - 1]);
        size_t less = low, i = low, more = high;
        while (i < more) {
            const double a = value[i];
            if (a < v) {
                value[i++] = value[less];
                value[less++] = a;
            } else if (a > v) {
                value[i] = value[--more];
                value[more] = a;
            } else {
                i++;
            }
        }
        if (k < less)
            high = less;
        else if (k >= more)
            low = more;
        else
            return v;
    }
    return value[low];
}

size_t rq_independent(const double *x, size_t ld, size_t p, size_t m, double *scratch, size_t *basis, size_t *column)
{
    size_t rank = 0;
    for (size_t j = 0; j < p; j++) {
        double *a = scratch + rank * ld;
        memcpy(a, x + j * ld, m * sizeof *a);
        const double size = rq_largest(a, m);
        for (size_t k = 0; k < rank; k++) {
            rq_advance(a, scratch + k * ld, a[basis[k]], m);
            a[basis[k]] = 0;
        }
        const double largest = rq_largest(a, m);
        if (!(largest > RQ_DEPENDENT * size))
            continue;
        size_t pivot = 0;
        while (fabs(a[pivot]) < largest)
            pivot++;
        const double scale = a[pivot];
        for (size_t i = 0; i < m; i++)
            a[i] /= scale;
        basis[rank] = pivot;
        column[rank++] = j;
    }
    return rank;
}

/* Take row AT into the basis as number COUNT if what it adds to the rows before, held orthonormal in ORTHO, is above SHARE of it. */
static bool take(struct rq_vertex *v, double *ortho, size_t count, size_t at, double share)
{
    double *q = ortho + count * v->p;
    double before = 0, after = 0;
    for (size_t j = 0; j < v->p; j++) {
        q[j] = v->x[j * v->ld + at];
        before += q[j] * q[j];
    }
    for (size_t k = 0; k < count; k++) {
        const double *o = ortho + k * v->p;
        double dot = 0;
        for (size_t j = 0; j < v->p; j++)
            dot += q[j] * o[j];
        for (size_t j = 0; j < v->p; j++)
            q[j] -= dot * o[j];
    }
    for (size_t j = 0; j < v->p; j++)
        after += q[j] * q[j];
    if (!(after > share * share * before && after > SMALL * SMALL))
        return false;
    for (size_t j = 0; j < v->p; j++)
        q[j] /= sqrt(after);
    v->basis[count] = at;
    return true;
}

/* The NEAR * p rows nearest to the plane into v->at, nearest first; ties by row. */
static size_t nearest(struct rq_vertex *v)
{
    const size_t want = NEAR * v->p < v->n ? NEAR * v->p : v->n;
    size_t count = 0;
    double limit = INFINITY; /* the largest of those held, when they are enough */
    for (size_t i = 0; i < v->n; i++) {
        const double a = fabs(v->r[i]);
        if (!(a < limit))
            continue;
        size_t k = count < want ? count++ : want - 1;
        for (; k > 0 && v->t[k - 1] > a; k--) {
            v->t[k] = v->t[k - 1];
            v->at[k] = v->at[k - 1];
        }
        v->t[k] = a;
        v->at[k] = (uint32_t)i;
        if (count == want)
            limit = v->t[want - 1];
    }
    return count;
}

static bool choose_basis(struct rq_vertex *v)
{
    if (v->n < v->p)
        return false;
    rq_residuals(v->x, v->ld, v->p, v->y, v->b, v->r, rq_padded(v->n));
    const size_t near = nearest(v);
    for (double share = 1e-2; share > 1e-7; share *= 1e-2) {
        size_t count = 0;
        for (size_t k = 0; k < near && count < v->p; k++)
            count += take(v, v->work, count, v->at[k], share);
        for (size_t i = 0; i < v->n && count < v->p && !v->scratch; i++)
            count += take(v, v->work, count, i, share);
        if (count == v->p)
            return true;
    }
    return false;
}

/* The inverse of the basis rows, by Gauss and Jordan with row pivots: inverse[j * p + k] is element (k, j). */
static bool invert(struct rq_vertex *v)
{
    const size_t p = v->p;
    double *a = v->work, *inverse = v->inverse;
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++) {
            a[i * p + j] = v->x[j * v->ld + v->basis[i]];
            inverse[i * p + j] = i == j;
        }
    for (size_t j = 0; j < p; j++) {
        size_t pivot = j;
        for (size_t i = j + 1; i < p; i++)
            if (fabs(a[i * p + j]) > fabs(a[pivot * p + j]))
                pivot = i;
        if (!(fabs(a[pivot * p + j]) > 1e-14))
            return false;
        for (size_t k = 0; k < p && pivot != j; k++) {
            const double low = a[j * p + k], high = inverse[j * p + k];
            a[j * p + k] = a[pivot * p + k];
            a[pivot * p + k] = low;
            inverse[j * p + k] = inverse[pivot * p + k];
            inverse[pivot * p + k] = high;
        }
        const double scale = 1 / a[j * p + j];
        for (size_t k = 0; k < p; k++) {
            a[j * p + k] *= scale;
            inverse[j * p + k] *= scale;
        }
        for (size_t i = 0; i < p; i++) {
            const double c = a[i * p + j];
            for (size_t k = 0; k < p && i != j && c != 0; k++) {
                a[i * p + k] -= c * a[j * p + k];
                inverse[i * p + k] -= c * inverse[j * p + k];
            }
        }
    }
    for (size_t i = 0; i < p; i++)
        for (size_t j = i + 1; j < p; j++) {
            const double upper = inverse[i * p + j];
            inverse[i * p + j] = inverse[j * p + i];
            inverse[j * p + i] = upper;
        }
    return true;
}

/* B and the residuals of the basis, from the inverse made anew, refined once. */
static bool stand(struct rq_vertex *v)
{
    const size_t p = v->p;
    if (!invert(v))
        return false;
    memset(v->b, 0, p * sizeof *v->b);
    for (int round = 0; round < 2; round++)
        for (size_t j = 0; j < p; j++) {
            double rest = v->y[v->basis[j]];
            for (size_t k = 0; k < p; k++)
                rest -= v->x[k * v->ld + v->basis[j]] * v->b[k];
            v->edge[j] = rest;
            if (j + 1 < p)
                continue;
            for (size_t i = 0; i < p; i++)
                for (size_t k = 0; k < p; k++)
                    v->b[k] += v->inverse[i * p + k] * v->edge[i];
        }
    rq_residuals(v->x, v->ld, p, v->y, v->b, v->r, rq_padded(v->n));
    for (size_t j = 0; j < p; j++)
        v->r[v->basis[j]] = 0;
    return true;
}

static void set_gradient(struct rq_vertex *v)
{
    for (size_t j = 0; j < v->p; j++)
        v->gradient[j] = v->outside[j] + rq_weighted(v->x + j * v->ld, v->side, rq_padded(v->n));
}

/* Sides by the sign of the residual. Of rows whose residual is rounding the side stays when KEEP. Returns how many changed. */
static size_t set_sides(struct rq_vertex *v, bool keep)
{
    const double noise = keep ? rq_noise(v->b, v->p) : 0;
    size_t changed = 0;
    for (size_t j = 0; j < v->p; j++)
        v->side[v->basis[j]] = 0;
    for (size_t i = 0; i < v->n; i++) {
        if (keep && (v->side[i] == 0 || fabs(v->r[i]) <= noise))
            continue;
        const double side = v->r[i] >= 0 ? v->tau : v->tau - 1;
        changed += v->side[i] != side;
        v->side[i] = side;
    }
    for (size_t i = v->n; i < rq_padded(v->n); i++)
        v->side[i] = 0;
    for (size_t j = 0; j < v->p; j++)
        v->side[v->basis[j]] = 0;
    return changed;
}

/* The edge with the steepest fall: its number, its sign and the slope along v->edge; p: there is none. */
static size_t choose_edge(struct rq_vertex *v, double *sign, double *slope)
{
    size_t best = v->p;
    double steepest = 0;
    for (size_t j = 0; j < v->p; j++) {
        const double *edge = v->inverse + j * v->p;
        double d = 0, size = 0, length = 0;
        for (size_t k = 0; k < v->p; k++) {
            d -= edge[k] * v->gradient[k];
            size += fabs(edge[k]);
            length += edge[k] * edge[k];
        }
        v->multiplier[j] = d;
        const double over = d > 0 ? d - v->tau : v->tau - 1 - d;
        const double slack = SLACK + 4 * DBL_EPSILON * (double)v->n * size;
        if (over > slack && over * over > steepest * length) {
            steepest = over * over / length;
            best = j;
            *sign = d > 0 ? -1 : 1;
            *slope = -over;
        }
    }
    for (size_t k = 0; k < v->p && best < v->p; k++)
        v->edge[k] = *sign * v->inverse[best * v->p + k];
    return best;
}

/* The rows that are crossed along the edge: v->at, with the step at which in v->t. Returns how many. */
static size_t crossings(struct rq_vertex *v)
{
    const size_t m = rq_padded(v->n);
    double size = 0;
    size_t count = 0;
    rq_along(v->x, v->ld, v->p, v->edge, v->s, m);
    for (size_t k = 0; k < v->p; k++)
        size += fabs(v->edge[k]);
    const double noise = 1e-11 * size * fmin(v->tau, 1 - v->tau);
    for (size_t i = 0; i < v->n; i++) {
        v->at[count] = (uint32_t)i;
        count += v->side[i] * v->s[i] > noise;
    }
    for (size_t k = 0; k < count; k++) {
        const double t = v->r[v->at[k]] / v->s[v->at[k]];
        v->t[k] = t > 0 ? t : 0;
    }
    return count;
}

static void swap(struct rq_vertex *v, size_t a, size_t b)
{
    const double t = v->t[a];
    const uint32_t at = v->at[a];
    v->t[a] = v->t[b];
    v->at[a] = v->at[b];
    v->t[b] = t;
    v->at[b] = at;
}

/* The same as `turn`, looking for the next crossing at most FIRST times: near the optimum the slope turns at one of them. Where it does
 * not, *SLOPE is that after them, and they are in their places. Returns a place, or how many were looked at. */
static size_t turn_early(struct rq_vertex *v, size_t count, double *slope)
{
    const size_t first = count < FIRST ? count : FIRST;
    for (size_t k = 0; k < first; k++) {
        size_t least = k;
        for (size_t i = k + 1; i < count; i++)
            if (v->t[i] < v->t[least])
                least = i;
        swap(v, k, least);
        *slope += fabs(v->s[v->at[k]]);
        if (*slope >= 0)
            return k;
    }
    return first;
}

/* The place in v->at of the crossing at which SLOPE turns; those before it come earlier. COUNT: it never does. */
static size_t turn(struct rq_vertex *v, size_t count, double slope)
{
    size_t low = turn_early(v, count, &slope), high = count;
    if (slope >= 0)
        return low;
    while (low < high) {
        const double pivot = middle(v->t[low], v->t[low + (high - low) / 2], v->t[high - 1]);
        size_t less = low, i = low, more = high;
        double fall = slope;
        while (i < more) {
            const double t = v->t[i];
            if (t < pivot) {
                fall += fabs(v->s[v->at[i]]);
                swap(v, i++, less++);
            } else if (t > pivot) {
                swap(v, i, --more);
            } else {
                i++;
            }
        }
        if (fall >= 0 && less > low) {
            high = less;
            continue;
        }
        for (i = less; i < more; i++) {
            fall += fabs(v->s[v->at[i]]);
            if (fall >= 0)
                return i;
        }
        slope = fall;
        low = more;
    }
    return low; /* below COUNT where the sum that is 0 was above it in another order */
}

/* Go along the edge SIGN * column OUT to crossing TO, through those before it; the row there enters the basis. */
static void step(struct rq_vertex *v, size_t out, double sign, size_t to)
{
    const size_t p = v->p, in = v->at[to], gone = v->basis[out], m = rq_padded(v->n);
    const double t = v->t[to];
    double *leaving = v->inverse + out * p;
    rq_advance(v->r, v->s, t, m);
    for (size_t k = 0; k < to; k++) {
        const size_t i = v->at[k];
        const double turned = v->side[i] > 0 ? -1 : 1;
        v->side[i] = turned > 0 ? v->tau : v->tau - 1;
        for (size_t j = 0; j < p; j++)
            v->gradient[j] += turned * v->x[j * v->ld + i];
    }
    const double side = sign > 0 ? v->tau - 1 : v->tau;
    for (size_t j = 0; j < p; j++)
        v->gradient[j] += side * v->x[j * v->ld + gone] - v->side[in] * v->x[j * v->ld + in];
    v->side[gone] = side;
    v->r[gone] = -sign * t;
    v->side[in] = 0;
    v->r[in] = 0;
    v->basis[out] = in;
    const double pivot = sign * v->s[in];
    for (size_t k = 0; k < p; k++)
        leaving[k] /= pivot;
    for (size_t c = 0; c < p; c++) {
        double *column = v->inverse + c * p, w = 0;
        if (c == out)
            continue;
        for (size_t k = 0; k < p; k++)
            w += v->x[k * v->ld + in] * column[k];
        for (size_t k = 0; k < p; k++)
            column[k] -= w * leaving[k];
    }
    v->pivots++;
}

/* A number in [0, 1) that looks random and belongs to I. */
static double scatter(uint64_t i)
{
    uint64_t z = (i + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* Move y by SIZE (0: back). */
static bool move(struct rq_vertex *v, double size)
{
    for (size_t i = 0; i < v->n; i++)
        v->y[i] = size > 0 ? v->moved[i] + size * scatter(i) : v->moved[i];
    return stand(v);
}

/* Pivot until there is no edge to go. MOVED: set when y was moved; NULL: it may not be. */
static enum rq_end descend(struct rq_vertex *v, bool *moved)
{
    size_t still = 0, since = 0;
    for (;;) {
        double sign = 0, slope = 0;
        const size_t out = choose_edge(v, &sign, &slope);
        if (out == v->p)
            return RQ_OPTIMAL;
        if (v->pivots >= v->cap)
            return RQ_CAPPED;
        const size_t count = crossings(v), to = turn(v, count, slope);
        if (to == count)
            return RQ_UNBOUNDED;
        still = v->t[to] > STEP ? 0 : still + 1;
        step(v, out, sign, to);
        const bool stuck = still > STILL + v->p && moved && !*moved;
        if (stuck) {
            memcpy(v->moved, v->y, v->n * sizeof *v->y);
            *moved = true;
        }
        if (stuck || ++since == REFACTOR) {
            since = 0;
            if (!(stuck ? move(v, MOVE) : stand(v)))
                return RQ_SINGULAR;
            set_sides(v, true);
            set_gradient(v);
        }
    }
}

/* v->edge becomes the one to go next, zeros when there is none. */
static void face_edge(struct rq_vertex *v)
{
    double sign, slope;
    set_gradient(v);
    if (choose_edge(v, &sign, &slope) == v->p)
        memset(v->edge, 0, v->p * sizeof *v->edge);
}

/* Pivot until the vertex, computed anew, needs no step. */
static enum rq_end settle(struct rq_vertex *v)
{
    for (int round = 0; round < VERIFY; round++) {
        const size_t before = v->pivots;
        bool moved = false;
        set_gradient(v);
        const enum rq_end end = descend(v, round < VERIFY / 2 ? &moved : NULL);
        if (end == RQ_OPTIMAL && v->pivots == before)
            return end; /* with residuals and multipliers that were computed from the vertex alone */
        if (!(moved ? move(v, 0) : stand(v)))
            return RQ_SINGULAR;
        set_sides(v, true);
        if (end == RQ_UNBOUNDED)
            face_edge(v);
        if (end != RQ_OPTIMAL)
            return end;
    }
    return RQ_CAPPED;
}

enum rq_end rq_vertex_solve(struct rq_vertex *v)
{
    if (!choose_basis(v) &&
        !(v->scratch && rq_independent(v->x, v->ld, v->p, v->n, v->scratch, v->basis, v->column) == v->p))
        return RQ_SINGULAR;
    if (!stand(v))
        return RQ_SINGULAR;
    set_sides(v, false);
    return settle(v);
}

enum rq_end rq_vertex_go_on(struct rq_vertex *v, size_t before)
{
    for (size_t i = before; i < v->n; i++)
        v->side[i] = v->r[i] >= 0 ? v->tau : v->tau - 1;
    for (size_t i = v->n; i < rq_padded(v->n); i++)
        v->side[i] = v->r[i] = 0;
    return settle(v);
}
