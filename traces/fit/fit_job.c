/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_job: work by the clock. See the header. */
#include "fit_job.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define SLOTS 288
#define TRIM 0.1
#define LEAST_EXPLAINED 0.1
#define LEAST_POWER 0.02
#define ROUNDS 3
#define LEAST_CYCLES 5
#define LEAST_STEADY 0.6
#define LEAST_T 4
#define MOST_HEIGHT 1e4

static const double periods[] = {24, 12, 8, 6, 4, 3, 2, 1}; /* hours */

/* Means over the cycles of one period, and the variance of what they are means of. */
struct profile {
    size_t slots;
    double mean[SLOTS], all, variance;
};

/* Seconds of the middle of row K since a midnight. */
static double clock_of(const struct alm__grid *s, size_t k)
{
    alm_time at = s->first + (alm_time)k * s->interval - s->interval / 2;
    return alm_seconds(at - alm_time_floor(s->first, ALM_DAY));
}

static size_t slot_of(double clock, double period, size_t slots)
{
    double part = clock / period - floor(clock / period);
    size_t slot = (size_t)(part * (double)slots);
    return slot < slots ? slot : slots - 1;
}

/* Mean and mean square of the middle of X[N], which is sorted. */
static void trimmed(double *x, size_t n, double *mean, double *square)
{
    alm__sort(x, n);
    size_t cut = n >= 5 ? (size_t)ceil(TRIM * (double)n) : 0, left = n - 2 * cut;
    *mean = *square = 0;
    for (size_t i = cut; i < n - cut; i++) {
        *mean += x[i] / (double)left;
        *square += x[i] * x[i] / (double)left;
    }
}

/* Slots of no value, next to jobs that were taken out, get the mean of all. False when they are more than a quarter. BENCH
 * holds as many values as the series. */
static bool make_profile(const struct alm__grid *s, const double *x, double period, double *bench, struct profile *p)
{
    size_t start[SLOTS + 2] = {0}, filled = 0;
    double squares = 0;
    p->slots = (size_t)fmin(SLOTS, 3600 * period / alm_seconds(s->interval));
    p->all = 0;
    if (p->slots < 4)
        return false;
    for (size_t k = 0; k < s->count; k++)
        if (!isnan(x[k]))
            start[slot_of(clock_of(s, k), 3600 * period, p->slots) + 2]++;
    for (size_t i = 0; i < p->slots; i++) {
        filled += start[i + 2] > 0;
        start[i + 2] += start[i + 1];
    }
    if (4 * filled < 3 * p->slots)
        return false;
    for (size_t k = 0; k < s->count; k++)
        if (!isnan(x[k]))
            bench[start[slot_of(clock_of(s, k), 3600 * period, p->slots) + 1]++] = x[k];
    for (size_t i = 0; i < p->slots; i++) {
        double square = 0;
        size_t n = start[i + 1] - start[i];
        p->mean[i] = (double)NAN;
        if (n > 0)
            trimmed(bench + start[i], n, &p->mean[i], &square);
        p->all += n > 0 ? p->mean[i] / (double)filled : 0;
        squares += square / (double)filled;
    }
    for (size_t i = 0; i < p->slots; i++)
        p->mean[i] = isnan(p->mean[i]) ? p->all : p->mean[i];
    p->variance = squares - p->all * p->all;
    return p->variance > 1e-12 * squares;
}

struct window {
    size_t first, length;
    double in, out, explained;
};

/* The window, not longer than half the period, that explains most. */
static struct window best_window(const struct profile *p)
{
    double n = (double)p->slots, total = n * p->all;
    struct window best = {0};
    for (size_t first = 0; first < p->slots; first++) {
        double sum = 0;
        for (size_t length = 1; 2 * length <= p->slots; length++) {
            sum += p->mean[(first + length - 1) % p->slots];
            double l = (double)length, in = sum / l, out = (total - sum) / (n - l);
            double explained = l * (n - l) / (n * n) * (in - out) * (in - out) / p->variance;
            if (in > out && explained > best.explained * (1 + 1e-9))
                best = (struct window){first, length, in, out, explained};
        }
    }
    return best;
}

