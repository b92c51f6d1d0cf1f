/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_saving: sums over units, resampled. */
#include "experiments/planner/planner_saving.h"

#include "experiments/statistics/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DRAWS 2000

double planner_unit_total(const struct planner_unit *unit, const struct planner_prices *prices, enum planner_good good)
{
    const double cores = unit->hours[ALM_CPU], gib = unit->hours[ALM_MEMORY] * 0x1p-30;
    switch (good) {
    case PLANNER_CORE_HOURS:
        return cores;
    case PLANNER_GIB_HOURS:
        return gib;
    default:
        return cores * prices->cpu + gib * prices->memory;
    }
}

/* Totals of today, and what is saved, by unit. */
struct pairs {
    double *before, *saved;
    bool share;
};

static double saving_of(void *ctx, const uint32_t *index, size_t n)
{
    const struct pairs *p = ctx;
    double before = 0, saved = 0;
    for (size_t i = 0; i < n; i++) {
        before += p->before[index[i]];
        saved += p->saved[index[i]];
    }
    return !p->share ? saved : before > 0 ? saved / before : NAN;
}

static int interval_of(double (*value)(void *ctx, const uint32_t *index, size_t n), void *ctx, size_t n, uint64_t seed,
                       struct estimate *out, struct alm_err *e)
{
    struct bootstrap_statistic statistic = {value, ctx, n};
    struct bootstrap_plan plan = {.draws = DRAWS, .block = 1, .level = 0.95, .seed = seed};
    struct bootstrap_result result;
    uint32_t *all = calloc(n ? n : 1, sizeof *all);
    if (!all)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", n);
    for (size_t i = 0; i < n; i++)
        all[i] = (uint32_t)i;
    *out = (struct estimate){n ? value(ctx, all, n) : NAN, NAN, NAN};
    free(all);
    if (n < 2)
        return ALM_OK;
    ALM_TRY(bootstrap(&statistic, &plan, &result, e));
    out->low = result.percentile.low;
    out->high = result.percentile.high;
    return ALM_OK;
}

static int save(const struct planner_side *today, struct planner_side *side, enum planner_good good,
                const struct planner_prices *prices, uint64_t seed, struct alm_err *e)
{
    size_t n = 0, units = side->limits.units;
    struct pairs pairs = {calloc(units, sizeof(double)), calloc(units, sizeof(double)), false};
    int code = pairs.before && pairs.saved ? ALM_OK : alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", units);
    for (size_t i = 0; code >= 0 && i < units; i++) {
        if (side->limits.unit[i].from == ALM_TIME_NONE)
            continue;
        pairs.before[n] = planner_unit_total(&today->limits.unit[i], prices, good);
        pairs.saved[n] = pairs.before[n] - planner_unit_total(&side->limits.unit[i], prices, good);
        n++;
    }
    if (code >= 0)
        code = interval_of(saving_of, &pairs, n, seed, &side->saving[good].amount, e);
    pairs.share = true;
    if (code >= 0)
        code = interval_of(saving_of, &pairs, n, seed, &side->saving[good].share, e);
    free(pairs.before);
    free(pairs.saved);
    return code;
}

int planner_savings(struct planner *p, const struct planner_prices *prices, uint64_t seed, struct alm_err *e)
{
    const struct estimate nothing = {NAN, NAN, NAN};
    const struct planner_side *today = &p->side[PLANNER_TODAY];
    for (int k = 0; k < PLANNER_SIDES; k++) {
        struct planner_side *side = &p->side[k];
        for (int good = 0; good < PLANNER_GOODS; good++) {
            side->saving[good] = (struct planner_saving){nothing, nothing};
            for (size_t i = 0; side->there && i < p->units; i++)
                side->total[good] += planner_unit_total(&side->limits.unit[i], prices, (enum planner_good)good);
            if (k != PLANNER_TODAY && side->there && today->there)
                ALM_TRY(save(today, side, (enum planner_good)good, prices, seed, e));
        }
    }
    return ALM_OK;
}

static double throttled(void *ctx, const uint32_t *index, size_t n)
{
    const struct simulation_result *r = ctx;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += r->unit[index[i]].throttled_seconds / 3600;
    return sum;
}

int planner_harm_of(const struct simulation_result *r, uint64_t seed, struct planner_harm *harm, struct alm_err *e)
{
    size_t count;
    const struct metrics_row *row = metrics_rows(&count);
    struct metrics_interval(*interval)[2] = malloc(count * sizeof *interval);
    int code = interval ? metrics_intervals(r->unit, r->units, seed, interval, e)
                        : alm_fail(e, ALM_ENOMEM, "out of memory for intervals");
    for (size_t k = 0; code >= 0 && k < count; k++)
        for (int which = 0; which < 2; which++) {
            struct estimate *out = strcmp(row[k].name, "overrun_time_share") == 0 ? &harm->above[which]
                                   : strcmp(row[k].name, "oom_kills_per_unit_day") == 0 && which == ALM_MEMORY
                                       ? &harm->oom_kills_per_unit_day
                                       : NULL;
            if (out)
                *out =
                    (struct estimate){row[k].value(&r->pool, which), interval[k][which].low, interval[k][which].high};
        }
    free(interval);
    harm->oom_kills = r->pool.oom_kills;
    if (code >= 0)
        code = interval_of(throttled, (void *)(uintptr_t)r, r->units, seed, &harm->throttled_hours, e);
    return code;
}
