/* SPDX-License-Identifier: GPL-3.0-or-later
 * Recorded usage among others: shares, backlogs, gaps, kills, bytes, speed, room. Expected numbers are worked out by hand in
 * the comments. */
#include "sim/row_buffer.h"
#include "usage_rig.h"

#define S ALM_SECOND
#define CPU ALM_BIT(ALM_CPU)
#define BOTH (ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY))

static void open_on(struct engine *x, struct usage *u, const char *text, alm_time grid)
{
    struct alm_platform_config config = {
        .demand = &u->demand, .control_interval = 100 * S, .sample_interval = grid, .wake_on_oom = true};
    engine_open(x, &sim_world, text, config);
}

static void shut(struct engine *x, struct usage *u)
{
    engine_close(x);
    usage_free(u);
}

/* The sample of UNIT stamped AT seconds among those that were shown last. */
static const struct alm_sample *at(const struct engine *x, uint32_t unit, double seconds)
{
    for (size_t k = 0; k < x->n; k++)
        if (x->sample[k].unit == unit && x->sample[k].at == (alm_time)llround(seconds * 1e9))
            return &x->sample[k];
    cr_assert(false, "no sample of unit %u at %g s", unit, seconds);
    return NULL;
}

static void used(const struct engine *x, uint32_t unit, double seconds, double core_seconds)
{
    double us = (double)at(x, unit, seconds)->usage[ALM_CPU];
    cr_assert_float_eq(us, core_seconds * 1e6, 1.01, "unit %u at %g s used %.0f us, not %.6f s", unit, seconds, us,
                       core_seconds);
}

Test(world_usage, units_share_a_core_by_what_they_asked_for)
{
    /* One core; both want it all, and asked for 1 and 3: a quarter and three quarters. */
    struct usage u;
    struct engine x;
    usage_make(&u, 2, CPU);
    u.unit[0].cores = 1;
    u.unit[1].cores = 3;
    for (size_t i = 0; i < 2; i++)
        usage_add(&u, i, 0, 100, 1, NAN);
    open_on(&x, &u, "simulated:machines=1,machine_cores=1,overcommit_cpu=4,cpu_backlog=lose", 0);
    engine_wait(&x, 100 * S);
    used(&x, 0, 100, 25);
    used(&x, 1, 100, 75);
    cr_assert(at(&x, 0, 100)->censored & ALM_BIT(ALM_CPU), "what others take is not demand");
    cr_assert_eq(at(&x, 0, 100)->throttled_us, 0, "no limit did it");
    cr_assert_eq(at(&x, 0, 100)->stall_us[ALM_STALL_CPU], 100000000);
    shut(&x, &u);
}

Test(world_usage, backlogs_drain_together_at_the_common_level)
{
    /* One core, 0.8 + 0.8 wanted for 100 s: 0.5 each, 30 core-s behind each. Then unit 0 wants 0.2 and unit 1 nothing: both
     * want all they may have. Unit 1 is done after 30 / 0.5 = 60 s. Unit 0 drained 60 * 0.3 = 18; the core is its own and
     * it drains at 0.8: 12 / 0.8 = 15 s more. Then it wants 0.2. */
    struct usage u;
    struct engine x;
    usage_make(&u, 2, CPU);
    usage_add(&u, 0, 0, 100, 0.8, NAN);
    usage_add(&u, 0, 100, 200, 0.2, NAN);
    usage_add(&u, 1, 0, 100, 0.8, NAN);
    usage_add(&u, 1, 100, 200, 0, NAN);
    open_on(&x, &u, "simulated:machines=1,machine_cores=1", 5 * S);
    engine_wait(&x, 200 * S);
    for (int t = 5; t <= 160; t += 5) {
        used(&x, 0, t, 2.5);
        used(&x, 1, t, 2.5);
    }
    for (int t = 165; t <= 200; t += 5) {
        used(&x, 0, t, t <= 175 ? 5 : 1);
        used(&x, 1, t, 0);
    }
    cr_assert(at(&x, 0, 175)->censored & ALM_BIT(ALM_CPU));
    cr_assert_not(at(&x, 0, 185)->censored & ALM_BIT(ALM_CPU)); /* 175 s is found to a microsecond */
    shut(&x, &u);
}

