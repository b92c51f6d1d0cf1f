/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: does each method find an optimum that was planted, with no more than its budget? Does a choice depend on who ran it, in
 * which order, killed or not? Can what lies in the test part move it? Does a tuned policy have test cells of the chosen values
 * and no others, and is the best really the best of what was tried? */
#include "experiments/sweep/rounds.h"
#include "experiments/sweep/tune.h"
#include "sweep_rig.h"

#include <jansson.h>
#include <unistd.h>

TestSuite(sweep_tune, .init = scratch_enter, .fini = scratch_leave, .timeout = 300);

/* ---- methods, on a function ---- */

#define BOWL_HEAD                                                                                                      \
    "traces: [t.h5]\n"                                                                                                 \
    "policies: [{name: p, predictor: vpa, allocator: envelope}]\n"                                                     \
    "split: {train: 1h, test: 1h}\n"                                                                                   \
    "tune: {policy: p, objective: {cpu.slack_relative: 1}, seed: 7, "

struct bowl {
    size_t asked; /* judgements */
    double paid;  /* in those by all traces and seeds */
    size_t traces, seeds, stop_after;
    bool flat;
};

/* A valley along log(margin): least at allocator.margin = 0.1 and predictor.margin = 0.25. What is judged by a share of the traces is
 * off by a term that vanishes as the share grows, and is alike for all. */
static double bowl_at(double x, double y)
{
    return log(x / 0.1) * log(x / 0.1) + 4 * (y - 0.25) * (y - 0.25);
}

static int judge_bowl(void *ctx, struct tune_candidate *const *c, size_t n, size_t traces, size_t seeds,
                      struct alm_err *e)
{
    struct bowl *b = ctx;
    (void)e;
    for (size_t i = 0; i < n; i++) {
        if (b->stop_after && b->asked == b->stop_after)
            return ALM_NOT_YET;
        const double x = strtod(c[i]->value[0], NULL), y = strtod(c[i]->value[1], NULL);
        const double share = (double)(traces * seeds) / (double)(b->traces * b->seeds);
        c[i]->objective = b->flat ? (double)NAN : bowl_at(x, y) + 0.3 * (1 - share);
        c[i]->traces = traces;
        c[i]->seeds = seeds;
        b->asked++;
        b->paid += share;
    }
    return ALM_OK;
}

#define RANGES "parameters: {allocator.margin: {min: 0.01, max: 1, log: true}, predictor.margin: {min: 0, max: 1}}"

static struct sweep_spec *spec_of(const char *text)
{
    struct alm_err e = {0};
    struct sweep_spec *s;
    GOOD(sweep_spec_parse(text, "spec.yaml", &s, &e));
    return s;
}

/* Search the bowl; the best into VALUE[2]. */
static void search(const char *text, struct bowl *b, double value[2], struct tune_list *out)
{
    struct alm_err e = {0};
    struct sweep_spec *s = spec_of(text);
    struct tune_space space;
    struct tune_list list = {0};
    b->traces = b->traces ? b->traces : 1;
    b->seeds = b->seeds ? b->seeds : 1;
    GOOD(tune_space_open(s, &s->tune[0], &space, &e));
    int code = tune_search(&space, &(struct tune_judge){b->traces, b->seeds, judge_bowl, b}, &list, &e);
    cr_assert_eq(code, b->stop_after ? ALM_NOT_YET : ALM_OK, "%s", e.text);
    if (code == ALM_OK) {
        value[0] = strtod(list.item[0]->value[0], NULL);
        value[1] = strtod(list.item[0]->value[1], NULL);
        for (size_t i = 1; i < list.count; i++) {
            const struct tune_candidate *x = list.item[i - 1], *y = list.item[i];
            cr_expect(x->traces * x->seeds > y->traces * y->seeds || !(x->objective > y->objective));
        }
    }
    tune_space_close(&space);
    if (out)
        *out = list;
    else
        tune_list_free(&list, 2);
    sweep_spec_free(s);
}

