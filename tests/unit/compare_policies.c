/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_policies: are groups, ranks, verdicts, dominance and regret what can be worked out by hand? */
#include "compare_made.h"

#include "almanac/stream.h"

#include "experiments/compare/comparison.h"

static struct alm_err e;
static const size_t metrics[] = {MADE_SLACK, MADE_OVERRUN};

static struct comparison *compare(const struct made *m, const char *baseline, size_t count)
{
    struct comparison *c = NULL;
    struct comparison_request q = {
        .baseline = baseline, .metric = metrics, .metrics = count, .plan = {.draws = 500, .seed = 1}};
    int code = comparison_make(&m->source, &q, &c, &e);
    cr_assert_eq(code, ALM_OK, "%s", e.text);
    return c;
}

static void set(struct made *m, size_t policy, enum made_figure f, const double *by_trace)
{
    for (size_t t = 0; t < m->traces; t++)
        for (size_t s = 0; s < m->seeds; s++)
            m->own[made_cell(m, policy, t, s)][f] = by_trace[t];
}

Test(compare_policies, verdicts_and_holm)
{
    /* Ten traces. `good` is better on all: p = 2 / 1024; `mixed` wins some, loses some. In overrun `good` is equal everywhere
     * (p 1), and `mixed` loses nine times by little and wins once by most: 43 sets of ranks sum up to 10 or less, so p = 86 /
     * 1024. Holm: of four the smallest is multiplied by four, the next by three. */
    static const char *const policy[] = {"base", "good", "mixed"};
    static const double base[10] = {.5, .52, .54, .56, .58, .6, .62, .64, .66, .68},
                        good[10] = {.4, .41, .42, .43, .44, .45, .46, .47, .48, .49},
                        mixed[10] = {.51, .515, .55, .55, .595, .59, .63, .625, .68, .66};
    struct made *m = made_new(policy, 3, 10, 1, 1);
    set(m, 0, MADE_SLACK, base);
    set(m, 1, MADE_SLACK, good);
    set(m, 2, MADE_SLACK, mixed);
    static const double overrun[10] = {1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07, 1.08, 1.09, 0.9};
    set(m, 2, MADE_OVERRUN, overrun);
    struct comparison *c = compare(m, "base", 2);
    cr_assert(c->groups == 1 && c->group[0].rows == 3);
    const struct comparison_row *row = c->group[0].row;
    cr_expect_eq(c->group[0].tests, 4);
    cr_expect_float_eq(row[1].of[0].p, 2.0 / 1024, 1e-12);
    cr_expect_float_eq(row[1].of[0].p_adjusted, 8.0 / 1024, 1e-12);
    cr_expect_float_eq(row[2].of[1].p, 86.0 / 1024, 1e-12);
    cr_expect_float_eq(row[2].of[1].p_adjusted, 3 * 86.0 / 1024, 1e-12);
    cr_expect_eq(row[1].verdict[0], VERDICT_BETTER);
    cr_expect_eq(row[1].verdict[1], VERDICT_SAME);
    cr_expect_eq(row[2].verdict[0], VERDICT_INCONCLUSIVE);
    cr_expect_eq(row[0].verdict[0], VERDICT_NONE);
    cr_expect(row[1].rank == 1 && row[0].rank == 2 && row[2].rank == 3, "%zu %zu %zu", row[0].rank, row[1].rank,
              row[2].rank);
    comparison_free(c);
    made_free(m);
}

Test(compare_policies, a_better_side_may_be_up)
{
    static const char *const policy[] = {"base", "up"};
    struct made *m = made_new(policy, 2, 8, 1, 1);
    for (size_t t = 0; t < 8; t++) {
        m->own[t][MADE_COVERAGE] = 0.9;
        m->own[8 + t][MADE_COVERAGE] = 0.91 + 0.001 * (double)t;
    }
    static const size_t coverage = MADE_COVERAGE;
    struct comparison *c;
    struct comparison_request q = {.baseline = "base", .metric = &coverage, .metrics = 1, .plan = {.draws = 500}};
    cr_assert_eq(comparison_make(&m->source, &q, &c, &e), ALM_OK);
    cr_expect_eq(c->group[0].row[1].verdict[0], VERDICT_BETTER);
    cr_expect_eq(c->group[0].row[1].rank, 1);
    comparison_free(c);
    made_free(m);
}

