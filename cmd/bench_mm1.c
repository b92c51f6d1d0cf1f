/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_mm1: M/M/1 on the event queue: customers at rate 0.9 a second, one server of rate 1, first come first served.
 *
 * Meaning.  N customers come, and the run ends when all are served. Two events a customer. The answer is the mean time in
 *           the system; theory says 10 s.
 * Choice.   Written as a user of the queue would write it, for clarity; nothing is taken out of the loop.
 * Source.   Any textbook; as a benchmark: the handbooks of SimPy and Cimba. */
#include "cmd/bench.h"
#include "cmd/bench_line.h"
#include "cmd/bench_random.h"
#include "sim/event_queue.h"

enum { ARRIVAL, DEPARTURE };

struct station {
    struct alm_queue events;
    struct bench_line line; /* the first is in service */
    struct bench_random random;
    uint64_t to_come;
    alm_time spent; /* in the system, by all who left */
};

static int arrival_in(struct station *s, alm_time now, struct alm_err *e)
{
    alm_time gap = bench_duration(&s->random, 1 / 0.9);
    struct alm_event event = {.at = now + gap, .phase = ALM_PHASE_ARRIVAL, .kind = ARRIVAL};
    s->to_come--;
    return alm_queue_push(&s->events, &event, e);
}

static int departure_in(struct station *s, alm_time now, struct alm_err *e)
{
    alm_time service = bench_duration(&s->random, 1);
    struct alm_event event = {.at = now + service, .phase = ALM_PHASE_DEPARTURE, .kind = DEPARTURE};
    return alm_queue_push(&s->events, &event, e);
}

static int arrive(struct station *s, alm_time now, struct alm_err *e)
{
    if (s->to_come > 0)
        ALM_TRY(arrival_in(s, now, e));
    ALM_TRY(bench_line_join(&s->line, now, e));
    return s->line.count == 1 ? departure_in(s, now, e) : ALM_OK;
}

static int depart(struct station *s, alm_time now, struct alm_err *e)
{
    s->spent += now - bench_line_leave(&s->line);
    return s->line.count > 0 ? departure_in(s, now, e) : ALM_OK;
}

static int serve_all(struct station *s, struct alm_err *e)
{
    struct alm_event event;
    ALM_TRY(arrival_in(s, 0, e));
    while (alm_queue_pop(&s->events, &event))
        ALM_TRY(event.kind == ARRIVAL ? arrive(s, event.at, e) : depart(s, event.at, e));
    return ALM_OK;
}

int bench_mm1(const struct bench_task *task, struct bench_done *done, struct alm_err *e)
{
    struct station s = {.to_come = task->work};
    bench_random_init(&s.random, BENCH_SEED);
    ALM_TRY(alm_queue_init(&s.events, 0, e));
    double start = bench_cpu();
    int code = serve_all(&s, e);
    done->cpu = bench_cpu() - start;
    done->work = (double)task->work;
    done->answer = alm_seconds(s.spent) / (double)task->work;
    alm_queue_fini(&s.events);
    free(s.line.at);
    return code;
}
