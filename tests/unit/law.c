/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: does a law have the moments, the distribution and the number of uniforms that it promises? Is each missing,
 * foreign or senseless parameter refused with what would be right?
 *
 * Seeds are fixed. Each statistical check has a false-alarm rate of 1e-6: means are within 4.9 standard errors, and
 * sqrt(n) D of Kolmogorov and Smirnov is below 2.69 (2 exp(-2 x^2) = 1e-6). */
#include "traces/synthesis/law_file.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOUND 4.9
#define KOLMOGOROV 2.69
#define DRAWS 20000

struct holder {
    struct alm_law_options seconds, bytes;
};

static const struct alm_opt rows[] = {
    ALM_LAW_ROWS("x", offsetof(struct holder, seconds), ALM_OPT_REAL, "of the test"),
    ALM_LAW_ROWS("b", offsetof(struct holder, bytes), ALM_OPT_BYTES, "of the test"),
    {0},
};

static int try_open(const char *text, struct alm_law *law, struct alm_err *e)
{
    struct holder h = {0};
    ALM_TRY(alm_options_init(rows, &h, e));
    ALM_TRY(alm_options_parse(rows, &h, "test", text, e));
    return text[0] == 'b' ? alm_law_open_file(&h.bytes, ALM_OPT_BYTES, "b", NULL, law, e)
                          : alm_law_open_file(&h.seconds, ALM_OPT_REAL, "x", NULL, law, e);
}

static struct alm_law open_law(const char *text)
{
    struct alm_law law;
    struct alm_err e = {0};
    cr_assert_eq(try_open(text, &law, &e), ALM_OK, "%s: %s", text, e.text);
    return law;
}

/* Moments and P(X <= x) at two places by numeric integration of the densities (Gauss-Legendre, 20000 points), not by the
 * formulas of the code; discrete ones by hand. */
static const struct {
    const char *text;
    double mean, variance, x[2], p[2];
    int uniforms; /* a draw; 0: as many as it needs */
} cases[] = {
    {"x.law=exponential,x.mean=2.5", 2.5, 6.25, {1, 4}, {0.329679953964, 0.798103482005}, 1},
    {"x.law=uniform,x.min=1,x.max=4", 2.5, 0.75, {1.5, 3.25}, {1.0 / 6, 0.75}, 1},
    {"x.law=erlang,x.shape=4,x.mean=2", 2, 1, {1, 3}, {0.142876539501, 0.848796117223}, 4},
    {"x.law=gamma,x.mean=3,x.cv=1.7", 3, 26.01, {0.5, 6}, {0.411842471256, 0.841718504367}, 0},
    {"x.law=gamma,x.mean=3,x.cv=40%", 3, 1.44, {2, 4}, {0.208487666675, 0.812164561319}, 0},
    {"x.law=hyperexponential,x.p=0.9,x.mean1=0.5,x.mean2=5.5", 1, 5.5, {1, 8}, {0.79482295328, 0.976649250809}, 2},
    {"x.law=lognormal,x.mean=0.1,x.cv=1.5", 0.1, 0.0225, {0.02, 0.3}, {0.173705380757, 0.939998483155}, 1},
    {"x.law=weibull,x.shape=0.7,x.scale=2", 2.53164701211, 13.7073422146, {0.5, 5}, {0.315405879827, 0.85030336743}, 1},
    {"x.law=bounded-pareto,x.min=0.5,x.max=100,x.shape=1.5",
     1.39442698721,
     7.9156611626,
     {1, 10},
     {0.646675243632, 0.989169384302},
     1},
    {"x.law=bounded-pareto,x.min=0.5,x.max=100,x.shape=1",
     2.66247103847,
     42.9112479693,
     {1, 10},
     {0.502512562814, 0.954773869347},
     1},
    {"x.law=bounded-pareto,x.min=0.5,x.max=100,x.shape=2",
     0.995024875622,
     1.65915041079,
     {1, 10},
     {0.750018750469, 0.997524938123},
     1},
    {"x.law=normal,x.mean=2,x.cv=0.8", 2.32676073424, 1.79970595408, {1, 4}, {0.179276250691, 0.881869797138}, 0},
};

