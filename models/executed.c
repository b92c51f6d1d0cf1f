/* SPDX-License-Identifier: GPL-3.0-or-later
 * executed: see the header. */
#include "executed.h"

#include <math.h>

static bool tells(const struct alm_execution *x)
{
    return x->start != ALM_TIME_NONE &&
           (x->end == ALM_END_DONE || x->end == ALM_END_TIMEOUT || x->end == ALM_END_FAILED);
}

uint32_t executed_amounts(const struct alm_execution *x, uint32_t resources, double *y)
{
    const bool told = tells(x);
    const double seconds = told ? alm_seconds(x->finish - x->start) : 0;
    const bool alone = told && x->retries == 0 && seconds > 0;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        const double used = (double)x->usage[r] * (r == ALM_CPU ? 1e-6 : 1);
        const bool known = (resources & ALM_BIT(r)) && (r == ALM_MEMORY ? told : alone);
        y[r] = known ? (r == ALM_MEMORY ? used : used / seconds) : (double)NAN;
    }
    const int64_t limit = x->limit[ALM_MEMORY];
    const bool held = x->end == ALM_END_FAILED || (limit != ALM_NO_LIMIT && x->usage[ALM_MEMORY] > limit - ALM_PAGE);
    return (x->throttled | (held ? ALM_BIT(ALM_MEMORY) : 0)) & resources;
}
