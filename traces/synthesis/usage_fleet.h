/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_fleet: in what the units of a fleet differ: levels from a list of quantiles, who has a part, in which order.
 *
 * Meaning.  Order i of n units by a random draw is stratum i: a quantity that is read off its distribution function at
 *           (i + 1/2) / n is spread over the units as over the distribution, whatever the luck of a few draws.
 * Choice.   Quantiles are taken at (k + 1/2) / m and joined by straight lines, so that their mean is the mean of the
 *           distribution.
 * Limits.   Strata depend on how many units there are: one more moves the others a little. Memory: 12 bytes a unit and
 *           quantity. */
#ifndef ALM_USAGE_FLEET_H
#define ALM_USAGE_FLEET_H

#include "almanac/error.h"
#include "almanac/option.h"

#include <stdint.h>

/* RANK[i] becomes the place of DRAW[i] among the N, from 0; equal draws keep their order. */
int alm__usage_rank(const double *draw, size_t n, uint32_t *rank, struct alm_err *e);

/* The quantile of stratum RANK of N in LIST, which is ascending and not empty. */
double alm__usage_quantile(const struct alm_numbers *list, uint32_t rank, size_t n);

/* How many of N units a SHARE is: the nearest whole number. */
size_t alm__usage_count(double share, size_t n);

#endif
