/* SPDX-License-Identifier: GPL-3.0-or-later
 * What must hold of every simulated world, whatever its machines, limits, kills and orders: work is neither made nor lost,
 * nothing is used that is not there, everybody who comes ends once, in order of time.
 *
 * Limits.   Rounding: a sample or an execution shows whole microseconds and bytes, so each may be off by half of one; the
 *           rates of recorded bytes are whole bytes a second for each unit. */
#include "random_world.h"

#include <inttypes.h>

#define SAY(w) (unsigned long long)(w)->seed, (w)->traits, (w)->options

/* ---- executions ---- */

static const struct alm_invocation *row_of(const struct world *w, const struct alm_execution *x)
{
    return &w->trace.invocation[x->id];
}

static void check_times(const struct world *w, const struct world_log *log)
{
    for (size_t i = 0; i < log->executions; i++) {
        const struct alm_execution *x = &log->execution[i];
        cr_assert(i == 0 || x[-1].finish <= x->finish, "world %llu of %#x, %s: order of ends", SAY(w));
        cr_assert_lt(x->id, w->trace.invocations);
        cr_assert(x->unit == row_of(w, x)->unit && x->arrival == row_of(w, x)->arrival);
        cr_assert(x->start == ALM_TIME_NONE || (x->start >= x->arrival && x->start <= x->finish),
                  "world %llu of %#x, %s: invocation %" PRIu64 " came %" PRId64 ", started %" PRId64 ", left %" PRId64,
                  SAY(w), x->id, x->arrival, x->start, x->finish);
        cr_assert(x->finish >= x->arrival && x->finish <= log->end);
        if (x->end == ALM_END_RUNNING)
            cr_assert_eq(x->finish, log->end);
        if (x->end == ALM_END_DONE)
            cr_assert_neq(x->start, ALM_TIME_NONE);
    }
}

static void check_each_ends_once(const struct world *w, const struct world_log *log)
{
    unsigned char *seen = calloc(w->trace.invocations, 1);
    for (size_t i = 0; i < log->executions; i++)
        cr_assert_eq(seen[log->execution[i].id]++, 0, "world %llu of %#x, %s: invocation %" PRIu64 " ended twice",
                     SAY(w), log->execution[i].id);
    for (size_t i = 0; i < w->trace.invocations; i++)
        cr_assert(seen[i], "world %llu of %#x, %s: invocation %zu never ended", SAY(w), i);
    free(seen);
}

static void check_one(const struct world *w, const struct alm_execution *x, const struct alm_execution_account *of)
{
    const struct alm_invocation *v = row_of(w, x);
    double wanted = v->value[ALM_INV_WORK] * 1e6, used = (double)x->usage[ALM_CPU];
    bool fast = w->traits & WORLD_SPEED;
    if (x->end == ALM_END_DONE && x->retries == 0 && !fast)
        cr_assert_float_eq(used, wanted, 1, "world %llu of %#x, %s: invocation %" PRIu64 " used %.0f us of %.3f",
                           SAY(w), x->id, used, wanted);
    if (x->end == ALM_END_DONE && !fast)
        cr_assert(used >= wanted - 1 && used <= wanted * (1 + x->retries) + 1);
    if (x->start == ALM_TIME_NONE && x->retries == 0)
        cr_assert_eq(x->usage[ALM_CPU], 0);
    for (int r = ALM_IO_READ; w->traits & WORLD_IO && r < ALM_RESOURCES; r++)
        if (x->end == ALM_END_DONE && x->retries == 0)
            cr_assert_float_eq((double)x->usage[r], v->value[ALM_INV_IO_READ + r - ALM_IO_READ], 1,
                               "world %llu of %#x, %s: invocation %" PRIu64 ": %s", SAY(w), x->id,
                               alm_resource_name((enum alm_resource)r));
    double took = x->end == ALM_END_DONE ? alm_seconds(x->finish - x->start) : 0;
    if (x->end == ALM_END_DONE && !fast)
        cr_assert(took >= of->alone - 2e-9,
                  "world %llu of %#x, %s: invocation %" PRIu64 " took %.9f s, alone it takes %.9f", SAY(w), x->id, took,
                  of->alone);
}

/* ---- samples ---- */

static bool serves(const struct world *w, uint32_t unit)
{
    for (size_t i = 0; i < w->trace.rows; i++)
        if (w->trace.row[i].unit == unit)
            return false;
    return true;
}

/* Nothing was decided within it, so each limit was the same throughout. */
static bool steady(const struct world_log *log, const struct alm_sample *s)
{
    for (size_t i = 0; i < log->decisions; i++)
        if (log->decision[i] > s->at - s->span && log->decision[i] < s->at + s->event)
            return false;
    return true;
}

