/* SPDX-License-Identifier: GPL-3.0-or-later
 * effect_size: see the header. */
#include "experiments/statistics/effect_size.h"

#include "experiments/statistics/moments.h"

#include <math.h>
#include <stdint.h>

double cohen_dz(const double *d, size_t n)
{
    const struct moments m = moments_of(d, n);
    return m.sd > 0 ? m.mean / m.sd : NAN;
}

double vargha_delaney(const double *a, size_t n, const double *b, size_t m)
{
    uint64_t halves = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) {
            if (isunordered(a[i], b[j]))
                return NAN;
            halves += a[i] > b[j] ? 2 : a[i] == b[j];
        }
    return n && m ? (double)halves / 2 / ((double)n * (double)m) : NAN;
}
