/* SPDX-License-Identifier: GPL-3.0-or-later
 * unit: what gets an allocation of its own (a container, a VM, a function instance, a process group). */
#ifndef ALMANAC_UNIT_H
#define ALMANAC_UNIT_H

#include "almanac/time.h"

#include <stddef.h>
#include <stdint.h>

#define ALM_UNIT_NAME 128

struct alm_unit {
    char name[ALM_UNIT_NAME];
    char code[ALM_UNIT_NAME]; /* code_id: what the unit runs; "" when not known */
    double cores;             /* capacity or request, NaN when not known */
    double memory;            /* bytes, NaN when not known */
    alm_time first, last;     /* stamps of the first and the last sample; ALM_TIME_MAX while it lives */
};

/* The units a module call is about: parallel arrays of COUNT.
 * id      index of each unit among all units of the loop, ascending
 * state   base of the module's state; that of unit i lies at state + id[i] * stride. Zeroed before init.
 * shared  what the units of the run share, where the table has `shared_size`; zeroed before init, NULL without it
 * opt     the module's resolved options
 * env     what the module may know of its surroundings */
struct alm_env;
struct alm_units {
    size_t count;
    const uint32_t *id;
    char *state;
    size_t stride;
    void *shared;
    const void *opt;
    const struct alm_env *env;
};

static inline void *alm_unit_state(const struct alm_units *u, size_t i)
{
    return u->state + (size_t)u->id[i] * u->stride;
}

#endif
