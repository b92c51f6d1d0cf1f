/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep_results: merged cells are the cells, whatever order they were done in; what is not all there is said so, and a file that
 * contradicts itself is refused. */
#include "experiments/sweep/cell_sums.h"
#include "experiments/sweep/results.h"
#include "sweep_rig.h"

#include <sys/stat.h>

TestSuite(sweep_results, .init = scratch_enter, .fini = scratch_leave, .timeout = 300);

static const char spec[] = "traces: [a.h5, {file: b.h5, name: 'b & <b>', units: 'web-[12]'}]\n"
                           "policies:\n"
                           "  - {name: vpa, predictor: vpa, allocator: 'envelope:margin=0'}\n"
                           "  - {name: fixed, allocator: 'static:cpu=2,memory=1Gi'}\n"
                           "factors: {control.interval: [5m, 10m]}\n"
                           "seeds: [1, 2]\n"
                           "baseline: fixed\n";
#define CELLS 16

static struct sweep_plan *plan(const char *dir)
{
    rig_trace("a.h5", 1, 3, 120, 120, false);
    rig_trace("b.h5", 2, 4, 150, 150, true);
    struct sweep_plan *p = rig_plan(spec, dir);
    cr_assert_eq(p->cells, CELLS, "%zu cells", (size_t)p->cells);
    return p;
}

static struct results_count merge(const struct sweep_plan *p, const char *path)
{
    struct alm_err e = {0};
    struct results_count count;
    GOOD(results_merge(p, path, false, &count, NULL, NULL, &e));
    return count;
}

static struct results *open_good_results(const char *path)
{
    struct alm_err e = {0};
    struct results *r = NULL;
    GOOD(results_open(path, &r, &e));
    return r;
}

Test(sweep_results, do_not_depend_on_the_order_of_work)
{
    struct sweep_plan *p = plan("d"), *q = plan("e");
    rig_run_all(p, 1);
    rig_run_all(q, 7);
    merge(p, "one.h5");
    merge(q, "two.h5");
    merge(p, "three.h5");
    cr_assert_eq(system("cmp one.h5 two.h5 && cmp one.h5 three.h5"), 0);
    cr_assert_eq(system("[ -z \"$(find . -name '.*.tmp')\" ]"), 0);
    sweep_plan_free(p);
    sweep_plan_free(q);
}

static void same_cell(const struct results *r, size_t k, const struct sweep_plan *p)
{
    struct alm_err e = {0};
    struct sweep_cell cell;
    struct cell_result c = {0};
    char command[16384];
    GOOD(sweep_plan_cell(p, k, &cell, &e));
    GOOD(cell_read(p, cell.id, &c, &e));
    const struct results_cell *x = &r->cell[k];
    cr_assert_str_eq(x->id, cell.id);
    cr_assert_str_eq(x->trace, p->spec->trace[cell.trace].name);
    cr_assert_str_eq(x->trace_sha256, p->sha256[cell.trace]);
    cr_assert_str_eq(x->policy, p->spec->policy[cell.policy].name);
    cr_assert_str_eq(x->command, sweep_cell_command(p, &cell, command, sizeof command));
    cr_assert_str_eq(x->factor[0], cell.factor[0]);
    cr_assert(x->seed == cell.seed && x->part == cell.part && x->done && x->units == c.units);
    struct metrics_unit unit[8], pool = {0};
    const char *name[8];
    GOOD(results_units(r, k, unit, name, &e));
    cr_assert_arr_eq(unit, c.unit, c.units * sizeof *unit);
    for (size_t i = 0; i < c.units; i++) {
        cr_assert_str_eq(name[i], c.unit_name[i]);
        metrics_pool(&pool, &unit[i]);
    }
    size_t count;
    const struct results_figure *f = results_figures(&count);
    for (size_t i = 0; i < count; i++)
        if (f[i].resource >= 0 && f[i].row != METRICS_ROWS_BURST)
            cr_assert(rig_same(results_value(r, k, &f[i]), results_of_unit(&f[i], &pool)), "%s", f[i].name);
        else if (f[i].resource >= 0)
            cr_assert(rig_same(results_value(r, k, &f[i]), c.burst[f[i].resource]), "%s", f[i].name);
    cell_result_free(&c);
}

Test(sweep_results, are_what_the_cells_are)
{
    struct sweep_plan *p = plan("d");
    rig_run_all(p, 3);
    struct results_count count = merge(p, "r.h5");
    cr_assert(count.done == CELLS && count.failed == 0 && count.missing == 0);
    struct results *r = open_good_results("r.h5");
    cr_assert_eq(r->cells, CELLS);
    cr_assert_eq(r->missing, 0);
    cr_assert_str_eq(r->spec_text, spec);
    cr_assert_str_eq(r->version, p->version);
    cr_assert_str_eq(r->baseline, "fixed");
    cr_assert_eq(r->factors, 1);
    cr_assert_str_eq(r->factor[0], "control.interval");
    for (size_t k = 0; k < CELLS; k++)
        same_cell(r, k, p);
    const struct results_figure *slack;
    struct alm_err e = {0};
    GOOD(results_figure_find("slack_relative", &slack, &e));
    cr_assert(results_value(r, 0, slack) > 0 && results_value(r, 0, slack) < 1);
    cr_assert_eq(r->cell[0].units, 3);
    cr_assert_eq(r->cell[CELLS - 1].units, 2, "a pattern leaves two of four");
    results_close(r);
    sweep_plan_free(p);
}

