/* SPDX-License-Identifier: GPL-3.0-or-later
 * arima_table: the reference cases of ARIMA models. */
#ifndef ALM_TESTS_ARIMA_TABLE_H
#define ALM_TESTS_ARIMA_TABLE_H

#include "expected.h"
#include "reference_series.h"

#include "models/series/arima_fit.h"

struct arima_case {
    char name[64], series[64];
    struct arima_order order;
    bool mean, trend, boundary;
    size_t fourier, h;
};

struct arima_table {
    struct arima_case *at;
    size_t count;
};

static inline struct alm_delimited *arima_open(const char *name)
{
    char path[4096];
    struct alm_delimited *d = NULL;
    struct alm_err e = {0};
    const char *shared = getenv("ALM_SHARED");
    snprintf(path, sizeof path, "%s/reference/%s", shared ? shared : ALM_SOURCE_DIR "/../shared", name);
    const int code = alm_delimited_open(path, &(struct alm_delimited_config){.separator = ','}, &d, &e);
    cr_assert_eq(code, ALM_OK, "%s", e.text);
    return d;
}

static inline size_t arima_size(const struct alm_field *f)
{
    return (size_t)expected_number(f);
}

/* Rows of reference/arima/cases.csv. */
static inline struct arima_table arima_cases(void)
{
    struct arima_table t = {calloc(1000, sizeof *t.at), 0};
    struct alm_delimited *d = arima_open("arima/cases.csv");
    struct alm_err e = {0};
    const struct alm_field *f;
    size_t fields;
    while (alm_delimited_next(d, &f, &fields, &e) == ALM_OK) {
        if (alm_delimited_row(d) == 1)
            continue;
        cr_assert_lt(t.count, 1000);
        struct arima_case *c = &t.at[t.count++];
        snprintf(c->name, sizeof c->name, "%.*s", (int)f[0].size, f[0].at);
        snprintf(c->series, sizeof c->series, "%.*s", (int)f[1].size, f[1].at);
        c->order = (struct arima_order){arima_size(&f[2]), arima_size(&f[3]), arima_size(&f[4]), arima_size(&f[5]),
                                        arima_size(&f[6]), arima_size(&f[7]), arima_size(&f[8])};
        c->mean = arima_size(&f[9]) && c->order.d + c->order.D == 0;
        c->trend = f[10].size == 5 && memcmp(f[10].at, "trend", 5) == 0;
        c->fourier = f[10].size == 8 && memcmp(f[10].at, "fourier", 7) == 0 ? (size_t)(f[10].at[7] - '0') : 0;
        c->h = arima_size(&f[11]);
        c->boundary = arima_size(&f[16]);
    }
    alm_delimited_close(d);
    return t;
}

#endif
