/* SPDX-License-Identifier: GPL-3.0-or-later
 * features: a table of input parameters and one amount, and the inputs as columns of comparable size.
 *
 * Meaning.  A number becomes log x where all are positive, else asinh(x / s), s the median size of those that are not 0; then mean 0
 *           and variance 1 over the table. A category becomes one column of 0 and 1 for each of its frequent levels. A number that is
 *           not always given has the median in its place and a column that says so. Infinite counts as not given.
 * Choice.   Columns that never vary are left out, so a table without usable inputs has no features.
 * Limits.   FEATURES columns, FEATURE_LEVELS of one category: first all numbers, then levels, then what says "not given". Levels
 *           beyond are "another"; `codes` still tells them apart. */
#ifndef ALM_MODELS_FEATURES_H
#define ALM_MODELS_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FEATURES 48
#define FEATURE_LEVELS 8
#define FEATURE_CODES 16

/* X[n * k], row by row: numbers, or numbers of levels where `category`; NaN: not given. Y[n]. `bound` (NULL: none): Y is a lower
 * bound. */
struct regression_table {
    size_t n, k;
    const double *x;
    const bool *category;
    const double *y;
    const bool *bound;
};

enum feature_kind { FEATURE_LOG, FEATURE_ASINH, FEATURE_LEVEL, FEATURE_ABSENT };

struct feature {
    enum feature_kind kind;
    uint32_t input;
    double unit;        /* s of asinh; the level */
    double instead;     /* of a number that is not given, before mean and scale */
    double mean, scale; /* standardised = (value - mean) / scale */
};

struct features {
    size_t count, numbers; /* numbers come first */
    struct feature at[FEATURES];
    size_t codes; /* categories that vary */
    uint32_t code[FEATURE_CODES];
};

/* Learn the columns of T. ALM_ENOMEM only. */
struct alm_err;
int features_learn(struct features *f, const struct regression_table *t, struct alm_err *e);

/* The row X[k] as OUT[count]. */
void features_of(const struct features *f, const double *x, double *out);

#endif
