/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a simulated world must not depend on: the order of units and of machines in the trace and options, how time is cut
 * into waits, checks that are on or off, and what comes later. */
#include "random_world.h"

#include <inttypes.h>

#define SAY(w) (unsigned long long)(w)->seed, (w)->traits, (w)->options

/* What can be told of an execution without numbers that depend on the order of units. */
struct told {
    char unit[16];
    struct alm_execution of;
};

static int by_what(const void *a, const void *b)
{
    const struct told *x = a, *y = b;
    int unit = strcmp(x->unit, y->unit);
    return unit ? unit : (x->of.arrival > y->of.arrival) - (x->of.arrival < y->of.arrival);
}

static struct told *tell(const struct world *w, const struct world_log *log)
{
    struct told *t = calloc(log->executions + 1, sizeof *t);
    for (size_t i = 0; i < log->executions; i++) {
        t[i].of = log->execution[i];
        snprintf(t[i].unit, sizeof t[i].unit, "%.15s", w->trace.unit[log->execution[i].unit].name);
    }
    qsort(t, log->executions, sizeof *t, by_what);
    return t;
}

static bool same_execution(const struct told *a, const struct told *b)
{
    const struct alm_execution *x = &a->of, *y = &b->of;
    return strcmp(a->unit, b->unit) == 0 && x->arrival == y->arrival && x->start == y->start &&
           x->finish == y->finish && x->end == y->end && x->cold == y->cold && x->retries == y->retries &&
           memcmp(x->usage, y->usage, sizeof x->usage) == 0;
}

static void expect_same(const struct world *w, const struct world_log *log, const struct world *other,
                        const struct world_log *with, const char *what)
{
    struct told *a = tell(w, log), *b = tell(other, with);
    cr_assert_eq(log->executions, with->executions, "world %llu of %#x, %s: %s: %zu and %zu executions", SAY(w), what,
                 log->executions, with->executions);
    for (size_t i = 0; i < log->executions; i++)
        cr_assert(same_execution(&a[i], &b[i]),
                  "world %llu of %#x, %s: %s: of %s, come at %" PRId64 ": end %d at %" PRId64 " (%" PRId64
                  " us), then end %d at %" PRId64 " (%" PRId64 " us)",
                  SAY(w), what, a[i].unit, a[i].of.arrival, a[i].of.end, a[i].of.finish, a[i].of.usage[ALM_CPU],
                  b[i].of.end, b[i].of.finish, b[i].of.usage[ALM_CPU]);
    free(a);
    free(b);
}

static void expect_same_samples(const struct world *w, const struct world_log *log, const struct world_log *with,
                                const char *what)
{
    cr_assert(log->samples == with->samples && log->machine_samples == with->machine_samples,
              "world %llu of %#x, %s: %s: other numbers of samples", SAY(w), what);
    cr_assert_eq(memcmp(log->machine_sample, with->machine_sample, log->machine_samples * sizeof *log->machine_sample),
                 0, "world %llu of %#x, %s: %s: machines", SAY(w), what);
}

static void run_and_free(const struct world *w, const struct world *other, struct world_waits waits,
                         const struct world_log *log, const char *what)
{
    struct world_log with;
    world_run(other, waits, &with);
    expect_same(w, log, other, &with, what);
    if (w == other)
        expect_same_samples(w, log, &with, what);
    world_log_free(&with);
}

/* ---- waits, checks, repetition ---- */

static void expect_indifferent(uint64_t seed, unsigned traits)
{
    struct world w, plain;
    struct world_log log;
    world_draw(&w, seed, traits);
    w.quiet = !(traits & WORLD_STARTS);
    world_run(&w, (struct world_waits){.seed = seed}, &log);
    run_and_free(&w, &w, (struct world_waits){.seed = seed}, &log, "again");
    if (w.quiet) {
        run_and_free(&w, &w, (struct world_waits){.seed = seed + 1}, &log, "other waits");
        run_and_free(&w, &w, (struct world_waits){.at_once = true}, &log, "one wait");
    }
    plain = w;
    char *check = strstr(plain.options, "check=true");
    memcpy(check, "check=0   ", 10);
    memmove(check + 7, check + 10, strlen(check + 10) + 1);
    run_and_free(&w, &plain, (struct world_waits){.seed = seed}, &log, "unchecked");
    world_log_free(&log);
    world_free(&w);
}

Test(order, waits_checks_and_repetition_change_nothing)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct alm_stream s = alm_stream_open(seed, 2, "traits");
        expect_indifferent(seed, (unsigned)alm_stream_below(&s, WORLD_ALL + 1));
    }
}

/* ---- units ---- */

