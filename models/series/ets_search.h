/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_search: the parameters and initial states of one form under which a series is most likely.
 *
 * Meaning.  ETS_SIMPLEX: the simplex of ets_simplex.h from one start, with the settings of forecast::ets. ETS_THOROUGH: the likelihood is a
 *           sum of squares in disguise, n/2 log sum (G e)^2 with G the geometric mean of the forecasts (1 with
 *           additive errors): so least squares, from where the simplex ended and from other starts; the best counts.
 * Choice.   Bounds are those of forecast::ets: 0.0001 <= alpha <= 0.9999, beta <= alpha, gamma <= 1 - alpha, 0.8 <= phi <= 0.98, and
 *           errors that die out. In least squares parameters go through the logistic function, so each trial is within them.
 *           The simplex is worth R's numbers only if it goes R's way, so there a trial may forecast below 0, which is never kept, a
 *           damped season is bounded as there, and its start is moved where R moves it.
 * Source.   J. J. More, "The Levenberg-Marquardt algorithm" (1978), and J. A. Nelder, R. Mead, "A simplex method for function
 *           minimization" (1965), as in GSL. */
#ifndef ALM_MODELS_ETS_SEARCH_H
#define ALM_MODELS_ETS_SEARCH_H

#include "ets.h"

/* The values divided by `scale`, a power of two, so that no square leaves the range of numbers. */
struct ets_series {
    const double *z;
    size_t n, nobs;
    double spread; /* a typical step from one value to the next, above 0 */
    double scale;
};

struct ets_found {
    struct ets_parameters parameter;
    double loglik; /* of the divided values */
    bool converged;
};

/* INITIAL[ETS_SEASON + period] holds the start and gets what was found. ALM_EINVAL: nothing can be evaluated (parameters out of bounds,
 * forecasts not above 0). ALM_ENOMEM. */
int ets_search(const struct ets_form *form, const struct ets_wish *wish, const struct ets_series *series,
               double *initial, struct ets_found *out, struct alm_err *e);

/* Parameters that are to be estimated, and states; without the variance. */
size_t ets_search_size(const struct ets_form *form, const struct ets_parameters *wish);

#endif
