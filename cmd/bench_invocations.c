/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_invocations: invocations through the simulated platform, on machines without bounds: what one costs when nobody is in
 * its way.
 *
 * Meaning.  1000 units, each a tenth busy: Poisson arrivals, one a second and unit, exponential work of a mean of 0.1
 *           core-seconds, one at a time. No policy: `wait` until the end, a minute at a time, and take what `executions` and `sample` show.
 *           The answer is the mean response in seconds.
 * Choice.   Arrivals are made beforehand and read from memory, so making them does not count. The plain loop is Lindley's
 *           recursion, unit by unit in a table: who comes starts when the one before has ended. It puts no ends in order.
 * Source.   Lindley, "The theory of queues with a single server", Math. Proc. Cambridge Phil. Soc. 48 (1952). */
#include "almanac/platform.h"

#include "cmd/bench.h"
#include "cmd/bench_random.h"
#include "experiments/simulation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNITS 1000
#define WORK 0.1

struct calls {
    struct alm_demand demand;
    struct alm_invocations invocations;
    struct alm_unit unit[UNITS];
    uint64_t rows[UNITS]; /* none */
    alm_time *arrival;
    uint32_t *of;
    double *work;
};

static int no_rows(const struct alm_demand *self, size_t unit, uint64_t first, size_t n,
                   const struct alm_demand_rows *out, struct alm_err *e)
{
    (void)self, (void)first, (void)n, (void)out;
    return alm_fail(e, ALM_EINVAL, "unit %zu has no rows", unit);
}

static void unknown(double *out, size_t n)
{
    for (size_t k = 0; out && k < n; k++)
        out[k] = NAN;
}

static int calls_read(const struct alm_invocations *self, uint64_t first, size_t n,
                      const struct alm_invocation_rows *out, struct alm_err *e)
{
    (void)e;
    const struct calls *c = self->owner;
    if (out->arrival)
        memcpy(out->arrival, c->arrival + first, n * sizeof *c->arrival);
    if (out->unit)
        memcpy(out->unit, c->of + first, n * sizeof *c->of);
    for (int f = 0; f < ALM_INVOCATION_FIELDS; f++)
        if (out->value[f] && f == ALM_INV_WORK)
            memcpy(out->value[f], c->work + first, n * sizeof *c->work);
        else
            unknown(out->value[f], n);
    for (int k = 0; k < ALM_INPUTS; k++)
        unknown(out->input[k], n);
    return ALM_OK;
}

/* Work is whole nanoseconds, so that no platform has to round it. Units outlive the last of it. */
static void draw(struct calls *c, uint64_t n)
{
    struct bench_random random;
    alm_time now = 0;
    bench_random_init(&random, BENCH_SEED);
    for (uint64_t k = 0; k < n; k++) {
        now += bench_duration(&random, 1.0 / UNITS);
        c->arrival[k] = now;
        c->of[k] = (uint32_t)(bench_u64(&random) % UNITS);
        c->work[k] = alm_seconds(1 + bench_duration(&random, WORK));
    }
    for (size_t i = 0; i < UNITS; i++) {
        c->unit[i] = (struct alm_unit){.cores = NAN, .memory = NAN, .first = 0, .last = now + ALM_MINUTE};
        snprintf(c->unit[i].name, sizeof c->unit[i].name, "unit-%03zu", i);
    }
}

static void calls_free(struct calls *c)
{
    if (!c)
        return;
    free(c->arrival);
    free(c->of);
    free(c->work);
    free(c);
}

static int calls_new(uint64_t n, struct calls **out, struct alm_err *e)
{
    struct calls *c = calloc(1, sizeof *c);
    *out = c;
    if (!c)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %d units", UNITS);
    c->arrival = malloc(n * sizeof *c->arrival);
    c->of = malloc(n * sizeof *c->of);
    c->work = malloc(n * sizeof *c->work);
    if (!c->arrival || !c->of || !c->work)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %llu invocations", (unsigned long long)n);
    draw(c, n);
    c->demand = (struct alm_demand){.unit = c->unit,
                                    .rows = c->rows,
                                    .units = UNITS,
                                    .interval = ALM_MINUTE,
                                    .resources = ALM_BIT(ALM_CPU),
                                    .read = no_rows,
                                    .owner = c};
    c->invocations = (struct alm_invocations){.count = n, .fields = 1u << ALM_INV_WORK, .read = calls_read, .owner = c};
    return ALM_OK;
}

static int run_to_end(const struct alm_platform_ops *ops, void *platform, struct bench_done *done, struct alm_err *e)
{
    enum alm_wake why = ALM_WAKE_DUE;
    alm_time now = 0, spent = 0;
    uint64_t ended = 0;
    for (alm_time until = ALM_MINUTE; why != ALM_WAKE_END; until += ALM_MINUTE) {
        const struct alm_execution *x;
        const struct alm_execution_account *account;
        const struct alm_sample *sample;
        const struct alm_account *harm;
        size_t n, samples;
        ALM_TRY(ops->wait(platform, until, &now, &why, e));
        ALM_TRY(ops->sample(platform, &sample, &harm, &samples, e));
        ALM_TRY(ops->executions(platform, &x, &account, &n, e));
        for (size_t k = 0; k < n; k++)
            if (x[k].end == ALM_END_DONE) {
                spent += x[k].finish - x[k].arrival;
                ended++;
            }
    }
    done->work = (double)ended;
    done->answer = alm_seconds(spent) / (double)ended;
    return ALM_OK;
}

static int simulate(struct calls *c, struct bench_done *done, struct alm_err *e)
{
    struct alm_choice choice;
    void *platform = NULL;
    ALM_TRY(alm_choice_parse(ALM_PLATFORM, "simulated:concurrency=1", &choice, e));
    const struct alm_platform_ops *ops = (const void *)choice.module;
    const struct alm_platform_config config = {.opt = choice.opt,
                                               .seed = BENCH_SEED,
                                               .sample_interval = ALM_MINUTE,
                                               .control_interval = ALM_MINUTE,
                                               .demand = &c->demand,
                                               .invocations = &c->invocations};
    double start = bench_cpu();
    int code = ops->open(&config, &platform, e);
    if (code >= 0)
        code = run_to_end(ops, platform, done, e);
    done->cpu = bench_cpu() - start;
    if (platform)
        ops->close(platform);
    alm_choice_free(&choice);
    return code;
}

int bench_invocations(const struct bench_task *task, struct bench_done *done, struct alm_err *e)
{
    struct calls *c;
    int code = calls_new(task->work, &c, e);
    if (code >= 0)
        code = simulate(c, done, e);
    calls_free(c);
    return code;
}

int bench_invocations_loop(const struct bench_task *task, struct bench_done *done, struct alm_err *e)
{
    struct calls *c;
    alm_time free_at[UNITS] = {0}, spent = 0;
    int code = calls_new(task->work, &c, e);
    double start = bench_cpu();
    for (uint64_t k = 0; code >= 0 && k < task->work; k++) {
        uint32_t i = c->of[k];
        alm_time begin = c->arrival[k] > free_at[i] ? c->arrival[k] : free_at[i];
        free_at[i] = begin + (alm_time)nearbyint(c->work[k] * (double)ALM_SECOND);
        spent += free_at[i] - c->arrival[k];
    }
    done->cpu = bench_cpu() - start;
    done->work = (double)task->work;
    done->answer = alm_seconds(spent) / (double)task->work;
    calls_free(c);
    return code;
}
