/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression: what must hold of every answer, on random data with and without ties.
 *
 * Meaning.  On few rows the objective equals the best of all planes through p of them, by trying each. On many rows no direction from
 *           the answer leads down: the slope along random directions, and along those that keep all but one row of the vertex, is not
 *           negative. The rows below and on the plane bracket n tau. Scaling, shifting and turning the data turn the answer with it.
 * Choice.   All of it is exact, so no rate of false alarms; tolerances are for rounding. Seeds are fixed. */
#include "models/regression/quantile_regression.h"
#include "models/regression/rq_window.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 20

struct data {
    double *x, *y;
    size_t n, p;
};

enum kind { SMOOTH, TIED, HEAVY, REPEATED, KINDS };

static struct data make(enum kind kind, size_t n, size_t p, struct alm_stream *s)
{
    struct data d = {calloc(n * p, sizeof(double)), calloc(n, sizeof(double)), n, p};
    for (size_t i = 0; i < n; i++) {
        const size_t twin = kind == REPEATED && i % 2 ? i - 1 : i;
        double scale = 1;
        for (size_t j = 0; j < p; j++) {
            const double a = alm_stream_normal(s);
            d.x[j * n + i] = j == 0 ? 1 : kind == TIED ? round(2 * a) : twin < i ? d.x[j * n + twin] : a;
            d.y[i] += d.x[j * n + i] * (double)(j + 1);
            scale += fabs(a);
        }
        const double noise = alm_stream_normal(s), tail = alm_stream_uniform(s);
        d.y[i] += noise * scale / (kind == HEAVY ? tail : 1);
        d.y[i] = kind == TIED ? round(d.y[i]) : twin < i ? d.y[twin] : d.y[i];
    }
    return d;
}

static void drop(struct data *d)
{
    free(d->x);
    free(d->y);
}

static struct rq_result fit(const struct data *d, double tau, double *b)
{
    struct rq *w = NULL;
    struct rq_result r = {0};
    struct alm_err e = {0};
    cr_assert_eq(rq_new(d->n, d->p, &w, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(rq_fit(w, &(struct rq_data){d->x, d->y, d->n, d->n, d->p}, tau, b, &r, &e), ALM_OK, "%s", e.text);
    cr_expect(r.optimal, "n %zu p %zu tau %g", d->n, d->p, tau);
    rq_free(w);
    return r;
}

static double residual(const struct data *d, const double *b, size_t i)
{
    double r = d->y[i];
    for (size_t j = 0; j < d->p; j++)
        r -= d->x[j * d->n + i] * b[j];
    return r;
}

static double loss(const struct data *d, const double *b, double tau)
{
    double sum = 0;
    for (size_t i = 0; i < d->n; i++) {
        const double r = residual(d, b, i);
        sum += r * (tau - (r < 0));
    }
    return sum;
}

/* B through the rows ROW[p]; false: they are dependent. Gauss with complete rows in the order of the largest pivot. */
static bool through(const struct data *d, const size_t *row, double *b)
{
    const size_t p = d->p;
    double a[COLUMNS][COLUMNS + 1];
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < p; j++)
            a[i][j] = d->x[j * d->n + row[i]];
        a[i][p] = d->y[row[i]];
    }
    for (size_t j = 0; j < p; j++) {
        size_t pivot = j;
        for (size_t i = j; i < p; i++)
            pivot = fabs(a[i][j]) > fabs(a[pivot][j]) ? i : pivot;
        if (fabs(a[pivot][j]) < 1e-9)
            return false;
        for (size_t k = 0; k <= p; k++) {
            const double t = a[j][k];
            a[j][k] = a[pivot][k];
            a[pivot][k] = t;
        }
        for (size_t i = 0; i < p; i++)
            for (size_t k = p + 1; k-- > j && i != j;)
                a[i][k] -= a[i][j] / a[j][j] * a[j][k];
    }
    for (size_t j = 0; j < p; j++)
        b[j] = a[j][p] / a[j][j];
    return true;
}

