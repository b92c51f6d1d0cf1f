/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_honesty: are files without the tables of reliability and of days, or with tables that cannot be, refused with a reason; and
 * does the axis of coverage keep its promises? dump_plot.sh draws the pages. */
#include "experiments/figure.h"
#include "experiments/figure_misses.h"
#include "experiments/metrics_tally.h"

#include "make_run.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

TestSuite(figure_honesty, .init = scratch_enter, .fini = scratch_leave);

static void refused(const char *page, const char *why)
{
    const char *file = "a.h5";
    struct alm_figure_report report;
    struct alm_err e = {0};
    struct alm_figure_options o = {.output = "a.svg", .page = page};
    cr_assert_eq(alm_figure_draw(&file, 1, &o, &report, &e), ALM_EDATA, "%s: %s", page, e.text);
    cr_assert(strstr(e.text, why), "%s: not said: %s; but: %s", page, why, e.text);
}

Test(figure_honesty, a_run_of_an_earlier_version)
{
    struct alm_err e = {0};
    const struct make_run m = {.path = "a.h5",
                               .policy = "p",
                               .trace = "t.h5",
                               .metrics = "{}",
                               .units = 2,
                               .days = 1,
                               .interval = 10 * ALM_MINUTE,
                               .margin = 1.1};
    cr_assert_eq(make_run(&m, &e), ALM_OK, "%s", e.text);
    refused("reliability", "earlier version: simulate it again");
    refused("convergence", "earlier version: simulate it again");
}

/* A file with the tables of T and no more. */
static int read_back(const struct metrics_tally *t, struct alm_err *e)
{
    struct alm_table *file;
    struct metrics_tally back = {0};
    cr_assert_eq(alm_table_create("t.h5", "run/1", "a run", &file, e), ALM_OK, "%s", e->text);
    cr_assert_eq(metrics_tally_write(t, file, e), ALM_OK, "%s", e->text);
    cr_assert_eq(alm_table_commit(file, e), ALM_OK, "%s", e->text);
    alm_table_close(file);
    cr_assert_eq(alm_table_open("t.h5", "run/", &file, e), ALM_OK, "%s", e->text);
    int code = metrics_tally_read(file, &back, e);
    alm_table_close(file);
    metrics_tally_free(&back);
    return code;
}

Test(figure_honesty, a_number_that_is_negative)
{
    struct alm_err e = {0};
    struct metrics_tally t = {0};
    t.level[1][3] = (struct metrics_level){.windows = (uint64_t)-5, .covered = 1};
    cr_assert_eq(read_back(&t, &e), ALM_EDATA);
    cr_assert(strstr(e.text, "/reliability") && strstr(e.text, "negative"), "%s", e.text);
}

Test(figure_honesty, more_covered_than_there_is)
{
    struct alm_err e = {0};
    struct metrics_day day[1][2] = {{{.windows = 3, .covered = 3}, {.windows = 1, .covered = 2}}};
    struct metrics_tally t = {.day = day, .days = 1};
    cr_assert_eq(read_back(&t, &e), ALM_EDATA);
    cr_assert(strstr(e.text, "/days has more windows covered"), "%s", e.text);
    day[0][1].covered = 1;
    cr_assert_eq(read_back(&t, &e), ALM_OK, "%s", e.text);
    t.level[0][2] = (struct metrics_level){.windows = 1, .covered = 2};
    cr_assert_eq(read_back(&t, &e), ALM_EDATA);
    cr_assert(strstr(e.text, "/reliability has more windows covered"), "%s", e.text);
}

