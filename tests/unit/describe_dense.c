/* SPDX-License-Identifier: GPL-3.0-or-later
 * describe_dense: does a unit that is seen far more often than the trace's interval says have its daily autocorrelation,
 * and is a percentile of amounts in steps the amount itself, not one a little smaller?
 *
 * Choice.   Such units exist: of 17 machines of Bitbrains one was recorded twice, half an interval apart. */
#include "scratch.h"
#include "traces/file/lag.h"
#include "traces/file/tally.h"

#include <criterion/criterion.h>
#include <math.h>

/* Rows of 30 s in a trace of 5 minutes; each day is the same, and nothing repeats within it. Not quite 1: the first row is
 * also the nearest partner of the five of the next day that lie up to half an interval before it. */
Test(describe_dense, ten_rows_an_interval_have_a_day)
{
    struct alm_err e = {0};
    struct alm__lag *l = NULL;
    const double mean[ALM_RESOURCES] = {49.5};
    GOOD(alm__lag_open(300 * ALM_SECOND, ALM_BIT(ALM_CPU), &l, &e));
    alm__lag_unit(l, mean);
    for (int64_t k = 0; k < 3 * 2880; k++) {
        alm_time at = k * 30 * ALM_SECOND;
        double value = (double)(k % 2880 * 7919 % 100);
        const double *const values[ALM_RESOURCES] = {&value};
        alm__lag_add(l, &at, values, 1);
    }
    double day = alm__lag_value(l, ALM__LAG_DAY, ALM_CPU);
    cr_expect(day > 0.99, "%g", day);
    alm__lag_close(l);
}

/* 0.1, 0.2, ... have no short binary form, so a percentile whose last bits are cut is not among them. */
Test(describe_dense, a_percentile_of_steps_is_a_step)
{
    struct alm_err e = {0};
    struct alm__tally t;
    double value[200];
    for (size_t n = 1; n <= 200; n++) {
        GOOD(alm__tally_open(&t, &e));
        for (size_t k = 0; k < n; k++)
            value[(k * 619) % n] = (double)(k / 10) / 10; /* ascending in k; 619 is a prime */
        alm__tally_count(&t, value, n);
        alm__tally_turn(&t);
        alm__tally_again(&t, value, n);
        size_t p50 = (n + 1) / 2 - 1, p95 = (95 * n + 99) / 100 - 1;
        cr_assert_eq(alm__tally_percentile(&t, ALM__TALLY_P50), (double)(p50 / 10) / 10, "p50 of %zu", n);
        cr_assert_eq(alm__tally_percentile(&t, ALM__TALLY_P95), (double)(p95 / 10) / 10, "p95 of %zu", n);
        alm__tally_close(&t);
    }
}

/* Values too near to be told apart: the least of them, never more than the right one. */
Test(describe_dense, a_percentile_is_never_above_the_right_one)
{
    struct alm_err e = {0};
    struct alm__tally t;
    double value[100];
    for (int k = 0; k < 100; k++)
        value[k] = 1e9 + k;
    GOOD(alm__tally_open(&t, &e));
    alm__tally_count(&t, value, 100);
    alm__tally_turn(&t);
    alm__tally_again(&t, value, 100);
    double p95 = alm__tally_percentile(&t, ALM__TALLY_P95);
    cr_expect(p95 <= 1e9 + 94 && p95 >= 1e9 + 94 - 1e9 / (1 << 20) && fmod(p95, 1) == 0, "%.3f", p95);
    alm__tally_close(&t);
}
