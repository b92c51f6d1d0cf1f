/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_usage: options of the generator `usage` from a trace. See the header. */
#include "fit_usage.h"
#include "file/trace_describe.h"
#include "fit_arma.h"
#include "fit_decompose.h"

#include "almanac/law.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(ALM__FIT_DAY == ALM__FIT_HARMONICS, "harmonics of the day");

#define FEW_DAYS 4
#define LOOK 64 /* units that decide on the law of noise */

/* Sums over units for one resource. */
struct pool {
    struct alm__runs runs;
    double units, days, values, zeros;
    double base, base_logs, base_squares; /* of units; squares of logarithms */
    double slope, slope_squares, slope_errors;
    double complex day[ALM__FIT_HARMONICS], week, turned[ALM__FIT_HARMONICS];
    double power[ALM__FIT_HARMONICS], week_power;
    double shifts, shift_squares, weeks;
    double acf[ALM__FIT_LAGS + 1], pairs[ALM__FIT_LAGS + 1];
};

struct work {
    const struct alm_trace *trace;
    const struct alm_demand *demand;
    const struct alm_trace_watch *watch;
    struct alm__frame frame;
    struct alm__grid series;
    struct alm__bench bench;
    double *residual[ALM_RESOURCES], *base[ALM_RESOURCES];
    size_t residual_room;
    struct pool pool[ALM_RESOURCES];
    struct alm__fleet fleet[ALM_RESOURCES];
    double noises[ALM_RESOURCES][ALM_RESOURCES], noise_pairs[ALM_RESOURCES][ALM_RESOURCES];
};

static int make_room(struct work *w, struct alm_err *e)
{
    if (w->series.count <= w->residual_room)
        return ALM_OK;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        free(w->residual[r]);
        w->residual[r] = malloc(w->series.count * sizeof(double));
        if (w->residual[r] == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory to fit %zu rows", w->series.count);
    }
    w->residual_room = w->series.count;
    return ALM_OK;
}

static void free_work(struct work *w)
{
    alm__grid_free(&w->series);
    alm__bench_free(&w->bench);
    for (int r = 0; r < ALM_RESOURCES; r++) {
        free(w->residual[r]);
        free(w->base[r]);
        free(w->pool[r].runs.run);
        alm__fleet_free(&w->fleet[r]);
    }
}

/* Is the noise of resource R skewed as a lognormal one is, or too loud to be normal? By the medians over some units. */
static int choose_law(struct work *w, struct alm_fit_usage *out, struct alm_err *e)
{
    static const double half = 0.5;
    double skew[ALM_RESOURCES][LOOK], sd[ALM_RESOURCES][LOOK], scratch[LOOK], median_skew, median_sd;
    size_t n[ALM_RESOURCES] = {0}, units = w->demand->units < LOOK ? w->demand->units : LOOK;
    for (size_t i = 0; i < units; i++) {
        ALM_TRY(alm__grid_read(&w->series, w->demand, i * w->demand->units / units, e));
        ALM_TRY(make_room(w, e));
        for (int r = 0; r < ALM_RESOURCES; r++) {
            struct alm__decomposed d;
            int code =
                alm__decompose(&w->series, r, &w->frame, false, &w->bench, w->residual[r], &w->pool[r].runs, &d, e);
            ALM_TRY(code);
            w->pool[r].runs.count = 0;
            if (code == ALM_NOT_YET)
                continue;
            skew[r][n[r]] = d.skew - 0.5 * tanh(1.2816 * d.log_sd / 2);
            sd[r][n[r]++] = d.noise_sd;
        }
    }
    for (int r = 0; r < ALM_RESOURCES; r++) {
        alm__quantiles(skew[r], n[r], &half, 1, &median_skew, scratch);
        alm__quantiles(sd[r], n[r], &half, 1, &median_sd, scratch);
        out->resource[r].lognormal = n[r] > 0 && (median_sd > 0.4 || (median_skew > 0 && median_sd > 0.05));
    }
    return ALM_OK;
}