/* Five points: 0.01 0.0316 0.1 0.316 1 (logarithmic), 0 0.25 0.5 0.75 1: the optimum is one of them. */
Test(sweep_tune, grid_has_five_points_of_a_range_and_finds_the_best)
{
    struct bowl b = {0};
    double best[2] = {0};
    struct tune_list list;
    search(BOWL_HEAD RANGES "}\n", &b, best, &list);
    cr_expect_eq(b.asked, 25);
    cr_expect_float_eq(best[0], 0.1, 1e-9);
    cr_expect_float_eq(best[1], 0.25, 1e-9);
    static const double x[] = {0.01, 0.0316228, 0.1, 0.316228, 1}, y[] = {0, 0.25, 0.5, 0.75, 1};
    for (size_t i = 0; i < list.count; i++) {
        const struct tune_candidate *c = list.item[i];
        cr_expect_float_eq(strtod(c->value[0], NULL), x[c->number / 5], 1e-9, "%s", c->value[0]);
        cr_expect_float_eq(strtod(c->value[1], NULL), y[c->number % 5], 1e-9, "%s", c->value[1]);
    }
    tune_list_free(&list, 2);
}

Test(sweep_tune, grid_of_values_has_each_combination_once)
{
    struct bowl b = {0};
    double best[2] = {0};
    search(BOWL_HEAD "parameters: {allocator.margin: [5%, 10%, 50%], predictor.margin: [0.25, 0.5]}}\n", &b, best,
           NULL);
    cr_expect_eq(b.asked, 6);
    cr_expect_float_eq(best[1], 0.25, 1e-9);
}

/* A disc of |log(x / 0.1)| < 0.5, |y - 0.25| < 0.15 has 1.0 / 4.605 * 0.3 = 6.5 % of the cube: 200 points miss it with probability
 * 1.4e-6, for any other seed; this one is fixed. */
Test(sweep_tune, random_finds_the_neighbourhood)
{
    struct bowl b = {0};
    double best[2] = {0};
    search(BOWL_HEAD RANGES ", method: random, budget: 200}\n", &b, best, NULL);
    cr_expect_eq(b.asked, 200);
    cr_expect_lt(fabs(log(best[0] / 0.1)), 0.5, "%g", best[0]);
    cr_expect_lt(fabs(best[1] - 0.25), 0.15, "%g", best[1]);
}

/* More budget adds points and changes none. */
Test(sweep_tune, random_goes_on_where_less_budget_ended)
{
    struct bowl b = {0}, c = {0};
    double best[2];
    struct tune_list few, many;
    search(BOWL_HEAD RANGES ", method: random, budget: 10}\n", &b, best, &few);
    search(BOWL_HEAD RANGES ", method: random, budget: 30}\n", &c, best, &many);
    for (size_t i = 0; i < few.count; i++) {
        size_t k = 0;
        while (k < many.count && many.item[k]->number != few.item[i]->number)
            k++;
        cr_assert_lt(k, many.count);
        cr_expect_str_eq(few.item[i]->value[0], many.item[k]->value[0]);
        cr_expect_str_eq(few.item[i]->value[1], many.item[k]->value[1]);
    }
    tune_list_free(&few, 2);
    tune_list_free(&many, 2);
}

Test(sweep_tune, simplex_goes_down_to_the_bottom)
{
    struct bowl b = {0};
    double best[2] = {0};
    search(BOWL_HEAD RANGES ", method: nelder-mead, budget: 80}\n", &b, best, NULL);
    cr_expect_leq(b.asked, 80);
    cr_expect_float_eq(best[0], 0.1, 0.002);
    cr_expect_float_eq(best[1], 0.25, 0.005);
}

