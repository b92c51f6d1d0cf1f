/* SPDX-License-Identifier: GPL-3.0-or-later
 * Loops over rows: the same bits as plain loops that add in the order that is promised, whatever the number of rows, and whichever vectors the
 * machine has. */
#include "almanac/stream.h"

#include "models/regression/quantile_regression_loops.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { ROWS = 104, LD = 112, P = 5 };

static double x[P * LD], y[LD], b[P], got[LD];

static void draw(void)
{
    struct alm_stream s = alm_stream_open(20, 1, "loops");
    for (size_t i = 0; i < P * LD; i++)
        x[i] = alm_stream_normal(&s);
    for (size_t i = 0; i < LD; i++)
        y[i] = alm_stream_normal(&s);
    for (size_t j = 0; j < P; j++)
        b[j] = alm_stream_normal(&s);
    for (size_t i = 0; i < LD; i++)
        got[i] = 77;
}

static void expect_same(const double *a, const double *other, size_t n, size_t m)
{
    cr_assert_eq(memcmp(a, other, n * sizeof *a), 0, "%zu rows", m);
}

Test(quantile_regression_loops, residuals_and_edges)
{
    draw();
    for (size_t m = 8; m <= ROWS; m += 8) {
        double r[LD], s[LD];
        for (size_t i = 0; i < m; i++) {
            r[i] = y[i];
            s[i] = 0;
            for (size_t j = 0; j < P; j++) {
                r[i] -= b[j] * x[j * LD + i];
                s[i] += b[j] * x[j * LD + i];
            }
        }
        rq_residuals(x, LD, P, y, b, got, m);
        expect_same(r, got, m, m);
        rq_along(x, LD, P, b, got, m);
        expect_same(s, got, m, m);
        cr_expect(got[m] == 77, "nothing beyond row %zu", m);
    }
}

Test(quantile_regression_loops, weighted_sums_have_eight_parts)
{
    draw();
    for (size_t m = 8; m <= ROWS; m += 8) {
        double part[8] = {0}, sum = 0;
        for (size_t i = 0; i < m; i++)
            part[i % 8] += x[i] * y[i];
        for (size_t k = 0; k < 8; k++)
            sum += part[k];
        cr_expect(rq_weighted(x, y, m) == sum, "%zu rows", m);
    }
}

Test(quantile_regression_loops, any_number_of_rows)
{
    draw();
    for (size_t m = 1; m <= 37; m++) {
        double r[LD], s[LD], largest = 0;
        for (size_t i = 0; i < m; i++) {
            r[i] = y[i] - 0.3 * x[i];
            s[i] = x[i] * 0.25;
            largest = fmax(largest, fabs(x[i]));
        }
        memcpy(got, y, sizeof got);
        rq_advance(got, x, 0.3, m);
        expect_same(r, got, m, m);
        cr_expect(got[m] == y[m]);
        rq_scaled(x, 0.25, got, m);
        expect_same(s, got, m, m);
        cr_expect(got[m] == y[m]);
        cr_expect(rq_largest(x, m) == largest, "%zu rows", m);
    }
}

Test(quantile_regression_loops, one_number_that_is_not_finite_is_seen_wherever_it_is)
{
    const double odd[] = {INFINITY, -INFINITY, NAN, -NAN};
    for (size_t m = 1; m <= 19; m++)
        for (size_t i = 0; i < m; i++)
            for (size_t k = 0; k < 4; k++) {
                draw();
                x[i] = odd[k];
                cr_expect(isnan(rq_largest(x, m)), "%g at %zu of %zu", odd[k], i, m);
            }
    x[0] = x[1] = 0;
    x[2] = -1e308;
    x[3] = 5e-324;
    cr_expect(rq_largest(x, 4) == 1e308 && rq_largest(x + 3, 1) == 5e-324 && rq_largest(x, 2) == 0);
}
