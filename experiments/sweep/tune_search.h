/* SPDX-License-Identifier: GPL-3.0-or-later
 * tune_search: looks for the set of values with the least objective.
 *
 * Meaning.  grid:        every combination of values, or of five points of a range.
 *           random:      `budget` points, point I from stream (seed, I): more budget only adds points.
 *           nelder-mead: the simplex method from the middle of the ranges; a point outside is mirrored at the bounds.
 *           halving:     random points, judged by one seed on one trace; the better half by twice as much, and so on until those
 *                        that are left are judged by all. As many points as the budget pays for.
 *           The budget counts judgements by all traces and seeds; one by a share counts as that share.
 * Choice.   Who judges remembers: a search is begun anew at each launch and asks the same again. No clock, nothing drawn but
 *           from the seed, ties to the one that was tried first.
 * Limits.   Nelder-Mead finds the bottom of one valley, and says nothing of others.
 * Source.   Nelder and Mead (1965), as in GSL's nmsimplex2; successive halving: Karnin, Koren, Somekh (2013). */
#ifndef ALM_SWEEP_TUNE_SEARCH_H
#define ALM_SWEEP_TUNE_SEARCH_H

#include "experiments/sweep/tune_space.h"

struct tune_candidate {
    char **value;                        /* [parameters] */
    double objective;                    /* NaN: it has none */
    size_t number;                       /* in the order in which they were tried, from 0 */
    size_t traces, seeds, cells, failed; /* that it was judged by the last time */
};

struct tune_list {
    struct tune_candidate **item;
    size_t count;
};

struct tune_judge {
    size_t traces, seeds; /* there are */
    /* Find the objectives of N candidates by the first TRACES traces and SEEDS seeds. ALM_NOT_YET: it cannot be told now. */
    int (*judge)(void *ctx, struct tune_candidate *const *candidate, size_t n, size_t traces, size_t seeds,
                 struct alm_err *e);
    void *ctx;
};

/* All that were tried, the best first: those that were judged by more before those by less, then by objective. ALM_NOT_YET as the
 * judge. OUT is zeroed at first, and released by tune_list_free also after a failure. */
int tune_search(const struct tune_space *s, const struct tune_judge *judge, struct tune_list *out, struct alm_err *e);
void tune_list_free(struct tune_list *l, size_t parameters);

/* For methods: the candidate at POINT[parameters], a new one unless it was tried before. NULL when out of memory. */
struct tune_candidate *tune_list_at(struct tune_list *l, const struct tune_space *s, const double *point);

/* nelder-mead. */
int tune_simplex(const struct tune_space *s, const struct tune_judge *judge, struct tune_list *out, struct alm_err *e);

#endif
