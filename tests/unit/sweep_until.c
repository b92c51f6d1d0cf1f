/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: is the number of seeds that of the formula, within its bounds? Does a group without spread, without values or with a mean of
 * zero do what is promised? Is nothing decided by half a round? Does an experiment that grows end where one that had these
 * seeds from the begin does, cell for cell? */
#include "experiments/sweep/rounds.h"
#include "experiments/sweep/until.h"
#include "sweep_rig.h"

#include <unistd.h>

TestSuite(sweep_until, .init = scratch_enter, .fini = scratch_leave, .timeout = 300);

/* Of 8, 10, 12: mean 10, s = 2, t(0.975, 2) = 4.302652729911 (tables), h = 4.3026527 * 2 / sqrt(3) = 4.96827540, so 0.49682754
 * of the mean. 3 (0.49682754 / 0.45)^2 = 3.6569 -> 4; for 0.40: 4.6282 -> 5; for 0.30: 8.228 -> 6, twice as many at most;
 * for 0.4968: 3.0003 -> 4. */
Test(sweep_until, is_the_formula_within_its_bounds)
{
    static const double v[] = {8, 10, 12};
    double width;
    cr_expect_eq(until_seeds(v, 3, 3, 0.45, &width), 4);
    cr_expect_float_eq(width, 0.496827540, 1e-8);
    cr_expect_eq(until_seeds(v, 3, 3, 0.40, &width), 5);
    cr_expect_eq(until_seeds(v, 3, 3, 0.30, &width), 6);
    cr_expect_eq(until_seeds(v, 3, 3, 0.4968, &width), 4);
    cr_expect_eq(until_seeds(v, 3, 3, 0.4969, &width), 3);
}

Test(sweep_until, without_spread_all_is_known)
{
    static const double v[] = {3, 3, 3}, zero[] = {0, 0}, about_zero[] = {-1, 1, 0};
    double width;
    cr_expect_eq(until_seeds(v, 3, 3, 0.001, &width), 3);
    cr_expect_eq(width, 0);
    cr_expect_eq(until_seeds(zero, 2, 2, 0.001, &width), 2);
    cr_expect_eq(until_seeds(about_zero, 3, 3, 0.5, &width), 6, "no half-width is a share of 0");
    cr_expect(isinf(width));
    cr_expect_eq(until_seeds(v, 1, 1, 0.5, &width), 2, "one value says nothing of spread");
    cr_expect(isnan(width));
    cr_expect_eq(until_seeds(v, 0, 4, 0.5, &width), 4, "what does not exist asks for nothing");
}

/* Instances take a random time to start, so that the mean response differs from seed to seed. */
#define SPEC(seeds, until)                                                                                             \
    "traces: [t.h5]\n"                                                                                                 \
    "settings: {workload: invocations}\n"                                                                              \
    "platform: {scale: per-request, start.law: exponential, start.mean: 5}\n"                                          \
    "policies: [{name: p, allocator: 'static:cpu=2'}, {name: q, allocator: 'static:cpu=1'}]\n"                         \
    "seeds: {first: 3, count: " seeds "}\n" until

#define UNTIL(halfwidth, most)                                                                                         \
    "until: {metric: invocations.mean_response_s, halfwidth: " halfwidth ", most: " most "}\n"

static void run_rounds(struct sweep_plan *p, const struct crew_config *c)
{
    struct alm_err e = {0};
    struct rounds r = {.run = crew_run, .config = c, .once = c->shards > 1};
    struct crew_status s;
    GOOD(rounds_run(p, &r, &s, &e));
    cr_expect_eq(s.failed + s.lost, 0);
    cr_expect_eq(s.done + s.skipped, s.wanted);
}

static const struct crew_config alone = {.workers = 1, .shards = 1}, three = {.workers = 3, .shards = 1};

Test(sweep_until, half_a_round_decides_nothing)
{
    struct alm_err e = {0};
    rig_trace("t.h5", 1, 3, 60, 60, true);
    struct sweep_plan *p = rig_plan(SPEC("3", UNTIL("1%", "100")), "d");
    struct until_need need = {.seeds = 77};
    struct cell_traces *t = NULL;
    GOOD(cell_traces_open(p, &t, &e));
    for (uint64_t k = 0; k < p->cells; k++) {
        cr_expect_eq(until_look(p, &need, &e), ALM_NOT_YET);
        cr_expect_eq(need.seeds, 77);
        rig_run(p, t, k);
    }
    cr_expect_eq(until_look(p, &need, &e), ALM_OK);
    cr_expect_eq(need.seeds, 3);
    cell_traces_close(t);
    sweep_plan_free(p);
}