Test(compare_policies, oracles_win_nothing)
{
    static const char *const policy[] = {"base", "seer", "other", "third"};
    struct made *m = made_new(policy, 4, 6, 1, 1);
    for (size_t t = 0; t < 6; t++)
        for (size_t p = 0; p < 4; p++) {
            m->cell[made_cell(m, p, t, 0)].oracle = p == 1;
            m->own[made_cell(m, p, t, 0)][MADE_SLACK] = (double[]){.4, .1, .5, .6}[p] + 0.01 * (double)t;
        }
    struct comparison *c = compare(m, "base", 1);
    const struct comparison_group *g = &c->group[0];
    cr_expect(g->row[1].oracle && g->row[1].rank == 0);
    cr_expect(g->row[0].rank == 1 && g->row[2].rank == 2 && g->row[3].rank == 3);
    /* Ranks 1, 2, 3 on all of six traces, without the oracle. Nemenyi's distance for three policies and six traces at 5 %:
     * 2.3437 sqrt(3 4 / (6 6)) = 1.3531, so neighbours do not differ, and first and third do. Friedman's statistic is 12. */
    const struct comparison_ranks *r = &g->ranks[0];
    cr_assert(r->any && r->traces == 6);
    cr_expect_float_eq(r->test.statistic, 12, 1e-9);
    cr_expect_float_eq(r->test.critical_difference, 1.3531, 1e-3);
    cr_expect(r->mean[0] == 1 && isnan(r->mean[1]) && r->mean[2] == 2 && r->mean[3] == 3);
    cr_expect_eq(r->groups, 2);
    cr_expect(r->group[0] == 1 && r->group[2] == 3 && r->group[3] == 2 && r->group[1] == 0);
    comparison_free(c);
    made_free(m);
}

Test(compare_policies, slack_against_harm)
{
    /* Points by hand: base (.5, .02), thrifty (.3, .05), poor (.6, .03) which base dominates, oracle (.2, .04). */
    static const char *const policy[] = {"base", "thrifty", "poor", "seer"};
    static const double point[4][2] = {{.5, .02}, {.3, .05}, {.6, .03}, {.2, .04}};
    struct made *m = made_new(policy, 4, 2, 1, 1);
    for (size_t p = 0; p < 4; p++)
        for (size_t t = 0; t < 2; t++) {
            m->cell[made_cell(m, p, t, 0)].oracle = p == 3;
            m->own[made_cell(m, p, t, 0)][MADE_SLACK] = point[p][0];
            m->own[made_cell(m, p, t, 0)][MADE_OVERRUN] = point[p][1];
        }
    struct comparison *c = compare(m, "base", 1);
    const struct comparison_row *row = c->group[0].row;
    cr_expect(!row[0].dominated[0] && !row[1].dominated[0] && row[2].dominated[0] && !row[3].dominated[0]);
    cr_expect(isnan(row[0].regret[0]) && isnan(row[2].regret[0]), "no oracle does as little harm");
    cr_expect_float_eq(row[1].regret[0], 0.1, 1e-12);
    cr_expect(isnan(row[1].point[1].slack), "no memory was made");
    comparison_free(c);
    made_free(m);
}

