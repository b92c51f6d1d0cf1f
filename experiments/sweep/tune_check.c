/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune_check: what is wrong with a tuning beyond its values. */
#include "almanac/option.h"

#include "experiments/sweep/results.h"
#include "experiments/sweep/spec_build.h"
#include "experiments/sweep/tune.h"

#include <string.h>

static void check_policy(struct sweep_spec *s, size_t tune)
{
    for (size_t i = 0; i < tune; i++)
        if (s->tune[i].policy && strcmp(s->tune[i].policy, s->tune[tune].policy) == 0)
            alm_spec_tell(s->source, s->tune[tune].at, "policy %s is tuned twice", s->tune[tune].policy);
}

/* A factor would take the place of what was found. */
static void check_factors(struct sweep_spec *s, const struct sweep_tune *t, const struct sweep_parameter *p)
{
    for (size_t i = 0; i < s->factors; i++) {
        const struct sweep_factor *f = &s->factor[i];
        const bool about = !f->policy || strcmp(f->policy, t->policy) == 0;
        if (about && strcmp(f->path, p->path) == 0 && !alm_spec_told(s->source, p->at))
            alm_spec_tell(s->source, p->at, "`%s` is a factor too; tune it, or compare its values, not both", p->path);
    }
}

static void check_simplex(struct sweep_spec *s, const struct sweep_tune *t, size_t parameter)
{
    const struct sweep_parameter *p = &t->parameter[parameter];
    const struct alm_opt *row;
    double min, max;
    if (t->method != SWEEP_NELDER_MEAD || alm_spec_told(s->source, p->at) || !p->min || !p->max)
        return;
    if (sweep_parameter_range(s, t, parameter, &row, &min, &max, NULL) == ALM_OK && row->type == ALM_OPT_INTEGER)
        alm_spec_tell(s->source, p->at,
                      "nelder-mead is for amounts, and this is a whole number; take random or halving");
}

/* Less of the objective is better: a weight of the wrong sign would look for harm. */
static void check_objective(struct sweep_spec *s, const struct sweep_tune *t)
{
    for (size_t k = 0; k < t->objectives; k++) {
        const struct results_figure *f;
        if (alm_spec_told(s->source, t->objective_at[k]) || results_figure_find(t->objective[k], &f, NULL) < 0)
            continue;
        if (f->better == METRICS_HIGHER && t->weight[k] > 0)
            alm_spec_tell(s->source, t->objective_at[k],
                          "more of %s is better, and the objective is made small: give it a negative weight", f->name);
        if (f->better == METRICS_LOWER && t->weight[k] < 0)
            alm_spec_tell(s->source, t->objective_at[k],
                          "less of %s is better, and the objective is made small: give it a positive weight", f->name);
    }
    if (t->objectives == 0)
        alm_spec_tell(s->source, t->at, "no metric in `objective`; write objective: {cpu.slack_relative: 1}");
}

static void check_size(struct sweep_spec *s, const struct sweep_tune *t)
{
    const size_t most = t->budget ? t->budget : 1000000, n = tune_grid_size(t, most);
    if (t->method == SWEEP_GRID && n > most)
        alm_spec_tell(s->source, t->at, "the grid has more than %zu sets of values; take fewer, or method: random",
                      most);
}

void tune_check(struct sweep_spec *s)
{
    for (size_t i = 0; i < s->tunes; i++) {
        const struct sweep_tune *t = &s->tune[i];
        if (!t->policy || alm_spec_told(s->source, t->at))
            continue;
        check_policy(s, i);
        for (size_t k = 0; k < t->parameters; k++) {
            check_factors(s, t, &t->parameter[k]);
            check_simplex(s, t, k);
        }
        check_objective(s, t);
        check_size(s, t);
    }
}
