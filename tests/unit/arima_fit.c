/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_fit: what odd series and odd wishes come to: a defined answer or an error that says what would be right; and what options mean. */
#include "arima_dense.h"

#include "models/series/arima_filter.h"
#include "models/series/arima_options.h"

#include <criterion/criterion.h>
#include <float.h>
#include <stdio.h>

extern const struct series_model alm_series_arima;

#define N 120
#define H 15

/* OUT NULL on failure. */
static int fit_text(const char *options, const double *y, size_t n, void **out, struct alm_err *e)
{
    const struct series_model *m = &alm_series_arima;
    void *opt = calloc(1, m->opt_size);
    *out = NULL;
    cr_assert_eq(alm_options_init(m->opts, opt, e), ALM_OK, "%s", e->text);
    int code = alm_options_parse(m->opts, opt, "model arima", options, e);
    if (code == ALM_OK)
        code = m->fit(opt, y, n, out, e);
    free(opt);
    return code;
}

static void expect_error(const char *options, const double *y, size_t n, int code, const char *part)
{
    struct alm_err e = {0};
    void *fit;
    const int got = fit_text(options, y, n, &fit, &e);
    cr_expect_eq(got, code, "%s: code %d, %s", options, got, e.text);
    cr_expect(strstr(e.text, part), "%s: `%s` does not say `%s`", options, e.text, part);
    if (fit)
        alm_series_arima.free(fit);
}

struct answer {
    struct series_report r;
    double mean[H], se[H], lower[H], upper[H], residual[4 * N];
};

static void ask(const char *options, const double *y, size_t n, struct answer *a)
{
    static const double level[] = {0.95};
    struct alm_err e = {0};
    void *fit;
    struct series_forecast f = {H, 1, level, a->mean, a->se, a->lower, a->upper};
    cr_assert_leq(n, 4 * N);
    cr_assert_eq(fit_text(options, y, n, &fit, &e), ALM_OK, "%s: %s", options, e.text);
    alm_series_arima.report(fit, &a->r);
    cr_assert_eq(alm_series_arima.forecast(fit, &f, &e), ALM_OK, "%s", e.text);
    alm_series_arima.residuals(fit, a->residual);
    alm_series_arima.free(fit);
}

static void expect_sound(const char *what, const struct answer *a)
{
    for (size_t h = 0; h < H; h++) {
        cr_expect(isfinite(a->mean[h]), "%s: forecast %zu is %g", what, h + 1, a->mean[h]);
        cr_expect(isfinite(a->se[h]) && a->se[h] >= 0, "%s: standard error %zu is %g", what, h + 1, a->se[h]);
    }
}

static void make(double *y, size_t n, uint64_t seed)
{
    made_arma((double[]){0.6}, 1, (double[]){0.3}, 1, seed, y, n);
}

static const char *const wishes[] = {"order=1/0/1",
                                     "order=0/1/1",
                                     "order=2/1/2,drift=true",
                                     "order=1/2/1",
                                     "order=1/0/0,seasonal=1/1/1,period=4",
                                     "order=1/0/1,period=6,fourier=2",
                                     "order=1/0/1,method=css",
                                     "order=auto",
                                     "order=auto,period=4",
                                     "order=0/0/0"};

#define WISHES (sizeof wishes / sizeof wishes[0])

Test(arima_fit, constant_series)
{
    for (size_t i = 0; i < WISHES; i++) {
        double y[40];
        struct answer a;
        for (size_t t = 0; t < 40; t++)
            y[t] = t == 17 && i % 2 ? NAN : 3.25;
        ask(wishes[i], y, 40, &a);
        cr_expect(a.r.converged);
        cr_expect_eq(a.r.sigma2, 0, "%s: sigma2 is %g", wishes[i], a.r.sigma2);
        for (size_t h = 0; h < H; h++) {
            cr_expect_float_eq(a.mean[h], 3.25, 1e-12, "%s: %zu ahead is %g", wishes[i], h + 1, a.mean[h]);
            cr_expect_eq(a.se[h], 0);
            cr_expect_eq(a.lower[h], a.upper[h]);
        }
    }
}

