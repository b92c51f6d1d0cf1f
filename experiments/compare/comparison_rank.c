/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison_rank: the overview: ranks over traces, slack against harm, regret.
 *
 * Choice.   Friedman's test takes a trace only when every ranked policy has the metric on it, so no policy is judged on others'
 *           traces; policies that see the future would only push all ranks down, and are left out.
 * Source.   Demsar (2006), groups joined by the critical difference; Rzadca et al. (2020). */
#include "experiments/compare/comparison_cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Mean over seeds of each trace for each row: cell of [trace][row], NaN where a row lacks the trace. */
struct table {
    const char **trace;
    double *value;
    size_t traces, rows, room;
};

static void table_free(struct table *t)
{
    free((void *)t->trace);
    free(t->value);
}

static size_t trace_index(struct table *t, const char *name)
{
    size_t k = 0;
    while (k < t->traces && strcmp(t->trace[k], name) != 0)
        k++;
    if (k == t->traces)
        t->trace[t->traces++] = name;
    return k;
}

static int fill_column(const struct comparison *c, const struct comparison_group *g, size_t row, size_t figure,
                       struct table *t, struct alm_err *e)
{
    const struct compare_pair *pair = g->row[row].pair;
    size_t pairs = g->row[row].pairs;
    size_t *seeds = calloc(t->room + 1, sizeof *seeds);
    for (size_t i = 0; seeds && i < pairs; i++) {
        double v = c->source->value(c->source->ctx, pair[i].value, figure);
        size_t k = trace_index(t, c->source->cell[pair[i].value].trace);
        double *at = &t->value[k * t->rows + row];
        if (isnan(v))
            continue;
        *at = seeds[k] == 0 ? v : *at + v;
        seeds[k]++;
    }
    for (size_t k = 0; seeds && k < t->traces; k++)
        if (seeds[k] > 1)
            t->value[k * t->rows + row] /= (double)seeds[k];
    int code = seeds ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for ranks");
    free(seeds);
    return code;
}

static int table_make(const struct comparison *c, const struct comparison_group *g, size_t figure, struct table *t,
                      struct alm_err *e)
{
    size_t room = g->row[0].pairs + 1;
    *t = (struct table){.rows = g->rows, .room = room};
    t->trace = calloc(room, sizeof *t->trace);
    t->value = calloc(room * g->rows, sizeof *t->value);
    int code = t->trace && t->value ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for ranks");
    for (size_t i = 0; code >= 0 && i < room * g->rows; i++)
        t->value[i] = NAN;
    for (size_t i = 0; code >= 0 && i < g->rows; i++)
        code = fill_column(c, g, i, figure, t, e);
    return code;
}

/* The rows that are ranked: those that have the metric at all, and do not see the future. COLUMN gets their numbers. */
static size_t ranked_rows(const struct comparison_group *g, size_t metric, size_t *column)
{
    size_t n = 0;
    for (size_t i = 0; i < g->rows; i++)
        if (!g->row[i].oracle && g->row[i].of[metric].pairs > 0)
            column[n++] = i;
    return n;
}

/* Traces that all ranked rows have, by rows of OUT; smaller is better in it. */
static size_t complete_traces(const struct table *t, const size_t *column, size_t k, int sign, double *out)
{
    size_t n = 0;
    for (size_t i = 0; i < t->traces; i++) {
        bool whole = true;
        for (size_t j = 0; j < k; j++) {
            out[n * k + j] = sign * t->value[i * t->rows + column[j]];
            whole = whole && !isnan(out[n * k + j]);
        }
        n += whole ? 1 : 0;
    }
    return n;
}

/* Maximal runs in order of mean rank whose ends are within the critical difference. */
static void find_groups(struct comparison_ranks *r, const size_t *column, size_t k)
{
    size_t order[64], covered = 0;
    for (size_t i = 0; i < k; i++) {
        size_t at = i;
        for (; at > 0 && r->mean[order[at - 1]] > r->mean[column[i]]; at--)
            order[at] = order[at - 1];
        order[at] = column[i];
    }
    for (size_t i = 0; i < k && r->groups < 64; i++) {
        size_t end = i + 1;
        while (end < k && r->mean[order[end]] - r->mean[order[i]] <= r->test.critical_difference)
            end++;
        if (end <= covered)
            continue;
        for (size_t j = i; j < end; j++)
            r->group[order[j]] |= (uint64_t)1 << r->groups;
        r->groups++;
        covered = end;
    }
}

static int rank_metric(struct comparison *c, struct comparison_group *g, size_t metric, struct alm_err *e)
{
    struct comparison_ranks *r = &g->ranks[metric];
    enum metrics_better better = c->source->figure[c->metric[metric]].better;
    struct table t = {0};
    size_t *column = calloc(g->rows + 1, sizeof *column);
    double *value = calloc((g->row[0].pairs + 1) * g->rows, sizeof *value), *rank = calloc(g->rows + 1, sizeof *rank);
    r->mean = calloc(g->rows + 1, sizeof *r->mean);
    r->group = calloc(g->rows + 1, sizeof *r->group);
    int code =
        column && value && rank && r->mean && r->group ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for ranks");
    for (size_t i = 0; code >= 0 && i < g->rows; i++)
        r->mean[i] = NAN;
    size_t k = code >= 0 ? ranked_rows(g, metric, column) : 0;
    if (code >= 0 && k >= 3 && k <= 64 && better != METRICS_NEITHER) {
        code = table_make(c, g, c->metric[metric], &t, e);
        if (code >= 0)
            r->traces = complete_traces(&t, column, k, better == METRICS_LOWER ? 1 : -1, value);
        if (code >= 0 && r->traces >= 2) {
            code = friedman(value, r->traces, k, c->level, &r->test, rank, NULL, e);
            r->any = code >= 0;
        }
    }
    for (size_t j = 0; r->any && j < k; j++)
        r->mean[column[j]] = rank[j];
    if (r->any)
        find_groups(r, column, k);
    table_free(&t);
    free(column);
    free(value);
    free(rank);
    return code;
}

int comparison_ranks_make(struct comparison *c, struct comparison_group *g, struct alm_err *e)
{
    for (size_t k = 0; k < c->metrics; k++)
        ALM_TRY(rank_metric(c, g, k, e));
    return ALM_OK;
}
