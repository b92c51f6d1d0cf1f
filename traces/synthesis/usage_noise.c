/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_noise: correlated ARMA noises in state space. See the header.
 *
 * Choice.   The covariance of the first state may be singular (an ARMA whose roots cancel): its Cholesky factor has a
 *           zero column there. One coefficient has the closed form 1 - ar^2, so AR(1) draws are what they always were. */
#include "usage_noise.h"

#include <assert.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int alm__arma_check(const struct alm__arma *a, const char *what, struct alm_err *e)
{
    double phi[ALM_ARMA_MOST] = {0};
    memcpy(phi, a->ar, a->p * sizeof *phi);
    for (size_t k = a->p; k > 0; k--) {
        double last = phi[k - 1], lower[ALM_ARMA_MOST] = {0};
        if (!(fabs(last) <= 0.999999))
            return alm_fail(e, ALM_EINVAL,
                            "%s.ar: not stationary, the noise would run away: its partial autocorrelation at lag %zu "
                            "is %.6g, and all must lie between -0.999999 and 0.999999",
                            what, k, last);
        for (size_t i = 0; i + 1 < k; i++)
            lower[i] = (phi[i] + last * phi[k - 2 - i]) / (1 - last * last);
        memcpy(phi, lower, sizeof phi);
    }
    return ALM_OK;
}

static size_t states_of(const struct alm__arma *a)
{
    return a->p > a->q + 1 ? a->p : a->q + 1;
}

/* Element (i, k) of the transition T, and element i of the loading g. */
static double transition(const struct alm__arma *a, size_t i, size_t k)
{
    return (k == 0 && i < a->p ? a->ar[i] : 0) + (k == i + 1 ? 1 : 0);
}

static double loading(const struct alm__arma *a, size_t i)
{
    return i == 0 ? 1 : i <= a->q ? a->ma[i - 1] : 0;
}

/* P = T_a P T_b' + g_a g_b': the covariance of two states whose innovations are the same, of variance 1. */
static void cross_covariance(const struct alm__arma *a, const struct alm__arma *b,
                             double out[ALM_ARMA_STATES][ALM_ARMA_STATES])
{
    enum { MOST = ALM_ARMA_STATES * ALM_ARMA_STATES };
    size_t m = states_of(a), n = states_of(b), size = m * n, place[MOST];
    double matrix[MOST * MOST], right[MOST], solution[MOST];
    for (size_t row = 0; row < size; row++) {
        size_t i = row / n, j = row % n;
        right[row] = loading(a, i) * loading(b, j);
        for (size_t column = 0; column < size; column++)
            matrix[row * size + column] =
                (row == column ? 1 : 0) - transition(a, i, column / n) * transition(b, j, column % n);
    }
    gsl_matrix_view view = gsl_matrix_view_array(matrix, size, size);
    gsl_vector_view b_view = gsl_vector_view_array(right, size), x = gsl_vector_view_array(solution, size);
    gsl_permutation permutation = {size, place};
    int sign;
    gsl_linalg_LU_decomp(&view.matrix, &permutation, &sign);
    gsl_linalg_LU_solve(&view.matrix, &permutation, &b_view.vector, &x.vector);
    for (size_t i = 0; i < m; i++)
        memcpy(out[i], solution + i * n, n * sizeof *out[i]);
}

double alm__noise_bound(const struct alm__arma *a, const struct alm__arma *b)
{
    double aa[ALM_ARMA_STATES][ALM_ARMA_STATES], bb[ALM_ARMA_STATES][ALM_ARMA_STATES];
    double ab[ALM_ARMA_STATES][ALM_ARMA_STATES];
    if (memcmp(a, b, sizeof *a) == 0)
        return 1;
    cross_covariance(a, a, aa);
    cross_covariance(b, b, bb);
    cross_covariance(a, b, ab);
    return ab[0][0] / sqrt(aa[0][0] * bb[0][0]);
}

int alm__correlation_factor(const struct alm__correlation *c, const char *key, double out[ALM_RESOURCES][ALM_RESOURCES],
                            struct alm_err *e)
{
    memset(out, 0, sizeof(double[ALM_RESOURCES][ALM_RESOURCES]));
    for (size_t i = 0; i < c->count; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = c->value[i][j];
            for (size_t k = 0; k < j; k++)
                sum -= out[i][k] * out[j][k];
            if (i == j && sum < 1e-9)
                return alm_fail(e, ALM_EINVAL,
                                "%s: not positive definite: nothing can be correlated so; the numbers up to those of "
                                "%s must be smaller or agree better",
                                key, alm_resource_name(c->resource[i]));
            out[i][j] = i == j ? sqrt(sum) : sum / out[j][j];
        }
    return ALM_OK;
}

