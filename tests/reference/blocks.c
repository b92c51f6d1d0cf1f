/* SPDX-License-Identifier: GPL-3.0-or-later
 * blocks: are autocorrelations, autoregressions, tests of a unit root, quantiles and smoothing those that R gives?
 *
 * Choice.  Each case of the table is one series, or the coefficients of one process. Names of quantities carry numbers (`ar.yw.5.var`,
 *          `ljungbox.10.p`); they are read from the name, so that a table with others needs no change here.
 *          Of HoltWinters() the start is its own: level from the first value, or level and slope from the first two. */
#include "reference_series.h"

#include "experiments/statistics/moments.h"
#include "models/quantile.h"
#include "models/series/acf.h"
#include "models/series/arima_poly.h"
#include "models/series/arma_theory.h"
#include "models/series/autoregression.h"
#include "models/series/ets.h"
#include "models/series/unit_root.h"

#define TABLE "reference/blocks/expected.csv"
#define ORDERS 400

/* What hw_pars of the table's generator says. */
#define ALPHA 0.3
#define BETA 0.1

struct block {
    const struct expected *x;
    const char *name;
    double *y, *sorted, *room;
    size_t n;
};

static int rising(const void *a, const void *b)
{
    const double u = *(const double *)a, v = *(const double *)b;
    return (u > v) - (u < v);
}

