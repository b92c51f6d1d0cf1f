/* SPDX-License-Identifier: GPL-3.0-or-later
 * Does the simplex go the way of R's optim(method = "Nelder-Mead")? The numbers are those of R 4.2.2, reltol 1.49e-8. */
#include "models/series/ets_simplex.h"

#include <criterion/criterion.h>
#include <math.h>

static size_t calls;

static double valley(const double *x, void *ctx)
{
    (void)ctx;
    calls++;
    const double a = x[1] - x[0] * x[0], b = 1 - x[0];
    return 100 * (a * a) + b * b;
}

static double bowl(const double *x, void *ctx)
{
    (void)ctx;
    calls++;
    const double weight[] = {1, 10, 100, 1};
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (x[i] - (i + 1)) * (x[i] - (i + 1)) * weight[i];
    return sum + fabs(x[0] * x[3]);
}

static double nowhere_else(const double *x, void *ctx)
{
    (void)ctx;
    calls++;
    return x[0] == 1 && x[1] == 2 ? 3 : NAN;
}

static double endless(const double *x, void *ctx)
{
    (void)ctx;
    calls++;
    return -x[0];
}

static struct ets_simplex how(double (*f)(const double *, void *), size_t n)
{
    calls = 0;
    return (struct ets_simplex){f, NULL, n, 2000, 1.4901161193847656e-8};
}

Test(ets_simplex, valley_as_in_r)
{
    const struct ets_simplex s = how(valley, 2);
    double x[2] = {-1.2, 1}, work[32], least;
    cr_assert_leq(ets_simplex_work(2), sizeof work / sizeof work[0]);
    cr_expect(ets_simplex(&s, x, work, &least));
    cr_expect_lt(fabs(x[0] - 1.0002601387256695), 1e-9, "%.17g", x[0]);
    cr_expect_lt(fabs(x[1] - 1.0005059993037650), 1e-9, "%.17g", x[1]);
    cr_expect_lt(fabs(least - 8.8252410967227472e-08), 1e-12, "%.17g", least);
    cr_expect_eq(calls, 195, "%zu evaluations", calls);
}

Test(ets_simplex, four_unknowns_from_zero_as_in_r)
{
    const struct ets_simplex s = how(bowl, 4);
    const double expected[4] = {-2.2411289542627325e-06, 1.9961270426687747, 3.0025703388273950, 4.0011689492485374};
    double x[4] = {0}, work[64], least;
    cr_assert_leq(ets_simplex_work(4), sizeof work / sizeof work[0]);
    cr_expect(ets_simplex(&s, x, work, &least));
    for (size_t i = 0; i < 4; i++)
        cr_expect_lt(fabs(x[i] - expected[i]), 1e-9, "%.17g", x[i]);
    cr_expect_lt(fabs(least - 1.000825477994516), 1e-12, "%.17g", least);
    cr_expect_eq(calls, 437, "%zu evaluations", calls);
}

Test(ets_simplex, ends_where_nothing_else_can_be)
{
    const struct ets_simplex s = how(nowhere_else, 2);
    double x[2] = {1, 2}, work[32], least;
    ets_simplex(&s, x, work, &least);
    cr_expect(x[0] == 1 && x[1] == 2 && least == 3);
    cr_expect_leq(calls, 2010);
}

Test(ets_simplex, gives_up_at_the_cap)
{
    const struct ets_simplex s = how(endless, 1);
    double x[1] = {1}, work[16], least;
    ets_simplex(&s, x, work, &least);
    cr_expect_leq(calls, 2010, "%zu evaluations", calls);
}
