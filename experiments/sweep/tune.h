/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune: values for the parameters of a policy, found on the part `train`.
 *
 * Meaning.  The objective of a set of values is the mean over traces, factors and seeds of the weighted sum of metrics; less is
 *           better. A set of which a cell failed, or has no such metric, is worse than all others. DIR/tune/POLICY.json
 *           ("almanac.tune/1") has all sets that were tried, the best first, and the one that was chosen.
 * Choice.   A search begins anew at each launch and finds its cells done: nothing else is kept of it. Seeds that `until` adds are not
 *           for choosing: they come after. */
#ifndef ALM_SWEEP_TUNE_H
#define ALM_SWEEP_TUNE_H

#include "experiments/sweep/rounds.h"
#include "experiments/sweep/tune_search.h"

/* Tell the source of S of tunings that cannot be: of one policy twice, of a factor, by a method that is not for such parameters,
 * towards what is worse. */
void tune_check(struct sweep_spec *s);

/* Search for TUNE of P, and choose. ALM_NOT_YET as rounds_search. ALM_EDATA when no set of values has an objective. */
int tune_choose(struct sweep_plan *p, size_t tune, struct rounds *r, struct alm_err *e);

/* Write DIR/tune/POLICY.json, whole or not at all. */
int tune_write(const struct sweep_plan *p, size_t tune, const struct tune_list *tried, struct alm_err *e);

/* Its path: allocated; NULL when out of memory. */
char *tune_path(const struct sweep_plan *p, size_t tune);

const char *tune_method_word(enum sweep_tuning method);

#endif
