/* SPDX-License-Identifier: GPL-3.0-or-later
 * The simulated platform against a plain program for one station (queue_path.h), customer by customer: who waits, starts,
 * leaves and when, to the nanosecond where each has a server of its own, to a few where they share.
 *
 * Choice.   Means over many customers hide what happens to few; equal paths do not. Systems are random: laws, servers,
 *           room, patience, classes, batches. */
#include "queue_path.h"
#include "queue_run.h"

#include "almanac/stream.h"

#include <inttypes.h>
#include <stdio.h>

enum { CUSTOMERS = 250 };

/* What a random system may have. */
enum trait { SHARED = 1, ROOM = 2, PATIENCE = 4, CLASSES = 8, PREEMPTIVE = 16, BATCHES = 32 };

struct drawn {
    char spec[512];
    struct path_station station;
    bool patience, classes;
};

static struct drawn draw(unsigned traits, uint64_t seed)
{
    static const char *const law[] = {"exponential,service.mean=1", "deterministic,service.value=1",
                                      "hyperexponential,service.p=0.9,service.mean1=0.5,service.mean2=5.5",
                                      "uniform,service.min=0,service.max=2", "lognormal,service.mean=1,service.cv=2"};
    struct alm_stream s = alm_stream_open(seed, traits, "system");
    struct drawn d = {.station = {.servers = 1 + alm_stream_below(&s, 5)}};
    d.station.shared = traits & SHARED;
    d.station.preemptive = traits & PREEMPTIVE;
    if (d.station.preemptive) /* with several servers it is a matter of taste who is interrupted */
        d.station.servers = 1;
    if (traits & ROOM)
        d.station.capacity = d.station.servers + alm_stream_below(&s, 6);
    double load = 0.4 + 0.8 * alm_stream_uniform(&s);
    int n =
        snprintf(d.spec, sizeof d.spec,
                 "queue:customers=%d,servers=%zu,capacity=%zu,discipline=%s,service.law=%s,arrival.rate=%.17g%s%s%s%s",
                 CUSTOMERS, d.station.servers, d.station.capacity, d.station.shared ? "ps" : "fcfs",
                 law[alm_stream_below(&s, 5)], load * (double)d.station.servers / (traits & BATCHES ? 2 : 1),
                 traits & PATIENCE ? ",patience.law=exponential,patience.mean=2" : "",
                 traits & CLASSES ? ",classes=0.2/0.5/0.3" : "", traits & PREEMPTIVE ? ",preemptive=true" : "",
                 traits & BATCHES ? ",batch.law=discrete,batch.values=1/2/3" : "");
    cr_assert(n > 0 && (size_t)n < sizeof d.spec);
    d.patience = traits & PATIENCE;
    d.classes = traits & CLASSES;
    return d;
}

static struct path_customer *solve(const struct drawn *d, const struct memory_sink *m)
{
    struct path_customer *c = calloc(m->invocations, sizeof *c);
    for (size_t i = 0; i < m->invocations; i++) {
        const double *v = m->invocation[i].value;
        c[i].arrival = m->invocation[i].arrival;
        c[i].work = (alm_time)nearbyint(v[ALM_INV_WORK] * 1e9);
        c[i].patience = d->patience ? (alm_time)nearbyint(v[ALM_INV_PATIENCE] * 1e9) : ALM_TIME_MAX;
        c[i].class = d->classes ? (int)v[ALM_INV_PRIORITY] : 0;
    }
    path_run(&d->station, c, m->invocations);
    return c;
}

static int by_id(const void *a, const void *b)
{
    const struct queue_end *x = a, *y = b;
    return (x->of.id > y->of.id) - (x->of.id < y->of.id);
}

static bool close_to(alm_time a, alm_time b, alm_time slack)
{
    return (a == ALM_TIME_NONE) == (b == ALM_TIME_NONE) && (a == ALM_TIME_NONE || llabs(a - b) <= slack);
}

static void expect_customer(const char *spec, size_t i, const struct path_customer *c, const struct queue_end *x,
                            alm_time end, alm_time slack)
{
    const struct alm_execution *v = &x->of;
    cr_assert_eq(v->arrival, c->arrival, "%s: customer %zu came at %" PRId64 ", not %" PRId64, spec, i, v->arrival,
                 c->arrival);
    cr_assert_eq(x->account.class, (uint32_t)c->class, "%s: customer %zu: class %u, not %d", spec, i, x->account.class,
                 c->class);
    if (c->finish > end || (c->finish == end && c->end == ALM_END_DONE && v->end == ALM_END_RUNNING)) {
        cr_assert(v->end == ALM_END_RUNNING || c->finish - end <= slack, "%s: customer %zu ended before its time", spec,
                  i);
        cr_assert_eq(v->finish, end);
        return;
    }
    cr_assert(v->end == c->end || (v->end == ALM_END_RUNNING && end - c->finish <= slack),
              "%s: customer %zu, come at %" PRId64 ": end %d, not %d", spec, i, v->arrival, v->end, c->end);
    cr_assert(close_to(v->finish, c->finish, slack), "%s: customer %zu left at %" PRId64 ", not %" PRId64, spec, i,
              v->finish, c->finish);
    cr_assert(close_to(v->start, c->start, slack), "%s: customer %zu started at %" PRId64 ", not %" PRId64, spec, i,
              v->start, c->start);
    if (v->end == ALM_END_DONE)
        cr_assert_float_eq(x->account.alone, (double)c->work * 1e-9, 2e-9, "%s: customer %zu takes %.9f s alone", spec,
                           i, x->account.alone);
}

static void expect_path(unsigned traits, uint64_t seed, const char *platform)
{
    const struct drawn d = draw(traits, seed);
    struct queue_run q;
    queue_run(d.spec, platform, seed, &q);
    struct path_customer *c = solve(&d, &q.trace);
    cr_assert_eq(q.count, q.trace.invocations, "%s: %zu of %zu customers were shown", d.spec, q.count,
                 q.trace.invocations);
    qsort(q.ended, q.count, sizeof *q.ended, by_id);
    for (size_t i = 0; i < q.count; i++)
        expect_customer(d.spec, i, &c[i], &q.ended[i], q.end, d.station.shared ? 2 * ALM_US : 0);
    free(c);
    queue_run_free(&q);
}

static void expect_paths(unsigned traits)
{
    for (uint64_t seed = 1; seed <= 30; seed++)
        expect_path(traits, seed, "simulated:check=true");
}

Test(paths, first_come_first_served)
{
    expect_paths(0);
    expect_paths(ROOM);
}

Test(paths, batches)
{
    expect_paths(BATCHES);
    expect_paths(BATCHES | ROOM);
}

Test(paths, shared)
{
    expect_paths(SHARED);
    expect_paths(SHARED | ROOM);
}

Test(paths, patience)
{
    expect_paths(PATIENCE);
    expect_paths(PATIENCE | ROOM);
}

Test(paths, priorities)
{
    expect_paths(CLASSES);
    expect_paths(CLASSES | ROOM);
    expect_paths(CLASSES | PATIENCE);
}

Test(paths, interruption)
{
    expect_paths(CLASSES | PREEMPTIVE);
}
