/* SPDX-License-Identifier: GPL-3.0-or-later
 * moments: see the header.
 *
 * Choice.   Two passes in long double: squares of doubles have room there. */
#include "experiments/statistics/moments.h"

#include <math.h>

struct moments moments_of(const double *x, size_t n)
{
    double low = INFINITY, high = -INFINITY;
    long double sum = 0, squares = 0;
    if (n == 0)
        return (struct moments){NAN, NAN};
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]))
            return (struct moments){NAN, NAN};
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
        sum += x[i];
    }
    if (low == high)
        return (struct moments){x[0], n == 1 ? NAN : 0};
    const long double mean = sum / (long double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return (struct moments){(double)mean, (double)sqrtl(squares / (long double)(n - 1))};
}
