/* SPDX-License-Identifier: GPL-3.0-or-later
 * baseline_rig: a model of one series, fitted on the first part of a series and compared with a table of forecasts of the rest.
 *
 * Meaning.  The case split_SERIES says freq, h, ntrain and mase.scale; split_SERIES.METHOD says fc.mean, fc.lo95, fc.hi95 by step, and what
 *           errors they make. */
#ifndef ALM_TESTS_BASELINE_RIG_H
#define ALM_TESTS_BASELINE_RIG_H

#include "reference_series.h"
#include "series_rig.h"

#include "experiments/statistics/forecast_score.h"

#define BASELINE_H 1024

struct baseline {
    double *y; /* all of it; the first `train` values are fitted */
    size_t n, train, h, period;
    double scale; /* the mean step of the first part, at lag `period` */
    double mean[BASELINE_H], se[BASELINE_H], lower[BASELINE_H], upper[BASELINE_H];
};

/* The split CASE = "split_SERIES". */
static inline void baseline_open(struct baseline *b, const struct expected *x, const char *name)
{
    *b = (struct baseline){0};
    b->y = reference_series(name + strlen("split_"), &b->n);
    b->h = (size_t)expected_value(x, name, "h", 0);
    b->train = (size_t)expected_value(x, name, "ntrain", 0);
    b->period = (size_t)expected_value(x, name, "freq", 0);
    cr_assert(b->h > 0 && b->h <= BASELINE_H && b->train + b->h == b->n && b->train > b->period, "%s: a split of %zu",
              name, b->n);
    for (size_t i = b->period; i < b->train; i++)
        b->scale += fabs(b->y[i] - b->y[i - b->period]) / (double)(b->train - b->period);
}

static inline void baseline_close(struct baseline *b)
{
    free(b->y);
}

/* Forecast H steps at 95 % by MODEL with options "key=value,...". */
static inline void baseline_forecast(struct baseline *b, const char *model, const char *options)
{
    const double level = 0.95;
    struct series_rig r;
    cr_assert_geq(series_rig_fit(&r, model, options, b->y, b->train), 0, "%s: %s", model, r.e.text);
    struct series_forecast f = {b->h, 1, &level, b->mean, b->se, b->lower, b->upper};
    cr_assert_geq(r.model->forecast(r.fit, &f, &r.e), 0, "%s: %s", model, r.e.text);
    series_rig_close(&r);
}

/* How wrong the forecast was, by the table's names; false: another name. */
static inline bool baseline_accuracy(const struct baseline *b, const char *q, double *out)
{
    double sum = 0;
    for (size_t i = 0; i < b->h; i++) {
        const double y = b->y[b->train + i], error = y - b->mean[i], size = fabs(error);
        if (strcmp(q, "RMSE") == 0)
            sum += error * error;
        else if (strcmp(q, "MAE") == 0)
            sum += size;
        else if (strcmp(q, "MAPE") == 0)
            sum += 100 * fabs(error / y);
        else if (strcmp(q, "sMAPE200") == 0)
            sum += 200 * size / (fabs(y) + fabs(b->mean[i]));
        else if (strcmp(q, "MASE") == 0)
            sum += size / b->scale;
        else if (strcmp(q, "bias") == 0)
            sum += error;
        else if (strcmp(q, "coverage95") == 0)
            sum += y >= b->lower[i] && y <= b->upper[i];
        else if (strcmp(q, "winkler95") == 0)
            sum += winkler_score(y, b->lower[i], b->upper[i], 0.05);
        else
            return false;
    }
    *out = sum / (double)b->h;
    if (strcmp(q, "RMSE") == 0)
        *out = sqrt(*out);
    return true;
}

/* An expected_answer. */
static inline bool baseline_answer(void *ctx, const char *q, size_t index, double *out)
{
    const struct baseline *b = ctx;
    if (index == 0)
        return baseline_accuracy(b, q, out);
    if (index > b->h)
        return false;
    if (strcmp(q, "fc.mean") == 0)
        *out = b->mean[index - 1];
    else if (strcmp(q, "fc.lo95") == 0)
        *out = b->lower[index - 1];
    else if (strcmp(q, "fc.hi95") == 0)
        *out = b->upper[index - 1];
    else
        return false;
    return true;
}

#endif
