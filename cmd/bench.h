/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench: what the benchmarks share. Each is a model run by almanac and, in turns with it, by a plain C loop of the same work.
 *
 * Choice.   A run times itself, so that making its input does not count: processor time, because wall time on a shared
 *           machine says what others did. Both runs of a pair must come to the same answer, so neither can leave work out. */
#ifndef ALM_CMD_BENCH_H
#define ALM_CMD_BENCH_H

#include "almanac/error.h"

#include <stdint.h>

struct bench_task {
    uint64_t work;    /* customers, holds, ...: how many */
    uint64_t pending; /* events, of the hold model */
};

/* What one run did. */
struct bench_done {
    double work;   /* in the same unit as the task's; a model may round it */
    double cpu;    /* seconds */
    double answer; /* what the model computed */
};

typedef int bench_run(const struct bench_task *task, struct bench_done *done, struct alm_err *e);

bench_run bench_mm1, bench_hold, bench_invocations, bench_replay, bench_share;

/* The plain loops: no engine, no modules, no events but on a heap of their own. */
bench_run bench_mm1_loop, bench_hold_loop, bench_invocations_loop, bench_replay_loop, bench_share_loop;

/* The holds before those that are timed. */
static inline uint64_t bench_warm_up(const struct bench_task *t)
{
    return t->work / 2 < t->pending ? t->work : 2 * t->pending;
}

/* Processor time of this process, in seconds. */
double bench_cpu(void);

#endif
