/* SPDX-License-Identifier: GPL-3.0-or-later
 * error_pool: counts of errors by size. The header says the choices. */
#include "error_pool.h"

#include <math.h>

#define MOST 16.0
#define HALF (ERROR_SIZES / 2)
#define HELD (1 << 20)

/* Sizes are even in the square root of the error. */
static size_t step_of(double error)
{
    const double root = fmin(fmax(copysign(sqrt(fabs(error) / MOST), error), -1), 1);
    return (size_t)fmin(floor((root + 1) * HALF), ERROR_SIZES - 1);
}

double error_pool_size(size_t k)
{
    const double root = ((double)k + 1) / HALF - 1;
    return MOST * root * fabs(root);
}

static void fade(struct error_pool *pool)
{
    pool->errors /= 2;
    for (size_t k = 0; k < ERROR_SIZES; k++)
        pool->count[k] /= 2;
}

void error_pool_put(struct error_pool *pool, double error)
{
    if (isnan(error))
        return;
    pool->count[step_of(error)]++;
    pool->errors++;
    if (pool->errors >= HELD)
        fade(pool);
}

bool error_pool_range(const struct error_pool *pool, struct error_range *out)
{
    size_t low = 0, high = ERROR_SIZES;
    while (low < ERROR_SIZES && pool->count[low] == 0)
        low++;
    if (low == ERROR_SIZES)
        return false;
    while (pool->count[high - 1] == 0)
        high--;
    *out = (struct error_range){error_pool_size(low), error_pool_size(high - 1)};
    return true;
}
