/* SPDX-License-Identifier: GPL-3.0-or-later
 * centred: values less their mean, brought near 1, so that squares of huge and of tiny series can be summed.
 *
 * Meaning.  A value that is not finite is missing, here and in all that is built on this.
 * Choice.   The scale is a power of two: dividing by it loses nothing, so ratios of sums are those of the series itself. */
#ifndef ALM_MODELS_SERIES_CENTRED_H
#define ALM_MODELS_SERIES_CENTRED_H

#include <stdbool.h>
#include <stddef.h>

struct centred {
    double mean;  /* of the finite values; NaN: there are none */
    double scale; /* a deviation of 1 is this much; 0: all finite values are the same */
    size_t used;  /* how many are finite */
};

/* OUT[n] (may be Y): (y - mean) / scale, within -1 .. 1; NaN where missing; exactly 0 when all are the same. */
struct centred series_centre(const double *y, size_t n, double *out);

/* The power of two next above |V|; 1 for 0 and what is not finite. */
double series_power_above(double v);

/* That of the largest finite |y|. */
double series_scale(const double *y, size_t n);

/* OUT[n] (may be Y): the finite values of Y moved together; their number. */
size_t series_finite(const double *y, size_t n, double *out);

/* Whether all finite values are the same, to 1.5e-8 of their size (as is.constant of R's forecast). True of none. */
bool series_constant(const double *y, size_t n);

#endif
