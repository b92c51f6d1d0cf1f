/* SPDX-License-Identifier: GPL-3.0-or-later
 * predictors_series: do arima, holt-winters and theta forecast what the models they are made of do, keep what they state, and bear any series?
 *
 * Choice.   With errors=normal and confidence=50% the max of a point predictor is its forecast. The library's models are fitted to the whole
 *           series here, and asked for one step: no filter is shared. */
#include "arima_dense.h"
#include "series_feed.h"
#include "series_rig.h"

#include "models/series/arima_fit.h"
#include "models/series/ets.h"

#include <float.h>
#include <stdio.h>

#define FORECAST "errors=normal,confidence=0.5"

static double fed(struct series_feed *f, double value)
{
    const struct alm_envelope *v = series_feed(f, value, NAN, 0);
    return v->has & ALM_BIT(ALM_CPU) ? v->max[ALM_CPU] : NAN;
}

static void near(double got, double expected, double tolerance, const char *what, size_t t)
{
    cr_expect(fabs(got - expected) <= tolerance * fabs(expected), "%s, value %zu: %.15g, not %.15g", what, t, got,
              expected);
}

/* An AR(2) around 50 (its logarithm around 4), fitted at 200 values; from then on coefficients stay. */
static void arima_goes_on(bool logarithm)
{
    enum { FITTED = 200, N = 260 };
    const double ar[] = {0.6, 0.2};
    double y[N], z[N], sum = 0, offset = 0;
    struct series_feed f;
    struct alm_err e;
    struct arima_fit *fit, *whole;
    made_arma(ar, 2, NULL, 0, 5, y, N);
    for (size_t t = 0; t < N; t++)
        y[t] = logarithm ? exp(4 + 0.3 * y[t]) : 50 + 3 * y[t];
    y[220] = y[221] = NAN;
    for (size_t t = 0; t < FITTED; t++)
        sum += y[t];
    offset = logarithm ? sum / FITTED / 100 : 0;
    for (size_t t = 0; t < N; t++)
        z[t] = logarithm ? log(y[t] + offset) : y[t];
    char text[128];
    snprintf(text, sizeof text, "arima:order=2/0/1,min_history=1000m,refit=30d,shift=0,log=%s," FORECAST,
             logarithm ? "true" : "false");
    series_feed_start(&f, text);
    struct arima_spec spec = {.order = {2, 0, 1, 0, 0, 0, 1}, .mean = true};
    cr_assert_eq(arima_fit(&spec, z, FITTED, &fit, &e), ALM_OK, "%s", e.text);
    spec.fixed = arima_fit_result(fit)->coefficient;
    for (size_t t = 0; t < N; t++) {
        const double got = fed(&f, y[t]);
        double mean, se;
        if (t + 1 < FITTED)
            cr_expect_eq(got, y[t], "the last value, until there is a model");
        if (t + 1 < FITTED || isnan(y[t]) || (t > 200 && isnan(y[t - 1])) || (t > 201 && isnan(y[t - 2])))
            continue;
        cr_assert_eq(arima_fit(&spec, z, t + 1, &whole, &e), ALM_OK, "%s", e.text);
        cr_assert_eq(arima_forecast(whole, NULL, 1, &mean, &se, &e), ALM_OK);
        near(got, logarithm ? exp(mean) - offset : mean, t < 220 ? 1e-9 : 1e-4, text, t);
        arima_fit_free(whole);
    }
    arima_fit_free(fit);
    series_feed_stop(&f);
}

Test(predictors_series, arima_forecasts_what_the_model_does)
{
    arima_goes_on(false);
    arima_goes_on(true);
}

