/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_features: what the usage in a trace is like, by measures that need no model.
 *
 * Meaning.  Of each resource: moments, quantiles, share of zeros, spread over and variation within units, tail index,
 *           autocorrelations, the course of the day; of each pair of resources their correlation within units. Values of a
 *           unit are about its mean; units count alike, but for quantiles, where rows do.
 * Choice.   Quantiles come from at most 65536 rows, evenly spread; their step is not a whole number, so that no hour of the
 *           day is met more often than another.
 * Source.   Tail index: Hill (1975), over the largest hundredth of value / mean of unit. */
#ifndef ALM_FIT_FEATURES_H
#define ALM_FIT_FEATURES_H

#include "file/trace_file.h"

#define ALM__FEATURE_LAGS 64
#define ALM__FEATURE_HOURS 24

/* Values that stand for all, ascending, and the unit of each. */
struct alm__sample {
    size_t count, room;
    double *value;
    uint32_t *unit;
};

struct alm__feature {
    bool present;
    uint64_t values;
    double mean, zeros;                  /* share */
    double between, within;              /* relative sd of unit means; median of units' relative sd */
    double p50, p95, p99, tail;          /* tail: Hill's index; NaN when unknown */
    double acf[ALM__FEATURE_LAGS];       /* at the lags below; NaN when unknown */
    double day[ALM__FEATURE_HOURS];      /* mean of value / mean of unit by hour of the day; NaN when unknown */
    struct alm__sample sample, relative; /* relative: value / mean of unit */
};

struct alm_features {
    size_t units;
    alm_time interval;
    size_t lags;
    alm_time lag[ALM__FEATURE_LAGS]; /* the first is one interval */
    size_t day_lag;                  /* which of them is a day; `lags`: none */
    struct alm__feature resource[ALM_RESOURCES];
    double cross[ALM_RESOURCES][ALM_RESOURCES]; /* NaN when unknown */
};

/* Measure the usage of T. One pass over the rows; memory: the rows of one unit and the samples. */
int alm_features_read(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_features *out,
                      struct alm_err *e);
void alm_features_free(struct alm_features *f);

/* Fill a sample, then sort it; a zeroed one is empty. */
int alm__sample_add(struct alm__sample *s, double value, uint32_t unit, struct alm_err *e);
int alm__sample_sort(struct alm__sample *s, struct alm_err *e);
void alm__sample_free(struct alm__sample *s);

/* The Q-quantile of the sample. */
double alm__sample_quantile(const struct alm__sample *s, double q);

#endif
