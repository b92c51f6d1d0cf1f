/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_diagnostics: do the residuals of a fit look like noise?
 *
 * Meaning.  Ljung and Box: are they free of autocorrelation? Over twice the period, or 10 lags, at most a fifth of the residuals, and
 *           at least three more than ARMA coefficients were estimated. Jarque and Bera: have they the third and fourth moments of a
 *           normal law, on which the intervals of a forecast rest? p: the chance of a larger statistic if so.
 * Limits.   p holds for many residuals; that of Jarque and Bera for more than some hundred.
 * Source.   Ljung, Box (1978); Jarque, Bera (1980); the lags are those of checkresiduals() of R's forecast. */
#ifndef ALMANAC_CMD_FIT_DIAGNOSTICS_H
#define ALMANAC_CMD_FIT_DIAGNOSTICS_H

#include "cmd/series_job.h"

#define FIT_LAGS 1024

struct fit_diagnostics {
    size_t residuals, lags, fitted;      /* that are there; of the test; ARMA coefficients that were estimated */
    double mean, sd, skewness, kurtosis; /* kurtosis: 0 for a normal law */
    double ljung_box, ljung_box_p, jarque_bera, jarque_bera_p; /* NaN: cannot be said */
    double acf[FIT_LAGS];                                      /* [lags] */
};

/* ALM_EINVAL: the model has no residuals. */
int fit_diagnose(const struct series_fitted *f, struct fit_diagnostics *out, struct alm_err *e);

#endif
