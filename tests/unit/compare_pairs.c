/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_pairs: are the right things paired, resampled and tested, and are chance findings as rare as stated? */
#include "compare_made.h"

#include "almanac/stream.h"

#include "experiments/compare/compare_pairs.h"
#include "experiments/compare/compare_weight.h"
#include "experiments/compare/comparison.h"

static const char *const two[] = {"base", "new"};
static struct alm_err e;

/* Policy 1 of M against policy 0. */
static struct compare_statistics pairs_of(struct made *m, size_t figure, struct compare_tolerance t, size_t draws)
{
    size_t n = m->traces * m->seeds;
    struct compare_pair *pair = calloc(n, sizeof *pair);
    for (size_t i = 0; i < n; i++)
        pair[i] = (struct compare_pair){i, n + i};
    struct compare_set set = {&m->source, &m->source, pair, n};
    struct compare_plan plan = {.draws = draws, .seed = 5};
    struct compare_statistics s;
    int code = compare_pairs(&set, &figure, 1, &t, &plan, &s, &e);
    cr_assert_eq(code, ALM_OK, "%s", e.text);
    free(pair);
    return s;
}

static const struct compare_tolerance none = {.amount = NAN}, two_percent = {0.02, true};

Test(compare_pairs, traces_count_when_there_are_six)
{
    /* By hand: base 10, new 10 + 1 .. 10 + 8: mean difference 4.5, relative 0.45; all of one sign: p = 2 / 2^8; d_z = 4.5 /
     * sqrt(6). */
    struct made *m = made_new(two, 2, 8, 2, 4);
    for (size_t t = 0; t < 8; t++)
        for (size_t s = 0; s < 2; s++) {
            m->own[made_cell(m, 0, t, s)][MADE_SLACK] = 10;
            m->own[made_cell(m, 1, t, s)][MADE_SLACK] = 11 + (double)t + (s ? 0.5 : -0.5);
        }
    struct compare_statistics s = pairs_of(m, MADE_SLACK, two_percent, 2000);
    cr_expect_eq(s.independent, COMPARE_TRACES);
    cr_expect(s.n == 8 && s.traces == 8 && s.seeds == 2 && s.pairs == 16);
    cr_expect_float_eq(s.base, 10, 1e-12);
    cr_expect_float_eq(s.difference.value, 4.5, 1e-12);
    cr_expect_float_eq(s.relative.value, 0.45, 1e-12);
    cr_expect_float_eq(s.p, 2.0 / 256, 1e-12);
    cr_expect_eq(s.test, COMPARE_WILCOXON);
    cr_expect_eq(s.toward, 1);
    cr_expect_float_eq(s.effect, 4.5 / sqrt(6), 1e-12);
    cr_expect(s.difference.low > 2.5 && s.difference.low < 3.6, "%g", s.difference.low);
    cr_expect(s.difference.high > 5.4 && s.difference.high < 6.5, "%g", s.difference.high);
    cr_expect_float_eq(s.excess.low, s.relative.low - 0.02, 1e-12);
    cr_expect_eq(s.worst, 7 * 2 + 1, "the last trace with the second seed, not %zu", s.worst);
    cr_expect_not(s.identical);
    made_free(m);
}

Test(compare_pairs, units_are_pooled_by_trace)
{
    /* Two traces, one seed, units of very different weight. By hand: trace 0 has amounts 1, 3, 5 of weights 2, 4, 10: 9/16;
     * trace 1 has 2, 2, 2, 2 of weights 4: 1/2. New: the second unit of trace 0 has 3.8 of weight 5: 9.8/17. */
    struct made *m = made_new(two, 2, 2, 1, 4);
    static const struct compare_unit first[4] = {{1, 2}, {3, 4}, {5, 10}, {0, 0}};
    for (size_t p = 0; p < 2; p++)
        for (size_t u = 0; u < 4; u++) {
            m->unit[made_cell(m, p, 0, 0)][MADE_SLACK][u] = first[u];
            m->unit[made_cell(m, p, 1, 0)][MADE_SLACK][u] = (struct compare_unit){2, 4};
        }
    m->unit[made_cell(m, 1, 0, 0)][MADE_SLACK][1] = (struct compare_unit){3.8, 5};
    struct compare_statistics s = pairs_of(m, MADE_SLACK, none, 1000);
    cr_expect_eq(s.independent, COMPARE_UNITS);
    cr_expect_eq(s.n, 7, "the unit of which nothing is known does not count: %zu", s.n);
    cr_expect_float_eq(s.base, (9.0 / 16 + 0.5) / 2, 1e-12);
    cr_expect_float_eq(s.value, (9.8 / 17 + 0.5) / 2, 1e-12);
    cr_expect(isnan(s.excess.low));
    made_free(m);
}

