/* SPDX-License-Identifier: GPL-3.0-or-later
 * auto_arima: is the model that is chosen as good as the one R's auto.arima chooses?
 *
 * The criterion must be at most 2 above R's with the same differences (criteria of unlike differences are not comparable); where the orders are the
 * same, coefficients and forecasts are compared too, each by its tolerance, limits with R's variance, which is divided by
 * nobs less the number of coefficients. Another search may end elsewhere; how often the orders agree is printed. */
#include "arima_table.h"

#include "models/series/arima_auto.h"

#include <gsl/gsl_cdf.h>

static struct expected x;

static void load(void)
{
    expected_open(&x, "reference/auto_arima/expected.csv");
}

static void drop(void)
{
    expected_close(&x);
}

TestSuite(auto_arima, .init = load, .fini = drop, .timeout = 600);

struct chosen {
    char name[64];
    const struct arima_result *r;
    double *mean, *se;
};

static bool same_model(const struct chosen *c)
{
    const struct arima_result *r = c->r;
    const struct arima_order *o = &r->order;
    const struct {
        const char *what;
        size_t value;
    } part[] = {{"order.p", o->p}, {"order.d", o->d}, {"order.q", o->q},     {"order.P", o->P},
                {"order.D", o->D}, {"order.Q", o->Q}, {"has.mean", r->mean}, {"has.drift", r->drift}};
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        if (expected_value(&x, c->name, part[i].what, 0) != (double)part[i].value)
            return false;
    return true;
}

static bool coefficient(const struct arima_result *r, const char *name, double *out)
{
    const struct arima_spec spec = {.order = r->order, .mean = r->mean, .drift = r->drift};
    for (size_t i = 0; i < r->coefficients; i++) {
        char word[24];
        arima_coefficient_name(&spec, i, word);
        if (strcmp(word, strcmp(name, "intercept") == 0 ? "mean" : name) == 0) {
            *out = r->coefficient[i];
            return true;
        }
    }
    return false;
}

static bool answer(const struct chosen *c, const struct expected_row *row, double *out)
{
    const struct arima_result *r = c->r;
    const char *q = row->quantity;
    const double wider = (double)r->nobs / (double)(r->nobs - r->estimated);
    if (strcmp(q, "loglik") == 0)
        *out = r->loglik;
    else if (strcmp(q, "aicc") == 0)
        *out = r->aicc;
    else if (strcmp(q, "bic") == 0)
        *out = r->bic;
    else if (strcmp(q, "sigma2.df") == 0)
        *out = r->sigma2 * wider;
    else if (strncmp(q, "coef.", 5) == 0)
        return coefficient(r, q + 5, out);
    else if (strcmp(q, "fc.mean") == 0)
        *out = c->mean[row->index - 1];
    else if (strncmp(q, "fc.lo", 5) == 0 || strncmp(q, "fc.hi", 5) == 0) {
        const double z = gsl_cdf_ugaussian_Pinv(0.5 + atof(q + 5) / 200) * sqrt(wider);
        *out = c->mean[row->index - 1] + (q[3] == 'l' ? -z : z) * c->se[row->index - 1];
    } else
        return false;
    return true;
}

static size_t compare_same(const struct chosen *c)
{
    size_t compared = 0;
    for (size_t i = 0; i < x.count; i++) {
        const struct expected_row *row = &x.row[i];
        double got;
        if (strcmp(row->name, c->name) != 0 || strncmp(row->quantity, "order.", 6) == 0 ||
            strncmp(row->quantity, "has.", 4) == 0)
            continue;
        cr_assert(answer(c, row, &got), "%s: the quantity %s is not known here", c->name, row->quantity);
        cr_expect(expected_holds(row, got), "%s: %s[%zu] is %.12g, expected %.12g (rtol %g, atol %g)", c->name,
                  row->quantity, row->index, got, row->value, row->rtol, row->atol);
        compared++;
    }
    return compared;
}

struct tally {
    size_t cases, same, compared;
};

static void compare_case(const struct alm_field *f, bool exact, struct tally *t)
{
    struct chosen c;
    char series[64];
    struct alm_err e = {0};
    struct arima_fit *fit = NULL;
    size_t n;
    const size_t h = arima_size(&f[6]);
    snprintf(c.name, sizeof c.name, "%.*s", (int)f[0].size, f[0].at);
    snprintf(series, sizeof series, "%.*s", (int)f[1].size, f[1].at);
    double *y = reference_series(series, &n);
    const struct arima_choice choice = {.period = arima_size(&f[3]) ? arima_size(&f[2]) : 1,
                                        .max_p = 5,
                                        .max_q = 5,
                                        .max_P = 2,
                                        .max_Q = 2,
                                        .max_order = 5,
                                        .d = -1,
                                        .D = -1,
                                        .mean = true,
                                        .drift = true,
                                        .stepwise = arima_size(&f[4]),
                                        .exact = exact};
    cr_assert_eq(arima_auto(&choice, y, n, &fit, &e), ALM_OK, "%s: %s", c.name, e.text);
    c.r = arima_fit_result(fit);
    c.mean = calloc(2 * h, sizeof *c.mean);
    c.se = c.mean + h;
    cr_assert_eq(arima_forecast(fit, NULL, h, c.mean, c.se, &e), ALM_OK, "%s", e.text);
    const double best = expected_value(&x, c.name, "aicc", 0);
    cr_expect_eq(c.r->order.d, (size_t)expected_value(&x, c.name, "order.d", 0), "%s: d is %zu", c.name, c.r->order.d);
    cr_expect_eq(c.r->order.D, (size_t)expected_value(&x, c.name, "order.D", 0), "%s: D is %zu", c.name, c.r->order.D);
    cr_expect_leq(c.r->aicc, best + 2, "%s: AICc is %.4f, R finds %.4f", c.name, c.r->aicc, best);
    const bool same = same_model(&c);
    printf("%-34s (%zu,%zu,%zu)(%zu,%zu,%zu) AICc %.4f, R %.4f%s\n", c.name, c.r->order.p, c.r->order.d, c.r->order.q,
           c.r->order.P, c.r->order.D, c.r->order.Q, c.r->aicc, best, same ? "" : ", another model");
    t->cases++;
    t->same += same;
    t->compared += 3 + (same ? compare_same(&c) : 0);
    arima_fit_free(fit);
    free(c.mean);
    free(y);
}

static void compare_all(bool exact)
{
    if (!x.row)
        return;
    struct alm_delimited *d = arima_open("auto_arima/cases.csv");
    struct alm_err e = {0};
    const struct alm_field *f;
    size_t fields;
    struct tally t = {0};
    while (alm_delimited_next(d, &f, &fields, &e) == ALM_OK)
        if (alm_delimited_row(d) > 1)
            compare_case(f, exact, &t);
    alm_delimited_close(d);
    printf("reference auto_arima, %s ranking: %zu cases, %zu with R's orders, %zu values compared\n",
           exact ? "exact" : "rough", t.cases, t.same, t.compared);
    fflush(stdout);
    cr_expect_gt(t.cases, 0);
}

Test(auto_arima, exact_ranking)
{
    compare_all(true);
}

Test(auto_arima, rough_ranking)
{
    compare_all(false);
}
