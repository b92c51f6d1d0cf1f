/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_print: what a fit found, for people and for programs. */
#ifndef ALMANAC_CMD_FIT_PRINT_H
#define ALMANAC_CMD_FIT_PRINT_H

#include "cmd/dump_rows.h"
#include "cmd/fit_diagnostics.h"

/* D: NULL when nobody asked. */
int fit_print(const struct series_fitted *f, const struct fit_diagnostics *d, enum cmd_format format,
              struct alm_err *e);

/* CSV with the columns name, value, standard_error; NaN is an empty field. */
int fit_rows_start(struct dump_rows *rows, struct alm_err *e);
int fit_rows_put(struct dump_rows *rows, const char *name, double value, double se, struct alm_err *e);

#endif
