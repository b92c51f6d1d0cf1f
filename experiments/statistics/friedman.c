/* SPDX-License-Identifier: GPL-3.0-or-later
 * friedman: see the header. */
#include "experiments/statistics/friedman.h"

#include "experiments/statistics/ranks.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

struct row_ranks {
    double *sum;         /* [k], doubled */
    double ties;         /* sum of t^3 - t over all rows */
    double arrangements; /* log of the number of ways to arrange the ranks of the first row */
};

/* log(k! / product of t!) */
static double log_arrangements(const uint32_t *rank, const size_t *order, size_t k)
{
    double ways = gsl_sf_lngamma((double)k + 1);
    for (size_t i = 0, j; i < k; i = j) {
        for (j = i + 1; j < k && rank[order[j]] == rank[order[i]];)
            j++;
        ways -= gsl_sf_lngamma((double)(j - i) + 1);
    }
    return ways;
}

static int rank_rows(const double *value, size_t n, size_t k, struct row_ranks *out, struct alm_err *e)
{
    size_t *order = calloc(k, sizeof *order);
    uint32_t *rank = calloc(k, sizeof *rank);
    if (!order || !rank) {
        free(order);
        free(rank);
        return alm_fail(e, ALM_ENOMEM, "out of memory for the ranks of %zu policies", k);
    }
    for (size_t i = 0; i < n; i++) {
        out->ties += doubled_ranks(value + i * k, k, order, rank);
        for (size_t j = 0; j < k; j++)
            out->sum[j] += rank[j];
        if (i == 0)
            out->arrangements = log_arrangements(rank, order, k);
    }
    free(order);
    free(rank);
    return ALM_OK;
}

static void test_ranks(const struct row_ranks *r, size_t rows, size_t columns, struct friedman_result *out)
{
    const double n = (double)rows, k = (double)columns;
    const double varying = n * k * (k + 1) - r->ties / (k - 1), most = n * (k - 1);
    double squares = 0;
    for (size_t j = 0; j < columns; j++) {
        const double off = r->sum[j] / 2 - n * (k + 1) / 2;
        squares += off * off;
    }
    out->statistic = varying > 0 ? 12 * squares / varying : 0;
    out->p = gsl_cdf_chisq_Q(out->statistic, k - 1);
    const double left = most - out->statistic;
    if (left > 1e-12 * most) {
        out->iman_davenport = (n - 1) * out->statistic / left;
        out->p_davenport = gsl_cdf_fdist_Q(out->iman_davenport, k - 1, (k - 1) * (n - 1));
    } else {
        out->iman_davenport = INFINITY;
        out->p_davenport = exp((1 - n) * r->arrangements);
    }
}

static void compare_pairs(const double *rank, size_t k, double unit, double *pair)
{
    for (size_t i = 0; i < k; i++)
        for (size_t j = i + 1; j < k; j++)
            *pair++ = normal_range_tail(fabs(rank[i] - rank[j]) / unit, k);
}

int friedman(const double *value, size_t n, size_t k, double level, struct friedman_result *out, double *rank,
             double *pair, struct alm_err *e)
{
    if (n < 2 || k < 2)
        return alm_fail(e, ALM_EINVAL, "%zu rows of %zu policies; the Friedman test needs two of both", n, k);
    if (!(level > 0 && level < 1))
        return alm_fail(e, ALM_EINVAL, "level %g; it must be between 0 and 1", level);
    struct row_ranks r = {.sum = calloc(k, sizeof *r.sum)};
    const bool unknown = any_nan(value, n * k);
    int code = r.sum ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu policies", k);
    if (code == ALM_OK && !unknown)
        code = rank_rows(value, n, k, &r, e);
    if (code != ALM_OK) {
        free(r.sum);
        return code;
    }
    /* Ranges are in units of the standard error of one average rank: sqrt(k (k + 1) / (12 n)). */
    const double unit = sqrt((double)k * ((double)k + 1) / (12 * (double)n));
    *out = (struct friedman_result){NAN, NAN, NAN, NAN, normal_range_quantile(level, k) * unit};
    if (!unknown)
        test_ranks(&r, n, k, out);
    for (size_t j = 0; j < k; j++)
        rank[j] = unknown ? NAN : r.sum[j] / 2 / (double)n;
    if (pair)
        compare_pairs(rank, k, unit, pair);
    free(r.sum);
    return ALM_OK;
}
