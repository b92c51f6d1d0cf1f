/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_pairs: see the header. Which pairs have a figure, what of them is independent, and what tests say of it. */
#include "experiments/compare/compare_pairs.h"

#include "almanac/error.h"

#include "experiments/compare/compare_items.h"
#include "experiments/compare/compare_resample.h"
#include "experiments/statistics/effect_size.h"
#include "experiments/statistics/rank_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WILCOXON_MOST 50
#define SIGN_FLIP_DRAWS 10000

const char *compare_independent_word(enum compare_independent i, size_t n)
{
    static const char *const one[] = {"trace", "unit", "seed"}, *const many[] = {"traces", "units", "seeds"};
    return n == 1 ? one[i] : many[i];
}

const char *compare_test_word(enum compare_test t)
{
    static const char *const word[] = {"none", "Wilcoxon exact", "sign flip"};
    return word[t];
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Are more than half of the nonzero differences of one size with another? SIZE[n] is scratch. */
static bool mostly_tied(const double *d, size_t n, double *size)
{
    size_t m = 0, distinct = 0;
    for (size_t i = 0; i < n; i++)
        if (d[i] != 0)
            size[m++] = fabs(d[i]);
    qsort(size, m, sizeof *size, by_value);
    for (size_t i = 0; i < m; i++)
        distinct += i == 0 || size[i] != size[i - 1];
    return 2 * distinct < m;
}

static int sign_of_mean(const double *d, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += d[i];
    return (sum > 0) - (sum < 0);
}

static int wilcoxon(const double *d, size_t n, struct compare_statistics *out, struct alm_err *e)
{
    struct rank_result r;
    ALM_TRY(wilcoxon_signed_rank(d, n, &r, e));
    double nonzero = 0;
    for (size_t i = 0; i < n; i++)
        nonzero += d[i] != 0;
    double middle = nonzero * (nonzero + 1) / 4;
    out->test = COMPARE_WILCOXON;
    out->p = nonzero > 0 ? r.p_exact : 1;
    out->toward = (r.statistic > middle) - (r.statistic < middle);
    return ALM_OK;
}

static int test_of(const double *d, size_t n, const struct compare_plan *plan, struct compare_statistics *out,
                   struct alm_err *e)
{
    out->test = COMPARE_NO_TEST;
    out->p = out->p_adjusted = NAN;
    if (n < COMPARE_FEW)
        return ALM_OK;
    double *scratch = malloc(n * sizeof *scratch);
    if (!scratch)
        return alm_fail(e, ALM_ENOMEM, "out of memory to test %zu pairs", n);
    bool exact = n <= WILCOXON_MOST && !mostly_tied(d, n, scratch);
    free(scratch);
    if (exact)
        return wilcoxon(d, n, out, e);
    out->test = COMPARE_SIGN_FLIP;
    out->p = sign_flip(d, n, SIGN_FLIP_DRAWS, plan->seed);
    out->toward = sign_of_mean(d, n);
    return ALM_OK;
}

/* Cells are pooled to less than units are, so both must be equal. */
static bool all_equal(const struct compare_items *items)
{
    for (size_t k = 0; k < items->cells; k++) {
        const struct resample_cell *c = &items->cell[k];
        if (c->base.amount != c->value.amount || c->base.weight != c->value.weight)
            return false;
    }
    return true;
}

static void find_worst(const struct compare_set *set, size_t figure, struct compare_statistics *out)
{
    const struct compare_source *b = set->base, *v = set->value;
    double worst = 0;
    out->worst = set->pairs;
    out->identical = true;
    for (size_t i = 0; i < set->pairs; i++) {
        double base = b->value(b->ctx, set->pair[i].base, figure);
        double value = v->value(v->ctx, set->pair[i].value, figure);
        if (isnan(base) && isnan(value))
            continue;
        out->identical = out->identical && base == value;
        out->vanished += isnan(value) ? 1 : 0;
        double change = base != 0 ? (value - base) / fabs(base) : value == base ? 0 : copysign(INFINITY, value - base);
        double harm = -compare_direction(b->figure[figure].better, value - base) * fabs(change);
        if (harm > worst) {
            worst = harm;
            out->worst = i;
        }
    }
}

static int one_figure(const struct compare_set *set, size_t figure, struct compare_load *load,
                      struct compare_tolerance t, const struct compare_plan *plan, struct compare_statistics *out,
                      struct alm_err *e)
{
    const struct estimate none = {NAN, NAN, NAN};
    struct compare_items items;
    *out = (struct compare_statistics){.base = NAN,
                                       .value = NAN,
                                       .difference = none,
                                       .relative = none,
                                       .excess = none,
                                       .p = NAN,
                                       .p_adjusted = NAN,
                                       .effect = NAN};
    find_worst(set, figure, out);
    ALM_TRY(compare_items_make(set, figure, load, &items, e));
    out->independent = items.independent;
    out->n = items.of.n;
    out->traces = items.traces;
    out->seeds = items.seeds;
    out->pairs = items.pairs;
    out->identical = out->identical && items.pairs > 0 && all_equal(&items);
    int code = ALM_OK;
    if (items.of.n > 0)
        code = resample_intervals(&items.of, set->base->figure[figure].better, t, plan, out, e);
    if (code >= 0)
        code = test_of(items.difference, items.differences, plan, out, e);
    if (code >= 0 && items.differences > 1)
        out->effect = cohen_dz(items.difference, items.differences);
    compare_items_free(&items);
    return code;
}

int compare_pairs(const struct compare_set *set, const size_t *figure, size_t figures,
                  const struct compare_tolerance *tolerance, const struct compare_plan *plan,
                  struct compare_statistics *out, struct alm_err *e)
{
    const struct compare_tolerance none = {.amount = NAN};
    struct compare_load load = {.figure = figure, .figures = figures};
    int code = ALM_OK;
    for (size_t k = 0; k < figures && code >= 0; k++)
        code = one_figure(set, figure[k], &load, tolerance ? tolerance[k] : none, plan, &out[k], e);
    compare_load_free(&load, set->pairs);
    return code;
}
