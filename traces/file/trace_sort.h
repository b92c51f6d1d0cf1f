/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_sort: put rows into order in bounded memory: by (unit, time, arrival), or by (time, arrival).
 *
 * Meaning.  Rows are collected up to a budget, sorted, and set down as a run in an unlinked file beside the target; at
 *           the end the runs are merged. The order that comes out does not depend on the budget.
 * Limits.   2^32 units, 2^32 rows a run. Disk: 12 bytes a row and 8 for each of its columns in which the run has any
 *           value. */
#ifndef ALM_TRACE_SORT_H
#define ALM_TRACE_SORT_H

#include "almanac/error.h"
#include "almanac/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALM_SORT_VALUES 128u

struct alm__sort_row {
    alm_time at;
    uint32_t unit;
    double value[]; /* NaN when missing */
};

/* What rows are like: how many values each has (at most ALM_SORT_VALUES), and whether the unit comes before the time. */
struct alm__sort_shape {
    size_t values;
    bool by_unit;
};

struct alm__sort;

/* BESIDE is the path whose directory takes the runs. BUDGET in bytes. */
int alm__sort_open(const char *beside, struct alm__sort_shape shape, size_t budget, struct alm__sort **out,
                   struct alm_err *e);
int alm__sort_add(struct alm__sort *s, alm_time at, uint32_t unit, const double *value, struct alm_err *e);

/* From here on keep to BUDGET, which may be smaller than before. */
int alm__sort_limit(struct alm__sort *s, size_t budget, struct alm_err *e);

/* After the last row: get ready to hand them out. */
int alm__sort_start(struct alm__sort *s, struct alm_err *e);

/* The next row in order, valid until the next call, or ALM_END. */
int alm__sort_next(struct alm__sort *s, const struct alm__sort_row **out, struct alm_err *e);
void alm__sort_close(struct alm__sort *s); /* NULL is fine */

#endif
