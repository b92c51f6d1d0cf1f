/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_models: does every model of one series keep the promises of its table, whatever the series?
 *
 * Meaning.  For each model and each broken series: an error that says what is wrong, or a forecast whose limits lie about its mean, the same
 *           when asked again, and made without the caller's series. */
#include "series_rig.h"

#include <stdbool.h>
#include <string.h>

#define N 40

static const double level[] = {0.8, 0.95};

/* Series number K, or 0 values. */
static size_t broken(size_t k, double *y)
{
    for (size_t i = 0; i < N; i++)
        y[i] = 10 + (double)((i * 7 + i * i) % 13) + 0.1 * (double)i;
    switch (k) {
    case 0:
        return 0;
    case 1:
        return 1;
    case 2:
        return 2;
    case 3:
        return 3;
    case 4:
        return N;
    case 5:
        y[20] = NAN;
        return N;
    case 6:
        y[20] = INFINITY;
        return N;
    case 7:
        y[0] = y[N - 1] = NAN;
        return N;
    default:
        break;
    }
    for (size_t i = 0; i < N; i++) {
        const double v = y[i];
        y[i] = k == 8    ? 5
               : k == 9  ? NAN
               : k == 10 ? v * 1e299
               : k == 11 ? v * 1e-300
               : k == 12 ? (i == 7 ? v : NAN)
               : k == 13 ? (i % 2 ? 1.7e308 : -1.7e308)
               : k == 14 ? (double)i
               : k == 15 ? -v
               : k == 16 ? (i < 20 ? v : 11)
               : k == 17 ? (i % 2 ? v : NAN)
               : k == 18 ? 0
                         : ldexp(1, (int)i);
    }
    return N;
}

#define SERIES 20

static void ask(const char *name, size_t k, const char *options)
{
    double y[N], residual[N];
    static struct series_rig r, again;
    const size_t n = broken(k, y);
    memset(&r, 0, sizeof r);
    const int code = series_rig_fit(&r, name, options, y, n);
    if (code < 0) {
        cr_expect(code == ALM_EDATA || code == ALM_EINVAL, "%s, series %zu: code %d, %s", name, k, code, r.e.text);
        cr_expect_gt(strlen(r.e.text), 10, "%s, series %zu: an error without words", name, k);
        cr_expect_null(r.fit, "%s, series %zu: a fit beside an error", name, k);
        return;
    }
    memset(y, 0xff, sizeof y);
    cr_expect_geq(series_rig_forecast(&r, 8, level, 2), 0, "%s, series %zu: %s", name, k, r.e.text);
    for (size_t i = 0; i < 16; i++) {
        const double mean = r.mean[i % 8];
        cr_expect(!isnan(mean), "%s, series %zu: step %zu has no mean", name, k, i % 8 + 1);
        if (isnan(r.lower[i]) || isinf(mean))
            continue;
        cr_expect(r.lower[i] <= mean && mean <= r.upper[i], "%s, series %zu: %g is not in [%g, %g]", name, k, mean,
                  r.lower[i], r.upper[i]);
        cr_expect(i < 8 || r.lower[i] <= r.lower[i - 8], "%s, series %zu: 95 %% is within 80 %%", name, k);
    }
    struct series_report what;
    memset(&what, 0xff, sizeof what);
    r.model->report(r.fit, &what);
    cr_expect_lt(strlen(what.words), sizeof what.words);
    cr_expect_leq(what.coefficients, SERIES_COEFFICIENTS);
    cr_expect_leq(what.nobs, n);
    if (r.model->residuals)
        r.model->residuals(r.fit, residual);
    broken(k, y);
    memset(&again, 0, sizeof again);
    cr_assert_geq(series_rig_fit(&again, name, options, y, n), 0);
    cr_assert_geq(series_rig_forecast(&again, 8, level, 2), 0);
    cr_expect(memcmp(again.mean, r.mean, 8 * sizeof(double)) == 0 &&
                  memcmp(again.upper, r.upper, 16 * sizeof(double)) == 0,
              "%s, series %zu: another answer the second time", name, k);
    series_rig_close(&r);
    series_rig_close(&again);
}

static bool has_option(const struct series_model *m, const char *key)
{
    for (const struct alm_opt *row = m->opts; row && row->key; row++)
        if (strcmp(row->key, key) == 0)
            return true;
    return false;
}

Test(series_models, any_series_has_an_answer_or_an_error, .timeout = 600)
{
    for (const struct series_model *const *m = series_models(); *m; m++)
        for (size_t k = 0; k < SERIES; k++) {
            ask((*m)->name, k, "");
            if (has_option(*m, "period"))
                ask((*m)->name, k, "period=4");
        }
}

Test(series_models, tables_are_complete_and_in_order)
{
    const struct series_model *const *all = series_models();
    cr_assert_not_null(all[0]);
    for (size_t i = 0; all[i]; i++) {
        const struct series_model *m = all[i], *found;
        cr_expect(m->name && m->summary && m->source && m->fit && m->report && m->forecast && m->free, "%s", m->name);
        cr_expect(i == 0 || strcmp(all[i - 1]->name, m->name) < 0, "%s is out of order", m->name);
        cr_assert_eq(series_model_find(m->name, &found, NULL), ALM_OK);
        cr_expect_eq(found, m);
        m->free(NULL);
    }
}

Test(series_models, an_unknown_name_gets_a_hint)
{
    const struct series_model *m;
    struct alm_err e = {0};
    cr_expect_eq(series_model_find("driftt", &m, &e), ALM_EINVAL);
    cr_expect_not_null(strstr(e.text, "did you mean `drift`"), "%s", e.text);
    cr_expect_eq(series_model_find("qqqqqqqq", &m, &e), ALM_EINVAL);
    cr_expect_not_null(strstr(e.text, "seasonal-naive"), "%s", e.text);
}
