/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune: candidates are run as cells and judged by them.
 *
 * Choice.   Candidates are run some at a time, so that a grid of thousands needs no more memory than that. Halving begins with
 *           few traces: which ones the seed draws, since their order in the specification may mean something. */
#include "experiments/sweep/tune.h"
#include "almanac/stream.h"
#include "experiments/sweep/results.h"
#include "experiments/sweep/tune_plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 32

struct judge {
    struct tune_scope scope;
    struct rounds *rounds;
    const struct results_figure **figure; /* [objectives] */
    size_t *order;
    char why[ALM_ERR_TEXT]; /* of the first cell without an objective */
};

static const struct sweep_tune *tune_of(const struct judge *j)
{
    return &j->scope.plan->spec->tune[j->scope.tune];
}

static double sum_of(struct judge *j, const struct cell_result *r)
{
    const struct sweep_tune *t = tune_of(j);
    double sum = 0;
    if (!r->done && !j->why[0])
        snprintf(j->why, sizeof j->why, "%s", r->reason);
    for (size_t k = 0; k < t->objectives; k++) {
        const double value = results_of_cell(j->figure[k], r);
        if (isnan(value) && !j->why[0])
            snprintf(j->why, sizeof j->why, "%s has no value", j->figure[k]->name);
        sum += t->weight[k] * value;
    }
    return sum;
}

/* Add the cell of one of CANDIDATE to it. */
static int take(struct judge *j, const struct sweep_plan *p, uint64_t number, struct tune_candidate *const *candidate,
                struct alm_err *e)
{
    struct sweep_cell cell;
    struct cell_result r = {0};
    ALM_TRY(sweep_plan_cell(p, number, &cell, e));
    const int code = cell_read(p, cell.id, &r, e);
    if (code != ALM_OK)
        return code;
    struct tune_candidate *c = candidate[cell.policy];
    c->objective += sum_of(j, &r);
    c->failed += !r.done;
    c->cells++;
    cell_result_free(&r);
    return ALM_OK;
}

/* Judge N candidates by the cells of P. ALM_NOT_YET when one is missing. */
static int read_all(struct judge *j, const struct sweep_plan *p, struct tune_candidate *const *candidate, size_t n,
                    struct alm_err *e)
{
    for (size_t i = 0; i < n; i++) {
        candidate[i]->objective = 0;
        candidate[i]->cells = candidate[i]->failed = 0;
        candidate[i]->traces = j->scope.traces;
        candidate[i]->seeds = j->scope.seeds;
    }
    for (uint64_t k = 0; k < p->cells; k++) {
        const int code = take(j, p, k, candidate, e);
        if (code != ALM_OK)
            return code;
    }
    for (size_t i = 0; i < n; i++)
        candidate[i]->objective =
            isfinite(candidate[i]->objective) ? candidate[i]->objective / (double)candidate[i]->cells : (double)NAN;
    return ALM_OK;
}

static bool any_failed(struct tune_candidate *const *candidate, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (candidate[i]->failed)
            return true;
    return false;
}

static int judge_batch(struct judge *j, struct tune_candidate *const *candidate, size_t n, struct alm_err *e)
{
    struct tune_plan *t;
    ALM_TRY(tune_plan_make(&j->scope, candidate, n, &t, e));
    int code = read_all(j, &t->plan, candidate, n, e);
    const bool again =
        code == ALM_OK && j->rounds->config->retry_failed && !j->rounds->once && any_failed(candidate, n);
    if (code == ALM_OK && !again) {
        j->rounds->total.wanted += t->plan.cells;
        j->rounds->total.skipped += t->plan.cells;
    }
    if (code == ALM_NOT_YET || again) {
        code = rounds_search(j->rounds, &t->plan, e);
        if (code == ALM_OK)
            code = read_all(j, &t->plan, candidate, n, e);
    }
    tune_plan_free(t);
    return code;
}

static int judge(void *ctx, struct tune_candidate *const *candidate, size_t n, size_t traces, size_t seeds,
                 struct alm_err *e)
{
    struct judge *j = ctx;
    int code = ALM_OK;
    j->scope.traces = traces;
    j->scope.seeds = seeds;
    for (size_t i = 0; i < n && code == ALM_OK; i += BATCH)
        code = judge_batch(j, candidate + i, n - i < BATCH ? n - i : BATCH, e);
    return code;
}

/* The traces in an order drawn by the seed of the tuning. */
static void draw_order(struct judge *j)
{
    const size_t n = j->scope.plan->spec->traces;
    struct alm_stream s = alm_stream_open(tune_of(j)->seed, 0, "tune traces");
    for (size_t i = 0; i < n; i++) {
        const size_t k = (size_t)alm_stream_below(&s, i + 1);
        j->order[i] = j->order[k];
        j->order[k] = i;
    }
}

static int judge_open(struct judge *j, struct alm_err *e)
{
    const struct sweep_tune *t = tune_of(j);
    j->order = calloc(j->scope.plan->spec->traces, sizeof *j->order);
    j->figure = calloc(t->objectives + 1, sizeof *j->figure);
    if (!j->order || !j->figure)
        return alm_fail(e, ALM_ENOMEM, "out of memory for tuning policy %s", t->policy);
    j->scope.order = j->order;
    draw_order(j);
    for (size_t k = 0; k < t->objectives; k++)
        ALM_TRY(results_figure_find(t->objective[k], &j->figure[k], e));
    return ALM_OK;
}

static void judge_close(struct judge *j)
{
    free(j->order);
    free(j->figure);
}

/* The best of what was TRIED becomes the policy's. */
static int choose(struct sweep_plan *p, struct judge *j, const struct tune_list *tried, struct alm_err *e)
{
    const struct sweep_tune *t = tune_of(j);
    if (tried->count == 0 || isnan(tried->item[0]->objective))
        return alm_fail(e, ALM_EDATA, "%s: policy %s cannot be tuned: none of %zu sets of values has an objective: %s",
                        p->dir, t->policy, tried->count, j->why);
    if (!j->rounds->silent)
        ALM_TRY(tune_write(p, j->scope.tune, tried, e));
    return sweep_plan_choose(p, j->scope.tune, (const char *const *)tried->item[0]->value, e);
}

int tune_choose(struct sweep_plan *p, size_t tune, struct rounds *r, struct alm_err *e)
{
    struct judge j = {.scope = {.plan = p, .tune = tune}, .rounds = r};
    const struct tune_judge asked = {p->spec->traces, p->spec->seeds, judge, &j};
    struct tune_space space = {0};
    struct tune_list tried = {0};
    int code = judge_open(&j, e);
    if (code >= 0)
        code = tune_space_open(p->spec, &p->spec->tune[tune], &space, e);
    if (code == ALM_OK)
        code = tune_search(&space, &asked, &tried, e);
    if (code == ALM_OK)
        code = choose(p, &j, &tried, e);
    tune_list_free(&tried, p->spec->tune[tune].parameters);
    tune_space_close(&space);
    judge_close(&j);
    return code;
}
