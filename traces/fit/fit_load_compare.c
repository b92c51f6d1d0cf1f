/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_load_compare: how unlike the invocations of two traces are. */
#include "fit_invocations.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int add_distribution(const struct alm_load *real, const struct alm_load *made, size_t column, const char *what,
                            struct alm_fit_report *out, struct alm_err *e)
{
    struct alm__sample a = {0}, b = {0};
    double d = NAN, p = NAN;
    int code = alm__load_sample(real, column, false, &a, e);
    if (code >= 0)
        code = alm__load_sample(made, column, false, &b, e);
    if (code >= 0)
        code = alm__fit_ks(&a, real->units, &b, made->units, &d, &p, e);
    if (code >= 0) {
        alm_fit_report_add(out, what, "median", ALM_FIT_RATIO, alm__sample_quantile(&a, 0.5),
                           alm__sample_quantile(&b, 0.5));
        alm_fit_report_add(out, what, "p99", ALM_FIT_RATIO, alm__sample_quantile(&a, 0.99),
                           alm__sample_quantile(&b, 0.99));
        alm_fit_report_add_ks(out, what, "distribution", d, p);
    }
    alm__sample_free(&a);
    alm__sample_free(&b);
    return code;
}

static void compare_arrivals(const struct alm_load *real, const struct alm_load *made, struct alm_fit_report *out)
{
    double sum = 0, low[2] = {INFINITY, INFINITY}, high[2] = {0, 0};
    alm_fit_report_add(out, "arrivals", "rate", ALM_FIT_RATIO, real->rate, made->rate);
    alm_fit_report_add(out, "arrivals", "gap, cv", ALM_FIT_RATIO, real->gap_cv, made->gap_cv);
    alm_fit_report_add(out, "arrivals", "share together", ALM_FIT_DIFFERENCE, real->together, made->together);
    alm_fit_report_add(out, "arrivals", "dispersion, 10 s", ALM_FIT_RATIO, real->tens, made->tens);
    alm_fit_report_add(out, "arrivals", "dispersion, 1 minute", ALM_FIT_RATIO, real->minute, made->minute);
    alm_fit_report_add(out, "arrivals", "dispersion, 1 hour", ALM_FIT_RATIO, real->hour, made->hour);
    alm_fit_report_add(out, "codes", "zipf exponent", ALM_FIT_DIFFERENCE, real->zipf, made->zipf);
    if (isnan(real->day[0]) || isnan(made->day[0]))
        return;
    for (size_t h = 0; h < ALM__FEATURE_HOURS; h++) {
        sum += pow(real->day[h] - made->day[h], 2);
        low[0] = fmin(low[0], real->day[h]), high[0] = fmax(high[0], real->day[h]);
        low[1] = fmin(low[1], made->day[h]), high[1] = fmax(high[1], made->day[h]);
    }
    alm_fit_report_add(out, "arrivals", "course of the day", ALM_FIT_RMS, high[0] - low[0], high[1] - low[1]);
    if (out->count > 0)
        out->row[out->count - 1].distance = sqrt(sum / ALM__FEATURE_HOURS);
}

/* The slope of an amount over the same input in either trace. */
static void compare_slopes(const struct alm_load *real, const struct alm_load *made, size_t amount,
                           struct alm_fit_report *out)
{
    for (size_t i = 0; i < real->inputs; i++)
        for (size_t k = 0; k < made->inputs; k++) {
            struct alm__log_slope a, b;
            char what[40];
            if (strcmp(real->input[i].declared.name, made->input[k].declared.name) != 0 ||
                alm__load_slope(real, amount, i, &a) != ALM_OK || alm__load_slope(made, amount, k, &b) != ALM_OK)
                continue;
            if (fmax(a.r2, b.r2) < 0.05)
                continue;
            snprintf(what, sizeof what, "%s %.24s", alm__load_word[amount], real->input[i].declared.name);
            alm_fit_report_add(out, what, "slope of logarithms", ALM_FIT_DIFFERENCE, a.slope, b.slope);
            alm_fit_report_add(out, what, "variance explained", ALM_FIT_DIFFERENCE, a.r2, b.r2);
        }
}

int alm_load_compare(const struct alm_load *real, const struct alm_load *made, struct alm_fit_report *out,
                     struct alm_err *e)
{
    compare_arrivals(real, made, out);
    ALM_TRY(add_distribution(real, made, ALM__LOAD_GAP, "gap / mean", out, e));
    for (size_t a = 0; a < ALM__LOAD_AMOUNTS; a++) {
        if (!real->column[a] || !made->column[a])
            continue;
        alm_fit_report_add(out, alm__load_word[a], "mean", ALM_FIT_RATIO, real->mean[a], made->mean[a]);
        ALM_TRY(add_distribution(real, made, a, alm__load_word[a], out, e));
        alm_fit_report_add(out, alm__load_word[a], "spread over codes", ALM_FIT_DIFFERENCE, real->between[a],
                           made->between[a]);
        compare_slopes(real, made, a, out);
    }
    return ALM_OK;
}
