/* SPDX-License-Identifier: GPL-3.0-or-later
 * effect_size: by hand. */
#include "experiments/statistics/effect_size.h"

#include <criterion/criterion.h>
#include <math.h>

Test(effect_size, cohen)
{
    const double d[] = {1, 2, 3, 4, 5}, same[] = {2, 2, 2}, bad[] = {1, NAN};
    cr_expect_float_eq(cohen_dz(d, 5), 3 / sqrt(2.5), 1e-14);
    cr_expect(isnan(cohen_dz(d, 0)) && isnan(cohen_dz(d, 1)) && isnan(cohen_dz(same, 3)) && isnan(cohen_dz(bad, 2)));
}

Test(effect_size, vargha_delaney)
{
    const double a[] = {1, 2, 3}, b[] = {2, 2, 0}, nan[] = {NAN};
    /* Of nine pairs 1 wins once, 2 once with two ties, 3 always: 5 + 2/2. */
    cr_expect_float_eq(vargha_delaney(a, 3, b, 3), 6.0 / 9, 1e-15);
    cr_expect_float_eq(vargha_delaney(b, 3, a, 3), 3.0 / 9, 1e-15);
    cr_expect_eq(vargha_delaney(a, 3, a, 3), 0.5);
    cr_expect_eq(vargha_delaney((const double[]){1e308}, 1, (const double[]){-1e308}, 1), 1);
    cr_expect(isnan(vargha_delaney(a, 0, b, 3)) && isnan(vargha_delaney(a, 3, b, 0)));
    cr_expect(isnan(vargha_delaney(a, 3, nan, 1)));
}
