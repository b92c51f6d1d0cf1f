/* SPDX-License-Identifier: GPL-3.0-or-later
 * effect_size: how large a difference is against how much values vary.
 *
 * Source.   Cohen (1988), d_z; Vargha and Delaney (2000), A12. */
#ifndef ALM_STATISTICS_EFFECT_SIZE_H
#define ALM_STATISTICS_EFFECT_SIZE_H

#include <stddef.h>

/* Mean / sd of differences. NaN below two, where they do not vary, and where one is not finite. */
double cohen_dz(const double *d, size_t n);

/* P(a > b) + P(a = b) / 2. NaN where A or B is empty or holds a NaN. cost  O(n m). */
double vargha_delaney(const double *a, size_t n, const double *b, size_t m);

#endif
