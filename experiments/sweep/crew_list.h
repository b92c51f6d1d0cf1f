/* SPDX-License-Identifier: GPL-3.0-or-later
 * crew_list: which cells are still to be done, in the order of the plan; lost ones once more behind the others.
 *
 * Choice.   Files are looked at a few at a time, so that a folder where most are done is gone through while workers are busy. */
#ifndef ALM_SWEEP_CREW_LIST_H
#define ALM_SWEEP_CREW_LIST_H

#include "experiments/sweep/crew.h"
#include "experiments/sweep/crew_hand.h"

struct crew_list {
    const struct sweep_plan *plan;
    const struct crew_config *config;
    struct crew_status *status;
    uint64_t at;   /* the next cell to look at */
    uint64_t next; /* one to be given out, when `ready` */
    bool ready;
    uint64_t *lost; /* cells whose worker was killed: to be tried again, or, once more, given up */
    size_t losts, tried;
    double begun, told;
};

/* ALM_EDATA when the plan is of another version; ALM_EINVAL for a shard that is none. STATUS is zeroed. */
int crew_list_open(struct crew_list *l, const struct sweep_plan *p, const struct crew_config *config,
                   struct crew_status *status, struct alm_err *e);
void crew_list_close(struct crew_list *l);

/* Look for a cell to give out at a few files, unless one is ready. */
int crew_list_look(struct crew_list *l, struct alm_err *e);

/* Could there be more, now or after another look? */
static inline bool crew_list_more(const struct crew_list *l)
{
    return l->ready || l->at < l->plan->cells || l->tried < l->losts;
}

/* Note what became of cell NUMBER; tells the progress. */
int crew_list_note(struct crew_list *l, uint64_t number, enum hand_outcome outcome, struct alm_err *e);

/* Tell the progress if a second has passed. ALM_EINTR when stopped. */
int crew_list_pause(struct crew_list *l, struct alm_err *e);

#endif
