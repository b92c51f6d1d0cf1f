/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_hold: the hold model on the event queue: take the next event, put it back later by an exponential time.
 *
 * Meaning.  N events are pending throughout. 2N holds (but no more than are timed) warm up. The answer is the clock at the end.
 * Source.   Jones, "An empirical comparison of priority-queue and event-set implementations", CACM 29 (1986). */
#include "cmd/bench.h"
#include "cmd/bench_random.h"
#include "sim/event_queue.h"

static int hold(struct alm_queue *q, struct bench_random *r, uint64_t times, alm_time *clock, struct alm_err *e)
{
    struct alm_event event;
    while (times-- > 0 && alm_queue_pop(q, &event)) {
        *clock = event.at;
        event.at += bench_duration(r, 1);
        ALM_TRY(alm_queue_push(q, &event, e));
    }
    return ALM_OK;
}

static int fill(struct alm_queue *q, struct bench_random *r, uint64_t pending, struct alm_err *e)
{
    for (uint64_t i = 0; i < pending; i++) {
        struct alm_event event = {.at = bench_duration(r, 1), .phase = ALM_PHASE_ARRIVAL, .data = i};
        ALM_TRY(alm_queue_push(q, &event, e));
    }
    return ALM_OK;
}

int bench_hold(const struct bench_task *task, struct bench_done *done, struct alm_err *e)
{
    struct alm_queue q;
    struct bench_random random;
    alm_time clock = 0;
    uint64_t warm_up = bench_warm_up(task);
    bench_random_init(&random, BENCH_SEED);
    ALM_TRY(alm_queue_init(&q, (size_t)task->pending, e));
    int code = fill(&q, &random, task->pending, e);
    if (code >= 0)
        code = hold(&q, &random, warm_up, &clock, e);
    double start = bench_cpu();
    if (code >= 0)
        code = hold(&q, &random, task->work, &clock, e);
    done->cpu = bench_cpu() - start;
    done->work = (double)task->work;
    done->answer = alm_seconds(clock);
    alm_queue_fini(&q);
    return code;
}
