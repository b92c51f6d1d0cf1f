/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_describe_behaviour: read the behaviour of a trace once and say what it looks like.
 *
 * Limits.   Memory: 8 bytes a function. */
#include "trace_describe.h"

#include <math.h>
#include <stdlib.h>

#define BATCH ((size_t)512)

struct habits {
    struct alm_trace_habits *out;
    double sum[ALM_BEHAVIOUR_FIELDS];
    double *calls; /* of each function */
    bool *seen;
};

static void take_record(struct habits *h, const struct alm_behaviour *b)
{
    struct alm_trace_habits *out = h->out;
    bool first = out->records++ == 0;
    out->first = first || b->at - b->span < out->first ? b->at - b->span : out->first;
    out->last = first || b->at > out->last ? b->at : out->last;
    out->shortest = first || b->span < out->shortest ? b->span : out->shortest;
    out->longest = first || b->span > out->longest ? b->span : out->longest;
    out->functions += b->function > 0 && !h->seen[b->function];
    h->seen[b->function] = true;
    for (int f = 0; f < ALM_BEHAVIOUR_FIELDS; f++) {
        double v = b->value[f];
        out->field[f].missing += isnan(v) ? 1 : 0;
        h->sum[f] += isnan(v) ? 0 : v;
        out->field[f].max = fmax(out->field[f].max, v);
    }
    double calls = b->value[ALM_BEH_CALLS];
    h->calls[b->function] += b->function > 0 && !isnan(calls) ? calls : 0;
}

/* The functions called most, by calls, then as in the file. */
static void find_most(struct habits *h, size_t functions)
{
    struct alm_trace_habits *out = h->out;
    for (size_t f = 1; f < functions; f++) {
        uint64_t count = (uint64_t)fmin(h->calls[f], 1.8e19);
        size_t place = out->most_count;
        while (place > 0 && out->most[place - 1].count < count)
            place--;
        if (count == 0 || place == ALM_TRACE_MOST)
            continue;
        out->most_count += out->most_count < ALM_TRACE_MOST;
        for (size_t i = out->most_count - 1; i > place; i--)
            out->most[i] = out->most[i - 1];
        out->most[place] = (struct alm_trace_most){f, count};
    }
}

static int read_all(struct habits *h, const struct alm_trace *t, const struct alm_trace_watch *watch, struct alm_err *e)
{
    const struct alm_behaviours *source = alm_trace_behaviours(t);
    struct alm_behaviour block[BATCH];
    for (uint64_t first = 0; first < source->count; first += BATCH) {
        size_t n = source->count - first < BATCH ? (size_t)(source->count - first) : BATCH;
        ALM_TRY(alm__watch_step(watch, (double)first / (double)source->count, e));
        ALM_TRY(source->read(source, first, n, block, e));
        for (size_t k = 0; k < n; k++)
            take_record(h, &block[k]);
    }
    for (size_t u = 0; u < alm_trace_demand(t)->units; u++)
        h->out->units += source->first[u + 1] > source->first[u];
    for (int f = 0; f < ALM_BEHAVIOUR_FIELDS; f++) {
        uint64_t known = source->count - h->out->field[f].missing;
        h->out->field[f].mean = known ? h->sum[f] / (double)known : (double)NAN;
    }
    for (size_t f = 1; f < source->functions; f++)
        h->out->calls += h->calls[f];
    find_most(h, source->functions);
    return 0;
}

int alm_trace_describe_behaviour(const struct alm_trace *t, const struct alm_trace_watch *watch,
                                 struct alm_trace_habits *out, struct alm_err *e)
{
    const struct alm_behaviours *source = alm_trace_behaviours(t);
    *out = (struct alm_trace_habits){0};
    if (!source)
        return 0;
    for (int f = 0; f < ALM_BEHAVIOUR_FIELDS; f++)
        out->field[f].max = (double)NAN;
    struct habits h = {.out = out,
                       .calls = calloc(source->functions, sizeof *h.calls),
                       .seen = calloc(source->functions, sizeof *h.seen)};
    int rc = h.calls && h.seen ? read_all(&h, t, watch, e) : alm_fail(e, ALM_ENOMEM, "out of memory");
    free(h.calls);
    free(h.seen);
    return rc;
}
