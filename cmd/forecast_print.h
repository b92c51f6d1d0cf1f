/* SPDX-License-Identifier: GPL-3.0-or-later
 * forecast_print: a forecast for people and for programs. */
#ifndef ALMANAC_CMD_FORECAST_PRINT_H
#define ALMANAC_CMD_FORECAST_PRINT_H

#include "cmd/series_job.h"

/* LEVEL_TEXT[levels]: "80", "99.9", as they are called in keys and columns. */
int forecast_print(const struct series_fitted *f, const struct series_forecast *forecast, const char (*level_text)[16],
                   enum cmd_format format, struct alm_err *e);

#endif
