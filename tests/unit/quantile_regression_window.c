/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression_window: a ring of rows that is fitted when asked. That refits are optimal is a property test. */
#include "models/regression/quantile_regression.h"
#include "models/regression/rq_window.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 4

struct rig {
    struct rq_window *window;
    struct rq *work;
    struct alm_err e;
};

static struct rig rig_open(size_t columns, size_t levels)
{
    struct rig r = {.window = malloc(rq_window_size(ROWS, columns, levels))};
    cr_assert_not_null(r.window);
    memset(r.window, 0xff, rq_window_size(ROWS, columns, levels));
    rq_window_init(r.window, ROWS, columns, levels);
    cr_assert_eq(rq_new(ROWS, columns, &r.work, &r.e), ALM_OK);
    return r;
}

static void rig_close(struct rig *r)
{
    free(r->window);
    rq_free(r->work);
}

static void put(struct rig *r, double x, double y)
{
    const double row[] = {1, x};
    rq_window_put(r->window, row, y);
}

static double slope_of(const struct rig *r)
{
    return rq_window_coefficients(r->window, 0)[1];
}

/* The header states the size of the state. */
Test(quantile_regression_window, size)
{
    cr_expect_eq(rq_window_size(10, 3, 2), 24 + 8 * (10 * 4 + 2 * 3));
}

/* Rows (0, 0), (1, 1), (2, 5) give slope 2.5; four rows later nothing of them is left. */
Test(quantile_regression_window, the_oldest_goes)
{
    const double tau = 0.5;
    struct rq_result result;
    struct rig r = rig_open(2, 1);
    cr_expect(rq_window_due(r.window, 1000));
    put(&r, 0, 0);
    put(&r, 1, 1);
    put(&r, 2, 5);
    cr_expect_eq(slope_of(&r), 0);
    cr_assert_eq(rq_window_refit(r.window, r.work, &tau, &result, &r.e), ALM_OK);
    cr_expect_float_eq(slope_of(&r), 2.5, 1e-15);
    cr_expect_eq(result.rows, 3);
    cr_expect_not(rq_window_due(r.window, 1));
    for (int k = 0; k < 4; k++)
        put(&r, k, 10 - k);
    cr_expect(rq_window_due(r.window, 4));
    cr_expect_not(rq_window_due(r.window, 5));
    cr_expect_float_eq(slope_of(&r), 2.5, 1e-15);
    cr_assert_eq(rq_window_refit(r.window, r.work, &tau, &result, &r.e), ALM_OK);
    cr_expect_float_eq(slope_of(&r), -1, 1e-14);
    cr_expect_eq(result.rows, 4);
    cr_expect_float_eq(result.objective, 0, 1e-13);
    rig_close(&r);
}

/* A feature that stands still is as another intercept: they share the level until it moves again. */
Test(quantile_regression_window, a_feature_that_stands_still)
{
    const double tau = 0.5;
    struct rq_result result;
    struct rig r = rig_open(2, 1);
    for (int k = 0; k < 4; k++)
        put(&r, k, 2 * k);
    cr_assert_eq(rq_window_refit(r.window, r.work, &tau, &result, &r.e), ALM_OK);
    cr_expect_eq(result.rank, 2);
    for (int k = 0; k < 4; k++)
        put(&r, 1, 6);
    cr_assert_eq(rq_window_refit(r.window, r.work, &tau, &result, &r.e), ALM_OK);
    cr_expect_eq(result.rank, 1);
    cr_expect(result.optimal);
    cr_expect_float_eq(slope_of(&r), 3, 1e-14);
    put(&r, 2, 7);
    cr_assert_eq(rq_window_refit(r.window, r.work, &tau, &result, &r.e), ALM_OK);
    cr_expect_eq(result.rank, 2);
    cr_expect_float_eq(slope_of(&r), 1, 1e-13);
    rig_close(&r);
}

Test(quantile_regression_window, rows_without_a_value)
{
    const double tau[] = {0.1, 0.9};
    struct rq_result result[2];
    struct rig r = rig_open(2, 2);
    put(&r, 0, 1);
    put(&r, 1, 3);
    put(&r, NAN, 3);
    put(&r, 1, NAN);
    cr_assert_eq(rq_window_refit(r.window, r.work, tau, result, &r.e), ALM_OK);
    cr_expect_eq(result[1].rows, 2);
    cr_expect_float_eq(slope_of(&r), 2, 1e-14);
    put(&r, 5, INFINITY);
    put(&r, 5, NAN);
    cr_expect_eq(rq_window_refit(r.window, r.work, tau, result, &r.e), ALM_EDATA);
    cr_expect_float_eq(slope_of(&r), 2, 1e-14);
    put(&r, 0, 4);
    cr_assert_eq(rq_window_refit(r.window, r.work, tau, NULL, &r.e), ALM_OK);
    cr_expect_float_eq(rq_window_coefficients(r.window, 1)[0], 4, 1e-14);
    rig_close(&r);
}

Test(quantile_regression_window, other_bytes_are_no_window)
{
    struct rig r = rig_open(2, 1);
    for (int k = 0; k < 9; k++) {
        cr_expect(rq_window_sound(r.window, ROWS, 2, 1), "after %d rows", k);
        put(&r, k, k);
    }
    cr_expect_not(rq_window_sound(r.window, ROWS + 1, 2, 1));
    cr_expect_not(rq_window_sound(r.window, ROWS, 3, 1));
    cr_expect_not(rq_window_sound(r.window, ROWS, 2, 2));
    r.window->count = ROWS + 1;
    cr_expect_not(rq_window_sound(r.window, ROWS, 2, 1));
    r.window->count = ROWS;
    r.window->next = ROWS;
    cr_expect_not(rq_window_sound(r.window, ROWS, 2, 1));
    r.window->count = 1;
    r.window->next = 2;
    cr_expect_not(rq_window_sound(r.window, ROWS, 2, 1));
    rig_close(&r);
}

/* Coefficients that came from damaged bytes are a bad start and no more. */
Test(quantile_regression_window, damaged_start)
{
    const double tau = 0.5, bad[] = {NAN, INFINITY, 1e308, -1e-308};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        struct rq_result result;
        struct rig r = rig_open(2, 1);
        for (int i = 0; i < 4; i++)
            put(&r, i, i == 1 ? 3 : i);
        cr_assert_eq(rq_window_refit(r.window, r.work, &tau, &result, &r.e), ALM_OK);
        double *b = r.window->value + ROWS * 3;
        b[0] = b[1] = bad[k];
        cr_assert_eq(rq_window_refit(r.window, r.work, &tau, &result, &r.e), ALM_OK);
        cr_expect(result.optimal);
        cr_expect_float_eq(slope_of(&r), 1, 1e-14);
        cr_expect_float_eq(result.objective, 1, 1e-14);
        rig_close(&r);
    }
}
