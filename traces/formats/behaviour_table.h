/* SPDX-License-Identifier: GPL-3.0-or-later
 * behaviour_table: a table of behaviour in text: time, unit, function, span and a column for each field that is known.
 *
 * Meaning.  A file named NAME.behaviour.csv (.tsv, .txt, packed or not) holds one. The names of fields are those of
 *           ALM_BEHAVIOUR_FIELD_LIST, their units are seconds, bytes and shares; an empty function is the unit as a whole. */
#ifndef ALMANAC_TRACES_BEHAVIOUR_TABLE_H
#define ALMANAC_TRACES_BEHAVIOUR_TABLE_H

#include "almanac/behaviour.h"
#include "text/delimited.h"

#include <stdbool.h>

enum { ALM__TABLE_TIME, ALM__TABLE_UNIT, ALM__TABLE_FUNCTION, ALM__TABLE_SPAN, ALM__TABLE_FIELDS };
#define ALM__TABLE_COLUMNS (ALM__TABLE_FIELDS + ALM_BEHAVIOUR_FIELDS)

/* Does the name of this file say that it holds behaviour? Then UNIT, its alm_file_unit, loses the ".behaviour". */
bool alm__behaviour_named(const char *path, char unit[ALM_FILE_NAME]);

/* The columns of header H, -1 for one that is not there; TIME and UNIT are the names of two, NULL when there is none. *LEAST
 * gets the fields that a row must have. ALM_EDATA for a column that is nearly called as one of them, and without time or
 * any field. REPORT is told which columns are not read. */
int alm__behaviour_columns(const struct alm_delimited *d, const struct alm_header *h, const char *time,
                           const char *unit, long column[ALM__TABLE_COLUMNS], size_t *least,
                           struct alm_trace_report *report, struct alm_err *e);

#endif
