/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_overview: does a page of a trace show the one high row of a month, count every invocation, break at holes, choose
 * the units it says, and stay harmless whatever units are called? */
#include "experiments/figure.h"
#include "make_run.h"
#include "scratch.h"
#include "traces/file/trace_file.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP (300 * ALM_SECOND)

static void enter(void)
{
    scratch_enter();
    setenv("ALMANAC_PLOTS", ALM_SOURCE_DIR "/plots", 1);
}

TestSuite(figure_overview, .init = enter, .fini = scratch_leave);

static struct alm_trace_writer *writer(const char *path)
{
    struct alm_err e = {0};
    struct alm_trace_writer *w = NULL;
    const struct alm_trace_info info = {.title = "t"};
    GOOD(alm_trace_create(path, &info, &w, &e));
    return w;
}

static uint32_t unit(struct alm_trace_writer *w, const char *name)
{
    struct alm_err e = {0};
    struct alm_unit u = {.cores = (double)NAN, .memory = (double)NAN};
    uint32_t number = 0;
    snprintf(u.name, sizeof u.name, "%s", name);
    GOOD(alm_trace_writer_sink(w)->unit(alm_trace_writer_sink(w), &u, &number, &e));
    return number;
}

static void row(struct alm_trace_writer *w, uint32_t u, alm_time at, double cpu, double memory)
{
    struct alm_err e = {0};
    double none = (double)NAN;
    const struct alm_trace_row r = {at, {cpu, memory, none, none, none, none}};
    GOOD(alm_trace_writer_sink(w)->rows(alm_trace_writer_sink(w), u, &r, 1, &e));
}

static void invoke(struct alm_trace_writer *w, uint32_t u, alm_time at)
{
    struct alm_err e = {0};
    struct alm_invocation v = {.arrival = at, .unit = u};
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        v.value[f] = (double)NAN;
    GOOD(alm_trace_writer_sink(w)->invocations(alm_trace_writer_sink(w), &v, NULL, 1, &e));
}

static void finish(struct alm_trace_writer *w)
{
    struct alm_err e = {0};
    GOOD(alm_trace_commit(w, &e));
    alm_trace_writer_close(w);
}

/* The script of a figure of t.h5. Without gnuplot the script is all there is, and enough. The caller frees it. */
static char *script(struct alm_figure_options o, struct alm_figure_report *report)
{
    struct alm_err e = {0};
    const char *const file[] = {"t.h5"};
    o.output = "t.svg";
    o.keep_script = true;
    int code = alm_figure_draw(file, 1, &o, report, &e);
    cr_assert(code == ALM_OK || (code == ALM_EIO && strstr(e.text, "gnuplot was not found")), "%s", e.text);
    FILE *f = fopen("t.gp", "r");
    cr_assert(f);
    char *text = calloc(1, 1 << 22);
    cr_assert_lt(fread(text, 1, (1 << 22) - 1, f), (1 << 22) - 1);
    fclose(f);
    return text;
}

/* The Nth picture's data: CALL fn for each row of "x low mean high", in order. */
static void each_point(const char *text, int nth, void (*fn)(double *ctx, const double p[4]), double *ctx)
{
    const char *p = text;
    for (int i = 0; i <= nth; i++)
        p = strstr(p, "$data << EOD\n") + strlen("$data << EOD\n");
    for (; strncmp(p, "EOD", 3) != 0; p = strchr(p, '\n') + 1) {
        double v[4];
        if (sscanf(p, "%lf %lf %lf %lf", &v[0], &v[1], &v[2], &v[3]) == 4 && v[0] > -1e29 && *p != '\n')
            fn(ctx, v);
    }
}

static void largest_of_all(double *most, const double p[4])
{
    most[0] = fmax(most[0], p[3]);
    most[1] = fmax(most[1], p[2]);
    most[2] += 1;
}