/* Usage never above the limit. By periods a sample may hold one period more than its time, and what was left of the one
 * that the sample began in, under the limit of before (at most 2.5 cores). */
static void check_limits(const struct world *w, const struct alm_sample *s, const struct alm_account *a)
{
    double seconds = alm_seconds(s->span), used = (double)s->usage[ALM_CPU] * 1e-6;
    double period = w->traits & WORLD_PERIOD ? 0.1 * (a->limit[ALM_CPU] / seconds + 2.5) : 0;
    if (!(s->missing & ALM_BIT(ALM_CPU)) && fabs(a->seconds[ALM_CPU] - seconds) < 1e-9)
        cr_assert_leq(used, a->limit[ALM_CPU] + period + 2e-6,
                      "world %llu of %#x, %s: unit %u used %.6f of %.6f core-s at %lld", SAY(w), s->unit, used,
                      a->limit[ALM_CPU], (long long)s->at);
    bool changes = w->traits & WORLD_SCOPE; /* with the number of instances */
    if (!(s->missing & ALM_BIT(ALM_MEMORY)) && fabs(a->seconds[ALM_MEMORY] - seconds) < 1e-9 && !changes)
        cr_assert_leq((double)s->usage[ALM_MEMORY], a->limit[ALM_MEMORY] / seconds + (double)ALM_PAGE,
                      "world %llu of %#x, %s: unit %u held %" PRId64 " of %.0f bytes at %lld", SAY(w), s->unit,
                      s->usage[ALM_MEMORY], a->limit[ALM_MEMORY] / seconds, (long long)s->at);
}

static void check_sample(const struct world *w, const struct alm_sample *s)
{
    double seconds = alm_seconds(s->span);
    cr_assert(s->span > 0 || s->event);
    cr_assert(s->throttled_us >= 0 && (double)s->throttled_us * 1e-6 <= seconds + 1e-6);
    for (int r = 0; r < ALM_STALLS; r++)
        cr_assert(s->stall_us[r] >= 0 && (double)s->stall_us[r] * 1e-6 <= seconds + 1e-6,
                  "world %llu of %#x, %s: unit %u stalls %d for %" PRId64 " us of %.6f s", SAY(w), s->unit, r,
                  s->stall_us[r], seconds);
    for (int r = 0; r < ALM_RESOURCES; r++)
        cr_assert_geq(s->usage[r], 0);
}

/* Of each unit that serves: what its samples show together is what its executions used together. */
static void check_use(const struct world *w, const struct world_log *log)
{
    for (uint32_t u = 0; u < w->trace.units; u++) {
        double sampled[ALM_RESOURCES] = {0}, executed[ALM_RESOURCES] = {0}, slack = 1;
        if (!serves(w, u))
            continue;
        for (size_t i = 0; i < log->samples; i++)
            for (int r = 0; log->sample[i].unit == u && r < ALM_RESOURCES; r++, slack += 0.5)
                sampled[r] += (double)log->sample[i].usage[r];
        for (size_t i = 0; i < log->executions; i++)
            for (int r = 0; log->execution[i].unit == u && r < ALM_RESOURCES; r++, slack += 0.5)
                executed[r] += (double)log->execution[i].usage[r];
        for (int r = 0; r < ALM_RESOURCES; r++)
            if (r != ALM_MEMORY)
                cr_assert_float_eq(sampled[r], executed[r], slack,
                                   "world %llu of %#x, %s: unit %u: samples show %.0f of %s, executions %.0f", SAY(w),
                                   u, sampled[r], alm_resource_name((enum alm_resource)r), executed[r]);
    }
}

/* Of each unit: its samples follow one another without gap or overlap. */
static void check_spans(const struct world *w, const struct world_log *log)
{
    alm_time last[WORLD_UNITS];
    for (uint32_t u = 0; u < w->trace.units; u++)
        last[u] = ALM_TIME_NONE;
    for (size_t i = 0; i < log->samples; i++) {
        const struct alm_sample *s = &log->sample[i];
        alm_time *before = &last[s->unit];
        cr_assert(*before == ALM_TIME_NONE || s->at - s->span >= *before,
                  "world %llu of %#x, %s: unit %u: samples overlap", SAY(w), s->unit);
        if (serves(w, s->unit) && *before != ALM_TIME_NONE)
            cr_assert_eq(s->at - s->span, *before, "world %llu of %#x, %s: unit %u: a gap before %lld", SAY(w), s->unit,
                         (long long)s->at);
        *before = s->at;
    }
}

/* ---- machines ---- */

