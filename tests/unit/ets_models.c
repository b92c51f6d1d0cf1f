/* SPDX-License-Identifier: GPL-3.0-or-later
 * Do ses, holt, holt-winters and stlf answer, or say clearly why not, whatever series and options they get?
 * And do they mean what their options say? */
#include "series_rig.h"

#include <string.h>

#define N 60

static const char *const models[] = {"ses", "holt", "holt-winters", "stlf"};

static const char *seasonal(const char *model)
{
    return strcmp(model, "holt-winters") == 0 || strcmp(model, "stlf") == 0 ? "period=6" : "";
}

static void wave(double *y, size_t n)
{
    for (size_t t = 0; t < n; t++)
        y[t] = 20 + 0.1 * (double)t + 4 * sin(2 * M_PI * (double)t / 6) + (double)((t * t * 7) % 13) / 6;
}

static double coefficient(const struct series_report *r, const char *name, double *se)
{
    for (size_t i = 0; i < r->coefficients; i++)
        if (strcmp(r->coefficient[i].name, name) == 0) {
            *se = r->coefficient[i].se;
            return r->coefficient[i].value;
        }
    cr_expect_fail("no coefficient %s", name);
    return NAN;
}

/* Everything that can be asked of a fit. */
static void ask(struct series_rig *r, size_t n, const char *what)
{
    const double level[] = {0.8, 0.95};
    static double left[4096];
    struct series_report report;
    r->model->report(r->fit, &report);
    cr_expect(strlen(report.words) > 0);
    cr_assert_eq(series_rig_forecast(r, 24, level, 2), ALM_OK, "%s: %s", what, r->e.text);
    for (size_t h = 0; h < 24; h++)
        cr_expect(!isnan(r->mean[h]) && r->se[h] >= 0 && r->lower[24 + h] <= r->lower[h] && r->lower[h] <= r->mean[h] &&
                      r->mean[h] <= r->upper[h] && r->upper[h] <= r->upper[24 + h],
                  "%s step %zu: %g +- %g", what, h, r->mean[h], r->se[h]);
    r->model->residuals(r->fit, left);
    cr_assert_leq(n, 4096);
    series_rig_close(r);
}

enum bad {
    CONSTANT,
    ZERO,
    MISSING,
    TWO,
    HUGE_,
    TINY,
    INFINITE,
    GAP,
    SHORT,
    LAST_ONLY,
    LINE,
    SPIKE,
    ALTERNATING,
    NEGATIVE,
    BADS
};

static size_t bad(enum bad which, double *y)
{
    size_t n = which == TWO ? 2 : which == SHORT ? 9 : N;
    wave(y, n);
    for (size_t t = 0; t < n; t++) {
        y[t] = which == CONSTANT ? 7 : which == ZERO ? 0 : which == MISSING ? NAN : y[t];
        y[t] = which == HUGE_ ? y[t] * 4e306 : which == TINY ? y[t] * 1e-307 : which == NEGATIVE ? y[t] - 22 : y[t];
        y[t] = which == LAST_ONLY && t + 1 < n ? NAN : which == LINE ? 3 * (double)t + 1 : y[t];
        y[t] = which == SPIKE ? (t == 30 ? 1e12 : 1e-12) : which == ALTERNATING ? (t % 2 ? 1 : 1e-300) : y[t];
    }
    if (which == INFINITE)
        y[17] = INFINITY;
    if (which == GAP)
        for (size_t t = 11; t < 31; t++)
            y[t] = NAN;
    return n;
}

