/* SPDX-License-Identifier: GPL-3.0-or-later
 * explanation: is a line cut at characters and kept a line, and do predictors say what they learnt: the model's coefficients, the weights by
 * which an ensemble's answer is the mean of its experts'? Is a module that says anything else named? */
#include "arima_dense.h"
#include "series_feed.h"

#include "core/check.h"
#include "models/explanation.h"
#include "models/series/arima_fit.h"

#include <stdio.h>

Test(explanation, is_cut_at_a_character)
{
    char text[8];
    for (size_t size = 1; size <= sizeof text; size++) {
        memset(text, 'x', sizeof text);
        struct explanation x = explanation_begin(text, size);
        explanation_add(&x, "a%s", "\xc3\xa9\xe2\x82\xac");
        explanation_add(&x, "b");
        const char *expected = size < 2   ? ""
                               : size < 4 ? "a"
                               : size < 7 ? "a\xc3\xa9"
                               : size < 8 ? "a\xc3\xa9\xe2\x82\xac"
                                          : "a\xc3\xa9\xe2\x82\xac"
                                            "b";
        cr_expect_str_eq(text, expected, "in %zu bytes: `%s`", size, text);
        for (size_t k = size; k < sizeof text; k++)
            cr_expect_eq(text[k], 'x', "in %zu bytes: wrote byte %zu", size, k);
    }
}

Test(explanation, shows_what_is_no_text_as_question_marks)
{
    static const struct {
        const char *from, *shown;
    } cases[] = {{"a\nb\r\tc\x7f", "a?b??c?"}, {"\xff\xc0\xaf", "???"},
                 {"\xe0\x80\x80", "???"},      {"\xed\xa0\x80", "???"},
                 {"\xf4\x90\x80\x80", "????"}, {"\xe2\x82", "??"},
                 {"\xe2\x82z", "??z"},         {"\xf0\x9f\x98\x80!", "\xf0\x9f\x98\x80!"}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        char text[32];
        struct explanation x = explanation_begin(text, sizeof text);
        explanation_add(&x, "%s", cases[k].from);
        cr_expect_str_eq(text, cases[k].shown, "case %zu: `%s`", k, text);
    }
}

static const char *told(const struct series_feed *f, enum alm_resource r)
{
    static char text[2048];
    struct alm_err e = {0};
    cr_assert_eq(f->ops->explain(&f->u, 0, r, text, sizeof text, &e), 0, "%s", e.text);
    return text;
}

/* What the library's fit to the same values finds is told; the variance is divided by 200 less the two coefficients. */
Test(explanation, of_arima_is_what_the_fit_finds)
{
    enum { N = 200 };
    const double ar[] = {0.7};
    const struct arima_spec spec = {.order = {1, 0, 0, 0, 0, 0, 1}, .mean = true};
    double y[N];
    char expected[256];
    struct series_feed f;
    struct arima_fit *fit;
    struct alm_err e;
    made_arma(ar, 1, NULL, 0, 11, y, N);
    series_feed_start(&f, "arima:order=1/0/0,min_history=1000m,refit=30d,shift=0,log=false,errors=normal");
    for (size_t t = 0; t < N; t++) {
        y[t] = 50 + 3 * y[t];
        if (t == N - 1)
            cr_expect_str_eq(told(&f, ALM_CPU), "no model: the last value is expected; 199 values known, 200 needed");
        series_feed(&f, y[t], NAN, 0);
    }
    cr_assert_eq(arima_fit(&spec, y, N, &fit, &e), ALM_OK, "%s", e.text);
    const struct arima_result *r = arima_fit_result(fit);
    snprintf(expected, sizeof expected,
             "ARIMA(1,0,0): ar1 %.3g, mean %.3g, sigma %.3g; last fit 0 intervals ago, to 200 values",
             r->coefficient[0], r->coefficient[1], sqrt(r->sigma2 * 200 / 198));
    cr_expect_str_eq(told(&f, ALM_CPU), expected);
    cr_expect_str_eq(told(&f, ALM_MEMORY), "no model: the last value is expected; 0 values known, 200 needed");
    series_feed(&f, y[0], NAN, 0);
    cr_expect(strstr(told(&f, ALM_CPU), "last fit 1 intervals ago"), "%s", told(&f, ALM_CPU));
    arima_fit_free(fit);
    series_feed_stop(&f);
}

/* In percent, behind WORDS in TEXT from SIDE on. */
static double weight_in(const char *text, const char *side, const char *words)
{
    double percent = NAN;
    const char *at = strstr(text, side);
    at = at ? strstr(at, words) : NULL;
    cr_assert(at && sscanf(at + strlen(words), " %lf %%", &percent) == 1, "no %s %s in `%s`", side, words, text);
    return percent;
}

/* Two levels that take turns: `last` and a mean of all err differently, so neither weight is 0 for long. */
Test(explanation, of_an_ensemble_are_the_weights_it_answers_with)
{
    static const char one[] = "ewma(half_life=10m)", two[] = "mean(window=0)";
    struct series_feed all, first, second;
    series_feed_start(&all, "ensemble:experts=ewma(half_life=10m)+mean(window=0)");
    series_feed_start(&first, "ewma:half_life=10m");
    series_feed_start(&second, "mean:window=0");
    cr_expect_str_eq(told(&all, ALM_CPU), "no interval has ended: all 2 experts weigh alike");
    size_t between = 0;
    for (size_t t = 0; t < 60; t++) {
        const double value = 2 + (double)(t / 3 % 2) + 0.1 * (double)(t % 7);
        const struct alm_envelope v = *series_feed(&all, value, NAN, 0), a = *series_feed(&first, value, NAN, 0),
                                  b = *series_feed(&second, value, NAN, 0);
        const char *text = told(&all, ALM_CPU);
        const double wa = weight_in(text, "max:", one), wb = weight_in(text, "max:", two);
        const double la = weight_in(text, "min:", one), lb = weight_in(text, "min:", two);
        cr_expect(fabs(wa + wb - 100) <= 0.11 && fabs(la + lb - 100) <= 0.11, "%s", text);
        cr_expect(fabs(v.max[0] - (wa * a.max[0] + wb * b.max[0]) / 100) <= 1e-3 * (a.max[0] + b.max[0]),
                  "round %zu: %.17g of %.17g and %.17g: %s", t, v.max[0], a.max[0], b.max[0], text);
        cr_expect(fabs(v.min[0] - (la * a.min[0] + lb * b.min[0]) / 100) <= 1e-3 * (a.min[0] + b.min[0]),
                  "round %zu: %s", t, text);
        between += wa > 5 && wa < 45 && fabs(a.max[0] - b.max[0]) > 0.1;
    }
    cr_expect_gt(between, 3, "the weights never differ where the experts do");
    series_feed_stop(&all);
    series_feed_stop(&first);
    series_feed_stop(&second);
}

Test(explanation, that_is_no_line_is_laid_to_the_module)
{
    const struct alm_head head = {.kind = ALM_PREDICTOR, .name = "wordy"};
    const struct alm_unit unit = {.name = "web-7"};
    struct alm_err e = {0};
    cr_expect_eq(alm_check_explanation(&head, &unit, "one line", &e), ALM_OK);
    cr_expect_eq(alm_check_explanation(&head, &unit, "", &e), ALM_EMODULE);
    cr_expect(strstr(e.text, "predictor wordy") && strstr(e.text, "web-7"), "%s", e.text);
    cr_expect_eq(alm_check_explanation(&head, &unit, "two\nlines", &e), ALM_EMODULE);
    cr_expect_eq(alm_check_explanation(&head, &unit, "end\r", &e), ALM_EMODULE);
}
