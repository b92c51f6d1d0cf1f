/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_kalman: prediction errors of a series with missing values: the Kalman filter with differencing in the state.
 *
 * Meaning.  State: the ARMA state [r], then the last values y_{t-1} .. y_{t-lost}; y_t = x_0 + sum delta_j y_{t-j}. At the start
 *           the last values are unknown: infinite variance P_inf, kept apart from the finite P.
 * Choice.   Once F has been 1 for r steps without a gap, P is known (the outer product of the shock's effect), and a step is
 *           O(r + lost) until the next gap. */
#include "arima_likelihood.h"

#include <math.h>
#include <string.h>

#define STEADY 1e-12
#define DIFFUSE 1e-9

/* M = P Z' over the rows [from, to) of P; returns Z M. */
static double times_z(const struct arima_work *k, const double *P, double *M)
{
    const size_t m = k->m, r = k->r;
    for (size_t i = 0; i < m; i++) {
        const double *row = P + i * m;
        double sum = row[0];
        for (size_t j = 0; j < k->diff.count; j++)
            sum += k->diff.value[j] * row[r + k->diff.lag[j] - 1];
        M[i] = sum;
    }
    double F = M[0];
    for (size_t j = 0; j < k->diff.count; j++)
        F += k->diff.value[j] * M[r + k->diff.lag[j] - 1];
    return F;
}

static double seen_part(const struct arima_work *k, const double *x)
{
    double sum = x[0];
    for (size_t j = 0; j < k->diff.count; j++)
        sum += k->diff.value[j] * x[k->r + k->diff.lag[j] - 1];
    return sum;
}

/* x <- T x. */
static void advance(const struct arima_work *k, double *x)
{
    const size_t r = k->r;
    const double first = x[0], y = k->lost ? seen_part(k, x) : 0;
    for (size_t i = 0; i < r; i++)
        x[i] = k->phi[i] * first + (i + 1 < r ? x[i + 1] : 0);
    if (k->lost) {
        memmove(x + r + 1, x + r, (k->lost - 1) * sizeof *x);
        x[r] = y;
    }
}

/* P <- T P T': T on the rows, then on the columns. */
static void advance_covariance(const struct arima_work *k, double *P)
{
    const size_t m = k->m, r = k->r;
    double *first = k->row, *seen = k->K0;
    memcpy(first, P, m * sizeof *first);
    times_z(k, P, seen); /* P is symmetric: P Z' is (Z P)' */
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j < m; j++)
            P[i * m + j] = k->phi[i] * first[j] + (i + 1 < r ? P[(i + 1) * m + j] : 0);
    if (k->lost) {
        memmove(P + (r + 1) * m, P + r * m, (k->lost - 1) * m * sizeof *P);
        memcpy(P + r * m, seen, m * sizeof *P);
    }
    for (size_t i = 0; i < m; i++)
        advance(k, P + i * m);
}

static void add_shock(const struct arima_work *k, double *P)
{
    for (size_t i = 0; i < k->r; i++)
        for (size_t j = 0; j < k->r; j++)
            P[i * k->m + j] += (i ? k->theta[i - 1] : 1) * (j ? k->theta[j - 1] : 1);
}

/* P <- P - M M' / F. */
static void update_covariance(const struct arima_work *k, double F)
{
    const size_t m = k->m;
    for (size_t i = 0; i < m; i++) {
        const double gain = k->M[i] / F;
        for (size_t j = 0; j < m; j++)
            k->P[i * m + j] -= gain * k->M[j];
    }
}

/* An observation that resolves a part of the unknown start: gain K0 = P_inf Z' / F_inf. */
static void update_diffuse(const struct arima_work *k, double F, double F_inf)
{
    const size_t m = k->m;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) {
            k->P[i * m + j] += k->K0[i] * k->K0[j] * F - k->M[i] * k->K0[j] - k->K0[i] * k->M[j];
            k->P_inf[i * m + j] -= k->K0[i] * k->K0[j] * F_inf;
        }
}