Test(ets_models, bad_series_get_an_answer_or_a_reason)
{
    static struct series_rig r;
    double y[N];
    for (size_t m = 0; m < sizeof models / sizeof models[0]; m++)
        for (int which = 0; which < BADS; which++)
            for (int thorough = 0; thorough < 2; thorough++) {
                char options[80], what[120];
                const size_t n = bad((enum bad)which, y);
                const char *period = seasonal(models[m]);
                snprintf(options, sizeof options, "%s%ssearch=%s", period, period[0] ? "," : "",
                         thorough ? "thorough" : "simplex");
                snprintf(what, sizeof what, "%s:%s of bad series %d", models[m], options, which);
                const int code = series_rig_fit(&r, models[m], options, y, n);
                if (which == MISSING || which == TWO || which == INFINITE || (which == SHORT && m == 3)) {
                    cr_expect_eq(code, ALM_EDATA, "%s: %d", what, code);
                    cr_expect_gt(strlen(r.e.text), 10);
                    continue;
                }
                cr_assert_eq(code, ALM_OK, "%s: %s", what, r.e.text);
                ask(&r, n, what);
            }
}

Test(ets_models, a_constant_is_forecast_without_error)
{
    static struct series_rig r;
    double y[N];
    const double level = 0.9;
    for (size_t m = 0; m < sizeof models / sizeof models[0]; m++)
        for (int gaps = 0; gaps < 2; gaps++) {
            for (size_t t = 0; t < N; t++)
                y[t] = gaps && t % 5 == 4 ? NAN : 0.3;
            cr_assert_eq(series_rig_fit(&r, models[m], seasonal(models[m]), y, N), ALM_OK, "%s", r.e.text);
            cr_assert_eq(series_rig_forecast(&r, 10, &level, 1), ALM_OK);
            for (size_t h = 0; h < 10; h++)
                cr_expect(fabs(r.mean[h] - 0.3) < 1e-14 && r.se[h] < 1e-14, "%s: %.17g +- %g", models[m], r.mean[h],
                          r.se[h]);
            series_rig_close(&r);
        }
}

Test(ets_models, options_that_cannot_be_are_named)
{
    static const struct {
        const char *model, *options, *says;
    } cases[] = {
        {"holt-winters", "form=AAM,period=6", "M seasons"},
        {"holt-winters", "form=AMN", "`AMN`"},
        {"holt-winters", "form=AAA", "period="},
        {"holt-winters", "form=AAA,period=40", "two periods"},
        {"holt-winters", "form=ANN,damped=true", "damped"},
        {"ses", "alpha=1.5", "0 .. 1"},
        {"ses", "alpha=x", "alpha"},
        {"holt", "alpha=0.1,beta=0.5", "at most alpha"},
        {"stlf", "form=AAA", "season"},
        {"stlf", "window=8,period=6", "odd"},
    };
    static struct series_rig r;
    double y[N];
    wave(y, N);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        cr_expect_eq(series_rig_fit(&r, cases[k].model, cases[k].options, y, N), ALM_EINVAL, "%s:%s", cases[k].model,
                     cases[k].options);
        cr_expect(strstr(r.e.text, cases[k].says) != NULL, "%s:%s says `%s`, not `%s`", cases[k].model,
                  cases[k].options, r.e.text, cases[k].says);
    }
    y[3] = -1;
    cr_expect_eq(series_rig_fit(&r, "holt-winters", "form=MAN", y, N), ALM_EINVAL);
    cr_expect(strstr(r.e.text, "above 0") != NULL, "%s", r.e.text);
    cr_expect_eq(series_rig_fit(&r, "holt-winters", "form=ZAN", y, N), ALM_OK, "%s", r.e.text);
    series_rig_close(&r);
}

