/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_harm: an axis of harm upward, on which none, a little and much are all told apart.
 *
 * Choice.   Harm is drawn at asinh(harm / unit): linear up to the smallest that is not zero, then by decades, so that zero has a
 *           place. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_HARM_H
#define ALMANAC_EXPERIMENTS_FIGURE_HARM_H

#include <stdbool.h>
#include <stdio.h>

struct alm__harm {
    double finest;        /* share of the largest harm: what is less is not told from zero */
    double stretch, room; /* the axis ends at stretch times the place of the largest, plus room */
    double limit;         /* no harm is above */
    bool between;         /* tics within decades, with labels where there are few decades */
    double least, most;   /* 0 before; of what was taken, least: not zero */
    double unit, top;     /* after closing: a power of ten; where the axis ends */
};

/* Have the harm AT, with an interval up to HIGH, on the axis. Neither is NaN. */
void alm__harm_take(struct alm__harm *h, double at, double high);

/* After the last one. */
void alm__harm_close(struct alm__harm *h);

/* Where HARM lies in gnuplot's coordinate; the axis begins at 0, and so does what is negative. */
double alm__harm_at(const struct alm__harm *h, double harm);

/* `set ytics (...)`, its texts in double quotes, without an end of line. */
void alm__harm_tics(FILE *out, const struct alm__harm *h);

#endif
