/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison: see the header. */
#include "experiments/compare/comparison.h"

#include "experiments/compare/comparison_cells.h"
#include "experiments/statistics/multiple.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNIFICANT 0.05

const char *verdict_word(enum verdict v)
{
    static const char *const word[] = {"", "same", "better", "worse", "different", "inconclusive"};
    return word[v];
}

static bool within(const struct compare_statistics *s, struct compare_tolerance t)
{
    if (isnan(t.amount))
        return false;
    const struct estimate *x = t.relative ? &s->relative : &s->difference;
    return x->low >= -t.amount && x->high <= t.amount;
}

enum verdict verdict_of(const struct compare_statistics *s, enum metrics_better better, struct compare_tolerance t)
{
    if (s->pairs == 0)
        return VERDICT_NONE;
    if (s->identical)
        return VERDICT_SAME;
    if (s->n < COMPARE_FEW)
        return VERDICT_INCONCLUSIVE;
    if (within(s, t))
        return VERDICT_SAME;
    int side = (s->difference.low > 0) - (s->difference.high < 0);
    if (side == 0 || side != s->toward || !(s->p_adjusted <= SIGNIFICANT))
        return VERDICT_INCONCLUSIVE;
    int direction = compare_direction(better, side);
    return direction > 0 ? VERDICT_BETTER : direction < 0 ? VERDICT_WORSE : VERDICT_DIFFERENT;
}

static int adjust(struct comparison *c, struct comparison_group *g, struct alm_err *e)
{
    size_t n = g->rows * c->metrics;
    double *p = calloc(n + 1, sizeof *p);
    if (!p)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu tests", n);
    for (size_t i = 0; i < n; i++)
        p[i] = g->row[i / c->metrics].of[i % c->metrics].p;
    int code = p_adjust(MULTIPLE_HOLM, p, n, p, e);
    for (size_t i = 0; code >= 0 && i < n; i++) {
        struct comparison_row *row = &g->row[i / c->metrics];
        size_t k = i % c->metrics;
        row->of[k].p_adjusted = p[i];
        g->tests += isnan(p[i]) ? 0 : 1;
        if (!row->baseline)
            row->verdict[k] = verdict_of(&row->of[k], c->source->figure[c->metric[k]].better, c->tolerance[k]);
    }
    free(p);
    return code;
}

static bool ahead(const struct comparison_row *a, const struct comparison_row *b, enum metrics_better better)
{
    int direction = compare_direction(better, a->of[0].value - b->of[0].value);
    return direction > 0;
}

/* Rank: one more than how many are ahead, so that equals share it. */
static void rank(const struct comparison *c, struct comparison_group *g)
{
    enum metrics_better better = c->source->figure[c->metric[0]].better;
    for (size_t i = 0; i < g->rows; i++) {
        struct comparison_row *row = &g->row[i];
        if (row->oracle || better == METRICS_NEITHER || isnan(row->of[0].value))
            continue;
        row->rank = 1;
        for (size_t j = 0; j < g->rows; j++)
            row->rank += !g->row[j].oracle && ahead(&g->row[j], row, better) ? 1 : 0;
    }
}

/* The baseline against nothing: its means. */
static int baseline_row(const struct comparison *c, struct comparison_row *row, struct alm_err *e)
{
    const struct estimate none = {NAN, NAN, NAN};
    for (size_t k = 0; k < c->metrics; k++) {
        struct compare_statistics *s = &row->of[k];
        *s = (struct compare_statistics){.difference = none,
                                         .relative = none,
                                         .excess = none,
                                         .p = NAN,
                                         .p_adjusted = NAN,
                                         .effect = NAN,
                                         .worst = row->pairs};
        ALM_TRY(comparison_mean(c, row, c->metric[k], &s->value, &s->pairs, e));
        s->base = s->value;
    }
    return ALM_OK;
}

static int compare_rows(const struct comparison *c, const struct comparison_request *q, struct comparison_group *g,
                        struct alm_err *e)
{
    for (size_t i = 0; i < g->rows; i++) {
        struct comparison_row *row = &g->row[i];
        struct compare_set set = {c->source, c->source, row->pair, row->pairs};
        int code = row->baseline ? baseline_row(c, row, e)
                                 : compare_pairs(&set, c->metric, c->metrics, c->tolerance, &q->plan, row->of, e);
        if (code < 0)
            return alm_fail_in(e, "policy %s", row->name);
    }
    return ALM_OK;
}

static int make(struct comparison *c, const struct comparison_request *q, struct alm_err *e)
{
    c->baseline = strdup(q->baseline);
    c->metric = calloc(q->metrics + 1, sizeof *c->metric);
    c->tolerance = calloc(q->metrics + 1, sizeof *c->tolerance);
    if (!c->baseline || !c->metric || !c->tolerance)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu metrics", q->metrics);
    c->metrics = q->metrics;
    c->level = q->plan.level > 0 ? q->plan.level : COMPARE_LEVEL;
    c->draws = q->plan.draws ? q->plan.draws : COMPARE_DRAWS;
    for (size_t k = 0; k < q->metrics; k++) {
        c->metric[k] = q->metric[k];
        c->tolerance[k] = q->tolerance ? q->tolerance[k] : (struct compare_tolerance){.amount = NAN};
    }
    ALM_TRY(comparison_lay_out(c, e));
    for (size_t k = 0; k < c->groups; k++) {
        struct comparison_group *g = &c->group[k];
        ALM_TRY(compare_rows(c, q, g, e));
        ALM_TRY(adjust(c, g, e));
        rank(c, g);
        ALM_TRY(comparison_ranks_make(c, g, e));
    }
    return comparison_trade_off(c, e);
}

int comparison_make(const struct compare_source *source, const struct comparison_request *request,
                    struct comparison **out, struct alm_err *e)
{
    if (request->metrics == 0)
        return alm_fail(e, ALM_EINVAL, "nothing to compare: at least one metric is needed");
    struct comparison *c = calloc(1, sizeof *c);
    if (!c)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a comparison");
    c->source = source;
    int code = make(c, request, e);
    if (code < 0) {
        comparison_free(c);
        return code;
    }
    *out = c;
    return ALM_OK;
}

static void group_free(struct comparison_group *g, size_t metrics)
{
    for (size_t i = 0; g->row && i < g->rows; i++) {
        free(g->row[i].name);
        free(g->row[i].pair);
        free(g->row[i].of);
        free(g->row[i].verdict);
    }
    for (size_t k = 0; g->ranks && k < metrics; k++) {
        free(g->ranks[k].mean);
        free(g->ranks[k].group);
    }
    free(g->row);
    free(g->ranks);
    free(g->name);
}

void comparison_free(struct comparison *c)
{
    if (!c)
        return;
    for (size_t k = 0; c->group && k < c->groups; k++)
        group_free(&c->group[k], c->metrics);
    free(c->group);
    free(c->area);
    free(c->baseline);
    free(c->metric);
    free(c->tolerance);
    free(c);
}