static void check_machines(const struct world *w, const struct world_log *log)
{
    for (size_t i = 0; i < log->machine_samples; i++) {
        const struct alm_machine_sample *s = &log->machine_sample[i];
        const struct alm_machine *m = &log->machine[s->machine];
        double seconds = alm_seconds(s->span);
        cr_assert(i == 0 || s[-1].at < s->at || (s[-1].at == s->at && s[-1].machine < s->machine));
        cr_assert_leq((double)s->usage[ALM_CPU] * 1e-6, m->cores * seconds + 2e-6,
                      "world %llu of %#x, %s: %s used %.6f core-s of %.6f", SAY(w), m->name,
                      (double)s->usage[ALM_CPU] * 1e-6, m->cores * seconds);
        cr_assert_leq((double)s->usage[ALM_MEMORY], m->memory, "world %llu of %#x, %s: %s held %.0f bytes of %.0f",
                      SAY(w), m->name, (double)s->usage[ALM_MEMORY], m->memory);
        for (int r = ALM_IO_READ; r < ALM_RESOURCES; r++)
            cr_assert(!isfinite(m->bandwidth[r]) || (double)s->usage[r] <= (m->bandwidth[r] + s->units) * seconds + 2,
                      "world %llu of %#x, %s: %s: %" PRId64 " bytes of %s in %g s at %g", SAY(w), m->name, s->usage[r],
                      alm_resource_name((enum alm_resource)r), seconds, alm_seconds(s->at));
        for (int r = 0; r < ALM_STALLS; r++)
            cr_assert(s->full_us[r] <= s->some_us[r] && (double)s->some_us[r] * 1e-6 <= seconds + 1e-6);
    }
}

/* What units on machines used together is what the machines gave together. */
static void check_sums(const struct world *w, const struct world_log *log)
{
    double units[ALM_RESOURCES] = {0}, machines[ALM_RESOURCES] = {0};
    double slack = 1 + (double)(log->samples + log->machine_samples) / 2;
    for (size_t i = 0; i < log->samples; i++)
        for (int r = 0; r < ALM_RESOURCES; r++)
            units[r] += (double)log->sample[i].usage[r];
    for (size_t i = 0; i < log->machine_samples; i++)
        for (int r = 0; r < ALM_RESOURCES; r++)
            machines[r] += (double)log->machine_sample[i].usage[r];
    for (int r = 0; log->machines && r < ALM_RESOURCES; r++)
        if (r != ALM_MEMORY)
            cr_assert_float_eq(units[r], machines[r], slack,
                               "world %llu of %#x, %s: units used %.0f of %s, machines gave %.0f", SAY(w), units[r],
                               alm_resource_name((enum alm_resource)r), machines[r]);
}

static void check_laws(const struct world *w, const struct world_log *log)
{
    check_times(w, log);
    check_each_ends_once(w, log);
    for (size_t i = 0; i < log->executions; i++)
        check_one(w, &log->execution[i], &log->of[i]);
    check_spans(w, log);
    check_machines(w, log);
    if (w->traits & WORLD_LATE) /* such sensors do not show what is */
        return;
    for (size_t i = 0; i < log->samples; i++) {
        check_sample(w, &log->sample[i]);
        if (log->sample[i].span > 0 && steady(log, &log->sample[i]))
            check_limits(w, &log->sample[i], &log->account[i]);
    }
    check_use(w, log);
    check_sums(w, log);
}

static void check_world(uint64_t seed, unsigned traits)
{
    struct world w;
    struct world_log log;
    world_draw(&w, seed, traits);
    world_run(&w, (struct world_waits){.seed = seed}, &log);
    check_laws(&w, &log);
    world_log_free(&log);
    world_free(&w);
}

static void check_worlds(unsigned traits)
{
    for (uint64_t seed = 1; seed <= 150; seed++)
        check_world(seed, traits);
}

Test(laws, alone)
{
    check_worlds(WORLD_LIMITS);
    check_worlds(WORLD_LIMITS | WORLD_STARTS);
    check_worlds(WORLD_LIMITS | WORLD_USAGE);
}

Test(laws, on_machines)
{
    check_worlds(WORLD_MACHINES);
    check_worlds(WORLD_MACHINES | WORLD_LIMITS);
    check_worlds(WORLD_MACHINES | WORLD_LIMITS | WORLD_USAGE);
    check_worlds(WORLD_MACHINES | WORLD_LIMITS | WORLD_COMING);
}

Test(laws, speeds)
{
    check_worlds(WORLD_MACHINES | WORLD_SPEED | WORLD_LIMITS);
    check_worlds(WORLD_MACHINES | WORLD_SPEED | WORLD_LIMITS | WORLD_COMING);
}