Test(figure_overview, one_high_row_of_a_month_is_seen)
{
    struct alm_trace_writer *w = writer("t.h5");
    uint32_t u = unit(w, "u");
    for (int k = 1; k <= 30 * 288; k++)
        row(w, u, k * STEP, k == 5000 ? 3.75 : 1, (double)NAN);
    finish(w);
    struct alm_figure_report report;
    double most[3] = {0};
    char *text = script((struct alm_figure_options){0}, &report);
    each_point(text, 0, largest_of_all, most);
    cr_expect_eq(most[0], 3.75, "the shade reaches it");
    cr_expect_float_eq(most[1], (17 * 1 + 3.75) / 18, 1e-3, "18 rows share a column: %g", most[1]);
    cr_expect_eq(most[2], 480);
    cr_expect(strstr(text, "set yrange [0:4]\nset ytics ('4 cores' 4, '0' 0)"));
    cr_expect_null(strstr(text, "Memory"), "there is none");
    cr_expect_str_eq(report.shown, "unit u");
    free(text);
}

Test(figure_overview, lines_break_at_holes_alone)
{
    struct alm_trace_writer *w = writer("t.h5");
    uint32_t u = unit(w, "u");
    for (int k = 1; k <= 100; k++)
        if (k < 40 || k > 60)
            row(w, u, k * STEP, k == 20 ? (double)NAN : 1, 2e9);
    finish(w);
    struct alm_figure_report report;
    char *text = script((struct alm_figure_options){0}, &report);
    size_t breaks[2] = {0};
    const char *p = text;
    for (int i = 0; i < 2; i++) {
        p = strstr(p, "-1e30 0 0 0\n\n") + strlen("-1e30 0 0 0\n\n");
        const char *end = strstr(p, "\n\n\n");
        for (const char *q = p; q < end; q++)
            breaks[i] += q[0] == '\n' && q[1] == '\n';
    }
    cr_expect_eq(breaks[0], 2, "of cpu: the missing value and the hole");
    cr_expect_eq(breaks[1], 1, "of memory: the hole");
    free(text);
}

static void sum_of_bins(double *sum, const double p[4])
{
    sum[0] += p[3];
    cr_assert_eq(p[1], 0);
}

/* 900 invocations of a, 500 of b, 500 of c, none of d; of a seven at the very first and last instant. */
static void invocations_only(void)
{
    struct alm_trace_writer *w = writer("t.h5");
    uint32_t a, b = unit(w, "b"), c = unit(w, "c"), d = unit(w, "d");
    a = unit(w, "a");
    for (int k = 0; k < 893; k++)
        invoke(w, a, k * 677 * ALM_SECOND);
    for (int k = 0; k < 7; k++)
        invoke(w, a, k < 3 ? 0 : 7 * ALM_DAY);
    for (int k = 0; k < 500; k++) {
        invoke(w, b, k * 1201 * ALM_SECOND);
        invoke(w, c, ALM_DAY + k);
    }
    row(w, d, 300 * ALM_SECOND, 1, 1e9);
    finish(w);
}

Test(figure_overview, every_invocation_is_counted)
{
    invocations_only();
    struct alm_figure_report report;
    char *text = script((struct alm_figure_options){.resource = "invocations"}, &report);
    static const double want[] = {900, 500, 500};
    static const char *const name[] = {"set label 5 'a' ", "set label 5 'b' ", "set label 5 'c' "};
    const char *before = text;
    for (int i = 0; i < 3; i++) {
        double sum = 0;
        each_point(text, i, sum_of_bins, &sum);
        cr_expect_eq(sum, want[i], "%s: %g", name[i], sum);
        const char *place = strstr(before, name[i]);
        cr_assert(place, "%s in this order", name[i]);
        before = place;
    }
    cr_expect(strstr(text, "title_text = 'Invocations per 2h in t.h5'"), "7 days / 160 is 1.05 h: the next round one");
    cr_expect_null(strstr(text, "set label 5 'd' "));
    free(text);
    text = script((struct alm_figure_options){.resource = "invocations", .units = 2}, &report);
    cr_expect_str_eq(report.shown, "the 2 busiest of 3 units");
    free(text);
    text = script((struct alm_figure_options){.resource = "invocations", .from = "1d", .to = "2d"}, &report);
    double sum = 0;
    each_point(text, 1, sum_of_bins, &sum);
    cr_expect_eq(sum, 172800 / 1201 - 86400 / 1201, "of b: those between; 86400 is no multiple of 1201");
    free(text);
}

