/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune_simplex: the method of Nelder and Mead over the cube of the parameters.
 *
 * Choice.   A point outside the cube is mirrored at its faces, so that the method meets no walls and the function stays
 *           continuous. What has no objective counts as the largest number: the library refuses what is not finite.
 * Limits.   Ends when the budget is used up, or the simplex is smaller than a thousandth of the ranges. */
#include "experiments/sweep/tune_search.h"

#include <float.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdlib.h>

#define FIRST_STEP 0.25
#define SMALL 1e-3

struct simplex {
    const struct tune_space *space;
    const struct tune_judge *judge;
    struct tune_list *out;
    struct alm_err *e;
    double *point;
    int code; /* of the judge; no more is asked after it was not ALM_OK */
};

/* Fold X into [0, 1]. */
static double mirrored(double x)
{
    double y = fmod(fabs(x), 2);
    return y <= 1 ? y : 2 - y;
}

static double value_at(const gsl_vector *x, void *ctx)
{
    struct simplex *s = ctx;
    if (s->code != ALM_OK || s->out->count >= s->space->tune->budget)
        return DBL_MAX;
    for (size_t k = 0; k < x->size; k++)
        s->point[k] = mirrored(gsl_vector_get(x, k));
    const size_t before = s->out->count;
    struct tune_candidate *c = tune_list_at(s->out, s->space, s->point);
    if (!c) {
        s->code = alm_fail(s->e, ALM_ENOMEM, "out of memory for %zu sets of values", before);
        return DBL_MAX;
    }
    if (s->out->count > before)
        s->code = s->judge->judge(s->judge->ctx, &c, 1, s->judge->traces, s->judge->seeds, s->e);
    return s->code == ALM_OK && isfinite(c->objective) ? c->objective : DBL_MAX;
}

static void go(struct simplex *s, gsl_multimin_fminimizer *m, const gsl_vector *start, const gsl_vector *step)
{
    const size_t budget = s->space->tune->budget;
    gsl_multimin_function f = {value_at, start->size, s};
    if (gsl_multimin_fminimizer_set(m, &f, start, step) != 0)
        return;
    for (size_t k = 0; k < 10 * budget && s->code == ALM_OK && s->out->count < budget; k++)
        if (gsl_multimin_fminimizer_iterate(m) != 0 || gsl_multimin_fminimizer_size(m) < SMALL)
            return;
}

int tune_simplex(const struct tune_space *s, const struct tune_judge *judge, struct tune_list *out, struct alm_err *e)
{
    const size_t n = s->tune->parameters;
    struct simplex simplex = {.space = s, .judge = judge, .out = out, .e = e, .point = calloc(n, sizeof(double))};
    gsl_vector *start = gsl_vector_alloc(n), *step = gsl_vector_alloc(n);
    gsl_multimin_fminimizer *m = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, n);
    if (!simplex.point || !start || !step || !m)
        simplex.code = alm_fail(e, ALM_ENOMEM, "out of memory for a simplex of %zu parameters", n);
    else {
        gsl_vector_set_all(start, 0.5);
        gsl_vector_set_all(step, FIRST_STEP);
        go(&simplex, m, start, step);
    }
    if (m)
        gsl_multimin_fminimizer_free(m);
    gsl_vector_free(start);
    gsl_vector_free(step);
    free(simplex.point);
    return simplex.code;
}