Test(sweep_results, have_figures_of_invocations)
{
    struct alm_err e = {0};
    rig_trace("b.h5", 2, 2, 100, 100, true);
    struct sweep_plan *p = rig_plan("traces: [b.h5]\npolicies: [{name: a}]\n"
                                    "factors: {workload: [usage, invocations]}\n",
                                    "d");
    rig_run_all(p, 1);
    merge(p, "r.h5");
    struct results *r = open_good_results("r.h5");
    const struct results_figure *calls, *left, *response;
    GOOD(results_figure_find("invocations.count", &calls, &e));
    GOOD(results_figure_find("invocations.in_flight", &left, &e));
    GOOD(results_figure_find("mean_response_s", &response, &e));
    cr_assert(isnan(results_value(r, 0, calls)), "usage alone has none");
    cr_assert_eq(results_value(r, 1, calls) + results_value(r, 1, left), 100);
    cr_assert_gt(results_value(r, 1, response), 0);
    results_close(r);
    sweep_plan_free(p);
}

Test(sweep_results, say_what_is_missing_and_what_failed)
{
    struct alm_err e = {0};
    struct results_count count;
    struct sweep_cell cell;
    struct cell_result failed = {0};
    char path[256];
    struct sweep_plan *p = plan("d");
    cr_assert_eq(results_merge(p, "r.h5", false, &count, NULL, NULL, &e), ALM_NOT_YET);
    cr_assert_eq(count.missing, CELLS);
    rig_run_all(p, 1);
    GOOD(sweep_plan_cell(p, 5, &cell, &e));
    snprintf(path, sizeof path, "d/cells/%.2s/%s.json", cell.id, cell.id);
    cr_assert_eq(truncate(path, 100), 0);
    GOOD(sweep_plan_cell(p, 9, &cell, &e));
    snprintf(failed.reason, sizeof failed.reason, "module x: \"why\"");
    GOOD(cell_write(p, &cell, &failed, &e));
    cr_assert_eq(results_merge(p, "r.h5", false, &count, NULL, NULL, &e), ALM_NOT_YET);
    cr_assert(count.missing == 1 && count.failed == 1 && count.done == CELLS - 2);
    cr_assert_neq(access("r.h5", F_OK), 0, "nothing is written");
    cr_assert_eq(system("[ -z \"$(find . -name '*.tmp')\" ]"), 0);
    GOOD(results_merge(p, "r.h5", true, &count, NULL, NULL, &e));
    cr_assert_eq(count.missing, 1);
    struct results *r = open_good_results("r.h5");
    cr_assert_eq(r->cells, CELLS - 1);
    cr_assert_eq(r->missing, 1);
    const struct results_cell *x = &r->cell[8]; /* the one before it is missing */
    cr_assert(!x->done && x->units == 0);
    cr_assert_str_eq(x->reason, "module x: \"why\"");
    cr_assert_str_eq(x->id, cell.id);
    size_t n;
    const struct results_figure *f = results_figures(&n);
    for (size_t i = 0; i < n; i++)
        cr_assert(isnan(results_value(r, 8, &f[i])));
    same_cell(r, 4, p);
    results_close(r);
    sweep_plan_free(p);
}

Test(sweep_results, of_two_versions_are_refused)
{
    struct alm_err e = {0};
    struct results_count count;
    struct sweep_plan *p = plan("d");
    rig_run_all(p, 1);
    cr_assert_eq(system("f=$(find d/cells -name '*.json' | sort | head -n 1); sed -i 's/\"version\":\"/&9/' \"$f\""),
                 0);
    cr_assert_eq(results_merge(p, "r.h5", true, &count, NULL, NULL, &e), ALM_EDATA);
    cr_assert(strstr(e.text, "version"), "%s", e.text);
    cr_assert_neq(access("r.h5", F_OK), 0);
    sweep_plan_free(p);
}

Test(sweep_results, that_are_damaged_or_of_another_kind_are_refused)
{
    struct alm_err e = {0};
    struct results *r = NULL;
    struct sweep_plan *p = plan("d");
    struct stat s;
    rig_run_all(p, 1);
    merge(p, "r.h5");
    cr_assert_eq(results_open("nothing.h5", &r, &e), ALM_EDATA);
    cr_assert_eq(results_open("a.h5", &r, &e), ALM_EDATA, "a trace is not results");
    cr_assert_eq(stat("r.h5", &s), 0);
    cr_assert_eq(truncate("r.h5", s.st_size / 2), 0);
    cr_assert_eq(results_open("r.h5", &r, &e), ALM_EDATA);
    sweep_plan_free(p);
}

