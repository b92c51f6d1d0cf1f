/* SPDX-License-Identifier: GPL-3.0-or-later
 * Does the simulated platform do what the words say: throttling, backlog, OOM kill and restart, delay, rounding, open
 * loop, timing? Expected numbers are worked out by hand in the comments. */
#include "almanac/platform.h"

#include "fleet.h"

#include <criterion/criterion.h>

#define S ALM_SECOND
extern const struct alm_platform_ops alm_platform_simulated;
static const struct alm_platform_ops *ops = &alm_platform_simulated;

struct bench {
    struct fleet fleet;
    struct alm_choice choice;
    void *self;
    const struct alm_sample *sample;
    const struct alm_account *account;
    size_t n;
    alm_time now;
    enum alm_wake why;
};

/* One unit, rows of 100 s, first stamp 100 s. */
static void open_with(struct bench *b, const char *text, size_t rows, const double *cpu, const double *memory,
                      bool wake)
{
    fleet_make(&b->fleet, 1, rows, 0, 100 * S);
    for (size_t k = 0; k < rows; k++) {
        b->fleet.cpu[k] = cpu ? cpu[k] : 0;
        b->fleet.memory[k] = memory ? memory[k] : 0;
    }
    struct alm_err e = {0};
    cr_assert_eq(alm_choice_parse(ALM_PLATFORM, text, &b->choice, &e), ALM_OK, "%s", e.text);
    struct alm_platform_config config = {.opt = b->choice.opt, .demand = &b->fleet.demand, .wake_on_oom = wake};
    cr_assert_eq(ops->open(&config, &b->self, &e), ALM_OK, "%s", e.text);
}

static void wait_until(struct bench *b, alm_time t)
{
    cr_assert_eq(ops->wait(b->self, t, &b->now, &b->why, NULL), ALM_OK);
    cr_assert_eq(ops->sample(b->self, &b->sample, &b->account, &b->n, NULL), ALM_OK);
}

static struct alm_applied limit(struct bench *b, int64_t millicores, int64_t bytes)
{
    struct alm_decision d = {.limit = {millicores, bytes}};
    struct alm_applied a;
    cr_assert_eq(ops->apply(b->self, b->now, &d, 1, &a, NULL), ALM_OK);
    return a;
}

static void shut(struct bench *b)
{
    ops->close(b->self);
    alm_choice_free(&b->choice);
    fleet_free(&b->fleet);
}

Test(simulated, a_limit_decided_at_t_faces_the_demand_after_t)
{
    struct bench b;
    open_with(&b, "simulated:cpu_backlog=lose", 3, (double[]){2, 2, 2}, NULL, false);
    wait_until(&b, 100 * S);
    cr_assert_eq(b.n, 1);
    cr_assert_eq(b.sample[0].at, 100 * S);
    cr_assert_eq(b.sample[0].usage[ALM_CPU], 200000000); /* 2 cores for 100 s, no limit yet */
    cr_assert_eq(b.account[0].seconds[ALM_CPU], 0);
    limit(&b, 500, ALM_NO_LIMIT);
    wait_until(&b, 200 * S);
    cr_assert_eq(b.sample[0].usage[ALM_CPU], 50000000); /* half a core for 100 s */
    cr_assert_eq(b.sample[0].throttled_us, 100000000);
    cr_assert(b.sample[0].censored & ALM_BIT(ALM_CPU));
    cr_assert_float_eq(b.account[0].overrun[ALM_CPU], 150, 1e-9); /* 1.5 cores above, 100 s */
    cr_assert_eq(b.sample[0].limit[ALM_CPU], 500);
    wait_until(&b, 1000 * S);
    cr_assert_eq(b.why, ALM_WAKE_END);
    cr_assert_eq(b.now, 300 * S, "the world ends with the trace");
    shut(&b);
}

Test(simulated, backlog_is_carried_and_drained_at_the_limit)
{
    /* Limit 1 core. Row 2 wants 1.5 cores: 50 core-s are carried. Row 3 wants 0.5: the backlog drains at the free 0.5 and
     * is gone after exactly 100 s, so the unit runs at 1 core throughout. Row 4 wants 0.5 and gets 0.5. */
    struct bench b;
    open_with(&b, "simulated", 4, (double[]){0, 1.5, 0.5, 0.5}, NULL, false);
    wait_until(&b, 100 * S);
    limit(&b, 1000, ALM_NO_LIMIT);
    wait_until(&b, 200 * S);
    cr_assert_eq(b.sample[0].usage[ALM_CPU], 100000000);
    wait_until(&b, 300 * S);
    cr_assert_eq(b.sample[0].usage[ALM_CPU], 100000000);
    cr_assert(b.sample[0].censored & ALM_BIT(ALM_CPU), "usage under backlog is held by the limit");
    cr_assert_float_eq(b.account[0].overrun[ALM_CPU], 0, 1e-9, "recorded demand was below the limit");
    wait_until(&b, 400 * S);
    cr_assert_eq(b.sample[0].usage[ALM_CPU], 50000000);
    cr_assert_not(b.sample[0].censored & ALM_BIT(ALM_CPU));
    shut(&b);
}