/* At the default confidence, errors=normal: the model's standard error, its variance over n less the coefficients. */
Test(predictors_series, arima_states_the_models_error)
{
    enum { N = 200 };
    const double ar = 0.7, z = 1.6448536269514722;
    double y[N], mean, se;
    struct series_feed f;
    struct alm_err e;
    struct arima_fit *fit;
    made_arma(&ar, 1, NULL, 0, 6, y, N);
    series_feed_start(&f, "arima:order=1/0/0,min_history=1000m,log=false,errors=normal");
    for (size_t t = 0; t < N; t++)
        series_feed(&f, y[t] += 50, NAN, 0);
    const struct arima_spec spec = {.order = {1, 0, 0, 0, 0, 0, 1}, .mean = true};
    cr_assert_eq(arima_fit(&spec, y, N, &fit, &e), ALM_OK);
    cr_assert_eq(arima_forecast(fit, NULL, 1, &mean, &se, &e), ALM_OK);
    near(f.v.max[0], mean + z * se * sqrt((double)N / (N - 2)), 1e-9, "max", N);
    cr_expect_eq(f.v.confidence[0], 0.95);
    arima_fit_free(fit);
    series_feed_stop(&f);
}

/* 20 values a season. Before two seasons are known the model has none. */
Test(predictors_series, seasonal_models_wait_for_two_seasons)
{
    enum { N = 96, S = 20 };
    static const char *const season =
        "arima:order=0/0/0,seasonal=0/1/0,period=100m,min_history=150m,log=false," FORECAST;
    static const char *const pairs = "arima:order=0/0/0,fourier=1,period=100m,min_history=150m,log=false," FORECAST;
    struct series_feed f, g;
    series_feed_start(&f, season);
    series_feed_start(&g, pairs);
    double mean = 0;
    for (size_t t = 0; t < N; t++) {
        const double y = 20 + 5 * sin(2 * M_PI * (double)t / S) + (t % 3 == 0 ? 0.1 : 0);
        const double got = fed(&f, y), wave = fed(&g, y);
        mean += (y - mean) / (double)(t + 1);
        if (t == 29)
            near(got, mean, 1e-9, "without a season: the mean of 30 values", t);
        if (t >= 67) { /* fitted at 30, 45, 68 */
            const size_t last = t + 1 - S;
            near(got, 20 + 5 * sin(2 * M_PI * (double)last / S) + (last % 3 == 0 ? 0.1 : 0), 1e-9, "season", t);
            near(wave, 20 + 5 * sin(2 * M_PI * (double)(t + 1) / S), 0.01, "Fourier", t);
        }
    }
    series_feed_stop(&f);
    series_feed_stop(&g);
}

Test(predictors_series, arima_chooses_orders)
{
    enum { N = 400 };
    const double ar[] = {1.2, -0.6};
    double y[N], squares = 0;
    struct series_feed f;
    made_arma(ar, 2, NULL, 0, 8, y, N);
    series_feed_start(&f, "arima:order=auto,min_history=1000m,log=false," FORECAST);
    double ahead = NAN;
    for (size_t t = 0; t < N; t++) {
        if (t >= 200)
            squares += (y[t] + 50 - ahead) * (y[t] + 50 - ahead);
        ahead = fed(&f, 50 + y[t]);
    }
    /* Shocks have variance 1, values 2.2: chi-squared of 200, mean square within 1 +- 4 * sqrt(2 / 200), and a tenth for the coefficients. */
    cr_expect_lt(squares / 200, 1.5, "%g", squares / 200);
    cr_expect_gt(squares / 200, 0.6);
    series_feed_stop(&f);
}

static void holt_winters_goes_on(const char *options, struct ets_form form)
{
    enum { FITTED = 120, N = 150 };
    double y[N];
    struct series_feed f;
    struct alm_err e;
    struct ets *fit;
    char text[160];
    series_made(y, N);
    snprintf(text, sizeof text, "holt-winters:%s,min_history=600m,refit=30d,shift=0,log=false," FORECAST, options);
    series_feed_start(&f, text);
    cr_assert_eq(ets_fit(&form, NULL, y, FITTED, &fit, &e), ALM_OK, "%s", e.text);
    const struct ets_parameters p = fit->parameter;
    double level = fit->last[ETS_LEVEL] * fit->scale, slope = fit->last[ETS_SLOPE] * fit->scale, season[7] = {0};
    for (size_t j = 0; j < form.period; j++)
        season[j] = fit->last[ETS_SEASON + j] * fit->scale;
    for (size_t t = 0; t < N; t++) {
        const double got = fed(&f, y[t]);
        if (t + 1 < FITTED)
            continue;
        if (t >= FITTED) { /* by hand */
            const double error = y[t] - level - p.phi * slope - season[t % form.period];
            level += p.phi * slope + p.alpha * error;
            slope = p.phi * slope + p.beta * error;
            season[t % form.period] += p.gamma * error;
        }
        near(got, level + p.phi * slope + season[(t + 1) % form.period], 1e-9, text, t);
    }
    ets_free(fit);
    series_feed_stop(&f);
}

