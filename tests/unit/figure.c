/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure: is what a file holds harmless in a script, is thinning true to what it thins, do equal files give equal
 * pictures, and is a failure said and leaves nothing half-made? */
#include "experiments/figure.h"
#include "experiments/figure_label.h"
#include "experiments/figure_script.h"
#include "experiments/figure_series.h"
#include "experiments/run_file.h"
#include "make_run.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void enter(void)
{
    scratch_enter();
    setenv("ALMANAC_PLOTS", ALM_SOURCE_DIR "/plots", 1);
}

TestSuite(figure, .init = enter, .fini = scratch_leave);

static bool without_gnuplot(void)
{
    if (system("gnuplot --version >/dev/null 2>&1") == 0)
        return false;
    puts("SKIP: gnuplot is not installed");
    fflush(stdout);
    return true;
}

/* The whole of a file; the caller frees it. NULL when there is none. */
static char *contents(const char *path, size_t *size)
{
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return NULL;
    struct stat s;
    cr_assert_eq(fstat(fileno(f), &s), 0);
    char *text = calloc((size_t)s.st_size + 1, 1);
    cr_assert_eq(fread(text, 1, (size_t)s.st_size, f), (size_t)s.st_size);
    fclose(f);
    *size = (size_t)s.st_size;
    return text;
}

static bool contains(const char *path, const char *what)
{
    size_t size;
    char *text = contents(path, &size);
    bool found = text && strstr(text, what);
    free(text);
    return found;
}

static bool same_files(const char *a, const char *b)
{
    size_t n = 0, m = 0;
    char *x = contents(a, &n), *y = contents(b, &m);
    bool same = x && y && n == m && n > 0 && memcmp(x, y, n) == 0;
    free(x);
    free(y);
    return same;
}

static int draw(const char *file, struct alm_figure_options o, struct alm_figure_report *report, struct alm_err *e)
{
    return alm_figure_draw(&file, 1, &o, report, e);
}

static struct make_run small(const char *path)
{
    return (struct make_run){.path = path, .units = 3, .days = 1, .interval = ALM_HOUR, .margin = 1.1};
}

Test(figure, text_is_made_fit)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"a\nb\tc\x01\x7f", "abc"},
        {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8c\x8d", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8c\x8d"},
        {"\xe2\x80\xaetxt.exe\xe2\x80\x8b", "txt.exe"},
        {"\xc2\x9b[31m", "[31m"},
        {"bad \xff\xc3", "bad \xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc0\xafoverlong", "\xef\xbf\xbd\xef\xbf\xbdoverlong"},
        {"twelve chars", "twelve chars"},
        {"thirteen char", "thirteen ch\xe2\x80\xa6"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64];
        cr_assert_str_eq(alm__figure_text(out, sizeof out, cases[i].in, 12), cases[i].out, "case %zu: %s", i, out);
    }
    char tiny[16], full[16] = "";
    alm__figure_text(tiny, sizeof tiny,
                     "\xf0\x9f\x8c\x8d\xf0\x9f\x8c\x8d\xf0\x9f\x8c\x8d\xf0\x9f\x8c\x8d\xf0\x9f\x8c\x8d", 99);
    cr_assert_lt(strlen(tiny), sizeof full);
}

Test(figure, no_quote_ends_a_string)
{
    struct alm_err e = {0};
    struct alm__script s;
    GOOD(alm__script_open(&s, &e));
    alm__script_text(s.out, "title_text", "it's `id` $(id) \\ \"x\"", 99);
    fflush(s.out);
    cr_assert_str_eq(s.text, "title_text = 'it\u2019s `id` $(id) \\ \"x\"'\n");
    alm__script_free(&s);
}

/* Points written by the series, read back. */
static size_t written(const struct alm__series *s, double (*point)[2], size_t most)
{
    char *text = NULL;
    size_t size = 0, n = 0;
    FILE *out = open_memstream(&text, &size);
    alm__series_write(s, 1, out);
    fclose(out);
    for (char *line = text; *line; line = strchr(line, '\n') + 1)
        if (*line != '\n' && n < most) {
            cr_assert_eq(sscanf(line, "%lf %lf", &point[n][0], &point[n][1]), 2);
            n++;
        }
    free(text);
    return n;
}