/* The bottom lies on a face of the cube: y = 0.25 is out of its range. */
Test(sweep_tune, simplex_stays_inside)
{
    struct bowl b = {0};
    double best[2] = {0};
    search(BOWL_HEAD
           "parameters: {allocator.margin: {min: 0.01, max: 1, log: true}, predictor.margin: {min: 0.4, max: 1}}, "
           "method: nelder-mead, budget: 100}\n",
           &b, best, NULL);
    cr_expect_float_eq(best[0], 0.1, 0.005);
    cr_expect(best[1] >= 0.4 && best[1] < 0.41, "%g", best[1]);
}

Test(sweep_tune, simplex_without_any_objective_ends)
{
    struct bowl b = {.flat = true};
    double best[2];
    search(BOWL_HEAD RANGES ", method: nelder-mead, budget: 20}\n", &b, best, NULL);
    cr_expect_leq(b.asked, 20);
}

/* 4 traces and 2 seeds: stages see 1, 2, 4 and 8 of 8 pairs. Of n points, n + 2 (n / 2) + 4 (n / 4) + 8 (n / 8) = 4 n pairs are
 * paid, so a budget of 20 (160 pairs) begins with 40. */
Test(sweep_tune, halving_spends_its_budget_on_the_better)
{
    struct bowl b = {.traces = 4, .seeds = 2};
    double best[2] = {0};
    struct tune_list list;
    search(BOWL_HEAD RANGES ", method: halving, budget: 20}\n", &b, best, &list);
    cr_expect_eq(list.count, 40);
    cr_expect_float_eq(b.paid, 20, 1e-9);
    size_t of[4] = {0};
    for (size_t i = 0; i < list.count; i++) {
        const size_t pairs = list.item[i]->traces * list.item[i]->seeds;
        of[pairs == 8 ? 3 : pairs == 4 ? 2 : pairs == 2 ? 1 : 0]++;
    }
    cr_expect(of[0] == 20 && of[1] == 10 && of[2] == 5 && of[3] == 5, "%zu %zu %zu %zu", of[0], of[1], of[2], of[3]);
    double least = INFINITY;
    for (size_t i = 0; i < list.count; i++)
        least = fmin(least, bowl_at(strtod(list.item[i]->value[0], NULL), strtod(list.item[i]->value[1], NULL)));
    cr_expect_float_eq(bowl_at(best[0], best[1]), least, 1e-12, "the best of all was kept");
    tune_list_free(&list, 2);
}

/* Stopped at any moment, a search asks the same again. */
Test(sweep_tune, a_search_that_stopped_asks_the_same_again)
{
    static const char *const spec[] = {BOWL_HEAD RANGES ", method: nelder-mead, budget: 12}\n",
                                       BOWL_HEAD RANGES ", method: halving, budget: 6}\n"};
    for (size_t m = 0; m < 2; m++) {
        struct bowl whole = {.traces = 2, .seeds = 1};
        double best[2];
        struct tune_list all;
        search(spec[m], &whole, best, &all);
        for (size_t stop = 1; stop < whole.asked; stop++) {
            struct bowl b = {.traces = 2, .seeds = 1, .stop_after = stop};
            struct tune_list part;
            search(spec[m], &b, best, &part);
            for (size_t i = 0; i < part.count; i++)
                for (size_t k = 0; k < all.count; k++)
                    if (all.item[k]->number == part.item[i]->number)
                        cr_expect_str_eq(all.item[k]->value[0], part.item[i]->value[0]);
            tune_list_free(&part, 2);
        }
        tune_list_free(&all, 2);
    }
}

/* The middle of 30m .. 8h by logarithm is sqrt(30 * 480) = 120 minutes; of 1 .. 9, 5; of 1Gi .. 3Gi, 2147483648 bytes; a third of
 * 0 .. 1, 0.333333. Ends are as they were written. */
