/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_rig: a model of one series by its name and options, as text, fitted and asked. */
#ifndef ALM_TESTS_SERIES_RIG_H
#define ALM_TESTS_SERIES_RIG_H

#include "models/series/series_model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SERIES_H 1024

struct series_rig {
    const struct series_model *model;
    void *fit; /* NULL: it could not be fitted */
    size_t h, levels;
    double mean[SERIES_H], se[SERIES_H], lower[4 * SERIES_H], upper[4 * SERIES_H];
    struct alm_err e;
};

/* What `fit` returns. */
static inline int series_rig_fit(struct series_rig *r, const char *model, const char *options, const double *y,
                                 size_t n)
{
    r->fit = NULL;
    cr_assert_eq(series_model_find(model, &r->model, &r->e), ALM_OK, "%s", r->e.text);
    void *opt = calloc(1, r->model->opt_size + 1);
    cr_assert_eq(alm_options_init(r->model->opts, opt, &r->e), ALM_OK, "%s", r->e.text);
    cr_assert_eq(alm_options_parse(r->model->opts, opt, model, options, &r->e), ALM_OK, "%s", r->e.text);
    const int code = r->model->fit(opt, y, n, &r->fit, &r->e);
    free(opt);
    return code;
}

static inline int series_rig_forecast(struct series_rig *r, size_t h, const double *level, size_t levels)
{
    cr_assert(h <= SERIES_H && levels <= 4);
    r->h = h;
    r->levels = levels;
    struct series_forecast f = {h, levels, level, r->mean, r->se, r->lower, r->upper};
    return r->model->forecast(r->fit, &f, &r->e);
}

static inline void series_rig_close(struct series_rig *r)
{
    if (r->fit)
        r->model->free(r->fit);
    r->fit = NULL;
}

/* |got - expected| <= TOLERANCE * max(1, |expected|), or both NaN. */
#define series_near(got, expected, tolerance, ...)                                                                     \
    do {                                                                                                               \
        const double near_got_ = (got), near_expected_ = (expected);                                                   \
        const bool near_ok_ = isnan(near_expected_)                                                                    \
                                  ? isnan(near_got_) != 0                                                              \
                                  : fabs(near_got_ - near_expected_) <= (tolerance)*fmax(1, fabs(near_expected_));     \
        char near_what_[160];                                                                                          \
        snprintf(near_what_, sizeof near_what_, __VA_ARGS__);                                                          \
        cr_expect(near_ok_, "%s: %.15g, expected %.15g", near_what_, near_got_, near_expected_);                       \
    } while (0)

/* A series with a season of 7, made of small numbers: the same in any language. */
static inline void series_made(double *y, size_t n)
{
    static const double season[] = {0, 3, 1, -2, -1, 4, -5};
    for (size_t t = 0; t < n; t++)
        y[t] = 20 + season[t % 7] * 1.5 + (double)((t * t * 7 + t * 13) % 31) / 10 + 0.02 * (double)t;
}

#endif