Test(figure, thinning_keeps_first_low_high_last)
{
    struct alm_err e = {0};
    struct alm__series s;
    GOOD(alm__series_open(&s, 100, 10, &e));
    struct alm_stream random = alm_stream_open(1, 1, "thin");
    double y[100000], low[10], high[10];
    for (int k = 0; k < 10; k++) {
        low[k] = INFINITY;
        high[k] = -INFINITY;
    }
    for (int i = 0; i < 100000; i++) {
        y[i] = alm_stream_uniform(&random);
        alm__series_add(&s, i * 1e-3, y[i]);
        low[i / 10000] = fmin(low[i / 10000], y[i]);
        high[i / 10000] = fmax(high[i / 10000], y[i]);
    }
    double p[64][2];
    cr_assert_eq(written(&s, p, 64), 40);
    for (int k = 0; k < 10; k++) {
        cr_assert_float_eq(p[4 * k][1], y[10000 * k], 1e-5);
        cr_assert_float_eq(p[4 * k + 3][1], y[10000 * k + 9999], 1e-5);
        cr_assert_float_eq(fmin(p[4 * k + 1][1], p[4 * k + 2][1]), low[k], 1e-5);
        cr_assert_float_eq(fmax(p[4 * k + 1][1], p[4 * k + 2][1]), high[k], 1e-5);
    }
    alm__figure_series_free(&s);
}

/* A step is two points at one x: the order of the two is the whole meaning. */
Test(figure, steps_survive_thinning)
{
    struct alm_err e = {0};
    struct alm__series s;
    GOOD(alm__series_open(&s, 100, 10, &e));
    static const double in[][2] = {{0, 5}, {3, 5}, {3, 1}, {40, 1}, {40, 7}};
    for (int i = 0; i < 5; i++)
        alm__series_add(&s, in[i][0], in[i][1]);
    double p[8][2];
    cr_assert_eq(written(&s, p, 8), 4, "the second of the first column adds nothing to first, low, high, last");
    cr_assert_eq(p[1][0], 3);
    cr_assert_eq(p[1][1], 1);
    cr_assert_eq(p[2][1], 1);
    cr_assert_eq(p[3][1], 7);
    alm__figure_series_free(&s);
}

Test(figure, bands_hold_until_they_change)
{
    struct alm_err e = {0};
    struct alm__band b;
    GOOD(alm__band_open(&b, 100, 100, &e));
    alm__band_add(&b, -5, 1, 2);
    alm__band_add(&b, 50, 3, 4);
    alm__band_add(&b, 60, NAN, NAN);
    alm__band_add(&b, 90, 5, 6);
    cr_assert_eq(alm__band_max(&b), 6);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    alm__band_write(&b, 1, out);
    fclose(out);
    cr_assert_str_eq(text, "-1e30 -1e30 -1e30\n\n0 1 2\n50 1 2\n50 3 4\n60 3 4\n\n\n90 5 6\n100 5 6\n", "%s", text);
    free(text);
    alm__band_free(&b);
}

static void axis_has(alm_time from, alm_time to, const char *const *want)
{
    struct alm_err e = {0};
    struct alm__script s;
    GOOD(alm__script_open(&s, &e));
    alm__script_time_axis(s.out, from, to, 11);
    fflush(s.out);
    for (; *want; want++)
        cr_assert(strstr(s.text, *want), "%s is missing in:\n%s", *want, s.text);
    alm__script_free(&s);
}

