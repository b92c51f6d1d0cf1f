/* SPDX-License-Identifier: GPL-3.0-or-later
 * counts: scan a row of counts at the speed of memory while nothing happens. */
#include "counts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static int fail_label(const struct alm_rows *r, const char *at, size_t size, const char *why, struct alm_err *e)
{
    char word[ALM_EXCERPT];
    return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": column %s: %s; right are minutes of the day such as 25 or 1-288",
                    alm_rows_path(r), alm_rows_row(r), alm_excerpt(at, size, word), why);
}

/* A minute of the day, from 1; 0 when it is none. */
static unsigned minute_of(const char *at, size_t size)
{
    unsigned v = 0;
    for (size_t i = 0; i < size; i++) {
        if (at[i] < '0' || at[i] > '9' || v > ALM_COUNTS_MINUTES)
            return 0;
        v = 10 * v + (unsigned)(at[i] - '0');
    }
    return v <= ALM_COUNTS_MINUTES ? v : 0;
}

int alm_counts_header(struct alm_counts *c, struct alm_rows *r, size_t split, struct alm_err *e)
{
    const struct alm_header *h = alm_rows_header(r);
    unsigned before = 0;
    c->periods = c->cells = 0;
    c->total = 0;
    if (!h)
        return ALM_OK; /* an empty file */
    if (h->count <= split)
        return alm_fail(e, ALM_EDATA,
                        "%s:%" PRIu64 ": no columns of counts behind the first %zu; right are minutes of "
                        "the day such as 25 or 1-288",
                        alm_rows_path(r), alm_rows_row(r), split);
    for (const char *p = h->name[split];; p++) {
        size_t size = strcspn(p, ","), left = size;
        while (left > 0 && (p[left - 1] == ' ' || p[left - 1] == '"'))
            left--;
        const char *at = p + strspn(p, " \"");
        left -= (size_t)(at - p) < left ? (size_t)(at - p) : left;
        const char *dash = memchr(at, '-', left);
        unsigned first = minute_of(at, dash ? (size_t)(dash - at) : left);
        unsigned last = dash ? minute_of(dash + 1, left - (size_t)(dash + 1 - at)) : first;
        if (first == 0 || last < first)
            return fail_label(r, p, size, "is no minute of the day", e);
        if (first <= before)
            return fail_label(r, p, size, "does not come after the column before it", e);
        before = last;
        c->period[c->periods].start = (alm_time)(first - 1) * ALM_MINUTE;
        c->period[c->periods++].length = (alm_time)(last - first + 1) * ALM_MINUTE;
        p += size;
        if (!*p)
            return ALM_OK;
    }
}

/* Digits up to END or a comma; *AT is left there. Nothing that is not a plain number of up to nine digits: -1. */
static int64_t plain(const char **at, const char *end)
{
    const char *p = *at;
    int64_t v = 0;
    for (; p < end && *p >= '0' && *p <= '9' && p - *at < 10; p++)
        v = 10 * v + (*p - '0');
    if (p == *at || (p < end && *p != ',') || p - *at > 9)
        return -1;
    *at = p;
    return v;
}

/* A cell that is not plain: "5.0", " 7", 1e3; a negative number when it is no number of calls. */
static double unusual(const char **at, const char *end)
{
    double v;
    const char *stop = memchr(*at, ',', (size_t)(end - *at)), *from = *at, *to = stop ? stop : end;
    *at = to;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (from < to && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    bool number = alm_number_parse(from, (size_t)(to - from), '.', &v) == ALM_NUMBER_OK;
    return number && v >= 0 && v == floor(v) ? v : -1;
}

struct scan {
    const char *at, *end, *cell; /* cell: where the newest begins */
    size_t period;
    int64_t most;
};

/* Past zeros; true when a cell that is not 0 comes next. */
static bool skip_zeros(struct scan *s)
{
    static const char eight[] = "0,0,0,0,";
    for (;;)
        if (s->end - s->at >= 8 && memcmp(s->at, eight, 8) == 0) {
            s->at += 8;
            s->period += 4;
        } else if (s->end - s->at >= 2 && s->at[0] == '0' && s->at[1] == ',') {
            s->at += 2;
            s->period++;
        } else {
            return true;
        }
}

/* Why the row cannot be used, or NULL. */
static const char *scan_row(struct alm_counts *c, struct scan *s)
{
    c->cells = 0;
    c->total = 0;
    while (skip_zeros(s)) {
        s->cell = s->at;
        int64_t v = plain(&s->at, s->end);
        double calls = v >= 0 ? (double)v : unusual(&s->at, s->end);
        if (s->period >= c->periods)
            return "more counts than columns in the header";
        if (calls < 0)
            return "not a number of calls";
        if (calls > (double)s->most)
            return "too many calls to be believed (most=)";
        if (calls > 0)
            c->cell[c->cells++] = (struct alm_count){(uint32_t)s->period, (uint32_t)calls};
        c->total += (uint64_t)calls;
        s->period++;
        if (s->at == s->end)
            break;
        s->at++;
    }
    return s->period < c->periods ? "fewer counts than columns in the header" : NULL;
}

int alm_counts_row(struct alm_counts *c, struct alm_rows *r, size_t split, int64_t most, bool drop, struct alm_err *e)
{
    const struct alm_field *field;
    size_t count;
    char word[ALM_EXCERPT];
    alm_rows_rest(r, &field, &count);
    struct scan s = {.most = most};
    if (count > split) {
        s.at = s.cell = field[split].at;
        s.end = s.at + field[split].size;
    }
    const char *why = count > split ? scan_row(c, &s) : "fewer counts than columns in the header";
    if (!why)
        return ALM_OK;
    if (drop) {
        alm_rows_note(r, true, why);
        return ALM_END;
    }
    const char *end = s.cell ? memchr(s.cell, ',', (size_t)(s.end - s.cell)) : NULL;
    size_t size = s.cell ? (size_t)((end ? end : s.end) - s.cell) : 0;
    return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": count %zu of %zu: %s: %s; use bad=drop to go on without such rows",
                    alm_rows_path(r), alm_rows_row(r), s.period + (s.period < c->periods), c->periods,
                    alm_excerpt(s.cell ? s.cell : "", size, word), why);
}