Test(sweep_tune, values_are_texts_of_their_kind)
{
    struct alm_err e = {0};
    static const struct {
        double u;
        const char *want[4];
    } at[] = {{0, {"30m", "1", "1Gi", "0"}},
              {1, {"8h", "9", "3Gi", "1"}},
              {0.5, {"2h", "5", "2147483648", "0.5"}},
              {1.0 / 3, {"4536s", "4", "1789569707", "0.333333"}}};
    struct sweep_spec *s =
        spec_of("traces: [t.h5]\npolicies: [{name: p, predictor: moving-max, allocator: 'static:memory=1Gi'}]\n"
                "split: {train: 1h, test: 1h}\n"
                "tune: {policy: p, objective: {cpu.slack_relative: 1}, parameters: {predictor.window: {min: 30m, max: "
                "8h, log: true}, "
                "control.batch: {min: 1, max: 9}, allocator.memory: {min: 1Gi, max: 3Gi}, control.on_stall: {min: 0, "
                "max: 1}}}\n");
    struct tune_space space;
    GOOD(tune_space_open(s, &s->tune[0], &space, &e));
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        for (size_t k = 0; k < 4; k++) {
            char *text = tune_space_value(&space, k, at[i].u);
            cr_expect_str_eq(text, at[i].want[k], "parameter %zu at %g: %s, not %s", k, at[i].u, text, at[i].want[k]);
            free(text);
        }
    tune_space_close(&space);
    sweep_spec_free(s);
}

/* ---- with cells ---- */

#define POLICIES                                                                                                       \
    "policies:\n"                                                                                                      \
    "  - {name: fixed, allocator: 'static:cpu=1,memory=1Gi'}\n"                                                        \
    "  - {name: tuned, allocator: 'static:memory=1Gi'}\n"                                                              \
    "seeds: [1, 2]\n"                                                                                                  \
    "split: {warmup: 10m, train: 1h, test: 1h}\n"

#define TUNE(method) "tune: {policy: tuned, parameters: {allocator.cpu: {min: 100m, max: 2}}, " OBJECTIVE method "}\n"
#define OBJECTIVE "objective: {cpu.footprint_hours: 1, cpu.overrun_core_seconds: 0.001}, "

static int run_rounds(struct sweep_plan *p, const struct crew_config *c, struct crew_status *s)
{
    struct alm_err e = {0};
    struct rounds r = {.run = crew_run, .config = c, .once = c->shards > 1};
    int code = rounds_run(p, &r, s, &e);
    cr_expect_geq(code, 0, "%s", e.text);
    return code;
}

static void run_with(struct sweep_plan *p, size_t workers)
{
    const struct crew_config c = {.workers = workers, .shards = 1};
    struct crew_status s;
    cr_expect_eq(run_rounds(p, &c, &s), ALM_OK);
    cr_expect_eq(s.failed + s.lost, 0);
    cr_expect_eq(s.wanted, s.done + s.skipped);
}

static void two_traces(uint64_t seed, int later)
{
    rig_trace("t.h5", seed, 3, 150, later, false);
    rig_trace("u.h5", seed + 1, 3, 150, later, false);
}

static void count_parts(const struct sweep_plan *p, size_t of[2][3])
{
    struct alm_err e = {0};
    struct sweep_cell cell;
    memset(of, 0, 6 * sizeof of[0][0]);
    for (uint64_t k = 0; k < p->cells; k++) {
        GOOD(sweep_plan_cell(p, k, &cell, &e));
        of[cell.policy][cell.part]++;
    }
}

