/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_compare: how unlike two traces are. See the header. */
#include "fit_compare.h"

#include "almanac/stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define GRID 400
#define CELLS ((size_t)4 << 20)
#define PERMUTATIONS 499

void alm_fit_report_add(struct alm_fit_report *report, const char *what, const char *property,
                        enum alm_fit_measure measure, double real, double made)
{
    if (report->count == ALM_FIT_ROWS)
        return;
    struct alm_fit_row *row = &report->row[report->count++];
    *row = (struct alm_fit_row){.property = property, .measure = measure, .real = real, .made = made, .p = (double)NAN};
    snprintf(row->what, sizeof row->what, "%s", what);
    row->distance = measure == ALM_FIT_DIFFERENCE ? made - real : measure == ALM_FIT_RATIO ? made / real : (double)NAN;
}

void alm_fit_report_add_ks(struct alm_fit_report *out, const char *what, const char *property, double d, double p)
{
    alm_fit_report_add(out, what, property, ALM_FIT_KS, (double)NAN, (double)NAN);
    if (out->count > 0) {
        out->row[out->count - 1].distance = d;
        out->row[out->count - 1].p = p;
    }
}

/* Per unit, how many of its values lie at or below each of `points` quantiles of all: [unit][point]. */
struct table {
    size_t units, points;
    uint32_t *below;
    double total[GRID];
    double *count; /* values of each unit */
};

static size_t choose_points(const struct alm__sample *a, const struct alm__sample *b, size_t most, double *point)
{
    size_t n = 0;
    for (size_t i = 0; i < most; i++) {
        double q = ((double)i + 0.5) / (double)most;
        double x = i % 2 ? alm__sample_quantile(a, q) : alm__sample_quantile(b, q);
        point[n++] = x;
    }
    for (size_t i = 1; i < n; i++) /* nearly sorted: two ascending lists interleaved */
        for (size_t k = i; k > 0 && point[k] < point[k - 1]; k--) {
            double x = point[k];
            point[k] = point[k - 1];
            point[k - 1] = x;
        }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || point[i] > point[kept - 1])
            point[kept++] = point[i];
    return kept;
}

static void count_below(struct table *t, const struct alm__sample *s, size_t first_unit, const double *point)
{
    for (size_t i = 0; i < s->count; i++) {
        uint32_t *row = t->below + (first_unit + s->unit[i]) * t->points;
        t->count[first_unit + s->unit[i]]++;
        size_t low = 0, high = t->points;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (point[middle] < s->value[i])
                low = middle + 1;
            else
                high = middle;
        }
        if (low < t->points)
            row[low]++;
    }
}

/* Counts between points to counts below; units without values are dropped. */
static void close_table(struct table *t)
{
    size_t kept = 0;
    for (size_t u = 0; u < t->units; u++) {
        const uint32_t *from = t->below + u * t->points;
        uint32_t *row = t->below + kept * t->points, sum = 0;
        if (!(t->count[u] > 0))
            continue;
        for (size_t k = 0; k < t->points; k++) {
            sum += from[k];
            row[k] = sum;
            t->total[k] += sum;
        }
        t->count[kept++] = t->count[u];
    }
    t->units = kept;
}

/* D between the units ORDER[0 .. n) and all others. */
static double distance(const struct table *t, const size_t *order, size_t n)
{
    double inside[GRID] = {0}, count = 0, all = 0, d = 0;
    for (size_t i = 0; i < t->units; i++)
        all += t->count[i];
    for (size_t i = 0; i < n; i++) {
        const uint32_t *row = t->below + order[i] * t->points;
        count += t->count[order[i]];
        for (size_t k = 0; k < t->points; k++)
            inside[k] += row[k];
    }
    for (size_t k = 0; k < t->points; k++)
        d = fmax(d, fabs(inside[k] / count - (t->total[k] - inside[k]) / (all - count)));
    return d;
}

static double permutation_p(const struct table *t, size_t *order, size_t n, double d)
{
    struct alm_stream s = alm_stream_open(1, 0, "fit.permutation");
    size_t as_far = 1;
    for (int i = 0; i < PERMUTATIONS; i++) {
        for (size_t k = 0; k < n; k++) {
            size_t other = k + (size_t)alm_stream_below(&s, t->units - k), swap = order[k];
            order[k] = order[other];
            order[other] = swap;
        }
        as_far += distance(t, order, n) >= d - 1e-12;
    }
    return (double)as_far / (PERMUTATIONS + 1);
}

static size_t units_with_values(const struct table *t, size_t until)
{
    size_t n = 0;
    for (size_t u = 0; u < until; u++)
        n += t->count[u] > 0;
    return n;
}