Test(figure_overview, units_are_those_that_were_asked_for)
{
    struct alm_trace_writer *w = writer("t.h5");
    for (int i = 0; i < 30; i++) {
        char name[16];
        snprintf(name, sizeof name, "u%02d", i);
        row(w, unit(w, name), STEP, 1 + i, 1e9);
    }
    finish(w);
    struct alm_figure_report report;
    char *text = script((struct alm_figure_options){0}, &report);
    cr_expect_str_eq(report.shown, "12 of 30 units");
    cr_expect(strstr(text, "'u00'") && strstr(text, "'u02'") && strstr(text, "'u27'"), "12 of 30: every 2.5th");
    cr_expect_null(strstr(text, "'u01'"));
    free(text);
    text = script((struct alm_figure_options){.unit = {"u07", "u03", "u07"}}, &report);
    cr_expect_str_eq(report.shown, "2 of 30 units");
    cr_expect_lt(strstr(text, "'u07'"), strstr(text, "'u03'"));
    free(text);
    text = script((struct alm_figure_options){.resource = "memory"}, &report);
    cr_expect_str_eq(report.shown, "24 of 30 units");
    free(text);
    text = script((struct alm_figure_options){.resource = "memory", .width = 600, .height = 400}, &report);
    cr_expect_str_eq(report.shown, "4 of 30 units", "as many as fit: 2 x 2");
    free(text);
    text = script((struct alm_figure_options){.units = 100}, &report);
    cr_expect_str_eq(report.shown, "30 units");
    free(text);
}

Test(figure_overview, what_cannot_be_shown_is_refused)
{
    struct alm_err e = {0};
    struct alm_figure_report report;
    struct alm_trace_writer *w = writer("t.h5");
    row(w, unit(w, "u"), STEP, 1, (double)NAN);
    finish(w);
    const char *const file[] = {"t.h5"}, *const run[] = {"r.h5"};
    const struct alm_figure_options memory = {.output = "x.svg", .resource = "memory"},
                                    nobody = {.output = "x.svg", .unit = {"u", "v"}},
                                    late = {.output = "x.svg", .from = "3d"}, sized = {.output = "x.svg", .width = 500},
                                    two = {.output = "x.svg", .unit = {"web-0", "web-1"}};
    cr_expect_eq(alm_figure_draw(file, 1, &memory, &report, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "no \"memory\" to show; it has cpu"), "%s", e.text);
    cr_expect_eq(alm_figure_draw(file, 1, &nobody, &report, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "no unit \"v\""), "%s", e.text);
    cr_expect_eq(alm_figure_draw(file, 1, &late, &report, &e), ALM_EINVAL);
    struct make_run m = {.path = "r.h5", .units = 3, .days = 1, .interval = ALM_HOUR, .margin = 1.1};
    GOOD(make_run(&m, &e));
    cr_expect_eq(alm_figure_draw(run, 1, &sized, &report, &e), ALM_EINVAL);
    cr_expect_eq(alm_figure_draw(run, 1, &two, &report, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "figures of traces"), "%s", e.text);
    cr_expect_neq(access("x.svg", F_OK), 0);
}

Test(figure_overview, hostile_names_are_harmless)
{
    if (system("gnuplot --version >/dev/null 2>&1") != 0) {
        puts("SKIP: gnuplot is not installed");
        fflush(stdout);
        return;
    }
    static const char *const evil[] = {
        "`touch pwned`", "'; system(\"touch pwned\"); #", "$(touch pwned)", "x' at screen 0,0; !touch pwned",
        "EOD",           "\nEOD\nsystem('touch pwned')\n"};
    struct alm_trace_writer *w = writer("t.h5");
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        uint32_t u = unit(w, evil[i]);
        row(w, u, STEP, 1, 1e9);
        invoke(w, u, 2 * STEP);
    }
    finish(w);
    struct alm_figure_report report;
    free(script((struct alm_figure_options){0}, &report));
    free(script((struct alm_figure_options){.resource = "invocations"}, &report));
    cr_expect_eq(access("t.svg", F_OK), 0);
    cr_expect_neq(access("pwned", F_OK), 0);
}
