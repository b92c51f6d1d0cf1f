/* SPDX-License-Identifier: GPL-3.0-or-later
 * n-sigma: the mean of recent samples and n standard deviations more.
 *
 * Meaning.  Over the last `window` / sample interval values that were not missing, once there are so many: max = mean + n * s, min =
 *           mean - n * s, at least 0, s the sample standard deviation (by count - 1). The confidence is that of a normal distribution, the
 *           chance that it lies below mean + n * s: 97.7 % at 2, 99.99997 % at 5.
 * Choice.   Of one unit, where the source takes all of a machine together; no cap, which is the allocator's. Counted, not timed. Both sums are formed
 *           from the window itself at each decision: nothing is lost to rounding, however long it runs.
 * Limits.   Assumes samples that scatter normally around one level. Usage has heavier tails, so the confidence is a name more than a promise: wrap
 *           it in a calibrator. A step is one store, a decision two walks over the window; state: 8 bytes a sample of it and a resource.
 * Source.   N. Bashir, N. Deng, K. Rzadca, D. Irwin, S. Kodak, R. Jnagal, "Take it to the limit: peak prediction-driven resource
 *           overcommitment in datacenters", EuroSys (2021): n = 5 over two hours. */
#include "moving_predictor.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

struct opt {
    double n;
    alm_time window;
};

static const struct alm_opt opts[] = {
    {"n", ALM_OPT_REAL, offsetof(struct opt, n), "5", 0, 1000, NULL, "standard deviations above the mean that max is"},
    {"window", ALM_OPT_DURATION, offsetof(struct opt, window), "2h", 1, (double)(100 * 365 * ALM_DAY), NULL,
     "length of the window, counted in samples that are not missing"},
    {0},
};

struct how {
    double n; /* standard deviations */
};

struct block {
    uint32_t capacity, count, next, pad;
    double value[]; /* by arrival, in a ring */
};

static size_t block_size(size_t capacity)
{
    return sizeof(struct block) + capacity * sizeof(double);
}

static void block_init(void *block, size_t capacity)
{
    *(struct block *)block = (struct block){.capacity = (uint32_t)capacity};
}

static void block_put(void *block, double value)
{
    struct block *b = block;
    b->value[b->next] = value;
    b->next = b->next + 1 < b->capacity ? b->next + 1 : 0;
    b->count += b->count < b->capacity;
}

/* The scaled sum of squares cannot overflow where the result does not. */
static double deviation(const struct block *b, double mean)
{
    double largest = 0, squares = 0;
    for (uint32_t k = 0; k < b->count; k++)
        largest = fmax(largest, fabs(b->value[k] - mean));
    if (!(largest > 0) || b->count < 2)
        return 0;
    for (uint32_t k = 0; k < b->count; k++) {
        const double share = (b->value[k] - mean) / largest;
        squares += share * share;
    }
    return largest * sqrt(squares / (b->count - 1.0));
}

static void block_tell(const void *block, enum alm_resource r, const void *how, struct alm_envelope *out)
{
    const struct block *b = block;
    const double n = ((const struct how *)how)->n;
    if (b->count < b->capacity)
        return;
    double mean = 0;
    for (uint32_t k = 0; k < b->count; k++)
        mean += (b->value[k] - mean) / (k + 1.0);
    const double beside = n * deviation(b, mean);
    if (!isfinite(mean + beside))
        return;
    out->has |= ALM_BIT(r);
    out->peak |= r == ALM_MEMORY ? ALM_BIT(r) : 0;
    out->max[r] = fmax(mean + beside, 0);
    out->min[r] = fmax(mean - beside, 0);
    out->confidence[r] = gsl_cdf_ugaussian_P(n);
}

static bool block_sound(const void *bytes, size_t capacity)
{
    struct block b;
    memcpy(&b, bytes, sizeof b);
    return b.capacity == capacity && b.count <= capacity && b.next < capacity;
}

static const struct alm_moving moving = {
    .saved_as = "predictor n-sigma",
    .window_at = offsetof(struct opt, window),
    .size = block_size,
    .init = block_init,
    .put = block_put,
    .tell = block_tell,
    .sound = block_sound,
};

static struct how how(const struct opt *o, const struct alm_env *env)
{
    (void)env;
    return (struct how){o->n};
}

ALM_MOVING_PREDICTOR(n_sigma, "n-sigma", "mean and n standard deviations of recent samples",
                     "Bashir et al., Take it to the limit, EuroSys 2021, for one unit");
