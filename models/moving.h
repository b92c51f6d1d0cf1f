/* SPDX-License-Identifier: GPL-3.0-or-later
 * moving: what the predictors over a moving window of samples share.
 *
 * Meaning.  A window is a number of values: its duration over the nominal interval between samples. Missing values do
 *           not count, so a unit with gaps looks further back. The state of a unit is one block of bytes for each
 *           resource that the platform shows, in order; what lies in a block is the predictor's.
 * Choice.   The window's length is read from the predictor's own options, and a block knows its capacity, so nothing is
 *           kept beside the blocks: saved and loaded state are these bytes alone.
 * Limits.   ALM_MOVING_MAX values in a window. */
#ifndef ALM_MODELS_MOVING_H
#define ALM_MODELS_MOVING_H

#include "almanac/env.h"
#include "almanac/envelope.h"
#include "almanac/error.h"
#include "almanac/profile.h"
#include "almanac/resource.h"
#include "almanac/unit.h"

#include <stdbool.h>
#include <stddef.h>

#define ALM_MOVING_MAX ((size_t)1 << 24)

/* One predictor: how it keeps the values of a resource and what it says of them. All members are required. */
struct alm_moving {
    const char *saved_as; /* names saved bytes: "predictor moving-max" */
    size_t window_at;     /* where its options hold the window, an alm_time */

    size_t (*size)(size_t capacity); /* bytes of a block, a multiple of 8 */
    void (*init)(void *block, size_t capacity);
    void (*put)(void *block, double value); /* never NaN */

    /* Say of R in OUT what follows from BLOCK; nothing when it is empty. HOW is what alm_moving_predict was given. */
    void (*tell)(const void *block, enum alm_resource r, const void *how, struct alm_envelope *out);

    /* Whether BYTES (not aligned) can be a block of CAPACITY. */
    bool (*sound)(const void *bytes, size_t capacity);
};

/* Bytes of a unit's state. A window that alm_moving_init refuses counts as the nearest that is possible. */
size_t alm_moving_state_size(const struct alm_moving *m, const void *opt, const struct alm_env *env);

/* Empty blocks for all units. ALM_EINVAL when the interval between samples is not known, or the window is shorter than
 * it or holds more than ALM_MOVING_MAX values. */
int alm_moving_init(const struct alm_moving *m, const struct alm_units *u, struct alm_err *e);

/* Put in the fresh values of PROFILE[u->count] that are not missing. */
void alm_moving_observe(const struct alm_moving *m, const struct alm_units *u, const struct alm_profile *profile);

/* Let each block tell OUT[u->count]. */
void alm_moving_predict(const struct alm_moving *m, const struct alm_units *u, const void *how,
                        struct alm_envelope *out);

/* Save and load as a predictor's table asks. ALM_EDATA, the state unchanged, for bytes that alm_saved_read or `sound`
 * refuses. */
int alm_moving_save(const struct alm_moving *m, const struct alm_units *u, size_t i, void *buffer, size_t *size,
                    struct alm_err *e);
int alm_moving_load(const struct alm_moving *m, const struct alm_units *u, size_t i, const void *buffer, size_t size,
                    struct alm_err *e);

/* Blocks that are windows in order of size (struct alm_sorted_window), and a struct alm_moving of such, which TELL reads. */
void alm_moving_sorted_init(void *block, size_t capacity);
void alm_moving_sorted_put(void *block, double value);
bool alm_moving_sorted_sound(const void *bytes, size_t capacity);

#define ALM_MOVING_SORTED(saved_as_, window_at_, tell_)                                                                \
    {                                                                                                                  \
        .saved_as = (saved_as_), .window_at = (window_at_), .size = alm_sorted_window_size,                            \
        .init = alm_moving_sorted_init, .put = alm_moving_sorted_put, .tell = (tell_),                                 \
        .sound = alm_moving_sorted_sound                                                                               \
    }

#endif
