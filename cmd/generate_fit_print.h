/* SPDX-License-Identifier: GPL-3.0-or-later
 * generate_fit_print: a comparison of two traces as a table or as JSON ("almanac.generate-fit/1"). */
#ifndef ALMANAC_CMD_GENERATE_FIT_PRINT_H
#define ALMANAC_CMD_GENERATE_FIT_PRINT_H

#include "cmd/cmd.h"
#include "traces/fit/fit_compare.h"

struct cmd_fit_result {
    const char *trace, *output, *generator;
    int64_t seed;
    const struct alm_fit_report *report;
};

int cmd_fit_print(const struct cmd_fit_result *r, enum cmd_format format, struct alm_err *e);

#endif