/* What four harmonics of the profile explain. */
static double smooth(const struct profile *p)
{
    double power = 0;
    for (int h = 1; h <= 4; h++) {
        double c = 0, d = 0;
        for (size_t i = 0; i < p->slots; i++) {
            double angle = 2 * M_PI * h * (double)i / (double)p->slots;
            c += p->mean[i] * cos(angle);
            d += p->mean[i] * sin(angle);
        }
        power += 2 * (c * c + d * d) / ((double)p->slots * (double)p->slots);
    }
    return power / p->variance;
}

/* Sums over cycles of the excess in the window, and over beginnings. */
struct cycles {
    double n, steady, sum, squares;
    size_t begun;
    double *begin; /* hours after the window's */
};

static void close_cycle(struct cycles *c, const double sum[2], const double rows[2], double least)
{
    if (!(rows[0] > 0 && rows[1] > 0))
        return;
    double excess = sum[1] / rows[1] - sum[0] / rows[0];
    c->n++;
    c->steady += excess > least ? 1 : 0;
    c->sum += excess;
    c->squares += excess * excess;
}

/* Cycle by cycle, each from half the time outside before the window to as long after it. */
static struct cycles judge(const struct alm__grid *s, const double *x, const struct alm__fit_job *job,
                           const struct window *w, double *bench)
{
    struct cycles c = {.begin = bench};
    double sum[2] = {0}, rows[2] = {0}, now = -INFINITY, before = (double)NAN, middle = (w->in + w->out) / 2;
    double origin = job->at - (job->period - job->length) / 2;
    bool begun = false;
    for (size_t k = 0; k < s->count; k++) {
        double hour = clock_of(s, k) / 3600 - origin, cycle = floor(hour / job->period);
        double into = hour - cycle * job->period - (job->period - job->length) / 2;
        if (cycle > now) {
            close_cycle(&c, sum, rows, (w->in - w->out) / 4);
            sum[0] = sum[1] = rows[0] = rows[1] = 0;
            begun = false;
            now = cycle;
        }
        if (isnan(x[k]))
            continue;
        bool inside = into >= 0 && into < job->length;
        sum[inside] += x[k];
        rows[inside]++;
        if (!begun && before < middle && x[k] >= middle && fabs(into) <= job->length) {
            begun = true;
            c.begin[c.begun++] = into;
        }
        before = x[k];
    }
    close_cycle(&c, sum, rows, (w->in - w->out) / 4);
    return c;
}

/* Of the excess over cycles. */
static double variation(const struct cycles *c)
{
    double mean = c->sum / fmax(1, c->n);
    return mean > 0 ? sqrt(fmax(0, c->squares / fmax(1, c->n) - mean * mean)) / mean : 0;
}

static bool significant(const struct cycles *c)
{
    return c->n >= LEAST_CYCLES && c->steady >= LEAST_STEADY * c->n && c->sum > 0 &&
           1 > LEAST_T * variation(c) / sqrt(c->n - 1);
}

/* Beginnings are uniform, so four fifths of them lie within four fifths of the jitter; below two rows it cannot be seen. */
static double jitter_of(const struct cycles *c, double row)
{
    static const double tenths[] = {0.1, 0.9};
    double at[2];
    if (c->begun < LEAST_CYCLES)
        return 0;
    alm__quantiles(c->begin, c->begun, tenths, 2, at, c->begin);
    double jitter = (at[1] - at[0]) / 0.8;
    return jitter > 2 * row ? jitter : 0;
}

static void describe(const struct profile *p, const struct window *w, double period, struct alm__fit_job *out)
{
    double slot = period / (double)p->slots;
    *out = (struct alm__fit_job){.period = period, .power = w->explained * p->variance};
    out->at = (double)w->first * slot;
    out->length = (double)w->length * slot;
    out->height = fmin(MOST_HEIGHT, w->in / fmax(w->out, w->in / MOST_HEIGHT) - 1);
}

