/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_truth: what must hold of an ARIMA fit whatever the series: simulated truth is within its limits, and likelihoods keep their symmetries.
 *
 * Seeds are fixed, so an answer does not change from run to run. Bounds on counts are those of a binomial law exceeded with a probability below 1e-4. */
#include "arima_dense.h"

#include "models/series/arima_fit.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <stdio.h>

#define FALSE_ALARM 1e-4

static size_t below(uint64_t *state, size_t n)
{
    return (size_t)(made_uniform(state) * (double)n);
}

struct world {
    struct arima_spec spec;
    double x[16];
    size_t n;
    double *y;
};

/* Coefficients by partial autocorrelations within +-0.9, so the truth is stationary and invertible. */
static void draw_block(uint64_t *state, size_t count, double sign, double *x)
{
    double pacf[4] = {0}, work[4];
    for (size_t i = 0; i < count; i++)
        pacf[i] = 1.8 * made_uniform(state) - 0.9;
    arima_from_pacf(pacf, count, x, work);
    for (size_t i = 0; i < count; i++)
        x[i] *= sign;
}

static void draw(uint64_t *state, bool gaps, struct world *w)
{
    struct arima_order *o = &w->spec.order;
    *w = (struct world){.n = 80 + below(state, 200)};
    *o = (struct arima_order){
        below(state, 3), below(state, 2), below(state, 3), below(state, 2), below(state, 2), below(state, 2), 4};
    w->spec.mean = o->d + o->D == 0;
    draw_block(state, o->p, 1, w->x);
    draw_block(state, o->q, -1, w->x + o->p);
    draw_block(state, o->P, 1, w->x + o->p + o->q);
    draw_block(state, o->Q, -1, w->x + o->p + o->q + o->P);
    const double level = w->spec.mean ? 50 : 0;
    w->x[arima_coefficients(o)] = level;
    double phi[12], theta[12], delta[12];
    arima_expand(o, w->x, phi, theta);
    arima_delta(o, delta);
    w->y = malloc(w->n * sizeof *w->y);
    made_arma(phi, arima_ar_degree(o), theta, arima_ma_degree(o), *state, w->y, w->n);
    for (size_t t = 0; t < w->n; t++) {
        for (size_t j = 1; j <= arima_lost(o) && j <= t; j++)
            w->y[t] += delta[j - 1] * w->y[t - j];
        if (o->d + o->D == 0)
            w->y[t] += level;
    }
    for (size_t t = 0; t < w->n && gaps; t++)
        if (made_uniform(state) < 0.1)
            w->y[t] = NAN;
}

static struct arima_result fitted(const struct world *w, const double *fixed, const double *y)
{
    struct arima_fit *f = NULL;
    struct alm_err e = {0};
    struct arima_spec spec = w->spec;
    spec.fixed = fixed;
    spec.without_errors = true;
    cr_assert_eq(arima_fit(&spec, y, w->n, &f, &e), ALM_OK, "%s", e.text);
    const struct arima_result r = *arima_fit_result(f);
    arima_fit_free(f);
    return r;
}

static void expect_optimum_above_truth(bool gaps, uint64_t seed, int worlds)
{
    uint64_t state = seed;
    int unconverged = 0;
    for (int i = 0; i < worlds; i++) {
        struct world w;
        draw(&state, gaps, &w);
        const struct arima_result truth = fitted(&w, w.x, w.y), best = fitted(&w, NULL, w.y);
        const struct arima_order *o = &w.spec.order;
        cr_expect_geq(best.loglik, truth.loglik - 1e-6,
                      "world %d (%zu,%zu,%zu)(%zu,%zu,%zu) n %zu: found %.6f, the truth has %.6f", i, o->p, o->d, o->q,
                      o->P, o->D, o->Q, w.n, best.loglik, truth.loglik);
        unconverged += !best.converged;
        free(w.y);
    }
    cr_expect_eq(unconverged, 0, "%d of %d did not converge", unconverged, worlds);
}

Test(arima_truth, the_optimum_is_above_the_truth)
{
    expect_optimum_above_truth(false, 1, 300);
}