Test(sweep_tune, a_tuned_policy_has_no_cells_and_then_those_of_the_test)
{
    struct alm_err e = {0};
    size_t of[2][3];
    two_traces(1, 150);
    struct sweep_plan *p = rig_plan("traces: [t.h5, u.h5]\n" POLICIES TUNE("method: random, budget: 5"), "d"), *again;
    count_parts(p, of);
    cr_expect(of[0][SWEEP_TRAIN] == 4 && of[0][SWEEP_TEST] == 4 && of[1][SWEEP_TRAIN] == 0 && of[1][SWEEP_TEST] == 0);
    cr_expect_null(sweep_plan_chosen(p, 0, 0));
    run_with(p, 2);
    count_parts(p, of);
    cr_expect(of[0][SWEEP_TRAIN] == 4 && of[0][SWEEP_TEST] == 4 && of[1][SWEEP_TRAIN] == 0 && of[1][SWEEP_TEST] == 4);
    GOOD(sweep_plan_read("d", &again, &e));
    cr_expect_eq(again->cells, p->cells);
    cr_assert_not_null(sweep_plan_chosen(again, 0, 0));
    cr_expect_str_eq(sweep_plan_chosen(again, 0, 0), sweep_plan_chosen(p, 0, 0));
    struct sweep_cell a, b;
    for (uint64_t k = 0; k < p->cells; k++) {
        GOOD(sweep_plan_cell(p, k, &a, &e));
        GOOD(sweep_plan_cell(again, k, &b, &e));
        cr_expect_str_eq(a.id, b.id);
        if (a.policy == 1) {
            struct simulation_config c = {0};
            char text[1024], want[64];
            GOOD(sweep_cell_config(p, &a, &c, &e));
            simulation_policy_text(&c, text, sizeof text);
            snprintf(want, sizeof want, "cpu=%s", sweep_plan_chosen(p, 0, 0));
            cr_expect(strstr(text, want), "%s is not in %s", want, text);
            simulation_config_free(&c);
        }
    }
    sweep_plan_free(again);
    sweep_plan_free(p);
}

/* All candidates of the file, judged again one by one as plain policies of another experiment in another folder. */
Test(sweep_tune, the_best_is_the_best_of_cells_run_by_hand)
{
    struct alm_err e = {0};
    two_traces(1, 150);
    struct sweep_plan *p = rig_plan("traces: [t.h5, u.h5]\n" POLICIES TUNE("method: random, budget: 5"), "d");
    run_with(p, 2);
    json_t *root = json_load_file("d/tune/tuned.json", 0, NULL), *list = json_object_get(root, "candidates");
    cr_assert_eq(json_array_size(list), 5);
    double before = -INFINITY;
    for (size_t i = 0; i < 5; i++) {
        json_t *c = json_array_get(list, i);
        const char *cpu = json_string_value(json_object_get(json_object_get(c, "parameters"), "allocator.cpu"));
        const double objective = json_real_value(json_object_get(c, "objective"));
        char spec[1024];
        snprintf(spec, sizeof spec,
                 "traces: [u.h5, t.h5]\npolicies: [{name: x, allocator: 'static:memory=1Gi,cpu=%s'}]\nseeds: [2, 1]\n"
                 "split: {warmup: 10m, train: 1h}\n",
                 cpu);
        struct sweep_plan *one = rig_plan(spec, "hand");
        double sum = 0;
        rig_run_all(one, 1);
        for (uint64_t k = 0; k < 4; k++) {
            struct cell_result r = {0};
            struct sweep_cell cell;
            GOOD(sweep_plan_cell(one, k, &cell, &e));
            cr_assert_eq(cell_read(one, cell.id, &r, &e), ALM_OK);
            sum += r.pool.of[ALM_CPU].limit / 3600 + 0.001 * r.pool.of[ALM_CPU].overrun;
            cr_expect_eq(cell_state(p, cell.id, &(bool){false}, &e), ALM_OK, "a cell of the search has another id");
            cell_result_free(&r);
        }
        cr_expect_float_eq(objective, sum / 4, 1e-9 * fabs(objective), "%s: %g, by hand %g", cpu, objective, sum / 4);
        cr_expect_geq(objective, before);
        before = objective;
        sweep_plan_free(one);
    }
    cr_expect_str_eq(
        sweep_plan_chosen(p, 0, 0),
        json_string_value(json_object_get(json_object_get(json_array_get(list, 0), "parameters"), "allocator.cpu")));
    json_decref(root);
    sweep_plan_free(p);
}

