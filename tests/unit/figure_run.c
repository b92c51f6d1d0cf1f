/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_run: do the figures of machines and of executions say what the run file holds, does a run make the figure that
 * fits it, and is what makes none refused? */
#include "experiments/figure.h"
#include "make_run.h"
#include "platform_run.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

static void enter(void)
{
    scratch_enter();
    setenv("ALMANAC_PLOTS", ALM_SOURCE_DIR "/plots", 1);
}

TestSuite(figure_run, .init = enter, .fini = scratch_leave);

static bool without_gnuplot(void)
{
    if (system("gnuplot --version >/dev/null 2>&1") == 0)
        return false;
    puts("SKIP: gnuplot is not installed");
    fflush(stdout);
    return true;
}

static const struct platform_run fleet = {.path = "a.h5",
                                          .machines = 20,
                                          .units = 40,
                                          .executions = 4000,
                                          .every_execution = 1,
                                          .every_machine_sample = 1,
                                          .load = 1,
                                          .step = 10 * ALM_MINUTE};

static int draw(const char *file, struct alm_figure_options o, struct alm_figure_report *report, struct alm_err *e)
{
    return alm_figure_draw(&file, 1, &o, report, e);
}

/* The line of text file PATH that begins with WHAT, without it, into OUT[400]. */
static bool line_of(const char *path, const char *what, char out[400])
{
    char line[4096];
    FILE *f = fopen(path, "r");
    bool found = false;
    while (f && !found && fgets(line, sizeof line, f))
        if (strncmp(line, what, strlen(what)) == 0) {
            snprintf(out, 400, "%.399s", line + strlen(what));
            found = true;
        }
    if (f)
        fclose(f);
    return found;
}

/* What the made fleet is at noon, from the formulas that made it: 15 % and 75 % of 20 machines hold units, 16 to 18 each. */
Test(figure_run, density_is_that_of_the_samples)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct alm_figure_report report;
    GOOD(platform_run(&fleet, &e));
    GOOD(draw("a.h5", (struct alm_figure_options){.output = "a.svg", .keep_script = true}, &report, &e));
    cr_assert_str_eq(report.shown, "density of 20 machines");
    FILE *f = fopen("a.gp", "r");
    char line[4096];
    int block = 0, noon = 0;
    cr_assert(f);
    while (fgets(line, sizeof line, f)) {
        double x, v, low, high;
        block = strncmp(line, "$used", 5) == 0 ? 1 : strncmp(line, "$machines", 9) == 0 ? 2 : block;
        if (sscanf(line, "%lf %lf", &x, &v) != 2 || fabs(x - 43200) > 300)
            continue;
        noon++;
        if (block == 1)
            cr_assert_eq(v, 18, "%s", line);
        else if (block == 2 && sscanf(line, "%lf %lf %lf %lf", &x, &v, &low, &high) == 4)
            cr_assert(low >= 15 && low <= v && v <= high && high <= 19, "%s", line);
    }
    fclose(f);
    cr_assert_geq(noon, 2);
}

Test(figure_run, slowdown_is_that_of_the_executions)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct alm_figure_report report;
    GOOD(platform_run(&fleet, &e));
    GOOD(draw("a.h5", (struct alm_figure_options){.output = "a.svg", .page = "slowdown", .keep_script = true}, &report,
              &e));
    /* Counted by what was shown to the recorder. */
    size_t above = 0, done = 0;
    struct alm_stream s = alm_stream_open(5, 0, "platform_run");
    uint64_t id = 0;
    for (alm_time since = fleet.step; since <= ALM_DAY; since += fleet.step) {
        for (; id < 4000 && (double)id * 21.6e9 < (double)since; id++) {
            struct alm_execution x;
            struct alm_execution_account a;
            platform_execution(&fleet, &s, id, (alm_time)((double)id * 21.6e9), &x, &a);
            done += x.end == ALM_END_DONE;
            above += x.end == ALM_END_DONE && alm_seconds(x.finish - x.arrival) > 2 * a.alone;
        }
        for (uint32_t m = 0; m < fleet.machines; m++) {
            struct alm_machine_sample sample;
            platform_sample(&fleet, &s, m, since, &sample);
        }
    }
    char line[400], want[200];
    cr_assert(line_of("a.gp", "subtitle_text = ", line));
    snprintf(want, sizeof want, "'%zu of 4000 executions done; ", done);
    cr_assert_eq(strncmp(line, want, strlen(want)), 0, "%s, not %s", line, want);
    snprintf(want, sizeof want, "%.3g %% took more than twice as long", 100.0 * (double)above / (double)done);
    cr_assert(strstr(line, want), "%s, not %s", line, want);
}

