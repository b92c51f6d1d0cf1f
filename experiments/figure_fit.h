/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_fit: a real trace beside the one that a fitted specification makes: one row a quantity, with its quantiles, its
 * autocorrelations and its course of the day. */
#ifndef ALMANAC_EXPERIMENTS_FIGURE_FIT_H
#define ALMANAC_EXPERIMENTS_FIGURE_FIT_H

#include "experiments/figure.h"
#include "traces/fit/fit_load.h"

#define ALM_FIGURE_QUANTILES 199
#define ALM_FIGURE_PAIRS 8

/* One quantity in either trace; [0] real, [1] made. */
struct alm_figure_pair {
    char name[48];                            /* "CPU" */
    int resource;                             /* the scale is that of this one; ALM_RESOURCES: none */
    const char *unit;                         /* when it has no scale: "s"; NULL: none */
    double quantile[2][ALM_FIGURE_QUANTILES]; /* 0.005, 0.010, ... 0.995 */
    size_t lags;                              /* 0: no course of time is shown, and no course of the day */
    double hours[ALM__FEATURE_LAGS], acf[2][ALM__FEATURE_LAGS]; /* NaN: not known */
    double day[2][ALM__FEATURE_HOURS];
};

/* The resources that both traces have; returns how many of PAIR[ALM_RESOURCES] were filled. */
size_t alm_figure_fit_usage(const struct alm_features *real, const struct alm_features *made,
                            struct alm_figure_pair *pair);

/* Gaps, counts by hour and amounts of two loads into PAIR[ALM_FIGURE_PAIRS]. */
int alm_figure_fit_load(const struct alm_load *real, const struct alm_load *made, struct alm_figure_pair *pair,
                        size_t *pairs, struct alm_err *e);

/* Draw PAIRS of them into O->output. NAME: of the real trace. Errors as of alm_figure_draw. */
int alm_figure_fit(const struct alm_figure_pair *pair, size_t pairs, const char *name,
                   const struct alm_figure_options *o, struct alm_figure_report *report, struct alm_err *e);

#endif
