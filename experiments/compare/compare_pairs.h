/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_pairs: the statistics of a set of pairs of cells: the same trace and seed, once with and once without.
 *
 * Meaning.  What is resampled is what is independent: traces, when there are at least COMPARE_FEW; else the units of the
 *           traces, where the figure is known of them; else seeds. Seeds are averaged first, then units pooled to their trace, then
 *           traces averaged. Of a few traces the units are drawn from all together and pooled within each: a sum is scaled by
 *           how many units its trace has over how many were drawn.
 *           The interval is that of the difference of the means; p asks for a shift of the pairs' own differences, in which every
 *           unit counts the same, so the two may disagree: then nothing is concluded.
 * Choice.   BCa from 10 000 resamples; the percentile interval where BCa cannot be told though resamples exist. Wilcoxon's exact
 *           distribution up to 50 pairs that are mostly untied, else random signs. All draws follow from the seed alone.
 * Limits.   Units and traces are taken as a sample of others alike; two units of one host are not quite independent.
 * Source.   Efron and Tibshirani (1993); Wilcoxon (1945); Cohen (1988). */
#ifndef ALM_COMPARE_PAIRS_H
#define ALM_COMPARE_PAIRS_H

#include "experiments/compare/compare_source.h"
#include "experiments/statistics/estimate.h"

#define COMPARE_FEW 6 /* with fewer pairs no two-sided test of ranks can reach 5 % */
#define COMPARE_DRAWS 10000
#define COMPARE_LEVEL 0.95

enum compare_independent { COMPARE_TRACES, COMPARE_UNITS, COMPARE_SEEDS };
enum compare_test { COMPARE_NO_TEST, COMPARE_WILCOXON, COMPARE_SIGN_FLIP };

struct compare_pair {
    size_t base, value; /* cells of the two sources */
};

struct compare_set {
    const struct compare_source *base, *value;
    const struct compare_pair *pair;
    size_t pairs;
};

struct compare_plan {
    size_t draws; /* 0: COMPARE_DRAWS */
    double level; /* 0: COMPARE_LEVEL */
    uint64_t seed;
};

struct compare_statistics {
    double base, value;         /* means */
    struct estimate difference; /* value - base */
    struct estimate relative;   /* over |base|; the interval is NaN where the base may be 0 */
    struct estimate excess;     /* how far for the worse beyond the tolerance; NaN without one */
    bool percentile;            /* the interval is not BCa */
    double p, p_adjusted;       /* p_adjusted is for the caller to fill in */
    int toward;                 /* of the test: 1 values are larger, -1 smaller */
    double effect;              /* d_z of the pairs */
    enum compare_test test;
    enum compare_independent independent;
    size_t n, traces, seeds, pairs; /* n: of what is independent; pairs: of cells that have the figure */
    size_t vanished;                /* pairs that have it in the base only */
    size_t worst;                   /* index of the pair that changed most for the worse; pairs' number when none did */
    bool identical;                 /* to the bit, in every pair and unit */
};

/* FIGURE[figures] of SET into OUT[figures]; TOLERANCE[figures] or NULL. A figure that no pair has gets pairs 0. ALM_EDATA when the
 * units of a pair differ; ALM_ENOMEM.
 * cost  draws times pairs or units, for each figure. */
int compare_pairs(const struct compare_set *set, const size_t *figure, size_t figures,
                  const struct compare_tolerance *tolerance, const struct compare_plan *plan,
                  struct compare_statistics *out, struct alm_err *e);

const char *compare_independent_word(enum compare_independent i, size_t n); /* "trace", "traces" */
const char *compare_test_word(enum compare_test t);                         /* "Wilcoxon exact" */

#endif
