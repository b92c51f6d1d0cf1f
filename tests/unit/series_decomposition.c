/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_decomposition: are seasons, trends and the differences they ask for found, in series of any size and with gaps?
 *
 * Choice.  Numbers are those of R 4.2.2 (stats, tseries 0.10-53, forecast 8.20) for the same series. */
#include "almanac/stream.h"

#include "models/series/stl.h"
#include "models/series/unit_root.h"
#include "series_rig.h"

#include <stdint.h>
#include <string.h>

#define N 59

static const size_t gaps[] = {4, 5, 19, 40};

struct case_of_r {
    const char *name;
    struct stl_options o;
    double season[4], trend[4]; /* at values 1, 10, 30 and 59 */
};

static const struct case_of_r cases[] = {
    {"periodic",
     {.period = 7},
     {-0.16114832014935, 1.76253554309828, 4.53590780676477, 1.76253554309828},
     {21.1860367594143, 21.8432135565924, 22.2367156699006, 23.0682987589408}},
    {"window 11",
     {.period = 7, .season_window = 11},
     {-0.596512662651689, 1.50010973385963, 4.40795252088516, 2.0220023345121},
     {21.4355763777152, 21.818089291582, 22.2212906801838, 22.7528699754093}},
    {"windows 7, 21",
     {.period = 7, .season_window = 7, .trend_window = 21},
     {-0.972194721416199, 1.31420475402397, 4.25384621092166, 2.28670212597776},
     {21.506777834965, 21.6970033351209, 22.1078283947394, 22.597597980745}},
    {"even windows, made odd after a tenth of them was taken",
     {.period = 7, .season_window = 20, .trend_window = 30, .low_pass_window = 10},
     {-0.285289973581821, 1.70010691479015, 4.52692185348084, 1.83999360754575},
     {21.447985734496, 21.6562261329877, 22.0852730361466, 22.6491375471653}},
    {"windows beyond the series",
     {.period = 7, .season_window = 35, .trend_window = 61},
     {-0.198326003402932, 1.75652157412167, 4.54304036911184, 1.79589667597889},
     {21.4409563935521, 21.6429781745115, 22.0783455609818, 22.6569249113927}},
    {"robust",
     {.period = 7, .season_window = 7, .robust = true},
     {-1.04216921610649, 1.70712074351378, 4.60436431638025, 2.19438830613895},
     {21.4337736076073, 21.8599742828139, 22.3801364151188, 22.6195875765546}},
    {"robust, periodic",
     {.period = 7, .robust = true},
     {-0.17656473876181, 1.99876764633021, 4.55031572115017, 1.99876764633021},
     {21.1135179454683, 22.3033998781526, 22.3411040341863, 23.0396120129451}},
};

Test(series_decomposition, stl_is_that_of_r)
{
    static const size_t at[] = {0, 9, 29, 58};
    double y[N], season[N], trend[N], rest[N];
    struct alm_err e = {0};
    series_made(y, N);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        cr_assert_eq(series_stl(y, N, &cases[k].o, season, trend, rest, &e), ALM_OK, "%s", e.text);
        for (size_t i = 0; i < 4; i++) {
            series_near(season[at[i]], cases[k].season[i], 1e-12, "%s: season %zu", cases[k].name, at[i]);
            series_near(trend[at[i]], cases[k].trend[i], 1e-12, "%s: trend %zu", cases[k].name, at[i]);
        }
        for (size_t i = 0; i < N; i++)
            series_near(season[i] + trend[i] + rest[i], y[i], 1e-14, "%s: sum %zu", cases[k].name, i);
    }
}

