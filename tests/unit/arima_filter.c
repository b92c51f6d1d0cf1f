/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_filter: does a model that goes on value by value forecast what the same model fitted to all values forecasts?
 *
 * The long way evaluates the same coefficients on the whole series each time; it shares no step with the filter. */
#include "arima_dense.h"

#include "models/series/arima_filter.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define N 700
#define MORE 60
#define H 30

struct model {
    const char *name;
    struct arima_spec spec;
    double x[10];
};

static const struct model models[] = {
    {"white noise", {.order = {0, 0, 0, 0, 0, 0, 1}, .mean = true}, {5}},
    {"(1,0,1)", {.order = {1, 0, 1, 0, 0, 0, 1}, .mean = true}, {0.8, 0.3, 100}},
    {"(1,1,1)", {.order = {1, 1, 1, 0, 0, 0, 1}}, {0.6, -0.4}},
    {"(0,1,1) with drift", {.order = {0, 1, 1, 0, 0, 0, 1}, .drift = true}, {-0.5, 0.25}},
    {"(0,2,2)", {.order = {0, 2, 2, 0, 0, 0, 1}}, {-1.2, 0.4}},
    {"(2,1,2)(0,1,1)[12]", {.order = {2, 1, 2, 0, 1, 1, 12}}, {0.5, -0.3, 0.3, 0.2, -0.5}},
    {"(1,0,0)(1,0,0)[6] with Fourier",
     {.order = {1, 0, 0, 1, 0, 0, 6}, .mean = true, .fourier = 2},
     {0.4, 0.3, 10, 1, 2, 3, -1}},
};

#define MODELS (sizeof models / sizeof models[0])

static struct arima_fit *evaluate(const struct model *m, const double *y, size_t n)
{
    struct arima_fit *f = NULL;
    struct alm_err e = {0};
    struct arima_spec spec = m->spec;
    spec.fixed = m->x;
    cr_assert_eq(arima_fit(&spec, y, n, &f, &e), ALM_OK, "%s: %s", m->name, e.text);
    return f;
}

static void make(const struct model *m, double *y, size_t n)
{
    double phi[40], theta[40], delta[40];
    const struct arima_order *o = &m->spec.order;
    arima_expand(o, m->x, phi, theta);
    arima_delta(o, delta);
    made_arma(phi, arima_ar_degree(o), theta, arima_ma_degree(o), 11, y, n);
    for (size_t t = 0; t < n; t++)
        for (size_t j = 1; j <= arima_lost(o) && j <= t; j++)
            y[t] += delta[j - 1] * y[t - j];
}

static struct arima_filter *begin(const struct model *m, const struct arima_fit *f)
{
    struct alm_err e = {0};
    struct arima_filter *filter = calloc(1, arima_filter_size(&m->spec));
    cr_assert_eq(arima_filter_init(filter, f, &e), ALM_OK, "%s", e.text);
    return filter;
}

/* Forecasts of FILTER against those of the whole series Y[n], in units of the filter's sigma; standard errors unless told otherwise. */
static void expect_same(const struct model *m, const struct arima_filter *filter, double sigma, const double *y,
                        size_t n, double tolerance, bool errors_too)
{
    double mean[H], se[H], want[H], want_se[H];
    struct alm_err e = {0};
    struct arima_filter *work = malloc(arima_filter_size(&m->spec));
    struct arima_fit *whole = evaluate(m, y, n);
    const double scale = sigma / sqrt(arima_fit_result(whole)->sigma2);
    cr_assert_eq(arima_forecast(whole, NULL, H, want, want_se, &e), ALM_OK);
    arima_filter_forecast(filter, H, mean, se, work);
    const struct arima_expected next = arima_filter_next(filter);
    cr_expect_eq(next.mean, mean[0]);
    cr_expect_eq(next.se, se[0]);
    for (size_t h = 0; h < H; h++) {
        cr_expect_leq(fabs(mean[h] - want[h]), tolerance * (sigma + fabs(want[h])),
                      "%s, %zu values, %zu ahead: %.12g, not %.12g", m->name, n, h + 1, mean[h], want[h]);
        cr_expect(!errors_too || fabs(se[h] / (want_se[h] * scale) - 1) <= tolerance,
                  "%s, %zu values, %zu ahead: se %.12g, not %.12g", m->name, n, h + 1, se[h], want_se[h] * scale);
    }
    arima_fit_free(whole);
    free(work);
}

