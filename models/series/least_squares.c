/* SPDX-License-Identifier: GPL-3.0-or-later
 * least_squares: see the header.
 *
 * Choice.   Householder reflections column by column; the rank is judged as lm() of R does, by what is left of a column's length.
 * Source.   Golub, Van Loan, "Matrix computations" (1996), section 5.3. */
#include "least_squares.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define RANK 1e-7

struct table {
    double *x, *y;
    size_t rows, columns;
};

static double length_below(const struct table *t, size_t from, size_t column)
{
    double most = 0, sum = 0;
    for (size_t i = from; i < t->rows; i++)
        most = fmax(most, fabs(t->x[i * t->columns + column]));
    for (size_t i = from; i < t->rows && most > 0; i++) {
        double part = t->x[i * t->columns + column] / most;
        sum += part * part;
    }
    return most * sqrt(sum);
}

/* Reflect what is below row K so that column K becomes zero there; its diagonal is then -+length. */
static void reflect(const struct table *t, size_t k, double length)
{
    const size_t c = t->columns;
    double *x = t->x;
    const double diagonal = x[k * c + k] > 0 ? -length : length;
    const double head = x[k * c + k] - diagonal;
    for (size_t i = k + 1; i < t->rows; i++)
        x[i * c + k] /= head;
    const double beta = -head / diagonal;
    for (size_t j = k + 1; j <= c; j++) {
        double *first = j < c ? &x[k * c + j] : &t->y[k], sum = *first;
        for (size_t i = k + 1; i < t->rows; i++)
            sum += x[i * c + k] * (j < c ? x[i * c + j] : t->y[i]);
        sum *= beta;
        *first -= sum;
        for (size_t i = k + 1; i < t->rows; i++)
            *(j < c ? &x[i * c + j] : &t->y[i]) -= sum * x[i * c + k];
    }
    x[k * c + k] = diagonal;
}

static bool triangle(const struct table *t, double *whole)
{
    for (size_t k = 0; k < t->columns; k++)
        whole[k] = length_below(t, 0, k);
    for (size_t k = 0; k < t->columns; k++) {
        double length = length_below(t, k, k);
        if (!(length > RANK * whole[k]))
            return false;
        reflect(t, k, length);
    }
    return true;
}

/* Lengths of the rows of the inverse triangle: standard errors when the residuals have variance 1. */
static void inverse_rows(const struct table *t, double *column, double *error)
{
    const size_t c = t->columns;
    for (size_t j = 0; j < c; j++)
        error[j] = 0;
    for (size_t j = 0; j < c; j++) {
        for (size_t i = j + 1; i-- > 0;) {
            double sum = i == j;
            for (size_t l = i + 1; l <= j; l++)
                sum -= t->x[i * c + l] * column[l];
            column[i] = sum / t->x[i * c + i];
            error[i] = hypot(error[i], column[i]);
        }
    }
}

double series_least_squares(double *x, double *y, size_t rows, size_t columns, double *b, double *error)
{
    const struct table t = {x, y, rows, columns};
    double *scratch = calloc(columns + 1, sizeof *scratch), squares = 0;
    if (!scratch || rows < columns || !triangle(&t, scratch)) {
        free(scratch);
        return NAN;
    }
    for (size_t i = columns; i-- > 0;) {
        double sum = y[i];
        for (size_t j = i + 1; j < columns; j++)
            sum -= x[i * columns + j] * b[j];
        b[i] = sum / x[i * columns + i];
    }
    for (size_t i = columns; i < rows; i++)
        squares += y[i] * y[i];
    if (error) {
        const double variance = squares / (double)(rows - columns);
        inverse_rows(&t, scratch, error);
        for (size_t j = 0; j < columns; j++)
            error[j] *= sqrt(variance);
    }
    free(scratch);
    return squares;
}
