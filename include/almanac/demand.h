/* SPDX-License-Identifier: GPL-3.0-or-later
 * demand: what units would use if unlimited. The truth.
 *
 * Meaning.  Row k of a unit is constant over (at[k] - span[k], at[k]].
 * Choice.   Only trace readers, the simulated platform and modules flagged ALM_F_ORACLE may include this header;
 *           scripts/checks/floors refuses everybody else. Readers are asked for blocks of rows, so memory is bounded by
 *           units, not by the length of a trace. */
#ifndef ALMANAC_DEMAND_H
#define ALMANAC_DEMAND_H

#include "almanac/behaviour.h"
#include "almanac/error.h"
#include "almanac/resource.h"
#include "almanac/trace.h"
#include "almanac/unit.h"

/* Parallel arrays with room for the rows asked for; a NULL array is not wanted. */
struct alm_demand_rows {
    alm_time *at;
    alm_time *span;
    double *value[ALM_RESOURCES]; /* cores, bytes, then bytes over the span; NaN when missing */
};

/* Mean cores of a row as a platform can show them: a whole number of microseconds of CPU time over SPAN. Whoever compares
 * demand with usage rounds it so, or meets differences of 1e-9 cores that mean nothing. */
static inline double alm_demand_cores_over(double cores, double span_us) /* for callers with many rows of one span */
{
    const double round = 0x1.8p52,
                 x = cores * span_us; /* adding a number that has no fraction rounds as nearbyint does */
    return (x > 0 && x < 0x1p51 ? x + round - round : __builtin_nearbyint(x)) / span_us;
}

static inline double alm_demand_cores(double cores, alm_time span)
{
    return alm_demand_cores_over(cores, (double)span / (double)ALM_US);
}

struct alm_demand {
    const struct alm_unit *unit;
    const uint64_t *rows; /* per unit */
    size_t units;
    alm_time interval;  /* nominal */
    uint32_t resources; /* ALM_BIT: columns that exist */

    /* Copy rows [first, first + n) of UNIT (an index here); they must exist. Safe from several threads. */
    int (*read)(const struct alm_demand *self, size_t unit, uint64_t first, size_t n, const struct alm_demand_rows *out,
                struct alm_err *e);
    void *owner;
};

/* Invocations, sorted by arrival. */
struct alm_invocation_rows { /* parallel arrays with room for the rows asked for; a NULL array is not wanted */
    alm_time *arrival;
    uint32_t *unit; /* index among the units of the demand beside */
    double *value[ALM_INVOCATION_FIELDS];
    double *input[ALM_INPUTS];
};

struct alm_invocations {
    uint64_t count;
    uint32_t fields; /* bits 1 << enum alm_invocation_field: columns that exist */
    size_t inputs;
    const struct alm_input *input;
    const char *const *const *word; /* per input: the words of a category; NULL for a number */
    const size_t *words;            /* per input: how many */
    const char *platform;           /* JSON, or NULL */

    /* Copy invocations [first, first + n); they must exist. What has no column is NaN. Safe from several threads. */
    int (*read)(const struct alm_invocations *self, uint64_t first, size_t n, const struct alm_invocation_rows *out,
                struct alm_err *e);
    void *owner;
};

/* Behaviour records, sorted by unit, time, function. */
struct alm_behaviours {
    uint64_t count;
    size_t functions;
    const char *const *function; /* [functions], the first is "" */
    const uint64_t *first;       /* [units + 1]: where the records of each unit begin */

    /* Copy records [first, first + n); they must exist. Safe from several threads. */
    int (*read)(const struct alm_behaviours *self, uint64_t first, size_t n, struct alm_behaviour *out,
                struct alm_err *e);
    void *owner;
};

#endif
