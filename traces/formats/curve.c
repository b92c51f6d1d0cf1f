/* SPDX-License-Identifier: GPL-3.0-or-later
 * curve: piecewise linear quantile functions. */
#include "curve.h"

#include <assert.h>
#include <math.h>

bool alm_curve_make(const double *percentile, const double *value, size_t n, struct alm_curve *out)
{
    bool ascends = true;
    assert(n <= ALM_CURVE_POINTS);
    *out = (struct alm_curve){0};
    for (size_t i = 0; i < n; i++) {
        if (isnan(value[i]))
            continue;
        double least = out->points > 0 ? out->value[out->points - 1] : value[i];
        ascends = ascends && value[i] >= least;
        out->p[out->points] = percentile[i] / 100;
        out->value[out->points++] = fmax(value[i], least);
    }
    return ascends;
}

double alm_curve_at(const struct alm_curve *c, double u, bool logarithms)
{
    if (c->points == 0)
        return (double)NAN;
    size_t i = 0;
    while (i < c->points && c->p[i] < u)
        i++;
    if (i == 0 || i == c->points)
        return c->value[i == 0 ? 0 : i - 1];
    double a = c->value[i - 1], b = c->value[i], t = (u - c->p[i - 1]) / (c->p[i] - c->p[i - 1]);
    if (a == b)
        return a;
    return logarithms && a > 0 ? a * pow(b / a, t) : a + t * (b - a);
}