/* R's search for the median of an even number of remainders ends beside it in these: the true median gives 4.493 in the first where R has 4.438. */
Test(series_decomposition, robust_of_an_even_number_is_that_of_r)
{
    static const struct {
        size_t n, window;
        double season[4], trend[4]; /* at values 1, 10, 30 and the last */
    } even[] = {
        {40,
         7,
         {-1.16291004199195, 1.17675586790004, 4.43843641497289, -0.808684672096516},
         {21.4916365837467, 21.7393702969459, 21.9998187496922, 22.5958699782466}},
        {60,
         7,
         {-0.930601021363894, 1.25399199373528, 4.46009251359425, -3.83873432932354},
         {21.5563729702029, 21.6217196805413, 22.1121170790922, 23.2730145648138}},
        {60,
         0,
         {-0.168399782939928, 1.68446369197912, 4.52505485754816, -3.6663361598767},
         {21.2288192769791, 21.9141873199095, 22.0975805663986, 23.8736158440157}},
    };
    double y[60], season[60], trend[60];
    for (size_t k = 0; k < sizeof even / sizeof even[0]; k++) {
        const struct stl_options o = {.period = 7, .season_window = even[k].window, .robust = true};
        const size_t n = even[k].n, at[] = {0, 9, 29, n - 1};
        series_made(y, n);
        y[17] += 9;
        y[30] -= 6;
        cr_assert_eq(series_stl(y, n, &o, season, trend, NULL, NULL), ALM_OK);
        for (size_t i = 0; i < 4; i++) {
            series_near(season[at[i]], even[k].season[i], 1e-11, "%zu values, window %zu: season %zu", n,
                        o.season_window, at[i]);
            series_near(trend[at[i]], even[k].trend[i], 1e-11, "%zu values, window %zu: trend %zu", n, o.season_window,
                        at[i]);
        }
    }
}

/* Two rounds leave a little of the line in the season. */
Test(series_decomposition, a_line_with_a_fixed_season_leaves_little)
{
    double y[80], season[80], trend[80], rest[80];
    static const double shape[] = {5, -3, 1, -3}; /* sums to 0 */
    for (size_t t = 0; t < 80; t++)
        y[t] = 100 + 0.5 * (double)t + shape[t % 4];
    cr_assert_eq(series_stl(y, 80, &(struct stl_options){.period = 4}, season, trend, rest, NULL), ALM_OK);
    for (size_t t = 8; t < 72; t++) {
        series_near(season[t], shape[t % 4], 0.1, "season %zu", t);
        series_near(trend[t], 100 + 0.5 * (double)t, 1e-3, "trend %zu", t);
        cr_expect_eq(season[t], season[t % 4], "a periodic season differs between periods at %zu", t);
    }
}

Test(series_decomposition, an_outlier_moves_the_robust_trend_least)
{
    double y[N], plain[N], robust[N], calm[N];
    const struct stl_options soft = {.period = 7, .robust = true}, hard = {.period = 7};
    series_made(y, N);
    cr_assert_eq(series_stl(y, N, &hard, NULL, calm, NULL, NULL), ALM_OK);
    y[30] += 1000;
    cr_assert_eq(series_stl(y, N, &hard, NULL, plain, NULL, NULL), ALM_OK);
    cr_assert_eq(series_stl(y, N, &soft, NULL, robust, NULL, NULL), ALM_OK);
    cr_expect_gt(fabs(plain[30] - calm[30]), 50);
    cr_expect_lt(fabs(robust[30] - calm[30]), 2, "the robust trend moved by %g", robust[30] - calm[30]);
}

Test(series_decomposition, scale_changes_nothing_else)
{
    double y[N], big[N], a[N], b[N];
    const struct stl_options o = {.period = 7, .season_window = 7, .robust = true};
    static const int powers[] = {1000, -1000, 52};
    for (size_t k = 0; k < 3; k++) {
        series_made(y, N);
        for (size_t i = 0; i < N; i++)
            big[i] = ldexp(y[i], powers[k]);
        cr_assert_eq(series_stl(y, N, &o, a, NULL, NULL, NULL), ALM_OK);
        cr_assert_eq(series_stl(big, N, &o, b, NULL, NULL, NULL), ALM_OK);
        for (size_t i = 0; i < N; i++)
            cr_expect_eq(ldexp(a[i], powers[k]), b[i], "season %zu at 2^%d", i, powers[k]);
        cr_expect_eq(series_seasonal_strength(y, N, 7), series_seasonal_strength(big, N, 7));
        cr_expect_eq(series_kpss(y, N, true, 3), series_kpss(big, N, true, 3));
        cr_expect_eq(series_adf(y, N, 2), series_adf(big, N, 2));
        cr_expect_eq(series_ndiffs_kpss(y, N, 0.05, 2), series_ndiffs_kpss(big, N, 0.05, 2));
    }
}

