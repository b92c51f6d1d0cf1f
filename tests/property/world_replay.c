/* SPDX-License-Identifier: GPL-3.0-or-later
 * Two engines, one truth: where units never meet, the world shows the samples and accounts that the replay engine shows, over
 * random rows (gaps, unknown values, rows of any length), random limits at random times, in closed and open loop, on a grid
 * and without, alone or each on a machine without bounds.
 *
 * Limits.  CPU within 1 us, bytes within 1, integrals within 1e-9 of their size and 1e-6; the rest exactly. */
#include "usage_rig.h"

#include "almanac/stream.h"

#define S ALM_SECOND
#define RUNS 600

static double draw(struct alm_stream *s, double from, double to)
{
    return from + (to - from) * alm_stream_uniform(s);
}

static double maybe(struct alm_stream *s, double unknown, double value)
{
    return alm_stream_uniform(s) < unknown ? NAN : value;
}

/* Demands around one core and 100 pages, in round numbers or not. */
static void make(struct usage *u, uint64_t seed)
{
    struct alm_stream s = alm_stream_open(seed, 0, "rows");
    const bool odd = alm_stream_uniform(&s) < 0.5, memory = alm_stream_uniform(&s) < 0.8,
               io = alm_stream_uniform(&s) < 0.5;
    const size_t units = 1 + alm_stream_below(&s, 4);
    usage_make(u, units,
               ALM_BIT(ALM_CPU) | (memory ? ALM_BIT(ALM_MEMORY) : 0) |
                   (io ? ALM_BIT(ALM_IO_WRITE) | ALM_BIT(ALM_NET_RX) : 0));
    for (size_t i = 0; i < units; i++) {
        double at = floor(draw(&s, 0, 200));
        for (uint64_t k = 20 + alm_stream_below(&s, 100); k-- > 0;) {
            double begin = alm_stream_uniform(&s) < 0.1 ? at + floor(draw(&s, 1, 100)) : at;
            double end = begin + (odd ? draw(&s, 0.01, 120) : 60);
            double burst = alm_stream_uniform(&s) < 0.2 ? 4 : 1, cores = burst * draw(&s, 0, 1.5);
            double bytes = floor(draw(&s, 50, 150)) * 4096 * burst;
            struct usage_row *row = usage_add(u, i, begin, end, maybe(&s, 0.05, odd ? cores : floor(cores * 100) / 100),
                                              maybe(&s, 0.05, odd ? bytes + 1000.5 : bytes));
            row->value[ALM_IO_WRITE] = maybe(&s, 0.1, floor(draw(&s, 0, 1e9)));
            row->value[ALM_NET_RX] = maybe(&s, 0.1, odd ? draw(&s, 0, 1000) : 0);
            at = (double)row->at / 1e9;
        }
    }
}

static void near(double a, double b, double tolerance, const char *what, const char *where)
{
    if (isnan(a) && isnan(b))
        return;
    cr_assert(fabs(a - b) <= tolerance + 1e-9 * fabs(a), "%s: %s is %.17g in replay, %.17g in the world", where, what,
              a, b);
}

static void same_sample(const struct alm_sample *a, const struct alm_sample *b, const char *where)
{
    cr_assert_eq(a->unit, b->unit, "%s: unit %u and %u", where, a->unit, b->unit);
    cr_assert_eq(a->at, b->at, "%s: at %lld and %lld", where, (long long)a->at, (long long)b->at);
    cr_assert_eq(a->span, b->span, "%s: span %lld and %lld", where, (long long)a->span, (long long)b->span);
    cr_assert_eq(a->missing, b->missing, "%s: missing %x and %x", where, a->missing, b->missing);
    cr_assert_eq(a->censored, b->censored, "%s: censored %x and %x", where, a->censored, b->censored);
    cr_assert_eq(a->event, b->event, "%s: event", where);
    cr_assert_eq(a->oom_kills, b->oom_kills, "%s: kills %u and %u", where, a->oom_kills, b->oom_kills);
    cr_assert_eq(a->limit[0], b->limit[0], "%s: limit of CPU", where);
    cr_assert_eq(a->limit[1], b->limit[1], "%s: limit of memory", where);
    for (int r = 0; r < ALM_RESOURCES; r++)
        near((double)a->usage[r], (double)b->usage[r], r == ALM_MEMORY ? 0 : 1, alm_resource_name((enum alm_resource)r),
             where);
    near((double)a->throttled_us, (double)b->throttled_us, 1, "throttled", where);
}

static void same_account(const struct alm_account *a, const struct alm_account *b, const char *where)
{
    for (int r = 0; r < 2; r++) {
        const double unit = r == ALM_CPU ? 1e-6 : 1e-1;
        near(a->seconds[r], b->seconds[r], 1e-6, "seconds", where);
        near(a->limit[r], b->limit[r], unit, "limit", where);
        near(a->slack[r], b->slack[r], unit + 1e-6 * (r == ALM_CPU), "slack", where);
        near(a->overrun[r], b->overrun[r], unit, "overrun", where);
        near(a->overrun_seconds[r], b->overrun_seconds[r], 1e-6, "overrun seconds", where);
        near(a->demand[r], b->demand[r], 1e-9, "demand", where);
    }
    near(a->down_seconds, b->down_seconds, 1e-9, "down", where);
    cr_assert_eq(a->oom_kills, b->oom_kills, "%s: kills of the account", where);
}

static alm_time earlier(alm_time a, alm_time b)
{
    return a < b ? a : b;
}

struct seen {
    uint64_t samples, throttled, kills, late;
};

