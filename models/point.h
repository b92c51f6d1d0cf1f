/* SPDX-License-Identifier: GPL-3.0-or-later
 * point: predictors that forecast one value a series, and how such a forecast becomes a range.
 *
 * Meaning.  A point predictor keeps one block of bytes for each resource of a unit. It is given the value of each interval (target.h) and
 *           forecasts the next. What it was wrong by before says how wide the range is:
 *
 *           errors=ratio       quantiles of the last `errors_window` of log((y + s) / (forecast + s)), s the resolution of the resource; of
 *                              memory half the mean, if that is more: a jump from little to much is no ratio to
 *                              multiply by when there is much
 *           errors=difference  quantiles of the last y - forecast
 *           errors=normal      forecast +- z * (standard error that the model states, or the root mean square of the last errors)
 *
 *           max is the quantile at `confidence`, min that at the lesser of (1 - confidence) / 10 and half a percent: misses are spent where they
 *           save something, so that [min, max] holds with that confidence, within half a point.
 * Choice.   An order statistic of n errors is a quantile for the n + 1st: the one at ceil((n + 1) p), and none before n is large enough for p,
 *           within `errors_window`: then the largest error times 2 stands in, and the confidence that is stated is n / (n + 1).
 *           A censored value is what demand was at least: the model is given it as it is, and the error is counted as if it had been a fifth
 *           larger. So an envelope that is too small grows, and a few values at the limit do not blow it up.
 * Source.   Vovk, Gammerman, Shafer, "Algorithmic learning in a random world" (2005), for the order statistic. */
#ifndef ALM_MODELS_POINT_H
#define ALM_MODELS_POINT_H

#include "almanac/predictor.h"

#include "explanation.h"
#include "target.h"

enum point_errors { POINT_RATIO, POINT_DIFFERENCE, POINT_NORMAL };

/* First member of the options of each point predictor, with the rows POINT_OPTS(struct opt, common). */
struct point_opt {
    double confidence;
    int statistic; /* enum alm_statistic of CPU */
    int errors;    /* enum point_errors */
    alm_time errors_window;
};

#define POINT_OPTS(type, member)                                                                                       \
    {"confidence",                                                                                                     \
     ALM_OPT_FRACTION,                                                                                                 \
     offsetof(type, member.confidence),                                                                                \
     "95%",                                                                                                            \
     0.5,                                                                                                              \
     0.99999,                                                                                                          \
     NULL,                                                                                                             \
     "share of the future that is to lie at or below max"},                                                            \
        {"target",                                                                                                     \
         ALM_OPT_CHOICE,                                                                                               \
         offsetof(type, member.statistic),                                                                             \
         "mean",                                                                                                       \
         0,                                                                                                            \
         0,                                                                                                            \
         "mean|peak|p95",                                                                                              \
         "what max of cpu speaks of: of the samples until the next decision"},                                         \
        {"errors",                                                                                                     \
         ALM_OPT_CHOICE,                                                                                               \
         offsetof(type, member.errors),                                                                                \
         "ratio",                                                                                                      \
         0,                                                                                                            \
         0,                                                                                                            \
         "ratio|difference|normal",                                                                                    \
         "how past errors make the range"},                                                                            \
    {                                                                                                                  \
        "errors_window", ALM_OPT_DURATION, offsetof(type, member.errors_window), "5d", 1, (double)(1000 * ALM_DAY),    \
            NULL, "how far back errors are remembered"                                                                 \
    }

struct point_forecast {
    double value, se; /* se: NaN when the model states none. value NaN: no forecast yet */
};

struct point {
    const char *saved_as; /* "predictor ewma" */
    size_t opt_size;
    size_t (*size)(const void *opt, const struct alm_env *env); /* bytes of a block */
    int (*init)(const void *opt, const struct alm_env *env, void *block, struct alm_err *e);
    /* The next value of the series; NaN: missing. */
    int (*put)(const void *opt, const struct alm_env *env, void *block, double value, struct alm_err *e);
    /* Of the interval after the last one put; the block is not written. */
    struct point_forecast (*forecast)(const void *opt, const struct alm_env *env, const void *block);
    /* Optional. Whether BYTES (not aligned) can be a block. */
    bool (*sound)(const void *opt, const struct alm_env *env, const void *bytes);
    void (*release)(void *block); /* optional: what the block owns beside itself */
    /* Optional, for POINT_PREDICTOR_EXPLAINED: what the block holds. */
    void (*explain)(const void *opt, const struct alm_env *env, const void *block, struct explanation *x);
};