static void same_files(const char *a, const char *b)
{
    char command[512];
    snprintf(command, sizeof command, "diff -r -x '*.tmp' %s %s", a, b);
    cr_expect_eq(system(command), 0, "%s and %s differ", a, b);
}

/* Stop after a few cells. */
struct stopper {
    volatile int stop;
    uint64_t after, seen;
};

static void on_cell(void *ctx, const struct crew_status *s)
{
    struct stopper *x = ctx;
    x->seen += s->done > 0;
    x->stop = x->seen >= x->after;
}

static void run_stopped(const char *dir)
{
    struct alm_err e = {0};
    bool over = false;
    for (int launch = 0; !over; launch++) {
        struct sweep_plan *p;
        struct stopper x = {.after = 3};
        struct crew_status s;
        const struct crew_config c = {
            .workers = 1 + (size_t)launch % 3, .shards = 1, .stop = &x.stop, .progress = on_cell, .ctx = &x};
        struct rounds r = {.run = crew_run, .config = &c};
        GOOD(sweep_plan_read(dir, &p, &e));
        const int code = rounds_run(p, &r, &s, &e);
        cr_assert(code == ALM_OK || code == ALM_EINTR, "%s", e.text);
        over = code == ALM_OK;
        sweep_plan_free(p);
        cr_assert_lt(launch, 200);
    }
}

static void run_shards(const char *dir)
{
    struct alm_err e = {0};
    for (int launch = 0, quiet = 0; quiet < 4; launch++) {
        struct sweep_plan *p;
        struct crew_status s;
        const struct crew_config c = {.workers = 1, .shard = (uint64_t)launch % 3, .shards = 3};
        GOOD(sweep_plan_read(dir, &p, &e));
        const int code = run_rounds(p, &c, &s);
        quiet = code == ALM_OK && s.done == 0 ? quiet + 1 : 0;
        sweep_plan_free(p);
        cr_assert_lt(launch, 500);
    }
}

static void check_method(const char *method)
{
    char spec[1024];
    snprintf(spec, sizeof spec,
             "traces: [t.h5, u.h5]\n" POLICIES
             "tune: {policy: tuned, parameters: {allocator.cpu: {min: 100m, max: 2}}, " OBJECTIVE "%s}\n",
             method);
    struct sweep_plan *a = rig_plan(spec, "a");
    run_with(a, 1);
    sweep_plan_free(a);
    struct sweep_plan *b = rig_plan(spec, "b");
    run_with(b, 3);
    sweep_plan_free(b);
    same_files("a", "b");
    sweep_plan_free(rig_plan(spec, "c"));
    run_stopped("c");
    same_files("a", "c");
    sweep_plan_free(rig_plan(spec, "s"));
    run_shards("s");
    same_files("a", "s");
    cr_assert_eq(system("rm -r a b c s"), 0);
}

Test(sweep_tune, every_method_chooses_alike_whoever_runs_it)
{
    two_traces(1, 150);
    check_method("method: grid");
    check_method("method: random, budget: 6");
    check_method("method: nelder-mead, budget: 8");
    check_method("method: halving, budget: 4");
}

/* What is chosen of the traces that are there, as the whole file without digests. */
static json_t *choice(const char *dir, const char *method)
{
    char spec[1024], path[64];
    snprintf(spec, sizeof spec,
             "traces: [t.h5, u.h5]\n" POLICIES
             "tune: {policy: tuned, parameters: {allocator.cpu: {min: 100m, max: 2}}, " OBJECTIVE "%s}\n",
             method);
    struct sweep_plan *p = rig_plan(spec, dir);
    run_with(p, 2);
    sweep_plan_free(p);
    snprintf(path, sizeof path, "%s/tune/tuned.json", dir);
    json_t *root = json_load_file(path, 0, NULL);
    cr_assert_not_null(root);
    return root;
}

