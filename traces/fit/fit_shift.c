/* SPDX-License-Identifier: GPL-3.0-or-later
 * fit_shift: where the level of a series changes for good. See the header. */
#include "fit_shift.h"
#include "fit_grid.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define SHORTEST 4      /* blocks of a segment */
#define DEPTH 16        /* of cuts: at most 65536 segments */
#define LEAST_STEP 0.1  /* of a logarithm */
#define LEAST_GAIN 30.0 /* variance explained by a cut, over that left */

static double mean_of(const double *y, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += y[i];
    return sum / (double)n;
}

/* Where to cut Y[N], or 0. */
static size_t best_cut(const double *y, size_t n)
{
    double total = mean_of(y, n) * (double)n, left = 0, best = -1;
    size_t cut = 0;
    for (size_t k = 1; k < n; k++) {
        left += y[k - 1];
        double a = left / (double)k, b = (total - left) / (double)(n - k);
        double gain = (a - b) * (a - b) * (double)k * (double)(n - k) / (double)n;
        if (k >= SHORTEST && n - k >= SHORTEST && gain > best) {
            best = gain;
            cut = k;
        }
    }
    return cut;
}

/* The variance that a cut explains; STEP becomes how far the two sides are apart. */
static double gain_of(const double *y, size_t n, size_t cut, double *step)
{
    *step = fabs(mean_of(y, cut) - mean_of(y + cut, n - cut));
    return *step * *step * (double)cut * (double)(n - cut) / (double)n;
}

/* Cut Y[N], which begins at FIRST, as long as it pays by VARIANCE; CUT[i] becomes true where segment i begins. */
static void segment(const double *y, size_t first, size_t n, int depth, double variance, bool *cut)
{
    size_t at = depth < DEPTH && n >= 2 * SHORTEST ? best_cut(y + first, n) : 0;
    double step;
    if (at == 0 || gain_of(y + first, n, at, &step) <= LEAST_GAIN * variance)
        return;
    cut[first + at] = true;
    segment(y, first, at, depth + 1, variance, cut);
    segment(y, first + at, n - at, depth + 1, variance, cut);
}

static size_t segment_end(const bool *cut, size_t first, size_t n)
{
    size_t end = first + 1;
    while (end < n && !cut[end])
        end++;
    return end;
}

/* Of what the segments leave over: its variance times (1 + r) / (1 - r), r its lag-1 correlation. */
static double long_variance(const double *y, const bool *cut, size_t n)
{
    double squares = 0, lagged = 0;
    for (size_t first = 0, end; first < n; first = end) {
        end = segment_end(cut, first, n);
        double mean = mean_of(y + first, end - first);
        for (size_t i = first; i < end; i++) {
            squares += (y[i] - mean) * (y[i] - mean);
            lagged += i > first ? (y[i] - mean) * (y[i - 1] - mean) : 0;
        }
    }
    double rho = squares > 0 ? fmin(0.95, fmax(0, lagged / squares)) : 0;
    return fmax(1e-6, squares / (double)n) * (1 + rho) / (1 - rho);
}

/* Take away the cut that explains least while that is too little. */
static void prune(const double *y, bool *cut, size_t n)
{
    for (;;) {
        double least = INFINITY, variance = long_variance(y, cut, n);
        size_t weakest = 0;
        for (size_t first = 0, middle; first < n; first = middle) {
            middle = segment_end(cut, first, n);
            if (middle == n)
                break;
            double step, gain = gain_of(y + first, segment_end(cut, middle, n) - first, middle - first, &step);
            gain = step > LEAST_STEP ? gain : 0;
            if (gain < least) {
                least = gain;
                weakest = middle;
            }
        }
        if (weakest == 0 || least > LEAST_GAIN * variance)
            return;
        cut[weakest] = false;
    }
}

/* Half the squared robust sd of differences: what varies from block to block, whatever the levels. */
static double short_variance(const double *y, size_t n, double *scratch)
{
    static const double half = 0.5;
    double median;
    for (size_t i = 1; i < n; i++)
        scratch[i] = fabs(y[i] - y[i - 1]);
    scratch[0] = (double)NAN;
    alm__quantiles(scratch, n, &half, 1, &median, scratch + n);
    return fmax(1e-6, 0.5 * 1.4826 * 1.4826 * median * median);
}