#define CASES (sizeof cases / sizeof *cases)

static void expect_near(const char *text, const char *what, double got, double want)
{
    cr_expect(fabs(got - want) <= 1e-9 * fabs(want), "%s: %s %.12g, expected %.12g", text, what, got, want);
}

Test(law, moments_and_distribution_function)
{
    for (size_t i = 0; i < CASES; i++) {
        struct alm_law law = open_law(cases[i].text);
        expect_near(cases[i].text, "mean", alm_law_mean(&law), cases[i].mean);
        expect_near(cases[i].text, "variance", alm_law_variance(&law), cases[i].variance);
        for (size_t k = 0; k < 2; k++)
            expect_near(cases[i].text, "probability", alm_law_cdf(&law, cases[i].x[k]), cases[i].p[k]);
        cr_expect(alm_law_cdf(&law, -1) == 0 && fabs(alm_law_cdf(&law, 1e9) - 1) < 1e-12, "%s", cases[i].text);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

Test(law, draws_follow_the_law)
{
    double *x = malloc(DRAWS * sizeof *x);
    for (size_t i = 0; i < CASES; i++) {
        struct alm_law law = open_law(cases[i].text);
        struct alm_stream s = alm_stream_open(1, i, "law");
        double sum = 0, d = 0;
        for (size_t k = 0; k < DRAWS; k++) {
            x[k] = alm_law_draw(&law, &s);
            sum += x[k];
        }
        double error = sqrt(cases[i].variance / DRAWS), mean = sum / DRAWS;
        cr_expect(fabs(mean - cases[i].mean) < BOUND * error, "%s: mean %g", cases[i].text, mean);
        qsort(x, DRAWS, sizeof *x, ascending);
        for (size_t k = 0; k < DRAWS; k++) {
            double p = alm_law_cdf(&law, x[k]);
            d = fmax(d, fmax(p - (double)k / DRAWS, (double)(k + 1) / DRAWS - p));
        }
        cr_expect(sqrt(DRAWS) * d < KOLMOGOROV, "%s: sqrt(n) D = %g", cases[i].text, sqrt(DRAWS) * d);
    }
    free(x);
}

/* Two streams stay together when one law draws and the other only skips as many uniforms. */
Test(law, takes_the_promised_number_of_uniforms)
{
    for (size_t i = 0; i < CASES; i++) {
        struct alm_law law = open_law(cases[i].text);
        struct alm_stream a = alm_stream_open(2, i, "law"), b = a;
        for (int k = 0; k < 100 && cases[i].uniforms; k++) {
            (void)alm_law_draw(&law, &a);
            for (int u = 0; u < cases[i].uniforms; u++)
                (void)alm_stream_uniform(&b);
            cr_assert_eq(alm_stream_u64(&a), alm_stream_u64(&b), "%s: draw %d", cases[i].text, k);
        }
    }
}

/* Frequencies within 4.9 standard errors; the word without weight never comes. */
Test(law, discrete)
{
    struct alm_law law = open_law("x.law=discrete,x.values=1/2/3/7,x.weights=5/3/2/0");
    struct alm_stream s = alm_stream_open(3, 0, "law");
    double seen[8] = {0}, p[4] = {0.5, 0.3, 0.2, 0};
    for (int i = 0; i < DRAWS; i++)
        seen[(size_t)alm_law_draw(&law, &s)]++;
    for (size_t k = 0; k < 3; k++)
        cr_expect(fabs(seen[k + 1] - DRAWS * p[k]) < BOUND * sqrt(DRAWS * p[k] * (1 - p[k])), "%g of %zu", seen[k + 1],
                  k + 1);
    cr_expect(seen[7] == 0);
    expect_near("discrete", "mean", alm_law_mean(&law), 1.7);
    expect_near("discrete", "variance", alm_law_variance(&law), 0.61);
    expect_near("discrete", "probability", alm_law_cdf(&law, 2.5), 0.8);
    struct alm_law even = open_law("x.law=discrete,x.values=0/10");
    expect_near("even", "mean", alm_law_mean(&even), 5);
}

Test(law, deterministic_none_and_bytes)
{
    struct alm_stream s = alm_stream_open(4, 0, "law");
    struct alm_law law = open_law("x.law=deterministic,x.value=1.25");
    cr_expect(alm_law_draw(&law, &s) == 1.25 && alm_law_variance(&law) == 0 && alm_law_cdf(&law, 1.25) == 1);
    law = open_law("x.law=deterministic");
    cr_expect_eq(alm_law_draw(&law, &s), 0);
    law = open_law("x.law=none");
    cr_expect(isnan(alm_law_draw(&law, &s)) && isnan(alm_law_mean(&law)));
    law = open_law("");
    cr_expect_eq(law.kind, ALM_LAW_NONE);
    law = open_law("b.law=uniform,b.min=1Ki,b.max=3Ki");
    expect_near("bytes", "mean", alm_law_mean(&law), 2048);
}

Test(law, default_is_what_the_owner_says)
{
    struct alm_law_options nothing = {0}, own = {.law = ALM_LAW_DETERMINISTIC, .value = {3}};
    struct alm_law_options usual = {.law = ALM_LAW_EXPONENTIAL, .mean = {2}};
    struct alm_law law;
    cr_assert_eq(alm_law_open_file(&nothing, ALM_OPT_BYTES, "x", &usual, &law, NULL), ALM_OK);
    cr_expect(law.kind == ALM_LAW_EXPONENTIAL && law.mean == 2);
    cr_assert_eq(alm_law_open_file(&own, ALM_OPT_REAL, "x", &usual, &law, NULL), ALM_OK);
    cr_expect(law.kind == ALM_LAW_DETERMINISTIC && law.value == 3);
    cr_expect(!alm_law_given(&nothing) && alm_law_given(&own));
}

/* The numbers of an empirical law come from whoever may read files; before that it says so and draws nothing. */
Test(law, empirical_without_its_file)
{
    struct alm_law_options o = {.law = ALM_LAW_EMPIRICAL, .file = "not there.csv"}, nothing = {0};
    struct alm_stream s = alm_stream_open(6, 0, "law");
    struct alm_law law;
    double *number = malloc(2 * sizeof *number);
    cr_assert_not_null(number);
    number[0] = 7;
    number[1] = 5;
    cr_assert_eq(alm_law_open(&o, ALM_OPT_REAL, "x", NULL, &law, NULL), ALM_NOT_YET);
    cr_expect(isnan(alm_law_draw(&law, &s)));
    alm_law_numbers(&law, number, 2);
    for (int i = 0; i < 20; i++) {
        double x = alm_law_draw(&law, &s);
        cr_expect(x == 5 || x == 7);
    }
    expect_near("numbers", "mean", alm_law_mean(&law), 6);
    expect_near("numbers", "probability", alm_law_cdf(&law, 5), 0.5);
    alm_law_close(&law);
    cr_expect_eq(alm_law_open(&nothing, ALM_OPT_REAL, "x", &o, &law, NULL), ALM_NOT_YET);
    o.mean.real = 1;
    cr_expect_eq(alm_law_open(&o, ALM_OPT_REAL, "x", NULL, &law, NULL), ALM_EINVAL);
}

/* As a platform reads {"law": "exponential", "mean": 1}: one key and one value after the other. */
Test(law, by_keys_and_values)
{
    static const char *const pairs[][2] = {
        {"x.law", "hyperexponential"}, {"x.p", "0.5"}, {"x.mean1", "1"}, {"x.mean2", "3"}};
    struct holder h = {0};
    struct alm_law law;
    cr_assert_eq(alm_options_init(rows, &h, NULL), ALM_OK);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        cr_assert_eq(alm_options_set(rows, &h, "platform", pairs[i][0], pairs[i][1], NULL), ALM_OK);
    cr_assert_eq(alm_law_open(&h.seconds, ALM_OPT_REAL, "x", NULL, &law, NULL), ALM_OK);
    cr_expect(law.kind == ALM_LAW_HYPEREXPONENTIAL && law.p == 0.5 && law.mean1 == 1 && law.mean2 == 3);
    struct alm_err e = {0};
    cr_expect_eq(alm_options_set(rows, &h, "platform", "x.maen1", "1", &e), ALM_EINVAL);
    cr_expect_not_null(strstr(e.text, "did you mean `x.mean1`?"), "%s", e.text);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

TestSuite(law_file, .init = scratch_enter, .fini = scratch_leave);

Test(law_file, empirical)
{
    static const char path[] = "gaps.csv";
    char text[256];
    static const struct {
        const char *content, *column;
        double mean, variance;
    } good[] = {
        {"1\n2\n3\n6\n", "", 3, 3.5},
        {"size\n4\n4\n", "", 4, 0},
        {"when,bytes\n1,10\n2,30\n", "x.column=bytes", 20, 100},
        {"1 10\n2 30\n", "x.column=2", 20, 100},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        write_file(path, good[i].content);
        snprintf(text, sizeof text, "x.law=empirical,x.file=%s%s%s", path, good[i].column[0] ? "," : "",
                 good[i].column);
        struct alm_law law = open_law(text);
        expect_near(text, "mean", alm_law_mean(&law), good[i].mean);
        cr_expect(fabs(alm_law_variance(&law) - good[i].variance) < 1e-12);
        alm_law_close(&law);
    }
    write_file(path, "1\n2\n3\n6\n");
    snprintf(text, sizeof text, "x.law=empirical,x.file=%s", path);
    struct alm_law law = open_law(text);
    struct alm_stream s = alm_stream_open(5, 0, "law");
    double seen[7] = {0};
    for (int i = 0; i < DRAWS; i++)
        seen[(size_t)alm_law_draw(&law, &s)]++;
    for (size_t k = 1; k < 7; k += k == 3 ? 3 : 1)
        cr_expect(fabs(seen[k] - DRAWS / 4.0) < BOUND * sqrt(DRAWS * 3.0 / 16), "%g of %zu", seen[k], k);
    expect_near("empirical", "probability", alm_law_cdf(&law, 2), 0.5);
    alm_law_close(&law);

    static const struct {
        const char *content, *column, *want;
    } bad[] = {
        {"1\nx\n", "", ":2: column 1: `x` is not a number"},
        {"1\n-2\n", "", "`-2` is not a number from 0"},
        {"", "", "holds no number"},
        {"size\n", "", "holds no number"},
        {"a,b\n1,2\n", ",x.column=c", "no column `c`; the header has"},
        {"1,2\n", ",x.column=3", "there is no column 3; the row has 2"},
        {"1,2\n3\n", ",x.column=2", ":2: column 2"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct alm_err e = {0};
        write_file(path, bad[i].content);
        snprintf(text, sizeof text, "x.law=empirical,x.file=%s%s", path, bad[i].column);
        cr_expect_eq(try_open(text, &law, &e), ALM_EDATA, "%s", bad[i].content);
        cr_expect_not_null(strstr(e.text, bad[i].want), "%s", e.text);
        cr_expect_not_null(strstr(e.text, "x.file: "), "%s", e.text);
    }
}

Test(law, refused)
{
    static const struct {
        const char *text, *want;
    } bad[] = {
        {"x.mean=2", "x.mean is given, but x.law is default: name the law"},
        {"x.law=none,x.cv=2", "x.cv is given, but x.law is none"},
        {"x.law=exponential", "x.mean is missing or 0: law exponential needs mean"},
        {"x.law=lognormal,x.mean=1", "x.cv is missing or 0: law lognormal needs mean, cv"},
        {"x.law=exponential,x.mean=1,x.shape=2", "x.shape is not a parameter of law exponential, which takes mean"},
        {"x.law=uniform,x.min=3,x.max=2", "x.max=2 must be above x.min=3"},
        {"x.law=erlang,x.shape=1.5,x.mean=1", "whole number"},
        {"x.law=hyperexponential,x.p=1,x.mean1=1,x.mean2=2", "below 1"},
        {"x.law=weibull,x.shape=0.01,x.scale=1", "at least 0.05"},
        {"x.law=bounded-pareto,x.min=1,x.max=2,x.shape=0.01", "at least 0.05"},
        {"x.law=bounded-pareto,x.min=3,x.max=2,x.shape=1", "x.max=2 must be above x.min=3"},
        {"x.law=normal,x.mean=1,x.cv=1e-9", "x.cv=1e-09 must be from 1e-6"},
        {"x.law=discrete,x.values=1/2,x.weights=1", "each value has one weight"},
        {"x.law=discrete,x.values=1/2,x.weights=0/0", "all 0"},
        {"x.law=exponential,x.mean=-1", "out of range"},
        {"x.law=exponental,x.mean=1", "is not one of"},
        {"b.law=exponential,b.mean=1x", "is not an amount of bytes"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct alm_law law;
        struct alm_err e = {0};
        cr_expect_eq(try_open(bad[i].text, &law, &e), ALM_EINVAL, "%s", bad[i].text);
        cr_expect_not_null(strstr(e.text, bad[i].want), "%s: %s", bad[i].text, e.text);
    }
}

Test(law, the_words_of_the_options_are_the_laws)
{
    static const char *const words[] = {
#define X(id, word, needs, may) word,
        ALM_LAW_LIST(X)
#undef X
    };
    char joined[300] = "";
    for (size_t i = 0; i < ALM_LAW_KINDS; i++) {
        strcat(joined, i ? "|" : "");
        strcat(joined, words[i]);
    }
    cr_expect_str_eq(joined, ALM_LAW_CHOICES);
    cr_expect_eq(sizeof rows / sizeof *rows, 2 * ALM_LAW_OPTIONS + 1);
}

Test(law, as_json)
{
    static const struct {
        const char *text, *want;
    } good[] = {
        {"", "null"},
        {"x.law=exponential,x.mean=0.5", "{\"law\": \"exponential\", \"mean\": 0.5}"},
        {"x.law=deterministic", "{\"law\": \"deterministic\", \"value\": 0}"},
        {"x.law=discrete,x.values=1/2.5,x.weights=1/3",
         "{\"law\": \"discrete\", \"values\": [1, 2.5], \"weights\": [1, 3]}"},
        {"x.law=empirical,x.file=a.csv", "{\"law\": \"empirical\", \"file\": \"a.csv\"}"},
    };
    char out[200];
    struct alm_err e = {0};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct holder h = {0};
        cr_assert_eq(alm_options_init(rows, &h, &e), ALM_OK);
        cr_assert_eq(alm_options_parse(rows, &h, "test", good[i].text, &e), ALM_OK);
        cr_assert_eq(alm_law_json(&h.seconds, out, sizeof out, &e), ALM_OK, "%s", e.text);
        cr_expect_str_eq(out, good[i].want);
        cr_expect_eq(alm_law_json(&h.seconds, out, 4, &e), good[i].text[0] ? ALM_EINVAL : ALM_OK);
    }
    struct alm_law_options quoted = {.law = ALM_LAW_EMPIRICAL, .file = "a\"b"};
    cr_expect_eq(alm_law_json(&quoted, out, sizeof out, &e), ALM_EINVAL);
}
