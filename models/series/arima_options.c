/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_options: rows, and what they mean together. */
#include "arima_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct arima_opt, member)

const struct alm_opt arima_opts[] = {
    {"order", ALM_OPT_TEXT, AT(order), "auto", 0, 0, NULL, "p/d/q, or auto: chosen by criterion"},
    {"seasonal", ALM_OPT_TEXT, AT(seasonal), "", 0, 0, NULL, "P/D/Q of the season; with order=auto it is chosen too"},
    {"period", ALM_OPT_INTEGER, AT(period), "1", 1, ARIMA_PERIOD, NULL, "values in a season; 1: none"},
    {"mean", ALM_OPT_CHOICE, AT(mean), "auto", 0, 0, "auto|true|false",
     "a mean; auto: where nothing is differenced, and with order=auto where it helps"},
    {"drift", ALM_OPT_CHOICE, AT(drift), "auto", 0, 0, "auto|true|false",
     "a linear trend; auto: with order=auto where it helps, else none"},
    {"fourier", ALM_OPT_INTEGER, AT(fourier), "0", 0, 40, NULL, "pairs of cosine and sine of the period"},
    {"fixed", ALM_OPT_TEXT, AT(fixed), "", 0, 0, NULL, "coefficients that are given: ar1:0.5/ma1:0.3"},
    {"method", ALM_OPT_CHOICE, AT(method), "ml", 0, 0, "ml|css|css-ml",
     "likelihood, conditional sum of squares, or both"},
    {"d", ALM_OPT_INTEGER, AT(d), "-1", -1, ARIMA_DIFFERENCES, NULL, "with order=auto: differences; -1: by test"},
    {"D", ALM_OPT_INTEGER, AT(D), "-1", -1, ARIMA_DIFFERENCES, NULL,
     "with order=auto: seasonal differences; -1: by test"},
    {"max_p", ALM_OPT_INTEGER, AT(max_p), "5", 0, ARIMA_ORDER, NULL, "with order=auto: the largest p"},
    {"max_q", ALM_OPT_INTEGER, AT(max_q), "5", 0, ARIMA_ORDER, NULL, "with order=auto: the largest q"},
    {"max_P", ALM_OPT_INTEGER, AT(max_P), "2", 0, ARIMA_SEASONAL, NULL, "with order=auto: the largest P"},
    {"max_Q", ALM_OPT_INTEGER, AT(max_Q), "2", 0, ARIMA_SEASONAL, NULL, "with order=auto: the largest Q"},
    {"max_order", ALM_OPT_INTEGER, AT(max_order), "5", 0, 60, NULL, "with search=full: the largest p + q + P + Q"},
    {"search", ALM_OPT_CHOICE, AT(search), "stepwise", 0, 0, "stepwise|full", "with order=auto: how models are tried"},
    {"ranking", ALM_OPT_CHOICE, AT(ranking), "rough", 0, 0, "rough|exact",
     "with order=auto: fits that long series are ranked by"},
    {"ic", ALM_OPT_CHOICE, AT(criterion), "aicc", 0, 0, "aicc|aic|bic", "with order=auto: the criterion"},
    {"variance", ALM_OPT_CHOICE, AT(variance), "ml", 0, 0, "ml|unbiased",
     "of forecasts: divided by nobs, or by nobs less the number of coefficients"},
    {0},
};

/* Three numbers, separated by '/'. */
static int read_orders(const char *key, const char *text, size_t out[3], struct alm_err *e)
{
    const char *at = text;
    for (size_t i = 0; i < 3; i++) {
        size_t value = 0, digits = 0;
        for (; *at >= '0' && *at <= '9' && digits < 4; at++, digits++)
            value = 10 * value + (size_t)(*at - '0');
        const char wanted = i < 2 ? '/' : '\0';
        if (!digits || *at != wanted)
            return alm_fail(e, ALM_EINVAL, "%s=%s: write three numbers, as %s=2/1/2%s", key, text, key,
                            strcmp(key, "order") == 0 ? ", or order=auto" : "");
        out[i] = value;
        at++;
    }
    return ALM_OK;
}