/* Replace Y[N] by the levels of its segments; SCRATCH holds 2 N. Returns their number. */
static size_t take_levels(double *y, size_t n, double *scratch, bool *cut)
{
    size_t segments = 0;
    segment(y, 0, n, 0, short_variance(y, n, scratch), cut);
    prune(y, cut, n);
    for (size_t first = 0, end; first < n; first = end, segments++) {
        end = segment_end(cut, first, n);
        double mean = mean_of(y + first, end - first);
        for (size_t i = first; i < end; i++)
            y[i] = mean;
    }
    return segments;
}

/* Sum of squares of the levels of SEGMENTS about their mean, each counting once. */
static double squares_about_mean(const double *level, size_t blocks, size_t segments)
{
    double sum = 0, squares = 0;
    for (size_t b = 0; b < blocks; b++)
        if (b == 0 || level[b] != level[b - 1]) {
            sum += level[b];
            squares += level[b] * level[b];
        }
    return fmax(0, squares - sum * sum / (double)segments);
}

/* The row near the beginning of a block, at FROM .. UNTIL, where the level changes from A to B (logarithms). */
static size_t exact_row(const double *ratio, size_t from, size_t until, double a, double b)
{
    double cost = 0, best = 0;
    size_t at = from;
    for (size_t k = from; k < until; k++) {
        double x = isnan(ratio[k]) ? (a + b) / 2 : log(fmax(ratio[k], 1e-3));
        cost += fabs(x - a) - fabs(x - b);
        if (cost < best) {
            best = cost;
            at = k + 1;
        }
    }
    return at;
}

/* FACTOR holds exp(level), of mean 1 over the N slots; a change is moved to the row where it fits best. */
static void spread_levels(const double *level, size_t per, const double *ratio, size_t n, size_t blocks, double *factor)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        factor[i] = exp(level[i / per < blocks ? i / per : blocks - 1]);
    for (size_t b = 1; b < blocks; b++) {
        if (level[b] == level[b - 1])
            continue;
        size_t at = exact_row(ratio, (b - 1) * per, (b + 1) * per, level[b - 1], level[b]);
        for (size_t i = (b - 1) * per; i < (b + 1) * per; i++)
            factor[i] = exp(level[i < at ? b - 1 : b]);
    }
    for (size_t i = 0; i < n; i++)
        sum += factor[i];
    for (size_t i = 0; i < n; i++)
        factor[i] *= (double)n / sum;
}

int alm__fit_shifts(const double *ratio, size_t n, alm_time interval, double *factor, struct alm__shifts *out,
                    struct alm_err *e)
{
    size_t per = (size_t)(6 * ALM_HOUR / interval), blocks = per ? n / per : 0;
    static const double half = 0.5;
    *out = (struct alm__shifts){0};
    for (size_t i = 0; i < n; i++)
        factor[i] = 1;
    if (per < 1 || blocks < 2 * SHORTEST)
        return ALM_OK;
    size_t most = per > 2 * blocks ? per : 2 * blocks;
    double *level = malloc(blocks * sizeof *level), *scratch = malloc(most * sizeof *scratch), before = 0;
    bool *cut = calloc(blocks, sizeof *cut);
    if (level && scratch && cut) {
        for (size_t b = 0; b < blocks; b++) {
            double median;
            alm__quantiles(ratio + b * per, per, &half, 1, &median, scratch);
            before = level[b] = isnan(median) ? before : log(fmax(median, 1e-3));
        }
        out->count = take_levels(level, blocks, scratch, cut) - 1;
        if (out->count > 0) {
            out->squares = squares_about_mean(level, blocks, out->count + 1);
            spread_levels(level, per, ratio, n, blocks, factor);
        }
    }
    int code = level && scratch && cut ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory to look for level shifts");
    free(cut);
    free(level);
    free(scratch);
    return code;
}
