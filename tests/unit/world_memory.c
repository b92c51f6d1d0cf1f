/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: who is killed when a limit, or a machine, is too small, how long is he down, and what becomes of his jobs, by each
 * scope? Does memory.high slow by the square? Is a limit below the use taken, refused, or made to fit? Does an empty queue of
 * jobs that are too large end? Expected numbers are worked out by hand in the comments. */
#include "world_rig.h"

#define S ALM_SECOND
#define LAST                                                                                                           \
    {                                                                                                                  \
        199, 0, 0, 1, 0                                                                                                \
    } /* keeps the world going */

static void open_limited(struct world_rig *r, const char *options, const struct rig_invocation *v, size_t n,
                         double bytes)
{
    rig_make(r, 1, 1, 200 * S);
    rig_open(r, options, v, n, 10 * S);
    rig_wait(r, 0);
    rig_decide(r, (struct alm_decision){.limit = {ALM_NO_LIMIT, (int64_t)bytes}});
}

static const struct alm_execution *ended(const struct world_rig *r, uint64_t id)
{
    for (size_t k = 0; k < r->ends; k++)
        if (r->ended[k].id == id)
            return &r->ended[k];
    cr_assert_fail("invocation %lu did not end", (unsigned long)id);
    return NULL;
}

static void expect(const struct world_rig *r, uint64_t id, enum alm_end end, double seconds)
{
    const struct alm_execution *x = ended(r, id);
    cr_assert_eq(x->end, end, "invocation %lu: end %d", (unsigned long)id, x->end);
    cr_assert_float_eq(alm_seconds(x->finish), seconds, 1e-8, "invocation %lu: at %.9f s and not at %g s",
                       (unsigned long)id, alm_seconds(x->finish), seconds);
}

Test(world_memory, a_recorded_unit_is_killed_and_comes_back_until_the_limit_allows)
{
    /* Rows of 100 s: 1, 3, 1 GiB against 2 GiB. Killed at 100 s, back and killed at 130 and 160 s; at 160 s the limit becomes
     * 4 GiB: from 190 s on it runs. Half a core: nothing in the first 90 s of the second row, then 10 s. */
    struct world_rig r;
    rig_make(&r, 1, 3, 100 * S);
    for (size_t k = 0; k < 3; k++) {
        r.fleet.cpu[k] = 0.5;
        r.fleet.memory[k] = (k == 1 ? 3 : 1) * GIB;
    }
    rig_open(&r, "simulated:restart_delay=30s", NULL, 0, 10 * S);
    rig_wait(&r, 0);
    rig_decide(&r, (struct alm_decision){.limit = {ALM_NO_LIMIT, (int64_t)(2 * GIB)}});
    rig_wait(&r, 165 * S);
    uint32_t kills = 0;
    for (size_t k = 0; k < r.n; k++)
        kills += r.sample[k].oom_kills;
    cr_assert_eq(kills, 3, "at 100, 130 and 160 s, not %u", kills);
    rig_decide(&r, (struct alm_decision){.limit = {ALM_NO_LIMIT, (int64_t)(4 * GIB)}});
    rig_wait(&r, 200 * S);
    cr_assert_eq(r.n, 1);
    cr_assert_eq(r.sample[0].oom_kills, 0);
    cr_assert_eq(r.sample[0].usage[ALM_CPU], 5000000, "%ld us", (long)r.sample[0].usage[ALM_CPU]);
    cr_assert_eq(r.sample[0].usage[ALM_MEMORY], (int64_t)(3 * GIB));
    rig_close(&r);
}