/* What follows PREFIX in TEXT, or NULL. */
static const char *after(const char *text, const char *prefix)
{
    const size_t n = strlen(prefix);
    return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static bool acf_answer(const struct block *b, const char *q, size_t index, double *out)
{
    double r[ORDERS];
    if (index < 1 || index > ORDERS || !series_acf(b->y, b->n, index, r))
        return false;
    *out = strcmp(q, "pacf") == 0 && series_pacf(r, index, r) ? r[index - 1] : r[index - 1];
    return strcmp(q, "acf") == 0 || strcmp(q, "pacf") == 0;
}

/* ar.METHOD.ORDER[.var|.intercept], ar.METHOD.aic.order */
static bool ar_answer(const struct block *b, const char *q, size_t index, double *out)
{
    static const char *const words[] = {"ar.yw.", "ar.burg.", "ar.ols."};
    double ar[ORDERS];
    struct autoregression fit = {.ar = ar};
    for (int m = 0; m < 3; m++) {
        const char *rest = after(q, words[m]);
        char *end;
        if (!rest)
            continue;
        if (strcmp(rest, "aic.order") == 0) {
            const size_t most = autoregression_order_max(b->n);
            cr_assert(autoregression_fit((enum autoregression_method)m, b->y, b->n, most, true, &fit));
            *out = (double)fit.order;
            return true;
        }
        const size_t order = strtoul(rest, &end, 10);
        cr_assert(autoregression_fit((enum autoregression_method)m, b->y, b->n, order, false, &fit));
        if (strcmp(end, ".var") == 0)
            *out = fit.variance;
        else if (strcmp(end, ".intercept") == 0)
            *out = fit.intercept;
        else if (*end || index < 1 || index > order)
            return false;
        else
            *out = ar[index - 1];
        return true;
    }
    return false;
}

/* ljungbox.LAGS.stat, ljungbox.LAGS.p, boxpierce.LAGS.stat */
static bool portmanteau_answer(const struct block *b, const char *q, double *out)
{
    const bool ljung = after(q, "ljungbox.") != NULL;
    const char *rest = after(q, ljung ? "ljungbox." : "boxpierce.");
    char *end;
    double r[ORDERS];
    if (!rest)
        return false;
    const size_t lags = strtoul(rest, &end, 10);
    if (lags < 1 || lags > ORDERS || !series_acf(b->y, b->n, lags, r))
        return false;
    *out = ljung ? series_ljung_box(r, lags, b->n) : series_box_pierce(r, lags, b->n);
    if (strcmp(end, ".p") == 0)
        *out = series_portmanteau_p(*out, lags, 0);
    return strcmp(end, ".p") == 0 || strcmp(end, ".stat") == 0;
}

static bool unit_root_answer(const struct block *b, const char *q, double *out)
{
    const size_t lag = series_kpss_lag_short(b->n);
    if (strcmp(q, "kpss.level.short.stat") == 0)
        *out = series_kpss(b->y, b->n, false, lag);
    else if (strcmp(q, "kpss.trend.short.stat") == 0)
        *out = series_kpss(b->y, b->n, true, lag);
    else if (strcmp(q, "kpss.level.short.lag") == 0)
        *out = (double)lag;
    else if (strcmp(q, "adf.default.stat") == 0)
        *out = series_adf(b->y, b->n, series_adf_lag(b->n));
    else if (strcmp(q, "adf.default.lag") == 0)
        *out = (double)series_adf_lag(b->n);
    else if (strcmp(q, "ndiffs.kpss") == 0)
        *out = series_ndiffs_kpss(b->y, b->n, 0.05, 2);
    else
        return false;
    return true;
}

/* quantile.type1to9.x.(.05;.5;...): all shares of type 1, then all of type 2, ... */
static bool quantile_answer(const struct block *b, const char *q, size_t index, double *out)
{
    const char *rest = after(q, "quantile.type1to9.x.(");
    double share[64];
    size_t count = 0;
    while (rest && *rest && *rest != ')' && count < 64) {
        char *end;
        share[count++] = strtod(rest, &end);
        rest = end + (*end == ';');
    }
    if (count == 0 || index < 1 || index > 9 * count)
        return false;
    *out = alm_quantile_type(b->sorted, b->n, share[(index - 1) % count], (int)((index - 1) / count) + 1);
    return true;
}

/* The level after all values, from one that starts at the first: an exponential mean. */
static double level_after(const struct block *b, double alpha, double *squares)
{
    const struct ets_form form = {.error = ETS_ADDITIVE, .period = 1};
    const struct ets_parameters p = {.alpha = alpha, .phi = 1};
    struct ets_sums sums;
    double state[ETS_SEASON + 1] = {b->y[0], 0, 0};
    cr_assert(ets_run(&form, &p, state, b->y, b->n, NULL, &sums));
    *squares = sums.squares;
    return state[ETS_LEVEL];
}

/* Level and slope start from the first two values. */
static double trend_after(const struct block *b, size_t ahead, double *squares)
{
    const struct ets_form form = {.error = ETS_ADDITIVE, .trend = ETS_ADDITIVE, .period = 1};
    const struct ets_parameters p = {.alpha = ALPHA, .beta = ALPHA * BETA, .phi = 1};
    struct ets_sums sums;
    double state[ETS_SEASON + 1] = {b->y[1], b->y[1] - b->y[0], 0};
    cr_assert(ets_run(&form, &p, state, b->y + 2, b->n - 2, NULL, &sums));
    *squares = sums.squares;
    return state[ETS_LEVEL] + (double)ahead * state[ETS_SLOPE];
}

static bool smoothing_answer(const struct block *b, const char *q, size_t index, double *out)
{
    double squares;
    char *end;
    const char *rest = after(q, "ses.alpha");
    if (!rest)
        rest = after(q, "ema.alpha");
    if (rest) {
        *out = level_after(b, strtod(rest, &end), &squares);
        return strcmp(end, ".initx1.fc") == 0 || strcmp(end, ".last") == 0;
    }
    if (strcmp(q, "hw.level.fc") == 0)
        *out = level_after(b, ALPHA, &squares);
    else if (strcmp(q, "hw.level.sse") == 0)
        level_after(b, ALPHA, out);
    else if (strcmp(q, "hw.trend.fc") == 0)
        *out = trend_after(b, index, &squares);
    else if (strcmp(q, "hw.trend.sse") == 0)
        trend_after(b, 1, out);
    else
        return false;
    return true;
}

static bool series_answer(void *ctx, const char *q, size_t index, double *out)
{
    const struct block *b = ctx;
    const struct moments m = moments_of(b->y, b->n);
    if (strcmp(q, "mean") == 0)
        *out = m.mean;
    else if (strcmp(q, "var.n-1") == 0)
        *out = m.sd * m.sd;
    else if (strcmp(q, "mad") == 0)
        *out = alm_median_deviation(b->sorted, b->n, b->room);
    else
        return acf_answer(b, q, index, out) || ar_answer(b, q, index, out) || portmanteau_answer(b, q, out) ||
               unit_root_answer(b, q, out) || quantile_answer(b, q, index, out) || smoothing_answer(b, q, index, out);
    return true;
}

/* Of a process, with its coefficients in `ar` and `ma`: psi weights from lag 1, and autocorrelations. */
static bool process_answer(void *ctx, const char *q, size_t index, double *out)
{
    const struct block *b = ctx;
    struct arma a;
    double *ar = expected_values(b->x, b->name, "ar", &a.p), *ma = expected_values(b->x, b->name, "ma", &a.q);
    double *r = calloc(index + 2, sizeof *r);
    bool known = index >= 1;
    a.phi = ar;
    a.theta = ma;
    if (strcmp(q, "ar") == 0) {
        *out = ar[index ? index - 1 : 0];
        known = true;
    } else if (strcmp(q, "ma") == 0) {
        *out = ma[index ? index - 1 : 0];
        known = true;
    } else if (strcmp(q, "psi") == 0) {
        arima_psi(ar, a.p, ma, a.q, r, index + 1);
        *out = r[index];
    } else {
        known = known && series_arma_acf(&a, index, r);
        if (strcmp(q, "pacf.theory") == 0)
            known = known && series_pacf(r, index, r);
        else
            known = known && strcmp(q, "acf.theory") == 0;
        *out = r[index - 1];
    }
    free(r);
    free(ar);
    free(ma);
    return known;
}

static void compare_series(const struct expected *x, const char *name)
{
    struct block b = {.x = x, .name = name};
    b.y = reference_series(name, &b.n);
    b.sorted = malloc(2 * b.n * sizeof *b.sorted);
    b.room = b.sorted + b.n;
    memcpy(b.sorted, b.y, b.n * sizeof *b.sorted);
    qsort(b.sorted, b.n, sizeof *b.sorted, rising);
    expected_compare(x, name, series_answer, &b);
    free(b.sorted);
    free(b.y);
}

Test(blocks, all_cases)
{
    struct expected x;
    size_t cases = 0;
    if (!expected_open(&x, TABLE))
        return;
    for (size_t i = 0; i < x.count; i++) {
        const char *name = x.row[i].name;
        bool first = true;
        for (size_t j = 0; j < i && first; j++)
            first = strcmp(x.row[j].name, name) != 0;
        if (!first)
            continue;
        cases++;
        if (expected_quantity(&x, name, "psi"))
            expected_compare(&x, name, process_answer, &(struct block){.x = &x, .name = name});
        else
            compare_series(&x, name);
    }
    cr_expect_gt(cases, 0);
    printf("reference blocks: %zu values in %zu cases\n", x.count, cases);
    expected_close(&x);
}
