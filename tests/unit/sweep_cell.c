/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep_cell: a cell is what `simulate` makes of the same, its file gives back every bit, and no file is believed that is not
 * this cell's. */
#include "experiments/simulation_trace.h"
#include "experiments/sweep/cell_sums.h"
#include "sweep_rig.h"

#include <float.h>
#include <sys/stat.h>

TestSuite(sweep_cell, .init = scratch_enter, .fini = scratch_leave, .timeout = 300);

static const char plain[] = "traces: [t.h5]\n"
                            "policies:\n"
                            "  - {name: vpa, predictor: vpa, allocator: 'envelope:margin=0'}\n"
                            "seeds: [1, 2]\n"
                            "split: {warmup: 30m}\n";

static const char split[] = "traces: [t.h5]\n"
                            "policies:\n"
                            "  - {name: vpa, predictor: vpa, allocator: 'envelope:margin=0'}\n"
                            "split: {warmup: 30m, train: 1h, test: 1h}\n";

static char *path_of(const struct sweep_plan *p, const char *id, char out[4096])
{
    snprintf(out, 4096, "%s/cells/%.2s/%s.json", p->dir, id, id);
    return out;
}

static char *slurp(const char *path, size_t *size)
{
    FILE *f = fopen(path, "r");
    cr_assert(f, "%s is there", path);
    char *text = calloc(1, 1 << 20);
    *size = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    return text;
}

static void spill(const char *path, const char *text, size_t size)
{
    FILE *f = fopen(path, "w");
    cr_assert(f);
    cr_assert_eq(fwrite(text, 1, size, f), size);
    fclose(f);
}

static void same_results(const struct cell_result *a, const struct cell_result *b)
{
    size_t count;
    const struct cell_sum *sum = cell_sums(&count);
    cr_assert_str_eq(a->id, b->id);
    cr_assert_str_eq(a->version, b->version);
    cr_assert_str_eq(a->reason, b->reason);
    cr_assert(a->done == b->done && a->resources == b->resources && a->oracle == b->oracle &&
              a->invocations == b->invocations);
    cr_assert_eq(a->units, b->units);
    for (size_t i = 0; i < a->units; i++) {
        cr_assert_str_eq(a->unit_name[i], b->unit_name[i]);
        for (size_t k = 0; k < count; k++)
            if (sum[k].whole)
                cr_assert_eq(cell_sum_whole(&sum[k], &a->unit[i]), cell_sum_whole(&sum[k], &b->unit[i]), "%s",
                             sum[k].name);
            else
                cr_assert(rig_same(cell_sum_real(&sum[k], &a->unit[i]), cell_sum_real(&sum[k], &b->unit[i])),
                          "%s of unit %zu", sum[k].name, i);
    }
    for (int r = 0; r < 2; r++)
        cr_assert(rig_same(a->burst[r], b->burst[r]));
    for (int f = 0; f < EXECUTIONS_FIGURES; f++)
        cr_assert(rig_same(a->call[f].value, b->call[f].value) && rig_same(a->call[f].halfwidth, b->call[f].halfwidth));
    cr_assert(rig_same(a->state_bytes, b->state_bytes));
}

/* Run cell NUMBER; the plan's traces are opened for it alone. */
static int run(const struct sweep_plan *p, uint64_t number, const volatile int *stop, struct sweep_cell *cell,
               struct cell_result *out, struct alm_err *e)
{
    struct cell_traces *t = NULL;
    ALM_TRY(sweep_plan_cell(p, number, cell, e));
    ALM_TRY(cell_traces_open(p, &t, e));
    int code = cell_run(p, cell, t, stop, out, e);
    cell_traces_close(t);
    return code;
}