static void pool_cycles(struct pool *p, const struct alm__decomposed *d)
{
    double complex turn = cabs(d->day[0]) > 0 ? conj(d->day[0]) / cabs(d->day[0]) : 1, turns = 1;
    double most = fmax(1, cabs(d->day[0])); /* a greater amplitude is that of a level near 0 */
    for (size_t h = 0; h < ALM__FIT_HARMONICS; h++) {
        turns *= turn;
        p->day[h] += d->day[h] / most;
        p->turned[h] += d->day[h] * turns * cabs(d->day[0]) / (most * most);
        p->power[h] += (pow(cabs(d->day[h]), 2) - d->floor[h]) / (most * most);
    }
    p->week += d->week;
}

static void pool_acf(struct pool *p, const double *x, size_t n)
{
    for (size_t lag = 0; lag <= ALM__FIT_LAGS; lag++)
        for (size_t k = lag; k < n; k++)
            if (!isnan(x[k]) && !isnan(x[k - lag])) {
                p->acf[lag] += x[k] * x[k - lag];
                p->pairs[lag]++;
            }
}

static void pool_unit(struct pool *p, const struct alm__decomposed *d)
{
    p->units++;
    p->days += d->active;
    p->weeks += d->days / 7;
    p->base += d->base;
    p->base_logs += log(fmax(d->base, 1e-300));
    p->base_squares += pow(log(fmax(d->base, 1e-300)), 2);
    p->slope += d->slope;
    p->slope_squares += d->slope * d->slope;
    p->slope_errors += d->slope_error * d->slope_error;
    p->shifts += (double)d->shifts.count;
    p->shift_squares += d->shifts.squares;
    pool_cycles(p, d);
}

static void pool_noises(struct work *w, const bool *good)
{
    for (int a = 0; a < ALM_RESOURCES; a++)
        for (int b = 0; good[a] && b < a; b++)
            for (size_t k = 0; good[b] && k < w->series.count; k++) {
                double x = w->residual[a][k], y = w->residual[b][k];
                if (isnan(x) || isnan(y))
                    continue;
                w->noises[a][b] += x * y;
                w->noise_pairs[a][b]++;
            }
}

static int pool_all(struct work *w, const struct alm_fit_usage *fit, struct alm_err *e)
{
    for (size_t u = 0; u < w->demand->units; u++) {
        bool good[ALM_RESOURCES] = {0};
        ALM_TRY(alm__watch_step(w->watch, (double)u / (double)w->demand->units, e));
        ALM_TRY(alm__grid_read(&w->series, w->demand, u, e));
        ALM_TRY(make_room(w, e));
        for (int r = 0; r < ALM_RESOURCES; r++) {
            struct alm__decomposed d;
            struct pool *p = &w->pool[r];
            size_t runs = p->runs.count;
            int code = alm__decompose(&w->series, r, &w->frame, fit->resource[r].lognormal, &w->bench, w->residual[r],
                                      &p->runs, &d, e);
            ALM_TRY(code);
            for (; runs < p->runs.count; runs++)
                p->runs.run[runs].unit = u;
            p->values += (double)d.values;
            p->zeros += (double)d.zeros;
            good[r] = code != ALM_NOT_YET;
            alm__fleet_add(&w->fleet[r], u, &d, good[r]);
            w->base[r][u] = good[r] ? d.base : (double)NAN;
            if (!good[r])
                continue;
            pool_unit(p, &d);
            pool_acf(p, w->residual[r], w->series.count);
        }
        pool_noises(w, good);
    }
    return ALM_OK;
}

/* The width of a uniform law of phases with which a cosine of one cycle keeps SHARE of its amplitude: sin(x)/x. */
static double phase_width(double share)
{
    double low = 0, high = M_PI;
    for (int i = 0; i < 60; i++) {
        double x = (low + high) / 2;
        (sin(x) / x > share ? &low : &high)[0] = x;
    }
    return 24 * low / M_PI;
}

