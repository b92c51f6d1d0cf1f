/* SPDX-License-Identifier: GPL-3.0-or-later
 * limits: the limits of a forecast whose errors are normal, from its means and standard errors. */
#ifndef ALM_MODELS_SERIES_LIMITS_H
#define ALM_MODELS_SERIES_LIMITS_H

#include "series_model.h"

/* lower and upper of OUT: mean -+ quantile * se, of the normal distribution where DF is INFINITY, of Student's t with DF above 0 otherwise, NaN
 * below. */
void series_limits(struct series_forecast *out, double df);

#endif