/* metrics_rows and the names of executions are written down a second time, with what a comparison needs. */
Test(sweep_results, figures_are_those_of_the_metrics)
{
    size_t figures, rows, seen = 0;
    const struct results_figure *f = results_figures(&figures);
    const struct metrics_row *row = metrics_rows(&rows);
    for (size_t i = 0; i < figures; i++) {
        const char *name = strchr(f[i].name, '.') + 1;
        cr_assert(strncmp(f[i].name,
                          f[i].resource == RESULTS_CALLS      ? "invocations."
                          : f[i].resource == RESULTS_MACHINES ? "machines."
                          : f[i].resource == 0                ? "cpu."
                                                              : "memory.",
                          (size_t)(name - f[i].name)) == 0);
        if (f[i].resource == RESULTS_MACHINES) {
            cr_assert_str_eq(name, machine_figure_name((enum machine_figure)f[i].row));
            cr_assert_eq(f[i].whole, machine_figure_whole((enum machine_figure)f[i].row), "%s", name);
        } else if (f[i].resource < 0) {
            cr_assert_str_eq(name, executions_name((enum executions_figure)f[i].row));
            cr_assert_eq(f[i].whole, executions_whole((enum executions_figure)f[i].row), "%s", name);
        } else if (f[i].row == METRICS_ROWS_BURST) {
            cr_assert_str_eq(name, "burst_share");
        } else {
            cr_assert_lt(f[i].row, rows);
            cr_assert_str_eq(name, row[f[i].row].name);
            cr_assert_eq(f[i].better, row[f[i].row].better);
            cr_assert(row[f[i].row].resource & ALM_BIT(f[i].resource));
            seen++;
        }
    }
    size_t all = 0;
    for (size_t k = 0; k < rows; k++)
        all += (size_t)__builtin_popcount(row[k].resource & 3);
    cr_assert_eq(seen, all, "%zu of %zu rows of metrics are figures", seen, all);
    cr_assert_eq(figures, all + 2 + EXECUTIONS_FIGURES + MACHINE_FIGURES);
}

Test(sweep_results, figures_are_found_by_name)
{
    struct alm_err e = {0};
    const struct results_figure *f = NULL;
    GOOD(results_figure_find("memory.oom_kills", &f, &e));
    cr_assert_eq(f->resource, ALM_MEMORY);
    GOOD(results_figure_find("slack_day", &f, &e));
    cr_assert_str_eq(f->name, "cpu.slack_day");
    GOOD(results_figure_find("oom_kills", &f, &e));
    cr_assert_str_eq(f->name, "memory.oom_kills");
    GOOD(results_figure_find("p99_s", &f, &e));
    cr_assert_str_eq(f->name, "invocations.p99_s");
    cr_assert_eq(results_figure_find("cpu.slack_relativ", &f, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "cpu.slack_relative"), "%s", e.text);
    cr_assert_eq(results_figure_find("slak_day", &f, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "slack_day"), "%s", e.text);
    cr_assert_eq(results_figure_find("", &f, &e), ALM_EINVAL);
    cr_assert_eq(results_figure_find("xyzzy", &f, &e), ALM_EINVAL);
}

/* Names that HDF5 could take for paths, and that look alike once they are spelled as columns. */
Test(sweep_results, factors_of_any_name)
{
    rig_trace("a.h5", 1, 1, 30, 30, false);
    struct sweep_plan *p = rig_plan("traces: [a.h5]\n"
                                    "policies:\n"
                                    "  - {name: 'a/b', allocator: 'static:cpu=1,memory=1Gi'}\n"
                                    "  - {name: 'a:b', allocator: 'static:cpu=1,memory=1Gi'}\n"
                                    "factors: {'a/b.allocator.cpu': [1, 2], 'a:b.allocator.cpu': [3]}\n",
                                    "d");
    rig_run_all(p, 1);
    merge(p, "r.h5");
    struct results *r = open_good_results("r.h5");
    cr_assert_eq(r->factors, 2);
    cr_assert_eq(r->cells, 3);
    cr_assert_str_eq(r->factor[0], "a/b.allocator.cpu");
    cr_assert_str_eq(r->factor[1], "a:b.allocator.cpu");
    for (size_t k = 0; k < 3; k++) {
        cr_assert_str_eq(r->cell[k].factor[0], k == 0 ? "1" : k == 1 ? "2" : "");
        cr_assert_str_eq(r->cell[k].factor[1], k == 2 ? "3" : "");
    }
    results_close(r);
    sweep_plan_free(p);
}
