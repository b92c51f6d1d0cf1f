/* SPDX-License-Identifier: GPL-3.0-or-later
 * Is exponential smoothing the model it says: recursion, admissible parameters, forecasts and their variance, missing values?
 * Numbers of the recursion and of the variance by matrices were computed apart, from the textbook's equations. Simulations are at
 * fixed seeds with bounds of 4.5 standard errors: of all comparisons together a false alarm in about 1 of 1000 seeds. */
#include "almanac/stream.h"

#include "models/series/ets.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define N 7
#define STATES (ETS_SEASON + 12)

static void near(const char *what, double got, double expected, double tolerance)
{
    cr_expect(fabs(got - expected) <= tolerance * fmax(1, fabs(expected)) || (isnan(got) && isnan(expected)),
              "%s: %.17g, expected %.17g", what, got, expected);
}

struct told {
    struct ets_form form;
    double phi, e[N], last[4];
};

static const struct told told[] = {
    {{ETS_ADDITIVE, ETS_ADDITIVE, ETS_ADDITIVE, false, 2},
     1,
     {-0.75, 2.4125, -1.614375, NAN, -0.329468749999998, 0.400301562499999, -2.751076796875},
     {8.824107015625, 0.35518215234375, -0.861230136718749, 0.203200390625}},
    {{ETS_ADDITIVE, ETS_ADDITIVE, ETS_ADDITIVE, true, 2},
     0.9,
     {-0.675, 2.578625, -1.346926875, NAN, 0.2340856309375, 1.01342928654219, -2.36633453168554},
     {8.36676103002695, 0.211058484873645, -0.53854394393701, 0.398013571635546}},
    {{ETS_MULTIPLICATIVE, ETS_ADDITIVE, ETS_NONE, true, 1},
     0.85,
     {-0.0267639902676399, 0.337650973419761, -0.11362301484933, NAN, 0.0495732990500008, 0.162846651718137,
      -0.239813039722783},
     {8.32495664812297, 0.175257793404962}},
    {{ETS_MULTIPLICATIVE, ETS_ADDITIVE, ETS_ADDITIVE, true, 2},
     0.9,
     {-0.118942731277533, 0.523964339234462, -0.17729891272647, NAN, 0.0301427005002836, 0.119415641577712,
      -0.252642538410349},
     {8.36676103002695, 0.211058484873645, -0.53854394393701, 0.398013571635546}},
    {{ETS_MULTIPLICATIVE, ETS_ADDITIVE, ETS_MULTIPLICATIVE, true, 2},
     0.95,
     {-0.127970350991934, 0.507612673060658, -0.227927346976368, NAN, -0.0275045754991718, 0.0811240894960513,
      -0.267201722404233},
     {8.55516204399647, 0.249887179515788, 0.930613545715447, 1.03478212497069}},
};

Test(ets, recursion_is_the_textbooks)
{
    const double y[N] = {5, 7.5, 6.25, NAN, 8, 9.5, 7};
    for (size_t k = 0; k < sizeof told / sizeof told[0]; k++) {
        const struct told *t = &told[k];
        const struct ets_parameters p = {0.4, 0.15, t->form.season ? 0.25 : 0, t->phi};
        double state[4] = {4.5, 0.75, 0, 0}, e[N], squares = 0, logs = 0;
        struct ets_sums sums;
        if (t->form.season != ETS_NONE) {
            state[2] = t->form.season == ETS_ADDITIVE ? 0.5 : 1.1;
            state[3] = t->form.season == ETS_ADDITIVE ? -0.5 : 0.9;
        }
        cr_assert(ets_run(&t->form, &p, state, y, N, e, &sums));
        for (size_t i = 0; i < N; i++) {
            near("error", e[i], t->e[i], 1e-13);
            if (isnan(t->e[i]))
                continue;
            squares += t->e[i] * t->e[i];
            logs += t->form.error == ETS_MULTIPLICATIVE ? log(y[i] / (1 + t->e[i])) : 0;
        }
        near("level", state[0], t->last[0], 1e-13);
        near("slope", state[1], t->last[1], 1e-13);
        if (t->form.season != ETS_NONE) {
            near("season", state[2], t->last[2], 1e-13);
            near("season", state[3], t->last[3], 1e-13);
        }
        near("sum of squares", sums.squares, squares, 1e-13);
        near("sum of log forecasts", sums.logs, logs, 1e-13);
        cr_expect_eq(sums.count, N - 1);
    }
}