/* As above for a covariance that may be singular: WIDTH x WIDTH in PLAN->start, in place. */
static void factor_start(struct alm__noise_plan *plan)
{
    for (size_t i = 0; i < plan->width; i++) {
        double *row = plan->start[i], scale = row[i];
        for (size_t j = 0; j <= i; j++) {
            double sum = row[j], pivot = plan->start[j][j];
            for (size_t k = 0; k < j; k++)
                sum -= row[k] * plan->start[j][k];
            if (i == j)
                row[j] = sum > 1e-12 * scale ? sqrt(sum) : 0;
            else
                row[j] = pivot > 0 ? sum / pivot : 0;
        }
        for (size_t j = i + 1; j < plan->width; j++)
            row[j] = 0;
    }
}

/* The correlation that the innovations of resources R and S need. */
static int innovation_correlation(const struct alm__noise_plan *plan, const struct alm__correlation *c, size_t r,
                                  size_t s, const char *key, double *out, struct alm_err *e)
{
    double bound = alm__noise_bound(&plan->arma[r], &plan->arma[s]), asked = c->value[r][s];
    *out = asked == 0 ? 0 : asked / bound;
    if (fabs(*out) < 1)
        return ALM_OK;
    return alm_fail(e, ALM_EINVAL,
                    "%s: %s and %s cannot be correlated by %g: with such noise.ar and noise.ma it must be nearer to 0 "
                    "than %.3g",
                    key, alm_resource_name(c->resource[s]), alm_resource_name(c->resource[r]), asked, bound);
}

static void fill_start(struct alm__noise_plan *plan, const struct alm__correlation *innovations)
{
    for (size_t r = 0; r < plan->count; r++)
        for (size_t s = 0; s < plan->count; s++) {
            double p[ALM_ARMA_STATES][ALM_ARMA_STATES], rho = innovations->value[r][s];
            cross_covariance(&plan->arma[r], &plan->arma[s], p);
            double scale = plan->innovation[r] * plan->innovation[s] * rho;
            for (size_t i = 0; i < plan->states[r]; i++)
                for (size_t j = 0; j < plan->states[s]; j++)
                    plan->start[plan->first[r] + i][plan->first[s] + j] = p[i][j] * scale;
            if (r == s)
                plan->start[plan->first[r]][plan->first[r]] = 1;
        }
    factor_start(plan);
}

int alm__noise_plan(const struct alm__arma *arma, const struct alm__correlation *c, const char *key,
                    struct alm__noise_plan *plan, struct alm_err *e)
{
    struct alm__correlation innovations = *c;
    *plan = (struct alm__noise_plan){.count = c->count};
    for (size_t r = 0; r < c->count; r++) {
        double p[ALM_ARMA_STATES][ALM_ARMA_STATES];
        plan->arma[r] = arma[r];
        plan->states[r] = states_of(&arma[r]);
        plan->first[r] = plan->width;
        plan->width += plan->states[r];
        cross_covariance(&arma[r], &arma[r], p);
        plan->innovation[r] = plan->states[r] == 1 ? sqrt(1 - arma[r].ar[0] * arma[r].ar[0]) : sqrt(1 / p[0][0]);
    }
    for (size_t r = 0; r < c->count; r++)
        for (size_t s = 0; s < r; s++) {
            ALM_TRY(innovation_correlation(plan, c, r, s, key, &innovations.value[r][s], e));
            innovations.value[s][r] = innovations.value[r][s];
        }
    ALM_TRY(alm__correlation_factor(&innovations, key, plan->mix, e));
    fill_start(plan, &innovations);
    return ALM_OK;
}

void alm__noise_start(struct alm__noise *n, const struct alm__noise_plan *plan)
{
    double z[ALM_NOISE_WIDTH];
    n->plan = plan;
    for (size_t r = 0; r < plan->count; r++)
        for (size_t i = 0; i < plan->states[r]; i++)
            z[plan->first[r] + i] = alm_stream_normal(&n->stream[r]);
    for (size_t r = 0; r < plan->count; r++)
        for (size_t i = 0; i < plan->states[r]; i++) {
            size_t row = plan->first[r] + i;
            double sum = 0;
            for (size_t k = 0; k <= row; k++)
                sum += plan->start[row][k] * z[k];
            n->state[r][i] = n->scale[r] * sum;
        }
}

void alm__noise_step(struct alm__noise *n)
{
    const struct alm__noise_plan *plan = n->plan;
    double z[ALM_RESOURCES];
    for (size_t r = 0; r < plan->count; r++) {
        const struct alm__arma *a = &plan->arma[r];
        double *x = n->state[r], first = x[0], e = 0;
        z[r] = alm_stream_normal(&n->stream[r]);
        for (size_t k = 0; k <= r; k++)
            e += plan->mix[r][k] * z[k];
        e = plan->innovation[r] * n->scale[r] * e;
        for (size_t i = 0; i < plan->states[r]; i++) {
            double next = (i < a->p ? a->ar[i] * first : 0) + loading(a, i) * e;
            x[i] = i + 1 < plan->states[r] ? next + x[i + 1] : next;
        }
    }
}

void alm__noise_louder(struct alm__noise *n, size_t r, double factor)
{
    n->scale[r] *= factor;
    for (size_t i = 0; i < ALM_ARMA_STATES; i++)
        n->state[r][i] *= factor;
}
