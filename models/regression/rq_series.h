/* SPDX-License-Identifier: GPL-3.0-or-later
 * rq_series: the range of the next value of one series, by quantile regression on what went before. What it is made of, and why, stands in
 * predictors/quantile_regression.c. */
#ifndef ALM_MODELS_RQ_SERIES_H
#define ALM_MODELS_RQ_SERIES_H

#include "almanac/resource.h"

#include "rq_range.h"

#define RQ_SERIES_LIST 32
#define RQ_SERIES_COLUMNS (2 * RQ_SERIES_LIST + 5)

/* In intervals. */
struct rq_series_shape {
    struct rq_range_shape range; /* `columns` by rq_series_columns */
    size_t lags, lag[RQ_SERIES_LIST];
    size_t maxima, maximum[RQ_SERIES_LIST]; /* lengths of windows */
    size_t season;                          /* 0: none */
    bool clock, trend;
    double keep;       /* of the weight of a value in the level, after one interval */
    double resolution; /* of the resource */
};

size_t rq_series_columns(const struct rq_series_shape *s);

/* Plain bytes. */
struct rq_series;
size_t rq_series_size(const struct rq_series_shape *s);
void rq_series_init(struct rq_series *b, const struct rq_series_shape *s);

/* VALUE of interval SLOT, which is after all before; NaN: missing. A censored value is taken to be a fifth larger. WORK has room for the
 * window. Errors as of rq_fit_levels; amortised cost: that of rq_window. */
int rq_series_put(struct rq_series *b, const struct rq_series_shape *s, int64_t slot, double value, bool censored,
                  struct rq *work, struct alm_err *e);

/* Of interval SLOT. False when nothing is known. B is not written. */
bool rq_series_ask(const struct rq_series *b, const struct rq_series_shape *s, int64_t slot, struct rq_amounts *out);

/* Whether BYTES (not aligned) can be a block of this shape. */
bool rq_series_sound(const void *bytes, const struct rq_series_shape *s);

#endif