Test(world_memory, a_kill_shows_an_event_and_a_censored_peak)
{
    struct world_rig r;
    rig_make(&r, 1, 2, 100 * S);
    r.fleet.memory[0] = GIB;
    r.fleet.memory[1] = 3 * GIB;
    rig_open(&r, "simulated:restart_delay=1d", NULL, 0, 10 * S);
    rig_wait(&r, 0);
    rig_decide(&r, (struct alm_decision){.limit = {ALM_NO_LIMIT, (int64_t)(2 * GIB)}});
    rig_wait(&r, 150 * S);
    cr_assert_eq(r.n, 2);
    cr_assert_eq(r.sample[1].at, 100 * S);
    cr_assert_eq(r.sample[1].event, 1);
    cr_assert_eq(r.sample[1].oom_kills, 1);
    cr_assert_eq(r.sample[1].usage[ALM_MEMORY], (int64_t)(2 * GIB));
    cr_assert(r.sample[1].censored & ALM_BIT(ALM_MEMORY));
    cr_assert_eq(r.account[1].demand[ALM_MEMORY], 3 * GIB);
    rig_close(&r);
}

Test(world_memory, on_a_full_machine_the_one_furthest_above_its_min_goes)
{
    /* 10 GiB. In the second row units use 4, 4 and 4 GiB of requests 3, 1 and 2 (and 1): 2 too many. The second is 3 above. */
    struct world_rig r;
    rig_make(&r, 3, 2, 100 * S);
    for (size_t i = 0; i < 3; i++) {
        r.fleet.unit[i].memory = (double[]){3, 1, 2}[i] * GIB;
        r.fleet.memory[2 * i] = 3 * GIB;
        r.fleet.memory[2 * i + 1] = 4 * GIB;
    }
    rig_open(&r, "simulated:machines=1,machine_memory=10Gi,restart_delay=1d", NULL, 0, 10 * S);
    rig_wait(&r, 150 * S);
    cr_assert_not(r.w->unit[0].down);
    cr_assert(r.w->unit[1].down);
    cr_assert_not(r.w->unit[2].down);
    rig_expect_sums(r.w);
    cr_assert_float_eq(r.w->machine[0].memory, 8 * GIB, 1e-3);
    rig_close(&r);
    rig_make(&r, 2, 1, 100 * S); /* alike: the smaller number; a decided floor stands before the request */
    r.fleet.memory[0] = r.fleet.memory[1] = 6 * GIB;
    rig_open(&r, "simulated:machines=1,machine_memory=10Gi,restart_delay=1d", NULL, 0, 10 * S);
    rig_wait(&r, 50 * S);
    cr_assert(r.w->unit[0].down && !r.w->unit[1].down);
    rig_close(&r);
    rig_make(&r, 2, 1, 100 * S);
    r.fleet.memory[0] = r.fleet.memory[1] = 6 * GIB;
    rig_open(&r, "simulated:machines=1,machine_memory=10Gi,restart_delay=1d", NULL, 0, 10 * S);
    rig_wait(&r, 0);
    rig_decide(&r, (struct alm_decision){.limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}, .floor = {0, 4096}});
    rig_wait(&r, 50 * S);
    cr_assert(!r.w->unit[0].down && r.w->unit[1].down);
    rig_close(&r);
}

Test(world_memory, among_those_alike_the_smaller_number_goes_whoever_came_first)
{
    static const struct rig_invocation v[] = {{10, 50, 1, 1, 6 * GIB}, {20, 50, 0, 1, 6 * GIB}, LAST};
    struct world_rig r;
    rig_make(&r, 2, 1, 200 * S);
    rig_open(&r, "simulated:machines=1,machine_memory=10Gi", v, 3, 10 * S);
    rig_wait(&r, 100 * S);
    expect(&r, 0, ALM_END_DONE, 60);
    expect(&r, 1, ALM_END_FAILED, 20);
    rig_close(&r);
}

Test(world_memory, when_one_kill_is_not_enough_the_next_goes)
{
    /* 5 units of 4 GiB and one that grows to 9 GiB on 12 GiB, by overcommit: 29 - 9 = 20, - 4 - 4 = 12. */
    struct world_rig r;
    rig_make(&r, 6, 1, 100 * S);
    for (size_t i = 0; i < 6; i++)
        r.fleet.memory[i] = (i == 5 ? 9 : 4) * GIB;
    rig_open(&r, "simulated:machines=1,machine_memory=12Gi,restart_delay=1d", NULL, 0, 10 * S);
    rig_wait(&r, 50 * S);
    rig_expect_sums(r.w);
    uint32_t down = 0;
    for (size_t i = 0; i < 6; i++)
        down += r.w->unit[i].down;
    cr_assert_eq(down, 3);
    cr_assert(r.w->unit[5].down);
    rig_close(&r);
}

