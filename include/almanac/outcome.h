/* SPDX-License-Identifier: GPL-3.0-or-later
 * outcome: what became of an envelope: the feedback of the loop.
 *
 * Meaning.  Made by the loop when the next envelope of the unit is due, out of the samples stamped in (from, until].
 *           A censored outcome is a miss of unknown size, never a hit: usage stopped at the limit, demand did not. */
#ifndef ALMANAC_OUTCOME_H
#define ALMANAC_OUTCOME_H

#include "almanac/envelope.h"

struct alm_outcome {
    struct alm_envelope envelope;
    alm_time until;   /* where the samples end; may be before envelope.until when an event cut it short */
    uint32_t samples; /* 0: nothing was seen, nothing can be said */
    uint8_t seen;     /* ALM_BIT per resource: at least one value */
    uint8_t censored; /* ALM_BIT per resource */
    uint32_t oom_kills;
    double mean[ALM_RESOURCES]; /* time-weighted over the samples */
    double peak[ALM_RESOURCES];
    double p95[ALM_RESOURCES]; /* nearest rank; only of resources for which the envelope speaks of it */
};

/* The value that the envelope spoke of. */
static inline double alm_outcome_value(const struct alm_outcome *o, enum alm_resource r)
{
    if (o->envelope.p95 & ALM_BIT(r))
        return o->p95[r];
    return (o->envelope.peak & ALM_BIT(r)) ? o->peak[r] : o->mean[r];
}

#endif
