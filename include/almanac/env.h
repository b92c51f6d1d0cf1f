/* SPDX-License-Identifier: GPL-3.0-or-later
 * env: what a module may know of its surroundings. Constant during a run.
 *
 * Choice.   `demand` is the only way to the truth. The core sets it for modules flagged ALM_F_ORACLE alone; its type is
 *           known only to those who may include demand.h, and a check in CI refuses everybody else. */
#ifndef ALMANAC_ENV_H
#define ALMANAC_ENV_H

#include "almanac/time.h"

#include <stddef.h>
#include <stdint.h>

struct alm_demand;
struct alm_input;

struct alm_env {
    uint64_t seed;
    alm_time interval;               /* between decisions */
    alm_time sample_interval;        /* nominal, between samples of a unit */
    uint32_t resources;              /* ALM_BIT of each resource the platform can show */
    const struct alm_input *input;   /* [inputs]: the input parameters of invocations, as in alm_start */
    size_t inputs;                   /* 0: the platform runs no invocations, or they have none */
    size_t functions;                /* how many a behaviour record may speak of; 0: there are no records */
    const char *const *function;     /* [functions]: their names; the first is "" */
    const uint32_t *code;            /* [units]: number of what each unit runs, equal for units of one code, from 0 */
    size_t units, codes;             /* of the run */
    const struct alm_demand *demand; /* NULL unless the module is an oracle */
};

#endif
