/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: does a quota by periods let a short burst through, stop a long one exactly when it is used up, and start it again
 * with the period? Is what a burst left remembered within the period, and forgotten after it? Is the mean rate of a hungry
 * unit the limit, alone and against others? Does a new limit deal anew? Expected numbers are worked out by hand. */
#include "world_rig.h"

#define S ALM_SECOND
#define MS ALM_MS

static void open_limited(struct world_rig *r, const char *options, const struct rig_invocation *v, size_t n,
                         int64_t millicores)
{
    rig_make(r, 2, 1, 100 * S);
    rig_open(r, options, v, n, 10 * S);
    rig_wait(r, 0);
    rig_decide(r, (struct alm_decision){.limit = {millicores, ALM_NO_LIMIT}});
}

static void expect_end(const struct world_rig *r, size_t k, double seconds, double tolerance)
{
    cr_assert(r->ends > k, "%zu have ended", r->ends);
    cr_assert_float_eq(alm_seconds(r->ended[k].finish), seconds, tolerance, "ends at %.9f s and should at %.9f s",
                       alm_seconds(r->ended[k].finish), seconds);
}

/* Half a core is 50 ms a period. */
Test(world_quota, a_hungry_job_runs_and_stops_by_periods)
{
    static const struct rig_invocation v[] = {{1, 0.2, 0, 1, 0}, {99, 0, 0, 1, 0}};
    struct world_rig r;
    open_limited(&r, "simulated:cpu_quota=period", v, 2, 500);
    rig_wait(&r, 50 * S);
    expect_end(&r, 0, 1.350, 2e-9); /* 50 ms of each of three periods, and of the fourth; fluid: 1.400 */
    cr_assert_eq(r.ended[0].usage[ALM_CPU], 200000);
    rig_close(&r);
    open_limited(&r, "simulated:cpu_quota=fluid", v, 2, 500);
    rig_wait(&r, 50 * S);
    expect_end(&r, 0, 1.400, 2e-9);
    rig_close(&r);
}

Test(world_quota, throttled_time_is_counted)
{
    /* 0.2 core-s: stopped for 50 ms in each of three periods. */
    static const struct rig_invocation v[] = {{1, 0.2, 0, 1, 0}, {199, 0, 0, 1, 0}};
    struct world_rig r;
    open_limited(&r, "simulated:cpu_quota=period", v, 2, 500);
    rig_wait(&r, 100 * S);
    cr_assert_eq(r.sample[0].unit, 0);
    cr_assert_eq(r.sample[0].throttled_us, 150000, "%ld us", (long)r.sample[0].throttled_us);
    cr_assert_eq(r.sample[0].usage[ALM_CPU], 200000);
    rig_close(&r);
}

Test(world_quota, a_short_burst_passes)
{
    static const struct rig_invocation v[] = {{1, 0.1, 0, 4, 0}, {99, 0, 0, 1, 0}};
    struct world_rig r;
    open_limited(&r, "simulated:cpu_quota=period", v, 2, 1500);
    rig_wait(&r, 50 * S);
    expect_end(&r, 0, 1.025, 2e-9); /* 4 cores for 25 ms: 100 of 150 ms */
    rig_close(&r);
}

Test(world_quota, what_is_left_is_remembered_within_the_period_only)
{
    /* 40 ms at 1.000 leave 10 ms, which the second has from 1.060 to 1.070; then it waits for 1.100 and runs 30 ms. The third
     * comes at 1.160, with 20 ms left of the period that began at 1.100: stops at 1.180, ends at 1.220. The fourth comes much
     * later, in the middle of a period (2.05): its quota is whole again, and ends with the period: 50 ms to 2.100, goes on
     * to 2.120. */
    static const struct rig_invocation v[] = {
        {1.00, 0.04, 0, 1, 0}, {1.06, 0.04, 0, 1, 0}, {1.16, 0.04, 0, 1, 0}, {2.05, 0.07, 0, 1, 0}, {99, 0, 0, 1, 0}};
    struct world_rig r;
    open_limited(&r, "simulated:cpu_quota=period", v, 5, 500);
    rig_wait(&r, 50 * S);
    expect_end(&r, 0, 1.040, 2e-9);
    expect_end(&r, 1, 1.130, 2e-9);
    expect_end(&r, 2, 1.220, 2e-9);
    expect_end(&r, 3, 2.120, 2e-9);
    rig_close(&r);
}

