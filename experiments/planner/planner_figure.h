/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_figure: machines needed over time: today, under the policy and the oracle, and what would be bought for each. */
#ifndef ALM_PLANNER_FIGURE_H
#define ALM_PLANNER_FIGURE_H

#include "experiments/figure.h"
#include "experiments/planner/planner.h"

/* Draw the need of MACHINE, an index into q->machine. As alm_figure_draw. */
int planner_figure_draw(const struct planner_request *q, const struct planner *p, size_t machine,
                        const struct alm_figure_options *o, struct alm_figure_report *report, struct alm_err *e);

#endif