Test(world_usage, who_falls_behind_because_of_others_makes_up_when_they_go)
{
    /* 0.6 of one core; from 50 s to 100 s another wants 0.6 too: 0.5 each, 5 core-s behind. Alone again it has 1 and drains
     * at 0.4: until 112.5 s. What the other is behind with goes with it. */
    struct usage u;
    struct engine x;
    usage_make(&u, 2, CPU);
    usage_add(&u, 0, 0, 200, 0.6, NAN);
    usage_add(&u, 1, 50, 100, 0.6, NAN);
    open_on(&x, &u, "simulated:machines=1,machine_cores=1", 0);
    alm_time now = 0;
    static const double until[] = {50, 100, 112.5, 200}, done[] = {30, 25, 12.5, 52.5};
    struct engine grid;
    open_on(&grid, &u, "simulated:machines=1,machine_cores=1", 500 * ALM_MS);
    engine_wait(&grid, 200 * S);
    for (size_t k = 0, i = 0; k < 4; k++) {
        double sum = 0;
        for (; i < grid.n && grid.sample[i].unit == 0 && grid.sample[i].at <= (alm_time)(until[k] * 1e9); i++)
            sum += (double)grid.sample[i].usage[ALM_CPU];
        cr_assert_float_eq(sum, done[k] * 1e6, 100, "to %g s: %g", until[k], sum);
        now = (alm_time)(until[k] * 1e9);
    }
    cr_assert_eq(now, 200 * S);
    engine_wait(&x, 200 * S);
    used(&x, 0, 200, 120);
    used(&x, 1, 100, 25);
    engine_close(&grid);
    shut(&x, &u);
}

Test(world_usage, a_rising_level_ends_certificates)
{
    /* Four units of one core in all. Unit 0 wants 0.1 after 100 s at 0.4 (behind: 100 * 0.15 = 15). The others want 1 for
     * ever, and leave at 120, 140, 160 s. Its rate: 0.25 to 120 (drains 0.15: 3), 1/3 to 140 (0.2333: 4.6667), 0.5 to 160
     * (0.4: 7.3333 left after 140; needs 18.3333 s): done at 158.3333 s. */
    struct usage u;
    struct engine x;
    usage_make(&u, 4, CPU);
    usage_add(&u, 0, 0, 100, 0.4, NAN);
    usage_add(&u, 0, 100, 200, 0.1, NAN);
    for (size_t i = 1; i < 4; i++)
        usage_add(&u, i, 0, 100 + 20 * (double)i, 1, NAN);
    open_on(&x, &u, "simulated:machines=1,machine_cores=1", 20 * S);
    engine_wait(&x, 200 * S);
    used(&x, 0, 100, 5);
    used(&x, 0, 120, 5);
    used(&x, 0, 140, 20.0 / 3);
    used(&x, 0, 160, 0.5 * 55.0 / 3 + 0.1 * (20 - 55.0 / 3));
    used(&x, 0, 180, 2);
    shut(&x, &u);
}

Test(world_usage, a_gap_keeps_the_backlog_and_shows_nothing)
{
    /* Limit 1 core. 2 cores wanted for 100 s: 100 core-s behind. Nothing is known until 150 s. Then 0.5 is wanted and drains
     * at 0.5 throughout. A row whose CPU is not known does nothing to it either. */
    struct usage u;
    struct engine x;
    usage_make(&u, 1, BOTH);
    usage_add(&u, 0, 100, 200, 2, 4096);
    usage_add(&u, 0, 250, 350, 0.5, 4096);
    usage_add(&u, 0, 350, 400, NAN, 4096);
    usage_add(&u, 0, 400, 600, 0.5, NAN);
    open_on(&x, &u, "simulated:machines=1,machine_cores=4", 50 * S);
    engine_wait(&x, 100 * S);
    engine_limit(&x, 0, 1000, ALM_NO_LIMIT);
    engine_wait(&x, 600 * S);
    used(&x, 0, 200, 50);
    for (size_t k = 0; k < x.n; k++)
        cr_assert_neq(x.sample[k].at, 250 * S, "nothing is known of the gap");
    used(&x, 0, 300, 50);
    used(&x, 0, 350, 50);
    cr_assert(at(&x, 0, 400)->missing & CPU, "a row that does not tell its CPU shows none");
    cr_assert_eq(at(&x, 0, 400)->usage[ALM_MEMORY], 4096);
    used(&x, 0, 500, 50); /* 50 of 100 are left at 400 s: done at 500 s */
    used(&x, 0, 550, 25);
    cr_assert(at(&x, 0, 550)->missing & ALM_BIT(ALM_MEMORY));
    shut(&x, &u);
}