Test(simulated, backlog_is_bounded)
{
    /* At most 10 s at the limit's rate: 10 core-s of the 900 are kept. */
    struct bench b;
    open_with(&b, "simulated:backlog_limit=10s", 3, (double[]){0, 10, 0}, NULL, false);
    wait_until(&b, 100 * S);
    limit(&b, 1000, ALM_NO_LIMIT);
    wait_until(&b, 300 * S);
    cr_assert_eq(b.n, 2);
    cr_assert_eq(b.sample[1].usage[ALM_CPU], 10000000);
    shut(&b);
}

Test(simulated, oom_kill_restart_and_wake)
{
    /* Row 2 needs 8 pages against a limit of 4: killed the moment it starts (t = 100 s), down for 30 s, and killed again
     * at 130 s, 160 s, 190 s; the limit raised at 130 s ends it. */
    struct bench b;
    double mem[] = {4096, 8 * 4096, 8 * 4096};
    open_with(&b, "simulated:restart_delay=30s", 3, (double[]){1, 1, 1}, mem, true);
    wait_until(&b, 100 * S);
    limit(&b, ALM_NO_LIMIT, 4 * 4096);
    wait_until(&b, 200 * S);
    cr_assert_eq(b.why, ALM_WAKE_EVENT);
    cr_assert_eq(b.now, 100 * S);
    cr_assert_eq(b.n, 1);
    cr_assert_eq(b.sample[0].oom_kills, 1);
    cr_assert_eq(b.sample[0].event, 1);
    cr_assert_eq(b.sample[0].usage[ALM_MEMORY], 4 * 4096, "what was seen is the limit, not the demand");
    cr_assert(b.sample[0].censored & ALM_BIT(ALM_MEMORY));
    wait_until(&b, 200 * S);
    cr_assert_eq(b.now, 130 * S, "it comes up after 30 s and is killed again");
    limit(&b, ALM_NO_LIMIT, 8 * 4096);
    wait_until(&b, 200 * S);
    cr_assert_eq(b.why, ALM_WAKE_DUE);
    cr_assert_eq(b.n, 1);
    cr_assert_eq(b.sample[0].span, 70 * S, "samples share the time without gap or overlap");
    cr_assert_eq(b.sample[0].usage[ALM_CPU], 40000000, "down until 160 s, then 40 s of one core");
    cr_assert_float_eq(b.account[0].down_seconds, 30, 1e-9);
    wait_until(&b, 300 * S);
    cr_assert_eq(b.sample[0].oom_kills, 0);
    shut(&b);
}

Test(simulated, open_loop_scores_and_changes_nothing)
{
    struct bench b;
    double mem[] = {4096, 8 * 4096};
    open_with(&b, "simulated:open_loop=true", 2, (double[]){2, 2}, mem, true);
    wait_until(&b, 100 * S);
    struct alm_applied a = limit(&b, 3, 4 * 4096 + 1);
    cr_assert_eq(a.limit[ALM_CPU], 10, "the kernel's smallest quota is 1 ms in 100");
    cr_assert_eq(a.limit[ALM_MEMORY], 4 * 4096, "whole pages, downward");
    wait_until(&b, 200 * S);
    cr_assert_eq(b.sample[0].usage[ALM_CPU], 200000000);
    cr_assert_eq(b.sample[0].usage[ALM_MEMORY], 8 * 4096);
    cr_assert_eq(b.sample[0].oom_kills, 0, "nobody is killed");
    cr_assert_eq(b.account[0].oom_kills, 1, "but it is scored");
    cr_assert_float_eq(b.account[0].overrun[ALM_CPU], 199.7, 1e-9, "against the limit as decided: 3 m");
    cr_assert_float_eq(b.account[0].slack[ALM_MEMORY], 0, 1e-9);
    shut(&b);
}

Test(simulated, actuation_delay)
{
    /* Decided at 100 s, acts at 140 s: 40 s at 2 cores and 60 s at 1 core. */
    struct bench b;
    open_with(&b, "simulated:actuation_delay=40s,cpu_backlog=lose", 2, (double[]){2, 2}, NULL, false);
    wait_until(&b, 100 * S);
    struct alm_applied a = limit(&b, 1000, ALM_NO_LIMIT);
    cr_assert_eq(a.state[ALM_CPU], ALM_DELAYED);
    wait_until(&b, 200 * S);
    cr_assert_eq(b.sample[0].usage[ALM_CPU], 140000000);
    cr_assert_float_eq(b.account[0].seconds[ALM_CPU], 60, 1e-9, "no score before there is a limit");
    shut(&b);
}

Test(simulated, a_gap_is_no_sample_and_no_score)
{
    struct bench b;
    open_with(&b, "simulated", 3, (double[]){1, NAN, 1}, NULL, false);
    wait_until(&b, 100 * S);
    limit(&b, 2000, ALM_NO_LIMIT);
    wait_until(&b, 300 * S);
    cr_assert_eq(b.n, 2);
    cr_assert(b.sample[0].missing & ALM_BIT(ALM_CPU));
    cr_assert_eq(b.account[0].seconds[ALM_CPU], 0);
    cr_assert_float_eq(b.account[1].seconds[ALM_CPU], 100, 1e-9);
    shut(&b);
}