/* Hour of the first peak of harmonic H (from 0), of N units' coefficients. */
static double peak_hour(double complex c, size_t h, double period)
{
    double hour = carg(c) / (2 * M_PI * (double)(h + 1)) * period;
    return hour < 0 ? hour + period / (double)(h + 1) : hour;
}

/* Power that units have, each with its own phase, less that of noise; in few days, when slow noise looks like a cycle, only
 * what they have in common. */
static void settle_cycles(const struct pool *p, const struct alm__frame *f, struct alm__fit_resource *out)
{
    double total = 0;
    bool common = p->units > 1 && f->span < FEW_DAYS * ALM_DAY;
    for (size_t h = 0; h < f->harmonics; h++) {
        double mean = cabs(p->day[h]) / p->units;
        double amplitude = common ? mean : sqrt(fmax(0, p->power[h] / p->units));
        bool first = h == 0;
        if (first)
            out->phase = p->units > 1 && amplitude > 0 ? phase_width(fmin(1, mean / amplitude)) : 0;
        double kept = first ? 1
                            : fmin(1, cabs(p->turned[h]) / fmax(1e-12, cabs(p->turned[0])) *
                                          fmax(out->amplitude[0], 1e-12) / fmax(amplitude, 1e-12));
        amplitude = fmin(first ? 1 : 1 - total, amplitude * kept);
        out->amplitude[h] = amplitude < 0.01 ? 0 : amplitude;
        total += out->amplitude[h];
        double complex turned = p->turned[h] * cpow(p->day[0] / fmax(1e-300, cabs(p->day[0])), (double)(h + 1));
        out->peak[h] = peak_hour(first ? p->day[0] : turned, h, 24);
    }
    if (f->week) {
        out->weekly = fmin(1, cabs(p->week) / p->units);
        out->weekly = out->weekly < 0.01 ? 0 : out->weekly;
        out->weekly_peak = peak_hour(p->week, 0, 168);
    }
}

/* With a trend the base is the level where the trace begins, HALF days before its middle. */
static void settle_level(const struct pool *p, double half, struct alm__fit_resource *out)
{
    double n = p->units, slope = p->slope / n;
    double variance = n > 1 ? fmax(0, p->slope_squares / n - slope * slope) / (n - 1) : 0;
    double error = sqrt(variance + p->slope_errors / (n * n));
    out->base = p->base / n;
    double logs = p->base_logs / n;
    out->spread = n > 1 ? sqrt(expm1(fmax(0, p->base_squares / n - logs * logs) * n / (n - 1))) : 0;
    out->spread = fmin(10, out->spread);
    if (error > 0 && fabs(slope) > 4 * error && slope * half < 0.9) {
        out->base *= 1 - slope * half;
        out->trend = fmax(-10, fmin(10, slope / (1 - slope * half)));
    }
    out->zeros = p->values > 0 ? p->zeros / p->values : 0;
    out->units = (size_t)n;
}

/* Runs of one row above the median of their thresholds. */
struct spikes {
    double low, start; /* that median; the tenth of the ratios, below which noise blurs them */
    size_t count;
};

