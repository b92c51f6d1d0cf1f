/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_fleet: in what the units of a trace differ, as lists that the generator `usage` spreads over a fleet.
 *
 * Meaning.  levels   means over as many equal parts of the sorted unit means as there are units, at most 32; a unit counts
 *                    by its rows. Their mean is that of all rows. From four units on.
 *           jobs     of the units that have one, at most 32, evenly spread; units that have one in more resources come
 *                    first, so that the same place in the lists of two resources is mostly the same unit.
 *           spells   of units in which at least 0.5 % of the rows outside of the job are 0: how many, the mean of
 *                    their shares, and the mean length that gives their runs.
 * Choice.   A spell is seen by rows: with share z and length L a run is 1 / ((1 - z) (1 - exp(-row / (L (1 - z))))) rows in
 *           the mean, which is solved for L. */
#ifndef ALM_FIT_FLEET_H
#define ALM_FIT_FLEET_H

#include "almanac/option.h"
#include "fit_decompose.h"

#define ALM__FLEET_LEAST 4 /* units, for levels */

/* Of one resource. All zero: no units. */
struct alm__fleet {
    double *mean, *rows, *noise; /* of each unit; NaN, 0, NaN without values */
    struct alm__fit_jobs *jobs;
    double units, idle_units, idle_share, idle_rows, spells; /* units: that could be taken apart; the rest sums */
};

int alm__fleet_open(struct alm__fleet *f, size_t units, struct alm_err *e);
void alm__fleet_free(struct alm__fleet *f);

/* Unit U was taken apart into D, if it was GOOD: else only its mean counts. */
void alm__fleet_add(struct alm__fleet *f, size_t u, const struct alm__decomposed *d, bool good);

/* LEVELS over their mean MEAN; none when too few units have values, or all are 0. */
int alm__fleet_levels(const struct alm__fleet *f, size_t units, struct alm_numbers *levels, double *mean,
                      struct alm_err *e);

/* A job, and which of the units that have some it belongs to, from 1; noise: of that unit. */
struct alm__fleet_job {
    struct alm__fit_job job;
    double unit, noise;
};

/* Jobs of F among the ALM_RESOURCES fleets ALL; returns how many went into OUT[ALM_OPT_LIST]. SHARE: of the units. */
size_t alm__fleet_jobs(const struct alm__fleet *all, const struct alm__fleet *f, size_t units,
                       struct alm__fleet_job *out, double *share);

/* Median sd of the noise of units without jobs; of all where fewer than four have none. F has units. */
int alm__fleet_noise(const struct alm__fleet *f, size_t units, double *sd, struct alm_err *e);

struct alm__fit_idle {
    double units, share, length; /* shares; seconds; share 0: none */
};
struct alm__fit_idle alm__fleet_idle(const struct alm__fleet *f, double interval);

#endif
