/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_resample: rows of one unit, in order of time, gathered into rows of a longer interval.
 *
 * Meaning.  All rows stamped in (at - step, at], with `at` a multiple of the step, become one row at `at`: the mean of CPU, the largest
 *           of memory, the sum of bytes of I/O and network, each over the rows that have the value; missing where none has.
 * Choice.   Each row counts the same, as in avg_over_time of Prometheus: how long a row of an irregular trace stands for is not known.
 * Limits.   Rows of a longer interval than the step are not cut: their stamps alone move. */
#ifndef ALM_TRACE_RESAMPLE_H
#define ALM_TRACE_RESAMPLE_H

#include "almanac/resource.h"
#include "almanac/time.h"

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: nothing was gathered. */
struct alm__resample {
    uint32_t unit;
    alm_time at;
    uint64_t rows, count[ALM_RESOURCES];
    double sum[ALM_RESOURCES];
};

static inline bool alm__resample_any(const struct alm__resample *s)
{
    return s->rows > 0;
}

/* Add the values of a row that belongs to the row of UNIT at AT; what was gathered for another was taken before. */
void alm__resample_add(struct alm__resample *s, uint32_t unit, alm_time at, const double *value);

/* The gathered row; S is empty afterwards. */
void alm__resample_take(struct alm__resample *s, double value[ALM_RESOURCES]);

#endif
