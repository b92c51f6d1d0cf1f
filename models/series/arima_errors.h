/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_errors: standard errors of the coefficients of a fit.
 *
 * Meaning.  From the inverse of the negative log likelihood's second derivatives in the coefficients themselves, sigma2 profiled out.
 * Choice.   Central differences in the ARMA part. In the regression part the sum of squares is quadratic, so its derivatives are exact.
 * Limits.   At a root on the unit circle the likelihood has no such curvature: what is then not positive is NaN.
 *           Internal to the ARIMA model. */
#ifndef ALM_MODELS_ARIMA_ERRORS_H
#define ALM_MODELS_ARIMA_ERRORS_H

#include "arima_model.h"

/* Fill f->result.se, at the result's coefficients; DEVIANCE is that of the fit. */
void arima_standard_errors(struct arima_fit *f, const struct arima_target *t, double deviance);

#endif