/* Many forecasts near the ends of the range of numbers: their product must not leave it. */
Test(ets, logs_survive_large_and_small_forecasts)
{
    const struct ets_form form = {ETS_MULTIPLICATIVE, ETS_NONE, ETS_NONE, false, 1};
    const struct ets_parameters p = {0.5, 0, 0, 1};
    static double y[1000];
    const double values[] = {1e-150, 1e150, 3.5};
    for (size_t k = 0; k < 3; k++) {
        double state[3] = {values[k], 0, 0};
        struct ets_sums sums;
        for (size_t i = 0; i < 1000; i++)
            y[i] = values[k];
        cr_assert(ets_run(&form, &p, state, y, 1000, NULL, &sums));
        near("sum of logs", sums.logs, 1000 * log(values[k]), 1e-12);
    }
}

Test(ets, forecasts_that_cannot_be_are_refused)
{
    const struct ets_form form = {ETS_MULTIPLICATIVE, ETS_ADDITIVE, ETS_NONE, false, 1};
    const struct ets_parameters p = {0.5, 0.1, 0, 1};
    const double y[3] = {1, 1, 1};
    double state[3] = {1, -2, 0};
    struct ets_sums sums;
    cr_expect_not(ets_run(&form, &p, state, y, 3, NULL, &sums));
}

/* What an error of 1 long ago still does to the one-step errors: the definition itself, without polynomials. */
static bool dies_out(const struct ets_form *form, const struct ets_parameters *p)
{
    static double y[20001], e[20001];
    double state[STATES] = {0};
    struct ets_sums sums;
    state[ETS_LEVEL] = 1;
    state[ETS_SLOPE] = 0.3;
    state[ETS_SEASON] = 0.7;
    if (!ets_run(form, p, state, y, 20001, e, &sums))
        return false;
    double middle = 0, late = 0; /* by then the slowest root is alone */
    for (size_t t = 0; t < 2000; t++) {
        middle = fmax(middle, fabs(e[9000 + t]));
        late = fmax(late, fabs(e[18000 + t]));
    }
    return late < middle || middle < 1e-12;
}

Test(ets, admissible_is_where_errors_die_out)
{
    size_t inside = 0, outside = 0;
    const size_t periods[] = {2, 3, 4, 7, 10};
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++)
        for (int damped = 0; damped < 2; damped++)
            for (double alpha = 0.05; alpha < 1; alpha += 0.15)
                for (double beta = 0.01; beta <= alpha; beta += 0.12)
                    for (double gamma = 0.02; gamma <= 1 - alpha; gamma += 0.15) {
                        const struct ets_form form = {ETS_ADDITIVE, ETS_ADDITIVE, ETS_ADDITIVE, damped == 1,
                                                      periods[i]};
                        const struct ets_parameters p = {alpha, beta, gamma, damped ? 0.85 : 1};
                        const bool holds = ets_admissible(&form, &p);
                        const bool expected = dies_out(&form, &p);
                        cr_expect_eq(holds, expected, "period %zu alpha %g beta %g gamma %g phi %g: %d", periods[i],
                                     alpha, beta, gamma, p.phi, holds);
                        inside += holds;
                        outside += !holds;
                    }
    printf("admissible: %zu inside, %zu outside\n", inside, outside);
    cr_expect_gt(inside, 100);
    cr_expect_gt(outside, 10);
}

/* A model as if fitted, the next value being at the first time of the season. */
static struct ets model(struct ets_form form, struct ets_parameters p, double *last, double sigma2)
{
    return (struct ets){
        .form = form, .parameter = p, .scale = 1, .initial = last, .last = last, .n = 12, .nobs = 12, .sigma2 = sigma2};
}

Test(ets, forecasts_of_additive_forms_by_matrices)
{
    const double expected[8][2] = {{9.8, 1},
                                   {12.42, 1.3481},
                                   {17.878, 1.798341},
                                   {14.1902, 2.88806821},
                                   {16.37118, 3.5433746501},
                                   {21.434062, 4.297769386581},
                                   {17.3906558, 5.7903278511306109},
                                   {19.25159022, 6.7303216820157949}};
    double last[] = {10, 2, -2, -1, 3}, mean[8], se[8];
    const struct ets m = model((struct ets_form){ETS_ADDITIVE, ETS_ADDITIVE, ETS_ADDITIVE, true, 3},
                               (struct ets_parameters){0.5, 0.1, 0.3, 0.9}, last, 4);
    cr_assert_eq(ets_forecast(&m, 8, mean, se, NULL), ALM_OK);
    for (size_t h = 0; h < 8; h++) {
        near("mean", mean[h], expected[h][0], 1e-13);
        near("variance", se[h] * se[h], 4 * expected[h][1], 1e-13);
    }
}

#define PATHS 40000
#define STEPS 8