Test(arima_fit, a_line_and_its_drift)
{
    double y[40];
    struct answer a;
    for (size_t t = 0; t < 40; t++)
        y[t] = 10 + 2 * (double)t;
    ask("order=1/1/0,drift=true", y, 40, &a);
    cr_expect_eq(a.r.sigma2, 0);
    cr_expect_float_eq(a.r.coefficient[1].value, 2, 1e-12);
    cr_expect_float_eq(a.mean[4], 10 + 2 * 44., 1e-9);
    ask("order=0/2/0", y, 40, &a);
    cr_expect_float_eq(a.mean[4], 10 + 2 * 44., 1e-9);
    ask("order=auto", y, 40, &a);
    cr_expect_float_eq(a.mean[4], 10 + 2 * 44., 1e-6);
}

Test(arima_fit, huge_and_tiny_values)
{
    static const double scale[] = {1e100, 1e-100, 1e-300, 1e8};
    double y[N], z[N];
    struct answer a, b;
    make(y, N, 3);
    ask("order=1/0/1", y, N, &a);
    for (size_t i = 0; i < 4; i++) {
        for (size_t t = 0; t < N; t++)
            z[t] = y[t] * scale[i];
        ask("order=1/0/1", z, N, &b);
        cr_expect_float_eq(b.r.coefficient[0].value, a.r.coefficient[0].value, 1e-6);
        cr_expect_float_eq(b.se[0] / scale[i], a.se[0], 1e-6 * a.se[0]);
        cr_expect_float_eq(b.mean[0] / scale[i], a.mean[0], 1e-6);
        cr_expect_float_eq(b.r.loglik, a.r.loglik - N * log(scale[i]), 1e-6);
    }
    for (size_t t = 0; t < N; t++)
        z[t] = y[t] * 1e300;
    expect_error("order=1/0/1", z, N, ALM_EDATA, "square");
    expect_error("order=auto", z, N, ALM_EDATA, "square");
    for (size_t t = 0; t < N; t++)
        z[t] = 1e12 + y[t];
    ask("order=1/0/1", z, N, &b);
    cr_expect_float_eq(b.r.loglik, a.r.loglik, 1e-3, "a far level costs digits: %g, %g", b.r.loglik, a.r.loglik);
}

Test(arima_fit, series_of_which_nothing_can_be_said)
{
    double y[N];
    for (size_t i = 0; i < WISHES; i++) {
        for (size_t t = 0; t < N; t++)
            y[t] = NAN;
        expect_error(wishes[i], y, N, ALM_EDATA, "missing");
        expect_error(wishes[i], y, 0, ALM_EDATA, "missing");
        make(y, N, 4);
        y[50] = INFINITY;
        expect_error(wishes[i], y, N, ALM_EDATA, "value 51");
    }
}

/* Whatever a short series is asked for, it answers or says what is wrong. */
Test(arima_fit, short_series)
{
    double y[N];
    size_t answered = 0;
    for (uint64_t seed = 1; seed <= 3; seed++)
        for (size_t n = 1; n <= 30; n++)
            for (size_t i = 0; i < WISHES; i++) {
                struct alm_err e = {0};
                void *fit;
                make(y, n, seed);
                if (fit_text(wishes[i], y, n, &fit, &e) < 0) {
                    cr_expect(e.text[0] && (e.code == ALM_EINVAL || e.code == ALM_EDATA), "%s, %zu values: %s",
                              wishes[i], n, e.text);
                    continue;
                }
                alm_series_arima.free(fit);
                struct answer a;
                ask(wishes[i], y, n, &a);
                expect_sound(wishes[i], &a);
                answered++;
            }
    cr_expect_gt(answered, 600, "%zu answers", answered);
    expect_error("order=20/0/20", (double[]){1, 2}, 2, ALM_EINVAL, "lower the orders");
    expect_error("order=0/2/0", (double[]){1, 2}, 2, ALM_EINVAL, "too few");
    struct answer a;
    ask("order=0/0/0", (double[]){1, 2}, 2, &a);
    cr_expect_float_eq(a.mean[3], 1.5, 1e-12);
    cr_expect_float_eq(a.r.sigma2, 0.25, 1e-12);
}

static void odd_series(size_t kind, double *y)
{
    make(y, N, 9 + kind);
    double level = 0;
    for (size_t t = 0; t < N; t++) {
        level += y[t];
        switch (kind) {
        case 0:
            y[t] = level;
            break; /* a unit root */
        case 1:
            y[t] = t % 3 ? y[t] : NAN;
            break; /* a third missing */
        case 2:
            y[t] = t % 2 ? NAN : y[t];
            break; /* never two in a row */
        case 3:
            y[t] = t == 60 ? 1e6 : y[t];
            break; /* one wild value */
        case 4:
            y[t] = t < 80 ? y[t] : 1;
            break; /* a machine that went idle */
        case 5:
            y[t] = (double)(t % 2);
            break; /* two values in turn */
        case 6:
            y[t] = t == 60;
            break; /* one step out of nothing */
        case 7:
            y[t] = exp(0.5 * (double)t);
            break; /* explosive */
        case 8:
            y[t] = t < 30 || t > 90 ? NAN : level;
            break; /* missing at both ends */
        case 9:
            y[t] = (double)(t * t % 4);
            break; /* a season and nothing else */
        case 10:
            y[t] = t > 20 && t < 100 ? NAN : y[t];
            break; /* one large gap */
        default:
            y[t] = t < 60 ? 5 : 6; /* a step */
        }
    }
}

