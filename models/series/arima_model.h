/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_model: what a fit keeps.
 *
 * Limits.   Internal to the ARIMA model. */
#ifndef ALM_MODELS_ARIMA_MODEL_H
#define ALM_MODELS_ARIMA_MODEL_H

#include "arima_data.h"
#include "arima_search.h"

struct arima_fit {
    struct arima_spec spec; /* without the caller's arrays */
    struct arima_result result;
    struct arima_data data;
    struct arima_work work;
    struct arima_search search;
    double beta[SERIES_COEFFICIENTS]; /* of the orthogonal columns */
};

#endif
