/* SPDX-License-Identifier: GPL-3.0-or-later
 * quota: throttling by periods, as the kernel does it.
 *
 * Meaning.  cpu_quota=period: a unit may use limit * 100 ms of CPU time in each period of 100 ms, as fast as it likes; then it
 *           gets nothing until the period ends. What is left of a quota is not carried over. Periods begin at the unit's
 *           first use and go on at whole multiples. A new limit deals a new quota at once.
 * Choice.   Nothing is watched while a unit wants no more than its limit; from the first time on that it wants more, until a
 *           period ends in which it does not, there is an event when the quota is used up and one when the period ends.
 *           A flow at the common level may become faster without notice, so the quota is looked at when it could be used up
 *           at the earliest, not more often than every 100 us. What was used too much is taken from the next period, so the
 *           mean rate is exact.
 * Limits.   Use before a unit is watched is taken as even since the last change. No burst, no slices by CPU: the kernel deals
 *           quota to CPUs in slices of 5 ms and may throttle some earlier than others.
 * Source.   Linux kernel/sched/fair.c (cfs_bandwidth), Documentation/scheduler/sched-bwc.rst. */
#include "world.h"

#include <math.h>

#define PERIOD (ALM_CPU_PERIOD_US * ALM_US)
#define LOOK (100 * ALM_US)
#define NOTHING 1.0 /* core-ns: the rounding of event times */

/* Core-ns a period that the unit's limit allows; INFINITY: it is not limited by periods. */
static double quota_of(const struct sim_world *w, const struct sim_member *u)
{
    const struct sim_options *o = w->o;
    if (o->cpu_quota != SIM_QUOTA_PERIOD || o->open_loop || o->scope == SIM_SCOPE_INVOCATION ||
        u->limit[ALM_CPU] == ALM_NO_LIMIT)
        return INFINITY;
    const bool instances = o->scope == SIM_SCOPE_INSTANCE && u->serves && u->service.live > 1;
    return (double)(u->limit[ALM_CPU] * (PERIOD / 1000)) * (instances ? u->service.live : 1);
}

static bool hungry(const struct sim_member *u, double quota)
{
    return (double)u->flow[SIM_CPU].want > quota * (1e9 / (double)PERIOD) + ALM_CPU_NOISE * 1e9;
}

/* Bring what is left to the present. Periods that ended unwatched were even, so only the last of them matters. */
static void settle(struct sim_world *w, struct sim_member *u, double quota)
{
    const double used = u->quota.spent, elapsed = (double)(w->now - u->quota.since);
    u->quota.spent = 0;
    u->quota.since = w->now;
    if (w->now < u->quota.period_end) {
        u->quota.left -= used;
        return;
    }
    const alm_time end = u->quota.period_end + (w->now - u->quota.period_end) / PERIOD * PERIOD; /* of the one before */
    const double since_end = (double)(w->now - end), here = elapsed > 0 ? used * (since_end / elapsed) : 0;
    const double debt = end == u->quota.period_end ? fmin(0, u->quota.left - (used - here)) : 0;
    u->quota.left = quota + debt - here;
    u->quota.period_end = end + PERIOD;
}

/* When could the quota be used up at the earliest? */
static alm_time next_look(const struct sim_world *w, const struct sim_member *u)
{
    const struct sim_flow *f = &u->flow[SIM_CPU];
    const bool constant = !f->queued && !f->at_level;
    double most = constant ? f->rate : (double)f->cap;
    if (!constant && u->machine != SIM_NOBODY)
        most = fmin(most, w->machine[u->machine].info.cores * 1e9);
    if (u->quota.left < NOTHING)
        return w->now;
    if (!(most > 0))
        return ALM_TIME_MAX;
    const double ns = ceil(u->quota.left / most * 1e9);
    if (ns >= (double)PERIOD)
        return ALM_TIME_MAX;
    return w->now + (constant || ns > LOOK ? (alm_time)ns : LOOK);
}

static int watch(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    alm_time at = ALM_TIME_MAX;
    if (u->quota.active) {
        const alm_time look = u->quota.exhausted ? ALM_TIME_MAX : next_look(w, u);
        at = look < u->quota.period_end ? look : u->quota.period_end;
    }
    return sim_timer_set(w, &u->quota_timer, at, ALM_PHASE_LIMIT, SIM_EVENT_QUOTA, u->id, e);
}

int sim_quota_change(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    const double quota = quota_of(w, u);
    if (isinf(quota) && !u->quota.active)
        return ALM_OK;
    if (!u->quota.begun) {
        if (u->flow[SIM_CPU].want == 0)
            return ALM_OK;
        u->quota.begun = true;
        u->quota.since = w->now;
        u->quota.spent = 0;
        u->quota.quota = u->quota.left = quota;
        u->quota.period_end = w->now + PERIOD;
    }
    if (quota != u->quota.quota) /* by an event, as a balance may be under way */
        return sim_timer_set(w, &u->quota_timer, w->now, ALM_PHASE_LIMIT, SIM_EVENT_QUOTA, u->id, e);
    settle(w, u, quota);
    if (!u->quota.active && !hungry(u, quota))
        return ALM_OK;
    u->quota.active = true;
    return watch(w, u, e);
}

int sim_quota_on_event(struct sim_world *w, struct sim_member *u, struct alm_err *e)
{
    const bool was_exhausted = u->quota.active && u->quota.exhausted;
    const double quota = quota_of(w, u);
    if (u->serves)
        sim_flow_settle(w, u, SIM_CPU);
    else
        sim_rows_settle(w, u);
    const bool ended = w->now >= u->quota.period_end, dealt = quota != u->quota.quota;
    settle(w, u, isinf(quota) ? 0 : quota);
    if (dealt) {
        u->quota.quota = quota;
        u->quota.left = quota;
    }
    if (isinf(quota) || ((ended || dealt) && !hungry(u, quota)))
        u->quota.active = false;
    else
        u->quota.active = u->quota.active || hungry(u, quota);
    u->quota.exhausted = u->quota.active && u->quota.left < NOTHING;
    if (u->quota.exhausted != was_exhausted)
        ALM_TRY(u->serves ? sim_flow_change(w, u, SIM_CPU, e) : sim_rows_change(w, u, e));
    return watch(w, u, e);
}
