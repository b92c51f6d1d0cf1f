/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_grid: the rows of one unit on a regular grid.
 *
 * Meaning.  Slot k holds the row whose stamp is nearest to first + k interval; NaN where there is none. Resources that the
 *           trace does not have are NULL. One unit is in memory at a time. */
#ifndef ALM_FIT_GRID_H
#define ALM_FIT_GRID_H

#include "almanac/demand.h"

#include <stddef.h>

#define ALM__GRID_SLOTS ((size_t)1 << 24)

struct alm__grid {
    size_t count, room;
    alm_time first, interval; /* the end of slot 0 */
    double *value[ALM_RESOURCES];
    double *scratch; /* as long as the values */
};

/* Read UNIT into S, which is zero before the first use. ALM_EUNSUPPORTED when it spans more than ALM__GRID_SLOTS. */
int alm__grid_read(struct alm__grid *s, const struct alm_demand *d, size_t unit, struct alm_err *e);
void alm__grid_free(struct alm__grid *s);

/* The Q-quantile of the values of X[N] that are not NaN, by linear interpolation; SCRATCH holds N; NaN without values.
 * Several quantiles Q[QS] at once. */
void alm__quantiles(const double *x, size_t n, const double *q, size_t qs, double *out, double *scratch);

/* Sort ascending; no NaN. */
void alm__sort(double *x, size_t n);

#endif
