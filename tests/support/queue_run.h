/* SPDX-License-Identifier: GPL-3.0-or-later
 * queue_run: customers of a generator, through the loop and the simulated platform; what became of each.
 *
 * Choice.   The trace stays in memory: the same generator, loop, policy and platform as `almanac generate` and `almanac
 *           simulate` use, without a file between. Figures are computed from single executions, so what experiments/
 *           reports can be checked against them. */
#ifndef ALMANAC_TESTS_QUEUE_RUN_H
#define ALMANAC_TESTS_QUEUE_RUN_H

#include "core/loop.h"

#include "generated.h"
#include "memory_load.h"

struct queue_end {
    struct alm_execution of; /* its pointers mean nothing */
    struct alm_execution_account account;
};

struct queue_run {
    struct memory_sink trace; /* the customers, in order of arrival */
    alm_time end;             /* of the run: the last arrival, or the end of the sample in which it was */
    struct queue_end *ended;  /* in the order in which the platform showed them */
    size_t count, room;
};

static inline int queue_take(void *ctx, const struct alm_execution *x, const struct alm_execution_account *a, size_t n,
                             struct alm_err *e)
{
    struct queue_run *q = ctx;
    if (q->count + n > q->room) {
        q->room = 2 * (q->count + n);
        struct queue_end *grown = realloc(q->ended, q->room * sizeof *grown);
        if (!grown)
            return alm_fail(e, ALM_ENOMEM, "out of memory for %zu executions", q->room);
        q->ended = grown;
    }
    for (size_t i = 0; i < n; i++)
        q->ended[q->count++] = (struct queue_end){x[i], a[i]};
    return ALM_OK;
}

static inline void queue_run_free(struct queue_run *q)
{
    memory_sink_free(&q->trace);
    free(q->ended);
}

static inline void queue_loop(struct queue_run *q, const struct alm_platform_config *config, struct alm_err *e)
{
    extern const struct alm_platform_ops alm_platform_simulated;
    struct alm_policy policy;
    static const char *const module[] = {"window", "none", "none", "static"};
    static const enum alm_kind kind[] = {ALM_PROFILER, ALM_PREDICTOR, ALM_CALIBRATOR, ALM_ALLOCATOR};
    struct alm_choice *const part[] = {&policy.profiler, &policy.predictor, &policy.calibrator, &policy.allocator};
    for (int k = 0; k < 4; k++)
        cr_assert_eq(alm_choice_parse(kind[k], module[k], part[k], e), ALM_OK, "%s", e->text);
    struct alm_observer watch = {.ctx = q, .executions = queue_take};
    const struct alm_observer *const watching[] = {&watch, NULL};
    struct alm_loop_config loop = {.interval = config->control_interval, .seed = config->seed};
    struct alm_loop_stats stats;
    void *platform = NULL;
    cr_assert_eq(alm_platform_simulated.open(config, &platform, e), ALM_OK, "%s", e->text);
    cr_assert_eq(alm_loop_run(&loop, &policy, &alm_platform_simulated, platform, watching, &stats, e), ALM_OK, "%s",
                 e->text);
    alm_platform_simulated.close(platform);
    alm_policy_free(&policy);
}

/* Generate by SPEC ("queue:...") and SEED, and run on PLATFORM ("simulated:..."). */
static inline void queue_run(const char *spec, const char *platform, uint64_t seed, struct queue_run *q)
{
    struct alm_err e = {0};
    struct alm_choice choice;
    struct memory_load load;
    *q = (struct queue_run){0};
    generated(spec, seed, &q->trace);
    cr_assert_eq(alm_choice_parse(ALM_PLATFORM, platform, &choice, &e), ALM_OK, "%s", e.text);
    memory_load_open(&load, &q->trace);
    alm_time step = alm_time_ceil((load.end - load.begin) / 64 + 1, ALM_SECOND);
    q->end = alm_time_ceil(load.end, step);
    const struct alm_platform_config config = {.opt = choice.opt,
                                               .seed = seed,
                                               .sample_interval = step,
                                               .control_interval = step,
                                               .demand = &load.demand,
                                               .invocations = &load.invocations};
    queue_loop(q, &config, &e);
    memory_load_close(&load);
    alm_choice_free(&choice);
}

#endif
