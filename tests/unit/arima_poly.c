/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_poly: roots turned outside the circle, against products written out by hand. */
#include "models/series/arima_poly.h"

#include <criterion/criterion.h>
#include <math.h>

static void expect_inverted(double *theta, size_t q, const double *want, double within)
{
    arima_invert(theta, q);
    for (size_t j = 0; j < q; j++)
        cr_expect_float_eq(theta[j], want[j], within, "theta %zu of %zu: %.17g, not %.17g", j + 1, q, theta[j],
                           want[j]);
}

Test(arima_poly, roots_inside_are_turned_outside)
{
    /* 1 + 2z; (1 - 2z)(1 - z/2); (1 + 4z^2)(1 + z/2): real, double and a pair */
    expect_inverted((double[]){2}, 1, (double[]){0.5}, 1e-12);
    expect_inverted((double[]){-2.5, 1}, 2, (double[]){-1, 0.25}, 1e-6);
    expect_inverted((double[]){0.5, 4, 2}, 3, (double[]){0.5, 0.25, 0.125}, 1e-12);
}

Test(arima_poly, invertible_ones_stay)
{
    double theta[] = {0.3, -0.2};
    arima_invert(theta, 2);
    cr_expect_eq(theta[0], 0.3);
    cr_expect_eq(theta[1], -0.2);
}

Test(arima_poly, a_root_on_the_circle_stays_where_it_is)
{
    double theta[] = {0, 1}, pacf[2], work[2];
    expect_inverted(theta, 2, (double[]){0, 1}, 1e-9);
    const double phi[] = {-theta[0], -theta[1]};
    cr_expect(arima_to_pacf(phi, 2, pacf, work), "still not invertible");
}
