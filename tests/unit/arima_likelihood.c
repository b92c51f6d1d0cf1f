/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_likelihood: is the likelihood that of the whole covariance matrix, with and without gaps, and do polynomials expand as they should? */
#include "arima_dense.h"

#include "models/series/arima_fit.h"
#include "models/series/arima_likelihood.h"

#include <criterion/criterion.h>

#define N 90

struct model {
    struct arima_order order;
    double x[8];
};

static const struct model models[] = {
    {{1, 0, 0, 0, 0, 0, 1}, {0.7}},
    {{0, 0, 1, 0, 0, 0, 1}, {-0.999}},
    {{2, 0, 1, 0, 0, 0, 1}, {1.2, -0.5, 0.4}},
    {{3, 0, 2, 0, 0, 0, 1}, {0.5, 0.2, -0.3, -1.1, 0.4}},
    {{0, 0, 1, 0, 0, 1, 12}, {-0.4, -0.6}},
    {{1, 0, 0, 1, 0, 0, 4}, {0.5, 0.6}},
    {{1, 0, 1, 1, 0, 1, 5}, {-0.6, 0.3, 0.7, -0.5}},
    {{0, 0, 2, 0, 0, 0, 1}, {2.5, 1.2}}, /* not invertible: still a process */
};

#define MODELS (sizeof models / sizeof models[0])

static void expanded(const struct model *m, double *phi, double *theta, double *gamma)
{
    arima_expand(&m->order, m->x, phi, theta);
    dense_acf(phi, arima_ar_degree(&m->order), theta, arima_ma_degree(&m->order), gamma, N + 1);
}

static const struct arima_result *evaluate(const struct model *m, size_t d, const double *y, struct arima_fit **f)
{
    struct arima_spec spec = {.order = m->order, .fixed = m->x, .without_errors = true};
    struct alm_err e = {0};
    spec.order.d = d;
    cr_assert_eq(arima_fit(&spec, y, N, f, &e), ALM_OK, "%s", e.text);
    return arima_fit_result(*f);
}

static void expect_near(double got, double want, double tolerance, const char *what, size_t number)
{
    cr_expect_leq(fabs(got - want), tolerance * (1 + fabs(want)), "model %zu: %s is %.15g, the dense matrix has %.15g",
                  number, what, got, want);
}

/* Rows SEEN[n] of the Toeplitz matrix of GAMMA. */
static void covariance(const double *gamma, const size_t *seen, size_t n, double *c)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            c[i * n + j] = gamma[seen[i] > seen[j] ? seen[i] - seen[j] : seen[j] - seen[i]];
}

static void against_dense(size_t every)
{
    static double c[N * N];
    for (size_t i = 0; i < MODELS; i++) {
        double phi[40], theta[40], gamma[N + 1], y[N], z[N], sigma2;
        size_t seen[N], n = 0;
        struct arima_fit *f;
        expanded(&models[i], phi, theta, gamma);
        made_arma(phi, arima_ar_degree(&models[i].order), theta, arima_ma_degree(&models[i].order), 7 + i, y, N);
        for (size_t t = 0; t < N; t++)
            if (every && (t % every == 2 || (t > 40 && t < 48)))
                y[t] = NAN;
            else {
                seen[n] = t;
                z[n++] = y[t];
            }
        covariance(gamma, seen, n, c);
        const double loglik = dense_loglik(c, z, n, &sigma2);
        const struct arima_result *r = evaluate(&models[i], 0, y, &f);
        expect_near(r->loglik, loglik, 1e-10, "loglik", i);
        expect_near(r->sigma2, sigma2, 1e-10, "sigma2", i);
        cr_expect_eq(r->nobs, n);
        arima_fit_free(f);
    }
}

Test(arima_likelihood, without_gaps)
{
    against_dense(0);
}

Test(arima_likelihood, with_gaps)
{
    against_dense(7);
}

/* With d = 1 the likelihood of what was seen is that of the differences between values seen one after another: sums of w. */
Test(arima_likelihood, with_gaps_and_differences)
{
    static double c[N * N];
    for (size_t i = 0; i < MODELS; i++) {
        double phi[40], theta[40], gamma[N + 1], y[N], w[N], z[N], sigma2;
        size_t seen[N], n = 0;
        struct arima_fit *f;
        expanded(&models[i], phi, theta, gamma);
        made_arma(phi, arima_ar_degree(&models[i].order), theta, arima_ma_degree(&models[i].order), 70 + i, w, N);
        for (size_t t = 0; t < N; t++) {
            y[t] = w[t] + (t ? y[t - 1] : 1000);
            w[t] = y[t];
        }
        for (size_t t = 0; t < N; t++)
            if (t % 6 == 1 || (t > 30 && t < 35))
                y[t] = NAN;
            else
                seen[n++] = t;
        for (size_t a = 0; a + 1 < n; a++) {
            z[a] = w[seen[a + 1]] - w[seen[a]];
            for (size_t b = 0; b + 1 < n; b++) {
                double sum = 0;
                for (size_t s = seen[a] + 1; s <= seen[a + 1]; s++)
                    for (size_t t = seen[b] + 1; t <= seen[b + 1]; t++)
                        sum += gamma[s > t ? s - t : t - s];
                c[a * (n - 1) + b] = sum;
            }
        }
        const double loglik = dense_loglik(c, z, n - 1, &sigma2);
        const struct arima_result *r = evaluate(&models[i], 1, y, &f);
        expect_near(r->loglik, loglik, 1e-9, "loglik", i);
        expect_near(r->sigma2, sigma2, 1e-9, "sigma2", i);
        arima_fit_free(f);
    }
}