/* Count 0 when there are too few, or most runs are longer. */
static int find_spikes(const struct alm__runs *runs, struct spikes *out, struct alm_err *e)
{
    static const double half = 0.5, tenth = 0.1;
    double *x = malloc((2 * runs->count + 1) * sizeof *x);
    size_t n = 0;
    *out = (struct spikes){0};
    if (x == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu bursts", runs->count);
    for (size_t i = 0; i < runs->count; i++)
        if (runs->run[i].rows == 1)
            x[n++] = runs->run[i].ratio_threshold;
    if (n >= 10 && 2 * n >= runs->count) {
        alm__quantiles(x, n, &half, 1, &out->low, x + n);
        for (size_t i = 0; i < runs->count; i++)
            if (runs->run[i].rows == 1 && runs->run[i].ratio > out->low)
                x[out->count++] = runs->run[i].ratio;
        alm__quantiles(x, out->count, &tenth, 1, &out->start, x + n);
    }
    free(x);
    return ALM_OK;
}

/* Are their heights above the threshold wilder than exponential ones? */
static bool wild(const struct alm__runs *runs, const struct spikes *s)
{
    double n = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < runs->count; i++) {
        double excess = runs->run[i].ratio / fmax(s->low, runs->run[i].ratio_threshold) - 1;
        if (runs->run[i].rows == 1 && excess > 0) {
            n++;
            sum += excess;
            squares += excess * excess;
        }
    }
    double mean = n > 0 ? sum / n : 0;
    return n >= 10 && squares / n - mean * mean > 1.69 * mean * mean;
}

/* How many units as active as the most active the runs would come from: (sum n)^2 / sum n^2, a share of all. Single rows
 * are spikes when SPLIT, and then those are counted when SINGLE, else the others. */
static double share_of_units(const struct pool *p, bool split, bool single)
{
    double all = 0, squares = 0, n = 0;
    for (size_t i = 0; i <= p->runs.count; i++) {
        const struct alm__run *run = &p->runs.run[i];
        if (i == p->runs.count || (i > 0 && run->unit != run[-1].unit)) {
            squares += n * n;
            n = 0;
        }
        if (i < p->runs.count && (!split || (run->rows == 1) == single)) {
            n++;
            all++;
        }
    }
    return squares > 0 ? fmin(1, all * all / squares / p->units) : 1;
}

/* Hill's index above the tenth of the ratios, from which the least follows; those of units with a higher threshold stand for
 * more than one. */
static int settle_spikes(const struct pool *p, struct alm__fit_resource *out, struct alm_err *e)
{
    struct spikes s;
    double n = 0, logs = 0, weight = 0, most = 1;
    ALM_TRY(find_spikes(&p->runs, &s, e));
    if (s.count < 10 || !wild(&p->runs, &s))
        return ALM_OK;
    for (size_t i = 0; i < p->runs.count; i++) {
        const struct alm__run *run = &p->runs.run[i];
        double from = fmax(s.start, run->ratio_threshold);
        if (run->rows == 1 && run->ratio > from) {
            n++;
            logs += log(run->ratio / from);
            most = fmax(most, run->ratio);
        }
    }
    out->spikes = s.count;
    out->tail_shape = fmin(100, fmax(0.01, n / fmax(logs, 1e-9)));
    out->tail_min = fmax(1, s.start * pow(0.9, 1 / out->tail_shape));
    out->tail_max = fmax(most, out->tail_min);
    for (size_t i = 0; i < p->runs.count; i++) {
        const struct alm__run *run = &p->runs.run[i];
        if (run->rows == 1 && run->ratio > s.low)
            weight += fmin(5, pow(fmax(1, run->ratio_threshold / out->tail_min), out->tail_shape));
    }
    out->tail_units = share_of_units(p, true, true);
    out->tail_rate = weight / p->days / out->tail_units;
    return ALM_OK;
}

static void settle_bursts(const struct pool *p, double interval, bool peak, struct alm__fit_resource *out)
{
    double n = 0, over = 0, rows = 0, weight = 0;
    for (size_t i = 0; i < p->runs.count; i++) {
        const struct alm__run *run = &p->runs.run[i];
        if (out->tail_rate > 0 && run->rows == 1)
            continue;
        n++;
        over += fmax(0, run->excess - run->threshold);
        rows += (double)run->rows;
    }
    out->runs = (size_t)n;
    if (n < 3 || !(over > 0))
        return;
    out->burst_height = over / n;
    for (size_t i = 0; i < p->runs.count; i++) {
        const struct alm__run *run = &p->runs.run[i];
        if (!(out->tail_rate > 0 && run->rows == 1))
            weight += fmin(5, exp(run->threshold / out->burst_height));
    }
    out->burst_units = share_of_units(p, out->tail_rate > 0, false);
    out->burst_rate = weight / p->days / out->burst_units;
    out->burst_length = interval * fmax(0.3, rows / n - (peak ? 1 : 0.5));
}