Test(arima_truth, the_optimum_is_above_the_truth_with_gaps)
{
    expect_optimum_above_truth(true, 2, 60);
}

/* A stationary Gaussian process has no direction; a unit of measurement is a constant in the likelihood; a level is no information. */
Test(arima_truth, symmetries)
{
    uint64_t state = 3;
    for (int i = 0; i < 200; i++) {
        struct world w;
        draw(&state, i % 3 == 0, &w);
        const bool flat = w.spec.mean;
        double *z = malloc(w.n * sizeof *z);
        const struct arima_result a = fitted(&w, w.x, w.y);
        for (size_t t = 0; t < w.n; t++)
            z[t] = w.y[w.n - 1 - t];
        const struct arima_result b = fitted(&w, w.x, z);
        if (flat)
            cr_expect_float_eq(b.loglik, a.loglik, 1e-8 * fabs(a.loglik), "world %d backwards: %.12g, %.12g", i,
                               b.loglik, a.loglik);
        for (size_t t = 0; t < w.n; t++)
            z[t] = 1000 * w.y[t];
        double x[16];
        memcpy(x, w.x, sizeof x);
        x[arima_coefficients(&w.spec.order)] *= 1000;
        const struct arima_result c = fitted(&w, x, z);
        cr_expect_float_eq(c.loglik, a.loglik - (double)a.nobs * log(1000), 1e-8 * fabs(a.loglik),
                           "world %d in other units", i);
        for (size_t t = 0; t < w.n; t++)
            z[t] = w.y[t] + 77;
        x[arima_coefficients(&w.spec.order)] = w.x[arima_coefficients(&w.spec.order)] + 77;
        const struct arima_result d = fitted(&w, x, z);
        cr_expect_float_eq(d.loglik, a.loglik, 1e-7 * fabs(a.loglik), "world %d on another level: %.12g, %.12g", i,
                           d.loglik, a.loglik);
        free(z);
        free(w.y);
    }
}

/* COUNT of N with probability P each is within the binomial bounds, P give or take SLACK. */
static void expect_share(const char *what, unsigned count, unsigned n, double p, double slack)
{
    const double above = gsl_cdf_binomial_Q(count - (count > 0), fmin(p + slack, 1), n);
    const double under = gsl_cdf_binomial_P(count, p - slack, n);
    printf("%s: %u of %u, nominal %.3f\n", what, count, n, p);
    fflush(stdout);
    cr_expect(above > FALSE_ALARM && under > FALSE_ALARM, "%s: %u of %u, not %.3f +- %.3f", what, count, n, p, slack);
}

/* Limits with estimated coefficients hold the next values as often as they say, less what n = 300 costs (a point). */
Test(arima_truth, limits_hold_the_future)
{
    unsigned hits[2] = {0, 0}, inside = 0;
    const unsigned n = 600;
    const struct arima_spec spec = {.order = {1, 1, 1, 0, 0, 0, 1}};
    for (unsigned i = 0; i < n; i++) {
        double y[310], mean[10], se[10];
        struct arima_fit *f = NULL;
        struct alm_err e = {0};
        made_arma((double[]){0.6}, 1, (double[]){0.3}, 1, 1000 + i, y, 310);
        for (size_t t = 1; t < 310; t++)
            y[t] += y[t - 1];
        cr_assert_eq(arima_fit(&spec, y, 300, &f, &e), ALM_OK, "%s", e.text);
        cr_assert_eq(arima_forecast(f, NULL, 10, mean, se, &e), ALM_OK);
        const struct arima_result *r = arima_fit_result(f);
        hits[0] += fabs(y[300] - mean[0]) <= 1.959964 * se[0];
        hits[1] += fabs(y[309] - mean[9]) <= 1.281552 * se[9];
        inside += fabs(r->coefficient[0] - 0.6) <= 1.959964 * r->se[0];
        arima_fit_free(f);
    }
    expect_share("95 % limits, one ahead", hits[0], n, 0.95, 0.01);
    expect_share("80 % limits, ten ahead", hits[1], n, 0.80, 0.02);
    expect_share("ar1 within 1.96 standard errors", inside, n, 0.95, 0.015);
}
