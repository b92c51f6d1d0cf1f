/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_describe: read all of a trace once and say what its resources look like.
 *
 * Choice.   The percentile is found by its bits: values >= 0 are ordered as their bit patterns are. One pass counts the
 *           first 16 bits, a second the next 16 of those that share the right ones: bounded memory, and a relative
 *           error below 2^-20, downward.
 * Source.   Radix selection; nearest-rank percentile. */
#include "trace_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 8192
#define BINS 65536

struct tally {
    uint64_t *bin; /* BINS counts */
    uint64_t values, rank;
    uint64_t top; /* the first 16 bits of the percentile */
    double sum;
};

struct scan {
    const struct alm_demand *demand;
    const struct alm_trace_watch *watch;
    struct alm_trace_column *out;
    struct tally tally[ALM_RESOURCES];
    uint64_t total, seen, gaps;
    int pass; /* 1: count all; 2: refine */
    alm_time at[BATCH];
    double value[ALM_RESOURCES][BATCH];
};

static uint64_t bits_of(double v)
{
    uint64_t bits;
    v += 0.0; /* -0 is 0 */
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static void count_values(struct scan *s, int r, size_t n)
{
    struct tally *t = &s->tally[r];
    struct alm_trace_column *c = &s->out[r];
    for (size_t k = 0; k < n; k++) {
        double v = s->value[r][k];
        if (isnan(v)) {
            c->missing++;
            continue;
        }
        t->values++;
        t->sum += v;
        c->zeros += !(v > 0);
        c->max = t->values == 1 || v > c->max ? v : c->max;
        t->bin[bits_of(v) >> 48]++;
    }
    c->rows += n;
}

static void refine_values(struct scan *s, int r, size_t n)
{
    struct tally *t = &s->tally[r];
    for (size_t k = 0; k < n; k++) {
        double v = s->value[r][k];
        if (isnan(v))
            continue;
        uint64_t bits = bits_of(v);
        if (bits >> 48 == t->top)
            t->bin[bits >> 32 & 0xffff]++;
    }
}

static int scan_block(struct scan *s, size_t unit, uint64_t first, size_t n, alm_time *previous, struct alm_err *e)
{
    struct alm_demand_rows rows = {.at = s->pass == 1 ? s->at : NULL};
    for (int r = 0; r < ALM_RESOURCES; r++)
        rows.value[r] = s->demand->resources & ALM_BIT(r) ? s->value[r] : NULL;
    ALM_TRY(s->demand->read(s->demand, unit, first, n, &rows, e));
    alm_time limit = s->demand->interval + s->demand->interval / 2;
    for (size_t k = 0; s->pass == 1 && k < n; k++) {
        s->gaps += (first > 0 || k > 0) && s->at[k] - *previous > limit;
        *previous = s->at[k];
    }
    for (int r = 0; r < ALM_RESOURCES; r++)
        if (rows.value[r])
            (s->pass == 1 ? count_values : refine_values)(s, r, n);
    s->seen += n;
    return 0;
}

static int scan_units(struct scan *s, struct alm_err *e)
{
    for (size_t u = 0; u < s->demand->units; u++) {
        alm_time previous = 0;
        for (uint64_t first = 0; first < s->demand->rows[u]; first += BATCH) {
            uint64_t left = s->demand->rows[u] - first;
            ALM_TRY(scan_block(s, u, first, left < BATCH ? (size_t)left : BATCH, &previous, e));
        }
        if (s->watch && s->watch->stop && *s->watch->stop)
            return alm_fail(e, ALM_EINTR, "interrupted");
        if (s->watch && s->watch->progress)
            s->watch->progress(s->watch->progress_ctx, (double)s->seen / (2 * (double)s->total));
    }
    return 0;
}

/* The bin that holds the RANK-th value; RANK becomes the rank inside it. */
static uint64_t find_bin(const uint64_t *bin, uint64_t *rank)
{
    uint64_t i = 0;
    while (i < BINS - 1 && *rank > bin[i])
        *rank -= bin[i++];
    return i;
}

static void between_passes(struct scan *s)
{
    for (int r = 0; r < ALM_RESOURCES; r++) {
        struct tally *t = &s->tally[r];
        if (t->values == 0)
            continue;
        t->rank = t->values - t->values / 20; /* ceil(0.95 n) */
        t->top = find_bin(t->bin, &t->rank);
        memset(t->bin, 0, BINS * sizeof *t->bin);
    }
}

static void finish(struct scan *s)
{
    for (int r = 0; r < ALM_RESOURCES; r++) {
        struct tally *t = &s->tally[r];
        struct alm_trace_column *c = &s->out[r];
        if (t->values == 0) {
            c->mean = c->p95 = c->max = (double)NAN;
            continue;
        }
        uint64_t bits = t->top << 48 | find_bin(t->bin, &t->rank) << 32;
        memcpy(&c->p95, &bits, sizeof bits);
        c->mean = t->sum / (double)t->values;
    }
}

static int describe(struct scan *s, struct alm_err *e)
{
    for (int r = 0; r < ALM_RESOURCES; r++) {
        s->out[r] = (struct alm_trace_column){0};
        s->tally[r].bin = calloc(BINS, sizeof *s->tally[r].bin);
        if (!s->tally[r].bin)
            return alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    s->pass = 1;
    ALM_TRY(scan_units(s, e));
    between_passes(s);
    s->pass = 2;
    ALM_TRY(scan_units(s, e));
    finish(s);
    return 0;
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
    s->out = column;
    s->total = alm_trace_rows(t);
    int rc = describe(s, e);
    if (rc == 0) {
        memcpy(out, column, sizeof column);
        *gaps = s->gaps;
    }
    for (int r = 0; r < ALM_RESOURCES; r++)
        free(s->tally[r].bin);
    free(s);
    return rc;
}
