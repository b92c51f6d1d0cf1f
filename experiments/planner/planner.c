/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner: three simulations, and what is made of them. */
#include "experiments/planner/planner.h"

#include "experiments/planner/planner_saving.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_ROOM 4096

const char *planner_side_word(enum planner_side_name side)
{
    static const char *const word[] = {"today", "policy", "oracle"};
    return word[side];
}

/* Progress of all, of which each simulation is a part. */
struct stage {
    const struct planner_request *q;
    double begin, length;
};

static void on_progress(void *ctx, double done)
{
    const struct stage *stage = ctx;
    stage->q->progress(stage->q->progress_ctx, stage->begin + stage->length * done);
}

static int find_needs(const struct planner_request *q, struct planner_side *side, struct alm_err *e)
{
    const double hours = alm_seconds(side->limits.end - side->limits.from) / 3600;
    side->need = calloc(q->machines, sizeof *side->need);
    side->price = calloc(q->machines, sizeof *side->price);
    if (!side->need || !side->price)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu kinds of machines", q->machines);
    double best = INFINITY;
    for (size_t m = 0; m < q->machines; m++) {
        const struct planner_machine *machine = &q->machine[m];
        ALM_TRY(planner_need_find(&side->limits, machine, q->headroom, q->stop, &side->need[m], e));
        side->price[m] = side->need[m].peak * hours * machine->price;
        bool fits = side->need[m].too_large == 0;
        double rank = isnan(machine->price) ? side->need[m].peak * machine->cores : side->price[m];
        if ((fits && !side->fits) || (fits == side->fits && rank < best)) {
            best = rank;
            side->best = m;
            side->fits = fits;
        }
    }
    return ALM_OK;
}

static void find_shares(struct planner_side *side)
{
    double hours = 0;
    for (size_t i = 0; i < side->limits.units; i++) {
        const struct planner_unit *unit = &side->limits.unit[i];
        hours += unit->from == ALM_TIME_NONE ? 0 : alm_seconds(unit->end - unit->from) / 3600;
        for (int r = 0; r < 2; r++) {
            side->unlimited[r] += unit->unlimited[r];
            side->unknown[r] += unit->unknown[r];
        }
    }
    for (int r = 0; r < 2; r++) {
        side->unlimited[r] = hours > 0 ? side->unlimited[r] / hours : 0;
        side->unknown[r] = hours > 0 ? side->unknown[r] / hours : 0;
    }
}

/* Today is known when the trace says of at least one unit what it has, of each resource that is shown. */
static bool knows_today(const struct alm_demand *demand, char *why, size_t size)
{
    for (int r = 0; r < 2; r++) {
        bool any = !(demand->resources & ALM_BIT(r));
        for (size_t i = 0; i < demand->units && !any; i++)
            any = (r == ALM_CPU ? demand->unit[i].cores : demand->unit[i].memory) > 0;
        if (!any) {
            snprintf(why, size, "the trace does not say how much %s its units have today",
                     alm_resource_name((enum alm_resource)r));
            return false;
        }
    }
    return true;
}

static int run_side(const struct planner_request *q, struct planner *p, enum planner_side_name which, struct alm_err *e)
{
    struct planner_side *side = &p->side[which];
    struct simulation_config *config = q->config[which];
    const struct alm_demand *demand = simulation_load_demand(q->load);
    struct simulation_result result = {0};
    char path[PATH_ROOM];
    simulation_load_use(q->load, config);
    simulation_policy_text(config, side->policy, sizeof side->policy);
    if (which == PLANNER_TODAY && !knows_today(demand, side->absent, sizeof side->absent))
        return ALM_OK;
    if ((size_t)snprintf(path, sizeof path, "%s/%s.h5", q->folder, planner_side_word(which)) >= sizeof path)
        return alm_fail(e, ALM_EINVAL, "the folder for run files has too long a name");
    struct stage stage = {q, (double)which / PLANNER_SIDES, 0.9 / PLANNER_SIDES};
    config->stop = q->stop;
    config->progress = q->progress ? on_progress : NULL;
    config->progress_ctx = &stage;
    int code = simulation_run(config, demand, path, &result, e);
    config->progress = NULL;
    config->progress_ctx = NULL;
    if (code >= 0)
        code = planner_harm_of(&result, (uint64_t)config->settings.seed, &side->harm, e);
    p->resources |= result.resources;
    simulation_result_free(&result);
    if (code < 0)
        return alm_fail_in(e, "%s", planner_side_word(which));
    ALM_TRY(planner_limits_read(path, demand->unit, demand->units, &side->limits, e));
    if (side->limits.steps == 0)
        return alm_fail(e, ALM_EINVAL,
                        "no unit lives over a multiple of control.interval, so there is no decision to plan by; a "
                        "shorter interval would help: --set control.interval=1m");
    side->there = true;
    find_shares(side);
    code = find_needs(q, side, e);
    free(side->limits.step); /* the largest part, and nobody reads it any more */
    side->limits.step = NULL;
    side->limits.steps = side->limits.room = 0;
    return code;
}

int planner_run(const struct planner_request *q, struct planner *p, struct alm_err *e)
{
    *p = (struct planner){.units = simulation_load_demand(q->load)->units};
    for (int k = 0; k < PLANNER_SIDES; k++)
        ALM_TRY(run_side(q, p, (enum planner_side_name)k, e));
    const struct planner_limits *l = &p->side[PLANNER_POLICY].limits;
    p->from = l->from;
    p->end = l->end;
    for (size_t i = 0; i < l->units; i++)
        p->undecided += l->unit[i].from == ALM_TIME_NONE;
    return planner_savings(p, &q->prices, (uint64_t)q->config[PLANNER_POLICY]->settings.seed, e);
}

void planner_free(struct planner *p, size_t machines)
{
    for (int k = 0; k < PLANNER_SIDES; k++) {
        struct planner_side *side = &p->side[k];
        planner_limits_free(&side->limits);
        for (size_t m = 0; side->need && m < machines; m++)
            free(side->need[m].point);
        free(side->need);
        free(side->price);
    }
    *p = (struct planner){0};
}

struct saver {
    double saved;
    uint32_t unit;
};

static int by_saving(const void *a, const void *b)
{
    const struct saver *x = a, *y = b;
    if (x->saved != y->saved)
        return x->saved > y->saved ? -1 : 1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

int planner_order(const struct planner *p, const struct planner_prices *prices, uint32_t *order, size_t *n,
                  struct alm_err *e)
{
    const struct planner_side *today = &p->side[PLANNER_TODAY], *policy = &p->side[PLANNER_POLICY];
    enum planner_good good = prices->cpu > 0 || prices->memory > 0 ? PLANNER_MONEY : PLANNER_CORE_HOURS;
    struct saver *saver = calloc(p->units ? p->units : 1, sizeof *saver);
    if (!saver)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", p->units);
    *n = 0;
    for (uint32_t i = 0; i < p->units; i++) {
        if (policy->limits.unit[i].from == ALM_TIME_NONE)
            continue;
        double saved = 0;
        if (today->there)
            saved = planner_unit_total(&today->limits.unit[i], prices, good) -
                    planner_unit_total(&policy->limits.unit[i], prices, good);
        saver[(*n)++] = (struct saver){saved, i};
    }
    qsort(saver, *n, sizeof *saver, by_saving);
    for (size_t i = 0; i < *n; i++)
        order[i] = saver[i].unit;
    free(saver);
    return ALM_OK;
}