static int settle_noise(const struct pool *p, const struct alm__fleet *f, size_t units, struct alm__fit_resource *out,
                        struct alm_err *e)
{
    double rho[ALM__FIT_LAGS + 1];
    ALM_TRY(alm__fleet_noise(f, units, &out->noise_sd, e));
    out->noise_sd = fmin(10, out->noise_sd);
    double variance = p->pairs[0] > 0 ? p->acf[0] / p->pairs[0] : 0;
    for (size_t k = 0; k <= ALM__FIT_LAGS; k++)
        rho[k] = p->pairs[k] >= 30 && variance > 0 ? p->acf[k] / p->pairs[k] / variance : (double)NAN;
    alm__fit_arma(rho, &out->arma);
    return ALM_OK;
}

/* Mean of a resource over its level, by bursts and spikes. A burst ends the one before; memory shows it in all rows that
 * it touches. */
static double added(const struct alm__fit_resource *f, double interval, bool peak)
{
    double busy = f->burst_rate / 86400 * (f->burst_length + (peak ? interval : 0));
    struct alm_law tail = {
        .kind = ALM_LAW_BOUNDED_PARETO, .min = f->tail_min, .max = f->tail_max, .shape = f->tail_shape};
    double spikes = f->tail_rate > 0 ? -expm1(-f->tail_rate * interval / 86400) * (alm_law_mean(&tail) - 1) : 0;
    double bursts = f->burst_rate > 0 ? f->burst_units * f->burst_height * busy / (1 + busy) : 0;
    return (1 + bursts) * (1 + spikes * f->tail_units);
}

/* The base under which the mean is that of all rows, where levels are known. */
static int settle_fleet(const struct work *w, int r, struct alm__fit_resource *out, struct alm_err *e)
{
    double mean, interval = alm_seconds(w->demand->interval);
    const struct alm__fleet *f = &w->fleet[r];
    ALM_TRY(alm__fleet_levels(f, w->demand->units, &out->levels, &mean, e));
    if (out->levels.count > 0) {
        double half = 0.5 * (double)w->frame.span / (double)ALM_DAY;
        out->base = mean / added(out, interval, r == ALM_MEMORY) / (1 + out->trend * half);
    }
    out->jobs = alm__fleet_jobs(w->fleet, f, w->demand->units, out->job, &out->job_share);
    for (size_t i = 0; i < out->jobs; i++)
        out->job[i].noise = out->noise_sd > 0 ? fmin(100, out->job[i].noise / out->noise_sd) : 1;
    out->idle = alm__fleet_idle(f, interval);
    return ALM_OK;
}

static void settle_shifts(const struct pool *p, struct alm__fit_resource *out)
{
    if (p->shifts < 1)
        return;
    out->shift_rate = p->shifts / p->weeks;
    out->shift_size = fmin(100, sqrt(expm1(p->shift_squares / p->shifts)));
}

static double base_correlation(const double *a, const double *b, size_t units)
{
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t u = 0; u < units; u++)
        if (a[u] > 0 && b[u] > 0) {
            double p = log(a[u]), q = log(b[u]);
            n++;
            x += p, y += q, xx += p * p, yy += q * q, xy += p * q;
        }
    double vx = xx - x * x / fmax(1, n), vy = yy - y * y / fmax(1, n);
    return n >= 5 && vx > 1e-9 && vy > 1e-9 ? (xy - x * y / n) / sqrt(vx * vy) : 0;
}

