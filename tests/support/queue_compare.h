/* SPDX-License-Identifier: GPL-3.0-or-later
 * queue_compare: is a system simulated what theory says it is?
 *
 * Meaning.  REPLICATIONS runs with seeds that follow from the specification. For each figure the exact value must lie within the 99.9 % interval of
 *           Student's t over the means of the replications. About 300 such checks are made, so with seeds never tried
 *           before one of them would fail with a probability of about 0.26; seeds are fixed, so they hold or they do not. One
 *           that fails is looked into with more work, never with other seeds.
 *           A run starts empty. The first fifth of its customers (of its time, for time averages) is not counted: that is at
 *           least five relaxation times 1 / (mu (1 - sqrt(rho))^2) of every system here, so what is left of the start is
 *           below exp(-5) of the mean, and most of that is gone: a tenth of the interval at most. Nor is the last twentieth,
 *           so that all that count have ended. Means over customers have a fixed number of them, means over time a fixed
 *           span: no ratio of two random numbers, no bias.
 * Choice.   ALM_THEORY=full does 20 times the work, a number as many times. Debug builds look for other errors and take
 *           an eighth.
 * Source.   Law, Simulation Modeling and Analysis (2015), 9.5.2 (replication and deletion). */
#ifndef ALMANAC_TESTS_QUEUE_COMPARE_H
#define ALMANAC_TESTS_QUEUE_COMPARE_H

#include "queue_run.h"
#include "queue_system.h"

#include <gsl/gsl_cdf.h>

#define REPLICATIONS 10
#define CONFIDENCE 0.999

#ifdef ALM_DEBUG
#define QUEUE_SHARE 0.125
#else
#define QUEUE_SHARE 1.0
#endif

static inline double queue_effort(void)
{
    const char *text = getenv("ALM_THEORY");
    if (!text || !*text)
        return QUEUE_SHARE;
    double factor = strcmp(text, "full") == 0 ? 20 : atof(text);
    cr_assert(factor > 0, "ALM_THEORY=%s: write full, or a number above 0", text);
    return factor;
}

/* What counts of a run: arrivals in [from, to), time in [since, until). */
struct queue_window {
    alm_time from, to, since, until;
    size_t arrivals; /* in it, at the first station */
    double top;      /* the best priority */
};

static inline struct queue_window queue_window_of(const struct queue_run *q, const struct system *s, size_t customers)
{
    const struct memory_sink *m = &q->trace;
    size_t stations = m->units;
    double span = (double)customers / s->rate;
    struct queue_window w = {.from = m->invocation[customers / 5 * stations].arrival,
                             .to = m->invocation[customers / 20 * 19 * stations].arrival,
                             .since = (alm_time)(0.2 * span * 1e9),
                             .until = (alm_time)(0.95 * span * 1e9)};
    for (size_t i = 0; i < m->invocations; i++) {
        const struct alm_invocation *v = &m->invocation[i];
        w.arrivals += v->unit == 0 && v->arrival >= w.from && v->arrival < w.to;
        w.top = v->value[ALM_INV_PRIORITY] > w.top ? v->value[ALM_INV_PRIORITY] : w.top;
    }
    return w;
}

static inline bool queue_is_part(const struct queue_run *q, const struct queue_window *w, const struct queue_end *x,
                                 int of)
{
    if (of == 0)
        return true;
    return q->trace.units > 1 ? x->of.unit == (uint32_t)of - 1
                              : x->account.class == (uint32_t)(w->top + 1) - (uint32_t)of;
}

static inline double queue_overlap(alm_time from, alm_time to, const struct queue_window *w)
{
    alm_time low = from > w->since ? from : w->since, high = to < w->until ? to : w->until;
    return high > low ? alm_seconds(high - low) : 0;
}

static inline double queue_time_average(const struct queue_run *q, const struct queue_window *w,
                                        const struct expectation *x)
{
    double sum = 0;
    for (size_t i = 0; i < q->count; i++) {
        const struct alm_execution *v = &q->ended[i].of;
        alm_time until = x->figure == FIGURE_IN_QUEUE && v->start != ALM_TIME_NONE ? v->start : v->finish;
        if (v->end != ALM_END_REFUSED && queue_is_part(q, w, &q->ended[i], x->of))
            sum += queue_overlap(v->arrival, until, w);
    }
    return sum / alm_seconds(w->until - w->since);
}

static inline double queue_number_at(const struct queue_run *q, double seconds)
{
    size_t n = 0;
    alm_time at = (alm_time)nearbyint(seconds * 1e9);
    for (size_t i = 0; i < q->count; i++)
        n += q->ended[i].of.arrival <= at && q->ended[i].of.finish > at;
    return (double)n;
}

/* What one execution adds to the sum and to the number it is divided by. */
struct queue_terms {
    double sum, count;
};

