/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump_behaviour: the records of behaviour of a trace as rows for people, with the names of units and functions. */
#ifndef ALMANAC_CMD_DUMP_BEHAVIOUR_H
#define ALMANAC_CMD_DUMP_BEHAVIOUR_H

#include "cmd/dump_rows.h"

/* Write the behaviour in trace FILE to W, only that of UNIT unless that is NULL, only columns CHOICE unless that is NULL.
 * ALM_EINVAL when there is none, or no such unit or column; ALM_EDATA when what is read cannot be. */
int dump_behaviour(const char *file, const char *unit, const char *choice, struct dump_rows *w, struct alm_err *e);

#endif