/* One path of M into Y, straight from the model's equations. */
static void simulate(const struct ets *m, struct alm_stream *s, double *y)
{
    const struct ets_form *f = &m->form;
    const struct ets_parameters *p = &m->parameter;
    double level = m->last[0], slope = m->last[1], season[3];
    memcpy(season, m->last + ETS_SEASON, f->period * sizeof *season);
    for (size_t h = 0; h < STEPS; h++) {
        const double q = level + p->phi * slope, old = season[h % f->period];
        const double mu = f->season == ETS_MULTIPLICATIVE ? q * old : f->season == ETS_ADDITIVE ? q + old : q;
        const double error = sqrt(m->sigma2) * alm_stream_normal(s);
        const double unit = f->error == ETS_MULTIPLICATIVE ? f->season == ETS_MULTIPLICATIVE ? q : mu : 1;
        y[h] = f->error == ETS_MULTIPLICATIVE ? mu * (1 + error) : mu + error;
        level = q + p->alpha * unit * error;
        slope = p->phi * slope + p->beta * unit * error;
        season[h % f->period] =
            f->season == ETS_MULTIPLICATIVE ? old * (1 + p->gamma * error) : old + p->gamma * unit * error;
    }
}

static void compare_simulated(const struct ets *m, const char *name, uint64_t entity)
{
    static double y[PATHS][STEPS];
    double mean[STEPS], se[STEPS];
    struct alm_stream s = alm_stream_open(11, entity, "ets paths");
    cr_assert_eq(ets_forecast(m, STEPS, mean, se, NULL), ALM_OK);
    for (size_t i = 0; i < PATHS; i++)
        simulate(m, &s, y[i]);
    for (size_t h = 0; h < STEPS; h++) {
        double average = 0, second = 0, fourth = 0;
        for (size_t i = 0; i < PATHS; i++)
            average += y[i][h] / PATHS;
        for (size_t i = 0; i < PATHS; i++) {
            const double d = (y[i][h] - average) * (y[i][h] - average);
            second += d / PATHS;
            fourth += d * d / PATHS;
        }
        const double of_mean = sqrt(second / PATHS), of_variance = sqrt((fourth - second * second) / PATHS);
        cr_expect_lt(fabs(average - mean[h]), 4.5 * of_mean, "%s step %zu: mean %g, simulated %g", name, h + 1, mean[h],
                     average);
        cr_expect_lt(fabs(second - se[h] * se[h]), 4.5 * of_variance, "%s step %zu: variance %g, simulated %g", name,
                     h + 1, se[h] * se[h], second);
    }
}

Test(ets, forecasts_are_those_of_simulated_paths)
{
    const struct ets_form forms[] = {
        {ETS_ADDITIVE, ETS_NONE, ETS_ADDITIVE, false, 3},
        {ETS_ADDITIVE, ETS_ADDITIVE, ETS_NONE, true, 1},
        {ETS_MULTIPLICATIVE, ETS_NONE, ETS_NONE, false, 1},
        {ETS_MULTIPLICATIVE, ETS_ADDITIVE, ETS_NONE, true, 1},
        {ETS_MULTIPLICATIVE, ETS_ADDITIVE, ETS_ADDITIVE, false, 3},
        {ETS_MULTIPLICATIVE, ETS_NONE, ETS_MULTIPLICATIVE, false, 3},
        {ETS_MULTIPLICATIVE, ETS_ADDITIVE, ETS_MULTIPLICATIVE, true, 3},
    };
    for (size_t k = 0; k < sizeof forms / sizeof forms[0]; k++) {
        const bool product = forms[k].season == ETS_MULTIPLICATIVE, sum = forms[k].season == ETS_ADDITIVE;
        double last[] = {10, forms[k].trend ? 0.8 : 0,
                         product ? 0.7
                         : sum   ? -3
                                 : 0,
                         product ? 1.4 : 4, product ? 0.9 : -1};
        const struct ets_parameters p = {0.6, forms[k].trend ? 0.3 : 0, forms[k].season ? 0.35 : 0,
                                         forms[k].damped ? 0.9 : 1};
        const struct ets m = model(forms[k], p, last, 0.03);
        char name[ETS_FORM_TEXT];
        ets_form_print(&forms[k], name);
        compare_simulated(&m, name, k);
    }
}

static void made(double *y, size_t n)
{
    struct alm_stream s = alm_stream_open(5, 0, "ets series");
    double level = 50;
    for (size_t t = 0; t < n; t++) {
        const double e = alm_stream_normal(&s);
        y[t] = level + e;
        level += 0.4 * e;
    }
}

