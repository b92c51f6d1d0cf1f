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

static inline const struct sim_tape_row *present(const struct sim_unit *u)
{
    return u->tape.line + u->tape.row;
}

int sim_output_grow(struct sim_output *out, struct alm_err *e)
{
    size_t capacity = out->capacity ? out->capacity * 2 : 1024;
    struct alm_sample *sample = realloc(out->sample, capacity * sizeof *sample);
    if (sample)
        out->sample = sample;
    struct alm_account *account = realloc(out->account, capacity * sizeof *account);
    if (account)
        out->account = account;
    uint64_t *limits = realloc(out->limits, capacity * sizeof *limits);
    if (limits)
        out->limits = limits;
    if (!sample || !account || !limits)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu samples", capacity);
    memset(limits + out->capacity, 0, (capacity - out->capacity) * sizeof *limits);
    out->capacity = capacity;
    return ALM_OK;
}

/* What a stretch under a limit adds to the account of one resource. */
struct score {
    double seconds, limit, slack, overrun, overrun_seconds;
};

static inline double not_below_zero(double x)
{
    return x > 0 ? x : 0;
}

/* USED: core-seconds. */
static inline struct score score_cpu(double limit, const struct stretch *s, double used)
{
    double over = s->cpu - limit;
    bool above = over > ALM_CPU_NOISE && !s->down;
    return (struct score){.seconds = s->seconds,
                          .limit = limit * s->seconds,
                          .slack = not_below_zero(limit * s->seconds - used),
                          .overrun = above ? over * s->seconds : 0,
                          .overrun_seconds = above ? s->seconds : 0};
}

static inline bool above_memory(const struct sim_unit *u, bool open_loop, double demand)
{
    return open_loop ? demand > u->bytes : demand >= u->kill;
}

static inline struct score score_memory(const struct sim_unit *u, const struct stretch *s, double used, bool above)
{
    const double limit = u->bytes;
    return (struct score){.seconds = s->seconds,
                          .limit = limit * s->seconds,
                          .slack = not_below_zero(limit - used) * s->seconds,
                          .overrun = above ? (s->memory - limit) * s->seconds : 0,
                          .overrun_seconds = above ? s->seconds : 0};
}

static void add_score(struct alm_account *a, enum alm_resource r, struct score s)
{
    a->seconds[r] += s.seconds;
    a->limit[r] += s.limit;
    a->slack[r] += s.slack;
    a->overrun[r] += s.overrun;
    a->overrun_seconds[r] += s.overrun_seconds;
}

