/* SPDX-License-Identifier: GPL-3.0-or-later
 * centred: see the header. */
#include "centred.h"

#include <math.h>

#define SAME 1.4901161193847656e-8 /* 2^-26, what all.equal of R takes for equal */

double series_power_above(double v)
{
    int exponent;
    if (!isfinite(v) || v == 0)
        return 1;
    frexp(v, &exponent);
    return ldexp(1, exponent < 1023 ? exponent : 1023);
}

double series_scale(const double *y, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(y[i]) && fabs(y[i]) > most)
            most = fabs(y[i]);
    return series_power_above(most);
}

struct centred series_centre(const double *y, size_t n, double *out)
{
    struct centred c = {NAN, 0, 0};
    double low = INFINITY, high = -INFINITY, sum = 0, rest = 0;
    const double first = series_scale(y, n);
    for (size_t i = 0; i < n; i++) {
        out[i] = isfinite(y[i]) ? y[i] / first : NAN;
        if (isnan(out[i]))
            continue;
        c.used++;
        sum += out[i];
        low = fmin(low, out[i]);
        high = fmax(high, out[i]);
    }
    if (c.used == 0)
        return c;
    double mean = sum / (double)c.used;
    for (size_t i = 0; i < n; i++)
        rest += isnan(out[i]) ? 0 : out[i] - mean;
    mean = low == high ? low : mean + rest / (double)c.used;
    for (size_t i = 0; i < n; i++)
        out[i] -= mean;
    c.mean = mean * first;
    if (low == high)
        return c;
    const double second = series_scale(out, n);
    for (size_t i = 0; i < n; i++)
        out[i] /= second;
    c.scale = first * second;
    return c;
}

size_t series_finite(const double *y, size_t n, double *out)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(y[i]))
            out[used++] = y[i];
    return used;
}

bool series_constant(const double *y, size_t n)
{
    const double scale = series_scale(y, n);
    double first = NAN, off = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(y[i]))
            continue;
        if (isnan(first))
            first = y[i] / scale;
        if (y[i] / scale == first)
            continue;
        off += fabs(y[i] / scale - first);
        size += fabs(y[i] / scale);
    }
    return off <= SAME * size;
}
