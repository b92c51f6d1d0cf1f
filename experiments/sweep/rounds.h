/* SPDX-License-Identifier: GPL-3.0-or-later
 * rounds: an experiment run to its end: searches first, then the cells of the plan, then more seeds while they are asked for.
 *
 * Meaning.  What comes next follows from the plan and the cells that are there, all of a round or none: so neither the launcher nor the
 *           order of work changes what is chosen or how many seeds there are, and a run that was killed goes on where it was.
 * Choice.   Where other launchers work on the same round (shards, MPI) one ends with it: the next launch does the next. */
#ifndef ALM_SWEEP_ROUNDS_H
#define ALM_SWEEP_ROUNDS_H

#include "experiments/sweep/crew.h"

struct rounds {
    int (*run)(const struct sweep_plan *p, const struct crew_config *c, struct crew_status *out, struct alm_err *e);
    const struct crew_config *config;
    bool once;   /* there are other launchers: one round */
    bool silent; /* write no file beside cells: another launcher of the same kind does */

    struct crew_status total; /* of all rounds so far; zeroed at first */
    bool ran;
};

/* Run what is missing of P, which is written again when it grows. ALM_NOT_YET: the round is over (or lost a cell, as OUT says), and the
 * experiment is not; codes of `run` otherwise. */
int rounds_run(struct sweep_plan *p, struct rounds *r, struct crew_status *out, struct alm_err *e);

/* Run the cells of a search's plan once, adding to r->total. ALM_NOT_YET when no more may be run now. */
int rounds_search(struct rounds *r, const struct sweep_plan *p, struct alm_err *e);

#endif
