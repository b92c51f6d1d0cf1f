/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile: order statistics of a series and of a sliding window. The header says what and whence. */
#include "quantile.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

double alm_quantile_type7(const double *sorted, size_t n, double p)
{
    double place = (double)(n - 1) * p;
    size_t below = (size_t)place;
    if (below >= n - 1)
        return sorted[n - 1];
    const double share = place - (double)below;
    return share == 0 ? sorted[below] : sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

double alm_quantile_nearest_rank(const double *sorted, size_t n, double p)
{
    double rank = ceil((double)n * p);
    size_t k = rank < 1 ? 1 : (size_t)rank;
    return sorted[(k > n ? n : k) - 1];
}

/* The K-th of N values, K from 1; the ends stand for what is beyond them. */
static double ranked(const double *sorted, size_t n, double k)
{
    return sorted[k <= 1 ? 0 : k >= (double)n ? n - 1 : (size_t)k - 1];
}

/* Types 2 and 3: halfway between two values at a jump; the even one of them. */
static double discontinuous(const double *sorted, size_t n, double p, int type)
{
    const double place = (double)n * p - (type == 3 ? 0.5 : 0), below = floor(place);
    const double lower = ranked(sorted, n, below), upper = ranked(sorted, n, below + 1);
    if (place > below)
        return upper;
    if (type == 3)
        return fmod(below, 2) == 0 ? lower : upper;
    return lower == upper ? lower : lower + (upper - lower) / 2;
}

double alm_quantile_type(const double *sorted, size_t n, double p, int type)
{
    /* Place a + p (n + 1 - a - b), and what of it counts as rounding. */
    static const double a[] = {0, 0.5, 0, 1, 1.0 / 3, 0.375}, b[] = {1, 0.5, 0, 1, 1.0 / 3, 0.375};
    const double rounding = 4 * 2.220446049250313e-16;
    if (type < 1 || type > 9)
        return NAN;
    if (type == 1)
        return alm_quantile_nearest_rank(sorted, n, p);
    if (type == 7)
        return alm_quantile_type7(sorted, n, p);
    if (type < 4)
        return discontinuous(sorted, n, p, type);
    const double place = a[type - 4] + p * ((double)n + 1 - a[type - 4] - b[type - 4]);
    const double below = floor(place + rounding), share = place - below;
    const double lower = ranked(sorted, n, below), upper = ranked(sorted, n, below + 1);
    return fabs(share) < rounding || lower == upper ? lower : (1 - share) * lower + share * upper;
}

double alm_median_deviation(const double *sorted, size_t n, double *room)
{
    if (n == 0)
        return NAN;
    const double median = alm_quantile_type7(sorted, n, 0.5);
    /* Distances fall up to the median and rise from there: two runs to merge from the middle. */
    size_t right = 0;
    while (right < n && sorted[right] < median)
        right++;
    size_t left = right;
    for (size_t k = 0; k < n; k++) {
        const double down = left > 0 ? median - sorted[left - 1] : INFINITY;
        const double up = right < n ? sorted[right] - median : INFINITY;
        room[k] = down < up ? down : up;
        if (down < up)
            left--;
        else
            right++;
    }
    return 1.4826 * alm_quantile_type7(room, n, 0.5);
}

size_t alm_sorted_window_size(size_t capacity)
{
    return sizeof(struct alm_sorted_window) + 2 * capacity * sizeof(double);
}

void alm_sorted_window_init(struct alm_sorted_window *w, size_t capacity)
{
    *w = (struct alm_sorted_window){.capacity = (uint32_t)capacity};
}

/* The first place in SORTED[n] whose value is not below VALUE. */
static size_t lower_place(const double *sorted, size_t n, double value)
{
    size_t low = 0;
    while (n > 0) {
        size_t half = n / 2;
        if (sorted[low + half] < value) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

void alm_sorted_window_put(struct alm_sorted_window *w, double value)
{
    double *sorted = w->value + w->capacity;
    size_t in = lower_place(sorted, w->count, value);
    if (w->count < w->capacity) {
        memmove(sorted + in + 1, sorted + in, (w->count - in) * sizeof *sorted);
        w->count++;
    } else {
        size_t out = lower_place(sorted, w->count, w->value[w->next]);
        if (out == w->count) /* only after damaged bytes were loaded */
            out--;
        if (out < in)
            memmove(sorted + out, sorted + out + 1, (--in - out) * sizeof *sorted);
        else
            memmove(sorted + in + 1, sorted + in, (out - in) * sizeof *sorted);
    }
    sorted[in] = value;
    w->value[w->next] = value;
    w->next = w->next + 1 == w->capacity ? 0 : w->next + 1;
}

size_t alm_peak_window_size(size_t capacity)
{
    size_t size = sizeof(struct alm_peak_window) + capacity * (sizeof(double) + sizeof(uint32_t));
    return (size + 7) & ~(size_t)7;
}

void alm_peak_window_init(struct alm_peak_window *w, size_t capacity)
{
    *w = (struct alm_peak_window){.capacity = (uint32_t)capacity};
}

static uint32_t wrap(const struct alm_peak_window *w, uint32_t place)
{
    return place >= w->capacity ? place - w->capacity : place;
}

void alm_peak_window_put(struct alm_peak_window *w, double value)
{
    uint32_t *arrival = (uint32_t *)(w->value + w->capacity);
    /* So many can be held only after damaged bytes were loaded. */
    bool full = w->held == w->capacity;
    if (w->held > 0 && (w->seen - arrival[w->first] >= w->capacity || full)) {
        w->first = wrap(w, w->first + 1);
        w->held--;
    }
    while (w->held > 0 && w->value[wrap(w, w->first + w->held - 1)] <= value)
        w->held--;
    uint32_t place = wrap(w, w->first + w->held);
    w->value[place] = value;
    arrival[place] = w->seen;
    w->held++;
    w->seen++;
    w->count++;
}