/* Missing values that are none: an ARMA filter over gaps must give what the recursion without gaps gives. */
Test(arima_likelihood, both_filters_agree)
{
    for (size_t i = 0; i < MODELS; i++) {
        double phi[40], theta[40], gamma[N + 1], y[N];
        struct arima_work a, b;
        const struct arima_columns c = {N, 1, y};
        expanded(&models[i], phi, theta, gamma);
        made_arma(phi, arima_ar_degree(&models[i].order), theta, arima_ma_degree(&models[i].order), 5, y, N);
        cr_assert(arima_work_make(&a, &models[i].order, N, 1) && arima_work_make(&b, &models[i].order, N, 1));
        cr_assert(arima_work_set(&a, models[i].x) && arima_work_set(&b, models[i].x));
        cr_assert(arima_end(&a, &c) && arima_filter_columns(&b, ARIMA_GAPS, &c));
        expect_near(a.log_det, b.log_det, 1e-11, "log det", i);
        for (size_t t = 0; t < N; t++)
            expect_near(a.v[t], b.v[t], 1e-10, "error", i);
        for (size_t j = 0; j < a.r; j++)
            expect_near(a.x[j], b.x[j], 1e-10, "state", i);
        for (size_t j = 0; j < a.r * a.r; j++)
            expect_near(a.P[j], b.P[j], 1e-9, "covariance of the state", i);
        arima_work_free(&a);
        arima_work_free(&b);
    }
}

Test(arima_likelihood, polynomials)
{
    const struct arima_order o = {1, 1, 1, 1, 1, 1, 4};
    const double x[] = {0.5, 0.4, 0.3, -0.2};
    double phi[5], theta[5], delta[5], psi[4], pacf[2], back[2], work[6];
    arima_expand(&o, x, phi, theta); /* (1 - .5B)(1 - .3B^4), (1 + .4B)(1 - .2B^4), (1 - B)(1 - B^4) */
    const double want_phi[] = {0.5, 0, 0, 0.3, -0.15}, want_theta[] = {0.4, 0, 0, -0.2, -0.08};
    const double want_delta[] = {1, 0, 0, 1, -1};
    arima_delta(&o, delta);
    for (size_t j = 0; j < 5; j++) {
        cr_expect_float_eq(phi[j], want_phi[j], 1e-15);
        cr_expect_float_eq(theta[j], want_theta[j], 1e-15);
        cr_expect_float_eq(delta[j], want_delta[j], 1e-15);
    }
    arima_psi((double[]){0.5}, 1, (double[]){0.4}, 1, psi, 4); /* 1, .9, .45, .225 */
    cr_expect_float_eq(psi[1], 0.9, 1e-15);
    cr_expect_float_eq(psi[3], 0.225, 1e-15);
    cr_expect(arima_to_pacf((double[]){1.2, -0.5}, 2, pacf, work)); /* pacf_1 = 1.2 / 1.5 */
    cr_expect_float_eq(pacf[0], 0.8, 1e-15);
    cr_expect_float_eq(pacf[1], -0.5, 1e-15);
    arima_from_pacf(pacf, 2, back, work);
    cr_expect_float_eq(back[0], 1.2, 1e-15);
    cr_expect_not(arima_to_pacf((double[]){1.0}, 1, pacf, work), "a unit root is not stationary");
    cr_expect_not(arima_to_pacf((double[]){0.5, 0.6}, 2, pacf, work));
    cr_expect(arima_roots_beyond((double[]){0.5}, 1, 1.99, work)); /* its root is 2 */
    cr_expect_not(arima_roots_beyond((double[]){0.5}, 1, 2.01, work));
}

Test(arima_likelihood, logarithms_of_long_products)
{
    struct arima_log s = {1, 0};
    for (int i = 0; i < 4000; i++)
        arima_log_add(&s, i % 2 ? 1e200 : 1e-190);
    cr_expect_float_eq(arima_log_sum(&s), 2000 * 10 * log(10), 1e-8);
}
