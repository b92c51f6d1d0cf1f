/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_file: what writing and reading a plan share. */
#ifndef ALM_SWEEP_PLAN_FILE_H
#define ALM_SWEEP_PLAN_FILE_H

#include "experiments/sweep/plan.h"

#include <jansson.h>

#define SWEEP_PLAN_SCHEMA "almanac.plan/1"
#define SWEEP_PLAN_FILE "plan.json"
#define SWEEP_CELLS_FILE "cells.ndjson"

/* What was chosen of tuned policies: a list of {policy, parameters}; NULL when nothing was. */
json_t *sweep_chosen_json(const struct sweep_plan *p);

/* Choose as LIST says, which may be NULL. */
int sweep_chosen_read(struct sweep_plan *p, json_t *list, struct alm_err *e);

#endif