Test(sweep_cell, is_what_simulate_makes_of_the_same)
{
    struct alm_err e = {0};
    rig_trace("t.h5", 1, 5, 300, 300, false);
    struct sweep_plan *p = rig_plan(plain, "d");
    struct sweep_cell cell;
    struct cell_result r = {0}, again = {0};
    GOOD(run(p, 1, NULL, &cell, &r, &e));
    cr_assert(r.done && r.units == 5, "%s", r.reason);

    struct simulation_config c;
    struct simulation_trace *t;
    struct simulation_load *load;
    struct simulation_result s = {0};
    const struct simulation_window whole = {0};
    GOOD(simulation_config_init(&c, &e));
    GOOD(simulation_choose(&c, ALM_PREDICTOR, "vpa", &e));
    GOOD(simulation_choose(&c, ALM_ALLOCATOR, "envelope:margin=0", &e));
    GOOD(simulation_set(&c, "control.warmup=30m", &e));
    GOOD(simulation_set(&c, "seed=2", &e));
    GOOD(simulation_trace_open("t.h5", NULL, &t, &e));
    GOOD(simulation_load_open(t, SIMULATION_AUTO, &whole, &load, &e));
    simulation_load_use(load, &c);
    GOOD(simulation_run(&c, simulation_load_demand(load), NULL, &s, &e));
    cr_assert_arr_eq(r.unit, s.unit, 5 * sizeof *s.unit);
    cr_assert_gt(s.pool.of[ALM_CPU].limit, 0);
    simulation_result_free(&s);
    simulation_load_close(load);
    simulation_trace_close(t);
    simulation_config_free(&c);

    GOOD(cell_write(p, &cell, &r, &e));
    GOOD(cell_read(p, cell.id, &again, &e));
    same_results(&r, &again);
    cr_assert_arr_eq(&r.pool, &again.pool, sizeof r.pool);
    cell_result_free(&r);
    cell_result_free(&again);
    cell_result_free(&again);
    sweep_plan_free(p);
}

Test(sweep_cell, reads_back_to_the_bit)
{
    static const double odd[] = {0.1,  -0.0,     4.9e-324, DBL_MIN / 3, DBL_MAX, 1.0 / 3, 123456789012345678.0,
                                 -1e9, NAN,      INFINITY, -INFINITY,   1e22,    5e-5,    0x1.fffffffffffffp-1,
                                 2,    1e100 / 7};
    static const uint64_t counts[] = {0, 1, (1ull << 53) + 1, INT64_MAX};
    struct alm_err e = {0};
    struct sweep_cell cell;
    size_t count, n = 0;
    const struct cell_sum *sum = cell_sums(&count);
    rig_trace("t.h5", 1, 1, 10, 10, false);
    struct sweep_plan *p = rig_plan(plain, "d");
    GOOD(sweep_plan_cell(p, 0, &cell, &e));
    struct metrics_unit unit[40] = {0};
    char *name[40], names[40][ALM_UNIT_NAME];
    for (size_t i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "unit \"%zu\" \\ \n \xc3\xa9", i);
        name[i] = names[i];
        for (size_t k = 0; k < count; k++, n++)
            if (sum[k].whole)
                cell_sum_set_whole(&sum[k], &unit[i], counts[n % 4]);
            else
                cell_sum_set_real(&sum[k], &unit[i], odd[n % 16]);
    }
    struct cell_result r = {.done = true,
                            .resources = 3,
                            .oracle = true,
                            .invocations = true,
                            .units = 40,
                            .unit_name = name,
                            .unit = unit,
                            .burst = {0.1, NAN},
                            .state_bytes = 1.0 / 3};
    for (int f = 0; f < EXECUTIONS_FIGURES; f++)
        r.call[f] = (struct executions_value){odd[f % 16], odd[(f + 5) % 16]};
    memcpy(r.id, cell.id, sizeof r.id);
    snprintf(r.version, sizeof r.version, "%s", p->version);
    struct cell_result again = {0};
    GOOD(cell_write(p, &cell, &r, &e));
    GOOD(cell_read(p, cell.id, &again, &e));
    same_results(&r, &again);
    cell_result_free(&again);
    sweep_plan_free(p);
}