Test(ets, missing_values_at_the_end_are_steps_of_the_forecast)
{
    double y[60], mean[8], se[8], later[3], later_se[3];
    const struct ets_form form = {ETS_ADDITIVE, ETS_ADDITIVE, ETS_NONE, true, 1};
    struct ets *m = NULL;
    made(y, 60);
    cr_assert_eq(ets_fit(&form, NULL, y, 55, &m, NULL), ALM_OK);
    cr_assert_eq(ets_forecast(m, 8, mean, se, NULL), ALM_OK);
    ets_free(m);
    for (size_t t = 55; t < 60; t++)
        y[t] = NAN;
    cr_assert_eq(ets_fit(&form, NULL, y, 60, &m, NULL), ALM_OK);
    cr_expect_eq(m->nobs, 55);
    cr_assert_eq(ets_forecast(m, 3, later, later_se, NULL), ALM_OK);
    for (size_t h = 0; h < 3; h++) {
        near("mean", later[h], mean[5 + h], 1e-12);
        near("se", later_se[h], se[5 + h], 1e-12);
    }
    ets_free(m);
}

/* Alpha of ten series of 2000 values with alpha = 0.4: its asymptotic standard error is sqrt((1 - 0.6^2) / 2000) = 0.018. */
Test(ets, parameters_are_found_again)
{
    static double y[2000];
    made(y, 2000);
    for (size_t t = 100; t < 2000; t += 9)
        y[t] = NAN;
    for (int how = ETS_SIMPLEX; how <= ETS_SIMPLEX_SQUARES; how++) {
        const struct ets_form form = {ETS_ADDITIVE, ETS_NONE, ETS_NONE, false, 1};
        const struct ets_wish wish = {{NAN, NAN, NAN, NAN}, (enum ets_how)how};
        struct ets *m = NULL;
        cr_assert_eq(ets_fit(&form, &wish, y, 2000, &m, NULL), ALM_OK);
        cr_expect(m->converged);
        near("alpha", m->parameter.alpha, 0.4, 4.5 * 0.018);
        near("sigma2", m->sigma2 * m->scale * m->scale, 1, 4.5 * sqrt(2.0 / 1800));
        ets_free(m);
    }
}

Test(ets, thorough_does_not_depend_on_the_unit)
{
    double y[80], scaled[80], first = 0;
    const double units[] = {1, 0x1p-1000, 0x1p900, 1e9, 1e-7};
    const struct ets_wish wish = {{NAN, NAN, NAN, NAN}, ETS_THOROUGH};
    const struct ets_form form = {ETS_MULTIPLICATIVE, ETS_ADDITIVE, ETS_MULTIPLICATIVE, false, 4};
    for (size_t t = 0; t < 80; t++)
        y[t] = (20 + 0.3 * (double)t) * (1 + 0.2 * (double)(t % 4)) + (double)((t * t * 7) % 13);
    for (size_t k = 0; k < sizeof units / sizeof units[0]; k++) {
        struct ets *m = NULL;
        for (size_t t = 0; t < 80; t++)
            scaled[t] = y[t] * units[k];
        cr_assert_eq(ets_fit(&form, &wish, scaled, 80, &m, NULL), ALM_OK);
        const double loglik = m->loglik + 80 * log(units[k]);
        if (k == 0)
            first = loglik;
        cr_expect_lt(fabs(loglik - first), 0.02, "unit %g: %.6f, %.6f", units[k], loglik, first);
        ets_free(m);
    }
}

/* Numbers of ets() of R's forecast 8.20 for the same series. The way of the search matters where the values are small: a level and slope
 * of nearly 0 are moved apart before it, and forecasts below 0 on the way do not stop it. */
