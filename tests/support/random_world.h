/* SPDX-License-Identifier: GPL-3.0-or-later
 * random_world: small worlds drawn at random, their runs, and a log of all that a platform shows.
 *
 * Meaning.  A world is a trace (units that serve invocations, units that replay usage), options of the platform and a
 *           sequence of decisions at random times. Everything follows from the seed and the traits; what happens to a unit
 *           follows from its name, not from its place, so that worlds can be permuted.
 * Choice.   The platform is driven by its own table, without the loop: limits change at any time, to anything. */
#ifndef ALMANAC_TESTS_RANDOM_WORLD_H
#define ALMANAC_TESTS_RANDOM_WORLD_H

#include "almanac/module.h"
#include "almanac/platform.h"
#include "almanac/stream.h"

#include "memory_load.h"

#include <math.h>
#include <stdio.h>

enum world_trait {
    WORLD_MACHINES = 1 << 0,
    WORLD_USAGE = 1 << 1,   /* units that replay usage among those that serve */
    WORLD_LIMITS = 1 << 2,  /* CPU limits and floors that change */
    WORLD_MEMORY = 1 << 3,  /* footprints, memory limits, kills, retries */
    WORLD_IO = 1 << 4,      /* disk and network */
    WORLD_TIMES = 1 << 5,   /* patience, timeouts, room for few */
    WORLD_CLASSES = 1 << 6, /* priorities, perhaps with interruption */
    WORLD_SCALE = 1 << 7,   /* instances that start and go */
    WORLD_COMING = 1 << 8,  /* machines that come and are drained */
    WORLD_STARTS = 1 << 9,  /* every start is shown */
    WORLD_PERIOD = 1 << 10, /* quota by periods */
    WORLD_SCOPE = 1 << 11,  /* limits of instances or of invocations */
    WORLD_LATE = 1 << 12,   /* limits that take time or are refused, sensors that are not perfect */
    WORLD_SPEED = 1 << 13,  /* machines of another speed than the trace's */
    WORLD_ALL = (1 << 14) - 1,
};

#define WORLD_UNITS 8
#define WORLD_STEP (5 * ALM_SECOND)
#define WORLD_LENGTH (60 * ALM_SECOND)

struct world {
    uint64_t seed;
    unsigned traits;
    struct memory_sink trace;
    char options[2048];
    alm_time sample_interval;
    bool quiet;     /* nothing is ever decided */
    alm_time freed; /* decisions from here on are that nothing is limited; 0: never */
};

/* All that was shown. */
struct world_log {
    struct alm_execution *execution;
    struct alm_execution_account *of;
    struct alm_sample *sample;
    struct alm_account *account;
    struct alm_machine_sample *machine_sample;
    struct alm_machine *machine;
    alm_time *decision; /* when something was decided */
    size_t executions, samples, machine_samples, machines, decisions, starts;
    alm_time begin, end;
};

/* ---- a world ---- */

__attribute__((format(printf, 2, 3))) static inline void world_option(struct world *w, const char *format, ...)
{
    va_list list;
    size_t used = strlen(w->options);
    va_start(list, format);
    int n = vsnprintf(w->options + used, sizeof w->options - used, format, list);
    va_end(list);
    cr_assert(n > 0 && used + (size_t)n < sizeof w->options);
}

static inline double world_between(struct alm_stream *s, double low, double high)
{
    return low + (high - low) * alm_stream_uniform(s);
}

static inline size_t world_pick(struct alm_stream *s, size_t n)
{
    return (size_t)alm_stream_below(s, n);
}

static inline void world_number(struct world *w, struct alm_stream *s, const char *name, size_t below, const char *unit)
{
    world_option(w, ",%s=%zu%s", name, world_pick(s, below), unit);
}

/* One after the other: a list of arguments is drawn in an order that the compiler chooses. */
static inline void world_pair(struct world *w, struct alm_stream *s, const char *name, double low, double high)
{
    world_option(w, ",%s=%.3g", name, world_between(s, low, high));
    world_option(w, "/%.3g", world_between(s, low, high));
}

