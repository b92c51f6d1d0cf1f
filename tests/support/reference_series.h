/* SPDX-License-Identifier: GPL-3.0-or-later
 * reference_series: the series that tables of reference numbers speak of: data/NAME.csv with the columns t,y, NA where missing. */
#ifndef ALM_TESTS_REFERENCE_SERIES_H
#define ALM_TESTS_REFERENCE_SERIES_H

#include "expected.h"

/* The values of series NAME, N of them, missing ones as NaN; to be freed. */
static inline double *reference_series(const char *name, size_t *n)
{
    struct alm_delimited *d = NULL;
    struct alm_err e = {0};
    const struct alm_field *f;
    size_t fields;
    int code;
    double *y = NULL;
    char path[4096];
    const char *shared = getenv("ALM_SHARED");
    snprintf(path, sizeof path, "%s/reference/data/%s.csv", shared ? shared : ALM_SOURCE_DIR "/../shared", name);
    code = alm_delimited_open(path, &(struct alm_delimited_config){.separator = ','}, &d, &e);
    cr_assert_eq(code, ALM_OK, "%s", e.text);
    *n = 0;
    while ((code = alm_delimited_next(d, &f, &fields, &e)) == ALM_OK) {
        cr_assert_eq(fields, 2, "%s has %zu columns", path, fields);
        if (alm_delimited_row(d) == 1)
            continue;
        y = realloc(y, (*n + 1) * sizeof *y);
        cr_assert_not_null(y);
        const bool missing = f[1].size == 2 && memcmp(f[1].at, "NA", 2) == 0;
        y[(*n)++] = missing ? NAN : expected_number(&f[1]);
    }
    cr_assert_eq(code, ALM_END, "%s", e.text);
    alm_delimited_close(d);
    return y;
}

#endif