Test(compare_pairs, sums_of_units_are_scaled)
{
    /* Footprints: every resample of equal units must give their sum again, however unevenly traces were drawn. */
    struct made *m = made_new(two, 2, 3, 1, 5);
    for (size_t t = 0; t < 3; t++)
        for (size_t u = 0; u < 5; u++) {
            m->unit[made_cell(m, 0, t, 0)][MADE_FOOTPRINT][u].amount = (double)(t + 1);
            m->unit[made_cell(m, 1, t, 0)][MADE_FOOTPRINT][u].amount = 1.5 * (double)(t + 1);
        }
    struct compare_statistics s = pairs_of(m, MADE_FOOTPRINT, none, 1000);
    cr_expect_eq(s.independent, COMPARE_UNITS);
    cr_expect_float_eq(s.base, 10, 1e-12);
    cr_expect_float_eq(s.difference.low, 5, 1e-9);
    cr_expect_float_eq(s.difference.high, 5, 1e-9);
    made_free(m);
}

Test(compare_pairs, seeds_count_when_nothing_else_can)
{
    struct made *m = made_new(two, 2, 2, 9, 8);
    struct alm_stream x = alm_stream_open(1, 1, "test");
    for (size_t i = 0; i < 18; i++) {
        m->own[i][MADE_P99] = 2 + 0.1 * alm_stream_normal(&x);
        m->own[18 + i][MADE_P99] = m->own[i][MADE_P99] - 0.5 + 0.05 * alm_stream_normal(&x);
    }
    struct compare_statistics s = pairs_of(m, MADE_P99, none, 1000);
    cr_expect_eq(s.independent, COMPARE_SEEDS);
    cr_expect_eq(s.n, 9);
    cr_expect_float_eq(s.p, 2.0 / 512, 1e-12);
    cr_expect_eq(s.toward, -1);
    made_free(m);
}

Test(compare_pairs, few_pairs_prove_nothing)
{
    struct made *m = made_new(two, 2, 5, 1, 1);
    for (size_t t = 0; t < 5; t++)
        m->own[made_cell(m, 1, t, 0)][MADE_P99] = 1000, m->own[made_cell(m, 0, t, 0)][MADE_P99] = 1 + (double)t;
    struct compare_statistics s = pairs_of(m, MADE_P99, two_percent, 1000);
    s.p_adjusted = 0;
    cr_expect(isnan(s.p) && s.n == 5);
    cr_expect_eq(verdict_of(&s, METRICS_LOWER, none), VERDICT_INCONCLUSIVE);
    made_free(m);
}

Test(compare_pairs, equal_to_the_bit_is_same_however_few)
{
    struct made *m = made_new(two, 2, 1, 1, 3);
    struct compare_statistics s = pairs_of(m, MADE_SLACK, two_percent, 1000);
    cr_expect(s.identical);
    cr_expect_eq(verdict_of(&s, METRICS_LOWER, none), VERDICT_SAME);
    /* Two units that change places leave the pool as it was, and are a change. */
    m->unit[0][MADE_SLACK][0].amount = 2;
    m->unit[1][MADE_SLACK][1].amount = 2;
    s = pairs_of(m, MADE_SLACK, two_percent, 1000);
    cr_expect_not(s.identical);
    cr_expect_eq(verdict_of(&s, METRICS_LOWER, none), VERDICT_INCONCLUSIVE);
    made_free(m);
}

