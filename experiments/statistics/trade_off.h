/* SPDX-License-Identifier: GPL-3.0-or-later
 * trade_off: slack against harm: which policies nobody would choose, and how far apart two curves are.
 *
 * Meaning.  A point is dominated when another is no worse in both and better in one. A curve is the lower left frontier of the points
 *           of one policy family; the area between two curves is over the harms that both reach, by steps (a policy between two
 *           settings cannot be had), A minus B: negative means that A needs less slack. With one harm in common it is the
 *           difference there.
 * Choice.   Equal points do not dominate each other. A curve ends with its last point: what lies beyond was not tried. Points
 *           that are not finite are on no curve.
 * Source.   Rzadca et al., "Autopilot", EuroSys'20, figures of slack against OOM rate; Pareto dominance. */
#ifndef ALM_STATISTICS_TRADE_OFF_H
#define ALM_STATISTICS_TRADE_OFF_H

#include "almanac/error.h"

#include <stdbool.h>
#include <stddef.h>

struct trade_off_point {
    double slack, harm; /* both better when smaller */
};

/* DOMINATED[n]. NaN points are dominated. O(n log n). ALM_ENOMEM. */
int trade_off_dominated(const struct trade_off_point *p, size_t n, bool *dominated, struct alm_err *e);

/* Area per unit of harm, i.e. the mean difference of slack; NaN where they reach no harm in common. ALM_ENOMEM, and
 * then OUT stays as it was. O(n log n). */
int trade_off_area(const struct trade_off_point *a, size_t n, const struct trade_off_point *b, size_t m, double *out,
                   struct alm_err *e);

#endif
