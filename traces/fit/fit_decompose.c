/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_decompose: one unit's usage of one resource, taken apart. See the header.
 *
 * Choice.   The power that noise has at a harmonic of the day is judged by that between harmonics: at half, one and a
 *           half, ... cycles a day. Slow noise would else pass for a cycle. */
#include "fit_decompose.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS (2 + 2 * ALM__FIT_HARMONICS + 2)
#define FAR 4.5
#define LEAST_LEVEL 0.05 /* of the mean: below it a ratio says nothing */

struct alm__frame alm__frame_of(const struct alm_demand *d)
{
    alm_time first = ALM_TIME_MAX, last = INT64_MIN;
    for (size_t u = 0; u < d->units; u++)
        if (d->rows[u] > 0) {
            first = d->unit[u].first < first ? d->unit[u].first : first;
            last = d->unit[u].last > last ? d->unit[u].last : last;
        }
    struct alm__frame f = {.start = first - d->interval, .span = last - first + d->interval};
    while (f.harmonics < ALM__FIT_HARMONICS && 10 * f.span >= 9 * ALM_DAY &&
           4 * (alm_time)(f.harmonics + 1) * d->interval <= ALM_DAY)
        f.harmonics++;
    f.week = 10 * f.span >= 135 * ALM_DAY && d->interval <= ALM_DAY;
    f.trend = f.span >= 3 * ALM_DAY;
    return f;
}

void alm__bench_free(struct alm__bench *b)
{
    free(b->ratio);
    free(b->clean);
    free(b->factor);
    free(b->level);
    free(b->scratch);
    *b = (struct alm__bench){0};
}

static int make_room(struct alm__bench *b, size_t n, struct alm_err *e)
{
    if (n <= b->room)
        return ALM_OK;
    alm__bench_free(b);
    double **array[] = {&b->ratio, &b->clean, &b->factor, &b->level, &b->scratch};
    for (size_t i = 0; i < sizeof array / sizeof *array; i++) {
        *array[i] = malloc(n * sizeof **array[i]);
        if (*array[i] == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory to take a series of %zu rows apart", n);
    }
    b->room = n;
    return ALM_OK;
}

/* Middle of slot K: days since the start of the trace, since a midnight, and weeks since a Monday. */
struct moment {
    double trend, day, week;
};

static struct moment moment_of(const struct alm__grid *s, const struct alm__frame *f, size_t k)
{
    double day = (double)ALM_DAY, at = (double)(s->first - f->start) + ((double)k - 0.5) * (double)s->interval;
    alm_time monday = f->start - 4 * ALM_DAY;
    return (struct moment){at / day, ((double)(f->start - alm_time_floor(f->start, ALM_DAY)) + at) / day,
                           ((double)(monday - alm_time_floor(monday, 7 * ALM_DAY)) + at) / (7 * day)};
}

static size_t regressors(const struct alm__frame *f, const struct moment *m, double *x)
{
    size_t n = 0;
    double c = cos(2 * M_PI * m->day), d = sin(2 * M_PI * m->day);
    x[n++] = 1;
    for (size_t h = 1; h <= f->harmonics; h++) { /* each harmonic from the one before */
        double re = h == 1 ? 1 : x[n - 2], im = h == 1 ? 0 : x[n - 1];
        x[n++] = re * c - im * d;
        x[n++] = re * d + im * c;
    }
    if (f->week) {
        x[n++] = cos(2 * M_PI * m->week);
        x[n++] = sin(2 * M_PI * m->week);
    }
    if (f->trend)
        x[n++] = m->trend - 0.5 * (double)f->span / (double)ALM_DAY;
    return n;
}

/* Least squares of Y (NaN: left out) on the regressors; a ridge of 1e-9 keeps the normal equations regular. */
static size_t regress(const struct alm__grid *s, const struct alm__frame *f, const double *y, double *beta,
                      double *inverse_trend)
{
    double xx[COLUMNS * COLUMNS] = {0}, xy[COLUMNS] = {0}, x[COLUMNS];
    size_t columns = 1, values = 0;
    for (size_t k = 0; k < s->count; k++) {
        if (isnan(y[k]))
            continue;
        struct moment m = moment_of(s, f, k);
        columns = regressors(f, &m, x);
        values++;
        for (size_t i = 0; i < columns; i++) {
            xy[i] += x[i] * y[k];
            for (size_t j = 0; j <= i; j++)
                xx[i * COLUMNS + j] += x[i] * x[j];
        }
    }
    for (size_t i = 0; i < columns; i++) {
        xx[i * COLUMNS + i] += 1e-9 * (double)values;
        for (size_t j = i + 1; j < columns; j++)
            xx[i * COLUMNS + j] = xx[j * COLUMNS + i];
    }
    gsl_matrix_view a = gsl_matrix_view_array_with_tda(xx, columns, columns, COLUMNS);
    gsl_vector_view b = gsl_vector_view_array(xy, columns), out = gsl_vector_view_array(beta, columns);
    gsl_linalg_cholesky_decomp1(&a.matrix);
    gsl_linalg_cholesky_solve(&a.matrix, &b.vector, &out.vector);
    double last = xx[(columns - 1) * COLUMNS + columns - 1];
    *inverse_trend = 1 / (last * last);
    return columns;
}

/* The fitted level of each slot, relative to the mean. */
static void fill_level(const struct alm__grid *s, const struct alm__frame *f, const double *beta, double *level)
{
    for (size_t k = 0; k < s->count; k++) {
        double x[COLUMNS], sum = 0;
        struct moment m = moment_of(s, f, k);
        size_t columns = regressors(f, &m, x);
        for (size_t i = 0; i < columns; i++)
            sum += beta[i] * x[i];
        level[k] = fmax(LEAST_LEVEL, sum);
    }
}

/* CLEAN = usage over shifts and level; returns the threshold of bursts. */
static double ratios(const struct alm__grid *s, struct alm__bench *b, bool lognormal)
{
    static const double half = 0.5;
    double median, mad;
    for (size_t k = 0; k < s->count; k++)
        b->clean[k] = b->ratio[k] / (b->factor[k] * b->level[k]);
    alm__quantiles(b->clean, s->count, &half, 1, &median, b->scratch);
    median = fmax(median, 1e-3);
    for (size_t k = 0; k < s->count; k++) {
        double e = lognormal ? log(fmax(b->clean[k], 1e-3) / median) : b->clean[k] - median;
        b->clean[k] = isnan(b->ratio[k]) ? (double)NAN : fabs(e);
    }
    alm__quantiles(b->clean, s->count, &half, 1, &mad, b->scratch);
    for (size_t k = 0; k < s->count; k++)
        b->clean[k] = b->ratio[k] / (b->factor[k] * b->level[k]);
    double sd = fmax(0.02, 1.4826 * mad);
    return lognormal ? median * exp(FAR * sd) : median + FAR * sd;
}

/* Is it right to take what lies above THRESHOLD out? */
static bool rare(const struct alm__bench *b, size_t n, double threshold)
{
    size_t above = 0, values = 0;
    double low = 0, all = 0;
    for (size_t k = 0; k < n; k++) {
        if (isnan(b->clean[k]))
            continue;
        values++;
        all += b->clean[k];
        if (b->clean[k] > threshold)
            above++;
        else
            low += b->clean[k];
    }
    return 5 * above < values && low > 0.3 * all;
}

/* How much the logarithm of CLEAN varies. */
static double log_squares(const double *clean, size_t n)
{
    double count = 0, sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++)
        if (!isnan(clean[k])) {
            double x = log(fmax(clean[k], 1e-3));
            count++;
            sum += x;
            squares += x * x;
        }
    return count > 0 ? squares - sum * sum / count : 0;
}

