/* SPDX-License-Identifier: GPL-3.0-or-later
 * executions: the observer: sums, histograms and batches; of the whole, of each class, of each unit. */
#include "experiments/executions.h"

#include "experiments/batch_means.h"
#include "experiments/executions_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Slowdowns and server-seconds as whole numbers, saturating; 0 for what is not known. */
static int64_t whole(double value, double unit)
{
    double scaled = value * unit;
    if (!(scaled > 0))
        return 0;
    return scaled < 9e18 ? (int64_t)llrint(scaled) : (int64_t)9e18;
}

static int group_open(struct executions_group *g, alm_time begin, struct alm_err *e)
{
    *g = (struct executions_group){.latest = begin};
    return batch_means_open(&g->batches, EXECUTIONS_SUMS, EXECUTIONS_CELLS, e);
}

static void group_free(struct executions_group *g)
{
    batch_means_free(&g->batches);
    quantiles_free(&g->response);
    quantiles_free(&g->slowdown);
}

static int group_copy(struct executions_group *to, const struct executions_group *from, struct alm_err *e)
{
    *to = *from;
    to->response = to->slowdown = (struct quantiles){0};
    ALM_TRY(batch_means_copy(&to->batches, &from->batches, e));
    ALM_TRY(quantiles_merge(&to->response, &from->response, e));
    return quantiles_merge(&to->slowdown, &from->slowdown, e);
}

int executions_new(size_t units, alm_time begin, double cores, struct executions **out, struct alm_err *e)
{
    struct executions *x = calloc(1, sizeof *x);
    if (!x)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the metrics of invocations");
    *x = (struct executions){
        .begin = begin, .end = begin, .cores = cores, .units = units, .unit = calloc(units, sizeof *x->unit)};
    int code = x->unit ? group_open(&x->all, begin, e) : alm_fail(e, ALM_ENOMEM, "out of memory for %zu units", units);
    if (code < 0) {
        executions_free(x);
        return code;
    }
    *out = x;
    return ALM_OK;
}

void executions_free(struct executions *x)
{
    if (!x)
        return;
    group_free(&x->all);
    for (size_t k = 0; k < x->classes; k++)
        group_free(&x->class[k].group);
    free(x->unit);
    free(x);
}

/* The group of a class beside the total; NULL while there is but one class, or beyond the last that is kept. */
static int class_group(struct executions *x, uint32_t class, struct executions_group **out, struct alm_err *e)
{
    *out = NULL;
    size_t k = 0;
    while (k < x->classes && x->class[k].class < class)
        k++;
    bool known = k < x->classes && x->class[k].class == class;
    if (known || x->classes == EXECUTIONS_CLASSES) {
        *out = known && x->classes > 1 ? &x->class[k].group : NULL;
        return ALM_OK;
    }
    struct executions_group new = {0};
    if (x->classes > 0)
        ALM_TRY(group_open(&new, x->begin, e));
    if (x->classes == 1) { /* until now the total was that of the only class */
        int code = group_copy(&x->class[0].group, &x->all, e);
        if (code < 0) {
            group_free(&new);
            return code;
        }
    }
    memmove(&x->class[k + 1], &x -> class[k], (x->classes - k) * sizeof x->class[0]);
    x->class[k] = (struct executions_class_group){class, new};
    *out = x->classes++ > 0 ? &x->class[k].group : NULL;
    return ALM_OK;
}

/* Time of [from, to] that lies at or after the begin of scoring. */
static alm_time scored_part(const struct executions *x, alm_time from, alm_time to)
{
    from = from > x->begin ? from : x->begin;
    return to > from ? to - from : 0;
}

/* What one execution adds, sum by sum. */
struct increment {
    int64_t sum[EXECUTIONS_SUMS];
    bool scored;
};