/* Number of the coefficient of SPEC called NAME of LENGTH; -1: there is none. R's words for mean and drift are understood. */
static int find_coefficient(const struct arima_spec *spec, const char *name, size_t length)
{
    char known[24], asked[24] = "";
    snprintf(asked, sizeof asked, "%.*s", (int)(length < 23 ? length : 23), name);
    const char *word = strcmp(asked, "intercept") == 0 ? "mean" : strcmp(asked, "trend") == 0 ? "drift" : asked;
    for (size_t i = 0; i < arima_spec_coefficients(spec); i++) {
        arima_coefficient_name(spec, i, known);
        if (strcmp(known, word) == 0)
            return (int)i;
    }
    return -1;
}

static int read_fixed(const char *text, struct arima_spec *spec, double *fixed, struct alm_err *e)
{
    for (size_t i = 0; i < SERIES_COEFFICIENTS; i++)
        fixed[i] = NAN;
    spec->fixed = *text ? fixed : NULL;
    for (const char *at = text; *at;) {
        const size_t name = strcspn(at, ":/");
        const int i = find_coefficient(spec, at, name);
        if (at[name] != ':')
            return alm_fail(e, ALM_EINVAL, "fixed=%s: write name:value, as fixed=ar1:0.5/ma1:0.3", text);
        if (i < 0) {
            char known[24] = "none";
            if (arima_spec_coefficients(spec))
                arima_coefficient_name(spec, 0, known);
            return alm_fail(e, ALM_EINVAL, "fixed=%s: the model has no coefficient `%.*s`; its first is %s", text,
                            (int)name, at, known);
        }
        char *end;
        fixed[i] = strtod(at + name + 1, &end);
        if (end == at + name + 1 || (*end && *end != '/') || !isfinite(fixed[i]))
            return alm_fail(e, ALM_EINVAL, "fixed=%s: `%.*s` needs a number after the colon", text, (int)name, at);
        at = *end ? end + 1 : end;
    }
    return ALM_OK;
}

static int read_automatic(const struct arima_opt *o, struct arima_choice *c, struct alm_err *e)
{
    const bool seasonal = *o->seasonal && strcmp(o->seasonal, "auto") != 0;
    if (seasonal || *o->fixed)
        return alm_fail(e, ALM_EINVAL, "%s needs given orders: write order=1/0/1 instead of order=auto",
                        seasonal ? "seasonal=P/D/Q" : "fixed");
    if (o->method == ARIMA_CSS)
        return alm_fail(e, ALM_EINVAL, "order=auto compares likelihoods: method=css has none");
    if (o->D > 0 && o->period < 2)
        return alm_fail(e, ALM_EINVAL, "D=%d needs a period of 2 or more", (int)o->D);
    if (2 * o->fourier > o->period)
        return alm_fail(e, ALM_EINVAL, "fourier=%d: half the period (%d) at the most", (int)o->fourier, (int)o->period);
    *c = (struct arima_choice){.period = (size_t)o->period,
                               .max_p = (size_t)o->max_p,
                               .max_q = (size_t)o->max_q,
                               .max_P = (size_t)o->max_P,
                               .max_Q = (size_t)o->max_Q,
                               .max_order = (size_t)o->max_order,
                               .d = (int)o->d,
                               .D = o->fourier && o->D < 0 ? 0 : (int)o->D,
                               .fourier = (size_t)o->fourier,
                               .mean = o->mean != ARIMA_WISH_FALSE,
                               .drift = o->drift != ARIMA_WISH_FALSE,
                               .stepwise = o->search == ARIMA_STEPWISE,
                               .exact = o->ranking != 0,
                               .criterion = (enum arima_criterion)o->criterion};
    return ALM_OK;
}

int arima_read_options(const struct arima_opt *o, struct arima_spec *spec, struct arima_choice *choice, bool *automatic,
                       double *fixed, struct alm_err *e)
{
    *automatic = strcmp(o->order, "auto") == 0;
    if (*automatic)
        return read_automatic(o, choice, e);
    size_t order[3], seasonal[3] = {0};
    ALM_TRY(read_orders("order", o->order, order, e));
    if (*o->seasonal)
        ALM_TRY(read_orders("seasonal", o->seasonal, seasonal, e));
    *spec = (struct arima_spec){
        .order = {order[0], order[1], order[2], seasonal[0], seasonal[1], seasonal[2], (size_t)o->period},
        .drift = o->drift == ARIMA_WISH_TRUE,
        .fourier = (size_t)o->fourier,
        .method = (enum arima_method)o->method,
    };
    spec->mean = o->mean != ARIMA_WISH_FALSE && order[1] + seasonal[1] == 0;
    return read_fixed(o->fixed, spec, fixed, e);
}
