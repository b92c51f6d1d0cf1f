/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage_unit: exact integration of one unit between changes.
 *
 * Choice.   Memory is compared in whole pages, demand and limit rounded alike, so a limit that covers the demand in
 *           bytes covers it in pages. Open loop compares bytes: nothing is rounded there. */
#include "usage_unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One stretch of time with constant demand and limits. */
struct stretch {
    double seconds;
    double cpu, memory; /* demand; NaN unknown */
    bool down;
};

int sim_output_reserve(struct sim_output *out, struct alm_err *e)
{
    if (out->count < out->capacity)
        return ALM_OK;
    size_t capacity = out->capacity ? out->capacity * 2 : 1024;
    struct alm_sample *sample = realloc(out->sample, capacity * sizeof *sample);
    if (sample)
        out->sample = sample;
    struct alm_account *account = realloc(out->account, capacity * sizeof *account);
    if (account)
        out->account = account;
    if (!sample || !account)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu samples", capacity);
    out->capacity = capacity;
    return ALM_OK;
}

static void account_cpu(struct alm_account *a, double limit, const struct stretch *s, double used)
{
    double over = s->cpu - limit;
    a->seconds[ALM_CPU] += s->seconds;
    a->limit[ALM_CPU] += limit * s->seconds;
    a->slack[ALM_CPU] += fmax(0, limit * s->seconds - used);
    if (over > ALM_CPU_NOISE && !s->down) {
        a->overrun[ALM_CPU] += over * s->seconds;
        a->overrun_seconds[ALM_CPU] += s->seconds;
    }
}

static void run_cpu(struct sim_unit *u, const struct sim_rules *rules, const struct stretch *s)
{
    if (isnan(s->cpu))
        return;
    const double us = s->seconds * 1e6;
    const bool limited = u->limit[ALM_CPU] != ALM_NO_LIMIT;
    const double limit = limited ? (double)u->limit[ALM_CPU] / 1000.0 : INFINITY;
    double used = s->cpu * us;
    u->now.cpu_ns += s->seconds * 1e9;
    u->now.demand_cores += (s->cpu - u->now.demand_cores) * (s->seconds * 1e9 / u->now.cpu_ns);
    u->now.seen |= ALM_BIT(ALM_CPU);
    if (s->down) {
        used = 0;
    } else if (!rules->open_loop) {
        const double cap = rules->cores > 0 && rules->cores < limit ? rules->cores : limit;
        if (s->cpu > cap + ALM_CPU_NOISE) {
            used = cap * us;
            u->now.throttled_us += us;
            u->now.censored |= ALM_BIT(ALM_CPU);
            if (rules->backlog == SIM_BACKLOG_CARRY) {
                double most = cap * alm_seconds(rules->backlog_limit) * 1e6;
                u->backlog = fmin(u->backlog + (s->cpu - cap) * us, most);
            }
        } else if (u->backlog > 0) {
            double drain = isinf(cap) ? 0 : fmin(us, cap > s->cpu ? u->backlog / (cap - s->cpu) : us);
            double done = isinf(cap) ? u->backlog : (cap - s->cpu) * drain;
            used += done;
            u->backlog = drain < us ? 0 : u->backlog - done;
            if (drain > 0) {
                u->now.throttled_us += drain;
                u->now.censored |= ALM_BIT(ALM_CPU);
            }
        }
    }
    u->now.used_us += used;
    if (limited && !rules->open_loop)
        account_cpu(&u->now.account, limit, s, used / 1e6);
}

static bool above_memory(const struct sim_unit *u, bool open_loop, double demand)
{
    if (u->limit[ALM_MEMORY] == ALM_NO_LIMIT || isnan(demand))
        return false;
    if (open_loop)
        return demand > (double)u->limit[ALM_MEMORY];
    return floor(demand / (double)ALM_PAGE) > (double)(u->limit[ALM_MEMORY] / ALM_PAGE);
}

