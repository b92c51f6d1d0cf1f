/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_inputs: `almanac fit inputs`: one column of a table given the others by the model that predictor `inputs` chooses for an amount
 * given input parameters; which it is, and why. */
#ifndef ALMANAC_CMD_FIT_INPUTS_H
#define ALMANAC_CMD_FIT_INPUTS_H

#include "almanac/option.h"
#include "cmd/series_job.h"

extern const struct alm_opt fit_inputs_opts[];

/* OPTIONS is what follows `inputs:`. Prints, and draws when Q wants a figure. */
int fit_inputs(const char *options, const struct series_request *q, struct alm_err *e);

#endif
