/* SPDX-License-Identifier: GPL-3.0-or-later
 * multiple: see the header. */
#include "experiments/statistics/multiple.h"

#include <gsl/gsl_sort_double.h>
#include <math.h>
#include <stdlib.h>

/* P ascending, N of them, in each of these; OUT likewise. */
static void bonferroni(const double *p, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = fmin(1, (double)n * p[i]);
}

static void holm(const double *p, size_t n, double *out)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        out[i] = largest = fmax(largest, fmin(1, (double)(n - i) * p[i]));
}

static void hochberg(const double *p, size_t n, double *out)
{
    double smallest = 1;
    for (size_t i = n; i-- > 0;)
        out[i] = smallest = fmin(smallest, (double)(n - i) * p[i]);
}

/* FACTOR is 1, or the harmonic sum that guards against any dependence. */
static void false_discovery(const double *p, size_t n, double factor, double *out)
{
    double smallest = 1;
    for (size_t i = n; i-- > 0;)
        out[i] = smallest = fmin(smallest, factor * ((double)n / (double)(i + 1) * p[i]));
}

/* For each number M of hypotheses that may be true, Simes's bound over the M largest holds for those, and as far as
 * it is below m p for the others too. */
static void hommel(const double *p, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = p[i];
    for (size_t m = n; m >= 2; m--) {
        double simes = INFINITY;
        for (size_t j = 1; j <= m; j++)
            simes = fmin(simes, (double)m * p[n - m + j - 1] / (double)j);
        for (size_t i = 0; i < n; i++)
            out[i] = fmax(out[i], i >= n - m ? simes : fmin(simes, (double)m * p[i]));
    }
}

static double harmonic(size_t n)
{
    double sum = 0;
    for (size_t i = n; i > 0; i--)
        sum += 1 / (double)i;
    return sum;
}

static void adjust(enum multiple how, const double *p, size_t n, double *out)
{
    switch (how) {
    case MULTIPLE_BONFERRONI:
        bonferroni(p, n, out);
        break;
    case MULTIPLE_HOLM:
        holm(p, n, out);
        break;
    case MULTIPLE_HOCHBERG:
        hochberg(p, n, out);
        break;
    case MULTIPLE_HOMMEL:
        hommel(p, n, out);
        break;
    case MULTIPLE_BH:
        false_discovery(p, n, 1, out);
        break;
    case MULTIPLE_BY:
        false_discovery(p, n, harmonic(n), out);
        break;
    }
}

int p_adjust(enum multiple how, const double *p, size_t n, double *out, struct alm_err *e)
{
    double *known = calloc(3 * n + 1, sizeof *known);
    size_t *place = calloc(2 * n + 1, sizeof *place);
    if (!known || !place) {
        free(known);
        free(place);
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu p values", n);
    }
    double *sorted = known + n, *adjusted = known + 2 * n;
    size_t *order = place + n, m = 0;
    for (size_t i = 0; i < n; i++) {
        out[i] = p[i];
        if (isnan(p[i]))
            continue;
        known[m] = p[i];
        place[m++] = i;
    }
    gsl_sort_index(order, known, 1, m);
    for (size_t i = 0; i < m; i++)
        sorted[i] = known[order[i]];
    adjust(how, sorted, m, adjusted);
    for (size_t i = 0; i < m; i++)
        out[place[order[i]]] = adjusted[i];
    free(known);
    free(place);
    return ALM_OK;
}
