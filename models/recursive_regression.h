/* SPDX-License-Identifier: GPL-3.0-or-later
 * recursive_regression: a linear regression that takes in one row after another, and forgets slowly.
 *
 * Meaning.  y = sum coefficient[k] x[k]. Each row counts 0.999 of the one after it, so that some thousand rows speak.
 * Choice.   Fixed size and plain bytes, for states of units. Errors are taken in up to a bound that the caller gives, since one spike would
 *           otherwise move all coefficients; the inverse of the moments is kept from growing where nothing new is told.
 * Limits.   Not for rows of very different scale: the start, an identity, is the scale of the prior.
 * Source.   R. L. Plackett, "Some theorems in least squares", Biometrika 37 (1950): recursive least squares. */
#ifndef ALM_MODELS_RECURSIVE_REGRESSION_H
#define ALM_MODELS_RECURSIVE_REGRESSION_H

enum { REGRESSION_TERMS = 7 };

/* Plain bytes. */
struct recursive_regression {
    double coefficient[REGRESSION_TERMS];
    double inverse[REGRESSION_TERMS][REGRESSION_TERMS]; /* of the matrix of moments */
};

/* START: coefficients before the first row. */
void regression_start(struct recursive_regression *r, const double start[REGRESSION_TERMS]);

double regression_at(const struct recursive_regression *r, const double x[REGRESSION_TERMS]);

/* A row X whose value was missed by ERROR (seen less expected), which counts as no more than +-MOST. What is not finite changes nothing. */
void regression_put(struct recursive_regression *r, const double x[REGRESSION_TERMS], double error, double most);

#endif