/* Train scores (10m, 70m], the test (70m, 130m]: rows after the 70th minute are other ones, and thousands of times larger. */
static void poison(int first)
{
    for (int k = 0; k < 2; k++) {
        struct alm_err e = {0};
        struct alm_trace_writer *w = writer(k ? "u.h5" : "t.h5", 0);
        struct alm_trace_sink *sink = alm_trace_writer_sink(w);
        GOOD(sink->interval(sink, RIG_STEP, &e));
        for (size_t u = 0; u < 3; u++) {
            char name[32];
            snprintf(name, sizeof name, "web-%zu", u);
            uint32_t number = unit(sink, name);
            struct alm_stream s = alm_stream_open(1 + (uint64_t)k, u, "rows");
            for (int i = 1; i <= 150; i++) {
                const double cpu = alm_stream_uniform(&s), memory = 1e8 * (1 + alm_stream_uniform(&s));
                row(sink, number, i * RIG_STEP, i >= first ? 4000 * cpu : cpu, memory);
            }
        }
        commit(w);
        alm_trace_writer_close(w);
    }
}

Test(sweep_tune, what_lies_in_the_test_part_moves_no_choice)
{
    static const char *const method[] = {"method: grid", "method: random, budget: 6", "method: nelder-mead, budget: 8",
                                         "method: halving, budget: 4"};
    for (size_t m = 0; m < 4; m++) {
        two_traces(1, 150);
        json_t *clean = choice("clean", method[m]);
        poison(71);
        json_t *poisoned = choice("poisoned", method[m]);
        cr_expect(json_equal(clean, poisoned), "%s: the test part moved a choice", method[m]);
        poison(60);
        json_t *spoilt = choice("spoilt", method[m]);
        cr_expect(!json_equal(clean, spoilt), "%s: what is in the training part moves nothing: this test is blind",
                  method[m]);
        json_decref(clean);
        json_decref(poisoned);
        json_decref(spoilt);
        cr_assert_eq(system("rm -r clean poisoned spoilt"), 0);
    }
}

Test(sweep_tune, nothing_is_chosen_where_nothing_has_an_objective)
{
    struct alm_err e = {0};
    const struct crew_config c = {.workers = 2, .shards = 1};
    struct rounds r = {.run = crew_run, .config = &c};
    struct crew_status s;
    two_traces(1, 150);
    struct sweep_plan *p =
        rig_plan("traces: [t.h5]\n" POLICIES "tune: {policy: tuned, parameters: {allocator.cpu: [1, 2]}, "
                 "objective: {invocations.p99_s: 1}}\n",
                 "d");
    cr_expect_eq(rounds_run(p, &r, &s, &e), ALM_EDATA);
    cr_expect(strstr(e.text, "policy tuned cannot be tuned"), "%s", e.text);
    cr_expect(strstr(e.text, "invocations.p99_s has no value"), "%s", e.text);
    cr_expect_neq(access("d/tune/tuned.json", F_OK), 0);
    sweep_plan_free(p);
}

Test(sweep_tune, names_of_files_cannot_lead_out_of_the_folder)
{
    struct sweep_spec *s =
        spec_of("traces: [t.h5]\npolicies: [{name: ../a b}, {name: .., allocator: static}]\n"
                "split: {train: 1h, test: 1h}\n"
                "tune:\n"
                "  - {policy: ../a b, parameters: {allocator.cpu: [1]}, objective: {cpu.coverage: 1}}\n"
                "  - {policy: .., parameters: {allocator.cpu: [1]}, objective: {cpu.coverage: 1}}\n");
    char dir[] = "d";
    const struct sweep_plan p = {.spec = s, .dir = dir};
    char *first = tune_path(&p, 0), *second = tune_path(&p, 1);
    cr_expect_str_eq(first, "d/tune/%2E.%2Fa%20b.json");
    cr_expect_str_eq(second, "d/tune/%2E..json");
    free(first);
    free(second);
    sweep_spec_free(s);
}