static void settle_correlations(const struct work *w, struct alm_fit_usage *out)
{
    for (int a = 0; a < ALM_RESOURCES; a++)
        for (int b = 0; b < a; b++) {
            double pairs = w->noise_pairs[a][b], r = pairs >= 30 ? w->noises[a][b] / pairs : 0;
            out->noises[a][b] = out->noises[b][a] = fmax(-1, fmin(1, r));
            if (out->resource[a].present && out->resource[b].present)
                out->bases[a][b] = out->bases[b][a] = base_correlation(w->base[a], w->base[b], w->demand->units);
        }
}

static int settle(struct work *w, struct alm_fit_usage *out, struct alm_err *e)
{
    bool any = false;
    for (int r = 0; r < ALM_RESOURCES; r++) {
        const struct pool *p = &w->pool[r];
        struct alm__fit_resource *f = &out->resource[r];
        f->present = p->units > 0;
        any = any || f->present;
        if (!f->present)
            continue;
        settle_level(p, 0.5 * (double)w->frame.span / (double)ALM_DAY, f);
        settle_cycles(p, &w->frame, f);
        ALM_TRY(settle_spikes(p, f, e));
        settle_bursts(p, alm_seconds(w->demand->interval), r == ALM_MEMORY, f);
        settle_shifts(p, f);
        ALM_TRY(settle_noise(p, &w->fleet[r], w->demand->units, f, e));
        ALM_TRY(settle_fleet(w, r, f, e));
    }
    settle_correlations(w, out);
    return any ? ALM_OK
               : alm_fail(e, ALM_EDATA, "%s: no unit has 16 values of a resource, not all 0: nothing to fit",
                          alm_trace_path(w->trace));
}

/* Medians of the capacities that are known. */
static int settle_units(struct work *w, struct alm_fit_usage *out, struct alm_err *e)
{
    static const double half = 0.5;
    size_t n = w->demand->units;
    double *known = malloc(2 * n * sizeof *known);
    if (known == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu units", n);
    for (size_t u = 0; u < n; u++)
        known[u] = w->demand->unit[u].cores;
    alm__quantiles(known, n, &half, 1, &out->cores, known + n);
    for (size_t u = 0; u < n; u++)
        known[u] = w->demand->unit[u].memory;
    alm__quantiles(known, n, &half, 1, &out->memory, known + n);
    free(known);
    out->units = n;
    out->rows = alm_trace_rows(w->trace);
    out->start = w->frame.start;
    out->duration = w->frame.span;
    out->interval = w->demand->interval;
    out->calendar = alm_trace_calendar(w->trace);
    return ALM_OK;
}

static int fit(struct work *w, struct alm_fit_usage *out, struct alm_err *e)
{
    for (int r = 0; r < ALM_RESOURCES; r++) {
        ALM_TRY(alm__fleet_open(&w->fleet[r], w->demand->units, e));
        w->base[r] = malloc(w->demand->units * sizeof(double));
        if (w->base[r] == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory to fit %zu units", w->demand->units);
    }
    w->frame = alm__frame_of(w->demand);
    ALM_TRY(settle_units(w, out, e));
    ALM_TRY(choose_law(w, out, e));
    ALM_TRY(pool_all(w, out, e));
    return settle(w, out, e);
}

int alm_fit_usage(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_fit_usage *out,
                  struct alm_err *e)
{
    struct work *w = calloc(1, sizeof *w);
    *out = (struct alm_fit_usage){0};
    if (w == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory to fit a trace");
    w->trace = t;
    w->demand = alm_trace_demand(t);
    w->watch = watch;
    int code = alm_trace_rows(t) ? fit(w, out, e)
                                 : alm_fail(e, ALM_EDATA, "%s has no rows of usage to fit", alm_trace_path(t));
    free_work(w);
    free(w);
    return code < 0 ? code : ALM_OK;
}