/* The same world with its units in another order. */
static void permute(const struct world *w, struct world *out, uint64_t seed)
{
    struct alm_stream s = alm_stream_open(seed, 0, "permutation");
    const size_t n = w->trace.units;
    uint32_t place[WORLD_UNITS + 1]; /* of each unit in the new order */
    struct alm_err e = {0};
    *out = *w;
    memory_sink_init(&out->trace);
    out->trace.interval = w->trace.interval;
    for (uint32_t i = 0; i < n; i++)
        place[i] = i;
    for (size_t i = n; i-- > 1;) {
        size_t k = world_pick(&s, i + 1);
        uint32_t swap = place[i];
        place[i] = place[k];
        place[k] = swap;
    }
    for (uint32_t at = 0; at < n; at++)
        for (uint32_t i = 0, number; i < n; i++)
            if (place[i] == at)
                cr_assert_eq(out->trace.sink.unit(&out->trace.sink, &w->trace.unit[i], &number, &e), ALM_OK);
    for (uint32_t at = 0; at < n; at++)
        for (size_t k = 0; k < w->trace.rows; k++)
            if (place[w->trace.row[k].unit] == at)
                cr_assert_eq(out->trace.sink.rows(&out->trace.sink, at, &w->trace.row[k].row, 1, &e), ALM_OK);
    for (size_t k = 0; k < w->trace.invocations; k++) {
        struct alm_invocation v = w->trace.invocation[k];
        v.unit = place[v.unit];
        cr_assert_eq(out->trace.sink.invocations(&out->trace.sink, &v, NULL, 1, &e), ALM_OK);
    }
}

/* Kills of a full machine and units that wait for room are taken in the order of units where nothing else decides, so
 * such worlds are left out; so is luck, which goes by the number of a unit. */
Test(order, of_units)
{
    static const unsigned traits[] = {WORLD_LIMITS,
                                      WORLD_MACHINES | WORLD_LIMITS,
                                      WORLD_MACHINES | WORLD_LIMITS | WORLD_IO | WORLD_CLASSES,
                                      WORLD_MACHINES | WORLD_SPEED | WORLD_LIMITS | WORLD_TIMES | WORLD_SCALE,
                                      WORLD_LIMITS | WORLD_MEMORY | WORLD_SCOPE,
                                      WORLD_STARTS | WORLD_LIMITS | WORLD_TIMES};
    for (size_t k = 0; k < sizeof traits / sizeof *traits; k++)
        for (uint64_t seed = 1; seed <= 60; seed++) {
            struct world w, other;
            struct world_log log;
            world_draw(&w, seed, traits[k]);
            permute(&w, &other, seed);
            world_run(&w, (struct world_waits){.seed = seed}, &log);
            run_and_free(&w, &other, (struct world_waits){.seed = seed}, &log, "permuted units");
            world_log_free(&log);
            world_free(&w);
            world_free(&other);
        }
}

/* ---- machines ---- */

/* Three machines of different sizes, in any order: worst-fit takes the same one. */
Test(order, of_machines)
{
    static const int size[][3] = {{7, 5, 3}, {7, 3, 5}, {5, 7, 3}, {5, 3, 7}, {3, 7, 5}, {3, 5, 7}};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world w, other;
        struct world_log log;
        world_draw(&w, seed, WORLD_CLASSES);
        for (size_t i = 0; i < w.trace.units; i++) /* with nothing promised all machines are alike */
            w.trace.unit[i].cores = 0.3 + 0.17 * (double)i;
        other = w;
        const size_t end = strlen(w.options);
        for (size_t k = 0; k < sizeof size / sizeof *size; k++) {
            struct world *to = k ? &other : &w;
            snprintf(to->options + end, sizeof to->options - end,
                     ",machines=1/1/1,machine_cores=%d/%d/%d,machine_memory=0,placement=worst-fit,overcommit_cpu=100",
                     size[k][0], size[k][1], size[k][2]);
            if (k == 0)
                world_run(&w, (struct world_waits){.seed = seed}, &log);
            else
                run_and_free(&w, &other, (struct world_waits){.seed = seed}, &log, "permuted machines");
        }
        world_log_free(&log);
        world_free(&w);
    }
}

/* ---- what comes later ---- */

/* The world ends earlier: up to its end nothing is different, and it ends exactly there. */
static void expect_prefix(uint64_t seed, unsigned traits)
{
    struct world w, cut;
    struct world_log log, with;
    world_draw(&w, seed, traits & ~(unsigned)(WORLD_USAGE | WORLD_STARTS));
    cut = w;
    cut.trace.invocations = w.trace.invocations / 2 + 1;
    world_run(&w, (struct world_waits){.seed = seed}, &log);
    world_run(&cut, (struct world_waits){.seed = seed}, &with);
    alm_time last = w.trace.invocation[cut.trace.invocations - 1].arrival;
    cr_assert_eq(with.end, alm_time_ceil(last, w.sample_interval), "world %llu of %#x, %s: ended at %" PRId64, SAY(&w),
                 with.end);
    struct told *a = tell(&w, &log), *b = tell(&cut, &with);
    for (size_t i = 0, k = 0; k < with.executions; k++, i++) {
        while (by_what(&a[i], &b[k]) < 0)
            i++;
        bool later = a[i].of.finish > last; /* others came meanwhile */
        cr_assert(later ? b[k].of.finish > last || b[k].of.finish == with.end : same_execution(&a[i], &b[k]),
                  "world %llu of %#x, %s: of %s, come at %" PRId64 ", left at %" PRId64 " and %" PRId64, SAY(&w),
                  a[i].unit, a[i].of.arrival, a[i].of.finish, b[k].of.finish);
    }
    free(a);
    free(b);
    world_log_free(&log);
    world_log_free(&with);
    world_free(&w);
}

Test(order, nobody_looks_ahead)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct alm_stream s = alm_stream_open(seed, 3, "traits");
        expect_prefix(seed, (unsigned)alm_stream_below(&s, WORLD_ALL + 1));
    }
}
