/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_series: a long series thinned to columns of pixels while it is read.
 *
 * Meaning.  Each column keeps its first, smallest, largest and last point, so that a line drawn through them covers the
 *           same pixels as a line through all. A point that is NaN breaks the line.
 * Source.   Jugel, Jerzak, Hackenbroich, Markl, "M4", VLDB 2014. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_SERIES_H
#define ALMANAC_EXPERIMENTS_FIGURE_SERIES_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct alm__point {
    double x, y;
    uint64_t nth; /* of its column: two points may have one x */
};

struct alm__series_column {
    struct alm__point first, low, high, last;
    uint64_t count;
    bool broken; /* a gap lies before `first` */
};

struct alm__series {
    double end; /* x runs over [0, end] */
    size_t columns;
    struct alm__series_column *column;
    bool gap;
};

int alm__series_open(struct alm__series *s, double end, size_t columns, struct alm_err *e);
void alm__figure_series_free(struct alm__series *s);

/* Points come with ascending x; those outside [0, end] are taken into the outermost columns. */
void alm__series_add(struct alm__series *s, double x, double y);

/* Write the points as "x y", y divided by DIVISOR; an empty line where the line breaks. A series without points gives
 * one point far outside of any axis, since gnuplot refuses an empty one. */
void alm__series_write(const struct alm__series *s, double divisor, FILE *out);

/* The column of X. */
size_t alm__series_place(const struct alm__series *s, double x);

/* Largest y, or 0 without points. */
double alm__series_max(const struct alm__series *s);

/* A band that holds from each of its points to the next, thinned alike: a column with several points shows the hull of
 * them. */
struct alm__band_column {
    double first, last; /* x */
    double low, high;   /* hull of the points of this column; high < low: none of them was a band */
    double last_low, last_high;
    uint64_t count;
};

struct alm__band {
    double end;
    size_t columns;
    struct alm__band_column *column;
};

int alm__band_open(struct alm__band *b, double end, size_t columns, struct alm_err *e);
void alm__band_free(struct alm__band *b);

/* From X on the band is [LOW, HIGH]; NaN: there is none. Points come with ascending x; X < 0 counts as 0. */
void alm__band_add(struct alm__band *b, double x, double low, double high);

/* Write the corners as "x low high"; an empty line where the band ends. */
void alm__band_write(const struct alm__band *b, double divisor, FILE *out);

double alm__band_max(const struct alm__band *b);

#endif
