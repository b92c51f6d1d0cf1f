/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_sort: put rows into the order (unit, time, arrival) in bounded memory.
 *
 * Meaning.  Rows are collected up to a budget, sorted, and set down as a run in an unlinked file beside the target; at
 *           the end the runs are merged. The order that comes out does not depend on the budget.
 * Limits.   2^32 units, 2^32 rows a run. Disk: 12 bytes a row and 8 for each resource that the run has. */
#ifndef ALM_TRACE_SORT_H
#define ALM_TRACE_SORT_H

#include "almanac/error.h"
#include "almanac/resource.h"
#include "almanac/time.h"

#include <stddef.h>
#include <stdint.h>

struct alm__sort_row {
    alm_time at;
    uint32_t unit;
    uint32_t order; /* of arrival in the run: filled here */
    double value[ALM_RESOURCES];
};

struct alm__sort;

/* BESIDE is the path whose directory takes the runs. BUDGET in bytes. */
int alm__sort_open(const char *beside, size_t budget, struct alm__sort **out, struct alm_err *e);
int alm__sort_add(struct alm__sort *s, const struct alm__sort_row *row, struct alm_err *e);

/* After the last row: get ready to hand them out. */
int alm__sort_start(struct alm__sort *s, struct alm_err *e);

/* The next row in order, or ALM_END. */
int alm__sort_next(struct alm__sort *s, struct alm__sort_row *out, struct alm_err *e);
void alm__sort_close(struct alm__sort *s);

#endif