Test(ets, searches_end_where_those_of_r_do)
{
    static const struct {
        enum ets_part error, season;
        double unit, loglik;
    } of_r[] = {
        {ETS_MULTIPLICATIVE, ETS_MULTIPLICATIVE, 1, -279.2978114},
        {ETS_MULTIPLICATIVE, ETS_MULTIPLICATIVE, 1e-6, 825.7368255},
        {ETS_MULTIPLICATIVE, ETS_MULTIPLICATIVE, 1e9, -1937.226153},
        {ETS_ADDITIVE, ETS_NONE, 1e-8, 528.2667933},
        {ETS_ADDITIVE, ETS_NONE, 1e-9, 597.4992521},
        {ETS_MULTIPLICATIVE, ETS_NONE, 1e-8, 525.7035068},
        {ETS_MULTIPLICATIVE, ETS_NONE, 1e-9, 597.5428328},
    };
    for (size_t k = 0; k < sizeof of_r / sizeof of_r[0]; k++) {
        const bool seasonal = of_r[k].season != ETS_NONE;
        const struct ets_form form = {of_r[k].error, ETS_ADDITIVE, of_r[k].season, false, seasonal ? 4 : 1};
        const size_t n = seasonal ? 80 : 30;
        const double rise = of_r[k].error == ETS_MULTIPLICATIVE ? 5 : 0;
        double y[80];
        struct ets *m = NULL;
        for (size_t t = 0; t < n; t++) {
            const double more = (double)((t * t * 7) % 13);
            y[t] = seasonal ? (20 + 0.3 * (double)t) * (1 + 0.2 * (double)(t % 4)) + more
                            : (more - 6 + (double)((t * 5) % 7) - 3) / 10 + rise;
            y[t] *= of_r[k].unit;
        }
        cr_assert_eq(ets_fit(&form, NULL, y, n, &m, NULL), ALM_OK);
        cr_expect_lt(fabs(m->loglik - of_r[k].loglik), 0.02, "case %zu: %.8g, in R %.8g", k, m->loglik, of_r[k].loglik);
        ets_free(m);
    }
}

/* Fewer than three periods of a growing series: each time of the season is above its line but the first, for which too little is left. R ends at
 * -147.71. */
Test(ets, indices_that_leave_nothing_for_the_first_are_made_small)
{
    static const double season[] = {-3, 0, 1, 2, 1, 0, 2, 1, 3, 0, 1, 2};
    const struct ets_form form = {ETS_MULTIPLICATIVE, ETS_NONE, ETS_MULTIPLICATIVE, false, 12};
    double y[32];
    struct ets *m = NULL;
    struct alm_err e = {0};
    for (size_t t = 0; t < 32; t++)
        y[t] = exp(0.08 * (double)t) * (10 + season[t % 12]) + (double)((t * t * 7) % 13) / 10;
    cr_assert_eq(ets_fit(&form, NULL, y, 32, &m, &e), ALM_OK, "%s", e.text);
    cr_expect_gt(m->loglik, -147.71, "%.8g", m->loglik);
    ets_free(m);
}

/* k counts what was estimated and the variance; AICc by hand. */
Test(ets, criteria_count_what_was_estimated)
{
    double y[40];
    struct ets *m = NULL;
    const struct ets_form form = {ETS_ADDITIVE, ETS_ADDITIVE, ETS_ADDITIVE, true, 4};
    const struct ets_wish wish = {{0.3, NAN, NAN, NAN}, ETS_SIMPLEX};
    made(y, 40);
    cr_assert_eq(ets_fit(&form, &wish, y, 40, &m, NULL), ALM_OK);
    cr_expect_eq(m->parameter.alpha, 0.3);
    cr_expect(m->given[0] && !m->given[1]);
    cr_expect_eq(m->free, 8, "beta, gamma, phi, level, slope and three of the season: %zu", m->free);
    near("aic", m->aic, -2 * m->loglik + 18, 1e-12);
    near("aicc", m->aicc, m->aic + 2.0 * 9 * 10 / 30, 1e-12);
    near("bic", m->bic, -2 * m->loglik + 9 * log(40), 1e-12);
    near("loglik", m->loglik, -20 * log(m->squares * m->scale * m->scale), 1e-10);
    near("sigma2", m->sigma2, m->squares / (40 - 9), 1e-12);
    ets_free(m);
}

Test(ets, forms_are_read)
{
    static const struct {
        const char *text;
        int damped;
        size_t period;
        bool fine;
    } cases[] = {
        {"auto", -1, 12, true}, {"ANN", -1, 1, true},  {"MAdM", -1, 12, true}, {"ZZN", -1, 1, true},
        {"AZdA", -1, 4, true},  {"AAN", 1, 1, true},   {"ANN", 1, 1, false},   {"AAdN", 0, 1, false},
        {"AAA", -1, 1, false},  {"", -1, 1, false},    {"A", -1, 1, false},    {"AA", -1, 1, false},
        {"AAAA", -1, 4, false}, {"NNN", -1, 1, false}, {"AMN", -1, 1, false},  {"ANdN", -1, 1, false},
        {"aan", -1, 1, false},  {"AAd", -1, 1, false}, {"Ad", -1, 1, false},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct ets_choice c;
        struct alm_err e = {0};
        const int code = ets_choice_parse(cases[k].text, cases[k].damped, cases[k].period, &c, &e);
        cr_expect_eq(code, cases[k].fine ? ALM_OK : ALM_EINVAL, "`%s` damped %d period %zu: %s", cases[k].text,
                     cases[k].damped, cases[k].period, e.text);
    }
}
