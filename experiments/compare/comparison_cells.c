/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_cells: see the header. */
#include "experiments/compare/comparison_cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MOST 1024

static bool is_common(const struct comparison *c, size_t factor)
{
    return c->common >> factor & 1;
}

static bool of_baseline(const struct comparison *c, const struct compare_cell *cell)
{
    return strcmp(cell->policy, c->baseline) == 0;
}

/* Same part, and the same value of each factor that concerns both. */
static bool in_group(const struct comparison *c, const struct compare_cell *cell, const struct compare_cell *first)
{
    if (strcmp(cell->part, first->part) != 0)
        return false;
    for (size_t k = 0; k < c->source->factors; k++)
        if (is_common(c, k) && cell->factor[k][0] && strcmp(cell->factor[k], first->factor[k]) != 0)
            return false;
    return true;
}

static bool in_row(const struct comparison *c, const struct compare_cell *cell, const struct compare_cell *first)
{
    if (strcmp(cell->policy, first->policy) != 0)
        return false;
    for (size_t k = 0; k < c->source->factors; k++)
        if (!is_common(c, k) && strcmp(cell->factor[k], first->factor[k]) != 0)
            return false;
    return true;
}

/* "vpa.predictor.margin" of policy vpa is its "predictor.margin". */
static const char *own_path(const char *factor, const char *policy)
{
    const size_t n = strlen(policy);
    return strncmp(factor, policy, n) == 0 && factor[n] == '.' ? factor + n + 1 : factor;
}

/* HEAD and the factors of CELL that are common, or those that are not: "test, platform.cores=8". */
static char *label(const struct comparison *c, const char *head, const struct compare_cell *cell, bool common)
{
    char text[NAME_MOST];
    int at = snprintf(text, sizeof text, "%s", head);
    for (size_t k = 0; k < c->source->factors && at < NAME_MOST - 1; k++)
        if (is_common(c, k) == common && cell->factor[k][0])
            at +=
                snprintf(text + at, sizeof text - (size_t)at, "%s%s=%s", at ? ", " : "",
                         common ? c->source->factor[k] : own_path(c->source->factor[k], cell->policy), cell->factor[k]);
    return strdup(text);
}

static int add_row(const struct comparison *c, struct comparison_group *g, size_t cell, struct alm_err *e)
{
    const struct compare_cell *x = &c->source->cell[cell];
    struct comparison_row *row = realloc(g->row, (g->rows + 1) * sizeof *row);
    if (!row)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu policies", g->rows + 1);
    g->row = row;
    row = &g->row[g->rows++];
    *row = (struct comparison_row){.policy = x->policy,
                                   .name = label(c, x->policy, x, false),
                                   .first = cell,
                                   .oracle = x->oracle,
                                   .baseline = of_baseline(c, x),
                                   .of = calloc(c->metrics, sizeof *row->of),
                                   .verdict = calloc(c->metrics, sizeof *row->verdict),
                                   .point = {{NAN, NAN}, {NAN, NAN}},
                                   .regret = {NAN, NAN}};
    return row->name && row->of && row->verdict ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for a policy");
}

static int add_rows(const struct comparison *c, struct comparison_group *g, struct alm_err *e)
{
    const struct compare_source *s = c->source;
    ALM_TRY(add_row(c, g, g->first, e));
    for (size_t i = 0; i < s->cells; i++) {
        if (!in_group(c, &s->cell[i], &s->cell[g->first]))
            continue;
        size_t k = 0;
        while (k < g->rows && !in_row(c, &s->cell[i], &s->cell[g->row[k].first]))
            k++;
        if (k == g->rows)
            ALM_TRY(add_row(c, g, i, e));
        g->row[k].oracle = g->row[k].oracle || s->cell[i].oracle;
    }
    return ALM_OK;
}

static int add_group(struct comparison *c, size_t cell, struct alm_err *e)
{
    const struct compare_cell *x = &c->source->cell[cell];
    struct comparison_group *g = realloc(c->group, (c->groups + 1) * sizeof *g);
    if (!g)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu groups", c->groups + 1);
    c->group = g;
    g = &c->group[c->groups++];
    *g = (struct comparison_group){.part = x->part,
                                   .first = cell,
                                   .name = label(c, strcmp(x->part, "whole") == 0 ? "" : x->part, x, true),
                                   .ranks = calloc(c->metrics, sizeof *g->ranks)};
    return g->name && g->ranks ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for a group");
}