Test(figure, time_axes_are_readable)
{
    axis_has(0, 3 * ALM_DAY,
             (const char *const[]){"\"00:00\\nday 0\" 0", "\"12:00\" 43200", "\"00:00\\nday 3\" 259200",
                                   "x_max = 259200", "'Time since the start of the trace'", NULL});
    axis_has(-ALM_DAY, 9 * ALM_DAY, (const char *const[]){"\"day -1\" 0", "\"day 9\" 864000", NULL});
    axis_has(1551398400 * ALM_SECOND, 1553990400 * ALM_SECOND,
             (const char *const[]){"\"1 Mar\" 0", "\"4 Mar\" 259200", "'Time (UTC, 2019)'", NULL});
    axis_has(1709164800 * ALM_SECOND, (1709164800 + 2 * 86400) * ALM_SECOND,
             (const char *const[]){"\"00:00\\n29 Feb\" 0", "\"00:00\\n1 Mar\" 86400", NULL});
    axis_has(1577750400 * ALM_SECOND, 1577923200 * ALM_SECOND,
             (const char *const[]){"'Time (UTC, 2019 to 2020)'", "31 Dec", "1 Jan", NULL});
    axis_has(0, 90 * ALM_SECOND, (const char *const[]){"\"00:00:30\" 30", NULL});
}

Test(figure, instants_are_parsed)
{
    struct alm_err e = {0};
    alm_time t = 5, first = 1551398400 * ALM_SECOND;
    GOOD(alm__parse_instant("3d", 0, &t, &e));
    cr_assert_eq(t, 3 * ALM_DAY);
    GOOD(alm__parse_instant("36h", first, &t, &e));
    cr_assert_eq(t, first + 36 * ALM_HOUR);
    GOOD(alm__parse_instant("300.5", first, &t, &e));
    cr_assert_eq(t, 300500 * ALM_MS);
    GOOD(alm__parse_instant("2019-03-01 06:30", first, &t, &e));
    cr_assert_eq(t, first + 390 * ALM_MINUTE);
    GOOD(alm__parse_instant("2000-02-29T23:59:59Z", first, &t, &e));
    cr_assert_eq(t, 951868799 * ALM_SECOND);
    static const char *const bad[] = {"", "noon", "2019-13-01", "2019-03-01 25:00", "2019-03-01x", "nan"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_eq(alm__parse_instant(bad[i], first, &t, &e), ALM_EINVAL, "%s", bad[i]);
    cr_assert_eq(t, 951868799 * ALM_SECOND, "an output is untouched on failure");
}

Test(figure, labels_keep_apart)
{
    struct alm__label label[12] = {0};
    struct alm__box area = {0, 0, 500, 400};
    for (int i = 0; i < 12; i++) {
        label[i].text = "moving-percentile:95";
        label[i].point = (struct alm__spot){200 + 9 * (i % 4), 200 + 7 * (i / 4)};
    }
    alm__labels_place(label, 12, area);
    for (int i = 0; i < 12; i++) {
        struct alm__box b = label[i].box;
        cr_assert(b.left >= -1 && b.right <= 501 && b.bottom >= -1 && b.top <= 401, "label %d leaves the area", i);
        for (int k = 0; k < i; k++)
            cr_assert_lt(alm__box_overlap(b, label[k].box), 1, "labels %d and %d", i, k);
    }
}

/* Names that would run a command, end a string, or mark up text, wherever a script lets them. */
Test(figure, hostile_names_are_harmless)
{
    if (without_gnuplot())
        return;
    static const char *const evil[] = {"`touch pwned`",
                                       "'''; system(\"touch pwned\") #",
                                       "';system(\"touch pwned\");x='",

                                       "$(touch pwned)",
                                       "'; system 'touch pwned'; '",
                                       "\"; system(\"touch pwned\"); \"",
                                       "x'\n!touch pwned\n'",
                                       "@title_text EOD {/Bold x} %s %d \\n a_b^c",
                                       "</text><script>alert(1)</script>&amp;"};
    struct alm_err e = {0};
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        struct make_run m = small("evil.h5");
        m.name[0] = m.policy = m.trace = evil[i];
        m.metrics = "{\"cpu\":{\"slack_relative\":0.5,\"overrun_time_share\":0.1}}";
        GOOD(make_run(&m, &e));
        struct alm_figure_report report;
        GOOD(draw("evil.h5", (struct alm_figure_options){.output = "e.svg", .unit = {evil[i]}, .keep_script = true},
                  &report, &e));
        cr_assert_neq(access("pwned", F_OK), 0, "%s ran (timeline)", evil[i]);
        cr_assert_not(contains("e.svg", "<script>"));
        GOOD(alm_figure_draw((const char *const[]){"evil.h5", "evil.h5"}, 2,
                             &(struct alm_figure_options){.output = "p.svg"}, &report, &e));
        cr_assert_neq(access("pwned", F_OK), 0, "%s ran (policies)", evil[i]);
        cr_assert_not(contains("p.svg", "<script>"));
    }
    cr_assert(contains("e.gp", "title_text = '</text>"));
}