static struct until_need look(const struct sweep_plan *p)
{
    struct alm_err e = {0};
    struct until_need need;
    cr_assert_eq(until_look(p, &need, &e), ALM_OK, "%s", e.text);
    return need;
}

/* The values of the group of which FIRST is the first cell, from the files. */
static size_t values_of(const struct sweep_plan *p, uint64_t first, double *v, size_t n)
{
    struct alm_err e = {0};
    struct sweep_cell cell;
    for (size_t k = 0; k < n; k++) {
        struct cell_result r = {0};
        GOOD(sweep_plan_cell(p, first + k, &cell, &e));
        cr_assert_eq(cell_read(p, cell.id, &r, &e), ALM_OK);
        v[k] = r.call[EXECUTIONS_MEAN_RESPONSE].value;
        cell_result_free(&r);
    }
    return n;
}

/* (high - low) / 2 of Student's t at 95 %, by its definition; quantiles from tables. */
static double width_of(const double *v, size_t n)
{
    static const double t[] = {0, 0, 12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    for (size_t i = 0; i < n; i++)
        squares += (v[i] - sum / (double)n) * (v[i] - sum / (double)n);
    const double quantile = n <= 10 ? t[n] : 1.96 + 2.5 / (double)(n - 1); /* within 1 % from 10 on */
    return quantile * sqrt(squares / (double)(n - 1) / (double)n) / fabs(sum / (double)n);
}

Test(sweep_until, ends_when_all_are_narrow)
{
    double v[200];
    rig_trace("t.h5", 1, 3, 60, 60, true);
    struct sweep_plan *p = rig_plan(SPEC("3", UNTIL("3%", "200")), "d");
    run_rounds(p, &three);
    const struct until_need need = look(p);
    cr_expect_gt(need.seeds, 3, "%zu seeds", need.seeds);
    cr_expect_lt(need.seeds, 200);
    cr_expect_eq(need.wanted, need.seeds);
    cr_expect_leq(need.widest, 0.03);
    for (uint64_t k = 0; k < p->cells; k += need.seeds)
        cr_expect_leq(width_of(v, values_of(p, k, v, need.seeds)), 0.03 * 1.01);
    sweep_plan_free(p);
}

Test(sweep_until, never_more_than_most)
{
    rig_trace("t.h5", 1, 3, 60, 60, true);
    struct sweep_plan *p = rig_plan(SPEC("3", UNTIL("0.01%", "7")), "d");
    run_rounds(p, &three);
    const struct until_need need = look(p);
    cr_expect_eq(need.seeds, 7);
    cr_expect_eq(need.wanted, 7);
    cr_expect_gt(need.widest, 0.0001);
    cr_expect_eq(p->cells, 14);
    sweep_plan_free(p);
}

static void same_files(const char *a, const char *b)
{
    char command[512];
    snprintf(command, sizeof command, "diff -r -x '*.tmp' %s %s", a, b);
    cr_expect_eq(system(command), 0, "%s and %s differ", a, b);
}

/* Whoever launches, killed or not: the same plan and cells; and the seeds are those that could have been asked for at once. */
Test(sweep_until, ends_alike_whoever_runs_it)
{
    struct alm_err e = {0};
    static const char spec[] = SPEC("3", UNTIL("1%", "200"));
    struct crew_config shard = {.workers = 1, .shards = 2};
    rig_trace("t.h5", 1, 3, 60, 60, true);
    struct sweep_plan *a = rig_plan(spec, "a"), *b = rig_plan(spec, "b"), *c = NULL;
    run_rounds(a, &alone);
    run_rounds(b, &three);
    sweep_plan_free(rig_plan(spec, "c"));
    for (int launch = 0; launch < 40; launch++) {
        GOOD(sweep_plan_read("c", &c, &e));
        shard.shard = (uint64_t)launch % 2;
        run_rounds(c, &shard);
        sweep_plan_free(c);
    }
    same_files("a", "b");
    same_files("a", "c");
    cr_expect_gt(look(a).seeds, 6, "two rounds more at least");
    struct crew_status s;
    char seeds[16], all[1024];
    snprintf(seeds, sizeof seeds, "%zu", look(a).seeds);
    snprintf(all, sizeof all, SPEC("%s", ""), seeds);
    struct sweep_plan *whole = rig_plan(all, "a");
    GOOD(crew_look(whole, &(struct crew_look){0}, &s, &e));
    cr_expect_eq(s.done, whole->cells);
    cr_expect_eq(whole->cells, a->cells);
    sweep_plan_free(whole);
    sweep_plan_free(a);
    sweep_plan_free(b);
}
