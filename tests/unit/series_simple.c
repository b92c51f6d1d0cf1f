/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_simple: do the mean, walks and theta forecast what their definitions say, with gaps too?
 *
 * Choice.  Numbers with digits are those of R's forecast 8.20 for the same values. */
#include "series_rig.h"

#include <string.h>

#define H 9

static const double few[] = {3, 5, 4, 8, 9, 7, 12};
static const double gaps[] = {3, NAN, 4, 8, NAN, INFINITY, 12, NAN};
static const double levels[] = {0.8, 0.95};

struct case_of_r {
    const char *model, *options;
    const double *y;
    size_t n, h;
    double mean[5], low95[5], high80[5]; /* high80[0] 0: not given */
};

static const struct case_of_r cases[] = {
    {"mean",
     "",
     few,
     7,
     2,
     {6.85714285714286, 6.85714285714286},
     {-1.33576858735152, -1.33576858735152},
     {11.6778278906171, 11.6778278906171}},
    {"naive",
     "",
     few,
     7,
     3,
     {12, 12, 12},
     {6.28577214525881, 3.9188614693349, 2.10266702956296},
     {15.7363327647271, 17.2839724694161, 18.4715181824917}},
    {"drift",
     "",
     few,
     7,
     3,
     {13.5, 15, 16.5},
     {7.70234834772961, 6.23477459423419, 5.11363819306506},
     {17.290880653959, 20.731272834458, 23.9451418059904}},
    {"seasonal-naive",
     "period=3",
     few,
     7,
     5,
     {9, 7, 12, 9, 7},
     {1.03858865894664, -0.961411341053359, 4.03858865894664, -2.25913589414863, -4.25913589414863},
     {14.2056870680028, 12.2056870680028, 17.2056870680028, 16.3619532530398, 14.3619532530398}},
    {"mean", "", gaps, 8, 1, {6.75}, {-7.88435167771943}, {0}},
    {"naive", "", gaps, 8, 2, {12, 12}, {5.49953486067071, 2.80695403822701}, {0}},
    {"drift", "", gaps, 8, 2, {15, 18}, {11.0800720309199, 11.8020496769544}, {0}},
};

Test(series_simple, forecasts_are_those_of_r)
{
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        const struct case_of_r *c = &cases[k];
        struct series_rig r;
        cr_assert_eq(series_rig_fit(&r, c->model, c->options, c->y, c->n), ALM_OK, "%s: %s", c->model, r.e.text);
        cr_assert_eq(series_rig_forecast(&r, c->h, levels, 2), ALM_OK);
        for (size_t h = 0; h < c->h; h++) {
            series_near(r.mean[h], c->mean[h], 1e-13, "%s, case %zu: mean %zu", c->model, k, h + 1);
            series_near(r.lower[c->h + h], c->low95[h], 1e-13, "%s, case %zu: lower %zu", c->model, k, h + 1);
            if (c->high80[0] != 0)
                series_near(r.upper[h], c->high80[h], 1e-13, "%s, case %zu: upper %zu", c->model, k, h + 1);
        }
        series_rig_close(&r);
    }
}

Test(series_simple, a_line_drifts_without_doubt)
{
    double line[20];
    struct series_rig r;
    struct series_report what;
    for (size_t i = 0; i < 20; i++)
        line[i] = 5 + 0.25 * (double)i;
    cr_assert_eq(series_rig_fit(&r, "drift", "", line, 20), ALM_OK);
    cr_assert_eq(series_rig_forecast(&r, 4, levels, 1), ALM_OK);
    series_near(r.mean[3], 10.75, 1e-15, "fourth step");
    cr_expect_eq(r.se[3], 0);
    r.model->report(r.fit, &what);
    cr_expect_str_eq(what.coefficient[0].name, "drift");
    series_near(what.coefficient[0].value, 0.25, 1e-15, "drift");
    cr_expect_eq(what.nobs, 19);
    series_rig_close(&r);
}

