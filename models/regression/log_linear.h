/* SPDX-License-Identifier: GPL-3.0-or-later
 * log_linear: the log of an amount as a linear function of features, by ridge regression.
 *
 * Meaning.  t = intercept + sum beta_j c_j. Columns c_j are the features; with `pairs` also those products of two numbers, or of a
 *           number and a level, that go best with what the features alone leave. All columns are standardised; the intercept is not
 *           penalised. The penalty is the one of a short list with the least leave-one-out error.
 * Choice.   Ridge instead of least squares: collinear and tied inputs are the rule (five sizes of one file), and few rows too.
 * Limits.   LOG_LINEAR_COLUMNS columns; with pairs at most a quarter of the rows beyond the features.
 * Source.   Hoerl and Kennard, "Ridge regression" (1970); Allen's PRESS (1974) by the diagonal of the hat matrix. */
#ifndef ALM_MODELS_LOG_LINEAR_H
#define ALM_MODELS_LOG_LINEAR_H

#include "features.h"

#include "almanac/error.h"

#define LOG_LINEAR_COLUMNS 64

/* Rows of features Z[.. * f->count] with targets T, of which ROW[rows] count. */
struct regression_rows {
    const struct features *f;
    const double *z, *t;
    const uint32_t *row;
    size_t rows;
};

struct log_linear_column {
    uint32_t a, b; /* features; b == FEATURES: a alone */
    double mean, scale, beta;
};

struct log_linear {
    size_t columns;
    double intercept, r2; /* r2: share of the variance of T that is explained, within the rows fitted */
    struct log_linear_column column[LOG_LINEAR_COLUMNS];
};

/* ALM_ENOMEM only. No rows: everything is 0. */
int log_linear_fit(struct log_linear *m, const struct regression_rows *d, bool pairs, struct alm_err *e);

/* T at the features Z[f->count]. */
double log_linear_value(const struct log_linear *m, const double *z);

#endif