static inline void world_choice(struct world *w, struct alm_stream *s, const char *name, const char *const *of,
                                size_t n)
{
    world_option(w, ",%s=%s", name, of[world_pick(s, n)]);
}

#define WORLD_CHOICE(w, s, name, ...)                                                                                  \
    world_choice(w, s, name, (const char *const[]){__VA_ARGS__},                                                       \
                 sizeof(const char *const[]){__VA_ARGS__} / sizeof(const char *))

static inline void world_machines(struct world *w, struct alm_stream *s)
{
    world_option(w, ",machines=1/%zu", world_pick(s, 3));
    world_pair(w, s, "machine_cores", 0.5, 6);
    world_option(w, ",machine_memory=%zuMi/1Gi", 128 + world_pick(s, 512));
    WORLD_CHOICE(w, s, "placement", "first-fit", "best-fit", "worst-fit", "round-robin");
    world_option(w, ",overcommit_cpu=%zu", 1 + world_pick(s, 4));
    world_option(w, ",overcommit_memory=%zu", 1 + world_pick(s, 3));
    WORLD_CHOICE(w, s, "unplaced", "wait", "wait", "refuse");
    WORLD_CHOICE(w, s, "cpu_floor", "weight", "guarantee");
    if (w->traits & WORLD_IO) {
        world_option(w, ",machine_disk_read=%zuKi", 64 + world_pick(s, 2000));
        world_option(w, ",machine_net_rx=%zuKi,machine_net_tx=1Mi/0", 64 + world_pick(s, 2000));
        world_option(w, ",net_classes=%zu", 1 + world_pick(s, 3));
    }
    if (w->traits & WORLD_COMING) {
        world_option(w, ",machine_from=%zus/0s", world_pick(s, 20));
        world_option(w, ",machine_until=0s/%zus", 20 + world_pick(s, 30));
        WORLD_CHOICE(w, s, "drain", "move", "stay");
        world_option(w, ",move_delay=%zums", 700 * world_pick(s, 3));
    }
    if (w->traits & WORLD_SPEED)
        world_pair(w, s, "machine_speed", 0.5, 2);
}

static inline void world_memory(struct world *w, struct alm_stream *s)
{
    world_number(w, s, "retries", 4, "");
    world_option(w, ",retry_delay=%zums", 400 * world_pick(s, 4));
    WORLD_CHOICE(w, s, "memory_shrink", "accept", "refuse", "reclaim");
    WORLD_CHOICE(w, s, "memory_high", "0", "0.7");
}

static inline void world_times(struct world *w, struct alm_stream *s)
{
    world_number(w, s, "timeout", 4, "s");
    world_option(w, ",run_timeout=%zus", 2 * world_pick(s, 4));
    world_option(w, ",queue_limit=%d", (int)world_pick(s, 6) - 1);
}

static inline void world_scale(struct world *w, struct alm_stream *s)
{
    WORLD_CHOICE(w, s, "scale", "fixed", "per-request", "target");
    world_number(w, s, "instances", 3, "");
    world_option(w, ",instances_max=%zu", 3 + world_pick(s, 3));
    world_option(w, ",start_delay=%zums", 300 * world_pick(s, 4));
    world_number(w, s, "keep_alive", 8, "s");
}

static inline void world_options(struct world *w, struct alm_stream *s)
{
    world_option(w, "simulated:check=true,restart_delay=%zus", 1 + world_pick(s, 9));
    WORLD_CHOICE(w, s, "io", "sequence", "overlap");
    WORLD_CHOICE(w, s, "cpu_backlog", "carry", "lose");
    if (w->traits & WORLD_MACHINES)
        world_machines(w, s);
    if (w->traits & WORLD_MEMORY)
        world_memory(w, s);
    if (w->traits & WORLD_IO) {
        world_option(w, ",disk_latency=%zums", 5 * world_pick(s, 3));
        world_option(w, ",net_latency=%zums", 30 * world_pick(s, 2));
    }
    if (w->traits & WORLD_TIMES)
        world_times(w, s);
    if (w->traits & WORLD_SCALE)
        world_scale(w, s);
    if (w->traits & (WORLD_SCALE | WORLD_CLASSES | WORLD_TIMES))
        world_option(w, ",concurrency=%zu", 1 + world_pick(s, 3));
    if (w->traits & WORLD_CLASSES)
        WORLD_CHOICE(w, s, "preemptive", "true", "false");
    if (w->traits & WORLD_PERIOD)
        world_option(w, ",cpu_quota=period");
    if (w->traits & WORLD_SCOPE)
        WORLD_CHOICE(w, s, "scope", "instance", "invocation");
    if (w->traits & WORLD_LATE)
        world_option(w, ",actuation_delay=%zums,actuation_refusal=0.2,sensor_loss=0.1,sensor_noise=0.1",
                     250 * world_pick(s, 9));
}

