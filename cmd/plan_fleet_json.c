/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_fleet_json: the answer of `plan` as JSON, schema almanac.plan/1. */
#include "almanac/version.h"

#include "cmd/info.h"
#include "cmd/plan_fleet.h"

#include <math.h>

/* JSON has no NaN: a figure that does not exist is null. */
static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static json_t *estimate_json(const struct estimate *x)
{
    return json_pack("{s:o, s:o}", "value", number(x->value), "ci95",
                     isnan(x->low) ? json_null() : json_pack("[f, f]", x->low, x->high));
}

static json_t *machine_json(const struct plan_view *v, const struct planner_side *side, size_t m)
{
    const struct planner_need *n = &side->need[m];
    const bool late = n->peak_at != ALM_TIME_NONE;
    json_t *largest = n->too_large ? cmd_info_text(side->limits.unit[n->largest].name) : json_null();
    return json_pack("{s:s, s:f, s:f, s:o, s:i, s:i, s:i, s:f, s:o, s:i, s:o, s:o, s:b, s:I}", "name",
                     v->q->machine[m].name, "cores", v->q->machine[m].cores, "memory_bytes", v->q->machine[m].memory,
                     "price_an_hour", number(v->q->machine[m].price), "peak", (int)n->peak, "peak_at_least",
                     (int)n->peak_low, "p95", (int)n->p95, "mean", n->mean, "peak_at_s",
                     late ? json_real(alm_seconds(n->peak_at)) : json_null(), "units_too_large", (int)n->too_large,
                     "largest_unit", largest, "price", number(side->price[m]), "cheapest",
                     side->best == m && side->fits, "packings", (json_int_t)n->packings);
}

static json_t *harm_json(const struct planner_harm *h)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:I}", "cpu_overrun_time_share", estimate_json(&h->above[0]),
                     "memory_overrun_time_share", estimate_json(&h->above[1]), "oom_kills_per_unit_day",
                     estimate_json(&h->oom_kills_per_unit_day), "throttled_hours", estimate_json(&h->throttled_hours),
                     "oom_kills", (json_int_t)h->oom_kills);
}

static json_t *side_json(const struct plan_view *v, const struct planner_side *side)
{
    static const char *const good[PLANNER_GOODS] = {"core_hours", "gib_hours", "price"};
    if (!side->there)
        return json_pack("{s:b, s:s, s:s}", "known", 0, "why", side->absent, "policy", side->policy);
    json_t *machines = json_array(), *saved = json_object();
    json_t *out = json_pack("{s:b, s:s, s:o, s:o, s:o}", "known", 1, "policy", side->policy, "machines", machines,
                            "saved", saved, "harm", harm_json(&side->harm));
    for (size_t m = 0; m < v->q->machines; m++)
        json_array_append_new(machines, machine_json(v, side, m));
    for (int k = 0; k < PLANNER_GOODS; k++) {
        json_object_set_new(out, good[k], number(side->total[k]));
        json_object_set_new(saved, good[k],
                            json_pack("{s:o, s:o}", "amount", estimate_json(&side->saving[k].amount), "share",
                                      estimate_json(&side->saving[k].share)));
    }
    for (int r = 0; r < 2; r++) {
        char name[40];
        snprintf(name, sizeof name, "%s_unlimited_share", alm_resource_name((enum alm_resource)r));
        json_object_set_new(out, name, json_real(side->unlimited[r]));
        snprintf(name, sizeof name, "%s_unknown_share", alm_resource_name((enum alm_resource)r));
        json_object_set_new(out, name, json_real(side->unknown[r]));
    }
    return out;
}

static json_t *amount(bool known, int64_t value)
{
    return known ? json_integer((json_int_t)value) : json_null();
}

static json_t *limit_json(const struct plan_view *v, uint32_t unit, int r)
{
    const struct planner_unit *u = &v->p->side[PLANNER_POLICY].limits.unit[unit];
    const bool known = u->limited & ALM_BIT(r);
    int64_t today = plan_today(v->p, unit, r);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "today", amount(today != ALM_NO_LIMIT, today), "target",
                     amount(known, u->last.of[r]), "min", amount(known, u->low.of[r]), "max",
                     amount(known, u->high.of[r]), "confidence", number(u->confidence[r]), "change",
                     number(plan_change(v->p, unit, r)));
}

static json_t *unit_json(const struct plan_view *v, uint32_t unit)
{
    const struct planner_unit *u = &v->p->side[PLANNER_POLICY].limits.unit[unit];
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "unit", cmd_info_text(u->name), "code", cmd_info_text(u->code),
                     "cpu_millicores", limit_json(v, unit, ALM_CPU), "memory_bytes", limit_json(v, unit, ALM_MEMORY),
                     "reason", cmd_info_text(u->reason ? u->reason : ""));
}

json_t *plan_json(const struct plan_view *v)
{
    const struct simulation_config *c = v->q->config[PLANNER_POLICY];
    json_t *units = json_array();
    json_t *out = json_pack(
        "{s:s, s:{s:o, s:s, s:i, s:i, s:f, s:f}, s:f, s:s, s:{s:f, s:f}, s:o, s:o, s:s}", "schema", "almanac.plan/1",
        "trace", "name", cmd_info_text(c->trace_name), "sha256", c->trace_sha256, "units", (int)v->p->units,
        "undecided", (int)v->p->undecided, "from_s", alm_seconds(v->p->from), "until_s", alm_seconds(v->p->end),
        "headroom", v->q->headroom, "currency", v->currency, "prices", "core_hour", v->q->prices.cpu, "gib_hour",
        v->q->prices.memory, "config", simulation_config_json(c), "units", units, "version", alm_version());
    for (int k = 0; out && k < PLANNER_SIDES; k++)
        json_object_set_new(out, planner_side_word((enum planner_side_name)k), side_json(v, &v->p->side[k]));
    for (size_t i = 0; i < v->count; i++)
        json_array_append_new(units, unit_json(v, v->order[i]));
    return out;
}