struct gaps {
    struct arima_log det;
    size_t since_gap, flat; /* rows without a gap; rows in a row with F of 1 */
    bool diffuse, steady;
};

static void start(struct arima_work *k, const struct arima_columns *c, struct gaps *g)
{
    const size_t m = k->m;
    *g = (struct gaps){.det = {1, 0}, .diffuse = k->lost > 0};
    memset(k->x, 0, c->count * m * sizeof *k->x);
    memset(k->P, 0, m * m * sizeof *k->P);
    memset(k->P_inf, 0, m * m * sizeof *k->P_inf);
    arima_start_covariance(k, k->P, m);
    for (size_t i = k->r; i < m; i++)
        k->P_inf[i * m + i] = 1;
    k->count = 0;
}

static bool still_diffuse(const struct arima_work *k)
{
    for (size_t i = k->r; i < k->m; i++)
        if (fabs(k->P_inf[i * k->m + i]) > DIFFUSE)
            return true;
    return false;
}

/* v of all columns at row T; x <- x + gain v, over ROWS rows of the state. */
static void correct(struct arima_work *k, const struct arima_columns *c, size_t t, double scale, const double *gain,
                    double divide, size_t rows)
{
    for (size_t j = 0; j < c->count; j++) {
        double *x = k->x + j * k->m;
        const double v = c->at[j * c->n + t] - seen_part(k, x);
        k->v[j * c->n + t] = v * scale;
        for (size_t i = 0; i < rows; i++)
            x[i] += gain[i] * v / divide;
    }
}

static bool see(struct arima_work *k, const struct arima_columns *c, size_t t, struct gaps *g)
{
    if (g->steady) {
        k->row[0] = 1;
        memcpy(k->row + 1, k->theta, (k->r - 1) * sizeof *k->row);
        correct(k, c, t, 1, k->row, 1, k->r);
        k->count++;
        return true;
    }
    const double F_inf = g->diffuse ? times_z(k, k->P_inf, k->K0) : 0;
    const double F = times_z(k, k->P, k->M);
    if (F_inf > DIFFUSE) {
        for (size_t i = 0; i < k->m; i++)
            k->K0[i] /= F_inf;
        correct(k, c, t, 0, k->K0, 1, k->m);
        update_diffuse(k, F, F_inf);
        g->diffuse = still_diffuse(k);
        return true;
    }
    if (!(F > 0) || !isfinite(F))
        return false;
    correct(k, c, t, 1 / sqrt(F), k->M, F, k->m);
    update_covariance(k, F);
    arima_log_add(&g->det, F);
    k->count++;
    g->flat = fabs(F - 1) < STEADY ? g->flat + 1 : 0;
    return true;
}

bool arima_gaps(struct arima_work *k, const struct arima_columns *c)
{
    struct gaps g;
    start(k, c, &g);
    for (size_t t = 0; t < c->n; t++) {
        if (isnan(c->at[t])) {
            for (size_t j = 0; j < c->count; j++)
                k->v[j * c->n + t] = 0;
            if (g.steady) { /* P is that of one shock */
                memset(k->P, 0, k->m * k->m * sizeof *k->P);
                add_shock(k, k->P);
            }
            g.since_gap = g.flat = 0;
            g.steady = false;
        } else {
            if (!see(k, c, t, &g))
                return false;
            g.since_gap++;
        }
        for (size_t j = 0; j < c->count; j++)
            advance(k, k->x + j * k->m);
        if (!g.steady) {
            advance_covariance(k, k->P);
            add_shock(k, k->P);
            if (g.diffuse)
                advance_covariance(k, k->P_inf);
            g.steady = !g.diffuse && g.flat >= k->r && g.since_gap >= k->m;
        }
    }
    if (g.steady) {
        memset(k->P, 0, k->m * k->m * sizeof *k->P);
        add_shock(k, k->P);
    }
    k->log_det = arima_log_sum(&g.det);
    return isfinite(k->log_det);
}
