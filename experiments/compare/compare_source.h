/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_source: what a comparison reads: cells with labels, their figures, and these unit by unit.
 *
 * Meaning.  A cell is one simulation. A figure of many units is the sum of their amounts, or, of a quotient, the sum of
 *           amounts over the sum of weights; so any selection of units can be pooled, and resampled.
 * Choice.   A results file and a run file both fill this, and so does a test with arrays. Texts are borrowed from whoever
 *           filled it. */
#ifndef ALM_COMPARE_SOURCE_H
#define ALM_COMPARE_SOURCE_H

#include "experiments/metrics.h"

struct compare_cell {
    const char *trace, *sha256, *policy, *part, *command, *reason;
    const char *window;        /* the time that was scored, simulation_window.h; NULL: not known */
    const char *const *factor; /* [factors]; "": it is not about the policy */
    int64_t seed;
    bool done, oracle;
    uint32_t units;
};

struct compare_figure {
    const char *name, *unit; /* "cpu.slack_relative", "share" */
    enum metrics_better better;
    bool units;    /* it is known of each unit */
    bool additive; /* the pool is the sum */
    bool absolute; /* a change is an amount by nature, metrics.h */
};

struct compare_unit {
    double amount, weight; /* weight: of an additive figure 1; 0: nothing is known of the unit, and amount is 0 */
};

struct compare_source {
    const char *path;
    const char *const *factor; /* names */
    size_t factors;
    const struct compare_cell *cell;
    size_t cells;
    const char *tuned; /* JSON: values that were searched for, as in struct results; NULL: none */
    uint64_t absent;   /* cells that were planned and are not here */
    const struct compare_figure *figure;
    size_t figures;
    /* The figure of a whole cell; NaN where it does not exist. */
    double (*value)(void *ctx, size_t cell, size_t figure);
    /* FIGURE[count] of the units of a cell: those of figure k begin at OUT + k * units. NAME[units] may be NULL. */
    int (*units)(void *ctx, size_t cell, const size_t *figure, size_t count, struct compare_unit *out,
                 const char **name, struct alm_err *e);
    void *ctx;
};

/* The number of the figure NAME in S; S->figures when there is none. */
size_t compare_figure_index(const struct compare_source *s, const char *name);

/* Is A the same figure of merit in a better direction than B? 1 better, -1 worse, 0 equal or neither. */
int compare_direction(enum metrics_better better, double difference);

/* How much of a change is let pass: a share of the baseline's value, or an amount in the figure's unit. */
struct compare_tolerance {
    double amount; /* NaN: none was given */
    bool relative;
};

/* "2%" is a share; "0", "0.5", "64Mi" an amount in F's unit. ALM_EINVAL naming the text. */
int compare_tolerance_parse(const struct compare_figure *f, const char *text, struct compare_tolerance *out,
                            struct alm_err *e);

#endif