/* Two levels of a margin for both policies, one factor of `new` alone. */
Test(compare_policies, factors_make_groups_and_rows)
{
    static const char *const policy[] = {"base", "new"};
    static const char *const value[2] = {"5%", "10%"}, *const window[2] = {"1h", "2h"};
    static const char *const names[] = {"allocator.margin", "profiler.window"};
    static const char *factor[24][2];
    struct made *m = made_new(policy, 2, 1, 12, 1);
    m->source.factors = 2;
    m->source.factor = names;
    for (size_t i = 0; i < 24; i++) {
        /* base: 2 margins of 6 seeds; new: 2 margins and 2 windows of 3 seeds. */
        bool mine = i >= 12;
        m->cell[i].seed = (int64_t)(mine ? i % 3 : i % 6);
        factor[i][0] = value[i % 12 >= 6];
        factor[i][1] = mine ? window[i / 3 % 2] : "";
        m->cell[i].factor = factor[i];
        m->own[i][MADE_SLACK] = (double)(i % 12 >= 6) + (mine ? 2 + (double)(i / 3 % 2) : 1);
        m->own[i][MADE_OVERRUN] = 1 / m->own[i][MADE_SLACK];
    }
    m->cell[23].done = false;
    struct comparison *c = compare(m, "base", 1);
    cr_assert_eq(c->groups, 2);
    cr_expect_str_eq(c->group[1].name, "allocator.margin=10%");
    cr_assert_eq(c->group[1].rows, 3);
    const struct comparison_row *row = c->group[1].row;
    cr_expect_str_eq(row[1].name, "new, profiler.window=1h");
    cr_expect(row[1].pairs == 3 && row[1].missing == 3, "%zu %zu", row[1].pairs, row[1].missing);
    cr_expect(row[2].pairs == 2 && row[2].missing == 4 && c->failed == 1);
    cr_expect(row[0].of[0].value == 2 && row[1].of[0].value == 3 && row[2].of[0].value == 4);
    comparison_free(c);
    made_free(m);
}

/* Two margins make curves: base (slack 4, harm .1), (2, .3), new (3, .1), (1, .3): one less at every harm. */
Test(compare_policies, curves_have_an_area_between_them)
{
    static const char *const policy[] = {"base", "new"}, *const names[] = {"allocator.margin"};
    static const char *margin[2] = {"10%", "5%"}, *const * factor[2] = {&margin[0], &margin[1]};
    struct made *m = made_new(policy, 2, 1, 2, 1);
    m->source.factors = 1;
    m->source.factor = names;
    for (size_t i = 0; i < 4; i++) {
        m->cell[i].seed = 1;
        m->cell[i].factor = factor[i % 2];
        m->own[i][MADE_SLACK] = (i % 2 ? 2 : 4) - (double)(i / 2);
        m->own[i][MADE_OVERRUN] = i % 2 ? 0.3 : 0.1;
    }
    struct comparison *c = compare(m, "base", 1);
    cr_assert_eq(c->areas, 1);
    cr_expect_str_eq(c->area[0].policy, "new");
    cr_expect_float_eq(c->area[0].area[0], -1, 1e-12);
    cr_expect(isnan(c->area[0].area[1]));
    cr_expect(c->group[0].row[0].dominated[0] && !c->group[0].row[1].dominated[0]);
    comparison_free(c);
    made_free(m);
}

Test(compare_policies, an_unknown_baseline_is_told)
{
    static const char *const policy[] = {"base", "new"};
    struct made *m = made_new(policy, 2, 1, 1, 1);
    struct comparison *c;
    struct comparison_request q = {.baseline = "old", .metric = metrics, .metrics = 1};
    cr_expect_eq(comparison_make(&m->source, &q, &c, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "base, new"), "%s", e.text);
    made_free(m);
}

/* Twelve policies that are the baseline plus noise, on eight traces, 60 times: with Holm over 22 tests a whole experiment finds
 * anything by chance in at most 5 %: 60 of them find more than 9 in less than 1 of 1000. */
Test(compare_policies, experiments_without_an_effect_find_none)
{
    static const char *const policy[] = {"base", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"};
    int experiments = 0;
    for (uint64_t k = 0; k < 60; k++) {
        struct made *m = made_new(policy, 12, 12, 1, 1);
        struct alm_stream x = alm_stream_open(9, k, "noise");
        for (size_t i = 0; i < m->source.cells; i++)
            for (size_t f = 0; f < 2; f++)
                m->own[i][f] = 0.5 + 0.05 * (double)(i % 12) + 0.02 * alm_stream_normal(&x);
        struct comparison *c = compare(m, "base", 2);
        bool any = false;
        for (size_t r = 1; r < 12; r++)
            for (size_t f = 0; f < 2; f++)
                any = any || c->group[0].row[r].verdict[f] != VERDICT_INCONCLUSIVE;
        experiments += any;
        comparison_free(c);
        made_free(m);
    }
    cr_expect(experiments <= 9, "%d of 60 experiments found something", experiments);
}