Test(arima_filter, goes_on_as_the_whole_series_does)
{
    for (size_t i = 0; i < MODELS; i++) {
        double y[N];
        make(&models[i], y, N);
        struct arima_fit *f = evaluate(&models[i], y, N - MORE);
        struct arima_filter *filter = begin(&models[i], f);
        expect_same(&models[i], filter, filter->sigma, y, N - MORE, 1e-9, true);
        for (size_t t = N - MORE; t < N; t++)
            arima_filter_put(filter, y[t]);
        expect_same(&models[i], filter, filter->sigma, y, N, 1e-9, true);
        free(filter);
        arima_fit_free(f);
    }
}

/* During a gap the filter is the exact one, and so are its means after the first value; its standard errors then say nothing of the gap any more. A gap longer than the shocks it remembers is still bridged. */
Test(arima_filter, gaps)
{
    for (size_t i = 0; i < MODELS; i++) {
        double y[N];
        make(&models[i], y, N);
        struct arima_fit *f = evaluate(&models[i], y, N - MORE);
        struct arima_filter *filter = begin(&models[i], f);
        for (size_t t = N - MORE; t < N; t++) {
            const size_t after = t - (N - MORE);
            if (after >= 20 && after < 25)
                y[t] = NAN;
            arima_filter_put(filter, y[t]);
            if (after == 19 || after == 20 || after == 24 || after == 25)
                expect_same(&models[i], filter, filter->sigma, y, t + 1, 1e-8, after != 25);
        }
        for (size_t t = 0; t < 3 * ARIMA_FILTER_GAP; t++)
            arima_filter_put(filter, t % 2 ? NAN : INFINITY);
        cr_expect(isfinite(arima_filter_next(filter).mean) && isfinite(arima_filter_next(filter).se));
        arima_filter_put(filter, y[N - 1]);
        cr_expect(isfinite(arima_filter_next(filter).mean));
        cr_expect_float_eq(arima_filter_next(filter).se, filter->sigma, 1e-12);
        free(filter);
        arima_fit_free(f);
    }
}

Test(arima_filter, is_plain_bytes)
{
    double y[N];
    const struct model *m = &models[5];
    make(m, y, N);
    struct arima_fit *f = evaluate(m, y, N - MORE);
    struct arima_filter *a = begin(m, f);
    arima_fit_free(f);
    const size_t size = arima_filter_size(&m->spec);
    for (size_t t = N - MORE; t < N; t++) {
        struct arima_filter *b = malloc(size);
        memcpy(b, a, size);
        memset(a, 0xff, size);
        free(a);
        a = b;
        arima_filter_put(a, y[t]);
    }
    expect_same(m, a, a->sigma, y, N, 1e-9, true);
    free(a);
}

Test(arima_filter, series_that_ends_in_a_gap_and_constant_series)
{
    double y[N];
    make(&models[2], y, N);
    y[N - 1] = y[N - 2] = NAN;
    struct arima_fit *f = evaluate(&models[2], y, N);
    struct arima_filter *filter = begin(&models[2], f);
    cr_expect_eq(filter->gap, 2);
    expect_same(&models[2], filter, filter->sigma, y, N, 1e-9, true);
    free(filter);
    arima_fit_free(f);
    for (size_t t = 0; t < 40; t++)
        y[t] = 7;
    f = evaluate(&models[2], y, 40);
    filter = begin(&models[2], f);
    cr_expect_eq(arima_filter_next(filter).mean, 7);
    cr_expect_eq(arima_filter_next(filter).se, 0);
    free(filter);
    arima_fit_free(f);
}

Test(arima_filter, refit_starts_where_it_was)
{
    double y[N];
    struct arima_fit *cold, *warm;
    struct alm_err e = {0};
    const struct arima_spec spec = {.order = {1, 1, 1, 0, 0, 0, 1}, .without_errors = true};
    make(&models[2], y, N);
    cr_assert_eq(arima_fit(&spec, y, N - 5, &cold, &e), ALM_OK);
    cr_assert_eq(arima_refit(cold, y, N, &warm, &e), ALM_OK, "%s", e.text);
    const struct arima_result *a = arima_fit_result(cold), *b = arima_fit_result(warm);
    cr_expect(b->converged);
    cr_expect_lt(3 * b->evaluations, a->evaluations, "%zu evaluations, %zu from scratch", b->evaluations,
                 a->evaluations);
    struct arima_fit *again;
    cr_assert_eq(arima_fit(&spec, y, N, &again, &e), ALM_OK);
    cr_expect_float_eq(b->loglik, arima_fit_result(again)->loglik, 1e-5);
    arima_fit_free(again);
    arima_fit_free(cold);
    arima_fit_free(warm);
}
