/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_auto: the orders of an ARIMA model, chosen.
 *
 * Meaning.  D by the strength of the season, d by KPSS tests of what is left, then p, q, P, Q and the constant (mean or drift) by an
 *           information criterion: stepwise from four models to neighbours that are better, or all within `max_order`. A model with a
 *           root within 1 % of the unit circle is passed over.
 * Choice.   Long series, and long periods, are ranked by a rough fit (one start, conditional sum, three steps of the likelihood); the best
 *           few are then fitted in full. Criteria of the rough fit are of the exact likelihood at its coefficients, so they
 *           are never too good.
 * Source.   R. J. Hyndman, Y. Khandakar, "Automatic time series forecasting: the forecast package for R", Journal of Statistical
 *           Software 27 (2008). */
#ifndef ALM_MODELS_ARIMA_AUTO_H
#define ALM_MODELS_ARIMA_AUTO_H

#include "arima_fit.h"

enum arima_criterion { ARIMA_AICC, ARIMA_AIC, ARIMA_BIC };

struct arima_choice {
    size_t period;                     /* 1: no season */
    size_t max_p, max_q, max_P, max_Q; /* lowered to a third of the series */
    size_t max_order;                  /* of p + q + P + Q in a full search */
    int d, D;                          /* -1: by test */
    size_t fourier;
    bool mean, drift; /* may be in the model */
    bool stepwise;
    bool exact; /* rank long series by full fits too */
    enum arima_criterion criterion;
};

/* The best model found, fitted. Errors as arima_fit. */
int arima_auto(const struct arima_choice *c, const double *y, size_t n, struct arima_fit **out, struct alm_err *e);

#endif
