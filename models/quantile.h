/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantile: order statistics of a series, and of a window that slides over it.
 *
 * Meaning.  Type 7 interpolates between the neighbours at (n - 1) p, as R, NumPy and spreadsheets do by default;
 *           nearest rank, type 1, is the value at ceil(n p). Types 2 to 9 are those of the source, with the names it gave them.
 * Source.   R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996). */
#ifndef ALM_MODELS_QUANTILE_H
#define ALM_MODELS_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

/* Quantile of P (0 .. 1) of N > 0 values in ascending order. */
double alm_quantile_type7(const double *sorted, size_t n, double p);
double alm_quantile_nearest_rank(const double *sorted, size_t n, double p);

/* The same by TYPE 1 .. 9, as quantile() of R gives them. NaN: another type. */
double alm_quantile_type(const double *sorted, size_t n, double p, int type);

/* 1.4826 times the median distance from the median (type 7) of N values in ascending order: the standard deviation, were they normal. ROOM[n].
 * NaN of none. */
double alm_median_deviation(const double *sorted, size_t n, double *room);

/* The last `capacity` values in order of arrival and in order of size. Plain bytes, 16 * capacity + 16; put a value: a
 * binary search and one move within the window. NaN must not be put in. */
struct alm_sorted_window {
    uint32_t capacity, count;
    uint32_t next; /* where the next arrival goes */
    uint32_t pad;
    double value[]; /* [capacity] by arrival, then [capacity] ascending */
};

size_t alm_sorted_window_size(size_t capacity);

/* Make the zeroed memory at W an empty window; 1 <= CAPACITY <= 2^31. */
void alm_sorted_window_init(struct alm_sorted_window *w, size_t capacity);

/* Put VALUE in; when the window is full the oldest goes. */
void alm_sorted_window_put(struct alm_sorted_window *w, double value);

/* The `count` values in ascending order. */
static inline const double *alm_sorted_window_view(const struct alm_sorted_window *w)
{
    return w->value + w->capacity;
}

/* The largest of the last `capacity` values, in amortised constant time: only values that may yet be the largest are
 * kept. Feed negated values for the smallest. Plain bytes, 12 * capacity + 32. */
struct alm_peak_window {
    uint32_t capacity;
    uint32_t first, held; /* ring of candidates, falling in value */
    uint32_t seen;        /* values put in, modulo 2^32 */
    uint64_t count;       /* values put in */
    double value[];       /* [capacity], then as many uint32_t arrival numbers */
};

size_t alm_peak_window_size(size_t capacity);
void alm_peak_window_init(struct alm_peak_window *w, size_t capacity);
void alm_peak_window_put(struct alm_peak_window *w, double value);

/* The largest; the window must have seen a value. */
static inline double alm_peak_window_max(const struct alm_peak_window *w)
{
    return w->value[w->first];
}

#endif
