/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression: answers that can be worked out by hand, and input that has none or many. */
#include "models/regression/quantile_regression.h"

#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define P 4

static struct rq *workspace(size_t rows, size_t columns)
{
    struct rq *w = NULL;
    struct alm_err e = {0};
    cr_assert_eq(rq_new(rows, columns, &w, &e), ALM_OK, "%s", e.text);
    return w;
}

/* Fit X, by columns without gaps, in a workspace of its own. */
static struct rq_result fitted(const double *x, const double *y, size_t n, size_t p, double tau, double *b)
{
    struct rq *w = workspace(n, p);
    struct rq_result r = {0};
    struct alm_err e = {0};
    cr_assert_eq(rq_fit(w, &(struct rq_data){x, y, n, n, p}, tau, b, &r, &e), ALM_OK, "%s", e.text);
    rq_free(w);
    return r;
}

static int refused(const double *x, const double *y, size_t n, size_t p, double tau, const char *word)
{
    struct rq *w = workspace(n, p);
    struct rq_result r = {.objective = -1};
    struct alm_err e = {0};
    double b[P] = {-1, -1, -1, -1};
    const int code = rq_fit(w, &(struct rq_data){x, y, n, n, p}, tau, b, &r, &e);
    rq_free(w);
    cr_expect(strstr(e.text, word), "`%s` does not say `%s`", e.text, word);
    cr_expect_eq(r.objective, -1);
    cr_expect_eq(b[0], -1);
    return code;
}

/* 0 .. below - 1. */
static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % below;
}

/* Of the three lines through two of (0, 0), (1, 1), (2, 5), the one through the outer two is 1.5 above the third: half of it
 * at the median. Each other one is 3 off. */
static const double LINE_X[] = {1, 1, 1, 0, 1, 2}, LINE_Y[] = {0, 1, 5};

Test(quantile_regression, line_through_two_of_three)
{
    double b[2];
    struct rq_result r = fitted(LINE_X, LINE_Y, 3, 2, 0.5, b);
    cr_expect_float_eq(b[0], 0, 1e-15);
    cr_expect_float_eq(b[1], 2.5, 1e-15);
    cr_expect_float_eq(r.objective, 0.75, 1e-15);
    cr_expect(r.optimal && r.unique);
    cr_expect_eq(r.negative, 1);
    cr_expect_eq(r.zero, 2);
    cr_expect_eq(r.rank, 2);
    cr_expect_eq(r.rows, 3);
}

/* 1 .. 10 in another order. The quantile is the value at ceil(10 tau), alone unless 10 tau is whole. */
Test(quantile_regression, intercept_alone_is_an_order_statistic)
{
    const double ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, y[] = {7, 2, 9, 4, 1, 10, 3, 8, 5, 6};
    const double tau[] = {0.01, 0.05, 0.33, 0.55, 0.95, 0.999}, value[] = {1, 1, 4, 6, 10, 10};
    double b;
    for (size_t k = 0; k < sizeof tau / sizeof tau[0]; k++) {
        struct rq_result r = fitted(ones, y, 10, 1, tau[k], &b);
        cr_expect_eq(b, value[k], "tau %g: %g", tau[k], b);
        cr_expect(r.optimal && r.unique, "tau %g", tau[k]);
    }
    struct rq_result r = fitted(ones, y, 10, 1, 0.5, &b);
    cr_expect(r.optimal && !r.unique && (b == 5 || b == 6));
    cr_expect_float_eq(r.objective, 12.5, 1e-13); /* half of 25, the sum of distances to the median */
}