Test(sweep_cell, what_is_not_this_cell_s_whole_file_is_none)
{
    struct alm_err e = {0};
    struct sweep_cell cell, other;
    struct cell_result r = {0};
    char path[4096], elsewhere[4096];
    bool done = false;
    size_t size;
    rig_trace("t.h5", 1, 2, 100, 100, false);
    struct sweep_plan *p = rig_plan(plain, "d");
    GOOD(sweep_plan_cell(p, 1, &other, &e));
    cr_assert_eq(cell_read(p, other.id, &r, &e), ALM_NOT_YET, "there is no file yet");
    cr_assert_eq(cell_state(p, other.id, &done, &e), ALM_NOT_YET);
    GOOD(run(p, 0, NULL, &cell, &r, &e));
    GOOD(cell_write(p, &cell, &r, &e));
    cell_result_free(&r);
    GOOD(cell_state(p, cell.id, &done, &e));
    cr_assert(done);
    char *text = slurp(path_of(p, cell.id, path), &size), *end;
    path_of(p, other.id, elsewhere);
    mkdir("d/cells", 0777);
    char folder[4096];
    snprintf(folder, sizeof folder, "d/cells/%.2s", other.id);
    mkdir(folder, 0777);
    spill(elsewhere, text, size);
    cr_assert_eq(cell_read(p, other.id, &r, &e), ALM_NOT_YET, "a file of another cell is not believed");
    cr_assert_eq(cell_state(p, other.id, &done, &e), ALM_NOT_YET);
    for (size_t cut = 0; cut + 1 < size; cut += 1 + size / 97) { /* the last byte is a line's end */
        spill(path, text, cut);
        cr_assert_eq(cell_read(p, cell.id, &r, &e), ALM_NOT_YET, "torn at %zu of %zu", cut, size);
        cr_assert_eq(cell_state(p, cell.id, &done, &e), ALM_NOT_YET);
    }
    static const char *const changes[][2] = {{"\"version\":\"", "\"version\":\"9"},
                                             {"almanac.cell/1", "almanac.cell/2"},
                                             {"\"done\"", "\"DONE\""},
                                             {"\"cpu_slack\"", "\"cpu_slick\""},
                                             {"\"web-0\",", ""},
                                             {"\"oracle\":false", "\"oracle\":0"}};
    for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
        const char *at = strstr(text, changes[k][0]);
        cr_assert(at, "%s", changes[k][0]);
        char *changed = NULL;
        int n = asprintf(&changed, "%.*s%s%s", (int)(at - text), text, changes[k][1], at + strlen(changes[k][0]));
        spill(path, changed, (size_t)n);
        cr_assert_eq(cell_read(p, cell.id, &r, &e), ALM_NOT_YET, "%s", changes[k][1]);
        cr_assert_eq(cell_state(p, cell.id, &done, &e), ALM_NOT_YET);
        free(changed);
    }
    end = calloc(1, size); /* as a power cut leaves it: the length, but zeros */
    spill(path, end, size);
    cr_assert_eq(cell_read(p, cell.id, &r, &e), ALM_NOT_YET);
    spill(path, text, size);
    GOOD(cell_read(p, cell.id, &r, &e));
    cell_result_free(&r);
    free(end);
    free(text);
    sweep_plan_free(p);
}

Test(sweep_cell, equal_cells_are_equal_bytes_and_nothing_else_is_left)
{
    struct alm_err e = {0};
    struct sweep_cell cell;
    struct cell_result r = {0};
    char path[4096];
    size_t one, two;
    rig_trace("t.h5", 1, 3, 100, 100, false);
    struct sweep_plan *p = rig_plan(plain, "d"), *q = rig_plan("traces: [{file: t.h5, name: another}]\n"
                                                               "policies:\n"
                                                               "  - {name: mine, predictor: vpa, allocator: "
                                                               "'envelope:margin=0'}\n"
                                                               "split: {warmup: 30m}\n",
                                                               "other");
    GOOD(run(p, 0, NULL, &cell, &r, &e));
    GOOD(cell_write(p, &cell, &r, &e));
    GOOD(cell_write(p, &cell, &r, &e));
    cell_result_free(&r);
    char *a = slurp(path_of(p, cell.id, path), &one);
    GOOD(run(q, 0, NULL, &cell, &r, &e));
    GOOD(cell_write(q, &cell, &r, &e));
    cell_result_free(&r);
    char *b = slurp(path_of(q, cell.id, path), &two);
    cr_assert(one == two && memcmp(a, b, one) == 0, "names that people gave make no difference:\n%.300s\n%.300s", a, b);
    cr_assert_eq(system("[ $(find d/cells -type f | wc -l) = 1 ]"), 0);
    free(a);
    free(b);
    sweep_plan_free(p);
    sweep_plan_free(q);
}

Test(sweep_cell, a_simulation_that_fails_is_a_result)
{
    struct alm_err e = {0};
    struct sweep_cell cell;
    struct cell_result r = {0}, again = {0};
    bool done = true;
    rig_trace("t.h5", 1, 2, 100, 100, false); /* 100 minutes: the test part would begin after its end */
    struct sweep_plan *p =
        rig_plan("traces: [t.h5]\npolicies: [{name: a}]\nsplit: {warmup: 1h, train: 2h, test: 1h}\n", "d");
    cr_assert_eq(p->cells, 2);
    GOOD(run(p, 1, NULL, &cell, &r, &e));
    cr_assert_eq(cell.part, SWEEP_TEST);
    cr_assert(!r.done && strstr(r.reason, "window of time"), "%s", r.reason);
    cr_assert_null(strstr(r.reason, "t.h5"), "a path is of one machine alone: %s", r.reason);
    GOOD(cell_write(p, &cell, &r, &e));
    GOOD(cell_read(p, cell.id, &again, &e));
    same_results(&r, &again);
    GOOD(cell_state(p, cell.id, &done, &e));
    cr_assert_not(done);
    sweep_plan_free(p);
}

