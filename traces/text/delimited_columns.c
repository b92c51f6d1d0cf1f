/* SPDX-License-Identifier: GPL-3.0-or-later
 * delimited_columns: which column of a file is the one that is meant. */
#include "delimited.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST 320

static bool is_none(const char *value)
{
    return value[0] == '\0' || strcmp(value, "none") == 0;
}

static bool is_number(const char *value)
{
    return value[0] && strspn(value, "0123456789") == strlen(value) && strlen(value) < 9;
}

static int find_number(const struct alm_delimited *d, struct alm_column_want *w, size_t fields, struct alm_err *e)
{
    long number = strtol(w->value, NULL, 10);
    if (number < 1 || (size_t)number > fields)
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": %s=%ld, but the row has %zu columns (numbered from 1)",
                        alm_delimited_path(d), alm_delimited_row(d), w->key, number, fields);
    w->index = number - 1;
    return ALM_OK;
}

static int missing(const struct alm_delimited *d, const struct alm_header *h, const struct alm_column_want *w,
                   const bool *taken, struct alm_err *e)
{
    char list[LIST], word[ALM_EXCERPT], near_word[ALM_EXCERPT];
    const char *path = alm_delimited_path(d), *nearest = alm_header_nearest(h, w->value, taken);
    uint64_t row = alm_delimited_row(d);
    bool usual = strcmp(w->key, w->value) == 0;
    if (!nearest && usual && !w->needed)
        return ALM_OK;
    alm_excerpt(w->value, strlen(w->value), word);
    if (nearest)
        alm_excerpt(nearest, strlen(nearest), near_word);
    if (nearest && usual && !w->needed)
        return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": no column %s, but %s looks like it; use %s=%.60s, or %s=none",
                        path, row, word, near_word, w->key, nearest, w->key);
    alm_header_list(h, list, sizeof list);
    if (nearest)
        return alm_fail(e, ALM_EDATA,
                        "%s:%" PRIu64 ": no column %s; the header has %s, did you mean %s? use %s=NAME or %s=NUMBER",
                        path, row, word, list, near_word, w->key, w->key);
    return alm_fail(e, ALM_EDATA,
                    "%s:%" PRIu64 ": no column %s; the header has %s; use %s=NAME or %s=NUMBER, or header=false if "
                    "this row is not a header",
                    path, row, word, list, w->key, w->key);
}

static int find_unnamed(const struct alm_delimited *d, const struct alm_column_want *w, struct alm_err *e)
{
    bool usual = strcmp(w->key, w->value) == 0;
    if (usual && !w->needed)
        return ALM_OK;
    return alm_fail(e, ALM_EINVAL, "%s: without a header the column must be given by number: %s=NUMBER (from 1)",
                    alm_delimited_path(d), w->key);
}

int alm_columns_find(const struct alm_delimited *d, const struct alm_header *h, size_t fields,
                     struct alm_column_want *want, size_t n, struct alm_err *e)
{
    bool *taken = calloc(fields + 1, sizeof *taken);
    if (!taken)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu columns", alm_delimited_path(d), fields);
    int code = ALM_OK;
    for (size_t i = 0; i < n && code >= 0; i++) {
        want[i].index = -1;
        if (is_number(want[i].value))
            code = find_number(d, &want[i], fields, e);
        else if (h && !is_none(want[i].value))
            want[i].index = alm_header_find(h, want[i].value);
        if (want[i].index >= 0)
            taken[want[i].index] = true;
    }
    for (size_t i = 0; i < n && code >= 0; i++) {
        if (want[i].index >= 0)
            continue;
        if (is_none(want[i].value) && want[i].needed)
            code = alm_fail(e, ALM_EINVAL, "%s=%s: this column is needed", want[i].key, want[i].value);
        else if (!is_none(want[i].value))
            code = h ? missing(d, h, &want[i], taken, e) : find_unnamed(d, &want[i], e);
    }
    free(taken);
    return code < 0 ? code : ALM_OK;
}

void alm_report_assume(struct alm_trace_report *report, const char *sentence)
{
    size_t used = strlen(report->assumed), n = strlen(sentence);
    if (strstr(report->assumed, sentence) || used + n + 2 > sizeof report->assumed)
        return;
    snprintf(report->assumed + used, sizeof report->assumed - used, "%s%s", used ? " " : "", sentence);
}