Test(quantile_regression, sizes_do_not_matter)
{
    const double size[] = {1e300, 1e-300, 5e-310, 1e150, 3.7e-9};
    for (size_t k = 0; k < sizeof size / sizeof size[0]; k++) {
        double x[6], y[3], b[2];
        for (size_t i = 0; i < 3; i++) {
            x[i] = 1;
            x[3 + i] = LINE_X[3 + i];
            y[i] = LINE_Y[i] * size[k];
        }
        struct rq_result r = fitted(x, y, 3, 2, 0.5, b);
        cr_expect_float_eq(b[1] / size[k], 2.5, 1e-12, "%g: %g", size[k], b[1]);
        cr_expect_float_eq(r.objective / size[k], 0.75, 1e-12);
        if (size[k] < DBL_MIN)
            continue; /* the coefficient would overflow */
        for (size_t i = 0; i < 3; i++)
            x[3 + i] *= size[k];
        r = fitted(x, LINE_Y, 3, 2, 0.5, b);
        cr_expect_float_eq(b[1] * size[k], 2.5, 1e-12, "%g: %g", size[k], b[1]);
        cr_expect_float_eq(r.objective, 0.75, 1e-12);
    }
}

/* The coefficient would be 2.5e600. */
Test(quantile_regression, overflow_is_an_error)
{
    double x[6] = {1, 1, 1, 0, 1e-300, 2e-300}, y[3] = {0, 1e300, 5e300};
    cr_expect_eq(refused(x, y, 3, 2, 0.5, "overflow"), ALM_EDATA);
}

Test(quantile_regression, dependent_columns_share)
{
    double x[12] = {1, 1, 1, 0, 1, 2, 0, 1, 2, 0, 0, 0}, b[4];
    struct rq_result r = fitted(x, LINE_Y, 3, 4, 0.5, b);
    cr_expect_float_eq(b[0], 0, 1e-15);
    cr_expect_float_eq(b[1], 1.25, 1e-14);
    cr_expect_float_eq(b[2], 1.25, 1e-14);
    cr_expect_eq(b[3], 0);
    cr_expect_eq(r.rank, 2);
    cr_expect(r.optimal && !r.unique);
    cr_expect_float_eq(r.objective, 0.75, 1e-14);
}

/* One row (3, 4) that must give 25: (3, 4) is the shortest answer. */
Test(quantile_regression, fewer_rows_than_columns)
{
    const double x[] = {3, 4}, y = 25;
    double b[2];
    struct rq_result r = fitted(x, &y, 1, 2, 0.9, b);
    cr_expect_float_eq(b[0], 3, 1e-14);
    cr_expect_float_eq(b[1], 4, 1e-14);
    cr_expect_float_eq(r.objective, 0, 1e-14);
    cr_expect(r.optimal && !r.unique);
}

/* Above zero 0.25 * 4, below 0.75 * 2. */
Test(quantile_regression, columns_of_zeros)
{
    const double x[4] = {0}, y[] = {4, -2};
    double b[2];
    struct rq_result r = fitted(x, y, 2, 2, 0.25, b);
    cr_expect(b[0] == 0 && b[1] == 0);
    cr_expect_eq(r.rank, 0);
    cr_expect_float_eq(r.objective, 2.5, 1e-15);
    cr_expect(r.optimal && !r.unique);
}

Test(quantile_regression, constant_response)
{
    double x[50], y[25], b[2];
    for (size_t i = 0; i < 25; i++) {
        x[i] = 1;
        x[25 + i] = (double)i + 1;
        y[i] = 7;
    }
    struct rq_result r = fitted(x, y, 25, 2, 0.3, b);
    cr_expect_float_eq(b[0], 7, 1e-13);
    cr_expect_float_eq(b[1], 0, 1e-14);
    cr_expect_eq(r.zero, 25);
    cr_expect(r.optimal);
}

Test(quantile_regression, rows_that_are_not_finite_are_left_out)
{
    const double x[14] = {1, 1, NAN, 1, 1, 1, 1, 0, 3, 0, INFINITY, 1, 2, 1};
    double y[7] = {0, NAN, 2, 2, 1, 5, INFINITY}, b[2];
    struct rq_result r = fitted(x, y, 7, 2, 0.5, b);
    cr_expect_eq(r.rows, 3);
    cr_expect_float_eq(b[1], 2.5, 1e-15);
    for (size_t i = 0; i < 7; i++)
        y[i] = NAN;
    cr_expect_eq(refused(x, y, 7, 2, 0.5, "none of 7 rows"), ALM_EDATA);
}

