/* SPDX-License-Identifier: GPL-3.0-or-later
 * binomial_exact: the exact interval and the exact test of a share, see coverage_test.h. */
#include "experiments/statistics/coverage_test.h"

#include <float.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdbool.h>

/* x log(x / m) + m - x, by Loader's series where that would cancel. */
static double deviance(double x, double m)
{
    if (fabs(x - m) >= 0.1 * (x + m))
        return x * log(x / m) + m - x;
    const double v = (x - m) / (x + m);
    double sum = (x - m) * v, term = 2 * x * v;
    for (int j = 3;; j += 2) {
        term *= v * v;
        double next = sum + term / j;
        if (next == sum)
            return sum;
        sum = next;
    }
}

/* P(X = K), 0 < P < 1. */
static double probability(uint64_t k, uint64_t n, double p)
{
    const double m = (double)n, x = (double)k, y = (double)(n - k);
    if (k == 0)
        return exp(m * log1p(-p));
    if (k == n)
        return exp(m * log(p));
    double stirling = gsl_sf_gammastar(m) / (gsl_sf_gammastar(x) * gsl_sf_gammastar(y));
    return stirling * exp(-deviance(x, m * p) - deviance(y, m * (1 - p))) * sqrt(m / (2 * M_PI * x * y));
}

/* P(X >= K) or P(X <= K), for K on that side of the mean, where the terms fall. */
static double tail(uint64_t k, uint64_t n, double p, bool up)
{
    const double odds = p / (1 - p);
    double term = probability(k, n, p), sum = term;
    while (term > sum * DBL_EPSILON / 16 && k != (up ? n : 0)) {
        term *= up ? (double)(n - k) / (double)(k + 1) * odds : (double)k / ((double)(n - k) + 1) / odds;
        sum += term;
        k = up ? k + 1 : k - 1;
    }
    return sum;
}

/* The p between K / N and the end where the tail of K is AREA. */
static double bound(uint64_t k, uint64_t n, double area, bool up)
{
    double in = (double)k / (double)n, out = up ? 0 : 1;
    for (;;) {
        double middle = in + (out - in) / 2;
        if (middle == in || middle == out)
            return middle;
        if (tail(k, n, middle, up) > area)
            in = middle;
        else
            out = middle;
    }
}

struct estimate clopper_pearson_interval(uint64_t k, uint64_t n, double level)
{
    if (n == 0 || k > n || !(level > 0 && level < 1))
        return (struct estimate){NAN, NAN, NAN};
    const double area = (1 - level) / 2;
    return (struct estimate){(double)k / (double)n, k == 0 ? 0 : bound(k, n, area, true),
                             k == n ? 1 : bound(k, n, area, false)};
}

/* The first value on the other side of the mean that is no more likely than MOST: from..to, where those above are less likely
 * (UP) or those below are. */
static uint64_t beyond(uint64_t from, uint64_t to, uint64_t n, double p, double most, bool up)
{
    while (from < to) {
        uint64_t middle = up ? from + (to - from) / 2 : to - (to - from) / 2;
        bool less = probability(middle, n, p) <= most;
        if (up)
            *(less ? &to : &from) = less ? middle : middle + 1;
        else
            *(less ? &from : &to) = less ? middle : middle - 1;
    }
    return from;
}

double binomial_test(uint64_t k, uint64_t n, double p)
{
    if (n == 0 || k > n || !(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return k == (p == 0 ? 0 : n) ? 1 : 0;
    const double mean = (double)n * p, x = (double)k;
    const double most = probability(k, n, p) * (1 + 1e-7); /* R's allowance for values as likely */
    if (x == mean)
        return 1;
    double sum = tail(k, n, p, x > mean);
    if (x < mean) {
        uint64_t other = beyond((uint64_t)ceil(mean), n, n, p, most, true);
        sum += probability(other, n, p) <= most ? tail(other, n, p, true) : 0;
    } else {
        uint64_t other = beyond(0, (uint64_t)floor(mean), n, p, most, false);
        sum += probability(other, n, p) <= most ? tail(other, n, p, false) : 0;
    }
    return fmin(sum, 1);
}
