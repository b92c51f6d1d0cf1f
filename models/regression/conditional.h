/* SPDX-License-Identifier: GPL-3.0-or-later
 * conditional: an amount as a function of input parameters: the simplest model that cross-validation cannot tell from the best.
 *
 * Meaning.  Candidates, simplest first: constant, log-linear, log-linear with pairs, regression tree, nearest neighbours, nearest
 *           neighbours of what log-linear leaves. All model t = log(y + resolution). Each is fitted without a fold at a time; what it
 *           was wrong by on the folds left out are its residuals. Its loss is the pinball loss of t at the median and at `level`, where
 *           the quantiles are the model plus the empirical quantiles of its residuals in the other folds. Of each kind of model the smoothest
 *           settings stand, of all kinds the simplest is chosen, whose mean loss is above the least there by no more than one
 *           standard error of the mean difference, row by row.
 *           A quantile is then exp(model + quantile of the residuals) - resolution: of n residuals the one at ceil((n + 1) p) (below
 *           the median floor((n + 1) p)), over all rows, or over the third of the rows with predictions like this one when that is
 *           better by more than one standard error.
 * Choice.   Logs: errors of amounts are relative, over inputs that span decades. Folds are a function of the row's number.
 *           Where n is too small for p the largest residual times 2 stands in, and what is stated is n / (n + 1). Where all rows are bounds,
 *           twice the model does, and 0 is stated.
 *           A row that is a lower bound has a residual that may be larger: its share goes to those above (Kaplan-Meier), and what no
 *           known residual reaches is not stated. For the model the mean that a normal law of the residuals gives above the bound
 *           stands in (three rounds).
 * Limits.   Rows where y is negative or not finite are left out; of more than CONDITIONAL_ROWS the last are used. The model never
 *           leaves the range of t seen by more than its width. Choosing among candidates makes residuals a little too small.
 * Source.   Stone (1974), cross-validation; Breiman et al. (1984) 3.4.3, one standard error; Vovk, Gammerman, Shafer (2005), order
 *           statistics of residuals; Kaplan and Meier (1958), Buckley and James (1979), lower bounds. */
#ifndef ALM_MODELS_CONDITIONAL_H
#define ALM_MODELS_CONDITIONAL_H

#include "features.h"

#include "almanac/error.h"

#define CONDITIONAL_ROWS 2048
#define CONDITIONAL_LEVELS 4

enum conditional_family {
    CONDITIONAL_CONSTANT,
    CONDITIONAL_LINEAR,
    CONDITIONAL_PAIRS,
    CONDITIONAL_TREE,
    CONDITIONAL_NEIGHBOURS,
    CONDITIONAL_NEIGHBOURS_LEFT, /* of what log-linear leaves */
    CONDITIONAL_FAMILIES
};

struct conditional_options {
    uint32_t families; /* 1u << each candidate family; 0: all */
    size_t neighbours; /* k, unweighted; 0: chosen */
    double resolution; /* of y, above 0: a smaller difference means nothing */
    size_t levels;
    double level[CONDITIONAL_LEVELS]; /* in (0, 1) */
};

/* What was chosen and why. */
struct conditional_report {
    enum conditional_family family;
    size_t rows, bounds, folds;
    size_t neighbours, least;          /* of neighbours; of the tree */
    bool weighted, local;              /* neighbours by influence; residuals by thirds */
    double r2;                         /* of log-linear: share of the variance of t */
    enum conditional_family best;      /* the least loss */
    double loss[CONDITIONAL_FAMILIES]; /* mean pinball loss of what stood for each; NaN where there was none */
    double behind[CONDITIONAL_FAMILIES],
        error[CONDITIONAL_FAMILIES]; /* loss - that of the best, and its standard error */
};

struct conditional;

/* ALM_NOT_YET with *OUT NULL for fewer than 2 usable rows; else *OUT goes to conditional_free. */
int conditional_fit(const struct regression_table *t, const struct conditional_options *o, struct conditional **out,
                    struct alm_err *e);
void conditional_free(struct conditional *c);

/* The quantile P of y at the inputs X[k]; X NULL: over the inputs seen. STATED (may be NULL): the confidence that the rows can bear,
 * P but for few rows. Finite, >= 0. */
double conditional_quantile(const struct conditional *c, const double *x, double p, double *stated);

void conditional_report(const struct conditional *c, struct conditional_report *out);

/* "constant", "log-linear", ... */
const char *conditional_family_word(enum conditional_family family);

/* How much each input decides into WEIGHT[k], in no unit; all 0 where the model is constant. */
void conditional_weights(const struct conditional *c, double *weight);

/* "log-linear in size (R2 0.98): pinball 0.12 against 0.80 constant, ...", with the NAME[k] of inputs (NULL: numbers). Returns OUT. */
char *conditional_words(const struct conditional *c, const char *const *name, char *out, size_t size);

/* A model as bytes, conditional_saved.c: as many as conditional_size says. What was loaded answers and reports as what was saved. K: of
 * inputs. Numbers are in the machine's own order. ALM_EDATA, *OUT NULL: SIZE bytes that are no model of K inputs. */
size_t conditional_size(const struct conditional *c);
void conditional_save(const struct conditional *c, void *bytes);
int conditional_load(const void *bytes, size_t size, size_t k, struct conditional **out, struct alm_err *e);

#endif
