/* SPDX-License-Identifier: GPL-3.0-or-later
 * arrival_counts: how many invocations of a recorded trace arrive in each step of time. */
#ifndef ALM_TRACES_ARRIVAL_COUNTS_H
#define ALM_TRACES_ARRIVAL_COUNTS_H

#include "almanac/error.h"
#include "almanac/time.h"

#include <stdbool.h>
#include <stddef.h>

/* Is PATH an HDF5 file? */
bool alm_arrival_is_trace(const char *path);

/* Counts of the invocations of the unit UNIT ("": of all) of the trace file PATH, in steps of STEP from the step of the
 * first of them to that of the last: OUT[N], which the caller frees. Steps begin at multiples of STEP. ALM_EDATA when the trace has no
 * such invocations; ALM_EINVAL when they span more than 10 million steps. */
int alm_arrival_counts(const char *path, const char *unit, alm_time step, double **out, size_t *n, struct alm_err *e);

#endif
