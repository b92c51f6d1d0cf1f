/* SPDX-License-Identifier: GPL-3.0-or-later
 * rq_window: quantile regression on the last rows of a stream.
 *
 * Meaning.  A ring of rows and the coefficients of each level. Putting a row costs a copy of it. A refit makes the coefficients the exact
 *           optimum of the rows held, from the vertex of the refit before; between refits they stay as they were.
 * Choice.   A refit costs some pivots among the rows near the plane and a few looks at all rows, whatever the number of rows that
 *           changed; so it is done every so many rows. With every sixteenth of the window, five columns and windows of 288 to 8064
 *           rows, a row costs less than a microsecond a level, refits shared out: 0.2 to 0.8 where measured. No gradient steps between
 *           refits: coefficients stale by a sixteenth of the window are the optimum of almost the same rows, and stay exact.
 *           Only coefficients are kept: the vertex is found again as the rows nearest to the plane.
 * Limits.   With ties, the answer is as good as that of a fit from scratch, but may be another. */
#ifndef ALM_MODELS_RQ_WINDOW_H
#define ALM_MODELS_RQ_WINDOW_H

#include "quantile_regression.h"

#include <stdint.h>

/* Plain bytes: 24 + 8 * (rows * (columns + 1) + levels * columns). */
struct rq_window {
    uint32_t rows, columns, levels;
    uint32_t count, next; /* rows held; where the next goes */
    uint32_t since;       /* rows put in since the last refit; UINT32_MAX: there was none */
    double value[];       /* X by columns, y, coefficients by level */
};

size_t rq_window_size(size_t rows, size_t columns, size_t levels);
void rq_window_init(struct rq_window *w, size_t rows, size_t columns, size_t levels);

/* Whether BYTES (of the size above, not aligned) can be such a window. */
bool rq_window_sound(const void *bytes, size_t rows, size_t columns, size_t levels);

/* Put row X[columns], Y in; when the window is full the oldest goes. A row with a value that is not finite is held and not used. */
void rq_window_put(struct rq_window *w, const double *x, double y);

/* Coefficients for the rising levels TAU[levels] from the rows held, in WORK, which has room for them and may be
 * shared; OUT[levels], or NULL. Errors as of rq_fit_levels. */
int rq_window_refit(struct rq_window *w, struct rq *work, const double *tau, struct rq_result *out, struct alm_err *e);

/* B[columns] of LEVEL; zeros before the first refit. */
const double *rq_window_coefficients(const struct rq_window *w, size_t level);

/* Whether there was no refit yet, or EVERY rows came since. */
static inline bool rq_window_due(const struct rq_window *w, size_t every)
{
    return w->since >= every;
}

#endif
