/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_misses: an axis of coverage on which 90, 99 and 99.9 % are as far apart as they differ in what is missed.
 *
 * Choice.   A share is drawn at -asinh(missed / unit): by decades of what is missed, linear close to 100 %, which so has a place. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_MISSES_H
#define ALMANAC_EXPERIMENTS_FIGURE_MISSES_H

#include <stdbool.h>
#include <stdio.h>

/* All zero is empty. */
struct alm__misses {
    double unit;        /* the least that is missed and not 0, a power of ten */
    double least, most; /* missed, shown */
    bool any;
};

/* Have SHARE (0 to 1) on the axis; NaN is ignored. */
void alm__misses_take(struct alm__misses *m, double share);

/* After the last one: leave room at both ends. */
void alm__misses_close(struct alm__misses *m);

/* Where SHARE lies in gnuplot's coordinate, and where the axis begins and ends. */
double alm__misses_at(const struct alm__misses *m, double share);
double alm__misses_low(const struct alm__misses *m);
double alm__misses_high(const struct alm__misses *m);

/* "set xrange ..." and "set xtics (...)" with percentages as labels that are PITCH pixels apart or more on LENGTH pixels; without labels
 * when BARE. AXIS: "x" or "y". */
void alm__misses_axis(FILE *out, const struct alm__misses *m, const char *axis, double length, double pitch, bool bare);

#endif