/* The parts of a predictor's table. OPT begins with struct point_opt. */
size_t point_state_size(const struct point *p, const void *opt, const struct alm_env *env);
int point_init(const struct point *p, const struct alm_units *u, struct alm_err *e);
int point_observe(const struct point *p, const struct alm_units *u, const struct alm_profile *profile,
                  struct alm_err *e);
void point_predict(const struct point *p, const struct alm_units *u, struct alm_envelope *out);
int point_save(const struct point *p, const struct alm_units *u, size_t i, void *buffer, size_t *size,
               struct alm_err *e);
int point_load(const struct point *p, const struct alm_units *u, size_t i, const void *buffer, size_t size,
               struct alm_err *e);
void point_fini(const struct point *p, const struct alm_units *u);
void point_explain(const struct point *p, const struct alm_units *u, size_t i, enum alm_resource r, char *text,
                   size_t size);

/* What all point predictors have alike, and the last members of the table. */
#define POINT_TABLE_(word, name_, flags_, summary_, source_, ...)                                                      \
    static size_t point_size_(const void *opt, const struct alm_env *env)                                              \
    {                                                                                                                  \
        return point_state_size(&point, opt, env);                                                                     \
    }                                                                                                                  \
    static int point_init_(const struct alm_units *u, struct alm_err *e)                                               \
    {                                                                                                                  \
        return point_init(&point, u, e);                                                                               \
    }                                                                                                                  \
    static int point_observe_(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)         \
    {                                                                                                                  \
        return point_observe(&point, u, profile, e);                                                                   \
    }                                                                                                                  \
    static int point_predict_(const struct alm_units *u, const struct alm_profile *profile, alm_time now,              \
                              struct alm_envelope *out, struct alm_err *e)                                             \
    {                                                                                                                  \
        (void)profile;                                                                                                 \
        (void)now;                                                                                                     \
        (void)e;                                                                                                       \
        point_predict(&point, u, out);                                                                                 \
        return ALM_OK;                                                                                                 \
    }                                                                                                                  \
    static int point_save_(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)         \
    {                                                                                                                  \
        return point_save(&point, u, i, buffer, size, e);                                                              \
    }                                                                                                                  \
    static int point_load_(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)    \
    {                                                                                                                  \
        return point_load(&point, u, i, buffer, size, e);                                                              \
    }                                                                                                                  \
    static void point_fini_(const struct alm_units *u)                                                                 \
    {                                                                                                                  \
        point_fini(&point, u);                                                                                         \
    }                                                                                                                  \
    const struct alm_predictor_ops alm_predictor_##word = {.head = {.abi = ALM_ABI,                                    \
                                                                    .size = sizeof(struct alm_predictor_ops),          \
                                                                    .kind = ALM_PREDICTOR,                             \
                                                                    .flags = (flags_),                                 \
                                                                    .name = (name_),                                   \
                                                                    .summary = (summary_),                             \
                                                                    .source = (source_),                               \
                                                                    .opts = opts,                                      \
                                                                    .opt_size = sizeof(struct opt)},                   \
                                                           .needs = ALM_PROFILE_RECENT,                                \
                                                           .state_size = point_size_,                                  \
                                                           .init = point_init_,                                        \
                                                           .observe = point_observe_,                                  \
                                                           .predict = point_predict_,                                  \
                                                           .save = point_save_,                                        \
                                                           .load = point_load_,                                        \
                                                           __VA_ARGS__}

/* The table of the predictor WORD out of `point`, `opts` and `struct opt` of its file. */
#define POINT_PREDICTOR(word, name_, flags_, summary_, source_)                                                        \
    POINT_TABLE_(word, name_, flags_, summary_, source_, .fini = point_fini_)

/* The same, of one that can say what it learnt. */
#define POINT_PREDICTOR_EXPLAINED(word, name_, flags_, summary_, source_)                                              \
    static int point_explain_(const struct alm_units *u, size_t i, enum alm_resource r, char *text, size_t size,       \
                              struct alm_err *e)                                                                       \
    {                                                                                                                  \
        (void)e;                                                                                                       \
        point_explain(&point, u, i, r, text, size);                                                                    \
        return ALM_OK;                                                                                                 \
    }                                                                                                                  \
    POINT_TABLE_(word, name_, flags_, summary_, source_, .fini = point_fini_, .explain = point_explain_)

#endif
