/* SPDX-License-Identifier: GPL-3.0-or-later
 * import_print: what an import did, for people and for programs; and how instants are shown. */
#ifndef ALMANAC_CMD_IMPORT_PRINT_H
#define ALMANAC_CMD_IMPORT_PRINT_H

#include "almanac/time.h"
#include "cmd/cmd.h"
#include "traces/trace_file.h"

#include <stdio.h>

struct cmd_import_result {
    const char *importer, *output;
    const struct alm_trace_report *report;
    const struct alm_trace_summary *summary;
};

/* Returns 0, or ALM_ENOMEM. */
int cmd_import_print(const struct cmd_import_result *r, enum cmd_format format, struct alm_err *e);

/* "2013-08-12T13:40:46Z", or "86400 s" where the trace has no calendar, into OUT[40]. Returns OUT. */
char *cmd_instant(alm_time t, bool calendar, char out[40]);

/* "cpu, memory" for the resources in MASK, into OUT[96]. Returns OUT. */
char *cmd_resources(uint32_t mask, char out[96]);

#endif
