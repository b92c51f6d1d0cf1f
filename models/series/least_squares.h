/* SPDX-License-Identifier: GPL-3.0-or-later
 * least_squares: ordinary regression of a few columns, by orthogonal triangles. */
#ifndef ALM_MODELS_SERIES_LEAST_SQUARES_H
#define ALM_MODELS_SERIES_LEAST_SQUARES_H

#include <stddef.h>

/* B[columns] that makes |y - X b| least, X[rows * columns] row by row; finite values only. ERROR[columns] (or NULL): standard errors, from
 * the sum of squares over rows - columns. Returns the sum of squares; NaN, B untouched, where there are fewer rows than columns, a column is
 * (to 1e-7 of its length) a sum of others, or memory is short. X and Y are overwritten. */
double series_least_squares(double *x, double *y, size_t rows, size_t columns, double *b, double *error);

#endif