Test(series_decomposition, what_cannot_be_decomposed_is_refused)
{
    double y[N];
    struct alm_err e = {0};
    series_made(y, N);
    cr_expect_eq(series_stl(y, N, &(struct stl_options){.period = 1}, NULL, NULL, NULL, &e), ALM_EINVAL);
    cr_expect_eq(series_stl(y, 14, &(struct stl_options){.period = 7}, NULL, NULL, NULL, &e), ALM_EDATA);
    cr_expect_eq(series_stl(y, N, &(struct stl_options){.period = SIZE_MAX}, NULL, NULL, NULL, &e), ALM_EDATA);
    cr_expect_eq(series_stl(y, N, &(struct stl_options){.period = 7, .season_window = SIZE_MAX}, NULL, NULL, NULL, &e),
                 ALM_OK);
    y[3] = INFINITY;
    cr_expect_eq(series_stl(y, N, &(struct stl_options){.period = 7}, NULL, NULL, NULL, &e), ALM_EDATA);
    cr_expect_not_null(strstr(e.text, "value 4"), "%s", e.text);
}

Test(series_decomposition, gaps_are_filled_with_the_season)
{
    static const double filled[] = {20.9058728704695, 27.8097828166149, 28.1582187892, 28.9323538228371};
    double y[N], out[N];
    series_made(y, N);
    for (size_t k = 0; k < 4; k++)
        y[gaps[k]] = k == 1 ? INFINITY : NAN;
    cr_assert(series_fill(y, N, 7, out));
    for (size_t k = 0; k < 4; k++)
        series_near(out[gaps[k]], filled[k], 1e-10, "gap %zu", k);
    for (size_t i = 0; i < N; i++)
        cr_expect(!isfinite(y[i]) || out[i] == y[i], "value %zu was changed", i);
    series_near(series_seasonal_strength(y, N, 7), 0.973415759510748, 1e-12, "strength with gaps");
    cr_expect_eq(series_nsdiffs_strength(y, N, 7, 1), 1);
}

Test(series_decomposition, gaps_without_a_season_are_straight)
{
    double y[] = {NAN, 2, NAN, NAN, 5, NAN}, out[6];
    static const double line[] = {2, 2, 3, 4, 5, 5};
    cr_assert(series_fill(y, 6, 1, out));
    for (size_t i = 0; i < 6; i++)
        series_near(out[i], line[i], 1e-15, "value %zu", i);
    double few[16], full[16];
    series_made(few, 16);
    few[4] = few[8] = NAN;
    cr_assert(series_fill(few, 16, 7, full));
    series_near(full[4], 23.18, 1e-14, "of 16 values two periods are known, not more");
    series_near(full[8], 21.01, 1e-14, "of 16 values two periods are known, not more");
    double none[] = {NAN, INFINITY};
    cr_expect_not(series_fill(none, 2, 1, out), "nothing can be filled from nothing");
}

/* A season that grows as fast as this one leads far beyond what is known when it goes on for 30 values; R then takes the straight line. */
Test(series_decomposition, gaps_are_not_filled_far_from_what_is_known)
{
    double y[40] = {1.1, 32.2, -162.1, 256.6, -626.7, 2593.3, -4802.4, 4096.5, -6560.9, 20000.8}, out[40];
    for (size_t i = 10; i < 40; i++)
        y[i] = NAN;
    cr_assert(series_fill(y, 40, 4, out));
    for (size_t i = 0; i < 40; i++)
        cr_expect_eq(out[i], i < 10 ? y[i] : 20000.8, "value %zu: %g", i, out[i]);
}

