/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_page: does the page say what the numbers say, and are names of any kind harmless in it?
 *
 * Meaning.  p of Wilcoxon's exact test with all n pairs on one side is 2^(1-n): 8 pairs 0.0078, 7 pairs 0.0156; Holm multiplies
 *           equal p by the number of tests: by 4, 0.0625. */
#include "compare_made.h"
#include "scratch.h"

#include "experiments/report/report.h"

#include <jansson.h>
#include <unistd.h>

static struct alm_err e;

static const char nasty[] = "`touch pwned` </script><b>x</b> \"y\" 'z' &amp; $(touch pwned)\n\x1b\xff";

/* Slack and harm of each unit of each cell of POLICY: a little different in every trace, so that nothing is tied. */
static void set_policy(struct made *m, size_t policy, double slack, double harm)
{
    for (size_t t = 0; t < m->traces; t++)
        for (size_t u = 0; u < m->units; u++) {
            size_t cell = made_cell(m, policy, t, 0);
            m->unit[cell][MADE_SLACK][u].amount = slack * (1 + 0.01 * (double)t);
            m->unit[cell][MADE_OVERRUN][u].amount = harm * (1 + 0.01 * (double)t);
        }
}

/* The page of M, of one metric: to be freed. */
static char *page_of(struct made *m, const char *baseline, bool figures)
{
    static const size_t metric[] = {MADE_SLACK};
    static const struct compare_tolerance none[] = {{NAN, false}};
    struct comparison_request r = {
        .baseline = baseline, .metric = metric, .metrics = 1, .tolerance = none, .plan = {.draws = 1000, .seed = 1}};
    struct comparison *of, *trade;
    cr_assert_eq(comparison_make(&m->source, &r, &of, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(results_trade_make(of, &r.plan, &trade, &e), ALM_OK, "%s", e.text);
    struct report_request q = {
        .of = of, .trade = trade, .title = nasty, .spec_text = nasty, .version = nasty, .figures = figures};
    cr_assert_eq(report_write(&q, "page.html", &e), ALM_OK, "%s", e.text);
    comparison_free(trade);
    comparison_free(of);
    FILE *f = fopen("page.html", "re");
    cr_assert(f);
    char *text = calloc(1, 4000000);
    cr_assert(text && fread(text, 1, 3999999, f) > 0);
    fclose(f);
    return text;
}

static void expect_said(const char *page, const char *text)
{
    cr_expect(strstr(page, text) != NULL, "not said: %s", text);
}

static size_t times(const char *page, const char *text)
{
    size_t n = 0;
    for (const char *at = strstr(page, text); at; at = strstr(at + 1, text))
        n++;
    return n;
}

static struct made *four(size_t traces, double baseline_harm)
{
    static const char *const policy[] = {"static", "half", "third", "more", "most"};
    struct made *m = made_new(policy, 5, traces, 1, 1);
    static const double slack[] = {0.8, 0.4, 0.5, 0.6, 0.7};
    for (size_t k = 0; k < 5; k++)
        set_policy(m, k, slack[k], k ? 0.02 : baseline_harm);
    return m;
}

Test(report_page, settled_with_its_price)
{
    static const char *const policy[] = {"static", "half"};
    scratch_enter();
    struct made *m = made_new(policy, 2, 8, 1, 1);
    set_policy(m, 0, 0.8, 0.02);
    set_policy(m, 1, 0.4, 0.04);
    char *page = page_of(m, "static", false);
    expect_said(page,
                "<b>half</b> has the lowest <code>cpu.slack_relative</code>: 41.4\u00a0% against 82.8\u00a0% of the "
                "baseline <b>static</b>, -50\u00a0%");
    expect_said(page, "That is settled");
    expect_said(page, "over 8 traces");
    expect_said(page, "(p 0.0078)");
    expect_said(page,
                "That has a price: demand is above the CPU limit in 4.14\u00a0% of the time, against 2.07\u00a0%");
    expect_said(page, "No policy here is above the CPU limit as seldom as the baseline");
    expect_said(page, "8 traces, 8 units, 1 seed; 16 cells: 16 done, 0 failed, 0 absent.");
    free(page);
    made_free(m);
    scratch_leave();
}

/* Half the slack for twice the harm says little; who has no more harm than the baseline is named too, unless it is the best. */
Test(report_page, the_least_slack_at_no_more_harm)
{
    static const char *const policy[] = {"static", "half", "third", "tenth"};
    scratch_enter();
    struct made *m = made_new(policy, 4, 8, 1, 1);
    set_policy(m, 0, 0.8, 0.02);
    set_policy(m, 1, 0.4, 0.04);
    set_policy(m, 2, 0.6, 0.01);
    set_policy(m, 3, 0.7, 0.01);
    char *page = page_of(m, "static", false);
    expect_said(page, "<b>half</b> has the lowest");
    expect_said(page, "no more often than the baseline, in the mean, <b>third</b> has the least: ");
    free(page);
    set_policy(m, 1, 0.4, 0.01);
    page = page_of(m, "static", false);
    cr_expect_eq(times(page, "no more often than the baseline"), 0);
    free(page);
    made_free(m);
    scratch_leave();
}

Test(report_page, out_of_reach_is_said_with_its_reason)
{
    scratch_enter();
    struct made *m = four(7, 0.01);
    char *page = page_of(m, "static", false);
    expect_said(page, "Whether it is better is not settled");
    expect_said(page, "7 traces cannot give a p below 0.016, which is 0.062 after adjustment for 4 tests at once");
    cr_expect_eq(times(page, "That is settled"), 0);
    free(page);
    made_free(m);
    scratch_leave();
}

Test(report_page, few_pairs_and_dominated)
{
    scratch_enter();
    struct made *m = four(5, 0.03);
    char *page = page_of(m, "static", false);
    expect_said(page, "there are only 5 independent units, and 6 are the least for a verdict");
    expect_said(page, "4 of 5 are dominated");
    expect_said(page, "What that costs is not settled"); /* one unit a trace: every resample lacks a trace */
    free(page);
    made_free(m);
    scratch_leave();
}

/* The embedded JSON of PAGE, parsed. */
static json_t *data_of(const char *page)
{
    static const char begin[] = "<script type=\"application/json\" id=\"data\">";
    const char *from = strstr(page, begin);
    cr_assert(from);
    from += strlen(begin);
    const char *to = strstr(from, "</script>");
    cr_assert(to);
    json_error_t why;
    json_t *data = json_loadb(from, (size_t)(to - from), 0, &why);
    cr_assert(data, "%s", why.text);
    return data;
}

/* FIGURES needs gnuplot. */
static void nasty_page(bool figures)
{
    static const char *const policy[] = {nasty, "good"};
    scratch_enter();
    struct made *m = made_new(policy, 2, 8, 1, 2);
    set_policy(m, 0, 0.8, 0.02);
    set_policy(m, 1, 0.4, 0.04);
    for (size_t i = 0; i < m->source.cells; i++)
        m->cell[i].command = nasty;
    m->cell[3].trace = m->cell[11].trace = nasty;
    m->cell[15].done = false;
    m->cell[15].reason = nasty;
    char *page = page_of(m, nasty, figures);
    cr_expect_eq(times(page, "<b>x</b>"), 0);
    cr_expect_eq(times(page, "</script>"), 2, "the data and the sorting, no other");
    cr_expect_eq(times(page, "<script"), 2);
    cr_expect_eq(times(page, "http:") + times(page, "https:") + times(page, " src=") + times(page, "@import"), 0);
    cr_expect_eq(access("pwned", F_OK), -1, "a name was run");
    cr_expect_eq(times(page, "</html>"), 1);
    expect_said(page, "&lt;b&gt;x&lt;/b&gt;");
    json_t *data = data_of(page);
    json_t *cells = json_object_get(data, "cells");
    cr_expect_eq(json_array_size(cells), 16);
    const char *name = json_string_value(json_object_get(json_array_get(cells, 3), "trace"));
    cr_expect(name && strncmp(name, "`touch pwned` </script><b>x</b>", 31) == 0);
    json_decref(data);
    cr_expect_eq(times(page, "<figure"), figures ? 3 : 0, "curves, differences, traces");
    free(page);
    made_free(m);
    scratch_leave();
}

Test(report_page, nasty_names_are_harmless)
{
    nasty_page(false);
}

Test(report_page, nasty_names_are_harmless_in_figures)
{
    if (system("gnuplot --version >/dev/null 2>&1") != 0) {
        printf("SKIP: no gnuplot here\n");
        return;
    }
    nasty_page(true);
}

Test(report_page, a_page_that_cannot_be_written_leaves_nothing)
{
    scratch_enter();
    struct made *m = four(7, 0.01);
    static const size_t metric[] = {MADE_SLACK};
    static const struct compare_tolerance none[] = {{NAN, false}};
    struct comparison_request r = {
        .baseline = "static", .metric = metric, .metrics = 1, .tolerance = none, .plan = {.draws = 1000, .seed = 1}};
    struct comparison *of, *trade;
    cr_assert_eq(comparison_make(&m->source, &r, &of, &e), ALM_OK);
    cr_assert_eq(results_trade_make(of, &r.plan, &trade, &e), ALM_OK);
    struct report_request q = {.of = of, .trade = trade, .figures = false};
    cr_expect_lt(report_write(&q, "no/such/folder/page.html", &e), 0);
    char *path = getenv("PATH"), *kept = strdup(path ? path : "");
    setenv("PATH", "/nowhere", 1);
    q.figures = true;
    cr_expect_eq(report_write(&q, "page.html", &e), ALM_EIO);
    cr_expect(strstr(e.text, "gnuplot"), "%s", e.text);
    setenv("PATH", kept, 1);
    cr_expect_eq(scratch_files(), 0, "a part of the page was left");
    free(kept);
    comparison_free(trade);
    comparison_free(of);
    made_free(m);
    scratch_leave();
}