/* Exponential smoothing by hand, alpha = 0.3, from the level that was reported. */
Test(ets_models, given_parameters_are_kept)
{
    static struct series_rig r;
    struct series_report report;
    double y[N], left[N], se, level;
    const double at = 0.95;
    wave(y, N);
    cr_assert_eq(series_rig_fit(&r, "ses", "alpha=0.3", y, N), ALM_OK, "%s", r.e.text);
    r.model->report(r.fit, &report);
    cr_expect_eq(coefficient(&report, "alpha", &se), 0.3);
    cr_expect_eq(se, 0);
    level = coefficient(&report, "l", &se);
    cr_expect(isnan(se));
    r.model->residuals(r.fit, left);
    double squares = 0;
    for (size_t t = 0; t < N; t++) {
        cr_expect_lt(fabs(left[t] - (y[t] - level)), 1e-11);
        squares += (y[t] - level) * (y[t] - level);
        level += 0.3 * (y[t] - level);
    }
    cr_assert_eq(series_rig_forecast(&r, 3, &at, 1), ALM_OK);
    cr_expect_lt(fabs(report.sigma2 - squares / N), 1e-10);
    for (size_t h = 0; h < 3; h++) {
        cr_expect_lt(fabs(r.mean[h] - level), 1e-11);
        cr_expect_lt(fabs(r.se[h] - sqrt(squares / (N - 2) * (1 + 0.09 * (double)h))), 1e-10);
        cr_expect_lt(fabs(r.upper[h] - r.mean[h] - 1.959963984540054 * r.se[h]), 1e-10);
    }
    series_rig_close(&r);
    cr_assert_eq(series_rig_fit(&r, "holt-winters", "form=AAdA,period=6,phi=0.9,gamma=0.1", y, N), ALM_OK, "%s",
                 r.e.text);
    r.model->report(r.fit, &report);
    cr_expect_str_eq(report.words, "ETS(A,Ad,A)");
    cr_expect_eq(report.period, 6);
    cr_expect_eq(coefficient(&report, "phi", &se), 0.9);
    cr_expect_eq(coefficient(&report, "gamma", &se), 0.1);
    cr_expect_leq(coefficient(&report, "alpha", &se), 0.9);
    coefficient(&report, "s4", &se);
    series_rig_close(&r);
}

/* A pure season is continued; so is one in the middle of which values are missing. */
Test(ets_models, stlf_repeats_the_season)
{
    static struct series_rig r;
    double y[N];
    const double level = 0.9;
    for (int gaps = 0; gaps < 2; gaps++) {
        for (size_t t = 0; t < N; t++)
            y[t] = gaps && (t == 20 || t == 33)
                       ? NAN
                       : 10 + 3 * sin(2 * M_PI * (double)t / 6) + 0.001 * (double)((t * 7) % 5);
        cr_assert_eq(series_rig_fit(&r, "stlf", "period=6,form=ANN", y, N), ALM_OK, "%s", r.e.text);
        cr_assert_eq(series_rig_forecast(&r, 20, &level, 1), ALM_OK);
        for (size_t h = 0; h < 20; h++)
            cr_expect_lt(fabs(r.mean[h] - 10 - 3 * sin(2 * M_PI * (double)(N + h) / 6)), 0.02, "%zu: %g", h, r.mean[h]);
        series_rig_close(&r);
    }
}

/* Twice the same, to the bit. */
Test(ets_models, answers_depend_on_nothing_else)
{
    static struct series_rig a, b;
    double y[N];
    const double level = 0.9;
    wave(y, N);
    y[12] = NAN;
    for (size_t m = 0; m < sizeof models / sizeof models[0]; m++) {
        cr_assert_eq(series_rig_fit(&a, models[m], seasonal(models[m]), y, N), ALM_OK, "%s", a.e.text);
        cr_assert_eq(series_rig_fit(&b, models[m], seasonal(models[m]), y, N), ALM_OK, "%s", b.e.text);
        cr_assert_eq(series_rig_forecast(&a, 30, &level, 1), ALM_OK);
        cr_assert_eq(series_rig_forecast(&b, 30, &level, 1), ALM_OK);
        cr_expect_eq(memcmp(a.mean, b.mean, 30 * sizeof *a.mean), 0);
        cr_expect_eq(memcmp(a.se, b.se, 30 * sizeof *a.se), 0);
        series_rig_close(&a);
        series_rig_close(&b);
    }
}