Test(predictors_series, holt_winters_forecasts_what_the_model_does)
{
    holt_winters_goes_on("season=0", (struct ets_form){ETS_ADDITIVE, ETS_NONE, ETS_NONE, false, 1});
    holt_winters_goes_on("season=35m", (struct ets_form){ETS_ADDITIVE, ETS_NONE, ETS_ADDITIVE, false, 7});
    holt_winters_goes_on("season=35m,trend=additive",
                         (struct ets_form){ETS_ADDITIVE, ETS_ADDITIVE, ETS_ADDITIVE, false, 7});
    holt_winters_goes_on("season=0,trend=damped", (struct ets_form){ETS_ADDITIVE, ETS_ADDITIVE, ETS_NONE, true, 1});
}

/* Simple smoothing with alpha = 1 / 2 from a constant start. */
Test(predictors_series, holt_winters_takes_what_is_given)
{
    struct series_feed f;
    series_feed_start(&f, "holt-winters:season=0,alpha=0.5,log=false,min_history=50m,shift=0,refit=30d," FORECAST);
    for (int k = 0; k < 9; k++)
        fed(&f, k % 2 ? 11 : 9);
    const double level = fed(&f, 10);
    near(fed(&f, 14), (level + 14) / 2, 1e-12, "alpha", 11);
    series_feed_stop(&f);
}

static int refusal(const char *text, struct alm_err *e)
{
    struct alm_choice c;
    const struct alm_env env = {.interval = FEED_STEP, .sample_interval = FEED_STEP, .resources = 1};
    const uint32_t id = 0;
    cr_assert_eq(alm_choice_parse(ALM_PREDICTOR, text, &c, e), 0, "%s", e->text);
    const struct alm_predictor_ops *ops = (const void *)c.module;
    const size_t size = ops->state_size(c.opt, &env);
    struct alm_units u = {
        .count = 1, .id = &id, .state = calloc(1, size + 1), .stride = size, .opt = c.opt, .env = &env};
    const int code = ops->init(&u, e);
    free(u.state);
    alm_choice_free(&c);
    return code;
}

Test(predictors_series, options_that_make_no_sense_are_refused)
{
    static const char *const bad[] = {"arima:order=1/1",
                                      "arima:order=99/0/0",
                                      "arima:seasonal=0/1/1,period=0",
                                      "arima:period=10d,fourier=1",
                                      "arima:fourier=2,period=0",
                                      "arima:fourier=2,period=15m",
                                      "arima:order=auto,seasonal=0/1/1",
                                      "holt-winters:alpha=2",
                                      "holt-winters:alpha=0.2,beta=0.3",
                                      "holt-winters:alpha=half"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct alm_err e = {0};
        cr_expect_eq(refusal(bad[i], &e), ALM_EINVAL, "%s: %s", bad[i], e.text);
        cr_expect_gt(strlen(e.text), 0, "%s", bad[i]);
    }
}

