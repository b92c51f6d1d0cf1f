/* SPDX-License-Identifier: GPL-3.0-or-later
 * conditional_choice: candidates for a conditional model, cross-validated. For conditional.c alone. */
#ifndef ALM_MODELS_CONDITIONAL_CHOICE_H
#define ALM_MODELS_CONDITIONAL_CHOICE_H

#include "conditional.h"
#include "nearest_neighbours.h"
#include "regression_tree.h"

/* One candidate with its settings. */
struct candidate {
    enum conditional_family family;
    size_t neighbours, least;
    bool weighted;
};

/* The rows in use: features Z[n * f.count], values X[n * k], the logs seen LOW[n], whether these are lower bounds, what models are
 * fitted on T[n], and ROW[n] = 0 .. n - 1. */
struct sample {
    size_t n, k;
    struct features f;
    double *z, *x, *low, *t;
    bool *bound;
    uint32_t *row;
};

struct choice {
    struct candidate chosen;
    struct conditional_report report;
    double *model; /* [n] out of fold, of the chosen */
};

/* Choose for S; OUT->model is the caller's. */
int conditional_choose(const struct sample *s, const struct conditional_options *o, struct choice *out,
                       struct alm_err *e);

/* A residual: of a bound it may be larger. */
struct residual {
    double value;
    bool bound;
};

/* The law of residuals: those that are known, rising, and the share of what is to come that lies at or below each. */
struct residual_law {
    size_t n;
    double largest; /* bounds too; 0 when there are none */
    double *value, *share;
};

/* Sort R[n] and fill OUT, whose arrays hold N. A share counts one more residual, above all: the one to come. A bound's share goes to
 * all above it. Source: Kaplan and Meier (1958); Efron (1967), redistribution to the right. */
void residual_law(struct residual *r, size_t n, struct residual_law *out);

/* The quantile P: the least value whose share is P; below the median the largest whose share is at most P. */
double residual_quantile(const struct residual_law *law, double p, double *stated);

/* Which third of the RISING[n] predictions VALUE is in: 0, 1, 2. */
int third_of(const double *rising, size_t n, double value);

int rising_doubles(const void *a, const void *b);

#endif