Test(sweep_cell, what_is_not_its_fault_is_an_error)
{
    struct alm_err e = {0};
    struct sweep_cell cell;
    struct cell_result r = {0};
    const volatile int stop = 1;
    rig_trace("t.h5", 1, 2, 100, 100, false);
    struct sweep_plan *p = rig_plan(plain, "d");
    cr_assert_eq(run(p, 0, &stop, &cell, &r, &e), ALM_EINTR);
    rig_trace("t.h5", 2, 2, 100, 100, false);
    cr_assert_eq(run(p, 0, NULL, &cell, &r, &e), ALM_EDATA);
    cr_assert(strstr(e.text, "not the trace that was planned"), "%s", e.text);
    unlink("t.h5");
    cr_assert_lt(run(p, 0, NULL, &cell, &r, &e), 0);
    sweep_plan_free(p);
}

/* Two traces that are the same up to minute 90 and differ after it: warm-up 30 minutes and training 60. */
Test(sweep_cell, what_comes_after_the_training_is_not_in_it)
{
    struct alm_err e = {0};
    struct metrics_unit part[2][2][4];
    for (int k = 0; k < 2; k++) {
        rig_trace("t.h5", 1, 4, 300, k == 0 ? 300 : 90, false);
        struct sweep_plan *p = rig_plan(split, k == 0 ? "d" : "e");
        for (uint64_t n = 0; n < 2; n++) {
            struct sweep_cell cell;
            struct cell_result r = {0};
            GOOD(run(p, n, NULL, &cell, &r, &e));
            cr_assert(r.done && r.units == 4 && cell.part == (n == 0 ? SWEEP_TRAIN : SWEEP_TEST), "%s", r.reason);
            memcpy(part[k][n], r.unit, sizeof part[k][n]);
            /* the first row's stamp is the first sample; then warm-up; so a step less than an hour is scored */
            double hour = r.unit[0].of[ALM_CPU].seconds;
            cr_assert(hour > 3000 && hour <= 3600, "%g s are scored", hour);
            cell_result_free(&r);
        }
        sweep_plan_free(p);
    }
    cr_assert_arr_eq(part[0][0], part[1][0], sizeof part[0][0]);
    cr_assert(memcmp(part[0][1], part[1][1], sizeof part[0][1]) != 0, "the test part is where they differ");
}

/* Each word of the sums has one name, and it is its own. */
Test(sweep_cell, sums_have_the_names_of_their_fields)
{
    const struct metrics_unit u = {
        .of = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42},
               {14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53}},
        .oom_kills = 27,
        .memory_days = 28,
        .oom_days = 29,
        .throttled_seconds = 30,
        .down_seconds = 31};
    static const char *const fields[] = {
        "seconds",    "limit",         "slack",   "overrun",       "overrun_seconds", "usage",       "slack_day_sum",
        "slack_days", "limit_changes", "windows", "covered_upper", "covered",         "unit_seconds"};
    static const char *const rest[] = {"oom_kills", "memory_days", "oom_days", "throttled_seconds", "down_seconds"};
    static const char *const later[] = {
        "stated", "stated_covered", "confidence",          "pinball",           "interval",  "value",
        "tested", "kept",           "independence_tested", "independence_kept", "coverage_p"};
    size_t count;
    const struct cell_sum *sum = cell_sums(&count);
    cr_assert_eq(count, 53);
    for (size_t k = 0; k < count; k++) {
        char name[64];
        if (k < 26)
            snprintf(name, sizeof name, "%s_%s", k < 13 ? "cpu" : "memory", fields[k % 13]);
        else if (k < 31)
            snprintf(name, sizeof name, "%s", rest[k - 26]);
        else
            snprintf(name, sizeof name, "%s_%s", k < 42 ? "cpu" : "memory", later[(k - 31) % 11]);
        cr_assert_eq(sum[k].later, k >= 31, "%s", name);
        cr_assert_str_eq(sum[k].name, name);
        if (sum[k].whole)
            cr_assert_eq(cell_sum_whole(&sum[k], &u), k + 1, "%s", name);
        else
            cr_assert_eq(cell_sum_real(&sum[k], &u), (double)(k + 1), "%s", name);
    }
}