Test(figure, equal_files_give_equal_pictures)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct make_run m = small("a.h5");
    GOOD(make_run(&m, &e));
    struct alm_figure_report report;
    static const char *const names[][2] = {{"a.svg", "b.svg"}, {"a.png", "b.png"}};
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++)
            GOOD(draw("a.h5", (struct alm_figure_options){.output = names[i][k]}, &report, &e));
        cr_assert(same_files(names[i][0], names[i][1]), "%s", names[i][0]);
    }
    cr_assert(contains("a.svg", "CPU (cores)"));
    cr_assert(contains("a.svg", "OOM kill"));
    cr_assert(contains("a.svg", "moving-max:window=2h on made.h5"));
    GOOD(draw("a.h5", (struct alm_figure_options){.output = "a.pdf"}, &report, &e));
    cr_assert(contains("a.pdf", "%PDF"));
    cr_assert_eq(scratch_files(), 6, "nothing else is left behind");
}

static int add_harm(void *ctx, const struct alm_run_sample *s, struct alm_err *e)
{
    (void)e;
    double *seconds = ctx;
    bool cpu = s->limit[0] >= 0 && s->demand[0] > (double)s->limit[0] / 1000;
    bool memory = s->limit[1] >= 0 && s->demand[1] > (double)s->limit[1];
    seconds[s->unit] += cpu || memory ? alm_seconds(s->span) : 0;
    return ALM_OK;
}

Test(figure, the_unit_with_the_most_harm_is_shown)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct make_run m = small("a.h5");
    m.units = 7;
    GOOD(make_run(&m, &e));
    struct alm_run *run = NULL;
    double seconds[7] = {0};
    GOOD(alm_run_file_open("a.h5", &run, &e));
    GOOD(alm_run_each_sample(run, ALM_RUN_ALL, add_harm, seconds, &e));
    alm_run_file_close(run);
    int most = 0;
    for (int i = 1; i < 7; i++)
        most = seconds[i] > seconds[most] ? i : most;
    cr_assert_gt(most, 0, "else the test cannot tell the worst from the first");
    char want[32];
    snprintf(want, sizeof want, "unit web-%d", most);
    struct alm_figure_report report;
    GOOD(draw("a.h5", (struct alm_figure_options){.output = "a.svg"}, &report, &e));
    cr_assert_str_eq(report.shown, want);
}

Test(figure, a_run_without_samples_still_shows_its_limits)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct make_run m = small("a.h5");
    m.no_samples = true;
    GOOD(make_run(&m, &e));
    struct alm_figure_report report;
    GOOD(draw("a.h5", (struct alm_figure_options){.output = "a.svg"}, &report, &e));
    cr_assert(contains("a.svg", "no samples were recorded"));
}

Test(figure, only_of_what_was_recorded_harm_is_said)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct make_run m = small("a.h5");
    struct alm_figure_options o = {.output = "a.svg", .keep_script = true};
    struct alm_figure_report report;
    GOOD(make_run(&m, &e));
    GOOD(draw("a.h5", o, &report, &e));
    cr_assert(contains("a.gp", "% of the time, memory "));
    m.no_memory = true;
    GOOD(make_run(&m, &e));
    GOOD(draw("a.h5", o, &report, &e));
    cr_assert(contains("a.gp", "% of the time; seed "), "CPU alone");
}

