/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_writers: is every form whole, and are names of any kind harmless in it? */
#include "compare_made.h"

#include "experiments/compare/compare_change.h"
#include "experiments/compare/comparison_write.h"
#include "experiments/compare/gate_write.h"
#include "experiments/compare/safe_text.h"

static struct alm_err e;

/* What names may be: markup, commands, ends of cells, lines and comments, control characters, half a character. */
static const char nasty[] =
    "`touch pwned` <b>&amp;</b> \"x\" 'y' 100% a_b|c\\end{document} $x$ #1 ~^{}\n::error::z,\x1b[31m\xff";

static const char *escaped(enum safe_form form, const char *text, const char *wanted)
{
    char *got = safe_copy(form, text);
    static char why[512];
    snprintf(why, sizeof why, "form %d: %s, not %s", (int)form, got, wanted);
    bool same = strcmp(got, wanted) == 0;
    free(got);
    return same ? NULL : why;
}

Test(safe_text, each_form)
{
    static const struct {
        enum safe_form form;
        const char *text, *wanted;
    } row[] = {
        {SAFE_PLAIN, "a\x1b[31m\n\xc3\xa9\xff", "a?[31m?\xc3\xa9\xef\xbf\xbd"},
        {SAFE_PLAIN, "\xe2\x80\xae", "\xef\xbf\xbd"}, /* text from right to left would turn a line around */
        {SAFE_PLAIN, "\xc0\xaf\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {SAFE_CSV, "a,\"b\"", "\"a,\"\"b\"\"\""},
        {SAFE_CSV, "=1+1", "\"'=1+1\""},
        {SAFE_CSV, "plain", "plain"},
        {SAFE_MARKDOWN, "`a`|<b>*_[", "&#96;a&#96;&#124;&lt;b&gt;\\*\\_\\["},
        {SAFE_LATEX, "50%_a&b\\{", "50\\%\\_a\\&b\\textbackslash{}\\{"},
        {SAFE_XML, "<a b='c'>&\x01\"", "&lt;a b=&#39;c&#39;&gt;&amp;\xef\xbf\xbd&quot;"},
        {SAFE_GITHUB_TITLE, "a%0A,b::c", "a%250A%2Cb%3A%3Ac"},
        {SAFE_GITHUB, "a%0A,b\n::c", "a%250A,b\xef\xbf\xbd::c"},
    };
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        const char *why = escaped(row[k].form, row[k].text, row[k].wanted);
        cr_expect_null(why, "%s", why);
    }
    json_t *text = safe_json("a\xff");
    cr_expect_str_eq(json_string_value(text), "a\xef\xbf\xbd");
    json_decref(text);
    cr_expect_eq(safe_width("\xc3\xa9t\xc3\xa9"), 3);
}

Test(compare_writers, a_change_in_its_unit)
{
    static const struct compare_figure slack = {.name = "cpu.slack_relative", .unit = "share"},
                                       gap = {.name = "cpu.coverage_gap", .unit = "share", .absolute = true},
                                       wait = {.name = "invocations.p99_s", .unit = "s"};
    const struct estimate by = {-0.0716, -0.079, -0.065}, share = {-0.897, -0.951, -0.832}, twelve = {12, 11, 13},
                          open = {0.02, NAN, NAN}, none = {INFINITY, NAN, NAN};
    const struct {
        const struct compare_figure *figure;
        struct estimate difference, relative;
        const char *change, *interval;
        bool points;
    } row[] = {
        {&slack, by, share, "-89.7 %", "[-95.1, -83.2]", false},
        {&gap, by, share, "-7.16 pp", "[-7.9, -6.5]", true},
        {&slack, by, none, "-7.16 pp", "[-7.9, -6.5]", true},
        {&wait, by, none, "-0.0716", "[-0.079, -0.065]", false},
        {&wait, by, twelve, "-0.0716", "[-0.079, -0.065]", false},
        {&gap, open, none, "+2 pp", "", true},
    };
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        struct compare_change got;
        const struct compare_statistics s = {.difference = row[k].difference, .relative = row[k].relative};
        compare_change_of(row[k].figure, &s, &got);
        cr_expect_str_eq(got.change, row[k].change, "%zu: %s", k, got.change);
        cr_expect_str_eq(got.interval, row[k].interval, "%zu: %s", k, got.interval);
        cr_expect_eq(got.points, row[k].points, "%zu", k);
    }
}

static struct made *nasty_made(size_t traces, double factor)
{
    static const char *const policy[] = {nasty, "good", "third"};
    struct made *m = made_new(policy, 3, traces, 1, 8);
    for (size_t i = 0; i < m->source.cells; i++) {
        m->cell[i].command = nasty;
        if (i % traces == 0)
            m->cell[i].trace = nasty;
        for (size_t u = 0; u < 8; u++)
            m->unit[i][MADE_SLACK][u].amount = (1 + 0.01 * (double)(u * 7 % 5) + 0.1 * (double)(i / traces)) * factor;
    }
    return m;
}

