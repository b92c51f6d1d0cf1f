/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_loop: the plain C loops beside M/M/1 and the hold model: what a program written for one model takes.
 *
 * Choice.   The same numbers in the same order as the models above the engine, so the answers are equal to the last bit. The
 *           heap is the fastest found for 16-byte events: four children that share a cache line, and in the hold model the
 *           next event replaces the top. No checks of memory, no kinds, no payloads. */
#include "cmd/bench.h"
#include "cmd/bench_line.h"
#include "cmd/bench_random.h"

struct entry {
    alm_time at;
    uint64_t order; /* phase (1 bit) and sequence */
};

struct heap {
    struct entry *top;
    void *block;
    size_t count;
};

static int heap_init(struct heap *h, size_t room, struct alm_err *e)
{
    size_t bytes = ((room + 4) * sizeof(struct entry) + 63) / 64 * 64;
    *h = (struct heap){.block = aligned_alloc(64, bytes)};
    if (!h->block)
        return alm_fail(e, ALM_ENOMEM, "out of memory for %zu pending events", room);
    h->top = (struct entry *)h->block + 3;
    return ALM_OK;
}

static inline int sooner(const struct entry *a, const struct entry *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static inline void heap_push(struct heap *h, struct entry x)
{
    size_t i = h->count++;
    while (i > 0 && sooner(&x, &h->top[(i - 1) / 4])) {
        h->top[i] = h->top[(i - 1) / 4];
        i = (i - 1) / 4;
    }
    h->top[i] = x;
}

static inline void heap_replace(struct heap *h, struct entry x)
{
    struct entry *t = h->top;
    size_t i = 0;
    for (size_t child = 1; child < h->count; child = 4 * i + 1) {
        size_t end = child + 4 < h->count ? child + 4 : h->count, least = child;
        for (size_t c = child + 1; c < end; c++)
            if (sooner(&t[c], &t[least]))
                least = c;
        if (!sooner(&t[least], &x))
            break;
        t[i] = t[least];
        i = least;
    }
    t[i] = x;
}

static inline struct entry heap_pop(struct heap *h)
{
    struct entry x = h->top[0];
    if (--h->count > 0)
        heap_replace(h, h->top[h->count]);
    return x;
}

#define ARRIVES (UINT64_C(1) << 63) /* departures come first */

static int mm1(struct heap *h, struct bench_random *r, struct bench_line *line, uint64_t customers, alm_time *spent,
               struct alm_err *e)
{
    uint64_t sequence = 0, to_come = customers - 1;
    heap_push(h, (struct entry){bench_duration(r, 1 / 0.9), ARRIVES | sequence++});
    while (h->count > 0) {
        struct entry now = heap_pop(h);
        if (now.order & ARRIVES) {
            if (to_come > 0) {
                heap_push(h, (struct entry){now.at + bench_duration(r, 1 / 0.9), ARRIVES | sequence++});
                to_come--;
            }
            ALM_TRY(bench_line_join(line, now.at, e));
            if (line->count == 1)
                heap_push(h, (struct entry){now.at + bench_duration(r, 1), sequence++});
        } else {
            *spent += now.at - bench_line_leave(line);
            if (line->count > 0)
                heap_push(h, (struct entry){now.at + bench_duration(r, 1), sequence++});
        }
    }
    return ALM_OK;
}

int bench_mm1_loop(const struct bench_task *task, struct bench_done *done, struct alm_err *e)
{
    struct heap h;
    struct bench_line line = {0};
    struct bench_random random;
    alm_time spent = 0;
    bench_random_init(&random, BENCH_SEED);
    ALM_TRY(heap_init(&h, 4, e));
    double start = bench_cpu();
    int code = mm1(&h, &random, &line, task->work, &spent, e);
    done->cpu = bench_cpu() - start;
    done->work = (double)task->work;
    done->answer = alm_seconds(spent) / (double)task->work;
    free(h.block);
    free(line.at);
    return code;
}

static alm_time hold(struct heap *h, struct bench_random *r, uint64_t *sequence, uint64_t times)
{
    alm_time clock = 0;
    for (uint64_t i = 0; i < times; i++) {
        clock = h->top[0].at;
        heap_replace(h, (struct entry){clock + bench_duration(r, 1), (*sequence)++});
    }
    return clock;
}

int bench_hold_loop(const struct bench_task *task, struct bench_done *done, struct alm_err *e)
{
    struct heap h;
    struct bench_random random;
    uint64_t sequence = 0;
    bench_random_init(&random, BENCH_SEED);
    ALM_TRY(heap_init(&h, (size_t)task->pending, e));
    while (sequence < task->pending)
        heap_push(&h, (struct entry){bench_duration(&random, 1), sequence++});
    hold(&h, &random, &sequence, bench_warm_up(task));
    double start = bench_cpu();
    done->answer = alm_seconds(hold(&h, &random, &sequence, task->work));
    done->cpu = bench_cpu() - start;
    done->work = (double)task->work;
    free(h.block);
    return ALM_OK;
}