Test(arima_fit, odd_series)
{
    for (size_t kind = 0; kind <= 11; kind++)
        for (size_t i = 0; i < WISHES; i++) {
            double y[N];
            struct alm_err e = {0};
            void *fit;
            odd_series(kind, y);
            if (fit_text(wishes[i], y, N, &fit, &e) < 0) {
                cr_expect(e.text[0] && (e.code == ALM_EINVAL || e.code == ALM_EDATA), "kind %zu, %s: %s", kind,
                          wishes[i], e.text);
                printf("kind %zu, %s: %s\n", kind, wishes[i], e.text);
                continue;
            }
            alm_series_arima.free(fit);
            struct answer a;
            ask(wishes[i], y, N, &a);
            char what[96];
            snprintf(what, sizeof what, "kind %zu, %s", kind, wishes[i]);
            expect_sound(what, &a);
        }
}

Test(arima_fit, collinear_regressors)
{
    double y[N], x[2 * N];
    struct alm_err e = {0};
    struct arima_fit *f = NULL;
    make(y, N, 5);
    for (size_t t = 0; t < N; t++) {
        x[t] = sin((double)t);
        x[N + t] = 2 - 3 * x[t];
    }
    struct arima_spec spec = {.order = {1, 0, 0, 0, 0, 0, 1}, .mean = true, .regressors = 2, .regressor = x};
    cr_expect_eq(arima_fit(&spec, y, N, &f, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "combination"), "%s", e.text);
    expect_error("order=0/2/1,drift=true", y, N, ALM_EINVAL, "leave it out");
    x[N + 7] = NAN;
    cr_expect_eq(arima_fit(&spec, y, N, &f, &e), ALM_EDATA);
    cr_expect(strstr(e.text, "row 8"), "%s", e.text);
}

/* Ordinary least squares when there is nothing else: coefficients by the textbook. */
Test(arima_fit, regressors_and_their_future)
{
    double y[N], x[N], future[2] = {3, -1}, mean[2], se[2];
    struct alm_err e = {0};
    struct arima_fit *f;
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    uint64_t state = 8;
    for (size_t t = 0; t < N; t++) {
        x[t] = made_normal(&state);
        y[t] = 4 + 2 * x[t] + 0.1 * made_normal(&state);
        sx += x[t];
        sy += y[t];
        sxx += x[t] * x[t];
        sxy += x[t] * y[t];
    }
    const double b = (sxy - sx * sy / N) / (sxx - sx * sx / N), a = (sy - b * sx) / N;
    const struct arima_spec spec = {.order = {0, 0, 0, 0, 0, 0, 1}, .mean = true, .regressors = 1, .regressor = x};
    cr_assert_eq(arima_fit(&spec, y, N, &f, &e), ALM_OK, "%s", e.text);
    const struct arima_result *r = arima_fit_result(f);
    cr_expect_float_eq(r->coefficient[0], a, 1e-12);
    cr_expect_float_eq(r->coefficient[1], b, 1e-12);
    cr_expect_float_eq(r->se[1], sqrt(r->sigma2 / (sxx - sx * sx / N)), 1e-9);
    cr_assert_eq(arima_forecast(f, future, 2, mean, se, &e), ALM_OK);
    cr_expect_float_eq(mean[0], a + 3 * b, 1e-12);
    cr_expect_float_eq(mean[1], a - b, 1e-12);
    struct arima_filter *filter = malloc(arima_filter_size(&spec));
    cr_expect_eq(arima_filter_init(filter, f, &e), ALM_EUNSUPPORTED);
    free(filter);
    arima_fit_free(f);
}

