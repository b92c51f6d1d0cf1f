/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_model: a model of one series: fit it, say what was found, forecast. What `almanac fit` and `almanac forecast` know.
 *
 * Meaning.  A series is Y[N], at equal steps, oldest first; NaN is a missing value. A model is one const table in one file and one
 *           row of series_models.c. Fits own their memory and copy what they need of Y.
 * Choice.   Conventions of R: MA signs are plus, `mean` is the process mean, sigma2 is divided by the number of observations,
 *           loglik is that of the differenced series.
 * Limits.   A forecast's standard error leaves out that parameters are estimated. */
#ifndef ALM_MODELS_SERIES_MODEL_H
#define ALM_MODELS_SERIES_MODEL_H

#include "almanac/error.h"
#include "almanac/option.h"

#include <stdbool.h>
#include <stddef.h>

#define SERIES_COEFFICIENTS 96
#define SERIES_LEVELS 16

struct series_coefficient {
    char name[24];    /* "ar1", "sma1", "mean", "drift", "c1", "alpha" */
    double value, se; /* se: NaN when not known, 0 when it was given */
};

/* What a fit found. NaN, 0 and "" where a model has no such thing. */
struct series_report {
    char words[96]; /* "ARIMA(2,1,2)(0,1,1)[12] with drift", "ETS(A,Ad,N)" */
    int order[3], seasonal[3], period;
    size_t coefficients;
    struct series_coefficient coefficient[SERIES_COEFFICIENTS];
    double sigma2, loglik, aic, aicc, bic;
    size_t nobs;
    bool has_order, converged, fixed; /* fixed: all coefficients were given */
};

/* MEAN[H], SE[H] (NaN: not known), LOWER and UPPER[levels * H], level by level. The caller's memory. */
struct series_forecast {
    size_t h, levels;
    const double *level; /* [levels], in (0, 1) */
    double *mean, *se, *lower, *upper;
};

struct series_model {
    const char *name, *summary, *source; /* as in alm_head */
    const struct alm_opt *opts;
    size_t opt_size;

    /* ALM_EINVAL for options that do not fit the series, ALM_EDATA for a series nothing can be said of; never a hang: what does not
     * converge within its cap of iterations says converged = false. *FIT goes to `free`. */
    int (*fit)(const void *opt, const double *y, size_t n, void **fit, struct alm_err *e);
    void (*report)(const void *fit, struct series_report *out);
    int (*forecast)(const void *fit, struct series_forecast *out, struct alm_err *e);
    /* Optional. R[n]: one-step residuals, NaN where there is none. */
    void (*residuals)(const void *fit, double *r);
    void (*free)(void *fit);
};

/* All models, by name, ended by NULL; the model NAME, or an error that lists them and suggests the nearest. */
const struct series_model *const *series_models(void);
int series_model_find(const char *name, const struct series_model **out, struct alm_err *e);

#endif
