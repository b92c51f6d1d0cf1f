/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_simplex: the least of a function by Nelder and Mead's simplex, as J. C. Nash wrote it down.
 *
 * Choice.   The search of optim() in R and so of forecast::ets: a simplex of one step for all unknowns, a tenth of the largest; the
 *           worst point is reflected through the centre of the others, then stretched, drawn in, or all are drawn to the best.
 *           GSL's simplex takes other steps and so ends elsewhere where a likelihood is flat: not at R's numbers.
 * Limits.   Derives nothing from the function, so beyond ten unknowns it often stops before the least value.
 * Source.   J. A. Nelder, R. Mead, "A simplex method for function minimization", The Computer Journal 7 (1965); J. C. Nash, "Compact
 *           numerical methods for computers" (1990), algorithm 19. */
#ifndef ALM_MODELS_ETS_SIMPLEX_H
#define ALM_MODELS_ETS_SIMPLEX_H

#include <stdbool.h>
#include <stddef.h>

struct ets_simplex {
    double (*f)(const double *x, void *ctx); /* not finite: cannot be */
    void *ctx;
    size_t n;         /* unknowns */
    size_t most;      /* evaluations, about */
    double tolerance; /* of f between worst and best, relative to the first */
};

/* Doubles of work space. */
size_t ets_simplex_work(size_t n);

/* X[n]: start in, least out; *LEAST its value. True: converged within `most` evaluations. The start must be finite. */
bool ets_simplex(const struct ets_simplex *s, double *x, double *work, double *least);

#endif