Test(compare_pairs, a_base_of_zero_has_no_percentage)
{
    /* Overruns where there were none: no relative interval, yet beyond every tolerance. */
    struct made *m = made_new(two, 2, 8, 1, 1);
    for (size_t t = 0; t < 8; t++) {
        m->own[made_cell(m, 0, t, 0)][MADE_OVERRUN] = 0;
        m->own[made_cell(m, 1, t, 0)][MADE_OVERRUN] = 0.01 * (double)(t + 1);
    }
    struct compare_statistics s = pairs_of(m, MADE_OVERRUN, two_percent, 2000);
    cr_expect(isnan(s.relative.low) && isnan(s.relative.high));
    cr_expect(s.excess.low > 0, "%g", s.excess.low);
    made_free(m);
}

Test(compare_pairs, a_vanished_figure_is_counted)
{
    struct made *m = made_new(two, 2, 8, 1, 1);
    for (size_t t = 0; t < 8; t++)
        m->own[made_cell(m, 0, t, 0)][MADE_P99] = 1;
    struct compare_statistics s = pairs_of(m, MADE_P99, none, 1000);
    cr_expect(s.vanished == 8 && s.pairs == 0 && !s.identical);
    made_free(m);
}

Test(compare_pairs, other_units_are_refused)
{
    struct made *m = made_new(two, 2, 1, 1, 8);
    m->cell[1].units = 7;
    struct compare_pair pair = {0, 1};
    struct compare_set set = {&m->source, &m->source, &pair, 1};
    struct compare_plan plan = {.draws = 100};
    struct compare_statistics s;
    size_t figure = MADE_SLACK;
    cr_expect_eq(compare_pairs(&set, &figure, 1, NULL, &plan, &s, &e), ALM_EDATA);
    cr_expect(strstr(e.text, "7 units"), "%s", e.text);
    made_free(m);
}

/* Chance findings of 400 comparisons of 20 units each whose policies differ by noise alone, at 5 %: the number is binomial, and 36
 * is exceeded in less than 1 of 1000 (mean 20, sd 4.4). A planted shift of 3 %, six times its standard error, is always found. */
Test(compare_pairs, chance_findings_are_rare)
{
    int found = 0, planted = 0;
    for (uint64_t k = 0; k < 400; k++) {
        struct made *m = made_new(two, 2, 1, 1, 20);
        struct alm_stream x = alm_stream_open(77, k, "noise");
        for (size_t u = 0; u < 20; u++) {
            double size = exp(alm_stream_normal(&x)), noise = 0.02 * alm_stream_normal(&x);
            m->unit[0][MADE_SLACK][u] = (struct compare_unit){0.4 * size, size};
            m->unit[1][MADE_SLACK][u] = (struct compare_unit){0.4 * size * (1 + noise), size};
            m->unit[0][MADE_COVERAGE][u] = (struct compare_unit){0.4 * size, size};
            m->unit[1][MADE_COVERAGE][u] = (struct compare_unit){0.4 * size * (0.97 + noise / 4), size};
        }
        struct compare_statistics s = pairs_of(m, MADE_SLACK, none, 500);
        s.p_adjusted = s.p;
        enum verdict v = verdict_of(&s, METRICS_LOWER, none);
        found += v == VERDICT_BETTER || v == VERDICT_WORSE;
        s = pairs_of(m, MADE_COVERAGE, none, 500);
        s.p_adjusted = s.p;
        planted += verdict_of(&s, METRICS_HIGHER, none) == VERDICT_WORSE;
        made_free(m);
    }
    cr_expect(found <= 36, "%d of 400 chance findings", found);
    cr_expect(found >= 3, "%d of 400: the test is not one", found);
    cr_expect_eq(planted, 400, "%d", planted);
}