static void measure(const struct executions *x, const struct alm_execution *q, const struct alm_execution_account *a,
                    struct increment *out)
{
    int64_t *s = out->sum;
    memset(out, 0, sizeof *out);
    bool done = q->end == ALM_END_DONE, started = q->start != ALM_TIME_NONE;
    alm_time from = started ? q->start : q->arrival, held = q->finish - from;
    s[SUM_SOJOURN] = scored_part(x, q->arrival, q->finish);
    double part = held > 0 ? (double)scored_part(x, from, q->finish) / (double)held : 1;
    s[SUM_SERVERS] = whole(a->servers * part, 1e9);
    out->scored = q->end != ALM_END_RUNNING && q->arrival >= x->begin;
    if (!out->scored)
        return;
    s[SUM_COUNT] = 1;
    s[SUM_DONE] = done;
    s[SUM_REFUSED] = q->end == ALM_END_REFUSED;
    s[SUM_TIMEOUT] = q->end == ALM_END_TIMEOUT;
    s[SUM_FAILED] = q->end == ALM_END_FAILED;
    s[SUM_STARTED] = started;
    s[SUM_COLD] = started && q->cold;
    s[SUM_RETRIES] = q->retries;
    if (!done)
        return;
    s[SUM_RESPONSE] = q->finish - q->arrival;
    s[SUM_WAIT] = from - q->arrival;
    if (a->alone > 0) {
        s[SUM_SLOWDOWNS] = 1;
        s[SUM_SLOWDOWN] = whole(alm_seconds(s[SUM_RESPONSE]) / a->alone, 1e6);
    }
}

static int group_add(struct executions_group *g, const struct increment *i, alm_time finish, struct alm_err *e)
{
    const int64_t *s = i->sum;
    for (int k = 0; k < EXECUTIONS_SUMS; k++)
        g->sum[k] += s[k];
    if (!i->scored)
        return ALM_OK;
    double *batch = batch_means_sum(&g->batches);
    for (int k = 0; k < EXECUTIONS_SUMS; k++)
        batch[k] += (double)s[k];
    batch[SUM_TIME] += (double)(finish - g->latest);
    g->latest = finish;
    uint32_t *cell = batch_means_cell(&g->batches);
    if (s[SUM_DONE]) {
        ALM_TRY(quantiles_add(&g->response, s[SUM_RESPONSE], e));
        cell[batch_means_cell_of(s[SUM_RESPONSE])]++;
    }
    if (s[SUM_SLOWDOWNS]) {
        ALM_TRY(quantiles_add(&g->slowdown, s[SUM_SLOWDOWN], e));
        cell[BATCH_MEANS_CELLS + batch_means_cell_of(s[SUM_SLOWDOWN])]++;
    }
    batch_means_next(&g->batches);
    return ALM_OK;
}

static int on_executions(void *ctx, const struct alm_execution *q, const struct alm_execution_account *a, size_t n,
                         struct alm_err *e)
{
    struct executions *x = ctx;
    for (size_t k = 0; k < n; k++) {
        struct increment i;
        struct executions_group *class;
        measure(x, &q[k], &a[k], &i);
        ALM_TRY(class_group(x, a[k].class, &class, e));
        bool running = q[k].end == ALM_END_RUNNING;
        x->end = q[k].finish > x->end ? q[k].finish : x->end;
        x->all.in_flight += running;
        ALM_TRY(group_add(&x->all, &i, q[k].finish, e));
        if (class) {
            class->in_flight += running;
            ALM_TRY(group_add(class, &i, q[k].finish, e));
        }
        for (int s = 0; i.scored && s < EXECUTIONS_SUMS; s++)
            x->unit[q[k].unit].sum[s] += i.sum[s];
    }
    return ALM_OK;
}

struct alm_observer executions_observer(struct executions *x)
{
    return (struct alm_observer){.ctx = x, .executions = on_executions};
}

void executions_finish(struct executions *x, alm_time end)
{
    x->end = end > x->end ? end : x->end;
}