Test(world_quota, use_below_the_limit_counts)
{
    /* A job of half a core needs no watching by a limit of one core (100 ms a period). At 1.050 it has used 25 ms, when a job
     * of 2 cores joins: 75 ms last 30 ms at 2.5 cores. At 1.080 both stop; the second has had 60 of its 80 ms, the rest
     * takes 10 ms of the next period: 1.110. */
    static const struct rig_invocation v[] = {{1.00, 1, 0, 0.5, 0}, {1.05, 0.08, 0, 2, 0}, {99, 0, 0, 1, 0}};
    struct world_rig r;
    open_limited(&r, "simulated:cpu_quota=period", v, 3, 1000);
    rig_wait(&r, 50 * S);
    expect_end(&r, 0, 1.110, 3e-9);
    rig_close(&r);
}

Test(world_quota, the_mean_of_a_hungry_unit_is_the_limit)
{
    /* 10 core-s at 0.3 cores: 333 periods of 30 ms and 10 ms: 33.310 s; fluid: 33.333 s. Four cores: 7.5 ms a period, and
     * 10 ms take 2.5 ms: 33.3025 s. */
    static const double cores[] = {1, 4}, ends[] = {34.310, 34.3025};
    for (int k = 0; k < 2; k++) {
        const struct rig_invocation v[] = {{1, 10, 0, cores[k], 0}, {99, 0, 0, 1, 0}};
        struct world_rig r;
        open_limited(&r, "simulated:cpu_quota=period", v, 2, 300);
        rig_wait(&r, 50 * S);
        expect_end(&r, 0, ends[k], 1e-6);
        rig_close(&r);
    }
}

Test(world_quota, among_others_the_mean_is_the_limit_too)
{
    /* One core; both units want one. The limited one runs at half a core and uses 30 ms in 60 ms, then the other has all:
     * 9 core-s take 300 periods. Being found late, by at most
     * 100 us, is taken back, so after 300 periods too it is at most that. */
    static const struct rig_invocation v[] = {{1, 9, 0, 1, 0}, {1, 60, 1, 1, 0}, {99, 0, 0, 1, 0}};
    struct world_rig r;
    open_limited(&r, "simulated:cpu_quota=period,machines=1,machine_cores=1", v, 3, 300);
    rig_wait(&r, 95 * S);
    cr_assert_eq(r.ends, 2);
    expect_end(&r, 0, 1 + 299 * 0.1 + 0.06, 2e-4);
    expect_end(&r, 1, 70, 1e-6); /* 69 core-s of one core */
    rig_close(&r);
}

Test(world_quota, a_new_limit_deals_anew)
{
    /* Stopped at 1.050 by 50 ms; at 1.060 the limit becomes 0.8 cores: 80 ms anew, of which 40 ms fit the period. */
    static const struct rig_invocation v[] = {{1, 0.1, 0, 1, 0}, {99, 0, 0, 1, 0}};
    struct world_rig r;
    open_limited(&r, "simulated:cpu_quota=period", v, 2, 500);
    rig_wait(&r, 1060 * MS);
    rig_decide(&r, (struct alm_decision){.limit = {800, ALM_NO_LIMIT}});
    rig_wait(&r, 50 * S);
    expect_end(&r, 0, 1.110, 2e-9); /* 50 + 40 ms by 1.100, 10 ms more */
    rig_close(&r);
    open_limited(&r, "simulated:cpu_quota=period", v, 2, 500);
    rig_wait(&r, 1060 * MS);
    rig_decide(&r, (struct alm_decision){.limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}});
    rig_wait(&r, 50 * S);
    expect_end(&r, 0, 1.110, 2e-9);
    rig_close(&r);
}

Test(world_quota, recorded_demand_above_the_limit_gets_the_limit)
{
    /* One core is wanted for 100 s, half a core allowed: 50 core-s; what is lost is not made up for. A recorded unit is as
     * parallel as it may be, so what it is behind with takes no time once a period begins. */
    struct world_rig r;
    rig_make(&r, 1, 2, 100 * S);
    r.fleet.cpu[0] = 1;
    rig_open(&r, "simulated:cpu_quota=period,cpu_backlog=lose", NULL, 0, 10 * S);
    rig_wait(&r, 0);
    rig_decide(&r, (struct alm_decision){.limit = {500, ALM_NO_LIMIT}});
    rig_wait(&r, 100 * S);
    cr_assert_eq(r.n, 1);
    cr_assert_float_eq((double)r.sample[0].usage[ALM_CPU], 50e6, 50e3, "%ld us", (long)r.sample[0].usage[ALM_CPU]);
    rig_close(&r);
}
