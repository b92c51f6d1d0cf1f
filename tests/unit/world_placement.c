/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: does each rule put units where it says, by the scarcer resource? Do units wait their turn but for those that do not
 * fit, or are refused? Do machines come and go on time, and does what is moved go on where it stopped, at the speed of its
 * new machine? Do floors move the promises, whether units are placed, wait or outgrow their machine? Is a wrong list refused
 * by the names of both lists? Expected numbers are worked out by hand in the comments. */
#include "world_rig.h"

#define S ALM_SECOND

static void expect_machines(const struct world_rig *r, size_t units, const uint32_t *machine)
{
    for (size_t i = 0; i < units; i++)
        cr_assert_eq(r->w->unit[i].machine, machine[i], "unit %zu is on %u and should be on %u", i,
                     r->w->unit[i].machine, machine[i]);
    rig_expect_sums(r->w);
}

Test(world_placement, rules_put_units_where_they_say)
{
    /* Machines of 4, 2 and 8 cores; units ask for 2, 2, 1 and 4 cores, in this order.
     * best-fit   u0: left .5, 0, .75 -> m2; u1: .5, -, .75 -> m1; u2: .25, -, .875 -> m1; u3 -> m3.
     * worst-fit  u0: .5, 0, .75 -> m3; u1: .5, 0, .5 -> m1 by number; u2: .25, .5, .625 -> m3; u3: only m3 has 4. */
    static const struct {
        const char *rule;
        uint32_t machine[4];
    } expected[] = {{"first-fit", {0, 0, 1, 2}},
                    {"best-fit", {1, 0, 0, 2}},
                    {"worst-fit", {2, 0, 2, 2}},
                    {"round-robin", {0, 1, 2, 2}}};
    for (size_t k = 0; k < 4; k++) {
        struct world_rig r;
        char text[120];
        rig_make(&r, 4, 2, 100 * S);
        for (size_t i = 0; i < 4; i++)
            r.fleet.unit[i].cores = (double[]){2, 2, 1, 4}[i];
        snprintf(text, sizeof text, "simulated:machines=1/1/1,machine_cores=4/2/8,placement=%s", expected[k].rule);
        rig_open(&r, text, NULL, 0, 100 * S);
        rig_wait(&r, 50 * S);
        expect_machines(&r, 4, expected[k].machine);
        rig_close(&r);
    }
}

Test(world_placement, the_scarcer_resource_decides)
{
    /* Both machines have 10 cores. Memory of 8 and 16 GiB: 1 core and 4 GiB leave min(.9, .5) and min(.9, .75). */
    for (int worst = 0; worst <= 1; worst++) {
        struct world_rig r;
        rig_make(&r, 1, 1, 100 * S);
        r.fleet.unit[0].cores = 1;
        r.fleet.unit[0].memory = 4 * GIB;
        rig_open(&r,
                 worst ? "simulated:machines=1/1,machine_cores=10,machine_memory=8Gi/16Gi,placement=worst-fit"
                       : "simulated:machines=1/1,machine_cores=10,machine_memory=8Gi/16Gi,placement=best-fit",
                 NULL, 0, 100 * S);
        rig_wait(&r, 50 * S);
        expect_machines(&r, 1, (uint32_t[]){worst ? 1 : 0});
        rig_close(&r);
    }
}

/* One machine of 4 cores; units that ask for 3, 3 and 1; the first lives for one row of 100 s. */
static void open_three(struct world_rig *r, const char *options)
{
    rig_make(r, 3, 3, 100 * S);
    for (size_t i = 0; i < 3; i++) {
        r->fleet.unit[i].cores = (double[]){3, 3, 1}[i];
        for (size_t k = 0; k < 3; k++)
            r->fleet.cpu[3 * i + k] = 0.5;
    }
    r->fleet.rows[0] = 1;
    r->fleet.unit[0].last = 100 * S;
    rig_open(r, options, NULL, 0, 100 * S);
}

