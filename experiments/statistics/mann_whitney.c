/* SPDX-License-Identifier: GPL-3.0-or-later
 * mann_whitney: the rank-sum test of two independent groups. */
#include "experiments/statistics/rank_test.h"
#include "experiments/statistics/ranks.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Ways to choose K of N values by their sum of doubled ranks above the least sum of K; W doubled is such a sum. RANK
 * ascends. way[k * width + s] holds the ways to choose k of the values so far. */
struct choices {
    double *way;
    size_t most, width;
};

static void count_choices(const struct choices *c, const uint32_t *rank, size_t n)
{
    uint64_t upto[RANK_EXACT_MOST + 1] = {0}; /* sums of the first ranks */
    for (size_t j = 0; j < n; j++)
        upto[j + 1] = upto[j] + rank[j];
    c->way[0] = 1;
    for (size_t j = 0; j < n; j++)
        for (size_t k = j + 1 < c->most ? j + 1 : c->most; k > 0; k--) {
            /* The value may be the k-th chosen: it adds what it is above the k-th least. No sum is above that of the
             * last k so far. */
            const size_t more = rank[j] - rank[k - 1];
            const size_t reach = (size_t)(upto[j + 1] - upto[j + 1 - k] - upto[k]);
            const double *fewer = c->way + (k - 1) * c->width;
            double *here = c->way + k * c->width;
            for (size_t s = more; s <= reach; s++)
                here[s] += fewer[s - more];
        }
}

/* Share of all choices of K of N ranks whose W is as far from K (N - K) / 2 as DOUBLED / 2 is, or farther. */
static int exact_p(const uint32_t *ascending, size_t n, size_t k, uint64_t doubled, double *out, struct alm_err *e)
{
    struct choices c = {.most = k, .width = 2 * k * (n - k) + 1};
    c.way = calloc((k + 1) * c.width, sizeof *c.way);
    if (!c.way)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the distribution of %zu ranks", n);
    count_choices(&c, ascending, n);
    const double *way = c.way + k * c.width;
    uint64_t least = 0; /* of the sums of K ranks, as a doubled W */
    for (size_t i = 0; i < k; i++)
        least += ascending[i];
    least -= (uint64_t)k * (k + 1);
    const int64_t mean = (int64_t)(k * (n - k)), off = llabs((int64_t)doubled - mean);
    double all = 0, far = 0;
    for (size_t s = 0; s < c.width; s++) {
        all += way[s];
        far += llabs((int64_t)(s + least) - mean) >= off ? way[s] : 0;
    }
    *out = far / all;
    free(c.way);
    return ALM_OK;
}

/* Of the ranks of the N values of A, then the M of B, and their ORDER. */
static int test_ranks(const uint32_t *rank, const size_t *order, double ties, const size_t size[2],
                      struct rank_result *out, struct alm_err *e)
{
    const size_t all = size[0] + size[1];
    uint64_t doubled = 0;
    for (size_t i = 0; i < size[0]; i++)
        doubled += rank[i];
    doubled -= (uint64_t)size[0] * (size[0] + 1);
    const double n = (double)size[0], m = (double)size[1], w = (double)doubled / 2, off = fabs(w - n * m / 2);
    const double variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)));
    *out = (struct rank_result){w, NAN, 1, 1};
    if (variance > 0) {
        out->p_normal = 2 * gsl_cdf_ugaussian_Q(off / sqrt(variance));
        out->p_corrected = 2 * gsl_cdf_ugaussian_Q(fmax(off - 0.5, 0) / sqrt(variance));
    }
    if (all > RANK_EXACT_MOST)
        return ALM_OK;
    uint32_t ascending[RANK_EXACT_MOST] = {0};
    for (size_t i = 0; i < all; i++)
        ascending[i] = rank[order[i]];
    /* The smaller group is the shorter count; its W is what the other leaves. */
    const size_t k = size[0] < size[1] ? size[0] : size[1];
    return exact_p(ascending, all, k, k == size[0] ? doubled : 2 * size[0] * size[1] - doubled, &out->p_exact, e);
}

int mann_whitney(const double *a, size_t n, const double *b, size_t m, struct rank_result *out, struct alm_err *e)
{
    struct rank_result r = {NAN, NAN, NAN, NAN};
    if (n == 0 || m == 0 || any_nan(a, n) || any_nan(b, m)) {
        *out = r;
        return ALM_OK;
    }
    double *value = calloc(n + m, sizeof *value);
    size_t *order = calloc(n + m, sizeof *order);
    uint32_t *rank = calloc(n + m, sizeof *rank);
    int code = ALM_OK;
    if (!value || !order || !rank) {
        code = alm_fail(e, ALM_ENOMEM, "out of memory for %zu ranks", n + m);
    } else {
        memcpy(value, a, n * sizeof *value);
        memcpy(value + n, b, m * sizeof *value);
        const double ties = doubled_ranks(value, n + m, order, rank);
        code = test_ranks(rank, order, ties, (const size_t[2]){n, m}, &r, e);
    }
    if (code == ALM_OK)
        *out = r;
    free(value);
    free(order);
    free(rank);
    return code;
}
