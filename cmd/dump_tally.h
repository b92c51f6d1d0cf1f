/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump_tally: what a run keeps of all units together, by day and by stated confidence, as rows for people. */
#ifndef ALMANAC_CMD_DUMP_TALLY_H
#define ALMANAC_CMD_DUMP_TALLY_H

#include "almanac/table.h"
#include "cmd/dump_rows.h"

/* Is table NAME one of those? */
bool dump_tally_has(const char *name);

/* Write table NAME, "days" or "reliability", of the run file T to W, only columns CHOICE unless that is NULL. ALM_NOT_YET when T has
 * none, being older; ALM_EINVAL for a column that is not there; ALM_EDATA when what is read cannot be. */
int dump_tally(struct alm_table *t, const char *name, const char *choice, struct dump_rows *w, struct alm_err *e);

#endif
