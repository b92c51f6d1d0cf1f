/* SPDX-License-Identifier: GPL-3.0-or-later
 * info: what the parts of `almanac info` share: one JSON object is filled, then printed as it is or as text. */
#ifndef ALMANAC_CMD_INFO_H
#define ALMANAC_CMD_INFO_H

#include "almanac/error.h"

#include <jansson.h>

/* What is said of a file, in order; each list ends with NULL. */
extern const char *const cmd_info_texts[];
extern const char *const cmd_info_numbers[];
extern const char *const cmd_info_objects[]; /* attributes that are JSON themselves */

/* TEXT as a JSON string; when it is not UTF-8 every byte above 0x7f becomes '?'. */
json_t *cmd_info_text(const char *text);

/* Add to ROOT what the trace FILE looks like; all of its rows are read. */
int cmd_info_trace(const char *file, json_t *root, struct alm_err *e);

/* Add to ROOT how many cells the results FILE has; what contradicts itself in it is found. */
int cmd_info_results(const char *file, json_t *root, struct alm_err *e);

/* Print ROOT for people. */
void cmd_info_print(const json_t *root);

#endif
