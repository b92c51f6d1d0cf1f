/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_replay: replay of recorded usage through the whole loop: platform, situation, decision, limit, account, metrics.
 *
 * Meaning.  1052 units with a sample every five minutes, as on a day of PlanetLab's trace, for as many days as the work asks.
 *           Closed loop, a decision for every sample, by the null policy: allocator static, predictor none, before which the
 *           loop keeps no profile. One thread. The answer is the mean slack in cores.
 * Choice.   Usage is a table of two random walks, which each unit enters at a place of its own and which stays below the limits:
 *           making it costs nothing, reading it as much as any other memory. The plain loop sums slack and use of both
 *           resources over the same rows, and knows no samples, modules, units or accounts.
 * Source.   Park and Pai, "CoMon: a mostly-scalable monitoring system for PlanetLab", OSR 40 (2006): the shape of the work. */
#include "cmd/bench.h"
#include "cmd/bench_random.h"
#include "experiments/simulation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNITS 1052
#define INTERVAL (5 * ALM_MINUTE)
#define STRIDE 97 /* rows between the places where units enter */
#define CORES 2.0
#define MEMORY 0x1p32

struct fleet {
    struct alm_demand demand;
    struct alm_unit unit[UNITS];
    uint64_t rows[UNITS], length;
    double *value[2]; /* of length + UNITS * STRIDE */
};

static int fleet_read(const struct alm_demand *self, size_t unit, uint64_t first, size_t n,
                      const struct alm_demand_rows *out, struct alm_err *e)
{
    (void)e;
    const struct fleet *f = self->owner;
    for (size_t k = 0; out->at && k < n; k++)
        out->at[k] = (alm_time)(first + k + 1) * INTERVAL;
    for (size_t k = 0; out->span && k < n; k++)
        out->span[k] = INTERVAL;
    for (int r = 0; r < 2; r++)
        if (out->value[r])
            memcpy(out->value[r], f->value[r] + unit * STRIDE + first, n * sizeof(double));
    return ALM_OK;
}

/* Within 5 and 95 % of the limits, in whole millicores and pages. */
static void walk(struct fleet *f, size_t n)
{
    struct bench_random random;
    bench_random_init(&random, BENCH_SEED);
    double share[2] = {0.3, 0.5}, scale[2] = {1000 * CORES, MEMORY / 4096}, unit[2] = {0.001, 4096};
    for (size_t k = 0; k < n; k++)
        for (int r = 0; r < 2; r++) {
            share[r] = 0.05 + 0.9 * fabs(fmod(share[r] - 0.05 + 0.1 * (bench_uniform(&random) - 0.5), 0.9)) / 0.9;
            f->value[r][k] = floor(share[r] * scale[r]) * unit[r];
        }
}

static int fleet_make(struct fleet *f, uint64_t work, struct alm_err *e)
{
    f->length = work / UNITS > 2 ? work / UNITS : 2;
    size_t n = (size_t)f->length + (size_t)UNITS * STRIDE;
    for (int r = 0; r < 2; r++)
        f->value[r] = malloc(n * sizeof(double));
    if (!f->value[0] || !f->value[1])
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu rows", n);
    walk(f, n);
    for (size_t i = 0; i < UNITS; i++) {
        f->unit[i] = (struct alm_unit){
            .cores = CORES, .memory = MEMORY, .first = INTERVAL, .last = (alm_time)f->length * INTERVAL};
        snprintf(f->unit[i].name, sizeof f->unit[i].name, "unit-%04zu", i);
        f->rows[i] = f->length;
    }
    f->demand = (struct alm_demand){.unit = f->unit,
                                    .rows = f->rows,
                                    .units = UNITS,
                                    .interval = INTERVAL,
                                    .resources = ALM_BIT(ALM_CPU) | ALM_BIT(ALM_MEMORY),
                                    .read = fleet_read,
                                    .owner = f};
    return ALM_OK;
}

static int fleet_new(uint64_t work, struct fleet **out, struct alm_err *e)
{
    *out = calloc(1, sizeof **out);
    return *out ? fleet_make(*out, work, e) : alm_fail(e, ALM_ENOMEM, "out of memory for %d units", UNITS);
}

static void fleet_free(struct fleet *f)
{
    if (!f)
        return;
    free(f->value[0]);
    free(f->value[1]);
    free(f);
}

static int simulate(const struct fleet *f, struct bench_done *done, struct alm_err *e)
{
    struct simulation_config config;
    struct simulation_result result = {0};
    int code = simulation_config_init(&config, e);
    if (code >= 0)
        code = simulation_set(&config, "control.interval=5m", e);
    double start = bench_cpu();
    if (code >= 0)
        code = simulation_run(&config, &f->demand, NULL, &result, e);
    done->cpu = bench_cpu() - start;
    done->work = (double)result.stats.samples;
    done->answer = result.pool.of[ALM_CPU].slack / result.pool.of[ALM_CPU].seconds;
    if (code >= 0 && result.stats.decisions < (f->length - 1) * UNITS)
        code = alm_fail(e, ALM_EMODULE, "only %llu decisions were taken", (unsigned long long)result.stats.decisions);
    simulation_result_free(&result);
    simulation_config_free(&config);
    return code;
}

int bench_replay(const struct bench_task *task, struct bench_done *done, struct alm_err *e)
{
    struct fleet *f;
    int code = fleet_new(task->work, &f, e);
    if (code >= 0)
        code = simulate(f, done, e);
    fleet_free(f);
    return code;
}

/* The first row of a unit comes before its first limit, so it has no slack. */
static double mean_slack(const struct fleet *f)
{
    double slack[2] = {0, 0}, used[2] = {0, 0}, limit[2] = {CORES, MEMORY};
    for (size_t i = 0; i < UNITS; i++)
        for (int r = 0; r < 2; r++) {
            const double *value = f->value[r] + i * STRIDE;
            for (uint64_t k = 1; k < f->length; k++) {
                double use = value[k] < limit[r] ? value[k] : limit[r];
                slack[r] += limit[r] - use;
                used[r] += use;
            }
        }
    return used[ALM_MEMORY] > 0 ? slack[ALM_CPU] / (double)(UNITS * (f->length - 1)) : 0;
}

int bench_replay_loop(const struct bench_task *task, struct bench_done *done, struct alm_err *e)
{
    struct fleet *f;
    int code = fleet_new(task->work, &f, e);
    double start = bench_cpu();
    if (code >= 0)
        done->answer = mean_slack(f);
    done->cpu = bench_cpu() - start;
    done->work = code >= 0 ? (double)(UNITS * f->length) : 0;
    fleet_free(f);
    return code;
}