Test(world_memory, above_high_a_unit_slows_by_the_square)
{
    /* high = half of 10 GiB. 10 GiB in use: a quarter of the speed. A second job of 2.5 GiB would be above 10 GiB, so it
     * comes after the first. 8 core-s take 32 s. 4 GiB in use: full speed. */
    static const struct rig_invocation v[] = {{10, 8, 0, 1, 10 * GIB}, {100, 8, 0, 1, 4 * GIB}, LAST};
    struct world_rig r;
    open_limited(&r, "simulated:memory_high=0.5", v, 3, 10 * GIB);
    rig_wait(&r, 190 * S);
    expect(&r, 0, ALM_END_DONE, 42);
    expect(&r, 1, ALM_END_DONE, 108);
    rig_close(&r);
    open_limited(&r, "simulated:memory_high=0.5", v, 3, 10 * GIB);
    rig_wait(&r, 20 * S); /* 10 s at a quarter: 5.5 core-s are left; without a limit 5.5 s */
    rig_decide(&r, (struct alm_decision){.limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}});
    rig_wait(&r, 190 * S);
    expect(&r, 0, ALM_END_DONE, 25.5);
    rig_close(&r);
}

Test(world_memory, stalled_time_is_counted)
{
    static const struct rig_invocation v[] = {{10, 8, 0, 1, 10 * GIB}, {399, 0, 0, 1, 0}};
    struct world_rig r;
    open_limited(&r, "simulated:memory_high=0.5,machines=1", v, 2, 10 * GIB);
    rig_wait(&r, 200 * S);
    int64_t stalled = 0, some = 0, full = 0;
    for (size_t k = 0; k < r.n; k++)
        stalled += r.sample[k].stall_us[ALM_STALL_MEMORY];
    for (size_t k = 0; k < r.machines; k++) {
        some += r.machine[k].some_us[ALM_STALL_MEMORY];
        full += r.machine[k].full_us[ALM_STALL_MEMORY];
    }
    cr_assert_eq(stalled, 32000000, "%ld us", (long)stalled);
    cr_assert_eq(some, 32000000, "%ld us", (long)some);
    cr_assert_eq(full, 0, "it is slow, but runs");
    rig_close(&r);
}

/* Jobs of 1 GiB at 10 and 11 s, one of 3 GiB at 12 s; one that comes at 20 s; limit 4 GiB. Each needs 30 core-s. */
static const struct rig_invocation crowd[] = {
    {10, 30, 0, 1, GIB}, {11, 30, 0, 1, GIB}, {12, 30, 0, 1, 3 * GIB}, {20, 30, 0, 1, GIB}, LAST};

Test(world_memory, scope_unit_kills_all_and_the_queue_waits)
{
    struct world_rig r;
    open_limited(&r, "simulated:restart_delay=30s", crowd, 5, 4 * GIB);
    rig_wait(&r, 190 * S);
    for (uint64_t id = 0; id < 3; id++)
        expect(&r, id, ALM_END_FAILED, 12);
    expect(&r, 3, ALM_END_DONE, 72); /* from 42 s on */
    cr_assert_eq(ended(&r, 3)->start, 42 * S);
    cr_assert_eq(ended(&r, 0)->usage[ALM_CPU], 2000000, "what it did is counted");
    rig_close(&r);
}

Test(world_memory, what_is_killed_may_be_tried_again)
{
    /* All three come again 5 s after the kill, wait for the restart at 42 s before the one of 20 s, and are killed again, who
     * waits behind them is not; the limit of 8 GiB at 50 s lets all run from the next restart at 72 s on. */
    struct world_rig r;
    open_limited(&r, "simulated:restart_delay=30s,retries=2,retry_delay=5s", crowd, 5, 4 * GIB);
    rig_wait(&r, 50 * S);
    rig_decide(&r, (struct alm_decision){.limit = {ALM_NO_LIMIT, (int64_t)(8 * GIB)}});
    rig_wait(&r, 190 * S);
    for (uint64_t id = 0; id < 4; id++) {
        expect(&r, id, ALM_END_DONE, 102);
        cr_assert_eq(ended(&r, id)->retries, id < 3 ? 2 : 0);
    }
    rig_close(&r);
}