int alm__fit_ks(const struct alm__sample *a, size_t a_units, const struct alm__sample *b, size_t b_units, double *d,
                double *p, struct alm_err *e)
{
    double point[GRID];
    struct table t = {.units = a_units + b_units};
    *d = *p = (double)NAN;
    if (a->count == 0 || b->count == 0)
        return ALM_OK;
    size_t most = CELLS / t.units;
    t.points = choose_points(a, b, most < 20 ? 20 : most < GRID ? most : GRID, point);
    t.below = calloc(t.units * t.points, sizeof *t.below);
    t.count = calloc(t.units, sizeof *t.count);
    size_t *order = calloc(t.units, sizeof *order);
    bool good = t.below && t.count && order;
    if (good) {
        count_below(&t, a, 0, point);
        count_below(&t, b, a_units, point);
        size_t n = units_with_values(&t, a_units);
        close_table(&t);
        for (size_t i = 0; i < t.units; i++)
            order[i] = i;
        *d = distance(&t, order, n);
        if (n >= 4 && t.units - n >= 4)
            *p = permutation_p(&t, order, n, *d);
    }
    free(order);
    free(t.below);
    free(t.count);
    return good ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory to compare %zu units", a_units + b_units);
}

static double day_distance(const struct alm__feature *a, const struct alm__feature *b)
{
    double sum = 0, n = 0;
    for (size_t h = 0; h < ALM__FEATURE_HOURS; h++)
        if (!isnan(a->day[h]) && !isnan(b->day[h])) {
            sum += (a->day[h] - b->day[h]) * (a->day[h] - b->day[h]);
            n++;
        }
    return n > 0 ? sqrt(sum / n) : (double)NAN;
}

static double day_range(const struct alm__feature *f)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t h = 0; h < ALM__FEATURE_HOURS; h++)
        if (!isnan(f->day[h])) {
            low = fmin(low, f->day[h]);
            high = fmax(high, f->day[h]);
        }
    return high >= low ? high - low : (double)NAN;
}

static int compare_resource(const struct alm_features *real, const struct alm_features *made, int r,
                            struct alm_fit_report *out, struct alm_err *e)
{
    const struct alm__feature *a = &real->resource[r], *b = &made->resource[r];
    const char *what = alm_resource_name((enum alm_resource)r);
    double d, p;
    alm_fit_report_add(out, what, "mean", ALM_FIT_RATIO, a->mean, b->mean);
    alm_fit_report_add(out, what, "median", ALM_FIT_RATIO, a->p50, b->p50);
    alm_fit_report_add(out, what, "p95", ALM_FIT_RATIO, a->p95, b->p95);
    alm_fit_report_add(out, what, "p99", ALM_FIT_RATIO, a->p99, b->p99);
    ALM_TRY(alm__fit_ks(&a->sample, real->units, &b->sample, made->units, &d, &p, e));
    alm_fit_report_add_ks(out, what, "distribution", d, p);
    ALM_TRY(alm__fit_ks(&a->relative, real->units, &b->relative, made->units, &d, &p, e));
    alm_fit_report_add_ks(out, what, "distribution / unit mean", d, p);
    alm_fit_report_add(out, what, "share of zeros", ALM_FIT_DIFFERENCE, a->zeros, b->zeros);
    alm_fit_report_add(out, what, "spread over units", ALM_FIT_RATIO, a->between, b->between);
    alm_fit_report_add(out, what, "variation within units", ALM_FIT_RATIO, a->within, b->within);
    alm_fit_report_add(out, what, "tail index", ALM_FIT_RATIO, a->tail, b->tail);
    alm_fit_report_add(out, what, "autocorrelation, 1 row", ALM_FIT_DIFFERENCE, a->acf[0], b->acf[0]);
    if (real->day_lag < real->lags && made->day_lag < made->lags)
        alm_fit_report_add(out, what, "autocorrelation, 1 day", ALM_FIT_DIFFERENCE, a->acf[real->day_lag],
                           b->acf[made->day_lag]);
    alm_fit_report_add(out, what, "course of the day", ALM_FIT_RMS, day_range(a), day_range(b));
    out->row[out->count - 1].distance = day_distance(a, b);
    return ALM_OK;
}

int alm_fit_compare(const struct alm_features *real, const struct alm_features *made, struct alm_fit_report *out,
                    struct alm_err *e)
{
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (real->resource[r].present && made->resource[r].present)
            ALM_TRY(compare_resource(real, made, r, out, e));
    for (int a = 0; a < ALM_RESOURCES; a++)
        for (int b = 0; b < a; b++) {
            char what[40];
            if (isnan(real->cross[a][b]) || isnan(made->cross[a][b]))
                continue;
            snprintf(what, sizeof what, "%s %s", alm_resource_name((enum alm_resource)b),
                     alm_resource_name((enum alm_resource)a));
            alm_fit_report_add(out, what, "correlation", ALM_FIT_DIFFERENCE, real->cross[a][b], made->cross[a][b]);
        }
    return ALM_OK;
}
