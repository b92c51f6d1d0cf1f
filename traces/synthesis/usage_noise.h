/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_noise: ARMA noises of several resources, stationary from the first row, correlated with each other.
 *
 * Meaning.  Resource r has x_t = sum_i ar_i x_(t-i) + e_t + sum_j ma_j e_(t-j), scaled to variance 1. The e of different
 *           resources are correlated at equal times, so that the x of two resources have the correlation asked for.
 * Choice.   Each resource draws one number a row from its own stream; the draws are mixed by a Cholesky factor, later
 *           resources taking from earlier ones. Without correlation no resource hears of another.
 * Source.   State space form: Harvey (1989), Forecasting, Structural Time Series Models, section 3.3. Stationary start: the
 *           covariance P = T P T' + g g', solved as a linear system. Stationarity: Barndorff-Nielsen and Schou (1973),
 *           partial autocorrelations. */
#ifndef ALM_USAGE_NOISE_H
#define ALM_USAGE_NOISE_H

#include "almanac/error.h"
#include "almanac/resource.h"
#include "almanac/stream.h"

#include <stddef.h>

#define ALM_ARMA_MOST 3   /* coefficients of either kind */
#define ALM_ARMA_STATES 4 /* at most: max(p, q + 1) */

struct alm__arma {
    size_t p, q;
    double ar[ALM_ARMA_MOST], ma[ALM_ARMA_MOST];
};

/* ALM_EINVAL, naming WHAT ("cpu.noise"), when the process is not stationary. */
int alm__arma_check(const struct alm__arma *a, const char *what, struct alm_err *e);

/* Correlations of COUNT resources, 1 on the diagonal. NAME (for messages): of resource i. */
struct alm__correlation {
    size_t count;
    enum alm_resource resource[ALM_RESOURCES];
    double value[ALM_RESOURCES][ALM_RESOURCES];
};

/* Lower Cholesky factor of C. ALM_EINVAL, naming KEY, when C is not positive definite. */
int alm__correlation_factor(const struct alm__correlation *c, const char *key, double out[ALM_RESOURCES][ALM_RESOURCES],
                            struct alm_err *e);

/* What all units share. */
#define ALM_NOISE_WIDTH (ALM_RESOURCES * ALM_ARMA_STATES)
struct alm__noise_plan {
    size_t count, width, states[ALM_RESOURCES], first[ALM_RESOURCES];
    struct alm__arma arma[ALM_RESOURCES];
    double innovation[ALM_RESOURCES]; /* sd of e that gives x the variance 1 */
    double mix[ALM_RESOURCES][ALM_RESOURCES];
    double start[ALM_NOISE_WIDTH][ALM_NOISE_WIDTH];
};

/* ARMA[i] belongs to resource i of C, and was checked. ALM_EINVAL, naming KEY, when noises of such different memories
 * cannot be correlated as C asks, or C is not positive definite. */
int alm__noise_plan(const struct alm__arma *arma, const struct alm__correlation *c, const char *key,
                    struct alm__noise_plan *plan, struct alm_err *e);

/* The largest correlation that noises of A and B can have: that of equal innovations. */
double alm__noise_bound(const struct alm__arma *a, const struct alm__arma *b);

/* The noises of one unit. Before each step x[r] = state[r][0] is resource r's noise times its scale. */
struct alm__noise {
    const struct alm__noise_plan *plan;
    struct alm_stream stream[ALM_RESOURCES];
    double scale[ALM_RESOURCES];
    double state[ALM_RESOURCES][ALM_ARMA_STATES];
};

/* Draw the first state; STREAM and SCALE of N are set by the caller. */
void alm__noise_start(struct alm__noise *n, const struct alm__noise_plan *plan);
void alm__noise_step(struct alm__noise *n);

/* FACTOR times louder from here on, the present state included. */
void alm__noise_louder(struct alm__noise *n, size_t r, double factor);

#endif