Test(figure_run, several_runs_make_one_picture_of_slowdown)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct alm_figure_report report;
    struct platform_run p = fleet;
    p.policy = "it's \x01one";
    GOOD(platform_run(&p, &e));
    p.path = "b.h5";
    p.load = 0.7;
    GOOD(platform_run(&p, &e));
    const char *file[] = {"a.h5", "b.h5"};
    struct alm_figure_options o = {.output = "s.svg", .page = "slowdown", .keep_script = true};
    GOOD(alm_figure_draw(file, 2, &o, &report, &e));
    char line[400];
    cr_assert(line_of("s.gp", "name[1] = ", line));
    cr_assert_str_eq(line, "'it\u2019s one: a'\n");
    cr_assert(line_of("s.gp", "name[2] = ", line));
    cr_assert_str_eq(line, "'it\u2019s one: b'\n");
    const char *same[] = {"a.h5", "./a.h5"};
    GOOD(alm_figure_draw(same, 2, &o, &report, &e));
    cr_assert(line_of("s.gp", "name[1] = ", line));
    cr_assert_str_eq(line, "'it\u2019s one: a'\n");
    cr_assert(line_of("s.gp", "name[2] = ", line));
    cr_assert_str_eq(line, "'it\u2019s one: a (2)'\n");
}

Test(figure_run, equal_files_give_equal_pictures)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct alm_figure_report report;
    static const char *const page[] = {"density", "slowdown"};
    GOOD(platform_run(&fleet, &e));
    for (int k = 0; k < 2; k++) {
        GOOD(draw("a.h5", (struct alm_figure_options){.output = "a.png", .page = page[k]}, &report, &e));
        GOOD(draw("a.h5", (struct alm_figure_options){.output = "b.png", .page = page[k]}, &report, &e));
        cr_assert_eq(system("cmp a.png b.png"), 0, "%s", page[k]);
    }
}

/* Idle machines, one execution a day, thinned rows, part of the time: each still a picture. */
Test(figure_run, little_to_show_is_shown)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct alm_figure_report report;
    struct platform_run p = fleet;
    p.machines = 2;
    p.load = 0;
    p.executions = 2;
    p.every_machine_sample = 64;
    GOOD(platform_run(&p, &e));
    GOOD(draw("a.h5", (struct alm_figure_options){.output = "a.svg"}, &report, &e));
    GOOD(draw("a.h5", (struct alm_figure_options){.output = "b.svg", .page = "slowdown"}, &report, &e));
    p = fleet;
    GOOD(platform_run(&p, &e));
    struct alm_figure_options part = {.output = "c.svg", .from = "10h", .to = "11h", .keep_script = true};
    GOOD(draw("a.h5", part, &report, &e));
    char line[400];
    cr_assert(line_of("c.gp", "x_max = ", line));
    cr_assert_str_eq(line, "3600\n");
    part.page = "slowdown";
    GOOD(draw("a.h5", part, &report, &e));
    cr_assert(line_of("c.gp", "x_max = ", line));
    cr_assert_str_eq(line, "3600\n");
}

Test(figure_run, a_run_makes_the_figure_that_fits_it)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct alm_figure_report report;
    struct platform_run p = fleet;
    p.machines = 0;
    GOOD(platform_run(&p, &e));
    GOOD(draw("a.h5", (struct alm_figure_options){.output = "a.svg"}, &report, &e));
    cr_assert_eq(strncmp(report.shown, "slowdown of ", 12), 0, "%s", report.shown);
    GOOD(make_run(&(struct make_run){.path = "m.h5", .units = 2, .days = 1, .interval = ALM_HOUR, .margin = 1.1}, &e));
    GOOD(draw("m.h5", (struct alm_figure_options){.output = "a.svg"}, &report, &e));
    cr_assert_eq(strncmp(report.shown, "unit ", 5), 0, "%s", report.shown);
}

static void refused(const char *const *file, size_t files, struct alm_figure_options o, int code, const char *word)
{
    struct alm_err e = {0};
    struct alm_figure_report report;
    o.output = "x.svg";
    cr_assert_eq(alm_figure_draw(file, files, &o, &report, &e), code, "%s", e.text);
    cr_assert(strstr(e.text, word), "%s", e.text);
    cr_assert_neq(access("x.svg", F_OK), 0);
}

Test(figure_run, what_makes_no_figure_is_refused)
{
    struct alm_err e = {0};
    struct platform_run p = fleet;
    p.every_machine_sample = 0;
    GOOD(platform_run(&p, &e));
    GOOD(make_run(&(struct make_run){.path = "m.h5", .units = 2, .days = 1, .interval = ALM_HOUR, .margin = 1.1}, &e));
    const char *const a[] = {"a.h5", "a.h5"}, *const m[] = {"m.h5"};
    refused(a, 1, (struct alm_figure_options){.page = "densty"}, ALM_EINVAL, "did you mean \"density\"?");
    refused(a, 2, (struct alm_figure_options){.page = "density"}, ALM_EINVAL, "is of one run");
    refused(a, 1, (struct alm_figure_options){.page = "slowdown", .unit = {"f-0"}}, ALM_EINVAL, "--unit");
    refused(a, 1, (struct alm_figure_options){.page = "density"}, ALM_EDATA, "no machine samples");
    refused(m, 1, (struct alm_figure_options){.page = "density"}, ALM_EDATA, "no machine samples");
    refused(m, 1, (struct alm_figure_options){.page = "slowdown"}, ALM_EDATA, "no executions");
    refused(a, 1, (struct alm_figure_options){.page = "slowdown", .from = "30d"}, ALM_EINVAL, "was seen from");
}
