/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_dense: the likelihood of an ARMA process by its whole covariance matrix, for values seen at any times; and made series.
 *
 * Choice.   Autocovariances are sums of psi weights, the matrix is factored whole: nothing is shared with the recursions that are checked. */
#ifndef ALM_TESTS_ARIMA_DENSE_H
#define ALM_TESTS_ARIMA_DENSE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DENSE_PSI 6000

/* C[n * n] <- lower Cholesky factor. */
static inline void dense_factor(double *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = c[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= c[i * n + k] * c[j * n + k];
            c[i * n + j] = i == j ? sqrt(sum) : sum / c[j * n + j];
        }
}

/* gamma[lags] of w_t = sum phi w + e + sum theta e, shocks of variance 1. */
static inline void dense_acf(const double *phi, size_t p, const double *theta, size_t q, double *gamma, size_t lags)
{
    double *psi = calloc(DENSE_PSI + lags, sizeof *psi);
    for (size_t k = 0; k < DENSE_PSI + lags; k++) {
        psi[k] = k == 0 ? 1 : k <= q ? theta[k - 1] : 0;
        for (size_t j = 1; j <= p && j <= k; j++)
            psi[k] += phi[j - 1] * psi[k - j];
    }
    for (size_t l = 0; l < lags; l++) {
        gamma[l] = 0;
        for (size_t k = 0; k < DENSE_PSI; k++)
            gamma[l] += psi[k] * psi[k + l];
    }
    free(psi);
}

/* Log likelihood of Z[n] of covariance sigma2 C, sigma2 profiled out, into SIGMA2. C is overwritten. */
static inline double dense_loglik(double *c, const double *z, size_t n, double *sigma2)
{
    double sum = 0, log_det = 0, *v = calloc(n, sizeof *v);
    dense_factor(c, n);
    for (size_t i = 0; i < n; i++) {
        v[i] = z[i];
        for (size_t j = 0; j < i; j++)
            v[i] -= c[i * n + j] * v[j];
        v[i] /= c[i * n + i];
        sum += v[i] * v[i];
        log_det += 2 * log(c[i * n + i]);
    }
    free(v);
    *sigma2 = sum / (double)n;
    return -0.5 * ((double)n * (log(2 * 3.14159265358979323846 * *sigma2) + 1) + log_det);
}

/* Uniform in (0, 1): splitmix64, so that neighbouring seeds have nothing in common. */
static inline double made_uniform(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

/* Normal numbers: Box and Muller. */
static inline double made_normal(uint64_t *state)
{
    const double u = made_uniform(state), v = made_uniform(state);
    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

/* W[n] of an ARMA process after 500 values that are thrown away. */
static inline void made_arma(const double *phi, size_t p, const double *theta, size_t q, uint64_t seed, double *w,
                             size_t n)
{
    const size_t before = 500;
    double *e = calloc(2 * (n + before), sizeof *e), *x = e + n + before;
    uint64_t state = seed;
    state = (uint64_t)(made_uniform(&state) * 0x1p63);
    for (size_t t = 0; t < n + before; t++) {
        x[t] = e[t] = made_normal(&state);
        for (size_t j = 1; j <= p && j <= t; j++)
            x[t] += phi[j - 1] * x[t - j];
        for (size_t j = 1; j <= q && j <= t; j++)
            x[t] += theta[j - 1] * e[t - j];
    }
    for (size_t t = 0; t < n; t++)
        w[t] = x[t + before];
    free(e);
}

#endif
