/* SPDX-License-Identifier: GPL-3.0-or-later
 * wilcoxon: the signed-rank test and the estimate that belongs to it. */
#include "experiments/statistics/rank_test.h"
#include "experiments/statistics/ranks.h"
#include "experiments/statistics/t_test.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Probabilities of all sums of a random part of the N (doubled) ranks, to be freed; halving loses no digit. NULL: no
 * memory. */
static double *signed_rank_distribution(const uint32_t *rank, size_t n, size_t *sums)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++)
        most += rank[i];
    double *p = calloc(most + 1, sizeof *p);
    if (!p)
        return NULL;
    p[0] = 1;
    for (size_t i = 0, reached = 0; i < n; i++) {
        reached += rank[i];
        for (size_t s = reached + 1; s-- > 0;)
            p[s] = 0.5 * (p[s] + (s >= rank[i] ? p[s - rank[i]] : 0));
    }
    *sums = most + 1;
    return p;
}

static double sum_of(const double *p, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += p[i];
    return sum;
}

/* The distribution is symmetric, so both tails are twice the lesser one. */
static int exact_p(const uint32_t *rank, size_t n, uint64_t doubled, double *out, struct alm_err *e)
{
    size_t sums;
    double *p = signed_rank_distribution(rank, n, &sums);
    if (!p)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the distribution of %zu ranks", n);
    const size_t other = sums - 1 - (size_t)doubled, lesser = doubled < other ? (size_t)doubled : other;
    *out = fmin(1, 2 * sum_of(p, lesser + 1));
    free(p);
    return ALM_OK;
}

/* Of N differences that are not zero: SIZE their absolute values. ORDER, RANK: room for N. */
static int test_signed(const double *d, const double *size, size_t n, size_t *order, uint32_t *rank,
                       struct rank_result *out, struct alm_err *e)
{
    const double ties = doubled_ranks(size, n, order, rank), c = (double)n;
    uint64_t doubled = 0;
    for (size_t i = 0; i < n; i++)
        doubled += d[i] > 0 ? rank[i] : 0;
    const double v = (double)doubled / 2, off = fabs(v - c * (c + 1) / 4);
    const double sd = sqrt(c * (c + 1) * (2 * c + 1) / 24 - ties / 48);
    *out = (struct rank_result){v, NAN, 2 * gsl_cdf_ugaussian_Q(off / sd),
                                2 * gsl_cdf_ugaussian_Q(fmax(off - 0.5, 0) / sd)};
    return n <= RANK_EXACT_MOST ? exact_p(rank, n, doubled, &out->p_exact, e) : ALM_OK;
}

int wilcoxon_signed_rank(const double *d, size_t n, struct rank_result *out, struct alm_err *e)
{
    struct rank_result r = {NAN, NAN, NAN, NAN};
    if (n == 0 || any_nan(d, n)) {
        *out = r;
        return ALM_OK;
    }
    double *kept = calloc(n, sizeof *kept), *size = calloc(n, sizeof *size);
    size_t *order = calloc(n, sizeof *order), m = 0;
    uint32_t *rank = calloc(n, sizeof *rank);
    int code = ALM_OK;
    if (!kept || !size || !order || !rank) {
        code = alm_fail(e, ALM_ENOMEM, "out of memory for %zu differences", n);
    } else {
        for (size_t i = 0; i < n; i++)
            if (d[i] != 0) {
                kept[m] = d[i];
                size[m++] = fabs(d[i]);
            }
        r = (struct rank_result){0, 1, 1, 1};
        if (m > 0)
            code = test_signed(kept, size, m, order, rank, &r, e);
    }
    if (code == ALM_OK)
        *out = r;
    free(kept);
    free(size);
    free(order);
    free(rank);
    return code;
}

/* ---- Hodges and Lehmann ---- */

/* How many of the n (n + 1) / 2 Walsh averages of D, ascending, are at most X. */
static uint64_t averages_up_to(const double *d, size_t n, double x)
{
    uint64_t count = 0;
    size_t end = n; /* partners of i are i .. end - 1 */
    for (size_t i = 0; i < end; i++) {
        while (end > i && 0.5 * d[i] + 0.5 * d[end - 1] > x)
            end--;
        count += end - i;
    }
    return count;
}

/* Doubles in their order as integers in theirs. */
static int64_t place_of(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double at_place(int64_t place)
{
    int64_t bits = place < 0 ? INT64_MIN - place : place;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The Walsh average of rank K, from 1: the least double that K of them do not exceed. */
static double average_of_rank(const double *d, size_t n, uint64_t k)
{
    int64_t low = place_of(d[0] + 0.0), high = place_of(d[n - 1] + 0.0);
    while (low < high) {
        const int64_t middle = (low & high) + ((low ^ high) >> 1);
        if (averages_up_to(d, n, at_place(middle)) >= k)
            high = middle;
        else
            low = middle + 1;
    }
    return at_place(low) + 0.0;
}

/* The rank of the lower end and the level it attains: the largest rank whose tail is still at most (1 - LEVEL) / 2. */
static int exact_rank(size_t n, double level, uint64_t *rank, double *attained, struct alm_err *e)
{
    uint32_t ranks[RANK_EXACT_MOST];
    size_t sums, k = 0;
    for (size_t i = 0; i < n; i++)
        ranks[i] = (uint32_t)(i + 1);
    double *p = signed_rank_distribution(ranks, n, &sums);
    if (!p)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the distribution of %zu ranks", n);
    const double tail = (1 - level) / 2;
    double below = 0;
    while (k + 1 < sums && below + p[k] < tail * (1 - 1e-12))
        below += p[k++];
    *rank = k ? k : 1;
    *attained = 1 - 2 * (k ? below : p[0]);
    free(p);
    return ALM_OK;
}

static void normal_rank(size_t n, double level, uint64_t *rank, double *attained)
{
    const double c = (double)n, sd = sqrt(c * (c + 1) * (2 * c + 1) / 24);
    const double k = floor(c * (c + 1) / 4 - normal_quantile(0.5 + level / 2) * sd);
    *rank = k < 1 ? 1 : (uint64_t)k;
    *attained = 1 - 2 * gsl_cdf_ugaussian_P(((double)*rank - c * (c + 1) / 4) / sd);
}

static bool all_finite(const double *d, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(d[i]))
            return false;
    return true;
}

int hodges_lehmann(const double *d, size_t n, double level, struct estimate *out, double *attained, struct alm_err *e)
{
    double reached;
    uint64_t rank;
    if (n == 0 || !all_finite(d, n) || !(level > 0 && level < 1)) {
        *out = (struct estimate){NAN, NAN, NAN};
        *attained = NAN;
        return ALM_OK;
    }
    if (n <= RANK_EXACT_MOST)
        ALM_TRY(exact_rank(n, level, &rank, &reached, e));
    else
        normal_rank(n, level, &rank, &reached);
    double *sorted = calloc(n, sizeof *sorted);
    if (!sorted)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu differences", n);
    memcpy(sorted, d, n * sizeof *sorted);
    gsl_sort(sorted, 1, n);
    const uint64_t averages = (uint64_t)n * (n + 1) / 2;
    out->low = average_of_rank(sorted, n, rank);
    out->high = average_of_rank(sorted, n, averages + 1 - rank);
    out->value =
        0.5 * average_of_rank(sorted, n, (averages + 1) / 2) + 0.5 * average_of_rank(sorted, n, averages / 2 + 1);
    *attained = reached;
    free(sorted);
    return ALM_OK;
}
