/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump_table: any group of any of our files as rows for people: names for unit numbers, seconds for nanoseconds. */
#ifndef ALMANAC_CMD_DUMP_TABLE_H
#define ALMANAC_CMD_DUMP_TABLE_H

#include "almanac/table.h"
#include "cmd/dump_rows.h"

/* Write group NAME of T to W, only the rows of UNIT unless that is NULL, only columns CHOICE unless that is NULL.
 * ALM_EINVAL with what there is when T has no such group, unit or column. Memory: a block, and the names of units. */
int dump_table(struct alm_table *t, const char *name, const char *unit, const char *choice, struct dump_rows *w,
               struct alm_err *e);

#endif
