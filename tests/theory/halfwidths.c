/* SPDX-License-Identifier: GPL-3.0-or-later
 * Does the interval that a run reports hold the exact value as often as it says?
 *
 * Meaning.  Of RUNS independent runs of M/M/1 (load 0.5) and M/M/2/5, each with about 9000 customers after the warm-up, the
 *           95 % interval of each figure is to hold the exact value in 92 to 97 % of all runs ever made (batch means of finite
 *           runs are known to hold it somewhat less often than they say). The bounds on the count are those that a
 *           coverage of 92 % or 97 % would cross with a probability of 1e-4 each: 13 checks, a false alarm in 400
 *           at the worst. The seeds are fixed.
 * Source.   Schmeiser, Operations Research 30 (1982): coverage of batch means. */
#include "experiments/executions.h"

#include "queue_run.h"
#include "queue_theory.h"

#include <gsl/gsl_cdf.h>

#define ALARM 1e-4

#ifdef ALM_DEBUG
enum { RUNS = 60 };
#else
enum { RUNS = 400 };
#endif

struct truth {
    enum executions_figure figure;
    double value;
    unsigned held;
};

static struct executions *observe(const struct queue_run *q, double cores, alm_time begin)
{
    struct alm_err e = {0};
    struct executions *x;
    cr_assert_eq(executions_new(1, begin, cores, &x, &e), ALM_OK, "%s", e.text);
    struct alm_observer watch = executions_observer(x);
    for (size_t i = 0; i < q->count; i++)
        cr_assert_eq(watch.executions(watch.ctx, &q->ended[i].of, &q->ended[i].account, 1, &e), ALM_OK, "%s", e.text);
    executions_finish(x, q->end);
    return x;
}

/* The reported mean against one computed here, of the same customers. */
static void expect_mean(const struct queue_run *q, alm_time begin, const struct executions_report *r)
{
    double sum = 0, n = 0;
    for (size_t i = 0; i < q->count; i++)
        if (q->ended[i].of.end == ALM_END_DONE && q->ended[i].of.arrival >= begin) {
            sum += alm_seconds(q->ended[i].of.finish - q->ended[i].of.arrival);
            n++;
        }
    cr_assert_float_eq(r->of[EXECUTIONS_MEAN_RESPONSE].value, sum / n, 1e-9 * sum / n);
}

static void count_held(const char *spec, double cores, struct truth *truth)
{
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct queue_run q;
        struct executions_report r;
        const alm_time begin = 1000 * ALM_SECOND;
        queue_run(spec, "simulated", seed, &q);
        struct executions *x = observe(&q, cores, begin);
        executions_total(x, &r);
        expect_mean(&q, begin, &r);
        for (struct truth *t = truth; t->value > 0; t++)
            t->held += fabs(r.of[t->figure].value - t->value) <= r.of[t->figure].halfwidth;
        executions_free(x);
        queue_run_free(&q);
    }
    for (const struct truth *t = truth; t->value > 0; t++) {
        printf("theory half-width of %-18s holds %.4g in %u of %d runs\n", executions_name(t->figure), t->value,
               t->held, RUNS);
        cr_expect(gsl_cdf_binomial_P(t->held, 0.92, RUNS) > ALARM, "%s: %u of %d intervals held %g",
                  executions_name(t->figure), t->held, RUNS, t->value);
        cr_expect(t->held == 0 || gsl_cdf_binomial_Q(t->held - 1, 0.97, RUNS) > ALARM,
                  "%s: %u of %d intervals held %g: they are too wide", executions_name(t->figure), t->held, RUNS,
                  t->value);
    }
    fflush(stdout);
}

Test(halfwidths, mm1)
{
    struct truth truth[] = {
        {EXECUTIONS_MEAN_RESPONSE, 2, 0}, {EXECUTIONS_MEAN_WAIT, 1, 0},      {EXECUTIONS_MEAN_IN_SYSTEM, 1, 0},
        {EXECUTIONS_UTILISATION, 0.5, 0}, {EXECUTIONS_THROUGHPUT, 0.5, 0},   {EXECUTIONS_P50, 2 * log(2), 0},
        {EXECUTIONS_P95, 2 * log(20), 0}, {EXECUTIONS_P99, 2 * log(100), 0}, {EXECUTIONS_COUNT, 0, 0}};
    count_held("queue:customers=9500,arrival.rate=0.5,service.law=exponential,service.mean=1", 1, truth);
}

Test(halfwidths, mmck)
{
    const struct chain x = chain_of(1.5, 1, 2, 5, 0);
    struct truth truth[] = {{EXECUTIONS_MEAN_RESPONSE, x.in_system / (1.5 * (1 - x.blocked)), 0},
                            {EXECUTIONS_MEAN_WAIT, x.in_queue / (1.5 * (1 - x.blocked)), 0},
                            {EXECUTIONS_MEAN_IN_SYSTEM, x.in_system, 0},
                            {EXECUTIONS_REFUSED_SHARE, x.blocked, 0},
                            {EXECUTIONS_UTILISATION, x.busy / 2, 0},
                            {EXECUTIONS_COUNT, 0, 0}};
    count_held("queue:customers=10500,servers=2,capacity=5,arrival.rate=1.5,service.law=exponential,service.mean=1", 2,
               truth);
}