Test(world_usage, a_killed_unit_leaves_its_share_to_others)
{
    /* One core for two that want one each. At 100 s unit 0 needs 8 pages and may have 4: down until 130 s, while the other
     * has it all. The limit is raised at once. */
    struct usage u;
    struct engine x;
    usage_make(&u, 2, BOTH);
    for (size_t i = 0; i < 2; i++) {
        usage_add(&u, i, 0, 100, 1, 4096);
        usage_add(&u, i, 100, 200, 1, 8 * 4096);
    }
    open_on(&x, &u, "simulated:machines=1,machine_cores=1,cpu_backlog=lose,restart_delay=30s", 0);
    engine_wait(&x, 100 * S);
    used(&x, 0, 100, 50);
    engine_limit(&x, 0, ALM_NO_LIMIT, 4 * 4096);
    engine_wait(&x, 200 * S);
    cr_assert_eq(x.why, ALM_WAKE_EVENT);
    cr_assert_eq(x.now, 100 * S, "the row's memory meets the limit decided at its begin");
    cr_assert_eq(at(&x, 0, 100)->oom_kills, 1);
    engine_limit(&x, 0, ALM_NO_LIMIT, 8 * 4096);
    engine_wait(&x, 200 * S);
    used(&x, 0, 200, 35);
    used(&x, 1, 200, 65);
    cr_assert_eq(at(&x, 0, 200)->oom_kills, 0);
    cr_assert_eq(at(&x, 0, 200)->usage[ALM_MEMORY], 8 * 4096, "its memory came back");
    shut(&x, &u);
}

Test(world_usage, memory_of_a_row_meets_the_limit_decided_at_its_begin)
{
    struct usage u;
    struct engine x;
    usage_make(&u, 1, BOTH);
    usage_add(&u, 0, 0, 100, 1, 4096);
    usage_add(&u, 0, 100, 200, 1, 8 * 4096);
    open_on(&x, &u, "simulated:machines=1", 0);
    engine_wait(&x, 0);
    engine_limit(&x, 0, ALM_NO_LIMIT, 4096);
    engine_wait(&x, 100 * S);
    cr_assert_eq(x.why, ALM_WAKE_DUE, "the second row has not begun for whoever decides now");
    engine_limit(&x, 0, ALM_NO_LIMIT, 8 * 4096);
    engine_wait(&x, 200 * S);
    cr_assert_eq(x.why, ALM_WAKE_END);
    cr_assert_eq(at(&x, 0, 200)->oom_kills, 0);
    shut(&x, &u);
}

Test(world_usage, bytes_wait_for_a_slow_disk)
{
    /* 20 000 bytes to read in 100 s at 100 bytes a second: half of them come later; what is sent has no bound. */
    struct usage u;
    struct engine x;
    usage_make(&u, 1, CPU | ALM_BIT(ALM_IO_READ) | ALM_BIT(ALM_NET_TX));
    for (int k = 0; k < 3; k++) {
        struct usage_row *row = usage_add(&u, 0, 100 * k, 100 * (k + 1), 0, NAN);
        row->value[ALM_IO_READ] = k == 0 ? 20000 : k == 2 ? 70 : 0;
        row->value[ALM_NET_TX] = 12345;
    }
    open_on(&x, &u, "simulated:machines=1,machine_disk_read=100", 0);
    engine_wait(&x, 300 * S);
    for (int k = 0; k < 3; k++) {
        const struct alm_sample *s = at(&x, 0, 100 * (k + 1));
        cr_assert_eq(s->usage[ALM_IO_READ], k == 2 ? 70 : 10000, "row %d read %lld", k,
                     (long long)s->usage[ALM_IO_READ]);
        cr_assert_eq(s->usage[ALM_NET_TX], 12345);
        cr_assert_float_eq((double)s->stall_us[ALM_STALL_IO], k == 2 ? 0 : 1e8, 5, "row %d: %lld us", k,
                           (long long)s->stall_us[ALM_STALL_IO]);
    }
    shut(&x, &u);
}

Test(world_usage, a_fast_machine_needs_less_time)
{
    /* Speed 2: what took a core takes half a core. 3 cores' worth on one core: 2 are done, 1 is behind; the 100 left are
     * done in 50 s. */
    struct usage u;
    struct engine x;
    usage_make(&u, 1, CPU);
    usage_add(&u, 0, 0, 100, 1, NAN);
    usage_add(&u, 0, 100, 200, 3, NAN);
    usage_add(&u, 0, 200, 300, 0, NAN);
    open_on(&x, &u, "simulated:machines=1,machine_cores=1,machine_speed=2", 0);
    engine_wait(&x, 300 * S);
    used(&x, 0, 100, 50);
    used(&x, 0, 200, 100);
    used(&x, 0, 300, 50);
    shut(&x, &u);
}