Test(quantile_regression, wrong_use)
{
    const double level[] = {0, 1, -0.5, 2, NAN, INFINITY};
    struct rq *w = NULL;
    struct alm_err e = {0};
    double b[4];
    for (size_t k = 0; k < sizeof level / sizeof level[0]; k++)
        cr_expect_eq(refused(LINE_X, LINE_Y, 3, 2, level[k], "level"), ALM_EINVAL, "%g", level[k]);
    cr_expect_eq(rq_new(0, 1, &w, &e), ALM_EINVAL);
    cr_expect_eq(rq_new(1, 0, &w, &e), ALM_EINVAL);
    cr_expect_eq(rq_new(1, RQ_COLUMNS + 1, &w, &e), ALM_EINVAL);
    cr_expect_null(w);
    rq_free(NULL);
    w = workspace(2, 2);
    cr_expect_eq(rq_fit(w, &(struct rq_data){LINE_X, LINE_Y, 3, 3, 2}, 0.5, b, NULL, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "room for 2 and 2"), "%s", e.text);
    cr_expect_eq(rq_fit(w, &(struct rq_data){LINE_X, LINE_Y, 1, 1, 3}, 0.5, b, NULL, &e), ALM_EINVAL);
    const double falling[] = {0.5, 0.25};
    cr_expect_eq(rq_fit_levels(w, &(struct rq_data){LINE_X, LINE_Y, 2, 2, 2}, falling, 2, b, NULL, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "level 2"), "%s", e.text);
    rq_free(w);
}

Test(quantile_regression, rearranged_quantiles_rise)
{
    double q[] = {3, 1, 2, 2, -1};
    rq_rearrange(q, 5);
    cr_expect(q[0] == -1 && q[1] == 1 && q[2] == 2 && q[3] == 2 && q[4] == 3);
    cr_expect_eq(rq_predict((double[]){2, 3}, (double[]){1, -1}, 2), -1);
}

/* Small whole numbers: at each vertex hundreds of rows are tied. Simple rules of pivoting go round in circles here. */
Test(quantile_regression, ties_everywhere_end)
{
    enum { N = 3000, COLUMNS = 13 };
    struct alm_stream s = alm_stream_open(1, 0, "ties");
    double *x = calloc((size_t)N * COLUMNS, sizeof *x), *y = calloc(N, sizeof *y), b[COLUMNS];
    for (size_t i = 0; i < N; i++) {
        x[i] = 1;
        for (size_t j = 1; j < COLUMNS; j++) {
            x[j * N + i] = (double)alm_stream_below(&s, 5);
            y[i] += x[j * N + i];
        }
        y[i] += (double)alm_stream_below(&s, 4);
    }
    for (double tau = 0.1; tau < 0.95; tau += 0.2) {
        struct rq_result r = fitted(x, y, N, COLUMNS, tau, b);
        cr_expect(r.optimal, "tau %g: %zu pivots", tau, r.pivots);
        cr_expect_lt(r.pivots, 1000);
    }
    free(x);
    free(y);
}

/* Slopes along an edge that are zero in one order of adding and a last bit below it in another: the step ends there all the same. */
Test(quantile_regression, whole_numbers_are_proved)
{
    enum { N = 120, COLUMNS = 4, TABLES = 1000 };
    struct rq *w = workspace(N, COLUMNS);
    double x[N * COLUMNS], y[N], b[COLUMNS];
    for (uint64_t table = 0; table < TABLES; table++) {
        const double tau[] = {0.25, 0.5, 0.75, 0.1};
        uint64_t state = table * 7919 + 1;
        for (size_t i = 0; i < N; i++) {
            x[i] = 1;
            y[i] = (double)draw(&state, 11) - 5;
            y[i] *= draw(&state, 8) == 0 ? (double)draw(&state, 20) : 1;
            for (size_t j = 1; j < COLUMNS; j++) {
                x[j * N + i] = -3;
                for (int k = 0; k < 3; k++)
                    x[j * N + i] += (double)draw(&state, 3);
                y[i] += x[j * N + i] * (double)(j % 3);
            }
        }
        struct rq_result r = {0};
        struct alm_err e = {0};
        cr_assert_eq(rq_fit(w, &(struct rq_data){x, y, N, N, COLUMNS}, tau[table % 4], b, &r, &e), ALM_OK, "%s",
                     e.text);
        cr_expect(r.optimal, "table %d", (int)table);
    }
    rq_free(w);
}