Test(world_memory, scope_instance_kills_one_instance)
{
    /* One invocation an instance, as many as needed; 2 GiB each: the third alone is killed, at its start. */
    struct world_rig r;
    open_limited(&r, "simulated:scope=instance,concurrency=1,scale=per-request", crowd, 5, 2 * GIB);
    rig_wait(&r, 190 * S);
    expect(&r, 0, ALM_END_DONE, 40);
    expect(&r, 1, ALM_END_DONE, 41);
    expect(&r, 2, ALM_END_FAILED, 12);
    expect(&r, 3, ALM_END_DONE, 50);
    cr_assert_not(r.w->unit[0].down);
    rig_close(&r);
    /* Two an instance and 3 GiB: the first two share one; the third goes to another, and the fourth, of 1 GiB, to the place
     * beside it: 4 GiB, both are killed. */
    open_limited(&r, "simulated:scope=instance,concurrency=2,scale=per-request", crowd, 5, 3 * GIB);
    rig_wait(&r, 190 * S);
    expect(&r, 0, ALM_END_DONE, 40);
    expect(&r, 1, ALM_END_DONE, 41);
    expect(&r, 2, ALM_END_FAILED, 20);
    expect(&r, 3, ALM_END_FAILED, 20);
    rig_close(&r);
}

Test(world_memory, scope_invocation_kills_one_job_by_what_it_started_with)
{
    struct world_rig r;
    open_limited(&r, "simulated:scope=invocation", crowd, 5, 2 * GIB);
    rig_wait(&r, 15 * S);
    expect(&r, 2, ALM_END_FAILED, 12);
    rig_decide(&r, (struct alm_decision){.limit = {ALM_NO_LIMIT, (int64_t)(GIB / 2)}});
    rig_wait(&r, 190 * S);
    expect(&r, 0, ALM_END_DONE, 40); /* runs with what it started with */
    expect(&r, 1, ALM_END_DONE, 41);
    expect(&r, 3, ALM_END_FAILED, 20); /* starts with half a GiB */
    rig_close(&r);
}

Test(world_memory, a_queue_of_jobs_that_are_too_large_is_killed_one_by_one)
{
    /* 200 come while one runs; when it ends they start one after the other and are killed, without time and without end of
     * stack. */
    static struct rig_invocation v[RIG_INVOCATIONS];
    v[0] = (struct rig_invocation){10, 10, 0, 1, GIB};
    for (size_t k = 1; k <= 200; k++)
        v[k] = (struct rig_invocation){11, 10, 0, 1, 3 * GIB};
    v[201] = (struct rig_invocation)LAST;
    static const char *const scopes[] = {"simulated:scope=invocation,concurrency=1",
                                         "simulated:scope=instance,concurrency=1"};
    for (int k = 0; k < 2; k++) {
        struct world_rig r;
        open_limited(&r, scopes[k], v, 202, 2 * GIB);
        rig_wait(&r, 190 * S);
        cr_assert_eq(r.ends, 201);
        for (uint64_t id = 1; id <= 200; id++)
            expect(&r, id, ALM_END_FAILED, 20);
        rig_close(&r);
    }
}

/* A job of 4 GiB from 10 s on, 30 core-s; the limit falls from 8 GiB to BYTES at 20 s. */
static struct alm_applied shrink(struct world_rig *r, const char *options, double bytes)
{
    static const struct rig_invocation v[] = {{10, 30, 0, 1, 4 * GIB}, LAST};
    open_limited(r, options, v, 2, 8 * GIB);
    rig_wait(r, 20 * S);
    struct alm_applied a = rig_decide(r, (struct alm_decision){.limit = {ALM_NO_LIMIT, (int64_t)bytes}});
    cr_assert_eq(r->w->unit[0].down, false, "nothing happens to units while the loop decides");
    rig_wait(r, 190 * S);
    return a;
}

