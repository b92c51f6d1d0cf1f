/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_fleet: what `plan` was asked for, and how its answer is shown. */
#ifndef ALM_CMD_PLAN_FLEET_H
#define ALM_CMD_PLAN_FLEET_H

#include "cmd/cmd.h"
#include "experiments/planner/planner.h"

#include <jansson.h>

struct plan_view {
    const struct planner_request *q;
    const struct planner *p;
    const uint32_t *order; /* [count]: the units that are shown */
    size_t count, decided; /* decided: units that might be */
    const char *currency;
    bool calendar;
    enum cmd_format format;
};

/* Print V on stdout. CSV is the table of units; text has the summary, then the table; JSON has all. */
int plan_print(const struct plan_view *v, struct alm_err *e);

/* The same as JSON, a new reference; NULL when out of memory. */
json_t *plan_json(const struct plan_view *v);

/* Change of a limit of R from today to the policy's last decision, as a share; NaN where one of them is not known. */
double plan_change(const struct planner *p, uint32_t unit, int r);

/* What UNIT has of R today; ALM_NO_LIMIT: not known. */
int64_t plan_today(const struct planner *p, uint32_t unit, int r);

#endif
