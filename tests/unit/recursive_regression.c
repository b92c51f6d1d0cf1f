/* SPDX-License-Identifier: GPL-3.0-or-later
 * recursive_regression: are its coefficients those of weighted least squares over all rows, and does nothing drive it away? */
#include "models/recursive_regression.h"
#include "almanac/stream.h"

#include <criterion/criterion.h>
#include <math.h>

enum { N = REGRESSION_TERMS, ROWS = 300 };

static const double start[N] = {0.4, 0, 0, -0.2, 0, 0, 1};

static void draw_row(struct alm_stream *s, double *x, double *y)
{
    static const double truth[N] = {1, -0.5, 0.25, 0, 2, 0.1, 3};
    *y = 0.1 * alm_stream_normal(s);
    for (int k = 0; k < N; k++) {
        x[k] = k == N - 1 ? 1 : alm_stream_normal(s);
        *y += truth[k] * x[k];
    }
}

/* Least of sum 0.999^(ROWS - 1 - t) (y_t - b x_t)^2 + 0.999^ROWS |b - start|^2, by its normal equations and Gauss's elimination. */
static void solve(double a[N][N + 1])
{
    for (int c = 0; c < N; c++)
        for (int r = 0; r < N; r++) {
            const double by = r == c ? 0 : a[r][c] / a[c][c];
            for (int k = 0; k <= N; k++)
                a[r][k] -= by * a[c][k];
        }
}

Test(recursive_regression, is_weighted_least_squares_with_a_prior)
{
    struct alm_stream s = alm_stream_open(1, 0, "rows");
    struct recursive_regression r;
    double a[N][N + 1] = {{0}}, x[N], y;
    regression_start(&r, start);
    for (int k = 0; k < N; k++) {
        a[k][k] = 1;
        a[k][N] = start[k];
    }
    for (int t = 0; t < ROWS; t++) {
        draw_row(&s, x, &y);
        regression_put(&r, x, y - regression_at(&r, x), INFINITY);
        for (int i = 0; i < N; i++) {
            for (int k = 0; k < N; k++)
                a[i][k] = 0.999 * a[i][k] + x[i] * x[k];
            a[i][N] = 0.999 * a[i][N] + x[i] * y;
        }
    }
    solve(a);
    for (int k = 0; k < N; k++)
        cr_expect_lt(fabs(r.coefficient[k] - a[k][N] / a[k][k]), 1e-9, "%d: %g, not %g", k, r.coefficient[k],
                     a[k][N] / a[k][k]);
}

/* A spike of 1e6 moves a prediction no more than an error of 3 would; what is not finite moves nothing. */
Test(recursive_regression, one_wild_row_moves_no_more_than_its_bound)
{
    struct alm_stream s = alm_stream_open(2, 0, "rows");
    struct recursive_regression wild, bounded;
    double x[N], y;
    regression_start(&wild, start);
    for (int t = 0; t < ROWS; t++) {
        draw_row(&s, x, &y);
        regression_put(&wild, x, y - regression_at(&wild, x), 3);
    }
    bounded = wild;
    regression_put(&wild, x, 1e6, 3);
    regression_put(&bounded, x, 3, 3);
    cr_expect_arr_eq(wild.coefficient, bounded.coefficient, sizeof wild.coefficient);
    regression_put(&wild, x, NAN, 3);
    x[2] = INFINITY;
    regression_put(&wild, x, 1, 3);
    cr_expect_arr_eq(&wild, &bounded, sizeof wild);
}

/* Rows that tell nothing new leave the matrix of moments bounded, and the next telling row is taken in. */
Test(recursive_regression, a_constant_does_not_wind_it_up)
{
    struct recursive_regression r;
    const double constant[N] = {[N - 1] = 1}, telling[N] = {1, [N - 1] = 1};
    regression_start(&r, start);
    for (int t = 0; t < 100000; t++)
        regression_put(&r, constant, 5 - regression_at(&r, constant), 1);
    cr_expect_lt(fabs(regression_at(&r, constant) - 5), 1e-6);
    for (int t = 0; t < 200; t++)
        regression_put(&r, telling, 7 - regression_at(&r, telling), 10);
    cr_expect_lt(fabs(regression_at(&r, telling) - 7), 0.01, "%g", regression_at(&r, telling));
}
