/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune_plan: a plan in memory whose policies are the candidates of a search.
 *
 * Meaning.  Made of the plan of the experiment: its traces (in a given order, the first of them), its seeds (the first of them), the
 *           factors that are about the tuned policy. Cells have the ids that they would have anywhere, and lie in the same folder, so
 *           what was done is not done again.
 * Choice.   It has the part `train` and no other: that the test tells nothing to a search does not hang on care taken. */
#ifndef ALM_SWEEP_TUNE_PLAN_H
#define ALM_SWEEP_TUNE_PLAN_H

#include "experiments/sweep/plan.h"
#include "experiments/sweep/tune_search.h"

struct tune_scope {
    const struct sweep_plan *plan;
    size_t tune;
    const size_t *order;  /* [traces of the plan]: of traces */
    size_t traces, seeds; /* how many */
};

struct tune_plan {
    struct sweep_plan plan; /* belongs to this; the rest is what it is made of */
    struct sweep_spec spec;
    size_t own_sets; /* settings of the policy before those of a candidate */
};

/* Candidates are policies 0 .. N-1 of it. What it was made from must outlive it. */
int tune_plan_make(const struct tune_scope *scope, struct tune_candidate *const *candidate, size_t n,
                   struct tune_plan **out, struct alm_err *e);
void tune_plan_free(struct tune_plan *t); /* NULL is fine */

#endif
