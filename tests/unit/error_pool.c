/* SPDX-License-Identifier: GPL-3.0-or-later
 * error_pool: is an error counted at the smallest size that is not below it, and do old ones fade? */
#include "models/error_pool.h"

#include <criterion/criterion.h>
#include <math.h>

static size_t only_size(const struct error_pool *p)
{
    size_t at = ERROR_SIZES;
    for (size_t k = 0; k < ERROR_SIZES; k++)
        if (p->count[k] > 0) {
            cr_assert_eq(at, ERROR_SIZES, "two sizes of one error");
            at = k;
        }
    return at;
}

Test(error_pool, counts_an_error_at_its_size)
{
    const double errors[] = {-15.9, -3, -1, -0.001, 0, 1e-9, 0.5, 1, 2, 5.5, 15.9};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct error_pool p = {0};
        error_pool_put(&p, errors[i]);
        const size_t k = only_size(&p);
        cr_assert_lt(k, ERROR_SIZES);
        cr_expect_geq(error_pool_size(k), errors[i]);
        cr_expect_leq(k ? error_pool_size(k - 1) : -16, errors[i]);
    }
    cr_expect_lt(error_pool_size(321) - error_pool_size(320), 0.04, "steps at 1");
}

Test(error_pool, ends_hold_what_lies_beyond)
{
    struct error_pool p = {0};
    struct error_range range = {1, 2};
    cr_expect_not(error_pool_range(&p, &range));
    cr_expect_eq(range.least, 1);
    error_pool_put(&p, NAN);
    cr_expect_eq(p.errors, 0);
    error_pool_put(&p, INFINITY);
    error_pool_put(&p, -1e300);
    cr_expect(error_pool_range(&p, &range));
    cr_expect_eq(range.most, 16);
    cr_expect_lt(range.least, -15.8);
}

/* A million zeros, then as many ones: half of what is held are ones, or more. */
Test(error_pool, old_errors_fade)
{
    struct error_pool p = {0};
    const int many = 1 << 20;
    for (int t = 0; t < many; t++)
        error_pool_put(&p, 0);
    cr_expect_eq(p.errors, many / 2);
    for (int t = 0; t < many; t++)
        error_pool_put(&p, 1);
    float zeros = p.count[ERROR_SIZES / 2], all = 0;
    for (size_t k = 0; k < ERROR_SIZES; k++)
        all += p.count[k];
    cr_expect_float_eq((double)all, p.errors, 1e-6);
    cr_expect_lt(zeros, all / 2);
    cr_expect_gt(zeros, 0);
}
