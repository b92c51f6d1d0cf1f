/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile_regression_vertex: from vertex to vertex down to the exact minimum of a quantile regression.
 *
 * Meaning.  At a vertex p rows, the basis, have residual 0. Each other row is on a side: above the plane its multiplier is tau, below it
 *           tau - 1. The basis multipliers make the sum of multiplier times x zero. One outside [tau - 1, tau] names
 *           an edge along which the objective falls; the step goes through as many rows as it pays to cross, up to the row at which the
 *           slope along the edge turns, and that row enters the basis.
 * Choice.   The edge is the one with the largest violation by length of its direction. Sides change by crossing only, never
 *           by the noise of a residual, so ties are passed in a fixed order; a run of steps of length zero is ended by
 *           moving y by amounts that no reader would see, and moving it back.
 *           Arrays are padded to whole blocks of RQ_BLOCK rows of zeros.
 * Source.   I. Barrodale, F. Roberts, "An improved algorithm for discrete l1 linear approximation", SIAM J. Numer. Anal. 10 (1973);
 *           R. Koenker, V. d'Orey, "Algorithm AS 229", Applied Statistics 36 (1987). */
#ifndef ALM_MODELS_QUANTILE_REGRESSION_VERTEX_H
#define ALM_MODELS_QUANTILE_REGRESSION_VERTEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RQ_BLOCK 8
#define RQ_DEPENDENT 1e-10 /* below this share of their size, columns count as dependent */

static inline size_t rq_padded(size_t n)
{
    return (n + RQ_BLOCK - 1) / RQ_BLOCK * RQ_BLOCK;
}

enum rq_end {
    RQ_OPTIMAL,
    RQ_UNBOUNDED, /* along an edge the objective falls for ever: rows are missing */
    RQ_SINGULAR,  /* no p independent rows */
    RQ_DEFICIENT, /* none among all rows: columns are dependent */
    RQ_CAPPED,
};

/* Rows 0 .. n - 1 of scaled data (sizes about 1), and what is known of rows that are not among them: their constant gradient,
 * the sum of multiplier times x. Column j is x + j * ld; ld is a multiple of RQ_BLOCK, the rows from n to the end of the
 * block are zero, n is at most UINT32_MAX. */
struct rq_vertex {
    size_t n, p, ld;
    double tau;
    double *x, *y, *outside; /* [p * ld], [ld], [p] */
    double *b;               /* [p]; in: near the answer; out: the vertex */
    size_t *basis;           /* [p]; out: the rows through which it goes */
    double *multiplier;      /* [p]; out: of the rows of the basis */
    double *side;            /* [ld]: tau, tau - 1; 0 in the basis and the padding */
    double *r, *s, *t;       /* [ld] residuals; change of residuals along the edge; steps */
    double *moved;           /* [ld] what was added to y */
    uint32_t *at;            /* [ld] rows of t */
    double *scratch; /* [p * ld], or NULL: there are more rows, so a poor basis is no reason to search all of these */
    size_t *column;  /* [p] */
    double *inverse; /* [p * p] of the basis rows: edge j is column j */
    double *gradient, *edge; /* [p] */
    double *work;            /* [p * p + 2 * p] */
    size_t pivots, cap;      /* counted on; where to stop */
};

/* P independent rows among the first M rows of X by elimination with the largest pivot, columns in their order: returns the rank, sets
 * BASIS[rank] and COLUMN[rank], the columns that do not depend on earlier ones. SCRATCH[p * ld]. */
size_t rq_independent(const double *x, size_t ld, size_t p, size_t m, double *scratch, size_t *basis, size_t *column);

/* From the vertex through independent rows near the plane b to the optimum. */
enum rq_end rq_vertex_solve(struct rq_vertex *v);

/* The same from the vertex at which the solve before ended, optimal or unbounded, after rows from BEFORE on have been added with their
 * residuals. When a solve ends RQ_UNBOUNDED, v->edge is the way to go. */
enum rq_end rq_vertex_go_on(struct rq_vertex *v, size_t before);

/* The size below which a residual is rounding. */
double rq_noise(const double *b, size_t p);

/* The K-th smallest (from 0) of VALUE[n], which is rearranged; k < n. */
double rq_select(double *value, size_t n, size_t k);

#endif
