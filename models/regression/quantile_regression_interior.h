/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression_interior: near the minimum of a quantile regression by the interior point method.
 *
 * Meaning.  The dual problem is to maximise y'a with X'a = (1 - tau) X'1 and 0 <= a <= 1; at the optimum a is 1 above the plane and 0
 *           below. Primal and dual go together along the central path by Newton steps, each a weighted least squares fit, with
 *           Mehrotra's predictor and corrector. Ten to twenty steps, whatever the number of rows.
 * Choice.   It only has to come near: the vertex step makes the answer exact. So it stops early, and drift of X'a is not corrected.
 * Source.   S. Portnoy, R. Koenker, "The Gaussian hare and the Laplacian tortoise", Statistical Science 12 (1997); S. Mehrotra,
 *           "On the implementation of a primal-dual interior point method", SIAM J. Optimization 2 (1992). */
#ifndef ALM_MODELS_QUANTILE_REGRESSION_INTERIOR_H
#define ALM_MODELS_QUANTILE_REGRESSION_INTERIOR_H

#include "quantile_regression_vertex.h"

#define RQ_INTERIOR_COLUMNS 4 /* at least: v->scratch holds as many arrays as there are columns */

/* Set v->b near the optimum of v's rows, which are all rows: what is outside is not looked at. Uses every array of v. */
void rq_interior(struct rq_vertex *v);

#endif
