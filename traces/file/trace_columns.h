/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_columns: how the columns of a trace file are named and stored; for writing and for reading. */
#ifndef ALM_TRACE_COLUMNS_H
#define ALM_TRACE_COLUMNS_H

#include "almanac/resource.h"
#include "almanac/table.h"
#include "almanac/trace.h"

/* |stamps| stay below this, so that differences cannot overflow; nor can amounts as integers. */
#define ALM_STAMP_MOST ((alm_time)4000000000000000000)
#define ALM_VALUE_MOST 4e18

#define ALM_UNIT_DIMENSION "/units/unit"
#define ALM_USAGE_DIMENSION "/usage/row"
#define ALM_BEHAVIOUR_DIMENSION "/behaviour/record"
#define ALM_FUNCTION_DIMENSION "/functions/function"
#define ALM_INVOCATION_DIMENSION "/invocation" /* of the root, since two groups share it */

/* Spans stay below this (104 days), so that a double holds them exactly. */
#define ALM_SPAN_MOST ((alm_time)1 << 53)

struct alm__trace_column {
    const char *name, *path, *unit, *long_name;
    enum alm_column_type type;
};

/* Amounts of bytes are whole numbers, so they are stored as such. */
const struct alm__trace_column *alm__usage_column(enum alm_resource r);
const struct alm__trace_column *alm__invocation_column(enum alm_invocation_field f);
const struct alm__trace_column *alm__behaviour_column(enum alm_behaviour_field f);

/* Can V be the value of field F, or is it missing? A share is at most 1. */
bool alm__behaviour_sound(enum alm_behaviour_field f, double v);

#endif