/* Level from what FACTOR leaves of the usage. CLEAN is used up. */
static void fit_level(const struct alm__grid *s, const struct alm__frame *f, struct alm__bench *b)
{
    double beta[COLUMNS], unused;
    for (size_t k = 0; k < s->count; k++)
        b->clean[k] = b->ratio[k] / b->factor[k];
    regress(s, f, b->clean, beta, &unused);
    fill_level(s, f, beta, b->level);
}

static void no_shifts(const struct alm__grid *s, struct alm__bench *b, struct alm__shifts *shifts)
{
    *shifts = (struct alm__shifts){0};
    for (size_t k = 0; k < s->count; k++)
        b->factor[k] = 1;
}

/* Shifts and cycles in turn, since a step looks like some of a week: first without the week. */
static int find_shifts(const struct alm__grid *s, const struct alm__frame *frame, bool lognormal, struct alm__bench *b,
                       struct alm__shifts *shifts, struct alm_err *e)
{
    struct alm__frame f = *frame;
    f.trend = f.week = false;
    no_shifts(s, b, shifts);
    for (int turn = 0; turn < 2; turn++) {
        fit_level(s, &f, b);
        for (size_t k = 0; k < s->count; k++)
            b->clean[k] = b->ratio[k] / b->level[k];
        ALM_TRY(alm__fit_shifts(b->clean, s->count, s->interval, b->factor, shifts, e));
        f.week = frame->week;
    }
    fit_level(s, &f, b);
    ratios(s, b, lognormal);
    return ALM_OK;
}

/* The first round leaves level and factor for the second: a trend, or shifts where these explain more: a step makes a
 * slope, and a slope many steps. */