static int no_baseline(const struct comparison *c, struct alm_err *e)
{
    char known[400] = "";
    const struct compare_source *s = c->source;
    for (size_t i = 0; i < s->cells; i++) {
        size_t j = 0, at = strlen(known);
        while (strcmp(s->cell[j].policy, s->cell[i].policy) != 0)
            j++;
        if (j == i)
            snprintf(known + at, sizeof known - at, "%s%s", at ? ", " : "", s->cell[i].policy);
    }
    return alm_fail(e, ALM_EINVAL, "%s has no policy %.100s to be the baseline; it has %s", s->path, c->baseline,
                    known);
}

static bool mates(const struct compare_cell *a, const struct compare_cell *b)
{
    return a->seed == b->seed && strcmp(a->trace, b->trace) == 0 && strcmp(a->sha256, b->sha256) == 0;
}

/* MINE[cells of the source] is scratch. */
static int pair_row(const struct comparison *c, const struct comparison_group *g, struct comparison_row *r,
                    size_t *mine, struct alm_err *e)
{
    const struct compare_source *s = c->source;
    const struct compare_cell *cell = s->cell, *base = &cell[g->first];
    size_t n = 0;
    for (size_t i = 0; i < s->cells; i++)
        if (cell[i].done && in_row(c, &cell[i], &cell[r->first]) && in_group(c, &cell[i], base))
            mine[n++] = i;
    r->pair = calloc(n + 1, sizeof *r->pair);
    if (!r->pair)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", n);
    for (size_t i = 0; i < s->cells; i++) {
        if (!of_baseline(c, &cell[i]) || !in_group(c, &cell[i], base))
            continue;
        size_t k = 0;
        while (k < n && !mates(&cell[i], &cell[mine[k]]))
            k++;
        r->missing += k == n ? 1 : 0;
        if (k == n || !cell[i].done)
            continue;
        r->pair[r->pairs++] = (struct compare_pair){i, mine[k]};
        mine[k] = mine[--n];
    }
    return ALM_OK;
}

static int pair_all(struct comparison *c, struct alm_err *e)
{
    size_t *mine = calloc(c->source->cells + 1, sizeof *mine);
    int code = mine ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", c->source->cells);
    for (size_t k = 0; k < c->groups; k++)
        for (size_t i = 0; code >= 0 && i < c->group[k].rows; i++)
            code = pair_row(c, &c->group[k], &c->group[k].row[i], mine, e);
    free(mine);
    return code;
}

int comparison_lay_out(struct comparison *c, struct alm_err *e)
{
    const struct compare_source *s = c->source;
    if (s->factors > 64)
        return alm_fail(e, ALM_EDATA, "%s has %zu factors; 64 at the most", s->path, s->factors);
    for (size_t i = 0; i < s->cells; i++) {
        c->failed += s->cell[i].done ? 0 : 1;
        for (size_t k = 0; k < s->factors; k++)
            if (s->cell[i].factor[k][0] && of_baseline(c, &s->cell[i]))
                c->common |= (uint64_t)1 << k;
    }
    for (size_t i = 0; i < s->cells; i++) {
        size_t k = 0;
        if (!of_baseline(c, &s->cell[i]))
            continue;
        while (k < c->groups && !in_group(c, &s->cell[i], &s->cell[c->group[k].first]))
            k++;
        if (k == c->groups)
            ALM_TRY(add_group(c, i, e));
    }
    for (size_t k = 0; k < c->groups; k++)
        ALM_TRY(add_rows(c, &c->group[k], e));
    return c->groups > 0 ? pair_all(c, e) : no_baseline(c, e);
}

static double mean_of(const struct comparison *c, const struct comparison_row *row, size_t figure, bool *done,
                      size_t *used)
{
    const struct compare_source *s = c->source;
    double total = 0;
    size_t traces = 0;
    *used = 0;
    for (size_t i = 0; i < row->pairs; i++) {
        const char *trace = s->cell[row->pair[i].value].trace;
        double sum = 0;
        size_t n = 0;
        if (done[i])
            continue;
        for (size_t j = i; j < row->pairs; j++) {
            double v = s->value(s->ctx, row->pair[j].value, figure);
            if (done[j] || strcmp(s->cell[row->pair[j].value].trace, trace) != 0)
                continue;
            done[j] = true;
            sum += isnan(v) ? 0 : v;
            n += isnan(v) ? 0 : 1;
        }
        total += n > 0 ? sum / (double)n : 0;
        traces += n > 0 ? 1 : 0;
        *used += n;
    }
    return traces > 0 ? total / (double)traces : NAN;
}

int comparison_mean(const struct comparison *c, const struct comparison_row *row, size_t figure, double *out,
                    size_t *used, struct alm_err *e)
{
    bool *done = calloc(row->pairs + 1, sizeof *done);
    if (!done)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu cells", row->pairs);
    *out = mean_of(c, row, figure, done, used);
    free(done);
    return ALM_OK;
}