/* The model of `almanac forecast`, which fits the whole series, at each fit; n and the level go on between. */
Test(predictors_series, theta_forecasts_what_the_model_does)
{
    enum { FITTED = 60, N = 100 };
    double y[N];
    struct series_feed f;
    struct series_rig r;
    series_feed_start(&f, "theta:log=false,min_history=300m,shift=0,refit=30d," FORECAST);
    for (size_t t = 0; t < N; t++)
        y[t] = 100 + (double)t * 0.8 + (double)((t * t * 7 + t * 13) % 31) / 5;
    double level = 0, alpha = 0, slope = 0;
    for (size_t t = 0; t < N; t++) {
        const double got = fed(&f, y[t]);
        if (t + 1 == FITTED || t + 1 == 90) {
            struct series_report report;
            cr_assert_geq(series_rig_fit(&r, "theta", "", y, t + 1), 0, "%s", r.e.text);
            cr_assert_geq(series_rig_forecast(&r, 1, NULL, 0), 0);
            near(got, r.mean[0], 1e-9, "theta", t);
            r.model->report(r.fit, &report);
            alpha = report.coefficient[0].value;
            slope = report.coefficient[1].value;
            level = r.mean[0] - slope * (1 - pow(1 - alpha, (double)t + 1)) / alpha;
            series_rig_close(&r);
        } else if (t >= FITTED) {
            level += alpha * (y[t] - level);
            near(got, level + slope * (1 - pow(1 - alpha, (double)t + 1)) / alpha, 1e-9, "theta, on", t);
        }
    }
    series_feed_stop(&f);
}

/* A season that is there is taken, one that is not is left alone. */
Test(predictors_series, theta_takes_a_season_that_is_there)
{
    enum { N = 240, S = 12 };
    for (int seasonal = 0; seasonal < 2; seasonal++) {
        struct series_feed with, without;
        uint64_t state = 77;
        double wrong = 0, flat = 0, a = NAN, b = NAN;
        series_feed_start(&with, "theta:season=1h,min_history=600m,log=false," FORECAST);
        series_feed_start(&without, "theta:min_history=600m,log=false," FORECAST);
        for (size_t t = 0; t < N; t++) {
            const double y = 50 + (seasonal ? 10 * sin(2 * M_PI * (double)t / S) : 0) + made_normal(&state);
            wrong += t >= 120 ? (y - a) * (y - a) / 120 : 0;
            flat += t >= 120 ? (y - b) * (y - b) / 120 : 0;
            a = fed(&with, y);
            b = fed(&without, y);
        }
        if (seasonal)
            cr_expect(wrong < 1.6 && flat > 5, "with %g, without %g", wrong, flat);
        else
            cr_expect_eq(wrong, flat, "with %g, without %g", wrong, flat);
        series_feed_stop(&with);
        series_feed_stop(&without);
    }
}

static double pinball(double y, double q, double tau)
{
    return y >= q ? tau * (y - q) : (1 - tau) * (q - y);
}

static double mean_pinball(const char *text, const double *y, size_t n, size_t from)
{
    struct series_feed f;
    double sum = 0, max = NAN;
    series_feed_start(&f, text);
    for (size_t t = 0; t < n; t++) {
        sum += t >= from ? pinball(y[t], max, 0.95) : 0;
        max = fed(&f, y[t]);
    }
    series_feed_stop(&f);
    return sum / (double)(n - from);
}

/* A day's wave with an AR(1) of correlation 0.8 around it: 10 days, the last 5 judged. */
Test(predictors_series, better_than_the_mean_on_a_wave_with_noise)
{
    enum { N = 2880 };
    static const char *const better[] = {"arima", "arima:order=1/0/0,fourier=2,period=24h", "holt-winters", "theta",
                                         "theta:season=24h"};
    double *y = malloc(N * sizeof *y);
    const double ar = 0.8;
    made_arma(&ar, 1, NULL, 0, 21, y, N);
    for (size_t t = 0; t < N; t++)
        y[t] = exp(0.4 * sin(2 * M_PI * (double)t / 288) + 0.05 * y[t]);
    const double mean = mean_pinball("mean", y, N, N / 2);
    for (size_t i = 0; i < sizeof better / sizeof better[0]; i++) {
        const double got = mean_pinball(better[i], y, N, N / 2);
        cr_expect_lt(got, 0.4 * mean, "%s: %g, mean %g", better[i], got, mean);
    }
    free(y);
}

