/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_filter: a fitted ARIMA model that goes on: one value in, one forecast out.
 *
 * Meaning.  Plain bytes, no pointers: may be copied, moved, stored. The coefficients stay as they were fitted. A missing value (NaN, or
 *           one that is not finite) is bridged by its forecast; the standard error then grows by the psi weights, and the next value
 *           is shared out among the shocks of the gap in the proportion that they can have caused it.
 * Choice.   The gain is that of the steady state: after a gap it is exact for one value, and from then on as if there had been none.
 *           The state is a ring and only coefficients that are not 0 are touched: O(nonzero coefficients) a value.
 * Limits.   No further regressors. Of a gap the last ARIMA_FILTER_GAP shocks share the next value.
 * Source.   Brockwell, Davis (1991), chapter 12. */
#ifndef ALM_MODELS_ARIMA_FILTER_H
#define ALM_MODELS_ARIMA_FILTER_H

#include "arima_fit.h"

#include <stdint.h>

#define ARIMA_FILTER_GAP 64

struct arima_filter_tap {
    uint32_t lag, pad;
    double ar, ma;
};

struct arima_filter {
    uint32_t r, lost, taps, delta_taps, season; /* season: length of the table of Fourier terms, 0 for none */
    uint32_t head, newest;                      /* where the rings begin */
    uint32_t gap;                               /* missing values since the last one that was not */
    int64_t t;                                  /* time of the last value put, from 1 */
    double sigma, mean, drift;
    double psi2; /* squares of psi_1 .. psi_gap */
    double psi[ARIMA_FILTER_GAP + 1];
    double data[];
};

struct arima_expected {
    double mean, se;
};

/* An upper bound, from the orders alone. */
size_t arima_filter_size(const struct arima_spec *spec);

/* FILTER, of arima_filter_size bytes, goes on where the series of F ended. ALM_EUNSUPPORTED: further regressors. */
int arima_filter_init(struct arima_filter *filter, const struct arima_fit *f, struct alm_err *e);
void arima_filter_put(struct arima_filter *filter, double value);

/* Of the value after the last one put. */
struct arima_expected arima_filter_next(const struct arima_filter *filter);

/* MEAN[h], SE[h]. WORK: arima_filter_size bytes, overwritten. O(h) times a put. */
void arima_filter_forecast(const struct arima_filter *filter, size_t h, double *mean, double *se,
                           struct arima_filter *work);

/* Fit again to Y[n], starting from the coefficients of OLD. */
int arima_refit(const struct arima_fit *old, const double *y, size_t n, struct arima_fit **out, struct alm_err *e);

#endif