Test(world_memory, a_limit_below_the_use_is_taken_refused_or_made_to_fit)
{
    struct world_rig r;
    struct alm_applied a = shrink(&r, "simulated:memory_shrink=accept", 3 * GIB);
    cr_assert_eq(a.state[ALM_MEMORY], ALM_APPLIED);
    expect(&r, 0, ALM_END_FAILED, 20);
    rig_close(&r);

    a = shrink(&r, "simulated:memory_shrink=refuse", 3 * GIB);
    cr_assert_eq(a.state[ALM_MEMORY], ALM_REFUSED);
    cr_assert_eq(a.state[ALM_CPU], ALM_APPLIED);
    cr_assert_eq(a.limit[ALM_MEMORY], (int64_t)(8 * GIB), "what stays in force");
    cr_assert_eq(r.w->unit[0].limit[ALM_MEMORY], (int64_t)(8 * GIB));
    expect(&r, 0, ALM_END_DONE, 40);
    rig_close(&r);

    a = shrink(&r, "simulated:memory_shrink=refuse", 4 * GIB); /* not below */
    cr_assert_eq(a.state[ALM_MEMORY], ALM_APPLIED);
    rig_close(&r);

    a = shrink(&r, "simulated:memory_shrink=reclaim,reclaimable=25%", 3 * GIB);
    cr_assert_eq(a.state[ALM_MEMORY], ALM_APPLIED);
    expect(&r, 0, ALM_END_DONE, 40);
    cr_assert_eq(r.w->unit[0].memory, 0, "after its end nothing is left, nor missing");
    cr_assert_eq(r.w->unit[0].reclaimed, 0);
    rig_close(&r);

    a = shrink(&r, "simulated:memory_shrink=reclaim,reclaimable=25%", 3 * GIB - 4096);
    cr_assert_eq(a.state[ALM_MEMORY], ALM_REFUSED);
    expect(&r, 0, ALM_END_DONE, 40);
    rig_close(&r);
}

Test(world_memory, what_was_reclaimed_is_not_used)
{
    static const struct rig_invocation v[] = {{10, 30, 0, 1, 4 * GIB}, {25, 1, 0, 1, GIB}, LAST};
    struct world_rig r;
    open_limited(&r, "simulated:memory_shrink=reclaim,reclaimable=25%,machines=1", v, 3, 8 * GIB);
    rig_wait(&r, 20 * S);
    rig_decide(&r, (struct alm_decision){.limit = {ALM_NO_LIMIT, (int64_t)(3 * GIB)}});
    rig_wait(&r, 21 * S);
    cr_assert_eq(r.w->unit[0].memory, 3 * GIB);
    rig_expect_sums(r.w);
    rig_decide(&r, (struct alm_decision){.limit = {ALM_NO_LIMIT, (int64_t)(4.5 * GIB)}});
    rig_wait(&r, 22 * S);
    cr_assert_eq(r.w->unit[0].memory, 4 * GIB, "it comes back");
    rig_wait(&r, 25 * S + 1); /* 5 GiB are wanted: half a GiB goes */
    cr_assert_eq(r.w->unit[0].memory, 4.5 * GIB);
    rig_expect_sums(r.w);
    rig_wait(&r, 27 * S);
    cr_assert_eq(r.w->unit[0].memory, 4 * GIB);
    rig_close(&r);
}

Test(world_memory, open_loop_kills_nobody)
{
    struct world_rig r;
    open_limited(&r, "simulated:open_loop=true,memory_high=0.1,machines=1,machine_memory=1Gi", crowd, 5, GIB / 2);
    rig_wait(&r, 190 * S);
    for (uint64_t id = 0; id < 4; id++)
        expect(&r, id, ALM_END_DONE, (double[]){40, 41, 42, 50}[id]);
    rig_close(&r);
}
