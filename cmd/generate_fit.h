/* SPDX-License-Identifier: GPL-3.0-or-later
 * generate_fit: a specification fitted to a trace, and how like that trace is what it makes. */
#ifndef ALMANAC_CMD_GENERATE_FIT_H
#define ALMANAC_CMD_GENERATE_FIT_H

#include "cmd/cmd.h"

struct cmd_fit_options {
    const char *trace, *output;
    const char *as;   /* a generator; NULL: usage where the trace has rows, else invocations */
    const char *plot; /* NULL: no figure */
    const char *seed; /* of the trace that is compared; NULL: that of the specification */
    enum cmd_format format;
    bool quiet;
};

int cmd_generate_fit(const struct cmd_fit_options *o, struct alm_err *e);

#endif
