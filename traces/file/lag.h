/* SPDX-License-Identifier: GPL-3.0-or-later
 * lag: how much a unit's rows are like those one interval and one day before.
 *
 * Meaning.  r = sum (x-m)(y-m) / sqrt(sum (x-m)^2 sum (y-m)^2) over the pairs (x, y) of rows of one unit that lie the lag
 *           apart; m is the unit's mean. A row's partner is the one nearest to the lag before it, at most half an
 *           interval off; a pair with a missing value does not count.
 * Choice.   Sums over the pairs alone keep r within [-1, 1] whatever is missing. Rows are kept in a ring for one day, so
 *           memory does not grow with the trace. It has room for many more than an interval apart: a unit may be seen
 *           more often than the others.
 * Limits.   The ring holds at most ALM__LAG_ROWS rows: in a denser trace no pairs are a day apart. No daily lag where the
 *           interval is longer than a day.
 * Source.   Box, Jenkins (1976), section 2.1: the autocorrelation function. */
#ifndef ALMANAC_TRACES_LAG_H
#define ALMANAC_TRACES_LAG_H

#include "almanac/error.h"
#include "almanac/resource.h"
#include "almanac/time.h"

#include <stddef.h>
#include <stdint.h>

#define ALM__LAG_ROWS ((size_t)100000)
#define ALM__LAG_PAIRS 30 /* fewer say nothing: the error of r is about 1 / sqrt(pairs) */

enum { ALM__LAG_STEP, ALM__LAG_DAY, ALM__LAGS };

struct alm__lag;

/* For units with rows INTERVAL apart; RESOURCES as in struct alm_demand. */
int alm__lag_open(alm_time interval, uint32_t resources, struct alm__lag **out, struct alm_err *e);
void alm__lag_close(struct alm__lag *l); /* NULL is fine */

/* Begin a unit whose resources have these means; NaN: not wanted. */
void alm__lag_unit(struct alm__lag *l, const double mean[ALM_RESOURCES]);

/* The next N rows of the unit; VALUE[r] NULL for a resource that is not there. */
void alm__lag_add(struct alm__lag *l, const alm_time *at, const double *const value[ALM_RESOURCES], size_t n);

/* The unit's r at lag WHICH; NaN with too few pairs or without variance. */
double alm__lag_value(const struct alm__lag *l, int which, int resource);

#endif
