/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_describe: read all of a trace twice and say what its resources look like.
 *
 * Choice.   The first pass counts and finds each unit's mean; the second takes what needs them: percentiles and
 *           autocorrelation. A unit whose values are all equal has none, and does not count.
 * Limits.   Per unit and resource 8 bytes. */
#include "trace_describe.h"
#include "lag.h"
#include "tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 8192

/* Of one unit and resource: its mean until its autocorrelation is known. */
union of_unit {
    double mean;
    float lag[ALM__LAGS];
};

struct scan {
    const struct alm_demand *demand;
    const struct alm_trace_watch *watch;
    struct alm__tally tally[ALM_RESOURCES];
    union of_unit *of_unit[ALM_RESOURCES]; /* one a unit */
    struct alm__lag *lag;
    uint64_t total, seen, gaps;
    alm_time at[BATCH];
    double value[ALM_RESOURCES][BATCH];
};

static bool has(const struct scan *s, int r)
{
    return s->demand->resources & ALM_BIT(r);
}

/* Sum and extremes of one unit while it is read. */
struct part {
    double sum, low, high;
    uint64_t values;
};

static void count_part(struct part *p, const double *value, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (isnan(value[k]))
            continue;
        p->low = p->values == 0 || value[k] < p->low ? value[k] : p->low;
        p->high = p->values == 0 || value[k] > p->high ? value[k] : p->high;
        p->sum += value[k];
        p->values++;
    }
}

static double mean_if_varied(const struct part *p)
{
    return p->values && p->high > p->low ? p->sum / (double)p->values : (double)NAN;
}

static void count_gaps(struct scan *s, bool begins, size_t n, alm_time *previous)
{
    alm_time limit = s->demand->interval + s->demand->interval / 2;
    for (size_t k = 0; k < n; k++) {
        s->gaps += (!begins || k > 0) && s->at[k] - *previous > limit;
        *previous = s->at[k];
    }
}

static int read_block(struct scan *s, size_t unit, uint64_t first, size_t n, struct alm_err *e)
{
    struct alm_demand_rows rows = {.at = s->at};
    for (int r = 0; r < ALM_RESOURCES; r++)
        rows.value[r] = has(s, r) ? s->value[r] : NULL;
    s->seen += n;
    return s->demand->read(s->demand, unit, first, n, &rows, e);
}

static int first_look(struct scan *s, size_t unit, struct alm_err *e)
{
    struct part part[ALM_RESOURCES] = {0};
    alm_time previous = 0;
    for (uint64_t first = 0; first < s->demand->rows[unit]; first += BATCH) {
        uint64_t left = s->demand->rows[unit] - first;
        size_t n = left < BATCH ? (size_t)left : BATCH;
        ALM_TRY(read_block(s, unit, first, n, e));
        count_gaps(s, first == 0, n, &previous);
        for (int r = 0; r < ALM_RESOURCES; r++) {
            if (!has(s, r))
                continue;
            alm__tally_count(&s->tally[r], s->value[r], n);
            count_part(&part[r], s->value[r], n);
        }
    }
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (has(s, r))
            s->of_unit[r][unit].mean = mean_if_varied(&part[r]);
    return 0;
}

static int second_look(struct scan *s, size_t unit, struct alm_err *e)
{
    double mean[ALM_RESOURCES];
    const double *value[ALM_RESOURCES];
    for (int r = 0; r < ALM_RESOURCES; r++) {
        mean[r] = has(s, r) ? s->of_unit[r][unit].mean : (double)NAN;
        value[r] = has(s, r) ? s->value[r] : NULL;
    }
    alm__lag_unit(s->lag, mean);
    for (uint64_t first = 0; first < s->demand->rows[unit]; first += BATCH) {
        uint64_t left = s->demand->rows[unit] - first;
        size_t n = left < BATCH ? (size_t)left : BATCH;
        ALM_TRY(read_block(s, unit, first, n, e));
        alm__lag_add(s->lag, s->at, value, n);
        for (int r = 0; r < ALM_RESOURCES; r++)
            if (has(s, r))
                alm__tally_again(&s->tally[r], s->value[r], n);
    }
    for (int r = 0; r < ALM_RESOURCES; r++)
        for (int i = 0; has(s, r) && i < ALM__LAGS; i++)
            s->of_unit[r][unit].lag[i] = (float)alm__lag_value(s->lag, i, r);
    return 0;
}

