/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_show: the rows of a comparison as people read them. */
#include "experiments/compare/comparison_write.h"

#include <math.h>
#include <string.h>

#define LARGE 10 /* times the base, from where on a percentage says less than the amount */

static bool has(const struct comparison_group *g, size_t row, size_t metric)
{
    return g->row[row].of[metric].pairs > 0;
}

static bool before(const struct comparison *c, const struct comparison_group *g, size_t metric, size_t a, size_t b)
{
    const struct comparison_row *x = &g->row[a], *y = &g->row[b];
    if (x->oracle != y->oracle)
        return y->oracle;
    enum metrics_better better = c->source->figure[c->metric[metric]].better;
    return compare_direction(better, x->of[metric].value - y->of[metric].value) > 0;
}

size_t comparison_order(const struct comparison *c, const struct comparison_group *g, size_t metric, size_t *order)
{
    size_t n = 0;
    for (size_t i = 0; i < g->rows; i++) {
        if (!has(g, i, metric))
            continue;
        size_t at = n++;
        for (; at > 0 && before(c, g, metric, i, order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return n;
}

static size_t rank_of(const struct comparison *c, const struct comparison_group *g, size_t metric, size_t row)
{
    enum metrics_better better = c->source->figure[c->metric[metric]].better;
    if (g->row[row].oracle || better == METRICS_NEITHER)
        return 0;
    size_t rank = 1;
    for (size_t i = 0; i < g->rows; i++)
        rank += !g->row[i].oracle && has(g, i, metric) && before(c, g, metric, i, row) ? 1 : 0;
    return rank;
}

static void show_change(const struct compare_statistics *s, struct comparison_shown *out)
{
    if (s->identical) {
        snprintf(out->change, sizeof out->change, "0");
    } else if (isnan(s->relative.low) || isnan(s->relative.high) || fabs(s->relative.value) >= LARGE) {
        snprintf(out->change, sizeof out->change, "%+.4g", s->difference.value);
        if (!isnan(s->difference.low))
            snprintf(out->interval, sizeof out->interval, "[%+.3g, %+.3g]", s->difference.low, s->difference.high);
    } else {
        snprintf(out->change, sizeof out->change, "%+.1f %%", 100 * s->relative.value);
        snprintf(out->interval, sizeof out->interval, "[%+.1f, %+.1f]", 100 * s->relative.low, 100 * s->relative.high);
    }
}

void comparison_show(const struct comparison *c, const struct comparison_group *g, size_t metric, size_t row,
                     struct comparison_shown *out)
{
    const struct comparison_row *x = &g->row[row];
    const struct compare_statistics *s = &x->of[metric];
    size_t rank = rank_of(c, g, metric, row);
    *out = (struct comparison_shown){0};
    if (rank)
        snprintf(out->rank, sizeof out->rank, "%zu", rank);
    else
        snprintf(out->rank, sizeof out->rank, "-");
    snprintf(out->mean, sizeof out->mean, "%.4g", s->value);
    if (x->baseline) {
        snprintf(out->verdict, sizeof out->verdict, "baseline");
        return;
    }
    show_change(s, out);
    if (!isnan(s->p_adjusted))
        snprintf(out->p, sizeof out->p, s->p_adjusted < 1e-4 ? "<0.0001" : "%.4f", s->p_adjusted);
    snprintf(out->verdict, sizeof out->verdict, "%s%s%s", s->identical ? "identical" : verdict_word(x->verdict[metric]),
             s->n < COMPARE_FEW && !s->identical ? " (too few)" : "", x->oracle ? " (oracle)" : "");
}

char *comparison_basis(const struct comparison *c, const struct comparison_group *g, size_t metric, char *out)
{
    out[0] = '\0';
    (void)c;
    for (size_t i = 0; i < g->rows; i++) {
        const struct compare_statistics *s = &g->row[i].of[metric];
        char of[48] = "", seeds[48] = "";
        if (g->row[i].baseline || s->pairs == 0)
            continue;
        if (s->independent == COMPARE_UNITS)
            snprintf(of, sizeof of, " of %zu trace%s", s->traces, s->traces == 1 ? "" : "s");
        if (s->independent != COMPARE_SEEDS && s->seeds > 1)
            snprintf(seeds, sizeof seeds, ", %zu seeds averaged", s->seeds);
        snprintf(out, 120, "%zu %s%s%s%s%s", s->n, compare_independent_word(s->independent, s->n), of, seeds,
                 s->test == COMPARE_NO_TEST ? "" : "; ", s->test == COMPARE_NO_TEST ? "" : compare_test_word(s->test));
        return out;
    }
    return out;
}

char *comparison_method(const struct comparison *c, char *out, size_t size)
{
    size_t missing = 0, percentile = 0;
    for (size_t k = 0; k < c->groups; k++)
        for (size_t i = 0; i < c->group[k].rows; i++) {
            missing += c->group[k].row[i].missing;
            for (size_t m = 0; m < c->metrics; m++)
                percentile += c->group[k].row[i].of[m].percentile ? 1 : 0;
        }
    size_t at = (size_t)snprintf(out, size,
                                 "Change: against %s, paired by trace and seed, with a %g %% interval by BCa bootstrap "
                                 "(%zu draws). p: adjusted by Holm over the policies and metrics of a group. A verdict "
                                 "needs both, and at least %d pairs.",
                                 c->baseline, 100 * c->level, c->draws, COMPARE_FEW);
    if (percentile && at < size)
        at += (size_t)snprintf(out + at, size - at, " %zu intervals are plain percentiles.", percentile);
    if (c->failed && at < size)
        at += (size_t)snprintf(out + at, size - at, " %zu cells failed and are left out.", c->failed);
    if (c->source->absent && at < size)
        at += (size_t)snprintf(out + at, size - at, " %llu planned cells are not in the file.",
                               (unsigned long long)c->source->absent);
    if (missing && at < size)
        at += (size_t)snprintf(out + at, size - at, " %zu pairs are missing: means are over different cells.", missing);
    if (c->source->tuned && at + 1 < size) {
        out[at] = ' ';
        comparison_tuned(c, out + at + 1, size - at - 1);
    }
    return out;
}
