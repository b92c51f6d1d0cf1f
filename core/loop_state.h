/* SPDX-License-Identifier: GPL-3.0-or-later
 * loop_state: what the files of the loop share.
 *
 * Choice.   Situations and outcomes under way lie in arrays by unit, in the form in which modules see them. A round of all
 *           units shows these arrays as they are; a round of some shows copies. */
#ifndef ALM_CORE_LOOP_STATE_H
#define ALM_CORE_LOOP_STATE_H

#include "loop.h"

#include "almanac/p95.h"

enum { PROFILER, PREDICTOR, CALIBRATOR, ALLOCATOR };

/* What the loop keeps of the outcome under way beside the outcome. */
struct alm__tally {
    bool open; /* an envelope waits for its outcome */
    double weight[ALM_RESOURCES];
};

/* What an envelope that speaks of a 95th percentile needs beside. */
struct alm__percentile {
    struct alm_p95 of[ALM_RESOURCES];
};

struct alm__loop {
    const struct alm_loop_config *config;
    const struct alm_policy *policy;
    const struct alm_platform_ops *ops;
    void *platform;
    const struct alm_observer *const *observers;
    struct alm_loop_stats *stats;

    const struct alm_unit *unit;
    size_t units;
    struct alm_env env, oracle_env;

    const struct alm_profiler_ops *profiler;
    const struct alm_predictor_ops *predictor;
    const struct alm_calibrator_ops *calibrator;
    const struct alm_allocator_ops *allocator;
    bool predicts, calibrates; /* the predictor, the calibrator is more than the null model */
    struct alm_units part[4];  /* one view a module: profiler, predictor, calibrator, allocator */
    size_t reasons;            /* of the allocator */

    /* By unit. */
    struct alm_situation *situation;
    struct alm_outcome *outcome;
    struct alm__tally *tally;
    struct alm__percentile *percentile; /* NULL until an envelope asks for it */
    double *largest;                    /* [units][ALM_RESOURCES][largest_kept], of these */
    size_t largest_kept;
    uint32_t *code;       /* of each unit: env.code */
    size_t open;          /* envelopes that wait for their outcome */
    uint32_t *all, *some; /* ids of a regular round; of an event round */
    size_t all_count;
    alm_time relist; /* when `all` must be made anew */

    /* By place in the round. */
    struct alm_profile *profile;
    struct alm_envelope *envelope, nothing; /* nothing: shown instead when there is no predictor */
    struct alm_situation *some_situation;
    struct alm_outcome *some_outcome;
    struct alm_decision *decision, *before; /* before: of the last round, when `settled` */
    struct alm_applied *applied, *applied_before;
    size_t settled; /* how many of `before` were found right and are in force */
    bool repeated;  /* the present decisions are those before */
    bool held;      /* the present decisions are not the allocator's */
    bool noted;     /* a sample since the last round was censored, or of a kill */

    const struct alm_start *start; /* [round]: of the invocations that are about to start; NULL in other rounds */
    const struct alm_behaviour *behaviour;
    const struct alm_execution *execution;
    size_t behaviours, executions;      /* since the previous round */
    struct alm_machine_sample *machine; /* newest of each machine */
    size_t machines;

    struct alm_sample *kept; /* samples without those of units that are not in the round */
    size_t kept_capacity;
};

/* The round is about the units ID[N]: all of them, in order, when N is their number. */
static inline void alm__loop_view(struct alm__loop *l, const uint32_t *id, size_t n)
{
    for (int k = 0; k < 4; k++) {
        l->part[k].id = id;
        l->part[k].count = n;
    }
}

/* Say which module failed. */
static inline int alm__loop_named(const struct alm_head *module, int code, struct alm_err *e)
{
    return code < 0 ? alm_fail_in(e, "%s %s", alm_kind_word(module->kind), module->name) : code;
}

/* Take samples into the situations and the outcomes under way. */
void alm__loop_absorb(struct alm__loop *l, const struct alm_sample *s, size_t n);

/* The envelopes of the units of the round have ended: show what became of them, and begin anew. */
int alm__loop_feedback(struct alm__loop *l, alm_time now, struct alm_err *e);

/* The envelope V of UNIT begins; it may be empty. */
int alm__loop_open_outcome(struct alm__loop *l, uint32_t unit, const struct alm_envelope *v, struct alm_err *e);

/* Number the codes of the units, in order of their first unit: env.code. */
int alm__loop_number_codes(struct alm__loop *l, struct alm_err *e);

/* One round of decisions about the units ID[N], which have seen SAMPLES[COUNT]. */
int alm__loop_decide(struct alm__loop *l, alm_time now, bool event, const uint32_t *id, size_t n,
                     const struct alm_sample *samples, size_t count, struct alm_err *e);

#endif