/* Misses of max on a stationary AR(1), the first 1000 of 6000 not judged: within 4 standard deviations of a binomial count, one false alarm in
 * 16 000 a judgement if misses were independent; they nearly are, since the errors of the right model are. */
Test(predictors_series, coverage_is_what_is_stated)
{
    enum { N = 6000, BURN = 1000 };
    static const char *const how[] = {"arima:order=1/0/0,log=false,errors=difference",
                                      "arima:order=1/0/0,log=false,errors=normal", "arima", "holt-winters:season=0",
                                      "theta"};
    static const double levels[] = {0.9, 0.95, 0.99};
    const double ar = 0.7;
    double *y = malloc(N * sizeof *y);
    made_arma(&ar, 1, NULL, 0, 31, y, N);
    for (size_t i = 0; i < sizeof how / sizeof how[0]; i++)
        for (size_t k = 0; k < 3; k++) {
            struct series_feed f;
            char text[128];
            double misses = 0, below = 0;
            snprintf(text, sizeof text, "%s%cconfidence=%g", how[i], strchr(how[i], ':') ? ',' : ':', levels[k]);
            series_feed_start(&f, text);
            for (size_t t = 0; t < N; t++) {
                const double value = 20 + y[t];
                misses += t >= BURN && value > f.v.max[0];
                below += t >= BURN && value < f.v.min[0];
                series_feed(&f, value, NAN, 0);
            }
            const double n = N - BURN, rate = 1 - levels[k], sd = sqrt(n * rate * (1 - rate));
            cr_expect_leq(fabs(misses - rate * n), 4 * sd, "%s: %g misses, expected %g", text, misses, rate * n);
            cr_expect_leq(below, alm_lower_tail(levels[k]) * n + 4 * sqrt(n * 0.005), "%s: %g below", text, below);
            series_feed_stop(&f);
        }
    free(y);
}

/* ---- bad series ---- */

enum { SERIES_CASES = 11 };

static double hostile(int which, size_t t, uint64_t *state)
{
    const double u = made_uniform(state);
    switch (which) {
    case 0:
        return 3;
    case 1:
        return 0;
    case 2:
        return t < 2 ? (double)t : NAN;
    case 3:
        return t % 90 < 60 ? NAN : u;
    case 4:
        return 1e300 * u;
    case 5:
        return 1e-300 * u;
    case 6:
        return t % 50 == 49 ? 1e300 : u;
    case 7:
        return t % 40 == 39 ? INFINITY : u;
    case 8:
        return t < 250 ? 2 : 2 + u;
    case 9:
        return exp(0.1 * (double)t);
    default:
        return t % 2 ? DBL_MAX : DBL_MIN;
    }
}

Test(predictors_series, any_series_has_an_answer)
{
    static const char *const modules[] = {"arima:refit=2h,period=1h,seasonal=1/1/1",
                                          "arima:refit=2h,log=false",
                                          "arima:order=auto,refit=12h,period=1h",
                                          "arima:order=2/2/2,errors=normal,refit=2h",
                                          "holt-winters:season=1h,trend=additive,refit=2h",
                                          "holt-winters:season=1h,trend=damped,log=false,errors=normal,refit=2h",
                                          "theta:season=1h,refit=2h",
                                          "theta:log=false,refit=2h,errors=difference"};
    for (size_t m = 0; m < sizeof modules / sizeof modules[0]; m++)
        for (int which = 0; which < SERIES_CASES; which++) {
            struct series_feed f;
            uint64_t state = 99;
            series_feed_start(&f, modules[m]);
            for (size_t t = 0; t < 400; t++) {
                const double y = hostile(which, t, &state);
                const struct alm_envelope *v = series_feed(&f, y, NAN, 0);
                if (which == 0 && t > 300) {
                    cr_expect_float_eq(v->max[0], 3, 1e-6, "%s: a constant: %g", modules[m], v->max[0]);
                    cr_expect_float_eq(v->min[0], 3, 1e-6);
                }
                if (v->has & ALM_BIT(ALM_CPU))
                    cr_expect(isfinite(v->max[0]) && v->min[0] >= 0 && v->min[0] <= v->max[0], "%s, case %d, value %zu",
                              modules[m], which, t);
            }
            series_feed_stop(&f);
        }
}