static inline void world_invocation(struct world *w, alm_time at, uint32_t unit, struct alm_stream *s)
{
    struct alm_err e = {0};
    struct alm_invocation v = alm_invocation_at(at, unit);
    v.value[ALM_INV_WORK] = exp(alm_stream_normal(s) - 1.2);
    v.value[ALM_INV_PARALLELISM] = 1 + (double)world_pick(s, 3) / 2;
    v.value[ALM_INV_MEMORY] = w->traits & WORLD_MEMORY ? floor(world_between(s, 1, 120)) * 1048576 : 1048576;
    for (int f = ALM_INV_IO_READ; w->traits & WORLD_IO && f <= ALM_INV_NET_TX; f++)
        v.value[f] = world_pick(s, 2) ? floor(world_between(s, 0, 300000)) : 0;
    if (w->traits & WORLD_TIMES && world_pick(s, 2))
        v.value[ALM_INV_PATIENCE] = world_between(s, 0.1, 4);
    if (w->traits & WORLD_CLASSES)
        v.value[ALM_INV_PRIORITY] = (double)world_pick(s, 4);
    cr_assert_eq(w->trace.sink.invocations(&w->trace.sink, &v, NULL, 1, &e), ALM_OK, "%s", e.text);
}

static inline void world_rows(struct world *w, uint32_t unit, struct alm_stream *s)
{
    struct alm_err e = {0};
    for (alm_time at = WORLD_STEP; at <= WORLD_LENGTH; at += WORLD_STEP) {
        struct alm_trace_row row = {.at = at, .value = {NAN, NAN, NAN, NAN, NAN, NAN}};
        if (world_pick(s, 10) == 0)
            continue;
        row.value[ALM_CPU] = floor(world_between(s, 0, 3000)) / 1000;
        row.value[ALM_MEMORY] = w->traits & WORLD_MEMORY ? floor(world_between(s, 1, 200)) * 1048576 : 1048576;
        if (w->traits & WORLD_IO)
            row.value[ALM_IO_READ] = row.value[ALM_NET_TX] = floor(world_between(s, 0, 3e6));
        cr_assert_eq(w->trace.sink.rows(&w->trace.sink, unit, &row, 1, &e), ALM_OK, "%s", e.text);
    }
}

static inline void world_draw(struct world *w, uint64_t seed, unsigned traits)
{
    struct alm_err e = {0};
    struct alm_stream s = alm_stream_open(seed, 0, "world");
    *w = (struct world){.seed = seed, .traits = traits};
    memory_sink_init(&w->trace);
    w->trace.interval = WORLD_STEP;
    w->sample_interval = world_pick(&s, 2) ? WORLD_STEP : ALM_SECOND;
    world_options(w, &s);
    uint32_t units = 1 + (uint32_t)world_pick(&s, WORLD_UNITS), serving = 0;
    for (uint32_t i = 0; i < units; i++) {
        struct alm_unit u = {.cores = world_pick(&s, 2) ? NAN : 0.25 * (double)(1 + world_pick(&s, 8)), .memory = NAN};
        if (traits & WORLD_MEMORY && world_pick(&s, 2))
            u.memory = (double)(64 + world_pick(&s, 200)) * 1048576;
        uint32_t number;
        snprintf(u.name, sizeof u.name, "u-%u", i);
        cr_assert_eq(w->trace.sink.unit(&w->trace.sink, &u, &number, &e), ALM_OK, "%s", e.text);
        if (traits & WORLD_USAGE && i > 0 && world_pick(&s, 2))
            world_rows(w, i, &s);
        else
            serving |= 1u << i;
    }
    alm_time at = 0;
    double gap = 3.0 / units;
    while ((at += (alm_time)(1e9 * gap * alm_stream_exponential(&s))) < WORLD_LENGTH) {
        uint32_t unit = (uint32_t)world_pick(&s, units);
        if (serving & 1u << unit)
            world_invocation(w, at, unit, &s);
    }
    if (w->trace.invocations == 0)
        world_invocation(w, WORLD_LENGTH / 2, 0, &s);
}

