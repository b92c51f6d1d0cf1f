/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_usage: see the header. */
#include "trace_usage.h"
#include "trace_behaviour_units.h"

#include <stdlib.h>

struct alm_trace_usage {
    struct alm_demand demand;
    const struct alm_demand *whole;
    struct alm_unit *unit;
    uint64_t *rows;
    size_t *number; /* among the units of the whole */
    struct alm_behaviour_units *behaviour;
};

static int usage_read(const struct alm_demand *self, size_t unit, uint64_t first, size_t n,
                      const struct alm_demand_rows *out, struct alm_err *e)
{
    const struct alm_trace_usage *u = self->owner;
    return u->whole->read(u->whole, u->number[unit], first, n, out, e);
}

static int add_unit(struct alm_trace_usage *u, size_t i, struct alm_err *e)
{
    const struct alm_demand *whole = u->whole;
    uint64_t rows = whole->rows[i];
    if (rows == 0)
        return ALM_OK;
    size_t k = u->demand.units++;
    u->unit[k] = whole->unit[i];
    u->rows[k] = rows;
    u->number[k] = i;
    const struct alm_demand_rows first = {.at = &u->unit[k].first}, last = {.at = &u->unit[k].last};
    ALM_TRY(whole->read(whole, i, 0, 1, &first, e));
    return whole->read(whole, i, rows - 1, 1, &last, e);
}

static int open_units(struct alm_trace_usage *u, struct alm_err *e)
{
    size_t n = u->whole->units;
    u->unit = calloc(n, sizeof *u->unit);
    u->rows = calloc(n, sizeof *u->rows);
    u->number = calloc(n, sizeof *u->number);
    if (!u->unit || !u->rows || !u->number)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", n);
    for (size_t i = 0; i < n; i++)
        ALM_TRY(add_unit(u, i, e));
    if (u->demand.units == 0)
        return alm_fail(e, ALM_EUNSUPPORTED,
                        "the trace has invocations alone, so it has no usage to run; workload=invocations runs them");
    u->demand.unit = u->unit;
    u->demand.rows = u->rows;
    u->demand.read = usage_read;
    u->demand.owner = u;
    return ALM_OK;
}

int alm_trace_usage_open(const struct alm_demand *whole, struct alm_trace_usage **out, struct alm_err *e)
{
    struct alm_trace_usage *u = calloc(1, sizeof *u);
    if (!u)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    u->whole = whole;
    u->demand.interval = whole->interval;
    u->demand.resources = whole->resources;
    int code = open_units(u, e);
    if (code < 0) {
        alm_trace_usage_close(u);
        return code;
    }
    *out = u;
    return ALM_OK;
}

const struct alm_demand *alm_trace_usage_demand(const struct alm_trace_usage *u)
{
    return &u->demand;
}

int alm_trace_usage_behaviours(struct alm_trace_usage *u, const struct alm_behaviours *whole,
                               const struct alm_behaviours **out, struct alm_err *e)
{
    if (whole && !u->behaviour)
        ALM_TRY(alm_behaviour_units_open(whole, u->number, 0, u->demand.units, &u->behaviour, e));
    *out = alm_behaviour_units_view(u->behaviour);
    return ALM_OK;
}

void alm_trace_usage_close(struct alm_trace_usage *u)
{
    if (!u)
        return;
    alm_behaviour_units_close(u->behaviour);
    free(u->unit);
    free(u->rows);
    free(u->number);
    free(u);
}
