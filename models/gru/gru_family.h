/* SPDX-License-Identifier: GPL-3.0-or-later
 * gru_family: units that share weights, and when these are trained anew.
 *
 * Meaning.  By the stamps of samples, never by a clock: a family is first trained `min_history` after its first sample, then every
 *           `retrain`. A training starts from a copy of what the units' rings hold before the round in which it falls due; its result
 *           counts from the first round at or after the start plus `delay`, and is waited for there.
 * Choice.   Windows are drawn evenly over all intervals that the rings hold, each a window's end. A later training goes on from the weights at
 *           hand and makes a third of the updates of the first. At most GRU_THREADS trainings go on in threads; what is more is done
 *           at once. */
#ifndef ALM_MODELS_GRU_FAMILY_H
#define ALM_MODELS_GRU_FAMILY_H

#include "almanac/error.h"

#include "gru_job.h"
#include "gru_plan.h"
#include "gru_unit.h"

enum { GRU_THREADS = 4, GRU_BATCH = 32, GRU_TARGETS_LEAST = 256 };

struct gru_family {
    alm_time clock, due, take_at; /* newest stamp seen; of the next training; of the result of the one under way */
    uint32_t generation;          /* of the weights: how many trainings they had; 0: none yet */
    uint32_t trainings;           /* begun */
    uint8_t begun, learnt;        /* learnt: ALM_BIT per resource that the weights know */
    double loss;
    struct gru_job *job;              /* under way, or NULL */
    uint32_t waits_first, waits_last; /* units that wait for the network, id + 1 */
    uint32_t next_touched;            /* family + 1 */
    double weight[];
};

/* What all units of a run share; families follow. Zero before gru_shared_open. */
struct gru_shared {
    struct gru_work *work; /* for GRU_BATCH sequences of one step */
    double *x, *h;         /* [GRU_BATCH][inputs], [GRU_BATCH][hidden]; x owns both */
    uint32_t touched;      /* first family with waiting units, + 1 */
    uint32_t threads;      /* trainings in threads */
    uint32_t units;        /* ids below this may have a state */
    uint32_t opened;
};

size_t gru_shared_size(const struct gru_plan *p, const struct alm_env *env);
int gru_shared_open(const struct gru_plan *p, struct gru_shared *shared, struct alm_err *e);
void gru_shared_close(const struct gru_plan *p, const struct alm_env *env, struct gru_shared *shared);
struct gru_family *gru_family_at(const struct gru_plan *p, struct gru_shared *shared, size_t number);

/* Wait for the training under way, if there is one. */
void gru_family_wait(struct gru_shared *shared, struct gru_family *f);

/* The time is NOW for family NUMBER: take the result that is due, begin the training that is due. */
int gru_family_clock(const struct gru_plan *p, const struct alm_units *u, uint32_t number, alm_time now,
                     struct alm_err *e);

#endif
