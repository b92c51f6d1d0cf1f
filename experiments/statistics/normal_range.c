/* SPDX-License-Identifier: GPL-3.0-or-later
 * normal_range: see the header.
 *
 * Meaning.  With the least of K values at z, the others are above z, and not all within q of it: the tail is the
 *           integral of k phi(z) (Q(z)^(k-1) - (Q(z) - Q(z+q))^(k-1)), Q the upper tail of the normal. The difference
 *           is taken by expm1 and log1p, so that small tails keep their digits.
 * Choice.   The trapezoidal rule: for a smooth integrand that dies out at both ends its error falls faster than any
 *           power of the step, and it needs neither tables nor memory.
 * Source.   Goodwin, "The evaluation of integrals of the form int f(x) exp(-x^2) dx" (1949), for the rule. */
#include "experiments/statistics/normal_range.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#define STEP 0x1p-5
#define REACH 10.0   /* beyond which normal values add nothing */
#define LARGEST 53.0 /* there the tail is below the least double */

double normal_range_tail(double q, size_t k)
{
    if (k < 2 || isnan(q))
        return NAN;
    if (q <= 0)
        return 1;
    if (q > LARGEST)
        return 0;
    const double others = (double)(k - 1);
    const long steps = (long)ceil((q + 2 * REACH) / STEP);
    double sum = 0;
    for (long i = 0; i <= steps; i++) {
        const double z = REACH - (double)i * STEP;
        const double above = gsl_cdf_ugaussian_Q(z), beyond = gsl_cdf_ugaussian_Q(z + q);
        const double some_beyond = -expm1(others * log1p(-beyond / above));
        sum += gsl_ran_ugaussian_pdf(z) * pow(above, others) * some_beyond;
    }
    return fmin(1, (double)k * STEP * sum);
}

double normal_range_quantile(double p, size_t k)
{
    if (k < 2 || !(p >= 0 && p <= 1))
        return NAN;
    if (p == 1)
        return INFINITY;
    double low = 0, high = LARGEST;
    for (int i = 0; i < 60 && p > 0; i++) {
        const double middle = low + (high - low) / 2;
        if (normal_range_tail(middle, k) > 1 - p)
            low = middle;
        else
            high = middle;
    }
    return low;
}
