/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_forecast: the last part of a series, its forecast, and the intervals as nested bands. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_FORECAST_H
#define ALMANAC_EXPERIMENTS_FIGURE_FORECAST_H

#include "experiments/figure.h"

#define ALM_FIGURE_LEVELS 16

struct alm_figure_forecast {
    const char *title, *subtitle, *name; /* name: of what is forecast, beside the axis */
    const double *y;                     /* [n]: what is shown of the series; NaN breaks the line */
    size_t n, first;                     /* first: number of the row of y[0], from 1 */
    size_t h, levels;                    /* levels: at most ALM_FIGURE_LEVELS */
    const double *level;                 /* [levels], in per cent */
    const double *mean;                  /* [h] */
    const double *lower, *upper;         /* [levels * h], level by level; not finite: no band there */
};

/* Draw F into O->output. ALM_EDATA when nothing of it is a finite number; other errors as of alm_figure_draw. */
int alm_figure_forecast(const struct alm_figure_forecast *f, const struct alm_figure_options *o,
                        struct alm_figure_report *report, struct alm_err *e);

#endif
