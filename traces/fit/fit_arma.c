/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_arma: the ARMA process whose autocorrelations are nearest to those given. See the header. */
#include "fit_arma.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdbool.h>

/* Source: Box and Jenkins (1976), 3.4.2: gamma_k for k <= max(p, q) solve a linear system; later ones follow from ar. */
void alm__arma_acf(const struct alm__arma *a, size_t lags, double *rho)
{
    enum { SIZE = ALM_ARMA_MOST + 1 };
    double matrix[SIZE * SIZE] = {0}, right[SIZE] = {0}, gamma[SIZE], psi[SIZE] = {1}, theta[SIZE] = {1};
    size_t place[SIZE];
    for (size_t k = 1; k < SIZE; k++) {
        theta[k] = k <= a->q ? a->ma[k - 1] : 0;
        psi[k] = theta[k];
        for (size_t i = 1; i <= k && i <= a->p; i++)
            psi[k] += a->ar[i - 1] * psi[k - i];
    }
    for (size_t k = 0; k < SIZE; k++) {
        matrix[k * SIZE + k] += 1;
        for (size_t i = 1; i <= a->p; i++)
            matrix[k * SIZE + (i > k ? i - k : k - i)] -= a->ar[i - 1];
        for (size_t j = k; j < SIZE; j++)
            right[k] += theta[j] * psi[j - k];
    }
    gsl_matrix_view view = gsl_matrix_view_array(matrix, SIZE, SIZE);
    gsl_vector_view b = gsl_vector_view_array(right, SIZE), x = gsl_vector_view_array(gamma, SIZE);
    gsl_permutation permutation = {SIZE, place};
    int sign;
    gsl_linalg_LU_decomp(&view.matrix, &permutation, &sign);
    gsl_linalg_LU_solve(&view.matrix, &permutation, &b.vector, &x.vector);
    for (size_t k = 0; k <= lags; k++) {
        rho[k] = k < SIZE ? gamma[k] / gamma[0] : 0;
        for (size_t i = 1; k >= SIZE && i <= a->p; i++)
            rho[k] += a->ar[i - 1] * rho[k - i];
    }
}

#define LARGEST 0.9999 /* partial autocorrelation: printed with six digits the process is still stationary */

/* Levinson's recursion up to P. */
static bool yule_walker(const double *rho, size_t p, struct alm__arma *out)
{
    double phi[ALM_ARMA_MOST] = {0}, v = 1;
    for (size_t k = 1; k <= p; k++) {
        double last = rho[k], next[ALM_ARMA_MOST];
        for (size_t i = 1; i < k; i++)
            last -= phi[i - 1] * rho[k - i];
        last = fmax(-LARGEST, fmin(LARGEST, last / v));
        for (size_t i = 1; i < k; i++)
            next[i - 1] = phi[i - 1] - last * phi[k - i - 1];
        next[k - 1] = last;
        for (size_t i = 0; i < k; i++)
            phi[i] = next[i];
        v *= 1 - last * last;
    }
    *out = (struct alm__arma){.p = p};
    for (size_t i = 0; i < p; i++)
        out->ar[i] = phi[i];
    return alm__arma_check(out, "", NULL) == ALM_OK;
}

/* ar from the decay of the autocorrelations, ma from the first of them: the root of a quadratic inside the unit circle. */
static bool arma_1_1(const double *rho, size_t lags, struct alm__arma *out)
{
    double up = 0, down = 0;
    for (size_t k = 1; k < lags; k++) {
        up += rho[k] * rho[k + 1];
        down += rho[k] * rho[k];
    }
    double ar = down > 0 ? up / down : 0, a = ar - rho[1], b = 1 + ar * ar - 2 * ar * rho[1];
    double inside = b * b - 4 * a * a;
    if (!(fabs(ar) < LARGEST) || fabs(a) < 1e-6 || !(inside >= 0))
        return false;
    double ma = (-b + sqrt(inside)) / (2 * a);
    *out = (struct alm__arma){.p = 1, .q = 1, .ar = {ar}, .ma = {ma}};
    return fabs(ma) < 1;
}

static double distance(const double *rho, size_t lags, const struct alm__arma *a)
{
    double own[ALM__FIT_LAGS + 1], worst = 0;
    alm__arma_acf(a, lags, own);
    for (size_t k = 1; k <= lags; k++)
        worst = fmax(worst, fabs(own[k] - rho[k]));
    return worst + 0.01 * (double)(a->p + a->q);
}

void alm__fit_arma(const double *rho, struct alm__arma *out)
{
    size_t lags = 0;
    while (lags < ALM__FIT_LAGS && !isnan(rho[lags + 1]))
        lags++;
    *out = (struct alm__arma){0};
    double best = distance(rho, lags, out);
    for (size_t c = 1; c <= 4; c++) {
        struct alm__arma a;
        bool good = c < 4 ? c <= lags && yule_walker(rho, c, &a) : lags >= 3 && arma_1_1(rho, lags, &a);
        double d = good ? distance(rho, lags, &a) : INFINITY;
        if (d < best) {
            best = d;
            *out = a;
        }
    }
}