static void put(struct alm_table *file, const char *path, enum alm_column_type type, const void *value)
{
    struct alm_err e = {0};
    struct alm_column *c;
    char dimension[64];
    snprintf(dimension, sizeof dimension, "%.*s/row", (int)(strchr(path + 1, '/') - path), path);
    const struct alm_column_spec spec = {.path = path, .type = type, .dimension = dimension};
    cr_assert_eq(alm_column_create(file, &spec, &c, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(alm_column_append(c, value, 1, &e), ALM_OK, "%s", e.text);
}

/* One row of /reliability, with STEP of RESOURCE. */
static int read_row(uint8_t resource, uint32_t step, struct alm_err *e)
{
    struct alm_table *file;
    struct metrics_tally t = {0};
    const int64_t one = 1;
    cr_assert_eq(alm_table_create("r.h5", "run/1", "a run", &file, e), ALM_OK, "%s", e->text);
    put(file, "/reliability/resource", ALM_COL_U8, &resource);
    put(file, "/reliability/step", ALM_COL_U32, &step);
    put(file, "/reliability/windows", ALM_COL_I64, &one);
    put(file, "/reliability/covered", ALM_COL_I64, &one);
    put(file, "/reliability/confidence", ALM_COL_I64, &one);
    cr_assert_eq(alm_table_commit(file, e), ALM_OK, "%s", e->text);
    alm_table_close(file);
    cr_assert_eq(alm_table_open("r.h5", "run/", &file, e), ALM_OK, "%s", e->text);
    int code = metrics_tally_read(file, &t, e);
    alm_table_close(file);
    metrics_tally_free(&t);
    return code;
}

Test(figure_honesty, a_row_of_nothing_there_is)
{
    struct alm_err e = {0};
    cr_assert_eq(read_row(2, 0, &e), ALM_EDATA);
    cr_assert_eq(read_row(0, METRICS_LEVELS, &e), ALM_EDATA);
    cr_assert(strstr(e.text, "steps"), "%s", e.text);
    cr_assert_eq(read_row(1, 4, &e), ALM_NOT_YET, "there is no /days");
}

Test(figure_honesty, an_axis_has_room_for_all_that_is_on_it)
{
    static const double share[] = {1, 0.95, 0.999, 0.2, 0, 0.999999};
    struct alm__misses m = {0};
    for (size_t k = 0; k < 6; k++)
        alm__misses_take(&m, share[k]);
    alm__misses_take(&m, NAN);
    alm__misses_close(&m);
    for (size_t k = 0; k < 6; k++) {
        const double at = alm__misses_at(&m, share[k]);
        cr_assert(at > alm__misses_low(&m) && at < alm__misses_high(&m), "%g lies at %g", share[k], at);
    }
    cr_assert_lt(alm__misses_at(&m, 0.9), alm__misses_at(&m, 0.99), "more coverage is further up");
}

/* The labels of an axis around SHARE: how many, and that none lies nearer to another than PITCH. */
static size_t labels(double low, double high)
{
    struct alm__misses m = {0};
    char *text = NULL, *rest;
    size_t size = 0, n = 0;
    FILE *out = open_memstream(&text, &size);
    double before = NAN, at[32];
    alm__misses_take(&m, low);
    alm__misses_take(&m, high);
    alm__misses_close(&m);
    alm__misses_axis(out, &m, "x", 400, 40, false);
    fclose(out);
    for (char *c = strchr(text, '"'); c; c = strchr(c, '"')) {
        c = strchr(c + 1, '"') + 1;
        at[n++] = strtod(c, &rest);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            before = fabs(at[i] - at[k]) / (alm__misses_high(&m) - alm__misses_low(&m)) * 400;
            cr_assert_geq(before, 39.99, "labels are %g pixels apart", before);
        }
    free(text);
    return n;
}

Test(figure_honesty, labels_do_not_cover_one_another)
{
    static const double range[][2] = {{0.95, 0.95}, {0, 1}, {0.93, 0.96}, {0.999, 0.9999}, {1, 1}, {0.5, 0.99}, {0, 0}};
    for (size_t k = 0; k < sizeof range / sizeof *range; k++) {
        const size_t n = labels(range[k][0], range[k][1]);
        cr_assert(n >= 2 && n <= 10, "%g to %g has %zu labels", range[k][0], range[k][1], n);
    }
}
