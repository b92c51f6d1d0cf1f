/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_quantiles: are the nine types of quantiles, and the median deviation, those of their definitions?
 *
 * Choice.  Numbers are those of R 4.2.2, quantile() and mad(). */
#include "models/quantile.h"
#include "series_rig.h"

static const double values[] = {1, 2, 4, 7, 11, 16, 22, 29, 37, 46};
static const double shares[] = {0, .05, .1, .25, .5, .75, .9, .95, 1};
static const double expected[9][9] = {
    {1, 1, 1, 4, 11, 29, 37, 46, 46},
    {1, 1, 1.5, 4, 13.5, 29, 41.5, 46, 46},
    {1, 1, 1, 2, 11, 29, 37, 46, 46},
    {1, 1, 1, 3, 11, 25.5, 37, 41.5, 46},
    {1, 1, 1.5, 4, 13.5, 29, 41.5, 46, 46},
    {1, 1, 1.1, 3.5, 13.5, 31, 45.1, 46, 46},
    {1, 1.45, 1.9, 4.75, 13.5, 27.25, 37.9, 41.95, 46},
    {1, 1, 1.36666666666667, 3.83333333333333, 13.5, 29.6666666666667, 42.7, 46, 46},
    {1, 1, 1.4, 3.875, 13.5, 29.5, 42.4, 46, 46},
};

Test(series_quantiles, nine_types)
{
    for (int type = 1; type <= 9; type++)
        for (size_t k = 0; k < 9; k++)
            series_near(alm_quantile_type(values, 10, shares[k], type), expected[type - 1][k], 1e-14, "type %d at %g",
                        type, shares[k]);
    cr_expect(isnan(alm_quantile_type(values, 10, 0.5, 0)) && isnan(alm_quantile_type(values, 10, 0.5, 10)));
}

Test(series_quantiles, one_value_and_infinite_ones)
{
    const double one = 7, ends[] = {-INFINITY, 1, 2, INFINITY};
    for (int type = 1; type <= 9; type++) {
        for (size_t k = 0; k < 9; k++)
            series_near(alm_quantile_type(&one, 1, shares[k], type), 7, 0, "type %d at %g", type, shares[k]);
        cr_expect_eq(alm_quantile_type(ends, 4, 0, type), -INFINITY);
        cr_expect_eq(alm_quantile_type(ends, 4, 1, type), INFINITY);
    }
    series_near(alm_quantile_type(ends, 4, 0.5, 2), 1.5, 0, "halfway");
}

/* In types 4 to 9 a place within rounding of a value is that value. */
Test(series_quantiles, rounding_of_the_share_moves_nothing)
{
    double many[100];
    for (size_t i = 0; i < 100; i++)
        many[i] = (double)(i + 1);
    series_near(alm_quantile_type(many, 100, 0.07, 4), 7, 1e-14, "type 4 at .07");
    series_near(alm_quantile_type(many, 100, 0.29, 5), 29.5, 1e-14, "type 5 at .29");
}

Test(series_quantiles, median_deviation)
{
    static const double few[] = {1, 2, 3, 4, 100}, ties[] = {1, 1, 1, 5}, ends[] = {-INFINITY, 0, 1, INFINITY};
    double room[10];
    series_near(alm_median_deviation(values, 10, room), 15.5673, 1e-14, "ten values");
    series_near(alm_median_deviation(few, 5, room), 1.4826, 1e-14, "an outlier");
    series_near(alm_median_deviation(ties, 4, room), 0, 0, "ties");
    series_near(alm_median_deviation(few, 1, room), 0, 0, "one value");
    cr_expect(isnan(alm_median_deviation(few, 0, room)));
    cr_expect(!(alm_median_deviation(ends, 4, room) < 0));
}
