/* SPDX-License-Identifier: GPL-3.0-or-later
 * stl: see the header.
 *
 * Meaning.  Positions are numbers from 0. Each round takes the trend off, smooths what is left along each phase of the period (one place
 *           beyond both ends), takes the slow part of that off again, and smooths what remains of Y as trend. */
#include "stl.h"

#include "centred.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 2
#define ROBUST_ROUNDS 15
#define SPLIT_LEAST 10 /* places between the ends of what is sorted, no longer split */

/* One local regression: WINDOW values wide, a constant or a LINE, evaluated at each STEP-th place. */
struct smoother {
    size_t window, step;
    bool line;
};

struct stl {
    const double *y;
    size_t n, period;
    struct smoother season, trend, low_pass;
    double *weight;                              /* [n] of robustness; NULL: all 1 */
    double *s, *t;                               /* [n] */
    double *along;                               /* [n + 2 period] smooth along the phases */
    double *slow;                                /* [n + 2 period] */
    double *rest;                                /* [n + 2 period] */
    double *local;                               /* [n + 2 period] weights of one fit */
    double *phase, *phase_weight, *phase_smooth; /* [n / period + 3] */
};

/* The fit at X to Y[left .. right], weighted by distance and WEIGHT; false: all weights are zero. */
static bool fit_at(const double *y, const double *weight, size_t n, const struct smoother *o, double x, size_t left,
                   size_t right, double *local, double *out)
{
    double reach = fmax(x - (double)left, (double)right - x), sum = 0, middle = 0, spread = 0;
    if (o->window > n)
        reach += (double)((o->window - n) / 2);
    for (size_t j = left; j <= right; j++) {
        const double r = fabs((double)j - x), u = r / reach, near = 1 - u * u * u;
        local[j] = r > 0.999 * reach ? 0 : r <= 0.001 * reach ? 1 : near * near * near;
        if (weight)
            local[j] *= weight[j];
        sum += local[j];
    }
    if (!(sum > 0))
        return false;
    for (size_t j = left; j <= right; j++) {
        local[j] /= sum;
        middle += local[j] * (double)j;
    }
    if (o->line && reach > 0) {
        for (size_t j = left; j <= right; j++)
            spread += local[j] * ((double)j - middle) * ((double)j - middle);
        if (sqrt(spread) > 0.001 * ((double)n - 1))
            for (size_t j = left; j <= right; j++)
                local[j] *= 1 + (x - middle) / spread * ((double)j - middle);
    }
    *out = 0;
    for (size_t j = left; j <= right; j++)
        *out += local[j] * y[j];
    return true;
}

static void fit_inside(const double *y, const double *weight, size_t n, const struct smoother *o, size_t i,
                       double *local, double *out)
{
    size_t left = 0, right = n - 1;
    if (o->window < n) {
        const size_t half = (o->window - 1) / 2, most = n - o->window;
        left = i < half ? 0 : i - half;
        left = left > most ? most : left;
        right = left + o->window - 1;
    }
    if (!fit_at(y, weight, n, o, (double)i, left, right, local, &out[i]))
        out[i] = y[i];
}

static void straight(double *out, size_t from, size_t to)
{
    for (size_t j = from + 1; j < to; j++)
        out[j] = out[from] + (out[to] - out[from]) / (double)(to - from) * (double)(j - from);
}

static void smooth(const double *y, const double *weight, size_t n, const struct smoother *o, double *local,
                   double *out)
{
    if (n < 2) {
        out[0] = y[0];
        return;
    }
    const size_t step = o->step < n - 1 ? o->step : n - 1;
    size_t last = 0;
    for (size_t i = 0; i < n; last = i, i += step) {
        fit_inside(y, weight, n, o, i, local, out);
        straight(out, last, i);
    }
    if (last == n - 1)
        return;
    fit_inside(y, weight, n, o, n - 1, local, out);
    straight(out, last, n - 1);
}