static int scan_units(struct scan *s, int (*look)(struct scan *, size_t, struct alm_err *), struct alm_err *e)
{
    for (size_t u = 0; u < s->demand->units; u++) {
        ALM_TRY(look(s, u, e));
        ALM_TRY(alm__watch_step(s->watch, (double)s->seen / (2 * (double)s->total + 1), e));
    }
    return 0;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The median over the units that have a value. SPARE has room for one number a unit. */
static struct alm_trace_lag median_lag(const struct scan *s, int r, int which, float *spare)
{
    size_t n = 0;
    for (size_t u = 0; u < s->demand->units; u++)
        if (!isnan(s->of_unit[r][u].lag[which]))
            spare[n++] = s->of_unit[r][u].lag[which];
    if (n == 0)
        return (struct alm_trace_lag){(double)NAN, 0};
    qsort(spare, n, sizeof *spare, by_value);
    return (struct alm_trace_lag){0.5 * ((double)spare[(n - 1) / 2] + (double)spare[n / 2]), n};
}

static int finish(struct scan *s, struct alm_trace_column *out, struct alm_err *e)
{
    float *spare = malloc((s->demand->units + 1) * sizeof *spare);
    if (!spare)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    for (int r = 0; r < ALM_RESOURCES; r++) {
        const struct alm__tally *t = &s->tally[r];
        out[r] = (struct alm_trace_column){.rows = t->values + t->missing, .missing = t->missing, .zeros = t->zeros};
        out[r].mean = alm__tally_mean(t);
        out[r].p95 = has(s, r) ? alm__tally_percentile(t, ALM__TALLY_P95) : (double)NAN;
        out[r].max = t->values ? t->max : (double)NAN;
        out[r].step = out[r].day = (struct alm_trace_lag){(double)NAN, 0};
        if (has(s, r)) {
            out[r].step = median_lag(s, r, ALM__LAG_STEP, spare);
            out[r].day = median_lag(s, r, ALM__LAG_DAY, spare);
        }
    }
    free(spare);
    return 0;
}

static int describe(struct scan *s, struct alm_trace_column *out, struct alm_err *e)
{
    for (int r = 0; r < ALM_RESOURCES; r++) {
        if (!has(s, r))
            continue;
        ALM_TRY(alm__tally_open(&s->tally[r], e));
        s->of_unit[r] = calloc(s->demand->units, sizeof *s->of_unit[r]);
        if (!s->of_unit[r])
            return alm_fail(e, ALM_ENOMEM, "no memory for %zu units", s->demand->units);
    }
    ALM_TRY(alm__lag_open(s->demand->interval, s->demand->resources, &s->lag, e));
    ALM_TRY(scan_units(s, first_look, e));
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (has(s, r))
            alm__tally_turn(&s->tally[r]);
    ALM_TRY(scan_units(s, second_look, e));
    return finish(s, out, e);
}

int alm_trace_describe(const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_trace_column *out,
                       uint64_t *gaps, struct alm_err *e)
{
    struct scan *s = calloc(1, sizeof *s);
    if (!s)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    struct alm_trace_column column[ALM_RESOURCES];
    s->demand = alm_trace_demand(t);
    s->watch = watch;
    s->total = alm_trace_rows(t);
    int rc = describe(s, column, e);
    if (rc == 0) {
        memcpy(out, column, sizeof column);
        *gaps = s->gaps;
    }
    alm__lag_close(s->lag);
    for (int r = 0; r < ALM_RESOURCES; r++) {
        alm__tally_close(&s->tally[r]);
        free(s->of_unit[r]);
    }
    free(s);
    return rc;
}