/* The least objective of all planes through three rows. */
static double best_of_all(const struct data *d, double tau)
{
    double best = INFINITY, b[COLUMNS];
    size_t row[3];
    for (row[0] = 0; row[0] < d->n; row[0]++)
        for (row[1] = row[0] + 1; row[1] < d->n; row[1]++)
            for (row[2] = row[1] + 1; row[2] < d->n; row[2]++)
                if (through(d, row, b))
                    best = fmin(best, loss(d, b, tau));
    return best;
}

Test(quantile_regression, best_of_all_planes)
{
    struct alm_stream s = alm_stream_open(1, 0, "planes");
    const double tau[] = {0.02, 0.25, 0.5, 0.6, 0.95};
    size_t compared = 0;
    for (size_t round = 0; round < 200; round++) {
        struct data d = make((enum kind)(round % KINDS), 4 + round % 15, 3, &s);
        double b[3];
        for (size_t k = 0; k < sizeof tau / sizeof tau[0]; k++) {
            const double best = best_of_all(&d, tau[k]);
            if (isinf(best))
                continue; /* all rows in one line */
            struct rq_result r = fit(&d, tau[k], b);
            cr_expect_float_eq(r.objective, best, 1e-9 * (1 + best), "round %zu tau %g: %.17g, best %.17g", round,
                               tau[k], r.objective, best);
            cr_expect_float_eq(r.objective, loss(&d, b, tau[k]), 1e-10 * (1 + best));
            compared++;
        }
        drop(&d);
    }
    printf("planes: %zu objectives\n", compared);
    cr_expect_gt(compared, 900);
}

/* The slope of the objective from B along DELTA; rows nearer than TIE to the plane count as on it. */
static double slope(const struct data *d, const double *b, const double *delta, double tau, double tie)
{
    double sum = 0;
    for (size_t i = 0; i < d->n; i++) {
        const double r = residual(d, b, i);
        double change = 0;
        for (size_t j = 0; j < d->p; j++)
            change -= d->x[j * d->n + i] * delta[j];
        if (fabs(r) > tie)
            sum += change * (tau - (r < 0));
        else
            sum += change * (tau - (change < 0));
    }
    return sum;
}

static void check_answer(const struct data *d, double tau, struct alm_stream *s)
{
    double b[COLUMNS], size = 0;
    struct rq_result r = fit(d, tau, b);
    for (size_t i = 0; i < d->n; i++)
        size = fmax(size, fabs(d->y[i]));
    for (size_t k = 0; k < 60; k++) {
        double delta[COLUMNS];
        for (size_t j = 0; j < d->p; j++)
            delta[j] = k < 2 * d->p ? (j == k / 2 ? (k % 2 ? -1 : 1) : 0) : alm_stream_normal(s);
        const double down = slope(d, b, delta, tau, 1e-9 * size);
        cr_expect_geq(down, -1e-7 * (double)d->n, "n %zu p %zu tau %g: slope %g", d->n, d->p, tau, down);
    }
    const double share = (double)d->n * tau;
    cr_expect((double)r.negative <= share + 1e-9 * share && share <= (double)(r.negative + r.zero) + 1e-9 * share,
              "%zu below, %zu on the plane, %g of all", r.negative, r.zero, share);
    cr_expect_geq(r.zero, d->p);
}

Test(quantile_regression, no_direction_leads_down)
{
    struct alm_stream s = alm_stream_open(2, 0, "down");
    const size_t n[] = {30, 300, 1000, 3000}, p[] = {1, 2, 5, COLUMNS};
    const double tau[] = {0.01, 0.5, 0.9, 0.99};
    for (size_t kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < 4; i++)
            for (size_t j = 0; j < 4; j++) {
                struct data d = make((enum kind)kind, n[i], p[j], &s);
                check_answer(&d, tau[(i + j) % 4], &s);
                check_answer(&d, tau[(i + j + 1) % 4], &s);
                drop(&d);
            }
}