/* Each phase of REST smoothed into ALONG, where place i + period is that of value i. */
static void smooth_phases(const struct stl *s)
{
    const struct smoother *o = &s->season;
    for (size_t j = 0; j < s->period; j++) {
        const size_t count = (s->n - j - 1) / s->period + 1, window = o->window < count ? o->window : count;
        double *out = s->phase_smooth, *weight = s->weight ? s->phase_weight : NULL;
        for (size_t i = 0; i < count; i++) {
            s->phase[i] = s->rest[i * s->period + j];
            if (weight)
                weight[i] = s->weight[i * s->period + j];
        }
        smooth(s->phase, weight, count, o, s->local, out + 1);
        if (!fit_at(s->phase, weight, count, o, -1, 0, window - 1, s->local, &out[0]))
            out[0] = out[1];
        if (!fit_at(s->phase, weight, count, o, (double)count, count - window, count - 1, s->local, &out[count + 1]))
            out[count + 1] = out[count];
        for (size_t m = 0; m < count + 2; m++)
            s->along[m * s->period + j] = out[m];
    }
}

/* Means of WIDTH neighbours: N values give N - width + 1. OUT may not be X. */
static void moving_mean(const double *x, size_t n, size_t width, double *out)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        if (i + 1 < width)
            continue;
        out[i + 1 - width] = sum / (double)width;
        sum -= x[i + 1 - width];
    }
}

static void one_round(const struct stl *s)
{
    const size_t n = s->n, period = s->period;
    for (size_t i = 0; i < n; i++)
        s->rest[i] = s->y[i] - s->t[i];
    smooth_phases(s);
    moving_mean(s->along, n + 2 * period, period, s->slow);
    moving_mean(s->slow, n + period + 1, period, s->rest);
    moving_mean(s->rest, n + 2, 3, s->slow);
    smooth(s->slow, NULL, n, &s->low_pass, s->local, s->rest);
    for (size_t i = 0; i < n; i++) {
        s->s[i] = s->along[period + i] - s->rest[i];
        s->slow[i] = s->y[i] - s->s[i];
    }
    smooth(s->slow, s->weight, n, &s->trend, s->local, s->t);
}

static void swap(double *a, size_t i, size_t j)
{
    const double kept = a[i];
    a[i] = a[j];
    a[j] = kept;
}

/* Split A[from .. to] by the middle one of its first, middle and last value: none of [from .. *low] is above one of [*high .. to], and what
 * may lie between is equal to that value. */
static void split(double *a, size_t from, size_t to, size_t *low, size_t *high)
{
    const size_t middle = (from + to) / 2;
    if (a[from] > a[middle])
        swap(a, from, middle);
    if (a[to] < a[middle]) {
        swap(a, middle, to);
        if (a[from] > a[middle])
            swap(a, from, middle);
    }
    const double pivot = a[middle];
    for (*low = to, *high = from;; swap(a, *low, *high)) {
        do
            --*low;
        while (a[*low] > pivot);
        do
            ++*high;
        while (a[*high] < pivot);
        if (*high > *low)
            return;
    }
}

/* The two values in the middle of A[n], one being both where n is odd; A is reordered. As in stl() of R, whose search goes on in one part only
 * of each split: where the last one falls between the two, one of the two is what happens to lie there. */
static void middle_two(double *a, size_t n, double out[2])
{
    const size_t first = (n - 1) / 2, second = n / 2;
    size_t from = 0, to = n - 1;
    while (to > from + SPLIT_LEAST || (from == 0 && to > 0)) {
        size_t low, high;
        split(a, from, to, &low, &high);
        const bool lower_part = low - from <= to - high ? first <= low : second < high;
        if (lower_part)
            to = low;
        else
            from = high;
    }
    gsl_sort(a + from, 1, to - from + 1);
    out[0] = a[first];
    out[1] = a[second];
}

/* Bisquare weights of the remainders, zero from six times their median on. */
static void weigh(const struct stl *s, double *weight)
{
    double middle[2];
    for (size_t i = 0; i < s->n; i++)
        s->rest[i] = weight[i] = fabs(s->y[i] - s->s[i] - s->t[i]);
    middle_two(s->rest, s->n, middle);
    const double most = 3 * (middle[0] + middle[1]);
    for (size_t i = 0; i < s->n; i++) {
        const double u = weight[i] / most, near = 1 - u * u;
        weight[i] = weight[i] <= 0.001 * most ? 1 : weight[i] <= 0.999 * most ? near * near : 0;
    }
}

