/* SPDX-License-Identifier: GPL-3.0-or-later
 * Laws of placement and memory over random worlds: what machines hold is at every look the sum over the units on them, and never
 * more memory than they have; nobody who waits would fit; no machine promises more than it may, but by floors that grew; and
 * machines in another order make the same world. Seeds are fixed; nothing is statistical. */
#include "world_rig.h"

#define S ALM_SECOND
enum { UNITS = 14, ROWS = 12 };

static double draw(struct alm_stream *s, double low, double high)
{
    return low + (high - low) * alm_stream_uniform(s);
}

/* Units of random requests, lives and demand; half of the worlds have invocations for every third unit. */
static void make_world(struct world_rig *r, uint64_t seed)
{
    struct alm_stream s = alm_stream_open(seed, 0, "world");
    rig_make(r, UNITS, ROWS, 20 * S);
    fleet_randomize(&r->fleet, seed);
    for (size_t i = 0; i < UNITS; i++) {
        r->fleet.unit[i].cores = floor(draw(&s, 0, 3000)) / 1000;
        r->fleet.unit[i].memory = alm_stream_uniform(&s) < 0.2 ? NAN : floor(draw(&s, 0, 4096)) * 1048576;
        r->fleet.rows[i] = 1 + alm_stream_below(&s, ROWS);
        r->fleet.unit[i].last = (alm_time)r->fleet.rows[i] * 20 * S;
        for (size_t k = 0; k < ROWS; k++)
            r->fleet.memory[i * ROWS + k] *= 16; /* 1.2 to 2.5 GiB and on */
    }
}

static size_t make_invocations(struct rig_invocation *v, uint64_t seed)
{
    struct alm_stream s = alm_stream_open(seed, 0, "invocations");
    double at = 0;
    size_t n = 0;
    while (seed % 2 && n < RIG_INVOCATIONS && at < 200) {
        at += alm_stream_exponential(&s);
        v[n++] = (struct rig_invocation){at, draw(&s, 0, 5), 3 * (uint32_t)alm_stream_below(&s, UNITS / 3 + 1),
                                         draw(&s, 0.5, 3), floor(draw(&s, 0, 2048)) * 1048576};
    }
    return n;
}

static bool would_fit(const struct sim_world *w, const struct sim_member *u, const struct sim_machine *m, bool *grew)
{
    const double most[2] = {m->info.cores * 1000 * w->o->overcommit_cpu, m->info.memory * w->o->overcommit_memory};
    for (int r = 0; r < 2; r++) {
        *grew |= (double)m->floor[r] > most[r] + 1e-6;
        if ((double)(m->floor[r] + sim_promise(w, u, r)) > most[r] + 1e-6)
            return false;
    }
    return m->there && !m->draining;
}

static void expect_nothing_is_left_to_do(const struct sim_world *w)
{
    bool grew = false;
    uint32_t waiting = 0;
    for (size_t i = 0; i < w->units; i++) {
        const struct sim_member *u = &w->unit[i];
        waiting += u->waiting;
        for (size_t k = 0; u->waiting && k < w->machines; k++)
            cr_assert_not(would_fit(w, u, &w->machine[k], &grew), "unit %zu waits, and fits machine %zu", i, k);
    }
    cr_assert_eq(w->unplaced.count, waiting);
    for (size_t k = 0; k < w->machines; k++)
        cr_assert(w->machine[k].memory <= w->machine[k].info.memory + 0.5, "machine %zu uses more than it has", k);
}

static void decide_at_random(struct world_rig *r, struct alm_stream *s)
{
    for (uint32_t i = 0; i < UNITS; i++) {
        if (alm_stream_uniform(s) < 0.5)
            continue;
        struct alm_decision d = {.unit = i, .limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}};
        if (alm_stream_uniform(s) < 0.7)
            d.limit[ALM_CPU] = (int64_t)draw(s, 10, 3000);
        if (alm_stream_uniform(s) < 0.7)
            d.limit[ALM_MEMORY] = (int64_t)draw(s, GIB, 3 * GIB);
        for (int k = 0; k < 2; k++)
            if (alm_stream_uniform(s) < 0.5)
                d.floor[k] = (int64_t)draw(s, 0, d.limit[k] == ALM_NO_LIMIT ? k ? GIB : 1000 : (double)d.limit[k]);
        rig_decide(r, d);
    }
}