Test(world_placement, who_does_not_fit_waits_and_lets_others_pass)
{
    struct world_rig r;
    open_three(&r, "simulated:machines=1,machine_cores=4");
    rig_wait(&r, 50 * S);
    expect_machines(&r, 3, (uint32_t[]){0, SIM_NOBODY, 0});
    cr_assert(r.w->unit[1].waiting);
    rig_wait(&r, 150 * S);
    expect_machines(&r, 3, (uint32_t[]){SIM_NOBODY, 0, 0});
    rig_wait(&r, 200 * S);
    cr_assert_eq(r.n, 2);
    cr_assert_eq(r.sample[0].unit, 1);
    cr_assert_eq(r.sample[0].usage[ALM_CPU], 50000000, "half a core for 100 s, got %ld us",
                 (long)r.sample[0].usage[ALM_CPU]);
    rig_close(&r);
    open_three(&r, "simulated:machines=1,machine_cores=4,overcommit_cpu=1.75");
    rig_wait(&r, 50 * S);
    expect_machines(&r, 3, (uint32_t[]){0, 0, 0}); /* 3 + 3 + 1 = 7 = 1.75 * 4 */
    rig_close(&r);
    open_three(&r, "simulated:machines=1,machine_cores=4,overcommit_cpu=1.7");
    rig_wait(&r, 50 * S);
    expect_machines(&r, 3, (uint32_t[]){0, 0, SIM_NOBODY}); /* 7 > 6.8 */
    rig_close(&r);
}

Test(world_placement, who_is_refused_serves_nobody)
{
    static const struct rig_invocation v[] = {{10, 1, 0, 1, 0}, {20, 1, 1, 1, 0}};
    struct world_rig r;
    rig_make(&r, 2, 1, 100 * S);
    r.fleet.unit[0].cores = r.fleet.unit[1].cores = 3;
    rig_open(&r, "simulated:machines=1,machine_cores=4,unplaced=refuse", v, 2, 100 * S);
    rig_wait(&r, 90 * S);
    cr_assert_eq(r.ends, 2);
    cr_assert_eq(r.ended[0].end, ALM_END_DONE);
    cr_assert_eq(r.ended[0].finish, 11 * S);
    cr_assert_eq(r.ended[1].end, ALM_END_REFUSED);
    cr_assert_eq(r.ended[1].finish, 20 * S);
    rig_close(&r);
}

Test(world_placement, a_floor_is_what_a_unit_promises)
{
    struct world_rig r;
    open_three(&r, "simulated:machines=1,machine_cores=4");
    rig_wait(&r, 50 * S);
    struct alm_decision d = {.limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}, .floor = {500, 0}};
    rig_decide(&r, d); /* 0.5 + 1 + 3 > 4: no room yet */
    rig_wait(&r, 60 * S);
    expect_machines(&r, 3, (uint32_t[]){0, SIM_NOBODY, 0});
    d.unit = 1;
    d.floor[ALM_CPU] = 2500; /* the one that waits promises less: 0.5 + 1 + 2.5 = 4 */
    rig_decide(&r, d);
    cr_assert_eq(r.w->unit[1].machine, SIM_NOBODY, "nothing happens to units while the loop decides");
    rig_wait(&r, 61 * S);
    expect_machines(&r, 3, (uint32_t[]){0, 0, 0});
    cr_assert_eq(r.w->machine[0].floor[ALM_CPU], 4000);
    d.floor[ALM_CPU] = 9000; /* outgrows the machine: stays, and the sum is told as it is */
    rig_decide(&r, d);
    rig_wait(&r, 62 * S);
    expect_machines(&r, 3, (uint32_t[]){0, 0, 0});
    cr_assert_eq(r.w->machine[0].floor[ALM_CPU], 10500);
    cr_assert_eq(r.w->room[0].left[ALM_CPU], -6500);
    d.floor[ALM_CPU] = 0; /* says nothing: the request counts */
    rig_decide(&r, d);
    cr_assert_eq(r.w->machine[0].floor[ALM_CPU], 4500);
    rig_close(&r);
    open_three(&r, "simulated:machines=1,machine_cores=4");
    rig_wait(&r, 50 * S);
    d = (struct alm_decision){.unit = 2, .limit = {ALM_NO_LIMIT, ALM_NO_LIMIT}, .floor = {1, 0}};
    rig_decide(&r, d);
    d.unit = 0;
    d.floor[ALM_CPU] = 999; /* .999 + .001 + 3 = 4: one that is placed makes room for one that waits */
    rig_decide(&r, d);
    rig_wait(&r, 51 * S);
    expect_machines(&r, 3, (uint32_t[]){0, 0, 0});
    rig_close(&r);
}