/* Look for one in X; false when there is none. BENCH is as long as X. */
static bool find(const struct alm__grid *s, const double *x, double *bench, struct alm__fit_job *out)
{
    struct profile p;
    struct window window = {0};
    double cosines = 0;
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        if (!make_profile(s, x, periods[i], bench, &p))
            continue;
        if (i == 0)
            cosines = smooth(&p);
        struct window w = best_window(&p);
        if (w.explained > fmax(LEAST_EXPLAINED, window.explained)) {
            window = w;
            describe(&p, &w, periods[i], out);
        }
    }
    if (!(window.explained > cosines))
        return false;
    struct cycles c = judge(s, x, out, &window, bench);
    out->jitter = fmin(out->length / 2, jitter_of(&c, alm_seconds(s->interval) / 3600));
    out->cv = variation(&c);
    return significant(&c);
}

/* 1 in row K when it belongs to the job, else 0; negative near its beginning and end, where that is not known. */
static int inside(const struct alm__grid *s, const struct alm__fit_job *job, size_t k)
{
    double row = alm_seconds(s->interval) / 3600, hour = clock_of(s, k) / 3600 - job->at;
    double into = hour - floor(hour / job->period) * job->period, margin = 0.75 * (row + job->jitter);
    double to_begin = fmin(into, job->period - into), to_end = fabs(into - job->length);
    bool in = into < job->length;
    double span = in ? job->length : job->period - job->length;
    if ((to_begin < margin || to_end < margin) && span > 2 * margin + 2 * row)
        return -1;
    return in ? 1 : 0;
}

/* Y = X over what jobs other than SKIP make of it, NaN at their edges. */
static void without(const struct alm__grid *s, const double *x, const struct alm__fit_jobs *jobs, size_t skip,
                    double *y)
{
    for (size_t k = 0; k < s->count; k++) {
        double factor = 1;
        for (size_t i = 0; i < jobs->count; i++) {
            int in = i == skip ? 0 : inside(s, &jobs->job[i], k);
            factor = in < 0 ? (double)NAN : factor + in * jobs->job[i].height;
        }
        y[k] = x[k] / factor;
    }
}

/* The height of job I in Y, over the mean outside of it. */
static void settle_height(const struct alm__grid *s, const double *y, struct alm__fit_job *job)
{
    double sum[2] = {0}, rows[2] = {0};
    for (size_t k = 0; k < s->count; k++) {
        int in = inside(s, job, k);
        if (isnan(y[k]) || in < 0)
            continue;
        sum[in] += y[k];
        rows[in]++;
    }
    if (rows[0] > 0 && rows[1] > 0 && sum[1] > 0)
        job->height = fmin(MOST_HEIGHT, fmax(0, sum[1] / rows[1] / fmax(sum[0] / rows[0], 1e-300) - 1));
}

/* Each height with the other jobs taken out, in turn. */
static void settle_heights(const struct alm__grid *s, const double *x, struct alm__fit_jobs *jobs, double *y)
{
    for (size_t i = 0; jobs->count > 1 && i < ROUNDS * jobs->count; i++) {
        without(s, x, jobs, i % jobs->count, y);
        settle_height(s, y, &jobs->job[i % jobs->count]);
    }
    without(s, x, jobs, jobs->count, y);
}

int alm__fit_jobs(const struct alm__grid *s, int r, struct alm__fit_jobs *out, struct alm_err *e)
{
    double *bench = malloc((2 * s->count + 1) * sizeof *bench);
    *out = (struct alm__fit_jobs){0};
    if (bench == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for a profile of %zu rows", s->count);
    struct alm__fit_job *next = &out->job[0];
    double *y = bench + s->count;
    settle_heights(s, s->value[r], out, y);
    while (out->count < ALM__FIT_JOBS && find(s, y, bench, next) && next->power >= LEAST_POWER * out->job[0].power) {
        out->count++;
        settle_heights(s, s->value[r], out, y);
        next = out->job + out->count;
    }
    free(bench);
    return ALM_OK;
}

double alm__fit_jobs_height(const struct alm__grid *s, const struct alm__fit_jobs *jobs, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < jobs->count; i++) {
        int in = inside(s, &jobs->job[i], k);
        sum = in < 0 ? (double)NAN : sum + in * jobs->job[i].height;
    }
    return sum;
}
