/* SPDX-License-Identifier: GPL-3.0-or-later
 * normal_range: the range of K standard normals: the studentized range with infinitely many degrees of freedom.
 *
 * Meaning.  Accurate to 1e-8 of the tail, which may be small, and of the quantile. NaN below K = 2 and where P is no
 *           probability. */
#ifndef ALM_STATISTICS_NORMAL_RANGE_H
#define ALM_STATISTICS_NORMAL_RANGE_H

#include <stddef.h>

double normal_range_quantile(double p, size_t k);
double normal_range_tail(double q, size_t k); /* P(range > q) */

#endif
