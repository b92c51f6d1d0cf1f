/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_show: the rows of a comparison as people read them. */
#include "experiments/compare/comparison_write.h"

#include "experiments/compare/compare_change.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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
    struct compare_change change = {.change = "0"};
    if (!s->identical)
        compare_change_of(&c->source->figure[c->metric[metric]], s, &change);
    snprintf(out->change, sizeof out->change, "%s", change.change);
    snprintf(out->interval, sizeof out->interval, "%s", change.interval);
    if (!isnan(s->p_adjusted))
        snprintf(out->p, sizeof out->p, s->p_adjusted < 1e-4 ? "<0.0001" : "%.4f", s->p_adjusted);
    snprintf(out->verdict, sizeof out->verdict, "%s%s%s", s->identical ? "identical" : verdict_word(x->verdict[metric]),
             s->n < COMPARE_FEW && !s->identical ? " (too few)" : "", x->oracle ? " (oracle)" : "");
}

char *comparison_unit(const struct compare_figure *f, char *out)
{
    const char *unit = strcmp(f->unit, "1") == 0 ? "" : f->unit;
    const char *side = f->better == METRICS_LOWER    ? "lower is better"
                       : f->better == METRICS_HIGHER ? "higher is better"
                                                     : "";
    snprintf(out, 80, "%s%s%s", unit, *unit && *side ? ", " : "", *unit || *side ? side : "a number");
    return out;
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

static bool in_points(const struct comparison *c, const struct comparison_row *row, size_t metric)
{
    const struct compare_statistics *s = &row->of[metric];
    struct compare_change change;
    return !row->baseline && s->pairs > 0 && !s->identical &&
           compare_change_of(&c->source->figure[c->metric[metric]], s, &change)->points;
}

static bool has_metric(const struct comparison *c, size_t metric)
{
    for (size_t k = 0; k < c->groups; k++)
        for (size_t i = 0; i < c->group[k].rows; i++)
            if (has(&c->group[k], i, metric))
                return true;
    return false;
}

/* " No cell has machines.density." at AT; returns how long that is. */
static size_t absent_metrics(const struct comparison *c, char *out, size_t at, size_t size)
{
    const size_t begin = at;
    for (size_t m = 0; m < c->metrics && at < size; m++)
        if (!has_metric(c, m))
            at += (size_t)snprintf(out + at, size - at, "%s%s", at == begin ? " No cell has " : ", ",
                                   c->source->figure[c->metric[m]].name);
    if (at > begin && at < size)
        at += (size_t)snprintf(out + at, size - at, ".");
    return at - begin;
}

/* " N ONE" or " N MANY" at AT; returns how long it is. */
static size_t counted(char *out, size_t at, size_t size, uint64_t n, const char *one, const char *many)
{
    return n > 0 && at < size ? (size_t)snprintf(out + at, size - at, " %" PRIu64 " %s", n, n == 1 ? one : many) : 0;
}

char *comparison_method(const struct comparison *c, char *out, size_t size)
{
    size_t missing = 0, percentile = 0, points = 0;
    for (size_t k = 0; k < c->groups; k++)
        for (size_t i = 0; i < c->group[k].rows; i++) {
            const struct comparison_row *row = &c->group[k].row[i];
            missing += row->missing;
            for (size_t m = 0; m < c->metrics; m++) {
                percentile += row->of[m].percentile ? 1 : 0;
                points += in_points(c, row, m) ? 1 : 0;
            }
        }
    size_t at = (size_t)snprintf(out, size,
                                 "Change: against %s, paired by trace and seed, with a %g %% interval by BCa bootstrap "
                                 "(%zu draws). p: adjusted by Holm over the policies and metrics of a group. A verdict "
                                 "needs both, and at least %d pairs.",
                                 c->baseline, 100 * c->level, c->draws, COMPARE_FEW);
    if (points && at < size)
        at += (size_t)snprintf(out + at, size - at, " pp: percentage points.");
    at += counted(out, at, size, percentile, "interval is a plain percentile.", "intervals are plain percentiles.");
    at += counted(out, at, size, c->failed, "cell failed and is left out.", "cells failed and are left out.");
    at += counted(out, at, size, c->source->absent, "planned cell is not in the file.",
                  "planned cells are not in the file.");
    at += counted(out, at, size, missing, "pair is missing: means are over different cells.",
                  "pairs are missing: means are over different cells.");
    at += absent_metrics(c, out, at, size);
    if (c->source->tuned && at + 1 < size) {
        out[at] = ' ';
        comparison_tuned(c, out + at + 1, size - at - 1);
    }
    return out;
}