/* Both to UNTIL, or to where they wake. */
static void compare(struct engine *replay, struct engine *world, alm_time until, const char *name, struct seen *seen)
{
    char where[300];
    engine_wait(replay, until);
    engine_wait(world, until);
    snprintf(where, sizeof where, "%.200s, %.3f s", name, (double)replay->now / 1e9);
    cr_assert_eq(replay->now, world->now, "%s: the world stops at %.9f s", where, (double)world->now / 1e9);
    cr_assert_eq(replay->why, world->why, "%s: woken for %d and %d", where, replay->why, world->why);
    const struct engine *more = replay->n > world->n ? replay : world;
    cr_assert_eq(replay->n, world->n, "%s: %zu samples and %zu, the last of unit %u at %.9f s", where, replay->n,
                 world->n, more->sample[more->n - 1].unit, (double)more->sample[more->n - 1].at / 1e9);
    for (size_t k = 0; k < replay->n; k++) {
        char which[400];
        snprintf(which, sizeof which, "%s, unit %u at %.6f s", where, replay->sample[k].unit,
                 (double)replay->sample[k].at / 1e9);
        same_sample(&replay->sample[k], &world->sample[k], which);
        same_account(&replay->account[k], &world->account[k], which);
        seen->samples++;
        seen->throttled += replay->sample[k].throttled_us > 0;
        seen->kills += replay->sample[k].oom_kills;
    }
}

/* As the loop does it: after an event of those units that it is about. */
static bool concerns(const struct engine *x, uint32_t unit)
{
    bool any = x->why != ALM_WAKE_EVENT;
    for (size_t k = 0; k < x->n; k++)
        any |= x->sample[k].unit == unit;
    return any;
}

static void decide(struct engine *replay, struct engine *world, struct alm_stream *s, size_t units)
{
    for (uint32_t i = 0; i < units; i++) {
        if (alm_stream_uniform(s) < 0.5 || !concerns(replay, i))
            continue;
        int64_t cpu = alm_stream_uniform(s) < 0.15 ? ALM_NO_LIMIT : (int64_t)draw(s, 1, 2500);
        int64_t memory = alm_stream_uniform(s) < 0.3 ? ALM_NO_LIMIT : (int64_t)draw(s, 60, 700) * 4096;
        engine_limit(replay, i, cpu, memory);
        engine_limit(world, i, cpu, memory);
    }
}

/* What a run is like follows from its seed. MACHINES: each unit has one, without bounds. */
static void run(uint64_t seed, bool machines, struct seen *seen)
{
    struct alm_stream s = alm_stream_open(seed, 1, "run");
    struct usage u;
    struct engine replay, world;
    char text[400], more[80] = "";
    make(&u, seed);
    if (machines)
        snprintf(more, sizeof more, ",machines=%zu,machine_cores=1e6,placement=round-robin", u.demand.units);
    const bool open = alm_stream_uniform(&s) < 0.25, lose = alm_stream_uniform(&s) < 0.3;
    const double bound = floor(draw(&s, 0, 300)), delay = alm_stream_uniform(&s) < 0.5 ? 0 : floor(draw(&s, 0, 100));
    const bool cores = !open && alm_stream_uniform(&s) < 0.3;
    snprintf(text, sizeof text, "simulated:open_loop=%s,cpu_backlog=%s,backlog_limit=%.0fs,actuation_delay=%.0fs,%s",
             open ? "true" : "false", lose ? "lose" : "carry", bound, delay,
             cores ? "cores=2,restart_delay=7s" : "restart_delay=45s");
    struct alm_platform_config config = {
        .demand = &u.demand,
        .control_interval = 60 * S,
        .sample_interval = alm_stream_uniform(&s) < 0.5 ? 0 : (alm_time)(10 + alm_stream_below(&s, 90)) * S,
        .wake_on_oom = alm_stream_uniform(&s) < 0.7};
    engine_open(&replay, &sim_replay, text, config);
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s", more);
    engine_open(&world, &sim_world, text, config);
    char name[300];
    snprintf(name, sizeof name, "run %d (%.200s, grid %d s)", (int)seed, text, (int)(config.sample_interval / S));
    alm_time until = ALM_TIME_MAX; /* the world begins at a whole control interval */
    for (size_t i = 0; i < u.demand.units; i++)
        until = earlier(until, u.of[i].row[0].at - u.of[i].row[0].span);
    until = alm_time_floor(until, config.control_interval);
    while (replay.why != ALM_WAKE_END) {
        if (replay.why != ALM_WAKE_EVENT)
            until += (alm_time)(alm_stream_below(&s, 4) ? 60 * S : (alm_time)draw(&s, 1e9, 1e11));
        compare(&replay, &world, until, name, seen);
        if (replay.why != ALM_WAKE_END)
            decide(&replay, &world, &s, u.demand.units);
    }
    engine_close(&replay);
    engine_close(&world);
    usage_free(&u);
}

Test(world_replay, alone_in_the_world_is_replay)
{
    struct seen seen = {0};
    for (uint64_t seed = 1; seed <= RUNS; seed++)
        run(seed, false, &seen);
    cr_assert(seen.samples > 10000 && seen.throttled > 1000 && seen.kills > 200,
              "%d samples, %d throttled, %d kills: too little to see", (int)seen.samples, (int)seen.throttled,
              (int)seen.kills);
}

Test(world_replay, machines_without_bounds_change_nothing)
{
    struct seen seen = {0};
    for (uint64_t seed = 1000; seed < 1000 + RUNS; seed++)
        run(seed, true, &seen);
    cr_assert(seen.samples > 10000 && seen.throttled > 1000 && seen.kills > 200,
              "%d samples, %d throttled, %d kills: too little to see", (int)seen.samples, (int)seen.throttled,
              (int)seen.kills);
}
