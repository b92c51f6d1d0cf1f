/* SPDX-License-Identifier: GPL-3.0-or-later
 * moments: mean and standard deviation of a few values, without overflow and without noise where they are all equal. */
#ifndef ALM_STATISTICS_MOMENTS_H
#define ALM_STATISTICS_MOMENTS_H

#include <stddef.h>

struct moments {
    double mean, sd; /* sd by n - 1; exactly 0 where all values are equal */
};

/* NaN: the mean of none, the sd of fewer than two, both where a value is not finite. */
struct moments moments_of(const double *x, size_t n);

#endif