static void account_memory(const struct sim_unit *u, bool open_loop, const struct stretch *s, double used,
                           struct alm_account *a)
{
    double limit = (double)u->limit[ALM_MEMORY];
    a->seconds[ALM_MEMORY] += s->seconds;
    a->limit[ALM_MEMORY] += limit * s->seconds;
    a->slack[ALM_MEMORY] += fmax(0, limit - used) * s->seconds;
    if (above_memory(u, open_loop, s->memory)) {
        a->overrun[ALM_MEMORY] += (s->memory - limit) * s->seconds;
        a->overrun_seconds[ALM_MEMORY] += s->seconds;
        a->oom_kills += open_loop;
    }
}

static void run_memory(struct sim_unit *u, const struct sim_rules *rules, const struct stretch *s)
{
    if (isnan(s->memory))
        return;
    u->now.seen |= ALM_BIT(ALM_MEMORY);
    if (s->memory > u->now.memory_demand)
        u->now.memory_demand = s->memory;
    double used = s->down ? 0 : s->memory;
    if (used > u->now.memory_peak)
        u->now.memory_peak = used;
    if (u->limit[ALM_MEMORY] != ALM_NO_LIMIT && !rules->open_loop)
        account_memory(u, false, s, used, &u->now.account);
}

/* Open loop scores whole samples, as the papers do: each against the limit in force just before its stamp. */
static void score_sample(struct sim_unit *u)
{
    struct stretch s = {.seconds = u->now.covered_ns / 1e9, .memory = u->now.memory_demand};
    if (u->limit[ALM_MEMORY] != ALM_NO_LIMIT && (u->now.seen & ALM_BIT(ALM_MEMORY)))
        account_memory(u, true, &s, s.memory, &u->now.account);
    if (u->limit[ALM_CPU] != ALM_NO_LIMIT && (u->now.seen & ALM_BIT(ALM_CPU))) {
        s.seconds = u->now.cpu_ns / 1e9;
        s.cpu = u->now.demand_cores;
        account_cpu(&u->now.account, (double)u->limit[ALM_CPU] / 1000.0, &s, s.cpu * s.seconds);
    }
}

static void run_stretch(struct sim_unit *u, const struct sim_rules *rules, alm_time to)
{
    const size_t k = u->row;
    struct stretch s = {.seconds = alm_seconds(to - u->at),
                        .cpu = u->row_value[ALM_CPU] ? u->row_value[ALM_CPU][k] : NAN,
                        .memory = u->row_value[ALM_MEMORY] ? u->row_value[ALM_MEMORY][k] : NAN,
                        .down = u->at < u->down_until};
    run_cpu(u, rules, &s);
    run_memory(u, rules, &s);
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++) {
        if (!u->row_value[r] || isnan(u->row_value[r][k]) || s.down)
            continue;
        u->now.total[r] += u->row_value[r][k] * s.seconds / alm_seconds(u->row_span[k]);
        u->now.seen |= (uint8_t)ALM_BIT(r);
    }
    if (s.down)
        u->now.account.down_seconds += s.seconds;
    u->now.covered_ns += (double)(to - u->at);
    u->at = to;
}

