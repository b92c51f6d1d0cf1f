/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_search: the coefficients of the ARMA part that make the errors least.
 *
 * Meaning.  The deviance is log(sum of v^2/F / count) + (sum of log F) / count; loglik is -count/2 (deviance + 1 + log 2 pi). So
 *           r_t = v_t/sqrt(F_t) exp(sum log F / (2 count)) is a vector whose squares are to be made least.
 * Choice.   Levenberg's and Marquardt's damping of a Gauss-Newton step, with forward differences and a learnt term for the errors'
 *           curvature, without which near-cancelling roots take hundreds of steps. A block of coefficients (ar, ma, sar, sma) of which none is given moves as
 *           u with partial autocorrelations u / sqrt(1 + u^2); in a block of which some are given the others move as they are.
 *           It ends when the next step would gain less than half of TOLERANCE in loglik.
 * Limits.   Internal to the ARIMA model.
 * Source.   Marquardt (1963); Dennis, Gay, Welsch (1981); Monahan (1984). */
#ifndef ALM_MODELS_ARIMA_SEARCH_H
#define ALM_MODELS_ARIMA_SEARCH_H

#include "arima_likelihood.h"

struct arima_search {
    struct arima_work *work;
    size_t free;              /* coefficients that move */
    size_t index[ARIMA_ARMA]; /* of each among all */
    bool mapped[ARIMA_BLOCKS], moves[ARIMA_BLOCKS];
    double *beta;                /* [columns - 1] of the last evaluation */
    double *residual, *jacobian; /* [n], [free * n] */
    double *matrix;              /* [3 * free * free] */
    double *block;
};

struct arima_target {
    enum arima_way way;
    const struct arima_columns *columns;
    size_t steps;
    double tolerance;
};

/* FIXED[arma]: NaN where a coefficient is to move; NULL: all move. False: no memory. */
bool arima_search_make(struct arima_search *s, struct arima_work *work, const double *fixed);
void arima_search_free(struct arima_search *s);

/* The deviance at coefficients X; infinite where there is none. -infinity: no error is left. Leaves r in work->v, row 0 .. n. */
double arima_deviance(struct arima_search *s, const struct arima_target *t, const double *x);

/* From X to a summit near it; the deviance there. CONVERGED: false when the steps did not suffice. */
double arima_climb(struct arima_search *s, const struct arima_target *t, double *x, bool *converged);

/* As arima_climb, by the slopes of the deviance alone: slower, and sure where that is at a loss. CONVERGED stays as it is where there
 * is no deviance. */
double arima_polish(struct arima_search *s, const struct arima_target *t, double *x, bool *converged);

/* Whether a partial autocorrelation of X is within 1e-3 of +-1: every direction is flat there, also a wrong one. */
bool arima_near_edge(const struct arima_search *s, const double *x);

/* What moves, U[free], from coefficients and back; coefficients that do not move stay. */
#define ARIMA_FARTHEST 1e4 /* of u: 1 - pacf is then 5e-9 */
void arima_to_moves(const struct arima_search *s, const double *x, double *u);
void arima_to_coefficients(const struct arima_search *s, const double *u, double *x);

/* Draw the blocks of X that move into the region where partial autocorrelations are within +-MOST. */
void arima_tame(const struct arima_search *s, double *x, double most);

#endif