static int first_round(const struct alm__grid *s, const struct alm__frame *f, bool lognormal, struct alm__bench *b,
                       struct alm__shifts *shifts, struct alm_err *e)
{
    double left = INFINITY;
    if (f->trend) {
        no_shifts(s, b, shifts);
        fit_level(s, f, b);
        ratios(s, b, lognormal);
        left = log_squares(b->clean, s->count);
    }
    ALM_TRY(find_shifts(s, f, lognormal, b, shifts, e));
    if (!f->trend || (shifts->count > 0 && log_squares(b->clean, s->count) < 0.7 * left))
        return ALM_OK;
    no_shifts(s, b, shifts);
    fit_level(s, f, b);
    return ALM_OK;
}

static void take_cycles(const struct alm__frame *f, const double *beta, size_t columns, struct alm__decomposed *out)
{
    size_t at = 1;
    for (size_t h = 0; h < f->harmonics; h++, at += 2)
        out->day[h] = (beta[at] + I * beta[at + 1]) / beta[0];
    if (f->week)
        out->week = (beta[at] + I * beta[at + 1]) / beta[0];
    if (f->trend)
        out->slope = beta[columns - 1] / beta[0];
}

/* |c|^2 at half, one and a half, ... cycles a day in what the level leaves over. */
static void noise_floor(const struct alm__grid *s, const struct alm__frame *f, const struct alm__bench *b, double base,
                        struct alm__decomposed *out)
{
    double complex sum[ALM__FIT_HARMONICS + 1] = {0};
    double n = 0, squares = 0;
    for (size_t k = 0; k < s->count; k++) {
        if (isnan(b->clean[k]))
            continue;
        struct moment m = moment_of(s, f, k);
        double left = (b->clean[k] - 1) * b->level[k] / base;
        n++;
        squares += left * left;
        double complex turn = cexp(-2 * M_PI * I * m.day), at = cexp(-M_PI * I * m.day);
        for (size_t h = 0; h <= f->harmonics; h++, at *= turn)
            sum[h] += left * at;
    }
    for (size_t h = 0; h < f->harmonics; h++)
        out->floor[h] = f->span < 2 * ALM_DAY ? 4 * squares / (n * n) : 4 * cabs(sum[h]) * cabs(sum[h + 1]) / (n * n);
}

static int add_run(struct alm__runs *runs, const struct alm__run *run, struct alm_err *e)
{
    if (runs->count == runs->room) {
        size_t room = runs->room ? 2 * runs->room : 256;
        struct alm__run *more = realloc(runs->run, room * sizeof *more);
        if (more == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu bursts", room);
        runs->run = more;
        runs->room = room;
    }
    runs->run[runs->count++] = *run;
    return ALM_OK;
}

/* Runs of ratios above THRESHOLD are recorded and become NaN. */
static int take_runs(const struct alm__grid *s, struct alm__bench *b, double threshold, double base,
                     struct alm__runs *runs, struct alm_err *e)
{
    struct alm__run run = {0};
    for (size_t k = 0; k <= s->count; k++) {
        bool above = k < s->count && b->clean[k] > threshold;
        if (!above && run.rows > 0) {
            ALM_TRY(add_run(runs, &run, e));
            run = (struct alm__run){0};
        }
        if (!above)
            continue;
        run.rows++;
        if (b->clean[k] > run.ratio)
            run.ratio = b->clean[k];
        double excess = (b->clean[k] - 1) * b->level[k] / base;
        if (excess > run.excess)
            run.excess = excess;
        run.threshold = (threshold - 1) * b->level[k] / base;
        run.ratio_threshold = threshold;
        b->clean[k] = (double)NAN;
    }
    return ALM_OK;
}

struct moments {
    double n, mean, sd;
};

static struct moments moments_of(const double *x, size_t n)
{
    double count = 0, sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++)
        if (!isnan(x[k])) {
            count++;
            sum += x[k];
        }
    double mean = count > 0 ? sum / count : 0;
    for (size_t k = 0; k < n; k++)
        if (!isnan(x[k]))
            squares += (x[k] - mean) * (x[k] - mean);
    return (struct moments){count, mean, count > 0 ? sqrt(squares / count) : 0};
}

static void take_noise(const struct alm__grid *s, struct alm__bench *b, bool lognormal, double *residual,
                       struct alm__decomposed *out)
{
    static const double q[] = {0.1, 0.5, 0.9};
    double at[3];
    alm__quantiles(b->clean, s->count, q, 3, at, b->scratch);
    out->skew = at[2] > at[0] ? (at[2] + at[0] - 2 * at[1]) / (at[2] - at[0]) : 0;
    out->log_sd = log(fmax(at[2], 1e-3) / fmax(at[0], 1e-3)) / 2.5631;
    struct moments m = moments_of(b->clean, s->count);
    out->base *= m.mean;
    out->noise_sd = m.mean > 0 ? m.sd / m.mean : 0;
    for (size_t k = 0; k < s->count; k++)
        residual[k] = lognormal && !isnan(b->clean[k]) ? log(fmax(b->clean[k], 1e-3)) : b->clean[k];
    m = moments_of(residual, s->count);
    for (size_t k = 0; k < s->count; k++)
        residual[k] = m.sd > 0 ? (residual[k] - m.mean) / m.sd : 0 * residual[k];
}

