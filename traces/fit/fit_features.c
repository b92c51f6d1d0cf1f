/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_features: what the usage in a trace is like. See the header. */
#include "fit_features.h"
#include "file/trace_describe.h"
#include "fit_grid.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE 65536

struct sums {
    double units, means, mean_squares, zeros;
    double acf[ALM__FEATURE_LAGS], acf_units[ALM__FEATURE_LAGS];
    double day[ALM__FEATURE_HOURS], day_units[ALM__FEATURE_HOURS];
    double *within;
};

struct work {
    const struct alm_demand *demand;
    struct alm_features *out;
    struct alm__grid series;
    struct sums sums[ALM_RESOURCES];
    double cross_units[ALM_RESOURCES][ALM_RESOURCES];
    double step, next; /* of the sample: rows, and when the next is taken */
};

static int grow(struct alm__sample *s, size_t room, struct alm_err *e)
{
    double *value = realloc(s->value, room * sizeof *value);
    if (value == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for a sample of %zu rows", room);
    s->value = value;
    uint32_t *unit = realloc(s->unit, room * sizeof *unit);
    if (unit == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for a sample of %zu rows", room);
    s->unit = unit;
    s->room = room;
    return ALM_OK;
}

int alm__sample_add(struct alm__sample *s, double value, uint32_t unit, struct alm_err *e)
{
    if (s->count == s->room)
        ALM_TRY(grow(s, s->room ? 2 * s->room : 1024, e));
    s->value[s->count] = value;
    s->unit[s->count++] = unit;
    return ALM_OK;
}

void alm__sample_free(struct alm__sample *s)
{
    free(s->value);
    free(s->unit);
    *s = (struct alm__sample){0};
}

/* Units stay beside their values. */
int alm__sample_sort(struct alm__sample *s, struct alm_err *e)
{
    size_t *order = malloc((s->count + 1) * sizeof *order);
    double *value = malloc((s->count + 1) * sizeof *value);
    uint32_t *unit = malloc((s->count + 1) * sizeof *unit);
    bool good = order && value && unit;
    if (good && s->count > 0) {
        gsl_sort_index(order, s->value, 1, s->count);
        for (size_t i = 0; i < s->count; i++) {
            value[i] = s->value[order[i]];
            unit[i] = s->unit[order[i]];
        }
        memcpy(s->value, value, s->count * sizeof *value);
        memcpy(s->unit, unit, s->count * sizeof *unit);
    }
    free(order);
    free(value);
    free(unit);
    return good ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory to sort %zu rows", s->count);
}

double alm__sample_quantile(const struct alm__sample *s, double q)
{
    if (s->count == 0)
        return (double)NAN;
    double place = q * (double)(s->count - 1);
    size_t low = (size_t)place;
    double part = place - (double)low;
    return low + 1 < s->count ? s->value[low] * (1 - part) + s->value[low + 1] * part : s->value[low];
}

void alm_features_free(struct alm_features *f)
{
    for (int r = 0; r < ALM_RESOURCES; r++) {
        alm__sample_free(&f->resource[r].sample);
        alm__sample_free(&f->resource[r].relative);
    }
}

/* One interval to twelve of them, then about each half hour up to 26 hours. */
static void choose_lags(struct alm_features *f)
{
    alm_time coarse = alm_time_ceil(30 * ALM_MINUTE, f->interval), lag = f->interval;
    f->day_lag = ALM__FEATURE_LAGS;
    while (f->lags < ALM__FEATURE_LAGS && lag <= 26 * ALM_HOUR) {
        if (f->day_lag == ALM__FEATURE_LAGS && lag + f->interval / 2 >= ALM_DAY) {
            lag = alm_time_floor(ALM_DAY + f->interval / 2, f->interval);
            f->day_lag = f->lags;
        }
        f->lag[f->lags++] = lag;
        lag = f->lags < 12 ? lag + f->interval : alm_time_floor(lag, coarse) + coarse;
    }
    if (f->day_lag == ALM__FEATURE_LAGS)
        f->day_lag = f->lags;
}

static double acf_at(const double *x, size_t n, double mean, double variance, size_t lag)
{
    double sum = 0, pairs = 0;
    for (size_t k = lag; k < n; k++)
        if (!isnan(x[k]) && !isnan(x[k - lag])) {
            sum += (x[k] - mean) * (x[k - lag] - mean);
            pairs++;
        }
    return pairs >= 30 ? sum / pairs / variance : (double)NAN;
}

static void add_acf(struct work *w, int r, double mean, double variance)
{
    for (size_t i = 0; i < w->out->lags; i++) {
        size_t lag = (size_t)(w->out->lag[i] / w->series.interval);
        double rho = acf_at(w->series.value[r], w->series.count, mean, variance, lag);
        if (isnan(rho))
            continue;
        w->sums[r].acf[i] += rho;
        w->sums[r].acf_units[i]++;
    }
}

static void add_day(struct work *w, int r, double mean)
{
    double sum[ALM__FEATURE_HOURS] = {0}, n[ALM__FEATURE_HOURS] = {0};
    const struct alm__grid *s = &w->series;
    for (size_t k = 0; k < s->count; k++) {
        alm_time middle = s->first + (alm_time)k * s->interval - s->interval / 2;
        size_t hour = (size_t)((middle - alm_time_floor(middle, ALM_DAY)) / ALM_HOUR);
        if (!isnan(s->value[r][k])) {
            sum[hour] += s->value[r][k] / mean;
            n[hour]++;
        }
    }
    for (size_t h = 0; h < ALM__FEATURE_HOURS; h++)
        if (n[h] > 0) {
            w->sums[r].day[h] += sum[h] / n[h];
            w->sums[r].day_units[h]++;
        }
}

/* Moments of resource R in the series; false when there is nothing to relate to. */
static bool unit_moments(struct work *w, int r, double *mean, double *variance)
{
    const double *x = w->series.value[r];
    double n = 0, sum = 0, squares = 0;
    for (size_t k = 0; k < w->series.count; k++)
        if (!isnan(x[k])) {
            n++;
            sum += x[k];
            w->sums[r].zeros += x[k] == 0;
        }
    *mean = n > 0 ? sum / n : 0;
    for (size_t k = 0; k < w->series.count; k++)
        if (!isnan(x[k]))
            squares += (x[k] - *mean) * (x[k] - *mean);
    *variance = n > 0 ? squares / n : 0;
    w->out->resource[r].values += (uint64_t)n;
    w->out->resource[r].mean += sum;
    return *mean > 0;
}

static void add_cross(struct work *w, const double *mean, const double *variance)
{
    for (int a = 0; a < ALM_RESOURCES; a++)
        for (int b = 0; b < a; b++) {
            double sum = 0, pairs = 0;
            if (!(variance[a] > 0 && variance[b] > 0))
                continue;
            for (size_t k = 0; k < w->series.count; k++) {
                double x = w->series.value[a][k], y = w->series.value[b][k];
                if (!isnan(x) && !isnan(y)) {
                    sum += (x - mean[a]) * (y - mean[b]);
                    pairs++;
                }
            }
            if (pairs < 30)
                continue;
            w->out->cross[a][b] += sum / pairs / sqrt(variance[a] * variance[b]);
            w->cross_units[a][b]++;
        }
}

/* Which of the N slots of this unit are sampled. */
static int add_sample(struct work *w, size_t unit, const double *mean, struct alm_err *e)
{
    for (size_t k = 0; k < w->series.count; k++) {
        w->next -= 1;
        if (w->next >= 0)
            continue;
        w->next += w->step;
        for (int r = 0; r < ALM_RESOURCES; r++) {
            double v = w->series.value[r][k];
            if (isnan(v))
                continue;
            ALM_TRY(alm__sample_add(&w->out->resource[r].sample, v, (uint32_t)unit, e));
            if (mean[r] > 0)
                ALM_TRY(alm__sample_add(&w->out->resource[r].relative, v / mean[r], (uint32_t)unit, e));
        }
    }
    return ALM_OK;
}

static int add_unit(struct work *w, size_t unit, struct alm_err *e)
{
    double mean[ALM_RESOURCES], variance[ALM_RESOURCES];
    ALM_TRY(alm__grid_read(&w->series, w->demand, unit, e));
    for (int r = 0; r < ALM_RESOURCES; r++) {
        struct sums *s = &w->sums[r];
        bool any = unit_moments(w, r, &mean[r], &variance[r]);
        if (!any)
            continue;
        s->within[(size_t)s->units++] = sqrt(variance[r]) / mean[r];
        s->means += mean[r];
        s->mean_squares += mean[r] * mean[r];
        add_day(w, r, mean[r]);
        if (variance[r] > 0)
            add_acf(w, r, mean[r], variance[r]);
    }
    add_cross(w, mean, variance);
    return add_sample(w, unit, mean, e);
}

static double hill(const struct alm__sample *s)
{
    size_t k = s->count / 100;
    double sum = 0;
    if (k < 20 || !(s->value[s->count - 1 - k] > 0))
        return (double)NAN;
    for (size_t i = s->count - k; i < s->count; i++)
        sum += log(s->value[i] / s->value[s->count - 1 - k]);
    return sum > 0 ? (double)k / sum : (double)NAN;
}

static int settle(struct work *w, int r, struct alm_err *e)
{
    static const double half = 0.5;
    struct sums *s = &w->sums[r];
    struct alm__feature *f = &w->out->resource[r];
    double n = s->units, mean = n > 0 ? s->means / n : 0;
    f->present = n > 0;
    f->mean = f->values ? f->mean / (double)f->values : (double)NAN;
    f->zeros = f->values ? s->zeros / (double)f->values : (double)NAN;
    f->between = n > 1 ? sqrt(fmax(0, s->mean_squares / n / (mean * mean) - 1)) : 0;
    double *scratch = malloc(((size_t)n + 1) * sizeof *scratch);
    if (scratch == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %g units", n);
    alm__quantiles(s->within, (size_t)n, &half, 1, &f->within, scratch);
    free(scratch);
    for (size_t i = 0; i < w->out->lags; i++)
        f->acf[i] = s->acf_units[i] > 0 ? s->acf[i] / s->acf_units[i] : (double)NAN;
    for (size_t h = 0; h < ALM__FEATURE_HOURS; h++)
        f->day[h] = s->day_units[h] > 0 ? s->day[h] / s->day_units[h] : (double)NAN;
    ALM_TRY(alm__sample_sort(&f->sample, e));
    ALM_TRY(alm__sample_sort(&f->relative, e));
    f->p50 = alm__sample_quantile(&f->sample, 0.5);
    f->p95 = alm__sample_quantile(&f->sample, 0.95);
    f->p99 = alm__sample_quantile(&f->sample, 0.99);
    f->tail = hill(&f->relative);
    return ALM_OK;
}

static int measure(struct work *w, const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_err *e)
{
    for (int r = 0; r < ALM_RESOURCES; r++) {
        w->sums[r].within = malloc((w->demand->units + 1) * sizeof(double));
        if (w->sums[r].within == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu units", w->demand->units);
    }
    double rows = (double)alm_trace_rows(t);
    w->step = rows > SAMPLE ? rows / SAMPLE * 1.0061803 : 1;
    choose_lags(w->out);
    for (size_t u = 0; u < w->demand->units; u++) {
        ALM_TRY(alm__watch_step(watch, (double)u / (double)w->demand->units, e));
        ALM_TRY(add_unit(w, u, e));
    }
    for (int r = 0; r < ALM_RESOURCES; r++)
        ALM_TRY(settle(w, r, e));
    for (int a = 0; a < ALM_RESOURCES; a++)
        for (int b = 0; b < a; b++) {
            double n = w->cross_units[a][b];
            w->out->cross[a][b] = w->out->cross[b][a] = n > 0 ? w->out->cross[a][b] / n : (double)NAN;
        }
    return ALM_OK;
}

int alm_features_read(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_features *out,
                      struct alm_err *e)
{
    struct work *w = calloc(1, sizeof *w);
    *out = (struct alm_features){0};
    if (w == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory to measure a trace");
    w->demand = alm_trace_demand(t);
    w->out = out;
    out->units = w->demand->units;
    out->interval = w->demand->interval;
    int code = measure(w, t, watch, e);
    alm__grid_free(&w->series);
    for (int r = 0; r < ALM_RESOURCES; r++)
        free(w->sums[r].within);
    free(w);
    if (code < 0)
        alm_features_free(out);
    return code < 0 ? code : ALM_OK;
}
