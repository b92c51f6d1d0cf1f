/* SPDX-License-Identifier: GPL-3.0-or-later
 * Is smoothing value by value the same as smoothing the whole series, gaps included? */
#include "almanac/stream.h"

#include "models/series/ets.h"
#include "models/series/ets_filter.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 96

static void made(double *y)
{
    struct alm_stream s = alm_stream_open(3, 0, "ets filter");
    for (size_t t = 0; t < N; t++)
        y[t] = 30 + 0.1 * (double)t + 5 * sin(2 * M_PI * (double)t / 6) + alm_stream_normal(&s);
    y[20] = y[21] = y[22] = y[50] = NAN;
}

static const struct ets_form forms[] = {{ETS_ADDITIVE, ETS_NONE, ETS_NONE, false, 1},
                                        {ETS_ADDITIVE, ETS_ADDITIVE, ETS_NONE, false, 1},
                                        {ETS_ADDITIVE, ETS_ADDITIVE, ETS_NONE, true, 1},
                                        {ETS_ADDITIVE, ETS_NONE, ETS_ADDITIVE, false, 6},
                                        {ETS_ADDITIVE, ETS_ADDITIVE, ETS_ADDITIVE, true, 6}};

static struct ets_parameters parameters(const struct ets_form *form)
{
    return (struct ets_parameters){0.3, form->trend ? 0.05 : 0, form->season ? 0.2 : 0, form->damped ? 0.9 : 1};
}

Test(ets_filter, errors_are_those_of_the_whole_series)
{
    double y[N], e[N];
    made(y);
    for (size_t k = 0; k < sizeof forms / sizeof forms[0]; k++) {
        const struct ets_parameters p = parameters(&forms[k]);
        double state[ETS_SEASON + 6] = {30, forms[k].trend ? 0.1 : 0, 0, 4, 4, 0, -4, -4};
        struct ets_sums sums;
        struct ets_filter *f = calloc(1, ets_filter_size(forms[k].period));
        ets_filter_init(f, &forms[k], &p, state, NAN);
        cr_expect(isnan(ets_filter_next(f).se));
        cr_assert(ets_run(&forms[k], &p, state, y, N, e, &sums));
        for (size_t t = 0; t < N; t++) {
            const double got = y[t] - ets_filter_next(f).mean;
            cr_expect(fabs(got - e[t]) < 1e-12 || (isnan(got) && isnan(e[t])), "form %zu value %zu: %g, %g", k, t, got,
                      e[t]);
            ets_filter_put(f, y[t]);
        }
        cr_expect_lt(fabs(f->level - state[ETS_LEVEL]), 1e-12);
        free(f);
    }
}

/* After a fit, gap by gap, mean and standard error are those of the fit's forecast. */
Test(ets_filter, goes_on_where_the_fit_ended)
{
    double y[N], mean[20], se[20];
    made(y);
    y[N - 1] = y[N - 2] = NAN;
    for (size_t k = 0; k < sizeof forms / sizeof forms[0]; k++) {
        struct ets *m = NULL;
        struct alm_err e = {0};
        cr_assert_eq(ets_fit(&forms[k], NULL, y, N, &m, &e), ALM_OK, "%s", e.text);
        cr_assert_eq(ets_forecast(m, 20, mean, se, &e), ALM_OK);
        struct ets_filter *f = calloc(1, ets_filter_size(forms[k].period));
        cr_assert_eq(ets_filter_resume(f, m, &e), ALM_OK);
        for (size_t h = 0; h < 20; h++) {
            const struct ets_filter_forecast ahead = ets_filter_ahead(f, 20 - h), next = ets_filter_next(f);
            cr_expect(fabs(next.mean - mean[h]) < 1e-9 && fabs(next.se - se[h]) < 1e-9,
                      "form %zu step %zu: %g %g, %g %g", k, h, next.mean, mean[h], next.se, se[h]);
            cr_expect(fabs(ahead.mean - mean[19]) < 1e-9 && fabs(ahead.se - se[19]) < 1e-9,
                      "form %zu from %zu: %g %g, %g %g", k, h, ahead.mean, mean[19], ahead.se, se[19]);
            ets_filter_put(f, h == 7 ? INFINITY : NAN);
        }
        ets_filter_put(f, 30);
        cr_expect_lt(fabs(ets_filter_next(f).se - se[0] / se[0] * sqrt(m->sigma2) * m->scale), 1e-9);
        free(f);
        ets_free(m);
    }
}

