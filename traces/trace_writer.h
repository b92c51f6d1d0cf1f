/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_writer: what the two halves of writing a trace share: collecting units and rows, and setting the file down. */
#ifndef ALM_TRACE_WRITER_H
#define ALM_TRACE_WRITER_H

#include "almanac/table.h"
#include "trace_file.h"
#include "trace_sort.h"

/* |stamps| stay below this, so that differences cannot overflow; nor can amounts as integers. */
#define ALM_STAMP_MOST ((alm_time)4000000000000000000)
#define ALM_VALUE_MOST 4e18

struct alm__trace_unit {
    struct alm_unit unit;
    alm_time newest; /* stamp of the row added last */
    uint64_t rows;   /* in the file; counted at commit */
};

struct alm_trace_writer {
    struct alm_trace_sink sink; /* first: a sink is its writer */
    struct alm_trace_report report;
    struct alm_trace_summary summary;
    char *path, *time_origin;
    struct alm__trace_unit *unit;
    size_t units, units_room;
    uint32_t *hash; /* unit number + 1 by name; 0: empty */
    size_t hash_room;
    struct alm__sort *sort;
    struct alm_table *table;
    uint64_t pushed;
    alm_time interval, earliest;
    bool committed;
};

/* The file's path of column NAME of group GROUP and how RESOURCE is stored. */
struct alm__usage_column {
    const char *path, *unit, *long_name;
    enum alm_column_type type;
};
const struct alm__usage_column *alm__usage_column(enum alm_resource r);

#endif
