/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_inputs_print: a fit of `inputs`, for people and for programs. */
#ifndef ALMANAC_CMD_FIT_INPUTS_PRINT_H
#define ALMANAC_CMD_FIT_INPUTS_PRINT_H

#include "cmd/series_job.h"
#include "models/regression/conditional.h"

#define FIT_INPUTS_STEPS 5

struct fit_inputs {
    double tau, resolution;
    struct series_table table; /* the first column is the response */
    double *x;                 /* [rows * k], k one less than the columns */
    double *middle;            /* [k]: a row in the middle: medians, the commonest levels */
    double *row, *weight;      /* [k]; row: to ask with */
    struct conditional *model;
    struct conditional_report report;
    char words[800];
    size_t by, steps;            /* the input of the quantiles shown; k: none */
    double at[FIT_INPUTS_STEPS]; /* values of it */
    double stated;               /* at tau, there in the middle; less than tau where rows are too few */
};

/* The quantile P with the input shown at VALUE and the others in their middle. */
double fit_inputs_quantile(const struct fit_inputs *f, double value, double p);

int fit_inputs_print(const struct fit_inputs *f, enum cmd_format format, struct alm_err *e);

#endif