static void run_cpu(struct sim_unit *u, const struct sim_rules *rules, const struct stretch *s)
{
    if (isnan(s->cpu))
        return;
    const double us = s->seconds * 1e6;
    double used = s->cpu * us;
    u->now.cpu_ns += s->seconds * 1e9;
    u->now.demand_cores += (s->cpu - u->now.demand_cores) * (s->seconds * 1e9 / u->now.cpu_ns);
    u->now.seen |= ALM_BIT(ALM_CPU);
    if (s->down) {
        used = 0;
    } else if (!rules->open_loop) {
        const double cap = u->most;
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
    if (u->limit[ALM_CPU] != ALM_NO_LIMIT && !rules->open_loop)
        add_score(&u->now.account, ALM_CPU, score_cpu(u->cores, s, used / 1e6));
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
        add_score(&u->now.account, ALM_MEMORY, score_memory(u, s, used, above_memory(u, false, s->memory)));
}

/* Open loop scores whole samples, as the papers do: each against the limit in force just before its stamp. */
static void score_sample(struct sim_unit *u)
{
    struct stretch s = {.seconds = u->now.covered_ns / 1e9, .memory = u->now.memory_demand};
    if (u->limit[ALM_MEMORY] != ALM_NO_LIMIT && (u->now.seen & ALM_BIT(ALM_MEMORY))) {
        bool above = above_memory(u, true, s.memory);
        add_score(&u->now.account, ALM_MEMORY, score_memory(u, &s, s.memory, above));
        u->now.account.oom_kills += above;
    }
    if (u->limit[ALM_CPU] != ALM_NO_LIMIT && (u->now.seen & ALM_BIT(ALM_CPU))) {
        s.seconds = u->now.cpu_ns / 1e9;
        s.cpu = u->now.demand_cores;
        add_score(&u->now.account, ALM_CPU, score_cpu(u->cores, &s, s.cpu * s.seconds));
    }
}

static void run_stretch(struct sim_unit *u, const struct sim_rules *rules, alm_time to)
{
    const struct sim_tape_row *row = present(u);
    struct stretch s = {
        .seconds = alm_seconds(to - u->at), .cpu = row->cpu, .memory = row->memory, .down = u->at < u->down_until};
    run_cpu(u, rules, &s);
    run_memory(u, rules, &s);
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++) {
        const double *other = u->tape.other[r] ? u->tape.other[r] + u->tape.row : NULL;
        if (!other || isnan(*other) || s.down)
            continue;
        u->now.total[r] += *other * s.seconds / alm_seconds(row->at - row->start);
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
    out->limits[out->count] = 0;
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
static bool row_is_plain(const struct sim_unit *u, alm_time to, alm_time grid)
{
    const struct sim_tape_row *row = present(u);
    if (grid > 0 || row->at > to || u->at != row->start || u->at < u->down_until)
        return false;
    if (u->now.covered_ns > 0 || u->now.oom_kills > 0)
        return false;
    return isnan(row->cpu) || (u->backlog == 0 && row->cpu <= u->plain);
}

/* Bytes of storage and network in the present row. */
static void emit_others(const struct sim_unit *u, struct alm_sample *s)
{
    for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++) {
        const double *other = u->tape.other[r] ? u->tape.other[r] + u->tape.row : NULL;
        if (!other || isnan(*other))
            continue;
        s->usage[r] = llrint(*other);
        s->missing &= (uint8_t)~ALM_BIT(r);
    }
}

/* Field by field, since each is written for every row after a change of limits. */
static inline void write_sample(const struct sim_unit *u, alm_time at, const struct stretch *row, bool cpu, bool memory,
                                struct alm_sample *s)
{
    s->at = at;
    s->span = at - u->at;
    s->unit = u->id;
    s->missing = (uint8_t) ~((unsigned)cpu << ALM_CPU | (unsigned)memory << ALM_MEMORY);
    s->censored = s->reset = s->event = 0;
    s->usage[ALM_CPU] = cpu ? llrint(row->cpu * (row->seconds * 1e6)) : 0;
    s->usage[ALM_MEMORY] = memory ? llrint(row->memory) : 0;
    memset(s->usage + ALM_IO_READ, 0, (ALM_RESOURCES - ALM_IO_READ) * sizeof *s->usage);
    memcpy(s->limit, u->shown, sizeof s->limit);
    s->throttled_us = 0;
    memset(s->stall_us, 0, sizeof s->stall_us);
    s->oom_kills = 0;
    if (u->others)
        emit_others(u, s);
}

static inline void write_score(struct alm_account *a, enum alm_resource r, struct score s)
{
    a->seconds[r] = s.seconds;
    a->limit[r] = s.limit;
    a->slack[r] = s.slack;
    a->overrun[r] = s.overrun;
    a->overrun_seconds[r] = s.overrun_seconds;
}

static inline void write_account(const struct sim_unit *u, bool open_loop, const struct stretch *row, bool cpu,
                                 bool memory, struct alm_account *a)
{
    const struct score none = {0};
    const bool above = memory && above_memory(u, open_loop, row->memory);
    write_score(a, ALM_CPU, cpu ? score_cpu(u->cores, row, row->cpu * row->seconds) : none);
    write_score(a, ALM_MEMORY, memory ? score_memory(u, row, row->memory, above) : none);
    a->demand[ALM_CPU] = row->cpu;
    a->demand[ALM_MEMORY] = row->memory;
    a->down_seconds = 0;
    a->oom_kills = open_loop && above;
}

/* The place holds a row of this unit under these limits, of the same length: only what rows differ in is written. */
static inline __attribute__((always_inline)) void renew(const struct sim_unit *u, const struct sim_tape_row *row,
                                                        struct alm_sample *s, struct alm_account *a)
{
    s->at = row->at;
    s->usage[ALM_CPU] = llrint(row->cpu * u->whole.us);
    s->usage[ALM_MEMORY] = llrint(row->memory);
    a->slack[ALM_CPU] = not_below_zero(a->limit[ALM_CPU] - row->cpu * u->whole.seconds);
    a->slack[ALM_MEMORY] = not_below_zero(u->bytes - row->memory) * u->whole.seconds;
    a->demand[ALM_CPU] = row->cpu;
    a->demand[ALM_MEMORY] = row->memory;
}

/* Perhaps with values that are missing, or without a limit. NaN is made canonical. */
static void write_row(const struct sim_unit *u, const struct sim_tape_row *row, bool open_loop, struct alm_sample *s,
                      struct alm_account *a)
{
    const bool cpu = !isnan(row->cpu), memory = !isnan(row->memory);
    const struct stretch whole = {
        .seconds = u->whole.seconds, .cpu = cpu ? row->cpu : NAN, .memory = memory ? row->memory : NAN};
    write_sample(u, row->at, &whole, cpu, memory, s);
    write_account(u, open_loop, &whole, cpu && u->cores < INFINITY, memory && u->bytes < INFINITY, a);
}

/* Where the next sample goes. */
struct place {
    struct alm_sample *sample;
    struct alm_account *account;
    uint64_t *limits;
};

static inline struct place next_place(const struct sim_output *out)
{
    return (struct place){out->sample + out->count, out->account + out->count, out->limits + out->count};
}

/* A whole row under unchanged limits is a sample as it stands: what run_stretch and emit would make of it, without the
 * accumulators. */
static inline __attribute__((always_inline)) void emit_row(struct sim_unit *u, const struct sim_tape_row *row,
                                                           bool open_loop, struct place to)
{
    const alm_time span = row->at - row->start;
    const bool within = row->cpu - u->cores <= ALM_CPU_NOISE &&
                        (open_loop ? row->memory <= u->bytes : row->memory < u->kill); /* false with NaN too */
    if (span != u->whole.span) {
        u->whole.seconds = alm_seconds(u->whole.span = span);
        u->whole.us = u->whole.seconds * 1e6;
    }
    if (within && *to.limits == u->limits && to.sample->span == span) {
        renew(u, row, to.sample, to.account);
    } else {
        write_row(u, row, open_loop, to.sample, to.account);
        *to.limits = within && u->limited && !u->others ? u->limits : 0;
    }
    u->at = row->at;
    u->tape.row++;
}

static inline __attribute__((always_inline)) int sweep(struct sim_unit *unit, size_t n, size_t *i, bool open_loop,
                                                       alm_time to, struct sim_output *out, struct alm_err *e)
{
    struct place next = {0};
    if (out->capacity)
        next = next_place(out);
    for (; *i < n; (*i)++) {
        struct sim_unit *u = &unit[*i];
        const struct sim_tape_row *row = present(u), *end = u->tape.line + u->tape.filled;
        for (; u->calm && row < end; row++) {
            if (row->at > to || u->at != row->start || row->cpu > u->plain)
                break;
            if (out->count == out->capacity) {
                ALM_TRY(sim_output_grow(out, e));
                next = next_place(out);
            }
            emit_row(u, row, open_loop, next);
            next = (struct place){next.sample + 1, next.account + 1, next.limits + 1};
            out->count++;
            __builtin_prefetch(row + 3); /* it is a round until then: long enough to fetch it */
        }
        if (u->at < to)
            break;
    }
    return ALM_OK;
}

/* Once for each kind of loop. */
int sim_units_sweep(struct sim_unit *unit, size_t n, size_t *i, bool open_loop, alm_time to, struct sim_output *out,
                    struct alm_err *e)
{
    return open_loop ? sweep(unit, n, i, true, to, out, e) : sweep(unit, n, i, false, to, out, e);
}

static int emit_one(struct sim_unit *u, bool open_loop, struct sim_output *out, struct alm_err *e)
{
    ALM_TRY(sim_output_reserve(out, e));
    emit_row(u, present(u), open_loop, next_place(out));
    out->count++;
    return ALM_OK;
}

static void note_calm(struct sim_unit *u)
{
    u->calm = u->at >= u->down_until && u->backlog == 0 && u->now.covered_ns == 0 && u->now.oom_kills == 0;
}

void sim_unit_set_limits(struct sim_unit *u, const struct sim_rules *rules, const struct sim_limits *l)
{
    memcpy(u->asked, l->asked, sizeof u->asked);
    memcpy(u->shown, l->shown, sizeof u->shown);
    memcpy(u->limit, l->limit, sizeof u->limit);
    const int64_t cpu = l->limit[ALM_CPU], memory = l->limit[ALM_MEMORY];
    u->cores = cpu == ALM_NO_LIMIT ? INFINITY : (double)cpu / 1000.0;
    u->bytes = memory == ALM_NO_LIMIT ? INFINITY : (double)memory;
    u->most = rules->cores > 0 && rules->cores < u->cores ? rules->cores : u->cores;
    u->kill = memory == ALM_NO_LIMIT ? INFINITY : (double)((memory / ALM_PAGE + 1) * ALM_PAGE);
    u->limited = cpu != ALM_NO_LIMIT && memory != ALM_NO_LIMIT;
    u->safe = INT64_MIN;
    u->limits = (uint64_t)(u->id + 1) << 32 | (uint32_t)(u->limits + 1);
    if (rules->open_loop)
        u->most = u->kill = INFINITY;
    u->plain = u->most + ALM_CPU_NOISE;
}

/* The end of what is constant from u->at on, at most TO. */
static alm_time stretch_end(const struct sim_unit *u, alm_time to, alm_time grid)
{
    alm_time end = to < present(u)->at ? to : present(u)->at;
    if (u->at < u->down_until && u->down_until < end)
        end = u->down_until;
    if (grid > 0) {
        alm_time stamp = alm_time_floor(u->at, grid) + grid;
        end = stamp < end ? stamp : end;
    }
    return end;
}

/* The unit has no row at its present time: at most to END nothing is known. */
static int skip(struct sim_unit *u, const struct sim_rules *rules, alm_time end, alm_time grid, struct sim_output *out,
                struct alm_err *e)
{
    if (grid > 0 && u->now.covered_ns > 0 && alm_time_ceil(u->at, grid) <= end) {
        u->at = alm_time_ceil(u->at, grid);
        ALM_TRY(emit(u, rules, u->at, false, out, e));
    }
    u->at = end;
    return ALM_OK;
}

/* One step toward TO: a whole row, a gap, or a stretch. */
static int step(struct sim_unit *u, const struct sim_rules *rules, alm_time to, alm_time grid, struct sim_output *out,
                struct alm_err *e)
{
    if (row_is_plain(u, to, grid)) {
        out->unsorted = out->unsorted || (out->count && out->sample[out->count - 1].unit > u->id);
        return emit_one(u, rules->open_loop, out, e);
    }
    const struct sim_tape_row *row = present(u);
    if (u->at < row->start)
        return skip(u, rules, row->start < to ? row->start : to, grid, out, e);
    run_stretch(u, rules, stretch_end(u, to, grid));
    bool row_done = u->at == row->at;
    if (row_done)
        u->tape.row++;
    if (grid > 0 ? u->at % grid == 0 : row_done)
        return emit(u, rules, u->at, false, out, e);
    return ALM_OK;
}

int sim_unit_advance(struct sim_unit *u, const struct sim_rules *rules, alm_time to, alm_time grid,
                     struct sim_output *out, struct alm_err *e)
{
    while (u->at < to) {
        if (u->tape.row < u->tape.filled) {
            ALM_TRY(step(u, rules, to, grid, out, e));
            continue;
        }
        if (u->tape.loaded < u->tape.rows)
            break; /* needs rows */
        ALM_TRY(skip(u, rules, to, grid, out, e));
    }
    note_calm(u);
    return ALM_OK;
}

bool sim_unit_over_memory(const struct sim_unit *u)
{
    if (u->tape.row >= u->tape.filled || u->at < u->down_until || u->at < present(u)->start)
        return false;
    return above_memory(u, false, present(u)->memory);
}

alm_time sim_unit_next_kill(const struct sim_unit *u, alm_time until, bool *certain)
{
    *certain = true;
    if (u->limit[ALM_MEMORY] == ALM_NO_LIMIT)
        return until;
    alm_time from = u->at > u->down_until ? u->at : u->down_until;
    const struct sim_tape_row *row = present(u), *end = u->tape.line + u->tape.filled;
    for (; row < end; row++) {
        alm_time moment = row->start > from ? row->start : from;
        if (moment >= until)
            return until;
        if (row->at > from && above_memory(u, false, row->memory))
            return moment;
    }
    if (u->tape.loaded == u->tape.rows)
        return until;
    *certain = false;
    alm_time last = u->tape.filled ? end[-1].at : u->at;
    return last < until ? last : until;
}

alm_time sim_unit_find_safe(const struct sim_unit *u, alm_time until, bool *certain)
{
    enum { BEHIND = 8 }; /* so the next rounds need not look */
    const struct sim_tape_row *row = present(u), *end = u->tape.line + u->tape.filled;
    if (u->tape.peak < u->kill)
        row = end;
    for (size_t behind = 0; row < end; row++) {
        if (row->memory >= u->kill)
            return row->start;
        if (row->start >= until && ++behind == BEHIND)
            return row->at;
    }
    if (u->tape.loaded == u->tape.rows)
        return ALM_TIME_MAX;
    const alm_time last = present(u) < end ? end[-1].at : u->at;
    *certain = last >= until;
    return last;
}

int sim_unit_kill(struct sim_unit *u, const struct sim_rules *rules, struct sim_output *out, struct alm_err *e)
{
    u->now.oom_kills++;
    u->now.seen |= ALM_BIT(ALM_MEMORY);
    u->now.censored |= ALM_BIT(ALM_MEMORY);
    u->now.memory_peak = fmax(u->now.memory_peak, (double)u->limit[ALM_MEMORY]);
    u->now.memory_demand = fmax(u->now.memory_demand, present(u)->memory);
    u->backlog = 0;
    u->down_until = u->at + rules->restart_delay;
    ALM_TRY(emit(u, rules, u->at, true, out, e));
    note_calm(u);
    return ALM_OK;
}
