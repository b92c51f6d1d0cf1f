/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep_choice: what a plan has decided by itself, and what is still open: values of tuned policies, seeds that `until` asks for. */
#ifndef ALM_CMD_SWEEP_CHOICE_H
#define ALM_CMD_SWEEP_CHOICE_H

#include "experiments/sweep/plan.h"

#include <jansson.h>

struct sweep_choice {
    json_t *tuned; /* a list of {policy, method, file, parameters: {...} or null} */
    json_t *until; /* {metric, halfwidth, seeds, wanted, widest}; NULL: not asked for, or cells are missing */
    bool open;     /* a policy has no values yet, or more seeds are wanted */
};

/* COMPLETE: all cells are there, so that they can be asked for seeds. Release with sweep_choice_close. */
int sweep_choice_look(const struct sweep_plan *p, bool complete, struct sweep_choice *out, struct alm_err *e);
void sweep_choice_close(struct sweep_choice *c); /* `open` stays */
void sweep_choice_print(const struct sweep_choice *c);

/* A policy that has no values yet; NULL: none. */
const char *sweep_choice_missing(const struct sweep_plan *p);

#endif