Test(arima_fit, wishes_that_contradict)
{
    double y[N];
    make(y, N, 6);
    expect_error("order=1/1", y, N, ALM_EINVAL, "three numbers");
    expect_error("order=1/x/1", y, N, ALM_EINVAL, "three numbers");
    expect_error("order=1/0/1/2", y, N, ALM_EINVAL, "three numbers");
    expect_error("order=1/0/1,seasonal=1/0/0", y, N, ALM_EINVAL, "period");
    expect_error("order=99/0/0", y, N, ALM_EINVAL, "at the most");
    expect_error("order=1/0/1,period=5,fourier=3", y, N, ALM_EINVAL, "half the period");
    expect_error("seasonal=1/0/0,period=12", y, N, ALM_EINVAL, "order=auto");
    expect_error("fixed=ar1:0.5", y, N, ALM_EINVAL, "order=auto");
    expect_error("order=1/0/0,fixed=ar2:0.5", y, N, ALM_EINVAL, "no coefficient `ar2`");
    expect_error("order=1/0/0,fixed=ar1", y, N, ALM_EINVAL, "name:value");
    expect_error("order=1/0/0,fixed=ar1:x", y, N, ALM_EINVAL, "number");
    expect_error("order=1/0/0,fixed=ar1:1.5", y, N, ALM_EINVAL, "not stationary");
    expect_error("method=css", y, N, ALM_EINVAL, "css");
}

Test(arima_fit, given_coefficients)
{
    double y[N];
    struct answer all, some, free_;
    make(y, N, 7);
    ask("order=2/0/1", y, N, &free_);
    ask("order=2/0/1,fixed=ar2:0.1", y, N, &some);
    cr_expect_eq(some.r.coefficient[1].value, 0.1);
    cr_expect_eq(some.r.coefficient[1].se, 0);
    cr_expect_gt(some.r.coefficient[0].se, 0);
    cr_expect_not(some.r.fixed);
    cr_expect_lt(some.r.loglik, free_.r.loglik);
    cr_expect_float_eq(some.r.aic, -2 * some.r.loglik + 2 * 4, 1e-9, "a given coefficient is none to pay for");
    char text[300];
    snprintf(text, sizeof text, "order=2/0/1,fixed=ar1:%.17g/ar2:%.17g/ma1:%.17g/intercept:%.17g",
             free_.r.coefficient[0].value, free_.r.coefficient[1].value, free_.r.coefficient[2].value,
             free_.r.coefficient[3].value);
    ask(text, y, N, &all);
    cr_expect(all.r.fixed);
    cr_expect_float_eq(all.r.loglik, free_.r.loglik, 1e-9);
    cr_expect_float_eq(all.mean[3], free_.mean[3], 1e-9);
    cr_expect_str_eq(all.r.words, "ARIMA(2,0,1) with mean");
    cr_expect_str_eq(all.r.coefficient[3].name, "mean");
}

Test(arima_fit, words_and_variance)
{
    double y[N];
    struct answer a, b;
    make(y, N, 8);
    ask("order=2/1/2,seasonal=0/1/1,period=12", y, N, &a);
    cr_expect_str_eq(a.r.words, "ARIMA(2,1,2)(0,1,1)[12]");
    cr_expect_eq(a.r.nobs, N - 13);
    ask("order=0/1/1,drift=true,period=12,fourier=2", y, N, &a);
    cr_expect_str_eq(a.r.words, "ARIMA(0,1,1) with drift, 2 Fourier pairs");
    ask("order=1/0/0", y, N, &a);
    ask("order=1/0/0,variance=unbiased", y, N, &b);
    cr_expect_float_eq(b.se[0], a.se[0] * sqrt(N / (N - 2.)), 1e-12);
    cr_expect_float_eq(b.upper[0], b.mean[0] + 1.959963984540054 * b.se[0], 1e-9);
    cr_expect_eq(b.r.sigma2, a.r.sigma2);
    ask("order=1/0/0,mean=false", y, N, &a);
    cr_expect_eq(a.r.coefficients, 1);
}

Test(arima_fit, same_bits_twice)
{
    double y[N];
    struct answer a, b;
    make(y, N, 12);
    for (size_t i = 0; i < WISHES; i++) {
        memset(&a, 0, sizeof a);
        memset(&b, 0, sizeof b);
        ask(wishes[i], y, N, &a);
        ask(wishes[i], y, N, &b);
        cr_expect_eq(memcmp(a.mean, b.mean, sizeof a.mean), 0, "%s", wishes[i]);
        cr_expect_eq(memcmp(a.residual, b.residual, N * sizeof(double)), 0, "%s", wishes[i]);
        cr_expect(a.r.loglik == b.r.loglik, "%s", wishes[i]);
    }
}
