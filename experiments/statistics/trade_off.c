/* SPDX-License-Identifier: GPL-3.0-or-later
 * trade_off: see the header. */
#include "experiments/statistics/trade_off.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    struct trade_off_point p;
    size_t at; /* in the caller's list */
};

static int by_harm_and_slack(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->p.harm != y->p.harm)
        return x->p.harm < y->p.harm ? -1 : 1;
    if (x->p.slack != y->p.slack)
        return x->p.slack < y->p.slack ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* The points without NaN in order; *KEPT of them. To be freed; NULL: out of memory. */
static struct ranked *sorted(const struct trade_off_point *p, size_t n, size_t *kept)
{
    struct ranked *list = calloc(n + 1, sizeof *list);
    *kept = 0;
    for (size_t i = 0; list && i < n; i++)
        if (!isnan(p[i].slack) && !isnan(p[i].harm))
            list[(*kept)++] = (struct ranked){p[i], i};
    if (list)
        qsort(list, *kept, sizeof *list, by_harm_and_slack);
    return list;
}

int trade_off_dominated(const struct trade_off_point *p, size_t n, bool *dominated, struct alm_err *e)
{
    size_t kept;
    struct ranked *list = sorted(p, n, &kept);
    if (!list)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a frontier of %zu points", n);
    for (size_t i = 0; i < n; i++)
        dominated[i] = true;
    size_t best = 0; /* the last point of the frontier so far: least slack, with the least harm that has it */
    for (size_t i = 0; i < kept; i++) {
        bool same = list[i].p.slack == list[best].p.slack && list[i].p.harm == list[best].p.harm;
        if (!same && list[i].p.slack >= list[best].p.slack)
            continue;
        best = i;
        dominated[list[i].at] = false;
    }
    free(list);
    return ALM_OK;
}

struct curve {
    struct ranked *point; /* harm rises, slack falls */
    size_t count;
};

static int curve_of(const struct trade_off_point *p, size_t n, struct curve *out, struct alm_err *e)
{
    size_t kept;
    *out = (struct curve){sorted(p, n, &kept), 0};
    if (!out->point)
        return alm_fail(e, ALM_ENOMEM, "out of memory for a curve of %zu points", n);
    for (size_t i = 0; i < kept; i++) {
        struct ranked r = out->point[i];
        bool lower = out->count == 0 || r.p.slack < out->point[out->count - 1].p.slack;
        if (lower && isfinite(r.p.slack) && isfinite(r.p.harm))
            out->point[out->count++] = r;
    }
    return ALM_OK;
}

static double mean_difference(const struct curve *a, const struct curve *b)
{
    if (a->count == 0 || b->count == 0)
        return NAN;
    const double from = fmax(a->point[0].p.harm, b->point[0].p.harm);
    const double to = fmin(a->point[a->count - 1].p.harm, b->point[b->count - 1].p.harm);
    if (from > to)
        return NAN;
    double at = from, mean = 0;
    for (size_t i = 0, j = 0;;) {
        while (i + 1 < a->count && a->point[i + 1].p.harm <= at)
            i++;
        while (j + 1 < b->count && b->point[j + 1].p.harm <= at)
            j++;
        double difference = a->point[i].p.slack - b->point[j].p.slack, next = to;
        if (from == to)
            return difference;
        if (at >= to)
            return mean;
        next = i + 1 < a->count ? fmin(next, a->point[i + 1].p.harm) : next;
        next = j + 1 < b->count ? fmin(next, b->point[j + 1].p.harm) : next;
        mean += difference * ((next - at) / (to - from));
        at = next;
    }
}

int trade_off_area(const struct trade_off_point *a, size_t n, const struct trade_off_point *b, size_t m, double *out,
                   struct alm_err *e)
{
    struct curve x, y;
    ALM_TRY(curve_of(a, n, &x, e));
    int code = curve_of(b, m, &y, e);
    if (code == ALM_OK)
        *out = mean_difference(&x, &y);
    free(x.point);
    free(y.point);
    return code;
}