/* Close the sample under way with the stamp AT. */
static int emit(struct sim_unit *u, const struct sim_rules *rules, alm_time at, bool event, struct sim_output *out,
                struct alm_err *e)
{
    ALM_TRY(sim_output_reserve(out, e));
    if (out->count && out->sample[out->count - 1].unit > u->id)
        out->unsorted = true;
    alm_time span = (alm_time)u->now.covered_ns;
    struct alm_sample *s = &out->sample[out->count];
    *s = (struct alm_sample){.at = at, .span = span, .unit = u->id, .event = event, .oom_kills = u->now.oom_kills};
    s->missing = (uint8_t)~u->now.seen;
    if (span == 0)
        s->missing |= (uint8_t)~ALM_BIT(ALM_MEMORY);
    s->censored = u->now.censored;
    s->usage[ALM_CPU] = llrint(u->now.used_us);
    s->usage[ALM_MEMORY] = llrint(u->now.memory_peak);
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++)
        s->usage[r] = llrint(u->now.total[r]);
    s->throttled_us = llrint(u->now.throttled_us);
    s->limit[ALM_CPU] = u->shown[ALM_CPU];
    s->limit[ALM_MEMORY] = u->shown[ALM_MEMORY];
    struct alm_account *a = &out->account[out->count];
    if (rules->open_loop)
        score_sample(u);
    *a = u->now.account;
    a->demand[ALM_CPU] = u->now.cpu_ns > 0 ? u->now.demand_cores : NAN;
    a->demand[ALM_MEMORY] = (u->now.seen & ALM_BIT(ALM_MEMORY)) ? u->now.memory_demand : NAN;
    if (!rules->open_loop)
        a->oom_kills = u->now.oom_kills;
    out->count++;
    memset(&u->now, 0, sizeof u->now);
    return ALM_OK;
}

/* Nothing happens to the unit during its present row but the row itself. */
static bool row_is_plain(const struct sim_unit *u, const struct sim_rules *rules, alm_time to, alm_time grid)
{
    const size_t k = u->row;
    if (grid > 0 || u->row_at[k] > to || u->at != u->row_at[k] - u->row_span[k] || u->at < u->down_until)
        return false;
    if (u->now.covered_ns > 0 || u->now.oom_kills > 0)
        return false;
    if (rules->open_loop || !u->row_value[ALM_CPU] || isnan(u->row_value[ALM_CPU][k]))
        return true;
    double cap = u->limit[ALM_CPU] == ALM_NO_LIMIT ? INFINITY : (double)u->limit[ALM_CPU] / 1000.0;
    cap = rules->cores > 0 && rules->cores < cap ? rules->cores : cap;
    return u->backlog == 0 && u->row_value[ALM_CPU][k] <= cap + ALM_CPU_NOISE;
}

/* The common case of replay: a whole row under unchanged limits is a sample as it stands. What run_stretch and emit would
 * make of it, without the accumulators. */
static int emit_row(struct sim_unit *u, const struct sim_rules *rules, struct sim_output *out, struct alm_err *e)
{
    ALM_TRY(sim_output_reserve(out, e));
    if (out->count && out->sample[out->count - 1].unit > u->id)
        out->unsorted = true;
    const size_t k = u->row;
    struct stretch row = {.seconds = alm_seconds(u->row_span[k]), .cpu = NAN, .memory = NAN};
    struct alm_sample *s = &out->sample[out->count];
    struct alm_account *a = &out->account[out->count++];
    *s = (struct alm_sample){.at = u->row_at[k],
                             .span = u->row_span[k],
                             .unit = u->id,
                             .missing = UINT8_MAX,
                             .limit = {u->shown[ALM_CPU], u->shown[ALM_MEMORY]}};
    *a = (struct alm_account){0};
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (!u->row_value[r] || isnan(u->row_value[r][k]))
            continue;
        double v = u->row_value[r][k];
        s->usage[r] = llrint(r == ALM_CPU ? v * (row.seconds * 1e6) : v);
        s->missing &= (uint8_t)~ALM_BIT(r);
        row.cpu = r == ALM_CPU ? v : row.cpu;
        row.memory = r == ALM_MEMORY ? v : row.memory;
    }
    a->demand[ALM_CPU] = row.cpu;
    a->demand[ALM_MEMORY] = row.memory;
    if (u->limit[ALM_CPU] != ALM_NO_LIMIT && !isnan(row.cpu))
        account_cpu(a, (double)u->limit[ALM_CPU] / 1000.0, &row, row.cpu * row.seconds);
    if (u->limit[ALM_MEMORY] != ALM_NO_LIMIT && !isnan(row.memory))
        account_memory(u, rules->open_loop, &row, row.memory, a);
    u->at = u->row_at[k];
    u->row++;
    return ALM_OK;
}

