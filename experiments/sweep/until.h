/* SPDX-License-Identifier: GPL-3.0-or-later
 * until: how many seeds a metric needs to be known well enough.
 *
 * Meaning.  Cells that differ in their seed alone are a group. Of each, the 95 % half-width h of the mean of the metric (Student's t)
 *           must be at most `halfwidth` of the mean. Of the widest, with n seeds, n (h / target)^2 are asked for: one more than
 *           now at least, twice as many at most, and never more than `most`.
 * Choice.   All groups get the same seeds, so that policies stay paired. A metric that does not vary is known; one that no cell of a
 *           group has, or whose cells all failed, asks for nothing. Of a mean of 0 no half-width is a share: twice as many.
 * Limits.   Looking until it is narrow enough makes intervals a little too short, as any rule that stops on what it sees.
 *           It is least with ten seeds or more at the begin.
 * Source.   Law (2015), Simulation Modeling and Analysis, section 9.4.1; the rule for a relative half-width. */
#ifndef ALM_SWEEP_UNTIL_H
#define ALM_SWEEP_UNTIL_H

#include "experiments/sweep/plan.h"

struct until_need {
    size_t seeds, wanted;   /* that there are; that are asked for: not more when all is well, or `most` is reached */
    double widest;          /* share: h / |mean| of the widest group; NaN: none is known */
    struct sweep_cell cell; /* the first of that group */
};

/* For a plan with `until` in its specification. ALM_NOT_YET when a cell is missing; OUT is untouched then. */
int until_look(const struct sweep_plan *p, struct until_need *out, struct alm_err *e);

/* The rule for one group: seeds that N values V ask for, where SEEDS there are, of which N have a value. *width: h / |mean|. */
size_t until_seeds(const double *v, size_t n, size_t seeds, double target, double *width);

#endif