Test(world_placement, a_machine_that_comes_takes_those_that_wait)
{
    struct world_rig r;
    open_three(&r, "simulated:machines=1/1,machine_cores=4/3,machine_from=0/50s");
    rig_wait(&r, 49 * S);
    expect_machines(&r, 3, (uint32_t[]){0, SIM_NOBODY, 0});
    cr_assert_not(r.w->machine[1].there);
    rig_wait(&r, 50 * S);
    expect_machines(&r, 3, (uint32_t[]){0, 1, 0});
    rig_wait(&r, 100 * S);
    cr_assert_eq(r.sample[1].unit, 1);
    cr_assert_eq(r.sample[1].usage[ALM_CPU], 25000000, "half a core from 50 s on; the rest is lost: %ld us",
                 (long)r.sample[1].usage[ALM_CPU]);
    rig_close(&r);
}

/* Machine 1 of 4 leaves at 50 s and machine 2 takes its unit; half a core is wanted throughout. */
Test(world_placement, a_drained_machine_moves_its_units)
{
    struct world_rig r;
    rig_make(&r, 1, 2, 100 * S);
    r.fleet.cpu[0] = r.fleet.cpu[1] = 0.5;
    r.fleet.memory[0] = r.fleet.memory[1] = GIB;
    rig_open(&r, "simulated:machines=1/1,machine_until=50s/0,move_delay=10s,cpu_backlog=lose", NULL, 0, 100 * S);
    rig_wait(&r, 49 * S);
    expect_machines(&r, 1, (uint32_t[]){0});
    cr_assert_float_eq(r.w->machine[0].memory, GIB, 1e-6);
    rig_wait(&r, 55 * S);
    expect_machines(&r, 1, (uint32_t[]){1});
    cr_assert(r.w->unit[0].down);
    cr_assert_not(r.w->machine[0].there);
    cr_assert_eq(r.w->unit[0].memory, 0, "on neither machine while it is moved");
    rig_wait(&r, 100 * S);
    cr_assert_eq(r.sample[0].usage[ALM_CPU], 45000000, "(50 + 40) * 0.5 core-s, got %ld us",
                 (long)r.sample[0].usage[ALM_CPU]);
    cr_assert_float_eq(r.account[0].down_seconds, 10, 1e-9);
    cr_assert_eq(r.sample[0].oom_kills, 0);
    cr_assert_float_eq(r.w->machine[1].memory, GIB, 1e-6);
    rig_close(&r);
}

Test(world_placement, a_drained_machine_may_keep_its_units_to_their_end)
{
    struct world_rig r;
    open_three(&r, "simulated:machines=1/1,machine_cores=4/1,machine_until=50s/0,drain=stay");
    rig_wait(&r, 99 * S);
    expect_machines(&r, 3, (uint32_t[]){0, SIM_NOBODY, 0});
    cr_assert(r.w->machine[0].there && r.w->machine[0].draining);
    rig_wait(&r, 150 * S); /* the first unit has ended; the machine drains, so the second waits on */
    expect_machines(&r, 3, (uint32_t[]){SIM_NOBODY, SIM_NOBODY, 0});
    rig_wait(&r, 300 * S);
    cr_assert_not(r.w->machine[0].there, "the last unit has ended");
    rig_close(&r);
}

Test(world_placement, an_interrupted_job_goes_on_where_it_stopped)
{
    /* 60 core-s from 0 s on a machine that leaves at 30 s. Moved in 10 s: to speed 1, 30 s are left: ends at 70 s; to speed
     * 2, 15 s: ends at 55 s. Nowhere to go until 80 s: ends at 80 + 10 + 30 = 120 s. */
    static const struct {
        const char *options;
        double ends;
    } expected[] = {
        {"simulated:machines=1/1,machine_until=30s/0,move_delay=10s", 70},
        {"simulated:machines=1/1,machine_until=30s/0,move_delay=10s,machine_speed=1/2", 55},
        {"simulated:machines=1/1,machine_until=30s/0,move_delay=0,machine_speed=1/2", 45},
        {"simulated:machines=1/1,machine_until=30s/0,machine_from=0/80s,move_delay=10s", 120},
        {"simulated:machines=1/1,machine_until=30s/0,machine_from=0/80s,move_delay=10s,unplaced=refuse", 120}};
    static const struct rig_invocation v[] = {{0, 60, 0, 1, GIB}, {199, 0, 0, 1, 0}};
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        struct world_rig r;
        rig_make(&r, 1, 1, 200 * S);
        rig_open(&r, expected[k].options, v, 2, 100 * S);
        rig_wait(&r, 29 * S);
        rig_expect_sums(r.w);
        cr_assert_float_eq(r.w->machine[0].memory, GIB, 1e-6);
        rig_wait(&r, 31 * S);
        rig_expect_sums(r.w);
        cr_assert_eq(r.w->machine[0].memory, 0);
        rig_wait(&r, 190 * S);
        rig_expect_sums(r.w);
        cr_assert_eq(r.ends, 1, "%s", expected[k].options);
        cr_assert_eq(r.ended[0].end, ALM_END_DONE);
        cr_assert_eq(r.ended[0].retries, 0);
        cr_assert_float_eq(alm_seconds(r.ended[0].finish), expected[k].ends, 1e-8, "%s: ends at %.9f s",
                           expected[k].options, alm_seconds(r.ended[0].finish));
        rig_close(&r);
    }
}

