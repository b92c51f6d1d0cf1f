/* SPDX-License-Identifier: GPL-3.0-or-later
 * rq_series: one series' past as columns of a regression. The header says where the method stands.
 *
 * Choice.   A missing value stands in the past as the last one known, so that lags and maxima have one meaning each. */
#include "rq_series.h"

#include "quantile.h"

#include <math.h>
#include <string.h>

struct rq_series {
    int64_t slot, first; /* of the newest value; of the first */
    uint32_t held, next; /* values in the ring; where the next goes */
    double sum, weight;  /* of the level */
    double least, most;  /* of all values, as logarithms */
    double past[];       /* ring; then peak windows, then the range */
};

size_t rq_series_columns(const struct rq_series_shape *s)
{
    const size_t seasonal = s->season == 0 ? 0 : s->clock ? 3 : 1;
    return 1 + s->lags + s->maxima + seasonal + (s->trend ? 1 : 0);
}

/* ---- layout ---- */

static size_t past_of(const struct rq_series_shape *s)
{
    size_t n = s->season > 1 ? s->season : 1;
    for (size_t k = 0; k < s->lags; k++)
        n = n > s->lag[k] ? n : s->lag[k];
    return n;
}

static size_t peak_at(const struct rq_series_shape *s, size_t k)
{
    size_t at = sizeof(struct rq_series) + past_of(s) * sizeof(double);
    for (size_t i = 0; i < k; i++)
        at += alm_peak_window_size(s->maximum[i]);
    return at;
}

static struct alm_peak_window *peak(struct rq_series *b, const struct rq_series_shape *s, size_t k)
{
    return (struct alm_peak_window *)(void *)((char *)b + peak_at(s, k));
}

static const struct alm_peak_window *peak_in(const struct rq_series *b, const struct rq_series_shape *s, size_t k)
{
    return (const struct alm_peak_window *)(const void *)((const char *)b + peak_at(s, k));
}

static struct rq_range *range_of(struct rq_series *b, const struct rq_series_shape *s)
{
    return (struct rq_range *)(void *)((char *)b + peak_at(s, s->maxima));
}

static const struct rq_range *range_in(const struct rq_series *b, const struct rq_series_shape *s)
{
    return (const struct rq_range *)(const void *)((const char *)b + peak_at(s, s->maxima));
}

size_t rq_series_size(const struct rq_series_shape *s)
{
    return peak_at(s, s->maxima) + rq_range_size(&s->range);
}

void rq_series_init(struct rq_series *b, const struct rq_series_shape *s)
{
    memset(b, 0, rq_series_size(s));
    for (size_t k = 0; k < s->maxima; k++)
        alm_peak_window_init(peak(b, s, k), s->maximum[k]);
    rq_range_init(range_of(b, s), &s->range);
    b->least = INFINITY;
    b->most = -INFINITY;
}

/* ---- columns ---- */

static double level_of(const struct rq_series *b)
{
    return b->sum / b->weight;
}

/* The value BACK intervals before the next one, above LEVEL; 0 where the past does not reach. */
static double above(const struct rq_series *b, const struct rq_series_shape *s, int64_t back, double level)
{
    if (back < 1 || back > (int64_t)b->held)
        return 0;
    const size_t n = past_of(s), at = (b->next + n - (size_t)back) % n;
    return b->past[at] - level;
}

/* X[columns] for interval SLOT; something was seen. */
static void columns_of(const struct rq_series *b, const struct rq_series_shape *s, int64_t slot, double *x)
{
    const double level = level_of(b);
    *x++ = 1;
    for (size_t k = 0; k < s->lags; k++)
        *x++ = above(b, s, (int64_t)s->lag[k], level);
    for (size_t k = 0; k < s->maxima; k++)
        *x++ = alm_peak_window_max(peak_in(b, s, k)) - level;
    if (s->season > 0) {
        const int64_t season = (int64_t)s->season;
        *x++ = above(b, s, b->slot + 1 - (slot - season), level);
        if (s->clock) {
            const double turn = 2 * 3.14159265358979323846 * (double)(slot % season) / (double)season;
            *x++ = sin(turn);
            *x++ = cos(turn);
        }
    }
    if (s->trend)
        *x = (double)(slot - b->first) / (double)s->range.rows;
}

/* ---- learning ---- */

static void remember(struct rq_series *b, const struct rq_series_shape *s, double x)
{
    const size_t n = past_of(s);
    b->past[b->next] = x;
    b->next = (uint32_t)(b->next + 1 == n ? 0 : b->next + 1);
    b->held += b->held < n;
    for (size_t k = 0; k < s->maxima; k++)
        alm_peak_window_put(peak(b, s, k), x);
}

/* Intervals without a value, up to SLOT. */
static void pass(struct rq_series *b, const struct rq_series_shape *s, int64_t slot)
{
    size_t most = past_of(s), n = past_of(s);
    for (size_t k = 0; k < s->maxima; k++)
        most = most > s->maximum[k] ? most : s->maximum[k];
    const double last = b->past[(b->next + n - 1) % n];
    for (int64_t left = slot - b->slot < (int64_t)most ? slot - b->slot : (int64_t)most; left > 0; left--)
        remember(b, s, last);
    b->slot = slot;
}

int rq_series_put(struct rq_series *b, const struct rq_series_shape *s, int64_t slot, double value, bool censored,
                  struct rq *work, struct alm_err *e)
{
    const double x = log(fmax(value, 0) * (censored ? RQ_HELD_BACK : 1) + s->resolution);
    if (!(isfinite(value) && isfinite(x)))
        return ALM_OK;
    if (b->held == 0) {
        b->first = slot;
    } else {
        double row[RQ_SERIES_COLUMNS];
        pass(b, s, slot - 1);
        columns_of(b, s, slot, row);
        ALM_TRY(rq_range_put(range_of(b, s), &s->range, row, x - level_of(b), work, e));
    }
    remember(b, s, x);
    b->slot = slot;
    b->sum = b->sum * s->keep + x;
    b->weight = b->weight * s->keep + 1;
    b->least = fmin(b->least, x);
    b->most = fmax(b->most, x);
    return ALM_OK;
}

/* ---- answers ---- */

bool rq_series_ask(const struct rq_series *b, const struct rq_series_shape *s, int64_t slot, struct rq_amounts *out)
{
    if (b->held == 0)
        return false;
    double row[RQ_SERIES_COLUMNS];
    columns_of(b, s, slot, row);
    const struct rq_range_answer a = rq_range_ask(range_in(b, s), &s->range, row);
    *out = rq_amounts_of(&a, level_of(b), b->least, b->most, s->resolution);
    return true;
}

bool rq_series_sound(const void *bytes, const struct rq_series_shape *s)
{
    struct rq_series b;
    const size_t n = past_of(s);
    memcpy(&b, bytes, sizeof b);
    for (size_t k = 0; k < s->maxima; k++) {
        struct alm_peak_window w;
        memcpy(&w, (const char *)bytes + peak_at(s, k), sizeof w);
        if (w.capacity != s->maximum[k] || w.first >= w.capacity || w.held > w.capacity || (b.held > 0 && w.held == 0))
            return false;
    }
    return b.held <= n && b.next < n && (b.held == n || b.next == b.held) &&
           rq_range_sound((const char *)bytes + peak_at(s, s->maxima), &s->range);
}
