/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_series: see the header. */
#include "experiments/figure_series.h"

#include <math.h>
#include <stdlib.h>

int alm__series_open(struct alm__series *s, double end, size_t columns, struct alm_err *e)
{
    *s = (struct alm__series){.end = end, .columns = columns, .column = calloc(columns, sizeof *s->column)};
    return s->column ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for a series of %zu columns", columns);
}

void alm__figure_series_free(struct alm__series *s)
{
    free(s->column);
    *s = (struct alm__series){0};
}

static size_t place_of(double x, double end, size_t columns)
{
    double place = end > 0 ? x / end * (double)columns : 0;
    if (!(place > 0))
        return 0;
    return place < (double)columns ? (size_t)place : columns - 1;
}

size_t alm__series_place(const struct alm__series *s, double x)
{
    return place_of(x, s->end, s->columns);
}

void alm__series_add(struct alm__series *s, double x, double y)
{
    if (!isfinite(y)) {
        s->gap = true;
        return;
    }
    struct alm__series_column *c = &s->column[alm__series_place(s, x)];
    struct alm__point p = {x, y, c->count};
    if (c->count++ == 0) {
        *c = (struct alm__series_column){p, p, p, p, 1, s->gap};
    } else {
        c->last = p;
        if (y < c->low.y)
            c->low = p;
        if (y > c->high.y)
            c->high = p;
    }
    s->gap = false;
}

void alm__series_write(const struct alm__series *s, double divisor, FILE *out)
{
    bool any = false;
    for (size_t i = 0; i < s->columns; i++) {
        const struct alm__series_column *c = &s->column[i];
        if (c->count == 0)
            continue;
        if (c->broken && any)
            putc('\n', out);
        bool low_first = c->low.nth <= c->high.nth;
        struct alm__point p[4] = {c->first, low_first ? c->low : c->high, low_first ? c->high : c->low, c->last};
        for (size_t k = 0; k < 4; k++)
            if (k == 0 || p[k].nth != p[k - 1].nth)
                fprintf(out, "%.7g %.6g\n", p[k].x, p[k].y / divisor);
        any = true;
    }
    if (!any)
        fputs("-1e30 -1e30\n", out);
}

double alm__series_max(const struct alm__series *s)
{
    double max = 0;
    for (size_t i = 0; i < s->columns; i++)
        if (s->column[i].count && s->column[i].high.y > max)
            max = s->column[i].high.y;
    return max;
}

int alm__band_open(struct alm__band *b, double end, size_t columns, struct alm_err *e)
{
    *b = (struct alm__band){.end = end, .columns = columns, .column = calloc(columns, sizeof *b->column)};
    return b->column ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for a band of %zu columns", columns);
}

void alm__band_free(struct alm__band *b)
{
    free(b->column);
    *b = (struct alm__band){0};
}

void alm__band_add(struct alm__band *b, double x, double low, double high)
{
    x = x > 0 ? x : 0;
    struct alm__band_column *c = &b->column[place_of(x, b->end, b->columns)];
    if (c->count++ == 0) {
        c->first = x;
        c->low = INFINITY;
        c->high = -INFINITY;
    }
    c->last = x;
    c->last_low = low;
    c->last_high = high;
    if (isfinite(low) && isfinite(high)) {
        c->low = fmin(c->low, low);
        c->high = fmax(c->high, high);
    }
}

static void corner(FILE *out, double x, double low, double high, double divisor)
{
    if (isfinite(low) && isfinite(high))
        fprintf(out, "%.7g %.6g %.6g\n", x, low / divisor, high / divisor);
    else
        putc('\n', out);
}

void alm__band_write(const struct alm__band *b, double divisor, FILE *out)
{
    double low = NAN, high = NAN;
    fputs("-1e30 -1e30 -1e30\n", out);
    for (size_t i = 0; i < b->columns; i++) {
        const struct alm__band_column *c = &b->column[i];
        if (c->count == 0)
            continue;
        corner(out, c->first, low, high, divisor);
        if (c->count > 1 && c->high >= c->low) {
            corner(out, c->first, c->low, c->high, divisor);
            corner(out, c->last, c->low, c->high, divisor);
        }
        low = c->last_low;
        high = c->last_high;
        corner(out, c->last, low, high, divisor);
    }
    if (isfinite(low) && isfinite(high))
        corner(out, b->end, low, high, divisor);
}

double alm__band_max(const struct alm__band *b)
{
    double max = 0;
    for (size_t i = 0; i < b->columns; i++)
        if (b->column[i].count && b->column[i].high > max)
            max = b->column[i].high;
    return max;
}