static void lag_one(const double *x, size_t n, double *rho)
{
    double sum = 0, count = 0;
    for (size_t k = 1; k < n; k++)
        if (!isnan(x[k]) && !isnan(x[k - 1])) {
            sum += x[k] * x[k - 1];
            count++;
        }
    *rho = count > 0 ? fmin(0.99, fmax(0, sum / count)) : 0;
}

static void take_mean(const struct alm__grid *s, int r, struct alm__decomposed *out)
{
    double sum = 0;
    for (size_t k = 0; k < s->count; k++)
        if (!isnan(s->value[r][k])) {
            out->values++;
            out->zeros += s->value[r][k] == 0;
            sum += s->value[r][k];
        }
    out->mean = out->values ? sum / (double)out->values : 0;
    out->days = (double)s->count * alm_seconds(s->interval) / 86400;
}

/* Spells without usage: rows of 0 that are not in the job. */
static void take_idle(const struct alm__grid *s, const double *x, struct alm__decomposed *out)
{
    bool before = false;
    for (size_t k = 0; k < s->count; k++) {
        if (isnan(x[k]) || alm__fit_jobs_height(s, &out->jobs, k) > 0) {
            before = before && isnan(x[k]);
            continue;
        }
        bool idle = x[k] == 0;
        out->able++;
        out->idle += idle ? 1 : 0;
        out->spells += idle && !before ? 1 : 0;
        before = idle;
    }
}

/* RATIO: usage over its mean, without the rows of jobs and spells. Returns how many values it has. */
static size_t take_pattern(const struct alm__grid *s, const double *x, double *ratio, struct alm__decomposed *out)
{
    size_t n = 0;
    double sum = 0;
    take_idle(s, x, out);
    for (size_t k = 0; k < s->count; k++) {
        ratio[k] = x[k] > 0 && alm__fit_jobs_height(s, &out->jobs, k) == 0 ? x[k] : (double)NAN;
        if (isnan(ratio[k]))
            continue;
        n++;
        sum += ratio[k];
    }
    out->base = n > 0 ? sum / (double)n : 0;
    for (size_t k = 0; k < s->count; k++)
        ratio[k] /= out->base;
    return n;
}

int alm__decompose(const struct alm__grid *s, int r, const struct alm__frame *frame, bool lognormal,
                   struct alm__bench *b, double *residual, struct alm__runs *runs, struct alm__decomposed *out,
                   struct alm_err *e)
{
    struct alm__frame f = *frame;
    double beta[COLUMNS], inverse, rho;
    *out = (struct alm__decomposed){0};
    take_mean(s, r, out);
    if (out->values < 16 || !(out->mean > 0))
        return ALM_NOT_YET;
    ALM_TRY(make_room(b, s->count, e));
    ALM_TRY(alm__fit_jobs(s, r, &out->jobs, e));
    size_t values = take_pattern(s, s->value[r], b->ratio, out);
    out->active = (double)values * alm_seconds(s->interval) / 86400;
    if (values < 16)
        return ALM_NOT_YET;
    if (values < 4 * COLUMNS || out->days < 0.9)
        f.harmonics = 0;
    f.week = f.week && out->days >= 13;
    f.trend = f.trend && out->days >= 2.5;
    ALM_TRY(first_round(s, &f, lognormal, b, &out->shifts, e));
    double threshold = ratios(s, b, lognormal);
    bool bursts = rare(b, s->count, threshold);
    for (size_t k = 0; k < s->count; k++)
        b->clean[k] = bursts && b->clean[k] > threshold ? (double)NAN : b->ratio[k] / b->factor[k];
    size_t columns = regress(s, &f, b->clean, beta, &inverse);
    beta[0] = fmax(beta[0], 1e-3);
    fill_level(s, &f, beta, b->level);
    take_cycles(&f, beta, columns, out);
    threshold = ratios(s, b, lognormal);
    if (bursts && rare(b, s->count, threshold))
        ALM_TRY(take_runs(s, b, threshold, beta[0], runs, e));
    noise_floor(s, &f, b, beta[0], out);
    out->base *= beta[0];
    take_noise(s, b, lognormal, residual, out);
    lag_one(residual, s->count, &rho);
    out->slope_error = f.trend ? out->noise_sd * sqrt(inverse * (1 + rho) / (1 - rho)) : 0;
    return ALM_OK;
}