Test(series_simple, residuals_are_one_step_errors)
{
    struct series_rig r;
    double e[8];
    cr_assert_eq(series_rig_fit(&r, "naive", "", gaps, 8), ALM_OK);
    r.model->residuals(r.fit, e);
    /* 4 and 8 follow 3 (carried) and 4; 12 follows 8, carried over two. */
    static const double walk[] = {NAN, NAN, 1, 4, NAN, NAN, 4, NAN};
    for (size_t i = 0; i < 8; i++)
        series_near(e[i], walk[i], 1e-15, "residual %zu", i);
    series_rig_close(&r);
    cr_assert_eq(series_rig_fit(&r, "mean", "", few, 7), ALM_OK);
    r.model->residuals(r.fit, e);
    series_near(e[0], 3 - 48.0 / 7, 1e-15, "of the mean");
    series_rig_close(&r);
}

Test(series_simple, a_season_without_a_value_is_named)
{
    const double y[] = {1, 2, NAN, 4, 5, NAN, 7};
    struct series_rig r;
    cr_expect_eq(series_rig_fit(&r, "seasonal-naive", "period=3", y, 7), ALM_EDATA);
    cr_expect_not_null(strstr(r.e.text, "place 3 of a season of 3"), "%s", r.e.text);
    cr_expect_eq(series_rig_fit(&r, "seasonal-naive", "period=8", y, 7), ALM_EDATA);
    cr_expect_not_null(strstr(r.e.text, "needs 8"), "%s", r.e.text);
}

Test(series_simple, theta_with_and_without_a_season)
{
    static const double seasonal[] = {18.8337046156308, 21.3461025642094, 28.7000848862918,
                                      15.18114677565,   22.5105806597334, 27.1384133694543,
                                      24.2037164627734, 18.892342609774,  21.4125332629093};
    static const double low[] = {17.0098750394387, 19.5173500635496, 26.8664226779377,
                                 13.3425879704926, 20.6671382641869, 25.290100286837,
                                 22.350545494662,  17.0343264573343, 19.5496845282013};
    static const double plain[] = {22.7951469881797, 22.8057431307864, 22.816339273393, 22.8269354159997};
    double y[59];
    struct series_rig r;
    struct series_report what;
    series_made(y, 59);
    cr_assert_eq(series_rig_fit(&r, "theta", "period=7", y, 59), ALM_OK, "%s", r.e.text);
    cr_assert_eq(series_rig_forecast(&r, H, levels + 1, 1), ALM_OK);
    for (size_t h = 0; h < H; h++) {
        series_near(r.mean[h], seasonal[h], 1e-10, "mean %zu", h + 1);
        series_near(r.lower[h], low[h], 1e-10, "lower %zu", h + 1);
    }
    r.model->report(r.fit, &what);
    cr_expect_str_eq(what.words, "theta[7]");
    cr_expect_eq(what.period, 7);
    series_near(what.coefficient[0].value, 0.0735236948493371, 1e-10, "alpha");
    series_rig_close(&r);
    cr_assert_eq(series_rig_fit(&r, "theta", "", y, 59), ALM_OK, "%s", r.e.text);
    cr_assert_eq(series_rig_forecast(&r, 4, levels + 1, 1), ALM_OK);
    for (size_t h = 0; h < 4; h++)
        series_near(r.mean[h], plain[h], 1e-10, "plain mean %zu", h + 1);
    series_rig_close(&r);
}

Test(series_simple, theta_leaves_a_weak_season_alone)
{
    double y[40];
    struct series_rig r;
    struct series_report what;
    for (size_t i = 0; i < 40; i++)
        y[i] = 50 + (double)((i * 11 + i / 3 * 5) % 41);
    cr_assert_eq(series_rig_fit(&r, "theta", "period=4", y, 40), ALM_OK, "%s", r.e.text);
    r.model->report(r.fit, &what);
    cr_expect_str_eq(what.words, "theta");
    series_rig_close(&r);
}