Test(figure, ranges_are_kept)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct make_run m = small("a.h5");
    GOOD(make_run(&m, &e));
    struct alm_figure_report report;
    GOOD(draw("a.h5", (struct alm_figure_options){.output = "a.svg", .from = "11h", .to = "14h", .keep_script = true},
              &report, &e));
    cr_assert_str_eq(report.script, "a.gp");
    cr_assert(contains("a.gp", "x_max = 10800\n"));
    struct alm_figure_options late = {.output = "b.svg", .from = "30d"};
    cr_assert_eq(draw("a.h5", late, &report, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "was seen from 0 s to 86400 s"), "%s", e.text);
    cr_assert_neq(access("b.svg", F_OK), 0);
}

Test(figure, gnuplot_missing_leaves_the_script)
{
    struct alm_err e = {0};
    struct make_run m = small("a.h5");
    GOOD(make_run(&m, &e));
    char *path = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    struct alm_figure_report report;
    int code = draw("a.h5", (struct alm_figure_options){.output = "a.svg"}, &report, &e);
    setenv("PATH", path, 1);
    free(path);
    cr_assert_eq(code, ALM_EIO);
    cr_assert(strstr(e.text, "gnuplot was not found: install it"), "%s", e.text);
    cr_assert_str_eq(report.script, "a.gp");
    cr_assert(contains("a.gp", "$cpu_demand << EOD"));
    cr_assert_neq(access("a.svg", F_OK), 0);
    cr_assert_eq(scratch_files(), 2);
}

Test(figure, a_failing_script_leaves_the_old_picture)
{
    if (without_gnuplot())
        return;
    struct alm_err e = {0};
    struct make_run m = small("a.h5");
    GOOD(make_run(&m, &e));
    cr_assert_eq(system("mkdir plots && touch plots/style.gp && echo 'plot no_such_variable_' >plots/timeline.gp && "
                        "echo old >a.svg"),
                 0);
    setenv("ALMANAC_PLOTS", "plots", 1);
    struct alm_figure_report report;
    cr_assert_eq(draw("a.h5", (struct alm_figure_options){.output = "a.svg"}, &report, &e), ALM_EIO);
    cr_assert(strstr(e.text, "no_such_variable_"), "gnuplot's own words are passed on: %s", e.text);
    cr_assert_str_eq(report.script, "a.gp");
    cr_assert(contains("a.svg", "old\n"));
    cr_assert_eq(scratch_files(), 4);
}

Test(figure, missing_fonts_are_noticed)
{
    if (without_gnuplot())
        return;
    if (system("fc-list >/dev/null 2>&1") != 0) {
        puts("SKIP: fc-list is not installed");
        fflush(stdout);
        return;
    }
    struct alm_err e = {0};
    struct make_run m = small("a.h5");
    GOOD(make_run(&m, &e));
    cr_assert_eq(system("echo '<fontconfig></fontconfig>' >none.conf"), 0);
    char file[64];
    snprintf(file, sizeof file, "%s/none.conf", scratch_folder);
    setenv("FONTCONFIG_FILE", file, 1);
    struct alm_figure_report report;
    cr_assert_eq(draw("a.h5", (struct alm_figure_options){.output = "a.png"}, &report, &e), ALM_EIO);
    cr_assert(strstr(e.text, "no fonts are installed"), "%s", e.text);
    cr_assert_str_eq(report.script, "a.gp");
    cr_assert_neq(access("a.png", F_OK), 0);
}