/* The end of what is constant from u->at on, at most TO. */
static alm_time stretch_end(const struct sim_unit *u, alm_time to, alm_time grid)
{
    alm_time end = to < u->row_at[u->row] ? to : u->row_at[u->row];
    if (u->at < u->down_until && u->down_until < end)
        end = u->down_until;
    if (grid > 0) {
        alm_time stamp = alm_time_floor(u->at, grid) + grid;
        end = stamp < end ? stamp : end;
    }
    return end;
}

int sim_unit_advance(struct sim_unit *u, const struct sim_rules *rules, alm_time to, alm_time grid,
                     struct sim_output *out, struct alm_err *e)
{
    while (u->at < to) {
        if (u->row == u->filled) {
            if (u->loaded < u->rows)
                return ALM_OK; /* needs rows */
            if (grid > 0 && u->now.covered_ns > 0) {
                alm_time stamp = alm_time_ceil(u->at, grid);
                if (stamp > to)
                    break;
                u->at = stamp;
                ALM_TRY(emit(u, rules, stamp, false, out, e));
            }
            u->at = to;
            break;
        }
        if (row_is_plain(u, rules, to, grid)) {
            ALM_TRY(emit_row(u, rules, out, e));
            continue;
        }
        alm_time start = u->row_at[u->row] - u->row_span[u->row];
        if (u->at < start) { /* a gap: nothing is known of the unit here */
            alm_time end = start < to ? start : to;
            if (grid > 0 && u->now.covered_ns > 0 && alm_time_ceil(u->at, grid) <= end) {
                u->at = alm_time_ceil(u->at, grid);
                ALM_TRY(emit(u, rules, u->at, false, out, e));
            }
            u->at = end;
            continue;
        }
        run_stretch(u, rules, stretch_end(u, to, grid));
        bool row_done = u->at == u->row_at[u->row];
        if (row_done)
            u->row++;
        if (grid > 0 ? u->at % grid == 0 : row_done)
            ALM_TRY(emit(u, rules, u->at, false, out, e));
    }
    return ALM_OK;
}

bool sim_unit_over_memory(const struct sim_unit *u)
{
    const double *memory = u->row_value[ALM_MEMORY];
    if (!memory || u->row >= u->filled || u->at < u->down_until || u->at < u->row_at[u->row] - u->row_span[u->row])
        return false;
    return above_memory(u, false, memory[u->row]);
}

alm_time sim_unit_next_kill(const struct sim_unit *u, alm_time until, bool *certain)
{
    *certain = true;
    const double *memory = u->row_value[ALM_MEMORY];
    if (!memory || u->limit[ALM_MEMORY] == ALM_NO_LIMIT)
        return until;
    alm_time from = u->at > u->down_until ? u->at : u->down_until;
    for (size_t k = u->row; k < u->filled; k++) {
        alm_time start = u->row_at[k] - u->row_span[k];
        alm_time moment = start > from ? start : from;
        if (moment >= until)
            return until;
        if (u->row_at[k] > from && above_memory(u, false, memory[k]))
            return moment;
    }
    if (u->loaded == u->rows)
        return until;
    *certain = false;
    alm_time last = u->filled ? u->row_at[u->filled - 1] : u->at;
    return last < until ? last : until;
}

int sim_unit_kill(struct sim_unit *u, const struct sim_rules *rules, struct sim_output *out, struct alm_err *e)
{
    u->now.oom_kills++;
    u->now.seen |= ALM_BIT(ALM_MEMORY);
    u->now.censored |= ALM_BIT(ALM_MEMORY);
    u->now.memory_peak = fmax(u->now.memory_peak, (double)u->limit[ALM_MEMORY]);
    u->now.memory_demand = fmax(u->now.memory_demand, u->row_value[ALM_MEMORY][u->row]);
    u->backlog = 0;
    u->down_until = u->at + rules->restart_delay;
    return emit(u, rules, u->at, true, out, e);
}
