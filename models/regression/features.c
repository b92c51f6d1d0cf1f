/* SPDX-License-Identifier: GPL-3.0-or-later
 * features: a table of input parameters as columns of comparable size. The header says what and why. */
#include "features.h"

#include "almanac/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool is_given(double v)
{
    return isfinite(v);
}

/* asinh(x / unit) without overflow of the ratio. */
static double asinh_ratio(double x, double unit)
{
    const double ratio = x / unit;
    if (isfinite(ratio))
        return asinh(ratio);
    return copysign(log(fabs(x)) - log(unit) + log(2.0), x);
}

static double raw_value(const struct feature *f, const double *x)
{
    const double v = x[f->input];
    switch (f->kind) {
    case FEATURE_LOG:
        return is_given(v) ? (v > 0 ? log(v) : f->instead) : f->instead;
    case FEATURE_ASINH:
        return is_given(v) ? asinh_ratio(v, f->unit) : f->instead;
    case FEATURE_LEVEL:
        return v == f->unit;
    case FEATURE_ABSENT:
        break;
    }
    return !is_given(v);
}

void features_of(const struct features *f, const double *x, double *out)
{
    for (size_t j = 0; j < f->count; j++)
        out[j] = (raw_value(&f->at[j], x) - f->at[j].mean) / f->at[j].scale;
}

/* Mean and scale of column C over the table; false when it never varies. */
static bool standardise(struct feature *c, const struct regression_table *t)
{
    double sum = 0, squares = 0, largest = 0;
    for (size_t i = 0; i < t->n; i++) {
        const double v = raw_value(c, t->x + i * t->k);
        sum += v;
        largest = fmax(largest, fabs(v));
    }
    c->mean = sum / (double)t->n;
    for (size_t i = 0; i < t->n; i++) {
        const double d = raw_value(c, t->x + i * t->k) - c->mean;
        squares += d * d;
    }
    c->scale = sqrt(squares / (double)t->n);
    return c->scale > 1e-12 * fmax(1, largest);
}

static void add(struct features *f, struct feature c, const struct regression_table *t)
{
    if (f->count < FEATURES && standardise(&c, t))
        f->at[f->count++] = c;
}

/* The given values of input J, ascending, in OUT. */
static size_t given_sorted(const struct regression_table *t, size_t j, double *out)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (is_given(t->x[i * t->k + j]))
            out[n++] = t->x[i * t->k + j];
    qsort(out, n, sizeof *out, rising);
    return n;
}

static double median_size(double *v, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (v[i] != 0)
            v[kept++] = fabs(v[i]);
    qsort(v, kept, sizeof *v, rising);
    return kept ? v[kept / 2] : 1;
}

static void add_number(struct features *f, const struct regression_table *t, size_t j, double *work)
{
    const size_t n = given_sorted(t, j, work);
    if (n == 0)
        return;
    const double middle = work[n / 2];
    struct feature c = {.kind = work[0] > 0 ? FEATURE_LOG : FEATURE_ASINH, .input = (uint32_t)j, .unit = 1};
    if (c.kind == FEATURE_ASINH)
        c.unit = median_size(work, n);
    c.instead = c.kind == FEATURE_LOG ? log(middle) : asinh_ratio(middle, c.unit);
    add(f, c, t);
}

static void add_absent(struct features *f, const struct regression_table *t, size_t j)
{
    add(f, (struct feature){.kind = FEATURE_ABSENT, .input = (uint32_t)j}, t);
}

/* The most frequent levels of category J that were met at least twice, the lower number first among equals. */
static void add_levels(struct features *f, const struct regression_table *t, size_t j, double *work)
{
    const size_t n = given_sorted(t, j, work);
    if (n == 0 || (work[0] == work[n - 1] && n == t->n))
        return;
    if (f->codes < FEATURE_CODES)
        f->code[f->codes++] = (uint32_t)j;
    double level[FEATURE_LEVELS];
    size_t often[FEATURE_LEVELS], levels = 0;
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && work[next] == work[i]; next++)
            ;
        size_t at = levels;
        while (at > 0 && often[at - 1] < next - i)
            at--;
        if (next - i < 2 || at == FEATURE_LEVELS)
            continue;
        levels += levels < FEATURE_LEVELS;
        memmove(level + at + 1, level + at, (levels - at - 1) * sizeof *level);
        memmove(often + at + 1, often + at, (levels - at - 1) * sizeof *often);
        level[at] = work[i];
        often[at] = next - i;
    }
    for (size_t l = 0; l < levels; l++)
        add(f, (struct feature){.kind = FEATURE_LEVEL, .input = (uint32_t)j, .unit = level[l]}, t);
}

int features_learn(struct features *f, const struct regression_table *t, struct alm_err *e)
{
    memset(f, 0, sizeof *f);
    double *work = malloc((t->n + 1) * sizeof *work);
    if (!work)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu rows", t->n);
    for (size_t j = 0; j < t->k; j++)
        if (!t->category[j])
            add_number(f, t, j, work);
    f->numbers = f->count;
    for (size_t j = 0; j < t->k; j++)
        if (t->category[j])
            add_levels(f, t, j, work);
    for (size_t j = 0; j < t->k; j++)
        if (!t->category[j] && given_sorted(t, j, work) > 0)
            add_absent(f, t, j);
    free(work);
    return ALM_OK;
}
