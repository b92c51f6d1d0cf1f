/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_quantile: `almanac fit quantile-regression`: one column of a table given the others. */
#ifndef ALMANAC_CMD_FIT_QUANTILE_H
#define ALMANAC_CMD_FIT_QUANTILE_H

#include "almanac/option.h"
#include "cmd/cmd.h"
#include "cmd/series_table.h"

extern const struct alm_opt fit_quantile_opts[];

/* OPTIONS is what follows `quantile-regression:`. Prints; coefficients are called as the columns are. */
int fit_quantile(const char *options, const struct series_wish *wish, enum cmd_format format, struct alm_err *e);

#endif