Test(compare_pairs, many_ties_are_tested_by_signs)
{
    struct made *m = made_new(two, 2, 1, 1, 40);
    for (size_t u = 0; u < 40; u++)
        m->unit[1][MADE_SLACK][u].amount = u < 20 ? 1 : 2;
    struct compare_statistics s = pairs_of(m, MADE_SLACK, none, 500);
    cr_expect_eq(s.test, COMPARE_SIGN_FLIP);
    /* 20 differences of one size and sign: all 2^20 signs, two of them as far out. */
    cr_expect_float_eq(s.p, 2.0 / 1048576, 1e-12);
    made_free(m);
}

/* A row of metrics whose pool is neither the sum nor the weighted mean of its units would be resampled wrongly. */
Test(compare_weight, amounts_pool_as_metrics_do)
{
    size_t rows;
    const struct metrics_row *row = metrics_rows(&rows);
    struct alm_stream x = alm_stream_open(3, 3, "weights");
    struct metrics_unit unit[5] = {0}, pool = {0};
    for (size_t u = 0; u < 5; u++) {
        for (size_t r = 0; r < 2; r++) {
            struct metrics_resource *m = &unit[u].of[r];
            double *real[] = {&m->seconds,  &m->limit,         &m->slack,        &m->overrun,    &m->overrun_seconds,
                              &m->usage,    &m->slack_day_sum, &m->unit_seconds, &m->confidence, &m->pinball,
                              &m->interval, &m->value,         &m->coverage_p};
            uint64_t *whole[] = {&m->slack_days,          &m->limit_changes,    &m->windows,
                                 &m->covered_upper,       &m->covered,          &m->stated,
                                 &m->stated_covered,      &m->tested,           &m->kept,
                                 &m->independence_tested, &m->independence_kept};
            for (size_t k = 0; k < sizeof real / sizeof *real; k++)
                *real[k] = 1 + 1e5 * alm_stream_uniform(&x);
            for (size_t k = 0; k < sizeof whole / sizeof *whole; k++)
                *whole[k] = 1 + alm_stream_below(&x, 100);
        }
        unit[u].oom_kills = alm_stream_below(&x, 9);
        unit[u].oom_days = alm_stream_below(&x, 5);
        unit[u].memory_days = unit[u].oom_days + alm_stream_below(&x, 5) + 1;
        unit[u].throttled_seconds = alm_stream_uniform(&x);
        unit[u].down_seconds = alm_stream_uniform(&x);
        metrics_pool(&pool, &unit[u]);
    }
    for (size_t k = 0; k < rows; k++)
        for (int r = 0; r < 2; r++) {
            if (!(row[k].resource & 1u << r))
                continue;
            double amount = 0, weight = 0;
            for (size_t u = 0; u < 5; u++) {
                struct compare_unit w = compare_weight_of(&row[k], r, &unit[u]);
                amount += w.amount;
                weight += w.weight;
            }
            double value = compare_weight_additive(&row[k]) ? amount : amount / weight;
            cr_expect(fabs(value - row[k].value(&pool, r)) <= 1e-12 * fabs(value), "%s: %g, not %g", row[k].name, value,
                      row[k].value(&pool, r));
        }
}

Test(compare_tolerance, texts)
{
    struct compare_tolerance t;
    cr_expect(compare_tolerance_parse(&made_figures[0], "2%", &t, &e) == 0 && t.relative && t.amount == 0.02);
    cr_expect(compare_tolerance_parse(&made_figures[0], "150%", &t, &e) == 0 && t.relative && t.amount == 1.5);
    cr_expect(compare_tolerance_parse(&made_figures[0], "0", &t, &e) == 0 && !t.relative && t.amount == 0);
    static const char *const wrong[] = {"", "%", "-1%", "-1", "x", "nan", "inf%", "2%%", "2 %x"};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
        cr_expect_eq(compare_tolerance_parse(&made_figures[0], wrong[k], &t, &e), ALM_EINVAL, "%s", wrong[k]);
    const struct compare_figure bytes = {"memory.slack_absolute", "bytes", METRICS_LOWER, true, true, false};
    cr_expect(compare_tolerance_parse(&bytes, "64Mi", &t, &e) == 0 && t.amount == 67108864);
}