Test(series_decomposition, strength_decides_on_seasonal_differences)
{
    double y[N], flat[N];
    series_made(y, N);
    series_near(series_seasonal_strength(y, N, 7), 0.972008732959838, 1e-12, "strength");
    cr_expect_eq(series_nsdiffs_strength(y, N, 7, 1), 1);
    cr_expect_eq(series_nsdiffs_strength(y, N, 7, 0), 0);
    cr_expect_eq(series_nsdiffs_strength(y, 14, 7, 1), 0, "two periods are too few");
    cr_expect(isnan(series_seasonal_strength(y, N, SIZE_MAX)));
    for (size_t i = 0; i < N; i++)
        flat[i] = 7;
    cr_expect_eq(series_nsdiffs_strength(flat, N, 7, 1), 0);
    cr_expect_eq(series_ndiffs_kpss(flat, N, 0.05, 2), 0);
}

Test(series_decomposition, unit_roots_are_those_of_r)
{
    double walk[80], twice[80], step[79], at = 0, sum = 0;
    for (size_t t = 0; t < 80; t++) {
        walk[t] = at += (double)((t * 17) % 23) - 11 + (double)(t % 5);
        twice[t] = sum += at;
        if (t > 0)
            step[t - 1] = walk[t] - walk[t - 1];
    }
    cr_expect_eq(series_ndiffs_kpss(walk, 80, 0.05, 2), 1);
    cr_expect_eq(series_ndiffs_kpss(twice, 80, 0.05, 2), 2);
    cr_expect_eq(series_ndiffs_kpss(twice, 80, 0.05, 1), 1);
    cr_expect_eq(series_ndiffs_kpss(step, 79, 0.05, 2), 0);
    series_near(series_kpss(walk, 80, false, series_kpss_lag_short(80)), 2.08455556058753, 1e-12, "kpss");
    series_near(series_adf(walk, 80, series_adf_lag(80)), -3.83990309454193, 1e-10, "adf");
}

Test(series_decomposition, shares_of_kpss_lie_on_lines_between_its_table)
{
    series_near(series_kpss_p(0.463, false), 0.05, 1e-15, "level");
    series_near(series_kpss_p(0.405, false), 0.075, 1e-12, "level, halfway");
    series_near(series_kpss_p(0.176, true), 0.025, 1e-15, "trend");
    series_near(series_kpss_p(0, false), 0.10, 0, "small");
    series_near(series_kpss_p(1e300, true), 0.01, 0, "large");
    cr_expect(isnan(series_kpss_p(NAN, false)));
}

Test(series_decomposition, little_or_broken_data_ask_for_nothing)
{
    double y[] = {1e300, -1e300, NAN, INFINITY, 5e-324, 0};
    for (size_t n = 0; n <= 6; n++) {
        const int d = series_ndiffs_kpss(y, n, 0.05, 2);
        cr_expect(d >= 0 && d <= 2, "%zu values: %d", n, d);
        (void)series_kpss(y, n, true, 10);
        (void)series_adf(y, n, 1);
        (void)series_seasonal_strength(y, n, 2);
    }
    double line[50];
    for (size_t t = 0; t < 50; t++)
        line[t] = 0.1 * (double)t;
    cr_expect(isnan(series_kpss(line, 50, true, 3)), "nothing is left of a line");
    cr_expect_eq(series_ndiffs_kpss(line, 50, 0.05, 2), 1, "a line is constant after one difference");
}

/* At 5 % the level form rejects a stationary series in 5 % of cases; 400 runs of 300 values: 20 +- 4.4, so within 5 .. 38 but once in 30 000
 * such tests. A walk of that length is nearly always rejected. */
Test(series_decomposition, kpss_keeps_its_level)
{
    int rejected = 0, walks = 0;
    for (uint64_t run = 0; run < 400; run++) {
        struct alm_stream s = alm_stream_open(61, run, "kpss");
        double y[300], walk[300], at = 0;
        for (size_t t = 0; t < 300; t++) {
            y[t] = alm_stream_normal(&s);
            walk[t] = at += y[t];
        }
        rejected += series_kpss_p(series_kpss(y, 300, false, series_kpss_lag_ndiffs(300)), false) < 0.05;
        walks += series_ndiffs_kpss(walk, 300, 0.05, 2) >= 1;
    }
    cr_expect(rejected >= 5 && rejected <= 38, "%d of 400 were rejected", rejected);
    cr_expect_geq(walks, 380, "%d of 400 walks were seen", walks);
}
