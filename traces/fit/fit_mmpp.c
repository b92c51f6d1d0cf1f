/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_mmpp: a Poisson process whose rate switches between two states. See the header. */
#include "fit_mmpp.h"

#include <math.h>

#define STEPS 200 /* shares, or rates of forgetting, that are tried */

/* 1 - (1 - e^-x) / x */
static double growth(double x)
{
    return x < 1e-4 ? x / 2 - x * x / 6 : 1 + expm1(-x) / x;
}

double alm__mmpp_dispersion(const struct alm__fit_mmpp *m, double t)
{
    double s = 1 / m->sojourn[0] + 1 / m->sojourn[1], p = m->sojourn[0] / (m->sojourn[0] + m->sojourn[1]);
    double rate = p * m->rate[0] + (1 - p) * m->rate[1], step = m->rate[0] - m->rate[1];
    return 1 + 2 * p * (1 - p) * step * step / (rate * s) * growth(s * t);
}

/* Gaps begin in state i with probability p_i rate_i / rate. With D = rates - switching, a 2x2 matrix, the moments are
 * E X = f D^-1 1 and E X^2 = 2 f D^-2 1. */
double alm__mmpp_gap_cv(const struct alm__fit_mmpp *m)
{
    double u = 1 / m->sojourn[0], v = 1 / m->sojourn[1], a = m->rate[0] + u, b = m->rate[1] + v, det = a * b - u * v;
    double p = m->sojourn[0] / (m->sojourn[0] + m->sojourn[1]), rate = p * m->rate[0] + (1 - p) * m->rate[1];
    double f = p * m->rate[0] / rate, g = 1 - f;
    double x = (b + u) / det, y = (a + v) / det; /* D^-1 1 */
    double first = f * x + g * y, second = 2 * (f * (b * x + u * y) + g * (v * x + a * y)) / det;
    return sqrt(fmax(0, second / (first * first) - 1));
}

/* The logarithm of c, and how far the dispersions are from those with it, at the rate S of forgetting. */
static double miss_of(const struct alm__dispersion *d, size_t n, double s, double *log_c)
{
    double weight = 0, sum = 0, miss = 0;
    for (size_t i = 0; i < n; i++) {
        weight += d[i].weight;
        sum += d[i].weight * log((d[i].value - 1) / growth(s * d[i].seconds));
    }
    *log_c = sum / weight;
    for (size_t i = 0; i < n; i++)
        miss += d[i].weight * pow(log((d[i].value - 1) / growth(s * d[i].seconds)) - *log_c, 2);
    return miss;
}

/* The rate of forgetting that misses least: the best of a grid, then of a finer one about it. */
static double forgetting(const struct alm__dispersion *d, size_t n, double *log_c)
{
    double low = log(1e-3 / d[n - 1].seconds), high = log(1e3 / d[0].seconds), best = low, unused;
    for (int turn = 0; turn < 3; turn++) {
        double step = (high - low) / STEPS, least = INFINITY;
        for (int i = 0; i <= STEPS; i++) {
            double miss = miss_of(d, n, exp(low + step * i), &unused);
            if (miss < least) {
                least = miss;
                best = low + step * i;
            }
        }
        low = best - step;
        high = best + step;
    }
    miss_of(d, n, exp(best), log_c);
    return exp(best);
}

/* With the busy state a share P of the time; POWER: p (1 - p) (a - b)^2. */
static struct alm__fit_mmpp of_share(double rate, double s, double power, double p)
{
    double step = sqrt(power / (p * (1 - p))), quiet = rate - p * step;
    return (struct alm__fit_mmpp){{rate + (1 - p) * step, quiet > 1e-9 * rate ? quiet : 0},
                                  {1 / (s * (1 - p)), 1 / (s * p)}};
}

int alm__fit_mmpp(double rate, const struct alm__dispersion *d, size_t n, double gap_cv, struct alm__fit_mmpp *out)
{
    double log_c;
    for (size_t i = 0; i < n; i++)
        if (!(d[i].value > 1))
            return ALM_NOT_YET;
    if (!(rate > 0 && n >= 2))
        return ALM_NOT_YET;
    double s = forgetting(d, n, &log_c), power = exp(log_c) * rate * s / 2;
    double most = rate * rate / (rate * rate + power), best = INFINITY;
    *out = of_share(rate, s, power, fmin(0.5, most));
    for (int i = 0; i < STEPS && !isnan(gap_cv); i++) {
        double p = most * exp(-9.2 * i / STEPS); /* down to a ten thousandth */
        struct alm__fit_mmpp m = of_share(rate, s, power, p);
        double miss = fabs(log(alm__mmpp_gap_cv(&m) / gap_cv));
        if (miss < best) {
            best = miss;
            *out = m;
        }
    }
    return ALM_OK;
}
