/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_inputs: an amount over one input: what was seen, and the median and a high quantile that a model has for it. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_INPUTS_H
#define ALMANAC_EXPERIMENTS_FIGURE_INPUTS_H

#include "experiments/figure.h"

#define FIGURE_INPUTS_STEPS 240

struct alm_figure_inputs {
    const char *title, *subtitle, *x_name, *y_name;
    size_t n;
    const double *x, *y;               /* [n]; a point that is not finite is not drawn */
    double tau;                        /* of `upper` */
    const double *at, *middle, *upper; /* [FIGURE_INPUTS_STEPS]: the lines, with AT as of alm_figure_inputs_steps */
};

/* Where the lines are to be known, along the axis of F->x: even, in logs when the axis is one of logs. ALM_EDATA: no point is
 * finite. */
int alm_figure_inputs_steps(const struct alm_figure_inputs *f, double at[FIGURE_INPUTS_STEPS], struct alm_err *e);

/* Draw F into O->output; errors as of alm_figure_draw. */
int alm_figure_inputs(const struct alm_figure_inputs *f, const struct alm_figure_options *o,
                      struct alm_figure_report *report, struct alm_err *e);

#endif