static inline void world_free(struct world *w)
{
    memory_sink_free(&w->trace);
}

/* ---- a run ---- */

#define WORLD_KEEP(log, list, n, from)                                                                                 \
    do {                                                                                                               \
        void *grown_ = realloc((log)->list, ((log)->list##s + (n) + 1) * sizeof *(log)->list);                         \
        cr_assert(grown_);                                                                                             \
        (log)->list = grown_;                                                                                          \
        if (n)                                                                                                         \
            memcpy((log)->list + (log)->list##s, from, (n) * sizeof *(log)->list);                                     \
    } while (0)

static inline void world_take(const struct alm_platform_ops *ops, void *p, struct world_log *log)
{
    struct alm_err e = {0};
    const struct alm_sample *s;
    const struct alm_account *a;
    const struct alm_execution *x;
    const struct alm_execution_account *of;
    const struct alm_machine_sample *m;
    size_t n;
    cr_assert_eq(ops->sample(p, &s, &a, &n, &e), ALM_OK, "%s", e.text);
    size_t before = log->samples;
    WORLD_KEEP(log, sample, n, s);
    void *accounts = realloc(log->account, (before + n + 1) * sizeof *log->account);
    cr_assert(accounts);
    log->account = accounts;
    if (n)
        memcpy(log->account + before, a, n * sizeof *a);
    log->samples += n;
    cr_assert_eq(ops->executions(p, &x, &of, &n, &e), ALM_OK, "%s", e.text);
    before = log->executions;
    WORLD_KEEP(log, execution, n, x);
    void *more = realloc(log->of, (before + n + 1) * sizeof *log->of);
    cr_assert(more);
    log->of = more;
    if (n)
        memcpy(log->of + before, of, n * sizeof *of);
    log->executions += n;
    cr_assert_eq(ops->machine_samples(p, &m, &n, &e), ALM_OK, "%s", e.text);
    WORLD_KEEP(log, machine_sample, n, m);
    log->machine_samples += n;
}

/* What is decided for a unit at the K-th decision: it follows from its name. */
static inline struct alm_decision world_decision(const struct world *w, uint32_t unit, alm_time now, uint64_t k)
{
    struct alm_stream s = alm_stream_open(w->seed + 77 * k, (uint64_t)atoi(w->trace.unit[unit].name + 2), "decision");
    struct alm_decision d = {.unit = unit, .limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}};
    if (w->freed && now >= w->freed)
        return d;
    if (w->traits & WORLD_LIMITS && world_pick(&s, 5)) {
        d.limit[ALM_CPU] = (int64_t)world_between(&s, 10, 2500);
        d.floor[ALM_CPU] = (int64_t)world_between(&s, 0, (double)d.limit[ALM_CPU]);
    }
    if (w->traits & WORLD_MEMORY && world_pick(&s, 5)) {
        d.limit[ALM_MEMORY] = (int64_t)(world_between(&s, 30, 500) * 1048576);
        d.floor[ALM_MEMORY] = (int64_t)((double)d.limit[ALM_MEMORY] * world_between(&s, 0, 0.5));
    }
    return d;
}

static inline void world_decide(const struct world *w, const struct alm_platform_ops *ops, void *p, alm_time now,
                                enum alm_wake why, uint64_t k, struct world_log *log)
{
    struct alm_err e = {0};
    struct alm_decision decision[WORLD_UNITS + 1];
    struct alm_applied applied[WORLD_UNITS + 1];
    const struct alm_start *start;
    size_t n = 0, starts = 0;
    if (why == ALM_WAKE_START) {
        cr_assert_eq(ops->starts(p, &start, &starts, &e), ALM_OK, "%s", e.text);
        cr_assert_gt(starts, 0, "woken for nobody");
        for (size_t i = 0; i < starts; i++)
            decision[n++] = world_decision(w, start[i].unit, now, (uint64_t)now);
        log->starts += starts;
    }
    for (uint32_t i = 0; why != ALM_WAKE_START && i < w->trace.units; i++) {
        struct alm_stream s = alm_stream_open(w->seed + 78 * k, (uint64_t)atoi(w->trace.unit[i].name + 2), "whether");
        if (k == 0 || world_pick(&s, 3) == 0)
            decision[n++] = world_decision(w, i, now, k);
    }
    cr_assert_eq(ops->apply(p, now, decision, n, applied, &e), ALM_OK, "%s", e.text);
}

/* How time is cut into waits. */
struct world_waits {
    bool at_once; /* wait for the end at once */
    uint64_t seed;
};

static inline void world_run(const struct world *w, struct world_waits waits, struct world_log *log)
{
    extern const struct alm_platform_ops alm_platform_simulated;
    const struct alm_platform_ops *ops = &alm_platform_simulated;
    struct alm_err e = {0};
    struct alm_choice choice;
    struct memory_load load;
    void *p = NULL;
    *log = (struct world_log){0};
    cr_assert_eq(alm_choice_parse(ALM_PLATFORM, w->options, &choice, &e), ALM_OK, "%s", e.text);
    memory_load_open(&load, &w->trace);
    const struct alm_platform_config config = {.opt = choice.opt,
                                               .seed = w->seed,
                                               .sample_interval = w->sample_interval,
                                               .control_interval = WORLD_STEP,
                                               .wake_on_oom = w->traits & WORLD_MEMORY && !w->quiet,
                                               .wake_on_start = w->traits & WORLD_STARTS,
                                               .demand = &load.demand,
                                               .invocations = &load.invocations};
    cr_assert_eq(ops->open(&config, &p, &e), ALM_OK, "world %llu: %s: %s", (unsigned long long)w->seed, w->options,
                 e.text);
    struct alm_stream s = alm_stream_open(waits.seed, 0, "waits");
    alm_time until = alm_time_ceil(load.begin, WORLD_STEP), now = alm_time_floor(load.begin, WORLD_STEP);
    log->begin = now;
    enum alm_wake why = ALM_WAKE_DUE;
    uint64_t k = 0;
    while (why != ALM_WAKE_END) {
        alm_time before = now;
        if (now >= until || waits.at_once)
            until = waits.at_once ? ALM_TIME_MAX : now + 1 + (alm_time)(4e9 * alm_stream_uniform(&s));
        cr_assert_eq(ops->wait(p, until, &now, &why, &e), ALM_OK, "world %llu: %s: %s", (unsigned long long)w->seed,
                     w->options, e.text);
        cr_assert(now >= before && now <= until, "time went from %lld to %lld", (long long)before, (long long)now);
        size_t first = log->executions;
        world_take(ops, p, log);
        for (size_t i = first; i < log->executions; i++)
            cr_assert(log->execution[i].finish >= before && log->execution[i].finish <= now,
                      "an execution was shown late or early");
        if (w->quiet || why == ALM_WAKE_END)
            continue;
        WORLD_KEEP(log, decision, 1, &now);
        log->decisions++;
        world_decide(w, ops, p, now, why, why == ALM_WAKE_DUE ? k++ : (uint64_t)now, log);
    }
    log->end = now;
    const struct alm_machine *machine = ops->machines(p, &log->machines);
    log->machine = malloc((log->machines + 1) * sizeof *machine);
    if (log->machines)
        memcpy(log->machine, machine, log->machines * sizeof *machine);
    ops->close(p);
    memory_load_close(&load);
    alm_choice_free(&choice);
}

static inline void world_log_free(struct world_log *log)
{
    free(log->execution);
    free(log->of);
    free(log->sample);
    free(log->account);
    free(log->machine_sample);
    free(log->machine);
    free(log->decision);
}

#endif