/* Large enough for several samples. */
Test(quantile_regression, no_direction_leads_down_from_samples)
{
    struct alm_stream s = alm_stream_open(3, 0, "samples");
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct data d = make((enum kind)kind, 40000, 5, &s);
        check_answer(&d, 0.5, &s);
        check_answer(&d, 0.95, &s);
        check_answer(&d, 0.999, &s);
        drop(&d);
    }
}

/* A column that is 1 in three rows of 20000 is missing from small samples; one that is 0 but for the last row as well. */
Test(quantile_regression, rare_columns)
{
    struct alm_stream s = alm_stream_open(4, 0, "rare");
    struct data d = make(SMOOTH, 20000, 4, &s);
    for (size_t i = 0; i < d.n; i++) {
        d.x[2 * d.n + i] = i % 7001 == 17;
        d.x[3 * d.n + i] = i == d.n - 1;
    }
    check_answer(&d, 0.5, &s);
    check_answer(&d, 0.95, &s);
    drop(&d);
}

static void same(const double *got, const double *wanted, size_t p, const char *what)
{
    for (size_t j = 0; j < p; j++)
        cr_expect_float_eq(got[j], wanted[j], 1e-8 * (1 + fabs(wanted[j])), "%s: coefficient %zu is %.12g, not %.12g",
                           what, j, got[j], wanted[j]);
}

/* c y: c b. -y: -b at 1 - tau. y + X g: b + g. Columns times c: b / c. Rows backwards: b. */
Test(quantile_regression, turns_with_the_data)
{
    struct alm_stream s = alm_stream_open(5, 0, "turns");
    for (size_t k = 0; k < 40; k++) {
        struct data d = make(k % 2 ? SMOOTH : HEAVY, 50 + 40 * k, 4, &s), t = make(SMOOTH, d.n, 4, &s);
        double b[4], wanted[4], got[4];
        const double tau = 0.05 + 0.0225 * (double)k, g[] = {5, -2, 0.5, 3};
        struct rq_result r = fit(&d, tau, b);
        cr_assert(r.unique || fabs((double)d.n * tau - round((double)d.n * tau)) < 1e-6, "case %zu", k);
        if (r.unique) {
            memcpy(t.x, d.x, d.n * 4 * sizeof *t.x);
            for (size_t i = 0; i < d.n; i++)
                t.y[i] = -3.7 * d.y[i];
            for (size_t j = 0; j < 4; j++)
                wanted[j] = -3.7 * b[j];
            cr_expect_float_eq(fit(&t, 1 - tau, got).objective, 3.7 * r.objective, 1e-9 * r.objective);
            same(got, wanted, 4, "scaled");
            for (size_t i = 0; i < d.n; i++) {
                t.y[i] = d.y[i];
                for (size_t j = 0; j < 4; j++)
                    t.y[i] += g[j] * d.x[j * d.n + i];
            }
            for (size_t j = 0; j < 4; j++)
                wanted[j] = b[j] + g[j];
            cr_expect_float_eq(fit(&t, tau, got).objective, r.objective, 1e-9 * (1 + r.objective));
            same(got, wanted, 4, "shifted");
            for (size_t i = 0; i < d.n; i++) {
                t.y[i] = d.y[d.n - 1 - i];
                for (size_t j = 0; j < 4; j++)
                    t.x[j * d.n + i] = g[j] * d.x[j * d.n + d.n - 1 - i];
            }
            for (size_t j = 0; j < 4; j++)
                wanted[j] = b[j] / g[j];
            cr_expect_float_eq(fit(&t, tau, got).objective, r.objective, 1e-9 * r.objective);
            same(got, wanted, 4, "other columns, backwards");
        }
        drop(&d);
        drop(&t);
    }
}

