/* SPDX-License-Identifier: GPL-3.0-or-later
 * moving_predictor: the table of a predictor over a moving window of samples (moving.h).
 *
 * Meaning.  ALM_MOVING_PREDICTOR makes the table of the predictor WORD out of `moving`, `opts`, `struct opt` of its file, and of
 *           `how`, which makes from options and surroundings what `moving` is told by: struct how how(opt, env). */
#ifndef ALM_MODELS_MOVING_PREDICTOR_H
#define ALM_MODELS_MOVING_PREDICTOR_H

#include "almanac/predictor.h"

#include "moving.h"

#define ALM_MOVING_PREDICTOR(word, name_, summary_, source_)                                                           \
    static size_t moving_size_(const void *opt, const struct alm_env *env)                                             \
    {                                                                                                                  \
        return alm_moving_state_size(&moving, opt, env);                                                               \
    }                                                                                                                  \
    static int moving_init_(const struct alm_units *u, struct alm_err *e)                                              \
    {                                                                                                                  \
        return alm_moving_init(&moving, u, e);                                                                         \
    }                                                                                                                  \
    static int moving_observe_(const struct alm_units *u, const struct alm_profile *profile, struct alm_err *e)        \
    {                                                                                                                  \
        (void)e;                                                                                                       \
        alm_moving_observe(&moving, u, profile);                                                                       \
        return ALM_OK;                                                                                                 \
    }                                                                                                                  \
    static int moving_predict_(const struct alm_units *u, const struct alm_profile *profile, alm_time now,             \
                               struct alm_envelope *out, struct alm_err *e)                                            \
    {                                                                                                                  \
        (void)profile;                                                                                                 \
        (void)now;                                                                                                     \
        (void)e;                                                                                                       \
        const struct how told_by = how(u->opt, u->env);                                                                \
        alm_moving_predict(&moving, u, &told_by, out);                                                                 \
        return ALM_OK;                                                                                                 \
    }                                                                                                                  \
    static int moving_save_(const struct alm_units *u, size_t i, void *buffer, size_t *size, struct alm_err *e)        \
    {                                                                                                                  \
        return alm_moving_save(&moving, u, i, buffer, size, e);                                                        \
    }                                                                                                                  \
    static int moving_load_(const struct alm_units *u, size_t i, const void *buffer, size_t size, struct alm_err *e)   \
    {                                                                                                                  \
        return alm_moving_load(&moving, u, i, buffer, size, e);                                                        \
    }                                                                                                                  \
    const struct alm_predictor_ops alm_predictor_##word = {.head = {.abi = ALM_ABI,                                    \
                                                                    .size = sizeof(struct alm_predictor_ops),          \
                                                                    .kind = ALM_PREDICTOR,                             \
                                                                    .name = (name_),                                   \
                                                                    .summary = (summary_),                             \
                                                                    .source = (source_),                               \
                                                                    .opts = opts,                                      \
                                                                    .opt_size = sizeof(struct opt)},                   \
                                                           .needs = ALM_PROFILE_RECENT,                                \
                                                           .state_size = moving_size_,                                 \
                                                           .init = moving_init_,                                       \
                                                           .observe = moving_observe_,                                 \
                                                           .predict = moving_predict_,                                 \
                                                           .save = moving_save_,                                       \
                                                           .load = moving_load_}

#endif
