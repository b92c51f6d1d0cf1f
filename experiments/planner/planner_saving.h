/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_saving: what is saved against today, and what harm there is, with intervals over units. */
#ifndef ALM_PLANNER_SAVING_H
#define ALM_PLANNER_SAVING_H

#include "experiments/planner/planner.h"

/* Fill side->total of each side, and side->saving where today is there. */
int planner_savings(struct planner *p, const struct planner_prices *prices, uint64_t seed, struct alm_err *e);

/* Fill HARM from what a simulation measured. */
int planner_harm_of(const struct simulation_result *r, uint64_t seed, struct planner_harm *harm, struct alm_err *e);

#endif
