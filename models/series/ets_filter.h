/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_filter: exponential smoothing of one value after the other: additive forms.
 *
 * Meaning.  Level, slope and season of ets.h, moved by each value; the forecast of the next one with its standard error. A missing
 *           value moves time on and nothing else; the standard error then grows as that of a forecast of more steps, until the next value.
 *           Plain bytes of a size known from the period: no pointers, nothing to release.
 * Choice.   The variance of one-step errors is the given one, or else the mean square of the errors so far, the last
 *           ETS_FILTER_MEMORY of them weighing as many.
 * Limits.   Under parameters that are not admissible errors grow; a forecast beyond 1e307 begins anew at the next value. Multiplicative forms
 *           have no filter: take logarithms before. The cost of a value does not depend on the period. */
#ifndef ALM_MODELS_ETS_FILTER_H
#define ALM_MODELS_ETS_FILTER_H

#include "ets.h"

#include <stdint.h>

#define ETS_FILTER_MEMORY 500

struct ets_filter {
    uint32_t period; /* 1: no season */
    uint32_t at;     /* time of the season of the next value */
    uint64_t errors; /* that `square` is the mean of; 0 and square >= 0: the variance was given */
    uint64_t gap;    /* missing values since the last value */
    double alpha, beta, gamma, phi, level, slope;
    double square;  /* variance of a one-step error; NaN: not known yet */
    double damping; /* phi + phi^2 + ..., `gap` terms */
    double power;   /* phi^gap */
    double growth;  /* what the gap adds to 1 */
    double season[];
};

struct ets_filter_forecast {
    double mean, se; /* se: NaN before the first error */
};

size_t ets_filter_size(size_t period);

/* F, of ets_filter_size(period) bytes, begins with parameters P and STATE, laid out as in ets.h, the first value being at the
 * first time of the season. SIGMA2: variance of one-step errors; NaN: learn it. FORM is additive, its period below 2^32 - 1. */
void ets_filter_init(struct ets_filter *f, const struct ets_form *form, const struct ets_parameters *p,
                     const double *state, double sigma2);

/* Begin after the series that M was fitted to. ALM_EINVAL: M is not additive. */
int ets_filter_resume(struct ets_filter *f, const struct ets *m, struct alm_err *e);

/* The next value, or NaN. Infinite values count as missing. */
void ets_filter_put(struct ets_filter *f, double y);

/* Of the next value. */
struct ets_filter_forecast ets_filter_next(const struct ets_filter *f);

/* Of the value STEPS from now, the next being 1. Cost: steps. */
struct ets_filter_forecast ets_filter_ahead(const struct ets_filter *f, size_t steps);

#endif