Test(world_placement, machines_that_leave_at_one_instant_do_not_take_each_others_units)
{
    /* The first two leave at 50 s, the first of them first: its unit gets the third machine, where only one fits. By way of the
     * second, where there is room, the other one would get it. */
    struct world_rig r;
    rig_make(&r, 2, 1, 100 * S);
    r.fleet.cpu[0] = r.fleet.cpu[1] = 1;
    r.fleet.unit[0].cores = r.fleet.unit[1].cores = 3;
    rig_open(&r, "simulated:machines=1/1/1,machine_cores=4/6/5,machine_until=50s/50s/0,move_delay=10s", NULL, 0,
             100 * S);
    rig_wait(&r, 49 * S);
    expect_machines(&r, 2, (uint32_t[]){0, 1});
    rig_wait(&r, 50 * S);
    expect_machines(&r, 2, (uint32_t[]){2, SIM_NOBODY});
    cr_assert_eq(r.w->unit[0].down_until, 60 * S);
    cr_assert(r.w->unit[1].waiting);
    rig_close(&r);
}

Test(world_placement, wrong_lists_are_refused_by_name)
{
    static const struct {
        const char *options;
        const char *words[3];
    } wrong[] = {
        {"simulated:machines=1/1,machine_cores=4/4/4", {"machine_cores has 3", "machines has 2", "one for each kind"}},
        {"simulated:machines=1/1/1,machine_until=5s/6s", {"machine_until has 2", "machines has 3", "one for all"}},
        {"simulated:machines=1.5", {"machines", "1.5", "whole"}},
        {"simulated:machines=0/0", {"machines", "0 in all", "at least one"}},
        {"simulated:machines=1,machine_from=10s,machine_until=10s", {"kind 1", "10 s", "leave later"}},
    };
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        struct world_rig r;
        struct alm_err e = {0};
        rig_make(&r, 1, 1, 100 * S);
        cr_assert_eq(rig_try_open(&r, wrong[k].options, NULL, 0, 100 * S, &e), ALM_EINVAL, "%s", wrong[k].options);
        for (int i = 0; i < 3; i++)
            cr_assert_not_null(strstr(e.text, wrong[k].words[i]), "%s: \"%s\" does not say \"%s\"", wrong[k].options,
                               e.text, wrong[k].words[i]);
        alm_choice_free(&r.choice);
        fleet_free(&r.fleet);
    }
}

Test(world_placement, machines_are_named_and_made_by_kind)
{
    struct world_rig r;
    rig_make(&r, 1, 1, 100 * S);
    rig_open(&r, "simulated:machines=2/1,machine_cores=4/2.5,machine_memory=1Gi/0,machine_disk_read=0/1Mi", NULL, 0,
             100 * S);
    size_t n;
    const struct alm_machine *m = sim_world.machines(r.w, &n);
    cr_assert_eq(n, 3);
    cr_assert_str_eq(m[0].name, "m-1");
    cr_assert_str_eq(m[2].name, "m-3");
    cr_assert_eq(m[1].cores, 4);
    cr_assert_eq(m[2].cores, 2.5);
    cr_assert_eq(m[0].memory, GIB);
    cr_assert(isinf(m[2].memory) && isinf(m[0].bandwidth[ALM_IO_READ]));
    cr_assert_eq(m[2].bandwidth[ALM_IO_READ], 1048576);
    rig_close(&r);
}
