/* SPDX-License-Identifier: GPL-3.0-or-later
 * placement: a number of calls in a period of time into single calls: when each begins, and which are kept.
 *
 * Meaning.  uniform  each call at its own uniform instant of the period, as a Poisson process would given the number
 *           even     call k of n at (k + 1/2) / n of the period
 *           start    all at the beginning of the period
 *           share    each call is kept with this probability: the calls of a smaller share are among those of a larger
 *                    one, at the same instants
 * Choice.   What is drawn for a call depends on the seed, on what is called (a hash of its names), on the number of the
 *           period and of the call; not on the order of files, nor on what else is imported.
 * Source.   Kingman, Poisson Processes (1993), section 2.4: given the number, points are independent and uniform. */
#ifndef ALM_TRACES_PLACEMENT_H
#define ALM_TRACES_PLACEMENT_H

#include "almanac/option.h"
#include "almanac/stream.h"
#include "almanac/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALM_CALLS_MOST 10000000 /* calls in one period that may be believed at all */

struct alm_placement {
    int rule;
    int64_t seed, most;
    double share;
};

/* Rows of options; TYPE has a member `struct alm_placement placement`. */
#define ALM_PLACEMENT_AT(type, member) offsetof(type, placement) + offsetof(struct alm_placement, member)
#define ALM_PLACEMENT_OPTIONS(type)                                                                                    \
    {"placement",                                                                                                      \
     ALM_OPT_CHOICE,                                                                                                   \
     ALM_PLACEMENT_AT(type, rule),                                                                                     \
     "uniform",                                                                                                        \
     0,                                                                                                                \
     0,                                                                                                                \
     "uniform|even|start",                                                                                             \
     "where in its period a counted call begins"},                                                                     \
        {"seed", ALM_OPT_INTEGER, ALM_PLACEMENT_AT(type, seed), "1", 0, 9e15, NULL, "of all that is drawn"},           \
        {"share",                                                                                                      \
         ALM_OPT_FRACTION,                                                                                             \
         ALM_PLACEMENT_AT(type, share),                                                                                \
         "1",                                                                                                          \
         0,                                                                                                            \
         1,                                                                                                            \
         NULL,                                                                                                         \
         "keep each call with this probability"},                                                                      \
    {                                                                                                                  \
        "most", ALM_OPT_INTEGER, ALM_PLACEMENT_AT(type, most), "1000000", 1, ALM_CALLS_MOST, NULL,                     \
            "calls in one period that are believed"                                                                    \
    }

/* The hash of a name, joined to what was hashed BEFORE (0 at first). */
uint64_t alm_identity(uint64_t before, const char *at, size_t size);

/* COUNT calls of what IDENTITY stands for, in period NUMBER: [start, start + length), length > 0. */
struct alm_calls {
    const struct alm_placement *placement;
    uint64_t entity, count;
    alm_time start, length;
};
struct alm_calls alm_calls_of(const struct alm_placement *p, uint64_t identity, uint64_t number, alm_time start,
                              alm_time length, uint64_t count);

/* One call: when it begins, and a uniform number in (0, 1) for what else is drawn of it. */
struct alm_call {
    alm_time at;
    double draw;
};

/* Call K < count; false: it is not kept. cost: about 40 ns. */
bool alm_calls_get(const struct alm_calls *c, uint64_t k, struct alm_call *out);

/* A uniform number in (0, 1) that belongs to the period, not to a call. */
double alm_calls_draw(const struct alm_calls *c, const char *purpose);

#endif
