/* SPDX-License-Identifier: GPL-3.0-or-later
 * baselines_smoothing: are fits and forecasts of ses, holt, holt-winters and stlf those of R's forecast?
 *
 * Choice.   The default search is meant to end where R's does, so all rows are compared: forms, parameters, likelihood, forecasts,
 *           limits, errors made. The thorough search is only asked not to be less likely. */
#include "baseline_rig.h"

#define TABLE "reference/baselines/expected.csv"

struct run {
    struct baseline b;
    struct series_report report;
};

static void run(struct run *r, const char *model, const char *options)
{
    static struct series_rig rig;
    struct baseline *b = &r->b;
    const double level = 0.95;
    cr_assert_eq(series_rig_fit(&rig, model, options, b->y, b->train), ALM_OK, "%s %s: %s", model, options, rig.e.text);
    rig.model->report(rig.fit, &r->report);
    struct series_forecast f = {b->h, 1, &level, b->mean, b->se, b->lower, b->upper};
    cr_assert_eq(rig.model->forecast(rig.fit, &f, &rig.e), ALM_OK, "%s %s: %s", model, options, rig.e.text);
    series_rig_close(&rig);
}

static bool coefficient(const struct series_report *r, const char *name, double *out)
{
    for (size_t i = 0; i < r->coefficients; i++)
        if (strcmp(r->coefficient[i].name, name) == 0) {
            *out = r->coefficient[i].value;
            return true;
        }
    return false;
}

/* Part INDEX of "ETS(A,Ad,N)" as the table codes it. */
static double part(const char *words, size_t index)
{
    const char *at = words + strlen("ETS(");
    for (size_t i = 1; i < index; i++)
        at = strchr(at, ',') + 1;
    return *at == 'N' ? 0 : *at == 'A' ? 1 : 2;
}

static bool answer(void *ctx, const char *q, size_t index, double *out)
{
    const struct run *r = ctx;
    if (strncmp(q, "components.", 11) == 0)
        *out = part(r->report.words, index);
    else if (strncmp(q, "par.", 4) == 0)
        return coefficient(&r->report, q + 4, out);
    else if (strcmp(q, "loglik.ets") == 0)
        *out = r->report.loglik;
    else if (strcmp(q, "aicc.ets") == 0)
        *out = r->report.aicc;
    else if (strcmp(q, "sse") == 0)
        *out = r->report.sigma2 * (double)r->report.nobs;
    else
        return baseline_answer((void *)&r->b, q, index, out);
    return true;
}

static size_t compare_split(const struct expected *x, const char *name)
{
    static const struct {
        const char *theirs, *model;
        bool seasonal;
    } pairs[] = {
        {"ses", "ses", false},         {"etsANN", "ses", false},   {"holt", "holt", false},
        {"ets", "holt-winters", true}, {"stlf_ets", "stlf", true},
    };
    static struct run r;
    size_t compared = 0;
    baseline_open(&r.b, x, name);
    for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++) {
        char method[EXPECTED_NAME + 16], options[64] = "";
        snprintf(method, sizeof method, "%s.%s", name, pairs[k].theirs);
        if (!expected_quantity(x, method, ""))
            continue;
        if (pairs[k].seasonal)
            snprintf(options, sizeof options, "period=%zu", r.b.period);
        run(&r, pairs[k].model, options);
        expected_compare(x, method, answer, &r);
        compared++;
        const double loglik = r.report.loglik;
        const size_t used = strlen(options);
        snprintf(options + used, sizeof options - used, "%ssearch=thorough", used ? "," : "");
        run(&r, pairs[k].model, options);
        if (strcmp(pairs[k].theirs, "ses") == 0 || strcmp(pairs[k].theirs, "holt") == 0)
            cr_expect_geq(r.report.loglik, loglik - 1e-9, "%s: thorough %g, simplex %g", method, r.report.loglik,
                          loglik);
        cr_expect(r.report.converged, "%s %s did not converge", method, options);
    }
    baseline_close(&r.b);
    return compared;
}

Test(baselines_smoothing, all_splits)
{
    struct expected x;
    size_t compared = 0;
    if (!expected_open(&x, TABLE))
        return;
    for (size_t i = 0; i < x.count; i++)
        if (strcmp(x.row[i].quantity, "ntrain") == 0)
            compared += compare_split(&x, x.row[i].name);
    cr_expect_gt(compared, 0, "no forecast was compared");
    printf("reference baselines: %zu fits\n", compared);
    expected_close(&x);
}

static bool with_seasonal_mase(void *ctx, const char *q, size_t index, double *out)
{
    return answer(ctx, strcmp(q, "MASE.s288") == 0 ? "MASE" : q, index, out);
}

/* Two days of five-minute values after twelve: a season of 288. */
Test(baselines_smoothing, cloud)
{
    struct expected x;
    static struct run r;
    static const char suffix[] = ".stlf.periodic.etsANN";
    size_t n, compared = 0;
    if (!expected_open(&x, "reference/cloud/expected.csv"))
        return;
    for (size_t i = 0; i < x.count; i++) {
        const struct expected_row *row = &x.row[i];
        const char *at = strstr(row->name, suffix);
        if (!at || strcmp(row->quantity, "RMSE") != 0)
            continue;
        char series[EXPECTED_NAME];
        snprintf(series, sizeof series, "%.*s", (int)(at - row->name), row->name);
        double *y = reference_series(series, &n);
        const size_t train = (size_t)expected_value(&x, series, "ntrain", 0);
        cr_assert_leq(n - train, BASELINE_H);
        r.b = (struct baseline){.y = y, .n = n, .train = train, .h = n - train, .period = 288};
        r.b.scale = expected_value(&x, series, "mase.scale.s288", 0);
        run(&r, "stlf", "period=288,form=ANN");
        expected_compare(&x, row->name, with_seasonal_mase, &r);
        free(y);
        compared++;
    }
    cr_expect_gt(compared, 0, "no case of the table was compared");
    expected_close(&x);
}
