/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump_invocations: the invocations of a trace as rows for people: with their inputs, and words for categories. */
#ifndef ALMANAC_CMD_DUMP_INVOCATIONS_H
#define ALMANAC_CMD_DUMP_INVOCATIONS_H

#include "cmd/dump_rows.h"

/* Write TABLE of trace FILE, "invocations" or of these the "inputs" alone, to W, only those of UNIT unless that is NULL,
 * only columns CHOICE unless that is NULL. ALM_EINVAL when there are none, or no such unit or column; ALM_EDATA when what
 * is read cannot be. */
int dump_invocations(const char *file, const char *table, const char *unit, const char *choice, struct dump_rows *w,
                     struct alm_err *e);

#endif
