/* SPDX-License-Identifier: GPL-3.0-or-later
 * conformal: calibrators that move the sides of an envelope by what past outcomes say.
 *
 * Meaning.  Each unit has a tracker for each resource and side, with a rate of misses to keep: 1 - confidence of max,
 *           and of min alm_lower_tail(confidence). A tracker remembers the scores (score.h) of the last `window`
 *           outcomes; a rule makes an offset of them, which holds until the next outcome. The rules are the modules.
 *
 *           Cold start. Of n scores the order statistic at ceil((n + 1)(1 - rate)) covers the next with that chance,
 *           and there is none while it is above n. Then the largest score is extrapolated (conformal_quantile), and the
 *           confidence that is stated is n / (n + 1); before the first outcome max is doubled, min halved, and no
 *           confidence is stated.
 * Choice.   Usage that stopped at its limit (`censored`, or an OOM kill for memory) is a miss of max of unknown size:
 *           its score is that of a fifth more than was seen, and for rules that go by rank at least the largest under
 *           way. Of min such an outcome can be a hit, for demand was no less than usage; when it is not, nothing is
 *           learned. An outcome that an event cut short says little about the whole horizon, so it is passed over,
 *           unless it is a miss for sure: usage at its limit, or a peak above max. min gives way where the sides would
 *           cross (score_below).
 * Limits.   Scores of max are no estimate of demand when most outcomes are censored: then max grows by a fifth each
 *           time until they are not.
 * Source.   Vovk, Gammerman, Shafer, "Algorithmic learning in a random world" (2005); the rules name their own. */
#ifndef ALM_MODELS_CONFORMAL_H
#define ALM_MODELS_CONFORMAL_H

#include "almanac/calibrator.h"

#include "quantile.h"
#include "score.h"

#include <stdbool.h>
#include <stddef.h>

/* First member of the options of each rule, with the rows CONFORMAL_OPTS(struct opt, common). */
struct conformal_opt {
    double confidence;
    int score; /* enum score */
    int64_t window;
};

#define CONFORMAL_OPTS(type, member)                                                                                   \
    {"confidence",                                                                                                     \
     ALM_OPT_FRACTION,                                                                                                 \
     offsetof(type, member.confidence),                                                                                \
     "95%",                                                                                                            \
     0.5,                                                                                                              \
     0.9999,                                                                                                           \
     NULL,                                                                                                             \
     "share of outcomes that are to be at or below max"},                                                              \
        {"score",                                                                                                      \
         ALM_OPT_CHOICE,                                                                                               \
         offsetof(type, member.score),                                                                                 \
         "ratio",                                                                                                      \
         0,                                                                                                            \
         0,                                                                                                            \
         "ratio|difference",                                                                                           \
         "how outcomes are compared with the envelope"},                                                               \
    {                                                                                                                  \
        "window", ALM_OPT_INTEGER, offsetof(type, member.window), "300", 2, 100000, NULL,                              \
            "scores remembered for each resource and side"                                                             \
    }

/* What a rule sees of one tracker. */
struct conformal_side {
    const void *opt;
    const struct alm_env *env;
    struct score_as as;
    double rate; /* of misses, to be kept */
    double bump; /* score_bump of the newest outcome; 0 before the first */
    const struct alm_sorted_window *scores;
    void *own; /* the rule's block */
};

struct conformal_news {
    alm_time from; /* of the envelope */
    double score;
    bool miss, unbounded; /* unbounded: a miss of unknown size, of which SCORE is a lower bound */
};

struct conformal_rule {
    const char *saved_as; /* "calibrator aci" */
    size_t opt_size;
    bool ranks;                                                 /* goes by the rank of scores, not by their size */
    size_t (*size)(const void *opt, const struct alm_env *env); /* bytes of the rule's block; NULL: none */
    void (*init)(const struct conformal_side *s);               /* optional; the block is zeroed */
    double (*offset)(const struct conformal_side *s); /* until the next outcome; a function of block and scores */
    void (*learn)(const struct conformal_side *s,
                  const struct conformal_news *news); /* optional; NEWS is not among the scores yet */
    double (*forecast)(const struct conformal_side *s,
                       alm_time from); /* optional: of the score; then scores are what it left over */
};

/* The score that the next one is at or below with chance 1 - RATE: an order statistic; where none is high enough, the
 * largest, further from the median by what an exponential tail would have, and twice as far at least while there are too
 * few scores for the tracker's rate. RATE may be outside (0, 1). */
double conformal_quantile(const struct conformal_side *s, double rate);

/* Outcomes it takes until an order statistic is high enough for the rate; no more than the window holds. */
size_t conformal_enough(const struct conformal_side *s);

/* The parts of a calibrator's table. OPT begins with struct conformal_opt. */
size_t conformal_state_size(const struct conformal_rule *rule, const void *opt, const struct alm_env *env);
void conformal_init(const struct conformal_rule *rule, const struct alm_units *u);
void conformal_adjust(const struct conformal_rule *rule, const struct alm_units *u, struct alm_envelope *envelope);
void conformal_feedback(const struct conformal_rule *rule, const struct alm_units *u,
                        const struct alm_outcome *outcome);
int conformal_save(const struct conformal_rule *rule, const struct alm_units *u, size_t i, void *buffer, size_t *size,
                   struct alm_err *e);
int conformal_load(const struct conformal_rule *rule, const struct alm_units *u, size_t i, const void *buffer,
                   size_t size, struct alm_err *e);

/* The functions of a module's table, of RULE; a semicolon follows. */
#define CONFORMAL_FUNCTIONS(rule)                                                                                      \
    static size_t state_size(const void *opt, const struct alm_env *env)                                               \
    {                                                                                                                  \
        return conformal_state_size(&(rule), opt, env);                                                                \
    }                                                                                                                  \
    static int init(const struct alm_units *u, struct alm_err *e)                                                      \
    {                                                                                                                  \
        (void)e;                                                                                                       \
        conformal_init(&(rule), u);                                                                                    \
        return ALM_OK;                                                                                                 \
    }                                                                                                                  \
    static int adjust(const struct alm_units *u, alm_time now, struct alm_envelope *envelope, struct alm_err *e)       \
    {                                                                                                                  \
        (void)now, (void)e;                                                                                            \
        conformal_adjust(&(rule), u, envelope);                                                                        \
        return ALM_OK;                                                                                                 \
    }                                                                                                                  \
    static int feedback(const struct alm_units *u, const struct alm_outcome *outcome, struct alm_err *e)               \
    {                                                                                                                  \
        (void)e;                                                                                                       \
        conformal_feedback(&(rule), u, outcome);                                                                       \
        return ALM_OK;                                                                                                 \
    }                                                                                                                  \
    static int save(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)                \
    {                                                                                                                  \
        return conformal_save(&(rule), u, i, buffer, size, e);                                                         \
    }                                                                                                                  \
    static int load(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)           \
    {                                                                                                                  \
        return conformal_load(&(rule), u, i, buffer, size, e);                                                         \
    }                                                                                                                  \
    _Static_assert(sizeof(rule) > 0, "for the semicolon")

#endif
