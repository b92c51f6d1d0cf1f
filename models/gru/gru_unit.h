/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_unit: what a network remembers of one unit: hidden numbers and a ring of what was seen.
 *
 * Meaning.  Plain bytes, gru_unit_size() of them; zero is a unit of which nothing was seen. The ring is a gapless series of intervals, oldest
 *           ones overwritten; network and training read the same.
 * Choice.   The ring is kept for each unit, in single precision, 28 bytes an interval; not a pool of windows: so a unit that is saved brings its
 *           own history along, and new weights can go through it again. */
#ifndef ALM_MODELS_GRU_UNIT_H
#define ALM_MODELS_GRU_UNIT_H

#include "almanac/unit.h"

#include "gru_plan.h"
#include "gru_series.h"
#include "target.h"

struct gru_unit {
    int64_t slot;        /* of the newest interval */
    uint64_t count;      /* intervals seen, those overwritten too */
    uint32_t behind;     /* newest intervals that the hidden numbers have not gone through */
    uint32_t generation; /* of the weights behind `hidden`; 0: none */
    uint32_t next;       /* who waits after it for the network, id + 1; 0: no one */
    uint8_t answers;     /* ALM_BIT per resource that `lower` and `upper` speak of */
    uint8_t held;        /* ALM_BIT per resource: the newest value was a lower bound */
    struct gru_track track[GRU_RESOURCES];
    double lower[GRU_RESOURCES], upper[GRU_RESOURCES]; /* quantiles of the next change, in spreads */
    double hidden[];                                   /* then the ring, then the target */
};

size_t gru_unit_size(const struct gru_plan *p, const struct alm_env *env);
struct target *gru_unit_target(const struct gru_plan *p, struct gru_unit *unit);

/* How many intervals the ring holds, and the one AGE before the newest. */
size_t gru_unit_stored(const struct gru_plan *p, const struct gru_unit *unit);
const struct gru_seen *gru_unit_seen(const struct gru_plan *p, const struct gru_unit *unit, size_t age);

/* The next interval that closed. */
void gru_unit_put(const struct gru_plan *p, struct gru_unit *unit, const struct target_value *v);

/* Whether these can be the bytes of a unit. */
bool gru_unit_sound(const struct gru_plan *p, const struct alm_env *env, const struct gru_unit *unit);

#endif
