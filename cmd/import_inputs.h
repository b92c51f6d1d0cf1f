/* SPDX-License-Identifier: GPL-3.0-or-later
 * import_inputs: the files that an import reads, and what is said of them in the trace. */
#ifndef ALMANAC_CMD_IMPORT_INPUTS_H
#define ALMANAC_CMD_IMPORT_INPUTS_H

#include "almanac/error.h"

#include <stddef.h>

struct cmd_inputs {
    char **path;
    size_t count, room;
};

/* Add PATH: a file, a pattern with * ? or [], or all files below a directory but for hidden ones and those that speak
 * of the data (README.md). ALM_EDATA when there is none. */
int cmd_inputs_add(struct cmd_inputs *in, const char *path, struct alm_err *e);

/* Sort as people number files (a2 before a10) and drop those given twice. */
void cmd_inputs_sort(struct cmd_inputs *in);

/* SHA-256 of the file, or for several one line "digest  name" each, as sha256sum prints. Allocated. */
int cmd_inputs_digest(const struct cmd_inputs *in, const volatile int *stop, char **out, struct alm_err *e);

void cmd_inputs_free(struct cmd_inputs *in);

/* The part of PATH after the last '/', not counting one at the end: what is stored of a path. Into OUT[256]. */
char *cmd_path_name(const char *path, char out[256]);

#endif