static inline struct queue_terms queue_term(const struct queue_end *x, const struct expectation *want)
{
    const struct alm_execution *v = &x->of;
    bool served = v->end == ALM_END_DONE;
    double response = alm_seconds(v->finish - v->arrival);
    double wait = v->start == ALM_TIME_NONE ? response : alm_seconds(v->start - v->arrival);
    switch (want->figure) {
    case FIGURE_RESPONSE:
        return (struct queue_terms){served ? response : 0, served};
    case FIGURE_WAIT:
        return (struct queue_terms){served ? wait : 0, served};
    case FIGURE_WAIT_ALL:
        return (struct queue_terms){v->end == ALM_END_REFUSED ? 0 : wait, v->end != ALM_END_REFUSED};
    case FIGURE_REFUSED:
        return (struct queue_terms){v->end == ALM_END_REFUSED, 1};
    case FIGURE_TIMEOUT:
        return (struct queue_terms){v->end == ALM_END_TIMEOUT, 1};
    case FIGURE_WAITED:
        return (struct queue_terms){served && wait > want->at, served};
    case FIGURE_WITHIN:
        return (struct queue_terms){served && response <= want->at, served};
    case FIGURE_SLOWDOWN:
        return (struct queue_terms){served ? response / x->account.alone : 0, served};
    case FIGURE_SLOWDOWN_LARGE:
        served = served && x->account.alone > want->at;
        return (struct queue_terms){served ? response / x->account.alone : 0, served};
    case FIGURE_BUSY:
        return (struct queue_terms){x->account.servers, 0};
    default:
        return (struct queue_terms){0, 0};
    }
}

static inline double queue_figure(const struct queue_run *q, const struct queue_window *w,
                                  const struct expectation *want)
{
    struct queue_terms all = {0};
    if (want->figure == FIGURE_IN_SYSTEM || want->figure == FIGURE_IN_QUEUE)
        return queue_time_average(q, w, want);
    if (want->figure == FIGURE_NUMBER_AT)
        return queue_number_at(q, want->at);
    for (size_t i = 0; i < q->count; i++) {
        const struct queue_end *x = &q->ended[i];
        if (x->of.arrival < w->from || x->of.arrival >= w->to || !queue_is_part(q, w, x, want->of))
            continue;
        struct queue_terms term = queue_term(x, want);
        all.sum += term.sum;
        all.count += term.count;
    }
    return all.sum / (want->figure == FIGURE_BUSY ? alm_seconds(w->to - w->from) : all.count);
}

/* Each customer who came in the window has ended once. */
static inline void queue_expect_all(const struct queue_run *q, const struct queue_window *w, const struct system *s)
{
    size_t ended = 0;
    for (size_t i = 0; i < q->count; i++) {
        const struct alm_execution *v = &q->ended[i].of;
        if (v->unit != 0 || v->arrival < w->from || v->arrival >= w->to)
            continue;
        ended++;
        cr_expect(v->end != ALM_END_RUNNING, "%s: the customer of %.3f s is still there", s->name,
                  alm_seconds(v->arrival));
    }
    cr_expect_eq(ended, w->arrivals, "%s: %zu customers of %zu ended", s->name, ended, w->arrivals);
}

static inline void queue_judge(const struct system *s, const struct expectation *want, const double *value, int n)
{
    double mean = 0, square = 0;
    for (int r = 0; r < n; r++)
        mean += value[r] / n;
    for (int r = 0; r < n; r++)
        square += (value[r] - mean) * (value[r] - mean);
    double error = sqrt(square / (n - 1) / n), half = error * gsl_cdf_tdist_Qinv((1 - CONFIDENCE) / 2, n - 1);
    printf("theory %-34s %-18s %d  %12.6g +- %8.2g  exact %12.6g  t %6.2f\n", s->name, figure_name(want->figure),
           want->of, mean, half, want->value, error > 0 ? (mean - want->value) / error : 0);
    cr_expect(fabs(mean - want->value) <= half + 1e-9 * fmax(1, want->value),
              "%s (%s): %s of part %d is %.6g +- %.2g, by theory %.6g: off by %.1f standard errors", s->name, s->spec,
              figure_name(want->figure), want->of, mean, half, want->value, (mean - want->value) / error);
    cr_expect(queue_effort() < 1 || half <= 0.2 * fmax(want->value, 0.05), "%s: %s +- %.2g shows nothing", s->name,
              figure_name(want->figure), half);
}

/* Seeds of two systems never meet: what happens by chance to one says nothing of another. */
static inline uint64_t queue_seed(const struct system *s, int replication)
{
    return generated_fold(UINT64_C(0xcbf29ce484222325), s->spec, strlen(s->spec)) / 1000 * 1000 + (uint64_t)replication;
}

static inline void queue_compare(const struct system *s)
{
    double effort = queue_effort();
    int replications = s->replications ? s->replications : REPLICATIONS;
    double longer = s->at_an_instant ? 1 : fmin(effort, 4); /* the rest by more replications: memory */
    size_t customers = (size_t)fmax(s->customers * longer, s->at_an_instant ? 0 : 1000 * s->rate);
    replications = (int)fmin(fmax(replications * effort / longer, 4), 40000);
    double *value = calloc((size_t)replications * EXPECTATIONS, sizeof *value);
    char spec[640];
    snprintf(spec, sizeof spec, "queue:customers=%zu,%s", customers, s->spec);
    for (int r = 0; r < replications; r++) {
        struct queue_run q;
        queue_run(spec, "simulated", queue_seed(s, r), &q);
        const struct queue_window w = queue_window_of(&q, s, customers);
        if (!s->at_an_instant)
            queue_expect_all(&q, &w, s);
        for (size_t k = 0; k < s->expectations; k++)
            value[k * (size_t)replications + (size_t)r] = queue_figure(&q, &w, &s->expect[k]);
        queue_run_free(&q);
    }
    for (size_t k = 0; k < s->expectations; k++)
        queue_judge(s, &s->expect[k], value + k * (size_t)replications, replications);
    fflush(stdout);
    free(value);
}

static inline void queue_compare_all(size_t (*make)(struct system *list))
{
    struct system *list = calloc(64, sizeof *list);
    size_t n = make(list);
    cr_assert_gt(n, 0);
    for (size_t i = 0; i < n; i++)
        queue_compare(&list[i]);
    free(list);
}

#endif