Test(quantile_regression, levels_together_are_levels_apart)
{
    struct alm_stream s = alm_stream_open(6, 0, "levels");
    const double tau[] = {0.01, 0.05, 0.5, 0.9, 0.95, 0.99};
    const size_t n[] = {40, 500, 6000};
    enum { LEVELS = 6 };
    for (size_t k = 0; k < 3 * KINDS; k++) {
        struct data d = make((enum kind)(k / 3), n[k % 3], 3, &s);
        struct rq *w = NULL;
        struct rq_result r[LEVELS];
        struct alm_err e = {0};
        double b[LEVELS * 3], alone[3];
        cr_assert_eq(rq_new(d.n, 3, &w, &e), ALM_OK);
        cr_assert_eq(rq_fit_levels(w, &(struct rq_data){d.x, d.y, d.n, d.n, 3}, tau, LEVELS, b, r, &e), ALM_OK);
        for (size_t l = 0; l < LEVELS; l++) {
            struct rq_result apart = fit(&d, tau[l], alone);
            cr_expect(r[l].optimal);
            cr_expect_float_eq(r[l].objective, apart.objective, 1e-9 * (1 + apart.objective));
            cr_expect_float_eq(r[l].objective, loss(&d, b + 3 * l, tau[l]), 1e-9 * (1 + apart.objective));
        }
        rq_free(w);
        drop(&d);
    }
}

/* Each refit of a sliding window finds the optimum of a fit of the same rows from scratch. */
static void slide(enum kind kind, size_t rows, size_t every)
{
    enum { P = 3, STEPS = 600, LEVELS = 2 };
    struct alm_stream s = alm_stream_open(7, kind, "slide");
    struct data all = make(kind, STEPS, P, &s);
    const double tau[LEVELS] = {0.1, 0.95};
    struct rq_window *window = malloc(rq_window_size(rows, P, LEVELS));
    struct rq *w = NULL;
    struct alm_err e = {0};
    size_t refits = 0;
    rq_window_init(window, rows, P, LEVELS);
    cr_assert_eq(rq_new(rows, P, &w, &e), ALM_OK);
    cr_expect(rq_window_due(window, every));
    cr_expect_eq(rq_window_coefficients(window, 1)[P - 1], 0);
    for (size_t i = 0; i < STEPS; i++) {
        const double x[P] = {all.x[i], all.x[STEPS + i], all.x[2 * STEPS + i]};
        struct rq_result r[LEVELS];
        rq_window_put(window, x, all.y[i]);
        if (!rq_window_due(window, every))
            continue;
        cr_assert_eq(rq_window_refit(window, w, tau, r, &e), ALM_OK, "%s", e.text);
        const size_t n = i + 1 < rows ? i + 1 : rows;
        struct data d = {calloc(n * P, sizeof(double)), all.y + i + 1 - n, n, P};
        for (size_t k = 0; k < n * P; k++)
            d.x[k] = all.x[k / n * STEPS + i + 1 - n + k % n];
        for (size_t l = 0; l < LEVELS; l++) {
            double b[P];
            const struct rq_result scratch = fit(&d, tau[l], b);
            cr_expect(r[l].optimal, "row %zu", i);
            cr_expect_eq(r[l].rows, n);
            cr_expect_float_eq(r[l].objective, scratch.objective, 1e-9 * (1 + scratch.objective), "row %zu: %g, %g", i,
                               r[l].objective, scratch.objective);
            cr_expect_float_eq(loss(&d, rq_window_coefficients(window, l), tau[l]), scratch.objective,
                               1e-9 * (1 + scratch.objective));
        }
        free(d.x);
        refits++;
    }
    cr_expect_geq(refits, STEPS / every);
    rq_free(w);
    free(window);
    drop(&all);
}

Test(quantile_regression, window_is_a_fit_from_scratch)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        slide((enum kind)kind, 60, 1);
        slide((enum kind)kind, 200, 12);
        slide((enum kind)kind, 7, 20);
    }
}
