/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_resample: see the header. */
#include "trace_resample.h"

#include <math.h>

void alm__resample_add(struct alm__resample *s, uint32_t unit, alm_time at, const double *value)
{
    s->unit = unit;
    s->at = at;
    s->rows++;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (isnan(value[r]))
            continue;
        s->count[r]++;
        s->sum[r] = r == ALM_MEMORY ? fmax(s->sum[r], value[r]) : s->sum[r] + value[r];
    }
}

void alm__resample_take(struct alm__resample *s, double value[ALM_RESOURCES])
{
    for (int r = 0; r < ALM_RESOURCES; r++) {
        const double mean = s->sum[r] / (double)s->count[r];
        value[r] = s->count[r] == 0 ? (double)NAN : r == ALM_CPU ? mean : s->sum[r];
    }
    *s = (struct alm__resample){0};
}