/* ---- keeping ---- */

static void carry_over(struct series_feed *from, struct series_feed *to, int *code)
{
    struct alm_err e = {0};
    size_t size = 0;
    cr_assert_eq(from->ops->save(&from->u, 0, NULL, &size, &e), 0);
    char *saved = malloc(size);
    cr_assert_eq(from->ops->save(&from->u, 0, saved, &size, &e), 0);
    *code = to->ops->load(&to->u, 0, saved, size, &e);
    to->k = from->k;
    free(saved);
}

static const char *const kept[] = {"arima:order=2/1/1,seasonal=0/1/1,period=1h,refit=4h",
                                   "arima:order=auto,fit_window=1d,refit=6h,fourier=1,period=1h",
                                   "holt-winters:season=1h,refit=4h", "theta:season=1h,refit=4h"};

Test(predictors_series, a_loaded_unit_goes_on_as_the_saved_one)
{
    for (size_t m = 0; m < sizeof kept / sizeof kept[0]; m++) {
        struct series_feed a, b;
        uint64_t state = 5;
        int code;
        series_feed_start(&a, kept[m]);
        series_feed_start(&b, kept[m]);
        for (size_t t = 0; t < 150; t++)
            series_feed(&a, 2 + sin(2 * M_PI * (double)t / 12) + made_uniform(&state), 1e9 * made_uniform(&state), 0);
        carry_over(&a, &b, &code);
        cr_assert_eq(code, 0, "%s", kept[m]);
        for (size_t t = 0; t < 150; t++) {
            const double cpu = t % 9 == 4 ? NAN : 3 * made_uniform(&state), memory = 1e9 * made_uniform(&state);
            series_feed(&a, cpu, memory, 0);
            series_feed(&b, cpu, memory, 0);
            cr_assert_eq(memcmp(a.u.state, b.u.state, a.u.stride), 0, "%s, after %zu values", kept[m], t + 1);
            cr_assert_eq(memcmp(&a.v.max, &b.v.max, sizeof a.v.max), 0);
        }
        series_feed_stop(&a);
        series_feed_stop(&b);
    }
}

/* Each word of the model with numbers that cannot be: refused, or harmless (the sanitizers look on). */
Test(predictors_series, forged_states_do_no_harm)
{
    size_t refused = 0, taken = 0;
    for (size_t m = 0; m < sizeof kept / sizeof kept[0]; m++) {
        struct series_feed a;
        uint64_t state = 5;
        series_feed_start(&a, kept[m]);
        for (size_t t = 0; t < 60; t++)
            series_feed(&a, 2 + made_uniform(&state), 1e9 * made_uniform(&state), 0);
        const size_t words = a.u.stride / 8, first = words > 300 ? words - 300 : 0;
        for (size_t w = first; w < words; w++) {
            uint64_t *word = (uint64_t *)(void *)a.u.state + w;
            const uint64_t before = *word, forged[] = {UINT64_MAX, 0x7f7f7f7f7f7f7f7f, UINT64_C(1) << 33, 77};
            for (size_t k = 0; k < 4; k++) {
                struct series_feed b;
                int code;
                *word = forged[k];
                series_feed_start(&b, kept[m]);
                carry_over(&a, &b, &code);
                refused += code < 0;
                taken += code == 0;
                for (size_t t = 0; t < 3; t++)
                    series_feed(&b, t == 1 ? NAN : 2, t == 1 ? NAN : 1e9, 0);
                series_feed_stop(&b);
            }
            *word = before;
        }
        series_feed_stop(&a);
    }
    cr_expect_gt(refused, 10, "%zu refused, %zu taken", refused, taken);
}
