/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_options: what a person can ask of an ARIMA model, as rows of options.
 *
 * Limits.   Internal to the ARIMA model. */
#ifndef ALM_MODELS_ARIMA_OPTIONS_H
#define ALM_MODELS_ARIMA_OPTIONS_H

#include "arima_auto.h"

struct arima_opt {
    char order[ALM_OPT_STRING], seasonal[ALM_OPT_STRING], fixed[ALM_OPT_STRING];
    int64_t period, fourier, d, D, max_p, max_q, max_P, max_Q, max_order;
    int mean, drift, method, criterion, search, ranking, variance;
};

enum arima_wish { ARIMA_WISH_AUTO, ARIMA_WISH_TRUE, ARIMA_WISH_FALSE };
enum arima_search_kind { ARIMA_STEPWISE, ARIMA_FULL };

extern const struct alm_opt arima_opts[];

/* SPEC of the options when orders are given; *AUTOMATIC when they are to be chosen by CHOICE. FIXED[SERIES_COEFFICIENTS]: the values given, NaN for the
 * others; spec->fixed is it, or NULL when none is given. */
int arima_read_options(const struct arima_opt *o, struct arima_spec *spec, struct arima_choice *choice, bool *automatic,
                       double *fixed, struct alm_err *e);

#endif