Test(laws, input_and_output)
{
    check_worlds(WORLD_MACHINES | WORLD_IO);
    check_worlds(WORLD_MACHINES | WORLD_IO | WORLD_LIMITS | WORLD_USAGE | WORLD_CLASSES);
}

Test(laws, memory)
{
    check_worlds(WORLD_MEMORY);
    check_worlds(WORLD_MACHINES | WORLD_MEMORY);
    check_worlds(WORLD_MACHINES | WORLD_MEMORY | WORLD_USAGE | WORLD_LIMITS);
}

Test(laws, queues)
{
    check_worlds(WORLD_TIMES | WORLD_CLASSES);
    check_worlds(WORLD_TIMES | WORLD_CLASSES | WORLD_SCALE | WORLD_LIMITS);
    check_worlds(WORLD_MACHINES | WORLD_TIMES | WORLD_CLASSES | WORLD_SCALE | WORLD_MEMORY);
}

Test(laws, scopes)
{
    check_worlds(WORLD_SCOPE | WORLD_LIMITS | WORLD_MEMORY);
    check_worlds(WORLD_MACHINES | WORLD_SCOPE | WORLD_LIMITS | WORLD_MEMORY | WORLD_SCALE);
}

Test(laws, periods)
{
    check_worlds(WORLD_PERIOD | WORLD_LIMITS);
    check_worlds(WORLD_MACHINES | WORLD_PERIOD | WORLD_LIMITS | WORLD_USAGE);
}

/* The most that executions of UNIT held together at a time within a sample. */
static double footprint(const struct world_log *log, const struct alm_sample *s)
{
    double most = 0;
    for (size_t i = 0; i < log->executions; i++) {
        const struct alm_execution *x = &log->execution[i];
        alm_time from = x->start > s->at - s->span ? x->start : s->at - s->span;
        double sum = 0;
        if (x->unit != s->unit || x->start == ALM_TIME_NONE || from >= s->at || x->finish <= from)
            continue;
        for (size_t k = 0; k < log->executions; k++) {
            const struct alm_execution *y = &log->execution[k];
            bool there = y->unit == s->unit && y->start != ALM_TIME_NONE && y->start <= from && y->finish > from;
            sum += there ? (double)y->usage[ALM_MEMORY] : 0;
        }
        most = fmax(most, sum);
    }
    return most;
}

Test(laws, footprints_add_up)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct world w;
        struct world_log log;
        world_draw(&w, seed, WORLD_MEMORY | WORLD_TIMES | WORLD_SCALE | WORLD_IO);
        w.quiet = true;
        world_run(&w, (struct world_waits){.seed = seed}, &log);
        for (size_t i = 0; i < log.samples; i++)
            cr_assert_eq(log.sample[i].usage[ALM_MEMORY], (int64_t)footprint(&log, &log.sample[i]),
                         "world %llu of %#x, %s: unit %u held %" PRId64 " at %" PRId64 ", not %.0f", SAY(&w),
                         log.sample[i].unit, log.sample[i].usage[ALM_MEMORY], log.sample[i].at,
                         footprint(&log, &log.sample[i]));
        world_log_free(&log);
        world_free(&w);
    }
}

/* Long after the last arrival but one, and without limits, everybody has come to an end: nobody is forgotten in a queue,
 * between two tries or behind an instance. */
static void expect_all_ended(uint64_t seed, unsigned traits)
{
    struct world w;
    struct world_log log;
    struct alm_stream s = alm_stream_open(seed, 9, "last");
    world_draw(&w, seed, traits);
    world_invocation(&w, 20 * WORLD_LENGTH - 1, 0, &s);
    w.freed = WORLD_LENGTH;
    world_run(&w, (struct world_waits){.seed = seed}, &log);
    check_laws(&w, &log);
    for (size_t i = 0; i < log.executions; i++)
        cr_assert(log.execution[i].end != ALM_END_RUNNING || log.execution[i].arrival == 20 * WORLD_LENGTH - 1,
                  "world %llu of %#x, %s: invocation %" PRIu64 " of unit %u, come at %" PRId64 ", is still there",
                  SAY(&w), log.execution[i].id, log.execution[i].unit, log.execution[i].arrival);
    world_log_free(&log);
    world_free(&w);
}

Test(laws, nobody_is_forgotten)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct alm_stream s = alm_stream_open(seed, 4, "traits");
        unsigned traits = (unsigned)alm_stream_below(&s, WORLD_ALL + 1);
        expect_all_ended(seed, traits & ~(unsigned)(WORLD_MACHINES | WORLD_LATE));
    }
}

Test(laws, everything)
{
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct alm_stream s = alm_stream_open(seed, 1, "traits");
        check_world(seed, (unsigned)alm_stream_below(&s, WORLD_ALL + 1));
    }
}
