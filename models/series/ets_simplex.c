/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_simplex: see the header. */
#include "ets_simplex.h"

#include <math.h>
#include <string.h>

#define LARGE 1e35 /* the value of what cannot be */
#define FIRST_STEP 0.1
#define SHRINK 0.5
#define STRETCH 2.0

/* Vertices are rows of n unknowns; values beside them. Rows n + 1 and n + 2 are the centre and the trial. */
struct state {
    const struct ets_simplex *s;
    double *vertex, *value;
    size_t best, worst, evaluations;
};

size_t ets_simplex_work(size_t n)
{
    return (n + 3) * (n + 1);
}

static double *row(const struct state *p, size_t i)
{
    return p->vertex + i * p->s->n;
}

static double evaluate(struct state *p, const double *x)
{
    const double f = p->s->f(x, p->s->ctx);
    p->evaluations++;
    return isfinite(f) ? f : LARGE;
}

static void evaluate_all(struct state *p)
{
    for (size_t i = 0; i <= p->s->n; i++)
        if (i != p->best)
            p->value[i] = evaluate(p, row(p, i));
}

/* Vertices around X; their extent. */
static double spread_out(struct state *p, const double *x)
{
    const size_t n = p->s->n;
    double step = 0, extent = 0;
    for (size_t k = 0; k < n; k++)
        step = fmax(step, FIRST_STEP * fabs(x[k]));
    if (step == 0)
        step = FIRST_STEP;
    for (size_t i = 0; i <= n; i++)
        memcpy(row(p, i), x, n * sizeof *x);
    for (size_t i = 1; i <= n; i++) {
        double trial = step;
        while (row(p, i)[i - 1] == x[i - 1] && isfinite(trial)) {
            row(p, i)[i - 1] = x[i - 1] + trial;
            trial *= 10;
        }
        extent += trial;
    }
    return extent;
}

static void rank(struct state *p)
{
    const size_t first = p->best;
    double low = p->value[first], high = low;
    p->worst = first;
    for (size_t i = 0; i <= p->s->n; i++) {
        if (i == first)
            continue;
        if (p->value[i] < low) {
            p->best = i;
            low = p->value[i];
        }
        if (p->value[i] > high) {
            p->worst = i;
            high = p->value[i];
        }
    }
}

static void replace_worst(struct state *p, const double *x, double value)
{
    memcpy(row(p, p->worst), x, p->s->n * sizeof *x);
    p->value[p->worst] = value;
}

/* All vertices half way to the best; the sum of what is left. */
static double draw_together(struct state *p)
{
    double extent = 0;
    const double *best = row(p, p->best);
    for (size_t i = 0; i <= p->s->n; i++) {
        if (i == p->best)
            continue;
        double *x = row(p, i);
        for (size_t k = 0; k < p->s->n; k++) {
            x[k] = SHRINK * (x[k] - best[k]) + best[k];
            extent += fabs(x[k] - best[k]);
        }
    }
    return extent;
}

/* One move of the worst vertex. False: nothing helped, all must be drawn together. */
static bool move(struct state *p)
{
    const size_t n = p->s->n;
    double *centre = row(p, n + 1), *trial = row(p, n + 2), *worst = row(p, p->worst);
    for (size_t k = 0; k < n; k++) {
        double sum = -worst[k];
        for (size_t i = 0; i <= n; i++)
            sum += row(p, i)[k];
        centre[k] = sum / (double)n;
        trial[k] = 2 * centre[k] - worst[k];
    }
    const double reflected = evaluate(p, trial), high = p->value[p->worst];
    if (reflected < p->value[p->best]) {
        /* the reflected point goes where the centre was */
        for (size_t k = 0; k < n; k++) {
            const double stretched = STRETCH * trial[k] + (1 - STRETCH) * centre[k];
            centre[k] = trial[k];
            trial[k] = stretched;
        }
        const double f = evaluate(p, trial);
        if (f < reflected)
            replace_worst(p, trial, f);
        else
            replace_worst(p, centre, reflected);
        return true;
    }
    if (reflected < high)
        replace_worst(p, trial, reflected);
    for (size_t k = 0; k < n; k++)
        trial[k] = (1 - SHRINK) * worst[k] + SHRINK * centre[k];
    const double f = evaluate(p, trial);
    if (f < p->value[p->worst]) {
        replace_worst(p, trial, f);
        return true;
    }
    return reflected < high;
}

bool ets_simplex(const struct ets_simplex *s, double *x, double *work, double *least)
{
    struct state p = {.s = s, .vertex = work, .value = work + (s->n + 3) * s->n};
    double extent = spread_out(&p, x);
    p.value[0] = evaluate(&p, x);
    const double close = s->tolerance * (fabs(p.value[0]) + s->tolerance);
    bool converged = false;
    evaluate_all(&p);
    while (true) {
        rank(&p);
        converged = p.value[p.worst] <= p.value[p.best] + close;
        if (converged || p.evaluations > s->most)
            break;
        if (move(&p))
            continue;
        const double now = draw_together(&p);
        if (!(now < extent))
            break;
        extent = now;
        evaluate_all(&p);
    }
    memcpy(x, row(&p, p.best), s->n * sizeof *x);
    *least = p.value[p.best];
    return converged;
}