/* b is better than a in both; c trades; o is an oracle, which dominates nobody. */
Test(figure, dominated_policies_are_told_from_the_others)
{
    if (without_gnuplot())
        return;
    static const struct {
        const char *path, *policy, *metrics;
        bool oracle;
    } runs[] = {
        {"a.h5", "a + envelope",
         "{\"cpu\":{\"slack_relative\":0.5,\"overrun_time_share\":0.2,"
         "\"ci95\":{\"slack_relative\":[0.4,0.6],\"overrun_time_share\":[0.1,0.3]}},"
         "\"memory\":{\"slack_relative\":0.5,\"overrun_time_share\":0.2,\"oom_kills_per_unit_day\":2}}",
         false},
        {"b.h5", "b + envelope",
         "{\"cpu\":{\"slack_relative\":0.4,\"overrun_time_share\":0.1},"
         "\"memory\":{\"slack_relative\":0.6,\"overrun_time_share\":0.2,\"oom_kills_per_unit_day\":0}}",
         false},
        {"c.h5", "c", "{\"cpu\":{\"slack_relative\":0.8,\"overrun_time_share\":0}}", false},
        {"o.h5", "oracle + envelope", "{\"cpu\":{\"slack_relative\":0.01,\"overrun_time_share\":0}}", true},
    };
    struct alm_err e = {0};
    for (int i = 0; i < 4; i++) {
        struct make_run m = small(runs[i].path);
        m.policy = runs[i].policy;
        m.metrics = runs[i].metrics;
        m.oracle = runs[i].oracle;
        m.no_samples = true;
        GOOD(make_run(&m, &e));
    }
    struct alm_figure_report report;
    struct alm_figure_options o = {.output = "p.svg", .keep_script = true};
    GOOD(alm_figure_draw((const char *const[]){"a.h5", "b.h5", "c.h5", "o.h5"}, 4, &o, &report, &e));
    const char *far = "\n-1e30 -1e30 -1e30 -1e30 -1e30 -1e30\n";
    char want[400];
    snprintf(want, sizeof want, "$cpu_dominated << EOD%s50 1.44364 40 60 0.881374 1.81845\nEOD\n", far);
    cr_assert(contains("p.gp", want), "asinh(20/10) = 1.44364, asinh(10/10) = 0.881374, asinh(30/10) = 1.81845");
    snprintf(want, sizeof want, "$cpu_best << EOD%s40 0.881374 40 40 0.881374 0.881374\n80 0 80 80 0 0\nEOD\n", far);
    cr_assert(contains("p.gp", want));
    snprintf(want, sizeof want, "$cpu_oracle << EOD%s1 0 1 1 0 0\nEOD\n", far);
    cr_assert(contains("p.gp", want));
    cr_assert(contains("p.gp", "memory_label = 'OOM kills per unit-day'"));
    cr_assert(contains("p.svg", "predictors with envelope"));
    cr_assert(contains("p.svg", "oracle (sees the future)"));
}

Test(figure, what_makes_no_figure_is_refused)
{
    struct alm_err e = {0};
    struct make_run m = small("a.h5");
    GOOD(make_run(&m, &e));
    struct alm_table *t = NULL;
    GOOD(alm_table_create("t.h5", "trace/1", "a trace", &t, &e));
    GOOD(alm_table_commit(t, &e));
    alm_table_close(t);
    struct alm_figure_report report;
    const char *const mixed[] = {"a.h5", "t.h5"}, *const pair[] = {"a.h5", "a.h5"};
    struct alm_figure_options o = {.output = "x.svg"}, bmp = {.output = "x.bmp"}, nowhere = {.output = "no/x.svg"},
                              nobody = {.output = "x.svg", .unit = {"web-9"}}, part = {.output = "x.svg", .from = "1d"};
    cr_assert_eq(alm_figure_draw(mixed, 2, &o, &report, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "t.h5"), "%s", e.text);
    cr_assert_eq(alm_figure_draw(pair, 2, &part, &report, &e), ALM_EINVAL);
    cr_assert_eq(alm_figure_draw(pair, 2, &o, &report, &e), ALM_EDATA, "metrics are {}: %s", e.text);
    cr_assert_eq(draw("a.h5", bmp, &report, &e), ALM_EINVAL);
    cr_assert_eq(draw("a.h5", nowhere, &report, &e), ALM_EINVAL);
    cr_assert_eq(draw("a.h5", nobody, &report, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "did you mean"), "%s", e.text);
    cr_assert_eq(draw("missing.h5", o, &report, &e), ALM_EDATA);
    cr_assert_eq(scratch_files(), 2);
}