/* The season as its mean in each phase. */
static void make_periodic(const struct stl *s)
{
    for (size_t j = 0; j < s->period; j++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = j; i < s->n; i += s->period, count++)
            sum += s->s[i];
        for (size_t i = j; i < s->n; i += s->period)
            s->s[i] = sum / (double)count;
    }
}

static struct smoother smoother_of(size_t window, bool line)
{
    const size_t step = (window + 9) / 10, odd = window | 1;
    return (struct smoother){odd < 3 ? 3 : odd, step, line};
}

/* Windows beyond this are flat anyway. */
static size_t bounded(size_t window, size_t n)
{
    const size_t most = 100 * (n + 1);
    return window < most ? window : most;
}

static void choose_windows(struct stl *s, const struct stl_options *o)
{
    const size_t season = o->season_window ? bounded(o->season_window, s->n) : 10 * s->n + 1;
    size_t trend = bounded(o->trend_window, s->n), low_pass = bounded(o->low_pass_window, s->n);
    if (trend == 0) {
        const double asked = ceil(1.5 * (double)o->period / (1 - 1.5 / (double)season));
        trend = asked > 0 && asked < 10 * (double)s->n ? (size_t)asked | 1 : 10 * s->n + 1;
    }
    if (low_pass == 0)
        low_pass = o->period | 1;
    s->season = smoother_of(season, false);
    s->trend = smoother_of(trend, true);
    s->low_pass = smoother_of(low_pass, true);
}

static void decompose(struct stl *s, const struct stl_options *o, double *weight)
{
    for (size_t i = 0; i < s->n; i++)
        s->t[i] = 0;
    for (int round = 0; round < (o->robust ? 1 : ROUNDS); round++)
        one_round(s);
    s->weight = weight;
    for (int round = 0; o->robust && round < ROBUST_ROUNDS; round++) {
        weigh(s, weight);
        one_round(s);
    }
    if (o->season_window == 0)
        make_periodic(s);
}

static int check(const double *y, size_t n, const struct stl_options *o, struct alm_err *e)
{
    if (o->period < 2)
        return alm_fail(e, ALM_EINVAL, "a season needs a period of 2 or more, not %zu", o->period);
    if (n / 2 < o->period || n <= 2 * o->period)
        return alm_fail(e, ALM_EDATA, "%zu values are not more than two periods of %zu", n, o->period);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(y[i]))
            return alm_fail(e, ALM_EDATA, "value %zu is missing or not finite: fill it first", i + 1);
    return ALM_OK;
}

int series_stl(const double *y, size_t n, const struct stl_options *o, double *season, double *trend, double *remainder,
               struct alm_err *e)
{
    ALM_TRY(check(y, n, o, e));
    const size_t wide = n + 2 * o->period, phases = n / o->period + 4;
    double *room = calloc(4 * n + 4 * wide + 3 * phases, sizeof *room);
    if (!room)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a decomposition of %zu values", n);
    double *scaled = room, *weight = room + n;
    struct stl s = {.y = scaled, .n = n, .period = o->period, .s = room + 2 * n, .t = room + 3 * n};
    s.along = room + 4 * n;
    s.slow = s.along + wide;
    s.rest = s.slow + wide;
    s.local = s.rest + wide;
    s.phase = s.local + wide;
    s.phase_weight = s.phase + phases;
    s.phase_smooth = s.phase_weight + phases;
    const double scale = series_scale(y, n);
    for (size_t i = 0; i < n; i++)
        scaled[i] = y[i] / scale;
    choose_windows(&s, o);
    decompose(&s, o, weight);
    for (size_t i = 0; i < n; i++) {
        if (season)
            season[i] = s.s[i] * scale;
        if (trend)
            trend[i] = s.t[i] * scale;
        if (remainder)
            remainder[i] = (scaled[i] - s.s[i] - s.t[i]) * scale;
    }
    free(room);
    return ALM_OK;
}