static char *written(int (*put)(const struct comparison *c, FILE *out, struct alm_err *e), const struct comparison *c)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(put(c, out, &e), ALM_OK);
    fclose(out);
    return text;
}

static int put_csv(const struct comparison *c, FILE *out, struct alm_err *x)
{
    (void)x;
    comparison_csv(c, out);
    return ALM_OK;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

Test(compare_writers, comparison)
{
    static const size_t metric = MADE_SLACK;
    struct made *m = nasty_made(7, 1);
    struct comparison *c;
    struct comparison_request q = {.baseline = nasty, .metric = &metric, .metrics = 1, .plan = {.draws = 200}};
    cr_assert_eq(comparison_make(&m->source, &q, &c, &e), ALM_OK, "%s", e.text);
    char *text = written(comparison_text, c), *markdown = written(comparison_markdown, c),
         *latex = written(comparison_latex, c), *csv = written(put_csv, c);
    cr_expect(strstr(text, "cpu.slack_relative (share, lower is better)") && strstr(text, "baseline"), "%s", text);
    cr_expect(strstr(text, "7 traces; sign flip"), "%s", text);
    cr_expect(!strchr(text, '\x1b'));
    /* A row of seven cells has eight bars, whatever is in it; four rows and a rule. */
    cr_expect(strstr(markdown, "| rank | policy |") && !strchr(markdown, '`') && !strstr(markdown, "<b>"), "%s",
              markdown);
    cr_expect_eq(count(markdown, "|"), 5 * 8, "%s", markdown);
    cr_expect_eq(count(latex, "\\end{document}"), 0);
    cr_expect(count(latex, "\\toprule") == 1 && count(latex, "\\bottomrule") == 1);
    cr_expect_eq(count(latex, " \\\\\n"), 4, "%s", latex);
    cr_expect_eq(count(csv, "\n"), 4, "%s", csv);
    json_t *json = comparison_json(c);
    cr_assert(json);
    cr_expect_str_eq(json_string_value(json_object_get(json, "schema")), "almanac.compare/1");
    json_decref(json);
    free(text);
    free(markdown);
    free(latex);
    free(csv);
    comparison_free(c);
    made_free(m);
}

static char *gate_written(void (*put)(const struct gate *g, FILE *out), const struct gate *g)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    put(g, out);
    fclose(out);
    return text;
}

Test(compare_writers, gate)
{
    static const size_t metric = MADE_SLACK;
    static const struct compare_tolerance two_percent = {0.02, true};
    struct made *a = nasty_made(7, 1), *b = nasty_made(7, 1.03);
    struct gate *g;
    b->source.cells--;
    struct gate_request q = {.metric = &metric, .metrics = 1, .tolerance = &two_percent, .plan = {.draws = 200}};
    cr_assert_eq(gate_make(&a->source, &b->source, &q, &g, &e), ALM_OK, "%s", e.text);
    cr_expect(g->status == 3 && g->rows == 3 && g->count[GATE_FAILED] == 3 && g->lacks == 1);
    char *text = gate_written(gate_text, g), *markdown = gate_written(gate_markdown, g),
         *junit = gate_written(gate_junit, g), *github = gate_written(gate_github, g);
    cr_expect(strstr(text, "incomplete: 3 failed, 1 missing or failed"), "%s", text);
    cr_expect(strstr(text, "reproduce: ") && !strchr(text, '\x1b'), "%s", text);
    cr_expect(!strchr(markdown, '`') && count(markdown, "|") == 5 * 6, "%s", markdown);
    cr_expect(count(junit, "<testcase ") == 4 && count(junit, "<failure ") == 3 && count(junit, "<error ") == 1, "%s",
              junit);
    cr_expect_eq(count(junit, "<b>"), 0);
    cr_expect(count(github, "::error title=") == 4 && count(github, "\n") == 4, "%s", github);
    json_t *json = gate_json(g), *bench = gate_bench(g);
    cr_assert(json && bench);
    cr_expect_eq(json_integer_value(json_object_get(json, "status")), 3);
    cr_expect_eq(json_array_size(bench), 3);
    json_t *first = json_array_get(bench, 0);
    cr_expect(json_is_string(json_object_get(first, "name")) && json_is_number(json_object_get(first, "value")) &&
              json_is_string(json_object_get(first, "unit")) && json_is_string(json_object_get(first, "range")) &&
              json_is_string(json_object_get(first, "extra")));
    json_decref(json);
    json_decref(bench);
    free(text);
    free(markdown);
    free(junit);
    free(github);
    gate_free(g);
    made_free(a);
    made_free(b);
}
