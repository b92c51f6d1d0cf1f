/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_share: one capacity shared by 1000 members that all want more than there is: the cost of one change.
 *
 * Meaning.  Weights of 1 to 8, floors below a quarter of the fair share, caps from a tenth to ten times of it. A change gives one
 *           member, drawn at random, another cap, and all rates are right again. The answer is the mean level.
 * Choice.   The plain loop finds the level anew for each change, by Newton's steps over all members, from the level before.
 * Source.   Bertsekas and Gallager, Data Networks, 6.5.2. */
#include "cmd/bench.h"
#include "cmd/bench_random.h"
#include "sim/share.h"

#include <stdbool.h>

#define MEMBERS 1000
#define FAIR 1000000000.0 /* a core in nano-cores, per member */

struct want {
    int64_t weight, floor, cap;
};

struct crowd {
    struct bench_random random;
    struct want want[MEMBERS];
    uint32_t member[MEMBERS];
};

static int64_t draw_cap(struct bench_random *r)
{
    return (int64_t)(FAIR * exp(log(0.1) + bench_uniform(r) * log(100)));
}

static void crowd_init(struct crowd *c)
{
    bench_random_init(&c->random, BENCH_SEED);
    for (size_t i = 0; i < MEMBERS; i++)
        c->want[i] = (struct want){.weight = 1 + (int64_t)(bench_u64(&c->random) % 8),
                                   .floor = (int64_t)(0.25 * FAIR * bench_uniform(&c->random)),
                                   .cap = draw_cap(&c->random)};
}

/* Another cap for the member that is returned. */
static size_t crowd_change(struct crowd *c)
{
    size_t i = (size_t)(bench_u64(&c->random) % MEMBERS);
    c->want[i].cap = draw_cap(&c->random);
    return i;
}

static int join(struct sim_share *s, struct crowd *c, struct alm_err *e)
{
    const uint32_t *moved;
    for (size_t i = 0; i < MEMBERS; i++) {
        ALM_TRY(sim_share_join(s, &c->member[i], e));
        sim_share_set(s, c->member[i], c->want[i].weight, c->want[i].floor, c->want[i].cap);
    }
    sim_share_balance(s, &moved);
    return ALM_OK;
}

int bench_share(const struct bench_task *task, struct bench_done *done, struct alm_err *e)
{
    struct crowd c;
    struct sim_share s;
    const uint32_t *moved;
    double levels = 0;
    crowd_init(&c);
    ALM_TRY(sim_share_init(&s, (int64_t)(MEMBERS * FAIR), e));
    int code = join(&s, &c, e);
    double start = bench_cpu();
    for (uint64_t k = 0; code >= 0 && k < task->work; k++) {
        size_t i = crowd_change(&c);
        sim_share_set(&s, c.member[i], c.want[i].weight, c.want[i].floor, c.want[i].cap);
        sim_share_balance(&s, &moved);
        levels += sim_share_level(&s);
    }
    done->cpu = bench_cpu() - start;
    done->work = (double)task->work;
    done->answer = levels / (double)task->work;
    if (code >= 0 && !sim_share_contended(&s))
        code = alm_fail(e, ALM_EMODULE, "%d members want more than there is, but are not contending", MEMBERS);
    sim_share_fini(&s);
    return code;
}

/* Sum of rates at LEVEL, and of the weights of those whose rate follows it. */
static double taken(const struct want *w, double level, double *weights)
{
    double sum = 0;
    *weights = 0;
    for (size_t i = 0; i < MEMBERS; i++) {
        double cap = (double)w[i].cap, floor = w[i].floor < w[i].cap ? (double)w[i].floor : cap;
        double rate = (double)w[i].weight * level;
        bool free = rate < cap && rate > floor;
        sum += free ? rate : rate >= cap ? cap : floor;
        *weights += free ? (double)w[i].weight : 0;
    }
    return sum;
}

/* From the level before, by Newton's steps; by halves where one would leave what is known to hold the answer. Right to a
 * nano-core of the whole. */
static double level_of(const struct want *w, double level)
{
    double low = 0, high = 1000 * FAIR, weights, missing;
    while (missing = MEMBERS * FAIR - taken(w, level, &weights), fabs(missing) >= 1) {
        *(missing > 0 ? &low : &high) = level;
        double next = weights > 0 ? level + missing / weights : high;
        level = next > low && next < high ? next : 0.5 * (low + high);
    }
    return level;
}

int bench_share_loop(const struct bench_task *task, struct bench_done *done, struct alm_err *e)
{
    (void)e;
    struct crowd c;
    double levels = 0, level = FAIR;
    crowd_init(&c);
    double start = bench_cpu();
    for (uint64_t k = 0; k < task->work; k++) {
        crowd_change(&c);
        level = level_of(c.want, level);
        levels += level;
    }
    done->cpu = bench_cpu() - start;
    done->work = (double)task->work;
    done->answer = levels / (double)task->work;
    return ALM_OK;
}