static const char *const rules[] = {"first-fit", "best-fit", "worst-fit", "round-robin"};
static const char *const shrinks[] = {"accept", "refuse", "reclaim"};
static const char *const scopes[] = {"unit", "instance", "invocation"};

Test(world_machines, what_machines_hold_is_the_sum_over_their_units)
{
    uint32_t kills = 0, waits = 0, moves = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world_rig r;
        struct alm_stream s = alm_stream_open(seed, 0, "decisions");
        struct rig_invocation v[RIG_INVOCATIONS];
        char text[400];
        make_world(&r, seed);
        const size_t n = make_invocations(v, seed);
        snprintf(text, sizeof text,
                 "simulated:machines=2/2/1,machine_cores=4/3/6,machine_memory=6Gi/5Gi/4Gi,machine_from=0/40s/0,"
                 "machine_until=150s/0/90s,placement=%s,drain=%s,move_delay=%s,memory_shrink=%s,scope=%s,check=true,"
                 "memory_high=0.8,restart_delay=13s,retries=1,retry_delay=1s,overcommit_cpu=1.3,cpu_quota=%s,"
                 "concurrency=%d,scale=per-request",
                 rules[seed % 4], seed % 5 ? "move" : "stay", seed % 3 ? "7s" : "0", shrinks[seed % 3],
                 scopes[seed / 2 % 3], seed % 7 ? "fluid" : "period", (int)(seed % 3));
        rig_open(&r, text, v, n, 10 * S);
        for (alm_time t = 0; t <= 240; t += 5) {
            rig_wait(&r, t * S);
            rig_expect_sums(r.w);
            if (t % 10 == 0)
                decide_at_random(&r, &s);
            rig_expect_sums(r.w);
            rig_wait(&r, t * S + 1); /* what follows from decisions follows at once */
            rig_expect_sums(r.w);
            expect_nothing_is_left_to_do(r.w);
            for (size_t i = 0; i < UNITS; i++) {
                kills += r.w->unit[i].alarmed;
                waits += r.w->unit[i].waiting;
                moves += r.w->unit[i].down && r.w->unit[i].now.oom_kills == 0;
            }
        }
        rig_close(&r);
    }
    cr_assert(kills + waits > 100 && moves > 0, "the worlds are too easy: %u %u %u", kills, waits, moves);
}

/* The same kinds in two orders; no two machines are alike, so that no tie is decided by number. */
Test(world_machines, another_order_of_machines_is_the_same_world)
{
    static const uint32_t order[] = {2, 0, 1}; /* machine k of the first world is order[k] of the second */
    for (uint64_t seed = 1; seed <= 20; seed++)
        for (int rule = 1; rule <= 2; rule++) {
            struct world_rig a, b;
            char text[300];
            struct alm_stream s = alm_stream_open(seed, 0, "decisions"), t = s;
            make_world(&a, 2 * seed);
            make_world(&b, 2 * seed);
            snprintf(text, sizeof text,
                     "simulated:machines=1/1/1,machine_cores=7.1/5.3/11.7,machine_memory=9Gi/14Gi/11Gi,"
                     "machine_until=90s/0/0,move_delay=3s,placement=%s",
                     rules[rule]);
            rig_open(&a, text, NULL, 0, 10 * S);
            snprintf(text, sizeof text,
                     "simulated:machines=1/1/1,machine_cores=5.3/11.7/7.1,machine_memory=14Gi/11Gi/9Gi,"
                     "machine_until=0/0/90s,move_delay=3s,placement=%s",
                     rules[rule]);
            rig_open(&b, text, NULL, 0, 10 * S);
            for (alm_time at = 0; at <= 240; at += 10) {
                rig_wait(&a, at * S);
                rig_wait(&b, at * S);
                cr_assert_eq(a.n, b.n);
                for (size_t k = 0; k < a.n; k++)
                    cr_assert_eq(memcmp(&a.sample[k], &b.sample[k], sizeof *a.sample), 0, "sample %zu at %ld s", k,
                                 (long)at);
                for (size_t i = 0; i < UNITS; i++) {
                    const uint32_t m = a.w->unit[i].machine;
                    cr_assert_eq(m == SIM_NOBODY ? m : order[m], b.w->unit[i].machine, "unit %zu at %ld s", i,
                                 (long)at);
                }
                decide_at_random(&a, &s);
                decide_at_random(&b, &t);
            }
            rig_close(&a);
            rig_close(&b);
        }
}