/* The root mean square of the errors it made, by hand; those right after a gap do not count. */
Test(ets_filter, learns_its_error)
{
    const struct ets_parameters p = {1, 0, 0, 1};
    double state[3] = {10, 0, 0};
    struct ets_filter *f = calloc(1, ets_filter_size(1));
    ets_filter_init(f, &forms[0], &p, state, NAN);
    ets_filter_put(f, 13); /* error 3 */
    ets_filter_put(f, 12); /* -1 */
    ets_filter_put(f, NAN);
    cr_expect_lt(fabs(ets_filter_next(f).se - sqrt(5 * 2)), 1e-12); /* one more step at alpha = 1 */
    ets_filter_put(f, 100);
    ets_filter_put(f, 102); /* 2 */
    cr_expect_lt(fabs(ets_filter_next(f).se - sqrt(14.0 / 3)), 1e-12);
    free(f);
}

/* A copy of the bytes goes on alike. */
Test(ets_filter, is_plain_bytes)
{
    double y[N];
    made(y);
    const struct ets_form *form = &forms[4];
    const struct ets_parameters p = parameters(form);
    double state[ETS_SEASON + 6] = {30, 0.1, 0, 4, 4, 0, -4, -4};
    const size_t size = ets_filter_size(6);
    struct ets_filter *a = calloc(1, size), *b = calloc(1, size);
    ets_filter_init(a, form, &p, state, 1);
    for (size_t t = 0; t < 23; t++)
        ets_filter_put(a, y[t]);
    memcpy(b, a, size);
    for (size_t t = 23; t < N; t++) {
        ets_filter_put(a, y[t]);
        ets_filter_put(b, y[t]);
    }
    cr_expect_eq(memcmp(a, b, size), 0);
    free(a);
    free(b);
}

Test(ets_filter, refuses_multiplicative_forms_and_survives_the_huge)
{
    double y[N], last[3] = {1, 0, 0};
    struct alm_err e = {0};
    struct ets m = {.form = {ETS_MULTIPLICATIVE, ETS_NONE, ETS_NONE, false, 1}, .scale = 1, .last = last};
    struct ets_filter *f = calloc(1, ets_filter_size(1));
    made(y);
    cr_expect_eq(ets_filter_resume(f, &m, &e), ALM_EINVAL);
    cr_expect(strstr(e.text, "ETS(M,N,N)") != NULL, "%s", e.text);
    const struct ets_parameters p = {0.5, 0, 0, 1};
    ets_filter_init(f, &forms[0], &p, last, NAN);
    for (size_t t = 0; t < 100; t++)
        ets_filter_put(f, t % 2 ? 1e300 : -1e300);
    cr_expect(isfinite(ets_filter_next(f).mean) && isfinite(ets_filter_next(f).se));
    free(f);
}

/* Parameters under which errors grow, far beyond the range of numbers; then it begins anew. */
Test(ets_filter, begins_anew_when_it_has_left_the_numbers)
{
    const struct ets_parameters p = {0.95, 0.95, 0.05, 1};
    double state[ETS_SEASON + 6] = {0};
    const struct ets_form form = {ETS_ADDITIVE, ETS_ADDITIVE, ETS_ADDITIVE, false, 6};
    struct ets_filter *f = calloc(1, ets_filter_size(6));
    double most = 0;
    cr_assert_not(ets_admissible(&form, &p));
    ets_filter_init(f, &form, &p, state, NAN);
    for (size_t t = 0; t < 1000000; t++) {
        const struct ets_filter_forecast next = ets_filter_next(f);
        cr_assert(isfinite(next.mean) && (t == 0 || isfinite(next.se)), "value %zu: %g +- %g", t, next.mean, next.se);
        most = fmax(most, fabs(next.mean));
        ets_filter_put(f, t % 3 ? 1 : 5);
    }
    cr_expect_gt(most, 1e290, "%g: nothing was tested", most);
    free(f);
}
