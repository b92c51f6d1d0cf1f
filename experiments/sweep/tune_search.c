/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune_search: grid, random and halving; the list of what was tried. */
#include "almanac/stream.h"

#include "experiments/sweep/tune_search.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GRID_MOST ((size_t)1000000)

static void free_candidate(struct tune_candidate *c, size_t parameters)
{
    for (size_t k = 0; c && c->value && k < parameters; k++)
        free(c->value[k]);
    if (c)
        free(c->value);
    free(c);
}

void tune_list_free(struct tune_list *l, size_t parameters)
{
    for (size_t i = 0; i < l->count; i++)
        free_candidate(l->item[i], parameters);
    free(l->item);
    *l = (struct tune_list){0};
}

static struct tune_candidate *make(const struct tune_space *s, const double *point)
{
    struct tune_candidate *c = calloc(1, sizeof *c);
    bool good = c && (c->value = calloc(s->tune->parameters + 1, sizeof *c->value));
    for (size_t k = 0; good && k < s->tune->parameters; k++)
        good = (c->value[k] = tune_space_value(s, k, point[k])) != NULL;
    if (!good) {
        free_candidate(c, s->tune->parameters);
        return NULL;
    }
    c->objective = (double)NAN;
    return c;
}

static bool same(const struct tune_candidate *a, const struct tune_candidate *b, size_t parameters)
{
    for (size_t k = 0; k < parameters; k++)
        if (strcmp(a->value[k], b->value[k]) != 0)
            return false;
    return true;
}

struct tune_candidate *tune_list_at(struct tune_list *l, const struct tune_space *s, const double *point)
{
    struct tune_candidate *c = make(s, point);
    for (size_t i = 0; c && i < l->count; i++)
        if (same(c, l->item[i], s->tune->parameters)) {
            free_candidate(c, s->tune->parameters);
            return l->item[i];
        }
    struct tune_candidate **more = c ? realloc(l->item, (l->count + 1) * sizeof *more) : NULL;
    if (!more) {
        free_candidate(c, s->tune->parameters);
        return NULL;
    }
    l->item = more;
    c->number = l->count;
    more[l->count++] = c;
    return c;
}

/* Judged by more; less, with NaN last; tried earlier. */
static int by_merit(const void *a, const void *b)
{
    const struct tune_candidate *x = *(struct tune_candidate *const *)a, *y = *(struct tune_candidate *const *)b;
    const size_t of_x = x->traces * x->seeds, of_y = y->traces * y->seeds;
    if (of_x != of_y)
        return of_x > of_y ? -1 : 1;
    if (isnan(x->objective) != isnan(y->objective))
        return isnan(x->objective) ? 1 : -1;
    if (x->objective < y->objective || x->objective > y->objective)
        return x->objective < y->objective ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static void sort(struct tune_list *l)
{
    if (l->count > 1)
        qsort(l->item, l->count, sizeof *l->item, by_merit);
}

/* Add the candidates that POINT_OF makes of 0 .. N-1. */
static int add(const struct tune_space *s, size_t n,
               void (*point_of)(const struct sweep_tune *t, size_t number, double *point), struct tune_list *out,
               struct alm_err *e)
{
    double *point = calloc(s->tune->parameters + 1, sizeof *point);
    int code = ALM_OK;
    if (!point)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a point");
    for (size_t i = 0; code >= 0 && i < n; i++) {
        point_of(s->tune, i, point);
        if (!tune_list_at(out, s, point))
            code = alm_fail(e, ALM_ENOMEM, "out of memory for %zu sets of values", i);
    }
    free(point);
    return code;
}

static void grid_point(const struct sweep_tune *t, size_t number, double *point)
{
    for (size_t k = t->parameters; k-- > 0; number /= tune_grid_steps(t, k))
        point[k] = tune_grid_place(t, k, number % tune_grid_steps(t, k));
}

static void random_point(const struct sweep_tune *t, size_t number, double *point)
{
    struct alm_stream stream = alm_stream_open(t->seed, number, "tune");
    for (size_t k = 0; k < t->parameters; k++)
        point[k] = alm_stream_uniform(&stream);
}

static int judge_all(const struct tune_judge *j, struct tune_list *l, struct alm_err *e)
{
    return j->judge(j->ctx, l->item, l->count, j->traces, j->seeds, e);
}

/* How much stage STAGE sees: traces first, for the first seed; then seeds. */
static void stage_share(const struct tune_judge *j, unsigned stage, size_t *traces, size_t *seeds)
{
    const size_t share = (size_t)1 << stage;
    *traces = share < j->traces ? share : j->traces;
    *seeds = share / j->traces;
    *seeds = *seeds < 1 ? 1 : *seeds < j->seeds ? *seeds : j->seeds;
}

static unsigned stages(const struct tune_judge *j)
{
    unsigned n = 0;
    for (size_t traces = 0, seeds = 0; traces < j->traces || seeds < j->seeds; n++)
        stage_share(j, n, &traces, &seeds);
    return n;
}

/* What halving costs that begins with N candidates, in pairs of trace and seed. */
static double halving_cost(const struct tune_judge *j, size_t n)
{
    double cost = 0;
    for (unsigned stage = 0; stage < stages(j); stage++, n = (n + 1) / 2) {
        size_t traces, seeds;
        stage_share(j, stage, &traces, &seeds);
        cost += (double)n * (double)traces * (double)seeds;
    }
    return cost;
}

/* With how many candidates halving can begin; one at least. */
static size_t halving_size(const struct tune_judge *j, size_t budget)
{
    const double most = (double)budget * (double)j->traces * (double)j->seeds;
    size_t low = 1, high = 2;
    while (halving_cost(j, high) <= most) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(halving_cost(j, middle) <= most ? &low : &high) = middle;
    }
    return low;
}

static int halving(const struct tune_space *s, const struct tune_judge *j, struct tune_list *out, struct alm_err *e)
{
    ALM_TRY(add(s, halving_size(j, s->tune->budget), random_point, out, e));
    size_t n = out->count;
    for (unsigned stage = 0; stage < stages(j); stage++, n = (n + 1) / 2) {
        size_t traces, seeds;
        stage_share(j, stage, &traces, &seeds);
        int code = j->judge(j->ctx, out->item, n, traces, seeds, e);
        if (code != ALM_OK)
            return code;
        sort(out);
    }
    return ALM_OK;
}

int tune_search(const struct tune_space *s, const struct tune_judge *judge, struct tune_list *out, struct alm_err *e)
{
    int code = ALM_OK;
    assert(judge->traces > 0 && judge->seeds > 0);
    switch (s->tune->method) {
    case SWEEP_GRID:
        ALM_TRY(add(s, tune_grid_size(s->tune, GRID_MOST), grid_point, out, e));
        code = judge_all(judge, out, e);
        break;
    case SWEEP_RANDOM:
        ALM_TRY(add(s, s->tune->budget, random_point, out, e));
        code = judge_all(judge, out, e);
        break;
    case SWEEP_NELDER_MEAD:
        code = tune_simplex(s, judge, out, e);
        break;
    case SWEEP_HALVING:
        code = halving(s, judge, out, e);
        break;
    }
    sort(out);
    return code;
}
