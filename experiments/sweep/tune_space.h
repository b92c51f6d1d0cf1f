/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune_space: the sets of values that a search may try, as points of a cube.
 *
 * Meaning.  Each parameter is an axis from 0 to 1: a range from `min` to `max`, linear or logarithmic, or a list of values that
 *           share it evenly. A point becomes texts, which is what a policy is set to: two points with the same texts are one.
 * Choice.   Reals are rounded to six digits and whole numbers to whole ones, so that a choice reads well and comes out the same
 *           where the last bits of a logarithm differ. */
#ifndef ALM_SWEEP_TUNE_SPACE_H
#define ALM_SWEEP_TUNE_SPACE_H

#include "experiments/sweep/spec.h"

struct tune_axis {
    const struct alm_opt *row; /* of a range */
    double min, max;           /* in its stored unit */
};

struct tune_space {
    const struct sweep_tune *tune;
    struct tune_axis *axis; /* [parameters] */
};

int tune_space_open(const struct sweep_spec *s, const struct sweep_tune *t, struct tune_space *out, struct alm_err *e);
void tune_space_close(struct tune_space *s); /* twice is fine */

/* The value of PARAMETER at U in [0, 1]: allocated; NULL when out of memory. */
char *tune_space_value(const struct tune_space *s, size_t parameter, double u);

/* Points of the grid along PARAMETER: its values, or five of a range, both ends among them. */
size_t tune_grid_steps(const struct sweep_tune *t, size_t parameter);

/* Sets of values of the whole grid; at most one more than MOST. */
size_t tune_grid_size(const struct sweep_tune *t, size_t most);

/* Where step STEP of the grid lies on the axis of PARAMETER. */
double tune_grid_place(const struct sweep_tune *t, size_t parameter, size_t step);

#endif