Test(world_usage, a_quota_by_periods_gives_the_same_means)
{
    /* Half a core by quota, on four: 2 wanted for 100 s, 150 core-s behind, as many as may be (300 s at half a core). They
     * are done at half a core, at 4 cores for an eighth of the time. */
    struct usage u;
    struct engine x;
    usage_make(&u, 1, CPU);
    usage_add(&u, 0, 0, 100, 2, NAN);
    usage_add(&u, 0, 100, 300, 0, NAN);
    usage_add(&u, 0, 300, 500, 0, NAN);
    open_on(&x, &u, "simulated:machines=1,machine_cores=4,cpu_quota=period", 0);
    engine_wait(&x, 0);
    engine_limit(&x, 0, 500, ALM_NO_LIMIT);
    engine_wait(&x, 500 * S);
    static const double done[] = {50, 100, 50};
    for (size_t k = 0; k < x.n; k++) /* within what one period allows */
        cr_assert_float_eq((double)x.sample[k].usage[ALM_CPU] / 1e6, done[k], 0.051, "row %zu: %lld us", k,
                           (long long)x.sample[k].usage[ALM_CPU]);
    cr_assert_eq(x.n, 3);
    shut(&x, &u);
}

Test(world_usage, a_unit_lives_from_its_first_row_to_its_last)
{
    /* Room for one. Unit 1 waits until unit 0 has gone; what it wanted meanwhile is lost. */
    struct usage u;
    struct engine x;
    usage_make(&u, 2, BOTH);
    u.unit[0].cores = u.unit[1].cores = 1;
    usage_add(&u, 0, 0, 100, 1, 4096);
    usage_add(&u, 1, 0, 150, 0.5, 8192);
    usage_add(&u, 1, 150, 250, 0.5, 8192);
    open_on(&x, &u, "simulated:machines=1,machine_cores=1", 0);
    engine_wait(&x, 50 * S);
    cr_assert_eq(x.ops->machine_of(x.self, 0), 0);
    cr_assert_eq(x.ops->machine_of(x.self, 1), UINT32_MAX);
    engine_wait(&x, 120 * S);
    cr_assert_eq(x.ops->machine_of(x.self, 0), UINT32_MAX);
    cr_assert_eq(x.ops->machine_of(x.self, 1), 0);
    engine_wait(&x, 250 * S);
    used(&x, 1, 150, 25);
    used(&x, 1, 250, 50);
    cr_assert_eq(at(&x, 1, 150)->usage[ALM_MEMORY], 8192, "its memory came with its machine");
    shut(&x, &u);
}

/* -- rows in blocks */

Test(world_usage, blocks_of_rows_follow_each_other)
{
    struct usage u;
    struct sim_row_buffer b;
    struct alm_err e = {0};
    usage_make(&u, 2, BOTH);
    for (int k = 0; k < 11; k++) {
        usage_add(&u, 0, 3 * k, 3 * k + 3, k / 3.0, k);
        usage_add(&u, 1, k, k + 1, k, NAN);
    }
    cr_assert_eq(sim_row_buffer_open(&b, &u.demand, &e), ALM_OK, "%s", e.text);
    cr_assert_null(b.value[ALM_IO_READ]);
    b.block = 4; /* of 11 */
    for (size_t unit = 0; unit < 2; unit++) {
        struct sim_row_cursor c = sim_row_cursor(&b, unit);
        bool any;
        for (int k = 0; k < 11; k++) {
            cr_assert_eq(sim_row_buffer_next(&b, unit, &c, &any, &e), ALM_OK, "%s", e.text);
            if (k % 3 == 1) /* at any place of a block */
                cr_assert_eq(sim_row_buffer_fill(&b, unit, &c, &e), ALM_OK, "%s", e.text);
            const size_t at = sim_row_index(&b, unit, &c);
            cr_assert(any);
            cr_assert_eq(b.at[at], (unit ? 1 : 3) * (k + 1) * S);
            double cores = unit ? k : round(k * 1e6) / 3e6; /* a whole number of us in 3 s */
            cr_assert_float_eq(b.value[ALM_CPU][at], cores, 1e-15);
        }
        cr_assert_eq(sim_row_buffer_next(&b, unit, &c, &any, &e), ALM_OK);
        cr_assert_not(any);
        cr_assert_eq(sim_row_buffer_next(&b, unit, &c, &any, &e), ALM_OK);
        cr_assert_not(any, "the end stays the end");
    }
    sim_row_buffer_close(&b);
    usage_free(&u);
}