/* Fewer rows than columns, some columns 1e24 times as large as others: the least norm has no digits left then, the plane must still go
 * through all rows. */
Test(quantile_regression, dependent_columns_of_very_different_size)
{
    enum { N = 5, COLUMNS = 6 };
    struct alm_stream s = alm_stream_open(1, 0, "sizes");
    double x[N * COLUMNS], y[N], b[COLUMNS];
    for (size_t i = 0; i < N; i++) {
        x[i] = 1;
        for (size_t j = 1; j < COLUMNS; j++)
            x[j * N + i] = alm_stream_normal(&s) * (j % 2 ? 1e12 : 1e-12);
        y[i] = alm_stream_normal(&s);
    }
    struct rq_result r = fitted(x, y, N, COLUMNS, 0.75, b);
    cr_expect(r.optimal && !r.unique && r.rank == N);
    for (size_t i = 0; i < N; i++) {
        double q = 0;
        for (size_t j = 0; j < COLUMNS; j++)
            q += b[j] * x[j * N + i];
        cr_expect_float_eq(q, y[i], 1e-8, "row %zu: %g for %g", i, q, y[i]);
    }
}

/* With so many columns the first vertex comes from the interior point method, and little is left to do: the corners of 20
 * columns are some 70 pivots away. */
Test(quantile_regression, interior_points_are_near)
{
    enum { N = 460, COLUMNS = 20 };
    struct alm_stream s = alm_stream_open(3, 0, "interior");
    double *x = calloc((size_t)N * COLUMNS, sizeof *x), *y = calloc(N, sizeof *y), b[COLUMNS];
    for (size_t round = 0; round < 10; round++) {
        for (size_t i = 0; i < N; i++) {
            y[i] = alm_stream_normal(&s);
            for (size_t j = 0; j < COLUMNS; j++)
                x[j * N + i] = j ? alm_stream_normal(&s) : 1;
        }
        struct rq_result r = fitted(x, y, N, COLUMNS, 0.05 + 0.1 * (double)round, b);
        cr_expect(r.optimal);
        cr_expect_leq(r.pivots, 35, "%zu pivots", r.pivots);
    }
    free(x);
    free(y);
}

/* A second fit in the same workspace gives the same bytes, whatever was fitted between. */
Test(quantile_regression, a_workspace_forgets)
{
    enum { N = 700 };
    struct alm_stream s = alm_stream_open(2, 0, "forget");
    struct rq *w = workspace(N, 3);
    struct rq_result first, other, second;
    struct alm_err e = {0};
    double x[3 * N], y[N], b[3], c[3], d[3];
    for (size_t i = 0; i < N; i++) {
        x[i] = 1;
        x[N + i] = alm_stream_normal(&s);
        x[2 * N + i] = alm_stream_exponential(&s);
        y[i] = alm_stream_normal(&s) * x[2 * N + i];
    }
    cr_assert_eq(rq_fit(w, &(struct rq_data){x, y, N, N, 3}, 0.9, b, &first, &e), ALM_OK);
    cr_assert_eq(rq_fit(w, &(struct rq_data){x, y, N, 90, 2}, 0.2, c, &other, &e), ALM_OK);
    cr_assert_eq(rq_fit(w, &(struct rq_data){x, y, N, N, 3}, 0.9, d, &second, &e), ALM_OK);
    cr_expect_eq(memcmp(b, d, sizeof b), 0);
    cr_expect_eq(first.objective, second.objective);
    cr_expect_eq(first.pivots, second.pivots);
    rq_free(w);
}
