/* SPDX-License-Identifier: GPL-3.0-or-later
 * import_print: what an import did, for people and for programs. */
#ifndef ALMANAC_CMD_IMPORT_PRINT_H
#define ALMANAC_CMD_IMPORT_PRINT_H

#include "cmd/cmd.h"
#include "traces/file/trace_file.h"

struct cmd_import_result {
    const char *importer, *output;
    const struct alm_trace_report *report;
    const struct alm_trace_summary *summary;
};

/* Print on stdout. ALM_EDATA when a name cannot stand in JSON, ALM_EIO when stdout refuses. */
int cmd_import_print(const struct cmd_import_result *r, enum cmd_format format, struct alm_err *e);

#endif
