/* SPDX-License-Identifier: GPL-3.0-or-later
 * comparison: the policies of an experiment against its baseline, metric by metric, and how sure that is.
 *
 * Meaning.  A group has one value of each factor that concerns the baseline, and one part of the traces. In it each policy,
 *           with each value of the factors of its own, is paired with the baseline: same trace, part, factors and seed. p values
 *           are adjusted by Holm over all policies and metrics of the group, and
 *             same          to the bit, or the whole interval lies within the tolerance, if one was given
 *             better, worse the interval of the difference excludes 0, and so does the adjusted p at 5 %, on the same side
 *             different     likewise, of a metric that has no better side
 *             inconclusive  everything else; always with fewer than COMPARE_FEW pairs
 *           Policies that see the future are compared but get no rank.
 *           Slack against harm: for CPU and memory, mean slack_relative and mean overrun_time_share of all groups of one part.
 *           A family is one policy's points. Regret: slack beyond what the best oracle needs for no more harm.
 * Limits.   Means are over the pairs that both sides have: where a policy lacks cells its mean is over fewer.
 * Source.   Holm (1979); Demsar (2006); Rzadca et al., "Autopilot", EuroSys'20. */
#ifndef ALM_COMPARE_COMPARISON_H
#define ALM_COMPARE_COMPARISON_H

#include "experiments/compare/compare_pairs.h"
#include "experiments/statistics/friedman.h"
#include "experiments/statistics/trade_off.h"

enum verdict {
    VERDICT_NONE, /* the metric does not exist here, or it is the baseline's own row */
    VERDICT_SAME,
    VERDICT_BETTER,
    VERDICT_WORSE,
    VERDICT_DIFFERENT,
    VERDICT_INCONCLUSIVE,
};

struct comparison_request {
    const char *baseline;
    const size_t *metric; /* figures of the source; the first one ranks */
    size_t metrics;
    const struct compare_tolerance *tolerance; /* [metrics], or NULL */
    struct compare_plan plan;
};

struct comparison_row {
    const char *policy;
    char *name;   /* the policy, and values of factors of its own */
    size_t first; /* one cell of it, which tells those values */
    bool oracle, baseline;
    size_t rank;                   /* 1 is best; 0: none */
    struct compare_pair *pair;     /* [pairs] the baseline's cell and its own, in the order of the baseline's */
    size_t pairs, missing;         /* cells of the baseline that it has, and has not */
    struct compare_statistics *of; /* [metrics]; of the baseline only its mean, as value */
    enum verdict *verdict;         /* [metrics] */
    struct trade_off_point point[2];
    bool dominated[2];
    double regret[2]; /* NaN: no oracle, or none with as little harm */
};

/* Over traces that all policies but oracles have. */
struct comparison_ranks {
    bool any; /* at least 3 policies and 2 traces */
    size_t traces;
    struct friedman_result test;
    double *mean;    /* [rows] mean rank; NaN: not in it */
    uint64_t *group; /* [rows] bit k: it is in the k-th set of policies that do not differ, of at most 64 */
    size_t groups;
};

struct comparison_group {
    char *name; /* "test, platform.cores=8"; "" when there is but one */
    const char *part;
    size_t first; /* one cell of the baseline, which tells the factors */
    struct comparison_row *row;
    size_t rows, tests;             /* tests: how many p values were adjusted together */
    struct comparison_ranks *ranks; /* [metrics] */
};

/* The mean difference of slack between a policy's curve and the baseline's, over the harms that both reach. */
struct comparison_area {
    const char *policy, *part;
    double area[2];
};

struct comparison {
    const struct compare_source *source;
    char *baseline;
    size_t *metric, metrics;
    struct compare_tolerance *tolerance; /* [metrics] */
    double level;
    size_t draws;
    struct comparison_group *group;
    struct comparison_area *area;
    size_t groups, areas, failed; /* failed: cells that are not done */
    uint64_t common;              /* bit k: factor k concerns the baseline */
};

/* ALM_EINVAL when the baseline is no policy of SOURCE, with those there are; ALM_EDATA as of compare_pairs. SOURCE and its texts
 * are borrowed by the result. */
int comparison_make(const struct compare_source *source, const struct comparison_request *request,
                    struct comparison **out, struct alm_err *e);
void comparison_free(struct comparison *c); /* NULL is fine */

enum verdict verdict_of(const struct compare_statistics *s, enum metrics_better better, struct compare_tolerance t);
const char *verdict_word(enum verdict v); /* "better" */

/* Parts of comparison_make. */
int comparison_ranks_make(struct comparison *c, struct comparison_group *g, struct alm_err *e);
int comparison_trade_off(struct comparison *c, struct alm_err *e);

#endif
